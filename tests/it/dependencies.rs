//! A project's dependencies, from the manifest to the store: add, lock, install, update, explain.

use crate::sandbox::{Ran, Sandbox};
use std::path::PathBuf;

/// Publishes a library. `dependencies` are lines of its manifest.
pub(crate) fn publish(sandbox: &Sandbox, registry: &str, name: &str, version: &str, dependencies: &str) {
    publish_with(sandbox, registry, name, version, dependencies, &[]);
}

/// As [`publish`], with more files in the project.
pub(crate) fn publish_with(
    sandbox: &Sandbox,
    registry: &str,
    name: &str,
    version: &str,
    dependencies: &str,
    files: &[(&str, &str)],
) {
    if !sandbox.home().join("keys").exists() {
        sandbox.run("key generate").ends(0);
    }
    if !sandbox.path().join(registry).exists() {
        sandbox.run(&format!("registry init {registry}")).ends(0);
    }
    let folder = format!("source/{}-{version}", name.replace('/', "-"));
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
         description = \"A test\"\n\n[lib]\npath = \"src/lib.vit\"\n\n[dependencies]\n{dependencies}"
    );
    sandbox.write(&format!("{folder}/src/lib.vit"), format!("// {name} {version}\n"));
    let path = sandbox.write(&format!("{folder}/vitte.toml"), manifest);
    for (name, content) in files {
        sandbox.write(&format!("{folder}/{name}"), content);
    }
    sandbox.run(&format!("publish --manifest {} --registry {registry} --yes", path.display())).ends(0);
}

/// A project with these lines of dependencies.
pub(crate) fn project(sandbox: &Sandbox, dependencies: &str) -> PathBuf {
    sandbox.write("app/src/main.vit", "entry main at app { return 0 }\n");
    sandbox.write(
        "app/vitte.toml",
        format!(
            "# mine\n[package]\nname = \"demo/app\"\nversion = \"0.1.0\"   # so far\nedition = \"2025\"\n\n[dependencies]\n{dependencies}"
        ),
    )
}

#[must_use]
pub(crate) fn on_app(sandbox: &Sandbox, command: &str) -> Ran {
    let mut words = command.splitn(2, ' ');
    let verb = words.next().unwrap();
    let rest = words.next().unwrap_or_default();
    sandbox.run(&format!("{verb} --manifest app/vitte.toml {rest}"))
}

pub(crate) fn read(sandbox: &Sandbox, path: &str) -> String {
    std::fs::read_to_string(sandbox.path().join(path)).unwrap()
}

#[test]
fn a_dependency_is_added_locked_installed_and_found() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    publish(&sandbox, "reg", "acme/json", "2.0.0", "\"acme/text\" = \"1\"\n");
    project(&sandbox, "# for data\n");
    let added = on_app(&sandbox, "add acme/json --registry reg").ends(0);
    assert_eq!(
        added.stdout,
        "[dependencies] \"acme/json\" = \"2.0.0\"\n\
         [registries] reg = { directory = \"../reg\", namespaces = [\"acme\"] }\nadded acme/json 2.0.0\nadded acme/text 1.1.0\n"
    );
    let manifest = read(&sandbox, "app/vitte.toml");
    assert!(manifest.contains("version = \"0.1.0\"   # so far\n"), "{manifest}");
    assert!(manifest.contains("\"acme/json\" = \"2.0.0\"\n"), "{manifest}");
    let lock = read(&sandbox, "app/vitte.lock");
    assert!(
        lock.starts_with("# Written by vitte package. Commit it, do not edit it.\nversion = 1\n"),
        "{lock}"
    );
    assert!(!lock.contains(sandbox.path().to_str().unwrap()), "{lock}");

    let first = on_app(&sandbox, "install --registry reg").ends(0);
    assert!(first.stderr.contains("2 packages verified and unpacked"), "{first}");
    let second = on_app(&sandbox, "install --registry reg").ends(0);
    assert!(second.stderr.contains("nothing to do: 2 packages are in place"), "{second}");
    let paths: serde_json::Value = serde_json::from_str(&read(&sandbox, "app/.vitte/paths.json")).unwrap();
    assert_eq!(paths["schema"], "vitte.paths/v1");
    let packages = paths["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 3);
    for package in packages {
        let folder = std::path::Path::new(package["folder"].as_str().unwrap());
        assert!(folder.join("vitte.toml").is_file(), "{}", folder.display());
    }
    let tree = on_app(&sandbox, "tree").ends(0);
    assert_eq!(tree.stdout, "demo/app 0.1.0\n`-- acme/json 2.0.0\n    `-- acme/text 1.1.0\n");

    // The registry is gone; the lockfile and the store are enough.
    std::fs::rename(sandbox.path().join("reg"), sandbox.path().join("gone")).unwrap();
    std::fs::remove_file(sandbox.path().join("app/.vitte/paths.json")).unwrap();
    on_app(&sandbox, "install --offline").ends(0);
    std::fs::remove_dir_all(sandbox.home().join("store")).unwrap();
    on_app(&sandbox, "install --offline").ends(9);
}

