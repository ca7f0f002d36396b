//! A registry checked from scratch: the log replayed leaf by leaf, and every file that follows from it compared.
//!
//! It needs no key and trusts nothing but the trust root. What archives hold is not looked at: whoever has them reads
//! each through [`crate::verify`].

use super::config::RegistryConfig;
use super::error::WriteError;
use super::layout;
use super::snapshot::Snapshot;
use super::trust_root::VerifiedTrustRoot;
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::{Digest, TreeDigest};
use crate::index::IndexStatus;
use crate::limits;
use crate::log::append::Appender;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Artifact, Leaf, LeafError, Subject, Thread};
use crate::log::merkle;
use crate::log::proof::TlogProof;
use crate::log::tile::{self, BundleId, TileId};
use crate::message::registry as text;
use crate::name::{Namespace, PackageName};
use crate::sign::{Envelope, NamespaceChain, ReleaseFacts, ReleaseStatement, Role, StatusRecord};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Poll, ready};

/// What a registry that is in order holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Leaves of the log.
    pub entries: u64,
    /// Root over them.
    pub root: Digest,
    /// Namespaces.
    pub namespaces: usize,
    /// Packages.
    pub packages: usize,
    /// Artifacts.
    pub artifacts: usize,
    /// Entries at the log's end that index, namespaces and proofs may not know yet: a writer was stopped between
    /// checkpoint and index. The next writer makes up for it.
    pub unfinished: u64,
}

/// A release as the log has it.
#[derive(Clone, Debug)]
struct Logged {
    index: u64,
    time: u64,
    tree: TreeDigest,
    core: Digest,
    /// Hash of the leaf: the leaves themselves would be too much to keep.
    leaf: Digest,
}

/// An audit under way.
#[derive(Clone, Debug)]
pub struct Audit {
    trust: VerifiedTrustRoot,
    listed: BTreeSet<String>,
    checkpoint: Option<VerifiedCheckpoint>,
    next: u64,
    log: Appender,
    tiles: Vec<(TileId, Vec<u8>)>,
    time: Option<u64>,
    threads: BTreeMap<Thread, u64>,
    chains: BTreeMap<Namespace, NamespaceChain>,
    releases: BTreeMap<Artifact, Logged>,
    statuses: BTreeMap<(PackageName, Version), Vec<IndexStatus>>,
    trust_roots: BTreeMap<u64, Vec<u8>>,
}

impl Audit {
    /// Begins the audit of a registry by its newest trust root. `listed` are the paths of its files; without a way to
    /// list them, none: then files that should not be there are not noticed.
    pub fn new(trust: VerifiedTrustRoot, listed: BTreeSet<String>) -> Self {
        Self {
            trust,
            listed,
            checkpoint: None,
            next: 0,
            log: Appender::empty(),
            tiles: Vec::new(),
            time: None,
            threads: BTreeMap::new(),
            chains: BTreeMap::new(),
            releases: BTreeMap::new(),
            statuses: BTreeMap::new(),
            trust_roots: BTreeMap::new(),
        }
    }

    /// What the registry holds, when all that is needed is in the snapshot; looks on when it was supplied.
    ///
    /// # Errors
    /// The first fault of the log; if it is in order, every fault of the files that follow from it.
    pub fn check(&mut self, snapshot: &mut Snapshot) -> Poll<Result<Audited, Vec<WriteError>>> {
        let first = |error: WriteError| vec![error];
        let checkpoint = match &self.checkpoint {
            Some(checkpoint) => checkpoint.clone(),
            None => {
                ready!(self.check_config(snapshot)).map_err(first)?;
                let Some(bytes) = ready!(snapshot.file(layout::CHECKPOINT, limits::NOTE_LEN as u64)) else {
                    return Poll::Ready(Err(vec![WriteError::NoLog]));
                };
                let opened = VerifiedCheckpoint::open(bytes, &self.trust.root().log_policy);
                let opened = opened.map_err(|error| first(in_file(layout::CHECKPOINT, error.into())))?;
                self.checkpoint.insert(opened).clone()
            }
        };
        while self.next < checkpoint.size() {
            let bundle =
                ready!(snapshot.bundle(self.next / tile::WIDTH, checkpoint.size())).map_err(first)?;
            for bytes in bundle.iter().skip((self.next % tile::WIDTH) as usize) {
                let place = format!("log entry {}", self.next);
                self.take(self.next, bytes).map_err(|error| first(in_file(&place, error)))?;
                self.next += 1;
            }
        }
        self.tiles.extend(self.log.take_tiles());
        if self.log.root() != *checkpoint.root() {
            let (got, expected) = (self.log.root().to_string(), checkpoint.root().to_string());
            let message = text::registry_root(checkpoint.size(), &got, &expected);
            let fault = Diagnostic::new(Code::Consistency, message);
            return Poll::Ready(Err(vec![in_file(layout::CHECKPOINT, fault.into())]));
        }
        self.check_files(&checkpoint, snapshot)
    }

