//! What a lockfile names, verified, into the store.

use super::sources::Sources;
use crate::env::Env;
use crate::error::Error;
use crate::extract;
use crate::host;
use crate::message::{dependencies as text, lock as lock_text};
use crate::parallel;
use crate::registry::read::by_delta::Saved;
use crate::registry::read::receive::Received;
use crate::registry::read::source::ArchiveRequest;
use crate::report::{Reporter, Work};
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::lockfile::{LockedArtifact, LockedPackage, Lockfile};
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::manifest::quick_facts;
use vitte_package_core::name::PackageName;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::verify::{Expectation, Sections, Trust};
use vitte_package_core::version::Version;

/// What fetching did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Packages the store held already.
    pub held: usize,
    /// Packages that were verified and unpacked now.
    pub unpacked: usize,
    /// What did not have to be fetched of these.
    pub saved: Saved,
}

/// Packages that are staged before they are put into their places: so many are flushed to the disk together.
const BATCH: usize = 1024;
/// Packages that are brought at once: more than there are processors, since registries answer late.
const WORKERS: usize = 8;

/// Brings locked packages into a store.
#[derive(Debug)]
pub struct Fetcher<'a> {
    /// The surroundings.
    pub env: &'a Env,
    /// Where packages go.
    pub store: &'a Store,
    /// Where they come from; none when only the store may be asked.
    pub sources: Option<&'a Sources>,
    /// How the archives of releases that were proved in this run are trusted. All others are what the
    /// lockfile says they are, or refused: it was written after they were proved.
    pub trust: &'a BTreeMap<TreeDigest, Trust>,
    /// The system whose binaries are brought; without it, this one.
    pub target: Option<&'a Target>,
    /// Packages that were used before, by name: files that they share with what is fetched need not come again.
    pub before: &'a BTreeMap<PackageName, Vec<TreeDigest>>,
}

