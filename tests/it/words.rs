//! What the command line says to people: where to look, what to suggest, how many. Each case is something that was said
//! wrongly once.

use crate::dependencies::{on_app, project, publish};
use crate::sandbox::Sandbox;

#[test]
fn a_fault_of_usage_names_the_help_of_its_own_command() {
    let sandbox = Sandbox::new();
    for (arguments, help) in [
        ("key trust", "vitte package key trust --help"),
        ("key frob", "vitte package key --help"),
        ("--color never build --nope", "vitte package build --help"),
        ("frob", "= help: vitte package --help"),
    ] {
        let ran = sandbox.run(arguments).ends(2);
        assert!(ran.stderr.contains(help), "{arguments}: {ran}");
        if let Some(literal) = help.strip_prefix("vitte package ") {
            sandbox.run(literal).ends(0);
        }
    }
    let answer = sandbox.run("key trust --json").ends(2).json();
    assert_eq!(answer["command"], "key trust");
    let event = sandbox.run("frob --progress json").ends(2).stderr;
    let event: serde_json::Value = serde_json::from_str(&event).unwrap();
    assert_eq!(event["diagnostic"]["code"], "VP0307");
    assert!(sandbox.run("frob --color=always").ends(2).stderr.contains('\u{1b}'));
    let help = sandbox.run("help key trust").ends(0).stdout;
    let (what, examples) = help.split_once("\n\n").unwrap();
    assert!(!what.contains('\n') && examples.starts_with("Examples:\n  vitte package key trust "), "{help}");
}

#[test]
fn a_name_that_is_nearly_there_is_offered() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    for (command, exit) in [
        ("add acme/txt --registry reg", 9),
        ("tree acme/txt", 9),
        ("why acme/txt --registry reg", 9),
        ("update acme/txt --registry reg", 9),
        ("remove acme/txt --registry reg", 9),
    ] {
        let ran = on_app(&sandbox, command).ends(exit);
        assert!(ran.stderr.contains("did you mean `acme/text`?"), "{command}: {ran}");
    }
    for command in ["info acme/txt", "info text", "install acme/txt", "exec acme/txt", "verify acme/txt"] {
        let ran = sandbox.run(&format!("{command} --registry reg")).ends(9);
        assert!(ran.stderr.contains("did you mean `acme/text`?"), "{command}: {ran}");
    }
    let ran = sandbox.run("info acme/math --registry reg").ends(9);
    assert!(!ran.stderr.contains("did you mean"), "{ran}");
    assert!(sandbox.run("key show defalt").ends(9).stderr.contains("did you mean `default`?"));
    assert!(sandbox.run("explain 501").ends(0).stdout.starts_with("VP0501 "));
}

/// A release that is used together with an older one is no newer version that the older one could be updated to.
#[test]
fn why_does_not_offer_what_is_in_use_beside() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/text", "2.0.0", "");
    publish(&sandbox, "reg", "acme/json", "1.0.0", "\"acme/text\" = \"1\"\n");
    project(&sandbox, "\"acme/json\" = \"1\"\n\"acme/text\" = \"2\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    let why = on_app(&sandbox, "why acme/text --registry reg").ends(0);
    assert!(!why.stdout.contains("newer and possible"), "{why}");
    assert!(why.stdout.contains("what keeps it out:\n    acme/json 1.0.0 wants 1\n"), "{why}");
}

#[test]
fn a_conflict_is_shown_in_the_manifest_by_every_command() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"7\"\n");
    for command in ["lock", "why acme/text", "outdated"] {
        let ran = on_app(&sandbox, &format!("{command} --registry reg")).ends(4);
        assert!(ran.stderr.contains("app/vitte.toml:8:1"), "{command}: {ran}");
    }
}

#[test]
fn files_that_are_no_files_are_told_apart() {
    let sandbox = Sandbox::new();
    sandbox.write("x.zip", b"PK\x03\x04rest of it");
    sandbox.write("x.gz", b"\x1f\x8brest of it");
    std::fs::create_dir(sandbox.path().join("folder.vitmod")).unwrap();
    for command in ["verify", "inspect", "sign --key k"] {
        if command.starts_with("sign") {
            sandbox.run("key generate --name k").ends(0);
        }
        let gone = sandbox.run(&format!("{command} gone.vitmod")).ends(9);
        assert!(gone.stderr.contains("VP1008"), "{gone}");
        let folder = sandbox.run(&format!("{command} folder.vitmod")).ends(1);
        assert!(folder.stderr.contains("it is a folder"), "{folder}");
    }
    let zip = sandbox.run("inspect x.zip").ends(3);
    assert!(!zip.stderr.contains("lists foreign archives"), "{zip}");
    assert!(sandbox.run("sign x.gz --key k").ends(3).stderr.contains("lists foreign archives"));
    let offline = sandbox.run("verify acme/text --offline").ends(9);
    assert!(offline.stderr.contains("only a file with its proofs inside"), "{offline}");

    sandbox.run("key export k --out k.pub").ends(0);
    let public = sandbox.run("key import k.pub --name other");
    assert!(public.stderr.contains("vitte package key trust k.pub"), "{public}");
    let folder = sandbox.run("key import folder.vitmod").ends(1);
    assert!(!folder.stderr.contains("chmod"), "{folder}");
}

