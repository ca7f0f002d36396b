//! Why a registry cannot be written.

use crate::diagnostic::{Code, Diagnose, Diagnostic};
use crate::index::IndexError;
use crate::json::JsonError;
use crate::log::append::AppendError;
use crate::log::checkpoint::CheckpointError;
use crate::log::leaf::{Artifact, LeafError};
use crate::log::note::NoteError;
use crate::log::proof::ProofError;
use crate::log::tile::TileError;
use crate::message::registry as text;
use crate::name::NameError;
use crate::registry::trust_root::TrustRootError;
use crate::sign::SignError;
use crate::sign::namespace::NamespaceError;

/// Why nothing was decided, and so nothing is to be written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WriteError {
    /// What is asked for cannot be done, or was refused: one fault or several independent ones.
    Refused(Vec<Diagnostic>),
    /// A file of the registry is damaged, or is not what this writer's predecessor wrote.
    File {
        /// Its path in the layout.
        path: String,
        /// What is wrong with it.
        fault: Box<Diagnostic>,
    },
    /// A release of the submission is refused.
    Release {
        /// Which.
        artifact: Box<Artifact>,
        /// Why.
        fault: Box<Diagnostic>,
    },
    /// A file that the log calls for is not there.
    Missing {
        /// Its path in the layout.
        path: String,
    },
    /// The log that is there is not the one that was signed last: an older copy, or another one.
    NotTheSignedLog(Box<Diagnostic>),
    /// There is no checkpoint, and none was ever signed.
    NoLog,
}

impl WriteError {
    /// Says which file a fault is in, where that is not known yet.
    #[must_use]
    pub fn in_file(self, path: &str) -> Self {
        match self {
            Self::Refused(mut faults) if faults.len() == 1 => match faults.pop() {
                Some(fault) => Self::File { path: path.to_owned(), fault: Box::new(fault) },
                None => Self::Refused(faults),
            },
            other => other,
        }
    }

    /// Says which release of a submission a fault is about, where that is not known yet.
    #[must_use]
    pub fn in_release(self, artifact: &Artifact) -> Self {
        match self {
            Self::Refused(mut faults) if faults.len() == 1 => match faults.pop() {
                Some(fault) => Self::Release { artifact: Box::new(artifact.clone()), fault: Box::new(fault) },
                None => Self::Refused(faults),
            },
            other => other,
        }
    }

    /// Adds a hint to the first fault.
    #[must_use]
    pub fn help(mut self, help: String) -> Self {
        match &mut self {
            Self::Refused(faults) => {
                faults.iter_mut().take(1).for_each(|fault| fault.help.push(help.clone()))
            }
            Self::File { fault, .. } | Self::Release { fault, .. } | Self::NotTheSignedLog(fault) => {
                fault.help.push(help)
            }
            Self::Missing { .. } | Self::NoLog => {}
        }
        self
    }

    /// The faults, at least one.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Refused(faults) => faults.clone(),
            Self::File { fault, .. } | Self::Release { fault, .. } | Self::NotTheSignedLog(fault) => {
                vec![(**fault).clone()]
            }
            Self::Missing { path } => {
                vec![Diagnostic::new(Code::Unavailable, text::copy_lacks(path)).help(text::older_help())]
            }
            Self::NoLog => vec![Diagnostic::new(
                Code::RegistryLayout,
                text::registry_file_missing(super::layout::CHECKPOINT),
            )],
        }
    }
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let messages: Vec<_> = self.diagnostics().into_iter().map(|fault| fault.message).collect();
        f.write_str(&messages.join("; "))
    }
}

impl std::error::Error for WriteError {}

impl From<Diagnostic> for WriteError {
    fn from(fault: Diagnostic) -> Self {
        Self::Refused(vec![fault])
    }
}

macro_rules! from_errors {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for WriteError {
            fn from(error: $error) -> Self {
                Self::Refused(vec![error.diagnostic()])
            }
        }
    )+};
}
from_errors!(
    AppendError,
    CheckpointError,
    IndexError,
    JsonError,
    LeafError,
    NameError,
    NamespaceError,
    NoteError,
    ProofError,
    SignError,
    TileError,
    TrustRootError,
);