#[test]
fn a_lockfile_that_was_edited_is_noticed() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    project(&sandbox, "\"acme/text\" = \"=1.0.0\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    let good = read(&sandbox, "app/vitte.lock");
    // Another identity: neither the registry nor the archive agree.
    let at = good.find("vp1-sha256:").unwrap() + 11;
    let mut other = good.clone();
    let digit = if &good[at..=at] == "0" { "1" } else { "0" };
    other.replace_range(at..=at, digit);
    sandbox.write("app/vitte.lock", &other);
    let locked = on_app(&sandbox, "install --locked --registry reg").ends(5);
    assert!(locked.stderr.contains("VP0502") || locked.stderr.contains("VP05"), "{locked}");
    let lock = on_app(&sandbox, "lock --registry reg").ends(5);
    assert!(lock.stderr.contains("VP0539"), "{lock}");
    // Another form.
    sandbox.write("app/vitte.lock", good.replace("version = \"1.0.0\"", "version = '1.0.0'"));
    let form = on_app(&sandbox, "install --locked --registry reg").ends(3);
    assert!(form.stderr.contains("VP0802") && form.stderr.contains("app/vitte.lock:"), "{form}");
    // A manifest that moved on.
    sandbox.write("app/vitte.lock", &good);
    let manifest = read(&sandbox, "app/vitte.toml").replace("=1.0.0", "^1.1");
    sandbox.write("app/vitte.toml", manifest);
    let stale = on_app(&sandbox, "install --locked --registry reg").ends(8);
    assert!(stale.stderr.contains("VP0801"), "{stale}");
    assert_eq!(read(&sandbox, "app/vitte.lock"), good);
    on_app(&sandbox, "install --registry reg").ends(0);
    assert!(read(&sandbox, "app/vitte.lock").contains("version = \"1.1.0\""));
}

#[test]
fn locked_versions_stay_until_they_are_updated() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/a", "1.0.0", "");
    publish(&sandbox, "reg", "acme/b", "1.0.0", "");
    project(&sandbox, "\"acme/a\" = \"1\"\n\"acme/b\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    publish(&sandbox, "reg", "acme/a", "1.1.0", "");
    publish(&sandbox, "reg", "acme/b", "1.1.0", "");
    let before = read(&sandbox, "app/vitte.lock");
    on_app(&sandbox, "lock --registry reg").ends(0);
    assert_eq!(read(&sandbox, "app/vitte.lock"), before);
    let dry = on_app(&sandbox, "update --dry-run --registry reg").ends(0);
    assert_eq!(dry.stdout, "acme/a 1.0.0 → 1.1.0\nacme/b 1.0.0 → 1.1.0\n");
    assert_eq!(read(&sandbox, "app/vitte.lock"), before);
    let one = on_app(&sandbox, "update -p acme/a --registry reg").ends(0);
    assert_eq!(one.stdout, "acme/a 1.0.0 → 1.1.0\n");
    let back = on_app(&sandbox, "update acme/a --precise 1.0.0 --registry reg").ends(0);
    assert_eq!(back.stdout, "acme/a 1.1.0 → 1.0.0\n");
    assert_eq!(read(&sandbox, "app/vitte.lock"), before);
    on_app(&sandbox, "update no/body --registry reg").ends(9);
    let removed = on_app(&sandbox, "remove acme/b --registry reg").ends(0);
    assert_eq!(removed.stdout, "[dependencies] removed: \"acme/b\" = \"1\"\nremoved acme/b 1.0.0\n");
}

