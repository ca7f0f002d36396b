//! Settings, and where each came from.
//!
//! Precedence, highest first: command line (the caller's business), environment, project, user, system,
//! default. A project is somebody else's text: it may choose a registry, but not how safely this machine
//! writes its disk, nor, when they come, anything about credentials or verification.

use crate::env::{Env, Variable};
use crate::error::{Doing, Error, IoContext};
use crate::fs;
use crate::manifest_edit::line_ends;
use crate::message::{care, registry, usage};
use crate::registry::known;
use crate::registry::location::Location;
use crate::terminal::redact;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::de::{DeTable, DeValue};
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::index::Address;
use vitte_package_core::limits;
use vitte_package_core::manifest::FILE_NAME;
use vitte_package_core::name::{Namespace, PackageName};

/// Size limit of a configuration file in bytes.
const FILE_LEN: u64 = 64 * 1024;
/// How long another change of the user's settings is waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// A setting that can stand in a configuration file. The list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Key {
    /// The registry used when none is named: a folder or an address.
    Registry,
    /// How much is flushed to disk.
    Fsync,
    /// How old a release has to be before it is chosen.
    MinimumAge,
    /// Packages for which that does not count.
    MinimumAgeExempt,
}

impl Key {
    /// Every key.
    pub const ALL: &'static [Self] = &[Self::Registry, Self::Fsync, Self::MinimumAge, Self::MinimumAgeExempt];

    /// Its name in configuration files, tables joined by `.`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry.default",
            Self::Fsync => "store.fsync",
            Self::MinimumAge => "resolver.min-age",
            Self::MinimumAgeExempt => "resolver.min-age-exempt",
        }
    }

    /// The key of a name.
    ///
    /// # Errors
    /// `config` naming the keys there are.
    pub fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|key| key.name() == name).ok_or_else(|| {
            let fault = Diagnostic::new(Code::Config, care::config_unknown(name));
            let names: Vec<_> = Self::ALL.iter().map(|key| key.name()).collect();
            fault.help(care::config_keys(&names.join(", "))).into()
        })
    }

    /// Its one environment variable.
    pub const fn variable(self) -> Variable {
        match self {
            Self::Registry => Variable::Registry,
            Self::Fsync => Variable::Fsync,
            Self::MinimumAge => Variable::MinimumAge,
            Self::MinimumAgeExempt => Variable::MinimumAgeExempt,
        }
    }

    /// Whether a project's file may set it.
    pub const fn project_may_set(self) -> bool {
        match self {
            Self::Registry => true,
            Self::Fsync | Self::MinimumAge | Self::MinimumAgeExempt => false,
        }
    }
}

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An environment variable.
    Variable(&'static str),
    /// A configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Where the setting stands in it, in bytes from its start.
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
    fn blame(&self, fault: Diagnostic) -> Error {
        match &self.origin {
            Origin::Variable(name) => Error::from(fault).in_file(*name),
            Origin::File { path, .. } => Error::from(fault).in_file(path),
            Origin::Default => fault.into(),
        }
    }
}

