//! Looking around and looking after: info, search, exec, vendor, config, doctor, cache.

use crate::dependencies::{on_app, project, publish, read};
use crate::http;
use crate::install;
use crate::sandbox::Sandbox;
use serde_json::{Value, json};

fn shelf() -> Sandbox {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    publish(&sandbox, "reg", "acme/text", "2.0.0-rc.1", "");
    let needs =
        "\"acme/text\" = { version = \"1\", optional = true }\n\n[features]\nfast = [\"dep:acme/text\"]\n";
    publish(&sandbox, "reg", "acme/json", "0.3.0", needs);
    sandbox
}

#[test]
fn a_package_is_described_with_who_signed_it() {
    let sandbox = shelf();
    let reported = sandbox.run("info acme/json --registry reg").ends(0).stdout;
    let lines: Vec<&str> = reported.lines().collect();
    assert_eq!(lines[0], "acme/json 0.3.0");
    assert_eq!(lines[1..3], ["  A test", "  licence MIT"]);
    assert!(lines[3].starts_with("  published 2") && lines[3].contains("log entry"), "{reported}");
    assert!(lines[4].starts_with("  signed by SHA256:"), "{reported}");
    assert_eq!(lines[5], "  read from [dir]/reg");
    assert!(lines.contains(&"  needs acme/text 1 (optional)"), "{reported}");
    assert!(lines.contains(&"  features: fast") && lines.contains(&"  versions: 0.3.0"), "{reported}");
    let answer = sandbox.run("info acme/text --registry reg --json").ends(0).json()["result"].clone();
    assert_eq!(answer["version"], "1.1.0");
    let versions: Vec<&str> =
        answer["versions"].as_array().unwrap().iter().map(|row| row["version"].as_str().unwrap()).collect();
    assert_eq!(versions, ["2.0.0-rc.1", "1.1.0", "1.0.0"]);
    assert_eq!(answer["signers"].as_array().unwrap().len(), 1);
    assert_eq!(
        sandbox.run("info acme/text@1.0.0 --registry reg --json").json()["result"]["version"],
        "1.0.0"
    );
    let near = sandbox.run("info acme/jsom --registry reg").ends(9);
    assert!(near.stderr.contains("did you mean `acme/json`?"), "{near}");
    assert!(
        sandbox
            .run("info acme/text@7.0.0 --registry reg")
            .ends(9)
            .stderr
            .contains("2.0.0-rc.1, 1.1.0, 1.0.0")
    );
    // Nothing is said of a registry that nobody trusts.
    sandbox
        .run_with("info acme/text --registry reg", |command| {
            command.env("VITTE_HOME", sandbox.path().join("stranger"));
        })
        .ends(5);
}

/// The index has only the digest of a manifest. What a package is comes from a copy with that digest: the store's, the
/// cache's, the registry folder's, or a small archive that is fetched and verified.
#[test]
fn what_a_package_is_comes_from_a_manifest_that_the_index_names() {
    let sandbox = shelf();
    let server = http::serve(&sandbox);
    let info = |more: &str| {
        let line = format!("info acme/text --registry {} --json {more}", server.url);
        sandbox.run(&line).ends(0).json()["result"]["description"].clone()
    };
    let search = || {
        let line = format!("search acme/text --registry {} --json", server.url);
        let found = sandbox.run(&line).exit;
        assert_eq!(found, 2, "an address without a server cannot be searched");
    };
    search();
    assert_eq!(info(""), "A test", "fetched");
    assert!(sandbox.home().join("cache").exists());
    // What was fetched was verified: an archive that was altered describes nothing.
    sandbox.run("cache clean --yes").ends(0);
    let archive = sandbox.path().join("reg/p/acme/text/1.1.0/text-1.1.0.vitmod");
    let good = std::fs::read(&archive).unwrap();
    let mut bad = good.clone();
    let place = bad.len() - 200;
    bad[place] ^= 1;
    std::fs::write(&archive, &bad).unwrap();
    assert_eq!(info(""), Value::Null);
    let warned = sandbox.run(&format!("info acme/text --registry {}", server.url)).ends(0);
    assert!(warned.stderr.contains("warning[VP05"), "{warned}");
    assert!(!warned.stdout.contains("A test"), "{warned}");
    std::fs::write(&archive, &good).unwrap();
    // What the store has is not fetched again.
    sandbox.run(&format!("install acme/text --registry {}", server.url)).ends(0);
    sandbox.run("cache clean --yes").ends(0);
    std::fs::remove_file(&archive).unwrap();
    assert_eq!(info(""), "A test", "from the store");
}

