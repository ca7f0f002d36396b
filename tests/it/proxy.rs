//! A registry behind a proxy, behind redirects, and behind a server that asks to wait. The proxy is a real one on
//! loopback, and does what Squid does by default: it forwards plain `http` and tunnels to port 443 alone.

use crate::http::{as_stranger, serve};
use crate::registry::{code, initialised, pack, publish};
use crate::sandbox::{Ran, Sandbox};
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// No peer of a test is waited for any longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on loopback; `answer` is given each connection and the head of each request.
pub fn listen(answer: impl Fn(&mut TcpStream, &str) -> Option<()> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                stream.set_read_timeout(Some(PATIENCE)).ok()?;
                let head = read_head(&stream)?;
                answer(&mut stream, &head)
            });
        }
    });
    address
}

/// The head of a request, read byte by byte: what follows is somebody else's.
fn read_head(stream: &TcpStream) -> Option<String> {
    let mut head = String::new();
    let mut reader = BufReader::with_capacity(1, stream);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// Passes bytes on in both directions until one side ends.
fn relay(client: &mut TcpStream, server: &mut TcpStream) -> Option<()> {
    let (mut from, mut to) = (client.try_clone().ok()?, server.try_clone().ok()?);
    let up = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(server, client);
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
    up.join().ok()
}

/// A proxy for which `registry.test` is `backend`; gives its address and the first lines of what it was asked, with
/// the credentials it was given.
fn proxy(backend: String, credentials: Option<&'static str>) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let address = listen(move |client, head| {
        let line = head.lines().next()?.to_owned();
        log.lock().unwrap().push(line.clone());
        let given = head.lines().find_map(|line| line.strip_prefix("proxy-authorization: Basic "));
        let given = given.or(head.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: Basic ")));
        let mut refuse = |status: &str| {
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            client.write_all(answer.as_bytes()).ok()
        };
        if credentials.is_some() && given != credentials {
            return refuse("407 Proxy Authentication Required");
        }
        let (method, rest) = line.split_once(' ')?;
        let target = rest.split(' ').next()?;
        if method == "CONNECT" {
            if target != "registry.test:443" {
                return refuse("403 Forbidden");
            }
            let mut server = TcpStream::connect(&backend).ok()?;
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
            return relay(client, &mut server);
        }
        let Some(path) = target.strip_prefix("http://registry.test") else {
            return refuse("400 Bad Request");
        };
        let mut server = TcpStream::connect(&backend).ok()?;
        let head = head.replacen(target, path, 1).replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(head.as_bytes()).ok()?;
        relay(client, &mut server)
    });
    (address, asked)
}

fn published() -> Sandbox {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", &"hello ".repeat(100), "")]).ends(0);
    sandbox
}

#[must_use]
fn run_with(sandbox: &Sandbox, line: &str, variables: &[(&str, &str)]) -> Ran {
    sandbox.run_with(line, |command| {
        command.envs(variables.iter().copied());
    })
}

/// A host without its scheme and slash.
fn host(url: &str) -> String {
    url.trim_start_matches("http://").trim_end_matches('/').to_owned()
}

#[test]
fn plain_http_goes_through_a_proxy_in_absolute_form() {
    let sandbox = published();
    let server = serve(&sandbox);
    as_stranger(&sandbox, &server.url);
    let (proxy, asked) = proxy(host(&server.url), None);
    let variable = format!("http://{proxy}");
    let install = "install demo/hello --registry http://registry.test/";
    run_with(&sandbox, install, &[("http_proxy", &variable)]).ends(0);
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    assert!(asked.contains(&"GET http://registry.test/config.json HTTP/1.1".to_owned()), "{asked:?}");
    assert!(asked.iter().any(|line| line.contains("/p/demo/hello/1.0.0/")), "{asked:?}");
    assert!(asked.iter().all(|line| line.starts_with("GET http://registry.test/")), "{asked:?}");
}

#[test]
fn a_batch_of_index_files_is_posted_in_absolute_form() {
    let sandbox = published();
    let (server, _) = crate::http::serve_with(&sandbox, &["--batch"]);
    let config = sandbox.path().join("reg/config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("registry"), "{text}");
    as_stranger(&sandbox, &server.url);
    let (proxy, asked) = proxy(host(&server.url), None);
    let project = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    sandbox.write("vitte.toml", project);
    sandbox.write("src/lib.vit", "x");
    run_with(
        &sandbox,
        "install --registry http://registry.test/",
        &[("HTTP_PROXY", &format!("http://{proxy}"))],
    )
    .ends(0);
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|line| line.contains(" http://registry.test/")), "{asked:?}");
    assert!(asked.iter().any(|line| line.starts_with("POST ")), "{asked:?}");
}

#[test]
fn tls_goes_through_a_tunnel_and_exceptions_go_past_the_proxy() {
    let sandbox = published();
    let (proxy, asked) = proxy("127.0.0.1:1".to_owned(), None);
    let variable = format!("http://{proxy}");
    let line = "registry add https://other.test/ --json";
    let ran = run_with(&sandbox, line, &[("https_proxy", &variable)]).ends(6);
    assert_eq!(*asked.lock().unwrap(), ["CONNECT other.test:443 HTTP/1.1"], "{ran}");
    let message = ran.json()["diagnostics"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(&proxy) && message.contains("403"), "{message}");
    asked.lock().unwrap().clear();
    for exceptions in ["*.corp.test", ".corp.test", "corp.test", "git.corp.test", "*.test", "*"] {
        let variables = [("http_proxy", variable.as_str()), ("NO_PROXY", exceptions)];
        run_with(&sandbox, "registry add http://git.corp.test/ --json", &variables).ends(6);
        assert_eq!(*asked.lock().unwrap(), [""; 0], "{exceptions}");
    }
}

