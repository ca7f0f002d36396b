//! Brings packages into the user's store and makes their programs runnable.
//!
//! A module gets its dependencies: resolved and locked for it alone, starting from the lockfile that its
//! author packed. Nothing of a package is run, and nothing reaches its place before every check passed.

mod choose;
mod dependencies;
mod describe;
mod receive;
mod sections;
mod upgrade;

pub use upgrade::{Effect, Upgrade, Upgraded, upgrade};

use super::list::DEFAULT;
use super::sections::SectionHere;
use crate::config::Config;
use crate::dependencies::{Network, Sources, TrustPrompt};
use crate::dispatch;
use crate::env::Env;
use crate::error::Error;
use crate::message::{dependencies as text, store as store_text};
use crate::registry::read::by_delta::Saved;
use crate::registry::read::source::Transfer;
use crate::report::{Reporter, Task};
use crate::store::{Store, StoredRelease};
use dependencies::Dependencies;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::PackageName;
use vitte_package_core::tree::SectionName;
use vitte_package_core::version::{Requirement, Version};

/// One thing to install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An archive on disk.
    File(PathBuf),
    /// The newest release of a package that meets a requirement.
    Release {
        /// The package.
        package: PackageName,
        /// The requirement; without one, the newest release that is no pre-release.
        requirement: Option<Requirement>,
    },
}

impl Wanted {
    /// Reads `./x.vitpkg` or `NAME[@REQUIREMENT]`. What ends in `.vitpkg` or `.vitmod` is a file; a whole
    /// version after `@` means exactly that one.
    ///
    /// # Errors
    /// `name` and `requirement`.
    pub fn parse(given: &str, env: &Env) -> Result<Self, Error> {
        if [".vitpkg", ".vitmod"].iter().any(|end| given.ends_with(end)) {
            return Ok(Self::File(env.resolve(given)));
        }
        // A name of a package may be that of a folder too; what no package can be called is a path.
        if PackageName::parse(given).is_err() && env.resolve(given).is_dir() {
            let fault = Diagnostic::new(Code::Usage, text::folder_given(given));
            return Err(fault.help(text::folder_given_help(given)).into());
        }
        let (name, requirement) = match given.split_once('@') {
            None => (given, None),
            Some((name, requirement)) => match Version::parse(requirement) {
                Ok(version) => (name, Some(Requirement::exactly(&version))),
                Err(_) => (name, Some(Requirement::parse(requirement)?)),
            },
        };
        Ok(Self::Release { package: PackageName::parse(name)?, requirement })
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Release { package, requirement: None } => package.fmt(f),
            Self::Release { package, requirement: Some(requirement) } => {
                write!(f, "{package}@{}", requirement.as_str())
            }
        }
    }
}

/// What to install, and on whose word.
#[derive(Clone, Debug, Default)]
pub struct InstallRequest {
    /// What to install, in order.
    pub wanted: Vec<Wanted>,
    /// Names or files of keys that are trusted for files in this run, besides own and trusted ones.
    pub keys: Vec<String>,
    /// The registry, if another than the configured one.
    pub registry: Option<String>,
    /// Whether a registry may be asked. Without, what is installed has to do.
    pub network: Network,
    /// Seconds since the log took a release before it is chosen; without it, as configured, or as the registry
    /// wants.
    pub minimum_age: Option<u64>,
    /// Deferred sections of what is wanted, beside what is installed anyway.
    pub with: BTreeSet<SectionName>,
}

/// A release that is installed now.
#[derive(Clone, Debug)]
pub struct InstalledRelease {
    /// What it is.
    pub release: StoredRelease,
    /// Its folder in the store.
    pub folder: PathBuf,
    /// Whether it was unpacked by this run; else the store held it already.
    pub unpacked: bool,
    /// Its dependencies.
    pub dependencies: Dependencies,
    /// Its programs whose commands were lost, or ran something else, and were written again.
    pub restored: Vec<String>,
    /// What did not have to be fetched of it, its dependencies apart.
    pub saved: Saved,
    /// How much of its archive was fetched, where less than all of it was.
    pub transfer: Option<Transfer>,
    /// The deferred sections that were asked for.
    pub sections: Vec<SectionHere>,
}

