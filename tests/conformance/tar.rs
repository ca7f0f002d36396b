//! GNU tar, bsdtar, Python and the zstd and lz4 tools as independent judges: they see in our archives exactly
//! what our list of files says, names, modes, sizes, times and bytes.

use crate::sandbox::{Sandbox, has_program};
use std::path::Path;
use std::process::Command;
use vitte_package_core::digest::Digest;

/// Runs a line of shell; the tools it names must be installed.
#[track_caller]
fn shell(folder: &Path, line: &str) -> Vec<u8> {
    let output = Command::new("sh").args(["-c", line]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

const MANIFEST: &str = "[package]\nname = \"demo/judged\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\
    exec = [\"bin/*\"]\nsections = { docs = [\"docs/**\"] }\n";

/// A package with names of every length a header can hold, and a file that needs several frames.
fn judged(sandbox: &Sandbox) {
    sandbox.write("vitte.toml", MANIFEST);
    sandbox.write("README.md", "read me\n");
    sandbox.write("bin/run", "#!/bin/sh\n");
    sandbox.write("empty", "");
    sandbox.write("docs/été/日本語.md", "# guide\n");
    for len in [95, 96, 97, 100] {
        sandbox.write(&"n".repeat(len), len.to_string());
    }
    sandbox.write(&format!("{}/{}", "d".repeat(95), "e".repeat(100)), "deep\n");
    sandbox.write(&vec!["five5"; 32].join("/"), "deeper\n");
    let numbers: String = (0..3_000_000u32).map(|i| format!("{i}\n")).collect();
    sandbox.write("src/numbers", numbers);
    sandbox.run("build --out target/out --profile dev").ends(0);
    sandbox.run("build --out target/lz4 --codec lz4").ends(0);
}

/// `MODE SIZE MTIME SHA256 NAME`, sorted, as our list of files says it.
fn expected(sandbox: &Sandbox) -> Vec<String> {
    let tree = sandbox.run("inspect --tree target/out/judged-1.0.0.vitmod").ends(0).stdout;
    let mut lines: Vec<_> = tree
        .lines()
        .filter_map(|line| match line.splitn(4, ' ').collect::<Vec<_>>()[..] {
            ["f", size, digest, path] => Some(format!("644 {size} 499162500 {digest} pkg/{path}")),
            ["x", size, digest, path] => Some(format!("755 {size} 499162500 {digest} pkg/{path}")),
            _ => None,
        })
        .collect();
    lines.sort();
    lines
}

/// The same of a folder that some tool extracted to.
fn extracted(folder: &Path) -> Vec<String> {
    let found = shell(folder, "find pkg -type f -printf '%m %s %T@ %p\\n'");
    let mut lines: Vec<_> = String::from_utf8(found)
        .unwrap()
        .lines()
        .map(|line| {
            let [mode, size, time, path] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let time = time.split('.').next().unwrap();
            format!("{mode} {size} {time} {} {path}", Digest::of(&std::fs::read(folder.join(path)).unwrap()))
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn other_tools_extract_what_the_tree_says() {
    let sandbox = Sandbox::new();
    judged(&sandbox);
    let expected = expected(&sandbox);
    assert_eq!(expected.len(), 12);
    for (tool, line) in [
        ("gnu", "tar --zstd -xf ../target/out/judged-1.0.0.vitmod"),
        ("bsd", "bsdtar -xf ../target/out/judged-1.0.0.vitmod"),
        ("lz4", "lz4 -dc ../target/lz4/judged-1.0.0.vitmod | tar -xf -"),
        (
            "python",
            "zstd -dc ../target/out/judged-1.0.0.vitmod > a.tar && python3 -c 'import tarfile; tarfile.open(\"a.tar\").extractall()'",
        ),
    ] {
        let needed: &[&str] = match tool {
            "gnu" => &["tar", "zstd"],
            "bsd" => &["bsdtar"],
            "lz4" => &["tar", "lz4"],
            _ => &["python3", "zstd"],
        };
        if !needed.iter().all(|program| has_program(program)) {
            continue;
        }
        let folder = sandbox.path().join(format!("by-{tool}"));
        std::fs::create_dir(&folder).unwrap();
        shell(&folder, &format!("umask 022; {line}"));
        assert_eq!(extracted(&folder), expected, "{tool}");
    }
}

#[test]
fn both_codecs_decompress_to_one_tar_without_a_fault_in_it() {
    if !["tar", "zstd", "lz4"].into_iter().all(has_program) {
        return;
    }
    let sandbox = Sandbox::new();
    judged(&sandbox);
    let zstd = shell(sandbox.path(), "zstd -dc target/out/judged-1.0.0.vitmod");
    let lz4 = shell(sandbox.path(), "lz4 -dc target/lz4/judged-1.0.0.vitmod");
    assert!(zstd == lz4);
    assert_eq!(zstd.len() % 512, 0);
    // Owner and group by number, no warning on stderr, and nothing but plain files.
    let listing =
        shell(sandbox.path(), "tar --zstd --numeric-owner -tvf target/out/judged-1.0.0.vitmod 2>&1");
    let listing = String::from_utf8(listing).unwrap();
    assert_eq!(listing.lines().count(), 12, "{listing}");
    assert!(listing.lines().all(|line| line.starts_with('-') && line.contains(" 0/0 ")), "{listing}");
    shell(sandbox.path(), "zstd -t target/out/judged-1.0.0.vitmod");
}
