mod older;
mod session;

use super::*;
use crate::diagnostic::{Code, Diagnose as _};
use crate::digest::{Digest, TreeDigest};
use crate::index::{Core, IndexEntry, IndexFile, IndexStatus};
use crate::limits;
use crate::log::append::Appender;
use crate::log::checkpoint::Checkpoint;
use crate::log::leaf::{Artifact, Leaf, Subject};
use crate::log::note::{IndexKey, LogKey, Note, WitnessKey};
use crate::log::policy::LogPolicy;
use crate::log::proof::LogTiles;
use crate::log::tile::{BundleId, TileId, print_entry};
use crate::name::{Namespace, PackageName};
use crate::registry::{Bundle, RegistryConfig, TrustRoot, VerifiedTrustRoot, layout};
use crate::sign::namespace::{NamespaceKey, NamespaceRecord, Revocation, RevocationReason};
use crate::sign::statement::golden;
use crate::sign::{
    Envelope, NamespaceChain, RegistryId, SecretKey, StatusAction, StatusChange, StatusCode, StatusRecord,
    dsse,
};
use crate::target::Kind;
use crate::verify::Status;
use crate::verify::report::Verdict;
use crate::version::Version;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Trust document, section 12.
const CORE: &str = r#"{"ver":"1.0.0","kind":"vitpkg","target":"any","tree":"vp1-sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a","manifest":"sha256:fde3ab51161204cadda36a1974fa0c160f082102197de29b2f3bc9c65c7b2692","files":3,"unpacked":210,"edition":"2025","deps":[],"features":{}}"#;
const ROOT: u8 = 0x11;
const OWNER: u8 = 0x22;
const LOG: u8 = 0x33;
const INDEX: u8 = 0x55;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn id() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

fn package() -> PackageName {
    PackageName::parse("demo/hello").unwrap()
}

/// A registry in memory: its files, as any file server has them.
#[derive(Clone)]
struct Registry {
    files: BTreeMap<String, Vec<u8>>,
    log: Appender,
    leaves: Vec<Vec<u8>>,
    index: IndexFile,
    chain: NamespaceChain,
    pin: Digest,
}

