//! Copies of a registry that lag, or are not complete: they prove nothing against anybody (T76).

use super::*;

/// The older whole copy of a registry, the newer one, and what a client of the newer one remembers. The package that is
/// asked for is the same in both; something else was published since.
fn lagging() -> (Registry, Registry, Memory) {
    let older = registry();
    let mut newer = older.clone();
    newer.append_bytes(b"anything");
    let seen = newer.seen();
    (older, newer, seen)
}

fn unavailable(proof: &ReleaseProof) -> String {
    assert_eq!(refusal(proof), (Code::Unavailable, None));
    proof.failure().unwrap().to_string()
}

#[test]
fn an_older_whole_copy_serves_what_it_has() {
    let (older, newer, seen) = lagging();
    let proof = older.prove(seen.clone());
    let proven = proof.proven().unwrap_or_else(|| panic!("{:?}", proof.failure()));
    assert_eq!((proven.log, proven.size), (2, 4), "proved by what was seen");
    let memory = proof.memory().unwrap();
    assert_eq!((&memory.checkpoint, &memory.edge), (&seen.checkpoint, &seen.edge), "nothing is taken back");
    assert!(newer.prove(memory.clone()).proven().is_some());
}

#[test]
fn without_kept_tiles_an_older_copy_is_older_and_no_more() {
    let (older, mut newer, mut seen) = lagging();
    seen.edge = None;
    let said = unavailable(&older.prove(seen.clone()));
    assert!(said.contains("does not have `log/tile/0/000.p/4`"), "{said}");
    // Entries that lie in full tiles, which the older copy has, would still be proved; so are all of the newer one.
    assert!(newer.prove(seen.clone()).proven().is_some());
    // A damaged edge counts as none.
    seen.edge = Some("vitte-edge 1\n4\n".to_owned());
    unavailable(&older.prove(seen));
    newer.files.clear();
}

#[test]
fn an_older_index_in_an_older_copy_is_no_rollback() {
    let old = registry();
    let mut new = old.clone();
    new.publish("1.1.0");
    let said = unavailable(&old.prove(new.seen()));
    assert!(said.contains("3 of 4 entries") && said.contains("revision 1, you have seen 2"), "{said}");
    // The log is the newest, the index is not: that is one that takes something back.
    let mut half = new.clone();
    half.put("index/demo/hello", &old.files["index/demo/hello"]);
    assert_eq!(refusal(&half.prove(new.seen())), (Code::IndexRollback, Some(Status::Tampered)));
}

#[test]
fn files_that_are_not_there_prove_nothing() {
    let (_, newer, seen) = lagging();
    for gone in ["index/demo/hello", "ns/demo.jsonl"] {
        let mut copy = newer.clone();
        copy.files.remove(gone);
        assert!(unavailable(&copy.prove(seen.clone())).contains(gone), "{gone}");
    }
    // Tiles that were seen are not missed; the entries are not kept.
    let mut copy = newer.clone();
    copy.files.retain(|path, _| !path.starts_with("log/tile/0/"));
    assert!(copy.prove(seen.clone()).proven().is_some());
    assert!(unavailable(&copy.prove(Memory::default())).contains("log/tile/0/000.p/4"));
    copy.files.retain(|path, _| !path.starts_with("log/tile/entries/"));
    assert!(unavailable(&copy.prove(seen.clone())).contains("log/tile/entries/000.p/4"));
    let mut copy = newer.clone();
    copy.files.remove(layout::CHECKPOINT);
    assert!(copy.prove(seen).proven().is_some());
    assert_eq!(refusal(&copy.prove(Memory::default())).0, Code::RegistryLayout);
}

#[test]
fn a_checkpoint_that_came_before_its_tiles_is_no_split_view() {
    let before = registry();
    let seen = before.seen();
    let mut copy = before.clone();
    copy.publish("1.1.0");
    copy.files.retain(|path, _| !path.starts_with("log/tile/") || before.files.contains_key(path));
    assert!(unavailable(&copy.prove(seen)).contains("log/tile/0/000.p/4"));
}

#[test]
fn a_smaller_log_of_another_history_is_a_split_view_by_what_is_kept() {
    let (mut one, mut other) = (registry(), registry());
    other.append_bytes(b"a lie");
    one.append_bytes(b"anything");
    one.append_bytes(b"more");
    let proof = other.prove(one.seen());
    assert_eq!(refusal(&proof), (Code::SplitView, Some(Status::Tampered)));
    assert_eq!(verdicts(&proof).1, Some("continuity"));
    // Without the kept tiles nothing shows it, and nothing is trusted either.
    let seen = Memory { edge: None, ..one.seen() };
    unavailable(&other.prove(seen));
}

