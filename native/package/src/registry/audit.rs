//! A registry checked from scratch: the log replayed leaf by leaf, every tile, index line, proof and archive compared.
//!
//! It needs no key and believes nothing but the trust root. Faults are reported together.

mod replay;

use super::client::read_config;
use super::derive::{archive_facts, derived_size};
use super::directory::Directory;
use super::sequencer::read_trust_root;
use super::source::Source;
use crate::error::Error;
use crate::message::registry as text;
use crate::report::Reporter;
use replay::{Logged, Replay, Statuses, mismatch};
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{Core, IndexFile};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::log::merkle;
use vitte_package_core::log::proof::TlogProof;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::{RegistryConfig, VerifiedTrustRoot, layout};
use vitte_package_core::sign::NamespaceChain;

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
        let path = layout::trust_root(*version);
        faults.same(source, &path, limits::ENVELOPE_LEN as u64, envelope);
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
                needless && source.read(&layout::proof(artifact), limits::TLOG_PROOF_LEN as u64)?.is_none();
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

    fn same(&mut self, source: &dyn Source, path: &str, limit: u64, expected: &[u8]) {
        self.add(same(source, path, limit, expected));
    }

    fn end(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

fn same(source: &dyn Source, path: &str, limit: u64, expected: &[u8]) -> Result<(), Error> {
    let fault = |message: String| source.about(Diagnostic::new(Code::RegistryLayout, message).into(), path);
    match source.read(path, limit)? {
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
    let (path, whole) = (layout::namespace(namespace), chain.to_bytes());
    let told = chain.records().filter(|(index, ..)| *index < horizon).count();
    let before: Vec<u8> =
        whole.split_inclusive(|byte| *byte == b'\n').take(told).flatten().copied().collect();
    let there = source.read(&path, limits::NAMESPACE_FILE_LEN as u64)?;
    if before != whole && there.unwrap_or_default() == before {
        return Ok(());
    }
    same(source, &path, limits::NAMESPACE_FILE_LEN as u64, &whole)
}

fn check_config(source: &dyn Source, config: &RegistryConfig) -> Result<(), Error> {
    same(source, layout::CONFIG, layout::CONFIG_LEN, &config.to_bytes())
}

/// The index file says what the first `size` entries of the log say, no more and no less.
fn check_index(
    source: &dyn Source,
    trust: &VerifiedTrustRoot,
    package: &PackageName,
    logged: &[(&Artifact, &Logged)],
    statuses: &Statuses,
    size: u64,
) -> Result<(), Error> {
    let path = layout::index(package);
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
    let path = layout::proof(artifact);
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
    let path = layout::archive(artifact);
    let fault = |code: Code, message: String| {
        Error::from(Diagnostic::new(code, message)).in_file(directory.file(&path))
    };
    let core = Core::parse(&facts.core)?;
    if core.digest() != logged.core {
        return Err(fault(Code::IndexLineDigest, text::index_line_altered(&artifact.to_string())));
    }
    let bytes = directory.read(&layout::index(package), limits::INDEX_LEN as u64)?.unwrap_or_default();
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
    let mut known: BTreeSet<String> = chains.keys().map(layout::namespace).collect();
    known.extend(trust_roots.keys().map(|version| layout::trust_root(*version)));
    known.extend(releases.keys().map(|artifact| layout::index(&artifact.package)));
    known
}

/// No index file, namespace or trust root is there that the log does not know. Archives are another matter: one whose
/// batch was never logged may stay, since nobody is led to it.
fn check_strangers(source: &dyn Source, known: &BTreeSet<String>) -> Result<(), Error> {
    let mut faults = Faults::default();
    for folder in ["index", "ns", "trust"] {
        for path in source.list(folder).unwrap_or_default() {
            // What a killed writer left behind is not part of the registry.
            let left = path.rsplit('/').next().is_some_and(|name| name.starts_with(".vitte-"));
            if !known.contains(&path) && !left {
                let fault = Diagnostic::new(Code::RegistryLayout, text::registry_not_from_log(&path));
                faults.add(Err(source.about(fault.into(), &path)));
            }
        }
    }
    faults.end()
}
