use super::*;
use crate::sign::SecretKey;

fn secret(byte: u8) -> SecretKey {
    SecretKey::from_seed(&[byte; 32])
}

fn registry() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

fn log(byte: u8) -> LogKey {
    LogKey::new("registry.example/log", secret(byte).public()).unwrap()
}

fn index(byte: u8) -> IndexKey {
    IndexKey::new("registry.example/index", secret(byte).public()).unwrap()
}

fn first() -> TrustRoot {
    TrustRoot::first(registry(), 1_763_800_000, secret(0x11).public(), &log(0x33), index(0x55))
}

fn seal(root: &TrustRoot, signers: &[u8]) -> Vec<u8> {
    let secrets: Vec<_> = signers.iter().map(|byte| secret(*byte)).collect();
    let payload = root.to_payload().unwrap();
    let envelope = Envelope::sign(dsse::TRUST_ROOT, &payload, &secrets.iter().collect::<Vec<_>>()).unwrap();
    envelope.as_bytes().to_vec()
}

fn next(known: &VerifiedTrustRoot) -> TrustRoot {
    TrustRoot { version: known.root.version + 1, prev: Some(known.digest()), ..known.root.clone() }
}

fn pinned() -> VerifiedTrustRoot {
    let envelope = seal(&first(), &[0x11]);
    VerifiedTrustRoot::pinned(&envelope, &Digest::of(&envelope)).unwrap()
}

