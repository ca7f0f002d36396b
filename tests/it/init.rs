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
