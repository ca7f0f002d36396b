//! One archive on its way into a registry: copied, signed for it, verified as a client will verify it.

use crate::error::{Doing, Error, IoContext};
use crate::fs;
use crate::message::registry as text;
use crate::package_file::PackageFile;
use crate::registry::examine::examine;
use crate::report::Reporter;
use crate::signing;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use vitte_package_core::codec::Codec;
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::ArchiveFacts;
use vitte_package_core::sign::{
    Envelope, KeyId, NamespaceChain, PublicKey, RegistryId, ReleaseStatement, Role, SecretKey, Signatures,
    TrustPolicy,
};
use vitte_package_core::verify::{Expectation, Trust};

/// A copy of an archive, and what it would be in the registry. Its content is not checked yet.
pub(super) struct Draft {
    pub(super) given: PathBuf,
    pub(super) artifact: Artifact,
    pub(super) tree: TreeDigest,
    pub(super) dependencies: BTreeSet<PackageName>,
    copy: PathBuf,
    statement: ReleaseStatement,
}

/// An archive that is ready to be logged.
pub(super) struct Candidate {
    pub(super) artifact: Artifact,
    pub(super) tree: TreeDigest,
    pub(super) index: Digest,
    pub(super) log: u64,
    pub(super) files: u64,
    pub(super) unpacked: u64,
    pub(super) facts: ArchiveFacts,
    /// What is logged; none in a dry run that would have had to sign.
    pub(super) envelope: Option<Envelope>,
    pub(super) signers: Vec<KeyId>,
    /// The finished archive, in the private folder.
    pub(super) path: PathBuf,
}

impl Candidate {
    /// Copies an archive into `folder`: what is checked there is what is published, whatever happens to the original.
    /// Without a folder it is only looked at.
    pub(super) fn read(given: &Path, folder: Option<&Path>, registry: &RegistryId) -> Result<Draft, Error> {
        let copy = match folder {
            Some(folder) => {
                fs::create_folder(folder)?;
                let copy = folder.join(given.file_name().unwrap_or("archive".as_ref()));
                std::fs::copy(given, &copy).doing(Doing::Read, given)?;
                // Whoever may read the author's file: a registry's is read by all and written by its owner.
                fs::set_mode(&copy, 0o644)?;
                copy
            }
            None => given.to_owned(),
        };
        let mut package = PackageFile::open(&copy)?;
        if package.head().codec() == Codec::Lz4 {
            return Err(Diagnostic::new(Code::NotSupported, text::lz4_not_published())
                .help(text::lz4_help())
                .into());
        }
        let statement = signing::statement(&mut package, registry.clone(), None)?;
        let manifest = package.manifest()?;
        let needed =
            manifest.dependencies().iter().filter(|dependency| dependency.kind() != DependencyKind::Dev);
        Ok(Draft {
            given: given.to_owned(),
            artifact: Artifact {
                package: statement.package.clone(),
                version: statement.version.clone(),
                kind: statement.kind,
                target: statement.target.clone(),
            },
            tree: statement.tree,
            dependencies: needed.map(|dependency| dependency.name().clone()).collect(),
            copy,
            statement,
        })
    }
}

impl Draft {
    /// Signs the copy for this registry unless that was done, and verifies it as a client will: under the keys of
    /// the namespace at the log index it is to get.
    pub(super) fn sign(
        self,
        chain: &NamespaceChain,
        log: u64,
        signer: &SecretKey,
        registry: &RegistryId,
        reporter: &dyn Reporter,
    ) -> Result<Candidate, Error> {
        let package = PackageFile::open(&self.copy)?;
        let mut signatures = package.signatures()?;
        let envelope = match self.sufficient(&signatures, chain, log) {
            Some(envelope) => envelope,
            None => {
                signing::add(&mut signatures, &self.statement, signer)?;
                signing::replace_signatures(&self.copy, package, &signatures)?;
                let payload = self.statement.to_payload()?;
                Envelope::sign(vitte_package_core::sign::dsse::RELEASE, &payload, &[signer])?
            }
        };
        let package = &self.artifact.package;
        let signers = chain.check_signed(Role::Release, package, log, &envelope).map_err(|error| {
            Error::from(error).help(text::owners_help(package.namespace_or_none().as_str()))
        })?;
        let authorised = chain.authorised(package, log)?;
        let trust = Trust::Signatures(TrustPolicy::new().authorise(authorised));
        let expectation = self.expectation(Some(registry));
        let signers = signers.into_iter().collect();
        self.examined(expectation, trust, log, Some(envelope), signers, reporter)
    }

