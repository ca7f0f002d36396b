//! Deferred sections of packages that the store holds: which there are, and bringing them.
//!
//! A section is brought by parts of the archive where the server gives parts, verified against the list of files that the
//! package was installed by, and put beside the package in one step.

use crate::config::Config;
use crate::dependencies::{Members, Network, Scope, Sources, TrustPrompt, lock};
use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, Accept, Destination, FilesHere, Permissions, UnpackRequest};
use crate::message::sections as text;
use crate::ops::list::DEFAULT;
use crate::project::Project;
use crate::registry::read::client::RegistryClient;
use crate::registry::read::source::{ArchiveRequest, Transfer};
use crate::report::Reporter;
use crate::store::{DeferredSection, Store, Stored};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
use vitte_package_core::nearest::nearest;
use vitte_package_core::sign::RegistryId;
use vitte_package_core::tree::SectionName;
use vitte_package_core::verify::{Expectation, Sections, Trust};
use vitte_package_core::version::Version;

/// Where the archive of a package is.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// In a registry.
    Registry(&'a RegistryClient),
    /// In a file.
    File(&'a Path),
    /// Not at hand.
    Nowhere,
}

/// A section that was asked for.
#[derive(Clone, Debug)]
pub struct SectionHere {
    /// Its name.
    pub name: SectionName,
    /// Bytes of its files.
    pub bytes: u64,
    /// The folder with its files.
    pub folder: PathBuf,
    /// Whether it came now; otherwise it was there already.
    pub brought: bool,
    /// How much of the archive was fetched for it, where it was less than all.
    pub transfer: Option<Transfer>,
}

/// Brings sections of a package that the store holds, those that are not there.
///
/// # Errors
/// `section` when the package has no such section, `not-found` when its archive is not at hand; those of verification:
/// nothing of that section is in the store then.
pub fn bring(
    env: &Env,
    store: &Store,
    (artifact, stored): (&Artifact, &Stored),
    origin: Origin<'_>,
    names: &BTreeSet<SectionName>,
    reporter: &dyn Reporter,
) -> Result<Vec<SectionHere>, Error> {
    let deferred = store.deferred(stored)?;
    let known = names.iter().map(|name| {
        let found = deferred.iter().find(|section| section.name == *name);
        found.ok_or_else(|| no_such_section(artifact, name, &deferred))
    });
    let wanted = known.collect::<Result<Vec<_>, _>>()?;
    let mut here = Vec::new();
    for section in wanted {
        let (name, bytes) = (section.name.clone(), section.bytes);
        here.push(match &section.folder {
            Some(folder) => {
                SectionHere { name, bytes, folder: folder.clone(), brought: false, transfer: None }
            }
            None => {
                let (folder, brought, transfer) =
                    bring_one(env, store, (artifact, stored), origin, &name, reporter)?;
                SectionHere { name, bytes, folder, brought, transfer }
            }
        });
    }
    Ok(here)
}

fn bring_one(
    env: &Env,
    store: &Store,
    (artifact, stored): (&Artifact, &Stored),
    origin: Origin<'_>,
    name: &SectionName,
    reporter: &dyn Reporter,
) -> Result<(PathBuf, bool, Option<Transfer>), Error> {
    let tree = stored.tree().digest();
    let request = UnpackRequest {
        expectation: Expectation {
            tree: Some(tree),
            package: Some(artifact.package.clone()),
            version: Some(artifact.version.clone()),
            kind: Some(artifact.kind),
            ..Expectation::default()
        },
        // The package was verified when it came, and the section is of the same list of files.
        trust: Trust::Identity(tree),
        sections: Sections::Only(BTreeSet::from([name.clone()])),
    };
    let mut here = FilesHere::in_place();
    here.add(stored.folder(), stored.files());
    let work = env.work(reporter)?;
    let (staging, package, transfer) = match origin {
        Origin::Registry(client) => {
            let wanted = ArchiveRequest { artifact, tree, unpack: &request, here: &here };
            let received = client.unpack(&wanted, store, work)?;
            (received.staging, received.package, received.transfer)
        }
        Origin::File(path) => {
            let staging = store.stage()?;
            let destination = Destination {
                folder: staging.path(),
                permissions: Permissions::ReadOnly,
                accept: Accept::Verified,
            };
            let outcome = extract::unpack_with(path, request, &here, destination, work);
            let outcome = outcome.map_err(|error| error.in_file(env.shorten(path)))?;
            let unsigned = || Diagnostic::new(Code::Unsigned, Code::Unsigned.title().to_owned());
            (staging, outcome.package.ok_or_else(unsigned)?, None)
        }
        Origin::Nowhere => {
            let message = text::not_here(artifact.package.as_str(), name.as_str());
            return Err(Diagnostic::new(Code::NotFound, message).help(text::not_here_help()).into());
        }
    };
    let (section, brought) = store.add_section(staging, &package, name)?;
    Ok((section.folder().to_owned(), brought, transfer))
}

fn no_such_section(artifact: &Artifact, name: &SectionName, deferred: &[DeferredSection]) -> Error {
    let names: Vec<_> = deferred.iter().map(|section| section.name.as_str()).collect();
    let (package, version) = (artifact.package.as_str(), artifact.version.to_string());
    let message = text::no_such_section(package, &version, name.as_str());
    let fault = Diagnostic::new(Code::Section, message);
    match (nearest(name.as_str(), names.iter().copied()), names.is_empty()) {
        (Some(near), _) => fault.help(crate::message::usage::did_you_mean(near)).into(),
        (None, true) => fault.help(text::has_none()).into(),
        (None, false) => fault.help(text::has_these(&names.join(", "))).into(),
    }
}

/// Which package a section is of.
#[derive(Clone, Copy, Debug)]
pub struct SectionRequest<'a> {
    /// The package.
    pub package: &'a PackageName,
    /// Its version; needed only if several are there.
    pub version: Option<&'a Version>,
    /// The sections.
    pub names: &'a BTreeSet<SectionName>,
}

