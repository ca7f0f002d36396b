//! Brings packages into the user's store and makes their programs runnable.
//!
//! Nothing of a package is run, and nothing reaches its place before every check passed.

mod choose;

use super::list::DEFAULT;
use crate::config::Config;
use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, Insist, Permissions};
use crate::host;
use crate::keys::KeyStore;
use crate::registry::client::{RegistryClient, read_config};
use crate::registry::directory::Directory;
use crate::registry::location::Location;
use crate::registry::source::Source as _;
use crate::report::{Reporter, Task};
use crate::store::{Installed, Programs, Store, StoreError};
use std::path::{Path, PathBuf};
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::locate;
use vitte_package_core::limits;
use vitte_package_core::manifest::{DependencyKind, Manifest};
use vitte_package_core::message::store as text;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{RegistryId, Scope, TrustedKey};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::tree::Tree;
use vitte_package_core::verify::{Expectation, Sections, Trust, VerifiedPackage};
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
pub struct Request {
    /// What to install, in order.
    pub wanted: Vec<Wanted>,
    /// Names or files of keys that are believed about files for this run, besides own and trusted ones.
    pub keys: Vec<String>,
    /// The registry, if another than the configured one.
    pub registry: Option<String>,
}

/// Decides whether a registry that was never met before is believed: its name, its id, the digest of its
/// trust root.
pub type FirstMeeting<'a> = dyn FnMut(&str, &RegistryId, &Digest) -> Result<bool, Error> + 'a;

/// A release that is installed now.
#[derive(Clone, Debug)]
pub struct Done {
    /// What it is.
    pub release: Installed,
    /// Its folder in the store.
    pub folder: PathBuf,
    /// Whether it was unpacked by this run; else the store held it already.
    pub unpacked: bool,
}

/// Installs everything that is wanted, or nothing: one new generation holds all of it.
///
/// # Errors
/// Those of verification, and of the registry's proofs; nothing is unpacked then. `untrusted-registry` when
/// `meet` refuses. `not-found` and `no-match` for a release that is not there, `yanked` when only withdrawn ones
/// fit. `not-supported` for a module with dependencies or a binary for another system, `shim` when a
/// program's name is taken, `busy`, `io`, `no-space`.
pub fn install(
    env: &Env,
    request: &Request,
    meet: &mut FirstMeeting<'_>,
    reporter: &dyn Reporter,
) -> Result<Vec<Done>, Error> {
    let config = Config::load(env, None)?;
    let store = Store::open(env, &config)?;
    let needs_registry = request.wanted.iter().any(|wanted| matches!(wanted, Wanted::Release { .. }));
    let mut registry = match needs_registry {
        true => Some(open(env, &config.registry(env, request.registry.as_deref())?, meet)?),
        false => None,
    };
    let shared = store.share(reporter)?;
    let mut done = Vec::new();
    for wanted in &request.wanted {
        done.push(match (wanted, &mut registry) {
            (Wanted::File(path), _) => from_file(env, &store, path, &request.keys, reporter)?,
            (Wanted::Release { package, requirement }, Some(registry)) => {
                registry.release(env, &store, package, requirement.as_ref(), reporter)?
            }
            (Wanted::Release { .. }, None) => continue,
        });
    }
    reporter.started(Task::Link, None);
    let activated = activate(&store, &done, &request.wanted, reporter);
    reporter.finished(Task::Link);
    activated?;
    // Only now has everything passed: what was seen of the registry is worth remembering.
    if let Some(registry) = registry {
        registry.client.commit()?;
    }
    drop(shared);
    Ok(done)
}

fn activate(store: &Store, done: &[Done], wanted: &[Wanted], reporter: &dyn Reporter) -> Result<(), Error> {
    let environment = store.environment(DEFAULT);
    let change = environment.change("installing", reporter)?;
    let before = environment.current()?;
    let mut next = before.clone();
    for done in done {
        next.add(done.release.clone());
    }
    if next != before {
        let names: Vec<_> = wanted.iter().map(ToString::to_string).collect();
        next.begin(&format!("install {}", names.join(" ")));
        change.activate(next, |release| store.folder(&release.tree))?;
    }
    Ok(())
}

/// A registry that is believed.
struct Registry {
    client: RegistryClient,
    directory: Directory,
}

/// Opens a registry, asking whether it is believed if it was never met.
fn open(env: &Env, given: &str, meet: &mut FirstMeeting<'_>) -> Result<Registry, Error> {
    let location = Location::parse(given, env)?;
    let directory = Directory::new(location.clone().directory()?);
    let client = match RegistryClient::open(env, &location) {
        Err(error) if error.code() == Code::UntrustedRegistry => {
            let id = read_config(&directory)?.registry;
            let first = locate::trust_root(1);
            let Some(first) = directory.read(&first, limits::ENVELOPE_LEN as u64)? else { return Err(error) };
            let digest = Digest::of(&first);
            if !meet(&location.to_string(), &id, &digest)? {
                return Err(error);
            }
            super::registry::add(env, directory.root(), &digest)?;
            RegistryClient::open(env, &location)?
        }
        result => result?,
    };
    Ok(Registry { client, directory })
}

