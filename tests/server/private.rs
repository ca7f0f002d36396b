//! A private registry, asked by strangers, by readers and by those who may read other packages.

use crate::sandbox::Sandbox;
use crate::served::{Server, operated, project, token};

/// A private registry with `roussov/vitte-math` 1.0.0, and the token it was published with.
pub(crate) fn private_registry() -> (Sandbox, Server, String) {
    let sandbox = Sandbox::new();
    let said = operated(&sandbox, &["init", "--data", "data", "--id", "registry.example/", "--private"]);
    assert!(said.contains("is private"), "{said}");
    operated(&sandbox, &["user", "add", "roussov", "--data", "data"]);
    let server = Server::start(&sandbox);
    let author = token(&sandbox, "publish,yank", "*");
    sandbox.run("key generate").ends(0);
    let add = format!("registry add {} --trust-root-sha256 {}", server.url(), trust_root(&sandbox));
    sandbox.run_with(&add, |command| _ = command.env("VITTE_TOKEN", &author)).ends(0);
    publish(&sandbox, &server, &author, "1.0.0");
    (sandbox, server, author)
}

pub(crate) fn publish(sandbox: &Sandbox, server: &Server, token: &str, version: &str) {
    project(sandbox, version);
    let publish = format!("publish --yes --registry {}", server.url());
    sandbox.run_with(&publish, |command| _ = command.env("VITTE_TOKEN", token)).ends(0);
}

/// The digest that readers pin.
pub(crate) fn trust_root(sandbox: &Sandbox) -> String {
    let first = std::fs::read((crate::backends::backend().public)(sandbox).join("trust/1.json")).unwrap();
    vitte_package_core::digest::Digest::of(&first).to_string()
}

const ARCHIVE: &str = "/p/roussov/vitte-math/1.0.0/vitte-math-1.0.0.vitmod";
/// Files of every plane, and addresses where nothing is.
const PATHS: &[&str] = &[
    "/config.json",
    "/trust/1.json",
    "/trust/2.json",
    "/index/roussov/vitte-math",
    "/index/nobody/nothing",
    "/ns/roussov.jsonl",
    "/log/checkpoint",
    "/log/tile/0/000.p/3",
    "/log/tile/entries/000.p/3",
    ARCHIVE,
    "/p/roussov/vitte-math/1.0.0/vitte-math-1.0.0.vitmod.tlog-proof",
    "/",
    "/nothing",
    "/.vitte-registry.lock",
    "/%2e%2e/keys/log.pem",
    "/api",
    "/api/v1",
    "/api/v1/nothing",
    "/api/v1/me",
    "/api/v1/uploads/a",
    "/api/v1/packages/roussov/vitte-math/1.0.0/status",
    "//api/v1/me",
];

fn status(response: &str) -> u16 {
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

#[test]
fn strangers_are_asked_for_a_token_whatever_they_ask_for() {
    let (sandbox, server, author) = private_registry();
    let mut wrong = author.clone();
    wrong.replace_range(20..21, if &author[20..21] == "a" { "b" } else { "a" });
    let revoked = token(&sandbox, "read", "*");
    operated(&sandbox, &["token", "revoke", &revoked[4..16], "--data", "data"]);
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
        for path in PATHS.iter().chain(&["/api/v1/index/batch", "/api/v1/uploads"]) {
            let head = format!("{method} {path} HTTP/1.1\r\n");
            let response = server.ask(&head, b"").to_ascii_lowercase();
            assert_eq!(status(&response), 401, "{head}{response}");
            let challenge = "\r\nwww-authenticate: bearer realm=\"registry.example/\", login_url=\"";
            assert!(response.contains(&format!("{challenge}{}/sign-in\"\r\n", server.url())), "{response}");
            assert!(response.contains("\r\naccess-control-allow-origin: *\r\n"), "{response}");
        }
    }
    for bad in [&wrong, &revoked, "vtt_", "x y"] {
        let response = server.ask(&format!("GET {ARCHIVE} HTTP/1.1\r\nAuthorization: Bearer {bad}\r\n"), b"");
        assert_eq!(status(&response), 401, "{response}");
        assert!(response.contains("error=\"invalid_token\""), "{response}");
        assert!(bad.len() < 20 || !response.contains(bad), "{response}");
    }
    let encoded = server.ask(&format!("GET {ARCHIVE} HTTP/1.1\r\nAuthorization: Basic {author}\r\n"), b"");
    assert_eq!(status(&encoded), 401, "{encoded}");
    // What says nothing of the registry stays open, and a page may ask whether it may ask.
    for open in ["/healthz", "/readyz"] {
        assert_eq!(status(&server.get(open)), 200, "{open}");
    }
    for path in [ARCHIVE, "/api/v1/index/batch", "/api/v1/me", "/nothing"] {
        let response = server.ask(&format!("OPTIONS {path} HTTP/1.1\r\n"), b"").to_ascii_lowercase();
        assert_eq!(status(&response), 204, "{path}: {response}");
        let allowed =
            response.lines().find(|line| line.starts_with("access-control-allow-headers:")).unwrap();
        assert!(allowed.contains("authorization"), "{allowed}");
    }
    let log = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
    for secret in [&author, &wrong, &revoked] {
        assert!(!log.contains(&secret[17..]), "a token is logged");
    }
}