    fn check_config(&self, snapshot: &mut Snapshot) -> Poll<Result<(), WriteError>> {
        let Some(bytes) = ready!(snapshot.file(layout::CONFIG, layout::CONFIG_LEN)) else {
            return Poll::Ready(Err(missing(layout::CONFIG)));
        };
        let config = RegistryConfig::parse(bytes).map_err(|error| in_file(layout::CONFIG, error.into()))?;
        if config.registry != self.trust.root().registry {
            let message =
                text::registry_other_id(config.registry.as_str(), self.trust.root().registry.as_str());
            let fault = Diagnostic::new(Code::RegistryMismatch, message);
            return Poll::Ready(Err(in_file(layout::CONFIG, fault.into())));
        }
        let plain = config.to_bytes() == bytes;
        Poll::Ready(if plain { Ok(()) } else { Err(not_from_log(layout::CONFIG)) })
    }

    /// Takes in one leaf.
    fn take(&mut self, index: u64, bytes: &[u8]) -> Result<(), WriteError> {
        self.log.append(bytes)?;
        let leaf = Leaf::parse(bytes)?;
        leaf.check_place(index, self.time)?;
        self.time = Some(leaf.time);
        let previous = self.threads.insert(leaf.subject.thread(), index);
        if leaf.prev != previous {
            let name = |index: Option<u64>| index.map_or_else(|| "-".to_owned(), |index| index.to_string());
            return Err(mismatch("prev", &name(previous), &name(leaf.prev)));
        }
        let registry = &self.trust.root().registry;
        let envelope = leaf.envelopes.first().map(String::as_bytes).unwrap_or_default();
        match &leaf.subject {
            Subject::Genesis { registry: of } => self.take_trust_root(of.as_str(), 1, envelope),
            Subject::Trust { registry: of, version } => self.take_trust_root(of.as_str(), *version, envelope),
            Subject::Namespace { namespace, seq } => {
                let new = || NamespaceChain::new(registry.clone(), namespace.clone());
                let chain = self.chains.entry(namespace.clone()).or_insert_with(new);
                if *seq != chain.len() as u64 {
                    return Err(mismatch("record", &chain.len().to_string(), &seq.to_string()));
                }
                Ok(chain.push(index, envelope)?)
            }
            Subject::Release { artifact, tree, index: core } => {
                self.check_release(index, artifact, tree, core, envelope)?;
                let leaf_hash = merkle::leaf_hash(bytes);
                let logged = Logged { index, time: leaf.time, tree: *tree, core: *core, leaf: leaf_hash };
                match self.releases.insert(artifact.clone(), logged) {
                    None => Ok(()),
                    Some(first) => {
                        let message = text::duplicate_release(&artifact.to_string(), first.index, index);
                        Err(Diagnostic::new(Code::DuplicateRelease, message).into())
                    }
                }
            }
            Subject::Status { package, version } => self.take_status(index, package, version, envelope),
        }
    }

    fn take_trust_root(&mut self, registry: &str, version: u64, envelope: &[u8]) -> Result<(), WriteError> {
        if registry != self.trust.root().registry.as_str() {
            return Err(mismatch("registry", self.trust.root().registry.as_str(), registry));
        }
        let expected = self.trust_roots.len() as u64 + 1;
        if version != expected {
            return Err(mismatch("trust root", &expected.to_string(), &version.to_string()));
        }
        self.trust_roots.insert(version, envelope.to_vec());
        Ok(())
    }

    fn chain(&self, package: &PackageName) -> NamespaceChain {
        let namespace = package.namespace_or_none();
        let none = || NamespaceChain::new(self.trust.root().registry.clone(), namespace.clone());
        self.chains.get(&namespace).cloned().unwrap_or_else(none)
    }

