//! Faults that were published about other readers of tar archives, one test each. Our own archives cannot say most of
//! them, since names, types and sizes are in the tree; another tool's archive that is imported can.

use super::tests::{archive, member, pax};
use super::*;
use crate::diagnostic::{Code, Diagnose as _};
use crate::path::PackagePath;

/// The classes by which an import refuses an archive of these members.
fn refused(members: &[Vec<u8>]) -> Vec<Code> {
    match ForeignArchive::read(&archive(members), limits::FOREIGN_IMPORT_LEN) {
        Err(error) => vec![error.code()],
        Ok(read) => match read.files() {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(|fault| fault.code()).collect(),
        },
    }
}

fn file(name: &str) -> Vec<u8> {
    member(name, b'0', b"content")
}

fn folder(name: &str) -> Vec<u8> {
    member(name, b'5', b"")
}

fn symlink(name: &str, target: &str) -> Vec<u8> {
    link(name, target, b'2')
}

fn link(name: &str, target: &str, type_byte: u8) -> Vec<u8> {
    let mut header = tar::Header::from_byte_slice(&member(name, type_byte, b"")).clone();
    header.set_link_name_literal(target).unwrap();
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn extended(records: &[(&str, &str)]) -> Vec<u8> {
    member("pax", b'x', &pax(records))
}

fn long_name(name: &str) -> Vec<u8> {
    member("././@LongLink", b'L', format!("{name}\0").as_bytes())
}

#[test]
fn zip_slip() {
    assert_eq!(refused(&[file("../../etc/passwd")]), [Code::Path]);
    assert_eq!(refused(&[file("a/../../etc/passwd")]), [Code::Path]);
    assert_eq!(refused(&[file("..\\..\\etc\\passwd")]), [Code::Path]);
}

#[test]
fn cve_2007_4559_absolute_and_parent_members() {
    assert_eq!(
        refused(&[file("/etc/passwd"), file("../x"), folder("../"), folder("/tmp/")]),
        [Code::Path; 4]
    );
}

/// A chain of links whose resolved name grows too long to be checked, and a file through it.
#[test]
fn cve_2025_4517_links_too_long_to_resolve() {
    let step = "d".repeat(60);
    let mut members = Vec::new();
    for letter in ["a", "b", "c", "d"] {
        members.extend([folder(&format!("{step}/")), symlink(letter, &step)]);
    }
    members.extend([symlink("a/b/c/d/out", "../../../.."), file("a/b/c/d/out/evil")]);
    assert_eq!(refused(&members), [Code::EntryType; 5]);
    let deep = vec!["d"; limits::PATH_DEPTH + 1].join("/");
    assert_eq!(refused(&[file(&deep)]), [Code::Path]);
}

/// A folder that was seen, then a link of the same name, then a file below it.
#[test]
fn cve_2021_32803_a_link_in_place_of_a_known_folder() {
    assert_eq!(refused(&[folder("a/"), symlink("a", "/tmp"), file("a/evil")]), [Code::EntryType]);
}

#[test]
fn cve_2021_32804_more_than_one_leading_slash() {
    for name in ["/evil", "//evil", "////evil", "/./evil"] {
        assert_eq!(refused(&[file(name)]), [Code::Path], "{name}");
    }
}

#[test]
fn cve_2021_37701_a_backslash_in_the_name_of_a_link() {
    assert_eq!(
        refused(&[folder("a\\b/"), symlink("a\\b", "/tmp"), file("a\\b/evil")]),
        [Code::Path, Code::EntryType, Code::Path]
    );
}

/// Two spellings of one name, or a short Windows name: one a link, one a folder.
#[test]
fn cve_2021_37712_names_that_are_equal_after_normalisation() {
    assert_eq!(refused(&[file("caf\u{e9}"), file("cafe\u{301}")]), [Code::Path]);
    assert_eq!(
        refused(&[symlink("caf\u{e9}", "/tmp"), file("cafe\u{301}/evil")]),
        [Code::EntryType, Code::Path]
    );
    assert_eq!(refused(&[file("Stra\u{df}e"), file("STRASSE/evil")]), [Code::DuplicatePath]);
}

#[test]
fn cve_2021_37713_paths_relative_to_a_drive() {
    for name in ["c:../evil", "C:evil", "C:\\evil", "a/d:evil"] {
        assert_eq!(refused(&[file(name)]), [Code::Path], "{name}");
    }
}

#[test]
fn rustsec_2021_0080_a_folder_made_through_a_link() {
    assert_eq!(refused(&[symlink("a", ".."), folder("a/evil/")]), [Code::EntryType]);
}

/// A link, and a folder of the same name whose mode is then given to what the link leads to.
#[test]
fn rustsec_2026_0067_cve_2026_33056_a_mode_set_through_a_link() {
    assert_eq!(refused(&[symlink("a", "/etc"), folder("a/")]), [Code::EntryType]);
}

/// The file by which the cache knows a finished package, brought by the package, or led elsewhere by a link.
#[test]
fn cve_2022_36113_the_marker_of_the_store() {
    for name in [".vitte-ok", ".VITTE-OK", ".vitte-tree", "a/.vitte-x"] {
        assert_eq!(refused(&[file(name)]), [Code::ReservedName], "{name}");
        assert!(PackagePath::parse(name).is_err());
    }
    assert_eq!(refused(&[symlink(".vitte-ok", "/home/me/.ssh/authorized_keys")]), [Code::EntryType]);
}

#[test]
fn cve_2026_5223_a_link_over_a_neighbour() {
    assert_eq!(refused(&[symlink("src", "../neighbour-1.0.0/src"), file("src/lib.vit")]), [Code::EntryType]);
    assert_eq!(refused(&[link("lib.vit", "../neighbour-1.0.0/lib.vit", b'1')]), [Code::EntryType]);
}

#[test]
fn rustsec_2026_0068_cve_2026_33055_a_pax_size_beside_another() {
    for size in ["0", "6", "8", "1024"] {
        assert_eq!(refused(&[extended(&[("size", size)]), file("a")]), [Code::EntryType], "{size}");
    }
    assert_eq!(refused(&[extended(&[("size", "7")]), file("a")]), []);
}

/// The header says nothing, the PAX size says all: what follows is content for one reader and members for another.
#[test]
fn rustsec_2025_0111_cve_2025_62518_an_archive_hidden_in_a_file() {
    let inner = [file("evil"), vec![0; 1024]].concat();
    let size = inner.len().to_string();
    assert_eq!(
        refused(&[extended(&[("size", &size)]), member("a", b'0', b""), inner.clone()]),
        [Code::EntryType]
    );
    // Without the contradiction it is a file like any other, and its content is not looked into.
    let whole = archive(&[member("inner.tar", b'0', &inner)]);
    assert_eq!(ForeignArchive::read(&whole, 1 << 20).unwrap().entries().len(), 1);
}

#[test]
fn rustsec_2026_0112_pax_records_for_the_wrong_member() {
    let records = || extended(&[("path", "a")]);
    assert_eq!(refused(&[records(), extended(&[("path", "b")]), file("c")]), [Code::EntryType]);
    assert_eq!(
        refused(&[records(), member("g", b'g', &pax(&[("path", "b")])), file("c")]),
        [Code::EntryType]
    );
    assert_eq!(refused(&[extended(&[("path", "a"), ("path", "b")]), file("c")]), [Code::EntryType]);
}

#[test]
fn rustsec_2026_0113_extensions_without_a_member() {
    for last in [extended(&[("path", "a")]), long_name("a")] {
        assert_eq!(refused(&[file("b"), last]), [Code::ForeignArchive]);
    }
}

/// PAX, then a long name, then the file: whose are the PAX records?
#[test]
fn ghsa_3cv2_h65g_fgmm_pax_before_a_long_name() {
    assert_eq!(refused(&[extended(&[("size", "2")]), long_name("b"), file("a")]), [Code::EntryType]);
    assert_eq!(refused(&[long_name("b"), extended(&[("size", "7")]), file("a")]), [Code::EntryType]);
}

#[test]
fn node_tar_7_5_16_a_pax_size_given_to_a_long_link() {
    let long_link = member("././@LongLink", b'K', b"target\0");
    assert_eq!(refused(&[extended(&[("size", "2048")]), long_link, symlink("a", "b")]), [Code::EntryType]);
}

#[test]
fn node_tar_7_5_21_cve_2022_36114_unbounded_expansion() {
    use std::io::Write as _;
    let zeros = member("zeros", b'0', &vec![0; 1 << 20]);
    let tar = archive(&[zeros]);
    // A member of gzip that is repeated without end costs its writer nothing.
    let mut packed = Vec::new();
    let mut out = Vec::with_capacity(2000);
    out.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    out.extend(miniz_oxide::deflate::compress_to_vec(&tar, 9));
    out.extend(crate::codec::crc32(&tar).to_le_bytes());
    out.extend((tar.len() as u32).to_le_bytes());
    assert!(out.len() * 200 < tar.len(), "{} bytes", out.len());
    packed.extend(out.repeat(64));
    for limit in [0, 1 << 16, 1 << 20] {
        let refused = ForeignArchive::read(&packed, limit).unwrap_err();
        assert_eq!(refused.code(), Code::Limit, "{limit}");
    }
    // The same as zstd.
    let frame = crate::codec::store_frame(&tar);
    assert_eq!(ForeignArchive::read(&frame.repeat(4), 1 << 20).unwrap_err().code(), Code::Limit);
}
