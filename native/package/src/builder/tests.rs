use super::*;
use crate::report::Silent;
use proptest::prelude::*;
use vitte_package_core::archive::{ArchiveEvent, ArchiveReader, TotalLen};
use vitte_package_core::codec::{FrameDecoder as _, PureDecoder};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::path::PackagePath;
use vitte_package_core::tree::{Mode, SectionName};

const MANIFEST: &[u8] = b"[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\n";

fn input(path: &str, section: &str, mode: Mode, content: &[u8]) -> Input {
    Input {
        path: PackagePath::parse(path).unwrap(),
        section: SectionName::parse(section).unwrap(),
        mode,
        source: InputSource::Bytes(content.to_vec()),
    }
}

fn manifest() -> Input {
    input("vitte.toml", "-", Mode::Regular, MANIFEST)
}

fn options(codec: Codec, profile: Profile, jobs: usize) -> Options {
    Options { kind: Kind::Vitmod, codec, profile, jobs }
}

fn build(inputs: Vec<Input>, options: Options) -> (Built, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("out/a.vitmod");
    let built = Plan::new(inputs).unwrap().write(&place, options, &Silent, |_| Ok(Vec::new())).unwrap();
    let names: Vec<_> = std::fs::read_dir(place.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    (built, std::fs::read(place).unwrap())
}

/// Takes the archive apart with core alone; the tar it decompresses to.
fn unpack(bytes: &[u8]) -> Vec<u8> {
    let mut reader = ArchiveReader::new(TotalLen::Known(bytes.len() as u64));
    let (mut tar, mut raw) = (Vec::new(), Vec::new());
    for piece in bytes.chunks(100_000) {
        reader.push(piece);
        while let Some(event) = reader.next() {
            let toc = reader.toc().cloned();
            if let ArchiveEvent::Frame { index, stored } = event.unwrap() {
                let info = toc.unwrap().frames().frames()[index];
                assert_eq!(Digest::of(&stored), info.digest);
                let mut decoder = PureDecoder::new(reader.head().unwrap().codec());
                decoder.decode(&stored, info.raw_len as usize, &mut raw).unwrap();
                tar.extend_from_slice(&raw);
            }
        }
    }
    reader.finish().unwrap();
    tar
}

/// Files of a tar, by another tool's reader.
fn files(tar: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        (path, entry.header().mode().unwrap(), content)
    });
    entries.collect()
}

fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[test]
fn an_archive_holds_the_files_in_tree_order() {
    let inputs = vec![
        input("src/main.vit", "-", Mode::Regular, b"main"),
        input("docs/guide.md", "docs", Mode::Regular, b"# guide"),
        input("bin/run", "-", Mode::Executable, b"#!/bin/sh\n"),
        input("README.md", "docs", Mode::Regular, b"read me"),
        manifest(),
    ];
    let (built, bytes) = build(inputs, options(Codec::Zstd, Profile::Build, 2));
    assert_eq!(built.file_len(), bytes.len() as u64);
    assert_eq!(built.frame_count(), 3);
    let files = files(&unpack(&bytes));
    let listed: Vec<_> =
        files.iter().map(|(path, mode, content)| (path.as_str(), *mode, content.len())).collect();
    assert_eq!(
        listed,
        [
            ("pkg/vitte.toml", 0o644, MANIFEST.len()),
            ("pkg/README.md", 0o644, 7),
            ("pkg/bin/run", 0o755, 10),
            ("pkg/src/main.vit", 0o644, 4),
            ("pkg/docs/guide.md", 0o644, 7),
        ]
    );
}

#[test]
fn large_files_are_cut_and_identity_ignores_the_compressor() {
    let inputs = || {
        vec![
            input("big", "-", Mode::Regular, &noise(20 << 20, 7)),
            input("text", "-", Mode::Regular, &b"all work and no play ".repeat(600_000)),
            input("small", "-", Mode::Regular, b"x"),
            manifest(),
        ]
    };
    let (one, bytes) = build(inputs(), options(Codec::Zstd, Profile::Dev, 1));
    let (three, same) = build(inputs(), options(Codec::Zstd, Profile::Dev, 3));
    assert_eq!(one.frame_count(), 1 + (20 + 12 + 8) / 8);
    assert!(bytes == same, "the number of threads shows in the archive");
    let (lz4, fast) = build(inputs(), options(Codec::Lz4, Profile::Dev, 2));
    assert_eq!((one.digest(), one.digest()), (three.digest(), lz4.digest()));
    assert_ne!(one.head().head_digest(), lz4.head().head_digest());
    let tar = unpack(&bytes);
    assert!(tar == unpack(&fast));
    let found: Vec<_> =
        files(&tar).into_iter().map(|(path, _, content)| (path, Digest::of(&content))).collect();
    let entries = one.tree().entries().iter();
    let expected: Vec<_> = entries.map(|entry| (format!("pkg/{}", entry.path()), *entry.digest())).collect();
    assert_eq!(found, expected);
    // What cannot be compressed is stored, so it costs next to nothing.
    assert!(bytes.len() < (20 << 20) + 400_000, "{}", bytes.len());
}

