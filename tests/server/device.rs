//! Clients that are signed in from a browser.

use crate::accounts::{PASSWORD, assert_nowhere, with_users};
use crate::backends::{backend, shared_sql};
use crate::browser::{Browser, Reply, bearer, send};
use crate::sandbox::Sandbox;
use crate::served::{Server, operated};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn begin(server: &Server, form: &str) -> serde_json::Value {
    send(server, "POST", "/api/v1/device", FORM, form).is(200).json()
}

fn poll(server: &Server, codes: &serde_json::Value) -> Reply {
    let device_code = codes["device_code"].as_str().unwrap();
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=x&device_code={device_code}"
    );
    send(server, "POST", "/api/v1/device/token", FORM, &form)
}

#[track_caller]
fn error(server: &Server, codes: &serde_json::Value) -> String {
    let reply = poll(server, codes).is(400);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert!(reply.json()["code"].as_str().unwrap().starts_with("VP"), "{}", reply.body);
    reply.json()["error"].as_str().unwrap().to_owned()
}

/// Makes every client's last question long ago.
fn later(sandbox: &Sandbox) {
    sql(sandbox, "UPDATE device_codes SET asked = 0");
}

fn sql(sandbox: &Sandbox, statement: &str) {
    if !backend().is_a_folder() {
        shared_sql(sandbox, statement);
        return;
    }
    let database = rusqlite::Connection::open(sandbox.path().join("data/db.sqlite")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    database.execute(statement, []).unwrap();
}

fn decide(browser: &Browser<'_>, codes: &serde_json::Value, decision: &str) -> Reply {
    let code = codes["user_code"].as_str().unwrap();
    browser.post("/device", &format!("code={code}&decision={decision}"))
}

#[test]
fn a_client_is_signed_in_by_its_user_once() {
    let sandbox = with_users();
    let server = Server::start_with(&sandbox, &["--device-interval", "60"]);
    let codes = begin(&server, "client_id=vitte-package&name=ada%40laptop&packages=acme%2F*&expires_days=7");
    assert_eq!((&codes["interval"], &codes["expires_in"]), (&60.into(), &600.into()));
    let address = codes["verification_uri_complete"].as_str().unwrap();
    assert_eq!(codes["verification_uri"].as_str().unwrap(), format!("{}/device", server.url()));
    let path = address.strip_prefix(&server.url()).unwrap();

    // Without a session, the way leads over signing in and back.
    let mut browser = Browser::new(&server);
    let first = browser.get(path).is(303);
    let location = first.header("location").unwrap();
    let code = codes["user_code"].as_str().unwrap();
    assert_eq!(location, format!("/sign-in?return=%2Fdevice%3Fcode%3D{code}"));
    let page = browser.get(location).is(200);
    assert!(page.body.contains(&format!("value=\"/device?code={code}\"")), "{}", page.body);
    assert_eq!(error(&server, &codes), "authorization_pending");
    assert_eq!(error(&server, &codes), "slow_down");
    later(&sandbox);

    browser.sign_in("ada", PASSWORD);
    let page = browser.get(path).is(200);
    for shown in ["ada@laptop", "acme/*", "7 days", code, "127.0.0.1", "publish:new"] {
        assert!(page.body.contains(shown), "{shown} is not on the page: {}", page.body);
    }
    assert!(!page.body.contains("<script"), "it needs no script");
    // A page of another site approves nothing.
    let foreign = format!("Cookie: {}\r\nOrigin: https://evil.example\r\n", browser.cookie);
    send(&server, "POST", "/device", &foreign, &format!("code={code}&decision=approve")).is(403);
    assert_eq!(error(&server, &codes), "authorization_pending");
    later(&sandbox);
    let approved = decide(&browser, &codes, "approve").is(200);
    assert!(approved.body.contains("The client is signed in"), "{}", approved.body);
    decide(&browser, &codes, "approve").is(404);

    let given = poll(&server, &codes).is(200).json();
    assert_eq!((&given["token_type"], &given["expires_in"]), (&"Bearer".into(), &(7 * 24 * 60 * 60).into()));
    later(&sandbox);
    assert_eq!(error(&server, &codes), "invalid_grant", "it gives its token once");
    let token = given["access_token"].as_str().unwrap();
    let me = send(&server, "GET", "/api/v1/me", &bearer(token), "").is(200).json();
    assert_eq!((&me["user"], &me["token"]["kind"]), (&"ada".into(), &"login".into()));
    assert_eq!((&me["token"]["name"], &me["token"]["packages"][0]), (&"ada@laptop".into(), &"acme/*".into()));

    // It manages tokens, and none of them may do more.
    let create = |body: &str| send(&server, "POST", "/api/v1/tokens", &bearer(token), body);
    let made = create(r#"{"name":"ci","scopes":["publish:update"],"packages":["acme/json"]}"#).is(201).json();
    for more in [
        r#"{"name":"x","scopes":["admin"],"packages":["acme/json"]}"#,
        r#"{"name":"x","scopes":["yank"],"packages":["*"]}"#,
        r#"{"name":"x","scopes":["yank"],"packages":["other/json"]}"#,
    ] {
        create(more).is(403);
    }
    let list = send(&server, "GET", "/api/v1/tokens", &bearer(token), "").is(200).json();
    assert_eq!(list["tokens"].as_array().unwrap().len(), 2);
    for secret in [codes["device_code"].as_str().unwrap(), token, made["token"].as_str().unwrap()] {
        assert_nowhere(&sandbox, secret);
    }
}

#[test]
fn a_sign_in_is_refused_or_expires() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let mut browser = Browser::new(&server);
    browser.sign_in("ada", PASSWORD);
    let denied = begin(&server, "client_id=x");
    let page = decide(&browser, &denied, "deny").is(200);
    assert!(page.body.contains("was not signed in"), "{}", page.body);
    assert_eq!(error(&server, &denied), "access_denied");

    let expired = begin(&server, "client_id=x");
    sql(&sandbox, "UPDATE device_codes SET expires = expires - 601 WHERE state = 'pending'");
    decide(&browser, &expired, "approve").is(404);
    assert_eq!(error(&server, &expired), "expired_token");

    // Whoever was disabled between the answer and the token gets none.
    let late = begin(&server, "client_id=x");
    decide(&browser, &late, "approve").is(200);
    operated(&sandbox, &["user", "disable", "ada", "--data", "data"]);
    assert_eq!(error(&server, &late), "access_denied");
    operated(&sandbox, &["user", "enable", "ada", "--data", "data"]);

    // More than the user has cannot be given.
    browser.sign_in("ada", PASSWORD);
    operated(&sandbox, &["user", "role", "ada", "member", "--data", "data"]);
    let beyond = begin(&server, "client_id=x&scope=admin+yank");
    decide(&browser, &beyond, "approve").is(403);
    assert_eq!(error(&server, &beyond), "authorization_pending");

    for bad in ["", "client_id=x&scope=king", "client_id=x&expires_days=91", "client_id=x&packages=.."] {
        let reply = send(&server, "POST", "/api/v1/device", FORM, bad);
        assert!(matches!(reply.status, 400 | 422), "{bad}: {}", reply.body);
    }
    let unknown = serde_json::json!({ "device_code": "0".repeat(64) });
    assert_eq!(error(&server, &unknown), "invalid_grant");
    let no_grant = send(&server, "POST", "/api/v1/device/token", FORM, "grant_type=password&device_code=x");
    no_grant.is(400);
}

#[test]
fn codes_cannot_be_guessed_and_clients_cannot_pile_up() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let mut browser = Browser::new(&server);
    browser.sign_in("ada", PASSWORD);
    let guessed = (0..40).map(|_| browser.get("/device?code=BCDF-GHJK")).find(|reply| reply.status != 404);
    assert_eq!(guessed.expect("guessing has an end").status, 429);
    let answers = (0..40).map(|_| send(&server, "POST", "/api/v1/device", FORM, "client_id=x"));
    let refused = answers.into_iter().find(|reply| reply.status != 200).expect("there is an end");
    assert_eq!(refused.status, 429, "{}", refused.body);
}

#[test]
fn the_page_speaks_french_and_shows_no_markup_of_others() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let mut browser = Browser::new(&server);
    browser.sign_in("ada", PASSWORD);
    let codes = begin(&server, "client_id=x&name=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    let path = format!("/device?code={}", codes["user_code"].as_str().unwrap());
    let french = format!("Cookie: {}\r\nAccept-Language: fr-FR,fr;q=0.9\r\n", browser.cookie);
    let page = send(&server, "GET", &path, &french, "").is(200);
    assert!(page.body.contains("<html lang=\"fr\">") && page.body.contains("Approuver"), "{}", page.body);
    assert!(page.body.contains("&lt;script&gt;") && !page.body.contains("<script"), "{}", page.body);
    let page = browser.get(&path).is(200);
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("Approve"), "{}", page.body);
    // A name that would move a terminal's cursor is not taken.
    send(&server, "POST", "/api/v1/device", FORM, "client_id=x&name=%1B%5B2J").is(400);
}
