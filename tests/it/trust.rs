//! What the log gives: proofs that travel, status, namespaces whose keys change, a replay that finds what is wrong.

use crate::registry::{code, files, initialised, pack, publish};
#[cfg(target_os = "linux")]
use crate::sandbox::untested;
use crate::sandbox::{Ran, Sandbox};
use std::path::Path;

/// Moves this user away, so that what follows happens on another machine.
fn another_machine(sandbox: &Sandbox) {
    std::fs::rename(sandbox.home(), sandbox.path().join(format!("away-{}", std::process::id()))).unwrap();
    std::fs::create_dir(sandbox.home()).unwrap();
}

fn trust_root(sandbox: &Sandbox) -> String {
    let bytes = std::fs::read(sandbox.path().join("reg/trust/1.json")).unwrap();
    vitte_package_core::digest::Digest::of(&bytes).to_string()
}

fn published(name: &str) -> Sandbox {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, name, "1.0.0", "one", "")]).ends(0);
    sandbox
}

#[must_use]
fn publish_with(sandbox: &Sandbox, key: &str, file: &Path) -> Ran {
    let mut command = sandbox.package();
    command.args(["publish", "--yes", "--json", "--registry", "reg", "--key", key]).arg(file);
    Ran::from(command.output().unwrap(), sandbox.path())
}

/// The id of a key of the store.
fn key_id(sandbox: &Sandbox, name: &str) -> String {
    sandbox.run(&format!("key show {name} --json")).ends(0).json()["result"]["key_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_stapled_file_is_verified_offline_by_the_pinned_trust_root_alone() {
    let sandbox = published("demo/hello");
    publish(&sandbox, &[&pack(&sandbox, "demo/other", "1.0.0", "other", "")]).ends(0);
    let archive = "reg/p/demo/hello/1.0.0/hello-1.0.0.vitmod";
    for copy in ["plain.vitmod", "stapled.vitmod", "hello-1.0.0.vitmod"] {
        std::fs::copy(sandbox.path().join(archive), sandbox.path().join(copy)).unwrap();
    }
    let tree = sandbox.run("verify plain.vitmod --json").ends(0).json()["result"]["tree"].clone();
    let stapled = sandbox.run("staple stapled.vitmod --registry reg --json").ends(0).json();
    assert_eq!(stapled["result"]["log"], 2);
    let digest = trust_root(&sandbox);
    another_machine(&sandbox);
    sandbox.run(&format!("registry add reg --trust-root-sha256 {digest}")).ends(0);
    std::fs::remove_dir_all(sandbox.path().join("reg")).unwrap();
    let verified = sandbox.run("verify stapled.vitmod --offline --json").ends(0).json();
    assert_eq!(verified["result"]["proof"]["log"], 2);
    assert_eq!(verified["result"]["tree"], tree, "the identity is what it was");
    let shown = sandbox.run("verify stapled.vitmod --offline").ends(0);
    assert!(
        shown.stdout.contains("entry 2 of 4")
            && shown.stdout.contains("-   No independent witness has signed this log"),
        "{shown}"
    );
    // T74: without the proofs.
    assert_eq!(code(&sandbox.run("verify plain.vitmod --offline --json").ends(5)), "VP0529");
    // Content and proofs are both checked.
    let good = std::fs::read(sandbox.path().join("stapled.vitmod")).unwrap();
    let at = good.len() - 40;
    for at in [at, 150, good.windows(16).position(|window| window == b"\"vitte-bundle\":1").unwrap() + 200] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(sandbox.path().join("altered.vitmod"), bytes).unwrap();
        sandbox.run("verify altered.vitmod --offline").ends(5);
    }
    // A machine that never pinned the registry.
    another_machine_again(&sandbox);
    assert_eq!(code(&sandbox.run("verify stapled.vitmod --offline --json").ends(5)), "VP0536");
}

fn another_machine_again(sandbox: &Sandbox) {
    std::fs::remove_dir_all(sandbox.home()).unwrap();
}

