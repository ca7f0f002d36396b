//! What an author says of a release: it is in its packed manifest, of which the index has the digest alone.

use crate::cache::Cache;
use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, UnpackRequest};
use crate::package_file::PackageFile;
use crate::registry::read::client::RegistryClient;
use crate::registry::read::directory::Directory;
use crate::registry::read::source::ArchiveRequest;
use crate::report::Reporter;
use crate::store::{DeferredSection, Store};
use std::path::Path;
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{IndexEntry, VerifiedIndex};
use vitte_package_core::manifest::Manifest;
use vitte_package_core::registry::client::ProvenRelease;
use vitte_package_core::registry::layout;
use vitte_package_core::verify::Sections;

/// A release whose archive is not larger is fetched to be described.
const FETCHED: u64 = 1 << 20;

/// What the author says of a release. All of it has the digest that the index names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What the package does, in a sentence.
    pub description: Option<String>,
    /// SPDX expression.
    pub license: Option<String>,
    /// Address of its sources.
    pub repository: Option<String>,
    /// Its keywords.
    pub keywords: Vec<String>,
}

impl From<&Manifest> for About {
    fn from(manifest: &Manifest) -> Self {
        Self {
            description: manifest.description().map(str::to_owned),
            license: manifest.license().map(str::to_owned),
            repository: manifest.repository().map(str::to_owned),
            keywords: manifest.keywords().to_vec(),
        }
    }
}

/// What can be said without asking a server: the store has the package, the cache its archive, or the registry is a
/// folder of this machine. `None` where none of these is so, or what is there is not what the index names.
pub(super) fn at_hand(
    env: &Env,
    client: &RegistryClient,
    index: &VerifiedIndex,
    entry: &IndexEntry,
) -> Option<About> {
    let tree = &entry.core.tree;
    let stored = Store::as_it_is(env).ok().and_then(|store| store.manifest(tree));
    if let Some(text) = stored.filter(|text| Digest::of(text.as_bytes()) == entry.core.manifest) {
        return Manifest::from_bytes(text.as_bytes()).ok().as_ref().map(About::from);
    }
    let cached = Cache::open(env).ok().map(|cache| cache.archive(tree)).filter(|file| file.is_file());
    let local = || folder(client).map(|folder| folder.file(&layout::archive(&index.artifact(entry))));
    of_file(&cached.or_else(local)?, entry)
}

/// The deferred sections of a release, with where those are that are here; none where nothing at hand says which it has.
pub(super) fn sections(
    env: &Env,
    client: &RegistryClient,
    index: &VerifiedIndex,
    entry: &IndexEntry,
) -> Vec<DeferredSection> {
    let tree = &entry.core.tree;
    if let Ok(store) = Store::as_it_is(env)
        && let Ok(Some(stored)) = store.find(tree)
    {
        return store.deferred(&stored).unwrap_or_default();
    }
    let cached = Cache::open(env).ok().map(|cache| cache.archive(tree)).filter(|file| file.is_file());
    let local = || folder(client).map(|folder| folder.file(&layout::archive(&index.artifact(entry))));
    let package = cached.or_else(local).and_then(|path| PackageFile::open(&path).ok());
    match package.filter(|package| package.toc().tree().digest() == *tree) {
        Some(package) => DeferredSection::absent(package.toc().tree()),
        None => Vec::new(),
    }
}

/// The registry's folder, unless it is behind an address.
fn folder(client: &RegistryClient) -> Option<Directory> {
    let name = client.name();
    (!name.contains("://")).then(|| Directory::new(name))
}

/// Only list of files and manifest are read, and both have the digests that the index names.
fn of_file(path: &Path, entry: &IndexEntry) -> Option<About> {
    let mut package = PackageFile::open(path).ok()?;
    let tree = package.toc().tree();
    if tree.digest() != entry.core.tree || *tree.manifest().digest() != entry.core.manifest {
        return None;
    }
    package.manifest().ok().as_ref().map(About::from)
}

/// As [`at_hand`]; a small archive is fetched, verified and kept in the cache, as an install would.
///
/// # Errors
/// A fault of the network, and what in the archive does not check.
pub(super) fn fetched(
    env: &Env,
    client: &RegistryClient,
    (index, entry): (&VerifiedIndex, &IndexEntry),
    proven: &ProvenRelease,
    reporter: &dyn Reporter,
) -> Result<Option<About>, Error> {
    if let Some(about) = at_hand(env, client, index, entry) {
        return Ok(Some(about));
    }
    if entry.size > FETCHED || folder(client).is_some() {
        return Ok(None);
    }
    let request = UnpackRequest {
        expectation: proven.expectation.clone(),
        trust: proven.trust(),
        sections: Sections::All,
    };
    let artifact = index.artifact(entry);
    let archive = client.archive(
        &ArchiveRequest {
            artifact: &artifact,
            tree: entry.core.tree,
            unpack: &request,
            here: &extract::FilesHere::default(),
        },
        reporter,
    )?;
    let outcome = extract::verify(archive.input(), request, env.work(reporter)?)?;
    match (&outcome.package, outcome.report.failure()) {
        (Some(package), _) => {
            let about = About::from(package.manifest());
            archive.keep();
            Ok(Some(about))
        }
        (None, Some(fault)) => Err(client.attribute_to(fault.clone().into(), &artifact)),
        (None, None) => Ok(None),
    }
}
