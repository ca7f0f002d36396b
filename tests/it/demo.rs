//! The demo, run as a user does, twice.

use crate::programs;
use crate::sandbox::Sandbox;

#[test]
fn the_demo_installs_catches_the_attack_and_leaves_a_folder_to_use() {
    let sandbox = Sandbox::new();
    // It is beside the client's program now.
    assert_eq!(programs::server().parent(), programs::client().parent());
    let ran = sandbox.run("demo --exit").ends(0);
    for step in 2..=11 {
        assert!(ran.stdout.contains(&format!("\n {step:>2}/11  ")), "{ran}");
    }
    assert_eq!(ran.stdout.matches("error[VP0501]").count(), 2, "both registries were attacked: {ran}");
    assert!(ran.stdout.contains("error[VP0501]") && ran.stdout.contains("frame "), "{ran}");
    assert!(ran.stdout.contains("caught: exit status 5, nothing was unpacked"), "{ran}");
    assert!(ran.stdout.contains("log entry #") && ran.stdout.contains("inclusion in the"), "{ran}");
    assert!(ran.stdout.contains("error[VP0527]") && ran.stdout.contains("refused: nothing of"), "{ran}");
    let answer = sandbox.run("demo --exit --json").ends(0).json();
    assert_eq!(answer["result"]["caught"], true);
    assert_eq!(answer["result"]["split_refused"], true);
    assert_eq!(answer["result"]["served"], true);
    let token = std::fs::read_to_string(sandbox.path().join("vitte-demo/token")).unwrap();
    assert!(token.starts_with("vtt_") && !ran.to_string().contains(&token), "{ran}");
    let verified = sandbox.run_with("registry verify vitte-demo/registry", |command| {
        command.env("VITTE_HOME", sandbox.path().join("vitte-demo/home"));
    });
    assert_eq!(verified.exit, 0, "{verified}");
    sandbox.write("mine/file", "");
    sandbox.run("demo --dir mine").ends(10);
    assert!(sandbox.path().join("mine/file").exists());
}

#[test]
fn without_the_servers_program_its_part_is_skipped_by_name() {
    let sandbox = Sandbox::new();
    let alone = sandbox.path().join("vitte-package");
    std::fs::copy(programs::client(), &alone).unwrap();
    let mut command = std::process::Command::new(&alone);
    command.args(["demo", "--exit"]).current_dir(sandbox.path()).env_clear();
    let output = command.env("VITTE_HOME", sandbox.home()).env("HOME", sandbox.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("vitte-registry is neither") && said.contains("\n  8/8  "), "{said}");
}