impl Registry {
    fn new() -> Self {
        let log = LogKey::new("registry.example/log", key(LOG).public()).unwrap();
        let index = IndexKey::new("registry.example/index", key(INDEX).public()).unwrap();
        let root = TrustRoot::first(id(), 1_763_800_000, key(ROOT).public(), &log, index);
        let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload().unwrap(), &[&key(ROOT)]).unwrap();
        let mut registry = Self {
            files: BTreeMap::new(),
            log: Appender::empty(),
            leaves: Vec::new(),
            index: IndexFile::new(package()),
            chain: NamespaceChain::new(id(), Namespace::parse("demo").unwrap()),
            pin: Digest::of(envelope.as_bytes()),
        };
        registry.put("trust/1.json", envelope.as_bytes());
        registry.put("config.json", &RegistryConfig::directory(id()).to_bytes());
        registry.append(Subject::Genesis { registry: id() }, &envelope);
        let record = NamespaceRecord::first(Namespace::parse("demo").unwrap(), id(), key(OWNER).public());
        registry.record(&record);
        registry
    }

    fn put(&mut self, path: &str, bytes: &[u8]) {
        self.files.insert(path.to_owned(), bytes.to_vec());
    }

    fn append(&mut self, subject: Subject, envelope: &Envelope) -> u64 {
        let leaf = Leaf {
            subject,
            time: 1_763_800_000,
            prev: None,
            envelopes: vec![String::from_utf8(envelope.as_bytes().to_vec()).unwrap()],
        };
        self.append_bytes(&leaf.to_bytes().unwrap())
    }

    fn append_bytes(&mut self, leaf: &[u8]) -> u64 {
        let index = self.log.append(leaf).unwrap();
        self.leaves.push(leaf.to_vec());
        let id = BundleId::at(index / 256, self.log.size()).unwrap();
        let mut bundle = Vec::new();
        for leaf in &self.leaves[id.first() as usize..] {
            print_entry(&mut bundle, leaf).unwrap();
        }
        self.put(&layout::bundle(id), &bundle);
        for (id, bytes) in self.log.take_tiles() {
            self.put(&layout::tile(id), &bytes);
        }
        let checkpoint = Checkpoint::new("registry.example/log", self.log.size(), self.log.root());
        self.put(layout::CHECKPOINT, &checkpoint.sign(&key(LOG)).unwrap().to_bytes());
        index
    }

    fn record(&mut self, record: &NamespaceRecord) {
        let envelope =
            Envelope::sign(dsse::NAMESPACE, &record.to_payload().unwrap(), &[&key(OWNER)]).unwrap();
        let subject = Subject::Namespace { namespace: record.namespace.clone(), seq: record.seq };
        let index = self.append(subject, &envelope);
        self.chain.push(index, envelope.as_bytes()).unwrap();
        let file = self.chain.to_bytes();
        self.put("ns/demo.jsonl", &file);
    }

    /// Publishes a version, signed with a key that may not be the owner's.
    fn publish_by(&mut self, version: &str, signer: u8) -> u64 {
        let core = Core::parse(&CORE.replace("1.0.0", version)).unwrap();
        let mut statement = golden();
        (statement.version, statement.index) = (core.version.clone(), core.digest());
        let envelope =
            Envelope::sign(dsse::RELEASE, &statement.to_payload().unwrap(), &[&key(signer)]).unwrap();
        let artifact = Artifact {
            package: package(),
            version: core.version.clone(),
            kind: core.kind,
            target: core.target.clone(),
        };
        let subject = Subject::Release { artifact, tree: core.tree, index: core.digest() };
        let log = self.append(subject, &envelope);
        let hint = Digest::of(b"hint");
        let entry =
            IndexEntry { core, log, time: 1_763_800_000, head: hint, file: hint, size: 99, status: None };
        self.index.add(entry).unwrap();
        self.sign_index();
        log
    }

    fn publish(&mut self, version: &str) -> u64 {
        self.publish_by(version, OWNER)
    }

    fn sign_index(&mut self) {
        let bytes = self.index.sign(self.log.size(), &id(), &key(INDEX)).unwrap();
        self.put("index/demo/hello", &bytes);
    }

    /// Drives a proof to its end, as a shell does.
    fn drive(&self, mut proof: ReleaseProof) -> ReleaseProof {
        for _ in 0..100 {
            let Some(need) = proof.needs().first().cloned() else { return proof };
            proof.supply(&need.path, self.files.get(&need.path).map(Vec::as_slice));
        }
        panic!("it never ends: {:?}", proof.needs());
    }

    fn prove(&self, memory: Memory) -> ReleaseProof {
        let wanted = Wanted::newest(package());
        self.drive(ReleaseProof::new(wanted, Some(self.pin), memory))
    }

    /// What a client that proved the newest release remembers.
    fn seen(&self) -> Memory {
        let proof = self.prove(Memory::default());
        Memory::parse(&proof.memory().unwrap_or_else(|| panic!("{:?}", proof.failure())).to_bytes()).unwrap()
    }
}

/// A registry with one release at log index 2.
fn registry() -> Registry {
    let mut registry = Registry::new();
    assert_eq!(registry.publish("1.0.0"), 2);
    registry
}

fn refusal(proof: &ReleaseProof) -> (Code, Option<Status>) {
    assert!(proof.proven().is_none() && proof.memory().is_none() && proof.needs().is_empty());
    let failure = proof.failure().expect("it is refused");
    (failure.code(), failure.status())
}

/// The ids of the checks that passed, and of the one that failed.
fn verdicts(proof: &ReleaseProof) -> (Vec<&'static str>, Option<&'static str>) {
    let checks = proof.checks();
    let passed = checks.iter().filter(|check| matches!(check.verdict, Verdict::Passed { .. }));
    let failed = checks.iter().find(|check| matches!(check.verdict, Verdict::Failed { .. }));
    (passed.map(|check| check.id.as_str()).collect(), failed.map(|check| check.id.as_str()))
}

