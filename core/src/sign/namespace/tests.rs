use super::*;
use crate::sign::{SecretKey, dsse};
use std::collections::BTreeSet;

fn secret(byte: u8) -> SecretKey {
    SecretKey::from_seed(&[byte; 32])
}

fn registry() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

fn space() -> Namespace {
    Namespace::parse("roussov").unwrap()
}

fn package(name: &str) -> PackageName {
    PackageName::parse(name).unwrap()
}

fn key(byte: u8, roles: &[Role], packages: &[&str]) -> NamespaceKey {
    NamespaceKey {
        key: secret(byte).public(),
        roles: roles.iter().copied().collect(),
        packages: packages.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn with_keys(mut record: NamespaceRecord, mut keys: Vec<NamespaceKey>) -> NamespaceRecord {
    keys.sort_by_key(|key| key.key.id());
    record.keys = keys;
    record
}

fn seal(record: &NamespaceRecord, signers: &[u8]) -> Vec<u8> {
    let secrets: Vec<_> = signers.iter().map(|byte| secret(*byte)).collect();
    let payload = record.to_payload().unwrap();
    Envelope::sign(dsse::NAMESPACE, &payload, &secrets.iter().collect::<Vec<_>>())
        .unwrap()
        .as_bytes()
        .to_vec()
}

/// A root key 1, a release key 2 for all packages, a release key 3 for `math` only.
fn first() -> NamespaceRecord {
    let record = NamespaceRecord::first(space(), registry(), secret(1).public());
    with_keys(
        record,
        vec![
            key(1, &[Role::Root, Role::Status], &["*"]),
            key(2, &[Role::Release], &["*"]),
            key(3, &[Role::Release], &["math"]),
        ],
    )
}

fn next(chain: &NamespaceChain) -> NamespaceRecord {
    let last = chain.latest().unwrap();
    NamespaceRecord { seq: last.seq + 1, prev: chain.latest_digest(), ..last.clone() }
}

fn initialised() -> NamespaceChain {
    let mut chain = NamespaceChain::new(registry(), space());
    chain.push(5, &seal(&first(), &[1])).unwrap();
    chain
}

fn signed(signers: &[u8]) -> Envelope {
    let secrets: Vec<_> = signers.iter().map(|byte| secret(*byte)).collect();
    Envelope::sign(dsse::RELEASE, b"{}", &secrets.iter().collect::<Vec<_>>()).unwrap()
}

fn refusal(chain: &NamespaceChain, name: &str, at: u64, signers: &[u8]) -> Code {
    chain.check_signed(Role::Release, &package(name), at, &signed(signers)).unwrap_err().code()
}

#[test]
fn print_and_parse_are_inverse() {
    let mut chain = initialised();
    let mut record = next(&chain);
    record.revoked =
        vec![Revocation { key: secret(3).id(), since: 6, reason: RevocationReason::Compromised }];
    record.trusted_publishers = vec![TrustedPublisher {
        issuer: "https://token.actions.githubusercontent.com".into(),
        owner_id: "123".into(),
        project: "roussov/vitte-math".into(),
        workflow: "release.yml".into(),
        environment: None,
        reference: Some("refs/tags/v*".into()),
        packages: vec!["*".into()],
    }];
    chain.push(9, &seal(&record, &[1])).unwrap();
    let file = chain.to_bytes();
    let again = NamespaceChain::parse(registry(), space(), &file).unwrap();
    assert_eq!(again.to_bytes(), file);
    assert_eq!((again.latest(), again.latest_index()), (Some(&record), Some(9)));
    assert!(NamespaceChain::parse(registry(), space(), &file[..file.len() - 1]).is_err());
    assert!(NamespaceChain::parse(registry(), space(), b"{}\n").is_err());
    assert!(NamespaceChain::parse(registry(), space(), b"").unwrap().is_empty());
}

#[test]
fn the_first_record_is_signed_by_every_root_key() {
    let two_roots = with_keys(
        first(),
        vec![NamespaceKey::owner(secret(1).public()), NamespaceKey::owner(secret(2).public())],
    );
    let push = |signers: &[u8]| NamespaceChain::new(registry(), space()).push(0, &seal(&two_roots, signers));
    assert!(push(&[1, 2]).is_ok());
    assert_eq!(push(&[1]).unwrap_err().code(), Code::Threshold);
    // T29: the same key twice.
    assert_eq!(push(&[1, 1]).unwrap_err().code(), Code::Threshold);
    assert_eq!(push(&[1, 3]).unwrap_err().code(), Code::Threshold);
}

#[test]
fn rotation_is_signed_by_old_and_new() {
    let mut chain = initialised();
    let rotated = with_keys(next(&chain), vec![NamespaceKey::owner(secret(7).public())]);
    // Strangers, and the new key alone, break the chain; T27: a release key is not enough.
    for (signers, code) in [
        (&[7][..], Code::NsChain),
        (&[9, 7], Code::NsChain),
        (&[2, 7], Code::Threshold),
        (&[1], Code::Threshold),
    ] {
        assert_eq!(chain.clone().push(9, &seal(&rotated, signers)).unwrap_err().code(), code, "{signers:?}");
    }
    chain.push(9, &seal(&rotated, &[1, 7])).unwrap();
    // The log index is the clock: the old release key counts up to the rotation.
    assert!(chain.check_signed(Role::Release, &package("roussov/math"), 9, &signed(&[2])).is_ok());
    assert_eq!(refusal(&chain, "roussov/math", 10, &[2]), Code::KeyNotAuthorised);
    assert!(chain.check_signed(Role::Release, &package("roussov/math"), 10, &signed(&[7])).is_ok());
    assert_eq!(refusal(&chain, "roussov/math", 5, &[2]), Code::NsChain);
}

#[test]
fn two_root_keys_must_both_sign_the_next_record() {
    let mut record = with_keys(
        first(),
        vec![NamespaceKey::owner(secret(1).public()), NamespaceKey::owner(secret(2).public())],
    );
    record.threshold.root = 2;
    let mut chain = NamespaceChain::new(registry(), space());
    chain.push(0, &seal(&record, &[1, 2])).unwrap();
    let mut stolen = with_keys(next(&chain), vec![NamespaceKey::owner(secret(1).public())]);
    stolen.threshold.root = 1;
    // T28.
    assert_eq!(chain.push(1, &seal(&stolen, &[1])).unwrap_err().code(), Code::Threshold);
    assert!(chain.push(1, &seal(&stolen, &[1, 2])).is_ok());
}

#[test]
fn the_chain_has_no_gaps() {
    let chain = initialised();
    let check = |index: u64, change: fn(&mut NamespaceRecord)| {
        let mut record = next(&chain);
        change(&mut record);
        chain.clone().push(index, &seal(&record, &[1])).map_err(|error| error.code())
    };
    assert_eq!(check(9, |_| ()), Ok(()));
    // T21.
    assert_eq!(check(9, |record| record.seq = 2), Err(Code::NsChain));
    assert_eq!(check(9, |record| (record.seq, record.prev) = (0, None)), Err(Code::NsChain));
    assert_eq!(check(9, |record| record.prev = Some(Digest::of(b"x"))), Err(Code::NsChain));
    assert_eq!(check(5, |_| ()), Err(Code::NsChain));
    assert_eq!(check(9, |record| record.namespace = Namespace::parse("other").unwrap()), Err(Code::NsChain));
    assert_eq!(check(9, |record| record.registry = RegistryId::local()), Err(Code::RegistryMismatch));
}

#[test]
fn revocations_never_disappear() {
    let mut chain = initialised();
    let revoke = |chain: &NamespaceChain, since: &[u64]| {
        let mut record = next(chain);
        record.revoked = since
            .iter()
            .map(|since| Revocation {
                key: secret(2).id(),
                since: *since,
                reason: RevocationReason::Compromised,
            })
            .collect();
        record
    };
    assert!(chain.check_signed(Role::Release, &package("roussov/math"), 8, &signed(&[2])).is_ok());
    chain.push(9, &seal(&revoke(&chain, &[8]), &[1])).unwrap();
    // T26: since an index in the past; what came before stays good.
    assert_eq!(refusal(&chain, "roussov/math", 8, &[2]), Code::KeyRevoked);
    assert!(chain.check_signed(Role::Release, &package("roussov/math"), 7, &signed(&[2])).is_ok());
    assert!(chain.check_signed(Role::Release, &package("roussov/math"), 8, &signed(&[2, 3])).is_ok());
    let authorised = chain.authorised(&package("roussov/math"), 8).unwrap();
    assert_eq!(authorised.keys, [secret(3).public()]);
    for (since, good) in [(&[][..], false), (&[9], false), (&[8], true), (&[6], true)] {
        let pushed = chain.clone().push(12, &seal(&revoke(&chain, since), &[1]));
        assert_eq!(pushed.is_ok(), good, "{since:?}");
        assert!(pushed.err().is_none_or(|error| error.code() == Code::NsChain));
    }
}

#[test]
fn a_revoked_root_key_does_not_change_keys_any_more() {
    let mut chain = NamespaceChain::new(registry(), space());
    let owners = vec![NamespaceKey::owner(secret(1).public()), NamespaceKey::owner(secret(2).public())];
    chain.push(0, &seal(&with_keys(first(), owners), &[1, 2])).unwrap();
    let mut record = next(&chain);
    record.revoked =
        vec![Revocation { key: secret(2).id(), since: 1, reason: RevocationReason::Compromised }];
    chain.push(1, &seal(&record, &[1])).unwrap();
    let again = next(&chain);
    assert_eq!(chain.clone().push(2, &seal(&again, &[2])).unwrap_err().code(), Code::Threshold);
    assert!(chain.push(2, &seal(&again, &[1])).is_ok());
}

#[test]
fn roles_and_packages_bound_what_a_key_may_sign() {
    let chain = initialised();
    // T20.
    assert_eq!(refusal(&chain, "roussov/plot", 8, &[3]), Code::KeyNotAuthorised);
    assert_eq!(refusal(&chain, "roussov/math", 8, &[1]), Code::KeyNotAuthorised);
    assert_eq!(refusal(&chain, "roussov/math", 8, &[9]), Code::KeyNotAuthorised);
    let counted = chain.check_signed(Role::Release, &package("roussov/math"), 8, &signed(&[3, 9])).unwrap();
    assert_eq!(counted, BTreeSet::from([secret(3).id()]));
    assert!(chain.check_signed(Role::Status, &package("roussov/math"), 8, &signed(&[1])).is_ok());
    assert!(chain.check_signed(Role::Status, &package("roussov/math"), 8, &signed(&[2])).is_err());
}

#[test]
fn thresholds_count_distinct_keys() {
    let mut record = first();
    record.threshold.release = 2;
    let mut chain = NamespaceChain::new(registry(), space());
    chain.push(0, &seal(&record, &[1])).unwrap();
    assert_eq!(refusal(&chain, "roussov/math", 3, &[2]), Code::Threshold);
    assert_eq!(refusal(&chain, "roussov/math", 3, &[2, 2]), Code::Threshold);
    assert!(chain.check_signed(Role::Release, &package("roussov/math"), 3, &signed(&[2, 3])).is_ok());
    assert_eq!(refusal(&chain, "roussov/plot", 3, &[2, 3]), Code::Threshold);
}

#[test]
fn attested_policies_are_not_met_by_less() {
    for (policy, with_key, without_key) in [
        (ReleasePolicy::Keys, None, Code::KeyNotAuthorised),
        (ReleasePolicy::Oidc, None, Code::Policy),
        (ReleasePolicy::Either, None, Code::Policy),
        (ReleasePolicy::Both, Some(Code::Policy), Code::Policy),
    ] {
        let mut chain = NamespaceChain::new(registry(), space());
        chain.push(0, &seal(&NamespaceRecord { release_policy: policy, ..first() }, &[1])).unwrap();
        let checked = chain.check_signed(Role::Release, &package("roussov/math"), 3, &signed(&[2]));
        assert_eq!(checked.err().map(|error| error.code()), with_key, "{policy:?}");
        assert_eq!(refusal(&chain, "roussov/math", 3, &[9]), without_key, "{policy:?}");
    }
}

#[test]
fn contradictions_and_strange_members_are_refused() {
    let refused = |change: fn(&mut NamespaceRecord)| {
        let mut record = first();
        change(&mut record);
        matches!(record.to_payload(), Err(NamespaceError::Shape { .. }))
    };
    assert!(!refused(|_| ()));
    assert!(refused(|record| record.keys.clear()));
    assert!(refused(|record| record.keys.push(record.keys[0].clone())));
    assert!(refused(|record| record.threshold.root = 0));
    assert!(refused(|record| record.threshold.root = 2));
    assert!(refused(|record| record.threshold.release = 3));
    assert!(refused(|record| record.seq = 1));
    assert!(refused(|record| record.prev = Some(Digest::of(b"x"))));
    assert!(refused(|record| record.keys[0].packages = ["roussov/math".to_owned()].into()));
    let good = String::from_utf8(first().to_payload().unwrap()).unwrap();
    let read = |payload: &str| {
        let envelope = Envelope::sign(dsse::NAMESPACE, payload.as_bytes(), &[&secret(1)]).unwrap();
        NamespaceRecord::unverified(&envelope).map_err(|error| error.code())
    };
    assert_eq!(read(&good), Ok(first()));
    for (from, to) in [
        (r#""seq":0"#, r#""seq":0,"seq":0"#),
        (r#""seq":0"#, r#""seq":0,"more":0"#),
        (r#""root","status""#, r#""root","admin""#),
        (r#""release":"keys""#, r#""release":"none""#),
        (r#""revoked":[]"#, r#""revoked":[{}]"#),
        (r#""trusted_publishers":[]"#, r#""trusted_publishers":[1]"#),
        (r#""threshold":{"root":1,"#, r#""threshold":{"#),
    ] {
        assert!(good.contains(from), "{from}");
        assert_eq!(read(&good.replacen(from, to, 1)), Err(Code::Envelope), "{to}");
    }
}

#[test]
fn who_might_sign_once_is_remembered_after_the_key_is_gone() {
    let mut chain = NamespaceChain::new(registry(), space());
    chain.push(5, &seal(&first(), &[1])).unwrap();
    let mut rotated = next(&chain);
    rotated.keys.retain(|key| key.key != secret(2).public());
    rotated.keys.push(key(4, &[Role::Release], &["*"]));
    rotated.keys.sort_by_key(|key| key.key.id());
    chain.push(9, &seal(&rotated, &[1])).unwrap();
    let entitled = |at, bytes: &[u8]| {
        let keys: Vec<_> = bytes.iter().map(|byte| secret(*byte).public().id()).collect();
        chain.entitled(&package("roussov/math"), at, &keys)
    };
    assert!(entitled(6, &[2]) && entitled(6, &[2, 3]) && entitled(9, &[2]));
    assert!(!entitled(10, &[2]) && entitled(10, &[4]) && entitled(10, &[3, 4]));
    assert!(
        !entitled(6, &[4]) && !entitled(6, &[9]) && !entitled(5, &[2]),
        "before the first record nobody may"
    );
    assert!(!chain.entitled(&package("roussov/plot"), 6, &[secret(3).public().id()]));
}
