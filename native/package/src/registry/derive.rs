//! The files that follow from the log: index, namespaces, trust roots, proofs.
//!
//! They are made by folding the log over what is there already, so a crash between checkpoint and index loses
//! nothing: the next writer, or `registry verify --repair`, folds the rest. How far the fold has come stands in
//! `.vitte-registry.derived`.

use super::directory::Directory;
use super::examine::examine;
use super::log_files::LogFiles;
use super::sequencer::{Head, Sequencer};
use super::source::Source;
use crate::error::Error;
use crate::message::registry as text;
use crate::report::{Reporter, Silent};
use std::collections::BTreeMap;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{Core, IndexEntry, IndexFile, IndexStatus, core_line};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::{Artifact, Leaf, Subject};
use vitte_package_core::log::note::IndexKey;
use vitte_package_core::log::proof::{Goal, LogTiles, TlogProof};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::{Envelope, NamespaceChain, StatusRecord};
use vitte_package_core::verify::{Expectation, Trust};

/// The folder that says which leaf of each package was the last.
const LAST: &str = ".vitte-registry.last";
/// The file that says how far the fold has come.
const DERIVED: &str = ".vitte-registry.derived";

/// What an index line says beside the log: it follows from the archive alone.
#[derive(Clone, Debug)]
pub struct ArchiveFacts {
    /// The `core` of its index line.
    pub core: String,
    /// Its head digest.
    pub head: Digest,
    /// Digest of the whole file.
    pub file: Digest,
    /// Bytes of the file.
    pub size: u64,
}

/// Facts of archives that were just examined, so that they are not read again.
pub type KnownArchives = BTreeMap<Artifact, ArchiveFacts>;

/// Reads an archive of the registry whose identity the log gives, and what its index line must say.
///
/// # Errors
/// `not-found` when it is not there; what the verifier finds.
pub fn archive_facts(
    directory: &Directory,
    artifact: &Artifact,
    tree: vitte_package_core::digest::TreeDigest,
    reporter: &dyn Reporter,
) -> Result<ArchiveFacts, Error> {
    let path = layout::archive(artifact);
    let missing = || {
        let message = text::registry_file_missing(&path);
        Error::from(Diagnostic::new(Code::NotFound, message))
    };
    let archive = directory.open(&path)?.ok_or_else(missing)?;
    let expectation = Expectation {
        tree: Some(tree),
        package: Some(artifact.package.clone()),
        version: Some(artifact.version.clone()),
        kind: Some(artifact.kind),
        ..Expectation::default()
    };
    let examined = examine(archive, expectation, Trust::Identity(tree), reporter)
        .map_err(|error| error.in_file(directory.file(&path)))?;
    let package = &examined.package;
    Ok(ArchiveFacts {
        core: core_line(package.manifest(), package.tree(), artifact.kind, &artifact.target),
        head: package.head().head_digest(),
        file: examined.file,
        size: examined.size,
    })
}

/// Brings the derived files up to the log's end.
///
/// # Errors
/// `io`, `no-space`; `leaf`, `index` and their kin when the folder was damaged.
pub fn derive(sequencer: &Sequencer, known: &KnownArchives) -> Result<(), Error> {
    let directory = sequencer.directory();
    let (from, to) = (derived_size(directory)?.unwrap_or(0).min(sequencer.size()), sequencer.size());
    if from == to {
        return Ok(());
    }
    let mut fold = Fold {
        sequencer,
        known,
        files: LogFiles::new(directory, to),
        indexes: Vec::new(),
        chains: BTreeMap::new(),
        proofs: Vec::new(),
        last: BTreeMap::new(),
    };
    for index in from..to {
        let bytes = fold.files.entry(index)?;
        fold.take(index, &bytes)?;
    }
    fold.write(to)?;
    directory.write(DERIVED, format!("{to}\n").as_bytes())
}

/// How many leaves the derived files have taken in; `None` when that is not known, as in a copy of a registry.
///
/// # Errors
/// `io`.
pub fn derived_size(source: &dyn Source) -> Result<Option<u64>, Error> {
    let bytes = source.read(DERIVED, 64)?.unwrap_or_default();
    Ok(String::from_utf8(bytes).ok().and_then(|text| text.trim_end().parse().ok()))
}

