//! Whether what an author hands in is logged: a registry's rules, as one decision.
//!
//! Nothing is written here, so a refusal writes nothing. The same rules hold for a folder and for a server, and what
//! they let pass every client accepts.

mod batch;
mod circles;
mod clock;
mod statuses;

pub use batch::Batch;
pub use clock::{check_clock, day};

use batch::Growth;

use super::error::WriteError;
use super::layout;
use super::snapshot::{ArchiveFacts, Snapshot};
use super::submission::Submission;
use super::trust_root::VerifiedTrustRoot;
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::TreeDigest;
use crate::index::{Core, IndexEntry, IndexFile, VerifiedIndex};
use crate::limits;
use crate::log::leaf::{Artifact, Leaf, Subject, Thread};
use crate::log::tile;
use crate::message::registry as text;
use crate::name::{NameError, Namespace, PackageName, check_namespace_registrable, check_part_registrable};
use crate::sign::{Envelope, KeyId, NamespaceChain, NamespaceRecord, ReleaseFacts, ReleaseStatement, Role};
use std::collections::BTreeMap;
use std::task::{Poll, ready};

/// Where in the log a submission would be logged, and when.
#[derive(Clone, Copy, Debug)]
pub struct LogPlace<'a> {
    /// The registry's trust root.
    pub trust: &'a VerifiedTrustRoot,
    /// Leaves of the log.
    pub size: u64,
    /// The time that the leaves carry, in Unix seconds.
    pub time: u64,
}

/// Whether a release is to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseState {
    /// It is new.
    New,
    /// It was logged before, with the same content.
    Published,
}

/// A release that was admitted.
#[derive(Clone, Debug)]
pub struct AdmittedRelease {
    /// Which.
    pub artifact: Artifact,
    /// Its identity.
    pub tree: TreeDigest,
    /// Whether it is to be logged.
    pub state: ReleaseState,
    /// Its log index.
    pub log: u64,
    /// What its index line says besides the log. Of one that was published before, what it says already.
    pub facts: ArchiveFacts,
    /// The keys whose signatures count; none for one that was published before.
    pub signers: Vec<KeyId>,
}

/// What is to be logged.
#[derive(Clone, Debug, Default)]
pub struct Admitted {
    /// The leaves, in order.
    pub leaves: Vec<Leaf>,
    /// The releases: first those that were published before, then the new ones as they are logged.
    pub releases: Vec<AdmittedRelease>,
    /// Namespaces that begin to exist.
    pub new_namespaces: Vec<Namespace>,
    /// The trust root from now on, if it changes.
    pub trust_root: Option<VerifiedTrustRoot>,
}

/// A release as it was handed in.
#[derive(Clone, Debug)]
struct Candidate {
    artifact: Artifact,
    statement: ReleaseStatement,
    envelope: Envelope,
    core: Core,
    facts: ArchiveFacts,
}

/// A submission that is to be judged.
#[derive(Clone, Debug)]
pub struct Admission {
    trust_root: Option<Envelope>,
    records: Vec<(NamespaceRecord, Envelope)>,
    releases: Vec<Candidate>,
    statuses: Vec<Envelope>,
}

impl Admission {
    /// Takes a submission, with the facts of each archive that was sent with it. The caller has verified the archives,
    /// by the identity that the statements name.
    ///
    /// # Errors
    /// [`WriteError::Refused`] when an envelope holds something else than it should, and
    /// [`WriteError::Release`] when an archive is missing or is not the one that was signed.
    pub fn of(
        submission: &Submission,
        archives: &BTreeMap<Artifact, ArchiveFacts>,
    ) -> Result<Self, WriteError> {
        let record = |envelope: &Envelope| -> Result<_, WriteError> {
            Ok((NamespaceRecord::unverified(envelope)?, envelope.clone()))
        };
        let mut releases: Vec<Candidate> = Vec::new();
        for release in &submission.releases {
            let statement = ReleaseStatement::unverified(&release.envelope)?;
            let artifact = Artifact {
                package: statement.package.clone(),
                version: statement.version.clone(),
                kind: statement.kind,
                target: statement.target.clone(),
            };
            let refuse = |error: WriteError| error.in_release(&artifact);
            let facts =
                archives.get(&artifact).filter(|facts| facts.file == release.file).ok_or_else(|| {
                    let message = text::registry_file_missing(&layout::archive(&artifact));
                    refuse(Diagnostic::new(Code::NotFound, message).into())
                })?;
            let core = Core::parse(&facts.core).map_err(|error| refuse(error.into()))?;
            let known =
                ReleaseFacts { tree: Some(core.tree), index: Some(core.digest()), ..Default::default() };
            statement.check(&known).map_err(|error| refuse(error.into()))?;
            if releases.iter().all(|other| other.artifact != artifact) {
                let (envelope, facts) = (release.envelope.clone(), facts.clone());
                releases.push(Candidate { artifact, statement, envelope, core, facts });
            }
        }
        Ok(Self {
            trust_root: submission.trust_root.clone(),
            records: submission.namespaces.iter().map(record).collect::<Result<_, _>>()?,
            releases,
            statuses: submission.statuses.clone(),
        })
    }