#[test]
fn a_release_is_verified_by_name() {
    let sandbox = published("demo/hello");
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    let newest = sandbox.run("verify demo/hello --registry reg --json").ends(0).json();
    assert_eq!(newest["result"]["proof"]["log"], 3);
    let first = sandbox.run("verify demo/hello@1.0.0 --registry reg --json").ends(0).json();
    assert_eq!((&first["result"]["proof"]["log"], &first["result"]["proof"]["size"]), (&2.into(), &4.into()));
    sandbox.run("verify demo/hello@9.0.0 --registry reg").ends(9);
    sandbox.run("verify demo/none --registry reg").ends(9);
    let archive = sandbox.path().join("reg/p/demo/hello/1.1.0/hello-1.1.0.vitmod");
    let mut bytes = std::fs::read(&archive).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    std::fs::write(archive, bytes).unwrap();
    assert_eq!(code(&sandbox.run("verify demo/hello --registry reg --json").ends(5)), "VP0501");
    sandbox.run("verify demo/hello@1.0.0 --registry reg").ends(0);
}

#[test]
fn a_yank_is_signed_logged_and_can_be_undone() {
    let sandbox = published("demo/hello");
    sandbox.run("yank demo/hello@1.0.0 --registry reg").ends(2);
    let yank =
        "yank demo/hello@1.0.0 --registry reg --yes --json --code security --reason overflow --use ^1.1";
    let yanked = sandbox.run(yank).ends(0).json();
    assert_eq!((&yanked["result"]["seq"], &yanked["result"]["log"]), (&0.into(), &3.into()));
    let index = std::fs::read_to_string(sandbox.path().join("reg/index/demo/hello")).unwrap();
    assert!(
        index.contains(
            r#""status":{"log":3,"action":"yank","code":"security","text":"overflow","use":"^1.1","#
        )
    );
    sandbox.run("registry verify reg").ends(0);
    // Without a version the yanked one is not chosen; with it, its status is reported.
    sandbox.run("verify demo/hello --registry reg").ends(9);
    let shown = sandbox.run("verify demo/hello@1.0.0 --registry reg").ends(0);
    assert!(shown.stdout.contains("yank (security) overflow"), "{shown}");
    sandbox.run("yank demo/hello@1.0.0 --registry reg --undo").ends(0);
    assert!(
        !std::fs::read_to_string(sandbox.path().join("reg/index/demo/hello")).unwrap().contains("status")
    );
    sandbox.run("registry verify reg").ends(0);
    let deprecate = "deprecate demo/hello@1.0.0 --registry reg --use demo/greet --json";
    assert_eq!(sandbox.run(deprecate).ends(0).json()["result"]["seq"], 2);
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "two", "")]).ends(0);
    sandbox.run("registry verify reg").ends(0);
    sandbox.run("yank demo/hello@7.0.0 --registry reg --yes").ends(9);
    sandbox.run("yank demo/hello --registry reg --yes").ends(2);
    sandbox.run("yank demo/hello@1.0.0 --registry reg --yes --code whim").ends(2);
    sandbox.run("key generate --name other").ends(0);
    let foreign = "yank demo/hello@1.0.0 --registry reg --yes --json --key other";
    assert_eq!(code(&sandbox.run(foreign).ends(5)), "VP0516");
}

