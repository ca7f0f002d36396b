//! A registry checked from scratch: the log replayed leaf by leaf, and every file that follows from it compared.
//!
//! It needs no key and trusts nothing but the trust root. It does not read the content of archives: the caller
//! verifies each by [`crate::verify`].

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

/// A release whose signatures are still to be checked: that takes most of the time of an audit.
#[derive(Clone, Debug)]
pub struct UncheckedRelease {
    index: u64,
    leaf: Leaf,
}

/// Proof that the signatures of a release of the log were checked. Made by [`Audit::verify`] alone.
#[derive(Clone, Copy, Debug)]
pub struct CheckedRelease {
    index: u64,
}

/// Whether the proof next to an archive may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proofs {
    /// Each archive has its proof.
    Required,
    /// Clients make those that are missing from the tiles.
    Optional,
}

/// So many signatures are checked together.
const BATCH: usize = 4096;

/// An audit under way.
#[derive(Clone, Debug)]
pub struct Audit {
    trust: VerifiedTrustRoot,
    listed: BTreeSet<String>,
    proofs: Proofs,
    checkpoint: Option<VerifiedCheckpoint>,
    next: u64,
    log: Appender,
    tiles: Vec<(TileId, Vec<u8>)>,
    time: Option<u64>,
    threads: BTreeMap<Thread, u64>,
    chains: BTreeMap<Namespace, NamespaceChain>,
    releases: BTreeMap<Artifact, Logged>,
    versions: BTreeSet<(PackageName, Version)>,
    statuses: BTreeMap<(PackageName, Version), Vec<IndexStatus>>,
    trust_roots: BTreeMap<u64, Vec<u8>>,
    unchecked: Vec<UncheckedRelease>,
    /// What is wrong with the leaf that was read last; reported when the releases before it have been checked.
    failed: Option<WriteError>,
    /// The packages whose files are still to be compared, from the last to the first.
    packages: Option<Vec<(PackageName, Vec<Artifact>)>>,
    faults: Vec<WriteError>,
}

impl Audit {
    /// Begins the audit of a registry by its newest trust root. `listed` are the paths of its files; without a way to
    /// list them, none: then files that should not be there are not noticed.
    pub fn new(trust: VerifiedTrustRoot, listed: BTreeSet<String>, proofs: Proofs) -> Self {
        Self {
            trust,
            listed,
            proofs,
            checkpoint: None,
            next: 0,
            log: Appender::empty(),
            tiles: Vec::new(),
            time: None,
            threads: BTreeMap::new(),
            chains: BTreeMap::new(),
            releases: BTreeMap::new(),
            versions: BTreeSet::new(),
            statuses: BTreeMap::new(),
            trust_roots: BTreeMap::new(),
            unchecked: Vec::new(),
            failed: None,
            packages: None,
            faults: Vec::new(),
        }
    }

    /// The releases whose signatures are to be checked now, before [`Audit::check`] goes on: each by [`Audit::verify`],
    /// on as many threads as there are.
    pub fn unchecked(&self) -> &[UncheckedRelease] {
        &self.unchecked
    }

    /// Checks that a release was signed, for exactly what the log says, by keys that its namespace had then.
    ///
    /// # Errors
    /// [`WriteError::File`] naming the log entry.
    pub fn verify(&self, release: &UncheckedRelease) -> Result<CheckedRelease, WriteError> {
        let checked = self.check_release(release.index, &release.leaf);
        checked.map_err(|error| in_file(&entry_name(release.index), error))?;
        Ok(CheckedRelease { index: release.index })
    }

    /// Takes the releases that were checked.
    pub fn accept(&mut self, checked: &[CheckedRelease]) {
        let checked: BTreeSet<u64> = checked.iter().map(|one| one.index).collect();
        self.unchecked.retain(|release| !checked.contains(&release.index));
    }

