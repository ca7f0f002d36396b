//! Files that do not come in frames: the same verdict, and none without every file.

use super::*;
use crate::archive::tests::TestFile;
use std::sync::Arc;

/// A package of four frames: `meta`, two of section `-` that a large file spans, and one of a deferred section.
fn package() -> (Vec<u8>, Vec<TestFile<'static>>) {
    let big: &'static [u8] = (0..9_000_000u32).map(|n| (n % 251) as u8).collect::<Vec<_>>().leak();
    let files: Vec<TestFile<'static>> = vec![
        HELLO[0],
        ("-", "a", Mode::Regular, b"first"),
        ("-", "big", Mode::Regular, big),
        ("-", "z", Mode::Regular, b"last"),
        ("docs", "docs/guide.md", Mode::Regular, b"# Guide\n"),
    ];
    (archive_of(Kind::Vitpkg, Codec::Zstd, &files, b""), files)
}

/// Reads the front, expects `apart` by themselves, and accepts every frame that is still wanted.
fn with_frames(bytes: &[u8], sections: Sections, apart: &[usize]) -> (PackageVerifier, Vec<usize>) {
    let tree = {
        let total = TotalLen::Known(bytes.len() as u64);
        let mut verifier = PackageVerifier::new(Expectation::default(), trusting(0x22), Sections::All, total);
        verifier.push(bytes);
        let Some(Ok(VerifyEvent::Prelude(prelude))) = verifier.next() else { panic!("front") };
        prelude.toc().tree().digest()
    };
    let total = TotalLen::Known(bytes.len() as u64);
    let mut verifier = PackageVerifier::new(Expectation::default(), Trust::Identity(tree), sections, total);
    verifier.push(bytes);
    let Some(Ok(VerifyEvent::Prelude(prelude))) = verifier.next() else { panic!("front") };
    verifier.expect_files(apart.iter().copied());
    let wanted = verifier.wanted_frames().to_vec();
    for &frame in &wanted {
        let range = verifier.frame_range(frame).unwrap();
        let stored = &bytes[range.start as usize..range.end as usize];
        let job = verifier.job(frame).unwrap();
        let frame = job.check(stored, &mut PureDecoder::new(prelude.codec()), Vec::new()).unwrap();
        verifier.accept(&frame).unwrap();
    }
    (verifier, wanted)
}

fn sections(names: &[&str]) -> Sections {
    Sections::Only(names.iter().map(|name| SectionName::parse(name).unwrap()).collect())
}

#[test]
fn a_deferred_section_needs_its_frames_alone() {
    let (bytes, files) = package();
    let (mut verifier, wanted) = with_frames(&bytes, sections(&["meta", "docs"]), &[0]);
    assert_eq!(wanted, [3]);
    verifier.accept_manifest(files[0].3).unwrap();
    let outcome = verifier.finish();
    assert_eq!(outcome.report.status(), Some(Status::Verified), "{:?}", outcome.report);
    let package = outcome.package.unwrap();
    assert!(package.sections().contains(&SectionName::parse("docs").unwrap()));
    assert!(!package.sections().contains(&SectionName::default_section()));
}

#[test]
fn a_file_that_is_here_takes_its_frames_out_unless_they_hold_another() {
    let (bytes, files) = package();
    // `big` alone does not fill a frame: `a` and `z` are in its two.
    let undeferred = Sections::undeferred;
    assert_eq!(with_frames(&bytes, undeferred(), &[2]).1, [0, 1, 2]);
    assert_eq!(with_frames(&bytes, undeferred(), &[2, 3]).1, [0, 1]);
    assert_eq!(with_frames(&bytes, undeferred(), &[1, 2]).1, [0, 2]);
    // The second half of `big` comes in the frame of `z`, and is not looked at.
    let (mut verifier, wanted) = with_frames(&bytes, undeferred(), &[0, 1, 2]);
    assert_eq!(wanted, [2]);
    verifier.accept_file(2, Digest::of(files[2].3)).unwrap();
    verifier.accept_file(1, Digest::of(files[1].3)).unwrap();
    verifier.accept_manifest(files[0].3).unwrap();
    assert_eq!(verifier.finish().report.status(), Some(Status::Verified));
}

