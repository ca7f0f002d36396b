//! `vitte package verify`: the four verdicts, and that nothing altered passes.

use crate::archives::{make, signed, small_files};
use crate::sandbox::Sandbox;
use std::path::Path;
use vitte_package::env::Env;
use vitte_package::ops;
use vitte_package::report::Silent;
use vitte_package_core::codec::Codec;
use vitte_package_core::diagnostic::{Code, Exit};
use vitte_package_core::tree::Mode;
use vitte_package_core::verify::{Expectation, Status, VerifyOutcome};

fn verify(sandbox: &Sandbox, file: &Path) -> VerifyOutcome {
    let env = Env::new(sandbox.path(), sandbox.home());
    let options =
        ops::verify::Options { file: file.into(), keys: Vec::new(), expectation: Expectation::default() };
    ops::verify::verify(&env, options, &Silent).unwrap()
}

#[test]
fn a_signed_package_is_verified_step_by_step() {
    let sandbox = Sandbox::new();
    signed(&sandbox, "hello.vitmod");
    let ran = sandbox.run("verify hello.vitmod").ends(0);
    let shown: Vec<String> =
        ran.stdout.lines().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    ok  the archive has the form of a package
    ok  the table of contents is the one the head names
    ok  the list of files is well-formed and has the digest it claims
    -   the package is the one that was expected
    ok  the signature over the list of files checks
    ok  the signer may sign for this package
    ok  the signature is for this package, version, kind and target
    -   the signature is for this registry
    ok  the packed manifest is the one that was signed, and names this package
    ok  every compressed frame has its digest
    ok  every tar header is the one the list of files asks for
    ok  every file has its digest
    ok  the archive ends where it must
    verified
    ");
    assert_eq!(ran.stderr, "");
    let answer = sandbox.run("verify hello.vitmod --json").ends(0).json();
    assert_eq!(answer["result"]["status"], "verified");
    assert_eq!(answer["result"]["release"]["package"], "demo/hello");
    let tree = answer["result"]["tree"].as_str().unwrap();
    sandbox.run(&format!("verify hello.vitmod --tree {tree}")).ends(0);
    let other = tree.replace(&tree[20..24], if &tree[20..24] == "0000" { "1111" } else { "0000" });
    sandbox.run(&format!("verify hello.vitmod --tree {other}")).ends(5);
    sandbox.run("verify hello.vitmod --tree sha256:abc").ends(2);
}

#[test]
fn only_the_key_that_is_named_counts() {
    let sandbox = Sandbox::new();
    signed(&sandbox, "hello.vitmod");
    sandbox.run("key generate --name other").ends(0);
    sandbox.run("key export author --out author.pub").ends(0);
    sandbox.run("verify hello.vitmod --key author").ends(0);
    sandbox.run("verify hello.vitmod --key author.pub").ends(0);
    let ran = sandbox.run("verify hello.vitmod --key other --json").ends(5);
    assert_eq!(ran.json()["result"]["status"], "untrusted");
    sandbox.run("verify hello.vitmod --key nobody").ends(9);
}

#[test]
fn unsigned_and_foreign_packages_end_with_five() {
    let sandbox = Sandbox::new();
    make(&sandbox, "hello.vitmod", Codec::Zstd, small_files());
    let answer = sandbox.run("verify hello.vitmod --json").ends(5).json();
    assert_eq!(answer["result"]["status"], "unsigned");
    assert_eq!(answer["diagnostics"][0]["code"], Code::Unsigned.to_string());

    let elsewhere = Sandbox::new();
    let file = signed(&elsewhere, "hello.vitmod");
    std::fs::copy(file, sandbox.path().join("hello.vitmod")).unwrap();
    let answer = sandbox.run("verify hello.vitmod --json").ends(5).json();
    assert_eq!(answer["result"]["status"], "untrusted");
    assert_eq!(answer["diagnostics"][0]["code"], Code::KeyNotAuthorised.to_string());
}

/// In CI: what the key in the environment signs, it also vouches for, and without it nobody does.
#[test]
fn the_key_in_the_environment_is_one_of_ones_own() {
    let author = Sandbox::new();
    let file = signed(&author, "hello.vitmod");
    let pem = std::fs::read_to_string(author.home().join("keys/author.pem")).unwrap();
    let sandbox = Sandbox::new();
    std::fs::copy(file, sandbox.path().join("hello.vitmod")).unwrap();
    sandbox.run("verify hello.vitmod").ends(5);
    let with =
        |key: &str, command: &str| sandbox.run_with(command, |run| _ = run.env("VITTE_SIGNING_KEY", key));
    with(&pem, "verify hello.vitmod").ends(0);
    with(&pem, "install ./hello.vitmod").ends(0);
    let ran = with("not a key", "verify hello.vitmod").ends(3);
    assert!(ran.stderr.contains("VITTE_SIGNING_KEY"), "{ran}");
}

