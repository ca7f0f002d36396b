//! Why something is not proved.

use crate::diagnostic::{Code, Diagnose, Diagnostic, Exit, display_as_message};
use crate::digest::Digest;
use crate::index::IndexError;
use crate::json::JsonError;
use crate::log::checkpoint::CheckpointError;
use crate::log::leaf::LeafError;
use crate::log::proof::ProofError;
use crate::log::tile::TileError;
use crate::message::registry as text;
use crate::registry::BundleError;
use crate::registry::trust_root::TrustRootError;
use crate::sign::SignError;
use crate::sign::namespace::NamespaceError;
use crate::verify::{ReleaseCheckId, Status};

/// Why a release is not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReleaseProofError {
    /// `config.json` is malformed.
    Config(JsonError),
    /// A file that every registry has is not there.
    Absent {
        /// Its path.
        path: String,
    },
    /// A file cannot be read now; the caller that tried to fetch it knows why.
    Unreadable {
        /// Its path.
        path: String,
    },
    /// What is remembered of the log is damaged.
    Remembered(CheckpointError),
    /// A file is longer than any of its kind may be.
    TooLong {
        /// Its path.
        path: String,
        /// Bytes it has.
        len: u64,
        /// Bytes it may have.
        limit: u64,
    },
    /// The registry says it is another one than its trust root.
    Registry {
        /// Id in the trust root.
        expected: String,
        /// Id in `config.json`.
        got: String,
    },
    /// No trust root of this registry is trusted yet.
    Untrusted {
        /// The registry, as it calls itself.
        registry: String,
        /// Digest of the trust root it offers.
        offered: Option<Digest>,
    },
    /// A trust root is refused.
    TrustRoot(TrustRootError),
    /// There are more trust roots after the one that is trusted than are followed in one go.
    TrustRoots {
        /// So many are.
        limit: u64,
    },
    /// The checkpoint is refused.
    Checkpoint(CheckpointError),
    /// The log is not a continuation of the one seen before.
    SplitView {
        /// Leaves of the one seen before.
        before: u64,
        /// Leaves of the one shown now.
        now: u64,
        /// What does not agree.
        reason: String,
        /// The two checkpoints, which the log has signed: the evidence.
        notes: Box<[Vec<u8>; 2]>,
    },
    /// This copy of the registry is older than what was seen, or is not complete: that proves nothing against anybody,
    /// and nothing can be proved with it.
    Outdated {
        /// In what, in words.
        reason: String,
    },
    /// The index file is refused.
    Index(IndexError),
    /// The index file is older than one seen before.
    IndexRollback {
        /// The package.
        package: String,
        /// Its `rev`; 0 when there is none.
        got: u64,
        /// The one seen before.
        seen: u64,
    },
    /// The index or the namespace is newer than the newest checkpoint: the copy is being written, or lags in part.
    Ahead {
        /// The package.
        package: String,
        /// Leaves they speak of.
        size: u64,
        /// Leaves of the checkpoint.
        checkpoint: u64,
    },
    /// The registry has no such release.
    NotFound {
        /// What was asked for.
        release: String,
        /// The registry.
        registry: String,
    },
    /// The records of a namespace do not contain one that was seen before.
    Forgotten {
        /// The namespace.
        namespace: String,
        /// Number of the record.
        seq: u64,
    },
    /// A namespace's chain is broken, or does not entitle the signer.
    Namespace(NamespaceError),
    /// An entry of the log is malformed or says something else than the index.
    Leaf(LeafError),
    /// The line of the index is not the one that was logged.
    IndexLine {
        /// The artifact.
        artifact: String,
    },
    /// A proof does not check.
    Proof(ProofError),
    /// A tile or bundle is malformed.
    Tile(TileError),
    /// An envelope or statement is refused.
    Sign(SignError),
    /// The proofs inside the package are malformed.
    Bundle(BundleError),
}

macro_rules! from {
    ($($error:ident => $variant:ident),*) => {
        $(impl From<$error> for ReleaseProofError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })*
    };
}
from! {
    TrustRootError => TrustRoot, CheckpointError => Checkpoint, IndexError => Index, NamespaceError => Namespace,
    LeafError => Leaf, ProofError => Proof, TileError => Tile, SignError => Sign
}

impl From<BundleError> for ReleaseProofError {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Proof(error) => error.into(),
            BundleError::TrustRoot(error) => error.into(),
            BundleError::Namespace(error) => error.into(),
            BundleError::Leaf(error) => error.into(),
            BundleError::Sign(error) => error.into(),
            error @ BundleError::Syntax { .. } => Self::Bundle(error),
        }
    }
}

