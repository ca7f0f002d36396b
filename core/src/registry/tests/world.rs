//! A registry in memory, and what is logged to it.

use crate::diagnostic::Diagnose as _;
use crate::digest::Digest;
use crate::index::Core;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Artifact, Leaf, Subject};
use crate::log::note::{IndexKey, LogKey};
use crate::log::policy::LogPolicy;
use crate::name::{Namespace, PackageName};
use crate::registry::client::{ReleaseProofError, TrustWalk};
use crate::registry::*;
use crate::sign::statement::golden;
use crate::sign::{
    Envelope, NamespaceRecord, PublicKey, RegistryId, SecretKey, StatusAction, StatusChange, StatusCode,
    StatusRecord, dsse,
};
use crate::target::{Kind, Target};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Poll, ready};

pub(super) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(super) fn id() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

pub(super) const TIME: u64 = 1_763_800_000;
pub(super) const ROOT: u8 = 1;
pub(super) const LOG: u8 = 2;
pub(super) const INDEX: u8 = 3;
pub(super) const AUTHOR: u8 = 4;

/// A registry in memory: its files, what its log key signed last, and the archives' facts.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::registry) struct World {
    pub(in crate::registry) files: BTreeMap<String, Vec<u8>>,
    pub(super) intent: Option<SignedHead>,
    /// Facts of archives that are not the golden one.
    pub(super) archives: BTreeMap<Artifact, ArchiveFacts>,
}

/// The facts of any archive: what the author's golden statement says, under another version.
pub(in crate::registry) fn facts(artifact: &Artifact) -> ArchiveFacts {
    let statement = golden();
    let core = format!(
        r#"{{"ver":"{}","kind":"{}","target":"{}","tree":"{}","manifest":"{}","files":3,"unpacked":210,"edition":"2025","deps":[],"features":{{}}}}"#,
        artifact.version,
        artifact.kind,
        artifact.target,
        statement.tree,
        statement.manifest.tagged(),
    );
    let hint = crate::digest::Digest::of(artifact.to_string().as_bytes());
    ArchiveFacts { core, head: hint, file: hint, size: 99 }
}

/// One thing that is logged.
#[derive(Clone, Debug)]
pub(in crate::registry) enum Op {
    /// The first record of a namespace.
    Namespace(String),
    /// The next one.
    Record(&'static str),
    Release(&'static str, &'static str),
    Status(&'static str, &'static str, StatusAction),
    /// A trust root with a new key for each of these.
    Rotate {
        root: bool,
        log: bool,
        index: bool,
    },
}

impl World {
    /// A registry whose log has the genesis entry and the namespace `demo`.
    pub(in crate::registry) fn new() -> Self {
        let mut world = Self { files: BTreeMap::new(), intent: None, archives: BTreeMap::new() };
        let log = LogKey::new(&LogKey::name_of(&id()), key(LOG).public()).unwrap();
        let index = IndexKey::new(&IndexKey::name_of(&id()), key(INDEX).public()).unwrap();
        let root = TrustRoot::first(id(), TIME, key(ROOT).public(), &log, index);
        let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload().unwrap(), &[&key(ROOT)]).unwrap();
        world.files.insert(layout::trust_root(1), envelope.as_bytes().to_vec());
        world.files.insert(layout::CONFIG.to_owned(), RegistryConfig::directory(id()).to_bytes());
        let genesis = Leaf {
            subject: Subject::Genesis { registry: id() },
            time: TIME,
            prev: None,
            envelopes: vec![text(&envelope)],
        };
        let mut head = LogHead::empty(&id());
        world.apply_all(&head.append(&[genesis], &key(LOG)).unwrap());
        _ = world.derive(&head);
        let leaves = world.leaves(&[Op::Namespace("demo".to_owned())]);
        world.write(&leaves);
        world
    }

    pub(in crate::registry) fn trust(&self) -> VerifiedTrustRoot {
        self.walk_trust().unwrap()
    }

    pub(super) fn walk_trust(&self) -> Result<VerifiedTrustRoot, ReleaseProofError> {
        let mut walk =
            TrustWalk::new(VerifiedTrustRoot::self_signed(&self.files[&layout::trust_root(1)]).unwrap());
        while walk.advance(self.files.get(&walk.path()).map(Vec::as_slice))? {}
        Ok(walk.trust_root().clone())
    }

