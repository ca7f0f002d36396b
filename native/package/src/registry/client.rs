//! Everything a client checks before it believes a release: trust root, checkpoint, index, log entry, namespace.
//!
//! The steps are those of `core/docs/trust.md`, section 8. What was checked is remembered by [`RegistryClient::commit`],
//! which comes last, after the content was verified as well.

use super::continuity::{continue_log, read_checkpoint};
use super::directory::Directory;
use super::http::HttpRegistry;
use super::location::Location;
use super::log_files::{BUNDLE_LEN, Bundles, LogFiles, TILE_LEN};
use super::proved::{KnownNote, Proved};
use super::source::Source;
use super::state::{Saved, SeenLog, TrustState};
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use crate::parallel;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{IndexEntry, IndexError, IndexFile, RegistryConfig, locate};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf};
use vitte_package_core::log::proof::{Goal, LogTiles, TlogProof};
use vitte_package_core::log::tile::BundleId;
use vitte_package_core::message::{evidence, registry as text, store as store_text, usage};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::nearest::nearest_package;
use vitte_package_core::sign::{NamespaceChain, RegistryId, VerifiedTrustRoot};
use vitte_package_core::verify::release::judge::{
    check_records, check_remembered, check_rev, judge_again, judge_entry,
};
use vitte_package_core::verify::release::{ProvenRelease, Seen, SeenRecord};

/// A registry that is believed as far as its trust root, log and index go.
pub struct RegistryClient {
    source: Box<dyn Source>,
    config: RegistryConfig,
    state: TrustState,
    trust: VerifiedTrustRoot,
    checkpoint: VerifiedCheckpoint,
    tiles: LogTiles,
    bundles: Bundles,
    chains: BTreeMap<Namespace, NamespaceChain>,
    /// Index files that were read and believed. One command sees one state of each.
    indexes: BTreeMap<PackageName, Option<Arc<IndexFile>>>,
    /// Index files that were read ahead, and are not believed yet.
    ahead: BTreeMap<PackageName, ReadIndex>,
    /// Those of `indexes` and `ahead` that are copies the registry was not asked about.
    settled: BTreeSet<PackageName>,
    /// How many threads may work.
    jobs: usize,
    seen: Seen,
    proved: Proved,
}

/// An index file as it was read: none if there is none, else what the check of its signature said.
type ReadIndex = Result<Option<(KnownNote, Result<IndexFile, IndexError>)>, Error>;

/// A release whose proof is wanted: the index file and its line.
pub type Unproved = (Arc<IndexFile>, IndexEntry);

impl std::fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegistryClient({}, {} entries)", self.config.registry, self.checkpoint.size())
    }
}

impl RegistryClient {
    /// Opens a registry: pinned trust root and its successors, checkpoint, consistency with the one seen before.
    ///
    /// # Errors
    /// `untrusted-registry` when its trust root was never pinned, `registry-layout` when there is no registry,
    /// `trust-root` and its kin, `note`, `origin`; `split-view` when the log is not a continuation of the one seen
    /// before: both checkpoints are then kept as evidence and nothing is remembered. Network faults.
    pub fn open(env: &Env, location: &Location) -> Result<Self, Error> {
        Self::from_source(env, open_source(env, location)?)
    }

