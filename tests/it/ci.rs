//! Workflows of continuous integration: written for each service, valid by its schema, and read back.

use crate::sandbox::{Sandbox, has_program};

const PIN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const URL: &str = "http://127.0.0.1:9";

/// A project that trusts a registry, in a repository.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".git/config", "[remote \"origin\"]\n\turl = git@github.com:acme/tools.git\n");
    sandbox.write(
        "vitte.toml",
        format!(
            "[package]\nname = \"acme/tools\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n[registries]\n\
             team = {{ index = \"{URL}\", namespaces = [\"acme\"], trust-root-sha256 = \"{PIN}\" }}\n"
        ),
    );
    sandbox
}

const SERVICES: [(&str, &str, &str); 3] = [
    ("github", ".github/workflows/package.yml", "vendor.github-workflows"),
    ("gitlab", ".gitlab-ci.yml", "vendor.gitlab-ci"),
    // Forgejo has no schema of its own: its workflows are written as those of GitHub.
    ("forgejo", ".forgejo/workflows/package.yml", "vendor.github-workflows"),
];

#[test]
fn what_is_written_lacks_nothing_and_is_valid() {
    let can_check = has_program("check-jsonschema");
    for (service, path, schema) in SERVICES {
        let sandbox = project();
        let written = sandbox.run(&format!("ci init --provider {service} --json")).ends(0).json();
        assert_eq!(
            (&written["result"]["provider"], &written["result"]["path"]),
            (&service.into(), &path.into())
        );
        let text = std::fs::read_to_string(sandbox.path().join(path)).unwrap();
        assert!(!text.contains("${i") && !text.contains("${r") && !text.contains("${t"), "{text}");
        assert!(text.contains(URL) && !text.contains("registry add"), "the project trusts it itself: {text}");
        let checked = sandbox.run(&format!("ci check {path} --json")).ends(0).json();
        assert_eq!(checked["result"]["findings"], serde_json::json!([]), "{service}");
        if can_check {
            let output = std::process::Command::new("check-jsonschema")
                .args(["--builtin-schema", schema, path])
                .current_dir(sandbox.path())
                .output()
                .unwrap();
            assert!(output.status.success(), "{service}: {}", String::from_utf8_lossy(&output.stdout));
        }
        // Written once; again only when asked.
        let again = sandbox.run(&format!("ci init --provider {service} --json")).ends(10).json();
        assert_eq!(again["diagnostics"][0]["code"], "VP0308", "{again}");
        sandbox.run(&format!("ci init --provider {service} --force")).ends(0);
    }
}

#[test]
fn the_service_is_found_and_the_registry_must_be_trusted() {
    let sandbox = project();
    sandbox.run("ci init").ends(0);
    assert!(sandbox.path().join(".github/workflows/package.yml").is_file(), "by the repository's origin");
    let code = |ran: crate::sandbox::Ran, exit: i32| ran.ends(exit).json()["diagnostics"][0]["code"].clone();
    assert_eq!(code(sandbox.run("ci init --provider jenkins --json"), 2), "VP0301");
    let elsewhere = "ci init --provider gitlab --registry http://127.0.0.1:8 --json";
    assert_eq!(code(sandbox.run(elsewhere), 5), "VP0536");
    assert_eq!(code(sandbox.run("ci init --provider gitlab --registry . --json"), 2), "VP0301");
    assert!(!sandbox.path().join(".gitlab-ci.yml").exists(), "nothing was written");
    sandbox.write("plain/.git/config", "");
    sandbox
        .write("plain/vitte.toml", "[package]\nname = \"acme/x\"\nversion = \"1.0.0\"\nedition = \"2025\"\n");
    let plain = sandbox.path().join("plain");
    let unclear = sandbox.run_with("ci init --json", |command| _ = command.current_dir(&plain));
    assert_eq!(code(unclear, 2), "VP0301");
    let unclear =
        sandbox.run_with("ci init --provider github --json", |command| _ = command.current_dir(&plain));
    assert_eq!(code(unclear, 2), "VP0301");
}

