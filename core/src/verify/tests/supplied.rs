//! Digests that were computed elsewhere: the same report, and no pass for a wrong one.

use super::*;
use crate::archive::tests::TestFile;
use crate::codec::{CodecError, FrameDecoder};

/// What computes digests outside: of stored bytes, and of contents.
struct Outside<'a> {
    stored: &'a dyn Fn(&[u8]) -> Digest,
    content: &'a dyn Fn(&[u8]) -> Option<Digest>,
}

/// Drives the machine step by step, each digest that `outside` computes among the steps.
fn drive(bytes: &[u8], trust: Trust, outside: &Outside<'_>) -> VerifyOutcome {
    let total = TotalLen::Known(bytes.len() as u64);
    let mut verifier = PackageVerifier::new(Expectation::default(), trust, Sections::All, total);
    verifier.push(bytes);
    let mut split = Vec::new();
    while let Some(Ok(event)) = verifier.next() {
        let VerifyEvent::Frame(job, stored) = event else { continue };
        let mut decoder = PureDecoder::new(job.codec());
        let checked =
            job.decode(&stored, (outside.stored)(&stored), &mut decoder, Vec::new()).and_then(|frame| {
                let supplied = supply(&frame, &mut split, outside.content);
                frame.check(supplied)
            });
        match checked {
            Ok(frame) => drop(verifier.accept(&frame)),
            Err(error) => verifier.reject(error),
        }
    }
    verifier.finish()
}

fn supply(
    frame: &DecodedFrame,
    split: &mut Vec<u8>,
    content: &dyn Fn(&[u8]) -> Option<Digest>,
) -> SuppliedDigests {
    let mut supplied = SuppliedDigests::default();
    for part in frame.contents() {
        let bytes = &frame.raw()[part.range.clone()];
        if part.offset == 0 {
            split.clear();
        }
        split.extend_from_slice(bytes);
        match part.ends() {
            true => {
                if let Some(digest) = content(split) {
                    supplied.add(part.entry, digest);
                }
            }
            false => supplied.await_later(part.entry),
        }
    }
    supplied
}

const HONEST: Outside<'_> = Outside { stored: &Digest::of, content: &|bytes| Some(Digest::of(bytes)) };

#[test]
fn the_report_is_the_same_whoever_digests() {
    let good = signed_hello();
    for at in 0..good.len() {
        let mut flipped = good.clone();
        flipped[at] ^= 1 << (at % 8);
        let (here, outside) = (plainly(&flipped).report, drive(&flipped, trusting(0x22), &HONEST).report);
        assert_eq!(here, outside, "byte {at}");
    }
    assert_eq!(drive(&good, trusting(0x22), &HONEST).report.status(), Some(Status::Verified));
}

/// A package with a file that spans four frames, and the same with that file altered in each of them; the frame
/// tables agree.
fn spanning() -> (Vec<u8>, Vec<Vec<u8>>) {
    let (big, manifest) = big();
    let files: [TestFile<'_>; 4] = [
        ("meta", "vitte.toml", Mode::Regular, &manifest),
        ("-", "a", Mode::Regular, b"first"),
        ("-", "big", Mode::Regular, &big),
        ("-", "z", Mode::Regular, b"last"),
    ];
    let tree = tree_of(&files);
    let raw = raw_frames(&tree, &files);
    let make =
        |raw: &[Vec<u8>]| assemble(Kind::Vitpkg, Codec::Zstd, tree.clone(), raw, |raw| store_frame(raw), b"");
    let altered = (1..raw.len()).map(|frame| {
        let mut raw = raw.clone();
        raw[frame][5000] ^= 1;
        make(&raw)
    });
    (make(&raw), altered.collect())
}

#[test]
fn a_file_that_spans_frames_is_compared_with_what_comes_at_its_end() {
    let (good, altered) = spanning();
    assert_eq!(drive(&good, trusting(0x22), &HONEST).report, plainly(&good).report);
    assert_eq!(plainly(&good).report.status(), Some(Status::Unsigned));
    assert!(altered.len() >= 3);
    for bytes in &altered {
        let outcome = drive(bytes, trusting(0x22), &HONEST);
        assert_eq!(outcome.report, plainly(bytes).report);
        failed(&outcome, CheckId::Files, Code::FileDigest);
    }
}

#[test]
fn a_wrong_digest_or_one_that_never_comes_is_no_pass() {
    let (good, _) = spanning();
    let wrong = Digest::of(b"something else");
    let stored = Outside { stored: &|_| wrong, content: HONEST.content };
    failed(&drive(&good, trusting(0x22), &stored), CheckId::Frames, Code::FrameDigest);
    for len in [b"first".len(), b"last".len(), big().0.len(), big().1.len()] {
        let lying = |bytes: &[u8]| Some(if bytes.len() == len { wrong } else { Digest::of(bytes) });
        let outcome = drive(&good, trusting(0x22), &Outside { stored: HONEST.stored, content: &lying });
        failed(&outcome, CheckId::Files, Code::FileDigest);
    }
    // What lies wholly in a frame is then digested here; of what spans frames most was not.
    let silent = |bytes: &[u8]| (bytes.len() > 100).then(|| Digest::of(bytes));
    let outcome = drive(&good, trusting(0x22), &Outside { stored: HONEST.stored, content: &silent });
    assert_eq!(outcome.report, plainly(&good).report);
    let silent = |bytes: &[u8]| (bytes.len() < 100).then(|| Digest::of(bytes));
    let outcome = drive(&good, trusting(0x22), &Outside { stored: HONEST.stored, content: &silent });
    failed(&outcome, CheckId::Files, Code::FileDigest);
}

#[test]
fn a_decoder_sees_no_bytes_whose_digest_was_not_compared() {
    struct Unreached;
    impl FrameDecoder for Unreached {
        fn decode(&mut self, _: &[u8], _: usize, _: &mut Vec<u8>) -> Result<(), CodecError> {
            panic!("decoded")
        }
    }
    let (good, _) = spanning();
    let mut verifier =
        PackageVerifier::new(Expectation::default(), trusting(0x22), Sections::All, TotalLen::Unknown);
    verifier.push(&good);
    while let Some(event) = verifier.next() {
        if let VerifyEvent::Frame(job, mut stored) = event.unwrap() {
            let error = job.decode(&stored, Digest::of(b""), &mut Unreached, Vec::new()).unwrap_err();
            assert_eq!(error.diagnostic().code, Code::FrameDigest);
            stored[30] ^= 1;
            let error = job.check(&stored, &mut Unreached, Vec::new()).unwrap_err();
            assert_eq!(error.diagnostic().code, Code::FrameDigest);
        }
    }
}
