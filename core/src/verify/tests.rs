use super::*;
use crate::archive::tests::{HELLO, TestFile, archive_of, assemble, raw_frames, tree_of};
use crate::archive::{TotalLen, with_signatures};
use crate::codec::{Codec, PureDecoder, store_frame};
use crate::diagnostic::{Code, Diagnose as _, Exit, Place};
use crate::digest::{Digest, TreeDigest};
use crate::name::PackageName;
use crate::sign::dsse::RELEASE;
use crate::sign::statement::golden;
use crate::sign::{
    Envelope, RegistryId, ReleaseStatement, Scope, SecretKey, Signatures, TrustPolicy, TrustedKey,
};
use crate::target::{Kind, Target};
use crate::tree::{Mode, SectionName};
use crate::version::Version;
use proptest::prelude::*;
use std::collections::BTreeSet;

mod files;
mod other_archive;
mod supplied;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn trusting(seed: u8) -> Trust {
    Trust::Signatures(TrustPolicy::new().trust(TrustedKey { key: key(seed).public(), scope: Scope::All }))
}

fn signatures(statement: &ReleaseStatement, seed: u8) -> Vec<u8> {
    let mut signatures = Signatures::none();
    signatures
        .add(Envelope::sign(RELEASE, &statement.to_payload().unwrap(), &[&key(seed)]).unwrap())
        .unwrap();
    signatures.to_bytes()
}

/// The example of the format document, signed as in the trust document.
fn signed_hello() -> Vec<u8> {
    archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, &signatures(&golden(), 0x22))
}

/// Drives the machine as a stream, in pieces that end at `cuts`, on one thread.
fn drive(
    bytes: &[u8],
    cuts: &[usize],
    total: TotalLen,
    expectation: Expectation,
    trust: Trust,
    sections: Sections,
) -> VerifyOutcome {
    let mut verifier = PackageVerifier::new(expectation, trust, sections, total);
    let (mut from, mut decoding) = (0, Decoding::new(PureDecoder::new));
    for to in cuts.iter().copied().chain([bytes.len()]) {
        verifier.feed(&bytes[from..to], &mut decoding);
        from = to;
    }
    verifier.finish()
}

fn verify(bytes: &[u8], expectation: Expectation, trust: Trust) -> VerifyOutcome {
    drive(bytes, &[], TotalLen::Known(bytes.len() as u64), expectation, trust, Sections::All)
}

fn plainly(bytes: &[u8]) -> VerifyOutcome {
    verify(bytes, Expectation::default(), trusting(0x22))
}

fn verdict(outcome: &VerifyOutcome, id: CheckId) -> &Verdict {
    &outcome.report.checks().iter().find(|check| check.id == id).unwrap().verdict
}

fn failed(outcome: &VerifyOutcome, id: CheckId, code: Code) {
    assert!(outcome.package.is_none());
    match verdict(outcome, id) {
        Verdict::Failed { reason } => assert_eq!(reason.code, code, "{reason:?}"),
        other => panic!("{id:?}: {other:?} in {:?}", outcome.report),
    }
}

/// Everything that is known of the example.
fn all_expected() -> Expectation {
    Expectation {
        tree: Some(golden().tree),
        registry: Some(RegistryId::parse("registry.example/").unwrap()),
        package: Some(PackageName::parse("demo/hello").unwrap()),
        version: Some(Version::parse("1.0.0").unwrap()),
        kind: Some(Kind::Vitpkg),
        target: Some(Target::any()),
        index: Some(golden().index),
        head: Some(
            Digest::from_hex("d70c8dd94d3bf47788fc9a4188ed88321464a547b5abff9b06bd35e18ff7b5c1").unwrap(),
        ),
    }
}

