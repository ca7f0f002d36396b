//! A registry checked from scratch: the log replayed leaf by leaf, every tile, index line, proof and archive compared.
//!
//! It needs no key and believes nothing but the trust root. Faults are reported together.

use super::client::read_config;
use super::derive::{archive_facts, derived_size};
use super::directory::Directory;
use super::log_files::LogFiles;
use super::sequencer::read_trust_root;
use super::source::Source;
use crate::error::Error;
use crate::report::Reporter;
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::{Core, IndexFile, IndexStatus, RegistryConfig, locate};
use vitte_package_core::limits;
use vitte_package_core::log::append::Appender;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf, LeafError, Subject, Thread};
use vitte_package_core::log::merkle;
use vitte_package_core::log::proof::TlogProof;
use vitte_package_core::log::tile;
use vitte_package_core::message::registry as text;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::sign::{
    Envelope, NamespaceChain, ReleaseFacts, ReleaseStatement, Role, StatusRecord, VerifiedTrustRoot,
};
use vitte_package_core::version::Version;

/// What a registry that is in order holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Id of the registry.
    pub registry: String,
    /// Digest of its first trust root.
    pub trust_root: Digest,
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
    /// Entries at the log's end of which index, namespaces and proofs may not tell yet: a writer was stopped between
    /// checkpoint and index. The next writer makes up for it.
    pub unfinished: u64,
}

/// A release as the log has it.
#[derive(Debug)]
struct Logged {
    index: u64,
    time: u64,
    tree: TreeDigest,
    core: Digest,
    /// Hash of the leaf: the leaves themselves would be too much to keep.
    leaf: Digest,
}

/// Whether archives are read too.
#[derive(Clone, Copy, Debug)]
pub enum Depth<'a> {
    /// The log, and what follows from it without archives: what a monitor does.
    Log,
    /// Everything, in a folder.
    Archives(&'a Directory),
}

/// Checks the registry whose files `source` gives.
///
/// # Errors
/// Every fault found, the log's first: only a log that is in order tells what else there should be.
pub fn audit(source: &dyn Source, depth: Depth<'_>, reporter: &dyn Reporter) -> Result<Audit, Error> {
    let config = read_config(source)?;
    check_config(source, &config)?;
    let trust = read_trust_root(source, &config.registry)?;
    let mut replay = Replay::new(source, &trust)?;
    let checkpoint = replay.checkpoint.checkpoint().clone();
    replay.run()?;
    let Replay { chains, releases, statuses, trust_roots, .. } = replay;
    let horizon = derived_size(source)?.unwrap_or(checkpoint.size()).min(checkpoint.size());
    let mut faults = Faults::default();
    for (version, envelope) in &trust_roots {
        let path = locate::trust_root(*version);
        faults.same(source, &path, limits::ENVELOPE_LEN, envelope);
    }
    for (namespace, chain) in &chains {
        faults.add(check_namespace(source, namespace, chain, horizon));
    }
    let mut packages: BTreeMap<&PackageName, Vec<(&Artifact, &Logged)>> = BTreeMap::new();
    for (artifact, logged) in &releases {
        packages.entry(&artifact.package).or_default().push((artifact, logged));
    }
    for (package, logged) in &mut packages {
        logged.sort_by_key(|(_, logged)| logged.index);
        let whole = check_index(source, &trust, package, logged, &statuses, checkpoint.size());
        let told: Vec<_> = logged.iter().copied().filter(|(_, logged)| logged.index < horizon).collect();
        faults.add(whole.or_else(|fault| match horizon < checkpoint.size() {
            // A writer was stopped: then the file is exactly as it was before.
            true => check_index(source, &trust, package, &told, &statuses, horizon).map_err(|_| fault),
            false => Err(fault),
        }));
        for (artifact, logged) in logged.iter() {
            // Where proofs are left away clients make them from the tiles; in a folder of one's own they are wanted,
            // unless a writer was stopped.
            let needless = logged.index >= horizon || matches!(depth, Depth::Log);
            let absent =
                needless && source.read(&locate::proof(artifact), limits::TLOG_PROOF_LEN as u64)?.is_none();
            if !absent {
                faults.add(check_proof(source, &trust, artifact, logged));
            }
            if let Depth::Archives(directory) = depth {
                faults.add(check_archive(directory, &trust, package, artifact, logged, reporter));
            }
        }
    }
    let known = known_files(&chains, &releases, &trust_roots);
    faults.add(check_strangers(source, &known));
    faults.end()?;
    let first = trust_roots.first_key_value().map_or_else(|| trust.digest(), |(_, bytes)| Digest::of(bytes));
    Ok(Audit {
        registry: config.registry.to_string(),
        trust_root: first,
        entries: checkpoint.size(),
        root: *checkpoint.root(),
        namespaces: chains.len(),
        packages: packages.len(),
        artifacts: releases.len(),
        unfinished: checkpoint.size() - horizon,
    })
}

