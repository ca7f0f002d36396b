//! Packages installed for the user, with their dependencies.

use crate::dependencies::{publish, publish_with};
use crate::sandbox::{Ran, Sandbox};
use serde_json::Value;

/// A registry with a module that needs another, which needs a third.
fn shelf() -> Sandbox {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/base", "1.0.0", "");
    publish(&sandbox, "reg", "acme/base", "1.1.0", "");
    publish(&sandbox, "reg", "acme/linear", "0.3.2", "\"acme/base\" = \"1\"\n");
    let math = "\"acme/linear\" = \"0.3\"\n\n[dev-dependencies]\n\"acme/nowhere\" = \"9\"\n";
    publish(&sandbox, "reg", "roussov/vitte-math", "1.2.0", math);
    sandbox
}

fn generation(sandbox: &Sandbox) -> Value {
    sandbox.run("list --json").ends(0).json()["result"]["generation"].clone()
}

/// Names and versions of the dependencies of the first package of an answer.
fn dependencies(answer: &Value) -> Vec<String> {
    let rows = answer["result"]["packages"][0]["beside"].as_array().unwrap();
    let text =
        |row: &Value| format!("{} {}", row["package"].as_str().unwrap(), row["version"].as_str().unwrap());
    rows.iter().map(text).collect()
}

#[must_use]
fn install(sandbox: &Sandbox, more: &str) -> Ran {
    sandbox.run(&format!("install roussov/vitte-math --registry reg {more}"))
}

/// The command of the first page of the documentation, letter by letter.
#[test]
fn a_package_is_installed_with_all_it_needs() {
    let sandbox = shelf();
    let mut vitte = sandbox.vitte();
    vitte.args(["package", "install", "roussov/vitte-math"]);
    vitte.env("VITTE_REGISTRY", sandbox.path().join("reg"));
    let first = Ran::from(vitte.output().unwrap(), sandbox.path()).ends(0);
    assert!(first.stderr.contains("also installed 2 dependencies"), "{first}");
    for (name, version) in [("roussov/vitte-math", "1.2.0"), ("acme/linear", "0.3.2"), ("acme/base", "1.1.0")]
    {
        let answer = install(&sandbox, "--json").ends(0).json();
        let own = answer["result"]["packages"][0]["package"] == name;
        assert!(own || dependencies(&answer).contains(&format!("{name} {version}")), "{name}: {answer}");
    }
    assert_eq!(generation(&sandbox), 1);
    let again = install(&sandbox, "").ends(0);
    assert!(again.stderr.contains("roussov/vitte-math 1.2.0 is in the user store already"), "{again}");
    assert_eq!(generation(&sandbox), 1);
    // What is installed stays, whatever comes after; a new version of it is resolved anew.
    publish(&sandbox, "reg", "acme/base", "1.2.0", "");
    assert_eq!(dependencies(&install(&sandbox, "--json").json()), ["acme/base 1.1.0", "acme/linear 0.3.2"]);
    publish(&sandbox, "reg", "roussov/vitte-math", "1.3.0", "\"acme/linear\" = \"0.3\"\n");
    assert_eq!(dependencies(&install(&sandbox, "--json").json()), ["acme/base 1.2.0", "acme/linear 0.3.2"]);
    assert_eq!(generation(&sandbox), 2);
}

#[test]
fn without_the_network_what_is_installed_has_to_do() {
    let sandbox = shelf();
    install(&sandbox, "--offline").ends(9);
    install(&sandbox, "").ends(0);
    std::fs::rename(sandbox.path().join("reg"), sandbox.path().join("gone")).unwrap();
    let answer = install(&sandbox, "--offline --json").ends(0).json();
    assert_eq!(dependencies(&answer), ["acme/base 1.1.0", "acme/linear 0.3.2"]);
    install(&sandbox, "").ends(9);
    sandbox.run("install roussov/vitte-math@^2 --offline").ends(9);
}

#[test]
fn a_tool_starts_from_the_lockfile_its_author_packed() {
    let sandbox = shelf();
    let needs = "\"acme/base\" = \"1\"\n\n[[bin]]\nname = \"calc\"\npath = \"src/lib.vit\"\n";
    let manifest = format!(
        "[package]\nname = \"roussov/calc\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ndescription = \"A test\"\n\n[dependencies]\n{needs}"
    );
    sandbox.write("calc/vitte.toml", manifest.replace("\"1\"", "\"=1.0.0\""));
    sandbox.write("calc/src/lib.vit", "entry main at app { return 0 }\n");
    sandbox.run("lock --manifest calc/vitte.toml --registry reg").ends(0);
    let lock = std::fs::read_to_string(sandbox.path().join("calc/vitte.lock")).unwrap();
    publish_with(&sandbox, "reg", "roussov/calc", "1.0.0", needs, &[("vitte.lock", &lock)]);
    let answer = sandbox.run("install roussov/calc --registry reg --json").ends(0).json();
    assert_eq!(dependencies(&answer), ["acme/base 1.0.0"]);
}