#[test]
fn a_good_package_passes_every_check_that_was_asked() {
    let outcome = verify(&signed_hello(), all_expected(), trusting(0x22));
    assert_eq!(outcome.report.status(), Some(Status::Verified), "{:?}", outcome.report);
    for check in outcome.report.checks() {
        assert!(matches!(check.verdict, Verdict::Passed { .. }), "{check:?}");
    }
    assert!(!outcome.report.head_differs());
    let package = outcome.package.unwrap();
    assert_eq!(package.statement(), Some(&golden()));
    assert_eq!(package.signers(), [key(0x22).public().id()]);
    assert_eq!(package.manifest().name().as_str(), "demo/hello");
    assert_eq!(package.manifest_text().as_bytes(), HELLO[0].3);
    assert_eq!(package.tree().digest(), golden().tree);

    let outcome = plainly(&signed_hello());
    assert_eq!(outcome.report.status(), Some(Status::Verified));
    for id in [CheckId::Identity, CheckId::Registry] {
        assert_eq!(verdict(&outcome, id), &Verdict::NotAsked);
    }
    let json = serde_json::to_value(&outcome.report).unwrap();
    assert_eq!(json["status"], "verified");
    assert_eq!(json["checks"][0]["id"], "container");
    assert_eq!(json["checks"][0]["verdict"], "passed");
}

#[test]
fn unsigned_and_untrusted_packages_are_still_checked_to_the_last_byte() {
    let unsigned = plainly(&archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b""));
    assert_eq!(unsigned.report.status(), Some(Status::Unsigned));
    failed(&unsigned, CheckId::Signature, Code::Unsigned);
    let untrusted = verify(&signed_hello(), Expectation::default(), trusting(0x33));
    assert_eq!(untrusted.report.status(), Some(Status::Untrusted));
    failed(&untrusted, CheckId::Key, Code::KeyNotAuthorised);
    assert_eq!(untrusted.report.signers(), [key(0x22).public().id()]);
    for outcome in [&unsigned, &untrusted] {
        assert!(outcome.report.is_content_whole());
        assert_eq!(outcome.report.failure().unwrap().code.exit(), Exit::Verification);
        for id in [CheckId::Frames, CheckId::Headers, CheckId::Files, CheckId::End, CheckId::Manifest] {
            assert!(matches!(verdict(outcome, id), Verdict::Passed { .. }), "{id:?}");
        }
    }
    // Altered content outweighs a missing signature.
    let mut altered = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
    altered[3000] ^= 1;
    let outcome = plainly(&altered);
    assert_eq!(outcome.report.status(), Some(Status::Tampered));
    assert_eq!(outcome.report.failure().unwrap().code, Code::FrameDigest);
}

#[test]
fn a_known_identity_needs_no_signature() {
    let bytes = archive_of(Kind::Vitpkg, Codec::Lz4, &HELLO, b"");
    let outcome = verify(&bytes, Expectation::default(), Trust::Identity(golden().tree));
    assert_eq!(outcome.report.status(), Some(Status::Verified));
    assert!(matches!(verdict(&outcome, CheckId::Identity), Verdict::Passed { .. }));
    assert_eq!(verdict(&outcome, CheckId::Signature), &Verdict::NotAsked);
    assert!(outcome.package.unwrap().statement().is_none());

    let other = Trust::Identity(TreeDigest::of(b"another"));
    let outcome = verify(&bytes, Expectation::default(), other);
    assert_eq!(outcome.report.status(), Some(Status::Tampered));
    failed(&outcome, CheckId::Identity, Code::TreeDigest);
    assert_eq!(verdict(&outcome, CheckId::Toc), &Verdict::NotReached);
}

/// Acceptance: whatever byte of a signed package is flipped, the verdict is never "verified", and the exit code
/// is that of tampering, or that of a container that no longer parses.
#[test]
fn every_flipped_byte_of_a_signed_package_is_detected() {
    let good = signed_hello();
    let mut bytes = good.clone();
    for at in 0..good.len() {
        // Not every bit: the archive's own tests do that, without checking a signature each time.
        for mask in [1 << (at % 8), 255] {
            bytes[at] ^= mask;
            let outcome = plainly(&bytes);
            assert!(outcome.package.is_none(), "{at} ^ {mask} was believed");
            assert_ne!(outcome.report.status(), Some(Status::Verified));
            let code = outcome.report.failure().unwrap().code;
            assert!(matches!(code.exit(), Exit::Input | Exit::Verification), "{at} ^ {mask}: {code}");
            bytes[at] = good[at];
        }
    }
}

