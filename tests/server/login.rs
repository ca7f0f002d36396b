//! The client's commands about an account: `login`, `whoami`, `token`, `owner`.

use crate::accounts::PASSWORD;
use crate::accounts::operate_with;
use crate::browser::Browser;
use crate::sandbox::{Ran, Sandbox};
use crate::served::{Server, operated, project};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A server whose clients need not pause for long, and a sandbox that trusts it; ada has a password, bob is there too.
fn initialised() -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    let said = operated(&sandbox, &["init", "--data", "data", "--id", "registry.example/"]);
    let trust_root = said.split("--trust-root-sha256 ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let add = ["user", "add", "ada", "--password", "--data", "data"];
    assert!(operate_with(&sandbox, &add, &format!("{PASSWORD}\n")).status.success());
    operated(&sandbox, &["user", "add", "bob", "--data", "data"]);
    let server = Server::start_with(&sandbox, &["--device-interval", "1"]);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    (sandbox, server)
}

/// A `login` that waits for its user, and the code it shows.
fn login(
    sandbox: &Sandbox,
    server: &Server,
    more: &str,
) -> (Child, BufReader<std::process::ChildStderr>, String) {
    let mut child = Command::new(crate::programs::client())
        .args(["login", &server.url()])
        .args(more.split_whitespace())
        .current_dir(sandbox.path())
        .env_clear()
        .env("VITTE_HOME", sandbox.home())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let (mut said, mut code) = (String::new(), None);
    while code.is_none() {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it has ended: {said}");
        code = line.split("/device?code=").nth(1).map(|rest| rest[..9].to_owned());
        said.push_str(&line);
    }
    (child, lines, code.unwrap())
}

fn decide(server: &Server, code: &str, decision: &str) {
    let mut browser = Browser::new(server);
    browser.sign_in("ada", PASSWORD);
    browser.post("/device", &format!("code={code}&decision={decision}")).is(200);
}

#[must_use = "say how it `.ends`"]
fn ended(sandbox: &Sandbox, mut child: Child, mut lines: BufReader<std::process::ChildStderr>) -> Ran {
    crate::sandbox::wait(&mut child);
    let mut output = child.wait_with_output().unwrap();
    std::io::Read::read_to_end(&mut lines, &mut output.stderr).unwrap();
    Ran::from(output, sandbox.path())
}

#[test]
fn a_user_logs_in_by_a_browser_and_manages_tokens_and_owners() {
    let (sandbox, server) = initialised();
    sandbox.run("whoami --json").ends(7);
    let (child, lines, code) = login(&sandbox, &server, "--json --expires 7");
    decide(&server, &code, "approve");
    let ran = ended(&sandbox, child, lines).ends(0);
    let answer = ran.json();
    assert_eq!((&answer["result"]["user"], &answer["result"]["checked"]), (&"ada".into(), &true.into()));
    let stored = std::fs::read_to_string(sandbox.home().join("credentials.toml")).unwrap();
    let token = stored.split('"').find(|part| part.starts_with("vtt_")).unwrap();
    assert!(!ran.to_string().contains(token), "the token is printed: {ran}");

    let me = sandbox.run("whoami --json").ends(0).json();
    assert_eq!((&me["result"]["user"], &me["result"]["role"]), (&"ada".into(), &"member".into()));
    assert_eq!(me["result"]["token"]["kind"], "login");
    let said = sandbox.run("whoami").ends(0).stdout;
    assert!(said.starts_with("ada (member) at ") && said.contains("expires in 7 days"), "{said}");

    let made =
        sandbox.run("token create ci --scopes publish,yank --packages roussov/* --json").ends(0).json();
    let (id, secret) = (&made["result"]["info"]["id"], made["result"]["token"].as_str().unwrap());
    let id = id.as_str().unwrap();
    let list = sandbox.run("token list --json").ends(0);
    assert!(list.stdout.contains(id) && !list.to_string().contains(secret), "{list}");
    sandbox.run("token create more --scopes admin --json").ends(7);
    let with = |token: &str, arguments: &str| {
        sandbox.run_with(arguments, |command| _ = command.env("VITTE_TOKEN", token))
    };
    with(secret, "token create more --scopes yank --json").ends(7);

    // What CI does with its token, and who owns what came of it.
    sandbox.run("key generate").ends(0);
    project(&sandbox, "1.0.0");
    with(secret, &format!("publish --yes --json --registry {}", server.url())).ends(0);
    let owners = sandbox.run("owner list roussov/vitte-math --json").ends(0).json();
    assert_eq!(owners["result"]["owners"], serde_json::json!(["ada"]));
    sandbox.run("owner add roussov/vitte-math bob --json").ends(0);
    assert_eq!(
        sandbox.run("owner list roussov/vitte-math").ends(0).stdout,
        "ada\nbob\nada  owns the namespace\n"
    );
    sandbox.run("owner remove roussov/vitte-math ada --json").ends(0);
    sandbox.run("owner remove roussov/vitte-math bob --json").ends(7);
    sandbox.run("owner add roussov/vitte-math nobody --json").ends(9);
    sandbox.run("owner list roussov/nothing --json").ends(9);
    sandbox.run("owner list roussov --json").ends(2);
    let namespace = sandbox.run("owner list roussov/* --json").ends(0).json();
    assert_eq!(namespace["result"]["owners"], serde_json::json!(["ada"]));

    sandbox.run(&format!("token revoke {id} --json")).ends(0);
    with(secret, "whoami --json").ends(7);
    sandbox.run("token revoke nothing --json").ends(9);
    let french = sandbox.run("token list --lang fr").ends(0).stdout;
    assert!(french.contains("révoqué"), "{french}");
}

#[test]
fn a_login_that_is_refused_stores_nothing() {
    let (sandbox, server) = initialised();
    let (child, lines, code) = login(&sandbox, &server, "--json --lang fr");
    decide(&server, &code, "deny");
    ended(&sandbox, child, lines).ends(7);
    assert!(!sandbox.home().join("credentials.toml").exists());
    // Where nothing may wait for somebody, it does not begin.
    sandbox.run(&format!("login {} --no-input --json", server.url())).ends(2);
}
