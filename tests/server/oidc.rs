//! Signing in with a provider: a real one, and one that lies.

use crate::accounts::assert_nowhere;
use crate::browser::{Browser, Reply};
use crate::sandbox::{Sandbox, connect, first_line, has_program, skipped, wait};
use crate::served::{Server, operated, program};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use vitte_package_core::api::form::{Form, escape};

/// An address that this machine has and nobody listens on yet: a provider wants to know before it starts where browsers go
/// back to.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A server that knows a provider. It listens where it has said that it would.
fn serve(sandbox: &Sandbox, address: &str, issuer: &str, flags: &[&str]) -> Server {
    let base = format!("http://{address}");
    sandbox.write("client-secret", "a secret: with %\n");
    let mut all = vec!["--base-url", &base, "--oidc-issuer", issuer, "--oidc-client-id", "registry"];
    all.extend(["--oidc-client-secret-file", "client-secret"]);
    all.extend(flags);
    Server::start_at(sandbox, address, &all)
}

fn initialised() -> Sandbox {
    let sandbox = Sandbox::new();
    operated(&sandbox, &["init", "--data", "data", "--id", "registry.example/"]);
    sandbox
}

/// The path and query of an address.
fn path_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn query_of(address: &str) -> Form {
    Form::parse(address.split_once('?').map_or("", |(_, query)| query).as_bytes()).unwrap()
}

/// Leaves for the provider: where the browser is sent.
fn leave(browser: &mut Browser<'_>) -> String {
    let reply = browser.get("/sign-in/provider?return=%2Fdevice").is(303);
    browser.keep(&reply);
    reply.header("location").unwrap().to_owned()
}

fn me(browser: &Browser<'_>) -> String {
    let me = browser.get("/api/v1/me").is(200).json();
    format!("{} {}", me["user"].as_str().unwrap(), me["role"].as_str().unwrap())
}

/// A provider of npm's `oidc-provider`, which is stopped when it is dropped.
struct RealProvider {
    child: Child,
    address: String,
    cookies: Vec<String>,
}

impl Drop for RealProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl RealProvider {
    /// Starts it; none where it is not installed, which is said.
    fn start(callback: &str, algorithm: &str) -> Option<Self> {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/server/provider"));
        if !has_program("node") {
            return None;
        }
        if !folder.join("node_modules").is_dir() {
            skipped(
                "signing in with a provider: npm's oidc-provider is not installed (npm ci --prefix tests/server/provider)",
            );
            return None;
        }
        let mut child = Command::new("node")
            .args(["provider.mjs", callback, algorithm])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = first_line(&mut child).trim().trim_start_matches("http://").to_owned();
        Some(Self { child, address, cookies: Vec::new() })
    }

    fn ask(&mut self, method: &str, path: &str, form: &str) -> Reply {
        let mut stream = connect(&self.address);
        let (cookies, length) = (self.cookies.join("; "), form.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookies}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}",
            self.address
        )
        .unwrap();
        let mut response = Vec::new();
        // Node may reset a connection that it has answered on.
        let _ = stream.read_to_end(&mut response);
        let reply = Reply::read(&String::from_utf8_lossy(&response));
        for line in reply.head.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie: ")) {
            let pair = line["set-cookie: ".len()..].split(';').next().unwrap();
            let name = format!("{}=", pair.split('=').next().unwrap());
            self.cookies.retain(|old| !old.starts_with(&name));
            self.cookies.push(pair.to_owned());
        }
        reply
    }

    /// Signs somebody in, and agrees: where the browser is sent back to.
    fn sign_in(&mut self, leave_for: &str, login: &str) -> String {
        let mut path = path_of(leave_for).to_owned();
        for _ in 0..20 {
            let reply = self.ask("GET", &path, "");
            let reply = if reply.status == 200 {
                // Its own pages: who one is, and whether one agrees.
                let form = match reply.body.contains("name=\"login\"") {
                    true => format!("prompt=login&login={}&password=x", escape(login)),
                    false => "prompt=consent".to_owned(),
                };
                self.ask("POST", &path, &form)
            } else {
                reply
            };
            assert!(matches!(reply.status, 302 | 303), "{}\n{}", reply.head, reply.body);
            let location = reply.header("location").unwrap().to_owned();
            if location.contains("/sign-in/provider/callback") {
                return location;
            }
            path = path_of(&location).to_owned();
        }
        panic!("the provider does not come to an end");
    }
}

