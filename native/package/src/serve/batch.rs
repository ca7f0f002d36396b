//! The batch API: the index files that a request names and, if it asks for them, those that their newest versions
//! need. Unchecked, as every file that is served.

use super::open;
use std::collections::{BTreeSet, VecDeque};
use std::io::Read;
use std::path::Path;
use vitte_package_core::index::batch::{
    BatchFile, BatchRequest, BatchWriter, FileStatus, Follow, IndexQuery, PATH,
};
use vitte_package_core::index::{IndexFile, Rule, batch, newest};
use vitte_package_core::limits;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{RegistryConfig, layout};

/// Where the API is, below the address of the registry.
const API: &str = "api/v1";
/// Bytes of a request at most: 1,000 names with their tags.
pub const REQUEST_LEN: u64 = 512 * 1024;

/// Whether a request's target is the batch API.
pub fn is_batch_target(target: &str) -> bool {
    target.strip_prefix('/').and_then(|path| path.strip_prefix(API)) == Some(&format!("/{PATH}"))
}

/// `config.json` with the hint that the batch API is there; none when the file is no configuration.
pub fn config(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut config = RegistryConfig::parse(bytes).ok()?;
    config.api = Some(API.to_owned());
    if !config.features.iter().any(|feature| feature == batch::FEATURE) {
        config.features.push(batch::FEATURE.to_owned());
    }
    Some(config.to_bytes())
}

/// Responds from the files below `root`.
pub fn respond(root: &Path, request: &BatchRequest) -> Vec<u8> {
    let mut writer = BatchWriter::new();
    let mut seen: BTreeSet<PackageName> = BTreeSet::new();
    let mut needed = VecDeque::new();
    for query in request.packages() {
        if seen.insert(query.name.clone()) {
            let (file, body) = look(root, query);
            writer.add(&file);
            needed.extend(needs(&query.name, &body));
        }
    }
    while request.follow() == Follow::Dependencies
        && let Some(name) = needed.pop_front()
    {
        if !seen.insert(name.clone()) {
            continue;
        }
        let (file, body) = look(root, &IndexQuery { name: name.clone(), etag: None });
        if file.status != FileStatus::Found {
            continue;
        }
        if !writer.add(&file) {
            break;
        }
        needed.extend(needs(&name, &body));
    }
    writer.finish()
}

/// What there is of a package, and its index file whether or not it is sent.
fn look(root: &Path, query: &IndexQuery) -> (BatchFile, Vec<u8>) {
    let read = || {
        let (file, facts) = open(root, &layout::index(&query.name))?;
        let mut bytes = Vec::new();
        file.take(limits::INDEX_LEN as u64 + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() <= limits::INDEX_LEN).then(|| (bytes, facts.tag()))
    };
    let name = query.name.clone();
    match read() {
        None => {
            (BatchFile { name, status: FileStatus::Absent(404), etag: None, body: Vec::new() }, Vec::new())
        }
        Some((bytes, tag)) if query.etag.as_ref() == Some(&tag) => {
            (BatchFile { name, status: FileStatus::Unchanged, etag: Some(tag), body: Vec::new() }, bytes)
        }
        Some((bytes, tag)) => {
            (BatchFile { name, status: FileStatus::Found, etag: Some(tag), body: bytes.clone() }, bytes)
        }
    }
}

/// What the newest version of a package needs. A guess at what will be query for: an index that cannot be read needs
/// nothing.
fn needs(name: &PackageName, index: &[u8]) -> Vec<PackageName> {
    let Ok(file) = IndexFile::read_unverified(index, name) else { return Vec::new() };
    let dependencies =
        newest(&file, &Rule::to_show()).into_iter().flat_map(|entry| &entry.core.needs.dependencies);
    dependencies.filter(|dependency| !dependency.optional).map(|one| one.name.clone()).collect()
}
