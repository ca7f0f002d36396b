//! The site's pages, as a browser, a text browser and a program get them.

use crate::browser::{Browser, Reply, send};
use crate::sandbox::{Sandbox, has_program};
use crate::served::{Server, token, with_author};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Publishes a version of a package with a readme and more lines of its manifest.
pub(crate) fn publish(
    sandbox: &Sandbox,
    server: &Server,
    name: &str,
    version: &str,
    readme: &str,
    more: &str,
) {
    sandbox.write(
        "vitte.toml",
        format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
             include = [\"src/**\", \"docs/**\", \"LICENSE\", \"README.md\"]\n{more}\n"
        ),
    );
    sandbox.write("src/lib.vitte", format!("module m\n// {name} {version}\nproc one() {{ give 1 < 2 }}\n"));
    sandbox.write("README.md", readme);
    sandbox.write("LICENSE", "MIT");
    let token = token(sandbox, "publish,yank", "*");
    let command = format!("publish --yes --no-input --registry {}", server.url());
    sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &token)).ends(0);
}

/// A page in a language, which must be well-formed.
#[track_caller]
pub(crate) fn page(server: &Server, path: &str, language: &str) -> Reply {
    let headers = format!("Accept: text/html\r\nAccept-Language: {language}\r\n");
    let reply = send(server, "GET", path, &headers, "");
    let tag = language.get(..2).unwrap();
    assert!(reply.body.contains(&format!("<html lang=\"{tag}\">")), "{path}: {}", reply.head);
    assert_eq!(faults(&reply.body), Vec::<String>::new(), "{path}\n{}", reply.body);
    for (name, part) in [
        ("content-security-policy", "default-src 'none'; script-src 'self'"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("vary", "Accept-Language"),
    ] {
        assert!(
            reply.header(name).is_some_and(|value| value.contains(part)),
            "{path}: {name}: {}",
            reply.head
        );
    }
    assert!(reply.header("access-control-allow-origin").is_none(), "{path}");
    reply
}

/// A page of what the tables say, which follow the log a moment later, once it has something in it.
#[track_caller]
pub(crate) fn page_with(server: &Server, path: &str, part: &str) -> Reply {
    for _ in 0..600 {
        let reply = send(server, "GET", path, "Accept: text/html\r\n", "");
        if reply.status == 200 && reply.body.contains(part) {
            return page(server, path, "en");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{path} never says {part}: {}", send(server, "GET", path, "", "").body);
}

/// What a text browser shows of a page; none where there is no such browser.
pub(crate) fn dumped(html: &str) -> Option<String> {
    if !has_program("w3m") {
        return None;
    }
    let mut child = Command::new("w3m")
        .args(["-dump", "-T", "text/html", "-I", "utf-8", "-O", "utf-8", "-cols", "120"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(html.as_bytes()).unwrap();
    Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
}

/// Elements that have no end.
const VOID: [&str; 9] = ["area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"];

/// What is wrong with a page: tags that do not nest, attributes without quotes, ids that are given twice, links to
/// ids that there are not, a second first heading, anything that runs or comes from elsewhere.
pub(crate) fn faults(html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let (mut ids, mut targets) = (BTreeSet::new(), Vec::new());
    let mut headings = 0;
    let mut rest = html.strip_prefix("<!doctype html>").unwrap_or_else(|| {
        faults.push("no doctype".to_owned());
        html
    });
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        if text.contains('>') {
            faults.push(format!("a stray > in {text:?}"));
        }
        let Some(end) = rest[at..].find('>') else {
            faults.push(format!("a tag without an end: {}", &rest[at..]));
            break;
        };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                faults.push(format!("</{name}> ends something else, within {open:?}"));
            }
            continue;
        }
        let (tag, closes) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            faults.push(format!("no tag: <{tag}>"));
        }
        headings += usize::from(name == "h1");
        if matches!(name, "script" | "style" | "iframe" | "object" | "embed" | "base" | "img") {
            faults.push(format!("<{name}>"));
        }
        let mut attributes = tag[name.len()..].trim_start();
        let mut seen = BTreeSet::new();
        while !attributes.is_empty() {
            let end = attributes.find(['=', ' ', '\n']).unwrap_or(attributes.len());
            let (attribute, more) = attributes.split_at(end);
            let (value, more) = match more.strip_prefix("=\"") {
                Some(more) => more.split_once('"').unwrap_or((more, "")),
                None if more.starts_with('=') => {
                    faults.push(format!("{attribute} of <{name}> has no quotes"));
                    ("", "")
                }
                None => ("", more),
            };
            if !seen.insert(attribute.to_owned()) {
                faults.push(format!("{attribute} is given twice: <{tag}>"));
            }
            if attribute.starts_with("on") || attribute == "style" {
                faults.push(format!("{attribute} of <{name}>"));
            }
            match attribute {
                "id" if !ids.insert(value.to_owned()) => {
                    faults.push(format!("the id {value} is given twice"))
                }
                "href" if name == "use" => targets.push(value.trim_start_matches('#').to_owned()),
                "for" | "aria-labelledby" | "aria-describedby" => targets.push(value.to_owned()),
                "src" | "srcset" | "action" if value.contains("//") => {
                    faults.push(format!("{attribute}={value}"))
                }
                "href" if name == "link" && value.contains("//") => {
                    faults.push(format!("<link href={value}>"))
                }
                "href" if value.contains("//") && !tag.contains("rel=\"nofollow noopener ugc\"") => {
                    faults.push(format!("an unmarked link to {value}"));
                }
                _ => {}
            }
            attributes = more.trim_start();
        }
        if !closes && !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    if !open.is_empty() {
        faults.push(format!("open at the end: {open:?}"));
    }
    if headings != 1 {
        faults.push(format!("{headings} first headings"));
    }
    faults
        .extend(targets.into_iter().filter(|id| !ids.contains(id)).map(|id| format!("there is no id {id}")));
    faults
}

const MATH: &str = "description = \"Sums & <b>élé</b>ments\"\nkeywords = [\"algebra\"]\n\
                    repository = \"https://example.org/math\"";
const README: &str = "# Math\n\nSums of *all* sorts, see [the guide](docs/guide.md).\n\n<script>alert(1)</script>\n\n\
                      ![a picture](https://evil.example/x.png)\n\n[away](https://example.org/) \u{202e}fdp.exe\n";

#[test]
fn a_package_is_found_and_shown_in_both_languages() {
    let (sandbox, server) = with_author();
    sandbox.write("docs/guide.md", "# Guide\n");
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", README, MATH);
    publish(&sandbox, &server, "roussov/vitte-math", "1.1.0", README, MATH);
    let needs = "description = \"Draws\"\n[dependencies]\n\"roussov/vitte-math\" = \"^1.0\"";
    publish(&sandbox, &server, "roussov/plot", "0.1.0", "# Plot\n", needs);
    page_with(&server, "/roussov/vitte-math", "<code>^1.0</code>");

    // The same facts in a text browser, and words of each language.
    for (path, language, parts) in [
        ("/", "en", &["Packages that anyone can verify", "roussov/plot 0.1.0", "--trust-root-sha256"][..]),
        ("/", "fr", &["Des paquets que chacun peut vérifier", "roussov/plot 0.1.0"]),
        (
            "/search?q=math",
            "en",
            &["Packages for “math”", "roussov/vitte-math 1.1.0", "1 package", "1 dependent"],
        ),
        ("/search?q=math", "fr", &["Paquets pour «", "roussov/vitte-math 1.1.0", "utilisé par 1 paquet"]),
        ("/search?q=&kind=vitpkg", "en", &["All packages", "No package matches"]),
        (
            "/roussov/vitte-math",
            "en",
            &[
                "roussov/vitte-math 1.1.0",
                "Sums & <b>élé</b>ments",
                "Not verified here",
                "claimed: SHA256:",
                "vitte package add roussov/vitte-math@1.1.0",
                "vitte package verify roussov/vitte-math@1.1.0",
                "Sums of all sorts, see the guide.",
                "[U+202E]fdp.exe",
                "example.org/math",
                "roussov/plot ^1.0",
            ],
        ),
        (
            "/roussov/vitte-math",
            "fr-CA",
            &[
                "Non vérifié ici",
                "vitte package verify roussov/vitte-math@1.1.0",
                "Utilisé par 1",
                "annoncé\u{202f}: SHA256:",
            ],
        ),
        ("/roussov/plot", "en", &["1 dependency", "roussov/vitte-math ^1.0"]),
        (
            "/roussov/vitte-math/1.0.0",
            "en",
            &["This is not the newest version: that is 1.1.0", "Sums of all sorts"],
        ),
        ("/roussov/vitte-math/versions", "en", &["1.1.0", "latest", "from 1.0.0", "2 versions"]),
        ("/roussov/vitte-math/versions?v=%5E1.1", "fr", &["dernière version", "1.1.0"]),
    ] {
        let reply = page(&server, path, language).is(200);
        let Some(text) = dumped(&reply.body) else { return };
        for part in parts {
            assert!(text.contains(part), "{path} in {language} does not say {part:?}:\n{text}");
        }
    }

    // Nothing of the readme runs, loads or hides, and nothing is green.
    let html = page(&server, "/roussov/vitte-math", "en").body;
    for never in ["<script", "alert(1)", "<img", "\u{202e}", "data-state=\"verified\"", "href=\"#verified\""]
    {
        assert!(!html.contains(never), "{never}: {html}");
    }
    for part in [
        "data-state=\"claim\"",
        "<vitte-verify package=\"roussov/vitte-math\" version=\"1.1.0\">",
        "<a href=\"/roussov/vitte-math/1.1.0/files/docs/guide.md\"",
        "<a href=\"https://evil.example/x.png\" rel=\"nofollow noopener ugc\">a picture</a>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(html.len() < 60 * 1024, "HTML without its compression: {}", html.len());
}

#[test]
fn a_yanked_version_says_why_and_has_no_install_line() {
    let (sandbox, server) = with_author();
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", "# Math\n", MATH);
    publish(&sandbox, &server, "roussov/vitte-math", "1.1.0", "# Math\n", MATH);
    let token = token(&sandbox, "yank", "*");
    for command in [
        "yank roussov/vitte-math@1.1.0 --code security --use ^1.0 --yes --reason overflow<i>",
        "deprecate roussov/vitte-math@1.0.0 --yes",
    ] {
        let command = format!("{command} --registry {}", server.url());
        sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &token)).ends(0);
    }
    page_with(&server, "/roussov/vitte-math", "<span class=\"v\">1.0.0</span>");
    for (path, language, parts) in [
        (
            "/roussov/vitte-math/1.1.0",
            "en",
            &[
                "yanked: security",
                "“overflow<i>”",
                "Use ^1.0.",
                "There is no install line for a yanked version",
            ][..],
        ),
        ("/roussov/vitte-math/1.1.0", "fr", &["retirée\u{202f}: sécurité", "Utiliser ^1.0."]),
        ("/roussov/vitte-math", "en", &["deprecated", "there is something better"]),
        ("/roussov/vitte-math/versions", "en", &["yanked: security “overflow<i>” Use ^1.0", "deprecated"]),
    ] {
        let reply = page(&server, path, language).is(200);
        let Some(text) = dumped(&reply.body) else { return };
        let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        for part in parts {
            assert!(text.contains(part), "{path} in {language} does not say {part:?}:\n{text}");
        }
    }
    let html = page(&server, "/roussov/vitte-math/1.1.0", "en").body;
    assert!(html.contains("class=\"cmd off\"") && !html.contains("class=\"cmd line\""), "{html}");
}

#[test]
fn what_is_not_there_is_reported_to_each_in_its_form() {
    let (sandbox, server) = with_author();
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", "# Math\n", MATH);
    for path in [
        "/roussov/nothing",
        "/nothing/at-all",
        "/roussov/vitte-math/9.9.9",
        "/roussov/vitte-math/latest",
        "/ROUSSOV/vitte-math",
        "/roussov/%2e%2e",
        "/x%zz",
        "/a/b/c/d/e/f",
    ] {
        let text = page(&server, path, "en").is(404).body;
        assert!(text.contains("There is no such page") && text.contains("noindex"), "{path}: {text}");
        assert!(page(&server, path, "fr").is(404).body.contains("Cette page n’existe pas"), "{path}");
        // A program gets what it always got.
        let program = send(&server, "GET", path, "Accept: application/json\r\n", "").is(404);
        assert!(!program.body.contains("<html"), "{path}: {}", program.body);
    }
    // Files of the registry are files, whoever asks for them.
    for path in ["/index/roussov/nothing", "/p/x/y/z", "/trust/9.json", "/log/tile/9"] {
        let reply = send(&server, "GET", path, "Accept: text/html\r\n", "").is(404);
        assert!(!reply.body.contains("<html"), "{path}");
    }
    assert_eq!(
        send(&server, "GET", "/roussov/vitte-math/", "", "").is(308).header("location"),
        Some("/roussov/vitte-math")
    );
    assert_eq!(send(&server, "POST", "/roussov/vitte-math", "", "").is(405).body, "");
    let bad = page(&server, "/search?q=a&cursor=nonsense", "en").is(400);
    assert!(bad.body.contains("role=\"alert\""), "{}", bad.body);
}

#[test]
fn pages_are_kept_by_browsers_and_the_language_is_remembered() {
    let (sandbox, server) = with_author();
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", "# Math\n", MATH);
    page_with(&server, "/roussov/vitte-math", "<h3 id=\"readme-math\">");
    let first = page(&server, "/roussov/vitte-math", "en");
    assert_eq!(first.header("cache-control"), Some("public, max-age=60"));
    let tag = first.header("etag").unwrap().to_owned();
    let again =
        send(&server, "GET", "/roussov/vitte-math", &format!("If-None-Match: W/{tag}\r\n"), "").is(304);
    assert_eq!((again.body.as_str(), again.header("etag")), ("", Some(tag.as_str())));
    let french = format!("If-None-Match: {tag}\r\nAccept-Language: fr\r\n");
    let french = send(&server, "GET", "/roussov/vitte-math", &french, "").is(200);
    assert!(french.body.contains("<html lang=\"fr\">"));
    // A new version, and the page is another one.
    publish(&sandbox, &server, "roussov/vitte-math", "1.1.0", "# Math\n", MATH);
    send(&server, "GET", "/roussov/vitte-math", &format!("If-None-Match: {tag}\r\n"), "").is(200);

    // What a page refers to is kept for ever, under the digest of its content.
    let style = first.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let css = send(&server, "GET", style, "", "").is(200);
    assert_eq!(css.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert!(css.body.contains(".trust") && css.body.len() < 26 * 1024, "{}", css.body.len());
    send(&server, "GET", "/assets/site-0000000000000000.css", "", "").is(404);

    let mut browser = Browser::new(&server);
    let link = first.body.split("href=\"/language/fr?return=").nth(1).unwrap().split('"').next().unwrap();
    let reply = browser.get(&format!("/language/fr?return={link}")).is(303);
    assert_eq!(reply.header("location"), Some("/roussov/vitte-math"));
    browser.keep(&reply);
    assert!(browser.get("/").is(200).body.contains("<html lang=\"fr\">"));
    let reply = browser.get("/language/en?return=//evil.example").is(303);
    assert_eq!(reply.header("location"), Some("/"));
    browser.keep(&reply);
    assert!(browser.get("/").is(200).body.contains("<html lang=\"en\">"));
}

/// Makes a registry private, and waits until every replica has found that out.
pub(crate) fn make_private(sandbox: &Sandbox, server: &Server) {
    crate::served::operated(sandbox, &["access", "private", "--data", "data"]);
    let mut refused = 0;
    for _ in 0..200 {
        refused = if send(server, "GET", "/config.json", "", "").status == 401 { refused + 1 } else { 0 };
        if refused == 8 {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it stays public");
}

#[test]
fn strangers_learn_nothing_of_a_private_registry_by_its_pages() {
    let (sandbox, server) = with_author();
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", "# Math\n", MATH);
    page_with(&server, "/roussov/vitte-math", "<h3 id=\"readme-math\">");
    make_private(&sandbox, &server);
    let mut replies = BTreeSet::new();
    for path in
        ["/", "/search?q=math", "/roussov/vitte-math", "/roussov/nothing", "/roussov/vitte-math/versions"]
    {
        let reply = page(&server, path, "fr").is(401);
        assert!(reply.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")), "{path}");
        assert!(!reply.header("cache-control").unwrap().contains("public"), "{path}: {}", reply.head);
        // The page that is asked for is in it, as what to come back to.
        let link = reply.body.split("href=\"/sign-in?return=").nth(1).unwrap().split('"').next().unwrap();
        replies.insert(reply.body.replace(link, ""));
        send(&server, "GET", path, "", "").is(401).json();
    }
    assert_eq!(replies.len(), 1, "the same for what there is and what there is not: {replies:?}");
    let token = token(&sandbox, "read", "roussov/other");
    let reads = |path: &str| {
        let headers = format!("Authorization: Bearer {token}\r\nAccept: text/html\r\n");
        send(&server, "GET", path, &headers, "")
    };
    reads("/roussov/vitte-math").is(404);
    let home = reads("/").is(200);
    assert!(!home.body.contains("vitte-math") && home.body.contains("noindex"), "{}", home.body);
    assert!(home.header("cache-control").unwrap().starts_with("private"), "{}", home.head);
}

#[test]
fn a_server_without_a_site_serves_files_only() {
    let sandbox = Sandbox::new();
    crate::served::initialised(&sandbox);
    let server = Server::start_with(&sandbox, &["--web", "off"]);
    for path in ["/", "/search", "/roussov/vitte-math"] {
        let reply = send(&server, "GET", path, "Accept: text/html\r\n", "").is(404);
        assert!(!reply.body.contains("<html"), "{path}");
    }
    send(&server, "GET", "/config.json", "", "").is(200);
    send(&server, "GET", "/sign-in", "", "").is(200);
}

#[test]
fn what_is_wrong_with_a_page_is_seen() {
    for bad in [
        "<!doctype html><h1>x</h1><p><b>x</p></b>",
        "<!doctype html><h1>x</h1><p id=\"a\" id=\"b\">x</p>",
        "<!doctype html><h1>x</h1><p class=a>x</p>",
        "<!doctype html><h1>x</h1><p id=\"a\">x</p><p id=\"a\">x</p>",
        "<!doctype html><h1>x</h1><label for=\"q\">x</label>",
        "<!doctype html><h1>x</h1><script>x</script>",
        "<!doctype html><h1>x</h1><a href=\"https://a.example\">x</a>",
        "<!doctype html><h1>x</h1><p onclick=\"x\">x</p>",
        "<!doctype html><h1>x</h1><p>x",
        "<!doctype html><p>x</p>",
        "<h1>x</h1>",
    ] {
        assert!(!faults(bad).is_empty(), "{bad}");
    }
    assert_eq!(
        faults(
            "<!doctype html><h1 id=\"a\">x</h1><br><input id=\"q\" disabled><svg><use href=\"#a\"/></svg>"
        ),
        Vec::<String>::new()
    );
}
