//! `vitte package inspect`: our archives, archives of other tools, damaged ones.

use crate::sandbox::{Ran, Sandbox};
use vitte_package::builder::{Input, InputSource, Options, Plan};
use vitte_package::report::Silent;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::digest::Digest;
use vitte_package_core::path::PackagePath;
use vitte_package_core::target::Kind;
use vitte_package_core::tree::{Mode, SectionName};

const MANIFEST: &str = "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\
    description = \"Says hello\"\nlicense = \"MIT\"\n\n[dependencies]\n\"acme/text\" = \"1.2\"\n";

fn package(sandbox: &Sandbox, name: &str, codec: Codec) {
    let input = |path: &str, section: &str, mode, content: &[u8]| Input {
        path: PackagePath::parse(path).unwrap(),
        section: SectionName::parse(section).unwrap(),
        mode,
        source: InputSource::Bytes(content.to_vec()),
    };
    let inputs = vec![
        input("vitte.toml", "-", Mode::Regular, MANIFEST.as_bytes()),
        input("src/main.vit", "-", Mode::Regular, b"print(\"hello\")\n"),
        input("bin/run", "-", Mode::Executable, b"#!/bin/sh\n"),
        // Three frames of 8 MiB, beginning in the one that holds the files before it.
        input("src/table", "-", Mode::Regular, &large()),
        input("docs/guide.md", "docs", Mode::Regular, b"# hello\n"),
    ];
    let options = Options { kind: Kind::Vitmod, codec, profile: Profile::Dev, jobs: 2 };
    let plan = Plan::new(inputs).unwrap();
    plan.write(&sandbox.path().join(name), options, &Silent, |_| Ok(Vec::new())).unwrap();
}

fn large() -> Vec<u8> {
    (0..17_000_000u32).map(|i| (i >> 9 ^ i >> 3) as u8).collect()
}

#[test]
fn a_package_is_described() {
    let sandbox = Sandbox::new();
    package(&sandbox, "hello.vitmod", Codec::Zstd);
    let ran = sandbox.run("inspect hello.vitmod").ends(0);
    let lines: Vec<_> = ran.stdout.lines().filter(|line| !line.starts_with("head")).collect();
    assert_eq!(lines[0], "demo/hello 1.0.0  vitmod");
    assert_eq!(lines[1], "Says hello");
    assert!(lines[2].starts_with("identity    vp1-sha256:"), "{ran}");
    assert!(lines.contains(&"frames      5, zstd"), "{ran}");
    assert!(lines.contains(&"section     docs: 1 file, 8 B, installed with `--with docs`"), "{ran}");
    assert!(lines.contains(&"needs       acme/text 1.2"), "{ran}");
    assert!(lines.contains(&"signatures  none"), "{ran}");
    assert!(lines.contains(&"x         10 -        bin/run"), "{ran}");
    let answer = sandbox.run("inspect hello.vitmod --json").ends(0).json();
    let result = &answer["result"];
    assert_eq!(result["manifest"]["name"], "demo/hello");
    assert_eq!(result["sections"][2]["files"][0]["path"], "docs/guide.md");
    assert_eq!(result["frames"].as_array().unwrap().len(), 5);
    assert_eq!(result["codec"], "zstd");
}

#[test]
fn the_tree_is_printed_byte_for_byte_and_its_digest_is_the_identity() {
    let sandbox = Sandbox::new();
    package(&sandbox, "a.vitmod", Codec::Zstd);
    package(&sandbox, "b.vitmod", Codec::Lz4);
    let (a, b) =
        (sandbox.run("inspect a.vitmod --tree").ends(0), sandbox.run("inspect --tree b.vitmod").ends(0));
    assert_eq!(a.stdout, b.stdout);
    assert!(a.stdout.starts_with("vitte-tree 1\ns meta\nf "), "{a}");
    let identity = format!("vp1-sha256:{}", Digest::of(a.stdout.as_bytes()));
    assert_eq!(sandbox.run("inspect b.vitmod --json").json()["result"]["tree"], identity);
}

#[test]
fn content_comes_out_as_it_went_in() {
    let sandbox = Sandbox::new();
    for codec in [Codec::Zstd, Codec::Lz4] {
        package(&sandbox, "hello.vitmod", codec);
        assert_eq!(sandbox.run("inspect hello.vitmod src/main.vit").ends(0).stdout, "print(\"hello\")\n");
        assert_eq!(sandbox.run("inspect hello.vitmod vitte.toml").ends(0).stdout, MANIFEST);
        let output = sandbox.package().args(["inspect", "hello.vitmod", "src/table"]).output().unwrap();
        assert!(output.stdout == large(), "{} bytes", output.stdout.len());
    }
    let ran = sandbox.run("inspect hello.vitmod src/mian.vit").ends(9);
    assert!(ran.stderr.contains("the archive has no file `src/mian.vit`"), "{ran}");
    assert!(ran.stderr.contains("did you mean `src/main.vit`?"), "{ran}");
}

fn altered(sandbox: &Sandbox, at: impl Fn(&[u8]) -> usize) -> Vec<u8> {
    let mut bytes = std::fs::read(sandbox.path().join("hello.vitmod")).unwrap();
    let at = at(&bytes);
    bytes[at] ^= 1;
    bytes
}

