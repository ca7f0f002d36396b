//! What is judged before any content: which package it is, and who signed it. Keeps the record of all checks too, up to
//! the report.

use super::outcome::{VerifiedPackage, VerifyOutcome};
use crate::archive::Head;
use crate::diagnostic::{Diagnose as _, Diagnostic, Exit};
use crate::digest::{Digest, TreeDigest};
use crate::index::core_line;
use crate::manifest::Manifest;
use crate::message::verify as text;
use crate::sign::{Judgement, KeyId, ReleaseFacts, ReleaseStatement, SignError, Signatures, TrustPolicy};
use crate::target::Kind;
use crate::tree::Tree;
use crate::verify::report::Verdicts;
use crate::verify::{CheckId, Expectation, Release, Sections, Status, Trust, VerifyError, VerifyReport};
use std::sync::Arc;

/// The judgement of one package, while its checks are made.
#[derive(Debug)]
pub(super) struct Prelude {
    pub(super) expectation: Expectation,
    trust: Trust,
    pub(super) verdicts: Verdicts,
    signatures: SignatureVerdict,
    manifest: Option<(String, Manifest)>,
    failure: Option<Diagnostic>,
    pub(super) head_differs: bool,
}

/// What the signatures are worth.
#[derive(Debug)]
enum SignatureVerdict {
    Unknown,
    Trusted(Option<Box<ReleaseStatement>>, Vec<KeyId>),
    Unsigned,
    Untrusted(Option<Box<ReleaseStatement>>, Vec<KeyId>, Diagnostic),
}

impl SignatureVerdict {
    fn status(&self) -> Status {
        match self {
            Self::Trusted(..) => Status::Verified,
            Self::Unsigned | Self::Unknown => Status::Unsigned,
            Self::Untrusted(..) => Status::Untrusted,
        }
    }

    fn statement(&self) -> Option<&ReleaseStatement> {
        match self {
            Self::Trusted(statement, _) | Self::Untrusted(statement, ..) => statement.as_deref(),
            Self::Unknown | Self::Unsigned => None,
        }
    }
}

/// What was read of the package when its verification ends.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) kind: Option<Kind>,
    /// Of an archive.
    pub(super) head: Option<Head>,
    pub(super) digest: Option<TreeDigest>,
    pub(super) tree: Option<Arc<Tree>>,
    pub(super) sections: Sections,
}