impl InstalledRelease {
    /// What did not have to be fetched of it and of its dependencies.
    pub fn saved(&self) -> Saved {
        let mut saved = self.saved;
        saved += self.dependencies.fetched.saved;
        saved
    }
}

/// Installs everything that is wanted, or nothing: one new generation holds all of it.
///
/// # Errors
/// Those of verification, and of the registry's proofs; nothing is unpacked then. `untrusted-registry` when
/// `prompt` refuses. `not-found` and `no-match` for a release that is not there, `yanked` when only withdrawn ones
/// fit, `too-young` when only young ones do. `no-solution` when a module's dependencies cannot be satisfied
/// together, `no-registry` when it has some and there is none to ask. `not-supported` for a binary for another
/// system, `shim` when a program's name is taken, `busy`, `io`, `no-space`.
pub fn install(
    env: &Env,
    request: &InstallRequest,
    prompt: &mut TrustPrompt<'_>,
    reporter: &dyn Reporter,
) -> Result<Vec<InstalledRelease>, Error> {
    install_instead(env, request, &[], prompt, reporter)
}

/// As [`install`], taking away these releases in the same step.
fn install_instead(
    env: &Env,
    request: &InstallRequest,
    replaced: &[(PackageName, Version)],
    prompt: &mut TrustPrompt<'_>,
    reporter: &dyn Reporter,
) -> Result<Vec<InstalledRelease>, Error> {
    let mut installer = Installer::begin(env, request, prompt, reporter)?;
    let shared = installer.store.share(reporter)?;
    let mut done = installer.install_all()?;
    installer.commit()?;
    reporter.started(Task::Link, None);
    let activated = installer.activate(&done, replaced);
    reporter.finished(Task::Link);
    let restored = activated?;
    for program in done.iter().flat_map(|one| one.release.programs.keys()) {
        installer.warn_of_namesake(program);
    }
    for one in &mut done {
        let of_it = restored.iter().filter(|program| one.release.programs.contains_key(*program));
        one.restored = of_it.cloned().collect();
    }
    drop(shared);
    Ok(done)
}

/// Brings everything that is wanted into the store, as [`install`] does, and installs nothing.
///
/// # Errors
/// Those of [`install`], but `shim`.
pub fn prepare(
    env: &Env,
    request: &InstallRequest,
    prompt: &mut TrustPrompt<'_>,
    reporter: &dyn Reporter,
) -> Result<Vec<InstalledRelease>, Error> {
    let mut installer = Installer::begin(env, request, prompt, reporter)?;
    let shared = installer.store.share(reporter)?;
    let done = installer.install_all()?;
    installer.commit()?;
    drop(shared);
    Ok(done)
}

/// One run of [`install`].
struct Installer<'a, 'm> {
    env: &'a Env,
    config: Config,
    store: Store,
    request: &'a InstallRequest,
    prompt: &'a mut TrustPrompt<'m>,
    reporter: &'a dyn Reporter,
    /// Opened when first needed: a file without dependencies needs no registry.
    sources: Option<Sources>,
    /// What is installed now, by name: files that it shares with what comes need not come again.
    before: BTreeMap<PackageName, Vec<TreeDigest>>,
}

impl<'a, 'm> Installer<'a, 'm> {
    fn begin(
        env: &'a Env,
        request: &'a InstallRequest,
        prompt: &'a mut TrustPrompt<'m>,
        reporter: &'a dyn Reporter,
    ) -> Result<Self, Error> {
        let config = Config::load(env, None)?;
        let store = Store::open(env, config.fsync()?)?;
        let mut before = BTreeMap::<PackageName, Vec<TreeDigest>>::new();
        // A store that is damaged says so later.
        if let Ok(current) = store.environment(DEFAULT).current() {
            for release in current.releases() {
                before.entry(release.package.clone()).or_default().push(release.tree);
            }
        }
        Ok(Self { env, config, store, request, prompt, reporter, sources: None, before })
    }