    /// The newest keys that the trust root lists.
    pub(in crate::registry) fn keys(&self) -> Keys {
        let trust = self.trust();
        let find = |base: u8, public: &PublicKey| {
            let mut keys = (0..20).map(|version| key(base + 10 * version));
            keys.find(|key| key.public() == *public).unwrap()
        };
        Keys {
            root: find(ROOT, &trust.root().keys[0]),
            log: find(LOG, trust.root().log_policy.logs()[0].note_key().public()),
            index: find(INDEX, trust.root().index[0].note_key().public()),
        }
    }

    /// Asks until all that is needed was supplied, as a shell does.
    pub(in crate::registry) fn drive<T, E: std::fmt::Debug>(
        &self,
        mut ask: impl FnMut(&mut Snapshot) -> Poll<Result<T, E>>,
    ) -> Result<T, E> {
        let mut snapshot = Snapshot::new();
        for _ in 0..100_000 {
            if let Poll::Ready(answer) = ask(&mut snapshot) {
                return answer;
            }
            let needs = snapshot.needs();
            for need in needs {
                snapshot.supply(&need.path, self.files.get(&need.path).cloned());
            }
            let archives: Vec<_> = snapshot.archive_needs().map(|(artifact, _)| artifact.clone()).collect();
            for artifact in archives {
                let facts = self.archives.get(&artifact).cloned().unwrap_or_else(|| facts(&artifact));
                snapshot.supply_archive(artifact, facts);
            }
        }
        panic!("it never ends")
    }

    pub(super) fn apply(&mut self, step: &Step) {
        match step {
            Step::Put { path, bytes } => _ = self.files.insert(path.clone(), bytes.clone()),
            Step::Publish { checkpoint } => {
                _ = self.files.insert(layout::CHECKPOINT.to_owned(), checkpoint.clone());
            }
            Step::Intent(head) => self.intent = Some(*head),
            Step::Prune { prefix } => {
                let below = format!("{prefix}/");
                self.files.retain(|path, _| path != prefix && !path.starts_with(&below));
            }
        }
    }

    pub(in crate::registry) fn apply_all(&mut self, commit: &Commit) {
        commit.steps().iter().for_each(|step| self.apply(step));
    }

    pub(in crate::registry) fn resume(&self) -> Result<Resumed, WriteError> {
        let published = self.files.get(layout::CHECKPOINT);
        let policy = self.trust().root().log_policy.clone();
        let published = published.map(|bytes| VerifiedCheckpoint::open(bytes, &policy).unwrap());
        let log_key = self.keys().log.public();
        self.drive(|snapshot| resume(&id(), &log_key, published.as_ref(), self.intent, snapshot))
    }

    /// Brings the derived files up to the log's end, under a new trust root by its keys. Gives the steps.
    pub(super) fn derive(&mut self, head: &LogHead) -> Commit {
        let mut steps = Commit::new();
        loop {
            let (trust, keys) = (self.trust(), self.keys());
            let log_key = keys.log.public();
            let by = DerivedBy { head, trust: &trust, log_key: &log_key, index_key: &keys.index };
            let from = self.drive(|snapshot| snapshot.derived_size().map(Ok::<_, WriteError>)).unwrap();
            let mut derivation = Derivation::new(from.unwrap_or(0));
            let commit = self.drive(|snapshot| derivation.check(by, snapshot)).unwrap();
            self.apply_all(&commit);
            steps = steps.then(commit);
            if derivation.rotation().is_none() {
                return steps;
            }
            let commit = head.sign(&self.keys().log).unwrap();
            self.apply_all(&commit);
            steps = steps.then(commit);
        }
    }

    /// Takes the log up, and finishes what an earlier writer began.
    pub(super) fn recover(&mut self) -> LogHead {
        let resumed = self.resume().unwrap();
        if !resumed.is_published {
            self.apply_all(&resumed.head.sign(&self.keys().log).unwrap());
        }
        _ = self.derive(&resumed.head);
        resumed.head
    }

    /// All steps of logging these leaves, and the registry after them.
    pub(super) fn whole(&self, leaves: &[Leaf]) -> (Vec<Step>, Self) {
        let mut done = self.clone();
        let mut head = done.recover();
        let commit = head.append(leaves, &done.keys().log).unwrap();
        done.apply_all(&commit);
        let derived = done.derive(&head);
        (commit.then(derived).into_iter().collect(), done)
    }