impl Fetcher<'_> {
    /// Brings every package of `lockfile` that can be used on the system.
    ///
    /// # Errors
    /// Those of verification: nothing of that package is then in the store. `not-found` when an archive is not
    /// there, or is needed and no registry may be asked.
    pub fn fetch(&self, lockfile: &Lockfile, reporter: &dyn Reporter) -> Result<Fetched, Error> {
        let mut fetched = Fetched::default();
        let mut missing = Vec::new();
        let host = host::target();
        let target = self.target.unwrap_or(&host);
        let wanted: Vec<_> = lockfile
            .packages()
            .iter()
            .filter_map(|package| Some((package, used_on(package, target)?)))
            .collect();
        // One without its marker or its manifest counts as absent: bringing it again mends it.
        let look = |(package, artifact): (&LockedPackage, &LockedArtifact)| {
            let Some(stated) = self.store.manifest(&artifact.tree).and_then(|text| quick_facts(&text).ok())
            else {
                return Ok(false);
            };
            check_stated(package, artifact, &stated).map(|()| true)
        };
        for (one, held) in wanted.iter().zip(parallel::map(wanted.clone(), self.env.jobs()?, look)) {
            match held? {
                true => fetched.held += 1,
                false => missing.push(*one),
            }
        }
        for batch in missing.chunks(BATCH) {
            let (unpacked, saved) = self.fetch_batch(batch, reporter)?;
            fetched.unpacked += unpacked;
            fetched.saved += saved;
        }
        Ok(fetched)
    }

    /// Brings several packages on several threads, and puts them into their places together. What is whole when
    /// one fails is kept: trying again has less to do.
    fn fetch_batch(
        &self,
        batch: &[(&LockedPackage, &LockedArtifact)],
        reporter: &dyn Reporter,
    ) -> Result<(usize, Saved), Error> {
        let workers = batch.len().min(WORKERS);
        let work = Work { jobs: self.env.jobs()?.div_ceil(workers.max(1)), reporter };
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let run = || {
            let mut done = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some((package, artifact)) = batch.get(at) else { break };
                let staged = self.stage(package, artifact, work);
                failed.fetch_or(staged.is_err(), Ordering::Relaxed);
                done.push((at, staged));
            }
            done
        };
        let mut done = std::thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(run)).collect();
            let mut done = run();
            for other in others {
                match other.join() {
                    Ok(more) => done.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_by_key(|(at, _)| *at);
        let (mut staged, mut fault) = (Vec::with_capacity(done.len()), None);
        for (_, outcome) in done {
            match outcome {
                Ok(one) => staged.push(one),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        let mut places = Vec::with_capacity(staged.len());
        let mut packages = Vec::with_capacity(staged.len());
        let mut saved = Saved::default();
        for Received { staging, package, saved: of_it, .. } in staged {
            saved += of_it;
            places.push(staging);
            packages.push(package);
        }
        let unpacked = self.store.add_all(places.into_iter().zip(&packages).collect())?;
        fault.map_or(Ok((unpacked, saved)), Err)
    }

    /// Brings one package, whether or not the store holds it.
    ///
    /// # Errors
    /// As [`Self::fetch`]; `not-found` for a package of the workspace.
    pub fn fetch_one(&self, package: &LockedPackage, reporter: &dyn Reporter) -> Result<(), Error> {
        match &package.artifact {
            Some(artifact) => self.fetch_batch(&[(package, artifact)], reporter).map(|_| ()),
            None => Err(Diagnostic::new(Code::NotFound, text::not_locked(package.name.as_str())).into()),
        }
    }

    /// Verifies a package into a private folder.
    fn stage(
        &self,
        package: &LockedPackage,
        artifact: &LockedArtifact,
        work: Work<'_>,
    ) -> Result<Received, Error> {
        let wanted = Artifact {
            package: package.name.clone(),
            version: package.version.clone(),
            kind: artifact.kind,
            target: artifact.target.clone(),
        };
        let client = self.sources.and_then(|sources| sources.by_id(&artifact.registry));
        let client = client.ok_or_else(|| {
            let message = text::not_in_store(package.name.as_str(), &package.version.to_string());
            Error::from(Diagnostic::new(Code::NotFound, message).help(text::not_in_store_help()))
        })?;
        let request = extract::UnpackRequest {
            expectation: Expectation {
                tree: Some(artifact.tree),
                registry: Some(artifact.registry.clone()),
                package: Some(package.name.clone()),
                version: Some(package.version.clone()),
                kind: Some(artifact.kind),
                target: Some(artifact.target.clone()),
                index: None,
                head: None,
            },
            trust: self.trust.get(&artifact.tree).cloned().unwrap_or(Trust::Identity(artifact.tree)),
            sections: Sections::undeferred(),
        };
        let before = self.before.get(&package.name).into_iter().flatten();
        let here = self.store.files_of(before.filter(|tree| **tree != artifact.tree));
        let wanted = ArchiveRequest { artifact: &wanted, tree: artifact.tree, unpack: &request, here: &here };
        client.unpack(&wanted, self.store, work)
    }
}

/// The content that a lockfile names is that of the release it names. What is unpacked now is checked when it is
/// verified; what is held may have been something else's.
fn check_stated(
    package: &LockedPackage,
    artifact: &LockedArtifact,
    stated: &(PackageName, Version),
) -> Result<(), Error> {
    if (&stated.0, &stated.1) == (&package.name, &package.version) {
        return Ok(());
    }
    let (name, version) = (package.name.as_str(), package.version.to_string());
    let found = format!("{} {}", stated.0, stated.1);
    let message = lock_text::content_of_other(name, &version, &artifact.tree.to_string(), &found);
    Err(Diagnostic::new(Code::LockMismatch, message).help(lock_text::tree_hint()).into())
}

/// The artifact of a locked package, if it can be used on this system.
pub(super) fn used(package: &LockedPackage) -> Option<&LockedArtifact> {
    used_on(package, &host::target())
}

/// The artifact of a locked package, if it can be used on that system.
fn used_on<'p>(package: &'p LockedPackage, target: &Target) -> Option<&'p LockedArtifact> {
    let artifact = package.artifact.as_ref()?;
    let runs = artifact.kind == Kind::Vitmod || artifact.target.is_any() || artifact.target == *target;
    runs.then_some(artifact)
}