#[test]
fn the_keys_of_a_namespace_change_by_signed_records() {
    let sandbox = published("demo/hello");
    sandbox.run("key generate --name ci").ends(0);
    sandbox.run("key export ci --out ci.pub").ends(0);
    let (owner, ci) = (key_id(&sandbox, "default"), key_id(&sandbox, "ci"));
    let next = pack(&sandbox, "demo/hello", "1.1.0", "by ci", "");
    assert_eq!(code(&publish_with(&sandbox, "ci", &next).ends(5)), "VP0516");
    // T27: a key without the role root cannot change keys, nor can a stranger.
    let add = "namespace rotate demo --registry reg --yes --json --add ci.pub --role release --package hello";
    sandbox.run(&format!("{add} --key ci")).ends(5);
    sandbox.run(&format!("{add} --key default")).ends(0);
    assert_eq!(code(&sandbox.run(&format!("{add} --key ci")).ends(5)), "VP0515");
    publish_with(&sandbox, "ci", &next).ends(0);
    let other = pack(&sandbox, "demo/else", "1.0.0", "else", "");
    assert_eq!(code(&publish_with(&sandbox, "ci", &other).ends(5)), "VP0516");
    let owners = sandbox.run("namespace owners demo --registry reg").ends(0).stdout;
    assert!(owners.contains(&owner) && owners.contains(&ci), "{owners}");
    sandbox.run("verify demo/hello@1.1.0 --registry reg").ends(0);
    // T26: revoked since its release.
    let revoke = format!("namespace revoke demo {ci} --since 4 --registry reg --yes --key default");
    sandbox.run(&revoke).ends(0);
    assert_eq!(code(&sandbox.run("verify demo/hello@1.1.0 --registry reg --json").ends(5)), "VP0517");
    sandbox.run("verify demo/hello@1.0.0 --registry reg").ends(0);
    let more = pack(&sandbox, "demo/hello", "1.2.0", "more by ci", "");
    assert_eq!(code(&publish_with(&sandbox, "ci", &more).ends(5)), "VP0517");
    let shown = sandbox.run("namespace show demo --registry reg --json").ends(0).json();
    assert_eq!(shown["result"]["records"].as_array().unwrap().len(), 3);
    assert_eq!(shown["result"]["records"][2]["revoked"][0]["since"], 4);
    sandbox.run("namespace create demo --registry reg --key default").ends(10);
    sandbox.run("namespace create fresh --registry reg --key ci").ends(0);
    sandbox.run("namespace create vitte --registry reg --key ci").ends(3);
    sandbox.run("namespace show none --registry reg").ends(9);
}

#[test]
fn the_log_is_shown_and_replayed() {
    let sandbox = published("demo/hello");
    let shown = sandbox.run("log show --registry reg").ends(0).stdout;
    for line in ["0  genesis  local/", "1  namespace  demo 0", "2  release  demo/hello 1.0.0 vitmod any"] {
        assert!(shown.contains(line), "{shown}");
    }
    let one = sandbox.run("log show 2 --registry reg --json").ends(0).json();
    assert_eq!(one["result"]["entries"][0]["kind"], "release");
    sandbox.run("log show 3 --registry reg").ends(9);
    sandbox.run("log monitor --registry reg").ends(0);
    let entries = sandbox.path().join("reg/log/tile/entries/000.p/3");
    let mut bytes = std::fs::read(&entries).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(entries, bytes).unwrap();
    sandbox.run("log monitor --registry reg").ends(5);
}

/// The log grows over the border of a tile: full tiles take the place of partial ones, old checkpoints still prove.
#[test]
fn a_log_of_more_than_a_tile() {
    let sandbox = initialised();
    let pack = |n: u32| pack(&sandbox, "demo/many", &format!("1.0.{n}"), &"x".repeat(n as usize), "");
    let archives: Vec<_> = (0..262).map(pack).collect();
    let (first, rest) = archives.split_at(250);
    let paths = |archives: &'_ [std::path::PathBuf]| archives.to_vec();
    for batch in [paths(first), paths(rest)] {
        publish(&sandbox, &batch.iter().map(std::path::PathBuf::as_path).collect::<Vec<_>>()).ends(0);
        sandbox.run("verify demo/many@1.0.3 --registry reg").ends(0);
    }
    let names = files(&sandbox.path().join("reg/log/tile"));
    let have = |name: &str| names.contains_key(name);
    assert!(have("0/000") && have("0/001.p/8") && have("1/000.p/1") && have("entries/000"));
    assert!(!names.keys().any(|name| name.starts_with("0/000.p/") || name.starts_with("entries/000.p/")));
    sandbox.run("log monitor --registry reg").ends(0);
    let audit = sandbox.run("registry verify reg --json").ends(0).json();
    assert_eq!(audit["result"]["entries"], 264);
}

