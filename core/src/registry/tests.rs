//! The law of writing: stopped anywhere, a registry is in order, and the next writer finishes what was started.

use super::*;
use crate::diagnostic::Code;
use crate::index::Core;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Artifact, Leaf, Subject, Thread};
use crate::log::note::{IndexKey, LogKey};
use crate::name::{Namespace, PackageName};
use crate::sign::statement::golden;
use crate::sign::{
    Envelope, NamespaceRecord, RegistryId, SecretKey, StatusAction, StatusChange, StatusCode, StatusRecord,
    dsse,
};
use crate::target::{Kind, Target};
use crate::version::Version;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::task::Poll;

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
enum Op {
    Namespace(String),
    Release(String),
    Status(String, StatusAction),
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
        let commit = world.derive(&head);
        world.apply_all(&commit);
        let leaves = world.leaves(&[Op::Namespace("demo".to_owned())]);
        world.write(&leaves);
        world
    }

    pub(super) fn trust(&self) -> VerifiedTrustRoot {
        VerifiedTrustRoot::self_signed(&self.files[&layout::trust_root(1)]).unwrap()
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

    fn resume(&self) -> Result<Resumed, WriteError> {
        let published = self.files.get(layout::CHECKPOINT);
        let policy = self.trust().root().log_policy.clone();
        let published = published.map(|bytes| VerifiedCheckpoint::open(bytes, &policy).unwrap());
        self.drive(|snapshot| resume(&id(), published.as_ref(), self.intent, snapshot))
    }

    fn derive(&self, head: &LogHead) -> Commit {
        let (trust, log_key, index_key) = (self.trust(), key(LOG).public(), key(INDEX));
        let by = DerivedBy { head, trust: &trust, log_key: &log_key, index_key: &index_key };
        let from = self.drive(|snapshot| snapshot.derived_size().map(Ok::<_, WriteError>)).unwrap();
        let mut derivation = Derivation::new(from.unwrap_or(0));
        self.drive(|snapshot| derivation.check(by, snapshot)).unwrap()
    }

    /// Takes the log up, and finishes what an earlier writer began.
    fn recover(&mut self) -> LogHead {
        let resumed = self.resume().unwrap();
        if !resumed.is_published {
            self.apply_all(&resumed.head.sign(&key(LOG)).unwrap());
        }
        let commit = self.derive(&resumed.head);
        self.apply_all(&commit);
        resumed.head
    }

    /// All steps of logging these leaves, and the registry after them.
    fn whole(&self, leaves: &[Leaf]) -> (Vec<Step>, Self) {
        let mut done = self.clone();
        let mut head = done.recover();
        let commit = head.append(leaves, &key(LOG)).unwrap();
        done.apply_all(&commit);
        let derived = done.derive(&head);
        done.apply_all(&derived);
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
        let listed: BTreeSet<String> = self.files.keys().cloned().collect();
        let mut audit = Audit::new(self.trust(), listed, Proofs::Required);
        self.drive(|snapshot| {
            audit.verify_all().map_err(|error| vec![error])?;
            audit.check(snapshot)
        })
    }

    /// The leaves of these operations, signed by the author; those that make no sense here are left out.
    fn leaves(&self, ops: &[Op]) -> Vec<Leaf> {
        let mut size = self.resume().unwrap().head.size();
        let (mut last, mut counts): (BTreeMap<Thread, u64>, BTreeMap<String, u64>) = Default::default();
        let package = PackageName::parse("demo/hello").unwrap();
        let mut leaves = Vec::new();
        let file = self.files.get(&layout::index(&package)).map(|bytes| {
            let trust = self.trust();
            crate::index::VerifiedIndex::open(bytes, &trust.root().index, &package).unwrap()
        });
        let mut known: BTreeSet<String> =
            file.iter().flat_map(|file| file.entries()).map(|entry| entry.core.version.to_string()).collect();
        let trust = self.trust();
        if let Some(leaf) = self.drive(|snapshot| snapshot.last_leaf(&trust, &package)).unwrap() {
            last.insert(Thread::Package(package.clone()), leaf);
        }
        // How many status records each version has is counted by following the package's leaves back.
        let mut at = last.values().next().copied();
        while let Some(index) = at {
            let leaf = self.drive(|snapshot| snapshot.entry(index, size)).unwrap();
            let leaf = Leaf::parse(&leaf).unwrap();
            if let Subject::Status { version, .. } = &leaf.subject {
                *counts.entry(version.to_string()).or_default() += 1;
            }
            at = leaf.prev;
        }
        for op in ops {
            let (subject, envelope) = match op {
                Op::Namespace(name) => {
                    let namespace = Namespace::parse(name).unwrap();
                    if self.files.contains_key(&layout::namespace(&namespace)) {
                        continue;
                    }
                    let record = NamespaceRecord::first(namespace.clone(), id(), key(AUTHOR).public());
                    let payload = record.to_payload().unwrap();
                    let subject = Subject::Namespace { namespace, seq: 0 };
                    if last.contains_key(&subject.thread()) {
                        continue;
                    }
                    (subject, Envelope::sign(dsse::NAMESPACE, &payload, &[&key(AUTHOR)]).unwrap())
                }
                Op::Release(version) => {
                    if !known.insert(version.clone()) {
                        continue;
                    }
                    release(&package, version)
                }
                Op::Status(version, action) => {
                    if !known.contains(version) {
                        continue;
                    }
                    let count = counts.entry(version.clone()).or_default();
                    *count += 1;
                    status(&package, version, *action, *count - 1)
                }
            };
            let prev = last.insert(subject.thread(), size);
            leaves.push(Leaf { subject, time: TIME + size, prev, envelopes: vec![text(&envelope)] });
            size += 1;
        }
        leaves
    }
}

