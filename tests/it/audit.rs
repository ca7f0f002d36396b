//! `audit`: what has become of the releases in use since they were chosen.

use crate::dependencies::{on_app, project, publish};
use crate::registry::{code, pack};
use crate::sandbox::Sandbox;
use serde_json::Value;

fn findings(answer: &Value) -> Vec<(String, String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = answer["result"]["findings"].as_array().unwrap();
    rows.iter().map(|row| (text(row, "package"), text(row, "kind"), text(row, "in"))).collect()
}

fn row(package: &str, kind: &str, user: &str) -> (String, String, String) {
    (package.to_owned(), kind.to_owned(), user.to_owned())
}

#[test]
fn a_yanked_release_is_found_where_it_is_locked_and_where_it_is_installed() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    publish(&sandbox, "reg", "acme/json", "2.0.0", "\"acme/text\" = \"1\"\n");
    let nothing = sandbox.run("audit --registry reg").ends(0);
    assert!(nothing.stderr.contains("nothing is locked here"), "{nothing}");
    project(&sandbox, "\"acme/json\" = \"2\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    sandbox.run("install acme/text@1.1.0 --registry reg").ends(0);
    let clean = on_app(&sandbox, "audit --registry reg").ends(0);
    assert!(clean.stdout.is_empty() && clean.stderr.contains("3 releases in use: nothing found"), "{clean}");

    sandbox
        .run("yank acme/text@1.1.0 --registry reg --yes --code security --reason overflow --key default")
        .ends(0);
    sandbox.run("deprecate acme/json@2.0.0 --registry reg --use acme/data").ends(0);
    let found = on_app(&sandbox, "audit --registry reg").ends(1);
    assert_eq!(
        found.stdout,
        "acme/json 2.0.0, locked: deprecated, use acme/data\n\
         acme/text 1.1.0, locked: yanked (security): overflow\n\
         acme/text 1.1.0, installed: yanked (security): overflow\n"
    );
    assert!(found.stderr.contains("3 releases in use: 2 yanked, 1 deprecated"), "{found}");
    let answer = on_app(&sandbox, "audit --registry reg --json").ends(1).json();
    let yanked = |user| row("acme/text", "yanked", user);
    assert_eq!(findings(&answer), [yanked("lockfile"), yanked("store")]);
    assert_eq!(answer["result"]["deprecated"][0]["package"], "acme/json");
    assert_eq!(answer["result"]["audited"], 3);

    // What it says to do is enough.
    for help in ["vitte package update acme/text", "vitte package uninstall acme/text@1.1.0"] {
        assert!(found.stderr.contains(help), "{found}");
    }
    on_app(&sandbox, "update acme/text --registry reg").ends(0);
    sandbox.run("uninstall acme/text@1.1.0").ends(0);
    on_app(&sandbox, "audit --registry reg").ends(0);
}

/// T26: the locks that a thief's releases got into are listed, all of them at once.
#[test]
fn releases_of_a_key_that_was_revoked_are_found() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/old", "1.0.0", "");
    sandbox.run("key generate --name ci").ends(0);
    sandbox.run("key export ci --out ci.pub").ends(0);
    let ci = sandbox.run("key show ci --json").ends(0).json()["result"]["key_id"].clone();
    let add = "namespace rotate acme --registry reg --yes --add ci.pub --role release --key default --json";
    let since = sandbox.run(add).ends(0).json()["result"]["log"].as_u64().unwrap();
    for (name, dependencies) in [("acme/text", ""), ("acme/json", "\"acme/text\" = \"1\"\n")] {
        let archive = pack(&sandbox, name, "1.0.0", name, dependencies);
        let publish = format!("publish --registry reg --yes --key ci {}", archive.display());
        sandbox.run(&publish).ends(0);
    }
    project(&sandbox, "\"acme/json\" = \"1\"\n\"acme/old\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    sandbox.run("install acme/text --registry reg").ends(0);
    on_app(&sandbox, "audit --registry reg").ends(0);

    let ci = ci.as_str().unwrap();
    let revoke = format!("namespace revoke acme {ci} --since {since} --registry reg --yes --key default");
    sandbox.run(&revoke).ends(0);
    let answer = on_app(&sandbox, "audit --registry reg --json").ends(1).json();
    assert_eq!(
        findings(&answer),
        [
            row("acme/json", "revoked", "lockfile"),
            row("acme/text", "revoked", "lockfile"),
            row("acme/text", "revoked", "store"),
        ],
        "what another key signed is as good as ever"
    );
    assert_eq!(answer["result"]["findings"][0]["code"], "VP0517");
    let reported = on_app(&sandbox, "audit --registry reg").ends(1);
    assert!(
        reported.stdout.contains("acme/json 1.0.0, locked: ") && reported.stdout.contains("revoked"),
        "{reported}"
    );
}