impl Registry {
    fn release(
        &mut self,
        env: &Env,
        store: &Store,
        package: &PackageName,
        requirement: Option<&Requirement>,
        reporter: &dyn Reporter,
    ) -> Result<Done, Error> {
        let index = self.client.index(package)?.ok_or_else(|| {
            let message = text::no_such_package(package.as_str(), &self.client.name());
            Error::from(Diagnostic::new(Code::NotFound, message))
        })?;
        let entry = choose::choose(&index, requirement, &host::target())?;
        reporter.decided(text::chosen(
            package.as_str(),
            &entry.core.version.to_string(),
            entry.core.kind.as_str(),
            entry.core.target.as_str(),
        ));
        let proven = self.client.prove(&index, entry)?;
        let id = self.client.id().to_string();
        let target = entry.core.target.clone();
        if let Some(stored) = store.find(&entry.core.tree).ok().flatten() {
            // Everything that is signed about it was proved just now, and the store holds that very tree.
            let manifest = Manifest::parse(&stored.manifest()?).map_err(|_| StoreError::Damaged {
                path: stored.folder().to_path_buf(),
                reason: text::reason_manifest(),
            })?;
            let signers = proven.signers.iter().copied().collect();
            let release = describe(&manifest, stored.tree(), entry.core.kind, target, Some(id), signers)?;
            return Ok(Done { release, folder: stored.folder().to_path_buf(), unpacked: false });
        }
        let archive = self.directory.file(&locate::archive(&index.artifact(entry)));
        let trust = proven.trust();
        let request =
            extract::Request { expectation: proven.expectation, trust, sections: Sections::undeferred() };
        receive(env, store, &archive, request, Some(id), reporter).map_err(|error| error.in_file(&archive))
    }
}

fn from_file(
    env: &Env,
    store: &Store,
    path: &Path,
    keys: &[String],
    reporter: &dyn Reporter,
) -> Result<Done, Error> {
    let known = KeyStore::open(env)?;
    let policy = keys.iter().try_fold(known.policy()?, |policy, key| {
        let key = known.public(key, env)?;
        Ok::<_, Error>(policy.trust(TrustedKey { key, scope: Scope::All }))
    })?;
    let trust = Trust::Signatures(policy);
    let request =
        extract::Request { expectation: Expectation::default(), trust, sections: Sections::undeferred() };
    receive(env, store, path, request, None, reporter).map_err(|error| error.in_file(env.shorten(path)))
}

/// Verifies an archive into a private folder, then puts it into the store.
fn receive(
    env: &Env,
    store: &Store,
    archive: &Path,
    request: extract::Request,
    registry: Option<String>,
    reporter: &dyn Reporter,
) -> Result<Done, Error> {
    let staging = store.stage()?;
    let (read_only, insist) = (Permissions::ReadOnly, Insist::Verified);
    let outcome =
        extract::unpack(archive, request, staging.path(), read_only, insist, env.jobs()?, reporter)?;
    let Some(verified) = outcome.package else {
        // `Insist::Verified` gives a package or an error.
        return Err(Diagnostic::new(Code::Unsigned, Code::Unsigned.title().to_owned()).into());
    };
    let release = describe_verified(&verified, registry)?;
    let (stored, unpacked) = store.add(staging, &verified)?;
    Ok(Done { release, folder: stored.folder().to_path_buf(), unpacked })
}

fn describe_verified(verified: &VerifiedPackage, registry: Option<String>) -> Result<Installed, Error> {
    let kind = match verified.head().kind() {
        ArchiveKind::Artifact(kind) => kind,
        ArchiveKind::Delta => Kind::Vitmod,
    };
    let target = verified.statement().map_or_else(Target::any, |statement| statement.target.clone());
    let signers = verified.signers().to_vec();
    describe(verified.manifest(), verified.tree(), kind, target, registry, signers)
}

/// What goes into the generation, or why the package cannot be used here.
fn describe(
    manifest: &Manifest,
    tree: &Tree,
    kind: Kind,
    target: Target,
    registry: Option<String>,
    signers: Vec<vitte_package_core::sign::KeyId>,
) -> Result<Installed, Error> {
    let full = format!("{} {}", manifest.name(), manifest.version());
    match kind {
        Kind::Vitpkg if !target.is_any() && target != host::target() => {
            let message = text::other_target(&full, target.as_str(), host::target().as_str());
            return Err(Diagnostic::new(Code::NotSupported, message).into());
        }
        Kind::Vitmod => refuse_dependencies(&full, manifest)?,
        Kind::Vitpkg => {}
    }
    Ok(Installed {
        package: manifest.name().clone(),
        version: manifest.version().clone(),
        kind,
        programs: programs(manifest, tree, kind, &target)?,
        target,
        tree: tree.digest(),
        registry,
        signers,
    })
}

/// A binary has in it what it was built with; a module needs its dependencies beside it.
fn refuse_dependencies(full: &str, manifest: &Manifest) -> Result<(), Error> {
    let needed = manifest
        .dependencies()
        .iter()
        .filter(|dependency| dependency.kind() == DependencyKind::Normal && !dependency.optional());
    let names: Vec<_> = needed
        .map(|dependency| {
            let requirement = dependency.requirement().map_or("*", Requirement::as_str);
            format!("{} {requirement}", dependency.name())
        })
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = text::needs_dependencies(full, &names.join(", "));
    Err(Diagnostic::new(Code::NotSupported, message).help(text::needs_dependencies_help()).into())
}

/// The programs of a binary package: each `[[bin]]` at `bin/<name>`, on Windows with `.exe`.
fn programs(manifest: &Manifest, tree: &Tree, kind: Kind, target: &Target) -> Result<Programs, Error> {
    let mut programs = Programs::new();
    if kind == Kind::Vitpkg {
        for bin in manifest.bins() {
            let end = if target.is_windows() { ".exe" } else { "" };
            let path = format!("bin/{}{end}", bin.name());
            if !tree.entries().iter().any(|entry| entry.path().as_str() == path) {
                let message = text::program_missing(bin.name(), &path);
                return Err(Diagnostic::new(Code::Source, message).into());
            }
            programs.insert(bin.name().to_owned(), path);
        }
    }
    Ok(programs)
}
