use super::*;
use crate::archive::ArchiveError;
use crate::codec::{Codec, FrameEncoder as _, Level, PureEncoder, store_frame};
use crate::diagnostic::{Code, Diagnose as _};
use crate::digest::{Digest, TreeDigest};
use crate::path::PackagePath;
use crate::tree::{Mode, SectionName, Tree, TreeBuilder};
use proptest::prelude::*;

fn tree(files: &[(&str, &[u8])]) -> Tree {
    let mut builder = TreeBuilder::new();
    for (path, content) in files.iter().chain(&[("vitte.toml", &b"[package]\n"[..])]) {
        let section = SectionName::parse(if path.starts_with("docs/") { "docs" } else { "-" }).unwrap();
        let path = PackagePath::parse(path).unwrap();
        builder.add(&section, path, Mode::Regular, content.len() as u64, Digest::of(content));
    }
    builder.build().unwrap()
}

const OLD: &[(&str, &[u8])] = &[("a", b"0123456789"), ("b", b"same"), ("docs/c", b"documents"), ("z", b"zz")];
const NEW: &[(&str, &[u8])] = &[
    ("a", b"01234x6789"),
    ("b", b"same"),
    ("docs/c", b"other documents"),
    ("n/b", b"same"),
    ("q", b"quite new"),
];
/// The contents of the old tree without its deferred section, joined: `meta` first.
const OLD_BYTES: &[u8] = b"[package]\n0123456789samezz";
/// Those of the new one that are not in the old.
const NEW_BYTES: &[u8] = b"01234x6789quite new";

fn info(method: Method, raw: &[u8], stored: &[u8]) -> PatchInfo {
    PatchInfo {
        method,
        raw_len: raw.len() as u64,
        stored_len: stored.len() as u64,
        digest: Digest::of(stored),
    }
}

/// A delta from `OLD` to `NEW` whose patches need no compressor: store frames, and a difference.
struct Example {
    text: DeltaText,
    patches: Vec<Vec<u8>>,
}

impl Example {
    fn new() -> Self {
        let (old, new) = (tree(OLD), tree(NEW));
        let head = store_frame(new.text());
        let steps = [DeltaStep { seek: 0, add: 10, copy: 9 }];
        let mut encoder = PureEncoder::new(Codec::Zstd);
        let patch = write_difference(b"0123456789", NEW_BYTES, steps, &mut encoder, Level::MIN).unwrap();
        let base = Base { same_paths: true, ranges: Vec::new() };
        let text = DeltaText {
            from: old.digest(),
            to: new.digest(),
            old_tree_len: old.text().len() as u64,
            tree: info(Method::Prefix, new.text(), &head),
            patches: vec![(info(Method::Difference, NEW_BYTES, &patch), base)],
        };
        Self { text, patches: vec![head, patch] }
    }

    fn bytes(&self) -> Vec<u8> {
        let writer = DeltaWriter::new(self.text.clone()).unwrap();
        let mut bytes = writer.prelude(&store_frame(writer.text()), b"[]").unwrap();
        bytes.extend_from_slice(&self.patches.concat());
        bytes.extend_from_slice(writer.end());
        bytes
    }
}

fn prelude_of(bytes: &[u8]) -> Result<DeltaPrelude, DeltaError> {
    match DeltaPrelude::read(bytes, bytes.len() as u64)? {
        PreludeReading::Read(prelude) => Ok(*prelude),
        PreludeReading::Needs(needed) => panic!("{needed} of {} bytes", bytes.len()),
    }
}