/// Faults of one file each, told together.
#[derive(Default)]
struct Faults(Option<Error>);

impl Faults {
    fn add(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.0 = Some(match self.0.take() {
                Some(before) => before.and(error),
                None => error,
            });
        }
    }

    fn same(&mut self, source: &dyn Source, path: &str, limit: usize, expected: &[u8]) {
        self.add(same(source, path, limit, expected));
    }

    fn end(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

fn same(source: &dyn Source, path: &str, limit: usize, expected: &[u8]) -> Result<(), Error> {
    let fault = |message: String| source.about(Diagnostic::new(Code::RegistryLayout, message).into(), path);
    match source.read(path, limit as u64)? {
        None => Err(fault(text::registry_file_missing(path))),
        Some(bytes) if bytes != expected => Err(fault(text::registry_not_from_log(path))),
        Some(_) => Ok(()),
    }
}

/// The namespace file is what follows from the log, or, where a writer was stopped, was before it.
fn check_namespace(
    source: &dyn Source,
    namespace: &Namespace,
    chain: &NamespaceChain,
    horizon: u64,
) -> Result<(), Error> {
    let (path, whole) = (locate::namespace(namespace), chain.to_bytes());
    let told = chain.records().filter(|(index, ..)| *index < horizon).count();
    let before: Vec<u8> =
        whole.split_inclusive(|byte| *byte == b'\n').take(told).flatten().copied().collect();
    let there = source.read(&path, limits::NAMESPACE_FILE_LEN as u64)?;
    if before != whole && there.unwrap_or_default() == before {
        return Ok(());
    }
    same(source, &path, limits::NAMESPACE_FILE_LEN, &whole)
}

fn check_config(source: &dyn Source, config: &RegistryConfig) -> Result<(), Error> {
    same(source, locate::CONFIG, 64 * 1024, &config.to_bytes())
}

/// The log, leaf by leaf.
struct Replay<'a> {
    source: &'a dyn Source,
    trust: &'a VerifiedTrustRoot,
    checkpoint: VerifiedCheckpoint,
    chains: BTreeMap<Namespace, NamespaceChain>,
    releases: BTreeMap<Artifact, Logged>,
    statuses: Statuses,
    trust_roots: BTreeMap<u64, Vec<u8>>,
    threads: BTreeMap<Thread, u64>,
}

impl<'a> Replay<'a> {
    fn new(source: &'a dyn Source, trust: &'a VerifiedTrustRoot) -> Result<Self, Error> {
        let bytes = source.read(locate::CHECKPOINT, limits::NOTE_LEN as u64)?.ok_or_else(|| {
            let message = text::registry_layout(&source.name(), locate::CHECKPOINT);
            Error::from(Diagnostic::new(Code::RegistryLayout, message))
        })?;
        let checkpoint = VerifiedCheckpoint::open(&bytes, &trust.root().log_policy)
            .map_err(|error| source.about(error.into(), locate::CHECKPOINT))?;
        Ok(Self {
            source,
            trust,
            checkpoint,
            chains: BTreeMap::new(),
            releases: BTreeMap::new(),
            statuses: BTreeMap::new(),
            trust_roots: BTreeMap::new(),
            threads: BTreeMap::new(),
        })
    }

