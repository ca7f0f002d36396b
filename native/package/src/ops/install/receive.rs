//! From an archive, in a file or in a registry, into the store.

use super::{InstalledRelease, Installer, choose, describe};
use crate::dependencies::deprecation;
use crate::error::Error;
use crate::extract::{self, Accept, Destination, Permissions};
use crate::host;
use crate::keys::KeyStore;
use crate::message::store as text;
use crate::ops::prove;
use crate::registry::read::by_delta::Saved;
use crate::registry::read::source::{ArchiveRequest, Transfer};
use crate::store::{Staging, StoreError, Stored};
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::Manifest;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::Policy;
use vitte_package_core::sign::{Scope, StatusAction, TrustedKey};
use vitte_package_core::verify::{Expectation, Sections, Trust, VerifiedPackage};
use vitte_package_core::version::Requirement;

/// The rules of choice for a package, its minimum age among them.
pub(super) fn policy(installer: &mut Installer<'_, '_>, package: &PackageName) -> Result<Policy, Error> {
    let minimum_age = installer.request.minimum_age;
    let minimum_age = installer.sources()?.minimum_age(minimum_age);
    let mut policy = Policy {
        now: crate::dependencies::lock::now(),
        minimum_age: minimum_age.seconds,
        exempt: minimum_age.exempt.namespaces,
        exempt_packages: minimum_age.exempt.packages,
        ..Policy::default()
    };
    if policy.exempts(package) {
        policy.minimum_age = 0;
    }
    Ok(policy)
}

impl Installer<'_, '_> {
    /// The newest release of a package that fits, and its dependencies.
    pub(super) fn release(
        &mut self,
        package: &PackageName,
        requirement: Option<&Requirement>,
    ) -> Result<InstalledRelease, Error> {
        let policy = policy(self, package)?;
        let client = self.sources()?.of(package)?;
        let index = client.index(package)?.ok_or_else(|| client.no_such_package(package))?;
        let entry = choose::choose(&index, requirement, &host::target(), &policy)?;
        let decision = text::chosen(
            package.as_str(),
            &entry.core.version.to_string(),
            entry.core.kind.as_str(),
            entry.core.target.as_str(),
        );
        let proven = client.prove(&index, entry)?;
        let id = client.id().to_string();
        self.reporter.decided(decision);
        if let Some(status) = &entry.status
            && status.change.action == StatusAction::Deprecate
        {
            let version = entry.core.version.to_string();
            self.reporter.warned(deprecation(package.as_str(), &version, &status.change));
        }
        let (kind, target) = (entry.core.kind, entry.core.target.clone());
        let stored = match self.store.find(&entry.core.tree) {
            Err(error) if error.code() == Code::StoreTampered => return Err(error),
            // One that is damaged is replaced.
            found => found.ok().flatten(),
        };
        if let Some(stored) = stored {
            // Everything that is signed about it was proved just now, and the store holds that very tree.
            let manifest = self.manifest(&stored)?;
            let signers = proven.signers.iter().copied().collect();
            let origin = describe::Origin { kind, target, registry: Some(id), signers };
            let mut release = describe::release(&manifest, stored.tree(), origin)?;
            let dependencies = self.install_dependencies(&release, &manifest, stored.folder())?;
            release.lockfile = dependencies.digest();
            let folder = stored.folder().to_path_buf();
            return Ok(InstalledRelease {
                release,
                folder,
                unpacked: false,
                dependencies,
                restored: Vec::new(),
                saved: Saved::default(),
                transfer: None,
                sections: Vec::new(),
            });
        }
        let trust = proven.trust();
        let request = extract::UnpackRequest {
            expectation: proven.expectation,
            trust,
            sections: Sections::undeferred(),
        };
        let (store, work) = (self.store.clone(), self.env.work(self.reporter)?);
        let before = self.before.get(package).into_iter().flatten();
        let here = store.files_of(before.filter(|tree| **tree != entry.core.tree));
        let client = self.sources()?.of(package)?;
        let artifact = index.artifact(entry);
        let wanted =
            ArchiveRequest { artifact: &artifact, tree: entry.core.tree, unpack: &request, here: &here };
        let received = client.unpack(&wanted, &store, work)?;
        let mut installed =
            self.add_to_store(received.staging, &received.package, Some(id), received.transfer)?;
        installed.saved = received.saved;
        Ok(installed)
    }

    /// An archive in a file: by the proofs stapled into it where its registry is pinned, else on the word of own,
    /// trusted and given keys.
    pub(super) fn file(&mut self, path: &Path) -> Result<InstalledRelease, Error> {
        let known = KeyStore::open(self.env)?;
        let policy = self.request.keys.iter().try_fold(known.policy(self.env)?, |policy, key| {
            let key = known.public(key, self.env)?;
            Ok::<_, Error>(policy.trust(TrustedKey { key, scope: Scope::All }))
        })?;
        let stapled = match self.request.keys.is_empty() {
            // What a project pins counts for that project, not for what is installed for the user.
            true => prove::stapled(self.env, path, &[], self.reporter)?,
            false => None,
        };
        let (expectation, trust, registry) = match stapled {
            Some(stapled) => {
                (stapled.proved.expectation(), stapled.proved.trust(), Some(stapled.registry.to_string()))
            }
            None => (Expectation::default(), Trust::Signatures(policy), None),
        };
        let request = extract::UnpackRequest { expectation, trust, sections: Sections::undeferred() };
        let shown = self.env.shorten(path).to_owned();
        let staging = self.store.stage()?;
        let destination = Destination {
            folder: staging.path(),
            permissions: Permissions::ReadOnly,
            accept: Accept::Verified,
        };
        let unpacked = extract::unpack(path, request, destination, self.env.work(self.reporter)?);
        let outcome = unpacked.map_err(|error| match error.code() {
            // The disk's faults name their own file.
            Code::Io | Code::NoFile | Code::NoSpace => error,
            _ => error.in_file(shown),
        })?;
        match outcome.package {
            Some(verified) => self.add_to_store(staging, &verified, registry, None),
            // `Accept::Verified` gives a package or an error.
            None => Err(Diagnostic::new(Code::Unsigned, Code::Unsigned.title().to_owned()).into()),
        }
    }

    /// Adds a verified package to the store, after its dependencies.
    fn add_to_store(
        &mut self,
        staging: Staging,
        verified: &VerifiedPackage,
        registry: Option<String>,
        transfer: Option<Transfer>,
    ) -> Result<InstalledRelease, Error> {
        let mut release = describe::verified(verified, registry)?;
        // First what it needs: if that cannot be had, the store is as before.
        let dependencies = self.install_dependencies(&release, verified.manifest(), staging.path())?;
        release.lockfile = dependencies.digest();
        let (stored, unpacked) = self.store.add(staging, verified)?;
        Ok(InstalledRelease {
            release,
            folder: stored.folder().to_path_buf(),
            unpacked,
            dependencies,
            restored: Vec::new(),
            saved: Saved::default(),
            transfer,
            sections: Vec::new(),
        })
    }

    fn manifest(&self, stored: &Stored) -> Result<Manifest, Error> {
        Manifest::parse(&stored.manifest()?).map_err(|_| {
            let path = stored.folder().to_path_buf();
            StoreError::Damaged { path, reason: text::reason_manifest() }.into()
        })
    }
}
