//! The error of every operation: one or more faults of core, each with the file or address concerned.

use crate::message::store;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic, Exit};

/// What a fault is about, in the user's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A file or folder, or a name such as `VITTE_REGISTRY` that stands for one.
    File(PathBuf),
    /// An address.
    Url(String),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// One fault with its subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    diagnostic: Box<Diagnostic>,
    subject: Option<Subject>,
    source: Option<Arc<str>>,
}

impl Fault {
    /// What is wrong.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }

    /// The file or address concerned, where there is one.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// The text the diagnostic's span points into, where there is one.
    pub fn source_text(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

/// Why an operation failed: at least one fault; independent faults are reported together.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    first: Fault,
    others: Vec<Fault>,
}

impl Error {
    /// Several independent faults; nothing when there are none.
    pub fn several(faults: impl IntoIterator<Item = Diagnostic>) -> Option<Self> {
        let mut faults = faults.into_iter();
        let mut error = Self::from(faults.next()?);
        error.others.extend(faults.map(Fault::from));
        Some(error)
    }

    /// A fault of the operating system, about a path.
    pub fn io(action: IoAction, path: &Path, error: &std::io::Error) -> Self {
        let name = path.display().to_string();
        let diagnostic = if is_full(error) {
            Diagnostic::new(Code::NoSpace, store::no_space(&name))
        } else {
            let code = match (action, error.kind()) {
                (IoAction::Read, std::io::ErrorKind::NotFound) => Code::NoFile,
                _ => Code::Io,
            };
            // Some systems say of a folder only that its bytes cannot be read.
            let reason = match action == IoAction::Read && path.is_dir() {
                true => store::reason_is_folder(),
                false => reason(error),
            };
            Diagnostic::new(code, action.message(&name, &reason))
        };
        Self::from(diagnostic.with("path", name))
    }

    /// Names the file concerned, where a fault has no subject yet.
    #[must_use]
    pub fn in_file(self, path: impl Into<PathBuf>) -> Self {
        self.with_subject(&Subject::File(path.into()), None)
    }

    /// Names the file concerned and keeps its text, so that excerpts can be shown.
    #[must_use]
    pub fn in_text(self, path: impl Into<PathBuf>, text: &str) -> Self {
        self.with_subject(&Subject::File(path.into()), Some(&Arc::from(text)))
    }

    /// Names the address concerned, where a fault has no subject yet.
    #[must_use]
    pub fn at_url(self, url: impl Into<String>) -> Self {
        self.with_subject(&Subject::Url(url.into()), None)
    }

    fn with_subject(mut self, subject: &Subject, text: Option<&Arc<str>>) -> Self {
        for fault in std::iter::once(&mut self.first).chain(&mut self.others) {
            if fault.subject.is_none() {
                fault.subject = Some(subject.clone());
                fault.source = text.cloned();
            }
        }
        self
    }

    /// Adds the faults of another error.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.others.push(other.first);
        self.others.extend(other.others);
        self
    }

    /// Adds a hint to the first fault.
    #[must_use]
    pub fn help(mut self, help: String) -> Self {
        self.first.diagnostic.help.push(help);
        self
    }

    /// The hints of the first fault.
    pub fn first_help(&self) -> &[String] {
        &self.first.diagnostic.help
    }

    /// The faults, at least one.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The code of the fault that decides how the command ends: a failed verification outweighs all else.
    pub fn code(&self) -> Code {
        let mut codes = self.faults().map(|fault| fault.diagnostic.code);
        codes.find(|code| code.exit() == Exit::Verification).unwrap_or(self.first.diagnostic.code)
    }

    /// How a command that fails with this error ends.
    pub fn exit(&self) -> Exit {
        self.code().exit()
    }
}

impl From<Diagnostic> for Fault {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostic: Box::new(diagnostic), subject: None, source: None }
    }
}

impl<E: Diagnose> From<E> for Error {
    fn from(error: E) -> Self {
        Self { first: error.diagnostic().into(), others: Vec::new() }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, fault) in self.faults().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            if let Some(subject) = &fault.subject {
                write!(f, "{subject}: ")?;
            }
            write!(f, "{}", fault.diagnostic.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// What was being done to a file or folder when the operating system refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoAction {
    /// Reading a file.
    Read,
    /// Writing a file.
    Write,
    /// Making a folder.
    Create,
    /// Putting a file or folder in its final place.
    Rename,
    /// Removing.
    Remove,
    /// Listing a folder.
    List,
    /// Taking a lock.
    Lock,
    /// Starting a program.
    Run,
}

impl IoAction {
    fn message(self, path: &str, reason: &str) -> String {
        let message = match self {
            Self::Read => store::read,
            Self::Write => store::write,
            Self::Create => store::create,
            Self::Rename => store::rename,
            Self::Remove => store::remove,
            Self::List => store::list,
            Self::Lock => store::lock,
            Self::Run => store::run,
        };
        message(path, reason)
    }
}

/// Adds the path concerned to an error of the operating system.
pub trait IoContext<T> {
    /// Turns the error into ours.
    ///
    /// # Errors
    /// `no-space` when the disk is full, else `io`.
    fn on(self, action: IoAction, path: &Path) -> Result<T, Error>;
}

impl<T> IoContext<T> for std::io::Result<T> {
    fn on(self, action: IoAction, path: &Path) -> Result<T, Error> {
        self.map_err(|error| Error::io(action, path, &error))
    }
}

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// The system's reason in our words, or in its own without the number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => store::reason_not_found(),
        ErrorKind::PermissionDenied => store::reason_permission(),
        ErrorKind::ReadOnlyFilesystem => store::reason_read_only(),
        ErrorKind::AlreadyExists => store::reason_exists(),
        ErrorKind::IsADirectory => store::reason_is_folder(),
        ErrorKind::NotADirectory => store::reason_not_folder(),
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or(&text);
            let mut chars = text.chars();
            chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_verification_decides_the_exit() {
        let io = Error::io(IoAction::Read, Path::new("x"), &std::io::ErrorKind::PermissionDenied.into());
        assert_eq!(io.exit(), Exit::Failed);
        let both = io.and(Diagnostic::new(Code::FrameDigest, "altered".into()).into());
        assert_eq!((both.exit(), both.faults().count()), (Exit::Verification, 2));
    }

    #[test]
    fn a_file_that_is_not_there_is_not_found() {
        let gone = std::io::ErrorKind::NotFound.into();
        assert_eq!(Error::io(IoAction::Read, Path::new("x"), &gone).exit(), Exit::NotFound);
        assert_eq!(Error::io(IoAction::Create, Path::new("x"), &gone).exit(), Exit::Failed);
    }

    #[test]
    fn the_first_subject_named_stays() {
        let error = Error::from(Diagnostic::new(Code::Json, "bad".into())).in_file("a").in_file("b");
        assert_eq!(error.to_string(), "a: bad");
    }

    #[test]
    fn a_full_disk_has_its_own_code() {
        let error = Error::io(IoAction::Write, Path::new("x"), &std::io::ErrorKind::StorageFull.into());
        assert_eq!(error.code(), Code::NoSpace);
    }
}
