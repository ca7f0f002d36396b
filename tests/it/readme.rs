//! The README's first steps, as written.

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// The commands of the block under a heading, comments cut off.
fn commands(heading: &str) -> Vec<&'static str> {
    let section = README.split(heading).nth(1).expect("the heading is there");
    let block = section.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    block.lines().map(|line| line.split("  #").next().unwrap_or(line).trim()).collect()
}

#[test]
fn the_first_steps_work_as_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let programs = Path::new(env!("CARGO_BIN_EXE_vitte")).parent().expect("a folder of programs");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let script = format!("set -e\n{}\n", commands("## First steps").join("\n"));
    let out = Command::new("sh")
        .args(["-c", &script])
        .current_dir(&folder)
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("VITTE_HOME", folder.path().join("home"))
        .output()
        .expect("a shell");
    let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{stdout}{stderr}");
    assert!(folder.path().join("registry/config.json").is_file());
}

#[test]
fn the_two_commands_are_there() {
    for script in ["scripts/demo.sh", "scripts/test.sh"] {
        assert!(README.contains(&format!("./{script} ")), "{script}");
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(script).is_file(), "{script}");
    }
}