#[test]
fn packages_are_found_by_words_of_their_names() {
    let sandbox = shelf();
    publish(&sandbox, "reg", "text/other", "1.0.0", "");
    assert_eq!(
        sandbox.run("search text --registry reg").ends(0).stdout,
        "acme/text 1.1.0  A test  (MIT)\ntext/other 1.0.0  A test  (MIT)\n"
    );
    assert_eq!(
        sandbox.run("search acme JSON --registry reg").ends(0).stdout,
        "acme/json 0.3.0  A test  (MIT)\n"
    );
    // T61: what is found is not necessarily what was asked for. Nothing is taken by half a name, however well it is
    // found.
    for half in ["text", "json"] {
        assert!(sandbox.run(&format!("search {half} --registry reg")).ends(0).stdout.contains("acme/"));
        sandbox.run(&format!("install {half} --registry reg")).ends(9);
    }
    let none = sandbox.run("search nowhere --registry reg").ends(0);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "nothing found\n"));
    assert_eq!(
        sandbox.run("search acme --registry reg --json").json()["result"]["packages"][1],
        json!({"package": "acme/text", "newest": "1.1.0", "description": "A test", "license": "MIT", "repository": null,
               "keywords": [], "status": null, "verified": true})
    );
}

#[test]
fn a_program_runs_without_being_installed() {
    let sandbox = Sandbox::new();
    for version in ["1.0.0", "1.1.0"] {
        install::publish(&sandbox, "demo/hello", version);
    }
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    assert_eq!(sandbox.run("exec demo/hello --registry reg").ends(0).stdout, "hello 1.1.0\n");
    assert_eq!(sandbox.run("exec demo/hello@1.0.0 --registry reg -- more").ends(0).stdout, "hello 1.0.0\n");
    assert_eq!(sandbox.run("list --json").json()["result"]["packages"], json!([]));
    assert!(!sandbox.home().join("bin/hello").exists());
    assert!(sandbox.run("exec demo/hello --bin bye --registry reg").ends(9).stderr.contains("it has: hello"));
    sandbox.run("exec acme/text --registry reg").ends(9);
    sandbox.run("exec demo/hello --offline").ends(9);
    sandbox.run("install demo/hello --registry reg").ends(0);
    assert_eq!(sandbox.run("exec demo/hello --offline").ends(0).stdout, "hello 1.1.0\n");
}

