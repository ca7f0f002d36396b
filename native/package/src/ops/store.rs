//! Care of the store: is everything in it what was verified, and is everything in it still used?

use crate::config::Config;
use crate::dependencies::{Fetcher, Network, Sources, TrustPrompt, lock, used_by};
use crate::env::Env;
use crate::error::Error;
use crate::message::{dependencies as deps_text, store as text};
use crate::ops::sections::{self, Origin};
use crate::report::Reporter;
use crate::store::{
    Collected, Collection, Damage, Effect, Generations, HeldFolder, Store, StoredRelease, size,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::limits;
use vitte_package_core::lockfile::{LockedArtifact, LockedPackage, Lockfile};
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::RegistryId;
use vitte_package_core::tree::SectionName;
use vitte_package_core::version::Version;

/// What became of a damaged package.
#[derive(Clone, Debug)]
pub enum Repaired {
    /// It was brought again from its registry, and verified.
    Brought(LockedPackage),
    /// It was removed: nobody knows where it came from, or its registry does not have it now, for this reason.
    Removed(TreeDigest, Option<Error>),
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// How many packages the store holds.
    pub packages: usize,
    /// Those that are damaged.
    pub damaged: Vec<Damage>,
}

impl Checked {
    /// The finding as an error; none when there is no damage.
    pub fn error(&self) -> Option<Error> {
        if self.damaged.is_empty() {
            return None;
        }
        let mut diagnostic = Diagnostic::new(Code::StoreTampered, text::tampered(self.damaged.len()));
        for damage in &self.damaged {
            let note = text::tampered_note(&damage.path.display().to_string(), &damage.reason);
            diagnostic = diagnostic.note(note, None);
        }
        Some(diagnostic.help(text::tampered_help()).into())
    }
}

/// Reads every file in the store again.
///
/// # Errors
/// `config`, `io`.
pub fn verify(env: &Env) -> Result<Checked, Error> {
    let store = Store::open(env, Config::load(env, None)?.fsync()?)?;
    let (packages, damaged) = store.check(env.jobs()?)?;
    Ok(Checked { packages, damaged })
}

/// Takes damaged packages out of the store, and brings those again whose registry is at hand.
///
/// # Errors
/// `config`, `io`; `untrusted-registry` and its kin are reported with the packages concerned.
pub fn repair(
    env: &Env,
    damaged: &[Damage],
    registry: Option<&str>,
    network: Network,
    reporter: &dyn Reporter,
) -> Result<Vec<Repaired>, Error> {
    let config = Config::load(env, None)?;
    let store = Store::open(env, config.fsync()?)?;
    let shared = store.share(reporter)?;
    let known = known(&store)?;
    // Nobody is asked here: a registry that is not known is not trusted.
    let prompt: &mut TrustPrompt<'_> = &mut |_, _, _| Ok(false);
    let sources = Sources::one(env, &config, registry, network, prompt);
    let trust = BTreeMap::new();
    let mut repaired = Vec::new();
    for damage in damaged {
        store.discard(&damage.tree, damage.section.as_ref())?;
        let outcome = match (known.get(&damage.tree), &sources) {
            (None, _) => Repaired::Removed(damage.tree, None),
            (Some(_), Err(error)) => Repaired::Removed(damage.tree, Some(error.clone())),
            (Some(package), Ok(sources)) => {
                let (sources, trust) = (Some(sources), &trust);
                let fetcher =
                    Fetcher { env, store: &store, sources, trust, target: None, before: &BTreeMap::new() };
                let brought = match &damage.section {
                    None => fetcher.fetch_one(package, reporter),
                    Some(section) => bring_section(env, &store, sources, package, section, reporter),
                };
                match brought {
                    Ok(()) => Repaired::Brought(package.clone()),
                    Err(error) => Repaired::Removed(damage.tree, Some(error)),
                }
            }
        };
        repaired.push(outcome);
    }
    drop(shared);
    Ok(repaired)
}

/// Brings a section of a package again. The package itself is there, or is damaged too: then the section is gone with what
/// it is of, until it is asked for again.
fn bring_section(
    env: &Env,
    store: &Store,
    sources: Option<&Sources>,
    package: &LockedPackage,
    section: &SectionName,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let Some(locked) = &package.artifact else { return Ok(()) };
    let artifact = Artifact {
        package: package.name.clone(),
        version: package.version.clone(),
        kind: locked.kind,
        target: locked.target.clone(),
    };
    let missing = || {
        let message = deps_text::not_in_store(package.name.as_str(), &package.version.to_string());
        Error::from(Diagnostic::new(Code::NotFound, message))
    };
    let stored = store.find(&locked.tree)?.ok_or_else(missing)?;
    let client = sources.and_then(|sources| sources.by_id(&locked.registry));
    let origin = client.map_or(Origin::Nowhere, Origin::Registry);
    let names = BTreeSet::from([section.clone()]);
    sections::bring(env, store, (&artifact, &stored), origin, &names, reporter).map(drop)
}

/// Every release that a generation or a project names, by identity.
fn known(store: &Store) -> Result<BTreeMap<TreeDigest, LockedPackage>, Error> {
    let mut known = BTreeMap::new();
    let mut lockfiles = Vec::new();
    for environment in store.environments()? {
        for number in environment.history()? {
            for release in environment.generation(number)?.releases() {
                if let Some(digest) = release.lockfile {
                    lockfiles.push(environment.lockfile(&digest)?);
                }
                known.extend(locked(release)?.map(|package| (release.tree, package)));
            }
        }
    }
    for (lockfile, _) in store.projects()? {
        // A lockfile that is gone or being repaired says nothing here.
        let text = crate::fs::read_text(&lockfile, limits::LOCKFILE_LEN);
        lockfiles.extend(text.ok().and_then(|text| Lockfile::parse(&text).ok()));
    }
    for package in lockfiles.iter().flat_map(Lockfile::packages) {
        known.extend(package.artifact.as_ref().map(|artifact| (artifact.tree, package.clone())));
    }
    Ok(known)
}

/// An installed release as a lockfile would name it; none for one that came from a file.
fn locked(release: &StoredRelease) -> Result<Option<LockedPackage>, Error> {
    let Some(registry) = &release.registry else { return Ok(None) };
    Ok(Some(LockedPackage {
        name: release.package.clone(),
        version: release.version.clone(),
        artifact: Some(LockedArtifact {
            registry: RegistryId::parse(registry)?,
            kind: release.kind,
            target: release.target.clone(),
            tree: release.tree,
            log_index: 0,
            signers: release.signers.clone(),
        }),
        dependencies: Vec::new(),
    }))
}

/// A package in the store.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its identity.
    pub tree: TreeDigest,
    /// What it says it is; nothing where its manifest cannot be read.
    pub release: Option<(PackageName, Version)>,
    /// Bytes of its files, those of its deferred sections that are there among them.
    pub bytes: u64,
    /// Its folder.
    pub folder: PathBuf,
    /// Its deferred sections that are there.
    pub sections: Vec<SectionName>,
}