/// Forgets how far the fold has come, so that the next one begins at the first leaf.
///
/// # Errors
/// `io`, `no-space`.
pub fn forget_derived(directory: &Directory) -> Result<(), Error> {
    directory.write(DERIVED, b"0\n")
}

struct Fold<'a> {
    sequencer: &'a Sequencer,
    known: &'a KnownArchives,
    files: LogFiles<'a>,
    /// Packages in the order they were first touched: dependencies are logged before their dependents.
    indexes: Vec<(IndexFile, bool)>,
    chains: BTreeMap<Namespace, NamespaceChain>,
    proofs: Vec<(u64, Artifact, Vec<u8>)>,
    last: BTreeMap<PackageName, u64>,
}

impl Fold<'_> {
    fn take(&mut self, index: u64, bytes: &[u8]) -> Result<(), Error> {
        let leaf = Leaf::parse(bytes)?;
        match &leaf.subject {
            Subject::Genesis { .. } => self.trust_root(1, &leaf)?,
            Subject::Trust { version, .. } => self.trust_root(*version, &leaf)?,
            Subject::Namespace { namespace, seq } => {
                let envelope = leaf.envelopes.first().map(String::as_bytes).unwrap_or_default().to_vec();
                let chain = self.chain(namespace)?;
                if chain.len() as u64 == *seq {
                    chain.push(index, &envelope)?;
                }
            }
            Subject::Release { artifact, tree, .. } => {
                self.last.insert(artifact.package.clone(), index);
                self.proofs.push((index, artifact.clone(), bytes.to_vec()));
                let there = self.index(&artifact.package)?.0.entries().iter().any(|entry| entry.log == index);
                if !there {
                    let facts = match self.known.get(artifact) {
                        Some(facts) => facts.clone(),
                        None => archive_facts(self.sequencer.directory(), artifact, *tree, &Silent)?,
                    };
                    let core = Core::parse(&facts.core)?;
                    let entry = IndexEntry {
                        core,
                        log: index,
                        time: leaf.time,
                        head: facts.head,
                        file: facts.file,
                        size: facts.size,
                        status: None,
                    };
                    let (file, changed) = self.index(&artifact.package)?;
                    file.add(entry)?;
                    *changed = true;
                }
            }
            Subject::Status { package, version } => {
                let envelope = leaf.envelopes.first().map(String::as_bytes).unwrap_or_default();
                let record = StatusRecord::unverified(&Envelope::parse(envelope)?)?;
                self.last.insert(package.clone(), index);
                let (file, changed) = self.index(package)?;
                file.set_status(version, &IndexStatus { log: index, change: record.change });
                *changed = true;
            }
        }
        Ok(())
    }

    fn trust_root(&self, version: u64, leaf: &Leaf) -> Result<(), Error> {
        let path = layout::trust_root(version);
        let directory = self.sequencer.directory();
        match directory.read(&path, limits::ENVELOPE_LEN as u64)? {
            Some(_) => Ok(()),
            None => directory.write(&path, leaf.envelopes.first().map(String::as_bytes).unwrap_or_default()),
        }
    }

    fn chain(&mut self, namespace: &Namespace) -> Result<&mut NamespaceChain, Error> {
        match self.chains.entry(namespace.clone()) {
            std::collections::btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(place) => {
                Ok(place.insert(read_chain(self.sequencer, namespace)?))
            }
        }
    }

    fn index(&mut self, package: &PackageName) -> Result<(&mut IndexFile, &mut bool), Error> {
        let at = match self.indexes.iter().position(|(file, _)| file.package() == package) {
            Some(at) => at,
            None => {
                let file =
                    read_index(self.sequencer, package)?.unwrap_or_else(|| IndexFile::new(package.clone()));
                self.indexes.push((file, false));
                self.indexes.len() - 1
            }
        };
        let (file, changed) = &mut self.indexes[at];
        Ok((file, changed))
    }

    /// Proofs first, then namespaces, then the index files: what an index file names is there before it.
    fn write(mut self, size: u64) -> Result<(), Error> {
        let directory = self.sequencer.directory();
        let checkpoint = self.sequencer.checkpoint();
        let note = directory.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?.unwrap_or_default();
        let newest = self.sequencer.newest_log_key()?;
        let mut tiles = LogTiles::new(&checkpoint);
        let goals: Vec<_> = self.proofs.iter().map(|(index, ..)| Goal::Leaf(*index)).collect();
        self.files.prove(&mut tiles, &goals)?;
        for (index, artifact, leaf) in &self.proofs {
            let path = layout::proof(artifact);
            // A proof that is there is as good, as long as the key that signed it counts for a while.
            let there = directory.read(&path, limits::TLOG_PROOF_LEN as u64)?;
            let good =
                |bytes: Vec<u8>| TlogProof::parse(&bytes).and_then(|proof| proof.verify(&newest)).is_ok();
            if !there.is_some_and(good) {
                let proof = TlogProof::new(leaf, *index, tiles.inclusion(*index)?, &note);
                directory.write(&path, &proof.to_bytes())?;
            }
        }
        for (namespace, chain) in &self.chains {
            directory.write(&layout::namespace(namespace), &chain.to_bytes())?;
        }
        for (package, index) in &self.last {
            directory.write(&last_path(package), format!("{index}\n").as_bytes())?;
        }
        let (registry, key) = (self.sequencer.registry(), &self.sequencer.keys().index);
        let newest = [IndexKey::new(&IndexKey::name_of(registry), key.public())?];
        for (file, changed) in &mut self.indexes {
            let path = layout::index(file.package());
            let signed = || -> Result<bool, Error> {
                let bytes = directory.read(&path, limits::INDEX_LEN as u64)?.unwrap_or_default();
                Ok(IndexFile::open(&bytes, &newest, file.package()).is_ok())
            };
            if *changed || !signed()? {
                directory.write(&path, &file.sign(size, registry, key)?)?;
            }
        }
        Ok(())
    }
}