fn apply(bytes: &[u8]) -> Result<Vec<u8>, DeltaError> {
    let (prelude, old) = (prelude_of(bytes)?, tree(OLD));
    let stored = |range: std::ops::Range<u64>| &bytes[range.start as usize..range.end as usize];
    let mut decoder = PurePrefixDecoder::new();
    let new = prelude.new_tree(&old, stored(prelude.tree_range()), &mut decoder)?;
    let plan = DeltaPlan::new(&prelude, &old, &new)?;
    let pool = Pool::between(&old, &new).unwrap();
    let mut out = Vec::new();
    for (patch, range) in prelude.patch_ranges().enumerate() {
        let mut base = Vec::new();
        for piece in plan.base(patch) {
            let start = pool.old_range(piece.entry).unwrap().start;
            base.extend_from_slice(
                &OLD_BYTES[(start + piece.range.start) as usize..(start + piece.range.end) as usize],
            );
        }
        out.extend(plan.apply(&prelude, patch, stored(range), &base, &mut decoder)?);
    }
    Ok(out)
}

#[test]
fn a_delta_is_read_and_applied() {
    let example = Example::new();
    let bytes = example.bytes();
    assert_eq!(apply(&bytes), Ok(NEW_BYTES.to_vec()));
    let prelude = prelude_of(&bytes).unwrap();
    assert_eq!(prelude.text(), &example.text);
    assert_eq!(prelude.signatures(), b"[]");
    assert_eq!(DeltaText::parse(example.text.print().as_bytes()).as_ref(), Ok(&example.text));
    let at = prelude.end_range();
    assert_eq!(&bytes[at.start as usize..], DeltaWriter::new(example.text).unwrap().end());
}

#[test]
fn the_front_says_how_much_it_needs() {
    let bytes = Example::new().bytes();
    let mut known = 0;
    let prelude = loop {
        match DeltaPrelude::read(&bytes[..known], bytes.len() as u64).unwrap() {
            PreludeReading::Needs(needed) => {
                assert!(needed > known);
                known = needed;
            }
            PreludeReading::Read(prelude) => break prelude,
        }
    };
    assert_eq!(prelude.tree_range().start, known as u64);
    for len in 0..bytes.len() {
        let cut = &bytes[..len];
        let read = DeltaPrelude::read(cut, len as u64);
        assert!(matches!(read, Err(DeltaError::Archive(_))), "{len}: {read:?}");
    }
    let long = [&bytes[..], b"x"].concat();
    let read = DeltaPrelude::read(&long, long.len() as u64);
    assert!(matches!(read, Err(DeltaError::Archive(ArchiveError::TrailingData { .. }))), "{read:?}");
}

#[test]
fn what_two_trees_have_in_common() {
    let (old, new) = (tree(OLD), tree(NEW));
    let pool = Pool::between(&old, &new).unwrap();
    let path = |tree: &Tree, entry: usize| tree.entries()[entry].path().as_str().to_owned();
    let changed = pool.changed().map(|entry| path(&new, entry)).collect::<Vec<_>>();
    assert_eq!(changed, ["a", "q"]);
    let reused = pool.reused().iter().map(|(n, o)| (path(&new, *n), path(&old, *o))).collect::<Vec<_>>();
    let pair = |new: &str, old: &str| (new.to_owned(), old.to_owned());
    assert_eq!(reused, [pair("vitte.toml", "vitte.toml"), pair("b", "b"), pair("n/b", "b")]);
    assert_eq!(pool.len(), NEW_BYTES.len() as u64);
    let pieces =
        |range| pool.pieces(range).map(|piece| (path(&new, piece.entry), piece.range)).collect::<Vec<_>>();
    assert_eq!(pieces(0..19), [("a".to_owned(), 0..10), ("q".to_owned(), 0..9)]);
    assert_eq!(pieces(9..10), [("a".to_owned(), 9..10)]);
    assert_eq!(pieces(10..12), [("q".to_owned(), 0..2)]);
    assert_eq!(pieces(5..5), []);
    let base = |text: &str, range| {
        let base = Base::parse(text).unwrap();
        assert_eq!(base.to_string(), text);
        let pieces = pool.base(range, &base)?;
        Ok::<_, DeltaError>(
            pieces.into_iter().map(|piece| (path(&old, piece.entry), piece.range)).collect::<Vec<_>>(),
        )
    };
    let piece = |path: &str, range| (path.to_owned(), range);
    assert_eq!(base("-", 0..19), Ok(vec![]));
    assert_eq!(base("=", 0..19), Ok(vec![piece("a", 0..10)]));
    assert_eq!(base("=", 10..19), Ok(vec![]));
    assert_eq!(
        base("=,8+5,22+2", 0..19),
        Ok(vec![piece("a", 0..10), piece("vitte.toml", 8..10), piece("a", 0..3), piece("b", 2..4)])
    );
    assert_eq!(base("24+2", 0..19), Ok(vec![piece("z", 0..2)]));
    assert_eq!(base("24+3", 0..19), Err(DeltaError::Text(0, DeltaRule::Base)));
}

