//! Tokens that are refused: each says why, and how to get one that is not.

use crate::accounts::with_users;
use crate::browser::{Reply, bearer, send};
use crate::served::{Server, operated, project};

fn created(sandbox: &crate::sandbox::Sandbox, more: &[&str]) -> String {
    operated(sandbox, &[&["token", "create", "--data", "data", "--user", "bob"], more].concat())
}

/// The first fault of a problem, and its hints.
fn fault(reply: &Reply) -> (String, String) {
    let json = reply.json();
    let hints = json["errors"][0]["hints"].as_array().unwrap().iter().map(|hint| hint.as_str().unwrap());
    (json["detail"].as_str().unwrap().to_owned(), hints.collect::<Vec<_>>().join("\n"))
}

#[test]
fn each_says_why_and_names_the_way() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let token = created(&sandbox, &["--scopes", "read"]);
    let revoked = created(&sandbox, &["--scopes", "read"]);
    operated(&sandbox, &["token", "revoke", &revoked[4..16], "--data", "data"]);
    let elsewhere = created(&sandbox, &["--scopes", "read", "--networks", "192.0.2.0/24"]);
    let mut mistyped = token.clone();
    mistyped.replace_range(20..21, if &token[20..21] == "a" { "b" } else { "a" });
    let stranger = vitte_package_core::api::Token::new(&[5; 40]);
    let me = |header: &str| send(&server, "GET", "/api/v1/me", header, "");
    let of = |token: &str| me(&bearer(token));
    me(&bearer(&token).replace("Bearer", "bearer")).is(200);
    let login = format!("vitte package login {}\nor set VITTE_TOKEN; ", server.url());
    for (reply, message, hint, is_of_token) in [
        (me(""), "this request needs a token", &*login, false),
        (me("Authorization: Basic eDp5\r\n"), "is not `Bearer TOKEN`", &login, true),
        (of("vtt_abc"), "begins with `vtt_`", &login, true),
        (of(&mistyped), "its checksum is wrong", &login, true),
        (of(stranger.reveal()), "does not know the token", &login, true),
        (of(&revoked), "was revoked", &login, true),
        (of(&elsewhere), "may not be used from 127.0.0.1", "a network that it was created for", true),
    ] {
        let reply = reply.is(401);
        let (said, hints) = fault(&reply);
        assert!(said.contains(message) && hints.contains(hint), "{said}\n{hints}");
        let error = if is_of_token { ", error=\"invalid_token\"" } else { "" };
        let login = format!(", login_url=\"{}/sign-in\"", server.url());
        let challenge = format!("Bearer realm=\"registry.example/\"{error}{login}");
        assert_eq!(reply.header("www-authenticate"), Some(&*challenge), "{said}");
        assert!([&token, &mistyped, &revoked].iter().all(|token| !reply.body.contains(&token[17..60])));
    }
    operated(&sandbox, &["user", "disable", "bob", "--data", "data"]);
    let (said, hints) = fault(&of(&token).is(401));
    assert!(
        said.contains("user `bob`, who is disabled") && hints.contains("user enable bob"),
        "{said} {hints}"
    );
    operated(&sandbox, &["user", "enable", "bob", "--data", "data"]);
    of(&token).is(200);
    // A host that a request makes up is not led to.
    let made_up = server.ask("GET /api/v1/me HTTP/1.1\r\nHost: x\", evil=\"\r\n", b"");
    assert!(!made_up.contains("evil"), "{made_up}");
}

#[test]
fn a_client_names_the_request_to_the_operator_and_the_token_it_lacks() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let trust_root = crate::private::trust_root(&sandbox);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    sandbox.run("key generate").ends(0);
    project(&sandbox, "1.0.0");
    let publish = |scopes: &[&str]| {
        let token = created(&sandbox, scopes);
        let arguments = format!("publish --yes --registry {}", server.url());
        sandbox.run_with(&arguments, |command| _ = command.env("VITTE_TOKEN", token)).ends(7).stderr
    };
    let said = publish(&["--scopes", "read"]);
    for hint in [
        "the token does not have the scope `namespace:create`",
        "vitte package token create NAME --scopes read,namespace:create --packages *",
        "vitte-registry token create --user bob --scopes read,namespace:create --packages *",
        "the registry's log has this request as ",
    ] {
        assert!(said.contains(hint), "{hint}: {said}");
    }
    let id = said.split("has this request as ").nth(1).unwrap().split(':').next().unwrap();
    let log = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
    assert!(log.contains(id), "{id}: {log}");
    let said = publish(&["--scopes", "publish", "--packages", "other/*"]);
    assert!(said.contains("the token is not valid for `roussov/*`"), "{said}");
    assert!(said.contains("--packages other/*,roussov/*"), "{said}");
}
