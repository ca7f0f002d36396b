//! The log of a registry, replayed leaf by leaf: what it says there should be.

use super::{Faults, same};
use crate::error::Error;
use crate::message::registry as text;
use crate::registry::log_files::LogFiles;
use crate::registry::source::Source;
use std::collections::BTreeMap;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::IndexStatus;
use vitte_package_core::limits;
use vitte_package_core::log::append::Appender;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf, LeafError, Subject, Thread};
use vitte_package_core::log::merkle;
use vitte_package_core::log::tile::{self, BundleId, TileId};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::{VerifiedTrustRoot, layout};
use vitte_package_core::sign::{
    Envelope, NamespaceChain, ReleaseFacts, ReleaseStatement, Role, StatusRecord,
};
use vitte_package_core::version::Version;

/// A release as the log has it.
#[derive(Debug)]
pub(super) struct Logged {
    pub(super) index: u64,
    pub(super) time: u64,
    pub(super) tree: TreeDigest,
    pub(super) core: Digest,
    /// Hash of the leaf: the leaves themselves would be too much to keep.
    pub(super) leaf: Digest,
}

/// The status records of each version, in order.
pub(super) type Statuses = BTreeMap<(PackageName, Version), Vec<IndexStatus>>;

/// The log, leaf by leaf.
pub(super) struct Replay<'a> {
    source: &'a dyn Source,
    trust: &'a VerifiedTrustRoot,
    pub(super) checkpoint: VerifiedCheckpoint,
    pub(super) chains: BTreeMap<Namespace, NamespaceChain>,
    pub(super) releases: BTreeMap<Artifact, Logged>,
    pub(super) statuses: Statuses,
    pub(super) trust_roots: BTreeMap<u64, Vec<u8>>,
    threads: BTreeMap<Thread, u64>,
    /// Releases whose signatures are yet to be checked against the chains as they are now.
    unchecked: Vec<(u64, Leaf)>,
}

/// So many signatures are checked at once: they take most of the time, and all processors.
const BATCH: usize = 4096;

impl<'a> Replay<'a> {
    pub(super) fn new(source: &'a dyn Source, trust: &'a VerifiedTrustRoot) -> Result<Self, Error> {
        let bytes = source.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?.ok_or_else(|| {
            let message = text::registry_layout(&source.name(), layout::CHECKPOINT);
            Error::from(Diagnostic::new(Code::RegistryLayout, message))
        })?;
        let checkpoint = VerifiedCheckpoint::open(&bytes, &trust.root().log_policy)
            .map_err(|error| source.about(error.into(), layout::CHECKPOINT))?;
        Ok(Self {
            source,
            trust,
            checkpoint,
            chains: BTreeMap::new(),
            releases: BTreeMap::new(),
            statuses: BTreeMap::new(),
            trust_roots: BTreeMap::new(),
            threads: BTreeMap::new(),
            unchecked: Vec::new(),
        })
    }

    pub(super) fn run(&mut self) -> Result<(), Error> {
        let size = self.checkpoint.size();
        let files = LogFiles::new(self.source, size);
        let (mut log, mut time) = (Appender::empty(), None);
        for index in 0..size {
            let bundle = files.bundle(index / tile::WIDTH).map_err(|error| damaged(self.source, error))?;
            let Some(bytes) = bundle.get((index % tile::WIDTH) as usize) else { continue };
            log.append(bytes)?;
            let taken = self.take(index, bytes, time).map_err(|error| in_entry(error, index));
            if taken.is_err() || self.unchecked.len() >= BATCH {
                // What came before is told first.
                self.check_releases()?;
            }
            time = Some(taken?);
        }
        self.check_releases()?;
        let mut faults = Faults::default();
        let tiles = log.take_tiles();
        for (path, altered) in superseded(self.source, &files, size, &tiles)? {
            if altered {
                let fault = Diagnostic::new(Code::RegistryLayout, text::registry_not_from_log(&path));
                faults.add(Err(self
                    .source
                    .about(fault.help(text::registry_superseded_help(&path)).into(), &path)));
            }
        }
        for (id, expected) in tiles {
            let path = layout::tile(id);
            // A partial tile may be gone where the full one is there.
            let gone = !id.is_full() && self.source.read(&path, layout::TILE_LEN)?.is_none();
            match gone {
                true => faults.add(same(self.source, &layout::tile(id.full()), layout::TILE_LEN, &expected)),
                false => faults.same(self.source, &path, layout::TILE_LEN, &expected),
            }
        }
        if log.root() != *self.checkpoint.root() {
            let (got, expected) = (log.root().to_string(), self.checkpoint.root().to_string());
            let message = text::registry_root(size, &got, &expected);
            let fault = Diagnostic::new(Code::Consistency, message);
            faults.add(Err(self.source.about(fault.into(), layout::CHECKPOINT)));
        }
        faults.end()
    }

