use super::*;
use crate::diagnostic::{Code, Diagnose as _};
use proptest::prelude::*;
use std::io::Read as _;

/// A header with a right checksum.
fn header(name: &str, type_byte: u8, size: u64) -> [u8; BLOCK] {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_mode(0o644);
    header.set_size(size);
    header.as_old_mut().linkflag = [type_byte];
    header.set_cksum();
    *header.as_bytes()
}

pub(super) fn member(name: &str, type_byte: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, type_byte, content.len() as u64).to_vec();
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

pub(super) fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let len = (1..).find(|digits| (rest + digits).to_string().len() == *digits).unwrap() + rest;
        bytes.extend(format!("{len} {key}={value}\n").bytes());
    }
    bytes
}

pub(super) fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

fn read(bytes: &[u8]) -> Result<ForeignArchive, ForeignError> {
    ForeignArchive::read(bytes, limits::FOREIGN_INSPECT_LEN)
}

fn refusal(members: &[Vec<u8>]) -> &'static str {
    match read(&archive(members)).unwrap_err() {
        ForeignError::Ambiguous { what, .. } => what.name(),
        ForeignError::Header { field, .. } => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lists_every_kind_of_entry() {
    let mut link = tar::Header::new_ustar();
    link.set_path("alias").unwrap();
    link.set_link_name("../../etc/passwd").unwrap();
    link.set_size(0);
    link.set_mode(0o777);
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_cksum();
    let tar = archive(&[
        member("a/", b'5', b""),
        member("a/b.txt", b'0', b"hello"),
        link.as_bytes().to_vec(),
        member("dev", b'3', b""),
        member("pipe", b'6', b""),
        member("pax_global_header", b'g', &pax(&[("comment", "d34db33f")])),
        member("old", 0, b"x"),
    ]);
    let archive = read(&tar).unwrap();
    let kinds: Vec<_> = archive.entries().iter().map(|entry| (entry.name(), entry.kind().clone())).collect();
    assert_eq!(
        kinds,
        [
            ("a/".into(), EntryKind::Folder),
            ("a/b.txt".into(), EntryKind::File),
            ("alias".into(), EntryKind::Symlink("../../etc/passwd".into())),
            ("dev".into(), EntryKind::Special(b'3')),
            ("pipe".into(), EntryKind::Special(b'6')),
            ("pax_global_header".into(), EntryKind::Special(b'g')),
            ("old".into(), EntryKind::File),
        ]
    );
    assert_eq!(archive.content(archive.find("a/b.txt").unwrap()), b"hello");
    let faults = archive.files().unwrap_err();
    assert_eq!(faults.len(), 4);
    assert!(faults.iter().all(|fault| fault.code() == Code::EntryType));
}

#[test]
fn all_containers_give_the_same_list() {
    let tar = archive(&[member("a", b'0', b"hello"), member("b", b'0', &[7; 3000])]);
    let names = |bytes: &[u8]| {
        let archive = read(bytes).unwrap();
        (
            archive.format(),
            archive.entries().iter().map(|entry| (entry.name(), entry.size())).collect::<Vec<_>>(),
        )
    };
    let expected = vec![("a".to_owned(), 5), ("b".to_owned(), 3000)];
    assert_eq!(names(&tar), (Format::Tar, expected.clone()));
    // Two zstd frames with a skippable one between them.
    let (one, two) = tar.split_at(1000);
    let fastest = ruzstd::encoding::CompressionLevel::Fastest;
    let zst = [
        ruzstd::encoding::compress_to_vec(one, fastest),
        vec![0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3],
        ruzstd::encoding::compress_to_vec(two, fastest),
    ]
    .concat();
    assert_eq!(names(&zst), (Format::TarZstd, expected));
    assert!(matches!(
        ForeignArchive::read(&zst, tar.len() as u64 - 1),
        Err(ForeignError::Codec(CodecError::Length { .. }))
    ));
    assert!(matches!(ForeignArchive::read(&tar, 100), Err(ForeignError::Codec(CodecError::Length { .. }))));
    assert!(matches!(read(b"PK\x03\x04"), Err(ForeignError::Unknown)));
    assert!(matches!(read(b""), Err(ForeignError::Unknown)));
}

#[test]
fn long_names_come_from_gnu_or_pax() {
    let long = format!("{}/file", "d".repeat(150));
    let gnu = [member("././@LongLink", b'L', format!("{long}\0").as_bytes()), member("cut", b'0', b"1")];
    assert_eq!(read(&archive(&gnu)).unwrap().find(&long).unwrap().size(), 1);
    let pax = [
        member("x", b'x', &pax(&[("path", &long), ("mtime", "1.5"), ("size", "1")])),
        member("cut", b'0', b"1"),
    ];
    assert_eq!(read(&archive(&pax)).unwrap().find(&long).unwrap().size(), 1);
}

// Named after the faults published about other tools.
#[test]
fn what_tools_read_differently_is_refused() {
    let file = || member("a", b'0', b"hello");
    let x = |records: &[(&str, &str)]| member("x", b'x', &pax(records));
    let long = |name: &[u8]| member("././@LongLink", b'L', name);
    // CVE-2025-62518, CVE-2026-33055: the PAX size hides or shows a second archive.
    assert_eq!(refusal(&[x(&[("size", "1024")]), file()]), "size");
    assert_eq!(refusal(&[x(&[("size", "0")]), file()]), "size");
    // PAX before a long name, which then takes the PAX size to itself.
    assert_eq!(refusal(&[x(&[("size", "2")]), long(b"b\0"), file()]), "two-extensions");
    assert_eq!(refusal(&[x(&[("mtime", "2")]), long(b"b\0"), file()]), "two-extensions");
    assert_eq!(refusal(&[long(b"b\0"), x(&[("path", "c")]), file()]), "two-extensions");
    assert_eq!(refusal(&[long(b"b\0"), long(b"c\0"), file()]), "two-extensions");
    assert_eq!(refusal(&[x(&[("path", "b")]), x(&[("path", "c")]), file()]), "two-extensions");
    assert_eq!(refusal(&[long(b"b\0c\0"), file()]), "name");
    assert_eq!(refusal(&[long(&vec![b'n'; 70_000]), file()]), "long-extension");
    // Global headers that rename or resize all that follows.
    assert_eq!(refusal(&[member("g", b'g', &pax(&[("path", "b")])), file()]), "global");
    // PAX records: twice, cut, without `=`, a length with a sign, a key of nothing, another character set.
    assert_eq!(refusal(&[x(&[("path", "b"), ("path", "c")]), file()]), "pax");
    for bad in ["8 path=b\n", "99 path=b\n", "7 path\n", "+10 path=b\n", "5 =b\n", "10 path=b", "x\n"] {
        assert_eq!(refusal(&[member("x", b'x', bad.as_bytes()), file()]), "pax", "{bad:?}");
    }
    assert_eq!(refusal(&[x(&[("hdrcharset", "BINARY")]), file()]), "pax");
    assert_eq!(refusal(&[x(&[("path", "")]), file()]), "name");
    // Sparse files, both kinds; types few know; links and folders with content.
    assert_eq!(refusal(&[x(&[("GNU.sparse.major", "1")]), file()]), "sparse");
    assert_eq!(refusal(&[member("s", b'S', b"")]), "sparse");
    for type_byte in [b'7', b'D', b'M', b'N', b'V', b'A', 255] {
        assert_eq!(refusal(&[member("t", type_byte, b"")]), "type");
    }
    for type_byte in [b'1', b'2', b'3', b'5', b'6'] {
        assert_eq!(refusal(&[member("t", type_byte, b"content")]), "link-content");
    }
}

fn with_field(range: Range<usize>, value: &[u8]) -> Vec<u8> {
    let mut block = header("a", b'0', 0);
    block[range.clone()].fill(0);
    block[range.start..range.start + value.len()].copy_from_slice(value);
    let mut fixed = tar::Header::from_byte_slice(&block).clone();
    fixed.set_cksum();
    fixed.as_bytes().to_vec()
}

#[test]
fn numbers_are_plain_octal() {
    let size = |value: &[u8]| list(&with_field(124..136, value)).map(|entries| entries.len());
    for good in [&b"00000000000\0"[..], b"0\0", b"      0 \0", b"\0", b"\x80\0\0\0\0\0\0\0\0\0\0\0"] {
        assert_eq!(size(good), Ok(1), "{good:?}");
    }
    for bad in [
        &b"+0"[..],
        b"-1",
        b"0x0",
        b"9",
        b"1 1",
        b"0a",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x81",
    ] {
        assert!(matches!(size(bad), Err(ForeignError::Header { field: "size", .. })), "{bad:?}");
    }
    assert!(matches!(size(b"77777777777"), Err(ForeignError::FileLength { .. })));
    assert!(matches!(size(b"\x80\0\0\x01\0\0\0\0\0\0\0\0"), Err(ForeignError::Header { .. })));
    assert!(matches!(size(b"00000001000\0"), Err(ForeignError::Truncated(_))));
    let mut broken = header("a", b'0', 0);
    broken[0] = b'b';
    assert!(matches!(list(&broken), Err(ForeignError::Header { field: "chksum", .. })));
}

#[test]
fn nothing_may_follow_the_end() {
    let good = archive(&[member("a", b'0', b"hello")]);
    assert!(read(&[&good[..], &[0; 9 * BLOCK]].concat()).is_ok());
    let hidden = [&good[..], &member("b", b'0', b"hidden")].concat();
    assert!(matches!(read(&hidden), Err(ForeignError::Trailing(1024))));
    // A lone zero block: GNU tar goes on after it, others stop.
    let lone = [member("a", b'0', b""), vec![0; BLOCK], member("b", b'0', b""), vec![0; 1024]].concat();
    assert!(matches!(read(&lone), Err(ForeignError::Trailing(512))));
    assert!(matches!(read(&good[..700]), Err(ForeignError::Truncated(_))));
    assert!(matches!(list(&member("x", b'x', &pax(&[("path", "b")]))), Err(ForeignError::Truncated(_))));
}

#[test]
fn paths_of_packages_obey_their_rules() {
    let faults = |names: &[&str]| {
        let members: Vec<_> = names.iter().map(|name| member(name, b'0', b"")).collect();
        let archive = read(&archive(&members)).unwrap();
        archive
            .files()
            .map(|files| files.len())
            .map_err(|faults| faults.iter().map(|f| f.code()).collect::<Vec<_>>())
    };
    assert_eq!(faults(&["./a", "b/c", "./b/d"]), Ok(3));
    assert_eq!(faults(&["../a", "/b", "c\\d", "e:f"]), Err(vec![Code::Path; 4]));
    assert_eq!(faults(&["a", "A", "a/b"]), Err(vec![Code::DuplicatePath; 2]));
    assert_eq!(faults(&[".git/config", ".vitte-ok"]), Err(vec![Code::ReservedName; 2]));
    let folder = read(&archive(&[member("./", b'5', b""), member("../", b'5', b"")])).unwrap();
    assert_eq!(folder.files().unwrap_err().len(), 1);
}

proptest! {
    #[test]
    fn agrees_with_another_reader(files in proptest::collection::btree_map("[a-z]{1,60}(/[a-z]{1,60}){0,3}", proptest::collection::vec(any::<u8>(), 0..1500), 0..8)) {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in &files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o755);
            builder.append_data(&mut header, name, content.as_slice()).unwrap();
        }
        let bytes = builder.into_inner().unwrap();
        let ours = read(&bytes).unwrap();
        let ours: Vec<_> =
            ours.entries().iter().map(|entry| (entry.name.clone(), ours.content(entry).to_vec())).collect();
        let mut theirs = Vec::new();
        for entry in tar::Archive::new(&bytes[..]).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            theirs.push((entry.path_bytes().into_owned(), content));
        }
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn noise_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..2000), at in any::<prop::sample::Index>(), xor in 1..=255u8) {
        let _ = read(&bytes);
        let mut tar = archive(&[member("x", b'x', &pax(&[("path", "b")])), member("a", b'0', b"hello"), member("l", b'2', b"")]);
        let i = at.index(tar.len());
        tar[i] ^= xor;
        let _ = read(&tar).map(|archive| archive.files().map(|files| files.len()));
        tar.truncate(i);
        let _ = read(&tar);
        bytes.splice(0..0, member("x", b'x', &bytes));
        let _ = list(&bytes);
    }
}