    fn install_all(&mut self) -> Result<Vec<InstalledRelease>, Error> {
        let request = self.request;
        let mut done = Vec::with_capacity(request.wanted.len());
        for wanted in &request.wanted {
            let mut one = match wanted {
                Wanted::File(path) => self.file(path)?,
                Wanted::Release { package, requirement } if request.network == Network::Offline => {
                    self.installed(package, requirement.as_ref())?
                }
                Wanted::Release { package, requirement } => self.release(package, requirement.as_ref())?,
            };
            self.bring_sections(wanted, &mut one)?;
            done.push(one);
        }
        Ok(done)
    }

    /// Warns where a program has the name of one that is on `PATH` already.
    fn warn_of_namesake(&self, program: &str) {
        if let Some(other) = dispatch::find_elsewhere(self.env, program, &self.store.shims()) {
            let message = store_text::program_hides(program, &other.display().to_string());
            self.reporter.warned(Diagnostic::new(Code::Shim, message));
        }
    }

    /// Everything has passed: what was seen of the registry is worth remembering.
    fn commit(&mut self) -> Result<(), Error> {
        self.sources.as_mut().map_or(Ok(()), Sources::commit)
    }

    fn sources(&mut self) -> Result<&mut Sources, Error> {
        let sources = match self.sources.take() {
            Some(open) => open,
            None => {
                let given = self.request.registry.as_deref();
                let open = Sources::one(self.env, &self.config, given, self.request.network, self.prompt)?;
                open.tell_older(self.reporter);
                open
            }
        };
        Ok(self.sources.insert(sources))
    }

    /// Without a registry: the newest installed version that fits, if everything of it is still there.
    fn installed(
        &self,
        package: &PackageName,
        requirement: Option<&Requirement>,
    ) -> Result<InstalledRelease, Error> {
        let environment = self.store.environment(DEFAULT);
        let current = environment.current()?;
        let fits = |version: &Version| requirement.is_none_or(|requirement| requirement.matches(version));
        let found = current.versions(package).rev().find(|release| fits(&release.version));
        let missing = || {
            let wanted = requirement.map_or("*", Requirement::as_str);
            let message = text::not_in_store(package.as_str(), wanted);
            Error::from(Diagnostic::new(Code::NotFound, message).help(text::not_in_store_tool_help()))
        };
        let release = found.ok_or_else(missing)?.clone();
        let stored = self.store.find(&release.tree)?.ok_or_else(missing)?;
        let folder = stored.folder().to_path_buf();
        let dependencies = self.held_dependencies(&environment, &release)?;
        let (restored, sections) = (Vec::new(), Vec::new());
        Ok(InstalledRelease {
            release,
            folder,
            unpacked: false,
            dependencies,
            restored,
            saved: Saved::default(),
            transfer: None,
            sections,
        })
    }

    /// Gives the programs whose commands were written again.
    fn activate(
        &self,
        done: &[InstalledRelease],
        replaced: &[(PackageName, Version)],
    ) -> Result<Vec<String>, Error> {
        let environment = self.store.environment(DEFAULT);
        let change = environment.change("installing", self.reporter)?;
        let before = environment.current()?;
        let mut next = before.clone();
        for done in done {
            if let Some(lockfile) = &done.dependencies.lockfile {
                environment.keep_lockfile(lockfile)?;
            }
            next.add(done.release.clone());
        }
        for (package, version) in replaced {
            next.remove(package, version);
        }
        let place = |release: &StoredRelease| self.store.place(&release.tree);
        if next != before {
            let names: Vec<_> = self.request.wanted.iter().map(ToString::to_string).collect();
            next.begin(&format!("install {}", names.join(" ")));
            change.activate(next, place)?;
            return Ok(Vec::new());
        }
        change.restore(&before, place)
    }
}