/// Three manifests that cannot be satisfied, each with a way out that is offered, and then taken literally.
#[test]
fn the_way_out_that_is_offered_works() {
    let sandbox = Sandbox::new();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        publish(&sandbox, "reg", "acme/base", version, "");
    }
    publish(&sandbox, "reg", "acme/math", "1.0.0", "\"acme/base\" = \"~1.0\"\n");
    publish(&sandbox, "reg", "acme/math", "2.0.0", "\"acme/base\" = \"^1.1\"\n");
    publish(&sandbox, "reg", "acme/plot", "1.0.0", "\"acme/base\" = \"~1.1\"\n");
    publish(&sandbox, "reg", "acme/old", "1.0.0", "\"acme/base\" = \"=1.0.0\"\n");
    publish(&sandbox, "reg", "acme/old", "2.0.0-rc.1", "\"acme/base\" = \"1\"\n");
    let manifests = [
        "\"acme/math\" = \"^1\"\n\"acme/plot\" = \"^1\"\n",
        "\"acme/base\" = \"^7\"\n",
        "\"acme/old\" = \"1\"\n\"acme/base\" = { version = \"^1.2\", optional = true }\n",
    ];
    for dependencies in manifests {
        project(&sandbox, dependencies);
        let _ = std::fs::remove_file(sandbox.path().join("app/vitte.lock"));
        let mut failed = on_app(&sandbox, "lock --registry reg").ends(4);
        // Applied as they are suggested, until it resolves; each step is a way out of the last error.
        let mut steps = 0;
        while failed.exit != 0 {
            let line = failed.stderr.lines().find(|line| line.contains("vitte package add "));
            let Some(line) = line else { panic!("no way out: {failed}") };
            let (_, command) = line.split_once("vitte package add ").unwrap();
            on_app(&sandbox, &format!("add {command} --registry reg")).ends(0);
            failed = on_app(&sandbox, "lock --registry reg");
            steps += 1;
            assert!(steps <= 3, "{failed}");
        }
    }
}

#[test]
fn a_namespace_belongs_to_one_registry() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "corp", "inner/text", "1.0.0", "");
    let manifest = project(
        &sandbox,
        "\"acme/text\" = \"1\"\n\"inner/text\" = { version = \"1\", registry = \"corp\" }\n",
    );
    // The manifest names a registry that it does not describe.
    on_app(&sandbox, "lock --registry reg").ends(3);
    let source = std::fs::read_to_string(&manifest).unwrap();
    sandbox.write(
        "app/vitte.toml",
        format!("{source}\n[registries]\ncorp = {{ directory = \"../corp\", namespaces = [\"inner\"] }}\n"),
    );
    on_app(&sandbox, "lock --registry reg").ends(0);
    let lock = read(&sandbox, "app/vitte.lock");
    let registries: std::collections::BTreeSet<&str> =
        lock.lines().filter(|line| line.starts_with("registry = ")).collect();
    assert_eq!(registries.len(), 2, "{lock}");
}

/// A listing that came with the project, made for the very place it lies in, names the project's own copy of a package.
#[test]
fn a_listing_that_came_with_the_project_is_not_believed() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "install --registry reg").ends(0);
    let good = read(&sandbox, "app/.vitte/paths.json");
    let listed: serde_json::Value = serde_json::from_str(&good).unwrap();
    let folders = || listed["packages"].as_array().unwrap().iter().map(|one| one["folder"].as_str().unwrap());
    for folder in folders() {
        let forged =
            good.replace(&format!("\"{folder}\""), &format!("\"{}/evil\"", sandbox.path().display()));
        sandbox.write("app/.vitte/paths.json", &forged);
        on_app(&sandbox, "install --registry reg").ends(0);
        assert_eq!(read(&sandbox, "app/.vitte/paths.json"), good);
        // Nor if it says that the package is one of the project's own.
        let tree = listed["packages"][0]["tree"].as_str().unwrap();
        sandbox.write("app/.vitte/paths.json", forged.replace(&format!("\"tree\":\"{tree}\","), ""));
        on_app(&sandbox, "install --registry reg").ends(0);
        assert_eq!(read(&sandbox, "app/.vitte/paths.json"), good);
    }
    // The registry is not asked while it holds.
    std::fs::rename(sandbox.path().join("reg"), sandbox.path().join("gone")).unwrap();
    on_app(&sandbox, "install --registry reg").ends(0);
}

