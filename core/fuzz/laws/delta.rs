//! Deltas: files of them, the columns of a difference, frames with a prefix.

use std::ops::Range;
use vitte_package_core::codec::{Codec, Level, PureEncoder, store_frame};
use vitte_package_core::delta::{
    DeltaPlan, DeltaPrelude, DeltaStep, DeltaText, PrefixDecoder, PreludeReading, PurePrefixDecoder,
    apply_difference, write_difference,
};
use vitte_package_core::diagnostic::{Code, Diagnose as _};
use vitte_package_core::digest::Digest;
use vitte_package_core::path::PackagePath;
use vitte_package_core::tree::{Mode, SectionName, Tree, TreeBuilder};

/// A file: its path, its section, its content.
pub type File = (String, String, Vec<u8>);

/// The tree of some files.
pub fn tree_of(files: &[File]) -> Tree {
    let mut builder = TreeBuilder::new();
    for (path, section, content) in files {
        let (section, path) = (SectionName::parse(section).unwrap(), PackagePath::parse(path).unwrap());
        builder.add(&section, path, Mode::Regular, content.len() as u64, Digest::of(content));
    }
    builder.build().unwrap()
}

/// Applies a delta as a client does: the contents of all files that are not deferred, in tree order, each compared with
/// the new tree.
pub fn applied(
    delta: &[u8],
    old_files: &[File],
    decoder: &mut dyn PrefixDecoder,
) -> Result<Vec<(String, Vec<u8>)>, Code> {
    let prelude = prelude_of(delta)?;
    let stored = |range: Range<u64>| &delta[range.start as usize..range.end as usize];
    prelude.check_end(stored(prelude.end_range())).map_err(|error| error.code())?;
    let old = tree_of(old_files);
    let content = |entry: usize| {
        let path = old.entries()[entry].path().as_str();
        &old_files.iter().find(|(known, ..)| known == path).unwrap().2
    };
    let tree = prelude.new_tree(&old, stored(prelude.tree_range()), decoder).map_err(|error| error.code())?;
    let plan = DeltaPlan::new(&prelude, &old, &tree).map_err(|error| error.code())?;
    let mut files = vec![Vec::new(); tree.file_count()];
    for &(new, old) in plan.pool().reused() {
        files[new].clone_from(content(old));
    }
    for (patch, range) in prelude.patch_ranges().enumerate() {
        let mut base = Vec::new();
        for piece in plan.base(patch) {
            base.extend_from_slice(
                &content(piece.entry)[piece.range.start as usize..piece.range.end as usize],
            );
        }
        let bytes =
            plan.apply(&prelude, patch, stored(range), &base, decoder).map_err(|error| error.code())?;
        let mut rest = &bytes[..];
        for piece in plan.pieces(patch) {
            let (part, behind) = rest.split_at((piece.range.end - piece.range.start) as usize);
            files[piece.entry].extend_from_slice(part);
            rest = behind;
        }
        assert!(rest.is_empty());
    }
    let mut contents = Vec::new();
    for section in tree.sections().filter(|section| !section.name().is_deferred()) {
        for (number, file) in section.range().zip(section.entries()) {
            if Digest::of(&files[number]) != *file.digest() {
                return Err(Code::FileDigest);
            }
            contents.push((file.path().as_str().to_owned(), std::mem::take(&mut files[number])));
        }
    }
    Ok(contents)
}

fn prelude_of(delta: &[u8]) -> Result<DeltaPrelude, Code> {
    let mut known = 0;
    loop {
        match DeltaPrelude::read(&delta[..known], delta.len() as u64).map_err(|error| error.code())? {
            PreludeReading::Read(prelude) => return Ok(*prelude),
            PreludeReading::Needs(needed) => {
                assert!(needed > known && needed <= delta.len());
                known = needed;
            }
        }
    }
}

/// The files that deltas of the targets begin from: those of `tests/cases/deltas`.
fn old_files() -> Vec<File> {
    let file =
        |path: &str, section: &str, content: &[u8]| (path.to_owned(), section.to_owned(), content.to_vec());
    let noise =
        |len: usize, step: usize| (0..len).map(|at| (at * at / 7 + at * step) as u8).collect::<Vec<_>>();
    vec![
        file("vitte.toml", "meta", b"[package]\n"),
        file("a.bin", "-", &noise(600, 3)),
        file("lib/old.bin", "-", &noise(100, 5)),
        file("same", "-", b"the same\n"),
    ]
}

/// A delta that is read says of itself what its text says, in the one form; one that is applied gives the files of the
/// tree it names.
///
/// The first byte chooses between the bytes as they are and a delta made around them: two methods, and a patch.
pub fn delta(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let bytes = if first & 1 == 0 { rest.to_vec() } else { made(first, rest) };
    if let Ok(prelude) = prelude_of(&bytes) {
        let printed = prelude.text().print();
        assert_eq!(DeltaText::parse(printed.as_bytes()).as_ref(), Ok(prelude.text()));
        assert_eq!(prelude.end_range().end, bytes.len() as u64);
    }
    let mut decoder = PurePrefixDecoder::new();
    let once = applied(&bytes, &old_files(), &mut decoder);
    assert_eq!(applied(&bytes, &old_files(), &mut decoder), once);
}

