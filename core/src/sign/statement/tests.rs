use super::*;
use proptest::prelude::*;

#[test]
fn golden_payload_of_the_trust_document() {
    let payload = golden().to_payload().unwrap();
    assert_eq!(payload.len(), 561);
    assert_eq!(
        Digest::of(&payload).to_string(),
        "a84f0819c34c9e6055a651a6af9ba9cb7ed4544c227b10b41b95555181508314"
    );
    assert_eq!(ReleaseStatement::parse(&payload).unwrap(), golden());
}

#[test]
fn facts_are_compared_one_by_one() {
    let statement = golden();
    let facts = ReleaseFacts {
        registry: Some(statement.registry.clone()),
        package: Some(statement.package.clone()),
        version: Some(statement.version.clone()),
        kind: Some(statement.kind),
        target: Some(statement.target.clone()),
        tree: Some(statement.tree),
        files: Some(statement.files),
        unpacked: Some(statement.unpacked),
        tree_len: Some(statement.tree_len),
        manifest: Some(statement.manifest),
        index: Some(statement.index),
    };
    assert_eq!(statement.check(&facts), Ok(()));
    assert_eq!(statement.check(&ReleaseFacts::default()), Ok(()));
    let other = Digest::of(b"other");
    use crate::diagnostic::{Code, Diagnose as _};
    let cases: Vec<(Code, ReleaseFacts)> = vec![
        (Code::RegistryMismatch, ReleaseFacts { registry: Some(RegistryId::local()), ..facts.clone() }),
        (
            Code::SubjectMismatch,
            ReleaseFacts { package: PackageName::parse("demo/hell").ok(), ..facts.clone() },
        ),
        (Code::SubjectMismatch, ReleaseFacts { version: Version::parse("1.0.1").ok(), ..facts.clone() }),
        (Code::SubjectMismatch, ReleaseFacts { kind: Some(Kind::Vitmod), ..facts.clone() }),
        (Code::SubjectMismatch, ReleaseFacts { target: Target::parse("wasm32").ok(), ..facts.clone() }),
        (Code::TreeDigest, ReleaseFacts { tree: Some(TreeDigest::new(other)), ..facts.clone() }),
        (Code::TreeDigest, ReleaseFacts { files: Some(4), ..facts.clone() }),
        (Code::TreeDigest, ReleaseFacts { unpacked: Some(211), ..facts.clone() }),
        (Code::TreeDigest, ReleaseFacts { tree_len: Some(276), ..facts.clone() }),
        (Code::ManifestMismatch, ReleaseFacts { manifest: Some(other), ..facts.clone() }),
        (Code::IndexLineDigest, ReleaseFacts { index: Some(other), ..facts.clone() }),
    ];
    for (code, facts) in cases {
        let error = statement.check(&facts).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn versions_that_differ_in_build_metadata_are_different_subjects() {
    let facts = ReleaseFacts { version: Version::parse("1.0.0+again").ok(), ..ReleaseFacts::default() };
    assert!(golden().check(&facts).is_err());
}

#[test]
fn other_payloads_are_refused() {
    let good = String::from_utf8(golden().to_payload().unwrap()).unwrap();
    let subject = &good[good.find(r#"{"name""#).unwrap()..good.find("],").unwrap()];
    for (from, to) in [
        ("Statement/v1", "Statement/v0.1"),
        ("release/v1", "release/v2"),
        ("\"predicate\":{", "\"predicate\":{\"extra\":1,"),
        ("{\"_type\"", "{\"more\":[],\"_type\""),
        ("\"files\":3", "\"files\":3,\"files\":3"),
        ("\"files\":3", "\"files\":-3"),
        ("\"files\":3", "\"files\":3.0"),
        ("\"files\":3", "\"files\":\"3\""),
        ("\"files\":3", "\"files\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]"),
        ("\"files\":3,", ""),
        ("\"kind\":\"vitpkg\"", "\"kind\":\"vitdelta\""),
        ("\"target\":\"any\"", "\"target\":\"Any\""),
        ("\"version\":\"1.0.0\"", "\"version\":\"1.0\""),
        ("\"package\":\"demo/hello\"", "\"package\":\"demo/Hello\""),
        ("registry.example/", "https://registry.example/"),
        ("{\"sha256\":\"fde3", "{\"sha512\":\"00\",\"sha256\":\"fde3"),
        ("\"sha256\":\"fde3", "\"sha256\":\"FDE3"),
        (subject, ""),
        (subject, &format!("{subject},{subject}")),
        (subject, "[]"),
        ("}}}", "},\"build\":{}}}"),
        ("}}}", "},\"build\":{\"builder\":1}}}"),
        ("}}}", "},\"build\":\"x\"}}"),
        ("}}}", "}}}x"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let error = ReleaseStatement::parse(bad.as_bytes()).expect_err(&bad);
        assert!(matches!(error, SignError::Statement { .. }), "{error:?}: {bad}");
    }
    let elsewhere = good.replacen("demo/hello@1.0.0", "demo/hello@1.0.1", 1);
    assert!(matches!(
        ReleaseStatement::parse(elsewhere.as_bytes()),
        Err(SignError::Mismatch { fact: Fact::Package, .. })
    ));
}

#[test]
fn rules_of_the_statement_itself() {
    let module = ReleaseStatement { kind: Kind::Vitmod, ..golden() };
    assert!(module.to_payload().is_ok());
    let target = ReleaseStatement { target: Target::parse("wasm32").unwrap(), ..module };
    assert!(matches!(target.to_payload(), Err(SignError::Statement { .. })));
    let pairs = |count: usize, len: usize| {
        let build = (0..count).map(|n| (n.to_string(), "x".repeat(len))).collect();
        ReleaseStatement { build, ..golden() }.to_payload()
    };
    assert!(pairs(16, 512).is_ok());
    assert!(pairs(17, 1).is_err());
    assert!(pairs(1, 513).is_err());
}

proptest! {
    #[test]
    fn print_and_parse_are_inverse(
        files in any::<u64>(),
        unpacked in any::<u64>(),
        build in proptest::collection::btree_map("\\PC{0,20}", "\\PC{0,40}", 0..4),
        version in "[0-9]\\.[1-9][0-9]{0,3}\\.0(-[a-z]{1,5})?",
    ) {
        let version = Version::parse(&version).unwrap();
        let statement = ReleaseStatement { files, unpacked, build, version, ..golden() };
        let payload = statement.to_payload().unwrap();
        prop_assert_eq!(ReleaseStatement::parse(&payload).unwrap(), statement);
    }
}
