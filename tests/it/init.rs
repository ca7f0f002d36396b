//! `vitte package init` and `vitte package new`.

use crate::sandbox::Sandbox;

#[test]
fn init_begins_a_package_named_after_the_folder() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path().join("My Tool")).unwrap();
    let folder = sandbox.path().join("My Tool");
    let output = sandbox.package().current_dir(&folder).arg("init").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "vitte.toml\n.gitignore\n.gitattributes\nsrc/main.vit\n"
    );
    let manifest = std::fs::read_to_string(folder.join("vitte.toml")).unwrap();
    insta::assert_snapshot!(manifest, @r#"
    [package]
    # To publish, put your namespace in front: name = "<namespace>/my-tool"
    name = "my-tool"
    version = "0.1.0"
    edition = "2025"
    # Needed to publish:
    # description = "what the package does, in one sentence"
    # license = "MIT OR Apache-2.0"

    # The whole list of files that are packaged, in patterns as .gitignore has them; .gitignore itself has no say. This file,
    # the readme and the licence are always in. See what is packaged: vitte package build --list
    include = ["src/"]

    [[bin]]
    name = "my-tool"
    path = "src/main.vit"

    [dependencies]
    # "acme/json" = "2.3"
    "#);
    let source = std::fs::read_to_string(folder.join("src/main.vit")).unwrap();
    assert!(source.starts_with("entry main at my_tool/app {\n"), "{source}");
    assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "/target/\n");
    assert_eq!(std::fs::read_to_string(folder.join(".gitattributes")).unwrap(), "/vitte.lock text eol=lf\n");
}

#[test]
fn init_keeps_every_file_that_is_there() {
    let sandbox = Sandbox::new();
    sandbox.write("src/lib.vit", "mine\n");
    sandbox.write(".gitignore", "mine too\n");
    let ran = sandbox.run("init --name roussov/vitte-math").ends(0);
    assert_eq!(ran.stdout, "vitte.toml\n.gitattributes\n", "{ran}");
    let read = |path: &str| std::fs::read_to_string(sandbox.path().join(path)).unwrap();
    assert_eq!((read("src/lib.vit").as_str(), read(".gitignore").as_str()), ("mine\n", "mine too\n"));
    let manifest = read("vitte.toml");
    assert!(manifest.contains("[lib]\npath = \"src/lib.vit\"\n"), "a library is there: {manifest}");
    assert!(manifest.starts_with("[package]\nname = \"roussov/vitte-math\"\n"), "{manifest}");

    sandbox.run("init").ends(10);
    assert_eq!(read("vitte.toml"), manifest);
}

#[test]
fn init_without_a_usable_folder_name_asks_for_one() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path().join("2048")).unwrap();
    let folder = sandbox.path().join("2048");
    let output = sandbox.package().current_dir(&folder).arg("init").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("error[VP0102]") && stderr.contains("vitte package init --name NAME"),
        "{stderr}"
    );
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "nothing is left half done");
}

#[test]
fn new_makes_a_folder_and_refuses_one_that_is_there() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("new roussov/vitte-math --lib --json").ends(0);
    let answer = ran.json();
    assert_eq!(answer["result"]["package"], "roussov/vitte-math");
    assert_eq!(
        answer["result"]["files"],
        serde_json::json!(["vitte.toml", ".gitignore", ".gitattributes", "src/lib.vit"])
    );
    assert!(sandbox.path().join("vitte-math/src/lib.vit").is_file());
    let ran = sandbox.run("new demo/vitte-math").ends(10);
    insta::assert_snapshot!(ran, @r"
    exit 10
    --- stdout
    --- stderr
    error[VP0308]: vitte-math is there already
     |
     = help: choose another name, or go into the folder and run: vitte package init
    ");
    sandbox.run("new Bad/Name").ends(3);
    sandbox.run("new a --lib --bin").ends(2);
}

#[test]
fn in_a_git_project_the_results_of_builds_are_ignored() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/HEAD", "ref: refs/heads/main\n");
    let ignored =
        |folder: &str| std::fs::read_to_string(sandbox.path().join(folder).join(".gitignore")).unwrap();
    let init = |folder: &str, given: &str| {
        sandbox.write(&format!("{folder}/.gitignore"), given);
        let output = sandbox.package().current_dir(sandbox.path().join(folder)).arg("init").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().contains(".gitignore")
    };
    for (folder, given, expected) in [
        ("added", "mine\n", "mine\n/target/\n"),
        ("unended", "mine", "mine\n/target/\n"),
        ("windows", "mine\r\n", "mine\r\n/target/\r\n"),
        ("there", "target\n", "target\n"),
        ("anchored", "/target/\n", "/target/\n"),
    ] {
        assert_eq!(init(folder, given), given != expected, "{folder}");
        assert_eq!(ignored(folder), expected, "{folder}");
    }
    // A rule further up says it already.
    sandbox.write(".gitignore", "target/\n");
    assert!(!init("above", "mine\n"));
    assert_eq!(ignored("above"), "mine\n");
}