    /// Takes one leaf, logged not before `time`; gives its own time.
    fn take(&mut self, index: u64, bytes: &[u8], time: Option<u64>) -> Result<u64, Error> {
        let leaf = Leaf::parse(bytes)?;
        leaf.check_place(index, time)?;
        let time = leaf.time;
        self.take_leaf(index, leaf, bytes)?;
        Ok(time)
    }

    fn take_leaf(&mut self, index: u64, leaf: Leaf, bytes: &[u8]) -> Result<(), Error> {
        let previous = self.threads.insert(leaf.subject.thread(), index);
        if leaf.prev != previous {
            let name = |index: Option<u64>| index.map_or_else(|| "-".to_owned(), |index| index.to_string());
            return Err(mismatch("prev", &name(previous), &name(leaf.prev)));
        }
        let envelope = leaf.envelopes.first().map(String::as_str).unwrap_or_default();
        match &leaf.subject {
            Subject::Genesis { registry } => self.trust_root(registry.as_str(), 1, envelope),
            Subject::Trust { registry, version } => self.trust_root(registry.as_str(), *version, envelope),
            Subject::Namespace { namespace, seq } => {
                // A release is judged by the keys of its own time.
                self.check_releases()?;
                let registry = self.trust.root().registry.clone();
                let chain = self
                    .chains
                    .entry(namespace.clone())
                    .or_insert_with(|| NamespaceChain::new(registry, namespace.clone()));
                if *seq != chain.len() as u64 {
                    return Err(mismatch("record", &chain.len().to_string(), &seq.to_string()));
                }
                Ok(chain.push(index, envelope.as_bytes())?)
            }
            Subject::Release { artifact, tree, index: core } => {
                let logged = Logged {
                    index,
                    time: leaf.time,
                    tree: *tree,
                    core: *core,
                    leaf: merkle::leaf_hash(bytes),
                };
                if let Some(first) = self.releases.insert(artifact.clone(), logged) {
                    let message = text::duplicate_release(&artifact.to_string(), first.index, index);
                    return Err(Diagnostic::new(Code::DuplicateRelease, message).into());
                }
                self.unchecked.push((index, leaf));
                Ok(())
            }
            Subject::Status { package, version } => self.status(index, package, version, envelope),
        }
    }

    fn trust_root(&mut self, registry: &str, version: u64, envelope: &str) -> Result<(), Error> {
        if registry != self.trust.root().registry.as_str() {
            return Err(mismatch("registry", self.trust.root().registry.as_str(), registry));
        }
        if version != self.trust_roots.len() as u64 + 1 {
            return Err(mismatch(
                "trust root",
                &(self.trust_roots.len() + 1).to_string(),
                &version.to_string(),
            ));
        }
        self.trust_roots.insert(version, envelope.as_bytes().to_vec());
        Ok(())
    }

