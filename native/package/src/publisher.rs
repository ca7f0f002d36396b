//! Publishing into a registry that is a folder: the same checks a client makes, then one batch of the log.
//!
//! Everything is prepared and verified in a private folder first. Then the archives take their places, the log grows
//! by one batch, and the files that follow from the log are made. Several packages are published together or not at
//! all; publishing the same content again changes nothing.

mod candidate;
mod circles;

use crate::env::Env;
use crate::error::Error;
use crate::fs::TempDir;
use crate::message::registry as text;
use crate::registry::derive::{self, read_index};
use crate::registry::directory::{Directory, STAGING};
use crate::registry::sequencer::{Head, PublishedHead, Sequencer};
use crate::report::{Reporter, Task};
use candidate::Candidate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::index::{Core, IndexEntry, IndexFile};
use vitte_package_core::log::leaf::{Artifact, Leaf, Subject, Thread};
use vitte_package_core::name::{Namespace, PackageName, check_part_registrable};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::{Envelope, KeyId, NamespaceChain, NamespaceRecord, SecretKey, dsse};

/// Whether anything is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Store and log.
    Publish,
    /// Make every check, store and log nothing.
    DryRun,
}

/// What became of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was logged now.
    Published,
    /// It was there already, with the same content.
    AlreadyPublished,
    /// It would be logged.
    WouldPublish,
}

/// An artifact, as it stands in the registry.
#[derive(Clone, Debug)]
pub struct PublishedArtifact {
    /// Which.
    pub artifact: Artifact,
    /// Its identity.
    pub tree: TreeDigest,
    /// What became of it.
    pub state: State,
    /// Its log index; of one that would be published, the one it would get.
    pub log: u64,
    /// Files in it.
    pub files: u64,
    /// Bytes of them.
    pub unpacked: u64,
    /// Bytes of the archive.
    pub size: u64,
    /// The keys whose signatures count.
    pub signers: Vec<KeyId>,
    /// Where the archive is in the registry.
    pub path: String,
}

/// What a publish did.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Id of the registry.
    pub registry: String,
    /// The artifacts, in the order they were logged.
    pub artifacts: Vec<PublishedArtifact>,
    /// Namespaces that began to exist.
    pub new_namespaces: Vec<Namespace>,
    /// Leaves of the log now.
    pub log_size: u64,
}

/// Publishes archives in one batch.
///
/// `signer` signs what is not yet signed for this registry, and becomes the owner of namespaces that do not exist. A dry
/// run locks, signs and writes nothing.
///
/// # Errors
/// `version-exists` for other content under the same version, `name` for a name that cannot be registered,
/// `not-found` for a dependency that is neither in the registry nor in the batch, `key-not-authorised` and its kin,
/// whatever is wrong with an archive; `forbidden`, `busy`, `io`. Nothing was published then.
pub fn publish(
    env: &Env,
    directory: Directory,
    archives: &[PathBuf],
    signer: &SecretKey,
    mode: Mode,
    reporter: &dyn Reporter,
) -> Result<Publication, Error> {
    if mode == Mode::DryRun {
        let head = PublishedHead::read(directory, &env.vitte_home()?)?;
        let batch = Batch::prepare(&head, None, archives, signer, reporter)?;
        return Ok(batch.publication(&head, mode));
    }
    let mut sequencer = Sequencer::open(directory, &env.vitte_home()?, reporter)?;
    sequencer.check_clock(env)?;
    // What an earlier writer logged before it died comes first.
    sequencer.derive()?;
    reporter.started(Task::Publish, None);
    let parent = sequencer.directory().file(STAGING);
    let staging = TempDir::new_in(&parent)?;
    let batch = Batch::prepare(&sequencer, Some(staging.path()), archives, signer, reporter)?;
    let mut publication = batch.publication(&sequencer, mode);
    if !batch.candidates.is_empty() {
        let directory = sequencer.directory().clone();
        for candidate in &batch.candidates {
            directory.place(&candidate.path, &layout::archive(&candidate.artifact))?;
        }
        let leaves = batch.leaves(&sequencer)?;
        sequencer.append(&leaves)?;
        for one in &batch.candidates {
            sequencer.know_archive(one.artifact.clone(), one.facts.clone());
        }
        sequencer.derive()?;
    }
    publication.log_size = sequencer.size();
    reporter.finished(Task::Publish);
    Ok(publication)
}

/// What is to be logged together.
struct Batch {
    candidates: Vec<Candidate>,
    already: Vec<PublishedArtifact>,
    /// Records of namespaces that do not exist yet; unsigned in a dry run.
    records: Vec<(Namespace, Option<Envelope>)>,
    chains: BTreeMap<Namespace, NamespaceChain>,
}