    /// Checks all signatures that are to be checked now, one after the other.
    ///
    /// # Errors
    /// As [`Audit::verify`], for the first that fails.
    pub fn verify_all(&mut self) -> Result<(), WriteError> {
        let checked: Result<Vec<_>, _> = self.unchecked.iter().map(|release| self.verify(release)).collect();
        self.accept(&checked?);
        Ok(())
    }

    /// The releases of a log that was found in order: artifact, identity, and digest of the `core` of its index line.
    pub fn releases(&self) -> impl Iterator<Item = (&Artifact, &TreeDigest, &Digest)> {
        let releases = self.releases.iter().filter(|_| self.packages.is_some());
        releases.map(|(artifact, logged)| (artifact, &logged.tree, &logged.core))
    }

    /// Digest of the first trust root that the log names: what users pin.
    pub fn first_trust_root(&self) -> Option<Digest> {
        self.trust_roots.values().next().map(|envelope| Digest::of(envelope))
    }

    /// What the registry holds, when all that is needed is in the snapshot; looks on when it was supplied, and when the
    /// signatures of [`Audit::unchecked`] were checked.
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
        while self.failed.is_none() && self.next < checkpoint.size() {
            if self.unchecked.len() >= BATCH {
                return Poll::Pending;
            }
            let number = self.next / tile::WIDTH;
            let bundle = ready!(snapshot.bundle(number, checkpoint.size())).map_err(first)?;
            for bytes in bundle.iter().skip((self.next % tile::WIDTH) as usize) {
                match self.take(self.next, bytes) {
                    Ok(Poll::Ready(())) => self.next += 1,
                    Ok(Poll::Pending) => return Poll::Pending,
                    Err(error) => {
                        self.failed = Some(in_file(&entry_name(self.next), error));
                        break;
                    }
                }
            }
            let read = BundleId::at(number, checkpoint.size());
            read.into_iter().for_each(|id| snapshot.forget(&layout::bundle(id)));
        }
        // What came before a fault is reported first.
        if !self.unchecked.is_empty() {
            return Poll::Pending;
        }
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(vec![error]));
        }
        self.tiles.extend(self.log.take_tiles());
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

    /// Takes in one leaf; not yet while it is a record of a namespace, and releases before it are unchecked: a release is
    /// judged by the keys of its own time.
    fn take(&mut self, index: u64, bytes: &[u8]) -> Result<Poll<()>, WriteError> {
        let leaf = Leaf::parse(bytes)?;
        if matches!(leaf.subject, Subject::Namespace { .. }) && !self.unchecked.is_empty() {
            return Ok(Poll::Pending);
        }
        self.log.append(bytes)?;
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
            Subject::Genesis { registry: of } => self.take_trust_root(of.as_str(), 1, envelope)?,
            Subject::Trust { registry: of, version } => {
                self.take_trust_root(of.as_str(), *version, envelope)?
            }
            Subject::Namespace { namespace, seq } => {
                let new = || NamespaceChain::new(registry.clone(), namespace.clone());
                let chain = self.chains.entry(namespace.clone()).or_insert_with(new);
                if *seq != chain.len() as u64 {
                    return Err(mismatch("record", &chain.len().to_string(), &seq.to_string()));
                }
                chain.push(index, envelope)?;
            }
            Subject::Release { artifact, tree, index: core } => {
                self.versions.insert((artifact.package.clone(), artifact.version.clone()));
                let leaf_hash = merkle::leaf_hash(bytes);
                let logged = Logged { index, time: leaf.time, tree: *tree, core: *core, leaf: leaf_hash };
                if let Some(first) = self.releases.insert(artifact.clone(), logged) {
                    let message = text::duplicate_release(&artifact.to_string(), first.index, index);
                    return Err(Diagnostic::new(Code::DuplicateRelease, message).into());
                }
                self.unchecked.push(UncheckedRelease { index, leaf });
            }
            Subject::Status { package, version } => self.take_status(index, package, version, envelope)?,
        }
        Ok(Poll::Ready(()))
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

    fn check_release(&self, index: u64, leaf: &Leaf) -> Result<(), WriteError> {
        let Subject::Release { artifact, tree, index: core } = &leaf.subject else { return Ok(()) };
        let envelope = Envelope::parse(leaf.envelopes.first().map(String::as_bytes).unwrap_or_default())?;
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
        if !self.versions.contains(&(package.clone(), version.clone())) {
            let message = text::release_missing(&format!("{package}@{version}"), registry.as_str());
            return Err(Diagnostic::new(Code::Leaf, message).into());
        }
        let history = self.statuses.entry((package.clone(), version.clone())).or_default();
        if record.seq != history.len() as u64 {
            return Err(mismatch("status record", &history.len().to_string(), &record.seq.to_string()));
        }
        history.push(IndexStatus { log: index, change: record.change });
        Ok(())
    }

    /// Compares the files that follow from the log: first those of the log and the namespaces, then package by package.
    fn check_files(
        &mut self,
        checkpoint: &VerifiedCheckpoint,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<Audited, Vec<WriteError>>> {
        let size = checkpoint.size();
        let derived = ready!(snapshot.derived_size()).unwrap_or(size).min(size);
        if self.packages.is_none() {
            let faults = ready!(self.check_log_files(checkpoint, snapshot)).map_err(|error| vec![error])?;
            if !faults.is_empty() {
                // Only a log that is in order tells what else there should be.
                return Poll::Ready(Err(faults));
            }
            let faults = ready!(self.check_chains(size, derived, snapshot));
            let mut packages: BTreeMap<PackageName, Vec<Artifact>> = BTreeMap::new();
            for artifact in self.releases.keys() {
                packages.entry(artifact.package.clone()).or_default().push(artifact.clone());
            }
            self.packages = Some(packages.into_iter().rev().collect());
            self.faults = faults;
        }
        while let Some((package, artifacts)) = self.packages.as_ref().and_then(|packages| packages.last()) {
            let faults = ready!(self.check_package(package, artifacts, size, derived, snapshot));
            self.faults.extend(faults);
            self.packages.as_mut().and_then(Vec::pop);
        }
        let mut faults = std::mem::take(&mut self.faults);
        self.check_unexpected_files(&mut |result| faults.extend(result.err()));
        if !faults.is_empty() {
            return Poll::Ready(Err(faults));
        }
        let packages: BTreeSet<_> = self.releases.keys().map(|artifact| &artifact.package).collect();
        Poll::Ready(Ok(Audited {
            entries: size,
            root: *checkpoint.root(),
            namespaces: self.chains.len(),
            packages: packages.len(),
            artifacts: self.releases.len(),
            unfinished: size - derived,
        }))
    }

    fn check_log_files(
        &self,
        checkpoint: &VerifiedCheckpoint,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<Vec<WriteError>, WriteError>> {
        let size = checkpoint.size();
        ready!(snapshot.want(self.needed_files(size)));
        let mut faults = Vec::new();
        for (path, expected) in ready!(self.superseded(size, snapshot))? {
            let fault = ready!(same(snapshot, &path, layout::BUNDLE_LEN, &expected)).err();
            faults.extend(fault.map(|fault| fault.help(text::registry_superseded_help(&path))));
        }
        for (id, expected) in &self.tiles {
            let path = layout::tile(*id);
            // A partial tile may be gone where the full one is there.
            let there = ready!(snapshot.file(&path, layout::TILE_LEN)).is_some();
            let path = if there { path } else { layout::tile(id.full()) };
            faults.extend(ready!(same(snapshot, &path, layout::TILE_LEN, expected)).err());
        }
        if self.log.root() != *checkpoint.root() {
            let (got, expected) = (self.log.root().to_string(), checkpoint.root().to_string());
            let fault = Diagnostic::new(Code::Consistency, text::registry_root(size, &got, &expected));
            faults.push(in_file(layout::CHECKPOINT, fault.into()));
        }
        Poll::Ready(Ok(faults))
    }

    /// Compares the trust roots and the namespaces.
    fn check_chains(&self, size: u64, derived: u64, snapshot: &mut Snapshot) -> Poll<Vec<WriteError>> {
        let mut faults = Vec::new();
        for (version, envelope) in &self.trust_roots {
            let path = layout::trust_root(*version);
            // The newest may be in the log only: its writer was stopped.
            if *version <= self.trust.root().version || derived == size {
                faults.extend(ready!(same(snapshot, &path, limits::ENVELOPE_LEN as u64, envelope)).err());
            }
        }
        for (namespace, chain) in &self.chains {
            faults.extend(ready!(check_namespace(snapshot, namespace, chain, derived)).err());
        }
        Poll::Ready(faults)
    }

    /// Compares the index file and the proofs of a package.
    fn check_package(
        &self,
        package: &PackageName,
        artifacts: &[Artifact],
        size: u64,
        derived: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Vec<WriteError>> {
        let of_package = artifacts.iter().filter_map(|artifact| self.releases.get_key_value(artifact));
        let mut logged: Vec<_> = of_package.collect();
        logged.sort_by_key(|(_, logged)| logged.index);
        let proof = |artifact: &Artifact| (layout::proof(artifact), limits::TLOG_PROOF_LEN as u64);
        let mut wanted: Vec<_> = logged.iter().map(|(artifact, _)| proof(artifact)).collect();
        wanted.push((layout::index(package), limits::INDEX_LEN as u64));
        ready!(snapshot.want(wanted));
        let mut faults = Vec::new();
        // Where a writer was stopped the file is as it was before, or as it will be.
        if let Err(fault) = ready!(self.check_index(package, &logged, size, size, snapshot)) {
            let indexed: Vec<_> =
                logged.iter().copied().filter(|(_, logged)| logged.index < derived).collect();
            let before = ready!(self.check_index(package, &indexed, derived, size, snapshot));
            if derived == size || before.is_err() {
                faults.push(fault);
            }
        }
        for (artifact, logged) in &logged {
            faults.extend(ready!(self.check_proof(artifact, logged, derived, snapshot)).err());
            snapshot.forget(&layout::proof(artifact));
        }
        snapshot.forget(&layout::index(package));
        Poll::Ready(faults)
    }

    /// The files of the log and the namespaces, so that they are brought in one round.
    fn needed_files(&self, size: u64) -> Vec<(String, u64)> {
        let mut wanted: Vec<_> =
            self.tiles.iter().map(|(id, _)| (layout::tile(*id), layout::TILE_LEN)).collect();
        wanted.extend(self.partials(size).into_iter().map(|(path, ..)| (path, layout::BUNDLE_LEN)));
        let trust = |version: &u64| (layout::trust_root(*version), limits::ENVELOPE_LEN as u64);
        wanted.extend(self.trust_roots.keys().map(trust));
        let chain = |namespace: &Namespace| (layout::namespace(namespace), limits::NAMESPACE_FILE_LEN as u64);
        wanted.extend(self.chains.keys().map(chain));
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

    /// The proof next to the archive proves the archive's leaf; it may be missing where a writer was stopped.
    fn check_proof(
        &self,
        artifact: &Artifact,
        logged: &Logged,
        derived: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let path = layout::proof(artifact);
        let Some(bytes) = ready!(snapshot.file(&path, limits::TLOG_PROOF_LEN as u64)) else {
            let needless = logged.index >= derived || self.proofs == Proofs::Optional;
            return Poll::Ready(if needless { Ok(()) } else { Err(missing(&path)) });
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
    let published = chain.records().filter(|(index, ..)| *index < derived).count();
    let before: Vec<u8> =
        whole.split_inclusive(|byte| *byte == b'\n').take(published).flatten().copied().collect();
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

fn entry_name(index: u64) -> String {
    format!("log entry {index}")
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