#[test]
fn every_rule_of_the_text_refuses() {
    let text = Example::new().text.print();
    let broken = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        DeltaText::parse(text.replacen(from, to, 1).as_bytes())
    };
    use DeltaRule::*;
    let hex = Example::new().text.from.digest().to_string();
    let upper = hex.to_uppercase();
    for (from, to, line, rule) in [
        ("vitte-delta 1", "vitte-delta 2", 1, FirstLine),
        ("from ", "from  ", 2, From),
        (&*hex, &*upper, 2, From),
        ("to ", "at ", 3, To),
        ("tree ", "tree 0", 4, DeltaRule::Tree),
        ("p 1 ", "p 3 ", 5, Patch),
        ("p 1 ", "p 01 ", 5, Patch),
        ("p 2 ", "q 2 ", 6, Patch),
        ("p 2 19 ", "p 2 0 ", 6, Patch),
        (" tree\n", " =\n", 5, Base),
        (" =\n", " \n", 6, Base),
        (" =\n", " 3+0\n", 6, Base),
        (" =\n", " =,=\n", 6, Base),
        (" =\n", " -,=\n", 6, Base),
        (" =\n", " 5+5,9+1\n", 6, Base),
        (" =\n", " 18446744073709551615+1\n", 6, Base),
        (" =\n", " = \n", 6, Base),
    ] {
        assert_eq!(broken(from, to), Err(DeltaError::Text(line, rule)), "{from:?} by {to:?}");
    }
    assert_eq!(DeltaText::parse(text.trim_end().as_bytes()), Err(DeltaError::Text(0, FirstLine)));
    assert_eq!(DeltaText::parse(b"vitte-delta 1\n"), Err(DeltaError::Text(0, From)));
    // Limits, before anything is asked for.
    let stored = format!("p 2 19 {} ", Example::new().patches[1].len());
    for (from, to) in [("p 2 19 ", "p 2 67108865 "), (&*stored, "p 2 19 84 "), ("tree ", "tree 9999999")] {
        let error = broken(from, to).unwrap_err();
        assert_eq!(error.code(), Code::Limit, "{from:?} by {to:?}: {error}");
    }
    let many =
        format!("{text}{}", text.lines().nth(5).map(|line| format!("{line}\n").repeat(1_023)).unwrap());
    assert_eq!(DeltaText::parse(many.as_bytes()).unwrap_err().code(), Code::Limit);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (old, new) = (tree(OLD), tree(NEW));
    let mut decoder = PurePrefixDecoder::new();

    let example = Example::new();
    let read = prelude_of(&example.bytes()).unwrap();
    let other = read.new_tree(&new, &example.patches[0], &mut decoder);
    assert_eq!(other, Err(DeltaError::OtherBase { expected: old.digest(), got: new.digest() }));
    let error = read.new_tree(&old, &example.patches[1], &mut decoder).unwrap_err();
    assert_eq!(error.code(), Code::FrameDigest);
    assert_eq!(DeltaPlan::new(&read, &old, &old).unwrap_err().code(), Code::TreeDigest);

    let mut example = Example::new();
    example.text.to = TreeDigest::of(b"another");
    assert!(matches!(apply(&example.bytes()), Err(DeltaError::TreeDigest { .. })));

    // Fewer bytes than the files that changed.
    let mut example = Example::new();
    let steps = [DeltaStep { seek: 0, add: 10, copy: 8 }];
    let mut encoder = PureEncoder::new(Codec::Zstd);
    let short = &NEW_BYTES[..18];
    let patch = write_difference(b"0123456789", short, steps, &mut encoder, Level::MIN).unwrap();
    example.text.patches[0].0 = info(Method::Difference, short, &patch);
    example.patches[1] = patch;
    assert_eq!(apply(&example.bytes()), Err(DeltaError::Text(0, DeltaRule::Sum)));

    // A package is no delta, and a delta no package.
    let package =
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases/archives/t00-good.vitpkg"));
    assert_eq!(prelude_of(package), Err(DeltaError::NotADelta));
    let mut reader = crate::archive::ArchiveReader::new(crate::archive::TotalLen::Unknown);
    reader.push(&Example::new().bytes());
    assert_eq!(reader.next(), Some(Err(ArchiveError::Delta)));
}