/// Where it stands which leaf of a package was the last: the index line of an undone status does not say.
fn last_path(package: &PackageName) -> String {
    format!("{LAST}/{}/{}", package.namespace_or_none(), package.base())
}

/// The last leaf of a package, release or status; `None` when there is none.
///
/// # Errors
/// As [`read_index`].
pub fn last_leaf(head: &dyn Head, package: &PackageName) -> Result<Option<u64>, Error> {
    let noted = head.directory().read(&last_path(package), 64)?.unwrap_or_default();
    let noted = String::from_utf8(noted).ok().and_then(|text| text.trim_end().parse::<u64>().ok());
    let indexed = read_index(head, package)?.and_then(|file| file.last_leaf());
    Ok(noted.max(indexed))
}

/// The index file of a package, as it stands.
///
/// # Errors
/// `index-signature`, `index`: it was altered.
pub fn read_index(head: &dyn Head, package: &PackageName) -> Result<Option<IndexFile>, Error> {
    let path = layout::index(package);
    let directory = head.directory();
    let Some(bytes) = directory.read(&path, limits::INDEX_LEN as u64)? else { return Ok(None) };
    IndexFile::open(&bytes, &head.trust().root().index, package)
        .map(Some)
        .map_err(|error| Error::from(error).in_file(directory.file(&path)))
}

/// The records of a namespace, as they stand; none when there are none.
///
/// # Errors
/// `ns-chain` and its kin: the file was altered.
pub fn read_chain(head: &dyn Head, namespace: &Namespace) -> Result<NamespaceChain, Error> {
    let path = layout::namespace(namespace);
    let directory = head.directory();
    let bytes = directory.read(&path, limits::NAMESPACE_FILE_LEN as u64)?.unwrap_or_default();
    NamespaceChain::parse(head.registry().clone(), namespace.clone(), &bytes)
        .map_err(|error| Error::from(error).in_file(directory.file(&path)))
}