impl Batch {
    fn prepare(
        head: &dyn Head,
        staging: Option<&Path>,
        archives: &[PathBuf],
        signer: &SecretKey,
        reporter: &dyn Reporter,
    ) -> Result<Self, Error> {
        let mut batch = Self {
            candidates: Vec::new(),
            already: Vec::new(),
            records: Vec::new(),
            chains: BTreeMap::new(),
        };
        let mut fresh = Vec::new();
        for (number, path) in archives.iter().enumerate() {
            let folder = staging.map(|staging| staging.join(number.to_string()));
            let read = Candidate::read(path, folder.as_deref(), head.registry());
            let draft = read.map_err(|error| error.in_file(path))?;
            check_name(&draft.artifact.package).map_err(|error| error.in_file(path))?;
            let published = read_index(head, &draft.artifact.package)?;
            match published.as_ref().and_then(|file| find(file, &draft.artifact)) {
                Some(entry) if entry.core.tree == draft.tree => {
                    batch.already.push(already(&draft.artifact, entry))
                }
                Some(entry) => return Err(version_exists(&draft.artifact, &entry.core.tree, &draft.tree)),
                None if fresh.iter().any(|other: &candidate::Draft| other.artifact == draft.artifact) => {}
                None => fresh.push(draft),
            }
        }
        for namespace in fresh.iter().map(|draft| draft.artifact.package.namespace_or_none()) {
            batch.own(head, &namespace, signer, staging.is_some())?;
        }
        // The releases stand behind the records of new namespaces.
        let fresh = in_dependency_order(fresh)?;
        let first = head.size() + batch.records.len() as u64;
        for (log, draft) in (first..).zip(fresh) {
            let namespace = draft.artifact.package.namespace_or_none();
            let chain = batch.chains.get(&namespace).cloned();
            let chain =
                chain.unwrap_or_else(|| NamespaceChain::new(head.registry().clone(), namespace.clone()));
            // Of a project that was just built, the archive's folder is gone when this is read.
            let path = draft.given.file_name().map_or_else(|| draft.given.clone(), PathBuf::from);
            let is_new = batch.records.iter().any(|(known, _)| *known == namespace);
            let candidate = match staging {
                Some(_) => draft.sign(&chain, log, signer, head.registry(), reporter),
                None => draft.judge(&chain, is_new, log, &signer.public(), head.registry(), reporter),
            };
            batch.candidates.push(candidate.map_err(|error| error.in_file(path))?);
        }
        let files = batch.check_index(head)?;
        batch.check_dependencies(head)?;
        circles::check(&batch.candidates, files, head)?;
        Ok(batch)
    }

    /// Makes sure that the namespace has an owner: the signer, if it is new.
    fn own(
        &mut self,
        head: &dyn Head,
        namespace: &Namespace,
        signer: &SecretKey,
        sign: bool,
    ) -> Result<(), Error> {
        if self.chains.contains_key(namespace) {
            return Ok(());
        }
        let mut chain = derive::read_chain(head, namespace)?;
        if chain.is_empty() && !sign {
            self.records.push((namespace.clone(), None));
        } else if chain.is_empty() {
            let record = NamespaceRecord::first(namespace.clone(), head.registry().clone(), signer.public());
            let envelope = Envelope::sign(dsse::NAMESPACE, &record.to_payload()?, &[signer])?;
            chain.push(head.size() + self.records.len() as u64, envelope.as_bytes())?;
            self.records.push((namespace.clone(), Some(envelope)));
        }
        self.chains.insert(namespace.clone(), chain);
        Ok(())
    }

    /// The index files as they will be, with the new lines: no two artifacts of a version contradict each other.
    fn check_index(&self, head: &dyn Head) -> Result<BTreeMap<PackageName, IndexFile>, Error> {
        let mut files: BTreeMap<PackageName, IndexFile> = BTreeMap::new();
        for candidate in &self.candidates {
            let package = &candidate.artifact.package;
            if !files.contains_key(package) {
                let file = read_index(head, package)?.unwrap_or_else(|| IndexFile::new(package.clone()));
                files.insert(package.clone(), file);
            }
            let Some(file) = files.get_mut(package) else { continue };
            let (facts, core) = (&candidate.facts, Core::parse(&candidate.facts.core)?);
            let entry = IndexEntry {
                core,
                log: candidate.log,
                time: 0,
                head: facts.head,
                file: facts.file,
                size: facts.size,
                status: None,
            };
            file.add(entry).map_err(|error| {
                let message = text::version_contradicts(&candidate.artifact.to_string(), &error.to_string());
                Diagnostic::new(Code::VersionExists, message).help(text::raise_version())
            })?;
        }
        Ok(files)
    }