#[test]
fn a_registry_that_contradicts_what_is_in_use_is_no_finding_but_an_error() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/json", "1.0.0", "");
    project(&sandbox, "\"acme/json\" = \"1\"\n\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    sandbox.run("yank acme/text@1.0.0 --registry reg --yes").ends(0);
    let lock = std::fs::read_to_string(sandbox.path().join("app/vitte.lock")).unwrap();

    // The lockfile names other content than the registry: the rest is audited all the same.
    let at = lock.find("vp1-sha256:").unwrap() + 11;
    let mut other = lock.clone();
    other.replace_range(at..=at, if &lock[at..=at] == "0" { "1" } else { "0" });
    sandbox.write("app/vitte.lock", &other);
    let ran = on_app(&sandbox, "audit --registry reg --json").ends(5);
    assert_eq!(code(&ran), "VP0539");
    assert_eq!(findings(&ran.json()), [row("acme/text", "yanked", "lockfile")]);

    // A release that was seen is not there: the registry has to be asked again.
    sandbox.write("app/vitte.lock", &lock);
    std::fs::remove_file(sandbox.path().join("reg/index/acme/json")).unwrap();
    on_app(&sandbox, "audit --registry reg").ends(6);
}

#[test]
fn what_no_registry_answers_for_is_said() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    sandbox.run("install acme/text --registry reg").ends(0);
    sandbox.run("registry init other").ends(0);
    let ran = sandbox.run("audit --registry other").ends(1);
    assert!(ran.stderr.contains("acme/text 1.0.0 comes from the registry"), "{ran}");
    assert!(!ran.stderr.contains("nothing found"), "{ran}");
    assert!(ran.stderr.contains("1 release in use: 1 not audited"), "{ran}");
    let answer = sandbox.run("audit --registry other --json").ends(1).json();
    assert_eq!(answer["result"]["unasked"][0]["package"], "acme/text");
    assert_eq!((&answer["ok"], &answer["result"]["audited"]), (&Value::Bool(false), &0.into()));
    assert_eq!(answer["diagnostics"][0]["severity"], "warning");
    assert!(sandbox.run("audit").ends(2).stderr.contains("VP0306"));
}

#[test]
fn an_audit_that_asked_nobody_is_no_success() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    let unlocked = on_app(&sandbox, "audit --registry reg --json").ends(1);
    assert_eq!(code(&unlocked), "VP0801", "what is not locked is not audited: {unlocked}");
    on_app(&sandbox, "lock --registry reg").ends(0);
    // The lockfile is there, and no registry to ask: in CI as anywhere.
    for ci in [false, true] {
        let ran = sandbox.run_with("audit --manifest app/vitte.toml --json", |command| {
            if ci {
                command.env("CI", "1");
            }
        });
        let answer = ran.ends(1).json();
        assert_eq!((&answer["ok"], &answer["result"]["audited"]), (&Value::Bool(false), &0.into()));
        assert_eq!(answer["result"]["unasked"][0]["package"], "acme/text");
    }
    on_app(&sandbox, "audit --registry reg").ends(0);
    // A file came from no registry.
    let archive = pack(&sandbox, "acme/alone", "1.0.0", "alone", "");
    sandbox.run(&format!("sign {} --key default", archive.display())).ends(0);
    sandbox.run(&format!("install {} --user", archive.display())).ends(0);
    let ran = on_app(&sandbox, "audit --registry reg").ends(1);
    assert!(ran.stderr.contains("2 releases in use: 1 not audited"), "{ran}");
    assert!(ran.stderr.contains("acme/alone 1.0.0 was installed from a file"), "{ran}");
}

#[test]
fn a_deprecation_is_counted_and_is_no_finding() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    sandbox.run("deprecate acme/text@1.0.0 --registry reg --use acme/words").ends(0);
    let reported = on_app(&sandbox, "audit --registry reg").ends(0);
    assert!(reported.stderr.contains("1 release in use: 1 deprecated"), "{reported}");
    assert!(!reported.stderr.contains("nothing found"), "{reported}");
}