fn text(envelope: &Envelope) -> String {
    String::from_utf8(envelope.as_bytes().to_vec()).unwrap()
}

fn release(package: &PackageName, version: &str) -> (Subject, Envelope) {
    let version = Version::parse(version).unwrap();
    let artifact = Artifact {
        package: package.clone(),
        version: version.clone(),
        kind: Kind::Vitpkg,
        target: Target::any(),
    };
    let core = Core::parse(&facts(&artifact).core).unwrap();
    let statement =
        crate::sign::ReleaseStatement { version, index: core.digest(), registry: id(), ..golden() };
    let payload = statement.to_payload().unwrap();
    let envelope = Envelope::sign(dsse::RELEASE, &payload, &[&key(AUTHOR)]).unwrap();
    (Subject::Release { artifact, tree: core.tree, index: core.digest() }, envelope)
}

fn status(package: &PackageName, version: &str, action: StatusAction, seq: u64) -> (Subject, Envelope) {
    let version = Version::parse(version).unwrap();
    let change =
        StatusChange { action, code: StatusCode::Other, text: "why".into(), instead: None, advisory: None };
    let record =
        StatusRecord { registry: id(), package: package.clone(), version: version.clone(), seq, change };
    let envelope = Envelope::sign(dsse::STATUS, &record.to_payload().unwrap(), &[&key(AUTHOR)]).unwrap();
    (Subject::Status { package: package.clone(), version }, envelope)
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
        let what =
            format!("{batch:?} on {before} leaves, stopped before step {stopped}: {:?}", steps.get(stopped));
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
                    .unwrap_or_else(|faults| panic!("{what}, then {step:?} of {other:?}: {faults:?}"));
            }
            again.write(&leaves);
        }
        assert_eq!(again, done, "{what}");
    }
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let version = || prop_oneof![Just("1.0.0"), Just("1.1.0"), Just("2.0.0")].prop_map(str::to_owned);
    let action = prop_oneof![
        Just(StatusAction::Yank),
        Just(StatusAction::Unyank),
        Just(StatusAction::Deprecate),
        Just(StatusAction::Undeprecate)
    ];
    let op = prop_oneof![
        "[a-f]{2,3}".prop_map(Op::Namespace),
        version().prop_map(Op::Release),
        (version(), action).prop_map(|(version, action)| Op::Status(version, action)),
    ];
    proptest::collection::vec(op, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn stopped_anywhere_a_registry_is_in_order_and_the_next_writer_ends_it(
        earlier in ops(),
        batch in ops(),
        other in ops(),
    ) {
        let mut world = World::new();
        let leaves = world.leaves(&earlier);
        world.write(&leaves);
        obeys_the_law(&world, &batch, &other);
    }
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
    let across: Vec<Op> = names(1000, 3).into_iter().chain([Op::Release("1.0.0".to_owned())]).collect();
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
    let leaves = world.leaves(&[Op::Release("1.0.0".to_owned())]);
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
    let leaves = forked.leaves(&[Op::Release("1.1.0".to_owned())]);
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
    let mut leaf = world.leaves(&[Op::Release("1.0.0".to_owned())]).remove(0);
    leaf.time = 1;
    assert!(head.append(std::slice::from_ref(&leaf), &key(LOG)).is_err());
    leaf.envelopes = vec!["x".repeat(70_000)];
    leaf.time = TIME + 9;
    assert!(head.append(&[leaf], &key(LOG)).is_err());
    assert_eq!(head.signed(), before);
}

/// What is changed by hand is found.
#[test]
fn an_audit_finds_every_altered_or_missing_file() {
    let mut world = World::new();
    let ops = [Op::Release("1.0.0".to_owned()), Op::Status("1.0.0".to_owned(), StatusAction::Yank)];
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
    for stranger in ["index/demo/other", "ns/other.jsonl", "trust/2.json"] {
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
