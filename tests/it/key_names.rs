//! A key is called the same everywhere: every command that takes one takes its name, its fingerprint and its id.

use crate::registry::{initialised, pack, publish};
use crate::sandbox::Sandbox;

/// Name, fingerprint and id of a key.
fn called(sandbox: &Sandbox, name: &str) -> [String; 3] {
    let shown = sandbox.run(&format!("key show {name} --json")).ends(0).json();
    let text = |member: &str| shown["result"][member].as_str().unwrap().to_owned();
    [text("name"), text("short"), text("key_id")]
}

#[test]
fn a_key_is_chosen_by_its_name_fingerprint_or_id() {
    let sandbox = initialised();
    let archive = pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    publish(&sandbox, &[&archive]).ends(0);
    for name in ["one", "two"] {
        sandbox.run(&format!("key generate --name {name}")).ends(0);
    }
    sandbox.run("key export two --out two.pub").ends(0);
    let keys = called(&sandbox, "two");
    for key in &keys {
        assert_eq!(called(&sandbox, key), keys, "{key}");
        let copy = pack(&sandbox, "demo/other", "1.0.0", "other", "").display().to_string();
        let signed = sandbox.run(&format!("sign {copy} --key {key} --registry registry.example/"));
        let signed = signed.ends(0).to_string();
        assert!(signed.contains(&keys[1]), "{key}: {signed}");
        let exported = sandbox.run(&format!("key export {key}")).ends(0);
        assert!(exported.stdout.contains("BEGIN PUBLIC KEY"), "{key}");
        sandbox.run(&format!("verify {copy} --key {key} --json")).ends(0);
        // A key of the namespace may be given by its local name, too.
        sandbox
            .run("namespace rotate demo --add two.pub --role release --key default --registry reg --yes")
            .ends(0);
        let removed = format!("namespace rotate demo --remove {key} --key default --registry reg --yes");
        let removed = sandbox.run(&removed).ends(0).to_string();
        assert!(removed.contains(&keys[1]), "{key}: {removed}");
    }
    // A key that is not stored is named in the error, whatever its form.
    let other = sandbox.run("key generate --name third --json").ends(0).json();
    let other = other["result"]["short"].as_str().unwrap().to_owned();
    sandbox.run(&format!("key remove {other} --yes")).ends(0);
    for key in [other.as_str(), &"0".repeat(64), "none"] {
        let refused = sandbox.run(&format!("key show {key}")).ends(9);
        assert!(refused.stderr.contains("VP0310") && refused.stderr.contains(key), "{refused}");
        let refused = sandbox.run(&format!("sign {} --key {key}", archive.display())).ends(9);
        assert!(refused.stderr.contains(key), "{refused}");
    }
    sandbox.run(&format!("key rename {} deux", keys[1])).ends(0);
    let again = called(&sandbox, "deux");
    assert_eq!((&again[1], &again[2]), (&keys[1], &keys[2]));
    // Keys of others are chosen in the same way: a trusted one, and one of the namespace that is not stored here.
    sandbox.run(&format!("key remove {} --yes", keys[2])).ends(0);
    let copy = pack(&sandbox, "demo/other", "1.0.0", "other", "").display().to_string();
    sandbox.run(&format!("sign {copy} --key one --registry registry.example/")).ends(0);
    let one = called(&sandbox, "one");
    sandbox.run("key export one --out one.pub").ends(0);
    sandbox.run("key remove one --yes").ends(0);
    sandbox.run(&format!("verify {copy} --key {}", one[1])).ends(9);
    sandbox.run("key trust one.pub --for demo/other").ends(0);
    sandbox.run(&format!("verify {copy} --key {}", one[1])).ends(0);
    sandbox.run(&format!("verify {copy} --key {}", one[2])).ends(0);
    sandbox.run(&format!("key untrust {}", one[1])).ends(0);
    sandbox
        .run("namespace rotate demo --add two.pub --role release --key default --registry reg --yes")
        .ends(0);
    let remove = format!("namespace rotate demo --remove {} --key default --registry reg --yes", keys[1]);
    sandbox.run(&remove).ends(0);
}