#[test]
fn a_release_is_proved_from_nothing_but_a_pin() {
    let registry = registry();
    let proof = registry.prove(Memory::default());
    let proven = proof.proven().unwrap();
    assert_eq!((proven.log, proven.size, proven.witnessed), (2, 3, false));
    assert_eq!(proven.expectation.tree, Some(golden().tree));
    assert_eq!(proven.signers, BTreeSet::from([key(OWNER).id()]));
    let (passed, failed) = verdicts(&proof);
    assert_eq!((passed, failed), (vec!["trust-root", "checkpoint", "index", "entry", "authority"], None));
}

#[test]
fn the_next_look_continues_the_first() {
    let mut registry = registry();
    let seen = registry.seen();
    registry.publish("1.1.0");
    while registry.log.size() < 304 {
        registry.append_bytes(b"anything");
    }
    registry.sign_index();
    let proof = registry.prove(seen);
    let proven = proof.proven().unwrap_or_else(|| panic!("{:?}", proof.failure()));
    assert_eq!((proven.log, proven.size), (3, 304));
    assert_eq!(verdicts(&proof).0.len(), 6);
}

#[test]
fn everything_that_is_needed_for_certain_is_asked_for_at_once() {
    let registry = registry();
    let wanted = Wanted::newest(package());
    let mut proof = ReleaseProof::new(wanted, Some(registry.pin), registry.seen());
    let (mut rounds, mut files) = (0, 0);
    while !proof.needs().is_empty() {
        rounds += 1;
        for need in proof.needs().to_vec() {
            files += 1;
            proof.supply(&need.path, registry.files.get(&need.path).map(Vec::as_slice));
        }
    }
    assert!(proof.proven().is_some());
    // Configuration; checkpoint, index, namespace and the next trust root; one tile and one bundle.
    assert_eq!((rounds, files), (3, 7));
}

#[test]
fn an_older_checkpoint_is_no_harm_if_the_log_is_the_same() {
    let mut registry = registry();
    let old = registry.files[layout::CHECKPOINT].clone();
    registry.publish("1.1.0");
    let seen = registry.seen();
    registry.put(layout::CHECKPOINT, &old);
    let proof = registry.prove(seen);
    assert_eq!(proof.proven().map(|proven| (proven.log, proven.size)), Some((3, 4)));
}

#[test]
fn two_logs_of_one_size_are_a_split_view_with_both_as_evidence() {
    let (mut one, mut other) = (registry(), registry());
    one.publish("1.1.0");
    other.publish("1.2.0");
    let proof = other.prove(one.seen());
    assert_eq!(refusal(&proof), (Code::SplitView, Some(Status::Tampered)));
    let diagnostic = proof.failure().unwrap().diagnostic();
    assert_ne!(diagnostic.data["before"], diagnostic.data["now"]);
    assert!(diagnostic.data["now"].as_str().unwrap().starts_with("registry.example/log\n4\n"));
    // And one that is longer, but went another way.
    other.publish("1.3.0");
    assert_eq!(refusal(&other.prove(one.seen())).0, Code::SplitView);
}

