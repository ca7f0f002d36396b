//! What a verification gives: the list of files before the content was read, and the verified package at the end.

use crate::archive::{Head, Toc};
use crate::codec::Codec;
use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::sign::{KeyId, ReleaseStatement};
use crate::target::Kind;
use crate::tree::Tree;
use crate::verify::{Sections, Status, VerifyReport};
use std::sync::Arc;

/// What is known once the front of the archive was read.
#[derive(Clone, Debug)]
pub struct ArchivePrelude {
    pub(super) toc: Arc<Toc>,
    pub(super) codec: Codec,
    pub(super) status_if_intact: Status,
    pub(super) reason: Option<Diagnostic>,
}

impl ArchivePrelude {
    /// The list of files and the frames.
    pub fn toc(&self) -> &Arc<Toc> {
        &self.toc
    }

    /// How frames are compressed.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// What the verdict will be if all content turns out right: never [`Status::Tampered`].
    pub fn status_if_intact(&self) -> Status {
        self.status_if_intact
    }

    /// Why it will not be [`Status::Verified`]; none if it will.
    pub fn reason(&self) -> Option<&Diagnostic> {
        self.reason.as_ref()
    }
}

/// What came of a verification.
#[derive(Debug)]
pub struct VerifyOutcome {
    /// Every check, and the verdict.
    pub report: VerifyReport,
    /// The package, if and only if the verdict is [`Status::Verified`].
    pub package: Option<VerifiedPackage>,
}

/// A package all of whose checks passed. Can be had only from [`PackageVerifier::finish`](super::super::PackageVerifier::finish)
/// and [`FilesVerifier::finish`](super::super::FilesVerifier::finish).
#[derive(Debug)]
pub struct VerifiedPackage {
    pub(super) kind: Kind,
    pub(super) head: Option<Head>,
    pub(super) tree: Arc<Tree>,
    pub(super) statement: Option<ReleaseStatement>,
    pub(super) signers: Vec<KeyId>,
    pub(super) manifest: Manifest,
    pub(super) source: String,
    pub(super) sections: Sections,
}

impl VerifiedPackage {
    /// EMPTY and HEAD of the archive; none if the package did not come as one.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// The kind of the artifact: a delta is never verified by itself.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The list of files.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What was signed; none if the package is trusted for its identity.
    pub fn statement(&self) -> Option<&ReleaseStatement> {
        self.statement.as_ref()
    }

    /// The keys whose signatures counted, sorted.
    pub fn signers(&self) -> &[KeyId] {
        &self.signers
    }

    /// The packed manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The text of the packed manifest.
    pub fn manifest_text(&self) -> &str {
        &self.source
    }

    /// The sections that were read. Files of others are not known to be there.
    pub fn sections(&self) -> &Sections {
        &self.sections
    }
}
