//! What goes wrong: diagnostics, as everywhere, with what makes one of a system's error.

use crate::message as words;
use std::path::Path;
use vitte_package_core::api::batch::BatchError;
use vitte_package_core::api::token::TokenError;
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic};
use vitte_package_core::json::JsonError;
use vitte_package_core::log::checkpoint::CheckpointError;
use vitte_package_core::log::note::NoteError;
use vitte_package_core::log::proof::ProofError;
use vitte_package_core::message::server as text;
use vitte_package_core::name::NameError;
use vitte_package_core::registry::WriteError;
use vitte_package_core::registry::client::ReleaseProofError;
use vitte_package_core::registry::trust_root::TrustRootError;
use vitte_package_core::sign::SignError;
use vitte_package_core::sign::namespace::NamespaceError;

/// At least one fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error(pub(crate) Vec<Diagnostic>);

/// What can fail.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// One fault.
    pub(crate) fn new(code: Code, message: String) -> Self {
        Self(vec![Diagnostic::new(code, message)])
    }

    /// The same with a line more about each fault.
    pub(crate) fn note(self, note: &str) -> Self {
        Self(self.0.into_iter().map(|fault| fault.note(note.to_owned(), None)).collect())
    }

    /// The first fault.
    pub(crate) fn first(&self) -> Diagnostic {
        let none = || Diagnostic::new(Code::Io, String::new());
        self.0.first().cloned().unwrap_or_else(none)
    }

    /// A fault of the program, of which the log says where it is.
    pub(crate) fn fault() -> Self {
        Self::new(Code::Io, Code::Io.title().to_owned())
    }

    /// Names the file of the registry that it is about.
    pub(crate) fn in_file(mut self, path: &str) -> Self {
        self.0.iter_mut().for_each(|fault| fault.message = format!("{path}: {}", fault.message));
        self
    }

    /// Something that the registry is stored in does not do what it should. What it is called stays here: `what` goes
    /// to clients.
    pub(crate) fn storage(what: &str, reason: &dyn std::fmt::Display) -> Self {
        Self::new(Code::Unavailable, text::storage(what, &reason.to_string()))
    }

    /// What was asked for is a part of the program that was left out when it was built.
    #[allow(dead_code, reason = "nothing is left out when all features are on")]
    pub(crate) fn built_without(feature: &str) -> Self {
        let fault = Diagnostic::new(Code::NotSupported, words::built_without(feature));
        fault.help(words::built_without_help(feature)).into()
    }

    /// A file cannot be read or written.
    pub(crate) fn io(path: &Path, error: &std::io::Error) -> Self {
        let code = if error.kind() == std::io::ErrorKind::StorageFull { Code::NoSpace } else { Code::Io };
        Self::new(code, text::storage(&path.display().to_string(), &error.to_string()))
    }
}

/// Names the file that an error of the system is about.
pub(crate) trait At<T> {
    /// Turns the error into one that names its file.
    fn at(self, path: &Path) -> Result<T>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T> {
        self.map_err(|error| Error::io(path, &error))
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        Self(error.diagnostics())
    }
}

macro_rules! from_errors {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self(vec![error.diagnostic()])
            }
        }
    )+};
}
from_errors!(
    BatchError,
    CheckpointError,
    Diagnostic,
    JsonError,
    NameError,
    NamespaceError,
    NoteError,
    ProofError,
    ReleaseProofError,
    SignError,
    TokenError,
    TrustRootError,
);