/// A delta from the fixed files to others, with `rest` as base, length and patch: everything fits but that.
fn made(first: u8, rest: &[u8]) -> Vec<u8> {
    use vitte_package_core::delta::{Base, DeltaWriter, Method, PatchInfo};
    let [base, low, high, patch @ ..] = rest else { return Vec::new() };
    let raw_len = usize::from(u16::from_le_bytes([*low, *high])).max(1);
    let old_files = old_files();
    let mut new_files = old_files.clone();
    new_files[1].2 = vec![first; raw_len];
    let (old, new) = (tree_of(&old_files), tree_of(&new_files));
    let head = store_frame(new.text());
    let info = |method, raw_len: usize, stored: &[u8]| PatchInfo {
        method,
        raw_len: raw_len as u64,
        stored_len: stored.len() as u64,
        digest: Digest::of(stored),
    };
    let method = if first & 2 == 0 { Method::Prefix } else { Method::Difference };
    let start = u64::from(*base);
    let text = DeltaText {
        from: old.digest(),
        to: new.digest(),
        old_tree_len: old.text().len() as u64,
        tree: info(Method::Prefix, new.text().len(), &head),
        patches: vec![(
            info(method, raw_len, patch),
            Base {
                same_paths: first & 4 == 0,
                ranges: if first & 8 == 0 {
                    Vec::new()
                } else {
                    std::iter::once(start..start + 300).collect()
                },
            },
        )],
    };
    let Ok(writer) = DeltaWriter::new(text) else { return Vec::new() };
    let Ok(mut bytes) = writer.prelude(&store_frame(writer.text()), b"[]") else { return Vec::new() };
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(patch);
    bytes.extend_from_slice(writer.end());
    bytes
}

fn leb(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Columns give as many bytes as they are asked for, or nothing; and what they give, made into columns again from the
/// same steps, comes back.
///
/// The data are two bytes of length, sixteen lengths of columns of one byte each, and the columns.
pub fn columns(data: &[u8]) {
    let Some((lens, rest)) = data.split_at_checked(18) else { return };
    let raw_len = usize::from(u16::from_le_bytes([lens[0], lens[1]]));
    let base = &old_files()[1].2;
    let (mut columns, mut rest) = (Vec::new(), rest);
    for len in &lens[2..] {
        let (column, behind) = rest.split_at(usize::from(*len).min(rest.len()));
        columns.push(column);
        rest = behind;
    }
    let mut patch = Vec::new();
    columns.iter().for_each(|column| leb(&mut patch, column.len()));
    let joined = columns.concat();
    if !joined.is_empty() {
        let stored = store_frame(&joined);
        leb(&mut patch, joined.len());
        leb(&mut patch, stored.len());
        patch.extend_from_slice(&stored);
    }
    let mut decoder = PurePrefixDecoder::new();
    let Ok(new) = apply_difference(&patch, base, raw_len, &mut decoder) else { return };
    assert_eq!(new.len(), raw_len);
    let number = |column: &mut &[u8]| {
        let mut value = 0u64;
        for shift in 0.. {
            let (&byte, rest) = column.split_first().unwrap();
            *column = rest;
            value |= u64::from(byte & 0x7f) << (7 * shift);
            if byte & 0x80 == 0 {
                break;
            }
        }
        u32::try_from(value).unwrap()
    };
    let mut steps = Vec::new();
    let (mut adds, mut copies, mut seeks) = (columns[0], columns[1], columns[2]);
    while !adds.is_empty() {
        let (add, copy, seek) = (number(&mut adds), number(&mut copies), number(&mut seeks));
        steps.push(DeltaStep { seek: (seek >> 1) as i32 ^ -((seek & 1) as i32), add, copy });
    }
    let mut encoder = PureEncoder::new(Codec::Zstd);
    let again = write_difference(base, &new, steps, &mut encoder, Level::MIN).unwrap();
    assert_eq!(apply_difference(&again, base, raw_len, &mut decoder), Ok(new));
}

/// A frame with a prefix gives as many bytes as it is asked for, or leaves nothing; and one that needs no prefix is the
/// same without.
///
/// The data are the length of the prefix, two bytes of length, and the frame; the first bit of the length of the prefix
/// chooses the heads of a difference instead: sixteen numbers and frames as they come.
pub fn prefix(data: &[u8]) {
    let [len, low, high, stored @ ..] = data else { return };
    let raw_len = usize::from(u16::from_le_bytes([*low, *high]));
    let base = &old_files()[1].2[..usize::from(*len) * 2];
    let mut decoder = PurePrefixDecoder::new();
    if len & 1 == 1 {
        if let Ok(new) = apply_difference(stored, base, raw_len, &mut decoder) {
            assert_eq!(new.len(), raw_len);
        }
        return;
    }
    let (mut one, mut two) = (vec![7; 3], Vec::new());
    let first = decoder.decode_with_prefix(stored, raw_len, base, &mut one);
    let second = decoder.decode_with_prefix(stored, raw_len, base, &mut two);
    assert_eq!((&first, &one), (&second, &two));
    assert_eq!(one.len(), if first.is_ok() { raw_len } else { 0 });
    if decoder.decode_with_prefix(stored, raw_len, b"", &mut two).is_ok() {
        assert_eq!((first, one), (Ok(()), two));
    }
}