/// A patch of method 2 of these columns; those not given are empty.
fn patch_of(columns: &[(usize, &[u8])]) -> Vec<u8> {
    let column =
        |number: usize| columns.iter().find(|(at, _)| *at == number).map_or(&b""[..], |(_, bytes)| bytes);
    let mut out = Vec::new();
    let mut joined = Vec::new();
    for number in 0..16 {
        varint::put(&mut out, column(number).len() as u32);
        joined.extend_from_slice(column(number));
    }
    let stored = store_frame(&joined);
    varint::put(&mut out, joined.len() as u32);
    varint::put(&mut out, stored.len() as u32);
    out.extend_from_slice(&stored);
    out
}

#[test]
fn a_difference_is_what_its_columns_say() {
    let base = b"abcdefghij";
    let applied = |columns: &[(usize, &[u8])], len| {
        apply_difference(&patch_of(columns), base, len, &mut PurePrefixDecoder::new())
    };
    // Five bytes from place 2, of which the second and third change as one number, then "XY".
    let good: &[(usize, &[u8])] =
        &[(0, &[5]), (1, &[2]), (2, &[4]), (3, &[1]), (5, &[2]), (7, &[0xff, 1]), (15, b"XY")];
    assert_eq!(applied(good, 7), Ok(b"ccgfgXY".to_vec()));
    let with = |column: usize, bytes: &'static [u8]| {
        let mut columns = good.iter().filter(|(at, _)| *at != column).copied().collect::<Vec<_>>();
        columns.push((column, bytes));
        applied(&columns, 7)
    };
    use PatchFault::*;
    for (what, column, bytes, fault) in [
        ("more than there is room for", 0, &[6][..], Output),
        ("a length left over", 1, &[2, 0], ColumnEnd),
        ("a number cut short", 2, &[0x84], Number),
        ("before the base", 2, &[1], OutsideBase),
        ("behind the base", 2, &[12], OutsideBase),
        ("a run beyond its step", 3, &[4], Run),
        ("a run of nothing", 5, &[0], Run),
        ("a second run without length", 3, &[1, 1], Number),
        ("a run that never comes", 3, &[9], ColumnEnd),
        ("a change cut short", 7, &[1], ColumnEnd),
        ("a change too long", 7, &[1, 1, 1], ColumnEnd),
        ("changes of nothing", 14, &[1], ColumnEnd),
        ("new bytes cut short", 15, b"X", ColumnEnd),
        ("new bytes left over", 15, b"XYZ", ColumnEnd),
        ("a gap without its number", 3, &[255], Number),
    ] {
        assert_eq!(with(column, bytes), Err(fault), "{what}");
    }
    assert_eq!(applied(good, 8), Err(Output));
    let nothing: &[(usize, &[u8])] = &[(0, &[5, 0]), (1, &[2, 0]), (2, &[4, 0]), (15, b"XY")];
    assert_eq!(applied(nothing, 7), Err(Output));
    assert_eq!(applied(&[], 1), Err(ColumnLen), "a part of nothing");

    let whole = patch_of(good);
    let mut decoder = PurePrefixDecoder::new();
    for len in 0..whole.len() {
        assert!(apply_difference(&whole[..len], base, 7, &mut decoder).is_err(), "{len}");
    }
    let long = [&whole[..], &[0]].concat();
    assert_eq!(apply_difference(&long, base, 7, &mut decoder), Err(Number));
    // Columns of more bytes than what they give could need are refused before any is decoded.
    let mut lens = Vec::new();
    (0..16).for_each(|_| varint::put(&mut lens, 70_000));
    assert_eq!(apply_difference(&lens, base, 7, &mut decoder), Err(ColumnLen));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn steps_of_any_kind_come_back(
        base in proptest::collection::vec(0..4u8, 0..600),
        steps in proptest::collection::vec((any::<prop::sample::Index>(), 0..400usize, proptest::collection::vec(any::<u8>(), 0..40)), 0..12),
        noise in proptest::collection::vec((any::<prop::sample::Index>(), 0..12usize, any::<u8>()), 0..12),
    ) {
        let (mut new, mut list, mut place) = (Vec::new(), Vec::new(), 0i32);
        for (at, add, copy) in steps {
            let at = at.index(base.len() + 1);
            let end = (at + add).min(base.len());
            if end == at && copy.is_empty() {
                continue;
            }
            new.extend_from_slice(&base[at..end]);
            new.extend_from_slice(&copy);
            list.push(DeltaStep { seek: at as i32 - place, add: (end - at) as u32, copy: copy.len() as u32 });
            place = end as i32;
        }
        for (at, len, xor) in noise {
            let at = at.index(new.len() + 1);
            new.iter_mut().skip(at).take(len).for_each(|byte| *byte ^= xor);
        }
        let mut encoder = PureEncoder::new(Codec::Zstd);
        let patch = write_difference(&base, &new, list, &mut encoder, Level::MIN).unwrap();
        prop_assert_eq!(apply_difference(&patch, &base, new.len(), &mut PurePrefixDecoder::new()), Ok(new));
    }

    #[test]
    fn altered_columns_end_in_an_error_or_other_bytes(at in any::<prop::sample::Index>(), byte: u8) {
        let good = patch_of(&[(0, &[5, 3]), (1, &[2, 0]), (2, &[4, 1]), (3, &[1, 2]), (5, &[2, 1]), (6, &[9]), (7, &[0xff, 1]), (15, b"XY")]);
        let mut patch = good;
        let at = at.index(patch.len());
        patch[at] = byte;
        if let Ok(bytes) = apply_difference(&patch, b"abcdefghij", 10, &mut PurePrefixDecoder::new()) {
            prop_assert_eq!(bytes.len(), 10);
        }
    }
}

#[test]
fn a_frame_may_refer_to_what_comes_before_it() {
    let prefix = b"the quick brown fox jumps over the lazy dog, and the dog sleeps on".repeat(4);
    let mut encoder = PureEncoder::new(Codec::Zstd);
    let plain = encoder.encode(b"no reference", Level::MIN).unwrap();
    let mut out = Vec::new();
    let mut decoder = PurePrefixDecoder::new();
    for prefix in [&b""[..], b"x", &prefix] {
        decoder.decode_with_prefix(&plain, 12, prefix, &mut out).unwrap();
        assert_eq!(out, b"no reference");
    }
    assert!(decoder.decode_with_prefix(&plain, 13, b"", &mut out).is_err() && out.is_empty());
    assert!(check_prefix_frame(&plain, 1 << 27).is_err());
}
