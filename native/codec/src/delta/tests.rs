use super::differ::difference;
use super::matches::{Match, Suffixes};
use super::prefix::encode_with_prefix;
use super::*;
use crate::NativeEncoder;
use proptest::prelude::*;
use std::collections::BTreeMap;
use vitte_package_core::codec::{Codec, Level};
use vitte_package_core::delta::{
    DeltaError, DeltaPlan, DeltaPrelude, Method, Piece, PrefixDecoder, PreludeReading, PurePrefixDecoder,
    apply_difference, write_difference,
};
use vitte_package_core::digest::Digest;
use vitte_package_core::path::PackagePath;
use vitte_package_core::tree::{Mode, SectionName, Tree, TreeBuilder};

/// Files by path.
type Files = BTreeMap<String, Vec<u8>>;

fn tree_of(files: &Files) -> Tree {
    let mut builder = TreeBuilder::new();
    for (path, content) in files {
        let section = if path.starts_with("docs/") { "docs" } else { "-" };
        let (section, path) = (SectionName::parse(section).unwrap(), PackagePath::parse(path).unwrap());
        builder.add(&section, path, Mode::Regular, content.len() as u64, Digest::of(content));
    }
    builder.build().unwrap()
}

struct Two<'a> {
    old: (&'a Tree, &'a Files),
    new: (&'a Tree, &'a Files),
}

fn take((tree, files): (&Tree, &Files), piece: &Piece, out: &mut Vec<u8>) {
    let path = tree.entries()[piece.entry].path().as_str();
    out.extend_from_slice(&files[path][piece.range.start as usize..piece.range.end as usize]);
}

impl DeltaSources for Two<'_> {
    type Error = DeltaError;

    fn old_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), DeltaError> {
        take(self.old, piece, out);
        Ok(())
    }

    fn new_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), DeltaError> {
        take(self.new, piece, out);
        Ok(())
    }
}

fn made(old: &Files, new: &Files) -> MadeDelta {
    let (old_tree, new_tree) = (tree_of(old), tree_of(new));
    let mut sources = Two { old: (&old_tree, old), new: (&new_tree, new) };
    make_delta(&old_tree, &new_tree, b"[]", &mut sources).unwrap()
}

/// Applies a delta: the contents of the files of the new tree that have any and are not deferred.
fn applied(delta: &[u8], old: &Files, decoder: &mut dyn PrefixDecoder) -> Result<Files, DeltaError> {
    let mut known = 0;
    let prelude = loop {
        match DeltaPrelude::read(&delta[..known], delta.len() as u64)? {
            PreludeReading::Read(prelude) => break prelude,
            PreludeReading::Needs(needed) => {
                assert!(needed > known && needed <= delta.len(), "{known} known, {needed} needed");
                known = needed;
            }
        }
    };
    let stored = |range: std::ops::Range<u64>| &delta[range.start as usize..range.end as usize];
    let old_tree = tree_of(old);
    let tree = prelude.new_tree(&old_tree, stored(prelude.tree_range()), decoder)?;
    let plan = DeltaPlan::new(&prelude, &old_tree, &tree)?;
    let mut files = Files::new();
    for &(new, old_entry) in plan.pool().reused() {
        let content = &old[old_tree.entries()[old_entry].path().as_str()];
        files.insert(tree.entries()[new].path().as_str().to_owned(), content.clone());
    }
    for (patch, range) in prelude.patch_ranges().enumerate() {
        let mut base = Vec::new();
        plan.base(patch).iter().for_each(|piece| take((&old_tree, old), piece, &mut base));
        let bytes = plan.apply(&prelude, patch, stored(range), &base, decoder)?;
        let mut rest = &bytes[..];
        for piece in plan.pieces(patch) {
            let (part, behind) = rest.split_at((piece.range.end - piece.range.start) as usize);
            let path = tree.entries()[piece.entry].path().as_str().to_owned();
            let file = files.entry(path).or_default();
            assert_eq!(file.len() as u64, piece.range.start);
            file.extend_from_slice(part);
            rest = behind;
        }
        assert!(rest.is_empty());
    }
    Ok(files)
}

/// The files a delta must give: those with content that are not deferred, and empty ones that the old tree has too.
fn expected(new: &Files) -> Files {
    new.iter()
        .filter(|(path, content)| !path.starts_with("docs/") && !content.is_empty())
        .map(|(path, content)| (path.clone(), content.clone()))
        .collect()
}

