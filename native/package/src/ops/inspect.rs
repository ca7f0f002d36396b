//! Looking into an archive without installing it: a Vitte package, or one another tool made.
//!
//! Nothing is verified here in the sense of who made it.

use crate::error::{Error, IoAction, IoContext};
pub use crate::package_file::{PackageFile, not_found};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use vitte_package_core::archive::foreign::{ForeignArchive, Format};
use vitte_package_core::archive::{Head, plan};
use vitte_package_core::diagnostic::{Code, Diagnose as _};
use vitte_package_core::limits;

/// What a file turned out to be.
#[derive(Debug)]
pub enum Inspected {
    /// A Vitte package.
    Package(Box<PackageFile>),
    /// An archive of another tool.
    Foreign(ForeignArchive),
}

/// Opens an archive and reads its list of files.
///
/// # Errors
/// `io`; `not-a-package` when it is nothing known; the errors of a damaged package, or those of
/// [`ForeignArchive::read`].
pub fn inspect(path: &Path) -> Result<Inspected, Error> {
    let mut file = File::open(path).on(IoAction::Read, path)?;
    let len = file.metadata().on(IoAction::Read, path)?.len();
    let mut front = vec![0; usize::try_from(len.min(plan::FRONT_LEN)).unwrap_or(usize::MAX)];
    file.read_exact(&mut front).on(IoAction::Read, path)?;
    match Head::parse(&front) {
        Err(error) if error.code() == Code::NotAPackage && Format::detect(&front).is_some() => {
            let bytes = crate::fs::read(path, limits::FOREIGN_INSPECT_LEN)?;
            let archive = ForeignArchive::read(&bytes, limits::FOREIGN_INSPECT_LEN);
            Ok(Inspected::Foreign(archive.map_err(|error| Error::from(error).in_file(path))?))
        }
        _ => PackageFile::read(path, file, len, &front).map(|package| Inspected::Package(Box::new(package))),
    }
}
