//! The site's pages behind those of a package: files, changes, the log, namespaces, codes, and what programs follow.

use crate::browser::send;
use crate::pages::{dumped, make_private, page, page_with, publish};
use crate::served::{token, with_author};
use std::collections::BTreeSet;

const MATH: &str = "description = \"Sums\"";

#[test]
fn files_changes_the_log_and_namespaces_are_shown() {
    let (sandbox, server) = with_author();
    sandbox.write("docs/guide \u{e9}.md", "# Guide\n\u{202e}reversed\n<b>bold</b>\n");
    sandbox.write("docs/deep/binary", b"\0\x01");
    sandbox.write("docs/deep/long", "x\n".repeat(200_000));
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", "# Math\n", MATH);
    sandbox.write("docs/new.md", "one\ntwo\n");
    sandbox.write("docs/deep/binary", b"\0\x02");
    let needs = "description = \"Sums\"\n[dependencies]\n\"roussov/base\" = \"^1\"";
    publish(&sandbox, &server, "roussov/base", "1.0.0", "# Base\n", MATH);
    publish(&sandbox, &server, "roussov/vitte-math", "1.1.0", "# Math\n\nMore.\n", needs);
    let token = token(&sandbox, "yank", "*");
    let yank = format!("yank roussov/vitte-math@1.0.0 --code broken --yes --registry {}", server.url());
    sandbox.run_with(&yank, |command| _ = command.env("VITTE_TOKEN", &token)).ends(0);
    page_with(&server, "/roussov/base/dependents", "^1");

    for (path, language, parts) in [
        (
            "/roussov/vitte-math/1.1.0/files",
            "en",
            &["docs/", "src/", "LICENSE", "vitte.toml", "Choose a file"][..],
        ),
        ("/roussov/vitte-math/1.1.0/files", "fr", &["docs/", "Choisir un fichier"]),
        (
            "/roussov/vitte-math/1.1.0/files/docs",
            "en",
            &["docs/", "../", "deep/", "guide \u{e9}.md", "new.md"],
        ),
        (
            "/roussov/vitte-math/1.1.0/files/docs/guide%20%C3%A9.md",
            "en",
            &["3 lines", "[U+202E]reversed", "<b>bold</b>"],
        ),
        ("/roussov/vitte-math/1.1.0/files/docs/deep/binary", "en", &["not text"]),
        ("/roussov/vitte-math/1.1.0/files/docs/deep/long", "fr", &["Les fichiers de plus de"]),
        ("/roussov/base/dependents", "en", &["1 dependent", "roussov/vitte-math", "^1", "yes"]),
        ("/roussov/base/dependents", "fr", &["utilisé par 1 paquet", "oui"]),
        (
            "/roussov/vitte-math/diff/1.0.0..1.1.0",
            "en",
            &[
                "1.0.0 → 1.1.0",
                "docs/new.md",
                "two",
                "not text",
                "roussov/base",
                "the same: SHA256:",
                "added",
            ],
        ),
        ("/roussov/vitte-math/diff/1.1.0..1.0.0", "fr", &["supprimé", "two", "le même"]),
        (
            "/log",
            "en",
            &["entries, says the server", "roussov/vitte-math 1.1.0", "status", "first entry", "log show"],
        ),
        ("/log", "fr", &["d’après le serveur", "roussov/vitte-math 1.1.0", "première entrée"]),
        (
            "/log/entry/3",
            "en",
            &["Entry 3", "roussov/base 1.0.0", "Inclusion proof", "SHA256:", "vp1-sha256:", "left"],
        ),
        ("/log/entry/0", "fr", &["Entrée 0", "première entrée", "Preuve d’inclusion"]),
        (
            "/roussov",
            "en",
            &["2 packages, 1 key", "roussov/base", "in force", "Record 0", "1 key has to sign"],
        ),
        ("/roussov", "fr", &["2 paquets, 1 clé", "en vigueur", "Acte 0"]),
    ] {
        let reply = page(&server, path, language).is(200);
        let Some(text) = dumped(&reply.body) else { return };
        for part in parts {
            assert!(text.contains(part), "{path} in {language} does not say {part:?}:\n{text}");
        }
        for never in ["\u{202e}", "data-state=\"verified\"", "href=\"#verified\""] {
            assert!(!reply.body.contains(never), "{path}: {never}");
        }
    }
    let lines = page(&server, "/roussov/vitte-math/1.1.0/files/src/lib.vitte", "en").body;
    assert!(lines.contains("<a id=\"L2\" href=\"#L2\""), "{lines}");
    for nowhere in [
        "/roussov/vitte-math/1.1.0/files/docs/nothing",
        "/roussov/vitte-math/1.1.0/files/doc",
        "/roussov/vitte-math/9.9.9/files",
        "/roussov/vitte-math/diff/1.0.0..9.9.9",
        "/log/entry/99999",
        "/nobody",
    ] {
        page(&server, nowhere, "en").is(404);
    }
    let chosen = send(&server, "GET", "/roussov/vitte-math/diff", "", "").is(303);
    assert_eq!(chosen.header("location"), Some("/roussov/vitte-math/diff/1.0.0..1.1.0"));
    let chosen = send(&server, "GET", "/roussov/vitte-math/diff?a=1.1.0&b=1.0.0", "", "").is(303);
    assert_eq!(chosen.header("location"), Some("/roussov/vitte-math/diff/1.1.0..1.0.0"));
}

