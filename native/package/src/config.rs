//! Settings, and where each came from.
//!
//! Precedence, highest first: command line (the caller's business), environment, project, user, system,
//! default. A project is somebody else's text: it may choose a registry, but not how safely this machine
//! writes its disk, nor, when they come, anything about credentials or verification.

mod key;
mod read;
mod user;

use crate::env::Env;
use crate::error::Error;
use crate::message::{registry, usage};
use crate::registry::read::known;
use crate::store::Fsync;
use crate::terminal::redact;
pub use key::Key;
use read::Layer;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
pub use user::{remove_user, write_user};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::FILE_NAME;
use vitte_package_core::name::{Namespace, PackageName};

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An environment variable.
    Variable(&'static str),
    /// A configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Where the setting is in it, in bytes from its start.
        start: usize,
    },
    /// Built in.
    Default,
}

/// A value and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The value as written.
    pub value: String,
    /// Where.
    pub origin: Origin,
}

impl Setting {
    /// The value as it may be shown: without the password of an address.
    pub fn shown(&self) -> String {
        redact(&self.value).into_owned()
    }

    /// The fault in this value, with the file or variable it stands in.
    fn at_origin(&self, fault: Diagnostic) -> Error {
        match &self.origin {
            Origin::Variable(name) => Error::from(fault).in_file(*name),
            Origin::File { path, .. } => Error::from(fault).in_file(path),
            Origin::Default => fault.into(),
        }
    }
}

/// For whom the minimum age does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exempt {
    /// These packages.
    pub packages: BTreeSet<PackageName>,
    /// All packages of these namespaces.
    pub namespaces: BTreeSet<Namespace>,
}

/// All settings of a run.
#[derive(Clone, Debug, Default)]
pub struct Config {
    settings: BTreeMap<Key, Setting>,
    overridden: BTreeMap<Key, Vec<Setting>>,
}

impl Config {
    /// Collects the settings of all layers. `project` is the folder of the project's `vitte.toml`.
    ///
    /// # Errors
    /// `config` for a file that is not TOML, an unknown key, a wrong type, or a project's file that sets
    /// what it may not; `io` for a file that cannot be read.
    pub fn load(env: &Env, project: Option<&Path>) -> Result<Self, Error> {
        let mut config = Self::default();
        if cfg!(unix) {
            config.add_file(Path::new("/etc/vitte/config.toml"), Layer::System)?;
        }
        if let Some(folder) = env.config_folder() {
            config.add_file(&folder.join("config.toml"), Layer::User)?;
        }
        if let Some(folder) = project {
            config.add_manifest(&folder.join(FILE_NAME))?;
            config.add_file(&folder.join(".vitte").join("config.toml"), Layer::Project)?;
        }
        for key in Key::ALL {
            if let Some(value) = env.variable(key.variable())? {
                let origin = Origin::Variable(key.variable().name());
                config.set(*key, Setting { value: value.into(), origin });
            }
        }
        Ok(config)
    }

    /// The settings that the one in force overrides, strongest first.
    pub fn overridden(&self, key: Key) -> impl Iterator<Item = &Setting> {
        self.overridden.get(&key).into_iter().flatten().rev()
    }

    /// A setting, where some layer has it.
    pub fn get(&self, key: Key) -> Option<&Setting> {
        self.settings.get(&key)
    }

    /// The registry to use: `given` on the command line, else the setting. A relative folder in a file is
    /// relative to the folder of that file.
    ///
    /// # Errors
    /// `no-registry` when there is neither.
    pub fn registry(&self, env: &Env, given: Option<&str>) -> Result<String, Error> {
        if let Some(given) = given {
            return Ok(given.to_owned());
        }
        let Some(setting) = self.get(Key::Registry) else {
            let missing = Diagnostic::new(Code::NoRegistry, Code::NoRegistry.title().to_owned());
            return Err(missing.help(usage::no_registry_help()).into());
        };
        match &setting.origin {
            Origin::File { path, .. } if !setting.value.contains("://") => {
                let folder = path.parent().unwrap_or(env.cwd());
                Ok(folder.join(&setting.value).to_string_lossy().into_owned())
            }
            _ => Ok(setting.value.clone()),
        }
    }

    /// As [`Config::registry`]; with neither, the one registry that the user has added.
    ///
    /// # Errors
    /// `no-registry` when there is none, or more than one: which of them to use is not guessed.
    pub fn registry_or_known(&self, env: &Env, given: Option<&str>) -> Result<String, Error> {
        let missing = match self.registry(env, given) {
            Err(error) if error.code() == Code::NoRegistry => error,
            result => return result,
        };
        match known::addresses(env)?.as_slice() {
            [] => Err(missing),
            [only] => {
                env.notices().tell(&registry::only_known(only));
                Ok(only.clone())
            }
            several => {
                Err(several.iter().fold(missing, |error, one| error.help(registry::several_known(one))))
            }
        }
    }

    /// How much to flush.
    ///
    /// # Errors
    /// `config` when the value is neither `off`, `auto` nor `full`.
    pub fn fsync(&self) -> Result<Fsync, Error> {
        let setting = self.get(Key::Fsync);
        match setting.map(|setting| setting.value.as_str()) {
            // One flush of the whole file system before the rename is already all there is to flush.
            None | Some("auto" | "full") => Ok(Fsync::Auto),
            Some("off") => Ok(Fsync::Off),
            Some(other) => {
                let message = usage::config_value(Key::Fsync.name(), other, "off, auto, full");
                let fault = Diagnostic::new(Code::Config, message);
                Err(setting.map_or_else(|| fault.clone().into(), |setting| setting.at_origin(fault.clone())))
            }
        }
    }