#[test]
fn somebody_whom_the_provider_knows_signs_in() {
    for algorithm in ["ES256", "RS256", "EdDSA"] {
        let (sandbox, address) = (initialised(), free_address());
        let callback = format!("http://{address}/sign-in/provider/callback");
        let Some(mut provider) = RealProvider::start(&callback, algorithm) else { return };
        let issuer = format!("http://{}", provider.address);
        let flags =
            ["--oidc-new-users", "yes", "--oidc-member-groups", "staff", "--oidc-admin-groups", "ops"];
        let server = serve(&sandbox, &address, &issuer, &flags);
        let mut browser = Browser::new(&server);
        assert!(browser.get("/sign-in").body.contains(&format!("Sign in with {}", provider.address)));
        let away = leave(&mut browser);
        let query = query_of(&away);
        assert_eq!(
            (query.get("code_challenge_method"), query.get("response_type")),
            (Some("S256"), Some("code"))
        );
        let back = provider.sign_in(&away, "ada staff");
        let reply = browser.get(path_of(&back)).is(303);
        assert_eq!(reply.header("location"), Some("/device"));
        browser.keep(&reply);
        assert_eq!(me(&browser), "ada member", "{algorithm}");

        // What was used is used up, in this browser too.
        browser.get(path_of(&back)).is(401);
        assert_nowhere(&sandbox, query_of(&back).get("state").unwrap());
        assert_nowhere(&sandbox, "a secret: with %");

        // Another person of the same name is another user; groups count anew at each sign-in.
        let mut sign_in = |login: &str| {
            let mut browser = Browser::new(&server);
            provider.cookies.clear();
            let away = leave(&mut browser);
            let back = provider.sign_in(&away, login);
            let reply = browser.get(path_of(&back)).is(303);
            browser.keep(&reply);
            me(&browser)
        };
        assert_eq!(sign_in("ada ops"), "ada-2 admin");
        assert_eq!(sign_in("eve"), "eve guest");
        assert_eq!(sign_in("ada staff"), "ada member");
    }
}

/// Changes the head and the claims of a token.
type Lie = fn(&mut Value, &mut Value);

/// A provider that says what a test wants.
struct Liar {
    address: String,
    /// What the claims of its next token are, and what signs it.
    next: Arc<Mutex<Lie>>,
}

