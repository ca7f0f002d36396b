//! What is said to somebody who made a mistake: advice that helps, the exit status of its class, and questions that are
//! asked only about what can be done.

use crate::sandbox::{Sandbox, skipped};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// A registry `reg` with `demo/a` 1.0.0, published by the key `me`.
fn initialised() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run("key generate --name me").ends(0);
    sandbox.run("registry init reg").ends(0);
    package(&sandbox, "a");
    sandbox.run("publish --manifest a --registry reg --yes").ends(0);
    sandbox
}

fn package(sandbox: &Sandbox, name: &str) {
    let manifest = format!(
        "[package]\nname = \"demo/{name}\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ndescription = \"d\"\n"
    );
    sandbox.write(&format!("{name}/vitte.toml"), manifest);
    sandbox.write(&format!("{name}/LICENSE"), "MIT\n");
    sandbox.write(&format!("{name}/src/lib.vit"), "x\n");
}

#[test]
fn advice_fits_the_mistake() {
    let sandbox = initialised();
    sandbox.write("passwd", "root:x:0:0\n");
    sandbox.write("full/file", "x");
    std::fs::create_dir(sandbox.path().join("empty")).unwrap();
    std::fs::write(sandbox.path().join("shared.pem"), "-----BEGIN PRIVATE KEY-----\nMC4C\n").unwrap();
    for (command, exit, says, never) in [
        ("key import passwd --name x", 3, "passwd is not a secret key", "chmod"),
        ("sign a/LICENSE --key ./passwd", 3, "is not a secret key", "chmod"),
        ("key import shared.pem --name x", 2, "chmod 600", "is not a secret key"),
        ("info demo/a --registry regg", 9, "no such folder", "registry init"),
        ("info demo/a --registry full", 3, "full` is not a registry", "registry init"),
        ("info demo/a --registry empty", 3, "vitte package registry init", "no such folder"),
        ("info demo/a --registry localhost:8080", 2, "--registry http://localhost:8080", "registry init"),
        (
            "yank demo/a@1.0.0 --registry https://r.example.org --yes",
            7,
            "set VITTE_TOKEN; whoever runs the registry",
            "publish",
        ),
        ("namespace show demo --registry https://r.example.org/", 2, "", "publish --registry"),
    ] {
        let ran = sandbox.run(command);
        if command.contains("namespace show") || command.contains("shared.pem") {
            assert!(
                ran.exit != 0 && ran.stderr.contains(says) && !ran.stderr.contains(never),
                "{command}: {ran}"
            );
            continue;
        }
        let ran = ran.ends(exit);
        assert!(ran.stderr.contains(says) && !ran.stderr.contains(never), "{command}: {ran}");
    }
    // A name that cannot be packed is answered in the words of the manifest.
    package(&sandbox, "b");
    sandbox.write("b/src/aux.vit", "x");
    let ran = sandbox.run("build --manifest b").ends(3);
    assert!(ran.stderr.contains("add the pattern `/src/aux.vit` to `exclude`"), "{ran}");
    let manifest = std::fs::read_to_string(sandbox.path().join("b/vitte.toml")).unwrap();
    sandbox.write("b/vitte.toml", format!("{manifest}include = [\"src/\"]\n"));
    let ran = sandbox.run("build --manifest b").ends(3);
    assert!(ran.stderr.contains("`!/src/aux.vit` at the end of `include`"), "{ran}");
    assert!(!ran.stderr.contains("exclude"), "{ran}");
}

