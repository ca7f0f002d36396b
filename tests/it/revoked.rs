//! A release in use whose signer was revoked, or that is malware, is never used in silence: T85.

use crate::batch::counting;
use crate::dependencies::{on_app, project, publish};
use crate::http::as_stranger;
use crate::registry::{code, pack};
use crate::sandbox::{Ran, Sandbox};

/// `acme/text` 1.0.0, which `acme/json` needs, is signed by a key `ci` that may only release. A project is locked to
/// both and installed.
fn locked() -> Sandbox {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/json", "0.9.0", "");
    sandbox.run("key generate --name ci").ends(0);
    sandbox.run("key export ci --out ci.pub").ends(0);
    let add = "namespace rotate acme --registry reg --yes --add ci.pub --role release --key default";
    sandbox.run(add).ends(0);
    release(&sandbox, "acme/text", "1.0.0", "", "ci");
    release(&sandbox, "acme/json", "1.0.0", "\"acme/text\" = \"1\"\n", "default");
    project(&sandbox, "\"acme/json\" = \"1\"\n");
    on_app(&sandbox, "install --registry reg").ends(0);
    sandbox
}

fn release(sandbox: &Sandbox, name: &str, version: &str, needs: &str, key: &str) {
    let archive = pack(sandbox, name, version, version, needs);
    sandbox.run(&format!("publish --registry reg --yes --key {key} {}", archive.display())).ends(0);
}

fn revoke(sandbox: &Sandbox) {
    let ci = sandbox.run("key show ci --json").ends(0).json()["result"]["key_id"].clone();
    let ci = ci.as_str().unwrap();
    let revoke = format!(
        "namespace revoke acme {ci} --since 0 --reason compromised --registry reg --yes --key default"
    );
    sandbox.run(&revoke).ends(0);
}

#[must_use]
fn in_ci(sandbox: &Sandbox, line: &str) -> Ran {
    sandbox.run_with(&format!("{line} --manifest app/vitte.toml --registry reg"), |command| {
        command.env("CI", "1");
    })
}

/// T85: what was locked before its signer was revoked.
#[test]
fn t85_a_locked_release_by_a_revoked_key_is_refused_or_told() {
    let sandbox = locked();
    let lockfile = std::fs::read(sandbox.path().join("app/vitte.lock")).unwrap();
    let quiet = on_app(&sandbox, "install --registry reg").ends(0);
    assert!(quiet.stderr.contains("nothing to do") && !quiet.stderr.contains("warning"), "{quiet}");
    revoke(&sandbox);

    let all = ["install", "fetch", "vendor", "lock", "update", "update acme/text", "add acme/json --dev"];
    for command in all {
        let refused = on_app(&sandbox, &format!("{command} --registry reg --json")).ends(5);
        assert_eq!(code(&refused), "VP0517", "{command}: {refused}");
        assert!(refused.stdout.contains("acme/text 1.0.0"), "{command}: {refused}");
    }
    assert_eq!(std::fs::read(sandbox.path().join("app/vitte.lock")).unwrap(), lockfile);
    for command in ["install --locked", "fetch --locked", "vendor --locked", "lock --locked"] {
        let reported = on_app(&sandbox, &format!("{command} --registry reg")).ends(0);
        assert!(reported.stderr.contains("warning[VP0517]: acme/text 1.0.0"), "{command}: {reported}");
        assert!(reported.stderr.contains("compromised"), "{command}: {reported}");
        for deny in ["revoked", "yanked"] {
            on_app(&sandbox, &format!("{command} --registry reg --deny {deny}")).ends(5);
        }
        in_ci(&sandbox, command).ends(5);
    }
    // Nothing in place: the same.
    std::fs::remove_file(sandbox.path().join("app/.vitte/paths.json")).unwrap();
    let reported = on_app(&sandbox, "install --locked --registry reg").ends(0);
    assert!(reported.stderr.contains("warning[VP0517]"), "{reported}");
    let reported = on_app(&sandbox, "outdated --registry reg").ends(0);
    assert!(reported.stderr.contains("warning[VP0517]"), "{reported}");
    let ill = sandbox.run_with("doctor", |command| {
        command.current_dir(sandbox.path().join("app")).env("VITTE_REGISTRY", "../reg");
    });
    assert!(ill.stdout.contains("BAD  releases: acme/text 1.0.0, locked: "), "{ill}");
    assert_eq!(ill.exit, 1);
    for command in ["install acme/json --user", "exec acme/json", "info acme/text", "verify acme/text"] {
        sandbox.run(&format!("{command} --registry reg")).ends(5);
    }

    // A way out: another release, and what does not touch it.
    release(&sandbox, "acme/text", "1.1.0", "", "default");
    let reported = on_app(&sandbox, "update acme/json --registry reg").ends(0);
    assert!(reported.stderr.contains("warning[VP0517]: acme/text 1.0.0"), "{reported}");
    on_app(&sandbox, "update acme/text --registry reg").ends(0);
    on_app(&sandbox, "install --registry reg").ends(0);
}