/// What a new trust root does to what was seen before: more witnesses do not make it unseen, only a log key that is
/// dropped does. A damaged note is not forgotten either.
#[test]
fn only_a_dropped_log_key_lets_a_client_forget_the_log() {
    let (mut one, mut other) = (registry(), registry());
    one.publish("1.1.0");
    other.publish("1.2.0");
    let (old, new, witness) = (key(LOG), key(0x34), key(0x44));
    let log_key = |key: &SecretKey| LogKey::new("registry.example/log", key.public()).unwrap();
    let witness_key = WitnessKey::new("w.example/w", witness.public()).unwrap();
    let first = VerifiedTrustRoot::self_signed(&one.files["trust/1.json"]).unwrap();
    let next = |before: &VerifiedTrustRoot, policy: String| {
        let root = TrustRoot {
            version: before.root().version + 1,
            prev: Some(before.digest()),
            log_policy: LogPolicy::parse(&policy).unwrap(),
            ..before.root().clone()
        };
        Envelope::sign(dsse::TRUST_ROOT, &root.to_payload().unwrap(), &[&key(ROOT)]).unwrap()
    };
    // The fork comes with a trust root that asks for a witness, and with the witness.
    let stricter = next(&first, format!("log {}\nwitness w {witness_key}\nquorum w\n", log_key(&old)));
    let mut forked = other.clone();
    forked.put("trust/2.json", stricter.as_bytes());
    let mut note = Note::parse(&forked.files[layout::CHECKPOINT], limits::NOTE_LEN).unwrap();
    note.cosign("w.example/w", &witness, 1_763_800_000).unwrap();
    forked.put(layout::CHECKPOINT, &note.to_bytes());
    assert!(forked.prove(Memory::default()).proven().is_some(), "to a stranger it is as good as any");
    assert_eq!(refusal(&forked.prove(one.seen())).0, Code::SplitView);
    let mut damaged = one.seen();
    damaged.checkpoint.as_mut().unwrap().truncate(60);
    assert_eq!(refusal(&other.prove(damaged)).0, Code::Note);
    // The old key leaves in two steps. Then the log begins anew, and the numbers with it.
    let both = next(&first, format!("log {}\nlog {}\nquorum none\n", log_key(&new), log_key(&old)));
    other.put("trust/2.json", both.as_bytes());
    let mut seen = one.seen();
    seen.seen.packages.insert("demo/hello".to_owned(), 9);
    assert_eq!(refusal(&other.prove(seen.clone())).0, Code::SplitView);
    let second = first.advance(both.as_bytes()).unwrap();
    other.put("trust/3.json", next(&second, format!("log {}\nquorum none\n", log_key(&new))).as_bytes());
    let checkpoint = Checkpoint::new("registry.example/log", other.log.size(), other.log.root());
    other.put(layout::CHECKPOINT, &checkpoint.sign(&new).unwrap().to_bytes());
    let proof = other.prove(seen.clone());
    let anew = proof.memory().unwrap_or_else(|| panic!("{:?}", proof.failure())).clone();
    assert_eq!(anew.seen.packages["demo/hello"], 2);
    // Whoever was slower, under the old trust root, brings nothing of it back.
    for merged in [seen.clone().merge(anew.clone()).unwrap(), anew.clone().merge(seen).unwrap()] {
        assert_eq!((&merged.checkpoint, &merged.seen.packages), (&anew.checkpoint, &anew.seen.packages));
    }
}

#[test]
fn an_altered_index_is_refused() {
    let good = registry();
    let index = String::from_utf8(good.files["index/demo/hello"].clone()).unwrap();
    let mut registry = good.clone();
    registry.put("index/demo/hello", index.replace("\"files\":3", "\"files\":4").as_bytes());
    assert_eq!(refusal(&registry.prove(Memory::default())).0, Code::IndexSignature);
    // Signed by the index key itself: the author's signature and the log know better.
    let mut registry = good.clone();
    let mut file = IndexFile::new(package());
    let mut entry = good.index.entries()[0].clone();
    entry.core = Core::parse(&CORE.replace("\"files\":3", "\"files\":4")).unwrap();
    file.add(entry).unwrap();
    registry.index = file;
    registry.sign_index();
    let proof = registry.prove(Memory::default());
    assert_eq!(refusal(&proof), (Code::IndexLineDigest, Some(Status::Tampered)));
    assert_eq!(verdicts(&proof).1, Some("entry"));
}

#[test]
fn a_stranger_may_not_release_and_a_revoked_key_no_more() {
    let mut registry = registry();
    registry.publish_by("1.1.0", 0x66);
    let proof = registry.prove(Memory::default());
    assert_eq!(refusal(&proof), (Code::KeyNotAuthorised, Some(Status::Untrusted)));
    assert_eq!(verdicts(&proof).1, Some("authority"));

    let mut registry = self::registry();
    let owner = registry.chain.latest().unwrap().clone();
    let mut record = NamespaceRecord { seq: 1, prev: registry.chain.latest_digest(), ..owner };
    record.keys.push(NamespaceKey::owner(key(0x66).public()));
    record.keys.sort_by_key(|key| key.key.id());
    registry.record(&record);
    let (seq, prev) = (2, registry.chain.latest_digest());
    let mut record = NamespaceRecord { seq, prev, ..record };
    record.revoked =
        vec![Revocation { key: key(0x66).id(), since: 4, reason: RevocationReason::Compromised }];
    registry.publish_by("1.1.0", 0x66);
    assert!(registry.prove(Memory::default()).proven().is_some());
    registry.record(&record);
    let proof = registry.prove(Memory::default());
    assert_eq!(refusal(&proof), (Code::KeyRevoked, Some(Status::Untrusted)));
    // The release before it is still there.
    let wanted = Wanted { version: Some(Version::parse("1.0.0").unwrap()), ..Wanted::newest(package()) };
    let proof = registry.drive(ReleaseProof::new(wanted, Some(registry.pin), Memory::default()));
    assert!(proof.proven().is_some());
}