    fn run(&mut self) -> Result<(), Error> {
        let size = self.checkpoint.size();
        let files = LogFiles::new(self.source, size);
        let (mut log, mut time) = (Appender::empty(), None);
        for index in 0..size {
            let bundle = files.bundle(index / tile::WIDTH)?;
            let Some(bytes) = bundle.get((index % tile::WIDTH) as usize) else { continue };
            log.append(bytes)?;
            let take = |replay: &mut Self| -> Result<u64, Error> {
                let leaf = Leaf::parse(bytes)?;
                leaf.check_place(index, time)?;
                replay.take(index, &leaf, bytes)?;
                Ok(leaf.time)
            };
            time = Some(take(self).map_err(|error| error.in_file(format!("log entry {index}")))?);
        }
        let mut faults = Faults::default();
        for (id, expected) in log.take_tiles() {
            let path = locate::tile(id);
            // A partial tile may be gone where the full one is there.
            let gone = !id.is_full() && self.source.read(&path, 8192)?.is_none();
            match gone {
                true => faults.add(same(self.source, &locate::tile(id.full()), 8192, &expected)),
                false => faults.same(self.source, &path, 8192, &expected),
            }
        }
        if log.root() != *self.checkpoint.root() {
            let (got, expected) = (log.root().to_string(), self.checkpoint.root().to_string());
            let message = text::registry_root(size, &got, &expected);
            let fault = Diagnostic::new(Code::Consistency, message);
            faults.add(Err(self.source.about(fault.into(), locate::CHECKPOINT)));
        }
        faults.end()
    }

