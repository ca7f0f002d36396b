//! Webhooks: a receiver is told what was logged, signed, again until it takes it, and never in the operator's network
//! unless the operator says so.

use crate::backends::backend;
use crate::sandbox::Sandbox;
use crate::served::{Server, initialised, operate, operated, project, token};
use ring::hmac;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// A message as it came.
struct Received {
    id: String,
    time: String,
    signature: String,
    body: String,
}

/// A receiver that answers with these statuses in turn, and then with the last of them.
fn receiver(statuses: &'static [u16]) -> (String, mpsc::Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for number in 0.. {
            let Ok((stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(stream);
            let (mut headers, mut line) = (Vec::new(), String::new());
            while reader.read_line(&mut line).is_ok_and(|len| len > 2) {
                headers.push(line.trim_end().to_owned());
                line.clear();
            }
            let header = |name: &str| {
                let of = |line: &String| {
                    let (key, value) = line.split_once(": ")?;
                    key.eq_ignore_ascii_case(name).then(|| value.to_owned())
                };
                headers.iter().find_map(of).unwrap_or_default()
            };
            let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let received = Received {
                id: header("webhook-id"),
                time: header("webhook-timestamp"),
                signature: header("webhook-signature"),
                body: String::from_utf8(body).unwrap(),
            };
            let status = statuses[number.min(statuses.len() - 1)];
            let location = "location: http://127.0.0.1:1/\r\n";
            let head =
                format!("HTTP/1.1 {status} x\r\n{location}content-length: 0\r\nconnection: close\r\n\r\n");
            reader.get_mut().write_all(head.as_bytes()).unwrap();
            if sender.send(received).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

fn next(messages: &mpsc::Receiver<Received>) -> Received {
    messages.recv_timeout(Duration::from_secs(120)).expect("no message came")
}

/// A server with an author, whose webhooks may lead anywhere, and what the author publishes by.
fn started() -> (Sandbox, Server, String) {
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    sandbox.write("data/vitte-registry.toml", "webhook-targets = \"any\"\n");
    let server = Server::start(&sandbox);
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    let token = token(&sandbox, "publish,yank", "*");
    (sandbox, server, token)
}

fn does(sandbox: &Sandbox, server: &Server, token: &str, command: &str) {
    let command = format!("{command} --yes --registry {}", server.url());
    sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", token)).ends(0);
}

fn publish(sandbox: &Sandbox, server: &Server, token: &str, version: &str) {
    project(sandbox, version);
    does(sandbox, server, token, "publish");
}

/// Adds a webhook. Gives its id and its secret.
fn add(sandbox: &Sandbox, url: &str, flags: &[&str]) -> (String, String) {
    let said = operated(sandbox, &[&["webhook", "add", url, "--data", "data"], flags].concat());
    let id = said.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let secret = said.split_whitespace().find(|word| word.starts_with("whsec_")).unwrap();
    (id, secret.trim_end_matches(',').to_owned())
}

#[test]
fn what_is_logged_is_told_and_signed() {
    let (sandbox, server, token) = started();
    let (url, messages) = receiver(&[204]);
    let (_, secret) = add(&sandbox, &url, &[]);
    let (only_yanks, yanks) = receiver(&[200]);
    add(&sandbox, &only_yanks, &["--events", "yank", "--packages", "roussov/*"]);
    let (elsewhere, nothing) = receiver(&[200]);
    add(&sandbox, &elsewhere, &["--packages", "other/*"]);
    publish(&sandbox, &server, &token, "1.0.0");
    does(&sandbox, &server, &token, "deprecate roussov/vitte-math@1.0.0");
    does(&sandbox, &server, &token, "yank roussov/vitte-math@1.0.0");

    let key = secret.strip_prefix("whsec_").unwrap();
    let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, key).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let mut reported = BTreeSet::new();
    for _ in 0..4 {
        let message = next(&messages);
        let signed = format!("{}.{}.{}", message.id, message.time, message.body);
        let tag = message.signature.strip_prefix("v1,").unwrap();
        let tag = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, tag).unwrap();
        hmac::verify(&key, signed.as_bytes(), &tag).unwrap();
        let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        assert!(body["timestamp"].as_str().unwrap().ends_with('Z'), "{body}");
        assert_eq!(body["data"]["registry"], "registry.example/", "{body}");
        reported.insert((body["data"]["log"].as_u64().unwrap(), body["type"].as_str().unwrap().to_owned()));
    }
    let expected = ["namespace.created", "release.published", "release.deprecate", "release.yank"];
    let expected = (1..).zip(expected).map(|(log, name)| (log, name.to_owned())).collect();
    assert_eq!(reported, expected);
    assert!(next(&yanks).body.contains("release.yank"));
    assert!(yanks.try_recv().is_err() && nothing.try_recv().is_err());
    // A backup has the secret only where it has the keys. A database that is shared is not in it at all.
    let backups = [("copy", &[][..], false), ("whole", &["--with-keys"][..], true)];
    for (folder, flags, has_it) in backups.into_iter().filter(|_| backend().is_a_folder()) {
        operated(&sandbox, &[&["backup", folder, "--data", "data"], flags].concat());
        let database = std::fs::read(sandbox.path().join(folder).join("db.sqlite")).unwrap();
        let found = database.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert_eq!(found, has_it, "{folder}");
    }
    let log = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
    assert!(!log.contains(secret.strip_prefix("whsec_").unwrap()), "{log}");
}

#[test]
fn a_message_that_was_not_taken_is_sent_again_also_by_another_process() {
    let (sandbox, mut server, token) = started();
    // A redirect is no success, and is not followed.
    let (url, messages) = receiver(&[302, 500, 200]);
    let (id, _) = add(&sandbox, &url, &["--events", "publish"]);
    publish(&sandbox, &server, &token, "1.0.0");
    let first = next(&messages);
    // Killed: what was due is due still.
    drop(server);
    server = Server::start(&sandbox);
    // The next attempt is after its pause; asked for, it is made at once.
    let deliveries = || operated(&sandbox, &["webhook", "deliveries", &id, "--data", "data"]);
    let listed = deliveries();
    assert!(listed.contains("release.published") && listed.contains(&first.id), "{listed}");
    operated(&sandbox, &["webhook", "redeliver", &first.id, "--data", "data"]);
    let second = next(&messages);
    assert_eq!(
        (&first.id, &first.body),
        (&second.id, &second.body),
        "the receiver can tell that it is the same"
    );
    operated(&sandbox, &["webhook", "redeliver", &first.id, "--data", "data"]);
    let third = next(&messages);
    assert_eq!(third.id, first.id);
    for _ in 0..600 {
        if deliveries().contains("delivered") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(deliveries().contains("  200  delivered"), "{}", deliveries());
    assert!(operated(&sandbox, &["webhook", "list", "--data", "data"]).ends_with("  200"));
    operated(&sandbox, &["webhook", "remove", &id, "--data", "data"]);
    assert_eq!(operated(&sandbox, &["webhook", "list", "--data", "data"]), "");
    drop(server);
}

#[test]
fn t88_the_operators_own_network_is_out_of_reach() {
    let sandbox = Sandbox::new();
    let pin = initialised(&sandbox);
    let add = |url: &str| operate(&sandbox, &["webhook", "add", url, "--data", "data"]);
    for url in [
        "http://127.0.0.1:1/",
        "https://127.0.0.1:1/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/",
    ] {
        let output = add(url);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(7), "{url}: {said}");
        assert!(said.contains("VP0704") && said.contains("webhook-targets"), "{said}");
    }
    // A name is judged when it is resolved: this one leads to the machine itself.
    assert!(add("https://localhost:1/hook").status.success());
    let server = Server::start(&sandbox);
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {pin}", server.url())).ends(0);
    let token = token(&sandbox, "publish", "*");
    publish(&sandbox, &server, &token, "1.0.0");
    let listed = operated(&sandbox, &["webhook", "list", "--data", "data"]);
    let id = listed.split("  ").next().unwrap().to_owned();
    let deliveries = || operated(&sandbox, &["webhook", "deliveries", &id, "--data", "data"]);
    for _ in 0..600 {
        if deliveries().contains("no public address") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(deliveries().contains("no public address"), "{}", deliveries());
    for (arguments, code) in [
        (["webhook", "remove", "none", "--data", "data"], 9),
        (["webhook", "redeliver", "none", "--data", "data"], 9),
        (["webhook", "deliveries", "none", "--data", "data"], 9),
    ] {
        assert_eq!(operate(&sandbox, &arguments).status.code(), Some(code), "{arguments:?}");
    }
    let unknown =
        operate(&sandbox, &["webhook", "add", "https://x.example/", "--events", "all", "--data", "data"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn a_receiver_that_hangs_holds_up_no_other() {
    let (sandbox, server, token) = started();
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", hanging.local_addr().unwrap());
    let was_given_up = Arc::new(AtomicBool::new(false));
    let (reached, was_reached) = mpsc::channel();
    let given_up = Arc::clone(&was_given_up);
    std::thread::spawn(move || {
        for mut stream in hanging.incoming().flatten() {
            let (reached, given_up) = (reached.clone(), Arc::clone(&given_up));
            std::thread::spawn(move || {
                let _ = reached.send(());
                while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
                given_up.store(true, Ordering::SeqCst);
            });
        }
    });
    // It is for what the other is for: each has messages that wait behind its first.
    add(&sandbox, &url, &[]);
    let (url, messages) = receiver(&[204]);
    add(&sandbox, &url, &[]);
    publish(&sandbox, &server, &token, "1.0.0");
    was_reached.recv_timeout(Duration::from_secs(60)).expect("nothing was sent to the one that hangs");
    next(&messages);
    does(&sandbox, &server, &token, "yank roussov/vitte-math@1.0.0");
    while !next(&messages).body.contains("release.yank") && !was_given_up.load(Ordering::SeqCst) {}
    assert!(!was_given_up.load(Ordering::SeqCst), "it waited for the one that hangs");
}