#[test]
fn a_mistake_ends_with_the_status_of_its_class() {
    let sandbox = initialised();
    package(&sandbox, "p");
    for (command, exit) in [
        // Mistakes of the user.
        ("namespace rotate demo --registry reg --release-threshold 5 --yes", 2),
        ("namespace rotate demo --registry reg --root-threshold 0 --yes", 2),
        // Packages, releases and namespaces that are not there.
        ("namespace rotate nosuch --registry reg --release-threshold 1 --yes", 9),
        ("info demo/no --registry reg", 9),
        ("install demo/no --registry reg", 9),
        ("exec demo/no --registry reg", 9),
        ("verify demo/no --registry reg", 9),
        ("verify demo/no@1.0.0 --registry reg", 9),
        ("yank demo/no@1.0.0 --registry reg --yes", 9),
        ("deprecate demo/no@1.0.0 --registry reg", 9),
        ("add demo/no --registry reg --manifest p", 9),
        ("remove demo/no --manifest p", 9),
        ("update demo/no --manifest p", 9),
        ("uninstall demo/no", 9),
        // Files that are not there.
        ("inspect gone.vitmod", 9),
        ("verify gone.vitmod", 9),
        ("extract gone.vitmod out", 9),
        ("sign gone.vitmod", 9),
        ("publish gone.vitmod --registry reg", 9),
        ("install ./gone.vitmod", 9),
        ("key import gone.pem --name g", 9),
        ("key trust gone.pem --for demo/*", 9),
        ("namespace rotate demo --registry reg --add gone.pem --role release --yes", 9),
        ("build --manifest gone.toml", 9),
        ("lock --manifest gone", 9),
    ] {
        let ran = sandbox.run(command);
        assert_eq!(ran.exit, exit, "{command}: {ran}");
    }
    assert!(!sandbox.path().join("p/vitte.lock").exists(), "an update of what is not there writes nothing");
}

/// Runs a command on a terminal of its own and types the lines. `None` where the machine has no program for that.
#[cfg(unix)]
fn typed(sandbox: &Sandbox, command: &str, lines: &str) -> Option<(i32, String)> {
    if !crate::sandbox::makes_terminals() {
        return None;
    }
    let program = env!("CARGO_BIN_EXE_vitte-package");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &format!("{program} {command}"), "/dev/null"]);
    script.current_dir(sandbox.path()).env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "dumb");
    script.env("VITTE_HOME", sandbox.home()).env("HOME", sandbox.path().join("user")).env("SHELL", "/bin/sh");
    let spawned = script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        skipped("there is no program `script`, which makes terminals");
        return None;
    };
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some((output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

#[cfg(unix)]
#[test]
fn a_question_is_asked_about_what_can_be_done_and_no_is_confirmed() {
    let sandbox = initialised();
    let answered = |command: &str, lines: &str| typed(&sandbox, command, lines);
    let Some((exit, said)) = answered("yank demo/a@9.9.9 --registry reg", "n\n") else { return };
    assert_eq!(exit, 9, "{said}");
    assert!(!said.contains("[y/N]") && said.contains("VP0606"), "{said}");
    for command in [
        "yank demo/a@1.0.0 --registry reg",
        "namespace rotate demo --registry reg --release-threshold 1",
        "registry rotate reg --index",
    ] {
        let (exit, said) = answered(command, "n\n").unwrap();
        assert_eq!(exit, 1, "{command}: {said}");
        assert!(said.contains("[y/N]") && said.contains("nothing was done"), "{command}: {said}");
    }
    package(&sandbox, "b");
    let (exit, said) = answered("publish --manifest b --registry reg", "n\n").unwrap();
    assert!(exit == 1 && said.contains("[y/N]") && said.contains("nothing was done"), "{said}");

    // The digest that a question shows is the one the flag takes.
    let digest =
        sandbox.run("registry list --json").ends(0).json()["result"]["registries"][0]["trust_root"].clone();
    std::fs::remove_dir_all(sandbox.home().join("trust")).unwrap();
    let (exit, said) = answered("registry add reg", "n\n").unwrap();
    assert!(exit == 1 && said.contains("nothing was done"), "{said}");
    let after = said.split("sha256:").nth(1).unwrap_or_else(|| panic!("{said}"));
    let shown: String = after.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(shown.len(), 64, "{said} {digest}");
    sandbox.run(&format!("registry add reg --trust-root-sha256 {shown}")).ends(0);
}