    /// The leaves to log, when all that is needed is in the snapshot.
    ///
    /// # Errors
    /// [`WriteError::Refused`] and [`WriteError::Release`]: `version-exists` for other content under the same version,
    /// `name` for a name that cannot be registered, `not-found` for a dependency that is neither in the registry nor
    /// in the submission, `cycle`, `registry-exists` for a namespace that has another owner, `key-not-authorised` and
    /// its kin; `trust-root` and its kin for a trust root that does not follow.
    pub fn check(&self, at: LogPlace<'_>, snapshot: &mut Snapshot) -> Poll<Result<Admitted, WriteError>> {
        Batch::new().admit(self, at, snapshot)
    }

    /// Decides behind what was logged, and behind what the batch of `log` holds.
    fn judge(&self, log: &mut Growth<'_>, snapshot: &mut Snapshot) -> Poll<Result<Admitted, WriteError>> {
        ready!(snapshot.want(self.needed_files()));
        let mut admitted = Admitted::default();
        if let Some(envelope) = &self.trust_root {
            let next = log.trust().advance(envelope.as_bytes())?;
            if !log.has_begun(&Thread::Trust) {
                let last = ready!(last_trust_leaf(log.at, snapshot))?;
                log.begin(Thread::Trust, last);
            }
            let (registry, version) = (next.root().registry.clone(), next.root().version);
            log.push(Subject::Trust { registry, version }, envelope)?;
            admitted.trust_root = Some(next);
        }
        admitted.new_namespaces = ready!(self.admit_records(log, snapshot))?;
        ready!(self.admit_releases(log, &mut admitted, snapshot))?;
        ready!(statuses::admit(&self.statuses, log, snapshot))?;
        Poll::Ready(Ok(admitted))
    }

    /// The files that are needed for certain, so that they are brought in one round.
    fn needed_files(&self) -> Vec<(String, u64)> {
        let index = |package: &PackageName| (layout::index(package), limits::INDEX_LEN as u64);
        let chain = |namespace: &Namespace| (layout::namespace(namespace), limits::NAMESPACE_FILE_LEN as u64);
        let mut wanted: Vec<_> = self.records.iter().map(|(record, _)| chain(&record.namespace)).collect();
        for Candidate { artifact, core, .. } in &self.releases {
            wanted.push(index(&artifact.package));
            wanted.push((layout::last_leaf(&artifact.package), 64));
            wanted.push(chain(&artifact.package.namespace_or_none()));
            wanted.extend(core.needs.dependencies.iter().map(|dependency| index(&dependency.name)));
        }
        wanted
    }

    fn admit_records(
        &self,
        log: &mut Growth<'_>,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<Vec<Namespace>, WriteError>> {
        let registry = &log.at.trust.root().registry;
        let mut new = Vec::new();
        for (record, envelope) in &self.records {
            let (namespace, index) = (&record.namespace, log.index());
            let chain = ready!(log.chain(namespace, snapshot))?;
            let first = chain.records().next().map(|(_, _, envelope)| envelope.as_bytes().to_vec());
            match first {
                // It is in the log already: the first publish was stopped after that, and is being repeated.
                Some(first) if record.seq == 0 && first == envelope.as_bytes() => continue,
                Some(_) if record.seq == 0 => {
                    let message = text::namespace_exists(namespace.as_str(), registry.as_str());
                    return Poll::Ready(Err(Diagnostic::new(Code::RegistryExists, message).into()));
                }
                Some(_) => {}
                None => {
                    if namespace.as_str() != Namespace::NONE {
                        check_namespace_registrable(namespace.as_str(), namespace.as_str())?;
                    }
                    new.push(namespace.clone());
                }
            }
            let last = chain.latest_index();
            let revoked = chain.latest().map_or(0, |last| last.revoked.len());
            // The same check every client makes.
            chain.push(index, envelope.as_bytes())?;
            let limit = match record.revoked.len() > revoked {
                true => limits::NAMESPACE_FILE_LEN,
                false => limits::NAMESPACE_RECORDS_LEN,
            };
            chain_has_room(chain, limit).map_err(|full| *full)?;
            let subject = Subject::Namespace { namespace: namespace.clone(), seq: record.seq };
            if let Some(last) = last {
                log.begin(subject.thread(), last);
            }
            log.push(subject, envelope)?;
        }
        Poll::Ready(Ok(new))
    }