impl ReleaseProofError {
    /// The verdict about the package that this amounts to: `untrusted` when the signer is not entitled, `tampered`
    /// when something that was signed does not check. `None` when there can be no verdict: the registry cannot be
    /// read, has no such release, or is not trusted.
    pub fn status(&self) -> Option<Status> {
        let code = self.diagnostic().code;
        match code {
            Code::UntrustedRegistry => None,
            Code::Unsigned => Some(Status::Unsigned),
            Code::KeyNotAuthorised | Code::KeyRevoked | Code::Threshold | Code::Policy | Code::NoProof => {
                Some(Status::Untrusted)
            }
            _ if code.exit() == Exit::Verification => Some(Status::Tampered),
            _ => None,
        }
    }
}

impl Diagnose for ReleaseProofError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Config(error) => error.diagnostic(),
            Self::Absent { path } => Diagnostic::new(Code::RegistryLayout, text::registry_file_missing(path)),
            Self::Unreadable { path } => Diagnostic::new(Code::Unavailable, text::copy_lacks(path)),
            Self::Remembered(error) => error.diagnostic(),
            Self::TooLong { path, len, limit } => {
                Diagnostic::new(Code::Limit, text::registry_file_long(path, *len, *limit))
            }
            Self::Registry { expected, got } => {
                Diagnostic::new(Code::RegistryMismatch, text::registry_other_id(got, expected))
                    .with("expected", expected.as_str())
                    .with("got", got.as_str())
            }
            Self::Untrusted { registry, offered } => {
                let diagnostic = Diagnostic::new(Code::UntrustedRegistry, text::registry_untrusted(registry));
                match offered {
                    Some(digest) => diagnostic.with("offered", digest.to_string()),
                    None => diagnostic,
                }
            }
            Self::TrustRoot(error) => error.diagnostic(),
            Self::TrustRoots { limit } => Diagnostic::new(Code::Limit, text::trust_root_walk(*limit)),
            Self::Checkpoint(error) => error.diagnostic(),
            Self::SplitView { before, now, reason, notes } => {
                let [first, second] = notes.as_ref();
                Diagnostic::new(Code::SplitView, text::split_view(*before, *now, reason))
                    .with("before", String::from_utf8_lossy(first).into_owned())
                    .with("now", String::from_utf8_lossy(second).into_owned())
            }
            Self::Outdated { reason } => {
                Diagnostic::new(Code::Unavailable, reason.clone()).help(text::older_help())
            }
            Self::Index(error) => error.diagnostic(),
            Self::IndexRollback { package, got, seen } => {
                Diagnostic::new(Code::IndexRollback, text::index_rollback(package, *got, *seen))
                    .with("got", *got)
                    .with("expected", *seen)
            }
            Self::Ahead { package, size, checkpoint } => {
                Diagnostic::new(Code::Unavailable, text::copy_index_ahead(package, *size, *checkpoint))
                    .help(text::older_help())
            }
            Self::NotFound { release, registry } => {
                Diagnostic::new(Code::NotFound, text::release_missing(release, registry))
            }
            Self::Forgotten { namespace, seq } => {
                Diagnostic::new(Code::NsChain, text::namespace_forgotten(namespace, *seq))
            }
            Self::Namespace(error) => error.diagnostic(),
            Self::Leaf(error) => error.diagnostic(),
            Self::IndexLine { artifact } => {
                Diagnostic::new(Code::IndexLineDigest, text::index_line_altered(artifact))
            }
            Self::Proof(error) => error.diagnostic(),
            Self::Tile(error) => error.diagnostic(),
            Self::Sign(error) => error.diagnostic(),
            Self::Bundle(error) => error.diagnostic(),
        }
    }
}
display_as_message!(ReleaseProofError);

/// What a session refuses, where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The check that failed.
    pub check: ReleaseCheckId,
    /// The file concerned, where it is one.
    pub path: Option<String>,
    /// Why.
    pub error: Box<ReleaseProofError>,
}

impl Refusal {
    /// Names the check, unless the error is of one of its own.
    pub(super) fn of(self, check: ReleaseCheckId) -> Self {
        let check = match &*self.error {
            ReleaseProofError::SplitView { .. } => ReleaseCheckId::Continuity,
            ReleaseProofError::Namespace(_) | ReleaseProofError::Sign(_) => ReleaseCheckId::Authority,
            _ => check,
        };
        Self { check, ..self }
    }

    /// Names the file concerned.
    pub(super) fn in_file(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }
}

impl<E: Into<ReleaseProofError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let refusal = Self { check: ReleaseCheckId::Entry, path: None, error: Box::new(error.into()) };
        refusal.of(ReleaseCheckId::Entry)
    }
}
