//! Search and what is displayed of packages: made from what was published, whoever published it.

use crate::sandbox::Sandbox;
use crate::served::{Server, initialised, operated, token, with_author};
use serde_json::Value;
use std::time::Duration;

/// The status and the JSON of a response.
fn ask(server: &Server, path: &str) -> (u16, Value) {
    let response = server.get(path);
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(head.to_ascii_lowercase().contains("access-control-allow-origin: *"), "{path}: {head}");
    let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{path}: {error}: {response}"));
    (status, body)
}

/// What a path gives once it satisfies; what follows the log comes a moment after it.
fn wait_for(server: &Server, path: &str, is_there: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let (status, body) = ask(server, path);
        assert!(matches!(status, 200 | 404), "{path}: {status} {body}");
        if status == 200 && is_there(&body) {
            return body;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{path} does not come to say it: {:?}", ask(server, path));
}

fn publish(sandbox: &Sandbox, server: &Server, name: &str, version: &str, more: &str) {
    sandbox.write(
        "vitte.toml",
        format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
             include = [\"src/**\", \"LICENSE\", \"README.md\"]\n{more}\n"
        ),
    );
    sandbox.write("src/lib.vitte", format!("module m\n// {name} {version}\n"));
    sandbox.write("README.md", format!("# {name}\n\nSums of *all* sorts.\n"));
    sandbox.write("LICENSE", "MIT");
    let token = token(sandbox, "publish,yank", "*");
    let command = format!("publish --yes --no-input --registry {}", server.url());
    sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &token)).ends(0);
}

const MATH: &str = "description = \"Sums and éléments\"\nkeywords = [\"algebra\", \"matrix\"]\n\
                    repository = \"https://example.org/math\"\nreadme = \"README.md\"";

#[test]
fn what_was_published_is_found_and_shown() {
    let (sandbox, server) = with_author();
    publish(&sandbox, &server, "roussov/vitte-math", "1.0.0", MATH);
    publish(&sandbox, &server, "roussov/vitte-math", "1.1.0", MATH);
    let needs = "description = \"Draws\"\n[dependencies]\n\"roussov/vitte-math\" = \"^1.0\"";
    publish(&sandbox, &server, "roussov/plot", "0.1.0", needs);

    let is_depended_on = |found: &Value| found["items"][0]["dependents"] == 1;
    for words in ["math", "elements", "matrix+algebra", "vite-math", "roussov%2Fvitte-math"] {
        let found = wait_for(&server, &format!("/api/v1/search?q={words}"), is_depended_on);
        let item = &found["items"][0];
        assert_eq!(
            (&item["package"], &item["newest"]),
            (&"roussov/vitte-math".into(), &"1.1.0".into()),
            "{words}"
        );
        assert_eq!(item["description"], "Sums and éléments");
        assert_eq!(item["keywords"], serde_json::json!(["algebra", "matrix"]));
    }
    // The client says whose word it is.
    let registry = format!("--registry {}", server.url());
    let found = sandbox.run(&format!("search matrix sums {registry} --json")).ends(0).json();
    let row = &found["result"]["packages"][0];
    assert_eq!((&row["package"], &row["verified"]), (&"roussov/vitte-math".into(), &false.into()));
    assert_eq!(row["repository"], "https://example.org/math");
    let shown = sandbox.run(&format!("search vite-math {registry}")).ends(0);
    assert!(shown.stdout.contains("roussov/vitte-math 1.1.0  Sums and éléments  (MIT)"), "{shown}");
    assert!(shown.stderr.contains("unverified"), "{shown}");
    let info = sandbox.run(&format!("info roussov/vitte-math {registry} --json")).ends(0).json();
    assert_eq!(
        (&info["result"]["server"]["dependents"], &info["result"]["license"]),
        (&1.into(), &"MIT".into())
    );
    let info = sandbox.run(&format!("info roussov/vitte-math {registry}")).ends(0).stdout;
    assert!(
        info.contains("according to the server, unverified: keywords algebra, matrix; dependents: 1"),
        "{info}"
    );
    let (_, all) = ask(&server, "/api/v1/search?limit=1");
    assert_eq!((&all["total"], all["items"].as_array().unwrap().len()), (&2.into(), 1));
    let next = all["next"].as_str().unwrap();
    let (_, rest) = ask(&server, &format!("/api/v1/search?limit=1&cursor={next}"));
    assert_eq!((&rest["items"][0]["package"], &rest["next"]), (&"roussov/plot".into(), &Value::Null));

    let (_, package) = ask(&server, "/api/v1/packages/roussov/vitte-math?limit=1");
    assert_eq!((&package["newest"], &package["releases"]), (&"1.1.0".into(), &2.into()));
    assert_eq!(package["license"], "MIT");
    assert_eq!(package["repository"], "https://example.org/math");
    assert_eq!(package["readme"], "# roussov/vitte-math\n\nSums of *all* sorts.\n");
    assert_eq!(package["versions"][0]["version"], "1.1.0");
    let (_, older) = ask(&server, "/api/v1/packages/roussov/vitte-math?limit=1&cursor=1.1.0");
    assert_eq!((&older["versions"][0]["version"], &older["next"]), (&"1.0.0".into(), &Value::Null));

    let (_, release) = ask(&server, "/api/v1/packages/roussov/plot/0.1.0");
    assert_eq!(release["dependencies"][0]["package"], "roussov/vitte-math");
    let path = release["artifacts"][0]["path"].as_str().unwrap().to_owned();
    assert!(server.get(&format!("/{path}")).starts_with("HTTP/1.1 200"), "{path}");
    let (_, files) = ask(&server, "/api/v1/packages/roussov/plot/0.1.0/files?limit=2");
    assert_eq!(files["total"], release["artifacts"][0]["files"]);
    let next = files["next"].as_str().unwrap();
    let (_, rest) = ask(&server, &format!("/api/v1/packages/roussov/plot/0.1.0/files?cursor={next}"));
    let paths =
        [files["items"].as_array().unwrap().clone(), rest["items"].as_array().unwrap().clone()].concat();
    let paths: Vec<_> = paths.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"vitte.toml") && paths.contains(&"src/lib.vitte"), "{paths:?}");
    let (_, dependents) = ask(&server, "/api/v1/packages/roussov/vitte-math/dependents");
    assert_eq!(
        (&dependents["items"][0]["package"], &dependents["total"]),
        (&"roussov/plot".into(), &1.into())
    );

    // What was said of it comes to be shown, and one that does not depend on it any more is not counted.
    let token = token(&sandbox, "yank", "*");
    let yank = format!("yank roussov/vitte-math@1.1.0 --yes --registry {}", server.url());
    sandbox.run_with(&yank, |command| _ = command.env("VITTE_TOKEN", &token)).ends(0);
    publish(&sandbox, &server, "roussov/plot", "0.2.0", "description = \"Draws\"");
    wait_for(&server, "/api/v1/search?q=vitte-math", |found| {
        found["items"][0]["newest"] == "1.0.0" && found["items"][0]["dependents"] == 0
    });
    let (_, release) = ask(&server, "/api/v1/packages/roussov/vitte-math/1.1.0");
    assert_eq!(release["status"]["action"], "yank");
}

