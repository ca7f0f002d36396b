//! Users, passwords, sessions and tokens.

use crate::backends::backend;
use crate::browser::{Browser, Reply, bearer, send};
use crate::sandbox::Sandbox;
use crate::served::{Server, operate, operated, program};
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

pub(crate) const PASSWORD: &str = "canary-horse-battery";

/// Runs the server's program with something on its standard input.
pub(crate) fn operate_with(sandbox: &Sandbox, arguments: &[&str], input: &str) -> Output {
    let mut child = program(sandbox)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A registry with two users: ada is an admin and has a password.
pub(crate) fn with_users() -> Sandbox {
    let sandbox = Sandbox::new();
    operated(&sandbox, &["init", "--data", "data", "--id", "registry.example/"]);
    let add = ["user", "add", "ada", "--role", "admin", "--password", "--data", "data"];
    let added = operate_with(&sandbox, &add, &format!("{PASSWORD}\n"));
    assert!(added.status.success(), "{added:?}");
    operated(&sandbox, &["user", "add", "bob", "--data", "data"]);
    sandbox
}

/// Everything the server has written: its log, and every file of its folder.
#[track_caller]
pub(crate) fn assert_nowhere(sandbox: &Sandbox, secret: &str) {
    fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }
    let mut all = vec![sandbox.path().join("server.log")];
    files(&sandbox.path().join("data"), &mut all);
    let is_database = |path: &std::path::PathBuf| path.ends_with("db.sqlite");
    assert!(!backend().is_a_folder() || all.iter().any(is_database), "the database is among them");
    for path in all {
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes());
        assert!(!found, "a secret is in {}", path.display());
    }
}

fn api(server: &Server, method: &str, path: &str, token: &str, body: &str) -> Reply {
    send(server, method, &format!("/api/v1{path}"), &bearer(token), body)
}

#[test]
fn an_operator_manages_users() {
    let sandbox = with_users();
    let list = || operated(&sandbox, &["user", "list", "--data", "data"]);
    assert_eq!(list(), "ada  admin  password\nbob  member");
    operated(&sandbox, &["user", "role", "bob", "guest", "--data", "data"]);
    operated(&sandbox, &["user", "disable", "ada", "--data", "data"]);
    assert_eq!(list(), "ada  admin  password  disabled\nbob  guest");
    operated(&sandbox, &["user", "enable", "ada", "--data", "data"]);
    for (arguments, input) in [
        (&["user", "passwd", "bob", "--data", "data"][..], "short\n"),
        (&["user", "passwd", "bob", "--data", "data"], ""),
        (&["user", "passwd", "eve", "--data", "data"], "long enough to be one\n"),
        (&["user", "role", "bob", "king", "--data", "data"], ""),
        (&["user", "disable", "eve", "--data", "data"], ""),
        (&["user", "add", "ada", "--data", "data"], ""),
    ] {
        assert!(!operate_with(&sandbox, arguments, input).status.success(), "{arguments:?} {input:?}");
    }
    assert_eq!(list(), "ada  admin  password\nbob  guest");
    let scopes = ["token", "create", "--user", "bob", "--scopes", "admin", "--data", "data"];
    let refused = operate(&sandbox, &scopes);
    assert_eq!(refused.status.code(), Some(7), "only an admin's token has the scope: {refused:?}");
}