    /// How old a release has to be before it is chosen, in seconds; nothing when no layer says.
    ///
    /// # Errors
    /// `config` when the value is not an age.
    pub fn minimum_age(&self) -> Result<Option<u64>, Error> {
        let Some(setting) = self.get(Key::MinimumAge) else { return Ok(None) };
        parse_age(&setting.value).map(Some).ok_or_else(|| {
            let message = usage::config_value(Key::MinimumAge.name(), &setting.value, "24h, 7d, 0");
            setting.at_origin(Diagnostic::new(Code::Config, message))
        })
    }

    /// The packages and namespaces for which the minimum age does not count.
    ///
    /// # Errors
    /// `config` when the value is not a list of names and `NAMESPACE/*`.
    pub fn minimum_age_exempt(&self) -> Result<Exempt, Error> {
        let mut exempt = Exempt::default();
        let Some(setting) = self.get(Key::MinimumAgeExempt) else { return Ok(exempt) };
        for word in setting.value.split([',', ' ']).filter(|word| !word.is_empty()) {
            let known = match word.strip_suffix("/*") {
                Some(namespace) => Namespace::parse(namespace).map(|one| exempt.namespaces.insert(one)),
                None => PackageName::parse(word).map(|one| exempt.packages.insert(one)),
            };
            if known.is_err() {
                let example = "acme/json, acme/*";
                let message = usage::config_value(Key::MinimumAgeExempt.name(), word, example);
                return Err(setting.at_origin(Diagnostic::new(Code::Config, message)));
            }
        }
        Ok(exempt)
    }

    fn set(&mut self, key: Key, setting: Setting) {
        if let Some(weaker) = self.settings.insert(key, setting) {
            self.overridden.entry(key).or_default().push(weaker);
        }
    }
}

/// Reads `24h`, a whole number with `s`, `m`, `h` or `d`, as seconds. 0 needs no unit.
pub fn parse_age(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let (number, unit) = match text.split_at_checked(text.len().checked_sub(1)?)? {
        (number, "s") => (number, 1),
        (number, "m") => (number, 60),
        (number, "h") => (number, 3600),
        (number, "d") => (number, 86_400),
        _ => return None,
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| digits)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Variable;

    fn parse(text: &str, layer: Layer) -> Result<Config, Error> {
        let mut config = Config::default();
        config.add_text(text, Path::new("/etc/vitte/config.toml"), layer).map(|()| config)
    }

    #[test]
    fn the_environment_outweighs_the_project_and_the_project_the_user() {
        let folder = tempfile::tempdir().unwrap();
        let (user, project) = (folder.path().join("user"), folder.path().join("project"));
        for (file, value) in
            [(user.join("config.toml"), "mine"), (project.join(".vitte/config.toml"), "ours")]
        {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, format!("registry.default = '{value}'")).unwrap();
        }
        let env = Env::new(folder.path(), &user);
        let value = |env: &Env, project: Option<&Path>| {
            Config::load(env, project).unwrap().get(Key::Registry).unwrap().value.clone()
        };
        assert_eq!(value(&env, None), "mine");
        assert_eq!(value(&env, Some(&project)), "ours");
        let relative = Config::load(&env, Some(&project)).unwrap().registry(&env, None).unwrap();
        assert_eq!(Path::new(&relative), project.join(".vitte/ours"));
        assert_eq!(value(&env.with(Variable::Registry, "now"), Some(&project)), "now");
    }

    #[test]
    fn faults_are_found_all_at_once_with_their_places() {
        let text = "[registry]\ndefualt = 'x'\n[store]\nfsync = 1\n[other]\n";
        let error = parse(text, Layer::User).unwrap_err();
        let found: Vec<_> = error.faults().map(|fault| fault.diagnostic().message.clone()).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        let helps: Vec<_> = error.faults().flat_map(|fault| fault.diagnostic().help.clone()).collect();
        let keys = "there are: registry.default, registry.credential-helper, store.fsync, resolver.min-age, resolver.min-age-exempt";
        assert_eq!(helps, [keys, "did you mean `registry.default`?"]);
        assert_eq!(parse("[", Layer::User).unwrap_err().code(), Code::Config);
    }

    #[test]
    fn ages_have_units() {
        for (given, expected) in [("0", 0), ("24h", 86_400), ("7d", 604_800), ("90s", 90), ("5m", 300)] {
            assert_eq!(parse_age(given), Some(expected));
        }
        for wrong in ["", "24", "h", "1.5h", "-1h", "+1h", "99999999999999999999d", "1y", "1é"] {
            assert_eq!(parse_age(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_project_cannot_make_installs_unsafe() {
        let error = parse("store.fsync = 'off'", Layer::Project).unwrap_err();
        assert_eq!(error.to_string(), "a project may not set `store.fsync`");
        assert_eq!(parse("store.fsync = 'off'", Layer::User).unwrap().fsync().unwrap(), Fsync::Off);
        assert!(parse("store.fsync = 'maybe'", Layer::System).unwrap().fsync().is_err());
    }
}