#[test]
fn listing_reads_the_same_tree() {
    let inputs = vec![input("a", "x", Mode::Executable, &noise(700_000, 3)), manifest()];
    let plan = Plan::new(inputs.clone()).unwrap();
    let (built, _) = build(inputs, options(Codec::Zstd, Profile::Dev, 2));
    assert_eq!(plan.tree(&Silent).unwrap().digest(), built.digest());
    let listed: Vec<_> =
        plan.files().map(|file| (file.section, file.input.path.as_str(), file.size)).collect();
    assert_eq!(listed, [("meta", "vitte.toml", MANIFEST.len() as u64), ("x", "a", 700_000)]);
}

#[test]
fn a_file_that_changes_is_an_error_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    let place = folder.path().join("out/a.vitmod");
    let on_disk = Input { source: InputSource::File(file.clone()), ..input("data", "-", Mode::Regular, b"") };
    for (before, after) in [("12345", "1234"), ("12345", "123456"), ("12345", "54321")] {
        std::fs::write(&file, before).unwrap();
        let past = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(past).unwrap();
        let plan = Plan::new(vec![on_disk.clone(), manifest()]).unwrap();
        std::fs::write(&file, after).unwrap();
        let error = plan
            .write(&place, options(Codec::Zstd, Profile::Dev, 2), &Silent, |_| Ok(Vec::new()))
            .unwrap_err();
        assert_eq!(error.code(), Code::Source, "{after}");
        assert!(error.to_string().contains("changed while it was packaged"));
        assert_eq!(plan.tree(&Silent).unwrap_err().code(), Code::Source);
        assert_eq!(std::fs::read_dir(folder.path().join("out")).unwrap().count(), 0);
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(Plan::new(vec![on_disk]).unwrap_err().code(), Code::NoFile);
    let folder_as_file = Input { source: InputSource::File(folder.path().into()), ..manifest() };
    assert_eq!(Plan::new(vec![folder_as_file]).unwrap_err().code(), Code::EntryType);
}

#[test]
fn a_fault_while_signing_leaves_the_old_archive() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a.vitmod");
    std::fs::write(&place, "old").unwrap();
    let refuse = |_: &Tree| Err(Diagnostic::new(Code::NoKey, "no".into()).into());
    let plan = Plan::new(vec![manifest()]).unwrap();
    let error = plan.write(&place, options(Codec::Zstd, Profile::Dev, 1), &Silent, refuse).unwrap_err();
    assert_eq!(error.code(), Code::NoKey);
    assert_eq!(std::fs::read(&place).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn paths_that_clash_and_a_missing_manifest_are_refused() {
    let clash = vec![manifest(), input("A", "-", Mode::Regular, b""), input("a", "docs", Mode::Regular, b"")];
    assert_eq!(Plan::new(clash).unwrap_err().code(), Code::DuplicatePath);
    assert_eq!(Plan::new(vec![manifest(), manifest()]).unwrap_err().code(), Code::DuplicatePath);
    assert!(Plan::new(vec![input("a", "-", Mode::Regular, b"")]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_archive_is_a_function_of_its_files(
        contents in proptest::collection::btree_map(
            "[b-z]{1,8}",
            (proptest::collection::vec(any::<u8>(), 0..2000), 0..3usize, any::<bool>()),
            0..12,
        ),
        order in any::<u64>(),
        jobs in 1..4usize,
    ) {
        let mut inputs = vec![manifest()];
        for (path, (content, section, executable)) in &contents {
            let mode = if *executable { Mode::Executable } else { Mode::Regular };
            inputs.push(input(&format!("d/{path}"), ["-", "docs", "tests"][*section], mode, content));
        }
        let (first, bytes) = build(inputs.clone(), options(Codec::Zstd, Profile::Build, 1));
        inputs.sort_by_key(|input| Digest::of(format!("{order}{}", input.path).as_bytes()));
        let (second, again) = build(inputs, options(Codec::Zstd, Profile::Build, jobs));
        prop_assert_eq!(first.digest(), second.digest());
        prop_assert!(bytes == again);
        let mut found: Vec<_> = files(&unpack(&bytes))
            .into_iter()
            .filter(|(path, ..)| path != "pkg/vitte.toml")
            .map(|(path, mode, content)| (path, mode == 0o755, content))
            .collect();
        found.sort();
        let expected: Vec<_> = contents
            .iter()
            .map(|(path, (content, _, executable))| (format!("pkg/d/{path}"), *executable, content.clone()))
            .collect();
        prop_assert_eq!(found, expected);
    }
}