    /// As [`RegistryClient::open`], for files from anywhere.
    ///
    /// # Errors
    /// As [`RegistryClient::open`].
    pub fn from_source(env: &Env, source: Box<dyn Source>) -> Result<Self, Error> {
        let config = read_config(&*source)?;
        let home = env.vitte_home()?;
        fs::check_guarded(&home)?;
        let state = TrustState::of(&home, &config.registry);
        fs::check_guarded(state.folder())?;
        let mut trust = match state.trust_root()? {
            Some(trust) => trust,
            None => return Err(untrusted(&*source, &config)),
        };
        while let Some(next) = source
            .read(&locate::trust_root(trust.root().version.saturating_add(1)), limits::ENVELOPE_LEN as u64)?
        {
            trust = trust.advance(&next).map_err(|error| about(error.into(), &*source, "trust"))?;
        }
        let fetched = read_checkpoint(&*source, &trust)?;
        let mut seen = state.seen()?;
        let stored = match state.checkpoint(&trust)? {
            SeenLog::Nothing => None,
            SeenLog::Log(stored) => Some(stored),
            SeenLog::Dropped(note) => {
                seen = Seen::default();
                state.forget_log(&note)?;
                None
            }
        };
        // What was proved before holds for this log as far as it continues the one it was proved in.
        let proved = match &stored {
            Some(stored) => Proved::read(state.folder(), &trust, stored.size()),
            None => Proved::nothing(&trust),
        };
        let (checkpoint, tiles) = continue_log(&*source, &state, stored, fetched)?;
        Ok(Self {
            source,
            config,
            state,
            trust,
            checkpoint,
            tiles,
            bundles: Bundles::default(),
            chains: BTreeMap::new(),
            indexes: BTreeMap::new(),
            ahead: BTreeMap::new(),
            settled: BTreeSet::new(),
            jobs: env.jobs()?,
            seen,
            proved,
        })
    }

    /// Id of the registry.
    pub fn id(&self) -> &RegistryId {
        &self.trust.root().registry
    }

    /// What people call it.
    pub fn name(&self) -> String {
        self.source.name()
    }

    /// The registry's own hints.
    pub fn config(&self) -> &RegistryConfig {
        &self.config
    }