/// A lockfile whose signer the namespace never had: the history it was made from was another one.
#[test]
fn a_signer_that_the_chain_does_not_explain_is_an_error_naming_both() {
    let sandbox = published("demo/hello");
    sandbox.write(
        "vitte.toml",
        "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n",
    );
    sandbox.write("src/lib.vit", "x");
    sandbox.run("lock --registry reg").ends(0);
    let good = std::fs::read_to_string(sandbox.path().join("vitte.lock")).unwrap();
    // Another key of the namespace signs the next release: the chain leads from the one to the other.
    sandbox.run("key generate --name ci").ends(0);
    sandbox.run("key export ci --out ci.pub").ends(0);
    sandbox
        .run("namespace rotate demo --registry reg --yes --add ci.pub --role release --key default")
        .ends(0);
    publish_with(&sandbox, "ci", &pack(&sandbox, "demo/hello", "1.1.0", "by ci", "")).ends(0);
    let (owner, ci) = (key_id(&sandbox, "default"), key_id(&sandbox, "ci"));
    assert!(good.contains(&owner));
    let updated = sandbox.run("update --registry reg").ends(0);
    assert!(updated.stderr.contains("VP0521"), "told, and no error: {updated}");
    let after = std::fs::read_to_string(sandbox.path().join("vitte.lock")).unwrap();
    assert!(after.contains(&ci) && !after.contains(&owner));
    // A key that the namespace never had.
    sandbox.run("key generate --name stranger").ends(0);
    let stranger = key_id(&sandbox, "stranger");
    sandbox.write("vitte.lock", good.replace(&owner, &stranger));
    let state = files(&sandbox.home().join("trust"));
    let refused = sandbox.run("update --registry reg --json").ends(5);
    assert_eq!(code(&refused), "VP0521");
    let data = refused.json()["diagnostics"][0]["data"].clone();
    assert_eq!((&data["expected"][0], &data["got"][0]), (&stranger.as_str().into(), &ci.as_str().into()));
    let text = refused.json()["diagnostics"][0]["message"].as_str().unwrap().to_owned();
    assert!(text.matches("SHA256:").count() == 2, "{text}");
    assert_eq!(files(&sandbox.home().join("trust")), state);
    let lock = std::fs::read_to_string(sandbox.path().join("vitte.lock")).unwrap();
    assert!(lock.contains(&stranger), "the lockfile is as it was");
}

/// Acceptance: a registry of more than a thousand releases is in order; after any one of its files is altered, the
/// monitor names what is wrong.
#[test]
fn a_monitor_finds_any_altered_file_among_a_thousand_releases() {
    let sandbox = initialised();
    let mut archives = Vec::new();
    for package in 0..40 {
        for version in 0..25 {
            let content = "x".repeat(1 + version as usize + 25 * package as usize);
            archives.push(pack(
                &sandbox,
                &format!("demo/p{package}"),
                &format!("1.0.{version}"),
                &content,
                "",
            ));
        }
    }
    let paths: Vec<&Path> = archives.iter().map(std::path::PathBuf::as_path).collect();
    for batch in paths.chunks(250) {
        publish(&sandbox, batch).ends(0);
    }
    let reported = sandbox.run("log monitor --registry reg --json").ends(0).json();
    assert_eq!(reported["result"]["entries"], 1002);
    // Of each kind of file the first and the last, and what there is only once.
    let all: Vec<String> = files(&sandbox.path().join("reg"))
        .into_keys()
        .filter(|name| !name.starts_with(".vitte-") && !name.ends_with(".vitmod") && name != ".gitattributes")
        // Partial tiles and bundles of sizes that have passed say nothing to anyone any more.
        .filter(|name| !name.contains(".p/") || name.ends_with(".p/234") || name.ends_with(".p/3"))
        .collect();
    let kind = |name: &str| {
        let kinds = [
            "config",
            "index/",
            "ns/",
            "trust/",
            "log/checkpoint",
            "log/tile/0",
            "log/tile/1",
            "log/tile/entries",
            ".tlog-proof",
        ];
        kinds.iter().position(|kind| name.contains(kind)).unwrap_or_else(|| panic!("{name}"))
    };
    let mut chosen: Vec<&String> = Vec::new();
    for number in 0..9 {
        let mut of_kind = all.iter().filter(|name| kind(name) == number);
        chosen.extend(of_kind.next().into_iter().chain(of_kind.next_back()));
    }
    assert!(chosen.len() >= 13, "{chosen:?}");
    for name in chosen {
        let path = sandbox.path().join("reg").join(name);
        let good = std::fs::read(&path).unwrap();
        let mut altered = good.clone();
        let at = altered.len() / 2;
        altered[at] ^= 1;
        std::fs::write(&path, &altered).unwrap();
        let ran = sandbox.run("log monitor --registry reg --json");
        assert!([3, 5].contains(&ran.exit), "{name}: {ran}");
        // An altered bundle shows in the entry or in the tiles that no longer follow from it.
        let entries = name.contains("tile/entries");
        assert!(entries || ran.stdout.contains(name.as_str()), "{name} is not named: {ran}");
        std::fs::write(&path, good).unwrap();
    }
    sandbox.run("log monitor --registry reg").ends(0);
}