    fn take(&mut self, index: u64, leaf: &Leaf, bytes: &[u8]) -> Result<(), Error> {
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
                self.check_release(index, leaf, artifact, *tree, *core)?;
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

    fn check_release(
        &self,
        index: u64,
        leaf: &Leaf,
        artifact: &Artifact,
        tree: TreeDigest,
        core: Digest,
    ) -> Result<(), Error> {
        let namespace = artifact.package.namespace_or_none();
        let nobody = NamespaceChain::new(self.trust.root().registry.clone(), namespace.clone());
        let chain = self.chains.get(&namespace).unwrap_or(&nobody);
        let envelope = Envelope::parse(leaf.envelopes.first().map(String::as_bytes).unwrap_or_default())?;
        chain.check_signed(Role::Release, &artifact.package, index, &envelope)?;
        let statement = ReleaseStatement::parse(envelope.unverified_payload())?;
        statement.check(&ReleaseFacts {
            registry: Some(self.trust.root().registry.clone()),
            package: Some(artifact.package.clone()),
            version: Some(artifact.version.clone()),
            kind: Some(artifact.kind),
            target: Some(artifact.target.clone()),
            tree: Some(tree),
            index: Some(core),
            ..ReleaseFacts::default()
        })?;
        Ok(())
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

/// The status records of each version, in order.
type Statuses = BTreeMap<(PackageName, Version), Vec<IndexStatus>>;

/// The index file says what the first `size` entries of the log say, no more and no less.
fn check_index(
    source: &dyn Source,
    trust: &VerifiedTrustRoot,
    package: &PackageName,
    logged: &[(&Artifact, &Logged)],
    statuses: &Statuses,
    size: u64,
) -> Result<(), Error> {
    let path = locate::index(package);
    let here = |error: Error| source.about(error, &path);
    let fault = |message: String| here(Diagnostic::new(Code::Index, message).into());
    let Some(bytes) = source.read(&path, limits::INDEX_LEN as u64)? else {
        // A package whose first release was logged by a writer that was then stopped has no file yet.
        let missing =
            || here(Diagnostic::new(Code::RegistryLayout, text::registry_file_missing(&path)).into());
        return if logged.is_empty() { Ok(()) } else { Err(missing()) };
    };
    let file = IndexFile::open(&bytes, &trust.root().index, package).map_err(|error| here(error.into()))?;
    if file.log_size() > size {
        return Err(fault(text::index_ahead(package.as_str(), file.log_size(), size)));
    }
    if file.entries().len() != logged.len() || !file.skipped().is_empty() {
        return Err(fault(text::index_artifacts(file.entries().len() as u64, logged.len() as u64)));
    }
    for (entry, (artifact, logged)) in file.entries().iter().zip(logged) {
        let history = statuses.get(&(artifact.package.clone(), artifact.version.clone()));
        let status = history.and_then(|history| history.iter().rev().find(|status| status.log < size));
        let status = status.filter(|status| !status.change.action.clears());
        let same = file.artifact(entry) == **artifact
            && (entry.log, entry.time, entry.core.tree) == (logged.index, logged.time, logged.tree)
            && entry.core.digest() == logged.core
            && entry.status.as_ref() == status;
        if !same {
            return Err(fault(text::index_line_altered(&artifact.to_string())));
        }
    }
    Ok(())
}

/// The proof beside the archive proves the archive's leaf.
fn check_proof(
    source: &dyn Source,
    trust: &VerifiedTrustRoot,
    artifact: &Artifact,
    logged: &Logged,
) -> Result<(), Error> {
    let path = locate::proof(artifact);
    let here = |error: Error| source.about(error, &path);
    let bytes = source.read(&path, limits::TLOG_PROOF_LEN as u64)?.ok_or_else(|| {
        here(Diagnostic::new(Code::RegistryLayout, text::registry_file_missing(&path)).into())
    })?;
    let proved = TlogProof::parse(&bytes)
        .and_then(|proof| proof.verify(&trust.root().log_policy))
        .map_err(|error| here(error.into()))?;
    if proved.index != logged.index || merkle::leaf_hash(&proved.leaf) != logged.leaf {
        return Err(here(mismatch("index", &logged.index.to_string(), &proved.index.to_string())));
    }
    Ok(())
}

/// The archive is the one that was logged, and its index line follows from it.
fn check_archive(
    directory: &Directory,
    trust: &VerifiedTrustRoot,
    package: &PackageName,
    artifact: &Artifact,
    logged: &Logged,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let facts = archive_facts(directory, artifact, logged.tree, reporter)?;
    let path = locate::archive(artifact);
    let fault = |code: Code, message: String| {
        Error::from(Diagnostic::new(code, message)).in_file(directory.file(&path))
    };
    let core = Core::parse(&facts.core)?;
    if core.digest() != logged.core {
        return Err(fault(Code::IndexLineDigest, text::index_line_altered(&artifact.to_string())));
    }
    let bytes = directory.read(&locate::index(package), limits::INDEX_LEN as u64)?.unwrap_or_default();
    // What is wrong with the index file itself was told before.
    let Ok(file) = IndexFile::open(&bytes, &trust.root().index, package) else { return Ok(()) };
    let entry = file.entries().iter().find(|entry| entry.log == logged.index);
    let same = |entry: &vitte_package_core::index::IndexEntry| {
        (entry.head, entry.file, entry.size) == (facts.head, facts.file, facts.size)
    };
    match entry {
        Some(entry) if !same(entry) => Err(fault(Code::Index, text::archive_not_indexed(&path))),
        _ => Ok(()),
    }
}

fn known_files(
    chains: &BTreeMap<Namespace, NamespaceChain>,
    releases: &BTreeMap<Artifact, Logged>,
    trust_roots: &BTreeMap<u64, Vec<u8>>,
) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = chains.keys().map(locate::namespace).collect();
    known.extend(trust_roots.keys().map(|version| locate::trust_root(*version)));
    for artifact in releases.keys() {
        known.insert(locate::index(&artifact.package));
        known.insert(locate::archive(artifact));
        known.insert(locate::proof(artifact));
    }
    known
}

/// No index file, namespace, trust root, archive or proof is there that the log does not know.
fn check_strangers(source: &dyn Source, known: &BTreeSet<String>) -> Result<(), Error> {
    let mut faults = Faults::default();
    for folder in ["index", "ns", "p", "trust"] {
        for path in source.list(folder).unwrap_or_default() {
            // What a killed writer left behind is not part of the registry.
            let left = path.rsplit('/').next().is_some_and(|name| name.starts_with(".vitte-"));
            if !known.contains(&path) && !left {
                let unlogged = path.starts_with("p/");
                if unlogged {
                    // An archive whose batch was never logged: nobody is led to it.
                    continue;
                }
                let fault = Diagnostic::new(Code::RegistryLayout, text::registry_not_from_log(&path));
                faults.add(Err(source.about(fault.into(), &path)));
            }
        }
    }
    faults.end()
}

fn mismatch(what: &'static str, expected: &str, got: &str) -> Error {
    LeafError::Mismatch { what, expected: expected.to_owned(), got: got.to_owned() }.into()
}
