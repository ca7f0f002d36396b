//! `vitte package extract`: the right files with the right modes, and nothing at all otherwise.

use crate::archives::{make, signed, small_files};
use crate::sandbox::{Sandbox, skipped};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use vitte_package_core::codec::Codec;
use vitte_package_core::tree::Mode;

/// Path -> (can be run, content) of all files below a folder.
fn listing(folder: &Path) -> BTreeMap<String, (bool, Vec<u8>)> {
    fn walk(root: &Path, folder: &Path, into: &mut BTreeMap<String, (bool, Vec<u8>)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let data = std::fs::symlink_metadata(&path).unwrap();
            if data.is_dir() {
                walk(root, &path, into);
            } else {
                assert!(data.is_file(), "{}", path.display());
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                into.insert(name, (can_run(&data), std::fs::read(&path).unwrap()));
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(folder, folder, &mut files);
    files
}

#[cfg(unix)]
fn can_run(data: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn can_run(_: &std::fs::Metadata) -> bool {
    false
}

fn expected(files: &[(&str, &str, Mode, Vec<u8>)]) -> BTreeMap<String, (bool, Vec<u8>)> {
    let file = |(_, path, mode, content): &(&str, &str, Mode, Vec<u8>)| {
        ((*path).to_owned(), (cfg!(unix) && *mode == Mode::Executable, content.clone()))
    };
    files.iter().map(file).collect()
}

/// Nothing but what was there before: no folder, nothing half done.
fn left_behind(sandbox: &Sandbox, known: &[&str]) -> Vec<String> {
    let names = std::fs::read_dir(sandbox.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| !known.contains(&name.as_str())).collect()
}

#[test]
fn a_signed_package_is_extracted_as_it_was() {
    let sandbox = Sandbox::new();
    signed(&sandbox, "hello.vitmod");
    let ran = sandbox.run("extract hello.vitmod out").ends(0);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("extracted to out (verified: demo/hello 1.0.0, signed by SHA256:"), "{ran}");
    assert_eq!(listing(&sandbox.path().join("out")), expected(&small_files()));
    // An empty folder may be there; one that holds something is left alone.
    std::fs::create_dir(sandbox.path().join("empty")).unwrap();
    sandbox.run("extract hello.vitmod empty").ends(0);
    sandbox.run("extract hello.vitmod out").ends(10);
    let answer = sandbox.run("extract hello.vitmod deep/er/out --json").ends(0).json();
    assert_eq!(answer["result"]["report"]["status"], "verified");
    // One section, besides `meta`.
    sandbox.run("extract hello.vitmod docs --section docs").ends(0);
    let docs: Vec<String> = listing(&sandbox.path().join("docs")).into_keys().collect();
    assert_eq!(docs, ["README.md", "docs/guide.md", "vitte.toml"]);
}

#[cfg(unix)]
#[test]
fn modes_are_exact_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    signed(&sandbox, "hello.vitmod");
    for umask in ["022", "077", "000", "027"] {
        let mut command = Command::new("/bin/sh");
        command.current_dir(sandbox.path()).env("VITTE_HOME", sandbox.home());
        let program = env!("CARGO_BIN_EXE_vitte-package");
        command.args(["-c", &format!("umask {umask}; exec {program} extract hello.vitmod out-{umask}")]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mode = |path: &str| {
            let path = sandbox.path().join(format!("out-{umask}/{path}"));
            std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
        };
        let modes = ["", "bin", "bin/hello", "src/exactly/one", "src/empty", "vitte.toml"].map(mode);
        assert_eq!(modes, [0o755, 0o755, 0o755, 0o755, 0o644, 0o644], "umask {umask}");
    }
}

#[test]
fn nothing_appears_unless_everything_passed() {
    let sandbox = Sandbox::new();
    let file = signed(&sandbox, "hello.vitmod");
    let good = std::fs::read(&file).unwrap();
    let known = ["hello.vitmod", "altered.vitmod", "unsigned.vitmod", "home"];
    for at in [20, 60, 140, good.len() - 300, good.len() - 1] {
        let mut altered = good.clone();
        altered[at] ^= 0x20;
        sandbox.write("altered.vitmod", &altered);
        for more in ["", "--allow-untrusted"] {
            let ran = sandbox.run(&format!("extract altered.vitmod out {more}"));
            assert!(ran.exit == 5 || ran.exit == 3, "byte {at}: {ran}");
            assert_eq!(left_behind(&sandbox, &known), Vec::<String>::new(), "byte {at}");
        }
    }
    make(&sandbox, "unsigned.vitmod", Codec::Zstd, small_files());
    sandbox.run("extract unsigned.vitmod out").ends(5);
    assert_eq!(left_behind(&sandbox, &known), Vec::<String>::new());
    let ran = sandbox.run("extract unsigned.vitmod out --allow-untrusted").ends(0);
    assert!(ran.stderr.contains("no signature") || ran.stderr.contains("unsigned"), "{ran}");
    assert_eq!(listing(&sandbox.path().join("out")), expected(&small_files()));
}

/// A file that spans frames, many small ones, and both codecs, on one thread and on several.
#[test]
fn files_of_every_size_come_out_whole() {
    let sandbox = Sandbox::new();
    let noise: Vec<u8> = (0..20u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    let names: Vec<String> = (0..700).map(|n| format!("src/d{}/f{n}", n % 37)).collect();
    let mut files = small_files();
    files.extend(names.iter().map(|name| ("-", name.as_str(), Mode::Regular, name.clone().into_bytes())));
    files.push(("-", "noise", Mode::Executable, noise));
    let expected = expected(&files);
    for (codec, jobs) in [(Codec::Zstd, "1"), (Codec::Zstd, "4"), (Codec::Lz4, "3")] {
        make(&sandbox, "large.vitmod", codec, files.clone());
        let output = sandbox
            .package()
            .env("VITTE_JOBS", jobs)
            .args(["extract", "large.vitmod", "large", "--allow-untrusted"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(listing(&sandbox.path().join("large")) == expected, "{codec:?}, {jobs} threads");
        std::fs::remove_dir_all(sandbox.path().join("large")).unwrap();
    }
}

/// Other people's tools see what we see. One that is not installed is named, not passed over.
#[test]
fn gnu_tar_bsdtar_and_python_extract_the_same() {
    let sandbox = Sandbox::new();
    let file = signed(&sandbox, "hello.vitmod");
    let expected = expected(&small_files());
    let python = "import sys, tarfile, subprocess, io
raw = subprocess.run(['zstd', '-dc', sys.argv[1]], check=True, stdout=subprocess.PIPE).stdout
tarfile.open(fileobj=io.BytesIO(raw)).extractall(sys.argv[2])";
    let tools: [(&str, &[&str]); 3] = [
        ("tar", &["tar", "--zstd", "-xf", "FILE", "-C", "OUT"]),
        ("bsdtar", &["bsdtar", "-xf", "FILE", "-C", "OUT"]),
        ("python3", &["python3", "-c", python, "FILE", "OUT"]),
    ];
    for (tool, words) in tools {
        let out = sandbox.path().join(format!("out-{tool}"));
        std::fs::create_dir(&out).unwrap();
        let words = words.iter().map(|word| match *word {
            "FILE" => file.as_os_str(),
            "OUT" => out.as_os_str(),
            word => word.as_ref(),
        });
        let mut words = words;
        let mut command = Command::new(words.next().unwrap());
        match command.args(words).output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                skipped(&format!("{tool} is not installed: its view of our archives was not compared"));
                continue;
            }
            output => {
                let output = output.unwrap();
                assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
            }
        }
        assert_eq!(listing(&out.join("pkg")), expected, "{tool}");
    }
}

/// `tar tf` lists exactly the tree's paths under `pkg/`.
#[test]
fn tar_lists_exactly_the_tree() {
    let sandbox = Sandbox::new();
    let file = signed(&sandbox, "hello.vitmod");
    let mut paths: Vec<String> = small_files().iter().map(|(_, path, ..)| format!("pkg/{path}")).collect();
    paths.sort();
    for tool in ["tar", "bsdtar"] {
        let mut command = Command::new(tool);
        command.env("LC_ALL", "C.UTF-8").arg("-tf").arg(&file);
        let output = match command.output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                skipped(&format!("{tool} is not installed: its list of our archives was not compared"));
                continue;
            }
            output => output.unwrap(),
        };
        assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
        let mut listed: Vec<String> =
            String::from_utf8(output.stdout).unwrap().lines().map(unquote).collect();
        listed.sort();
        assert_eq!(listed, paths, "{tool}");
    }
}

/// GNU tar writes characters it takes for unprintable as octal escapes.
fn unquote(line: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = line.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let octal = more.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit));
        match octal {
            Some(digits) if *first == b'\\' => {
                let digits = std::str::from_utf8(digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 8).unwrap());
                rest = &more[3..];
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}
