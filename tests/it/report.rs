//! `report`: what a registry served, kept for others to see.

use crate::registry::{code, initialised, pack, publish};
use crate::sandbox::Sandbox;
use serde_json::Value;

fn published() -> Sandbox {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    sandbox
}

fn evidence(sandbox: &Sandbox, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(sandbox.path().join(file)).unwrap()).unwrap()
}

#[test]
fn a_tampered_archive_is_reported_with_what_was_signed_and_what_came() {
    let sandbox = published();
    let archive = sandbox.path().join("reg/p/demo/hello/1.0.0/hello-1.0.0.vitmod");
    let mut bytes = std::fs::read(&archive).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    std::fs::write(&archive, &bytes).unwrap();
    // The error says how, and that works.
    let refused = sandbox.run("install demo/hello --registry reg").ends(5);
    let command = "vitte package report demo/hello@1.0.0";
    assert!(refused.stderr.contains(command), "{refused}");
    assert!(sandbox.run("verify demo/hello --registry reg").ends(5).stderr.contains(command));

    let ran = sandbox.run("report demo/hello@1.0.0 --registry reg").ends(0);
    assert_eq!(ran.stdout, "hello-1.0.0.evidence.json\n");
    assert!(ran.stderr.contains("VP0501") && ran.stderr.contains("owners of the namespace `demo`"), "{ran}");
    let found = evidence(&sandbox, "hello-1.0.0.evidence.json");
    assert_eq!((&found["schema"], &found["package"]), (&"vitte.evidence/v1".into(), &"demo/hello".into()));
    assert_eq!(found["faults"][0]["code"], "VP0501");
    let artifact = &found["artifacts"][0];
    let digest = vitte_package_core::digest::Digest::of(&bytes).to_string();
    assert_eq!(artifact["received"]["file"], digest);
    assert_ne!(artifact["signed"]["file"], digest);
    assert_eq!(artifact["received"]["envelopes"].as_array().unwrap().len(), 1);
    for file in ["log/checkpoint", "index/demo/hello", "ns/demo.jsonl", "trust/1.json"] {
        let served = std::fs::read_to_string(sandbox.path().join("reg").join(file)).unwrap();
        assert_eq!(found["files"][file]["text"], served, "{file}");
    }
    let own = sandbox.home().display().to_string();
    assert!(!found.to_string().contains(&own), "nothing of this user is in it");
    // It is not overwritten.
    sandbox.run("report demo/hello@1.0.0 --registry reg").ends(10);
    let answer = sandbox.run("report demo/hello@1.0.0 --registry reg --out b.json --json").ends(0).json();
    assert_eq!(answer["result"]["faults"], serde_json::json!(["VP0501"]));
}

#[test]
fn what_cannot_be_believed_at_all_is_reported_too() {
    let sandbox = published();
    let index = sandbox.path().join("reg/index/demo/hello");
    let text =
        std::fs::read_to_string(&index).unwrap().replace("\"edition\":\"2025\"", "\"edition\":\"2026\"");
    std::fs::write(&index, &text).unwrap();
    sandbox.run("report demo/hello@1.0.0 --registry reg --out a.json").ends(0);
    let found = evidence(&sandbox, "a.json");
    assert_eq!(found["faults"][0]["code"], "VP0531");
    assert_eq!(found["files"]["index/demo/hello"]["text"], text);
}

#[test]
fn a_release_that_is_in_order_or_not_there_is_said_to_be() {
    let sandbox = published();
    let ran = sandbox.run("report demo/hello@1.0.0 --registry reg").ends(0);
    assert!(ran.stderr.contains("every check of demo/hello@1.0.0 passed"), "{ran}");
    assert_eq!(evidence(&sandbox, "hello-1.0.0.evidence.json")["faults"], serde_json::json!([]));
    assert_eq!(code(&sandbox.run("report demo/hello@9.0.0 --registry reg --json").ends(9)), "VP0606");
    sandbox.run("report demo/hello --registry reg").ends(2);
    sandbox.run("report demo/hello@1.0.0 --registry nowhere").ends(9);
}