/// T56: another registry has a package of the same name: because its owner put it there, or because a mirror of the
/// private registry answers with the public one. What is locked stays with the registry it is locked from.
#[test]
fn t56_what_is_locked_from_one_registry_is_not_taken_from_another() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "inner/text", "1.5.0", "");
    publish(&sandbox, "corp", "inner/text", "1.0.0", "");
    let manifest = project(&sandbox, "\"inner/text\" = \"1\"\n");
    let source = std::fs::read_to_string(&manifest).unwrap();
    let belongs = "\n[registries]\ncorp = { directory = \"../corp\", namespaces = [\"inner\"] }\n";
    sandbox.write("app/vitte.toml", format!("{source}{belongs}"));
    on_app(&sandbox, "lock --registry reg").ends(0);
    let lock = read(&sandbox, "app/vitte.lock");
    assert!(lock.contains("1.0.0") && !lock.contains("1.5.0"), "no fall-back to the other registry: {lock}");
    // The files of the public registry, where the private one was.
    std::fs::rename(sandbox.path().join("corp"), sandbox.path().join("corp-before")).unwrap();
    std::fs::rename(sandbox.path().join("reg"), sandbox.path().join("corp")).unwrap();
    for command in ["lock --registry corp", "install --registry corp", "update --registry corp"] {
        let refused = on_app(&sandbox, &format!("{command} --json")).ends(5).json();
        assert_eq!(refused["diagnostics"][0]["code"], "VP0508", "{command}: {refused}");
        assert_eq!(read(&sandbox, "app/vitte.lock"), lock);
    }
    on_app(&sandbox, "install --registry corp --locked").ends(8);
    // Moved on purpose: the lockfile is asked no more.
    std::fs::remove_file(sandbox.path().join("app/vitte.lock")).unwrap();
    on_app(&sandbox, "lock --registry corp").ends(0);
}

#[test]
fn the_packages_of_a_workspace_have_one_lockfile() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    let member = |name: &str, version: &str, more: &str| {
        format!("[package]\nname = \"demo/{name}\"\nversion = \"{version}\"\n\n[dependencies]\n{more}")
    };
    sandbox.write("vitte.toml", "[workspace]\nmembers = [\"packages/*\"]\n");
    sandbox
        .write("packages/one/vitte.toml", member("one", "0.1.0", "\"demo/two\" = { path = \"../two\" }\n"));
    sandbox.write("packages/two/vitte.toml", member("two", "0.2.0", "\"acme/text\" = \"1\"\n"));
    sandbox.run("install --manifest packages/one/vitte.toml --registry reg").ends(0);
    let lock = read(&sandbox, "vitte.lock");
    assert!(
        lock.contains("name = \"demo/one\"\nversion = \"0.1.0\"\ndependencies = [\n    \"demo/two\",\n]\n"),
        "{lock}"
    );
    assert!(!sandbox.path().join("packages/one/vitte.lock").exists());
    assert!(sandbox.path().join(".vitte/paths.json").exists());
    let tree = sandbox.run("tree --manifest packages/two/vitte.toml -i acme/text").ends(0);
    assert_eq!(tree.stdout, "acme/text 1.0.0\n`-- demo/two 0.2.0\n    `-- demo/one 0.1.0\n");
}