/// Acceptance: another machine, no network at all, only the trust root.
#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_network_verifies_a_stapled_file_and_refuses_it_without_its_proofs() {
    let can = std::process::Command::new("unshare").args(["-n", "true"]).status();
    if !can.is_ok_and(|status| status.success()) {
        untested("a stapled file without any network: taking it away takes more rights");
        return; // the same with --offline alone is tested above
    }
    let sandbox = published("demo/hello");
    let archive = sandbox.path().join("reg/p/demo/hello/1.0.0/hello-1.0.0.vitmod");
    for copy in ["plain.vitmod", "stapled.vitmod"] {
        std::fs::copy(&archive, sandbox.path().join(copy)).unwrap();
    }
    sandbox.run("staple stapled.vitmod --registry reg").ends(0);
    let digest = trust_root(&sandbox);
    another_machine(&sandbox);
    sandbox.run(&format!("registry add reg --trust-root-sha256 {digest}")).ends(0);
    std::fs::remove_dir_all(sandbox.path().join("reg")).unwrap();
    let offline = |file: &str| {
        let output = std::process::Command::new("unshare")
            .args(["-n", env!("CARGO_BIN_EXE_vitte-package"), "verify", "--offline", "--json", file])
            .current_dir(sandbox.path())
            .env_clear()
            .env("VITTE_HOME", sandbox.home())
            .output()
            .unwrap();
        Ran::from(output, sandbox.path())
    };
    assert_eq!(offline("stapled.vitmod").ends(0).json()["result"]["status"], "verified");
    let refused = offline("plain.vitmod").ends(5);
    assert_eq!(code(&refused), "VP0529");
    assert!(refused.stdout.contains("cannot be verified offline"), "{refused}");
}