    /// Makes the checks of [`Draft::sign`], and signs nothing: where no sufficient signature is there, `signer` must be
    /// one whose signature would be. A namespace that does not exist yet would be the signer's.
    pub(super) fn judge(
        self,
        chain: &NamespaceChain,
        is_new: bool,
        log: u64,
        signer: &PublicKey,
        registry: &RegistryId,
        reporter: &dyn Reporter,
    ) -> Result<Candidate, Error> {
        let signatures = PackageFile::open(&self.copy)?.signatures()?;
        let package = &self.artifact.package;
        let owners = |error: Error| error.help(text::owners_help(package.namespace_or_none().as_str()));
        if let Some(envelope) = self.sufficient(&signatures, chain, log) {
            let signers = chain.check_signed(Role::Release, package, log, &envelope)?.into_iter().collect();
            let authorised = chain.authorised(package, log)?;
            let trust = Trust::Signatures(TrustPolicy::new().authorise(authorised));
            let expectation = self.expectation(Some(registry));
            return self.examined(expectation, trust, log, Some(envelope), signers, reporter);
        }
        if !is_new {
            let judged = chain.check_signer(Role::Release, package, log, signer);
            judged.map_err(|error| owners(error.into()))?;
        }
        // Its content is checked by its identity: nobody has signed it for this registry yet.
        let (trust, expectation) = (Trust::Identity(self.tree), self.expectation(None));
        self.examined(expectation, trust, log, None, vec![signer.id()], reporter)
    }

    /// What the archive must turn out to be; for a registry, what was signed for it.
    fn expectation(&self, registry: Option<&RegistryId>) -> Expectation {
        Expectation {
            tree: Some(self.tree),
            registry: registry.cloned(),
            package: Some(self.artifact.package.clone()),
            version: Some(self.artifact.version.clone()),
            kind: Some(self.artifact.kind),
            target: registry.map(|_| self.artifact.target.clone()),
            index: registry.map(|_| self.statement.index),
            head: None,
        }
    }

    fn examined(
        self,
        expectation: Expectation,
        trust: Trust,
        log: u64,
        envelope: Option<Envelope>,
        signers: Vec<KeyId>,
        reporter: &dyn Reporter,
    ) -> Result<Candidate, Error> {
        let file = File::open(&self.copy).doing(Doing::Read, &self.copy)?;
        let examined = examine(file, expectation, trust, reporter)?;
        let package = &examined.package;
        let core = core_line(package.manifest(), package.tree(), self.artifact.kind, &self.artifact.target);
        Ok(Candidate {
            tree: self.tree,
            index: Digest::of(core.as_bytes()),
            log,
            files: package.tree().file_count() as u64,
            unpacked: package.tree().content_len(),
            facts: ArchiveFacts {
                core,
                head: package.head().head_digest(),
                file: examined.file,
                size: examined.size,
            },
            envelope,
            signers,
            path: self.copy,
            artifact: self.artifact,
        })
    }

    /// An envelope that is there already, says the same, and is signed by enough keys.
    fn sufficient(&self, signatures: &Signatures, chain: &NamespaceChain, log: u64) -> Option<Envelope> {
        let good = |envelope: &&Envelope| {
            chain.check_signed(Role::Release, &self.artifact.package, log, envelope).is_ok()
                && ReleaseStatement::unverified(envelope).is_ok_and(|signed| {
                    ReleaseStatement { build: self.statement.build.clone(), ..signed } == self.statement
                })
        };
        signatures.envelopes().iter().find(good).cloned()
    }
}