#[test]
fn a_token_reads_what_it_is_for_and_nothing_of_it_is_kept_for_others() {
    let (sandbox, server, author) = private_registry();
    let get = |token: &str, path: &str, more: &str| {
        server.ask(&format!("GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n{more}"), b"")
    };
    let all = token(&sandbox, "read", "*");
    let one = token(&sandbox, "read", "roussov/vitte-math");
    let other = token(&sandbox, "read", "other/*");
    let writer = token(&sandbox, "yank", "*");
    let public = (crate::backends::backend().public)(&sandbox);
    let exists = |path: &str| public.join(&path[1..]).is_file();
    for path in PATHS.iter().filter(|path| exists(path) && !path.contains("/.")) {
        let of_package = ["/index/", "/ns/", "/p/"].iter().any(|plane| path.starts_with(plane));
        for (token, expected) in [
            (&all, 200),
            (&author, 200),
            (&one, 200),
            (&other, if of_package { 404 } else { 200 }),
            (&writer, 403),
        ] {
            let response = get(token, path, "");
            assert_eq!(status(&response), expected, "{path}: {response}");
            let control = response.lines().find_map(|line| line.strip_prefix("cache-control: "));
            if expected == 200 {
                let control = control.unwrap();
                assert!(!control.contains("public"), "{path}: {control}");
                assert!(control.contains("private") || control.contains("no-store"), "{path}: {control}");
                assert!(response.contains("\r\nvary: Authorization\r\n"), "{path}: {response}");
            }
        }
    }
    let refused = get(&writer, "/config.json", "");
    assert!(refused.contains("VP0702") && refused.contains("the scope `read`"), "{refused}");
    assert_eq!(status(&get(&one, ARCHIVE, "Range: bytes=0-3\r\n")), 206);
    assert_eq!(status(&get(&other, ARCHIVE, "Range: bytes=0-3\r\n")), 404);
    let tag = get(&one, ARCHIVE, "");
    let tag = tag.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert_eq!(status(&get(&one, ARCHIVE, &format!("If-None-Match: {tag}\r\n"))), 304);
    // Not even by its tag is it known to whom it is not for.
    assert_eq!(status(&get(&other, ARCHIVE, &format!("If-None-Match: {tag}\r\n"))), 404);
    let hidden = get(&other, "/api/v1/packages/roussov/vitte%2Dmath/1.0.0/status", "");
    assert!(status(&hidden) == 404 && hidden.contains("VP0606"), "{hidden}");
    let status_of = "/api/v1/packages/roussov/vitte-math/1.0.0/status";
    assert_eq!((status(&get(&one, status_of, "")), status(&get(&other, status_of, ""))), (200, 404));
    let search = |token: &str| get(token, "/api/v1/search?q=math", "");
    // The server reads for its search what it has published, in the background.
    let is_found = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        search(&one).contains("roussov/vitte-math")
    });
    assert!(is_found, "{}", search(&one));
    for query in ["?q=math", "", "?namespace=roussov"] {
        let hidden = get(&other, &format!("/api/v1/search{query}"), "");
        assert!(status(&hidden) == 200 && hidden.contains("\"total\":0"), "{query}: {hidden}");
        let shown = get(&one, &format!("/api/v1/search{query}"), "");
        assert!(shown.contains("\"total\":1"), "{query}: {shown}");
    }
    let data = "/api/v1/packages/roussov/vitte-math";
    assert_eq!((status(&get(&one, data, "")), status(&get(&other, data, ""))), (200, 404));
    let batch = |token: &str| {
        let body = br#"{"v":1,"packages":[{"name":"roussov/vitte-math"}],"follow":true}"#;
        let head = format!("POST /api/v1/index/batch HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
        server.ask(&head, body)
    };
    assert!(batch(&one).contains("\nfile roussov/vitte-math 200 "), "{}", batch(&one));
    assert!(batch(&other).contains("\nfile roussov/vitte-math 404 "), "{}", batch(&other));
    assert_eq!(status(&batch(&writer)), 403);
}

#[test]
fn a_registry_becomes_private_and_public_while_it_is_served() {
    let sandbox = Sandbox::new();
    operated(&sandbox, &["init", "--data", "data", "--id", "registry.example/"]);
    let server = Server::start(&sandbox);
    let is = |expected: u16| {
        // The server looks again after a second.
        let seen = (0..1200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            status(&server.get("/log/checkpoint")) == expected
        });
        assert!(seen, "never {expected}");
    };
    is(200);
    let access = |who: &[&str]| operated(&sandbox, &[&["access", "--data", "data"], who].concat());
    assert!(access(&[]).contains("is public"));
    assert!(access(&["private"]).contains("is private"));
    is(401);
    assert!(access(&[]).contains("is private"));
    access(&["public"]);
    is(200);
    // What is exported says the same, and any file server would deliver it to everyone.
    drop(server);
    let export = |to: &str| operated(&sandbox, &["export", to, "--data", "data"]);
    assert!(!export("of-public").contains("tokens"));
    access(&["private"]);
    let exported = export("of-private");
    assert!(exported.contains("must ask for tokens as well"), "{exported}");
    let config = std::fs::read_to_string(sandbox.path().join("of-private/config.json")).unwrap();
    assert!(config.contains("\"auth_required\":true"), "{config}");
}
