//! Clients that ask more often than they may.

use crate::sandbox::Sandbox;
use crate::served::{Server, initialised};

fn header<'r>(response: &'r str, name: &str) -> &'r str {
    response.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
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
