//! Input that is not what it should be: path tricks in every parameter of every route, and bodies of a wrong form or length.
//! None is answered 5xx, reaches anything else than what it names, or leaves anything behind.

use crate::author::{Author, Signed};
use crate::sandbox::{Sandbox, connect};
use crate::served::{Server, entries, initialised, token};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::path::Path;
use vitte_package_core::api::upload::{OFFSET, blob_path};

fn served() -> (Sandbox, Server, Author) {
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let author = Author::at(&server.address, &token(&sandbox, "publish,yank,namespace", "*"));
    (sandbox, server, author)
}

/// Every file below a folder, but for those of the database, which notes when a token was used.
fn files(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path(), into),
            false if entry.file_name().to_string_lossy().starts_with("db.sqlite") => {}
            false => _ = into.insert(entry.path().display().to_string()),
        }
    }
}

/// What somebody might write in the place of a name, a version, an id or a digest.
const TRICKS: &[&str] = &[
    "..",
    ".",
    "%2e%2e",
    "..%2f..%2fkeys%2flog.pem",
    "%2e%2e%2f%2e%2e%2fkeys%2flog.pem",
    "..%5c..%5ckeys%5clog.pem",
    "..%252f..%252fkeys%252flog.pem",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "%c0%ae%c0%ae%2f",
    "%00",
    "one%00.pem",
    "%ff%fe",
    "%e2%80%ae",
    "%",
    "%zz",
    "*",
    "~root",
    "a;b=c",
    "a%0d%0aX-Evil:%201",
    "%3cscript%3e",
    "-rf",
    "con",
    ".vitte-registry.lock",
    "db.sqlite",
];

/// A good value of a parameter, so that a trick in another one is looked at.
fn good(parameter: &str) -> &'static str {
    match parameter {
        "namespace" => "demo",
        "name" => "one",
        "version" => "1.0.0",
        "user" => "roussov",
        "id" => "0123456789abcdef0123456789abcdef",
        "file" => "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        _ => "x",
    }
}

#[test]
fn a_path_trick_in_any_parameter_reaches_nothing() {
    let (sandbox, server, mut author) = served();
    let signed = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "content");
    assert_eq!(author.publish(&signed).unwrap().status, 200);
    let canary = std::fs::read_to_string(sandbox.path().join("data/keys/log.pem")).unwrap();
    let canary = canary.lines().nth(1).unwrap().to_owned();
    let folder = sandbox.path().join("data");
    let mut before = BTreeSet::new();
    files(&folder, &mut before);
    let document = server.get("/api/v1/openapi.json");
    let document: serde_json::Value =
        serde_json::from_str(document.split_once("\r\n\r\n").unwrap().1).unwrap();
    let mut targets: Vec<(String, String)> = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let parts: Vec<_> = path.split('/').collect();
        let places: Vec<_> = (0..parts.len()).filter(|place| parts[*place].starts_with('{')).collect();
        for (method, place) in operations
            .as_object()
            .unwrap()
            .keys()
            .flat_map(|method| places.iter().map(move |one| (method, *one)))
        {
            for &trick in TRICKS {
                let filled = parts.iter().enumerate().map(|(number, &part)| match part.strip_prefix('{') {
                    _ if number == place => trick,
                    Some(parameter) => good(parameter.trim_end_matches('}')),
                    None => part,
                });
                targets.push((method.to_uppercase(), filled.collect::<Vec<_>>().join("/")));
            }
        }
    }
    assert!(targets.len() > 20 * TRICKS.len(), "{}", targets.len());
    assert!(targets.iter().all(|(_, target)| target.starts_with("/api/v1/")), "{targets:?}");
    // The registry's own files, and pages.
    for place in [
        "",
        "index/",
        "index/demo/",
        "ns/",
        "p/",
        "p/demo/one/1.0.0/",
        "log/tile/",
        "trust/",
        "packages/demo/",
    ] {
        targets.extend(TRICKS.iter().map(|trick| ("GET".to_owned(), format!("/{place}{trick}"))));
    }
    let head = format!("Authorization: Bearer {}\r\n", author.token());
    for (method, target) in &targets {
        let said = server.ask(&format!("{method} {target} HTTP/1.1\r\n{head}"), b"");
        let status = said.get(9..12).unwrap_or_default().to_owned();
        assert!(said.is_empty() || matches!(&status[..1], "2" | "3" | "4"), "{method} {target}: {said}");
        assert!(!said.contains(&canary) && !said.contains("PRIVATE KEY"), "{method} {target}: {said}");
        assert!(!said.to_lowercase().contains("\nx-evil"), "{method} {target}: {said}");
        assert!(!said.contains("root:"), "{method} {target}: {said}");
    }
    let mut after = BTreeSet::new();
    files(&folder, &mut after);
    assert_eq!(before, after);
    assert_eq!(entries(&sandbox), 3);
}