#[test]
fn a_namespace_cannot_forget_its_records() {
    let mut registry = registry();
    let owner = registry.chain.latest().unwrap().clone();
    let before = registry.files["ns/demo.jsonl"].clone();
    registry.record(&NamespaceRecord { seq: 1, prev: registry.chain.latest_digest(), ..owner });
    let seen = registry.seen();
    registry.put("ns/demo.jsonl", &before);
    assert_eq!(refusal(&registry.prove(seen)).0, Code::NsChain);
    registry.files.remove("ns/demo.jsonl");
    assert_eq!(refusal(&registry.prove(Memory::default())).0, Code::NsChain);
}

#[test]
fn nothing_is_believed_without_a_pin_or_under_another() {
    let registry = registry();
    let wanted = Wanted::newest(package());
    let proof = registry.drive(ReleaseProof::new(wanted.clone(), None, Memory::default()));
    assert_eq!(refusal(&proof), (Code::UntrustedRegistry, None));
    let offered = proof.failure().unwrap().diagnostic().data["offered"].clone();
    assert_eq!(offered, registry.pin.to_string());
    let other = Digest::of(b"another");
    let proof = registry.drive(ReleaseProof::new(wanted, Some(other), Memory::default()));
    assert_eq!(refusal(&proof), (Code::TrustRoot, Some(Status::Tampered)));
}

#[test]
fn what_is_not_there_or_of_another_registry_gives_no_verdict() {
    let good = registry();
    let mut registry = good.clone();
    registry.files.remove("index/demo/hello");
    assert_eq!(refusal(&registry.prove(Memory::default())), (Code::NotFound, None));
    let wanted = Wanted { tree: Some(TreeDigest::new(Digest::of(b"x"))), ..Wanted::newest(package()) };
    let proof = good.drive(ReleaseProof::new(wanted, Some(good.pin), Memory::default()));
    assert_eq!(refusal(&proof), (Code::NotFound, None));
    let elsewhere = Some(RegistryId::parse("other.example/").unwrap());
    let wanted = Wanted { registry: elsewhere, ..Wanted::newest(package()) };
    let proof = good.drive(ReleaseProof::new(wanted, Some(good.pin), Memory::default()));
    assert_eq!(refusal(&proof).0, Code::RegistryMismatch);
    let mut registry = good.clone();
    registry.files.remove("config.json");
    assert_eq!(refusal(&registry.prove(Memory::default())), (Code::RegistryLayout, None));
    let mut registry = good.clone();
    let other = RegistryConfig::directory(RegistryId::parse("other.example/").unwrap());
    registry.put("config.json", &other.to_bytes());
    assert_eq!(refusal(&registry.prove(Memory::default())).0, Code::RegistryMismatch);
    let mut registry = good;
    registry.put("trust/2.json", &vec![b' '; limits::ENVELOPE_LEN + 1]);
    assert_eq!(refusal(&registry.prove(Memory::default())).0, Code::Limit);
}

#[test]
fn a_partial_tile_that_is_gone_is_cut_from_the_full_one() {
    let mut registry = Registry::new();
    registry.publish("1.0.0");
    let checkpoint = registry.files[layout::CHECKPOINT].clone();
    let index = registry.files["index/demo/hello"].clone();
    while registry.log.size() < 256 {
        registry.append_bytes(b"anything");
    }
    registry.files.retain(|path, _| !path.contains(".p/"));
    registry.put(layout::CHECKPOINT, &checkpoint);
    registry.put("index/demo/hello", &index);
    let proof = registry.prove(Memory::default());
    assert_eq!(proof.proven().map(|proven| proven.size), Some(3), "{:?}", proof.failure());
}

