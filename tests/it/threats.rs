//! The rows of the threat table that are about archives, paths, signatures and keys: hostile archives made by
//! `tests/cases/archives/make.py`, each with the class and exit status it must end in.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::codec::PureDecoder;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{Authorised, PublicKey, RegistryId, Scope, TrustPolicy, TrustedKey};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::verify::{Decoding, Expectation, PackageVerifier, Sections, Trust, VerifyOutcome};
use vitte_package_core::version::Version;

#[derive(Deserialize)]
struct Table {
    keys: BTreeMap<String, String>,
    cases: Vec<Case>,
}

/// How an archive is read and judged, and what must come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    threat: String,
    /// Class of the failure; none for a good archive.
    code: Option<String>,
    exit: u8,
    status: Option<String>,
    #[serde(default)]
    expect: Expect,
    policy: Option<Policy>,
    /// `stream`: of unknown length. Otherwise a file.
    read: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    tree: Option<String>,
    registry: Option<String>,
    package: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    target: Option<String>,
    index: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Policy {
    Trust(Vec<Trusted>),
    Chain { package: String, keys: Vec<String>, threshold: usize },
}

#[derive(Deserialize)]
struct Trusted {
    key: String,
    r#for: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/archives")
}

fn table() -> Table {
    serde_json::from_slice(&std::fs::read(folder().join("cases.json")).unwrap()).unwrap()
}

impl Table {
    fn key(&self, name: &str) -> PublicKey {
        use base64::Engine as _;
        let der = base64::engine::general_purpose::STANDARD.decode(&self.keys[name]).unwrap();
        PublicKey::from_spki_der(&der).unwrap()
    }