#[test]
fn a_pinned_root_is_read_back() {
    let known = pinned();
    assert_eq!(known.root(), &first());
    let payload = String::from_utf8(first().to_payload().unwrap()).unwrap();
    assert!(payload.starts_with(r#"{"registry":"registry.example/","version":1,"prev":null,"issued":1763800000,"expires":null,"keys":{"503d8ee46d581c649966569ae095e27041de83322e8e0480e5539e00d2d5d874":{"spki":""#), "{payload}");
    assert!(payload.contains(r#""log_policy":"log registry.example/log+2b7ca945+ARfLefsrQSDysexl5BmNbgiyjoE/6wHkpACDm4XhgIDO\nquorum none\n","index":["registry.example/index+d970f9bf+"#));
    let other = VerifiedTrustRoot::pinned(known.envelope(), &Digest::of(b"other"));
    assert_eq!(other.unwrap_err().code(), Code::TrustRoot);
    assert!(matches!(VerifiedTrustRoot::self_signed(&seal(&first(), &[0x12])), Err(TrustRootError::Sign(_))));
}

#[test]
fn rotation_needs_both_thresholds() {
    let known = pinned();
    let mut rotated = next(&known);
    rotated.keys = vec![secret(0x12).public(), secret(0x13).public()];
    rotated.keys.sort();
    rotated.threshold = 2;
    assert!(known.advance(&seal(&rotated, &[0x11, 0x12, 0x13])).is_ok());
    // T75: signed by the old or the new keys only, or by one of two.
    for signers in [&[0x11][..], &[0x12, 0x13], &[0x11, 0x12]] {
        assert_eq!(
            known.advance(&seal(&rotated, signers)).unwrap_err().code(),
            Code::Threshold,
            "{signers:?}"
        );
    }
    let second = known.advance(&seal(&rotated, &[0x11, 0x12, 0x13])).unwrap();
    let third = next(&second);
    assert!(second.advance(&seal(&third, &[0x12, 0x13])).is_ok());
    // Skipped, repeated, older.
    assert_eq!(
        known.advance(&seal(&third, &[0x11, 0x12, 0x13])).unwrap_err().code(),
        Code::TrustRootRollback
    );
    assert_eq!(second.advance(second.envelope()).unwrap_err().code(), Code::TrustRootRollback);
    assert_eq!(second.advance(known.envelope()).unwrap_err().code(), Code::TrustRootRollback);
}

#[test]
fn a_key_given_twice_counts_once() {
    let known = pinned();
    let mut rotated = next(&known);
    rotated.keys = vec![secret(0x11).public(), secret(0x12).public()];
    rotated.keys.sort();
    rotated.threshold = 2;
    assert_eq!(known.advance(&seal(&rotated, &[0x11, 0x11])).unwrap_err().code(), Code::Threshold);
}

#[test]
fn the_chain_is_bound_to_predecessor_registry_and_keys() {
    let known = pinned();
    let check = |change: fn(&mut TrustRoot)| {
        let mut root = next(&known);
        change(&mut root);
        known.advance(&seal(&root, &[0x11])).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(check(|_| ()), Ok(()));
    assert_eq!(check(|root| root.prev = Some(Digest::of(b"x"))), Err(Code::TrustRoot));
    assert_eq!(check(|root| root.log_policy = LogPolicy::unwitnessed(&log(0x34))), Err(Code::TrustRoot));
    assert_eq!(check(|root| root.index = vec![index(0x56)]), Err(Code::TrustRoot));
    assert_eq!(check(|root| root.index.push(index(0x56))), Ok(()));
    let mut elsewhere = TrustRoot::first(
        RegistryId::parse("other.example/").unwrap(),
        1,
        secret(0x11).public(),
        &LogKey::new("other.example/log", secret(0x33).public()).unwrap(),
        IndexKey::new("other.example/index", secret(0x55).public()).unwrap(),
    );
    (elsewhere.version, elsewhere.prev) = (2, Some(known.digest()));
    assert_eq!(known.advance(&seal(&elsewhere, &[0x11])).unwrap_err().code(), Code::RegistryMismatch);
}

#[test]
fn contradictions_are_refused() {
    let refused = |change: fn(&mut TrustRoot)| {
        let mut root = first();
        change(&mut root);
        matches!(root.to_payload(), Err(TrustRootError::Shape { .. }))
    };
    assert!(!refused(|_| ()));
    assert!(refused(|root| root.version = 0));
    assert!(refused(|root| root.version = 2));
    assert!(refused(|root| root.threshold = 0));
    assert!(refused(|root| root.threshold = 2));
    assert!(refused(|root| root.index.clear()));
    assert!(refused(|root| root.index = vec![IndexKey::new("x/index", secret(1).public()).unwrap()]));
    assert!(refused(
        |root| root.log_policy = LogPolicy::unwitnessed(&LogKey::new("x/log", secret(1).public()).unwrap())
    ));
}

#[test]
fn other_members_and_weak_keys_are_refused() {
    let good = String::from_utf8(first().to_payload().unwrap()).unwrap();
    let open = |payload: &str| {
        let envelope = Envelope::sign(dsse::TRUST_ROOT, payload.as_bytes(), &[&secret(0x11)]).unwrap();
        VerifiedTrustRoot::self_signed(envelope.as_bytes()).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(open(&good), Ok(()));
    assert_eq!(open(&good.replacen('{', r#"{"more":1,"#, 1)), Err(Code::Envelope));
    assert_eq!(open(&good.replacen(r#""version":1"#, r#""version":1,"version":1"#, 1)), Err(Code::Envelope));
    assert_eq!(open(&good.replace(r#","min_age":0"#, "")), Err(Code::Envelope));
    assert_eq!(open(&good.replace("503d8ee4", "503d8ee5")), Err(Code::Envelope));
    assert_eq!(open(&good.replace("quorum none", "quorum x")), Err(Code::TrustRoot));
    let spki = print_keys(&[secret(0x11).public()]).to_string();
    let spki = spki.split('"').nth(5).unwrap();
    // The neutral point.
    let weak = "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(open(&good.replace(spki, weak)), Err(Code::WeakKey));
    let other = Envelope::sign(dsse::NAMESPACE, good.as_bytes(), &[&secret(0x11)]).unwrap();
    assert_eq!(VerifiedTrustRoot::self_signed(other.as_bytes()).unwrap_err().code(), Code::PayloadType);
}