#[test]
fn what_is_published_meanwhile_is_caught_up_with() {
    let mut registry = registry();
    let old = registry.files[layout::CHECKPOINT].clone();
    registry.publish("1.1.0");
    let wanted = Wanted::newest(package());
    let mut proof = ReleaseProof::new(wanted.clone(), Some(registry.pin), Memory::default());
    let mut first = true;
    while let Some(need) = proof.needs().first().cloned() {
        let mut file = registry.files.get(&need.path);
        if need.path == layout::CHECKPOINT && std::mem::take(&mut first) {
            file = Some(&old);
        }
        proof.supply(&need.path, file.map(Vec::as_slice));
    }
    assert_eq!(proof.proven().map(|proven| proven.size), Some(4), "{:?}", proof.failure());
    // But not for ever.
    registry.put(layout::CHECKPOINT, &old);
    assert_eq!(refusal(&registry.prove(Memory::default())), (Code::Unavailable, None));
}

#[test]
fn yanked_releases_are_not_the_newest_but_can_be_asked_for() {
    let mut registry = registry();
    registry.publish("1.1.0");
    let version = Version::parse("1.1.0").unwrap();
    let change = StatusChange {
        action: StatusAction::Yank,
        code: StatusCode::Broken,
        text: "wrong".into(),
        instead: None,
        advisory: None,
    };
    registry.index.set_status(&version, &IndexStatus { log: 3, change });
    registry.sign_index();
    assert_eq!(registry.prove(Memory::default()).proven().unwrap().log, 2);
    let wanted = Wanted { version: Some(version), kind: Some(Kind::Vitpkg), ..Wanted::newest(package()) };
    let proof = registry.drive(ReleaseProof::new(wanted, Some(registry.pin), Memory::default()));
    assert_eq!(proof.proven().unwrap().status.as_ref().unwrap().action, StatusAction::Yank);
}

#[test]
fn memory_only_rises_and_is_read_back() {
    let mut registry = registry();
    let old = registry.seen();
    registry.publish("1.1.0");
    let new = registry.seen();
    for memory in [old.clone().merge(new.clone()).unwrap(), new.clone().merge(old).unwrap()] {
        assert_eq!(memory.checkpoint, new.checkpoint);
        assert_eq!(memory.seen, new.seen);
        assert_eq!(memory.seen.packages["demo/hello"], 2);
    }
    assert!(Memory::parse(b"{}").is_err() && Memory::parse(b"").is_err());
}

/// What would be stapled to the file of the release at a log index.
fn bundle(registry: &Registry, release: u64, status: &[u64]) -> Bundle {
    let checkpoint = &registry.files[layout::CHECKPOINT];
    let opened = Checkpoint::new("registry.example/log", registry.log.size(), registry.log.root());
    let mut tiles = LogTiles::new(&opened);
    for id in TileId::right_edge(registry.log.size()) {
        tiles.supply(id, &registry.files[&layout::tile(id)]).unwrap();
    }
    tiles.check().unwrap();
    let proof = |index: u64| {
        let hashes = tiles.inclusion(index).unwrap();
        crate::log::proof::TlogProof::new(&registry.leaves[index as usize], index, hashes, checkpoint)
    };
    Bundle {
        trust: vec![String::from_utf8(registry.files["trust/1.json"].clone()).unwrap()],
        namespace: vec![proof(1)],
        release: proof(release),
        status: status.iter().copied().map(proof).collect(),
    }
}

