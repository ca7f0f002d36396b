//! The demo, run as a user does, twice.

use crate::sandbox::Sandbox;

#[test]
fn the_demo_installs_catches_the_attack_and_leaves_a_folder_to_use() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("demo --exit").ends(0);
    for step in 2..=8 {
        assert!(ran.stdout.contains(&format!("\n {step}/8  ")), "{ran}");
    }
    assert!(ran.stdout.contains("error[VP0501]") && ran.stdout.contains("frame "), "{ran}");
    assert!(ran.stdout.contains("caught: exit status 5, nothing was unpacked"), "{ran}");
    assert!(ran.stdout.contains("log entry #") && ran.stdout.contains("inclusion in the"), "{ran}");
    assert!(ran.stdout.contains("error[VP0527]") && ran.stdout.contains("refused: nothing of"), "{ran}");
    let answer = sandbox.run("demo --exit --json").ends(0).json();
    assert_eq!(answer["result"]["caught"], true);
    assert_eq!(answer["result"]["split_refused"], true);
    let verified = sandbox.run_with("registry verify vitte-demo/registry", |command| {
        command.env("VITTE_HOME", sandbox.path().join("vitte-demo/home"));
    });
    assert_eq!(verified.exit, 0, "{verified}");
    sandbox.write("mine/file", "");
    sandbox.run("demo --dir mine").ends(10);
    assert!(sandbox.path().join("mine/file").exists());
}
