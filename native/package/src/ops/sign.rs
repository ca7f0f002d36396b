//! Signing an archive: an envelope is added to its SIGS frame, everything else stays as it is.

use crate::env::Env;
use crate::error::Error;
use crate::keys::Signer;
use crate::package_file::PackageFile;
use crate::signing::{add, replace_signatures, statement};
use std::path::Path;
use vitte_package_core::sign::{Added, RegistryId, ReleaseStatement};
use vitte_package_core::target::Target;

/// What was signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The statement.
    pub statement: ReleaseStatement,
    /// Whether the archive changed: the same statement by the same key is there once only.
    pub added: Added,
    /// How many envelopes the archive holds now.
    pub envelopes: usize,
}

/// Adds an envelope to an archive, for one registry, and puts the new file in the place of the old one.
///
/// Identity and head digest stay the same. The list of files and `vitte.toml` are checked against their
/// digests before anything is signed; the rest of the content is `verify`'s business.
///
/// # Errors
/// The errors of [`PackageFile::open`] and [`PackageFile::manifest`]; `target` when the target is not given and
/// cannot be derived from the file's name; `limit` and `envelope` when there are too many signatures; `io`.
pub fn sign(
    env: &Env,
    file: &Path,
    signer: &Signer,
    registry: RegistryId,
    target: Option<Target>,
) -> Result<Signed, Error> {
    let path = env.resolve(file);
    let mut package = PackageFile::open(&path)?;
    let statement = statement(&mut package, registry, target)?;
    let mut signatures = package.signatures()?;
    let added = add(&mut signatures, &statement, &signer.secret).map_err(|error| error.in_file(file))?;
    if added == Added::New {
        replace_signatures(&path, package, &signatures)?;
    }
    Ok(Signed { statement, added, envelopes: signatures.envelopes().len() })
}
