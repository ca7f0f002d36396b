//! Deltas as files: made of two packages, applied to the older, altered, mixed up.

use crate::archives::{make, small_files};
use crate::sandbox::Sandbox;
use vitte_package_core::codec::Codec;
use vitte_package_core::tree::Mode;

type File = (&'static str, &'static str, Mode, Vec<u8>);

/// A program of some size, whose addresses are those of a version.
fn program(version: u32) -> Vec<u8> {
    (0..20_000u32)
        .flat_map(|at| {
            let target =
                at.wrapping_mul(2_654_435_761) % 400_000 + if at % 3 == 0 { version * 16 } else { 0 };
            [0xe8u32.to_le_bytes(), target.to_le_bytes()].concat()
        })
        .collect()
}

fn files(version: u32) -> Vec<File> {
    let mut files = small_files();
    files.retain(|file| file.0 != "docs");
    files[0].3 = String::from_utf8(files[0].3.clone())
        .unwrap()
        .replace("1.0.0", &format!("1.{version}.0"))
        .into_bytes();
    files.push(("-", "bin/tool", Mode::Executable, program(version)));
    files.push((
        "-",
        if version == 0 { "lib/old.vit" } else { "lib/new.vit" },
        Mode::Regular,
        b"moved\n".repeat(400),
    ));
    files
}

/// `hello-1.0.0.vitmod` and `hello-1.1.0.vitmod`, the newer one signed.
fn two() -> Sandbox {
    let sandbox = Sandbox::new();
    make(&sandbox, "hello-1.0.0.vitmod", Codec::Zstd, files(0));
    make(&sandbox, "hello-1.1.0.vitmod", Codec::Zstd, files(1));
    sandbox.run("key generate --name author").ends(0);
    sandbox.run("sign hello-1.1.0.vitmod --key author").ends(0);
    sandbox
}

#[test]
fn a_delta_leads_to_the_published_release() {
    let sandbox = two();
    let made = sandbox.run("delta make hello-1.0.0.vitmod hello-1.1.0.vitmod --json").ends(0).json();
    let (len, full) =
        (made["result"]["file_len"].as_u64().unwrap(), made["result"]["full_len"].as_u64().unwrap());
    assert!(len * 4 < full, "{len} of {full} bytes");
    let shown = sandbox.run("delta inspect hello-1.0.0-1.1.0.vitdelta").ends(0).stdout;
    assert!(shown.contains("1 signature of the newer release"), "{shown}");
    sandbox.run("delta apply hello-1.0.0.vitmod hello-1.0.0-1.1.0.vitdelta --out got.vitmod").ends(0);
    let tree = |file: &str| sandbox.run(&format!("inspect --tree {file}")).ends(0).stdout;
    assert_eq!(tree("got.vitmod"), tree("hello-1.1.0.vitmod"));
    sandbox.run("verify got.vitmod").ends(0);
}

#[test]
fn what_does_not_fit_writes_nothing() {
    let sandbox = two();
    sandbox.run("delta make hello-1.0.0.vitmod hello-1.1.0.vitmod --out d.vitdelta").ends(0);
    let refused = |line: &str, exit: i32, words: &str| {
        let ended = sandbox.run(line).ends(exit);
        assert!(ended.stderr.contains(words), "{line}: {}", ended.stderr);
        assert!(!sandbox.path().join("got.vitmod").exists(), "{line}");
    };
    refused("delta apply hello-1.1.0.vitmod d.vitdelta --out got.vitmod", 3, "VP0217");
    refused("delta apply hello-1.0.0.vitmod hello-1.1.0.vitmod --out got.vitmod", 3, "VP0217");
    refused("delta inspect hello-1.1.0.vitmod", 3, "this is a package, not a delta");
    refused("verify d.vitdelta", 3, "this is a delta between two packages");
    refused("delta make hello-1.1.0.vitmod hello-1.1.0.vitmod", 2, "the same files");

    let good = std::fs::read(sandbox.path().join("d.vitdelta")).unwrap();
    for at in (0..good.len()).step_by(good.len() / 60) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        std::fs::write(sandbox.path().join("bad.vitdelta"), &bad).unwrap();
        let ended = sandbox.run("delta apply hello-1.0.0.vitmod bad.vitdelta --out got.vitmod");
        let got = sandbox.path().join("got.vitmod");
        match ended.exit {
            // Only the signatures, which say nothing about the files, may be another: then they do not verify.
            0 => {
                assert_ne!(sandbox.run("verify got.vitmod").exit, 0, "byte {at}");
                std::fs::remove_file(&got).unwrap();
            }
            code => assert!(matches!(code, 3 | 5), "byte {at}: {code} {}", ended.stderr),
        }
        assert!(!got.exists(), "byte {at}");
    }
    for len in [0, 50, 200, good.len() - 1] {
        std::fs::write(sandbox.path().join("bad.vitdelta"), &good[..len]).unwrap();
        refused("delta apply hello-1.0.0.vitmod bad.vitdelta --out got.vitmod", 3, "error");
    }
}

#[test]
fn a_deferred_section_is_not_carried() {
    let sandbox = Sandbox::new();
    let mut newer = small_files();
    newer[1].3 = b"# hello, again\n".to_vec();
    make(&sandbox, "a.vitmod", Codec::Zstd, small_files());
    make(&sandbox, "b.vitmod", Codec::Zstd, newer);
    sandbox.run("delta make a.vitmod b.vitmod --out d.vitdelta").ends(0);
    let ended = sandbox.run("delta apply a.vitmod d.vitdelta --out got.vitmod").ends(3);
    assert!(ended.stderr.contains("section `docs`"), "{}", ended.stderr);
}