#[test]
fn what_keeps_a_newer_release_out_is_told() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/base", "1.0.0", "");
    publish(&sandbox, "reg", "acme/base", "1.1.0", "");
    publish(&sandbox, "reg", "acme/base", "2.0.0", "");
    publish(&sandbox, "reg", "acme/math", "1.0.0", "\"acme/base\" = \"~1.0\"\n");
    project(&sandbox, "\"acme/math\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    let why = on_app(&sandbox, "why acme/base --registry reg").ends(0);
    assert_eq!(
        why.stdout,
        "demo/app 0.1.0 → acme/math 1.0.0 → acme/base 1.0.0\n  acme/math 1.0.0 wants ~1.0\n  \
         acme/base 2.0.0 is newer; what keeps it out:\n    acme/math 1.0.0 wants ~1.0\n"
    );
    on_app(&sandbox, "why no/body --registry reg").ends(9);
    let outdated = on_app(&sandbox, "outdated --exit-code --registry reg").ends(1);
    assert_eq!(
        outdated.stdout,
        "package    locked  wanted  newest  note\n\
         acme/base  1.0.0   1.0.0   2.0.0   see: vitte package why acme/base\n"
    );
    publish(&sandbox, "reg", "acme/math", "1.1.0", "\"acme/base\" = \"2\"\n");
    let behind = on_app(&sandbox, "outdated --registry reg").ends(0);
    assert!(behind.stdout.contains("acme/math  1.0.0   1.1.0   1.1.0\n"), "{behind}");
    assert!(behind.stdout.contains("acme/base  1.0.0   2.0.0   2.0.0\n"), "as update does: {behind}");
    let possible = on_app(&sandbox, "why acme/math --registry reg").ends(0);
    assert!(possible.stdout.contains("vitte package update acme/math"), "{possible}");
    on_app(&sandbox, "update --registry reg").ends(0);
    on_app(&sandbox, "outdated --exit-code --registry reg").ends(0);
}

#[test]
fn after_one_fetch_no_registry_is_needed() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "install --offline").ends(2);
    on_app(&sandbox, "install --frozen").ends(8);
    on_app(&sandbox, "fetch --registry reg").ends(0);
    std::fs::rename(sandbox.path().join("reg"), sandbox.path().join("gone")).unwrap();
    for flags in ["--offline", "--frozen"] {
        let _ = std::fs::remove_dir_all(sandbox.path().join("app/.vitte"));
        on_app(&sandbox, &format!("install {flags}")).ends(0);
        let again = on_app(&sandbox, &format!("install {flags}")).ends(0);
        assert!(again.stderr.contains("nothing to do: 1 package is in place"), "{again}");
    }
}

#[test]
fn in_ci_the_lockfile_stays_and_is_proved_again() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    project(&sandbox, "\"acme/text\" = \"=1.0.0\"\n");
    let in_ci = |flags: &str| {
        sandbox.run_with(&format!("install --manifest app/vitte.toml --registry reg {flags}"), |command| {
            command.env("CI", "1");
        })
    };
    assert!(in_ci("").ends(8).stderr.contains("CI detected: the lockfile will not be changed"));
    in_ci("--no-locked").ends(0);
    in_ci("").ends(0);
    let good = read(&sandbox, "app/vitte.lock");
    // The identity of the other release, and then another signer, put in by whoever sends a change.
    publish(&sandbox, "reg", "acme/other", "1.0.0", "");
    let key = good.find("signers = [\"").unwrap() + "signers = [\"".len();
    let tree = good.find("vp1-sha256:").unwrap() + "vp1-sha256:".len();
    for (at, code) in [(tree, "VP0539"), (key, "VP0521")] {
        let mut other = good.clone();
        let digit = if &good[at..=at] == "0" { "1" } else { "0" };
        other.replace_range(at..=at, digit);
        sandbox.write("app/vitte.lock", &other);
        let refused = in_ci("").ends(5);
        assert!(refused.stderr.contains(code), "{refused}");
        let refused = on_app(&sandbox, "install --locked --verify-lock --registry reg").ends(5);
        assert!(refused.stderr.contains(code), "{refused}");
    }
}

