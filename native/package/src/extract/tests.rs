use super::folder::Folder;
use super::*;
use crate::report::Silent;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::path::PackagePath;
use vitte_package_core::sign::TrustPolicy;
use vitte_package_core::tree::{Mode, SectionName, Tree, TreeBuilder};
use vitte_package_core::verify::FilePart;

/// A tree whose second file is `src/a`, of two bytes.
fn tree() -> Tree {
    let mut builder = TreeBuilder::new();
    for (path, content) in [("vitte.toml", ""), ("src/a", "ab")] {
        let path = PackagePath::parse(path).unwrap();
        let digest = Digest::of(content.as_bytes());
        builder.add(&SectionName::default_section(), path, Mode::Regular, content.len() as u64, digest);
    }
    builder.build().unwrap()
}

fn need(bytes: u64) -> Need {
    Need { bytes, entries: 2 }
}

fn part(tree: &Tree, offset: u64, bytes: &'static [u8]) -> FilePart<'static> {
    // The parts outlive the trees of these tests, which are few and small.
    let file = Box::leak(Box::new(tree.entries()[1].clone()));
    FilePart { entry: 1, file, offset, bytes }
}

#[test]
fn parts_of_a_file_may_come_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let place = Folder::open(folder.path(), Permissions::ReadOnly, need(2)).unwrap();
    let tree = tree();
    place.writer().write(&part(&tree, 1, b"b")).unwrap();
    place.writer().write(&part(&tree, 0, b"a")).unwrap();
    let path = folder.path().join("src/a");
    assert_eq!(std::fs::read(&path).unwrap(), b"ab");
    assert!(std::fs::metadata(&path).unwrap().permissions().readonly());
}

/// Somebody swaps a folder for a link while we write: nothing is written behind it.
#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("src")).unwrap();
    let place = Folder::open(folder.path(), Permissions::Ordinary, need(2)).unwrap();
    let error = place.writer().write(&part(&tree(), 0, b"ab")).unwrap_err();
    assert_eq!(error.code(), Code::Io);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    // Neither as the last component, nor as the folder itself.
    std::fs::remove_file(folder.path().join("src")).unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("new"), folder.path().join("src/a")).unwrap();
    assert_eq!(place.writer().write(&part(&tree(), 0, b"ab")).unwrap_err().code(), Code::Io);
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    assert!(Folder::open(&link, Permissions::Ordinary, need(0)).is_err());
    assert!(!elsewhere.path().join("new").exists());
}

#[cfg(unix)]
#[test]
fn what_has_no_room_is_refused_before_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for need in [need(u64::MAX), Need { bytes: 0, entries: u64::MAX }] {
        // Some file systems make inodes as they are needed, and have no number of them.
        if need.entries == u64::MAX && rustix::fs::statvfs(folder.path()).unwrap().f_files == 0 {
            continue;
        }
        let Err(error) = Folder::open(folder.path(), Permissions::Ordinary, need) else {
            panic!("the disk is endless");
        };
        assert_eq!(error.code(), Code::NoSpace);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let request = || UnpackRequest {
        expectation: Expectation::default(),
        trust: Trust::Signatures(TrustPolicy::new()),
        sections: Sections::All,
    };
    let nowhere = (folder.path().join("nowhere"), Code::NoFile);
    for (path, code) in [nowhere, (folder.path().to_path_buf(), Code::Io)] {
        assert_eq!(verify(&path, request(), Work { jobs: 1, reporter: &Silent }).unwrap_err().code(), code);
    }
}
