//! The batch API over a folder: core says which index files it needs, this reads them.

use super::open;
use std::io::Read;
use std::path::Path;
use vitte_package_core::api::PREFIX;
use vitte_package_core::api::batch::{BatchRequest, BatchResponse, PATH, StoredIndex};
use vitte_package_core::limits;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::layout;

/// Whether a request's target is the batch API.
pub fn is_batch_target(target: &str) -> bool {
    target.strip_prefix('/').and_then(|path| path.strip_prefix(PREFIX)) == Some(&format!("/{PATH}"))
}

/// Responds from the files below `root`.
///
/// # Errors
/// That of the system when an index file is there and cannot be read: what is left out of a response is absent.
pub fn respond(root: &Path, request: &BatchRequest) -> std::io::Result<Vec<u8>> {
    let mut response = BatchResponse::new(request);
    while let Some(name) = response.needs() {
        let stored = read(root, name)?;
        response.supply(stored);
    }
    Ok(response.finish())
}

fn read(root: &Path, name: &PackageName) -> std::io::Result<Option<StoredIndex>> {
    let Some((file, facts)) = open(root, &layout::index(name))? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(limits::INDEX_LEN as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(StoredIndex { bytes, etag: facts.tag() }))
}