impl Liar {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let truth: Lie = |_, _| {};
        let next = Arc::new(Mutex::new(truth));
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pair.as_ref(), &random).unwrap();
        let (own, change) = (address.clone(), Arc::clone(&next));
        std::thread::spawn(move || {
            // Ends with the process of the test.
            for stream in listener.incoming().flatten() {
                answer(stream, &own, &pair, *change.lock().unwrap());
            }
        });
        Self { address, next }
    }

    fn say(&self, lie: Lie) {
        *self.next.lock().unwrap() = lie;
    }
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0u32, |number, byte| (number << 8) | u32::from(*byte));
        let number = number << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            text.push(char::from(DIGITS[(number >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

fn answer(mut stream: TcpStream, own: &str, pair: &EcdsaKeyPair, lie: Lie) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    let _ = reader.read_line(&mut first);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let issuer = format!("http://{own}");
    let path = first.split(' ').nth(1).unwrap_or_default();
    let document = match path {
        "/.well-known/openid-configuration" => json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
        }),
        "/jwks" => {
            let point = pair.public_key().as_ref();
            let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
            json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", "use": "sig", "x": x, "y": y}]})
        }
        _ => {
            let form = Form::parse(&body).unwrap();
            // The code is the nonce: a real provider would know it.
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let mut header = json!({"alg": "ES256", "kid": "one", "typ": "JWT"});
            let mut claims = json!({
                "iss": issuer, "aud": "registry", "sub": "subject of ada", "preferred_username": "ada",
                "iat": now, "exp": now + 300, "nonce": form.get("code"),
            });
            lie(&mut header, &mut claims);
            let message = format!(
                "{}.{}",
                base64url(header.to_string().as_bytes()),
                base64url(claims.to_string().as_bytes())
            );
            let signature = match header["alg"].as_str() {
                Some("none") => Vec::new(),
                Some("HS256") => {
                    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, pair.public_key().as_ref());
                    ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
                }
                _ => pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
            };
            json!({"access_token": "x", "token_type": "Bearer", "id_token": format!("{message}.{}", base64url(&signature))})
        }
    };
    let body = document.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

#[test]
fn a_token_that_is_not_for_this_sign_in_is_refused() {
    let liar = Liar::start();
    let issuer = format!("http://{}", liar.address);
    let lies: [(&str, Lie); 12] = [
        ("alg none", |header, _| header["alg"] = "none".into()),
        ("HS256 with the public key", |header, _| header["alg"] = "HS256".into()),
        ("another alg", |header, _| header["alg"] = "RS256".into()),
        ("an unknown key", |header, _| header["kid"] = "two".into()),
        ("another audience", |_, claims| claims["aud"] = "other".into()),
        ("several audiences and no party", |_, claims| claims["aud"] = json!(["registry", "other"])),
        ("another party", |_, claims| claims["azp"] = "other".into()),
        ("another issuer", |_, claims| claims["iss"] = "https://evil.example".into()),
        ("another nonce", |_, claims| claims["nonce"] = "other".into()),
        ("expired", |_, claims| claims["exp"] = 1_000_000_000.into()),
        ("from the future", |_, claims| claims["iat"] = 33_000_000_000u64.into()),
        ("nobody", |_, claims| claims["sub"] = "".into()),
    ];
    // Not more tries from one address than there may be, which replicas count together in their database.
    for some in lies.chunks(6) {
        let (sandbox, address) = (initialised(), free_address());
        let server = serve(&sandbox, &address, &issuer, &["--oidc-new-users", "yes"]);
        for (name, lie) in some {
            let mut browser = Browser::new(&server);
            let query = query_of(&leave(&mut browser));
            let (state, nonce) = (query.get("state").unwrap(), query.get("nonce").unwrap());
            liar.say(*lie);
            let reply = browser.get(&format!("/sign-in/provider/callback?state={state}&code={nonce}"));
            assert_eq!(reply.status, 401, "{name}: {}", reply.body);
            assert!(!reply.head.contains("vitte-session"), "{name}: {}", reply.head);
        }
        assert_eq!(operated(&sandbox, &["user", "list", "--data", "data"]), "", "nobody became a user");
    }
}

#[test]
fn a_sign_in_belongs_to_its_browser_and_is_used_once() {
    let (sandbox, address, liar) = (initialised(), free_address(), Liar::start());
    let issuer = format!("http://{}", liar.address);
    let server = serve(&sandbox, &address, &issuer, &["--oidc-new-users", "yes"]);
    let mut browser = Browser::new(&server);
    let query = query_of(&leave(&mut browser));
    let (state, nonce) = (query.get("state").unwrap(), query.get("nonce").unwrap());
    let callback = format!("/sign-in/provider/callback?state={state}&code={nonce}");
    Browser::new(&server).get(&callback).is(401);
    let mut other = Browser::new(&server);
    leave(&mut other);
    other.get(&callback).is(401);
    browser.get(&format!("/sign-in/provider/callback?state={}&code={nonce}", "0".repeat(64))).is(401);
    browser.get(&format!("{callback}&iss=https%3A%2F%2Fevil.example")).is(401);
    // That one has used it up: the next try begins anew.
    browser.get(&callback).is(401);
    let query = query_of(&leave(&mut browser));
    let (state, nonce) = (query.get("state").unwrap(), query.get("nonce").unwrap());
    let callback = format!("/sign-in/provider/callback?state={state}&code={nonce}");
    let reply = browser.get(&callback).is(303);
    let kept = browser.cookie.clone();
    browser.keep(&reply);
    assert_eq!(me(&browser), "ada member");
    // Replayed with the cookie it had.
    let replayed = Browser { server: &server, cookie: kept }.get(&callback).is(401);
    assert!(!replayed.head.contains("vitte-session"), "{}", replayed.head);
    let leave_early = Browser::new(&server).get("/sign-in/provider/callback?error=access_denied").is(401);
    assert!(!leave_early.body.contains("access_denied"), "{}", leave_early.body);
    // A user who was disabled here stays out, whatever the provider says.
    operated(&sandbox, &["user", "disable", "ada", "--data", "data"]);
    let query = query_of(&leave(&mut browser));
    let (state, nonce) = (query.get("state").unwrap(), query.get("nonce").unwrap());
    browser.get(&format!("/sign-in/provider/callback?state={state}&code={nonce}")).is(401);
    assert_nowhere(&sandbox, state);
}

#[test]
fn strangers_become_users_only_if_the_operator_says_so() {
    let (sandbox, address, liar) = (initialised(), free_address(), Liar::start());
    let issuer = format!("http://{}", liar.address);
    let server = serve(&sandbox, &address, &issuer, &[]);
    let mut browser = Browser::new(&server);
    let query = query_of(&leave(&mut browser));
    let (state, nonce) = (query.get("state").unwrap(), query.get("nonce").unwrap());
    let reply = browser.get(&format!("/sign-in/provider/callback?state={state}&code={nonce}")).is(403);
    assert!(!reply.head.contains("vitte-session"), "{}", reply.head);
    assert_eq!(operated(&sandbox, &["user", "list", "--data", "data"]), "");
    drop(server);
    // Without a provider there is no way to one.
    let server = Server::start(&sandbox);
    Browser::new(&server).get("/sign-in/provider").is(404);
    assert!(!Browser::new(&server).get("/sign-in").body.contains("provider"));
    drop(server);
    for (missing, settings) in [
        (
            "oidc-issuer",
            &[
                "--oidc-issuer",
                "http://p.example",
                "--oidc-client-id",
                "x",
                "--base-url",
                "https://r.example",
            ][..],
        ),
        ("oidc-client-id", &["--oidc-issuer", "https://p.example", "--base-url", "https://r.example"]),
        ("base-url", &["--oidc-issuer", "https://p.example", "--oidc-client-id", "x"]),
    ] {
        drop_after_refusal(&sandbox, missing, settings);
    }
}

/// A server with settings that are not safe together does not start, and names one of them.
fn drop_after_refusal(sandbox: &Sandbox, missing: &str, settings: &[&str]) {
    let mut child = program(sandbox)
        .args(["serve", "--data", "data", "--listen", "127.0.0.1:0"])
        .args(settings)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = wait(&mut child);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!status.success() && said.contains(missing), "{missing}: {said}");
}
