//! `tests/cases/newest.txt`: which release each command chooses where no version is named.

use crate::install;
use crate::sandbox::{Ran, Sandbox};

struct Case {
    name: String,
    releases: Vec<(String, String)>,
    /// The command, and the version or code that is expected.
    expected: Vec<(String, String)>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../cases/newest.txt");
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("case ") {
            cases.push(Case { name: name.to_owned(), releases: Vec::new(), expected: Vec::new() });
            continue;
        }
        let case = cases.last_mut().unwrap();
        match line.strip_prefix("= ") {
            Some(rest) => {
                let (outcome, commands) = rest.split_once(' ').unwrap();
                let commands = commands.split(' ').map(|one| (one.to_owned(), outcome.to_owned()));
                case.expected.extend(commands);
            }
            None => {
                let (version, how) = line.split_once(' ').unwrap_or((line, ""));
                case.releases.push((version.to_owned(), how.to_owned()));
            }
        }
    }
    cases
}

fn publish(sandbox: &Sandbox, name: &str, version: &str, how: &str) {
    if let Some(target) = how.strip_prefix("target=") {
        let manifest = install::project(sandbox, name, version, "");
        let build = format!("build --manifest {} --kind pkg --target {target} --json", manifest.display());
        let built = sandbox.run(&build).ends(0).json();
        let path = built["result"]["artifacts"][0]["path"].as_str().unwrap().to_owned();
        let path = path.replace("[dir]", sandbox.path().to_str().unwrap());
        sandbox.run(&format!("publish {path} --registry reg --yes")).ends(0);
        return;
    }
    install::publish(sandbox, name, version);
    match how {
        "" => {}
        "yanked" => _ = sandbox.run(&format!("yank {name}@{version} --registry reg --yes")).ends(0),
        "deprecated" => _ = sandbox.run(&format!("deprecate {name}@{version} --registry reg --yes")).ends(0),
        _ => panic!("{how}"),
    }
}

fn project(sandbox: &Sandbox, folder: &str, dependencies: &str) {
    let manifest = format!(
        "[package]\nname = \"me/app\"\nversion = \"0.1.0\"\nedition = \"2025\"\n\n[dependencies]\n{dependencies}"
    );
    sandbox.write(&format!("{folder}/vitte.toml"), manifest);
    sandbox.write(&format!("{folder}/src/lib.vit"), "");
}

/// The version a command chose, or the code it ended with.
fn outcome(sandbox: &Sandbox, command: &str, name: &str) -> String {
    let (verb, requirement) = command.split_once('@').unwrap_or((command, ""));
    let wanted = if requirement.is_empty() { name.to_owned() } else { format!("{name}@{requirement}") };
    let value_at = |ran: Ran, pointer: &str| -> String {
        let answer = ran.json();
        match answer.pointer(pointer).and_then(|version| version.as_str()) {
            Some(version) if ran.exit == 0 => version.to_owned(),
            _ => answer["diagnostics"][0]["code"].as_str().unwrap_or("nothing").to_owned(),
        }
    };
    match verb {
        "install" => {
            let line = format!("install {wanted} --user --registry reg --json");
            value_at(sandbox.run(&line), "/result/packages/0/version")
        }
        "verify" => value_at(
            sandbox.run(&format!("verify {wanted} --registry reg --json")),
            "/result/release/version",
        ),
        "info" => value_at(sandbox.run(&format!("info {wanted} --registry reg --json")), "/result/version"),
        "search" => value_at(
            sandbox.run(&format!("search {name} --registry reg --json")),
            "/result/packages/0/newest",
        ),
        "add" => {
            project(sandbox, "app", "");
            let _ = std::fs::remove_file(sandbox.path().join("app/vitte.lock"));
            let line = format!("add {wanted} --manifest app/vitte.toml --registry reg --json");
            value_at(sandbox.run(&line), "/result/changes/0/to")
        }
        "exec" => {
            let ran = sandbox.run(&format!("exec {wanted} --registry reg"));
            match ran.exit {
                0 => ran.stdout.trim().rsplit(' ').next().unwrap().to_owned(),
                _ => ran.stderr[ran.stderr.find("VP").unwrap()..][..6].to_owned(),
            }
        }
        "outdated" => {
            project(sandbox, "old", &format!("\"{name}\" = \"*\"\n"));
            let _ = std::fs::remove_file(sandbox.path().join("old/vitte.lock"));
            let on_old =
                |line: &str| sandbox.run(&format!("{line} --manifest old/vitte.toml --registry reg"));
            on_old("lock").ends(0);
            on_old(&format!("update {name} --precise 1.0.0")).ends(0);
            let answer = on_old("outdated --json").ends(0).json();
            let rows = answer["result"]["behind"].as_array().unwrap();
            rows.first().map_or("-".to_owned(), |row| row["newest"].as_str().unwrap().to_owned())
        }
        _ => panic!("{command}"),
    }
}

#[test]
fn every_command_chooses_the_newest_by_one_rule() {
    let sandbox = Sandbox::new();
    let mut wrong = Vec::new();
    for case in cases() {
        let name = format!("demo/{}", case.name);
        for (version, how) in &case.releases {
            publish(&sandbox, &name, version, how);
        }
        for (command, expected) in &case.expected {
            let got = outcome(&sandbox, command, &name);
            if got != *expected {
                wrong.push(format!("{}: {command} gives {got} instead of {expected}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