#[test]
fn a_file_gets_what_it_needs_from_the_registry() {
    let sandbox = shelf();
    let folder = sandbox.path().join("reg/p/roussov/vitte-math/1.2.0");
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|end| end == "vitmod")).unwrap();
    // With a second registry, nothing says which of them to use.
    sandbox.run("registry init other").ends(0);
    let refused = sandbox.run(&format!("install {}", file.display())).ends(2);
    assert!(
        refused.stderr.contains("acme/linear ^0.3") || refused.stderr.contains("acme/linear 0.3"),
        "{refused}"
    );
    let answer = sandbox.run(&format!("install {} --registry reg --json", file.display())).ends(0).json();
    assert_eq!(dependencies(&answer), ["acme/base 1.1.0", "acme/linear 0.3.2"]);
}

#[test]
fn what_cannot_be_satisfied_is_explained_and_nothing_is_installed() {
    let sandbox = shelf();
    publish(&sandbox, "reg", "acme/old", "1.0.0", "\"acme/base\" = \"=1.0.0\"\n");
    let needs = "\"acme/old\" = \"1\"\n\"acme/base\" = \"^1.1\"\n";
    publish(&sandbox, "reg", "roussov/broken", "1.0.0", needs);
    let refused = sandbox.run("install roussov/broken --registry reg").ends(4);
    assert!(
        refused.stderr.contains("acme/base") && !refused.stderr.contains("vitte package add"),
        "{refused}"
    );
    assert_eq!(generation(&sandbox), 0);
}

#[test]
fn where_there_is_a_project_the_package_becomes_its_dependency() {
    let sandbox = shelf();
    sandbox.write("app/src/main.vit", "entry main at app { return 0 }\n");
    sandbox.write("app/vitte.toml", "[package]\nname = \"demo/app\"\nversion = \"0.1.0\"\n");
    let in_app = |arguments: &str| {
        sandbox.run_with(arguments, |command| {
            command.current_dir(sandbox.path().join("app"));
        })
    };
    let ran = in_app("install roussov/vitte-math --registry ../reg").ends(0);
    assert!(ran.stderr.contains("into the project of vitte.toml"), "{ran}");
    assert!(ran.stdout.contains("[dependencies] \"roussov/vitte-math\" = \"1.2.0\""), "{ran}");
    assert!(sandbox.path().join("app/.vitte/paths.json").exists());
    assert_eq!(generation(&sandbox), 0);
    let again = in_app("install --registry ../reg").ends(0);
    assert!(again.stderr.contains("nothing to do: 3 packages are in place"), "{again}");
    in_app("install roussov/vitte-math --registry ../reg --user").ends(0);
    assert_eq!(generation(&sandbox), 1);
    // The project's own folder is not the current folder.
    sandbox.run("install acme/base@=1.0.0 --manifest app/vitte.toml --registry reg").ends(0);
    let lock = std::fs::read_to_string(sandbox.path().join("app/vitte.lock")).unwrap();
    assert!(lock.contains("name = \"acme/base\"\nversion = \"1.0.0\""), "{lock}");
    let in_ci = sandbox.run_with("install acme/base --manifest app/vitte.toml --registry reg", |command| {
        command.env("CI", "true");
    });
    assert!(in_ci.ends(8).stderr.contains("--no-locked"));
}

/// The same from an address, by somebody who has only pinned the registry.
#[test]
fn an_address_serves_as_a_folder_does() {
    let sandbox = shelf();
    let server = crate::http::serve(&sandbox);
    crate::http::as_stranger(&sandbox, &server.url);
    let mut vitte = sandbox.vitte();
    vitte.args(["package", "install", "roussov/vitte-math"]).env("VITTE_REGISTRY", &server.url);
    let first = Ran::from(vitte.output().unwrap(), sandbox.path()).ends(0);
    assert!(first.stderr.contains("also installed 2 dependencies"), "{first}");
    sandbox.write("app/vitte.toml", "[package]\nname = \"demo/app\"\nversion = \"0.1.0\"\n");
    let on_app = |command: &str| sandbox.run(&format!("{command} --manifest app/vitte.toml"));
    let added = on_app(&format!("install roussov/vitte-math --registry {}", server.url)).ends(0);
    assert!(added.stderr.contains("3 packages, all already in the store"), "{added}");
    drop(server);
    std::fs::remove_dir_all(sandbox.path().join("app/.vitte")).unwrap();
    on_app("install --offline").ends(0);
    sandbox.run("install roussov/vitte-math --offline").ends(0);
}