fn bytes(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Code, more or less: words in the order of a sequence, and addresses in between.
fn code(len: usize, seed: u32, shift: u32) -> Vec<u8> {
    let words = bytes(len / 8, seed);
    words
        .iter()
        .zip(0u32..)
        .flat_map(|(word, at)| {
            let address = (at * 37 + u32::from(*word) + if *word < 128 { shift } else { 0 }).to_le_bytes();
            [0x48, *word, word.wrapping_mul(7), 0, address[0], address[1], address[2], 0]
        })
        .collect()
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0..3000usize, any::<u32>()).prop_map(|(len, seed)| bytes(len, seed)),
        (0..20_000usize, 0..4u32, 0..3u32).prop_map(|(len, seed, shift)| code(len, seed, shift * 0x130)),
        ("[a-z ]{1,30}", 0..300usize).prop_map(|(word, times)| word.repeat(times).into_bytes()),
        Just(Vec::new()),
    ]
}

/// Content and the same with some parts taken out, put in or changed.
fn edited() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let edit = (any::<prop::sample::Index>(), 0..60usize, proptest::collection::vec(any::<u8>(), 0..60));
    (content(), proptest::collection::vec(edit, 0..8)).prop_map(|(old, edits)| {
        let mut new = old.clone();
        for (at, gone, put) in edits {
            let at = at.index(new.len() + 1);
            let end = (at + gone).min(new.len());
            new.splice(at..end, put);
        }
        (old, new)
    })
}