#[test]
fn nonsense_is_refused_with_its_place() {
    let (_sandbox, server) = with_author();
    for (path, status, place) in [
        ("search?limit=0", 400, "`limit`"),
        ("search?limit=1000", 400, "`limit`"),
        ("search?limit=x", 400, "`limit`"),
        ("search?cursor=x", 400, "`cursor`"),
        ("search?q=a&cursor=0.0.0.a%2Fb", 400, "`cursor`"),
        ("search?kind=exe", 400, "`kind`"),
        ("search?namespace=..", 400, "`namespace`"),
        ("search?q=%ff", 400, "UTF-8"),
        ("search?q=a&q=b", 400, "`q`"),
        ("packages/a/b", 404, "packages/a/b"),
        ("packages/..%2F..%2Fetc/passwd", 404, "packages"),
        ("packages/%00/%2e%2e", 404, "packages"),
        ("packages/a/b/1.0.0/files", 404, "packages"),
        ("packages/%ff/b", 400, ""),
        ("nothing", 404, "nothing"),
    ] {
        let (got, problem) = ask(&server, &format!("/api/v1/{path}"));
        assert_eq!(got, status, "{path}: {problem}");
        assert!(problem["code"].as_str().unwrap().starts_with("VP"), "{path}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(place), "{path}: {problem}");
    }
    let (_, none) = ask(&server, "/api/v1/search?q=anything");
    assert_eq!(none, serde_json::json!({ "items": [], "total": 0, "next": null }));
}

#[test]
fn a_folder_that_was_imported_is_searched_as_well() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    sandbox.run("registry init reg --id local/").ends(0);
    sandbox.write(
        "vitte.toml",
        "[package]\nname = \"acme/tool\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
         description = \"Of a folder\"\ninclude = [\"src/**\", \"LICENSE\"]\n",
    );
    sandbox.write("src/lib.vitte", "module m\n");
    sandbox.write("LICENSE", "MIT");
    sandbox.run("publish --yes --registry reg").ends(0);
    let keys = sandbox.home().join("keys/registry/local_").display().to_string();
    operated(&sandbox, &["import", "reg", "--data", "data", "--keys", &keys]);
    let server = Server::start(&sandbox);
    let found = wait_for(&server, "/api/v1/search?q=folder", |found| found["total"] == 1);
    assert_eq!(found["items"][0]["package"], "acme/tool");
}

#[test]
fn the_api_describes_itself() {
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let (status, document) = ask(&server, "/api/v1/openapi.json");
    assert_eq!((status, &document["openapi"]), (200, &"3.1.0".into()));
    for path in ["/api/v1/search", "/api/v1/uploads", "/readyz", "/api/v1/openapi.json"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let preflight = server.ask("OPTIONS /api/v1/search HTTP/1.1\r\nOrigin: https://example.org\r\n", b"");
    assert!(preflight.starts_with("HTTP/1.1 204"), "{preflight}");
    assert!(preflight.to_ascii_lowercase().contains("access-control-allow-methods: get"), "{preflight}");
    let refused = server.ask("PATCH /api/v1/search HTTP/1.1\r\n", b"");
    assert!(refused.starts_with("HTTP/1.1 405") && refused.contains("application/problem+json"), "{refused}");
    assert!(refused.to_ascii_lowercase().contains("\r\nallow: get"), "{refused}");
}
