//! The law of writing: stopped anywhere, a registry is in order, and the next writer finishes what was started.

use super::client::{ReleaseProofError, TrustWalk};
use super::*;
use crate::diagnostic::{Code, Diagnose as _};
use crate::digest::Digest;
use crate::index::Core;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Artifact, Leaf, Subject};
use crate::log::note::{IndexKey, LogKey};
use crate::log::policy::LogPolicy;
use crate::name::{Namespace, PackageName};
use crate::sign::statement::golden;
use crate::sign::{
    Envelope, NamespaceRecord, PublicKey, RegistryId, SecretKey, StatusAction, StatusChange, StatusCode,
    StatusRecord, dsse,
};
use crate::target::{Kind, Target};
use crate::version::Version;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Poll, ready};

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn id() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

const TIME: u64 = 1_763_800_000;
const ROOT: u8 = 1;
const LOG: u8 = 2;
const INDEX: u8 = 3;
const AUTHOR: u8 = 4;

/// A registry in memory: its files, what its log key signed last, and the archives' facts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct World {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    intent: Option<SignedHead>,
    /// Facts of archives that are not the golden one.
    archives: BTreeMap<Artifact, ArchiveFacts>,
}

/// The facts of any archive: what the author's golden statement says, under another version.
pub(super) fn facts(artifact: &Artifact) -> ArchiveFacts {
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
pub(super) enum Op {
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
    pub(super) fn new() -> Self {
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

    pub(super) fn trust(&self) -> VerifiedTrustRoot {
        self.walk_trust().unwrap()
    }

    fn walk_trust(&self) -> Result<VerifiedTrustRoot, ReleaseProofError> {
        let mut walk =
            TrustWalk::new(VerifiedTrustRoot::self_signed(&self.files[&layout::trust_root(1)]).unwrap());
        while walk.advance(self.files.get(&walk.path()).map(Vec::as_slice))? {}
        Ok(walk.trust_root().clone())
    }

    /// The newest keys that the trust root lists.
    pub(super) fn keys(&self) -> Keys {
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
    pub(super) fn drive<T, E: std::fmt::Debug>(
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

    fn apply(&mut self, step: &Step) {
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

    pub(super) fn apply_all(&mut self, commit: &Commit) {
        commit.steps().iter().for_each(|step| self.apply(step));
    }

    pub(super) fn resume(&self) -> Result<Resumed, WriteError> {
        let published = self.files.get(layout::CHECKPOINT);
        let policy = self.trust().root().log_policy.clone();
        let published = published.map(|bytes| VerifiedCheckpoint::open(bytes, &policy).unwrap());
        let log_key = self.keys().log.public();
        self.drive(|snapshot| resume(&id(), &log_key, published.as_ref(), self.intent, snapshot))
    }

    /// Brings the derived files up to the log's end, under a new trust root by its keys. Gives the steps.
    fn derive(&mut self, head: &LogHead) -> Commit {
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
    fn recover(&mut self) -> LogHead {
        let resumed = self.resume().unwrap();
        if !resumed.is_published {
            self.apply_all(&resumed.head.sign(&self.keys().log).unwrap());
        }
        _ = self.derive(&resumed.head);
        resumed.head
    }

    /// All steps of logging these leaves, and the registry after them.
    fn whole(&self, leaves: &[Leaf]) -> (Vec<Step>, Self) {
        let mut done = self.clone();
        let mut head = done.recover();
        let commit = head.append(leaves, &done.keys().log).unwrap();
        done.apply_all(&commit);
        let derived = done.derive(&head);
        (commit.then(derived).into_iter().collect(), done)
    }

    pub(super) fn write(&mut self, leaves: &[Leaf]) {
        *self = self.whole(leaves).1;
    }

    /// Logs leaves of releases whose archives have these facts.
    pub(super) fn write_with(&mut self, leaves: &[Leaf], archives: &BTreeMap<Artifact, ArchiveFacts>) {
        self.archives.extend(archives.clone());
        self.write(leaves);
    }

    pub(super) fn audit(&self) -> Result<Audited, Vec<WriteError>> {
        self.audit_with(Proofs::Required)
    }

    pub(super) fn audit_with(&self, proofs: Proofs) -> Result<Audited, Vec<WriteError>> {
        let listed: BTreeSet<String> = self.files.keys().cloned().collect();
        let trust = self.walk_trust().map_err(|error| vec![error.diagnostic().into()])?;
        let mut audit = Audit::new(trust, listed, proofs);
        self.drive(|snapshot| {
            audit.verify_all().map_err(|error| vec![error])?;
            audit.check(snapshot)
        })
    }

    /// The entries of the log.
    pub(super) fn entries(&self) -> Vec<Leaf> {
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
    fn leaves(&self, ops: &[Op]) -> Vec<Leaf> {
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
    fn signed(&self, op: &Op, log: &[Leaf]) -> Option<(Subject, Envelope)> {
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
    fn rotation(&self, root: bool, log: bool, index: bool) -> (Subject, Envelope) {
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
pub(super) struct Keys {
    root: SecretKey,
    pub(super) log: SecretKey,
    pub(super) index: SecretKey,
}

fn text(envelope: &Envelope) -> String {
    String::from_utf8(envelope.as_bytes().to_vec()).unwrap()
}

fn release(package: &PackageName, version: Version) -> (Subject, Envelope) {
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

fn status(package: &PackageName, version: Version, action: StatusAction, seq: u64) -> Envelope {
    let change =
        StatusChange { action, code: StatusCode::Other, text: "why".into(), instead: None, advisory: None };
    let record = StatusRecord { registry: id(), package: package.clone(), version, seq, change };
    Envelope::sign(dsse::STATUS, &record.to_payload().unwrap(), &[&key(AUTHOR)]).unwrap()
}

/// Applies every prefix of a batch; each must be in order, and a writer that comes next must end where the whole batch
/// would have. `other` is logged where nothing of the batch was signed; its prefixes must be in order too.
fn obeys_the_law(world: &World, batch: &[Op], other: &[Op]) {
    let leaves = world.leaves(batch);
    let before = world.resume().unwrap().head.size();
    let (steps, done) = world.whole(&leaves);
    let entries = |world: &World| world.audit().map(|audited| audited.entries);
    assert_eq!(entries(&done), Ok(before + leaves.len() as u64));
    for stopped in 0..=steps.len() {
        let step = steps.get(stopped).map(named);
        let what = format!("{batch:?} on {before} leaves, stopped before step {stopped}, {step:?}");
        let mut there = world.clone();
        steps.iter().take(stopped).for_each(|step| there.apply(step));
        let found = there.audit().unwrap_or_else(|faults| panic!("{what}: {faults:?}"));
        assert!(found.entries == before || found.entries == before + leaves.len() as u64, "{what}");
        let mut again = there.clone();
        let head = again.recover();
        assert_eq!(again.audit().unwrap().unfinished, 0, "{what}");
        if head.size() == before {
            // Nothing was promised: somebody else may come first.
            let others = again.leaves(other);
            let (steps, _) = again.whole(&others);
            let mut there = again.clone();
            for step in &steps {
                there.apply(step);
                there
                    .audit()
                    .unwrap_or_else(|faults| panic!("{what}, then {} of {other:?}: {faults:?}", named(step)));
            }
            again.write(&leaves);
        }
        let differ: Vec<_> =
            again.files.iter().filter(|(path, bytes)| done.files.get(*path) != Some(*bytes)).collect();
        let differ: Vec<_> =
            differ.into_iter().map(|(path, bytes)| (path, String::from_utf8_lossy(bytes))).collect();
        assert!(again == done, "{what}: {differ:#?}");
    }
}

fn named(step: &Step) -> String {
    match step {
        Step::Put { path, .. } => format!("put {path}"),
        Step::Intent(head) => format!("intent {}", head.size),
        Step::Publish { .. } => "publish".to_owned(),
        Step::Prune { prefix } => format!("prune {prefix}"),
    }
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let version = || prop_oneof![Just("1.0.0"), Just("1.1.0"), Just("2.0.0")];
    let package = || prop_oneof![2 => Just("demo/hello"), 1 => Just("demo/base"), 1 => Just("team/tool")];
    let action = prop_oneof![
        Just(StatusAction::Yank),
        Just(StatusAction::Unyank),
        Just(StatusAction::Deprecate),
        Just(StatusAction::Undeprecate)
    ];
    let op = prop_oneof![
        1 => prop_oneof!["[a-f]{2,3}".prop_map(Op::Namespace), Just(Op::Namespace("team".to_owned()))],
        1 => prop_oneof![Just("demo"), Just("team")].prop_map(Op::Record),
        3 => (package(), version()).prop_map(|(package, version)| Op::Release(package, version)),
        2 => (package(), version(), action).prop_map(|(package, version, action)| Op::Status(package, version, action)),
        2 => any::<(bool, bool, bool)>().prop_map(|(root, log, index)| Op::Rotate { root, log, index }),
    ];
    proptest::collection::vec(op, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn stopped_anywhere_a_registry_is_in_order_and_the_next_writer_ends_it(
        earlier in proptest::collection::vec(ops(), 1..3),
        batch in ops(),
        other in ops(),
    ) {
        let mut world = World::new();
        for batch in earlier {
            let leaves = world.leaves(&batch);
            world.write(&leaves);
        }
        obeys_the_law(&world, &batch, &other);
    }
}

/// Keys are replaced, and those that were replaced are dropped, in a registry with releases: wherever the writer is
/// stopped, what is signed counts, and in the end everything is signed by the newest keys.
#[test]
fn stopped_anywhere_while_keys_change() {
    let hello = |version| Op::Release("demo/hello", version);
    let yank = Op::Status("demo/hello", "1.0.0", StatusAction::Yank);
    let all = Op::Rotate { root: true, log: true, index: true };
    let none = Op::Rotate { root: false, log: false, index: false };
    let mut world = World::new();
    world.write(&world.leaves(&[hello("1.0.0"), Op::Release("demo/base", "1.0.0")]));
    let first = [all.clone(), hello("1.1.0"), yank];
    obeys_the_law(&world, &first, std::slice::from_ref(&all));
    world.write(&world.leaves(&first));
    let second = [none, Op::Record("demo"), hello("2.0.0")];
    obeys_the_law(&world, &second, std::slice::from_ref(&all));
    world.write(&world.leaves(&second));
    let root = world.trust().root().clone();
    assert_eq!((root.version, root.log_policy.logs().len(), root.index.len()), (3, 1, 1));
}

#[test]
fn stopped_where_a_tile_is_filled_too() {
    let names = |from: u32, count: u32| -> Vec<Op> {
        (from..from + count).map(|number| Op::Namespace(format!("n{number}"))).collect()
    };
    let mut world = World::new();
    let leaves = world.leaves(&names(0, 252));
    world.write(&leaves);
    assert_eq!(world.audit().unwrap().entries, 254);
    let across: Vec<Op> = names(1000, 3).into_iter().chain([Op::Release("demo/hello", "1.0.0")]).collect();
    obeys_the_law(&world, &across, &[]);
    obeys_the_law(&world, &names(1000, 2), &names(2000, 4));
    world.write(&world.leaves(&across));
    // What was signed for no checkpoint is gone, and so is what full files took the place of.
    let partial: Vec<_> = world.files.keys().filter(|path| path.contains("000.p/")).collect();
    assert_eq!(partial, ["log/tile/1/000.p/1"]);
}

#[test]
fn another_log_than_the_signed_one_is_not_gone_on_with() {
    let mut world = World::new();
    let older = world.clone();
    let leaves = world.leaves(&[Op::Release("demo/hello", "1.0.0")]);
    world.write(&leaves);
    // An older copy of the files, with the keys that know better.
    let restored = World { intent: world.intent, ..older.clone() };
    let refused = restored.resume().unwrap_err();
    assert!(
        matches!(&refused, WriteError::NotTheSignedLog(fault) if fault.code == Code::Consistency),
        "{refused}"
    );
    // Another log of the same size.
    let mut forked = older.clone();
    let leaves = forked.leaves(&[Op::Release("demo/hello", "1.1.0")]);
    forked.write(&leaves);
    let forked = World { intent: world.intent, ..forked };
    assert!(matches!(forked.resume(), Err(WriteError::NotTheSignedLog(_))));
    // An older copy of the keys is none: what they signed is the beginning of what is there.
    let keys = World { intent: older.intent, ..world.clone() };
    assert_eq!(keys.resume().unwrap().head.signed(), world.intent.unwrap());
}

#[test]
fn a_refusal_writes_nothing_and_changes_no_head() {
    let world = World::new();
    let mut head = world.resume().unwrap().head;
    let before = head.signed();
    let mut leaf = world.leaves(&[Op::Release("demo/hello", "1.0.0")]).remove(0);
    leaf.time = 1;
    assert!(head.append(std::slice::from_ref(&leaf), &key(LOG)).is_err());
    leaf.envelopes = vec!["x".repeat(70_000)];
    leaf.time = TIME + 9;
    assert!(head.append(&[leaf], &key(LOG)).is_err());
    assert_eq!(head.signed(), before);
}

/// A snapshot that goes on under another trust root checks signatures by its keys.
#[test]
fn an_index_file_counts_under_the_keys_that_it_was_checked_by() {
    let rotate = |index| Op::Rotate { root: false, log: false, index };
    let (mut world, package) = (World::new(), PackageName::parse("demo/hello").unwrap());
    world.write(&world.leaves(&[Op::Release("demo/hello", "1.0.0")]));
    let (before, mut snapshot) = (world.trust(), Snapshot::new());
    snapshot.supply("index/demo/hello", world.files.get("index/demo/hello").cloned());
    assert!(matches!(snapshot.index(&before, &package), Poll::Ready(Ok(Some(_)))));
    world.write(&world.leaves(&[rotate(true)]));
    assert!(matches!(snapshot.index(&world.trust(), &package), Poll::Ready(Ok(Some(_)))), "both keys count");
    world.write(&world.leaves(&[rotate(false)]));
    assert!(
        matches!(snapshot.index(&world.trust(), &package), Poll::Ready(Err(_))),
        "the old key was dropped"
    );
    assert!(matches!(snapshot.index(&before, &package), Poll::Ready(Ok(Some(_)))));
}

/// What is changed by hand is found.
#[test]
fn an_audit_finds_every_altered_or_missing_file() {
    let mut world = World::new();
    let ops = [Op::Release("demo/hello", "1.0.0"), Op::Status("demo/hello", "1.0.0", StatusAction::Yank)];
    let leaves = world.leaves(&ops);
    world.write(&leaves);
    let hints = |path: &str| path.starts_with(".vitte-") || path.contains(".p/");
    for path in world.files.keys().filter(|path| !hints(path)) {
        let mut altered = world.clone();
        if let Some(byte) = altered.files.get_mut(path).and_then(|bytes| bytes.last_mut()) {
            *byte ^= 1;
        }
        assert!(path.starts_with("trust/") || altered.audit().is_err(), "{path}");
        let mut missing = world.clone();
        missing.files.remove(path);
        assert!(path.starts_with("trust/") || missing.audit().is_err(), "{path}");
    }
    for stranger in ["index/demo/other", "ns/other.jsonl", "trust/3.json"] {
        let mut more = world.clone();
        more.files.insert(stranger.to_owned(), b"x".to_vec());
        assert!(more.audit().is_err(), "{stranger}");
    }
    // Files of the log: the newest and every older one that is still there.
    for path in world.files.keys().filter(|path| path.contains(".p/")) {
        let mut altered = world.clone();
        altered.files.insert(path.clone(), vec![0; 32]);
        assert!(altered.audit().is_err(), "{path}");
    }
}