/// How much is flushed to disk when a package is installed. Pointer files are always flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fsync {
    /// Nothing: a power failure may leave a damaged package that has to be removed by hand.
    Off,
    /// Once for each package, before it reaches its final place.
    Auto,
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
            config.add_file(Path::new("/etc/vitte/config.toml"), Whose::System)?;
        }
        if let Some(folder) = env.config_folder() {
            config.add_file(&folder.join("config.toml"), Whose::User)?;
        }
        if let Some(folder) = project {
            config.add_manifest(&folder.join(FILE_NAME))?;
            config.add_file(&folder.join(".vitte").join("config.toml"), Whose::Project)?;
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
    /// `no-registry` when there is none, or more than one: which of them is meant is not guessed.
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
                Err(setting.map_or_else(|| fault.clone().into(), |setting| setting.blame(fault.clone())))
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
            setting.blame(Diagnostic::new(Code::Config, message))
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
                return Err(setting.blame(Diagnostic::new(Code::Config, message)));
            }
        }
        Ok(exempt)
    }

    fn set(&mut self, key: Key, setting: Setting) {
        if let Some(weaker) = self.settings.insert(key, setting) {
            self.overridden.entry(key).or_default().push(weaker);
        }
    }

    fn add_file(&mut self, path: &Path, whose: Whose) -> Result<(), Error> {
        let Some(text) = fs::read_text_if_there(path, FILE_LEN)? else { return Ok(()) };
        self.add_text(&text, path, whose).map_err(|error| error.in_text(path, &text))
    }

    /// What stands in a project's manifest under `[tool.package]`. A manifest that is none is told when it is read as one.
    fn add_manifest(&mut self, path: &Path) -> Result<(), Error> {
        let Ok(bytes) = fs::read(path, limits::MANIFEST_LEN as u64) else { return Ok(()) };
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        // Nearly no manifest has such a table: the text tells that faster than its parser.
        if !text.contains("tool") {
            return Ok(());
        }
        let Ok(manifest) = DeTable::parse(&text) else { return Ok(()) };
        let tool = table_in(manifest.get_ref(), "tool").and_then(|tool| table_in(tool, "package"));
        let mut faults = Vec::new();
        if let Some(tool) = tool {
            self.add_table(tool, "", path, Whose::Project, &mut faults);
        }
        Error::several(faults).map_or(Ok(()), |error| Err(error.in_text(path, &text)))
    }

    fn add_text(&mut self, text: &str, path: &Path, whose: Whose) -> Result<(), Error> {
        let table = DeTable::parse(text).map_err(|error| {
            let place = error.span().map_or(Place::Whole, |span| Place::Source(span.into()));
            Diagnostic::new(Code::Config, usage::config_syntax(error.message())).at(place)
        })?;
        let mut faults = Vec::new();
        self.add_table(table.get_ref(), "", path, whose, &mut faults);
        Error::several(faults).map_or(Ok(()), Err)
    }

    fn add_table(
        &mut self,
        table: &DeTable<'_>,
        above: &str,
        path: &Path,
        whose: Whose,
        faults: &mut Vec<Diagnostic>,
    ) {
        for (name, value) in table {
            let full = format!("{above}{}", name.get_ref());
            let known = Key::ALL.iter().copied().find(|key| key.name() == full);
            match (known, value.get_ref()) {
                (None, DeValue::Table(inner)) if Key::ALL.iter().any(|key| is_above(&full, key.name())) => {
                    self.add_table(inner, &format!("{full}."), path, whose, faults);
                }
                (None, _) => {
                    let fault = Diagnostic::new(Code::Config, usage::config_key(&full))
                        .at(Place::Source(name.span().into()));
                    let near =
                        vitte_package_core::nearest::nearest(&full, Key::ALL.iter().map(|key| key.name()));
                    faults.push(match near {
                        Some(near) => fault.help(usage::did_you_mean(near)),
                        None => {
                            let names: Vec<_> = Key::ALL.iter().map(|key| key.name()).collect();
                            fault.help(care::config_keys(&names.join(", ")))
                        }
                    });
                }
                (Some(key), _) if whose == Whose::Project && !key.project_may_set() => faults.push(
                    Diagnostic::new(Code::Config, usage::config_project(&full))
                        .at(Place::Source(name.span().into()))
                        .help(usage::config_project_help(key.variable().name())),
                ),
                (Some(Key::Registry), DeValue::String(text))
                    if whose == Whose::Project && is_plain_elsewhere(text) =>
                {
                    faults.push(
                        Diagnostic::new(Code::InsecureUrl, usage::config_plain_http(&full))
                            .at(Place::Source(value.span().into()))
                            .help(usage::config_plain_http_help(&full)),
                    );
                }
                (Some(key), DeValue::String(text)) => {
                    let origin = Origin::File { path: path.into(), start: name.span().start };
                    let setting = Setting { value: text.to_string(), origin };
                    self.set(key, setting);
                }
                (Some(_), _) => faults.push(
                    Diagnostic::new(Code::Config, usage::config_type(&full))
                        .at(Place::Source(value.span().into())),
                ),
            }
        }
    }
}

/// Writes a setting into the user's configuration file, whose comments and order stay. Gives the file.
///
/// # Errors
/// `config` when the value is none of this setting, `insecure-url` or `usage` when it is an address that would be
/// refused, with a password in it for example; `config` when the file is not TOML, or there is no folder for it; `io`.
pub fn write_user(env: &Env, key: Key, value: &str) -> Result<PathBuf, Error> {
    if key == Key::Registry {
        // An address with a password would show it to everyone who can read the file, and is refused when it is used.
        Location::parse(value, env)?;
    }
    let mut file = UserFile::open(env)?;
    let document = &mut file.document;
    let (tables, last) = key.name().rsplit_once('.').unwrap_or(("", key.name()));
    let first = tables.split('.').next().unwrap_or_default();
    // Comments at the end of the file stay above a table that is new.
    let end = document.trailing().as_str().unwrap_or_default().to_owned();
    if end.contains('#') && !document.contains_key(first) {
        document.set_trailing("");
        let mut fresh = toml_edit::Table::new();
        fresh.decor_mut().set_prefix(end);
        document.insert(first, toml_edit::Item::Table(fresh));
    }
    let mut table: &mut dyn toml_edit::TableLike = document.as_table_mut();
    for name in tables.split('.').filter(|name| !name.is_empty()) {
        table = table
            .entry(name)
            .or_insert_with(toml_edit::table)
            .as_table_like_mut()
            .ok_or_else(|| Diagnostic::new(Code::Config, usage::config_type(name)))?;
    }
    table.insert(last, toml_edit::value(value));
    let written = file.text();
    // What is written is read as it will be, and then asked for: a wrong value is refused before it is there.
    let mut config = Config::default();
    let path = &file.path;
    config.add_text(&written, path, Whose::User).map_err(|error| error.in_text(path, &written))?;
    config.fsync()?;
    config.minimum_age()?;
    config.minimum_age_exempt()?;
    file.write()
}

