//! What a lockfile names, verified, into the store.

use super::sources::Sources;
use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, Insist, Permissions};
use crate::host;
use crate::report::Reporter;
use crate::store::Store;
use std::collections::BTreeMap;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::index::locate;
use vitte_package_core::lockfile::{LockedArtifact, LockedPackage, Lockfile};
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::message::dependencies as text;
use vitte_package_core::target::Kind;
use vitte_package_core::verify::{Expectation, Sections, Trust};

/// What fetching did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Packages the store held already.
    pub held: usize,
    /// Packages that were verified and unpacked now.
    pub unpacked: usize,
}

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
}

impl Fetcher<'_> {
    /// Brings every package of `lockfile` that can be used on this system.
    ///
    /// # Errors
    /// Those of verification: nothing of that package is then in the store. `not-found` when an archive is not
    /// there, or is needed and no registry may be asked.
    pub fn fetch(&self, lockfile: &Lockfile, reporter: &dyn Reporter) -> Result<Fetched, Error> {
        let mut fetched = Fetched::default();
        for package in lockfile.packages() {
            let Some(artifact) = used(package) else { continue };
            // A damaged package counts as absent: bringing it again mends it.
            if self.store.find(&artifact.tree).is_ok_and(|found| found.is_some()) {
                fetched.held += 1;
            } else {
                self.bring(package, artifact, reporter)?;
                fetched.unpacked += 1;
            }
        }
        Ok(fetched)
    }

    /// Brings one package, whether or not the store holds it.
    ///
    /// # Errors
    /// As [`Self::fetch`]; `not-found` for a package of the workspace.
    pub fn fetch_one(&self, package: &LockedPackage, reporter: &dyn Reporter) -> Result<(), Error> {
        match &package.artifact {
            Some(artifact) => self.bring(package, artifact, reporter),
            None => Err(Diagnostic::new(Code::NotFound, text::not_locked(package.name.as_str())).into()),
        }
    }

    fn bring(
        &self,
        package: &LockedPackage,
        artifact: &LockedArtifact,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
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
        let request = extract::Request {
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
        let archive = client.archive(&wanted, artifact.tree, &request, reporter)?;
        let staging = self.store.stage()?;
        let outcome = extract::unpack(
            archive.path(),
            request,
            staging.path(),
            Permissions::ReadOnly,
            Insist::Verified,
            self.env.jobs()?,
            reporter,
        )
        .map_err(|error| client.source().about(error, &locate::archive(&wanted)))?;
        // Insisting on a verified package gives one, or an error.
        if let Some(verified) = outcome.package {
            self.store.add(staging, &verified)?;
            archive.keep()?;
        }
        Ok(())
    }
}

/// The artifact of a locked package, if it can be used on this system.
pub(super) fn used(package: &LockedPackage) -> Option<&LockedArtifact> {
    let artifact = package.artifact.as_ref()?;
    let runs = artifact.kind == Kind::Vitmod || artifact.target.is_any() || artifact.target == host::target();
    runs.then_some(artifact)
}
