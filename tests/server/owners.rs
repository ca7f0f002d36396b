//! Who may publish to what, besides having a key of the namespace.

use crate::browser::{bearer, send};
use crate::sandbox::{Ran, Sandbox};
use crate::served::{Server, entries, operated, project, with_author};

fn token_of(sandbox: &Sandbox, user: &str, scopes: &str) -> String {
    operated(sandbox, &["token", "create", "--user", user, "--scopes", scopes, "--data", "data"])
}

#[must_use = "say how it `.ends`"]
fn publish(sandbox: &Sandbox, server: &Server, token: &str) -> Ran {
    sandbox.run_with(&format!("publish --yes --json --registry {}", server.url()), |command| {
        command.env("VITTE_TOKEN", token);
    })
}

fn owners(server: &Server, method: &str, path: &str, token: &str, status: u16) -> String {
    let path = format!("/api/v1/packages/{path}");
    let reply = send(server, method, &path, &bearer(token), "").is(status).json();
    let names = |member: &str| {
        let names = reply[member].as_array().map(Vec::as_slice).unwrap_or_default();
        names.iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>().join(",")
    };
    format!("{} {}", names("owners"), names("namespace_owners"))
}

#[test]
fn a_package_belongs_to_who_published_it_first() {
    let (sandbox, server) = with_author();
    operated(&sandbox, &["user", "add", "bob", "--data", "data"]);
    operated(&sandbox, &["user", "add", "root", "--role", "admin", "--data", "data"]);
    let all = "publish,yank,owners";
    let (roussovs, bobs) = (token_of(&sandbox, "roussov", all), token_of(&sandbox, "bob", all));
    publish(&sandbox, &server, &roussovs).ends(0);
    let package = "roussov/vitte-math/owners";
    assert_eq!(owners(&server, "GET", package, &bobs, 200), "roussov roussov");

    // The key is the same; the user is another.
    project(&sandbox, "1.1.0");
    let before = entries(&sandbox);
    let refused = publish(&sandbox, &server, &bobs).ends(7).json();
    assert!(refused.to_string().contains("only the owners"), "{refused}");
    let yank = format!("yank roussov/vitte-math@1.0.0 --yes --json --registry {}", server.url());
    sandbox.run_with(&yank, |command| _ = command.env("VITTE_TOKEN", &bobs)).ends(7);
    assert_eq!(entries(&sandbox), before);
    let bob = format!("{package}/bob");
    owners(&server, "PUT", &bob, &bobs, 403);
    owners(&server, "PUT", &bob, &token_of(&sandbox, "roussov", "publish"), 403);
    owners(&server, "PUT", &format!("{package}/nobody"), &roussovs, 404);
    owners(&server, "PUT", "roussov/nothing/owners/bob", &roussovs, 404);
    assert_eq!(owners(&server, "PUT", &bob, &roussovs, 200), "bob,roussov roussov");
    assert_eq!(owners(&server, "PUT", &bob, &roussovs, 200), "bob,roussov roussov", "it may be repeated");
    publish(&sandbox, &server, &bobs).ends(0);

    // Somebody stays responsible.
    assert_eq!(owners(&server, "DELETE", &format!("{package}/roussov"), &bobs, 200), "bob roussov");
    owners(&server, "DELETE", &bob, &bobs, 403);
    owners(&server, "DELETE", &format!("{package}/roussov"), &bobs, 404);

    // The namespace's owners own what is in it; an admin with that scope owns everything.
    project(&sandbox, "1.2.0");
    publish(&sandbox, &server, &roussovs).ends(0);
    let namespace = "roussov/%2A/owners";
    assert_eq!(owners(&server, "GET", namespace, &bobs, 200), "roussov ");
    owners(&server, "PUT", &format!("{namespace}/bob"), &bobs, 403);
    let (plain, admin) =
        (token_of(&sandbox, "root", all), token_of(&sandbox, "root", "publish,owners,admin"));
    owners(&server, "PUT", &format!("{namespace}/bob"), &plain, 403);
    assert_eq!(owners(&server, "PUT", &format!("{namespace}/bob"), &admin, 200), "bob,roussov ");
    project(&sandbox, "1.3.0");
    publish(&sandbox, &server, &plain).ends(7);
    publish(&sandbox, &server, &admin).ends(0);
}

#[test]
fn the_operator_says_who_creates_namespaces() {
    for (policy, role, exit) in [
        ("members", "guest", 7),
        ("anyone", "guest", 0),
        ("members", "member", 0),
        ("admins", "member", 7),
        ("admins", "admin", 0),
    ] {
        let (sandbox, server) = with_author();
        drop(server);
        let server = Server::start_with(&sandbox, &["--namespaces", policy]);
        operated(&sandbox, &["user", "role", "roussov", role, "--data", "data"]);
        let token = token_of(&sandbox, "roussov", "publish");
        let before = entries(&sandbox);
        let ran = publish(&sandbox, &server, &token).ends(exit);
        if exit != 0 {
            assert!(ran.json().to_string().contains("create namespaces"), "{policy} {role}: {ran}");
            assert_eq!(entries(&sandbox), before, "{policy} {role}");
        }
    }
}