#[test]
fn a_release_can_be_too_young() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    let young = on_app(&sandbox, "lock --registry reg --min-age 24h").ends(4);
    assert!(young.stderr.contains("VP0403") && young.stderr.contains("--min-age 0"), "{young}");
    let configured = |command: &str| {
        sandbox.run_with(command, |command| {
            command.env("VITTE_MIN_AGE", "7d");
        })
    };
    let tool = configured("install acme/text --registry reg").ends(4);
    assert!(tool.stderr.contains("VP0403") && tool.stderr.contains("allowed in 7 days"), "{tool}");
    configured("lock --manifest app/vitte.toml --registry reg").ends(4);
    configured("lock --manifest app/vitte.toml --registry reg --min-age 0").ends(0);
    // What is locked was chosen already.
    configured("lock --manifest app/vitte.toml --registry reg").ends(0);
    // A project has no say, and a registry that is a folder wants no age.
    sandbox.write("app/.vitte/config.toml", "resolver.min-age = \"0\"\n");
    on_app(&sandbox, "lock --registry reg").ends(2);
}

/// What is asked for by name may be young, which is reported, and is an error where both were asked for; own namespaces
/// and packages that the user names need not be old.
#[test]
fn the_minimum_age_has_exceptions_that_are_told() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "demo/own", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n\"demo/own\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    let with = |command: &str, exempt: Option<&str>| {
        sandbox.run_with(&format!("{command} --manifest app/vitte.toml --registry reg"), |command| {
            command.env("VITTE_MIN_AGE", "7d");
            if let Some(exempt) = exempt {
                command.env("VITTE_MIN_AGE_EXEMPT", exempt);
            }
        })
    };
    with("update", None).ends(4);
    let reported = with("update acme/text --precise 1.1.0", None).ends(0);
    assert!(reported.stderr.contains("warning[VP0403]: acme/text 1.1.0 was published"), "{reported}");
    assert!(reported.stderr.contains("the minimum age is 7 days"), "{reported}");
    let refused = with("update acme/text --precise 1.0.0 --min-age 2d", None).ends(4);
    assert!(refused.stderr.contains("VP0403"), "{refused}");
    with("update acme/text --precise 1.0.0", None).ends(0);
    for exempt in ["acme/text", "other/thing, acme/*"] {
        let quiet = with("update acme/text --dry-run", Some(exempt)).ends(0);
        assert!(quiet.stdout.contains("acme/text 1.0.0 → 1.1.0"), "{quiet}");
        assert!(!quiet.stderr.contains("VP0403"), "{quiet}");
    }
    let quiet = with("update acme/text --precise 1.1.0", Some("acme/*")).ends(0);
    assert!(!quiet.stderr.contains("VP0403"), "{quiet}");
    let wrong = with("lock", Some("Acme")).ends(2);
    assert!(wrong.stderr.contains("resolver.min-age-exempt"), "{wrong}");
    // A project does not make exceptions for itself.
    sandbox.write("app/.vitte/config.toml", "resolver.min-age-exempt = \"acme/text\"\n");
    with("lock", None).ends(2);
    let help = sandbox.run("lock --help").ends(0).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("own namespaces are exempt") && help.contains("min-age-exempt"), "{help}");
    assert!(sandbox.run("explain VP0403").ends(0).stdout.contains("resolver.min-age-exempt"));
}

/// The log's entry of a release, altered in place.
fn falsify_entry(sandbox: &Sandbox) {
    let registry = sandbox.path().join("reg");
    for (name, bytes) in crate::registry::files(&registry) {
        let path = registry.join(&name);
        if name.ends_with(".tlog-proof") {
            std::fs::remove_file(path).unwrap();
        } else if name.starts_with("log/tile/entries/") {
            let (from, to) = (b"acme/text 1.0.0 ", b"acme/texu 1.0.0 ");
            // Bundles from before the release lack it.
            if let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
                std::fs::write(path, [&bytes[..at], &to[..], &bytes[at + from.len()..]].concat()).unwrap();
            }
        }
    }
}

