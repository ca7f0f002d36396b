//! A frame that was checked against another archive says nothing about this one.

use super::*;
use crate::archive::tests::TestFile;

const FILES: [TestFile<'_>; 2] = [HELLO[0], ("-", "src/main.vit", Mode::Regular, b"fn main() {}\n")];
const OTHERS: [TestFile<'_>; 2] = [HELLO[0], ("-", "src/main.vit", Mode::Regular, b"fn evil() {}\n")];

/// A verifier whose front was read, and its checked frames.
fn front(bytes: &[u8]) -> (PackageVerifier, Vec<CheckedFrame>) {
    let total = TotalLen::Known(bytes.len() as u64);
    let mut verifier = PackageVerifier::new(Expectation::default(), trusting(0x22), Sections::All, total);
    verifier.push(bytes);
    let Some(Ok(VerifyEvent::Prelude(prelude))) = verifier.next() else { panic!("front") };
    let frames = verifier.wanted_frames().iter().map(|&frame| {
        let range = verifier.frame_range(frame).unwrap();
        let stored = &bytes[range.start as usize..range.end as usize];
        let job = verifier.job(frame).unwrap();
        job.check(stored, &mut PureDecoder::new(prelude.codec()), Vec::new()).unwrap()
    });
    let frames = frames.collect();
    (verifier, frames)
}

fn finish(mut verifier: PackageVerifier, bytes: &[u8]) -> VerifyOutcome {
    let end = verifier.end_range().unwrap();
    verifier.check_end(&bytes[end.start as usize..end.end as usize]).unwrap();
    verifier.finish()
}

#[test]
fn t80_a_checked_frame_of_another_archive_is_refused() {
    let good = archive_of(Kind::Vitpkg, Codec::Zstd, &FILES, b"");
    let other = archive_of(Kind::Vitpkg, Codec::Zstd, &OTHERS, b"");
    let (mut verifier, own) = front(&good);
    let (_, foreign) = front(&other);
    assert_eq!((own.len(), foreign.len()), (2, 2));
    // The first frames hold the same manifest; what they were checked against differs all the same.
    for frame in &foreign {
        let error = verifier.accept(frame).unwrap_err();
        assert_eq!(error, VerifyError::OtherArchive { frame: frame.index() as u64 });
        assert_eq!(error.code(), Code::SubjectMismatch);
    }
    verifier.accept(&own[0]).unwrap();
    verifier.accept(&foreign[1]).unwrap_err();
    // Nothing of the other archive counted.
    let outcome = finish(verifier, &good);
    assert!(outcome.package.is_none());
    assert_eq!(outcome.report.status(), None, "{:?}", outcome.report);
}

#[test]
fn the_same_files_in_other_frames_are_another_archive() {
    let good = archive_of(Kind::Vitpkg, Codec::Zstd, &FILES, b"");
    let recoded = archive_of(Kind::Vitpkg, Codec::Lz4, &FILES, b"");
    let (mut verifier, _) = front(&good);
    let (_, foreign) = front(&recoded);
    assert_eq!(verifier.accept(&foreign[0]).unwrap_err(), VerifyError::OtherArchive { frame: 0 });
}

#[test]
fn frames_by_a_second_reading_of_the_same_archive_count() {
    let good = archive_of(Kind::Vitpkg, Codec::Zstd, &FILES, b"");
    let (mut verifier, _) = front(&good);
    let (_, again) = front(&good);
    for frame in &again {
        verifier.accept(frame).unwrap();
    }
    assert_eq!(finish(verifier, &good).report.status(), Some(Status::Unsigned));
}
