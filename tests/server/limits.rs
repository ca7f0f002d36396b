//! Clients that ask more often than they may.

use crate::sandbox::Sandbox;
use crate::served::{Server, entries, initialised, project, token};

fn header<'r>(response: &'r str, name: &str) -> &'r str {
    response.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

fn with_author(flags: &[&str]) -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    let server = Server::start_with(&sandbox, &[&["--rate-limits", "on"], flags].concat());
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    (sandbox, server)
}

#[test]
fn addresses_have_so_many_requests_to_the_api_and_as_many_files_as_they_like() {
    let flags = ["--rate-requests", "3+1/1000", "--trusted-proxies", "127.0.0.1"];
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start_with(&sandbox, &[&["--rate-limits", "on"], &flags[..]].concat());
    let ask = |from: &str, path: &str| {
        server.ask(&format!("GET {path} HTTP/1.1\r\nX-Forwarded-For: {from}\r\n"), b"")
    };
    for _ in 0..3 {
        assert!(ask("2001:db8::1", "/api/v1/nothing").starts_with("HTTP/1.1 404"));
    }
    // The whole network of that customer, and nobody else.
    let refused = ask("2001:db8::ffff:2", "/api/v1/nothing");
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    let wait: u64 = header(&refused, "retry-after").parse().unwrap();
    assert!((900..=1001).contains(&wait), "{refused}");
    assert_eq!(header(&refused, "ratelimit"), format!("\"requests\";r=0;t={wait}"));
    assert_eq!(header(&refused, "ratelimit-policy"), "\"requests\";q=3;w=3000");
    assert!(refused.contains("problem+json") && refused.contains("too many requests"), "{refused}");
    assert!(ask("2001:db8:0:1::1", "/api/v1/nothing").starts_with("HTTP/1.1 404"));
    for _ in 0..10 {
        assert!(ask("2001:db8::1", "/config.json").starts_with("HTTP/1.1 200"));
        assert!(server.get("/api/v1/nothing").starts_with("HTTP/1.1 404"), "of this machine");
    }
}

#[test]
fn a_token_has_so_many_versions_and_a_client_waits_for_the_next() {
    let (sandbox, server) = with_author(&["--rate-versions", "1+1/3", "--rate-packages", "1+1/100000"]);
    let token_of_ci = token(&sandbox, "publish", "*");
    let publish = |token: &str| {
        let command = format!("publish --yes --json --registry {}", server.url());
        sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", token))
    };
    for version in ["1.0.0", "1.1.0"] {
        project(&sandbox, version);
        publish(&token_of_ci).ends(0);
    }
    // The same again costs nothing, nor does a dry run.
    publish(&token_of_ci).ends(0);
    project(&sandbox, "1.2.0");
    let dry = format!("publish --dry-run --registry {}", server.url());
    sandbox.run_with(&dry, |command| _ = command.env("VITTE_TOKEN", &token_of_ci)).ends(0);
    // The bucket of versions is empty: the client waits as long as it is told to, and publishes then.
    publish(&token_of_ci).ends(0);
    let log = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
    assert!(log.contains("status=429"), "{log}");
    assert_eq!(entries(&sandbox), 5);
    // A wait of a day is the user's business. Nothing is logged.
    sandbox.write(
        "vitte.toml",
        std::fs::read_to_string(sandbox.path().join("vitte.toml"))
            .unwrap()
            .replace("vitte-math", "vitte-sums"),
    );
    let refused = publish(&token_of_ci).ends(6).json();
    assert!(refused["diagnostics"].to_string().contains("too many new-packages"), "{refused}");
    assert_eq!(entries(&sandbox), 5);
    // Another token has a bucket of its own.
    publish(&token(&sandbox, "publish", "*")).ends(0);
}