#[test]
fn every_truncation_and_appended_byte_is_detected() {
    let good = signed_hello();
    for len in 0..good.len() {
        let cut = &good[..len];
        let file = plainly(cut);
        assert_eq!(file.report.status(), None);
        assert_eq!(file.report.failure().unwrap().code.exit(), Exit::Input, "{len}: {:?}", file.report);
        for total in [TotalLen::Unknown, TotalLen::Known(good.len() as u64)] {
            let stream = drive(cut, &[], total, Expectation::default(), trusting(0x22), Sections::All);
            assert_eq!(stream.report.status(), None);
            assert_eq!(stream.report.failure().unwrap().code, Code::Truncated, "{len}");
        }
    }
    let mut longer = good.clone();
    longer.push(0);
    failed(&plainly(&longer), CheckId::End, Code::TrailingData);
    let stream =
        drive(&longer, &[], TotalLen::Unknown, Expectation::default(), trusting(0x22), Sections::All);
    failed(&stream, CheckId::End, Code::TrailingData);
}

#[test]
fn a_failed_frame_is_named_with_its_files_and_digests() {
    let mut bytes = signed_hello();
    let at = bytes.len() - 11 - 1034 - 500;
    bytes[at] ^= 0x10;
    let outcome = plainly(&bytes);
    assert_eq!(outcome.report.status(), Some(Status::Tampered));
    let reason = outcome.report.failure().unwrap();
    assert_eq!(reason.code, Code::FrameDigest);
    assert_eq!(reason.place, Place::Frame { frame: 1, frames: 3, files: vec!["bin/hello".into()] });
    assert!(
        reason.message.starts_with("demo/hello 1.0.0 is not what its author signed"),
        "{}",
        reason.message
    );
    assert!(reason.data["expected"].as_str().unwrap().starts_with("sha256:fca27d29"));
    assert!(reason.data["got"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn the_signed_release_must_be_the_one_asked_for() {
    let expect = |change: &dyn Fn(&mut Expectation)| {
        let mut expectation = all_expected();
        change(&mut expectation);
        verify(&signed_hello(), expectation, trusting(0x22))
    };
    let outcome = expect(&|e| e.tree = Some(TreeDigest::of(b"")));
    failed(&outcome, CheckId::Identity, Code::TreeDigest);
    let outcome = expect(&|e| e.package = Some(PackageName::parse("demo/other").unwrap()));
    failed(&outcome, CheckId::Subject, Code::SubjectMismatch);
    let outcome = expect(&|e| e.version = Some(Version::parse("1.0.1").unwrap()));
    failed(&outcome, CheckId::Subject, Code::SubjectMismatch);
    let outcome = expect(&|e| e.kind = Some(Kind::Vitmod));
    failed(&outcome, CheckId::Subject, Code::SubjectMismatch);
    let outcome = expect(&|e| e.target = Some(Target::parse("x86_64-unknown-linux-gnu").unwrap()));
    failed(&outcome, CheckId::Subject, Code::SubjectMismatch);
    let outcome = expect(&|e| e.registry = Some(RegistryId::parse("other.example/").unwrap()));
    assert_eq!(outcome.report.failure().unwrap().code, Code::RegistryMismatch);
    assert!(outcome.package.is_none());
    // Another head digest is said, not refused.
    let outcome = expect(&|e| e.head = Some(Digest::of(b"")));
    assert!(outcome.package.is_some() && outcome.report.head_differs());
}

#[test]
fn a_statement_about_another_tree_or_kind_is_refused() {
    for (change, check, code) in [
        (
            &(|s: &mut ReleaseStatement| s.kind = Kind::Vitmod) as &dyn Fn(&mut ReleaseStatement),
            CheckId::Subject,
            Code::SubjectMismatch,
        ),
        (&|s| s.tree = TreeDigest::of(b""), CheckId::Subject, Code::TreeDigest),
        (&|s| s.files = 4, CheckId::Subject, Code::TreeDigest),
        (&|s| s.manifest = Digest::of(b""), CheckId::Manifest, Code::ManifestMismatch),
        (&|s| s.version = Version::parse("9.9.9").unwrap(), CheckId::Manifest, Code::ManifestMismatch),
        (
            &|s| s.package = PackageName::parse("demo/evil").unwrap(),
            CheckId::Manifest,
            Code::ManifestMismatch,
        ),
    ] {
        let mut statement = golden();
        change(&mut statement);
        let bytes = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, &signatures(&statement, 0x22));
        let outcome = plainly(&bytes);
        assert_eq!(outcome.report.status(), Some(Status::Tampered), "{:?}", outcome.report);
        let got = outcome.report.failure().unwrap();
        assert_eq!(got.code.exit(), Exit::Verification);
        assert_eq!(got.code, code, "{got:?}");
        assert!(matches!(verdict(&outcome, check), Verdict::Failed { .. }), "{check:?} {:?}", outcome.report);
    }
}

#[test]
fn a_manifest_that_is_none_or_of_another_package_is_refused() {
    let unsigned = |manifest: &'static [u8], expectation| {
        let files: [TestFile<'_>; 1] = [("meta", "vitte.toml", Mode::Regular, manifest)];
        verify(&archive_of(Kind::Vitmod, Codec::Zstd, &files, b""), expectation, trusting(0x22))
    };
    let outcome = unsigned(b"no manifest", Expectation::default());
    assert_eq!(outcome.report.status(), None);
    assert!(matches!(verdict(&outcome, CheckId::Manifest), Verdict::Failed { .. }));
    assert_eq!(outcome.report.failure().unwrap().code.exit(), Exit::Input);
    let expectation =
        Expectation { version: Some(Version::parse("2.0.0").unwrap()), ..Expectation::default() };
    let outcome = unsigned(b"[package]\nname = \"a/b\"\nversion = \"1.0.0\"\n", expectation);
    failed(&outcome, CheckId::Manifest, Code::ManifestMismatch);
}

/// The frame table is consistent with altered content: only the tree knows better.
fn rewritten(alter: impl Fn(&mut Vec<Vec<u8>>)) -> VerifyOutcome {
    let tree = tree_of(&HELLO);
    let mut raw = raw_frames(&tree, &HELLO);
    alter(&mut raw);
    plainly(&assemble(
        Kind::Vitpkg,
        Codec::Zstd,
        tree,
        &raw,
        |raw| store_frame(raw),
        &signatures(&golden(), 0x22),
    ))
}

#[test]
fn content_that_contradicts_the_tree_is_refused() {
    let sound = rewritten(|_| {});
    assert!(sound.package.is_some(), "{:?}", sound.report);
    for (at, check, code) in [
        (0, CheckId::Headers, Code::HeaderMismatch),   // another name
        (100, CheckId::Headers, Code::HeaderMismatch), // another mode
        (103, CheckId::Headers, Code::HeaderMismatch),
        (136, CheckId::Headers, Code::HeaderMismatch), // another time
        (156, CheckId::Headers, Code::HeaderMismatch), // another type
        (157, CheckId::Headers, Code::HeaderMismatch), // a link target
        (511, CheckId::Headers, Code::HeaderMismatch),
        (512, CheckId::Files, Code::FileDigest),
        (532, CheckId::Files, Code::FileDigest),
        (533, CheckId::Headers, Code::HeaderMismatch), // hidden in the padding
        (1023, CheckId::Headers, Code::HeaderMismatch),
    ] {
        let outcome = rewritten(|raw| raw[1][at] ^= 1);
        assert_eq!(outcome.report.status(), Some(Status::Tampered));
        failed(&outcome, check, code);
    }
    // An empty file has a digest too.
    let empty: [TestFile<'_>; 2] = [HELLO[0], ("-", "empty", Mode::Regular, b"")];
    let text = String::from_utf8(tree_of(&empty).text().to_vec()).unwrap();
    let lying =
        crate::tree::Tree::parse(text.replace(&Digest::of(b"").to_string(), &Digest::of(b"x").to_string()));
    let raw = raw_frames(&tree_of(&empty), &empty);
    let bytes = assemble(Kind::Vitpkg, Codec::Zstd, lying.unwrap(), &raw, |raw| store_frame(raw), b"");
    failed(&plainly(&bytes), CheckId::Files, Code::FileDigest);
}

#[test]
fn a_decoder_that_lies_about_the_length_is_caught() {
    struct Short;
    impl crate::codec::FrameDecoder for Short {
        fn decode(
            &mut self,
            _: &[u8],
            raw: usize,
            out: &mut Vec<u8>,
        ) -> Result<(), crate::codec::CodecError> {
            out.resize(raw - 1, 0);
            Ok(())
        }
    }
    let bytes = signed_hello();
    let mut verifier =
        PackageVerifier::new(Expectation::default(), trusting(0x22), Sections::All, TotalLen::Unknown);
    verifier.push(&bytes);
    while let Some(event) = verifier.next() {
        if let VerifyEvent::Frame(job, stored) = event.unwrap() {
            let error = job.check(&stored, &mut Short, Vec::new()).unwrap_err();
            assert!(matches!(error, VerifyError::FrameLength { .. }));
            verifier.reject(error);
        }
    }
    assert_eq!(verifier.finish().report.status(), None);
}

fn big() -> (Vec<u8>, Vec<u8>) {
    let big = (0..20u32 << 20).map(|n| (n >> 9) as u8).collect();
    (big, b"[package]\nname = \"demo/big\"\nversion = \"1.0.0\"\n".to_vec())
}

#[test]
fn files_that_span_frames_are_digested_across_them() {
    let (big, manifest) = big();
    let files: [TestFile<'_>; 4] = [
        ("meta", "vitte.toml", Mode::Regular, &manifest),
        ("-", "a", Mode::Regular, b"first"),
        ("-", "big", Mode::Regular, &big),
        ("docs", "d", Mode::Regular, b"last"),
    ];
    let tree = tree_of(&files);
    let raw = raw_frames(&tree, &files);
    let make =
        |raw: &[Vec<u8>]| assemble(Kind::Vitpkg, Codec::Zstd, tree.clone(), raw, |raw| store_frame(raw), b"");
    let good = make(&raw);
    assert_eq!(plainly(&good).report.status(), Some(Status::Unsigned));
    // The content of a file is altered in its middle frame; the frame table agrees.
    let mut altered = raw.clone();
    altered[2][4 << 20] ^= 1;
    let outcome = plainly(&make(&altered));
    failed(&outcome, CheckId::Files, Code::FileDigest);
    assert_eq!(outcome.report.failure().unwrap().place, Place::File { path: "big".into() });

    // Read at any offset, in any order, accepted in order; by default without deferred sections.
    let trust = Trust::Identity(tree.digest());
    let mut verifier = PackageVerifier::new(
        Expectation::default(),
        trust,
        Sections::undeferred(),
        TotalLen::Known(good.len() as u64),
    );
    verifier.push(&good[..10_000]);
    let Some(Ok(VerifyEvent::Prelude(prelude))) = verifier.next() else { panic!("front") };
    assert_eq!(prelude.status_if_intact(), Status::Verified);
    assert_eq!(verifier.wanted_frames(), [0, 1, 2, 3]);
    let mut written = vec![Vec::new(); 4];
    let checked: Vec<CheckedFrame> = [3, 1, 0, 2]
        .map(|frame| {
            let range = verifier.frame_range(frame).unwrap();
            let stored = &good[range.start as usize..range.end as usize];
            let job = verifier.job(frame).unwrap();
            job.check(stored, &mut PureDecoder::new(Codec::Zstd), Vec::new()).unwrap()
        })
        .into_iter()
        .collect();
    let error = verifier.accept(&checked[0]).unwrap_err();
    assert_eq!(error, VerifyError::FrameOrder { expected: 0, got: 3 });
    for frame in [2, 1, 3, 0] {
        verifier.accept(&checked[frame]).unwrap();
        for part in checked[frame].files() {
            assert_eq!(written[part.entry].len() as u64, part.offset);
            written[part.entry].extend_from_slice(part.bytes);
        }
    }
    assert!(written[2] == big && written[1] == b"first" && written[3].is_empty());
    let end = verifier.end_range().unwrap();
    verifier.check_end(&good[end.start as usize..end.end as usize]).unwrap();
    let package = verifier.finish().package.unwrap();
    assert!(!package.sections().contains(&SectionName::parse("docs").unwrap()));

    // Left out frames are noticed.
    let mut verifier = PackageVerifier::new(
        Expectation::default(),
        Trust::Identity(tree.digest()),
        Sections::All,
        TotalLen::Known(good.len() as u64),
    );
    verifier.push(&good[..10_000]);
    assert!(matches!(verifier.next(), Some(Ok(VerifyEvent::Prelude(_)))));
    verifier.accept(&checked[2]).unwrap();
    let outcome = verifier.finish();
    assert!(outcome.package.is_none() && outcome.report.status().is_none());
}

#[test]
fn a_stream_may_stop_after_the_sections_it_needs() {
    let good = signed_hello();
    let cut = &good[..good.len() - 500];
    let sections = |names: &[&str]| {
        let names = names.iter().map(|name| SectionName::parse(name).unwrap());
        Sections::Only(names.collect::<BTreeSet<_>>())
    };
    let read = |bytes: &[u8], names: &[&str]| {
        drive(bytes, &[], TotalLen::Unknown, Expectation::default(), trusting(0x22), sections(names))
    };
    let outcome = read(cut, &["-"]);
    assert_eq!(outcome.report.status(), Some(Status::Verified), "{:?}", outcome.report);
    assert_eq!(verdict(&outcome, CheckId::End), &Verdict::NotAsked);
    assert!(read(cut, &["docs"]).package.is_none());
    assert!(read(&good, &["docs"]).package.is_some());
    // What was not asked for is not looked at.
    let mut altered = good.clone();
    altered[good.len() - 500] ^= 1;
    assert!(read(&altered, &["-"]).package.is_some());
    assert_eq!(read(&altered, &["docs"]).report.status(), Some(Status::Tampered));
}

#[test]
fn signing_again_changes_the_verdict_only() {
    let good = signed_hello();
    let (front, replaced) = with_signatures(&good, b"").unwrap();
    let stripped = [&front, &good[replaced as usize..]].concat();
    let (before, after) = (plainly(&good), plainly(&stripped));
    assert_eq!(before.report.tree(), after.report.tree());
    assert_eq!(before.report.head(), after.report.head());
    assert_eq!(after.report.status(), Some(Status::Unsigned));
}

#[test]
fn every_check_has_words_and_an_id_of_its_own() {
    let ids: BTreeSet<&str> = CheckId::ALL.iter().map(|id| id.as_str()).collect();
    assert_eq!(ids.len(), CheckId::ALL.len());
    assert!(CheckId::ALL.iter().all(|id| !id.text().is_empty()));
    assert_eq!(VerifyError::Incomplete(2).code(), Code::Truncated);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_cutting_gives_the_same_report(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12), flip in any::<prop::sample::Index>(), alter in any::<bool>()) {
        let mut bytes = signed_hello();
        if alter {
            let at = flip.index(bytes.len());
            bytes[at] ^= 0x40;
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let total = TotalLen::Known(bytes.len() as u64);
        let cut = drive(&bytes, &cuts, total, Expectation::default(), trusting(0x22), Sections::All);
        prop_assert_eq!(cut.report, plainly(&bytes).report);
    }
}

#[test]
fn without_a_proof_nobody_is_believed_and_content_is_checked_all_the_same() {
    let good = signed_hello();
    let outcome = verify(&good, Expectation::default(), Trust::Unproven);
    assert_eq!(outcome.report.status(), Some(Status::Untrusted), "{:?}", outcome.report);
    failed(&outcome, CheckId::Key, Code::NoProof);
    assert!(matches!(verdict(&outcome, CheckId::Files), Verdict::Passed { .. }));
    assert_eq!(outcome.report.signers(), [key(0x22).public().id()]);
    let unsigned = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
    assert_eq!(
        verify(&unsigned, Expectation::default(), Trust::Unproven).report.status(),
        Some(Status::Unsigned)
    );
    let mut flipped = good.clone();
    let at = flipped.len() - 40;
    flipped[at] ^= 1;
    assert_eq!(
        verify(&flipped, Expectation::default(), Trust::Unproven).report.status(),
        Some(Status::Tampered)
    );
}