#[test]
fn a_copy_from_before_a_rotation_is_older() {
    let mut older = registry();
    let (old, new) = (key(LOG), key(0x34));
    let log_key = |key: &SecretKey| LogKey::new("registry.example/log", key.public()).unwrap();
    let next = |before: &VerifiedTrustRoot, policy: String| {
        let root = TrustRoot {
            version: before.root().version + 1,
            prev: Some(before.digest()),
            log_policy: LogPolicy::parse(&policy).unwrap(),
            ..before.root().clone()
        };
        Envelope::sign(dsse::TRUST_ROOT, &root.to_payload().unwrap(), &[&key(ROOT)]).unwrap()
    };
    let first = VerifiedTrustRoot::self_signed(&older.files["trust/1.json"]).unwrap();
    let both = next(&first, format!("log {}\nlog {}\nquorum none\n", log_key(&new), log_key(&old)));
    let second = first.advance(both.as_bytes()).unwrap();
    let mut newer = older.clone();
    newer.put("trust/2.json", both.as_bytes());
    newer.put("trust/3.json", next(&second, format!("log {}\nquorum none\n", log_key(&new))).as_bytes());
    let checkpoint = Checkpoint::new("registry.example/log", newer.log.size(), newer.log.root());
    newer.put(layout::CHECKPOINT, &checkpoint.sign(&new).unwrap().to_bytes());
    let seen = newer.seen();
    let proof = older.prove(seen.clone());
    let proven = proof.proven().unwrap_or_else(|| panic!("{:?}", proof.failure()));
    assert_eq!(proven.size, 3);
    assert_eq!(proof.memory().unwrap().trust.as_ref().unwrap().root().version, 3);
    // Without a log seen under the new key there is nothing to go on with.
    let nothing = Memory { checkpoint: None, edge: None, ..seen.clone() };
    assert!(unavailable(&older.prove(nothing)).contains("trust root 3"));
    // With the trust root there, the signature is wrong.
    for version in [2, 3] {
        let path = layout::trust_root(version);
        older.put(&path, &newer.files[&path]);
    }
    assert_eq!(refusal(&older.prove(seen)).0, Code::Note);
}

/// T79: signed trust roots without an end.
#[test]
fn trust_roots_are_not_followed_without_an_end() {
    let mut registry = registry();
    let mut trust = VerifiedTrustRoot::self_signed(&registry.files["trust/1.json"]).unwrap();
    for version in 2..=limits::TRUST_ROOT_STEPS + 2 {
        let root = TrustRoot { version, prev: Some(trust.digest()), ..trust.root().clone() };
        let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload().unwrap(), &[&key(ROOT)]).unwrap();
        registry.put(&layout::trust_root(version), envelope.as_bytes());
        trust = trust.advance(envelope.as_bytes()).unwrap();
    }
    let wanted = Wanted::newest(package());
    let mut proof = ReleaseProof::new(wanted, Some(registry.pin), Memory::default());
    while let Some(need) = proof.needs().first().cloned() {
        proof.supply(&need.path, registry.files.get(&need.path).map(Vec::as_slice));
    }
    assert_eq!(refusal(&proof), (Code::Limit, None));
    registry.files.remove(&layout::trust_root(limits::TRUST_ROOT_STEPS + 2));
    let wanted = Wanted::newest(package());
    let mut proof = ReleaseProof::new(wanted, Some(registry.pin), Memory::default());
    while let Some(need) = proof.needs().first().cloned() {
        proof.supply(&need.path, registry.files.get(&need.path).map(Vec::as_slice));
    }
    assert!(proof.proven().is_some(), "as many as are allowed: {:?}", proof.failure());
}

/// T77: two windows of one browser that were shown two histories.
#[test]
fn memories_of_two_histories_are_not_merged() {
    let (mut one, mut other) = (registry(), registry());
    one.publish("1.1.0");
    other.publish("1.2.0");
    let split = |kept: Memory, seen: Memory| kept.merge(seen).map_err(|error| error.code());
    assert_eq!(split(one.seen(), other.seen()).unwrap_err(), Code::SplitView);
    other.append_bytes(b"more");
    other.sign_index();
    assert_eq!(split(one.seen(), other.seen()).unwrap_err(), Code::SplitView);
    assert_eq!(split(other.seen(), one.seen()).unwrap_err(), Code::SplitView);
    // What nothing kept tells is not taken over.
    let blind = |registry: &Registry| Memory { edge: None, ..registry.seen() };
    assert_eq!(split(blind(&one), blind(&other)).unwrap().checkpoint, one.seen().checkpoint);
    assert_eq!(split(blind(&other), blind(&one)).unwrap().checkpoint, other.seen().checkpoint);
    // Two records of a namespace under one number.
    let mut seen = one.seen();
    seen.seen.namespaces.get_mut("demo").unwrap().envelope = Digest::of(b"another");
    assert_eq!(split(one.seen(), seen).unwrap_err(), Code::NsChain);
}