#[test]
fn a_proxy_is_given_its_password_and_nobody_else_sees_it() {
    let sandbox = published();
    let server = serve(&sandbox);
    as_stranger(&sandbox, &server.url);
    // me:hunter2
    let (proxy, asked) = proxy(host(&server.url), Some("bWU6aHVudGVyMg=="));
    let good = format!("http://me:hunter2@{proxy}");
    let verify = "verify demo/hello --registry http://registry.test/ -v";
    let ran = run_with(&sandbox, verify, &[("http_proxy", &good)]).ends(0);
    assert!(!ran.to_string().contains("hunter2"), "{ran}");
    for wrong in [format!("http://{proxy}"), format!("http://me:hunter3@{proxy}")] {
        let before = asked.lock().unwrap().len();
        let line = "verify demo/hello --registry http://registry.test/ --json";
        let ran = run_with(&sandbox, line, &[("http_proxy", &wrong)]).ends(6);
        assert!(ran.stdout.contains("requires a user name and a password"), "{ran}");
        assert!(ran.stdout.contains("http_proxy=http://USER:PASSWORD@HOST:PORT"), "{ran}");
        assert!(!ran.to_string().contains("hunter3"), "{ran}");
        assert_eq!(asked.lock().unwrap().len(), before + 1, "a refusal is not repeated");
    }
    let ran = run_with(&sandbox, verify, &[("http_proxy", "http://me:hunter2@127.0.0.1:1")]).ends(6);
    assert!(ran.stderr.contains("through the proxy 127.0.0.1:1"), "{ran}");
    assert!(!ran.stderr.contains("hunter2"), "{ran}");
}

/// Answers the first request with `first` and everything else from `backend`.
fn once(first: &'static str, backend: String) -> String {
    let failed_once = Mutex::new(false);
    listen(move |client, head| {
        if !std::mem::replace(&mut *failed_once.lock().unwrap(), true) {
            return client.write_all(first.as_bytes()).ok();
        }
        let mut server = TcpStream::connect(&backend).ok()?;
        server.write_all(head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes()).ok()?;
        relay(client, &mut server)
    })
}

#[test]
fn a_wait_that_a_server_asks_for_is_told() {
    let sandbox = published();
    let server = serve(&sandbox);
    as_stranger(&sandbox, &server.url);
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let verify = |flags: &str| {
        let between = once(busy, host(&server.url));
        sandbox.run(&format!("verify demo/hello --registry http://{between}/ {flags}")).ends(0)
    };
    let said = "127.0.0.1 asked to be tried again in 1 s; waiting";
    assert!(verify("").stderr.contains(said));
    assert!(!verify("-q").stderr.contains(said));
    assert!(!verify("--json").stderr.contains(said));
    assert!(verify("--json --progress json").stderr.contains(said));
    // A wait that is too long ends the command at once, and is reported as well.
    let late = "HTTP/1.1 429 x\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let between = once(late, host(&server.url));
    let ran = sandbox.run(&format!("verify demo/hello --registry http://{between}/")).ends(6);
    assert!(ran.stderr.contains("wait 3600 s"), "{ran}");
}

#[test]
fn after_a_redirect_the_host_that_answered_is_named() {
    let sandbox = published();
    let second = listen(|client, _| {
        client.write_all(b"HTTP/1.1 418 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()
    });
    let location = format!("http://{second}/there?X-Signature=hunter2");
    let first = listen(move |client, _| {
        let answer = format!(
            "HTTP/1.1 302 x\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        client.write_all(answer.as_bytes()).ok()
    });
    let ran = sandbox.run(&format!("registry add http://{first}/ --json")).ends(6);
    assert_eq!(code(&ran), "VP0602");
    let message = ran.json()["diagnostics"][0]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains(&format!("http://{second}/there (redirected from http://{first}/")),
        "{message}"
    );
    assert!(!ran.stdout.contains("hunter2"), "a signature that grants access is not shown: {ran}");
}

/// A location is followed as browsers follow it.
#[test]
fn locations_are_followed_in_every_form() {
    let sandbox = published();
    let server = serve(&sandbox);
    as_stranger(&sandbox, &server.url);
    let backend = host(&server.url);
    for (form, works) in [
        ("/moved/config.json", true),
        ("moved/config.json", true),
        ("./moved/../moved/config.json", true),
        ("//HOST/moved/config.json", true),
        ("http://HOST/moved/config.json#part", true),
        ("  http://HOST/moved/config.json", true),
        ("", false),
        ("ftp://HOST/moved/config.json", false),
    ] {
        let backend = backend.clone();
        let between = listen(move |client, head| {
            let location = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("host: ").map(|host| form.replace("HOST", host))
            })?;
            if head.starts_with("GET /config.json ") {
                let header = match location.as_str() {
                    "" => String::new(),
                    location => format!("Location: {location}\r\n"),
                };
                let answer =
                    format!("HTTP/1.1 307 x\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n");
                return client.write_all(answer.as_bytes()).ok();
            }
            let head = head.replacen("GET /moved/", "GET /", 1);
            let mut server = TcpStream::connect(&backend).ok()?;
            server.write_all(head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes()).ok()?;
            relay(client, &mut server)
        });
        let ran = sandbox.run(&format!("verify demo/hello --registry http://{between}/"));
        assert_eq!(ran.exit == 0, works, "{form:?}: {ran}");
        if form.is_empty() {
            assert!(ran.stderr.contains("redirects without saying where to"), "{ran}");
        }
    }
}
