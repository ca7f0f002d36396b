//! Publishing: idempotent, atomic, one writer at a time, and safe against being killed anywhere.

use crate::registry::{code, files, initialised, pack, publish, published};
use crate::sandbox::{Ran, Sandbox};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

#[test]
fn publishing_the_same_content_again_changes_nothing() {
    let sandbox = initialised();
    let hello = pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    publish(&sandbox, &[&hello]).ends(0);
    let before = published(&sandbox);
    let again = publish(&sandbox, &[&hello]).ends(0).json();
    assert_eq!(again["result"]["artifacts"][0]["state"], "already_published");
    assert_eq!(again["result"]["artifacts"][0]["log"], 2);
    assert_eq!(published(&sandbox), before);
    // T71: other content under the same version.
    let other = pack(&sandbox, "demo/hello", "1.0.0", "other", "");
    assert_eq!(code(&publish(&sandbox, &[&other]).ends(10)), "VP0607");
    // Versions that differ in build metadata only contradict each other too.
    let build = pack(&sandbox, "demo/hello", "1.0.0+b", "built", "");
    assert_eq!(code(&publish(&sandbox, &[&build]).ends(10)), "VP0607");
    assert_eq!(published(&sandbox), before);
}

#[test]
fn a_dry_run_checks_everything_and_stores_nothing() {
    let sandbox = initialised();
    let hello = pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    let before = published(&sandbox);
    let run = |file: &Path| {
        let mut command = sandbox.package();
        command.args(["publish", "--dry-run", "--json", "--registry", "reg"]).arg(file);
        Ran::from(command.output().unwrap(), sandbox.path())
    };
    let plan = run(&hello).ends(0).json();
    assert_eq!(plan["result"]["artifacts"][0]["state"], "would_publish");
    assert_eq!(published(&sandbox), before);
    let mut bytes = std::fs::read(&hello).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    std::fs::write(&hello, bytes).unwrap();
    assert_eq!(code(&run(&hello).ends(5)), "VP0501");
    assert_eq!(published(&sandbox), before);
}

#[test]
fn several_packages_are_published_together_or_not_at_all() {
    let sandbox = initialised();
    let base = pack(&sandbox, "demo/base", "1.0.0", "b", "");
    let user = pack(&sandbox, "demo/user", "1.0.0", "uses", "\"demo/base\" = \"^1\"\n");
    let before = published(&sandbox);
    let ran = publish(&sandbox, &[&user]).ends(9);
    assert_eq!(code(&ran), "VP0606");
    assert_eq!(published(&sandbox), before);
    // Whatever the order, the dependency is logged first.
    let answer = publish(&sandbox, &[&user, &base]).ends(0).json();
    let order: Vec<_> =
        (0..2).map(|at| answer["result"]["artifacts"][at]["package"].as_str().unwrap()).collect();
    assert_eq!(order, ["demo/base", "demo/user"]);
    let bad = pack(&sandbox, "demo/base", "1.1.0", "bb", "");
    std::fs::write(&bad, &std::fs::read(&bad).unwrap()[..200]).unwrap();
    let good = pack(&sandbox, "demo/user", "1.1.0", "uses!", "");
    let before = published(&sandbox);
    assert_ne!(publish(&sandbox, &[&good, &bad]).exit, 0);
    assert_eq!(published(&sandbox), before);
    sandbox.run("registry verify reg").ends(0);
}

#[test]
fn only_keys_of_the_namespace_publish_in_it() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    sandbox.run("key generate --name other").ends(0);
    let next = pack(&sandbox, "demo/hello", "1.1.0", "two", "");
    let run = |key: &str| {
        let mut command = sandbox.package();
        command.args(["publish", "--yes", "--json", "--registry", "reg", "--key", key]).arg(&next);
        Ran::from(command.output().unwrap(), sandbox.path())
    };
    // T20.
    assert_eq!(code(&run("other").ends(5)), "VP0516");
    run("default").ends(0);
    sandbox.run("registry verify reg").ends(0);
}