    pub(in crate::registry) fn write(&mut self, leaves: &[Leaf]) {
        *self = self.whole(leaves).1;
    }

    /// Logs leaves of releases whose archives have these facts.
    pub(in crate::registry) fn write_with(
        &mut self,
        leaves: &[Leaf],
        archives: &BTreeMap<Artifact, ArchiveFacts>,
    ) {
        self.archives.extend(archives.clone());
        self.write(leaves);
    }

    pub(in crate::registry) fn audit(&self) -> Result<Audited, Vec<WriteError>> {
        self.audit_with(Proofs::Required)
    }

    pub(in crate::registry) fn audit_with(&self, proofs: Proofs) -> Result<Audited, Vec<WriteError>> {
        let listed: BTreeSet<String> = self.files.keys().cloned().collect();
        let trust = self.walk_trust().map_err(|error| vec![error.diagnostic().into()])?;
        let mut audit = Audit::new(trust, listed, proofs);
        self.drive(|snapshot| {
            audit.verify_all().map_err(|error| vec![error])?;
            audit.check(snapshot)
        })
    }

    /// The entries of the log.
    pub(in crate::registry) fn entries(&self) -> Vec<Leaf> {
        let size = self.resume().unwrap().head.size();
        let entries = self.drive(|snapshot| {
            let mut entries = Vec::new();
            for index in 0..size {
                entries.push(ready!(snapshot.entry(index, size)));
            }
            Poll::Ready(entries.into_iter().collect::<Result<Vec<_>, _>>())
        });
        entries.unwrap().iter().map(|entry| Leaf::parse(entry).unwrap()).collect()
    }

    /// The leaves of these operations, signed by the author; those that make no sense here are left out.
    pub(super) fn leaves(&self, ops: &[Op]) -> Vec<Leaf> {
        let mut log = self.entries();
        let before = log.len();
        // A submission has one trust root at most, and it is logged first.
        let rotations = ops.iter().filter(|op| matches!(op, Op::Rotate { .. })).take(1);
        for op in rotations.chain(ops.iter().filter(|op| !matches!(op, Op::Rotate { .. }))) {
            let Some((subject, envelope)) = self.signed(op, &log) else { continue };
            let prev = log.iter().rposition(|leaf| leaf.subject.thread() == subject.thread());
            let prev = prev.map(|index| index as u64);
            let time = TIME + log.len() as u64;
            log.push(Leaf { subject, time, prev, envelopes: vec![text(&envelope)] });
        }
        log.split_off(before)
    }

    /// What an operation logs behind these entries.
    pub(super) fn signed(&self, op: &Op, log: &[Leaf]) -> Option<(Subject, Envelope)> {
        let records = |namespace: &Namespace| -> Vec<&Leaf> {
            let of = |leaf: &&Leaf| matches!(&leaf.subject, Subject::Namespace { namespace: of, .. } if of == namespace);
            log.iter().filter(of).collect()
        };
        let is_released = |package: &PackageName, version: &Version| {
            let is = |artifact: &Artifact| (&artifact.package, &artifact.version) == (package, version);
            log.iter().any(|leaf| matches!(&leaf.subject, Subject::Release { artifact, .. } if is(artifact)))
        };
        match op {
            Op::Rotate { root, log, index } => Some(self.rotation(*root, *log, *index)),
            Op::Namespace(name) => {
                let namespace = Namespace::parse(name).unwrap();
                let record = NamespaceRecord::first(namespace.clone(), id(), key(AUTHOR).public());
                let payload = record.to_payload().unwrap();
                let envelope = Envelope::sign(dsse::NAMESPACE, &payload, &[&key(AUTHOR)]).unwrap();
                let is_new = records(&namespace).is_empty();
                is_new.then_some((Subject::Namespace { namespace, seq: 0 }, envelope))
            }
            Op::Record(name) => {
                let namespace = Namespace::parse(name).unwrap();
                let records = records(&namespace);
                let last = Envelope::parse(records.last()?.envelopes.first()?.as_bytes()).unwrap();
                let (seq, prev) = (records.len() as u64, Some(Digest::of(last.as_bytes())));
                let record = NamespaceRecord { seq, prev, ..NamespaceRecord::unverified(&last).unwrap() };
                let payload = record.to_payload().unwrap();
                let envelope = Envelope::sign(dsse::NAMESPACE, &payload, &[&key(AUTHOR)]).unwrap();
                Some((Subject::Namespace { namespace, seq }, envelope))
            }
            Op::Release(package, version) => {
                let (package, version) =
                    (PackageName::parse(package).unwrap(), Version::parse(version).unwrap());
                let may =
                    !records(&package.namespace_or_none()).is_empty() && !is_released(&package, &version);
                may.then(|| release(&package, version))
            }
            Op::Status(package, version, action) => {
                let (package, version) =
                    (PackageName::parse(package).unwrap(), Version::parse(version).unwrap());
                let subject = Subject::Status { package: package.clone(), version: version.clone() };
                let seq = log.iter().filter(|leaf| leaf.subject == subject).count() as u64;
                is_released(&package, &version).then(|| (subject, status(&package, version, *action, seq)))
            }
        }
    }