/// T85: the lockfile's own word for who signed does not hide it.
#[test]
fn t85_another_signer_in_the_lockfile_hides_nothing() {
    let sandbox = locked();
    revoke(&sandbox);
    let key = |name: &str| {
        let shown = sandbox.run(&format!("key show {name} --json")).ends(0).json();
        shown["result"]["key_id"].as_str().unwrap().to_owned()
    };
    let path = sandbox.path().join("app/vitte.lock");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&key("ci"), &key("default"))).unwrap();
    let reported = on_app(&sandbox, "install --locked --registry reg").ends(0);
    assert!(reported.stderr.contains("warning[VP0517]: acme/text 1.0.0"), "{reported}");
    on_app(&sandbox, "install --registry reg").ends(5);
}

/// T85: a registry at an address is asked as well, by what has changed; one that is silent stops nothing that is in
/// place, and is not taken for a good word.
#[test]
fn t85_a_revocation_is_seen_at_an_address_and_silence_is_told() {
    let sandbox = locked();
    let (url, _) = counting(sandbox.path().join("reg"), None);
    as_stranger(&sandbox, &url);
    let at =
        |url: &str, line: &str| sandbox.run(&format!("{line} --manifest app/vitte.toml --registry {url}"));
    let run = |line: &str| at(&url, line);
    run("install").ends(0);
    assert!(!run("install --locked").ends(0).stderr.contains("VP0517"));
    let swap = |from: &str, to: &str| {
        std::fs::rename(sandbox.path().join(from), sandbox.path().join(to)).unwrap();
    };
    swap("home", "stranger");
    swap("owner", "home");
    revoke(&sandbox);
    swap("home", "owner");
    swap("stranger", "home");
    assert!(run("install --locked").ends(0).stderr.contains("warning[VP0517]"));
    run("install").ends(5);
    run("install --locked --deny revoked").ends(5);
    sandbox.run("install --manifest app/vitte.toml --offline").ends(0);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = at(&format!("http://{nobody}"), "install --locked").ends(0);
    assert!(silent.stderr.contains("not checked whether locked releases were yanked"), "{silent}");
    at(&format!("http://{nobody}"), "install --locked --deny revoked").ends(6);
}

/// T59, T85: malware is reported also where the lockfile must stay.
#[test]
fn malware_is_refused_and_a_deprecation_told_wherever_it_is_used() {
    let sandbox = locked();
    let yank = "yank acme/text@1.0.0 --registry reg --yes --code malware --reason coins --key default";
    sandbox.run(yank).ends(0);
    for command in ["install", "fetch", "vendor", "lock", "update acme/json", "add acme/json --dev"] {
        // What is not to move is reported by `update`.
        let exit = i32::from(!command.starts_with("update"));
        let refused = on_app(&sandbox, &format!("{command} --registry reg --json")).ends(exit);
        assert_eq!(code(&refused), "VP0404", "{command}: {refused}");
    }
    let reported = on_app(&sandbox, "install --locked --registry reg").ends(0);
    assert!(reported.stderr.contains("warning[VP0404]") && reported.stderr.contains("coins"), "{reported}");
    on_app(&sandbox, "install --locked --registry reg --deny revoked").ends(1);
    in_ci(&sandbox, "install").ends(1);
    sandbox.run("yank acme/text@1.0.0 --undo --registry reg --yes --key default").ends(0);

    let deprecate =
        "deprecate acme/text@1.0.0 --registry reg --use acme/words --reason unmaintained --key default";
    sandbox.run(deprecate).ends(0);
    for command in ["add acme/json --dev", "install", "lock", "update", "outdated", "install --locked"] {
        let reported = on_app(&sandbox, &format!("{command} --registry reg")).ends(0);
        let warning = "warning[VP0406]: acme/text 1.0.0 is deprecated: unmaintained";
        assert_eq!(reported.stderr.matches(warning).count(), 1, "{command}: {reported}");
        assert!(reported.stderr.contains("acme/words"), "{command}: {reported}");
    }
    let refused = on_app(&sandbox, "install --registry reg --deny deprecated --json").ends(1);
    assert_eq!(code(&refused), "VP0406", "{refused}");
}