    /// Every dependency has a version here or in the batch that will do.
    fn check_dependencies(&self, head: &dyn Head) -> Result<(), Error> {
        let mut missing = Vec::new();
        for candidate in &self.candidates {
            for dependency in &Core::parse(&candidate.facts.core)?.needs.dependencies {
                let in_batch = self.candidates.iter().any(|other| {
                    other.artifact.package == dependency.name
                        && dependency.requirement.matches(&other.artifact.version)
                });
                let there = in_batch
                    || read_index(head, &dependency.name)?.is_some_and(|file| {
                        file.versions().into_iter().any(|version| dependency.requirement.matches(version))
                    });
                if !there {
                    let message = text::dependency_missing(
                        &candidate.artifact.package.to_string(),
                        dependency.name.as_str(),
                        dependency.requirement.as_str(),
                        head.registry().as_str(),
                    );
                    missing.push(Diagnostic::new(Code::NotFound, message).help(text::publish_together()));
                }
            }
        }
        Error::several(missing).map_or(Ok(()), Err)
    }

    fn leaves(&self, sequencer: &Sequencer) -> Result<Vec<Leaf>, Error> {
        let (time, mut index) = (sequencer.time(), sequencer.size());
        let mut last: BTreeMap<Thread, u64> = BTreeMap::new();
        for candidate in &self.candidates {
            let package = &candidate.artifact.package;
            if let Some(leaf) = derive::last_leaf(sequencer, package)? {
                last.insert(Thread::Package(package.clone()), leaf);
            }
        }
        let mut leaves = Vec::new();
        let mut push = |subject: Subject, envelope: &Envelope| {
            let prev = last.insert(subject.thread(), index);
            let envelope = String::from_utf8_lossy(envelope.as_bytes()).into_owned();
            leaves.push(Leaf { subject, time, prev, envelopes: vec![envelope] });
            index += 1;
        };
        for (namespace, envelope) in &self.records {
            if let Some(envelope) = envelope {
                push(Subject::Namespace { namespace: namespace.clone(), seq: 0 }, envelope);
            }
        }
        for candidate in &self.candidates {
            let subject = Subject::Release {
                artifact: candidate.artifact.clone(),
                tree: candidate.tree,
                index: candidate.index,
            };
            if let Some(envelope) = &candidate.envelope {
                push(subject, envelope);
            }
        }
        Ok(leaves)
    }

    fn publication(&self, head: &dyn Head, mode: Mode) -> Publication {
        let state = if mode == Mode::Publish { State::Published } else { State::WouldPublish };
        let published = self.candidates.iter().map(|candidate| PublishedArtifact {
            artifact: candidate.artifact.clone(),
            tree: candidate.tree,
            state,
            log: candidate.log,
            files: candidate.files,
            unpacked: candidate.unpacked,
            size: candidate.facts.size,
            signers: candidate.signers.clone(),
            path: layout::archive(&candidate.artifact),
        });
        Publication {
            registry: head.registry().to_string(),
            artifacts: self.already.iter().cloned().chain(published).collect(),
            new_namespaces: self.records.iter().map(|(namespace, _)| namespace.clone()).collect(),
            log_size: head.size(),
        }
    }
}

/// Checks a name against the rules for names in a registry, which are stricter than those of manifests. A directory
/// registry also takes names without a namespace.
///
/// # Errors
/// `name`.
pub fn check_name(package: &PackageName) -> Result<(), Error> {
    match package.namespace() {
        Some(_) => package.check_registrable()?,
        None => check_part_registrable(package.as_str(), package.base())?,
    }
    Ok(())
}

fn find<'a>(file: &'a IndexFile, artifact: &Artifact) -> Option<&'a IndexEntry> {
    file.find(&artifact.version, artifact.kind, &artifact.target)
}

fn already(artifact: &Artifact, entry: &IndexEntry) -> PublishedArtifact {
    PublishedArtifact {
        artifact: artifact.clone(),
        tree: entry.core.tree,
        state: State::AlreadyPublished,
        log: entry.log,
        files: entry.core.files,
        unpacked: entry.core.unpacked,
        size: entry.size,
        signers: Vec::new(),
        path: layout::archive(artifact),
    }
}

fn version_exists(artifact: &Artifact, there: &TreeDigest, given: &TreeDigest) -> Error {
    Diagnostic::new(Code::VersionExists, text::version_exists(&artifact.to_string()))
        .help(text::raise_version())
        .with("published", there.to_string())
        .with("given", given.to_string())
        .into()
}

/// Puts dependencies before dependents. Packages that need each other stay in the order they were given.
fn in_dependency_order(drafts: Vec<candidate::Draft>) -> Result<Vec<candidate::Draft>, Error> {
    let mut ordered: Vec<candidate::Draft> = Vec::new();
    let mut waiting = drafts;
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|draft| {
            let needs = |other: &&candidate::Draft| {
                other.artifact.package != draft.artifact.package
                    && draft.dependencies.contains(&other.artifact.package)
            };
            !waiting.iter().any(|other| needs(&other))
        });
        ordered.push(waiting.remove(ready.unwrap_or(0)));
    }
    Ok(ordered)
}
