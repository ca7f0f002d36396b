//! Both zstd decoders say the same of every frame in the files of the tests.

#![allow(clippy::disallowed_methods, reason = "files are read here, in a test, and not in core")]

use super::super::{Codec, FrameEncoder as _, Level, PureDecoder, PureEncoder};
use super::*;
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn first(stored: &[u8], raw_len: usize) -> Result<Vec<u8>, CodecError> {
    let mut out = vec![1, 2, 3];
    PureDecoder::new(Codec::Zstd).decode(stored, raw_len, &mut out).map(|()| out)
}

fn second(stored: &[u8], raw_len: usize) -> Result<Vec<u8>, CodecError> {
    let mut out = vec![1, 2, 3];
    SecondDecoder::new().decode(stored, raw_len, &mut out).map(|()| out)
}

/// Every file below a folder of the repository.
fn files(folder: &str) -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), &mut found);
    found
}

/// What begins like a zstd frame in these bytes, each as far as its blocks go, and to the end.
fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    for at in 0..bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(&zstd::MAGIC) {
            let len = zstd::FrameHeader::parse(rest).and_then(|header| zstd::frame_len(rest, &header));
            found.extend(len.ok().and_then(|len| rest.get(..len)));
            found.push(rest);
        }
    }
    found
}

#[test]
fn both_decoders_say_the_same_of_every_case_vector_and_fuzz_input() {
    let (mut accepted, mut refused) = (0, 0);
    for folder in ["tests/cases", "tests/vectors", "core/fuzz/corpus"] {
        for file in files(folder) {
            let bytes = std::fs::read(&file).unwrap();
            for frame in frames(&bytes) {
                let stated = zstd::FrameHeader::parse(frame).ok().and_then(|header| header.content_size);
                // One that states nothing, or too much, is refused before a decoder runs.
                let raw_len = stated.and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
                let (first, second) = (first(frame, raw_len), second(frame, raw_len));
                match (&first, &second) {
                    (Ok(first), Ok(second)) => assert!(first == second, "{}", file.display()),
                    (Err(_), Err(_)) => refused += 1,
                    _ => panic!("{}: {:?}, {:?}", file.display(), first.err(), second.err()),
                }
                accepted += usize::from(first.is_ok());
            }
        }
    }
    assert!(accepted >= 20 && refused >= 20, "{accepted} accepted, {refused} refused");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// `ruzstd` accepts more than there is in the format, so what it accepts alone says nothing.
    #[test]
    fn what_the_first_decoder_accepts_of_a_changed_frame_the_second_reads_alike(
        word in "[a-z ]{1,40}", times in 1..200usize, noise in proptest::collection::vec(any::<u8>(), 0..3000),
        at in any::<prop::sample::Index>(), xor in 1..=255u8,
    ) {
        let raw = [word.repeat(times).as_bytes(), &noise, word.repeat(times).as_bytes()].concat();
        let mut stored = PureEncoder::new(Codec::Zstd).encode(&raw, Level::MIN).unwrap();
        let i = at.index(stored.len());
        stored[i] ^= xor;
        if let Ok(first) = first(&stored, raw.len()) {
            prop_assert_eq!(second(&stored, raw.len()), Ok(first));
        }
    }
}
