//! `scripts/install-tools.sh` with compilers and a Node.js of every age, all of them stand-ins: what is too old is named
//! in one sentence, and never asked to do anything.

use crate::sandbox::Sandbox;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes a program that only gives its version; asked for anything else, it says so where a test sees it.
fn stand_in(sandbox: &Sandbox, path: &str, version: &str) {
    program(
        sandbox,
        path,
        &format!("[ \"$1\" = --version ] && echo '{version}' || {{ echo \"USED $0 $*\" >&2; exit 101; }}"),
    );
}

fn program(sandbox: &Sandbox, path: &str, body: &str) {
    let file = sandbox.write(path, format!("#!/bin/sh\n{body}\n"));
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn rust(sandbox: &Sandbox, folder: &str, version: &str) {
    stand_in(sandbox, &format!("{folder}/cargo"), &format!("cargo {version} (0123456789 2026-01-01)"));
    stand_in(sandbox, &format!("{folder}/rustc"), &format!("rustc {version} (0123456789 2026-01-01)"));
}

/// What the script prints for programs and for people, and whether it succeeded. It cannot install anything.
fn install_tools(sandbox: &Sandbox, groups: &[&str]) -> (String, String, bool) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for denied in ["apt-get", "sudo", "dpkg-query"] {
        program(
            sandbox,
            &format!("bin/{denied}"),
            &format!("echo \"{denied} $*\" >> \"$HOME/asked\"; exit 1"),
        );
    }
    let output = Command::new(repository.join("scripts/install-tools.sh"))
        .args(groups)
        .env_clear()
        .env("HOME", sandbox.path())
        .env("PATH", format!("{}:/usr/bin:/bin", sandbox.path().join("bin").display()))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(sandbox.path().to_str().unwrap(), "[dir]");
    (text(output.stdout), text(output.stderr), output.status.success())
}

/// Whether this machine's own compiler is new enough to be taken instead.
fn system_has_rust() -> bool {
    let new = |program: &str| {
        let output = Command::new(PathBuf::from("/usr/bin").join(program)).arg("--version").output();
        let said =
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let version = said.split(' ').nth(1).unwrap_or("0").to_owned();
        let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (1, 95)
    };
    new("cargo") && new("rustc")
}

#[test]
fn a_compiler_that_is_new_enough_is_taken_in_silence() {
    for version in ["1.95.0", "1.96.0", "1.100.2", "2.0.0", "1.97.0-nightly"] {
        let sandbox = Sandbox::new();
        rust(&sandbox, "bin", version);
        let (path, said, succeeded) = install_tools(&sandbox, &["build"]);
        assert!(succeeded && said.is_empty(), "{version}: {said}");
        assert!(!path.contains("rust"), "{version}: {path}");
        assert!(!sandbox.path().join("asked").exists());
    }
}

#[test]
fn a_compiler_that_is_too_old_is_named_and_never_used() {
    for (version, found) in
        [("1.70.0", "1.70.0"), ("1.94.1", "1.94.1"), ("1.9.0", "1.9.0"), ("0.99.0", "0.99.0")]
    {
        let sandbox = Sandbox::new();
        rust(&sandbox, "bin", version);
        stand_in(&sandbox, "bin/rustup", "rustup 1.28.0");
        let (path, said, succeeded) = install_tools(&sandbox, &["build"]);
        assert!(!said.contains("USED"), "{said}");
        if system_has_rust() {
            assert!(succeeded && path.contains("/debian-rust/bin:"), "{path}{said}");
            continue;
        }
        assert!(!succeeded);
        let sentence = format!(
            "install-tools: cargo {found} ([dir]/bin/cargo) is too old: Rust 1.95 or newer is needed; `rustup update stable` brings it"
        );
        assert_eq!(
            said.lines().filter(|line| line.contains("too old")).collect::<Vec<_>>(),
            [sentence],
            "{said}"
        );
        // It says what it would install before it tries, and what it could not.
        let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("{text}: {said}"));
        assert!(at("will install with") < at("skipped: cargo-web"), "{said}");
        assert!(said.contains("https://rustup.rs"), "{said}");
        assert!(
            std::fs::read_to_string(sandbox.path().join("asked")).unwrap().contains("cargo-web rustc-web")
        );
    }
}

#[test]
fn a_compiler_that_path_does_not_know_yet_is_found() {
    let sandbox = Sandbox::new();
    rust(&sandbox, "bin", "1.65.0");
    rust(&sandbox, ".cargo/bin", "1.95.0");
    let (path, said, succeeded) = install_tools(&sandbox, &["build"]);
    assert!(succeeded && path.starts_with("export PATH=\"[dir]/.cargo/bin:"), "{path}{said}");
    assert!(!sandbox.path().join("asked").exists(), "{said}");
}

#[test]
fn a_node_that_is_too_old_is_named_and_one_that_is_new_enough_is_taken() {
    for (version, new) in [
        ("v18.20.4", false),
        ("v20.18.3", false),
        ("v20.19.0", true),
        ("v21.7.0", false),
        ("v22.11.0", false),
        ("v22.12.0", true),
        ("v24.0.1", true),
    ] {
        let sandbox = Sandbox::new();
        rust(&sandbox, "bin", "1.95.0");
        stand_in(&sandbox, "bin/node", version);
        stand_in(&sandbox, "bin/npm", "10.0.0");
        let (path, said, succeeded) = install_tools(&sandbox, &["npm"]);
        let sentence =
            format!("Node.js {} ([dir]/bin/node) is too old: 20.19, 22.12 or newer is needed", &version[1..]);
        assert_eq!((succeeded, said.contains(&sentence)), (new, !new), "{version}: {path}{said}");
        // npm is asked for one that is new, and for nothing when it is there.
        assert_eq!(said.contains("USED"), !new, "{version}: {said}");
        assert_eq!(said.contains("skipped: node-22."), !new, "{version}: {said}");
    }
}

#[test]
fn an_unknown_group_is_refused() {
    let sandbox = Sandbox::new();
    rust(&sandbox, "bin", "1.95.0");
    let (path, said, succeeded) = install_tools(&sandbox, &["build", "nothing"]);
    assert!(!succeeded && path.is_empty(), "{path}");
    assert_eq!(said, "install-tools: no group nothing\n");
}