/// Every package in the store, by name and version.
///
/// # Errors
/// `config`, `io`.
pub fn list(env: &Env) -> Result<Vec<Held>, Error> {
    let store = Store::open(env, Config::load(env, None)?.fsync()?)?;
    let mut held = Vec::new();
    let all = store.held()?;
    for HeldFolder { tree, folder, .. } in all.iter().filter(|held| held.section.is_none()) {
        let (tree, folder) = (*tree, folder.clone());
        let beside = all.iter().filter(|held| held.tree == tree && held.section.is_some());
        let mut bytes = size(&folder)?;
        for section in beside.clone() {
            bytes = bytes.saturating_add(size(&section.folder)?);
        }
        let sections = beside.filter_map(|held| held.section.clone()).collect();
        let manifest = store.manifest(&tree).and_then(|text| Manifest::parse(&text).ok());
        let release = manifest.map(|manifest| (manifest.name().clone(), manifest.version().clone()));
        held.push(Held { tree, release, bytes, folder, sections });
    }
    held.sort_by(|one, other| (&one.release, one.tree).cmp(&(&other.release, other.tree)));
    Ok(held)
}

/// Removes what nothing uses; see [`Store::collect`].
///
/// # Errors
/// Those of [`Store::collect`].
pub fn collect(
    env: &Env,
    effect: Effect,
    generations: Generations,
    reporter: &dyn Reporter,
) -> Result<Collected, Error> {
    let store = Store::open(env, Config::load(env, None)?.fsync()?)?;
    store.collect(Collection { effect, generations, now: lock::now() }, &used_by, reporter)
}