/// T36: a package's program is somebody else's code, run where a key may lie in the environment.
#[test]
fn a_program_that_is_run_sees_no_secret_of_this_machine() {
    let sandbox = Sandbox::new();
    let manifest = install::project(&sandbox, "demo/nosy", "1.0.0", "");
    let script = "mkdir -p target/vitpkg/bin\nprintf '#!/bin/sh\\nenv\\n' > target/vitpkg/bin/nosy\nchmod 755 target/vitpkg/bin/nosy\n";
    std::fs::write(manifest.parent().unwrap().join("build.sh"), script).unwrap();
    sandbox.run("key generate").ends(0);
    sandbox.run("registry init reg").ends(0);
    sandbox.run(&format!("publish --manifest {} --registry reg --yes", manifest.display())).ends(0);
    let pem = std::fs::read_to_string(sandbox.home().join("keys/default.pem")).unwrap();
    let ran = sandbox.run_with("exec demo/nosy --registry reg", |command| {
        command.env("VITTE_SIGNING_KEY", &pem).env("VITTE_SIGNING_KEY_PASSWORD", "hunter2");
        command.env("VITTE_TOKEN", "hunter3").env("GREETING", "hello");
        command.env("VITTE_R_EXAMPLE_TOKEN", "hunter4");
    });
    let shown = ran.ends(0).stdout;
    assert!(shown.contains("GREETING=hello"), "all else is left to it: {shown}");
    for secret in ["PRIVATE KEY", "hunter2", "hunter3", "hunter4"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[test]
fn dependencies_are_copied_into_the_project() {
    let sandbox = shelf();
    project(&sandbox, "\"acme/json\" = { version = \"0.3\", features = [\"fast\"] }\n");
    let done = on_app(&sandbox, "vendor --registry reg").ends(0);
    assert!(done.stderr.contains("copied 2 packages to app/vendor"), "{done}");
    assert_eq!(read(&sandbox, "app/vendor/acme/text-1.1.0/src/lib.vit"), "// acme/text 1.1.0\n");
    let paths: Value = serde_json::from_str(&read(&sandbox, "app/vendor/paths.json")).unwrap();
    for package in paths["packages"].as_array().unwrap() {
        let folder = sandbox.path().join("app/vendor").join(package["folder"].as_str().unwrap());
        let manifest = std::fs::read_to_string(folder.join("vitte.toml")).unwrap();
        assert!(manifest.contains(&format!("name = {}", package["name"])), "{package}");
    }
    assert!(!paths.to_string().contains(sandbox.path().to_str().unwrap()), "{paths}");
    // What is changed in the copy never reaches the store; made anew, it is as it was.
    sandbox.write("app/vendor/acme/text-1.1.0/src/lib.vit", "// mine\n");
    sandbox.write("app/vendor/acme/text-1.1.0/src/more.vit", "");
    sandbox.run("store verify").ends(0);
    std::fs::remove_file(sandbox.path().join("app/vendor/acme/text-1.1.0/vitte.toml")).unwrap();
    // Nothing that was changed is replaced without a word.
    let asked = on_app(&sandbox, "vendor --offline").ends(2);
    for changed in ["text-1.1.0/vitte.toml", "text-1.1.0/src/lib.vit", "text-1.1.0/src/more.vit"] {
        assert!(asked.stderr.contains(&format!("changed: app/vendor/acme/{changed}\n")), "{asked}");
    }
    assert!(asked.stderr.contains("3 files in app/vendor were changed"), "{asked}");
    assert_eq!(read(&sandbox, "app/vendor/acme/text-1.1.0/src/lib.vit"), "// mine\n");
    on_app(&sandbox, "vendor --offline --yes").ends(0);
    on_app(&sandbox, "vendor --offline").ends(0);
    assert_eq!(read(&sandbox, "app/vendor/acme/text-1.1.0/src/lib.vit"), "// acme/text 1.1.0\n");
    assert!(!sandbox.path().join("app/vendor/acme/text-1.1.0/src/more.vit").exists());
    // A folder of somebody's own is left alone.
    sandbox.write("app/mine/notes.txt", "");
    assert!(on_app(&sandbox, "vendor mine --offline").ends(10).stderr.contains("VP1007"));
}

#[test]
fn settings_are_shown_with_where_they_come_from() {
    let sandbox = Sandbox::new();
    sandbox.run("config set resolver.min-age soon").ends(2);
    let file = "home/config.toml";
    sandbox.write(file, "# mine\n[registry]\ndefault = \"./one\"   # for now\n");
    let set = sandbox.run("config set resolver.min-age 24h").ends(0);
    assert!(set.stdout.starts_with("resolver.min-age = \"24h\" in "), "{set}");
    assert_eq!(
        read(&sandbox, file),
        "# mine\n[registry]\ndefault = \"./one\"   # for now\n\n[resolver]\nmin-age = \"24h\"\n"
    );
    assert_eq!(sandbox.run("config get resolver.min-age").ends(0).stdout, "24h\n");
    let listed = sandbox.run_with("config list --origin", |command| {
        command.env("VITTE_MIN_AGE", "7d");
    });
    insta::assert_snapshot!(listed.ends(0).stdout, @r"
    registry.default = ./one
        home/config.toml:3
    registry.credential-helper = (not set)
        default
    store.fsync = (not set)
        default
    resolver.min-age = 7d
        VITTE_MIN_AGE
        overrides 24h (home/config.toml:6)
    resolver.min-age-exempt = (not set)
        default
    ");
    // `VITTE_HOME` holds everything: what is elsewhere does not count.
    sandbox.write("user/.config/vitte/config.toml", "store.fsync = \"off\"\n");
    assert_eq!(sandbox.run("config get store.fsync").ends(0).stdout, "(not set)\n");
    let without = sandbox.run_with("config get store.fsync", |command| {
        command.env_remove("VITTE_HOME");
    });
    assert_eq!(without.ends(0).stdout, "off\n");
    sandbox.run("config unset resolver.min-age").ends(0);
    assert_eq!(read(&sandbox, file), "# mine\n[registry]\ndefault = \"./one\"   # for now\n");
    let again = sandbox.run("config unset resolver.min-age --json").ends(0).json();
    assert_eq!(again["result"]["file"], Value::Null);
    sandbox.run("config set resolver.min-age 24h").ends(0);
    let wrong = sandbox.run("config get registry.defualt").ends(2);
    assert!(
        wrong
            .stderr
            .contains("there are: registry.default, registry.credential-helper, store.fsync, resolver.min-age, resolver.min-age-exempt"),
        "{wrong}"
    );
}

#[test]
fn what_is_wrong_around_is_found_with_what_mends_it() {
    let sandbox = Sandbox::new();
    sandbox.run("doctor").ends(0);
    assert!(!sandbox.home().exists());
    install::publish(&sandbox, "demo/hello", "1.0.0");
    sandbox.run("install demo/hello --registry reg").ends(0);
    let doctor = |flags: &str| {
        sandbox.run_with(&format!("doctor {flags}"), |command| {
            command.env("VITTE_REGISTRY", "reg");
        })
    };
    let well = doctor("").ends(0);
    assert!(
        well.stdout.contains("note programs: [dir]/home/bin is not in PATH\n       export PATH="),
        "{well}"
    );
    assert!(well.stdout.contains("ok   registry: [dir]/reg is in order"), "{well}");
    // A shim that is gone, a folder left by a process that is gone, a package that is gone.
    std::fs::remove_file(sandbox.home().join("bin/hello")).unwrap();
    std::fs::create_dir_all(sandbox.home().join("store/v1/tmp/999999999-0123456789abcdef")).unwrap();
    let ill = doctor("").ends(1);
    assert!(
        ill.stdout
            .contains("BAD  programs: the command of hello is missing\n       vitte package rollback 1\n"),
        "{ill}"
    );
    assert!(ill.stdout.contains("note store: 1 unfinished folder"), "{ill}");
    assert!(!doctor("--fix").ends(1).stdout.contains("unfinished"));
    sandbox.run("rollback 1").ends(0);
    doctor("").ends(0);
    std::fs::remove_dir_all(sandbox.home().join("store/v1/pkg")).unwrap();
    let ill = doctor("").ends(1);
    assert!(
        ill.stdout.contains(
            "demo/hello 1.0.0 is not in the store\n       vitte package install demo/hello@1.0.0\n"
        ),
        "{ill}"
    );
    sandbox.run("install demo/hello@1.0.0 --registry reg").ends(0);
    doctor("").ends(0);
    sandbox.write("home/config.toml", "resolver.min-agee = \"1d\"\n");
    assert!(doctor("").ends(1).stdout.contains("config.toml: there is no setting `resolver.min-agee`"));
}

#[test]
fn the_cache_is_pruned_by_age_and_checked_by_name() {
    let sandbox = Sandbox::new();
    let good = install::package(&sandbox, "demo/hello", "1.0.0");
    let bytes = std::fs::read(good).unwrap();
    let head = vitte_package_core::archive::Head::parse(&bytes).unwrap().tree().to_string().replace(':', "-");
    sandbox.write(&format!("home/cache/archives/{head}.vitpkg"), &bytes);
    sandbox.write("home/cache/archives/00.vitpkg", &bytes);
    sandbox.write("home/cache/registries/00/index/demo/hello", "x");
    let checked = sandbox.run("cache verify --json").ends(0).json()["result"]["deleted"].clone();
    assert_eq!((&checked["archives"]["files"], &checked["registries"]["files"]), (&json!(1), &json!(0)));
    assert!(sandbox.home().join(format!("cache/archives/{head}.vitpkg")).exists());
    let none = sandbox.run("cache prune --json").ends(0).json()["result"]["deleted"].clone();
    assert_eq!((&none["archives"]["files"], &none["registries"]["files"]), (&json!(0), &json!(0)));
    let all = sandbox.run("cache prune --older-than 0 --json").ends(0).json()["result"]["deleted"].clone();
    assert_eq!((&all["archives"]["files"], &all["registries"]["files"]), (&json!(1), &json!(1)));
    sandbox.run("cache prune --older-than soon").ends(2);
}