const DESCRIBED: &str = r#"{
  "schema": "vitte.package.manifest.v1", "name": "web-tool", "version": "0.3.1", "description": "Serves \"pages\"",
  "license": "MIT", "kind": "binary", "entry": "source/main.vit", "tests": ["tests/one.vit"],
  "dependencies": {"paris": "0.1.0", "lyon": {"version": "^1.2.0", "source": "registry"}, "odd": {"source": "git"}},
  "authors": {"x": 1}
}"#;

#[test]
fn the_description_of_the_languages_tool_is_taken_over() {
    let sandbox = Sandbox::new();
    sandbox.write("vitte-package.json", DESCRIBED);
    sandbox.write("vitte.lock", "{\"schema\": \"vitte.lockfile.v1\"}\n");
    sandbox.write("source/main.vit", "proc main() {}\n");
    for command in ["build", "install", "lock", "add x", "tree"] {
        let ran = sandbox.run(command).ends(2);
        assert!(
            ran.stderr.contains("VP0302") && ran.stderr.contains("vitte-package.json"),
            "{command}: {ran}"
        );
        assert!(ran.stderr.contains("= help: vitte package init\n"), "{command}: {ran}");
    }
    let ran = sandbox.run("init --namespace acme --json").ends(0).json();
    assert_eq!(ran["result"]["package"], "acme/web-tool");
    let not_taken =
        ["authors", "tests", "dependencies.odd"].map(|fact| format!("vitte-package.json: {fact}"));
    let mut said: Vec<_> = ran["result"]["not_taken"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| fact.as_str().unwrap().to_owned())
        .collect();
    said.sort();
    assert_eq!(said, [&not_taken[0], &not_taken[2], &not_taken[1]].map(String::as_str));
    let read = |path: &str| std::fs::read_to_string(sandbox.path().join(path)).unwrap();
    insta::assert_snapshot!(read("vitte.toml"), @r#"
    # Taken over from vitte-package.json.
    [package]
    name = "acme/web-tool"
    version = "0.3.1"
    edition = "2025"
    description = 'Serves "pages"'
    license = "MIT"

    # The whole list of files that are packaged, in patterns as .gitignore has them; .gitignore itself has no say. This file,
    # the readme and the licence are always in. See what is packaged: vitte package build --list
    include = ["source/"]

    [[bin]]
    name = "web-tool"
    path = "source/main.vit"

    [dependencies]
    "lyon" = "^1.2.0"
    "paris" = "=0.1.0"
    "#);
    assert_eq!(read("vitte-package.json"), DESCRIBED);
    assert!(read("vitte.lock").starts_with('{') && !sandbox.path().join("src").exists());
    sandbox.run("init").ends(10);
    sandbox.run("build --kind mod --list").ends(0);
}

#[test]
fn a_workspace_of_the_languages_tool_is_taken_over_whole() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "vitte-workspace.json",
        r#"{"schema": "vitte.workspace.v1", "members": ["packages/app", "packages/lib", "gone"]}"#,
    );
    let member = |name: &str, kind: &str, entry: &str, needs: &str| {
        let content = format!(
            r#"{{"name": "{name}", "version": "0.1.0", "kind": "{kind}", "entry": "{entry}", "dependencies": {{{needs}}}, "tests": []}}"#
        );
        sandbox.write(&format!("packages/{name}/vitte-package.json"), content);
        sandbox.write(&format!("packages/{name}/{entry}"), "proc main() {}\n");
    };
    member("app", "binary", "src/main.vit", r#""lib": {"source": "workspace"}"#);
    member("lib", "library", "src/lib.vit", "");
    let below =
        sandbox.package().current_dir(sandbox.path().join("packages/app/src")).arg("build").output().unwrap();
    let said = String::from_utf8(below.stderr).unwrap();
    assert!(said.contains("packages/app && vitte package init"), "{said}");

    let ran = sandbox.run("init --namespace acme").ends(0);
    assert_eq!(
        ran.stdout,
        "vitte.toml\n.gitignore\npackages/app/vitte.toml\npackages/lib/vitte.toml\n.gitattributes\n"
    );
    assert!(
        ran.stderr.contains("not taken over") && ran.stderr.contains("vitte-workspace.json: gone"),
        "{ran}"
    );
    let app = std::fs::read_to_string(sandbox.path().join("packages/app/vitte.toml")).unwrap();
    assert!(app.contains("\"acme/lib\" = { path = \"../lib\", version = \"0.1.0\" }\n"), "{app}");
    let root = std::fs::read_to_string(sandbox.path().join("vitte.toml")).unwrap();
    assert!(root.contains("[workspace]\nmembers = [\"packages/app\", \"packages/lib\"]\n"), "{root}");
    sandbox.run("lock --manifest packages/app").ends(0);
    sandbox.run("build --manifest packages/app").ends(0);
}

#[test]
fn a_description_that_is_none_is_an_error_with_its_place() {
    let sandbox = Sandbox::new();
    for (content, says) in [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("{\"version\": \"1.0.0\"}", "has no `name`"),
        ("{\"name\": \"A b\"}", "VP0102"),
    ] {
        sandbox.write("vitte-package.json", content);
        let ran = sandbox.run("init").ends(3);
        assert!(ran.stderr.contains(says), "{ran}");
        assert!(!sandbox.path().join("vitte.toml").exists());
    }
    std::fs::remove_file(sandbox.path().join("vitte-package.json")).unwrap();
    sandbox.run("init --namespace acme").ends(2);
}
