//! Each command is run with `--json` once where it succeeds and once where it fails. What it prints is held against its
//! schema by `sandbox`; here, that no command is forgotten.

use crate::http::serve_with;
use crate::install;
use crate::sandbox::Sandbox;
use crate::schemas;
use crate::served;
use serde_json::Value;
use std::collections::BTreeSet;

/// Runs commands, and remembers which of them had an answer.
struct Coverage<'a> {
    sandbox: &'a Sandbox,
    answered: BTreeSet<String>,
}

impl Coverage<'_> {
    #[track_caller]
    fn run(&mut self, command: &str) -> Value {
        let answer = self.sandbox.run(&format!("{command} --json")).ends(0).json();
        self.remember(&answer);
        answer["result"].clone()
    }

    fn remember(&mut self, answer: &Value) {
        assert!(!answer["result"].is_null(), "{answer}");
        self.answered.insert(answer["command"].as_str().unwrap().to_owned());
    }

    #[track_caller]
    fn all(&mut self, commands: &[&str]) {
        for command in commands {
            self.run(command);
        }
    }
}

#[cfg(unix)]
#[test]
fn every_command_answers_as_its_schema_says() {
    let sandbox = Sandbox::new();
    let mut coverage = Coverage { sandbox: &sandbox, answered: BTreeSet::new() };
    keys(&mut coverage);
    releases(&mut coverage);
    registry(&mut coverage);
    installs(&mut coverage);
    project(&mut coverage);
    account(&mut coverage);
    coverage.all(&[
        "config set resolver.min-age 0",
        "config get resolver.min-age",
        "config list --origin",
        "config unset resolver.min-age",
        "cache info",
        "cache verify",
        "cache prune",
        "cache clean --yes",
        "doctor",
        "explain",
        "explain VP0501",
        "completions bash",
        "demo --exit --dir demo",
        "new fresh --lib",
        "registry init removed",
        "registry remove removed --yes",
        "report demo/hello@1.0.0 --registry reg",
    ]);
    let index = "team = { index = \"http://127.0.0.1:9\", namespaces = [\"acme\"], trust-root-sha256 = \"";
    let pin = "0".repeat(64);
    let manifest = format!(
        "[package]\nname = \"acme/x\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n[registries]\n{index}{pin}\" }}\n"
    );
    sandbox.write("workflow/vitte.toml", manifest);
    sandbox.write("workflow/.git/config", "");
    for command in ["ci init --provider github --json", "ci check --json"] {
        let there = sandbox.path().join("workflow");
        coverage.remember(&sandbox.run_with(command, |run| _ = run.current_dir(there)).ends(0).json());
    }
    sandbox.write("started/.keep", "");
    let init = sandbox.run_with("init --json", |run| _ = run.current_dir(sandbox.path().join("started")));
    coverage.remember(&init.ends(0).json());
    assert_eq!(coverage.answered, schemas::of_commands());
}

/// What is done at a server, with a token that manages others.
fn account(coverage: &mut Coverage<'_>) {
    let sandbox = Sandbox::new();
    let trust_root = served::initialised(&sandbox);
    served::operated(&sandbox, &["user", "add", "bob", "--data", "data"]);
    let create = ["token", "create", "--user", "roussov", "--login", "--data", "data"];
    let token = served::operated(&sandbox, &[&create[..], &["--scopes", "publish,yank,owners"]].concat());
    let server = served::Server::start(&sandbox);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    sandbox.run("key generate").ends(0);
    served::project(&sandbox, "1.0.0");
    let mut run = |command: &str| {
        let answer = sandbox.run(&format!("{command} --json")).ends(0).json();
        coverage.remember(&answer);
        answer["result"].clone()
    };
    run(&format!("login {} --token {token}", server.url()));
    run(&format!("publish --yes --registry {}", server.url()));
    run("whoami");
    let made = run("token create ci --scopes yank --packages roussov/* --networks 127.0.0.0/8 --expires 1");
    run("token list");
    run(&format!("token revoke {}", made["info"]["id"].as_str().unwrap()));
    run("owner add roussov/vitte-math bob");
    run("owner list roussov/vitte-math");
    run("owner remove roussov/vitte-math bob");
    run(&format!("logout {}", server.url()));
}

fn keys(coverage: &mut Coverage<'_>) {
    coverage.all(&[
        "key generate",
        "key generate --name ci",
        "key show default",
        "key export default",
        "key export default --out default.pub",
        "key export ci --out ci.pub",
        "key export default --secret --out backup.pem",
        "key import backup.pem --name restored",
        "key trust ci.pub --for demo/hello",
        "key list",
        "key untrust ci.pub --for demo/hello",
        "key rename restored again",
        "key passphrase again --remove",
        "key remove again --yes",
    ]);
}

fn releases(coverage: &mut Coverage<'_>) {
    coverage.run("registry init reg");
    for version in ["1.0.0", "1.1.0"] {
        install::project(coverage.sandbox, "demo/hello", version, "");
        let at = format!("--manifest hello-{version}/vitte.toml");
        coverage.run(&format!("build {at}"));
        coverage.run(&format!("publish {at} --registry reg --key default --dry-run"));
        coverage.run(&format!("publish {at} --registry reg --key default --yes"));
    }
    let archive = "hello-1.0.0/target/hello-1.0.0.vitmod";
    let copy = coverage.sandbox.path().join("hello-1.0.0.vitmod");
    std::fs::copy(coverage.sandbox.path().join(archive), &copy).unwrap();
    coverage.sandbox.write("other.tar", other_tar());
    coverage.all(&[
        "build --manifest hello-1.0.0/vitte.toml --list",
        "inspect hello-1.0.0.vitmod",
        "inspect hello-1.0.0.vitmod --tree",
        "inspect hello-1.0.0.vitmod src/main.vit",
        "inspect other.tar",
        "inspect other.tar a",
        "sign hello-1.0.0.vitmod --key default",
        "verify hello-1.0.0.vitmod",
        "extract hello-1.0.0.vitmod out",
        "delta make hello-1.0.0.vitmod hello-1.1.0/target/hello-1.1.0.vitmod --out d.vitdelta",
        "delta inspect d.vitdelta",
        "delta apply hello-1.0.0.vitmod d.vitdelta --out new.vitmod",
        "staple hello-1.0.0.vitmod --registry reg",
        "verify hello-1.0.0.vitmod --offline",
        "verify demo/hello@1.0.0 --registry reg",
    ]);
}