#[test]
fn names_that_cannot_be_registered_are_refused() {
    let sandbox = initialised();
    for name in ["vitte/hello", "core/hello", "demo/a_b", "a_b"] {
        let file = pack(&sandbox, name, "1.0.0", "x", "");
        assert_eq!(code(&publish(&sandbox, &[&file]).ends(3)), "VP0102", "{name}");
    }
    // The list of reserved words is about namespaces: `acme/core` is a name like any other.
    for name in ["demo/core", "demo/index", "docs"] {
        let file = pack(&sandbox, name, "1.0.0", "x", "");
        publish(&sandbox, &[&file]).ends(0);
    }
}

/// T44: in lz4 some tools see no files at all, so others would see another package than the one that is verified.
#[test]
fn an_archive_in_lz4_is_not_published() {
    let sandbox = initialised();
    let manifest = "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\ndescription = \"A test\"\n";
    sandbox.write("hello/vitte.toml", manifest);
    sandbox.write("hello/src/lib.vit", "x");
    sandbox.run("build --manifest hello/vitte.toml --codec lz4").ends(0);
    let file = sandbox.path().join("hello/target/hello-1.0.0.vitmod");
    let names = || files(&sandbox.path().join("reg")).into_keys().collect::<Vec<_>>();
    let before = names();
    assert_eq!(code(&publish(&sandbox, &[&file]).ends(2)), "VP0312");
    assert_eq!(names(), before);
    sandbox.run("build --manifest hello/vitte.toml").ends(0);
    publish(&sandbox, &[&file]).ends(0);
}

#[test]
fn the_first_publish_of_a_name_is_asked_about() {
    let sandbox = initialised();
    let hello = pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    let mut command = sandbox.package();
    command.args(["publish", "--json", "--registry", "reg"]).arg(&hello);
    let ran = Ran::from(command.output().unwrap(), sandbox.path()).ends(2);
    assert!(ran.stdout.contains("--yes"), "{ran}");
    publish(&sandbox, &[&hello]).ends(0);
    let next = pack(&sandbox, "demo/hello", "1.1.0", "two", "");
    let mut command = sandbox.package();
    command.args(["publish", "--registry", "reg"]).arg(&next);
    Ran::from(command.output().unwrap(), sandbox.path()).ends(0);
}

#[test]
fn the_seed_command_refuses_what_is_no_token_and_does_not_repeat_it() {
    let sandbox = initialised();
    let hello = pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    let mut command = sandbox.package();
    command
        .args(["publish", "--token", "vtt_canary_secret", "--registry", "https://registry.example/"])
        .arg(hello);
    // Nothing is asked on the network: this is no token.
    let ran = Ran::from(command.output().unwrap(), sandbox.path()).ends(7);
    assert!(ran.stderr.contains("VP0701") && ran.stderr.contains("--token"), "{ran}");
    assert!(!format!("{ran}").contains("canary"), "{ran}");
}