    fn admit_releases(
        &self,
        log: &mut Growth<'_>,
        admitted: &mut Admitted,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let trust = log.at.trust;
        let mut fresh = Vec::new();
        for candidate in &self.releases {
            let artifact = &candidate.artifact;
            check_name(&artifact.package).map_err(|error| WriteError::from(error).in_release(artifact))?;
            let file = ready!(log.file(&artifact.package, snapshot))?;
            match published_in(file, artifact, &candidate.core.tree)? {
                Some(entry) => {
                    admitted.releases.push(AdmittedRelease {
                        artifact: artifact.clone(),
                        tree: entry.core.tree,
                        state: ReleaseState::Published,
                        log: entry.log,
                        facts: facts_of(entry),
                        signers: Vec::new(),
                    });
                }
                None => fresh.push(candidate),
            }
        }
        let fresh = in_dependency_order(fresh);
        for candidate in &fresh {
            let Candidate { artifact, statement, envelope, core, facts } = *candidate;
            let (package, index) = (&artifact.package, log.index());
            let refuse = |error: WriteError| error.in_release(artifact);
            let registry =
                ReleaseFacts { registry: Some(trust.root().registry.clone()), ..Default::default() };
            statement.check(&registry).map_err(|error| refuse(error.into()))?;
            let namespace = package.namespace_or_none();
            let chain = ready!(log.chain(&namespace, snapshot))?;
            let signers = chain.check_signed(Role::Release, package, index, envelope).map_err(|error| {
                refuse(WriteError::from(error).help(text::owners_help(namespace.as_str())))
            })?;
            let file = ready!(log.draft(package, snapshot))?;
            let entry = line(core, index, facts);
            if entry.line().len() > limits::INDEX_RELEASE_LINE_LEN {
                let message = text::release_long(limits::INDEX_RELEASE_LINE_LEN as u64);
                return Poll::Ready(Err(refuse(Diagnostic::new(Code::Limit, message).into())));
            }
            file.add(entry).map_err(|error| {
                let message = text::version_contradicts(&artifact.to_string(), &error.to_string());
                Diagnostic::new(Code::VersionExists, message).help(text::raise_version())
            })?;
            has_room(file, limits::INDEX_RELEASES_LEN)
                .map_err(|full| refuse(full.help(text::index_full_help()).into()))?;
            ready!(log.begin_package(package, snapshot))?;
            let subject =
                Subject::Release { artifact: artifact.clone(), tree: core.tree, index: core.digest() };
            log.push(subject, envelope)?;
            admitted.releases.push(AdmittedRelease {
                artifact: artifact.clone(),
                tree: core.tree,
                state: ReleaseState::New,
                log: index,
                facts: facts.clone(),
                signers: signers.into_iter().collect(),
            });
        }
        ready!(check_dependencies(&fresh, log, snapshot))?;
        circles::check(&fresh, log, snapshot)
    }
}

/// Checks a name against the rules for names in a registry, which are stricter than those of manifests. Names without
/// a namespace are taken too, by a registry that is a folder.
///
/// # Errors
/// [`NameError`] when it cannot be registered.
pub fn check_name(package: &PackageName) -> Result<(), NameError> {
    match package.namespace() {
        Some(_) => package.check_registrable(),
        None => check_part_registrable(package.as_str(), package.base()),
    }
}

/// Refuses what would make an index file too long: once it is logged, no client reads the file any more.
fn has_room(file: &IndexFile, limit: usize) -> Result<(), Box<Diagnostic>> {
    let full = || Diagnostic::new(Code::Limit, text::index_full(file.package().as_str(), limit as u64));
    if file.lines_len() > limit { Err(Box::new(full())) } else { Ok(()) }
}

