use super::*;
use crate::index::VerifiedIndex;
use crate::sign::{StatusAction, StatusCode};

/// Trust document, section 12.
const GOLDEN: &str = r#"{"ver":"1.0.0","kind":"vitpkg","target":"any","tree":"vp1-sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a","manifest":"sha256:fde3ab51161204cadda36a1974fa0c160f082102197de29b2f3bc9c65c7b2692","files":3,"unpacked":210,"edition":"2025","deps":[],"features":{}}"#;

fn package() -> PackageName {
    PackageName::parse("demo/hello").unwrap()
}

fn registry() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

fn secret() -> SecretKey {
    SecretKey::from_seed(&[0x55; 32])
}

fn key() -> IndexKey {
    IndexKey::new("registry.example/index", secret().public()).unwrap()
}

fn core(version: &str, target: &str) -> Core {
    let raw =
        GOLDEN.replace("1.0.0", version).replace(r#""target":"any""#, &format!(r#""target":"{target}""#));
    Core::parse(&raw).unwrap()
}

fn entry(core: Core, log: u64) -> IndexEntry {
    let hint = Digest::of(b"hint");
    IndexEntry { core, log, time: 1_763_800_000, head: hint, file: hint, size: 99, status: None }
}

fn file() -> IndexFile {
    let mut file = IndexFile::new(package());
    file.add(entry(core("1.0.0", "any"), 3)).unwrap();
    file.add(entry(core("1.1.0", "any"), 5)).unwrap();
    file.add(entry(core("1.1.0", "x86_64-unknown-linux-gnu"), 6)).unwrap();
    file
}

fn open(bytes: &[u8]) -> Result<IndexFile, Code> {
    let file = VerifiedIndex::open(bytes, &[key()], &package()).map_err(|error| error.code())?;
    Ok(file.to_draft())
}

/// Signs any text with the index key.
fn signed(text: String) -> Vec<u8> {
    Note::sign(text, "registry.example/index", &secret()).unwrap().to_bytes()
}

#[test]
fn golden_core() {
    assert_eq!(GOLDEN.len(), 282);
    let core = Core::parse(GOLDEN).unwrap();
    assert_eq!(core.digest().to_string(), "44f8182b9e3d4d1b08495c6dd9fa8ffbc907f240fb19eb9fa410d3707bc13342");
    assert_eq!((core.raw(), core.files, core.unpacked), (GOLDEN, 3, 210));
}

#[test]
fn print_and_parse_are_inverse() {
    let mut file = file();
    file.set_status(
        &Version::parse("1.1.0").unwrap(),
        &IndexStatus {
            log: 8,
            change: StatusChange {
                action: StatusAction::Yank,
                code: StatusCode::Security,
                text: "overflow in \"pow\"".into(),
                instead: None,
                advisory: Some("VSA-1".into()),
            },
        },
    );
    let bytes = file.sign(9, &registry(), &secret()).unwrap();
    let read = open(&bytes).unwrap();
    assert_eq!(read, file);
    assert_eq!((read.rev(), read.log_size(), read.last_leaf()), (1, 9, Some(8)));
    assert_eq!(read.versions().len(), 2);
    assert_eq!(read.entries().iter().filter(|entry| entry.status.is_some()).count(), 2);
    assert!(read.find(&Version::parse("1.1.0").unwrap(), Kind::Vitpkg, &Target::any()).is_some());
    let again = file.sign(9, &registry(), &secret()).unwrap();
    assert_eq!(open(&again).unwrap().rev(), 2);
}

#[test]
fn the_registry_may_clear_a_status() {
    let mut file = file();
    let version = Version::parse("1.0.0").unwrap();
    let change = |action| StatusChange {
        action,
        code: StatusCode::Other,
        text: String::new(),
        instead: None,
        advisory: None,
    };
    file.set_status(&version, &IndexStatus { log: 8, change: change(StatusAction::Deprecate) });
    assert!(file.entries()[0].status.is_some());
    file.set_status(&version, &IndexStatus { log: 9, change: change(StatusAction::Undeprecate) });
    assert!(file.entries()[0].status.is_none());
}

#[test]
fn signatures_and_names_are_checked() {
    let bytes = file().sign(9, &registry(), &secret()).unwrap();
    // T12.
    let foreign = IndexKey::new("registry.example/index", SecretKey::from_seed(&[1; 32]).public()).unwrap();
    let refused = VerifiedIndex::open(&bytes, &[foreign], &package()).unwrap_err();
    assert_eq!(refused.code(), Code::IndexSignature);
    let text = Note::parse(&bytes, limits::INDEX_LEN).unwrap().text().to_owned();
    assert_eq!(open(text.as_bytes()), Err(Code::IndexSignature));
    // T10: a dependency put in by a mirror.
    let altered = String::from_utf8(bytes.clone()).unwrap().replacen("\"files\":3", "\"files\":4", 1);
    assert_eq!(open(altered.as_bytes()), Err(Code::IndexSignature));
    let other =
        VerifiedIndex::open(&bytes, &[key()], &PackageName::parse("demo/other").unwrap()).unwrap_err();
    assert_eq!(other.code(), Code::Index);
}

/// Each artifact is compared with one other of its version, however many there are; versions are not compared.
#[test]
fn an_artifact_is_compared_once_however_many_its_version_has() {
    let comparisons = |count: u64, line: &dyn Fn(u64) -> Core| {
        let mut file = IndexFile::new(package());
        COMPARISONS.set(0);
        for number in 0..count {
            file.add(entry(line(number), number)).unwrap();
        }
        COMPARISONS.get()
    };
    assert_eq!(comparisons(500, &|number| core(&format!("1.0.{number}"), "any")), 0);
    for count in [2, 50, 500] {
        let artifacts = comparisons(count, &|number| core("1.0.0", &format!("t{number}")));
        assert_eq!(artifacts as u64, count - 1);
    }
    // Read back, it is the same.
    let mut file = IndexFile::new(package());
    for number in 0..500 {
        file.add(entry(core("1.0.0", &format!("t{number}")), number)).unwrap();
    }
    let bytes = file.sign(501, &registry(), &secret()).unwrap();
    COMPARISONS.set(0);
    let read = open(&bytes).unwrap();
    assert_eq!((COMPARISONS.get(), read.entries().len()), (499, 500));
    let target = Target::parse("t321").unwrap();
    let found = read.find(&Version::parse("1.0.0").unwrap(), Kind::Vitpkg, &target).unwrap();
    assert_eq!(found.log, 321);
    assert!(read.find(&Version::parse("1.0.0+b").unwrap(), Kind::Vitpkg, &target).is_none());
}

#[test]
fn contradictions_are_refused() {
    let mut there = file();
    assert!(there.add(entry(core("1.0.0", "any"), 7)).is_err(), "the same artifact twice");
    assert!(there.add(entry(core("1.0.0+b", "any"), 7)).is_err(), "differs in build metadata only");
    assert!(there.add(entry(core("1.2.0", "any"), 6)).is_err(), "not in log order");
    let other_manifest = Core::parse(&core("1.0.0", "wasm32").raw().replace("fde3ab", "fde3ac")).unwrap();
    assert!(there.add(entry(other_manifest, 7)).is_err(), "another manifest for one version");
    assert!(there.add(entry(core("1.2.0", "any"), 7)).is_ok());
}

#[test]
fn malformed_lines_are_refused() {
    let mut good = file();
    good.sign(9, &registry(), &secret()).unwrap();
    let good = good.to_text();
    assert!(open(&signed(good.clone())).is_ok());
    for (code, from, to) in [
        (Code::IndexVersion, r#""v":1"#, r#""v":2"#),
        (Code::Index, r#""rev":1,"#, ""),
        (Code::Index, r#""rev":1"#, r#""rev":1,"more":1"#),
        (Code::Index, r#""log":5"#, r#""log":3"#),
        (Code::Index, r#""log":6"#, r#""log":9"#),
        (Code::Index, r#""size":99"#, r#""size":99,"size":99"#),
        (Code::Index, r#""size":99"#, r#""size":99,"more":1"#),
        (Code::Index, r#""size":99"#, r#""size":-1"#),
        (Code::Index, r#""size":99"#, r#""size":99,"status":{}"#),
        (Code::Index, r#""head":"sha256:"#, r#""head":"sha512:"#),
        (Code::Index, r#""files":3,"#, ""),
        (Code::Index, r#""deps":[]"#, r#""deps":[{"p":"a/b"}]"#),
        (Code::Index, r#""kind":"vitpkg""#, r#""kind":"exe""#),
    ] {
        assert!(good.contains(from), "{from}");
        assert_eq!(open(&signed(good.replacen(from, to, 1))), Err(code), "{to}");
    }
    assert_eq!(open(&signed("\n".to_owned())), Err(Code::Index));
    let long = good.replacen("2025", &"x".repeat(limits::INDEX_LINE_LEN), 1);
    assert_eq!(open(&signed(long)), Err(Code::Index));
}

#[test]
fn a_line_of_a_newer_form_is_skipped_alone() {
    let mut good = file();
    good.sign(9, &registry(), &secret()).unwrap();
    let newer = good.to_text().replacen(r#""edition":"2025""#, r#""edition":"2025","shape":"round""#, 1);
    let read = open(&signed(newer)).unwrap();
    assert_eq!((read.entries().len(), read.skipped()), (2, &[3][..]));
}

#[test]
fn dependencies_are_read() {
    let raw = GOLDEN.replace(
        r#""deps":[],"features":{}"#,
        r#""deps":[{"p":"acme/json","r":"^2","k":"normal","t":["wasm32"],"o":true,"d":false,"f":["x"]}],"features":{"default":["std"],"std":[]}"#,
    );
    let core = Core::parse(&raw).unwrap();
    let dependency = &core.needs.dependencies[0];
    assert_eq!((dependency.name.as_str(), dependency.requirement.as_str()), ("acme/json", "^2"));
    assert_eq!((dependency.optional, dependency.default_features), (true, false));
    assert_eq!(core.needs.features["default"], [FeatureValue::Feature("std".to_owned())]);
    assert!(Core::parse(&raw.replace(r#""k":"normal""#, r#""k":"dev""#)).is_err());
    assert!(Core::parse(&raw.replace(r#""o":true"#, r#""o":1"#)).is_err());
    let many = format!(
        "[{}]",
        vec![r#"{"p":"acme/json","r":"^2","k":"normal","t":[],"o":true,"d":false,"f":[]}"#; 501].join(",")
    );
    assert!(Core::parse(&GOLDEN.replace("[]", &many)).is_err());
}