#[test]
fn a_user_signs_in_and_out() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let mut browser = Browser::new(&server);
    let page = browser.get("/sign-in").is(200);
    assert!(
        page.header("content-security-policy").unwrap().starts_with("default-src 'none'"),
        "{}",
        page.head
    );
    assert_eq!(page.header("access-control-allow-origin"), None);

    let reply = browser.sign_in("ada", PASSWORD);
    assert_eq!(reply.header("location"), Some("/sign-in"));
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.starts_with("vitte-session=") && cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "it is asked at a loopback address, without TLS: {cookie}");
    let me = browser.get("/api/v1/me").is(200).json();
    assert_eq!((&me["user"], &me["role"], &me["token"]), (&"ada".into(), &"admin".into(), &().into()));
    assert!(browser.get("/sign-in").body.contains("signed in as ada"));

    // Elsewhere the cookie goes over TLS only, and no loopback cookie is one.
    let elsewhere = "Host: registry.example\r\n";
    let raw = |head: &str| {
        use std::io::Read as _;
        let mut stream = crate::sandbox::connect(&server.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        Reply::read(&response)
    };
    let body = format!("user=ada&password={PASSWORD}");
    let reply = raw(&format!(
        "POST /sign-in HTTP/1.1\r\n{elsewhere}Origin: https://registry.example\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let cookie = reply.is(303).header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("__Host-vitte-session=") && cookie.ends_with("; Secure"), "{cookie}");
    let reply = raw(&format!(
        "GET /api/v1/me HTTP/1.1\r\n{elsewhere}Cookie: {}\r\nConnection: close\r\n\r\n",
        browser.cookie
    ));
    reply.is(401);

    // Another site cannot sign anybody in or out.
    let form = format!("user=ada&password={PASSWORD}");
    for foreign in
        ["", "Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"]
    {
        let headers = format!("Cookie: {}\r\n{foreign}", browser.cookie);
        send(&server, "POST", "/sign-in", &headers, &form).is(403);
        send(&server, "POST", "/sign-out", &headers, "").is(403);
        send(&server, "POST", "/api/v1/tokens", &headers, r#"{"name":"x","scopes":["yank"]}"#).is(403);
    }
    let cookie = browser.cookie.clone();
    let out = browser.post("/sign-out", "").is(303);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    send(&server, "GET", "/api/v1/me", &format!("Cookie: {cookie}\r\n"), "").is(401);

    // Where a sign-in leads to is a page of this server.
    let lead = |to: &str| {
        let form = format!("user=ada&password={PASSWORD}&return={to}");
        browser.post("/sign-in", &form).is(303).header("location").unwrap().to_owned()
    };
    assert_eq!(lead("%2Fdevice"), "/device");
    assert_eq!(lead("%2F%2Fevil.example"), "/sign-in");
    assert_eq!(lead("https%3A%2F%2Fevil.example"), "/sign-in");
    assert_nowhere(&sandbox, PASSWORD);
    assert_nowhere(&sandbox, cookie.split('=').nth(1).unwrap());
}

#[test]
fn nobody_learns_who_has_an_account() {
    let sandbox = with_users();
    operated(&sandbox, &["user", "add", "eve", "--data", "data"]);
    let set = operate_with(&sandbox, &["user", "passwd", "eve", "--data", "data"], &format!("{PASSWORD}\n"));
    assert!(set.status.success());
    operated(&sandbox, &["user", "disable", "eve", "--data", "data"]);
    let server = Server::start(&sandbox);
    let browser = Browser::new(&server);
    let refusal = |user: &str, password: &str| {
        let reply = browser.post("/sign-in", &format!("user={user}&password={password}")).is(401);
        assert_eq!(reply.header("set-cookie"), None);
        reply.body
    };
    let wrong = refusal("ada", "not the password");
    for (user, password) in
        [("nobody", PASSWORD), ("bob", PASSWORD), ("bob", ""), ("eve", PASSWORD), ("", PASSWORD)]
    {
        assert_eq!(refusal(user, password), wrong, "{user}");
    }
}

#[test]
fn guessing_has_an_end() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let browser = Browser::new(&server);
    let attempt =
        |user: &str, password: &str| browser.post("/sign-in", &format!("user={user}&password={password}"));
    let refused = (0..40).map(|_| attempt("ada", "wrong")).find(|reply| reply.status != 401);
    let refused = refused.expect("there is an end");
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert!(refused.header("retry-after").is_some());
    // From this address nobody else is guessed either.
    assert_eq!(attempt("nobody", "wrong").status, 429);
}

#[test]
fn tokens_are_managed_by_their_user_and_never_lead_to_more() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let mut browser = Browser::new(&server);
    browser.sign_in("ada", PASSWORD);
    let create = |body: &str| send(&server, "POST", "/api/v1/tokens", &browser.own(), body);
    let made = create(r#"{"name":"ci","scopes":["publish"],"packages":["acme/*"]}"#).is(201).json();
    let secret = made["token"].as_str().unwrap();
    assert_eq!((&made["info"]["name"], &made["info"]["kind"]), (&"ci".into(), &"token".into()));
    let life = made["info"]["expires"].as_u64().unwrap() - made["info"]["created"].as_u64().unwrap();
    assert_eq!(life, 30 * 24 * 60 * 60);
    assert_eq!(made["info"]["last_used"], serde_json::Value::Null);

    let me = api(&server, "GET", "/me", secret, "").is(200).json();
    assert_eq!((&me["user"], &me["token"]["id"]), (&"ada".into(), &made["info"]["id"]));
    let list = browser.get("/api/v1/tokens").is(200);
    assert!(!list.body.contains(secret), "it is shown once");
    assert!(list.json()["tokens"][0]["last_used"].as_u64().is_some(), "{}", list.body);

    // A program's token makes no tokens and sees none, but may end itself.
    api(&server, "POST", "/tokens", secret, r#"{"name":"x","scopes":["publish"]}"#).is(403);
    api(&server, "GET", "/tokens", secret, "").is(403);
    let other = create(r#"{"name":"other","scopes":["admin"],"cidrs":["127.0.0.0/8"]}"#).is(201).json();
    let other_path = format!("/tokens/{}", other["info"]["id"].as_str().unwrap());
    api(&server, "DELETE", &other_path, secret, "").is(403);
    api(&server, "DELETE", &format!("/tokens/{}", made["info"]["id"].as_str().unwrap()), secret, "").is(204);
    api(&server, "GET", "/me", secret, "").is(401);

    // From where it may be used.
    let other = other["token"].as_str().unwrap();
    api(&server, "GET", "/me", other, "").is(200);
    let away = create(r#"{"name":"away","scopes":["yank"],"cidrs":["10.0.0.0/8"]}"#).is(201).json();
    let away = away["token"].as_str().unwrap();
    api(&server, "GET", "/me", away, "").is(401);
    let forged = format!("{}vitte-peer-address: 10.0.0.1\r\n", bearer(away));
    send(&server, "GET", "/api/v1/me", &forged, "").is(401);

    // Bad requests, and tokens of others.
    for (bad, status) in [
        (r#"{"name":"x","scopes":["king"]}"#, 422),
        (r#"{"name":"x","scopes":["yank"],"packages":["../x"]}"#, 422),
        (r#"{"name":"x","scopes":["yank"],"cidrs":["10.0.0.1/8"]}"#, 422),
        (r#"{"name":"x","scopes":["yank"],"expires_days":91}"#, 400),
        (r#"{"name":"x","scopes":["yank"],"v":1}"#, 400),
        ("{", 400),
    ] {
        create(bad).is(status);
    }
    let bobs = token_of(&sandbox, "bob");
    let bobs_path = format!("/api/v1/tokens/{}", &bobs[4..16]);
    send(&server, "DELETE", &bobs_path, &browser.own(), "").is(404);
    api(&server, "GET", "/me", &bobs, "").is(200);
    for secret in [secret, other, away, &bobs] {
        assert_nowhere(&sandbox, secret);
        assert_nowhere(&sandbox, &secret[17..60]);
    }
}

fn token_of(sandbox: &Sandbox, user: &str) -> String {
    operated(sandbox, &["token", "create", "--user", user, "--scopes", "publish", "--data", "data"])
}

#[test]
fn a_disabled_user_stops_at_once() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let mut browser = Browser::new(&server);
    browser.sign_in("ada", PASSWORD);
    let (adas, bobs) = (token_of(&sandbox, "ada"), token_of(&sandbox, "bob"));
    let status = |token: &str| api(&server, "GET", "/me", token, "").status;
    assert_eq!((status(&adas), status(&bobs), browser.get("/api/v1/me").status), (200, 200, 200));
    operated(&sandbox, &["user", "disable", "ada", "--data", "data"]);
    assert_eq!((status(&adas), status(&bobs), browser.get("/api/v1/me").status), (401, 200, 401));
    operated(&sandbox, &["user", "enable", "ada", "--data", "data"]);
    assert_eq!((status(&adas), browser.get("/api/v1/me").status), (200, 401), "sessions are over");
    // A new password ends the sessions of the old one.
    browser.sign_in("ada", PASSWORD);
    assert_eq!(browser.get("/api/v1/me").status, 200);
    let set = operate_with(&sandbox, &["user", "passwd", "ada", "--data", "data"], "another password\n");
    assert!(set.status.success());
    assert_eq!(browser.get("/api/v1/me").status, 401);
    assert_eq!(browser.post("/sign-in", &format!("user=ada&password={PASSWORD}")).status, 401);
    browser.sign_in("ada", "another+password");
}