#[test]
fn a_package_is_verified_only_when_every_file_was_seen() {
    let (bytes, files) = package();
    let apart = [0, 1, 2];
    for given in 0..8u32 {
        let (mut verifier, _) = with_frames(&bytes, Sections::undeferred(), &apart);
        for entry in apart.into_iter().filter(|entry| given & (1 << entry) != 0) {
            match entry {
                0 => verifier.accept_manifest(files[0].3).unwrap(),
                _ => verifier.accept_file(entry, Digest::of(files[entry].3)).unwrap(),
            }
        }
        let outcome = verifier.finish();
        let missing = 3 - given.count_ones();
        assert_eq!(outcome.package.is_some(), missing == 0);
        if missing > 0 {
            let failure = outcome.report.failure().unwrap();
            assert_eq!(failure.code, Code::Truncated);
            assert!(failure.message.starts_with(&missing.to_string()), "{}", failure.message);
        }
    }
    // The same file twice does not stand for another.
    let (mut verifier, _) = with_frames(&bytes, Sections::undeferred(), &apart);
    verifier.accept_manifest(files[0].3).unwrap();
    verifier.accept_file(1, Digest::of(files[1].3)).unwrap();
    verifier.accept_file(1, Digest::of(files[1].3)).unwrap();
    assert!(verifier.finish().package.is_none());
}

#[test]
fn a_wrong_file_fails_and_nothing_after_it_mends_that() {
    let (bytes, files) = package();
    let (mut verifier, _) = with_frames(&bytes, Sections::undeferred(), &[0, 1]);
    let error = verifier.accept_file(1, Digest::of(b"other")).unwrap_err();
    assert_eq!(error.diagnostic().code, Code::FileDigest);
    let _ = verifier.accept_file(1, Digest::of(files[1].3));
    let _ = verifier.accept_manifest(files[0].3);
    failed(&verifier.finish(), CheckId::Files, Code::FileDigest);
    // Without its bytes nothing is known of the manifest.
    let (mut verifier, _) = with_frames(&bytes, Sections::undeferred(), &[0]);
    verifier.accept_file(0, Digest::of(files[0].3)).unwrap_err();
    assert!(verifier.finish().package.is_none());
    let (mut verifier, _) = with_frames(&bytes, Sections::undeferred(), &[0]);
    assert_eq!(verifier.accept_manifest(b"[package]\n").unwrap_err().diagnostic().code, Code::FileDigest);
}

#[test]
fn a_package_without_an_archive_is_judged_by_the_same_prelude() {
    let tree = Arc::new(tree_of(&HELLO));
    let sigs = signatures(&golden(), 0x22);
    let start = |expectation: Expectation, trust: Trust, sigs: &[u8]| {
        FilesVerifier::new(expectation, trust, Sections::All, Kind::Vitpkg, Arc::clone(&tree), sigs)
    };
    let accept_all = |verifier: &mut FilesVerifier| {
        for (entry, file) in HELLO.iter().enumerate() {
            match entry {
                0 => verifier.accept_manifest(file.3).unwrap(),
                _ => verifier.accept_file(entry, Digest::of(file.3)).unwrap(),
            }
        }
    };
    let expectation = Expectation { head: None, ..all_expected() };
    let mut verifier = start(expectation.clone(), trusting(0x22), &sigs);
    assert_eq!((verifier.status_if_intact(), verifier.reason()), (Status::Verified, None));
    accept_all(&mut verifier);
    let outcome = verifier.finish();
    assert_eq!(outcome.report.status(), Some(Status::Verified), "{:?}", outcome.report);
    let package = outcome.package.unwrap();
    assert_eq!((package.statement(), package.head()), (Some(&golden()), None));

    for (trust, sigs, status, code) in [
        (trusting(0x22), &b""[..], Status::Unsigned, Code::Unsigned),
        (trusting(0x33), &sigs[..], Status::Untrusted, Code::KeyNotAuthorised),
        (Trust::Unproven, &sigs[..], Status::Untrusted, Code::NoProof),
        (trusting(0x22), &b"[1"[..], Status::Tampered, Code::Envelope),
    ] {
        let mut verifier = start(expectation.clone(), trust, sigs);
        assert_eq!(verifier.status_if_intact(), status);
        assert_eq!(verifier.reason().unwrap().code, code);
        accept_all(&mut verifier);
        let outcome = verifier.finish();
        assert!(outcome.package.is_none());
        assert_eq!(outcome.report.failure().unwrap().code, code);
    }
    // Of another tree than the lockfile says, and with a file missing.
    let other = Trust::Identity(TreeDigest::of(b"vitte-tree 1\n"));
    let verifier = start(Expectation::default(), other, &sigs);
    assert_eq!(verifier.reason().unwrap().code, Code::TreeDigest);
    let mut verifier = start(Expectation::default(), Trust::Identity(tree.digest()), b"");
    verifier.accept_manifest(HELLO[0].3).unwrap();
    assert!(verifier.finish().package.is_none());
}
