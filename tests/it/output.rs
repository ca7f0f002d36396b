//! What is shown: no password of an address, and no character that moves, hides or reorders what is there.

use crate::sandbox::{Ran, Sandbox};

const ADDRESS: &str = "https://me:hunter2@packages.example/";

/// It was shown, without its password.
#[track_caller]
fn hides(ran: &Ran) {
    let shown = ran.to_string();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("***@packages.example") || shown.contains("user name in it"), "{shown}");
}

/// T36.
#[test]
fn t36_passwords_of_addresses_are_shown_nowhere() {
    let sandbox = Sandbox::new();
    let with_variable = |line: &str| {
        sandbox.run_with(line, |command| {
            command.env("VITTE_REGISTRY", ADDRESS);
        })
    };
    for flags in ["", " --json", " -v", " --json --progress json -v"] {
        hides(&with_variable(&format!("config list --origin{flags}")));
        hides(&with_variable(&format!("config get registry.default{flags}")));
        hides(&with_variable(&format!("doctor{flags}")));
        for line in ["verify demo/hello", "install demo/hello", "info demo/hello", "search x", "audit"] {
            let ran = with_variable(&format!("{line}{flags}"));
            assert!(!ran.to_string().contains("hunter2"), "{line}: {ran}");
        }
        for line in [
            "registry add ADDRESS",
            "registry verify ADDRESS",
            "registry init ADDRESS",
            "registry serve-static ADDRESS",
            "install ADDRESS",
            "add ADDRESS",
            "add demo/hello --registry ADDRESS",
            "publish --registry ADDRESS",
            "log show --registry ADDRESS",
            "log monitor --registry ADDRESS",
            "ADDRESS",
            "verify --ADDRESS",
            "config get ADDRESS",
            "config set registry.default ADDRESS",
        ] {
            let ran = sandbox.run(&format!("{}{flags}", line.replace("ADDRESS", ADDRESS)));
            assert_ne!(ran.exit, 0, "{line}: {ran}");
            assert!(!ran.to_string().contains("hunter2"), "{line}: {ran}");
        }
    }
    assert!(!sandbox.path().join("https:").exists(), "an address is not taken for a folder");
}

#[test]
fn an_address_with_a_password_is_not_written_into_the_configuration() {
    let sandbox = Sandbox::new();
    for address in
        [ADDRESS, "https://token@packages.example/", "ftp://packages.example/", "https://host/?x=1"]
    {
        let ran = sandbox.run(&format!("config set registry.default {address} --json"));
        assert!(ran.exit == 3 || ran.exit == 2 || ran.exit == 7, "{ran}");
    }
    let file = sandbox.path().join("home/config.toml");
    assert!(!file.exists());
    sandbox.run("config set registry.default https://packages.example/").ends(0);
    sandbox.run("config set registry.default ../reg").ends(0);
    assert!(std::fs::read_to_string(&file).unwrap().contains("../reg"));
    // A file that has one all the same: it is not shown either, not even where another fault is in its line.
    for text in [
        format!("registry.default = '{ADDRESS}'\n"),
        format!("registry.default = '{ADDRESS}' x\n"),
        format!("registry.defualt = '{ADDRESS}'\n"),
    ] {
        std::fs::write(&file, text).unwrap();
        for line in ["config list --origin", "doctor", "verify demo/hello", "config set store.fsync off"] {
            for flags in ["", " --json"] {
                let ran = sandbox.run(&format!("{line}{flags}"));
                assert!(!ran.to_string().contains("hunter2"), "{line}: {ran}");
            }
        }
    }
    let manifest = format!(
        "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n[registries]\nx = {{ index = \"{ADDRESS}\" }}\n"
    );
    sandbox.write("vitte.toml", manifest);
    let ran = sandbox.run("lock");
    assert_eq!(ran.exit, 3, "{ran}");
    assert!(!ran.to_string().contains("hunter2"), "{ran}");
}

/// Characters that a terminal takes for commands, and that reorder or hide text.
const UNSAFE: &str = "a\u{9b}31m\u{85}\u{202e}\u{2066}\u{200b}\u{feff}\u{7f}z";

#[test]
fn json_holds_no_character_that_disturbs_a_terminal() {
    let sandbox = Sandbox::new();
    for flags in [&["--json"][..], &["--progress", "json"], &["--json", "--progress", "json"], &[]] {
        let mut command = sandbox.package();
        command.args(["info", UNSAFE]).args(flags);
        let ran = Ran::from(command.output().unwrap(), sandbox.path());
        assert_ne!(ran.exit, 0);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.chars().any(|c| c != '\n' && !(' '..='~').contains(&c)), "{all:?}");
        if flags == ["--json"] {
            let message = ran.json()["diagnostics"][0]["message"].as_str().unwrap().to_owned();
            assert!(message.contains(UNSAFE), "it means the same to programs: {message:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_names_of_programs_on_the_path_are_escaped() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let folder = sandbox.path().join("bin-\u{1b}[31m\u{202e}");
    std::fs::create_dir(&folder).unwrap();
    for name in ["vitte-good", "vitte-bad\u{1b}[2J", "vitte-\u{202e}dab", "vitte-two words"] {
        let path = folder.join(name);
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for arguments in [&["--help"][..], &["goood"], &["b\u{1b}ad"], &[]] {
        let mut command = sandbox.vitte();
        command.args(arguments).env("PATH", &folder);
        let output = command.output().unwrap();
        let all = format!(
            "{}{}",
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap()
        );
        assert!(!all.contains(['\u{1b}', '\u{202e}']), "{all:?}");
        assert!(!all.contains("two words"), "a command that cannot be run is not offered: {all}");
        assert!(!arguments.contains(&"--help") || all.contains("good"), "{all}");
    }
}