    /// The newest trust root.
    pub fn trust_root(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    /// The checkpoint everything is proved against.
    pub fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// The files of the registry, unchecked.
    pub fn source(&self) -> &dyn Source {
        &*self.source
    }

    /// The index file of a package, read once; `None` when the registry has no such package.
    ///
    /// # Errors
    /// `index-signature`, `index`, `index-version`; `index-rollback` when it is older than one seen before, or newer
    /// than the log.
    pub fn index(&mut self, package: &PackageName) -> Result<Option<Arc<IndexFile>>, Error> {
        if let Some(read) = self.indexes.get(package) {
            return Ok(read.clone());
        }
        let path = locate::index(package);
        let file = match self.index_at(package, &path) {
            Err(_) if self.source.disbelieve(&path) => self.index_at(package, &path),
            result => result,
        };
        let file = file?.map(Arc::new);
        self.indexes.insert(package.clone(), file.clone());
        Ok(file)
    }

    /// Takes what is kept of the index files of packages whose locked versions are to stay, and asks the registry for
    /// none of them: whether there is something newer makes no difference. Gives the packages for which that was
    /// possible. What is kept is at most a day old, and passes the same checks.
    pub fn settle(&mut self, packages: BTreeSet<&PackageName>) -> BTreeSet<PackageName> {
        let unread = packages.into_iter().filter(|package| !self.indexes.contains_key(*package));
        let kept = |package: &PackageName| {
            let bytes = self.source.kept(&locate::index(package), limits::INDEX_LEN as u64)?;
            let (known, opened) = self.open_index(package, &bytes);
            let seen = self.seen.packages.get(package.as_str()).copied();
            let file = opened.ok()?;
            let good =
                check_rev(package, seen, file.rev()).is_ok() && file.log_size() <= self.checkpoint.size();
            good.then(|| (package.clone(), Ok(Some((known, Ok(file))))))
        };
        let kept: Vec<_> = parallel::map(unread.collect(), self.jobs, kept).into_iter().flatten().collect();
        let settled: BTreeSet<PackageName> = kept.iter().map(|(package, _)| package.clone()).collect();
        self.ahead.extend(kept);
        self.settled.extend(settled.iter().cloned());
        settled
    }

    /// Drops what [`RegistryClient::settle`] took: the registry is asked after all.
    pub fn unsettle(&mut self) {
        for package in std::mem::take(&mut self.settled) {
            self.ahead.remove(&package);
            self.indexes.remove(&package);
        }
    }

    /// Reads an index file and checks its signature.
    fn read_index(&self, package: &PackageName) -> ReadIndex {
        let bytes = self.source.read(&locate::index(package), limits::INDEX_LEN as u64)?;
        Ok(bytes.map(|bytes| self.open_index(package, &bytes)))
    }

    fn open_index(&self, package: &PackageName, bytes: &[u8]) -> (KnownNote, Result<IndexFile, IndexError>) {
        let known = self.proved.note(package, bytes);
        let opened = match known.is_known() {
            true => IndexFile::reopen(bytes, package),
            false => IndexFile::open(bytes, &self.trust.root().index, package),
        };
        (known, opened)
    }

    fn index_at(&mut self, package: &PackageName, path: &str) -> Result<Option<IndexFile>, Error> {
        let seen = self.seen.packages.get(package.as_str()).copied();
        let read = self.ahead.remove(package).unwrap_or_else(|| self.read_index(package));
        let Some((known, opened)) = read? else {
            check_rev(package, seen, 0).map_err(|error| about(error.into(), &*self.source, path))?;
            return Ok(None);
        };
        let file = opened.map_err(|error| about(error.into(), &*self.source, path))?;
        check_rev(package, seen, file.rev()).map_err(|error| about(error.into(), &*self.source, path))?;
        if file.log_size() > self.checkpoint.size() {
            // Something was published since the checkpoint was read.
            self.refresh()?;
        }
        if file.log_size() > self.checkpoint.size() {
            let message = text::index_ahead(package.as_str(), file.log_size(), self.checkpoint.size());
            return Err(about(Diagnostic::new(Code::Index, message).into(), &*self.source, path));
        }
        self.seen.packages.insert(package.to_string(), file.rev());
        self.proved.keep_note(known);
        self.source.believe(path);
        Ok(Some(file))
    }

    /// The fault that the registry has no such package, with the name that was meant, as far as it can be told.
    pub fn no_such_package(&self, package: &PackageName) -> Error {
        let message = store_text::no_such_package(package.as_str(), &self.name());
        let fault = Diagnostic::new(Code::NotFound, message);
        match self.nearest(package) {
            Some(near) => fault.help(usage::did_you_mean(near.as_str())).into(),
            None => fault.into(),
        }
    }

    /// The package whose name is nearest to one that the registry does not have; `None` where it cannot be listed.
    pub fn nearest(&self, package: &PackageName) -> Option<PackageName> {
        let names = self.source.packages()?;
        nearest_package(package, &names).cloned()
    }

    /// Brings the index files of several packages together and checks their signatures, for [`RegistryClient::index`].
    pub fn prefetch_index<'p>(&mut self, packages: impl IntoIterator<Item = &'p PackageName>) {
        let unread = |package: &&PackageName| {
            !self.indexes.contains_key(*package) && !self.ahead.contains_key(*package)
        };
        let unread: Vec<_> = packages.into_iter().filter(unread).collect();
        self.source.prefetch_index(&unread);
        let read = |package: &PackageName| (package.clone(), self.read_index(package));
        let read = parallel::map(unread, self.jobs, read);
        self.ahead.extend(read);
    }

    /// Brings together what proving several releases takes, log entries, namespaces and tiles, and proves them, for
    /// [`RegistryClient::prove_once`]. What does not check is left for that to tell.
    ///
    /// # Errors
    /// `inclusion` when one lies outside the log.
    pub fn prove_ahead(&mut self, releases: &[Unproved]) -> Result<(), Error> {
        self.prefetch_proofs(releases)?;
        let mut leaves = Vec::with_capacity(releases.len());
        for (file, entry) in releases {
            let namespace = file.package().namespace_or_none();
            let leaf = self.release_leaf(&file.artifact(entry), entry.log);
            if let (Ok(leaf), Ok(_)) = (leaf, self.namespace(&namespace)) {
                leaves.push((file, entry, leaf, namespace));
            }
        }
        let (trust, checkpoint, chains) = (&self.trust, &self.checkpoint, &self.chains);
        let judged = parallel::map(leaves, self.jobs, |(file, entry, leaf, namespace)| {
            let proven = judge_entry(trust, checkpoint, file, entry, &leaf, chains.get(&namespace)?).ok()?;
            Some((file, entry, namespace, proven.signers))
        });
        for (file, entry, namespace, signers) in judged.into_iter().flatten() {
            if let Some(chain) = self.chains.get(&namespace) {
                let bound = self.proved.bound(&namespace, chain, file, entry);
                self.proved.keep(bound, &signers);
            }
        }
        Ok(())
    }