/// A release whose sections can be brought.
struct Candidate {
    artifact: Artifact,
    tree: TreeDigest,
    registry: Option<RegistryId>,
}

/// Brings sections of a package that the project has locked, or where there is no project, that is installed for this user.
///
/// # Errors
/// Those of [`bring`]; `not-found` when the package is not there, `usage` when several versions are.
pub fn fetch(
    env: &Env,
    scope: &Scope,
    request: SectionRequest<'_>,
    prompt: &mut TrustPrompt<'_>,
    reporter: &dyn Reporter,
) -> Result<(Artifact, Vec<SectionHere>), Error> {
    let is_project = scope.manifest.is_some() || Project::is_near(env);
    let project = if is_project { Some(Project::find_any(env, scope.manifest.as_deref())?) } else { None };
    let config = Config::load(env, project.as_ref().map(Project::root_folder))?;
    let store = Store::open(env, config.fsync()?)?;
    let shared = store.share(reporter)?;
    let all = match &project {
        Some(project) => locked(project)?,
        None => installed(&store)?,
    };
    let one = choose(all, request, is_project)?;
    let missing = || {
        let (name, version) = (one.artifact.package.as_str(), one.artifact.version.to_string());
        let message = crate::message::dependencies::not_in_store(name, &version);
        Error::from(Diagnostic::new(Code::NotFound, message))
    };
    let stored = store.find(&one.tree)?.ok_or_else(missing)?;
    let are_here = |section: &DeferredSection| section.folder.is_some();
    let deferred = store.deferred(&stored)?;
    let wanted = deferred.iter().filter(|section| request.names.contains(&section.name));
    let unknown = request.names.iter().any(|name| !deferred.iter().any(|section| section.name == *name));
    let is_needed = !unknown && !wanted.clone().all(are_here) && scope.network == Network::Online;
    let mut sources = match (&project, is_needed, &one.registry) {
        (_, false, _) | (_, _, None) => None,
        (Some(project), ..) => {
            Some(Sources::open(env, &config, project, scope.registry.as_deref(), scope.network)?)
        }
        (None, ..) => Some(Sources::one(env, &config, scope.registry.as_deref(), scope.network, prompt)?),
    };
    let client = sources.as_ref().zip(one.registry.as_ref()).and_then(|(sources, id)| sources.by_id(id));
    let origin = client.map_or(Origin::Nowhere, Origin::Registry);
    let brought = bring(env, &store, (&one.artifact, &stored), origin, request.names, reporter)?;
    if let Some(sources) = &mut sources {
        sources.commit()?;
    }
    drop(shared);
    Ok((one.artifact, brought))
}

/// The packages that a project's lockfile names.
fn locked(project: &Project) -> Result<Vec<Candidate>, Error> {
    let lockfile = match lock::read(project)? {
        lock::OnDisk::Good(lockfile, _) => lockfile,
        lock::OnDisk::Bad(error, _) => return Err(error),
        lock::OnDisk::Absent => {
            let members = Members::collect(project.clone())?;
            return Err(super::lock::outdated(&members));
        }
    };
    let candidate = |package: &vitte_package_core::lockfile::LockedPackage| {
        let locked = package.artifact.as_ref()?;
        let artifact = Artifact {
            package: package.name.clone(),
            version: package.version.clone(),
            kind: locked.kind,
            target: locked.target.clone(),
        };
        Some(Candidate { artifact, tree: locked.tree, registry: Some(locked.registry.clone()) })
    };
    Ok(lockfile.packages().iter().filter_map(candidate).collect())
}

/// The packages that are installed for this user.
fn installed(store: &Store) -> Result<Vec<Candidate>, Error> {
    let current = store.environment(DEFAULT).current()?;
    let candidate = |release: &crate::store::StoredRelease| {
        let artifact = Artifact {
            package: release.package.clone(),
            version: release.version.clone(),
            kind: release.kind,
            target: release.target.clone(),
        };
        let registry = release.registry.as_deref().and_then(|id| RegistryId::parse(id).ok());
        Candidate { artifact, tree: release.tree, registry }
    };
    Ok(current.releases().map(candidate).collect())
}

fn choose(all: Vec<Candidate>, request: SectionRequest<'_>, is_project: bool) -> Result<Candidate, Error> {
    let fits = |one: &Candidate| {
        one.artifact.package == *request.package
            && request.version.is_none_or(|version| *version == one.artifact.version)
    };
    let mut found: Vec<_> = all.into_iter().filter(fits).collect();
    let versions: BTreeSet<_> = found.iter().map(|one| one.artifact.version.clone()).collect();
    if versions.len() > 1 {
        let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
        let message = text::several_versions(request.package.as_str(), &versions.join(", "));
        let help = text::several_versions_help(request.package.as_str(), &versions[0]);
        return Err(Diagnostic::new(Code::Usage, message).help(help).into());
    }
    // Of a version with binaries for several systems, the one for this.
    let host = crate::host::target();
    let at = found.iter().position(|one| one.artifact.target == host).unwrap_or(0);
    if found.is_empty() {
        let message = match is_project {
            true => text::not_locked(request.package.as_str()),
            false => text::not_installed(request.package.as_str()),
        };
        return Err(Diagnostic::new(Code::NotFound, message).into());
    }
    Ok(found.swap_remove(at))
}