#[test]
fn what_a_workflow_lacks_or_should_not_do_is_named() {
    let sandbox = project();
    sandbox.run("ci init").ends(0);
    let path = ".github/workflows/package.yml";
    let good = std::fs::read_to_string(sandbox.path().join(path)).unwrap();
    let rules = |text: &str| {
        sandbox.write(path, text);
        let ran = sandbox.run("ci check --json");
        let found = ran.json()["result"]["findings"].as_array().unwrap().clone();
        assert_eq!(ran.exit, i32::from(!found.is_empty()), "{ran}");
        found.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let edits: [(&str, &str, &[&str]); 9] = [
        ("vitte-package build --check", "true", &["build"]),
        ("publish --dry-run", "yank --dry-run", &["dry-run"]),
        ("    if: startsWith(github.ref, 'refs/tags/v')\n", "", &["on-tag"]),
        ("refs/tags/v", "refs/heads/main", &["on-tag"]),
        ("${{ secrets.VITTE_SIGNING_KEY }}", "MC4CAQAwBQYDK2VwBCIEIA", &["secrets", "secrets"]),
        ("          VITTE_TOKEN: ${{ secrets.VITTE_TOKEN }}\n", "", &["secrets"]),
        ("  pull_request:\n", "  pull_request_target:\n", &["strangers"]),
        ("permissions:\n  contents: read\n", "", &["permissions"]),
        ("run: vitte-package publish --yes", "run: echo", &["publish"]),
    ];
    for (from, to, expected) in edits {
        assert!(good.contains(from), "{from}");
        assert_eq!(rules(&good.replace(from, to)), expected, "{from} → {to}");
    }
    assert_eq!(rules(&good), [""; 0]);
    // A workflow for tags alone needs no condition.
    let tags = good
        .replace("  pull_request:\n", "")
        .replace("    branches: [\"**\"]\n", "")
        .replace("    if: startsWith(github.ref, 'refs/tags/v')\n", "");
    assert_eq!(rules(&tags), [""; 0]);
    for (text, place) in [("a: [\nb: }", " 2:"), ("a: \"", " 1:")] {
        sandbox.write(path, text);
        let ran = sandbox.run("ci check --json").ends(3).json();
        assert_eq!(ran["diagnostics"][0]["code"], "VP0211");
        assert!(ran["diagnostics"][0]["message"].as_str().unwrap().contains(place), "{ran}");
    }
    std::fs::remove_file(sandbox.path().join(path)).unwrap();
    assert_eq!(sandbox.run("ci check --json").ends(9).json()["diagnostics"][0]["code"], "VP1008");
}

#[test]
fn errors_are_annotations_where_the_service_has_them() {
    let sandbox = project();
    sandbox.write("vitte.toml", "[package]\nname = \"acme/tools\"\nversion = \"1.O\"\nedition = \"2025\"\n");
    let ran = sandbox.run_with("build", |command| _ = command.env("GITHUB_ACTIONS", "true")).ends(3);
    let annotation =
        ran.stderr.lines().find(|line| line.starts_with("::error ")).unwrap_or_else(|| panic!("{ran}"));
    assert!(annotation.starts_with("::error file=vitte.toml,line=3,col="), "{annotation}");
    assert!(annotation.contains(",title=VP0103::"), "{annotation}");
    // A message of ours never ends the command, whatever it quotes.
    sandbox.write("vitte.toml", "[package]\nname = \"a%0A::b\"\nversion = \"1.0.0\"\nedition = \"2025\"\n");
    let ran = sandbox.run_with("build", |command| _ = command.env("GITHUB_ACTIONS", "true")).ends(3);
    assert!(ran.stderr.lines().all(|line| !line.starts_with("::b")) && ran.stderr.contains("%250A"), "{ran}");
    assert!(!sandbox.run("build").ends(3).stderr.contains("::error"));
}
