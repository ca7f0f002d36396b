use super::*;
use crate::digest::Digest;
use crate::sign::SecretKey;
use crate::sign::dsse::STATUS;
use crate::sign::statement::golden;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn signed(statement: &ReleaseStatement, keys: &[&SecretKey]) -> Envelope {
    Envelope::sign(RELEASE, &statement.to_payload().unwrap(), keys).unwrap()
}

fn of(envelopes: impl IntoIterator<Item = Envelope>) -> Signatures {
    let mut signatures = Signatures::none();
    for envelope in envelopes {
        signatures.add(envelope).unwrap();
    }
    signatures
}

fn trusting(seed: u8, scope: &str) -> TrustPolicy {
    TrustPolicy::new().trust(TrustedKey { key: key(seed).public(), scope: Scope::parse(scope).unwrap() })
}

fn facts() -> ReleaseFacts {
    ReleaseFacts { tree: Some(golden().tree), kind: Some(golden().kind), ..ReleaseFacts::default() }
}

fn signers(judgement: Judgement) -> Vec<KeyId> {
    match judgement {
        Judgement::Trusted { signers, .. } => signers,
        other => panic!("{other:?}"),
    }
}

fn reason(judgement: Judgement) -> SignError {
    match judgement {
        Judgement::Untrusted { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn scopes_are_read_and_printed() {
    for text in ["*", "demo/*", "demo/hello", "hello", "_/*"] {
        assert_eq!(Scope::parse(text).unwrap().to_string(), text);
    }
    for bad in ["", "/*", "demo/", "Demo/*", "demo/**", "*/hello", "a/b/*", "demo*"] {
        assert!(Scope::parse(bad).is_err(), "{bad}");
    }
    let contains =
        |scope: &str, name: &str| Scope::parse(scope).unwrap().contains(&PackageName::parse(name).unwrap());
    assert!(contains("*", "a/b") && contains("a/*", "a/b") && contains("a/b", "a/b") && contains("_/*", "b"));
    assert!(!contains("a/*", "ab/c") && !contains("a/b", "a/bc") && !contains("_/*", "a/b"));
}

#[test]
fn nobody_is_trusted_by_default() {
    let signatures = of([signed(&golden(), &[&key(1)])]);
    let judgement = TrustPolicy::new().judge(&signatures, &facts()).unwrap();
    assert_eq!(
        judgement,
        Judgement::Untrusted {
            statement: Some(golden()),
            claimed: vec![key(1).id()],
            reason: SignError::KeyNotAuthorised {
                package: "demo/hello".to_owned(),
                signers: vec![key(1).id()]
            },
        }
    );
    let none = TrustPolicy::new().judge(&Signatures::none(), &facts()).unwrap();
    assert_eq!(none, Judgement::Unsigned);
}

#[test]
fn a_trusted_key_counts_in_its_scope_only() {
    let signatures = of([signed(&golden(), &[&key(1)])]);
    for scope in ["*", "demo/*", "demo/hello"] {
        assert_eq!(signers(trusting(1, scope).judge(&signatures, &facts()).unwrap()), [key(1).id()]);
    }
    for scope in ["other/*", "demo/other"] {
        let judged = trusting(1, scope).judge(&signatures, &facts()).unwrap();
        assert!(matches!(reason(judged), SignError::KeyNotAuthorised { .. }));
    }
}

#[test]
fn pins_narrow_what_is_trusted() {
    let signatures = of([signed(&golden(), &[&key(1), &key(2)])]);
    let policy = || trusting(1, "*").trust(TrustedKey { key: key(2).public(), scope: Scope::All });
    let pin = |scope: &str, seed: u8| Pin { scope: Scope::parse(scope).unwrap(), keys: vec![key(seed).id()] };
    let judge = |policy: TrustPolicy| policy.judge(&signatures, &facts()).unwrap();
    assert_eq!(signers(judge(policy())).len(), 2);
    assert_eq!(signers(judge(policy().pin(pin("demo/*", 2)))), [key(2).id()]);
    assert_eq!(signers(judge(policy().pin(pin("other/*", 9)))).len(), 2);
    assert!(matches!(reason(judge(policy().pin(pin("demo/*", 9)))), SignError::Pinned { .. }));
    // The narrower pin holds, in whatever order they are given.
    assert_eq!(signers(judge(policy().pin(pin("demo/hello", 1)).pin(pin("demo/*", 9)))), [key(1).id()]);
    assert_eq!(signers(judge(policy().pin(pin("*", 9)).pin(pin("demo/*", 1)))), [key(1).id()]);
}

#[test]
fn the_chain_of_the_namespace_replaces_trusted_keys() {
    let chain = |threshold| Authorised {
        package: golden().package,
        keys: vec![key(1).public(), key(2).public()],
        threshold,
    };
    let judge = |policy: TrustPolicy, keys: &[&SecretKey]| {
        policy.judge(&of([signed(&golden(), keys)]), &facts()).unwrap()
    };
    assert_eq!(signers(judge(TrustPolicy::new().authorise(chain(1)), &[&key(2)])), [key(2).id()]);
    let stranger = judge(trusting(3, "*").authorise(chain(1)), &[&key(3)]);
    assert!(matches!(reason(stranger), SignError::KeyNotAuthorised { .. }));
    let twice = judge(TrustPolicy::new().authorise(chain(2)), &[&key(1), &key(1)]);
    assert_eq!(reason(twice), SignError::Threshold { needed: 2, got: 1 });
    // Envelopes by different signers count together.
    let apart = of([signed(&golden(), &[&key(1)]), signed(&golden(), &[&key(2)])]);
    let judged = TrustPolicy::new().authorise(chain(2)).judge(&apart, &facts()).unwrap();
    assert_eq!(signers(judged).len(), 2);
    let other = Authorised { package: PackageName::parse("demo/other").unwrap(), ..chain(1) };
    assert!(matches!(
        reason(judge(TrustPolicy::new().authorise(other), &[&key(1)])),
        SignError::KeyNotAuthorised { .. }
    ));
}

#[test]
fn envelopes_for_another_registry_are_passed_over() {
    let local = ReleaseStatement { registry: RegistryId::local(), ..golden() };
    let both = of([signed(&local, &[&key(1)]), signed(&golden(), &[&key(1)])]);
    let at = |registry: &str| ReleaseFacts { registry: RegistryId::parse(registry).ok(), ..facts() };
    for registry in ["local/", "registry.example/"] {
        let judged = trusting(1, "*").judge(&both, &at(registry)).unwrap();
        assert!(
            matches!(judged, Judgement::Trusted { statement, .. } if statement.registry.as_str() == registry)
        );
    }
    let judged = trusting(1, "*").judge(&both, &at("elsewhere.example/")).unwrap();
    assert!(matches!(reason(judged), SignError::Mismatch { fact: Fact::Registry, .. }));
}

#[test]
fn a_statement_about_something_else_is_tampering() {
    let other = ReleaseStatement { tree: crate::digest::TreeDigest::of(b"other"), ..golden() };
    for keys in [[&key(1)], [&key(9)]] {
        let judged = trusting(1, "*").judge(&of([signed(&other, &keys)]), &facts());
        assert!(matches!(judged, Err(SignError::Mismatch { fact: Fact::Tree, .. })));
    }
    let wanted = ReleaseFacts { version: crate::version::Version::parse("1.0.1").ok(), ..facts() };
    let judged = trusting(1, "*").judge(&of([signed(&golden(), &[&key(1)])]), &wanted);
    assert!(matches!(judged, Err(SignError::Mismatch { fact: Fact::Version, .. })));
}

#[test]
fn a_known_key_under_something_else_is_tampering() {
    let status = Envelope::sign(STATUS, &golden().to_payload().unwrap(), &[&key(1)]).unwrap();
    assert!(matches!(
        trusting(1, "*").judge(&of([status.clone()]), &facts()),
        Err(SignError::PayloadType { .. })
    ));
    // By an unknown signer it is another's business.
    let both = of([status, signed(&golden(), &[&key(2)])]);
    assert_eq!(signers(trusting(2, "*").judge(&both, &facts()).unwrap()), [key(2).id()]);
    let nonsense = Envelope::sign(RELEASE, b"{}", &[&key(1)]).unwrap();
    assert!(matches!(trusting(1, "*").judge(&of([nonsense]), &facts()), Err(SignError::Statement { .. })));
}

#[test]
fn a_signature_that_fails_is_tampering_even_beside_a_good_one() {
    let mut forged = signed(&golden(), &[&key(2)]).as_bytes().to_vec();
    let text = String::from_utf8(forged.clone())
        .unwrap()
        .replace(&key(2).id().to_string(), &key(1).id().to_string());
    forged.clear();
    forged.extend(text.bytes());
    let both = of([signed(&golden(), &[&key(1)]), Envelope::parse(&forged).unwrap()]);
    let judged = trusting(1, "*").judge(&both, &facts());
    assert_eq!(judged, Err(SignError::Signature { key: key(1).id() }));
}

#[test]
fn notes_about_the_build_do_not_part_signers() {
    let noted = ReleaseStatement { build: [("builder".to_owned(), "x".to_owned())].into(), ..golden() };
    let apart = of([signed(&golden(), &[&key(1)]), signed(&noted, &[&key(2)])]);
    let keys = vec![key(1).public(), key(2).public()];
    let authorised = Authorised { package: golden().package, keys, threshold: 2 };
    assert_eq!(signers(TrustPolicy::new().authorise(authorised).judge(&apart, &facts()).unwrap()).len(), 2);
    let index = ReleaseStatement { index: Digest::of(b"other"), ..golden() };
    let apart = of([signed(&golden(), &[&key(1)]), signed(&index, &[&key(2)])]);
    let keys = vec![key(1).public(), key(2).public()];
    let authorised = Authorised { package: golden().package, keys, threshold: 2 };
    let judged = TrustPolicy::new().authorise(authorised).judge(&apart, &facts()).unwrap();
    assert!(matches!(reason(judged), SignError::Threshold { .. }));
}