/// The keys of a registry change while clients go on; what a key signed that is dropped counts no more.
#[test]
fn a_registry_rotates_its_keys_and_clients_follow() {
    let sandbox = published("demo/hello");
    let first = trust_root(&sandbox);
    let owner = sandbox.path().join("owner");
    let stranger = sandbox.path().join("stranger");
    // The stranger has met the registry under its first trust root.
    let as_owner = |sandbox: &Sandbox| {
        std::fs::rename(sandbox.home(), &stranger).unwrap();
        std::fs::rename(&owner, sandbox.home()).unwrap();
    };
    let as_stranger = |sandbox: &Sandbox| {
        std::fs::rename(sandbox.home(), &owner).unwrap();
        std::fs::rename(&stranger, sandbox.home()).unwrap();
    };
    std::fs::create_dir(&stranger).unwrap();
    as_stranger(&sandbox);
    // With nobody to ask, an unknown registry is not trusted.
    assert_eq!(code(&sandbox.run("registry add reg --json").ends(5)), "VP0536");
    sandbox.run(&format!("registry add reg --trust-root-sha256 {first}")).ends(0);
    sandbox.run("verify demo/hello --registry reg").ends(0);
    as_owner(&sandbox);
    sandbox.run("registry rotate reg").ends(2);
    let rotated = sandbox.run("registry rotate reg --root --log --index --yes --json").ends(0).json();
    assert_eq!((&rotated["result"]["version"], &rotated["result"]["log"]), (&2.into(), &3.into()));
    sandbox.run("registry verify reg").ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    as_stranger(&sandbox);
    let proof = sandbox.run("verify demo/hello --registry reg --json").ends(0).json();
    assert_eq!(proof["result"]["proof"]["log"], 4);
    as_owner(&sandbox);
    // The replaced keys are dropped; everything was signed anew before.
    let second = sandbox.run("registry rotate reg --yes --json").ends(0).json();
    assert_eq!(second["result"]["version"], 3);
    sandbox.run("registry verify reg").ends(0);
    sandbox.run("log monitor --registry reg").ends(0);
    as_stranger(&sandbox);
    sandbox.run("verify demo/hello@1.0.0 --registry reg").ends(0);
    // T75: the third without the second, and an older one than was seen.
    let roots: Vec<_> =
        (1..=3).map(|n| std::fs::read(sandbox.path().join(format!("reg/trust/{n}.json"))).unwrap()).collect();
    let state = files(&sandbox.home().join("trust"));
    std::fs::write(sandbox.path().join("reg/trust/4.json"), &roots[1]).unwrap();
    assert_eq!(code(&sandbox.run("verify demo/hello --registry reg --json").ends(5)), "VP0535");
    assert_eq!(files(&sandbox.home().join("trust")), state);
    std::fs::remove_file(sandbox.path().join("reg/trust/4.json")).unwrap();
    std::fs::remove_dir_all(sandbox.home().join("trust")).unwrap();
    sandbox.run(&format!("registry add reg --trust-root-sha256 {first}")).ends(0);
    std::fs::remove_dir_all(sandbox.home().join("trust")).unwrap();
    std::fs::write(sandbox.path().join("reg/trust/2.json"), &roots[2]).unwrap();
    let skipped = format!("registry add reg --trust-root-sha256 {first} --json");
    assert_eq!(code(&sandbox.run(&skipped).ends(5)), "VP0535");
    assert!(!sandbox.home().join("trust").exists() || files(&sandbox.home().join("trust")).is_empty());
}

/// A registry whose keys were lost is created again under its old name. Nothing it says itself makes a client trust it;
/// its owner's word does, and what was trusted before is kept.
#[test]
fn a_registry_created_again_is_trusted_on_its_owners_word_alone() {
    let sandbox = published("demo/hello");
    sandbox.run("verify demo/hello --registry reg").ends(0);
    let id = sandbox.run("registry verify reg --json").ends(0).json()["result"]["registry"].clone();
    let id = id.as_str().unwrap();
    let client = sandbox.path().join("client");
    let as_client = |arguments: &str| sandbox.run_with(arguments, |run| _ = run.env("VITTE_HOME", &client));
    // Its keys have changed since: what is trusted is no longer its first trust root.
    sandbox.run("registry rotate reg --index --yes").ends(0);
    as_client(&format!("registry add reg --trust-root-sha256 {}", trust_root(&sandbox))).ends(0);
    as_client("verify demo/hello --registry reg").ends(0);
    as_client("log monitor --registry reg").ends(0);
    let remembered = || {
        let mut state = files(&client.join("trust"));
        // The lock names the process that held it last.
        state.retain(|name, _| !name.ends_with("/lock"));
        state
    };
    let before = remembered();
    // The same id, other keys, another log.
    std::fs::remove_dir_all(sandbox.path().join("reg")).unwrap();
    std::fs::remove_dir_all(sandbox.home().join("keys/registry")).unwrap();
    std::fs::remove_dir_all(sandbox.home().join("trust")).unwrap();
    sandbox.run(&format!("registry init reg --id {id}")).ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "2.0.0", "anew", "")]).ends(0);
    // A number beyond the one that is trusted makes it no continuation.
    sandbox.run("registry rotate reg --index --yes").ends(0);
    sandbox.run("registry rotate reg --index --yes").ends(0);
    let digest = trust_root(&sandbox);
    assert_eq!(as_client("install demo/hello --registry reg --json").exit, 5);
    for command in ["log monitor --registry reg", "registry verify reg"] {
        let refused = as_client(&format!("{command} --json")).ends(5);
        assert_eq!(code(&refused), "VP0534", "in order, and another registry: {refused}");
    }
    let refused = as_client(&format!("registry add reg --trust-root-sha256 {digest} --json")).ends(5);
    assert_eq!(code(&refused), "VP0535");
    assert!(refused.stdout.contains("vitte package trust accept"), "{refused}");
    // Without the digest, or with another, nothing changes.
    as_client("trust accept reg --yes").ends(2);
    let wrong = "0".repeat(64);
    let refused = as_client(&format!("trust accept reg --trust-root-sha256 {wrong} --json")).ends(5);
    assert_eq!(code(&refused), "VP0534");
    assert!(remembered() == before, "nothing is believed or forgotten");

    let accept = format!("trust accept reg --trust-root-sha256 {digest} --json");
    let accepted = as_client(&accept).ends(0).json();
    assert!(accepted["result"]["evidence"].as_str().unwrap().ends_with("evidence"));
    let kept: Vec<_> = remembered().into_keys().collect();
    for what in ["trust-root-dropped", "checkpoint-dropped", "state-dropped"] {
        assert!(kept.iter().any(|name| name.contains(&format!("evidence/{what}"))), "{what}: {kept:?}");
    }
    as_client("install demo/hello --registry reg").ends(0);
    // Said once more, it is trusted already and nothing is put aside.
    let seen = remembered();
    assert_eq!(as_client(&accept).ends(0).json()["result"]["evidence"], serde_json::Value::Null);
    assert!(remembered() == seen);
}