#[test]
fn two_writers_wait_for_each_other() {
    let sandbox = initialised();
    let packages: Vec<_> =
        (0..6).map(|n| pack(&sandbox, &format!("demo/p{n}"), "1.0.0", &"x".repeat(n), "")).collect();
    let children: Vec<_> = packages.iter().map(|file| spawn(&sandbox, file)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let audit = sandbox.run("registry verify reg --json").ends(0).json();
    assert_eq!(audit["result"]["artifacts"], 6);
    assert_eq!(audit["result"]["entries"], 8, "genesis, one namespace, six releases");
}

fn spawn(sandbox: &Sandbox, file: &Path) -> std::process::Child {
    std::process::Command::new(env!("CARGO_BIN_EXE_vitte-package"))
        .args(["publish", "--yes", "--json", "--registry", "reg"])
        .arg(file)
        .current_dir(sandbox.path())
        .env("VITTE_HOME", sandbox.home())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// T53: kill -9 at random points of publishing. The registry always verifies, a rerun converges, and nothing that was
/// reported published is lost. `VITTE_TEST_KILLS` sets how often; the long run takes 200.
#[test]
fn killed_anywhere_the_registry_verifies_and_a_rerun_converges() {
    let kills: u64 = std::env::var("VITTE_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let sandbox = initialised();
    let warm = pack(&sandbox, "demo/warm", "1.0.0", "warm", "");
    let began = std::time::Instant::now();
    publish(&sandbox, &[&warm]).ends(0);
    let whole = began.elapsed().max(Duration::from_millis(20));
    let mut reported: Vec<(PathBuf, u64)> = Vec::new();
    let mut killed = 0;
    for round in 0..kills {
        let file = pack(&sandbox, "demo/hello", &format!("1.0.{round}"), &format!("round {round}"), "");
        let mut child = spawn(&sandbox, &file);
        // Points spread evenly over the run, in an order that does not grow.
        let part = (round * 37 + 11) % kills.max(1);
        std::thread::sleep(whole.mul_f64((part as f64 + 0.5) / kills as f64 * 1.1));
        let finished = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        if finished && output.status.success() {
            let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            reported.push((file.clone(), answer["result"]["artifacts"][0]["log"].as_u64().unwrap()));
        } else {
            killed += 1;
        }
        sandbox.run("registry verify reg").ends(0);
        let rerun = publish(&sandbox, &[&file]).ends(0).json();
        reported.push((file.clone(), rerun["result"]["artifacts"][0]["log"].as_u64().unwrap()));
        sandbox.run("registry verify reg").ends(0);
    }
    assert!(killed > 0, "no run was killed before its end");
    for (file, log) in &reported {
        let again = publish(&sandbox, &[file]).ends(0).json();
        assert_eq!(again["result"]["artifacts"][0]["state"], "already_published");
        assert_eq!(again["result"]["artifacts"][0]["log"], *log);
    }
    let audit = sandbox.run("registry verify reg --json").ends(0).json();
    assert_eq!(audit["result"]["artifacts"], kills + 1);
}

/// A writer that stops behind the checkpoint of a package's first release leaves no index file: the registry
/// is unfinished, not damaged, and the next run finishes it. A file that was there must stay there.
#[test]
fn a_first_release_may_be_logged_and_not_yet_indexed() {
    let sandbox = initialised();
    let warm = pack(&sandbox, "demo/warm", "1.0.0", "warm", "");
    publish(&sandbox, &[&warm]).ends(0);
    let registry = sandbox.path().join("reg");
    let derived = std::fs::read(registry.join(".vitte-registry.derived")).unwrap();
    let hello = pack(&sandbox, "demo/hello", "1.0.0", "hello", "");
    publish(&sandbox, &[&hello]).ends(0);

    std::fs::write(registry.join(".vitte-registry.derived"), derived).unwrap();
    std::fs::remove_file(registry.join("index/demo/hello")).unwrap();
    sandbox.run("registry verify reg").ends(0);
    publish(&sandbox, &[&hello]).ends(0);
    sandbox.run("registry verify reg").ends(0);
    assert!(registry.join("index/demo/hello").is_file());

    std::fs::remove_file(registry.join("index/demo/warm")).unwrap();
    sandbox.run("registry verify reg").ends(3);
}

/// What a project would publish by accident stops it before anything is written, one path at a time
/// allowed, and the secret itself is never shown.
#[test]
fn a_project_with_a_secret_or_without_a_licence_is_not_published() {
    let sandbox = initialised();
    let before = published(&sandbox);
    let secret = format!("ghp_{}", "0123456789abcdefABCDEF0123456789abcd");
    let manifest = "[package]\nname = \"demo/leak\"\nversion = \"1.0.0\"\nedition = \"2025\"\n";
    sandbox.write("vitte.toml", manifest);
    sandbox.write("src/lib.vit", format!("\nlet token = \"{secret}\"\n"));
    sandbox.write(".gitignore", "/reg/\n/home/\n/user/\n");
    let run = || {
        let mut command = sandbox.package();
        command.args(["publish", "--yes", "--json", "--registry", "reg"]);
        Ran::from(command.output().unwrap(), sandbox.path())
    };
    let codes = |ran: &Ran| -> Vec<String> {
        let answer = ran.json();
        let all = answer["diagnostics"].as_array().unwrap();
        all.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&run().ends(3)), ["VP0107", "VP0107"], "license and description");

    let manifest = format!("{manifest}license = \"MIT\"\ndescription = \"leaks\"\n");
    sandbox.write("vitte.toml", &manifest);
    let ran = run().ends(3);
    assert_eq!(codes(&ran), ["VP0215"]);
    assert!(ran.stdout.contains("src/lib.vit line 2") && !format!("{ran}").contains(&secret), "{ran}");
    assert_eq!(published(&sandbox), before);

    sandbox.write("vitte.toml", format!("{manifest}publish.allow = [\"src/lib.vit\"]\n"));
    run().ends(0);
}

/// A ready archive is looked through as a project is, and names the archive it is about.
#[test]
fn an_archive_with_a_secret_or_without_a_licence_is_not_published() {
    let sandbox = initialised();
    let before = published(&sandbox);
    let manifest = "[package]\nname = \"demo/leak\"\nversion = \"1.0.0\"\nedition = \"2025\"\n";
    sandbox.write(
        "leak/src/lib.vit",
        format!("let token = \"ghp_{}\"\n", "0123456789abcdefABCDEF0123456789abcd"),
    );
    sandbox.write("leak/blob.bin", vec![0u8; 1024 * 1024 + 1]);
    let build_and_publish = |manifest: &str| {
        sandbox.write("leak/vitte.toml", manifest);
        sandbox.run("build --manifest leak/vitte.toml --kind mod --out out").ends(0);
        sandbox.run("publish out/leak-1.0.0.vitmod --yes --registry reg")
    };
    let refused = build_and_publish(manifest).ends(3);
    assert!(refused.stderr.contains("VP0107") && refused.stderr.contains("license"), "{refused}");

    let manifest = format!("{manifest}license = \"MIT\"\ndescription = \"leaks\"\n");
    let refused = build_and_publish(&manifest).ends(3);
    assert!(refused.stderr.contains("src/lib.vit") && refused.stderr.contains("blob.bin"), "{refused}");
    assert_eq!(published(&sandbox), before);

    let allowed = format!("{manifest}include = [\"src/\", \"*.bin\"]\npublish.allow = [\"src/lib.vit\"]\n");
    let plan = build_and_publish(&allowed).ends(0);
    assert!(plan.stderr.contains("largest: blob.bin") && plan.stderr.contains("`include`"), "{plan}");
}

/// With a list of one's own, ignore rules do not choose; what git ignores is named, so that nothing is
/// published that no one else can see in the repository.
#[test]
fn files_that_git_ignores_are_named_before_they_are_published() {
    let sandbox = initialised();
    let manifest =
        "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ndescription = \"d\"\n";
    for (path, content) in [
        ("repo/.git/HEAD", ""),
        ("repo/.gitignore", "*.local\n/p/src/made/\n"),
        ("user/.config/git/ignore", "scratch.txt\n"),
        ("repo/p/LICENSE", "MIT\n"),
        ("repo/p/src/lib.vit", "x"),
        ("repo/p/src/a.local", "x"),
        ("repo/p/src/made/deep/b.vit", "x"),
        ("repo/p/src/scratch.txt", "x"),
    ] {
        sandbox.write(path, content);
    }
    sandbox.write("repo/p/vitte.toml", format!("{manifest}include = [\"src/\"]\n"));
    let ran = sandbox.run("publish --manifest repo/p/vitte.toml --registry reg --yes --dry-run").ends(0);
    let named = "warning[VP0211]: git ignores 3 files that this package holds: src/a.local, src/made/deep/b.vit, src/scratch.txt";
    assert!(ran.stderr.contains(named) && ran.stderr.contains("`!/src/a.local`"), "{ran}");
    // Where the rules of the repository choose, only those of the user are left to be reported.
    sandbox.write("repo/p/vitte.toml", manifest);
    let ran =
        sandbox.run("publish --manifest repo/p/vitte.toml --registry reg --yes --dry-run --json").ends(0);
    assert_eq!(
        ran.json()["diagnostics"][0]["data"]["files"],
        serde_json::json!(["src/scratch.txt"]),
        "{ran}"
    );
}
