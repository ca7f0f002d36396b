//! `outdated`: what `update` would do, and what became of what is locked.

use crate::dependencies::{on_app, project, publish};
use crate::install;
use crate::registry::{code, pack};
use crate::sandbox::Sandbox;
use serde_json::{Value, json};

fn rows(sandbox: &Sandbox) -> Value {
    on_app(sandbox, "outdated --registry reg --json").ends(0).json()["result"]["behind"].clone()
}

/// What `update --dry-run` would change: name, from, to.
fn moves(sandbox: &Sandbox) -> Vec<(String, String, String)> {
    let answer = on_app(sandbox, "update --dry-run --registry reg --json").ends(0).json();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or("-").to_owned();
    let changes = answer["result"]["changes"].as_array().unwrap().clone();
    changes.iter().map(|row| (text(row, "package"), text(row, "from"), text(row, "to"))).collect()
}

#[test]
fn outdated_says_what_update_does_for_any_requirement() {
    let sandbox = Sandbox::new();
    for name in ["acme/any", "acme/least", "acme/caret", "acme/fixed"] {
        publish(&sandbox, "reg", name, "1.0.0", "");
    }
    project(
        &sandbox,
        "\"acme/any\" = \"*\"\n\"acme/caret\" = \"1\"\n\"acme/fixed\" = \"=1.0.0\"\n\"acme/least\" = \">=1\"\n",
    );
    on_app(&sandbox, "lock --registry reg").ends(0);
    assert_eq!(rows(&sandbox), json!([]));
    for name in ["acme/any", "acme/least", "acme/caret", "acme/fixed"] {
        publish(&sandbox, "reg", name, "1.1.0", "");
        publish(&sandbox, "reg", name, "2.0.0", "");
    }
    let rows = rows(&sandbox);
    let row = |at: usize| {
        let row = &rows[at];
        ["package", "locked", "reachable", "newest"].map(|key| row[key].as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(row(0), ["acme/any", "1.0.0", "2.0.0", "2.0.0"]);
    assert_eq!(row(1), ["acme/caret", "1.0.0", "1.1.0", "2.0.0"]);
    assert_eq!(row(2), ["acme/fixed", "1.0.0", "1.0.0", "2.0.0"]);
    assert_eq!(row(3), ["acme/least", "1.0.0", "2.0.0", "2.0.0"]);
    assert_eq!(rows[2]["note"], "see: vitte package why acme/fixed");
    let reported: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["locked"] != row["reachable"])
        .map(|row| ["package", "locked", "reachable"].map(|key| row[key].as_str().unwrap().to_owned()))
        .map(|[package, from, to]| (package, from, to))
        .collect();
    assert_eq!(reported, moves(&sandbox));
}

#[test]
fn a_yanked_release_is_not_the_newest() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    publish(&sandbox, "reg", "acme/json", "1.0.0", "");
    project(&sandbox, "\"acme/json\" = \"1\"\n\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    sandbox.run("yank acme/text@1.1.0 --registry reg --yes --code broken").ends(0);
    sandbox.run("yank acme/json@1.0.0 --registry reg --yes --code security").ends(0);
    let answer = on_app(&sandbox, "outdated --registry reg --json").ends(0).json();
    // No release of `acme/json` is left: an update finds nothing, which is reported, and what is locked stays.
    let rows = &answer["result"]["behind"];
    assert_eq!(
        rows[0],
        json!({"package": "acme/json", "locked": "1.0.0", "reachable": "1.0.0", "newest": null, "note": "yanked (security)"})
    );
    assert_eq!((&rows[1]["locked"], &rows[1]["newest"]), (&json!("1.1.0"), &json!("1.0.0")));
    assert_eq!(rows[1]["note"], "yanked (broken)");
    let warnings = answer["diagnostics"].to_string();
    assert!(warnings.contains("an update finds no solution"), "{warnings}");

    // With a release of it left, it is what an update would do: a step back.
    publish(&sandbox, "reg", "acme/json", "1.0.1", "");
    let reported = on_app(&sandbox, "outdated --registry reg").ends(0).stdout;
    assert!(reported.contains("acme/text  1.1.0   1.0.0   1.0.0   yanked (broken)\n"), "{reported}");
    assert_eq!(moves(&sandbox).len(), 2);
}

/// A release that closes a circle does not stop what an older one makes possible.
#[test]
fn a_release_that_closes_a_circle_blocks_nothing() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/a", "1.0.0", "");
    publish(&sandbox, "reg", "acme/b", "1.0.0", "");
    publish(&sandbox, "reg", "acme/a", "1.1.0", "\"acme/b\" = \"1\"\n");
    project(&sandbox, "\"acme/a\" = \"1.1\"\n\"acme/b\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    let locked = std::fs::read(sandbox.path().join("app/vitte.lock")).unwrap();
    // With `acme/a` 1.0.0 it is no circle: the registry takes it.
    publish(&sandbox, "reg", "acme/b", "1.1.0", "\"acme/a\" = \"1\"\n");
    for command in ["update", "outdated", "add acme/a --dev", "lock"] {
        on_app(&sandbox, &format!("{command} --registry reg")).ends(0);
    }
    let reported = on_app(&sandbox, "outdated --registry reg").ends(0).stdout;
    assert!(reported.contains("acme/b   1.0.0   1.0.0   1.1.0   acme/b 1.1.0 is passed over"), "{reported}");
    std::fs::remove_file(sandbox.path().join("app/vitte.lock")).unwrap();
    project(&sandbox, "\"acme/a\" = \"1.1\"\n\"acme/b\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    assert_eq!(std::fs::read(sandbox.path().join("app/vitte.lock")).unwrap(), locked);
    let refused = on_app(&sandbox, "update acme/b --precise 1.1.0 --registry reg --json").ends(4);
    assert_eq!(code(&refused), "VP0405", "{refused}");
}

/// A release from whose dependencies every way leads back to it is refused when it is published.
#[test]
fn a_release_that_closes_a_circle_for_everybody_is_not_published() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/a", "1.0.0", "");
    publish(&sandbox, "reg", "acme/b", "1.0.0", "\"acme/a\" = \"1\"\n");
    let publish_file = |version: &str, needs: &str| {
        let archive = pack(&sandbox, "acme/a", version, "a", needs);
        sandbox.run(&format!("publish --registry reg --yes --json {}", archive.display()))
    };
    let refused = publish_file("1.1.0", "\"acme/b\" = \"1\"\n").ends(4);
    assert_eq!(code(&refused), "VP0405", "{refused}");
    assert!(refused.stdout.contains("acme/a 1.1.0 → acme/b 1.0.0 → acme/a 1.1.0"), "{refused}");
    // Two majors side by side are no circle.
    publish_file("2.0.0", "\"acme/b\" = \"1\"\n").ends(0);
}

/// What is installed for the user is replaced by newer releases, and a step back brings the old ones again.
#[test]
fn installed_tools_are_updated_outside_a_project() {
    let sandbox = Sandbox::new();
    install::publish(&sandbox, "demo/hello", "1.0.0");
    install::publish(&sandbox, "demo/other", "1.0.0");
    sandbox.run("install demo/hello demo/other --registry reg").ends(0);
    let current = sandbox.run("update --registry reg").ends(0);
    assert!(current.stderr.contains("what is installed is the newest there is"), "{current}");
    install::publish(&sandbox, "demo/hello", "1.1.0");
    install::publish(&sandbox, "demo/other", "2.0.0-rc.1");
    let reported = sandbox.run("update --dry-run --registry reg").ends(0);
    assert_eq!(reported.stdout, "demo/hello 1.0.0 → 1.1.0\n");
    assert_eq!(install::run_program(&sandbox, "hello"), "hello 1.0.0");
    assert_eq!(sandbox.run("update demo/other --registry reg").ends(0).stdout, "");
    let done = sandbox.run("update --registry reg --json").ends(0).json();
    assert_eq!(done["result"]["changes"], json!([{"package": "demo/hello", "from": "1.0.0", "to": "1.1.0"}]));
    assert_eq!(install::run_program(&sandbox, "hello"), "hello 1.1.0");
    let listed = sandbox.run("list").ends(0).stdout;
    assert!(listed.contains("1.1.0") && !listed.contains("demo/hello 1.0.0"), "{listed}");
    sandbox.run("rollback").ends(0);
    assert_eq!(install::run_program(&sandbox, "hello"), "hello 1.0.0");
    sandbox.run("update demo/absent --registry reg").ends(9);
}

#[test]
fn a_tree_says_what_is_needed_to_develop_to_build_or_by_choice() {
    let sandbox = Sandbox::new();
    for name in ["acme/used", "acme/tests", "acme/tool", "acme/extra", "acme/deep"] {
        publish(&sandbox, "reg", name, "1.0.0", "");
    }
    let needs =
        "\"acme/deep\" = { version = \"1\", optional = true }\n\n[features]\ndefault = [\"dep:acme/deep\"]\n";
    publish(&sandbox, "reg", "acme/top", "1.0.0", needs);
    project(
        &sandbox,
        "\"acme/used\" = \"1\"\n\"acme/top\" = \"1\"\n\"acme/extra\" = { version = \"1\", optional = true }\n\n\
         [dev-dependencies]\n\"acme/tests\" = \"1\"\n\"acme/used\" = \"1\"\n\n\
         [build-dependencies]\n\"acme/tool\" = \"1\"\n\n[features]\nmore = [\"dep:acme/extra\"]\n",
    );
    on_app(&sandbox, "install --registry reg").ends(0);
    let tree = on_app(&sandbox, "tree").ends(0).stdout;
    for line in [
        "acme/used 1.0.0\n",
        "acme/tests 1.0.0 (dev)\n",
        "acme/tool 1.0.0 (build)\n",
        "acme/extra 1.0.0 (optional)\n",
        "acme/deep 1.0.0 (optional)\n",
    ] {
        assert!(tree.contains(line), "{line}: {tree}");
    }
    let up = on_app(&sandbox, "tree -i acme/tests --json").ends(0).json();
    assert_eq!(up["result"]["lines"][1]["dev"], true);
}

/// Binaries for another system are brought for it, not for this one.
#[test]
fn a_project_is_fetched_for_one_target() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    let manifest = install::project(&sandbox, "acme/native", "1.0.0", "");
    let build =
        format!("build --manifest {} --kind pkg --target sparc-sun-solaris --json", manifest.display());
    let built = sandbox.run(&build).ends(0).json();
    let path = built["result"]["artifacts"][0]["path"].as_str().unwrap().to_owned();
    let path = path.replace("[dir]", sandbox.path().to_str().unwrap());
    sandbox.run(&format!("publish {path} --registry reg --yes")).ends(0);
    project(&sandbox, "\"acme/native\" = \"1\"\n\"acme/text\" = \"1\"\n");
    let fetched = |flags: &str| {
        let answer = on_app(&sandbox, &format!("fetch --registry reg --json {flags}")).ends(0).json();
        (answer["result"]["unpacked"].clone(), answer["result"]["held"].clone())
    };
    assert_eq!(fetched(""), (json!(1), json!(0)));
    assert_eq!(fetched("--target sparc-sun-solaris"), (json!(1), json!(1)));
    assert_eq!(fetched("--target sparc-sun-solaris --offline"), (json!(0), json!(2)));
}
