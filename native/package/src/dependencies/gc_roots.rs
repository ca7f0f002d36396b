//! Which packages of the store a project uses: what stays when the rest is removed.

use super::paths;
use crate::error::Error;
use crate::fs;
use std::collections::BTreeSet;
use std::path::Path;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::limits;
use vitte_package_core::lockfile::Lockfile;

/// What a project uses: its lockfile, or, while that is being mended by hand, what can be read of it and what
/// the compiler was given last.
///
/// # Errors
/// `io`; `limit` for a lockfile that is too large.
pub fn used_by(lockfile: &Path) -> Result<BTreeSet<TreeDigest>, Error> {
    let text = fs::read_text(lockfile, limits::LOCKFILE_LEN)?;
    Ok(match Lockfile::parse(&text) {
        Ok(lockfile) => {
            let artifacts = lockfile.packages().iter().filter_map(|package| package.artifact.as_ref());
            artifacts.map(|artifact| artifact.tree).collect()
        }
        Err(errors) => {
            let readable = errors.readable().iter().filter_map(|package| package.artifact.as_ref());
            let mut trees: BTreeSet<_> = readable.map(|artifact| artifact.tree).collect();
            trees.extend(paths::trees(lockfile.parent().unwrap_or(Path::new("")))?);
            trees
        }
    })
}