#[test]
fn a_manifest_that_is_no_text_is_bad_input() {
    let sandbox = Sandbox::new();
    sandbox.write("wrong/vitte.toml", b"[package]\n\xff");
    let ran = sandbox.run("build --manifest wrong/vitte.toml").ends(3);
    assert!(ran.stderr.contains("VP0101") && ran.stderr.contains("wrong/vitte.toml: byte 10"), "{ran}");
    sandbox.write("wrong/vitte.toml", "#".repeat(300_000));
    let ran = sandbox.run("build --manifest wrong/vitte.toml").ends(3);
    assert!(ran.stderr.contains("VP0111"), "{ran}");
    project(&sandbox, "b = { path = \"../gone\" }\n");
    let ran = on_app(&sandbox, "install").ends(2);
    assert!(ran.stderr.contains("app/vitte.toml:8:") && ran.stderr.contains("leads to ../gone"), "{ran}");
    assert!(!ran.stderr.contains("vitte package init"), "{ran}");
}

#[test]
fn settings_and_registries_are_named_where_they_are_wrong() {
    let sandbox = Sandbox::new();
    project(&sandbox, "");
    let ran = sandbox
        .run_with("lock --manifest app/vitte.toml", |command| {
            command.env("VITTE_MIN_AGE", "soon");
        })
        .ends(2);
    assert!(ran.stderr.contains("--> VITTE_MIN_AGE"), "{ran}");
    assert!(on_app(&sandbox, "install --frozen").ends(8).stderr.contains("there is no vitte.lock"));
    assert!(on_app(&sandbox, "install").ends(0).stderr.contains("nothing to install"));
    sandbox.run("registry serve-static app").ends(3);
    let ran = sandbox.run("registry verify https://packages.example.org").ends(2);
    assert!(
        ran.stderr.contains("vitte package log monitor --registry https://packages.example.org"),
        "{ran}"
    );
    let init = sandbox.run("registry init reg").ends(0);
    let command = init.stderr.split("by: vitte package ").nth(1).unwrap();
    sandbox.run(command).ends(0);
    assert!(sandbox.run("log show 9 --registry reg").ends(9).stderr.contains("it has 1 entry"));
}

#[test]
fn a_signer_who_may_not_is_told_who_may() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    sandbox.run("key generate --name other").ends(0);
    let foreign = sandbox.run("yank acme/text@1.0.0 --registry reg --yes --key other").ends(5);
    assert!(foreign.stderr.contains("vitte package namespace owners acme"), "{foreign}");
    sandbox.run("namespace owners acme --registry reg").ends(0);
    sandbox.run("deprecate acme/text@1.0.0 --registry reg --use acme/data --key default").ends(0);
    let info = sandbox.run("info acme/text --registry reg").ends(0);
    assert!(info.stdout.contains("deprecated: use acme/data"), "{info}");
}

#[test]
fn a_status_that_stands_is_not_logged_again() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    let yank = "yank acme/text@1.0.0 --registry reg --yes --reason overflow --json";
    let log = |ran: &crate::sandbox::Ran| ran.json()["result"]["log"].clone();
    assert_eq!(log(&sandbox.run(&format!("{yank} --undo")).ends(0)), serde_json::Value::Null);
    assert_eq!(log(&sandbox.run(yank).ends(0)), 3);
    assert_eq!(log(&sandbox.run(yank).ends(0)), serde_json::Value::Null);
    assert_eq!(log(&sandbox.run(&format!("{yank} --code security")).ends(0)), 4, "another reason is news");
    assert_eq!(log(&sandbox.run(&format!("{yank} --undo")).ends(0)), 5);
    assert_eq!(
        log(&sandbox.run("deprecate acme/text@1.0.0 --registry reg --undo --json").ends(0)),
        serde_json::Value::Null
    );
    let nothing = sandbox.run("namespace rotate acme --registry reg --yes").ends(2);
    assert!(nothing.stderr.contains("say what is to change"), "{nothing}");
    let id = sandbox.run("namespace revoke acme abc --since 1 --registry reg --yes").ends(9);
    assert!(id.stderr.contains("vitte package namespace owners acme"), "{id}");
}

