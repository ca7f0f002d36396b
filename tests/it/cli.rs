//! The command line itself: help, errors of usage, streams, JSON, the dispatcher.

use crate::sandbox::Sandbox;

#[test]
fn a_wrong_command_is_named_with_the_nearest_and_exit_2() {
    let ran = Sandbox::new().run("explan VP0501").ends(2);
    insta::assert_snapshot!(ran, @r"
    exit 2
    --- stdout
    --- stderr
    error[VP0307]: there is no command `explan`
     |
     = help: did you mean `explain`?
     = help: vitte package --help
    ");
}

#[test]
fn errors_of_usage_have_codes_in_json_too() {
    let sandbox = Sandbox::new();
    for (arguments, code, message) in [
        ("--josn explain", "VP0301", "unknown flag `--josn`"),
        ("explain a b", "VP0301", "unexpected argument `b`"),
        ("explain -q -v", "VP0301", "`--quiet` cannot be used with `--verbose`"),
        ("explain --color pink", "VP0301", "`pink` is not a value of `--color`"),
        ("frobnicate", "VP0307", "there is no command `frobnicate`"),
    ] {
        let ran = sandbox.run(&format!("{arguments} --json")).ends(2);
        let answer = ran.json();
        assert_eq!(answer["schema"], "vitte.package/v1");
        assert_eq!((&answer["ok"], &answer["exit"]), (&false.into(), &2.into()));
        assert_eq!(answer["diagnostics"][0]["code"], code, "{arguments}");
        assert_eq!(answer["diagnostics"][0]["message"], message, "{arguments}");
        assert_eq!(ran.stderr, "", "{arguments}");
    }
}

#[test]
fn a_json_answer_is_one_object() {
    let ran = Sandbox::new().run("explain frame-digest --json").ends(0);
    assert_eq!(ran.stdout.lines().count(), 1);
    let answer = ran.json();
    assert_eq!((&answer["command"], &answer["ok"]), (&"explain".into(), &true.into()));
    assert_eq!((&answer["result"]["code"], &answer["result"]["exit"]), (&"VP0501".into(), &5.into()));
    assert_eq!(answer["diagnostics"], serde_json::json!([]));
}

#[test]
fn every_code_explains_itself() {
    let sandbox = Sandbox::new();
    let all = sandbox.run("explain").ends(0);
    let codes: Vec<_> = all.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(codes.len() > 100, "{all}");
    let one = sandbox.run("explain vp0501").ends(0);
    let all_of_it = sandbox.run("explain VP0501").ends(0);
    assert_eq!(one.stdout, all_of_it.stdout);
    assert!(
        one.stdout.starts_with("VP0501 frame-digest: a frame of the archive is not what was signed\n"),
        "{one}"
    );
}

#[test]
fn progress_as_json_keeps_stderr_to_events() {
    let ran = Sandbox::new().run("explain nothing --progress json").ends(2);
    let event: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(event["diagnostic"]["code"], "VP0301");
}

#[test]
fn colour_is_for_terminals_or_on_demand() {
    let sandbox = Sandbox::new();
    assert!(!sandbox.run("explain x").stderr.contains('\u{1b}'));
    assert!(sandbox.run("explain x --color always").stderr.contains('\u{1b}'));
    let forced = sandbox.package().args(["explain", "x"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(forced.stderr.contains(&0x1b));
}

#[test]
fn version_and_help_are_answers_and_no_arguments_are_not() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.run("--version").ends(0).stdout,
        format!("vitte-package {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = sandbox.run("explain --help").ends(0);
    assert!(help.stdout.contains("Usage: vitte package explain"), "{help}");
    assert!(help.stdout.find("Examples:") < help.stdout.find("Usage:"), "{help}");
    let nothing = sandbox.run("").ends(2);
    assert!(nothing.stdout.is_empty() && nothing.stderr.contains("Usage: vitte package"), "{nothing}");
}

#[cfg(unix)]
mod dispatcher {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn tool(sandbox: &Sandbox, path: &str, script: &str) {
        let file = sandbox.write(path, format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn arguments_streams_and_status_pass_unchanged() {
        let sandbox = Sandbox::new();
        tool(&sandbox, "tools/vitte-echo", "cat; printf '<%s>' \"$@\"; exit 42");
        let mut vitte = sandbox.vitte();
        vitte.env("PATH", format!("/bin:/usr/bin:{}/tools", sandbox.path().display()));
        let output = vitte.args(["echo", "--help", "a b", ""]).write_stdin("in ").output().unwrap();
        assert_eq!(output.status.code(), Some(42));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "in <--help><a b><>");
    }

    #[test]
    fn it_finds_what_stands_beside_it_and_helps_with_the_rest() {
        let sandbox = Sandbox::new();
        let version = sandbox.vitte().args(["package", "--version"]).output().unwrap();
        assert!(version.stdout.starts_with(b"vitte-package "));
        let help = sandbox.vitte().arg("--help").output().unwrap();
        assert!(String::from_utf8(help.stdout).unwrap().contains("\n  package "));
        let wrong = sandbox.vitte().arg("pakage").output().unwrap();
        assert_eq!(wrong.status.code(), Some(2));
        insta::assert_snapshot!(String::from_utf8(wrong.stderr).unwrap(), @r"
        error[VP0307]: there is no command `pakage`
          = help: did you mean `package`?
          = help: vitte --help
        ");
    }
}

#[test]
fn what_others_call_a_command_is_understood_or_answered() {
    let sandbox = Sandbox::new();
    for (alias, name) in [("rm", "remove"), ("i", "install"), ("up", "update"), ("ls", "list")] {
        let help = |command: &str| sandbox.run(&format!("{command} --help")).ends(0).stdout;
        assert_eq!(help(alias), help(name));
        assert!(help("").contains(&format!("[alias: {alias}]")), "{alias}");
    }
    // Answers and messages have the command's own name.
    let listed = sandbox.run("ls --json").ends(0).json();
    assert_eq!(listed["command"], "list");
    for (word, suggested) in [
        ("run", "vitte package exec"),
        ("clean-install", "vitte package install --locked"),
        ("show", "vitte package info"),
        ("upgrade", "vitte package update"),
        ("instal", "install"),
    ] {
        let ran = sandbox.run(word).ends(2);
        assert!(ran.stderr.contains(&format!("help: did you mean `{suggested}`?")), "{ran}");
    }
    // Below a command, such a word is no name of another tool's command.
    let below = sandbox.run("key show").ends(2);
    assert!(!below.stderr.contains("vitte package info"), "{below}");
}

/// The list of commands is cut by what one wants to do, in either language and wherever it is shown.
#[test]
fn help_lists_every_command_once_below_what_it_is_for() {
    let sandbox = Sandbox::new();
    let headings = [
        "Start a package:",
        "Work with dependencies:",
        "Publish:",
        "Find and run programs:",
        "Registries and keys:",
        "Inspect and verify:",
        "Maintenance and help:",
        "Options:",
    ];
    let mut shown = Vec::new();
    for line in ["-h", "--help", "help"] {
        let help = sandbox.run(line).ends(0).stdout;
        let places: Vec<_> = headings.iter().map(|heading| help.find(&format!("\n{heading}\n"))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{help}");
        assert!(!help.contains("Commands:") && !help.contains('\u{1b}'), "{help}");
        let below =
            |heading: &str| help.split(&format!("\n{heading}\n")).nth(1).unwrap().split("\n\n").next();
        for (heading, command) in
            [(0, "new"), (1, "add"), (2, "publish"), (3, "exec"), (4, "key"), (5, "verify")]
        {
            assert!(
                below(headings[heading]).unwrap().contains(&format!("  {command} ")),
                "{command}: {help}"
            );
        }
        let commands = &help[places[0].unwrap()..places[7].unwrap()];
        let mut names: Vec<_> = commands
            .lines()
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .map(|line| line.split_whitespace().next().unwrap().to_owned())
            .collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert!(count == names.len() && count > 40, "{names:?}");
        shown.push(names);
    }
    assert!(shown.windows(2).all(|pair| pair[0] == pair[1]), "{shown:?}");
    let coloured = sandbox.run_with("-h", |command| {
        command.env("CLICOLOR_FORCE", "1");
    });
    assert!(coloured.ends(0).stdout.contains("\u{1b}[1m\u{1b}[4mWork with dependencies:"));
    let french = sandbox.run("--lang fr -h").ends(0).stdout;
    assert!(
        french.contains("Gérer les dépendances\u{202f}:") && !french.contains("dependencies:"),
        "{french}"
    );
    // Below a command, its own commands are a plain list.
    assert!(sandbox.run("key --help").ends(0).stdout.contains("\nCommands:\n"));
}

#[test]
fn help_begins_with_what_a_command_does_and_folds_what_all_commands_take() {
    let sandbox = Sandbox::new();
    for command in ["install", "registry add"] {
        let short = sandbox.run(&format!("{command} -h")).ends(0).stdout;
        let long = sandbox.run(&format!("{command} --help")).ends(0).stdout;
        for help in [&short, &long] {
            let places = ["Examples:\n", "Usage: ", "-h, --help"].map(|part| help.find(part).unwrap());
            assert!(places[0] > 20 && places.is_sorted(), "{help}");
        }
        let folded = "Global flags: --json, --progress, -q, -v, --color, --lang, -y, --no-input";
        assert!(short.contains(folded) && !short.contains("--progress <WHEN>"), "{short}");
        assert!(!long.contains(folded) && long.contains("--progress <WHEN>"), "{long}");
    }
}