fn package() -> impl Strategy<Value = (Files, Files)> {
    let name =
        proptest::sample::select(vec!["a.vit", "b.vit", "lib/a.vit", "lib/deep/c.bin", "docs/a.md", "z"]);
    let other = proptest::sample::select(vec![
        "a.vit",
        "moved/a.vit",
        "lib/a.vit",
        "lib/other.bin",
        "docs/b.md",
        "y.vit",
    ]);
    proptest::collection::vec((name, other, edited(), 0..4u8), 0..6).prop_map(|files| {
        let toml = b"[package]\n".to_vec();
        let mut old = Files::from([("vitte.toml".to_owned(), toml)]);
        let mut new = Files::from([("vitte.toml".to_owned(), b"[package]\n#\n".to_vec())]);
        for (name, other, (before, after), what) in files {
            if what != 3 {
                old.insert(name.to_owned(), before.clone());
            }
            match what {
                0 => drop(new.insert(name.to_owned(), before)),
                1 => drop(new.insert(name.to_owned(), after)),
                2 | 3 => drop(new.insert(other.to_owned(), after)),
                _ => {}
            }
        }
        let fits = |files: &Files| !files.contains_key("lib/a.vit/x");
        assert!(fits(&old) && fits(&new));
        (old, new)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_difference_leads_from_old_to_new((old, new) in edited(), threshold in 4..30usize) {
        let Some(steps) = difference(&old, &Suffixes::of(&old), &new, threshold, 40) else { return Ok(()) };
        let mut encoder = NativeEncoder::new(Codec::Zstd);
        let patch = write_difference(&old, &new, steps, &mut encoder, Level::MIN).unwrap();
        for decoder in [&mut NativePrefixDecoder::new() as &mut dyn PrefixDecoder, &mut PurePrefixDecoder::new()] {
            prop_assert_eq!(apply_difference(&patch, &old, new.len(), decoder), Ok(new.clone()));
            prop_assert!(new.is_empty() || apply_difference(&patch, &old, new.len() - 1, decoder).is_err());
            prop_assert!(apply_difference(&patch, &old, new.len() + 1, decoder).is_err());
        }
    }

    #[test]
    fn both_decoders_read_a_frame_with_a_prefix((old, new) in edited(), level in 1..=19u8) {
        prop_assume!(!new.is_empty());
        let frame = encode_with_prefix(&new, &old, Level::new(level).unwrap()).unwrap();
        for decoder in [&mut NativePrefixDecoder::new() as &mut dyn PrefixDecoder, &mut PurePrefixDecoder::new()] {
            let mut out = vec![1, 2, 3];
            decoder.decode_with_prefix(&frame, new.len(), &old, &mut out).unwrap();
            prop_assert_eq!(&out, &new);
            prop_assert!(decoder.decode_with_prefix(&frame, new.len() + 1, &old, &mut out).is_err());
            prop_assert!(out.is_empty());
        }
    }

    #[test]
    fn a_delta_leads_from_tree_to_tree((old, new) in package()) {
        let delta = made(&old, &new);
        for decoder in [&mut NativePrefixDecoder::new() as &mut dyn PrefixDecoder, &mut PurePrefixDecoder::new()] {
            let mut files = applied(&delta.bytes, &old, decoder).unwrap();
            files.retain(|_, content| !content.is_empty());
            prop_assert_eq!(files, expected(&new));
        }
    }

    #[test]
    fn an_altered_delta_is_refused((old, new) in package(), at in any::<prop::sample::Index>(), xor in 1..=255u8) {
        let mut delta = made(&old, &new).bytes;
        let at = at.index(delta.len());
        delta[at] ^= xor;
        let native = applied(&delta, &old, &mut NativePrefixDecoder::new());
        let pure = applied(&delta, &old, &mut PurePrefixDecoder::new());
        // Signatures are not looked into here, so a change there is not noticed by either.
        prop_assert_eq!(native.is_ok(), pure.is_ok());
        if let Ok(mut files) = native {
            files.retain(|_, content| !content.is_empty());
            prop_assert_eq!(files, expected(&new));
        }
    }
}

#[test]
fn the_longest_match_is_found() {
    let base = b"abracadabra abracadabrat \xff\xff\xff";
    let suffixes = Suffixes::of(base);
    let longest = |bytes: &[u8]| suffixes.longest(bytes, &mut 0);
    assert_eq!(longest(b"abracadabrat!"), Match { at: 12, len: 12 });
    assert_eq!(longest(b"cad"), Match { at: 4, len: 3 }.min_of(longest(b"cad")));
    assert_eq!(longest(b"\xff\xff\xff\xff").len, 3);
    assert_eq!(longest(b"zz").len, 0);
    assert_eq!(longest(b"a").len, 0, "one byte is not looked for");
    assert_eq!(Suffixes::of(b"").longest(b"ab", &mut 0).len, 0);
    assert_eq!(Suffixes::of(b"a").longest(b"ab", &mut 0).len, 0);
}

impl Match {
    /// Of equally long matches any may be found.
    fn min_of(self, other: Self) -> Self {
        if self.len == other.len { other } else { self }
    }
}

#[test]
fn executables_are_compared_and_texts_too() {
    let (old, new) = (code(400_000, 3, 0), code(400_000, 3, 0x1234));
    let files = |content: Vec<u8>| {
        Files::from([("vitte.toml".to_owned(), b"x".to_vec()), ("bin".to_owned(), content)])
    };
    let delta = made(&files(old.clone()), &files(new.clone()));
    let [(info, base)] = &delta.text.patches[..] else { panic!("{:?}", delta.text) };
    assert_eq!((info.method, base.same_paths, base.ranges.len()), (Method::Difference, true, 0));
    let prefix = encode_with_prefix(&new, &old, Level::MAX).unwrap();
    assert!(info.stored_len * 3 < prefix.len() as u64, "{} against {}", info.stored_len, prefix.len());

    // Nothing in common: no difference is looked for for ever.
    let (old, new) = (bytes(300_000, 5), bytes(300_000, 7));
    assert_eq!(difference(&old, &Suffixes::of(&old), &new, 8, 1), None);
    let delta = made(&files(old.clone()), &files(new.clone()));
    assert_eq!(delta.text.patches[0].0.method, Method::Prefix);
    assert_eq!(applied(&delta.bytes, &files(old), &mut PurePrefixDecoder::new()).unwrap()["bin"], new);
}

#[test]
fn a_file_of_zeros_is_no_hard_work() {
    let mut old = vec![0; 1 << 20];
    old[77_777] = 1;
    let mut new = vec![0; 1 << 20];
    for at in 0..200 {
        new[at * 5_003] = 1;
    }
    // Four units of work for each byte: an ordinary pair takes up to 27.
    let steps = difference(&old, &Suffixes::of(&old), &new, 8, 4).expect("little work");
    assert!(steps.len() < 2_000, "{}", steps.len());
}

#[test]
fn a_renamed_file_is_found_by_its_name() {
    let content = code(50_000, 9, 0);
    let mut changed = content.clone();
    changed[20_000] ^= 1;
    let toml = ("vitte.toml".to_owned(), b"x".to_vec());
    let old = Files::from([toml.clone(), ("lib/big.bin".to_owned(), content)]);
    let new = Files::from([toml, ("moved/big.bin".to_owned(), changed)]);
    let delta = made(&old, &new);
    assert_eq!(delta.text.patches[0].1.to_string(), "1+50000");
    assert!(delta.bytes.len() < 700, "{}", delta.bytes.len());
    assert_eq!(applied(&delta.bytes, &old, &mut NativePrefixDecoder::new()).unwrap(), expected(&new));
}