    /// Checks the releases taken so far, on all processors; tells the first that fails.
    fn check_releases(&mut self) -> Result<(), Error> {
        let unchecked = std::mem::take(&mut self.unchecked);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let share = unchecked.len().div_ceil(processors).max(1);
        let (chains, trust) = (&self.chains, self.trust);
        let check = |releases: &[(u64, Leaf)]| {
            let mut releases = releases.iter();
            releases.try_for_each(|(index, leaf)| {
                check_release(chains, trust, *index, leaf).map_err(|error| in_entry(error, *index))
            })
        };
        std::thread::scope(|scope| {
            let shares: Vec<_> =
                unchecked.chunks(share).map(|part| scope.spawn(move || check(part))).collect();
            shares.into_iter().try_for_each(|share| match share.join() {
                Ok(checked) => checked,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }

    fn status(
        &mut self,
        index: u64,
        package: &PackageName,
        version: &Version,
        envelope: &str,
    ) -> Result<(), Error> {
        let envelope = Envelope::parse(envelope.as_bytes())?;
        let record = StatusRecord::unverified(&envelope)?;
        let namespace = package.namespace_or_none();
        let nobody = NamespaceChain::new(self.trust.root().registry.clone(), namespace.clone());
        let chain = self.chains.get(&namespace).unwrap_or(&nobody);
        chain.check_signed(Role::Status, package, index, &envelope)?;
        let said = (&record.registry, &record.package, &record.version);
        if said != (&self.trust.root().registry, package, version) {
            let got = format!("{} {} {}", record.registry, record.package, record.version);
            return Err(mismatch("release", &format!("{package} {version}"), &got));
        }
        let key = (package.clone(), version.clone());
        let history = self.statuses.entry(key).or_default();
        if record.seq != history.len() as u64 {
            return Err(mismatch("status record", &history.len().to_string(), &record.seq.to_string()));
        }
        history.push(IndexStatus { log: index, change: record.change });
        Ok(())
    }
}

/// The release was signed, for exactly this, by keys that the namespace had then.
fn check_release(
    chains: &BTreeMap<Namespace, NamespaceChain>,
    trust: &VerifiedTrustRoot,
    index: u64,
    leaf: &Leaf,
) -> Result<(), Error> {
    let Subject::Release { artifact, tree, index: core } = &leaf.subject else { return Ok(()) };
    let registry = &trust.root().registry;
    let namespace = artifact.package.namespace_or_none();
    let nobody = NamespaceChain::new(registry.clone(), namespace.clone());
    let chain = chains.get(&namespace).unwrap_or(&nobody);
    let envelope = Envelope::parse(leaf.envelopes.first().map(String::as_bytes).unwrap_or_default())?;
    chain.check_signed(Role::Release, &artifact.package, index, &envelope)?;
    let statement = ReleaseStatement::unverified(&envelope)?;
    statement.check(&ReleaseFacts {
        registry: Some(registry.clone()),
        package: Some(artifact.package.clone()),
        version: Some(artifact.version.clone()),
        kind: Some(artifact.kind),
        target: Some(artifact.target.clone()),
        tree: Some(*tree),
        index: Some(*core),
        ..ReleaseFacts::default()
    })?;
    Ok(())
}

/// The partial tiles and bundles of earlier sizes of the log that are still there, and whether each is something else
/// than the beginning of the one that took its place. Those of a batch whose writer was stopped are passed over.
fn superseded(
    source: &dyn Source,
    files: &LogFiles<'_>,
    size: u64,
    tiles: &[(TileId, Vec<u8>)],
) -> Result<Vec<(String, bool)>, Error> {
    let Some(listed) = source.list("log/tile") else { return Ok(Vec::new()) };
    let whole: BTreeMap<String, (&TileId, &Vec<u8>)> =
        tiles.iter().map(|(id, bytes)| (layout::tile(id.full()), (id, bytes))).collect();
    let bundles = (0..size.div_ceil(tile::WIDTH)).filter_map(|index| BundleId::at(index, size));
    let bundles: BTreeMap<String, BundleId> = bundles.map(|id| (layout::bundle(id.full()), id)).collect();
    let mut found = Vec::new();
    for path in listed {
        let Some((base, width)) = path.rsplit_once(".p/") else { continue };
        let Some(width) = width.parse::<u16>().ok().filter(|width| *width > 0) else { continue };
        let expected = if let Some((id, bytes)) = whole.get(base) {
            if width >= id.width() {
                continue;
            }
            bytes.get(..usize::from(width) * 32).unwrap_or_default().to_vec()
        } else if let Some(id) = bundles.get(base) {
            if width >= id.width() {
                continue;
            }
            let mut expected = Vec::new();
            for entry in files.bundle(id.index())?.iter().take(usize::from(width)) {
                tile::print_entry(&mut expected, entry)?;
            }
            expected
        } else {
            continue;
        };
        let there = source.read(&path, layout::BUNDLE_LEN)?;
        found.push((path, there.is_some_and(|there| there != expected)));
    }
    Ok(found)
}

/// A file of the log that is missing where the whole registry is looked at: it is damaged.
fn damaged(source: &dyn Source, error: Error) -> Error {
    match error.code() {
        Code::Unavailable => {
            let message = error.to_string();
            Diagnostic::new(Code::RegistryLayout, text::registry_damaged(&source.name(), &message)).into()
        }
        _ => error,
    }
}

fn in_entry(error: Error, index: u64) -> Error {
    error.in_file(format!("log entry {index}"))
}

pub(super) fn mismatch(what: &'static str, expected: &str, got: &str) -> Error {
    LeafError::Mismatch { what, expected: expected.to_owned(), got: got.to_owned() }.into()
}