#[test]
fn damage_is_named_and_nothing_wrong_is_given_out() {
    let sandbox = Sandbox::new();
    package(&sandbox, "hello.vitmod", Codec::Zstd);
    let inspect = |bytes: &[u8], path: &str| -> Ran {
        sandbox.write("bad.vitmod", bytes);
        sandbox.run(&format!("inspect bad.vitmod {path}"))
    };
    // The last frame holds the guide; the one with the sources is whole.
    let last = altered(&sandbox, |bytes| bytes.len() - 20);
    let ran = inspect(&last, "docs/guide.md").ends(5);
    assert!(ran.stderr.contains("error[VP0501]") && ran.stdout.is_empty(), "{ran}");
    assert!(ran.stderr.contains("frame 5 of 5"), "{ran}");
    inspect(&last, "src/main.vit").ends(0);
    // A byte of the table of contents; the end cut off; a byte too many.
    let toc = altered(&sandbox, |_| 200);
    assert!(inspect(&toc, "").ends(5).stderr.contains("error[VP0503]"));
    let whole = std::fs::read(sandbox.path().join("hello.vitmod")).unwrap();
    assert_ne!(inspect(&whole[..whole.len() - 1], "").exit, 0);
    assert_ne!(inspect(&[&whole[..], b"x"].concat(), "").exit, 0);
    assert_ne!(inspect(&whole[..100], "").exit, 0);
    assert!(inspect(b"PK\x03\x04 something else", "").ends(3).stderr.contains("error[VP0208]"));
    inspect(b"", "").ends(3);
    assert!(sandbox.run("inspect none.vitmod").ends(9).stderr.contains("there is no such file"));
}

/// A tar with a file, a link and a device, made by another crate.
fn foreign() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut add = |kind, name: &str, link: Option<&str>, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        match link {
            Some(link) => builder.append_link(&mut header, name, link).unwrap(),
            None => builder.append_data(&mut header, name, content).unwrap(),
        }
    };
    add(tar::EntryType::Regular, "pkg-1.0/README", None, b"read me\n");
    add(tar::EntryType::Symlink, "pkg-1.0/evil", Some("/etc/passwd"), b"");
    add(tar::EntryType::Char, "pkg-1.0/dev", None, b"");
    builder.into_inner().unwrap()
}

#[test]
fn archives_of_other_tools_are_listed_with_all_that_is_odd_in_them() {
    let sandbox = Sandbox::new();
    let tar = foreign();
    sandbox.write("a.tar", &tar);
    sandbox.write("a.tar.zst", zstd::encode_all(&tar[..], 3).unwrap());
    let packed = std::process::Command::new("gzip").arg("-k").arg(sandbox.path().join("a.tar")).status();
    assert!(packed.unwrap().success());
    for name in ["a.tar", "a.tar.gz", "a.tar.zst"] {
        let ran = sandbox.run(&format!("inspect {name}")).ends(0);
        assert_eq!(
            ran.stdout,
            "f          8 pkg-1.0/README\nl          0 pkg-1.0/evil -> /etc/passwd\nc          0 pkg-1.0/dev\n"
        );
        assert!(ran.stderr.contains("nothing of it can be verified"), "{ran}");
        assert_eq!(sandbox.run(&format!("inspect {name} pkg-1.0/README")).ends(0).stdout, "read me\n");
        sandbox.run(&format!("inspect {name} pkg-1.0/evil")).ends(3);
        sandbox.run(&format!("inspect {name} --tree")).ends(3);
        let answer = sandbox.run(&format!("inspect {name} --json")).ends(0).json();
        assert_eq!(answer["result"]["entries"][1]["target"], "/etc/passwd");
    }
    // Bytes behind the end are shown to some tools and not to others.
    sandbox.write("hidden.tar", [&tar[..], &tar[..]].concat());
    assert!(sandbox.run("inspect hidden.tar").ends(3).stderr.contains("error[VP0214]"));
    sandbox.write("cut.tar.gz", &std::fs::read(sandbox.path().join("a.tar.gz")).unwrap()[..100]);
    assert!(sandbox.run("inspect cut.tar.gz").ends(3).stderr.contains("error[VP0214]"));
}

/// The greatest list of files there can be, in the longest paths.
fn full(sandbox: &Sandbox, name: &str) {
    let input = |path: String, content: &[u8]| Input {
        path: PackagePath::parse(&path).unwrap(),
        section: SectionName::parse("-").unwrap(),
        mode: Mode::Regular,
        source: InputSource::Bytes(content.to_vec()),
    };
    let folder = format!("{}/{}", "d".repeat(90), "e".repeat(60));
    let mut inputs = vec![input("vitte.toml".to_owned(), MANIFEST.as_bytes())];
    inputs.extend((0..65_500).map(|number| input(format!("{folder}/{number:046}.t"), b"")));
    let options = Options { kind: Kind::Vitmod, codec: Codec::Zstd, profile: Profile::Dev, jobs: 2 };
    let plan = Plan::new(inputs).unwrap();
    plan.write(&sandbox.path().join(name), options, &Silent, |_| Ok(Vec::new())).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn the_longest_list_of_files_is_told_within_100_mib() {
    let sandbox = Sandbox::new();
    full(&sandbox, "full.vitmod");
    // Of memory that is written to, no more can be had: the program would end with a fault.
    let ran = std::process::Command::new("sh")
        .args(["-c", "ulimit -d 102400 && exec \"$0\" inspect --json full.vitmod"])
        .arg(env!("CARGO_BIN_EXE_vitte-package"))
        .current_dir(sandbox.path())
        .env("VITTE_HOME", sandbox.path().join("home"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}: {}", ran.status, String::from_utf8_lossy(&ran.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(answer["result"]["sections"][1]["files"].as_array().unwrap().len(), 65_500);
    // Members come in the order of their names, as in every answer.
    assert_eq!(answer.to_string(), String::from_utf8(ran.stdout).unwrap().trim_end());
}