/// A project that pins keys takes nothing that none of them signed, whoever else the namespace lets release: not anew,
/// not by an update, not from a lockfile that was written before the pin, and not without the network either.
#[test]
fn a_pinned_key_is_the_only_one_that_counts() {
    let sandbox = published("demo/hello");
    sandbox.run("key generate --name ci").ends(0);
    sandbox.run("key export ci --out ci.pub").ends(0);
    sandbox
        .run("namespace rotate demo --registry reg --yes --add ci.pub --role release --key default")
        .ends(0);
    let (owner, ci) = (key_id(&sandbox, "default"), key_id(&sandbox, "ci"));
    let project = |pins: &str| {
        let text = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
        sandbox.write("vitte.toml", format!("{text}\n[trust]\n{pins}\n"));
    };
    let pin = |pattern: &str, key: &str| format!("\"{pattern}\" = {{ keys = [\"{key}\"] }}\n");
    sandbox.write("src/lib.vit", "x");
    project(&pin("demo/*", &owner));
    sandbox.run("install --registry reg").ends(0);
    let lock = || std::fs::read_to_string(sandbox.path().join("vitte.lock")).unwrap();
    let (first, state) = (lock(), files(&sandbox.home().join("trust")));
    publish_with(&sandbox, "ci", &pack(&sandbox, "demo/hello", "1.1.0", "by ci", "")).ends(0);
    let refused = sandbox.run("update --registry reg --json").ends(5);
    assert_eq!(code(&refused), "VP0518", "{refused}");
    assert_eq!((lock(), files(&sandbox.home().join("trust"))), (first.clone(), state));
    // The narrower rule holds.
    project(&(pin("demo/*", &owner) + &pin("demo/hello", &ci)));
    let refused = sandbox.run("install --registry reg --json").ends(5);
    assert_eq!(code(&refused), "VP0518", "locked before it was pinned: {refused}");
    sandbox.run("update --registry reg").ends(0);
    assert!(lock().contains("1.1.0"));
    sandbox.run("install --registry reg").ends(0);
    project(&pin("demo/hello", &owner));
    for given in
        ["--registry reg", "--registry reg --locked", "--registry reg --locked --verify-lock", "--offline"]
    {
        assert_eq!(code(&sandbox.run(&format!("install {given} --json")).ends(5)), "VP0518", "{given}");
    }
    // Other namespaces are left alone.
    project(&pin("other/*", &owner));
    sandbox.run("install --registry reg").ends(0);
}