    /// The release was signed, for exactly this, by keys that the namespace had then.
    fn check_release(
        &self,
        index: u64,
        artifact: &Artifact,
        tree: &TreeDigest,
        core: &Digest,
        envelope: &[u8],
    ) -> Result<(), WriteError> {
        let envelope = Envelope::parse(envelope)?;
        self.chain(&artifact.package).check_signed(Role::Release, &artifact.package, index, &envelope)?;
        ReleaseStatement::unverified(&envelope)?.check(&ReleaseFacts {
            registry: Some(self.trust.root().registry.clone()),
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

    fn take_status(
        &mut self,
        index: u64,
        package: &PackageName,
        version: &Version,
        envelope: &[u8],
    ) -> Result<(), WriteError> {
        let envelope = Envelope::parse(envelope)?;
        let record = StatusRecord::unverified(&envelope)?;
        self.chain(package).check_signed(Role::Status, package, index, &envelope)?;
        let registry = &self.trust.root().registry;
        if (&record.registry, &record.package, &record.version) != (registry, package, version) {
            let got = format!("{} {} {}", record.registry, record.package, record.version);
            return Err(mismatch("release", &format!("{package} {version}"), &got));
        }
        let history = self.statuses.entry((package.clone(), version.clone())).or_default();
        if record.seq != history.len() as u64 {
            return Err(mismatch("status record", &history.len().to_string(), &record.seq.to_string()));
        }
        history.push(IndexStatus { log: index, change: record.change });
        Ok(())
    }

    /// Compares the files that follow from the log.
    fn check_files(
        &self,
        checkpoint: &VerifiedCheckpoint,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<Audited, Vec<WriteError>>> {
        let size = checkpoint.size();
        ready!(snapshot.want(self.wanted(size)));
        let derived = ready!(snapshot.derived_size()).unwrap_or(size).min(size);
        let mut faults = Vec::new();
        let mut note = |result: Result<(), WriteError>| faults.extend(result.err());
        for (id, expected) in &self.tiles {
            let path = layout::tile(*id);
            // A partial tile may be gone where the full one is there.
            let there = ready!(snapshot.file(&path, layout::TILE_LEN)).is_some();
            let path = if there { path } else { layout::tile(id.full()) };
            note(ready!(same(snapshot, &path, layout::TILE_LEN, expected)));
        }
        for (path, expected) in ready!(self.superseded(size, snapshot)).map_err(|error| vec![error])? {
            note(ready!(same(snapshot, &path, layout::BUNDLE_LEN, &expected)));
        }
        for (version, envelope) in &self.trust_roots {
            // The newest may be in the log only: its writer was stopped.
            let path = layout::trust_root(*version);
            let known = *version <= self.trust.root().version || derived == size;
            if known {
                note(ready!(same(snapshot, &path, limits::ENVELOPE_LEN as u64, envelope)));
            }
        }
        for (namespace, chain) in &self.chains {
            note(ready!(check_namespace(snapshot, namespace, chain, derived)));
        }
        let mut packages: BTreeMap<&PackageName, Vec<(&Artifact, &Logged)>> = BTreeMap::new();
        for (artifact, logged) in &self.releases {
            packages.entry(&artifact.package).or_default().push((artifact, logged));
        }
        for (package, logged) in &mut packages {
            logged.sort_by_key(|(_, logged)| logged.index);
            let whole = ready!(self.check_index(package, logged, size, size, snapshot));
            // Where a writer was stopped the file is as it was before, or as it will be.
            note(match whole {
                Err(fault) if derived < size => {
                    let told: Vec<_> =
                        logged.iter().copied().filter(|(_, logged)| logged.index < derived).collect();
                    let before = ready!(self.check_index(package, &told, derived, size, snapshot));
                    before.map_err(|_| fault)
                }
                whole => whole,
            });
            for (artifact, logged) in logged.iter() {
                note(ready!(self.check_proof(artifact, logged, derived, snapshot)));
            }
        }
        self.check_unexpected_files(&mut note);
        if !faults.is_empty() {
            return Poll::Ready(Err(faults));
        }
        Poll::Ready(Ok(Audited {
            entries: size,
            root: *checkpoint.root(),
            namespaces: self.chains.len(),
            packages: packages.len(),
            artifacts: self.releases.len(),
            unfinished: size - derived,
        }))
    }

    /// All files that are looked at, so that they are brought in one round.
    fn wanted(&self, size: u64) -> Vec<(String, u64)> {
        let mut wanted = vec![(layout::DERIVED.to_owned(), 64)];
        wanted.extend(self.tiles.iter().map(|(id, _)| (layout::tile(*id), layout::TILE_LEN)));
        wanted.extend(self.partials(size).into_iter().map(|(path, ..)| (path, layout::BUNDLE_LEN)));
        let trust = |version: &u64| (layout::trust_root(*version), limits::ENVELOPE_LEN as u64);
        wanted.extend(self.trust_roots.keys().map(trust));
        let chain = |namespace: &Namespace| (layout::namespace(namespace), limits::NAMESPACE_FILE_LEN as u64);
        wanted.extend(self.chains.keys().map(chain));
        for artifact in self.releases.keys() {
            wanted.push((layout::index(&artifact.package), limits::INDEX_LEN as u64));
            wanted.push((layout::proof(artifact), limits::TLOG_PROOF_LEN as u64));
        }
        wanted
    }

    /// The partial tiles and bundles of earlier sizes that are still there: path, tile or bundle number, and width.
    fn partials(&self, size: u64) -> Vec<(String, Partial, usize)> {
        let whole: BTreeMap<String, &Vec<u8>> =
            self.tiles.iter().map(|(id, bytes)| (layout::tile(id.full()), bytes)).collect();
        let widths: BTreeMap<String, u16> =
            self.tiles.iter().map(|(id, _)| (layout::tile(id.full()), id.width())).collect();
        let bundles = (0..size.div_ceil(tile::WIDTH)).filter_map(|index| BundleId::at(index, size));
        let bundles: BTreeMap<String, BundleId> = bundles.map(|id| (layout::bundle(id.full()), id)).collect();
        let mut found = Vec::new();
        for path in
            self.listed.range("log/tile/".to_owned()..).take_while(|path| path.starts_with("log/tile/"))
        {
            let Some((base, width)) = path.rsplit_once(".p/") else { continue };
            let Some(width) = width.parse::<u16>().ok().filter(|width| *width > 0) else { continue };
            // Wider ones are of a batch whose writer was stopped: nobody is led to them.
            if let Some(bytes) = whole.get(base).filter(|_| widths.get(base).is_some_and(|now| width < *now))
            {
                let bytes = bytes.get(..usize::from(width) * 32).unwrap_or_default().to_vec();
                found.push((path.clone(), Partial::Tile(bytes), usize::from(width)));
            } else if let Some(id) = bundles.get(base).filter(|id| width < id.width()) {
                found.push((path.clone(), Partial::Bundle(id.index()), usize::from(width)));
            }
        }
        found
    }

    /// What the partial tiles and bundles of earlier sizes must be: the beginning of what took their place.
    fn superseded(
        &self,
        size: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<BTreeMap<String, Vec<u8>>, WriteError>> {
        let mut expected = BTreeMap::new();
        for (path, partial, width) in self.partials(size) {
            let bytes = match partial {
                Partial::Tile(bytes) => bytes,
                Partial::Bundle(index) => {
                    let mut bytes = Vec::new();
                    for entry in ready!(snapshot.bundle(index, size))?.iter().take(width) {
                        tile::print_entry(&mut bytes, entry)?;
                    }
                    bytes
                }
            };
            expected.insert(path, bytes);
        }
        Poll::Ready(Ok(expected))
    }

    /// The index file says what the first `size` entries of the log say, no more and no less.
    fn check_index(
        &self,
        package: &PackageName,
        logged: &[(&Artifact, &Logged)],
        size: u64,
        whole: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let path = layout::index(package);
        let fault = |message: String| in_file(&path, Diagnostic::new(Code::Index, message).into());
        let Some(file) = ready!(snapshot.index(&self.trust, package))? else {
            // A package whose first release was logged by a writer that was then stopped has no file yet.
            return Poll::Ready(if logged.is_empty() { Ok(()) } else { Err(missing(&path)) });
        };
        if file.log_size() > whole {
            return Poll::Ready(Err(fault(text::index_ahead(package.as_str(), file.log_size(), whole))));
        }
        if file.entries().len() != logged.len() || !file.skipped().is_empty() {
            let message = text::index_artifacts(file.entries().len() as u64, logged.len() as u64);
            return Poll::Ready(Err(fault(message)));
        }
        for (entry, (artifact, logged)) in file.entries().iter().zip(logged) {
            let history = self.statuses.get(&(artifact.package.clone(), artifact.version.clone()));
            let status = history.and_then(|history| history.iter().rev().find(|status| status.log < size));
            let status = status.filter(|status| !status.change.action.clears());
            let same = file.artifact(entry) == **artifact
                && (entry.log, entry.time, entry.core.tree) == (logged.index, logged.time, logged.tree)
                && entry.core.digest() == logged.core
                && entry.status.as_ref() == status;
            if !same {
                return Poll::Ready(Err(fault(text::index_line_altered(&artifact.to_string()))));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The proof beside the archive proves the archive's leaf; it may be missing where a writer was stopped.
    fn check_proof(
        &self,
        artifact: &Artifact,
        logged: &Logged,
        derived: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let path = layout::proof(artifact);
        let Some(bytes) = ready!(snapshot.file(&path, limits::TLOG_PROOF_LEN as u64)) else {
            return Poll::Ready(if logged.index >= derived { Ok(()) } else { Err(missing(&path)) });
        };
        let proved = TlogProof::parse(bytes).and_then(|proof| proof.verify(&self.trust.root().log_policy));
        let proved = proved.map_err(|error| in_file(&path, error.into()))?;
        if proved.index != logged.index || merkle::leaf_hash(&proved.leaf) != logged.leaf {
            let error = mismatch("index", &logged.index.to_string(), &proved.index.to_string());
            return Poll::Ready(Err(in_file(&path, error)));
        }
        Poll::Ready(Ok(()))
    }

    /// No index file, namespace or trust root is there that the log does not know. Archives are another matter: one
    /// whose batch was never logged may stay, since nobody is led to it.
    fn check_unexpected_files(&self, note: &mut impl FnMut(Result<(), WriteError>)) {
        let mut known: BTreeSet<String> = self.chains.keys().map(layout::namespace).collect();
        known.extend(self.trust_roots.keys().map(|version| layout::trust_root(*version)));
        known.extend(self.releases.keys().map(|artifact| layout::index(&artifact.package)));
        for path in &self.listed {
            let folder = path.split_once('/').map_or("", |(folder, _)| folder);
            if matches!(folder, "index" | "ns" | "trust") && !known.contains(path) {
                note(Err(not_from_log(path)));
            }
        }
    }
}

/// A partial file of an earlier size: the bytes of a tile, or the number of a bundle.
enum Partial {
    Tile(Vec<u8>),
    Bundle(u64),
}

/// The namespace file is what follows from the log, or, where a writer was stopped, was before it.
fn check_namespace(
    snapshot: &mut Snapshot,
    namespace: &Namespace,
    chain: &NamespaceChain,
    derived: u64,
) -> Poll<Result<(), WriteError>> {
    let (path, whole) = (layout::namespace(namespace), chain.to_bytes());
    let told = chain.records().filter(|(index, ..)| *index < derived).count();
    let before: Vec<u8> =
        whole.split_inclusive(|byte| *byte == b'\n').take(told).flatten().copied().collect();
    let limit = limits::NAMESPACE_FILE_LEN as u64;
    if before != whole && ready!(snapshot.file(&path, limit)).unwrap_or_default() == before {
        return Poll::Ready(Ok(()));
    }
    same(snapshot, &path, limit, &whole)
}

fn same(snapshot: &mut Snapshot, path: &str, limit: u64, expected: &[u8]) -> Poll<Result<(), WriteError>> {
    Poll::Ready(match ready!(snapshot.file(path, limit)) {
        None => Err(missing(path)),
        Some(bytes) if bytes != expected => Err(not_from_log(path)),
        Some(_) => Ok(()),
    })
}

fn in_file(path: &str, error: WriteError) -> WriteError {
    error.in_file(path)
}

fn missing(path: &str) -> WriteError {
    in_file(path, Diagnostic::new(Code::RegistryLayout, text::registry_file_missing(path)).into())
}

fn not_from_log(path: &str) -> WriteError {
    in_file(path, Diagnostic::new(Code::RegistryLayout, text::registry_not_from_log(path)).into())
}

fn mismatch(what: &'static str, expected: &str, got: &str) -> WriteError {
    LeafError::Mismatch { what, expected: expected.to_owned(), got: got.to_owned() }.into()
}