impl Prelude {
    pub(super) fn new(expectation: Expectation, trust: Trust) -> Self {
        Self {
            expectation,
            trust,
            verdicts: Verdicts::default(),
            signatures: SignatureVerdict::Unknown,
            manifest: None,
            failure: None,
            head_differs: false,
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// What the verdict will be if all content turns out right.
    pub(super) fn status_if_intact(&self) -> Status {
        self.signatures.status()
    }

    /// Compares identity and kind with what was expected.
    pub(super) fn check_identity(&mut self, kind: Kind, tree: TreeDigest) -> Result<(), VerifyError> {
        let named = match self.trust {
            Trust::Identity(tree) => Some(tree),
            Trust::Signatures(_) | Trust::Unproven => None,
        };
        for expected in [self.expectation.tree, named].into_iter().flatten() {
            if expected != tree {
                return Err(VerifyError::UnexpectedTree { expected, got: tree });
            }
            self.verdicts.passed(CheckId::Identity, expected.to_string());
        }
        if self.expectation.tree.is_none() && named.is_none() {
            self.verdicts.not_asked(CheckId::Identity);
        }
        match self.expectation.kind {
            Some(expected) if expected != kind => Err(VerifyError::UnexpectedKind { expected, got: kind }),
            _ => Ok(()),
        }
    }

    /// Judges the SIGS payload.
    pub(super) fn check_signatures(
        &mut self,
        kind: Kind,
        tree: &Tree,
        payload: &[u8],
    ) -> Result<(), VerifyError> {
        let signatures = Signatures::parse(payload)?;
        let nobody = TrustPolicy::new();
        let policy = match &self.trust {
            Trust::Signatures(policy) => policy,
            Trust::Unproven => &nobody,
            Trust::Identity(_) => {
                for id in [CheckId::Signature, CheckId::Key, CheckId::Subject, CheckId::Registry] {
                    self.verdicts.not_asked(id);
                }
                self.signatures = SignatureVerdict::Trusted(None, Vec::new());
                return Ok(());
            }
        };
        let facts = ReleaseFacts {
            kind: Some(kind),
            tree: Some(tree.digest()),
            files: Some(tree.file_count() as u64),
            unpacked: Some(tree.content_len()),
            tree_len: Some(tree.text().len() as u64),
            manifest: Some(*tree.manifest().digest()),
            ..self.expectation.facts()
        };
        let judgement = policy.judge(&signatures, &facts)?;
        self.signatures = self.record_judgement(judgement);
        Ok(())
    }

    fn record_judgement(&mut self, judgement: Judgement) -> SignatureVerdict {
        match judgement {
            Judgement::Trusted { statement, signers } => {
                let names = signers.iter().map(KeyId::short).collect::<Vec<_>>().join(", ");
                self.verdicts.passed(CheckId::Signature, text::found_signers(&names));
                self.verdicts.passed(CheckId::Key, None);
                self.verdicts.passed(CheckId::Subject, release_words(&statement));
                match self.expectation.registry {
                    Some(_) => self.verdicts.passed(CheckId::Registry, statement.registry.to_string()),
                    None => self.verdicts.not_asked(CheckId::Registry),
                }
                SignatureVerdict::Trusted(Some(Box::new(statement)), signers)
            }
            Judgement::Unsigned => {
                let reason = SignError::Unsigned.diagnostic();
                self.verdicts.failed(CheckId::Signature, reason);
                for id in [CheckId::Key, CheckId::Subject, CheckId::Registry] {
                    self.verdicts.not_asked(id);
                }
                SignatureVerdict::Unsigned
            }
            Judgement::Untrusted { statement, claimed, reason } => {
                let error = match self.trust {
                    Trust::Unproven => VerifyError::Unproven,
                    _ => VerifyError::Sign(reason),
                };
                let check = error.check();
                for id in [CheckId::Signature, CheckId::Key, CheckId::Subject, CheckId::Registry] {
                    if id != check {
                        self.verdicts.not_asked(id);
                    }
                }
                let reason = error.diagnostic();
                self.verdicts.failed(check, reason.clone());
                SignatureVerdict::Untrusted(statement.map(Box::new), claimed, reason)
            }
        }
    }

    /// Compares the packed manifest with what was signed and expected.
    pub(super) fn check_manifest(&mut self, bytes: &[u8], tree: &Tree) -> Result<(), VerifyError> {
        let manifest = Manifest::from_bytes(bytes)
            .map_err(|errors| VerifyError::ManifestUnreadable(errors.diagnostics()))?;
        let got = format!("{} {}", manifest.name(), manifest.version());
        let signed = self.signatures.statement().map(|statement| (&statement.package, &statement.version));
        let asked = self.expectation.package.as_ref().unwrap_or(manifest.name());
        let asked = (asked, self.expectation.version.as_ref().unwrap_or(manifest.version()));
        for (package, version) in [Some(asked), signed].into_iter().flatten() {
            if package != manifest.name() || version != manifest.version() {
                return Err(VerifyError::ManifestName { expected: format!("{package} {version}"), got });
            }
        }
        if let Some(statement) = self.signatures.statement() {
            // What a resolver will see must follow from what is in the package.
            let core = core_line(&manifest, tree, statement.kind, &statement.target);
            let index = Some(Digest::of(core.as_bytes()));
            statement.check(&ReleaseFacts { index, ..ReleaseFacts::default() })?;
        }
        self.verdicts.passed(CheckId::Manifest, got);
        self.manifest = Some((String::from_utf8_lossy(bytes).into_owned(), manifest));
        Ok(())
    }

    /// Why the verification has failed.
    pub(super) fn failure(&self) -> Option<Diagnostic> {
        self.failure.clone()
    }

    /// Records the first fault.
    pub(super) fn fail(&mut self, error: VerifyError) -> VerifyError {
        if self.has_failed() {
            return error;
        }
        let mut diagnostic = error.diagnostic();
        let content = matches!(error.check(), CheckId::Frames | CheckId::Headers | CheckId::Files);
        if let (SignatureVerdict::Trusted(Some(statement), _), true, Exit::Verification) =
            (&self.signatures, content, diagnostic.code.exit())
        {
            let release = format!("{} {}", statement.package, statement.version);
            diagnostic.message = text::release_altered(&release, &diagnostic.message);
        }
        self.verdicts.failed(error.check(), diagnostic.clone());
        self.failure = Some(diagnostic);
        error
    }

    /// Makes the report, and the package if it is verified.
    pub(super) fn finish(mut self, subject: Subject) -> VerifyOutcome {
        let status = match &self.failure {
            Some(diagnostic) if diagnostic.code.exit() == Exit::Verification => Some(Status::Tampered),
            Some(_) => None,
            None => Some(self.signatures.status()),
        };
        let failure = match self.failure.take() {
            Some(diagnostic) => Some(diagnostic),
            None => self.reason(),
        };
        let (statement, signers) = match self.signatures {
            SignatureVerdict::Trusted(statement, signers)
            | SignatureVerdict::Untrusted(statement, signers, _) => {
                (statement.map(|statement| *statement), signers)
            }
            SignatureVerdict::Unknown | SignatureVerdict::Unsigned => (None, Vec::new()),
        };
        let report = VerifyReport {
            status,
            checks: self.verdicts.into_checks(),
            tree: subject.digest,
            head: subject.head.as_ref().map(Head::head_digest),
            head_differs: self.head_differs,
            release: statement.as_ref().map(Release::from),
            signers: signers.clone(),
            failure,
        };
        let package = match (status, subject.kind, subject.tree, self.manifest) {
            (Some(Status::Verified), Some(kind), Some(tree), Some((source, manifest))) => {
                let (head, sections) = (subject.head, subject.sections);
                Some(VerifiedPackage { kind, head, tree, statement, signers, manifest, source, sections })
            }
            _ => None,
        };
        VerifyOutcome { report, package }
    }

    /// Why a sound archive is not verified: the signatures are missing or do not count.
    pub(super) fn reason(&self) -> Option<Diagnostic> {
        match &self.signatures {
            SignatureVerdict::Unsigned => Some(SignError::Unsigned.diagnostic()),
            SignatureVerdict::Untrusted(.., reason) => Some(reason.clone()),
            SignatureVerdict::Unknown | SignatureVerdict::Trusted(..) => None,
        }
    }
}

fn release_words(statement: &ReleaseStatement) -> String {
    let (package, version) = (statement.package.to_string(), statement.version.to_string());
    text::found_release(&package, &version, statement.kind.as_str(), statement.target.as_str())
}
