//! What the operator sees of requests: settings, the log, the figures.

use crate::sandbox::{Sandbox, connect};
use crate::served::{Server, operate, operated, project, token, with_author};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

/// The lines of the log, once one of them is what is looked for.
fn logged(sandbox: &Sandbox, wanted: impl Fn(&serde_json::Value) -> bool) -> Vec<serde_json::Value> {
    let started = Instant::now();
    loop {
        let text = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        let lines: Vec<serde_json::Value> = lines.collect();
        if lines.iter().any(&wanted) {
            return lines;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "not logged:\n{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn header<'r>(response: &'r str, name: &str) -> &'r str {
    response.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

/// Asks for an address of another port than the registry's.
fn figures(address: &str, path: &str) -> String {
    let mut stream = connect(address);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn figure(text: &str, name: &str) -> f64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().unwrap()
}

#[test]
fn settings_are_shown_with_where_they_were_set_and_others_are_refused() {
    let (sandbox, server) = with_author();
    drop(server);
    sandbox.write("data/vitte-registry.toml", "idle-timeout = 5\nlog-format = \"json\"\n");
    let flags = ["config", "--data", "data", "--listen", "127.0.0.1:9"];
    let shown = operated(&sandbox, &flags);
    assert!(shown.contains("listen = 127.0.0.1:9\n    --listen\n"), "{shown}");
    assert!(shown.contains("idle-timeout = 5\n    data/vitte-registry.toml:1\n"), "{shown}");
    let printed =
        operated(&sandbox, &["serve", "--print-config", "--data", "data", "--listen", "127.0.0.1:9"]);
    assert_eq!(printed, shown);
    sandbox.write("data/vitte-registry.toml", "idle-timeot = 5\n");
    for verb in ["config", "serve"] {
        let output = operate(&sandbox, &[verb, "--data", "data"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("data/vitte-registry.toml:1: "), "{said}");
        assert!(said.contains("help: did you mean `idle-timeout`?"), "{said}");
    }
}

#[test]
fn a_request_is_one_line_of_the_log_under_the_id_that_its_client_was_given() {
    let (sandbox, server) = with_author();
    drop(server);
    let server = Server::start_with(&sandbox, &["--log-format", "json", "--log-level", "debug"]);
    let token = token(&sandbox, "publish", "*");
    let chosen = "from-a-proxy-0123456789";
    let ask = |id: &str, rest: &str| server.ask(&format!("{rest}X-Request-Id: {id}\r\n"), b"{}");
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let refused = ask(chosen, &format!("POST /api/v1/uploads HTTP/1.1\r\n{bearer}"));
    assert_eq!(header(&refused, "x-request-id"), chosen, "{refused}");
    assert!(refused.contains(&format!("\"request_id\":\"{chosen}\"")), "{refused}");
    let lines = logged(&sandbox, |line| line["id"] == chosen);
    let line = lines.iter().find(|line| line["id"] == chosen).unwrap();
    for (field, value) in [
        ("level", serde_json::json!("INFO")),
        ("method", "POST".into()),
        ("route", "/api/v1/uploads".into()),
        ("status", 400.into()),
        ("token", token[4..16].into()),
        ("peer", "127.0.0.1".into()),
    ] {
        assert_eq!(line[field], value, "{field}: {line}");
    }
    assert!(line["ms"].is_number() && line["bytes"].as_u64().unwrap() > 50, "{line}");

    // An id that could be something else in a log is not taken over, nor is an address or an unknown token.
    let secret = format!("{}A", &token[..token.len() - 1]);
    for (id, rest) in [
        (
            "a b\"c,d=e-f",
            format!("GET /api/v1/uploads/canary-secret HTTP/1.1\r\nAuthorization: Bearer {secret}\r\n"),
        ),
        ("canary-secret", "GET /index/canary-secret?token=canary-secret HTTP/1.1\r\n".to_owned()),
        (&token, "GET /canary-secret HTTP/1.1\r\n".to_owned()),
    ] {
        let response = ask(id, &rest);
        let given = header(&response, "x-request-id").to_owned();
        assert!(given.len() >= 8, "{response}");
        logged(&sandbox, |line| line["id"] == given.as_str());
    }
    server.get("/readyz");
    logged(&sandbox, |line| line["route"] == "/readyz" && line["level"] == "DEBUG");
    let text = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
    assert!(!text.contains(&token[16..]) && !text.contains("a b"), "{text}");
    assert_eq!(text.matches("canary-secret").count(), 1, "only as the id that was chosen:\n{text}");
}

#[test]
fn figures_are_served_at_an_address_of_their_own() {
    let (sandbox, server) = with_author();
    drop(server);
    let server = Server::start_with(
        &sandbox,
        &["--metrics", "127.0.0.1:0", "--log-format", "json", "--log-level", "debug"],
    );
    let lines = logged(&sandbox, |line| line["message"] == "serving");
    let address = lines[0]["metrics"].as_str().unwrap().to_owned();
    let token = token(&sandbox, "publish", "*");
    let publish = format!("publish --yes --registry {}", server.url());
    sandbox.run_with(&publish, |command| _ = command.env("VITTE_TOKEN", &token)).ends(0);
    project(&sandbox, "1.1.0");
    sandbox.run_with(&publish, |command| _ = command.env("VITTE_TOKEN", &token)).ends(0);
    for _ in 0..3 {
        assert!(server.get("/api/v1/uploads/canary-secret").starts_with("HTTP/1.1 401"));
    }
    let text = figures(&address, "/metrics");
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("text/plain; version=0.0.4"), "{text}");
    for (name, value) in [
        ("vitte_registry_requests_total{route=\"/api/v1/uploads/{id}\",status=\"401\"}", 3.0),
        ("vitte_registry_request_seconds_count{route=\"/api/v1/uploads/{id}\"}", 3.0),
        ("vitte_registry_request_seconds_bucket{route=\"/api/v1/uploads/{id}\",le=\"+Inf\"}", 3.0),
        ("vitte_registry_refusals_total{code=\"VP0701\"}", 3.0),
        ("vitte_registry_published_total", 2.0),
        ("vitte_registry_batch_submissions_sum", 2.0),
        ("vitte_registry_log_entries", 4.0),
        ("vitte_registry_uploads_open", 0.0),
        ("vitte_registry_panics_total", 0.0),
    ] {
        assert_eq!(figure(&text, name), value, "{name} in\n{text}");
    }
    assert!(figure(&text, "vitte_registry_received_bytes_total") > 500.0, "{text}");
    assert!(figure(&text, "vitte_registry_sent_bytes_total") > 500.0, "{text}");
    if cfg!(target_os = "linux") {
        assert!(figure(&text, "process_resident_memory_bytes") > 1e6, "{text}");
        assert!(figure(&text, "process_open_fds") > 5.0, "{text}");
    }
    assert!(!text.contains("canary-secret") && !text.contains(&token), "{text}");
    assert!(server.get("/metrics").starts_with("HTTP/1.1 404"), "the registry's own address has no figures");
    assert!(figures(&address, "/config.json").starts_with("HTTP/1.1 404"), "and theirs has no files");
}
