//! What people type where the name of a package is wanted is answered with a suggested command.

use crate::dependencies::{on_app, project, publish, read};
use crate::sandbox::Sandbox;

#[test]
fn what_is_no_name_is_answered_with_the_command_that_was_meant() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    sandbox.write("lib/vitte.toml", "[package]\nname = \"acme/lib\"\nversion = \"0.3.0\"\n");
    let (manifest, lockfile) = (read(&sandbox, "app/vitte.toml"), read(&sandbox, "app/vitte.lock"));
    for (command, help) in [
        ("add acme/text@1 acme/text@=1.0.0", "give it once: vitte package add acme/text@=1.0.0"),
        ("add acme/text acme/text@1", "give it once: vitte package add acme/text@1"),
        ("add acme/text@latest", "vitte package add acme/text"),
        ("install acme/text@latest", "vitte package install acme/text"),
        ("update acme/text@latest", "vitte package update acme/text"),
        ("update acme/text@0.4.0", "vitte package update acme/text --precise 0.4.0"),
        ("update acme/text@^0.4", "vitte package add acme/text@^0.4"),
        ("update -p acme/text@0.4.0", "vitte package update acme/text --precise 0.4.0"),
        ("remove acme/text@1.0.0", "vitte package remove acme/text"),
        ("add ./lib", "vitte package add acme/lib --path ./lib"),
        ("add lib/", "vitte package add acme/lib --path lib/"),
        ("add ../nothing", "vitte package add NAME --path ../nothing"),
        (
            "add https://reg.example/x",
            "if a registry is there: vitte package add NAME --registry https://reg.example/x",
        ),
        ("add https://me:secret@reg.example/x", "vitte package add NAME --registry https://reg.example/x"),
        ("install https://reg.example/x", "vitte package install NAME --registry https://reg.example/x"),
        ("add git@host.example:acme/text", "vitte package add NAME --path FOLDER"),
        ("add git+https://host.example/x", "vitte package add NAME --path FOLDER"),
    ] {
        let ran = on_app(&sandbox, command).ends(2);
        assert!(
            ran.stderr.contains(&format!("= help: {help}")) || ran.stderr.contains(help),
            "{command}: {ran}"
        );
        assert!(ran.stderr.contains("error[VP0301]") && !ran.stderr.contains("secret"), "{command}: {ran}");
        assert_eq!(read(&sandbox, "app/vitte.toml"), manifest, "{command}");
        assert_eq!(read(&sandbox, "app/vitte.lock"), lockfile, "{command}");
    }
    // The same twice is the same once.
    on_app(&sandbox, "add acme/text@1 acme/text@1 --registry reg").ends(0);
    for line in ["exec acme/text hi", "exec acme/text --greeting hi"] {
        let word = line.split(' ').nth(2).unwrap();
        let ran = sandbox.run(line).ends(2);
        assert!(ran.stderr.contains(&format!("vitte package exec NAME -- {word}")), "{ran}");
    }
    let tag = sandbox.run("exec acme/text@latest").ends(2);
    assert!(tag.stderr.contains("vitte package exec acme/text"), "{tag}");
}

#[test]
fn what_is_added_by_its_path_can_be_packed() {
    let sandbox = Sandbox::new();
    sandbox.write("ws/vitte.toml", "[workspace]\nmembers = [\"*\"]\n");
    for name in ["lib", "app", "tests"] {
        sandbox.write(&format!("ws/{name}/src/lib.vit"), "x");
        sandbox.write(
            &format!("ws/{name}/vitte.toml"),
            format!(
                "[package]\nname = \"acme/{name}\"\nversion = \"0.3.0\"\nedition = \"2025\"\n\n[lib]\npath = \"src/lib.vit\"\n"
            ),
        );
    }
    let ran = sandbox.run("add acme/lib --path ../lib --manifest ws/app").ends(0);
    assert_eq!(ran.stdout, "[dependencies] \"acme/lib\" = { version = \"0.3.0\", path = \"../lib\" }\n");
    sandbox.run("build --manifest ws/app").ends(0);
    // Tests are not packed: a path says all there.
    let ran = sandbox.run("add acme/tests --dev --path ../tests --manifest ws/app").ends(0);
    assert_eq!(ran.stdout, "[dev-dependencies] \"acme/tests\" = { path = \"../tests\" }\n");
    sandbox.run("build --manifest ws/app").ends(0);
}
