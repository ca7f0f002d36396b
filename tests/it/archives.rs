//! Packages made for tests: of any files, with or without a signature.

use crate::sandbox::Sandbox;
use std::path::PathBuf;
use vitte_package::builder::{Input, InputSource, Options, Plan};
use vitte_package::report::Silent;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::path::PackagePath;
use vitte_package_core::target::Kind;
use vitte_package_core::tree::{Mode, SectionName};

/// A manifest that says no more than it must.
pub(crate) const MANIFEST: &[u8] =
    b"[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ndescription = \"Says hello\"\n\n[package.sections]\ndocs = [\"docs/**\"]\n";

/// A small package with every kind of entry: program, empty file, long and foreign names, two sections.
pub(crate) fn small_files() -> Vec<(&'static str, &'static str, Mode, Vec<u8>)> {
    vec![
        ("meta", "vitte.toml", Mode::Regular, MANIFEST.to_vec()),
        ("meta", "README.md", Mode::Regular, b"# hello\n".to_vec()),
        ("-", "bin/hello", Mode::Executable, b"#!/bin/sh\necho hello\n".to_vec()),
        ("-", "src/empty", Mode::Regular, Vec::new()),
        ("-", "src/exactly/one/block.bin", Mode::Regular, vec![7; 512]),
        (
            "-",
            "src/\u{e9}t\u{e9}/a name with spaces/and-a-prefix-that-does-not-fit-into-the-name-field/of-a-header.vit",
            Mode::Regular,
            b"content".to_vec(),
        ),
        ("docs", "docs/guide.md", Mode::Regular, b"Prints hello.\n".to_vec()),
    ]
}

/// Writes an unsigned archive of the files into the sandbox.
pub(crate) fn make(
    sandbox: &Sandbox,
    name: &str,
    codec: Codec,
    files: Vec<(&str, &str, Mode, Vec<u8>)>,
) -> PathBuf {
    let input = |(section, path, mode, content)| Input {
        path: PackagePath::parse(path).unwrap(),
        section: SectionName::parse(section).unwrap(),
        mode,
        source: InputSource::Bytes(content),
    };
    let plan = Plan::new(files.into_iter().map(input).collect()).unwrap();
    let place = sandbox.path().join(name);
    let options = Options { kind: Kind::Vitmod, codec, profile: Profile::Build, jobs: 2 };
    plan.write(&place, options, &Silent, |_| Ok(Vec::new())).unwrap();
    place
}

/// Writes an archive of the small package, signed by a key of the sandbox's own.
pub(crate) fn signed(sandbox: &Sandbox, name: &str) -> PathBuf {
    let place = make(sandbox, name, Codec::Zstd, small_files());
    sandbox.run("key generate --name author").ends(0);
    sandbox.run(&format!("sign {name} --key author")).ends(0);
    place
}