#[test]
fn a_body_of_a_wrong_form_or_length_is_refused_and_nothing_of_it_is_kept() {
    let (sandbox, server, mut author) = served();
    let signed = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "content");
    let request = String::from_utf8(signed.request()).unwrap();
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let huge = request.replacen("\"size\":", "\"size\":1844674407370955161", 1);
    for (what, body, statuses) in [
        ("nothing", String::new(), "400"),
        ("a list", "[]".to_owned(), "400"),
        ("null", "null".to_owned(), "400"),
        ("a number", "1e999".to_owned(), "400"),
        ("a form", "a=b&c=d".to_owned(), "400"),
        ("another version", "{\"v\":2}".to_owned(), "400"),
        ("brackets without end", deep, "400"),
        ("half of it", request[..request.len() / 2].to_owned(), "400"),
        ("more than it", format!("{request}{{}}"), "400"),
        ("a byte order mark", format!("\u{feff}{request}"), "400"),
        ("an archive of exabytes", huge, "400 413 422"),
    ] {
        let refused = author.ask("POST", "uploads", "Content-Type: text/html\r\n", body.as_bytes()).unwrap();
        let is_known = statuses.contains(&refused.status.to_string());
        assert!(is_known && refused.says("\"code\":\"VP"), "{what}: {refused:?}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{what}");
    }
    // An archive that is cut, shorter, longer or another one.
    let (file, archive) = signed.archives.iter().next().unwrap();
    let id = author.ask("POST", "uploads", "", &signed.request()).unwrap().upload().id;
    let path = blob_path(&id, file);
    let mut cut = connect(&server.address);
    let head = format!(
        "PUT /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        author.token(),
        archive.len()
    );
    cut.write_all(head.as_bytes()).unwrap();
    cut.write_all(&archive[..10]).unwrap();
    cut.shutdown(Shutdown::Write).unwrap();
    let mut said = String::new();
    let _ = cut.read_to_string(&mut said);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    let mut other = archive.clone();
    other[0] ^= 1;
    for (what, body, status) in [
        ("shorter", archive[..archive.len() - 1].to_vec(), 400),
        ("longer", [&archive[..], b"x"].concat(), 413),
        ("another", other, 400),
        ("nothing", Vec::new(), 400),
    ] {
        let refused = author.ask("PUT", &path, "", &body).unwrap();
        assert_eq!(refused.status, status, "{what}: {refused:?}");
        assert!(refused.says("\"code\":\"VP"), "{what}: {refused:?}");
    }
    // What came of the one that was cut, at most, is there to go on with.
    let offset = author.ask("HEAD", &path, "", b"").unwrap();
    let offset: u64 = offset.header(OFFSET).unwrap().parse().unwrap();
    assert!(offset <= 10, "{offset}");
    assert_eq!(entries(&sandbox), 1);
    assert_eq!(author.publish(&signed).unwrap().status, 200);
}