    fn prefetch_proofs(&self, releases: &[Unproved]) -> Result<(), Error> {
        let bundles = self.bundles.want(releases.iter().map(|(_, entry)| entry.log));
        let single = releases.iter().filter(|(_, entry)| !self.bundles.wants(entry.log));
        let proof = |(file, entry): &Unproved| locate::proof(&file.artifact(entry));
        let mut wanted: BTreeMap<String, u64> =
            single.map(|release| (proof(release), limits::TLOG_PROOF_LEN as u64)).collect();
        let bundles = bundles.into_iter().filter_map(|index| BundleId::at(index, self.checkpoint.size()));
        wanted.extend(bundles.map(|id| (locate::bundle(id), BUNDLE_LEN)));
        for namespace in releases.iter().map(|(file, _)| file.package().namespace_or_none()) {
            if !self.chains.contains_key(&namespace) {
                wanted.insert(locate::namespace(&namespace), limits::NAMESPACE_FILE_LEN as u64);
            }
        }
        let goals: Vec<Goal> = releases.iter().map(|(_, entry)| Goal::Leaf(entry.log)).collect();
        let tiles = self.tiles.needed(&goals)?;
        wanted.extend(tiles.into_iter().map(|id| (locate::tile(id), TILE_LEN)));
        self.source.prefetch(&wanted.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    /// Reads the checkpoint again and goes on with it, if it continues the present one.
    fn refresh(&mut self) -> Result<(), Error> {
        let fetched = read_checkpoint(&*self.source, &self.trust)?;
        let (checkpoint, tiles) =
            continue_log(&*self.source, &self.state, Some(self.checkpoint.clone()), fetched)?;
        (self.checkpoint, self.tiles) = (checkpoint, tiles);
        Ok(())
    }

    /// Proves an artifact of an index file: its entry is in the log, says what the index says, and was signed by keys
    /// that might sign for the package there and are not revoked.
    ///
    /// # Errors
    /// `inclusion`, `leaf`, `index-line-digest`, `ns-chain`, `threshold`, `key-not-authorised`, `key-revoked`, `policy`.
    pub fn prove(&mut self, file: &IndexFile, entry: &IndexEntry) -> Result<ProvenRelease, Error> {
        let artifact = file.artifact(entry);
        let namespace = artifact.package.namespace_or_none();
        self.namespace(&namespace)?;
        if let Some(chain) = self.chains.get(&namespace) {
            let bound = self.proved.bound(&namespace, chain, file, entry);
            if let Some(signers) = self.proved.signers_now(&bound) {
                return Ok(judge_again(&self.trust, &self.checkpoint, file, entry, chain, signers)?);
            }
        }
        let leaf = self.release_leaf(&artifact, entry.log)?;
        let Some(chain) = self.chains.get(&namespace) else { return Err(layout(&*self.source, "ns/")) };
        Ok(judge_entry(&self.trust, &self.checkpoint, file, entry, &leaf, chain)?)
    }

    /// As [`RegistryClient::prove`], except that what this user's own client has proved before is not proved again:
    /// the same line of the index, under the same trust root and the same records of the namespace, in a log that has
    /// gone on since.
    ///
    /// # Errors
    /// As [`RegistryClient::prove`].
    pub fn prove_once(&mut self, file: &IndexFile, entry: &IndexEntry) -> Result<ProvenRelease, Error> {
        let namespace = file.package().namespace_or_none();
        self.namespace(&namespace)?;
        let Some(chain) = self.chains.get(&namespace) else { return Err(layout(&*self.source, "ns/")) };
        let bound = self.proved.bound(&namespace, chain, file, entry);
        if let Some(signers) = self.proved.signers(&bound, entry.log) {
            return Ok(judge_again(&self.trust, &self.checkpoint, file, entry, chain, signers)?);
        }
        let proven = self.prove(file, entry)?;
        self.proved.keep(bound, &proven.signers);
        Ok(proven)
    }

    /// Whether [`RegistryClient::prove_once`] would ask for nothing.
    ///
    /// # Errors
    /// Those of [`RegistryClient::namespace`].
    pub fn has_proved(&mut self, file: &IndexFile, entry: &IndexEntry) -> Result<bool, Error> {
        if self.proved.is_empty() {
            return Ok(false);
        }
        let namespace = file.package().namespace_or_none();
        self.namespace(&namespace)?;
        let Some(chain) = self.chains.get(&namespace) else { return Ok(false) };
        let bound = self.proved.bound(&namespace, chain, file, entry);
        Ok(self.proved.signers(&bound, entry.log).is_some())
    }

    /// The records of a namespace, each proved to be in the log.
    ///
    /// # Errors
    /// `ns-chain`, `threshold`, `inclusion`, `leaf`.
    pub fn namespace(&mut self, namespace: &Namespace) -> Result<&NamespaceChain, Error> {
        if !self.chains.contains_key(namespace) {
            let chain = self.read_namespace(namespace)?;
            self.chains.insert(namespace.clone(), chain);
        }
        self.chains.get(namespace).ok_or_else(|| layout(&*self.source, &locate::namespace(namespace)))
    }

    fn read_namespace(&mut self, namespace: &Namespace) -> Result<NamespaceChain, Error> {
        let path = locate::namespace(namespace);
        let bytes = self.source.read(&path, limits::NAMESPACE_FILE_LEN as u64)?.unwrap_or_default();
        let parsed = NamespaceChain::parse(self.id().clone(), namespace.clone(), &bytes);
        let chain = parsed.map_err(|error| about(error.into(), &*self.source, &path))?;
        check_remembered(&chain, self.seen.namespaces.get(namespace.as_str()))
            .map_err(|error| about(error.into(), &*self.source, &path))?;
        let places: Vec<u64> = chain.records().map(|(index, ..)| index).collect();
        let leaves = places.into_iter().map(|index| self.leaf(index)).collect::<Result<Vec<_>, _>>()?;
        check_records(&chain, &leaves)?;
        if let (Some(latest), Some(digest)) = (chain.latest(), chain.latest_digest()) {
            let seen = SeenRecord { seq: latest.seq, envelope: digest };
            self.seen.namespaces.insert(namespace.to_string(), seen);
        }
        self.source.believe(&path);
        Ok(chain)
    }

    /// The entry of a release. It is taken from the proof beside the archive where there is one, which is far smaller
    /// than a bundle, unless that was brought because many entries of it are wanted. What it says means nothing until it
    /// has been proved by the log's own tiles.
    fn release_leaf(&mut self, artifact: &Artifact, index: u64) -> Result<Leaf, Error> {
        if self.bundles.wants(index) {
            return self.leaf(index);
        }
        let path = locate::proof(artifact);
        let beside = self.source.read(&path, limits::TLOG_PROOF_LEN as u64)?;
        let told = beside.and_then(|bytes| TlogProof::parse(&bytes).ok());
        match told.as_ref().and_then(TlogProof::unproved_leaf) {
            Some(leaf) => {
                let leaf = self.proved_leaf(index, leaf)?;
                self.source.believe(&path);
                Ok(leaf)
            }
            None => self.leaf(index),
        }
    }

    /// Proves that the log has this entry at this place.
    fn proved_leaf(&mut self, index: u64, bytes: &[u8]) -> Result<Leaf, Error> {
        let files = LogFiles::sharing(&*self.source, self.checkpoint.size(), &self.bundles);
        files.prove(&mut self.tiles, &[Goal::Leaf(index)])?;
        self.tiles.check_leaf(index, bytes)?;
        let leaf = Leaf::parse(bytes)?;
        leaf.check_place(index, None)?;
        Ok(leaf)
    }

    /// An entry of the log, proved to be in it.
    ///
    /// # Errors
    /// `inclusion` when it is not, `leaf` when it is malformed.
    pub fn leaf(&mut self, index: u64) -> Result<Leaf, Error> {
        let bytes = LogFiles::sharing(&*self.source, self.checkpoint.size(), &self.bundles).entry(index)?;
        self.proved_leaf(index, &bytes)
    }

    /// The proof that the entry at `index` is in the log, to travel with a file.
    ///
    /// # Errors
    /// As [`RegistryClient::leaf`].
    pub fn tlog_proof(&mut self, index: u64) -> Result<TlogProof, Error> {
        self.leaf(index)?;
        let bytes = LogFiles::sharing(&*self.source, self.checkpoint.size(), &self.bundles).entry(index)?;
        Ok(TlogProof::new(&bytes, index, self.tiles.inclusion(index)?, self.checkpoint.bytes()))
    }

    /// A fault of an archive that this registry served, with its place and what to do about it.
    pub fn blame(&self, error: Error, artifact: &Artifact) -> Error {
        let error = self.source.about(error, &locate::archive(artifact));
        match error.exit() {
            Exit::Verification => {
                let (name, version) = (artifact.package.as_str(), artifact.version.to_string());
                error.help(evidence::help(name, &version))
            }
            _ => error,
        }
    }

    /// Remembers everything that was checked. To be called when the command's other checks have passed too.
    ///
    /// # Errors
    /// `io`, `no-space`, `busy`.
    pub fn commit(&self) -> Result<(), Error> {
        match self.state.save(&self.trust, &self.checkpoint, &self.seen)? {
            Saved::Newest => self.proved.write(self.state.folder()),
            // What was proved here holds for what continues this log; whether the other one does is not known.
            Saved::NewerThere => Ok(()),
        }
    }
}

/// The files of the registry at a location, unchecked.
///
/// # Errors
/// `insecure-url`; for an address what [`HttpRegistry::open`] brings.
pub fn open_source(env: &Env, location: &Location) -> Result<Box<dyn Source>, Error> {
    Ok(match location {
        Location::Directory(folder) => Box::new(Directory::new(folder)),
        Location::Url(url) => Box::new(HttpRegistry::open(env, url.clone())?),
    })
}

/// Reads `config.json`.
///
/// # Errors
/// `registry-layout` when there is none, `json` when it is malformed.
pub fn read_config(source: &dyn Source) -> Result<RegistryConfig, Error> {
    let bytes = source.read(locate::CONFIG, 64 * 1024)?.ok_or_else(|| layout(source, locate::CONFIG))?;
    RegistryConfig::parse(&bytes).map_err(|error| about(error.into(), source, locate::CONFIG))
}

pub(super) fn layout(source: &dyn Source, path: &str) -> Error {
    Diagnostic::new(Code::RegistryLayout, text::registry_layout(&source.name(), path))
        .help(text::registry_layout_help(&source.name()))
        .into()
}

/// The registry is not pinned: says how to, with the digest of what it offers.
fn untrusted(source: &dyn Source, config: &RegistryConfig) -> Error {
    let offered = source.read(&locate::trust_root(1), limits::ENVELOPE_LEN as u64).ok().flatten();
    let diagnostic =
        Diagnostic::new(Code::UntrustedRegistry, text::registry_untrusted(config.registry.as_str()));
    match offered {
        Some(envelope) => {
            let digest = Digest::of(&envelope).to_string();
            diagnostic.help(text::registry_untrusted_help(&source.name(), &digest)).into()
        }
        None => diagnostic.into(),
    }
}

/// Names the file of the registry that is concerned.
pub(super) fn about(error: Error, source: &dyn Source, path: &str) -> Error {
    source.about(error, path)
}