#[test]
fn what_is_neither_file_nor_name_is_said_to_be_neither() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    let ran = sandbox.run("verify gone.vitmd --registry reg").ends(9);
    assert!(ran.stderr.contains("VP1008") && !ran.stderr.contains("gone-vitmd"), "{ran}");
    let ran = sandbox.run("verify gone").ends(9);
    assert!(ran.stderr.contains("there is none called gone here"), "{ran}");
    assert!(ran.stderr.contains("there is no package gone in [dir]/reg"), "{ran}");
    let nowhere = Sandbox::new();
    assert!(nowhere.run("verify gone").ends(2).stderr.contains("there is none called gone here"));
    project(&sandbox, "");
    let ran = sandbox.run("install ./app").ends(2);
    assert!(ran.stderr.contains("vitte package install --manifest ./app"), "{ran}");
    sandbox.run("install --manifest ./app").ends(0);
    // A name that registries keep is refused in the manifest, before anything is built.
    sandbox.write("std/vitte.toml", "[package]\nname = \"core/acme\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\ndescription = \"x\"\n");
    let ran = sandbox.run("publish --manifest std --registry reg --yes").ends(3);
    assert!(
        ran.stderr.contains("--> std/vitte.toml") && ran.stderr.contains("choose another namespace"),
        "{ran}"
    );
}

/// Tables that are not ours are other tools', and no fault; a slip of the pen must not drop every dependency in silence.
#[test]
fn a_table_that_is_nearly_ours_is_warned_about() {
    let sandbox = Sandbox::new();
    sandbox.write("app/src/main.vit", "x");
    sandbox.write("app/vitte.toml", "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n[dependencis]\nx = \"1\"\n\n[lints]\n");
    for command in ["lock", "build"] {
        let ran = on_app(&sandbox, command).ends(0);
        assert!(ran.stderr.starts_with("warning[VP0105]: nothing reads the table `[dependencis]`"), "{ran}");
        assert!(
            ran.stderr.contains("did you mean `[dependencies]`?") && !ran.stderr.contains("lints"),
            "{ran}"
        );
    }
    let warned = on_app(&sandbox, "lock --json").ends(0).json();
    assert_eq!(warned["diagnostics"][0]["severity"], "warning");
}

/// What is about a whole workspace works at its root, which need not be a package itself.
#[test]
fn a_workspace_is_installed_and_asked_about_at_its_root() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    sandbox.write("ws/vitte.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n");
    for name in ["one", "two"] {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n[dependencies]\n\"acme/text\" = \"1\"\n"
        );
        sandbox.write(&format!("ws/{name}/vitte.toml"), manifest);
    }
    let at = |folder: &str, command: &str| {
        sandbox.run_with(command, |command| {
            command.current_dir(sandbox.path().join(folder));
        })
    };
    for command in ["lock", "install", "update", "outdated", "why acme/text", "fetch", "audit", "vendor"] {
        at("ws", &format!("{command} --registry ../reg")).ends(0);
    }
    let tree = at("ws", "tree").ends(0).stdout;
    assert_eq!(tree, at("ws/two", "tree").ends(0).stdout);
    assert!(tree.contains("one 1.0.0") && tree.contains("two 1.0.0"), "{tree}");
    let none = at("ws", "add acme/text --registry ../reg").ends(3);
    assert!(none.stderr.contains("in the folder of a member"), "{none}");
}

/// A project may choose a registry, in its manifest as in its own file, and nothing else.
#[test]
fn a_manifest_may_set_what_a_project_may() {
    let sandbox = Sandbox::new();
    let package = "[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n";
    sandbox.write("vitte.toml", format!("{package}[tool.package]\nregistry.default = \"reg\"\n"));
    let list = sandbox.run("config list --origin").ends(0).stdout;
    assert!(list.contains("registry.default = reg\n    vitte.toml:7\n"), "{list}");
    for line in ["resolver.min-age = \"0\"", "store.fsync = \"off\"", "token = \"x\""] {
        sandbox.write("vitte.toml", format!("{package}[tool.package]\n{line}\n"));
        let ran = sandbox.run("lock").ends(2);
        assert!(ran.stderr.contains("VP0303") && ran.stderr.contains("vitte.toml:7:"), "{line}: {ran}");
    }
}

#[test]
fn registries_that_are_trusted_are_listed() {
    let sandbox = Sandbox::new();
    assert!(sandbox.run("registry list").ends(0).stderr.contains("no registry is trusted yet"));
    sandbox.run("registry init reg").ends(0);
    let list = sandbox.run("registry list").ends(0).stdout;
    assert!(list.starts_with("local/") && list.contains("trust root 1, "), "{list}");
    assert!(list.contains("its keys are yours"), "{list}");
    sandbox.run("log show --registry reg").ends(0);
    let answer = sandbox.run("registry list --json").ends(0).json();
    assert_eq!(answer["result"]["registries"][0]["entries"], 1);
    // A word like no command gets no command offered.
    assert!(!sandbox.run("nope").ends(2).stderr.contains("did you mean"));
}
