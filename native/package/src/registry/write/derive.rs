//! Reading what core asks for when it decides what is written to a registry that is a folder.

use crate::error::Error;
use crate::registry::read::directory::Directory;
use crate::registry::read::examine::examine;
use crate::registry::read::source::RegistrySource;
use crate::report::{Reporter, Silent};
use std::task::Poll;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::message::registry as core_text;
use vitte_package_core::registry::{ArchiveFacts, Snapshot, WriteError, layout};
use vitte_package_core::verify::{Expectation, Trust};

/// Reads an archive of the registry whose identity the log gives, and what its index line must say.
///
/// # Errors
/// `not-found` when it is not there; what the verifier finds.
pub fn archive_facts(
    directory: &Directory,
    artifact: &Artifact,
    tree: TreeDigest,
    reporter: &dyn Reporter,
) -> Result<ArchiveFacts, Error> {
    let path = layout::archive(artifact);
    let missing = || {
        let message = core_text::registry_file_missing(&path);
        Error::from(Diagnostic::new(Code::NotFound, message))
    };
    let archive = directory.open(&path)?.ok_or_else(missing)?;
    let expectation = Expectation {
        tree: Some(tree),
        package: Some(artifact.package.clone()),
        version: Some(artifact.version.clone()),
        kind: Some(artifact.kind),
        ..Expectation::default()
    };
    let examined = examine(archive, expectation, Trust::Identity(tree), reporter)
        .map_err(|error| error.in_file(directory.file(&path)))?;
    let package = &examined.package;
    Ok(ArchiveFacts {
        core: core_line(package.manifest(), package.tree(), artifact.kind, &artifact.target),
        head: package.head().head_digest(),
        file: examined.file,
        size: examined.size,
    })
}

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

/// How many leaves the derived files have taken in; `None` when that is not known, as in a copy of a registry.
///
/// # Errors
/// `io`.
pub fn derived_size(source: &dyn RegistrySource) -> Result<Option<u64>, Error> {
    let mut snapshot = Snapshot::new();
    snapshot.supply(layout::DERIVED, source.read(layout::DERIVED, 64)?);
    match snapshot.derived_size() {
        Poll::Ready(size) => Ok(size),
        Poll::Pending => Ok(None),
    }
}