/// Refuses what would make the file of a namespace too long: once it is logged, no client reads the file any more.
fn chain_has_room(chain: &NamespaceChain, limit: usize) -> Result<(), Box<Diagnostic>> {
    let full = || {
        let message = text::namespace_full(chain.namespace().as_str(), limit as u64);
        Diagnostic::new(Code::Limit, message).help(text::namespace_full_help())
    };
    if chain.file_len() > limit { Err(Box::new(full())) } else { Ok(()) }
}

fn line(core: &Core, log: u64, facts: &ArchiveFacts) -> IndexEntry {
    IndexEntry {
        core: core.clone(),
        log,
        time: 0,
        head: facts.head,
        file: facts.file,
        size: facts.size,
        status: None,
    }
}

fn facts_of(entry: &IndexEntry) -> ArchiveFacts {
    ArchiveFacts { core: entry.core.raw().to_owned(), head: entry.head, file: entry.file, size: entry.size }
}

/// The line of an artifact that is published already, with the same content; none when it is not published. `file` is
/// the package's index file, if there is one.
///
/// # Errors
/// [`WriteError::Refused`] with `version-exists` when it is published with other content.
pub fn published<'a>(
    file: Option<&'a VerifiedIndex>,
    artifact: &Artifact,
    tree: &TreeDigest,
) -> Result<Option<&'a IndexEntry>, WriteError> {
    published_in(file.map(|file| &**file), artifact, tree)
}

fn published_in<'a>(
    file: Option<&'a IndexFile>,
    artifact: &Artifact,
    tree: &TreeDigest,
) -> Result<Option<&'a IndexEntry>, WriteError> {
    let entry = file.and_then(|file| file.find(&artifact.version, artifact.kind, &artifact.target));
    match entry {
        Some(entry) if entry.core.tree != *tree => {
            Err(Diagnostic::new(Code::VersionExists, text::version_exists(&artifact.to_string()))
                .help(text::raise_version())
                .with("published", entry.core.tree.to_string())
                .with("given", tree.to_string())
                .into())
        }
        entry => Ok(entry),
    }
}

/// Puts dependencies before dependents. Packages that need each other stay in the order they were given.
fn in_dependency_order(mut waiting: Vec<&Candidate>) -> Vec<&Candidate> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let needs = |one: &Candidate, other: &Candidate| {
            other.artifact.package != one.artifact.package
                && one.core.needs.dependencies.iter().any(|needed| needed.name == other.artifact.package)
        };
        let ready = waiting.iter().position(|one| !waiting.iter().any(|other| needs(one, other)));
        ordered.push(waiting.remove(ready.unwrap_or(0)));
    }
    ordered
}

/// Every dependency has a version in the registry or in the submission that will do.
fn check_dependencies(
    fresh: &[&Candidate],
    log: &Growth<'_>,
    snapshot: &mut Snapshot,
) -> Poll<Result<(), WriteError>> {
    let mut missing = Vec::new();
    for candidate in fresh {
        for dependency in &candidate.core.needs.dependencies {
            let in_batch = fresh.iter().any(|other| {
                other.artifact.package == dependency.name
                    && dependency.requirement.matches(&other.artifact.version)
            });
            let matches = |file: &IndexFile| {
                file.versions().into_iter().any(|version| dependency.requirement.matches(version))
            };
            if !in_batch && !ready!(log.file(&dependency.name, snapshot))?.is_some_and(matches) {
                let message = text::dependency_missing(
                    &candidate.artifact.package.to_string(),
                    dependency.name.as_str(),
                    dependency.requirement.as_str(),
                    log.at.trust.root().registry.as_str(),
                );
                missing.push(Diagnostic::new(Code::NotFound, message).help(text::publish_together()));
            }
        }
    }
    Poll::Ready(if missing.is_empty() { Ok(()) } else { Err(WriteError::Refused(missing)) })
}

/// Log index of the newest trust root.
fn last_trust_leaf(at: LogPlace<'_>, snapshot: &mut Snapshot) -> Poll<Result<u64, WriteError>> {
    if at.trust.root().version > 1 {
        for bundle in (0..at.size.div_ceil(tile::WIDTH)).rev() {
            let entries = ready!(snapshot.bundle(bundle, at.size))?;
            for (place, entry) in entries.iter().enumerate().rev() {
                if matches!(Leaf::parse(entry)?.subject, Subject::Trust { .. }) {
                    return Poll::Ready(Ok(bundle * tile::WIDTH + place as u64));
                }
            }
        }
    }
    Poll::Ready(Ok(0))
}

#[cfg(test)]
mod tests;
