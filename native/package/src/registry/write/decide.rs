//! Reading what core asks for when it decides what is written to a registry that is a folder.

use crate::error::Error;
use crate::registry::read::directory::Directory;
use crate::registry::read::examine::archive_facts;
use crate::registry::read::source::RegistrySource;
use crate::report::Silent;
use std::task::Poll;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::registry::{Snapshot, WriteError, layout};

/// Asks `decide` again and again, and reads the files that it needs in between.
///
/// # Errors
/// Those of `decide`, and of reading.
pub fn decide<T>(
    directory: &Directory,
    snapshot: &mut Snapshot,
    mut decide: impl FnMut(&mut Snapshot) -> Poll<Result<T, WriteError>>,
) -> Result<T, DecideError> {
    loop {
        if let Poll::Ready(decided) = decide(snapshot) {
            return decided.map_err(DecideError::Core);
        }
        for need in snapshot.needs() {
            snapshot.supply(&need.path, directory.read(&need.path, need.limit)?);
        }
        let archives: Vec<_> =
            snapshot.archive_needs().map(|(artifact, tree)| (artifact.clone(), *tree)).collect();
        for (artifact, tree) in archives {
            let facts = archive_facts(directory, &artifact, tree, &Silent)?;
            snapshot.supply_archive(artifact, facts);
        }
    }
}

/// Why nothing was decided.
#[derive(Debug)]
pub enum DecideError {
    /// Core's reason.
    Core(WriteError),
    /// A file could not be read.
    Read(Error),
}

impl From<Error> for DecideError {
    fn from(error: Error) -> Self {
        Self::Read(error)
    }
}

impl DecideError {
    /// The error, with the file of the registry's folder that is concerned.
    pub fn in_folder(self, directory: &Directory) -> Error {
        match self {
            Self::Read(error) => error,
            Self::Core(error) => in_folder(directory, &error),
        }
    }
}

/// Core's error, with the file of the registry's folder that is concerned.
pub fn in_folder(directory: &Directory, error: &WriteError) -> Error {
    let path = match error {
        WriteError::File { path, .. } | WriteError::Missing { path } => Some(path.as_str()),
        _ => None,
    };
    if let WriteError::NoLog = error {
        let message = crate::message::registry::registry_layout(&directory.name(), layout::CHECKPOINT);
        return Diagnostic::new(Code::RegistryLayout, message).into();
    }
    let faults = Error::several(error.diagnostics());
    let faults = faults.unwrap_or_else(|| Diagnostic::new(Code::RegistryLayout, error.to_string()).into());
    match path {
        Some(path) => directory.at(faults, path),
        None => faults,
    }
}