fn other_tar() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(1);
    header.set_mode(0o644);
    tar.append_data(&mut header, "a", &b"x"[..]).unwrap();
    tar.into_inner().unwrap()
}

fn registry(coverage: &mut Coverage<'_>) {
    let first = std::fs::read(coverage.sandbox.path().join("reg/trust/1.json")).unwrap();
    let pin = vitte_package_core::digest::Digest::of(&first);
    let id = coverage.run("key show ci")["key_id"].as_str().unwrap().to_owned();
    coverage.all(&[
        "search hello --registry reg",
        "info demo/hello --registry reg",
        "yank demo/hello@1.1.0 --registry reg --key default --yes",
        "yank demo/hello@1.1.0 --registry reg --key default --yes",
        "deprecate demo/hello@1.0.0 --registry reg --key default --use demo/hello",
        "info demo/hello@1.0.0 --registry reg",
        "yank demo/hello@1.1.0 --registry reg --key default --undo",
        "namespace create other --registry reg --key default",
        "namespace rotate other --registry reg --key default --add ci.pub --role release --yes",
        &format!("namespace revoke other {id} --since 1 --registry reg --key default --yes"),
        "namespace show other --registry reg",
        "namespace owners other --registry reg",
        "log show --registry reg",
        "log monitor --registry reg",
        "registry delta reg",
        "registry verify reg",
        "registry list",
        &format!("registry add reg --trust-root-sha256 {pin}"),
        &format!("trust accept reg --trust-root-sha256 {pin}"),
        "registry rotate reg --index --yes",
    ]);
    let with_passphrase = |arguments: &str| {
        coverage.sandbox.run_with(arguments, |run| _ = run.env("VITTE_SIGNING_KEY_PASSWORD", "correct horse"))
    };
    let exported = with_passphrase("registry key export reg --out registry-keys.pem --json").ends(0).json();
    let (keys, kept) = (coverage.sandbox.home().join("keys/registry"), coverage.sandbox.path().join("kept"));
    std::fs::rename(&keys, &kept).unwrap();
    let imported = with_passphrase("registry key import registry-keys.pem --json").ends(0).json();
    coverage.remember(&exported);
    coverage.remember(&imported);
    let (_served, line) = serve_with(coverage.sandbox, &["--json"]);
    let answer = serde_json::from_str(&line).unwrap();
    schemas::check_answer(&answer);
    coverage.remember(&answer);
    // A server of files cannot say whose a token is.
    let url = answer["result"]["url"].as_str().unwrap().to_owned();
    let token = vitte_package_core::api::Token::new(&[5; 40]);
    coverage.run(&format!("login {url} --token {}", token.reveal()));
    coverage.run(&format!("logout {url}"));
}

fn installs(coverage: &mut Coverage<'_>) {
    coverage.all(&[
        "install demo/hello@=1.0.0 --registry reg --user",
        "install demo/hello@=1.1.0 --registry reg --user",
        "list",
        "use demo/hello@1.0.0",
        "uninstall demo/hello@1.1.0",
        "history",
        "rollback",
        "store verify",
        "store gc --dry-run",
        "store list",
    ]);
}

fn project(coverage: &mut Coverage<'_>) {
    coverage.sandbox.write("app/src/main.vit", "entry main at app { return 0 }\n");
    let manifest = "[package]\nname = \"demo/app\"\nversion = \"0.1.0\"\nedition = \"2025\"\n";
    coverage.sandbox.write("app/vitte.toml", manifest);
    for command in [
        "add demo/hello@=1.0.0 --registry reg",
        "lock",
        "install",
        "tree",
        "why demo/hello",
        "outdated",
        "update --dry-run",
        "fetch",
        "vendor",
        "audit",
        "remove demo/hello",
    ] {
        coverage.run(&format!("{command} --manifest app/vitte.toml"));
    }
}

#[test]
fn every_command_that_is_misused_says_so_in_the_same_form() {
    let sandbox = Sandbox::new();
    for command in schemas::of_commands() {
        let answer = sandbox.run(&format!("{command} --no-such-flag --json")).ends(2).json();
        assert_eq!((&answer["command"], &answer["ok"]), (&Value::from(command), &Value::from(false)));
    }
}

/// But for `advanced`, which a task only writes that takes long enough.
#[cfg(unix)]
#[test]
fn every_event_is_as_the_schema_says() {
    let sandbox = Sandbox::new();
    install::project(&sandbox, "demo/hello", "1.0.0", "[dependencis]\n");
    let ran = sandbox.run("build --manifest hello-1.0.0/vitte.toml --progress json -v").ends(0);
    let failed = sandbox.run("verify nothing.vitmod --progress json").ends(9);
    let mut seen = BTreeSet::new();
    for line in ran.stderr.lines().chain(failed.stderr.lines()) {
        let event: Value = serde_json::from_str(line).unwrap();
        schemas::check_event(&event);
        seen.insert(event["event"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["decided", "error", "finished", "started", "warning"].map(str::to_owned).into());
}