/// Acceptance: any byte of a signed package changed ends with 5, or with 3 where it is no package any more.
#[test]
fn every_changed_byte_is_detected() {
    let sandbox = Sandbox::new();
    let file = signed(&sandbox, "hello.vitmod");
    let good = std::fs::read(&file).unwrap();
    assert_eq!(verify(&sandbox, &file).report.status(), Some(Status::Verified));
    let altered_file = sandbox.path().join("altered.vitmod");
    let mut altered = good.clone();
    for at in 0..good.len() {
        altered[at] ^= 1 << (at % 8);
        std::fs::write(&altered_file, &altered).unwrap();
        let outcome = verify(&sandbox, &altered_file);
        assert!(outcome.package.is_none() && outcome.report.status() != Some(Status::Verified), "byte {at}");
        let exit = outcome.report.failure().unwrap().code.exit();
        assert!(matches!(exit, Exit::Input | Exit::Verification), "byte {at}: {exit:?}");
        altered[at] = good[at];
    }
    // The same by the real program, in a few places: HEAD, TOC, SIGS, a frame, END.
    for at in [20, 60, 140, 700, good.len() - 300, good.len() - 1] {
        altered[at] ^= 0x20;
        sandbox.write("altered.vitmod", &altered);
        let ran = sandbox.run("verify altered.vitmod --json");
        assert!(ran.exit == 5 || ran.exit == 3, "byte {at}: {ran}");
        altered[at] = good[at];
    }
}

#[test]
fn every_length_but_the_right_one_is_refused() {
    let sandbox = Sandbox::new();
    let file = signed(&sandbox, "hello.vitmod");
    let good = std::fs::read(&file).unwrap();
    let cut_file = sandbox.path().join("cut.vitmod");
    for len in 0..good.len() {
        std::fs::write(&cut_file, &good[..len]).unwrap();
        let report = verify(&sandbox, &cut_file).report;
        assert_eq!(report.status(), None);
        assert_eq!(report.failure().unwrap().code.exit(), Exit::Input, "{len}");
    }
    for more in [&b"\0"[..], &good] {
        std::fs::write(&cut_file, [&good, more].concat()).unwrap();
        sandbox.run("verify cut.vitmod").ends(5);
    }
    std::fs::write(&cut_file, &good[..good.len() - 1]).unwrap();
    sandbox.run("verify cut.vitmod").ends(3);
}

/// HEAD fields that announce more than the file can hold: refused before anything is allocated for them.
#[test]
fn heads_of_bombs_are_refused() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(make(&sandbox, "hello.vitmod", Codec::Zstd, small_files())).unwrap();
    for (field, value, code) in [
        (16, u32::MAX, Code::Limit),
        (16, 16 << 20, Code::ArchiveLength),
        (20, u32::MAX, Code::Limit),
        (20, 32 << 20, Code::FrameSyntax),
        (24, u32::MAX, Code::Limit),
    ] {
        let mut bomb = good.clone();
        bomb[17 + field..17 + field + 4].copy_from_slice(&value.to_le_bytes());
        let file = sandbox.write("bomb.vitmod", &bomb);
        assert_eq!(verify(&sandbox, &file).report.failure().unwrap().code, code, "{field} {value}");
    }
    let ran = sandbox.run("verify bomb.vitmod").ends(3);
    assert!(ran.stderr.starts_with("error[VP0205]"), "{ran}");
}

/// Several frames on several threads: the first damaged one is the one that is named.
#[test]
fn a_damaged_frame_is_named_whatever_the_threads_do() {
    let sandbox = Sandbox::new();
    let noise: Vec<u8> = (0..30u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut files = small_files();
    files.push(("-", "noise", Mode::Regular, noise));
    let file = make(&sandbox, "large.vitmod", Codec::Zstd, files);
    let good = std::fs::read(&file).unwrap();
    assert_eq!(verify(&sandbox, &file).report.status(), Some(Status::Unsigned));
    let mut altered = good.clone();
    for at in [good.len() / 3, good.len() * 2 / 3, good.len() - 2000] {
        altered[at] ^= 1;
    }
    std::fs::write(&file, &altered).unwrap();
    let frame = |outcome: VerifyOutcome| match &outcome.report.failure().unwrap().place {
        vitte_package_core::diagnostic::Place::Frame { frame, files, .. } => (*frame, files.clone()),
        other => panic!("{other:?}"),
    };
    let first = frame(verify(&sandbox, &file));
    assert!(first.1.contains(&"noise".to_owned()), "{first:?}");
    for _ in 0..5 {
        assert_eq!(frame(verify(&sandbox, &file)), first);
    }
    let ran = sandbox.run("verify large.vitmod").ends(5);
    assert!(ran.stderr.contains("frame ") && ran.stderr.contains("noise"), "{ran}");
}

#[test]
fn what_is_no_file_of_ours_is_said_to_be_none() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.txt", "hello");
    let ran = sandbox.run("verify notes.txt").ends(3);
    assert!(ran.stderr.starts_with("error[VP0208]"), "{ran}");
    sandbox.write("empty.vitpkg", "");
    sandbox.run("verify empty.vitpkg").ends(3);
    sandbox.run("verify nowhere.vitpkg").ends(9);
    std::fs::create_dir(sandbox.path().join("folder")).unwrap();
    sandbox.run("verify folder").ends(1);
}