    fn policy(&self, case: &Case) -> TrustPolicy {
        let trusting =
            |key: &str, scope: &str| TrustedKey { key: self.key(key), scope: Scope::parse(scope).unwrap() };
        match &case.policy {
            None => TrustPolicy::new().trust(trusting("release", "demo/*")),
            Some(Policy::Trust(keys)) => keys
                .iter()
                .fold(TrustPolicy::new(), |policy, entry| policy.trust(trusting(&entry.key, &entry.r#for))),
            Some(Policy::Chain { package, keys, threshold }) => TrustPolicy::new().authorise(Authorised {
                package: PackageName::parse(package).unwrap(),
                keys: keys.iter().map(|name| self.key(name)).collect(),
                threshold: *threshold,
            }),
        }
    }
}

impl Case {
    fn expectation(&self) -> Expectation {
        let expect = &self.expect;
        Expectation {
            tree: expect.tree.as_deref().map(|text| TreeDigest::parse(text).unwrap()),
            registry: expect.registry.as_deref().map(|text| RegistryId::parse(text).unwrap()),
            package: expect.package.as_deref().map(|text| PackageName::parse(text).unwrap()),
            version: expect.version.as_deref().map(|text| Version::parse(text).unwrap()),
            kind: expect.kind.as_deref().map(|text| Kind::parse(text).unwrap()),
            target: expect.target.as_deref().map(|text| Target::parse(text).unwrap()),
            index: expect.index.as_deref().map(|text| Digest::from_tagged(text).unwrap()),
            head: None,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(folder().join(format!("{}.vitpkg", self.name))).unwrap()
    }
}

fn verify(case: &Case, policy: TrustPolicy, bytes: &[u8], cut: usize) -> VerifyOutcome {
    let total = match case.read.as_deref() {
        Some("stream") => TotalLen::Unknown,
        _ => TotalLen::Known(bytes.len() as u64),
    };
    let mut verifier =
        PackageVerifier::new(case.expectation(), Trust::Signatures(policy), Sections::All, total);
    let mut decoding = Decoding::new(PureDecoder::new);
    bytes.chunks(cut).for_each(|piece| verifier.feed(piece, &mut decoding));
    verifier.finish()
}

/// Status, class and exit status of an outcome, in words.
fn words(outcome: &VerifyOutcome) -> String {
    let status = outcome.report.status().map_or("none", |status| status.as_str());
    match outcome.report.failure() {
        Some(failure) => {
            format!("{status} {} {}: {}", failure.code.class(), failure.code.exit() as u8, failure.message)
        }
        None => format!("{status} - 0: "),
    }
}

#[test]
fn every_hostile_archive_ends_in_its_class() {
    let table = table();
    let mut faults = Vec::new();
    for case in &table.cases {
        let wanted = format!(
            "{} {} {}: ",
            case.status.as_deref().unwrap_or("none"),
            case.code.as_deref().unwrap_or("-"),
            case.exit
        );
        let bytes = case.bytes();
        let mut first: Option<String> = None;
        // Any cutting of the input gives the same.
        for cut in [bytes.len().max(1), 4099, 61] {
            let outcome = verify(case, table.policy(case), &bytes, cut);
            let got = words(&outcome);
            if !got.starts_with(&wanted) {
                faults.push(format!("{}: wanted {wanted}got {got}", case.name));
                break;
            }
            assert_eq!(outcome.package.is_some(), case.code.is_none(), "{}", case.name);
            let first = first.get_or_insert_with(|| got.clone());
            assert_eq!(*first, got, "{} cut at {cut}", case.name);
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), table.cases.len(), faults.join("\n"));
}

#[test]
fn every_row_about_archives_has_cases_and_every_file_a_row() {
    let table = table();
    let threats: BTreeSet<&str> = table.cases.iter().map(|case| case.threat.as_str()).collect();
    for row in [
        "T01", "T02", "T03", "T04", "T07", "T08", "T11", "T29", "T30", "T31", "T32", "T33", "T42", "T43",
        "T44", "T45", "T46", "T47", "T48", "T49", "T50",
    ] {
        assert!(threats.contains(row), "{row}");
    }
    let named: BTreeSet<String> = table.cases.iter().map(|case| format!("{}.vitpkg", case.name)).collect();
    assert_eq!(named.len(), table.cases.len());
    let on_disk =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(named, on_disk.filter(|name| name.ends_with(".vitpkg")).collect());
}

/// Every bit of a signed archive matters: flipped, it is refused, or says the same as before.
#[test]
fn no_flipped_bit_passes() {
    let table = table();
    let case = &table.cases[0];
    let good = case.bytes();
    let minor = 17 + 10..17 + 12;
    for at in 0..good.len() {
        // One bit of each byte, another one each time: all eight are flipped in the core's own tests.
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        let outcome = verify(case, table.policy(case), &bytes, bytes.len());
        assert!(outcome.package.is_none() || minor.contains(&at), "byte {at}: {}", words(&outcome));
    }
}

/// The real program, asked to extract each of them: the same class and exit status, and no file anywhere.
#[test]
fn the_program_extracts_none_of_them() {
    let table = table();
    let sandbox = crate::sandbox::Sandbox::new();
    sandbox.write("release.pub", table.key("release").to_pem());
    sandbox.run("key trust release.pub --for demo/*").ends(0);
    let expect_nothing = |case: &&Case| {
        let Expect { tree, registry, package, version, kind, target, index } = &case.expect;
        let asked = [tree, registry, package, version, kind, target, index];
        asked.into_iter().all(Option::is_none) && case.policy.is_none() && case.read.is_none()
    };
    let (mut faults, mut count) = (Vec::new(), 0);
    for case in table.cases.iter().filter(expect_nothing) {
        let file = sandbox.write("hostile.vitpkg", case.bytes());
        let ran = sandbox.run("extract hostile.vitpkg out --json");
        let answer = ran.json();
        let code = answer["diagnostics"][0]["code"].as_str().and_then(Code::find).map(Code::class);
        if (ran.exit, code) != (i32::from(case.exit), case.code.as_deref()) {
            faults.push(format!("{}: {ran}", case.name));
        }
        let out = sandbox.path().join("out");
        assert_eq!(out.exists(), case.code.is_none(), "{}", case.name);
        if out.exists() {
            std::fs::remove_dir_all(out).unwrap();
        }
        std::fs::remove_file(file).unwrap();
        let mut left: Vec<_> =
            std::fs::read_dir(sandbox.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["home", "release.pub"], "{}", case.name);
        count += 1;
    }
    assert!(count > 150 && faults.is_empty(), "{count}\n{}", faults.join("\n"));
}