/// Takes a setting out of the user's configuration file, whose comments and order stay. Gives the file; nothing where
/// it does not hold the setting.
///
/// # Errors
/// `config` when the file is not TOML, or there is no folder for it; `io`.
pub fn remove_user(env: &Env, key: Key) -> Result<Option<PathBuf>, Error> {
    let mut file = UserFile::open(env)?;
    let names: Vec<&str> = key.name().split('.').collect();
    match remove(file.document.as_table_mut(), &names) {
        true => file.write().map(Some),
        false => Ok(None),
    }
}

/// Removes a value, and the tables that are empty without it. Says whether it was there.
fn remove(table: &mut dyn toml_edit::TableLike, names: &[&str]) -> bool {
    match names {
        [] => false,
        [last] => table.remove(last).is_some(),
        [first, rest @ ..] => {
            let Some(inner) = table.get_mut(first).and_then(toml_edit::Item::as_table_like_mut) else {
                return false;
            };
            let removed = remove(inner, rest);
            if removed && inner.is_empty() {
                table.remove(first);
            }
            removed
        }
    }
}

/// The user's configuration file, while it is changed.
struct UserFile {
    path: PathBuf,
    before: String,
    document: toml_edit::DocumentMut,
    _lock: Option<fs::Lock>,
}

impl UserFile {
    fn open(env: &Env) -> Result<Self, Error> {
        let folder = env.config_folder();
        let folder = folder.ok_or_else(|| Diagnostic::new(Code::Config, care::config_no_folder()))?;
        let path = folder.join("config.toml");
        fs::create_folder(&folder)?;
        let lock = folder.join(".config.lock");
        let lock = fs::Lock::take(&lock, fs::Hold::Exclusive, "vitte package config", LOCK_TIMEOUT, || {});
        // Where files cannot be locked, settings are written all the same.
        let lock = match lock {
            Err(error) if error.code() == Code::Busy => return Err(error),
            lock => lock.ok(),
        };
        let before = fs::read_text_if_there(&path, FILE_LEN)?.unwrap_or_default();
        let document = line_ends::plain(&before).parse::<toml_edit::DocumentMut>().map_err(|error| {
            let place = error.span().map_or(Place::Whole, |span| Place::Source(span.into()));
            let fault = Diagnostic::new(Code::Config, usage::config_syntax(error.message())).at(place);
            Error::from(fault).in_text(&path, &before)
        })?;
        Ok(Self { path, before, document, _lock: lock })
    }

    /// What is written, with the line ends the file had.
    fn text(&self) -> String {
        line_ends::like(&self.before, &self.document.to_string())
    }

    /// Writes the file and gives its path.
    fn write(self) -> Result<PathBuf, Error> {
        // Those who keep their settings elsewhere and link them keep the link.
        let place = match self.path.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
            true => self.path.canonicalize().doing(Doing::Read, &self.path)?,
            false => self.path.clone(),
        };
        fs::write_atomic(&place, self.text().as_bytes(), fs::Access::Shared)?;
        Ok(self.path)
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

fn table_in<'t, 's>(table: &'t DeTable<'s>, name: &str) -> Option<&'t DeTable<'s>> {
    match table.get(name)?.get_ref() {
        DeValue::Table(inner) => Some(inner),
        _ => None,
    }
}

/// Whether an address is spoken to in the clear over a network: what a project says is not the user's own choice.
fn is_plain_elsewhere(given: &str) -> bool {
    let scheme = given.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"))
        && !Address::parse(given).is_ok_and(|address| address.is_loopback())
}

fn is_above(table: &str, key: &str) -> bool {
    key.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    System,
    User,
    Project,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, whose: Whose) -> Result<Config, Error> {
        let mut config = Config::default();
        config.add_text(text, Path::new("/etc/vitte/config.toml"), whose).map(|()| config)
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
        let error = parse(text, Whose::User).unwrap_err();
        let found: Vec<_> = error.faults().map(|fault| fault.diagnostic().message.clone()).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        let helps: Vec<_> = error.faults().flat_map(|fault| fault.diagnostic().help.clone()).collect();
        let keys = "there are: registry.default, store.fsync, resolver.min-age, resolver.min-age-exempt";
        assert_eq!(helps, [keys, "did you mean `registry.default`?"]);
        assert_eq!(parse("[", Whose::User).unwrap_err().code(), Code::Config);
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
        let error = parse("store.fsync = 'off'", Whose::Project).unwrap_err();
        assert_eq!(error.to_string(), "a project may not set `store.fsync`");
        assert_eq!(parse("store.fsync = 'off'", Whose::User).unwrap().fsync().unwrap(), Fsync::Off);
        assert!(parse("store.fsync = 'maybe'", Whose::System).unwrap().fsync().is_err());
    }
}
