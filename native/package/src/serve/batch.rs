//! The answer to a question about many index files: those that were named and, if wanted, those that their newest
//! versions need. Unchecked, as every file that is served.

use super::open;
use std::collections::{BTreeSet, VecDeque};
use std::io::Read;
use std::path::Path;
use vitte_package_core::index::batch::{
    Asked, BatchFile, BatchRequest, BatchWriter, FileStatus, Follow, PATH,
};
use vitte_package_core::index::{IndexFile, Rule, batch, newest};
use vitte_package_core::limits;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{RegistryConfig, layout};

/// Where the API is, below the address of the registry.
const API: &str = "api/v1";
/// Bytes of a question at most: 1,000 names with their tags.
pub const QUESTION_LEN: u64 = 512 * 1024;

/// Whether a request's target is where questions are taken.
pub fn is_asked(target: &str) -> bool {
    target.strip_prefix('/').and_then(|path| path.strip_prefix(API)) == Some(&format!("/{PATH}"))
}

/// `config.json` with the hint that questions are answered; none when the file is no configuration.
pub fn config(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut config = RegistryConfig::parse(bytes).ok()?;
    config.api = Some(API.to_owned());
    if !config.features.iter().any(|feature| feature == batch::FEATURE) {
        config.features.push(batch::FEATURE.to_owned());
    }
    Some(config.to_bytes())
}

/// Answers from the files below `root`.
pub fn answer(root: &Path, request: &BatchRequest) -> Vec<u8> {
    let mut writer = BatchWriter::new();
    let mut seen: BTreeSet<PackageName> = BTreeSet::new();
    let mut needed = VecDeque::new();
    for asked in request.packages() {
        if seen.insert(asked.name.clone()) {
            let (file, body) = look(root, asked);
            writer.add(&file);
            needed.extend(needs(&asked.name, &body));
        }
    }
    while request.follow() == Follow::Dependencies
        && let Some(name) = needed.pop_front()
    {
        if !seen.insert(name.clone()) {
            continue;
        }
        let (file, body) = look(root, &Asked { name: name.clone(), etag: None });
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
fn look(root: &Path, asked: &Asked) -> (BatchFile, Vec<u8>) {
    let read = || {
        let (file, facts) = open(root, &layout::index(&asked.name))?;
        let mut bytes = Vec::new();
        file.take(limits::INDEX_LEN as u64 + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() <= limits::INDEX_LEN).then(|| (bytes, facts.tag()))
    };
    let name = asked.name.clone();
    match read() {
        None => {
            (BatchFile { name, status: FileStatus::Absent(404), etag: None, body: Vec::new() }, Vec::new())
        }
        Some((bytes, tag)) if asked.etag.as_ref() == Some(&tag) => {
            (BatchFile { name, status: FileStatus::Unchanged, etag: Some(tag), body: Vec::new() }, bytes)
        }
        Some((bytes, tag)) => {
            (BatchFile { name, status: FileStatus::Found, etag: Some(tag), body: bytes.clone() }, bytes)
        }
    }
}

/// What the newest version of a package needs. A guess at what will be asked for: an index that cannot be read needs
/// nothing.
fn needs(name: &PackageName, index: &[u8]) -> Vec<PackageName> {
    let Ok(file) = IndexFile::reopen(index, name) else { return Vec::new() };
    let dependencies =
        newest(&file, &Rule::to_show()).into_iter().flat_map(|entry| &entry.core.needs.dependencies);
    dependencies.filter(|dependency| !dependency.optional).map(|one| one.name.clone()).collect()
}