#[test]
fn every_link_of_the_site_leads_somewhere() {
    let (sandbox, server) = with_author();
    sandbox.write("docs/guide.md", "# Guide\n");
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", "# Math\n\n[guide](docs/guide.md)\n", MATH);
    publish(&sandbox, &server, "roussov/vitte-math", "1.1.0", "# Math\n\n[guide](docs/guide.md)\n", MATH);
    page_with(&server, "/roussov/vitte-math", "<h3 id=\"readme-math\">");
    let (mut seen, mut todo) = (BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(path) = todo.pop() {
        // One code stands for all: they are one page with another text.
        let is_like_another = path.starts_with("/explain/") && path != "/explain/VP0501";
        let is_like_another = is_like_another || path.starts_with("/schemas/") && path != "/schemas/add.json";
        if is_like_another || path.starts_with("/language/") || !seen.insert(path.clone()) {
            continue;
        }
        let reply = send(&server, "GET", &path, "Accept: text/html\r\n", "");
        assert!(matches!(reply.status, 200 | 303), "{path}: {}", reply.status);
        if !reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
            || path == "/sign-in"
        {
            continue;
        }
        if reply.status == 200 {
            page(&server, &path, "en");
        }
        for link in reply.body.split("href=\"").skip(1) {
            let link = link.split(['"', '#']).next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
            if link.starts_with('/') {
                todo.push(link);
            }
        }
    }
    for expected in
        ["/roussov", "/log/entry/3", "/roussov/vitte-math/1.1.0/files/docs/guide.md", "/schemas/add.json"]
    {
        assert!(seen.contains(expected), "{expected} is linked from nowhere: {seen:?}");
    }
}

#[test]
fn every_code_is_explained_in_both_languages() {
    let (_sandbox, server) = with_author();
    let all = page(&server, "/explain", "fr").is(200).body;
    assert!(all.contains("Codes d’erreur") && all.contains("/explain/VP0501\""), "{all}");
    for code in ["VP0501", "VP0107", "VP1008"] {
        let english = page(&server, &format!("/explain/{code}"), "en").is(200).body;
        let french = page(&server, &format!("/explain/{code}"), "fr").is(200).body;
        assert!(english.contains("Usual causes") && french.contains("Causes habituelles"), "{code}");
    }
    let moved = send(&server, "GET", "/explain/vp0501", "", "").is(308);
    assert_eq!(moved.header("location"), Some("/explain/VP0501"));
    page(&server, "/explain/VP9999", "en").is(404);
    let schema = send(&server, "GET", "/schemas/add.json", "", "").is(200);
    assert_eq!(schema.header("content-type"), Some("application/schema+json"));
    assert!(schema.json().is_object());
    page(&server, "/schemas/nothing.json", "en").is(404);
}

#[test]
fn programs_follow_feeds_badges_and_the_map() {
    let (sandbox, server) = with_author();
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", "# Math\n", MATH);
    // The map is made from the tables of the search, which follow the log a moment later.
    page_with(&server, "/search?q=vitte-math", ">roussov/vitte-math</a>");
    for path in ["/feed.atom", "/roussov/vitte-math/feed.atom"] {
        let feed = send(&server, "GET", path, "", "").is(200);
        assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
        for part in ["<title>roussov/vitte-math 1.0.0</title>", "/log/entry/2</id>", "<updated>20"] {
            assert!(feed.body.contains(part), "{path}: {part}: {}", feed.body);
        }
    }
    for (path, part) in [
        ("/roussov/vitte-math/badge.svg", "<title>vitte: 1.0.0</title>"),
        ("/roussov/vitte-math/badge/signed.svg", "signed, log entry 2"),
    ] {
        let badge = send(&server, "GET", path, "", "").is(200);
        assert_eq!(badge.header("content-type"), Some("image/svg+xml"));
        assert!(badge.body.contains(part) && !badge.body.contains("green"), "{}", badge.body);
    }
    let map = send(&server, "GET", "/sitemap.xml", "", "").is(200).body;
    assert!(map.contains(&format!("<loc>{}/roussov/vitte-math</loc>", server.url())), "{map}");
    let robots = send(&server, "GET", "/robots.txt", "", "").is(200).body;
    assert!(robots.contains("/sitemap.xml") && robots.contains("Disallow: /search"), "{robots}");
    let html = page(&server, "/roussov/vitte-math", "en").body;
    assert!(html.contains("<meta property=\"og:title\" content=\"roussov/vitte-math 1.0.0\">"), "{html}");

    make_private(&sandbox, &server);
    for path in
        ["/feed.atom", "/sitemap.xml", "/robots.txt", "/roussov/vitte-math/badge.svg", "/log", "/roussov"]
    {
        send(&server, "GET", path, "", "").is(401);
    }
    let token = token(&sandbox, "read", "roussov/other");
    let reads = |path: &str| send(&server, "GET", path, &format!("Authorization: Bearer {token}\r\n"), "");
    for path in ["/feed.atom", "/log", "/log/entry/2"] {
        let reply = reads(path).is(200);
        assert!(!reply.body.contains("vitte-math"), "{path}: {}", reply.body);
    }
    for path in ["/roussov/vitte-math/feed.atom", "/roussov/vitte-math/1.0.0/files", "/sitemap.xml"] {
        reads(path).is(404);
    }
}