    /// The next trust root, as `registry rotate` makes it: a key that is replaced stays listed with the new one, and
    /// those that were replaced before are dropped.
    pub(super) fn rotation(&self, root: bool, log: bool, index: bool) -> (Subject, Envelope) {
        let (trust, signing) = (self.trust(), self.keys());
        let version = trust.root().version + 1;
        let new = |base: u8| key(base + 10 * version as u8);
        let log_key = |key: &SecretKey| LogKey::new(&LogKey::name_of(&id()), key.public()).unwrap();
        let index_key = |key: &SecretKey| IndexKey::new(&IndexKey::name_of(&id()), key.public()).unwrap();
        let (mut logs, mut indexes) = (vec![log_key(&signing.log)], vec![index_key(&signing.index)]);
        let (mut keys, mut signers) = (vec![signing.root.public()], vec![signing.root]);
        if root {
            keys = vec![new(ROOT).public()];
            signers.push(new(ROOT));
        }
        if log {
            logs.insert(0, log_key(&new(LOG)));
        }
        if index {
            indexes.insert(0, index_key(&new(INDEX)));
        }
        let lines: String = logs.iter().map(|log| format!("log {log}\n")).collect();
        let log_policy = LogPolicy::parse(&format!("{lines}quorum none\n")).unwrap();
        let prev = Some(trust.digest());
        let next = TrustRoot { version, prev, keys, log_policy, index: indexes, ..trust.root().clone() };
        let signers: Vec<_> = signers.iter().collect();
        let envelope = Envelope::sign(dsse::TRUST_ROOT, &next.to_payload().unwrap(), &signers).unwrap();
        (Subject::Trust { registry: id(), version }, envelope)
    }
}

/// The keys that sign now.
pub(in crate::registry) struct Keys {
    root: SecretKey,
    pub(in crate::registry) log: SecretKey,
    pub(in crate::registry) index: SecretKey,
}

pub(super) fn text(envelope: &Envelope) -> String {
    String::from_utf8(envelope.as_bytes().to_vec()).unwrap()
}

pub(super) fn release(package: &PackageName, version: Version) -> (Subject, Envelope) {
    let artifact = Artifact {
        package: package.clone(),
        version: version.clone(),
        kind: Kind::Vitpkg,
        target: Target::any(),
    };
    let core = Core::parse(&facts(&artifact).core).unwrap();
    let statement = crate::sign::ReleaseStatement {
        package: package.clone(),
        version,
        index: core.digest(),
        registry: id(),
        ..golden()
    };
    let payload = statement.to_payload().unwrap();
    let envelope = Envelope::sign(dsse::RELEASE, &payload, &[&key(AUTHOR)]).unwrap();
    (Subject::Release { artifact, tree: core.tree, index: core.digest() }, envelope)
}

pub(super) fn status(package: &PackageName, version: Version, action: StatusAction, seq: u64) -> Envelope {
    let change =
        StatusChange { action, code: StatusCode::Other, text: "why".into(), instead: None, advisory: None };
    let record = StatusRecord { registry: id(), package: package.clone(), version, seq, change };
    Envelope::sign(dsse::STATUS, &record.to_payload().unwrap(), &[&key(AUTHOR)]).unwrap()
}