/// T08, T31, T33: what is stapled is judged as what a registry serves is: a status record of another registry, or out of
/// turn, and a statement that was signed as something else do not count, though every proof of them is right.
#[test]
fn stapled_records_of_another_registry_or_type_are_refused() {
    let mut registry = registry();
    let offline = |registry: &Registry, status: &[u64]| {
        let stapled = bundle(registry, 2, status).to_json().unwrap();
        let (result, _) = prove_offline(&stapled, &registry.pin, &Wanted::newest(package()));
        result.map(|proven| proven.status.map(|change| change.action)).map_err(|error| error.code())
    };
    let mut status = |registry_id: &str, seq: u64, action: StatusAction| {
        let change = StatusChange {
            action,
            code: StatusCode::Broken,
            text: String::new(),
            instead: None,
            advisory: None,
        };
        let version = Version::parse("1.0.0").unwrap();
        let registry_id = RegistryId::parse(registry_id).unwrap();
        let record =
            StatusRecord { registry: registry_id, package: package(), version: version.clone(), seq, change };
        let envelope = Envelope::sign(dsse::STATUS, &record.to_payload().unwrap(), &[&key(OWNER)]).unwrap();
        registry.append(Subject::Status { package: package(), version }, &envelope)
    };
    let later = status("registry.example/", 1, StatusAction::Unyank);
    let foreign = status("other.example/", 0, StatusAction::Yank);
    let own = status("registry.example/", 0, StatusAction::Yank);
    assert_eq!(offline(&registry, &[own]), Ok(Some(StatusAction::Yank)));
    assert_eq!(offline(&registry, &[foreign]), Err(Code::RegistryMismatch));
    assert_eq!(offline(&registry, &[own, later]), Err(Code::Leaf), "logged before the one it follows");
    assert_eq!(offline(&registry, &[later]), Err(Code::Leaf));
    // The author's own statement, signed under another type.
    let mut statement = golden();
    statement.version = Version::parse("1.1.0").unwrap();
    let core = Core::parse(&CORE.replace("1.0.0", "1.1.0")).unwrap();
    statement.index = core.digest();
    let envelope = Envelope::sign(dsse::STATUS, &statement.to_payload().unwrap(), &[&key(OWNER)]).unwrap();
    let artifact = Artifact {
        package: package(),
        version: core.version.clone(),
        kind: core.kind,
        target: core.target.clone(),
    };
    let subject = Subject::Release { artifact, tree: core.tree, index: core.digest() };
    let log = registry.append(subject, &envelope);
    let stapled = bundle(&registry, log, &[]).to_json().unwrap();
    let (refused, _) = prove_offline(&stapled, &registry.pin, &Wanted::newest(package()));
    assert_eq!(refused.unwrap_err().code(), Code::PayloadType);
}

#[test]
fn stapled_proofs_give_the_same_verdict_offline() {
    let registry = registry();
    let bundle = bundle(&registry, 2, &[]);
    let stapled = bundle.to_json().unwrap();
    let wanted = Wanted::newest(package());
    let (proven, checks) = prove_offline(&stapled, &registry.pin, &wanted);
    assert_eq!(proven.unwrap().log, 2);
    assert_eq!(checks.len(), 6);
    let (refused, checks) = prove_offline(&stapled, &Digest::of(b"another"), &wanted);
    assert_eq!(refused.unwrap_err().code(), Code::TrustRoot);
    assert!(matches!(checks[0].verdict, Verdict::Failed { .. }));
    let other = Wanted { version: Some(Version::parse("1.0.1").unwrap()), ..wanted.clone() };
    let (refused, _) = prove_offline(&stapled, &registry.pin, &other);
    assert_eq!(refused.unwrap_err().code(), Code::Leaf);
    let without = Bundle { namespace: Vec::new(), ..bundle };
    let (refused, _) = prove_offline(&without.to_json().unwrap(), &registry.pin, &wanted);
    assert_eq!(refused.unwrap_err().code(), Code::NsChain);
}

proptest! {
    /// No altered file of a registry makes a proof of something else, and none makes the machine go on for ever.
    #[test]
    fn any_flipped_byte_is_refused_or_of_no_consequence(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let good = registry();
        let proven = good.prove(Memory::default()).proven().unwrap().clone();
        let mut registry = good.clone();
        let path = pick.get(&good.files.keys().collect::<Vec<_>>()).to_string();
        let file = registry.files.get_mut(&path).unwrap();
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        let proof = registry.prove(Memory::default());
        if let Some(got) = proof.proven() {
            prop_assert_eq!((got.log, got.size, got.root), (proven.log, proven.size, proven.root));
            prop_assert_eq!(&got.expectation, &proven.expectation);
            prop_assert_eq!(&got.signers, &proven.signers);
        } else {
            prop_assert!(proof.failure().is_some());
        }
    }
}