#[test]
fn what_was_proved_once_is_not_proved_again_unless_anything_is_different() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "install --registry reg").ends(0);
    let lock = sandbox.path().join("app/vitte.lock");
    let written = std::fs::read(&lock).unwrap();
    falsify_entry(&sandbox);
    std::fs::remove_file(&lock).unwrap();
    on_app(&sandbox, "lock --registry reg").ends(0);
    assert_eq!(std::fs::read(&lock).unwrap(), written);
    // Asked to prove, it finds that the log was altered.
    on_app(&sandbox, "install --registry reg --verify-lock").ends(5);
    // Nobody else trusts it, nor does this user when what is remembered is gone or of another form.
    let trust = crate::registry::files(&sandbox.home().join("trust"));
    let proved: Vec<_> = trust.keys().filter(|name| name.ends_with("/proved")).collect();
    assert_eq!(proved.len(), 1, "{:?}", trust.keys());
    let proved = sandbox.home().join("trust").join(proved[0]);
    let remembered = std::fs::read_to_string(&proved).unwrap();
    for other in
        [remembered.replacen("proved 1", "proved 2", 1), remembered.replace("\nrelease ", "\nrelease 0")]
    {
        std::fs::write(&proved, other).unwrap();
        std::fs::remove_file(&lock).unwrap();
        on_app(&sandbox, "lock --registry reg").ends(5);
        std::fs::write(&lock, &written).unwrap();
    }
    // An index note that was known is still checked once it is another.
    std::fs::write(&proved, &remembered).unwrap();
    std::fs::remove_file(&lock).unwrap();
    let index = sandbox.path().join("reg/index/acme/text");
    let note = std::fs::read_to_string(&index).unwrap();
    std::fs::write(&index, note.replace("\"size\":", "\"size\":1")).unwrap();
    on_app(&sandbox, "lock --registry reg").ends(5);
}

#[test]
fn a_registry_named_when_adding_is_written_down_for_all_that_comes_from_it() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "base/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/json", "2.0.0", "\"base/text\" = \"1\"\n");
    publish(&sandbox, "other", "zoo/lion", "1.0.0", "");
    project(&sandbox, "");
    let added = on_app(&sandbox, "install acme/json --registry reg").ends(0).stdout;
    let line = "reg = { directory = \"../reg\", namespaces = [\"acme\", \"base\"] }";
    assert!(added.contains(&format!("[registries] {line}\n")), "{added}");
    let manifest = read(&sandbox, "app/vitte.toml");
    assert!(manifest.ends_with(&format!("\n[registries]\n{line}\n")), "{manifest}");
    assert!(manifest.contains("   # so far\n"), "{manifest}");
    // From here on nobody has to say it again.
    for command in ["install --locked", "lock --locked", "why base/text", "update", "outdated", "tree"] {
        on_app(&sandbox, command).ends(0);
    }
    std::fs::remove_file(sandbox.path().join("app/vitte.lock")).unwrap();
    on_app(&sandbox, "install").ends(0);
    // Said again, it is not written again; another one gets its own name.
    assert!(!on_app(&sandbox, "add base/text --registry reg").ends(0).stdout.contains("[registries]"));
    let other = on_app(&sandbox, "add zoo/lion --registry other").ends(0).stdout;
    assert!(other.contains("other = { directory = \"../other\", namespaces = [\"zoo\"] }\n"), "{other}");
    // A namespace belongs to one registry.
    let before = read(&sandbox, "app/vitte.toml");
    let refused = on_app(&sandbox, "add acme/json --registry other --json").ends(3);
    assert_eq!(crate::registry::code(&refused), "VP0109", "{refused}");
    assert!(refused.stdout.contains("gives the namespace `acme` to `reg`"), "{refused}");
    assert_eq!(read(&sandbox, "app/vitte.toml"), before);
}

#[test]
fn in_a_workspace_the_registry_is_written_at_its_root() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/json", "2.0.0", "");
    let root = "# all\n[workspace]\nmembers = [\"one\"]\n";
    sandbox.write("work/vitte.toml", root);
    sandbox.write("work/one/src/lib.vit", "x");
    let member = "[package]\nname = \"demo/one\"\nversion = \"0.1.0\"\nedition = \"2025\"\n\n[lib]\npath = \"src/lib.vit\"\n";
    sandbox.write("work/one/vitte.toml", member);
    sandbox.run("add acme/json --manifest work/one/vitte.toml --registry reg").ends(0);
    let line = "reg = { directory = \"../reg\", namespaces = [\"acme\"] }";
    assert_eq!(read(&sandbox, "work/vitte.toml"), format!("{root}\n[registries]\n{line}\n"));
    assert!(!read(&sandbox, "work/one/vitte.toml").contains("registries"));
    sandbox.run("install --locked --manifest work/one/vitte.toml").ends(0);
}
