//! From start to end: the commands of authors, readers and operators.

use crate::backends::backend;
use crate::programs;
use crate::sandbox::{Sandbox, connect, first_line, kills, send, wait};
use crate::served::{Server, entries, operate, operated, program, project, token, with_author};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use vitte_package_core::digest::Digest;

#[test]
fn the_three_commands_work_letter_by_letter() {
    let (sandbox, server) = with_author();
    let token = token(&sandbox, "publish,yank", "*");
    let url = server.url();
    let vitte = |command: &str| {
        let arguments = command.strip_prefix("vitte ").unwrap().split(' ');
        let output = sandbox.vitte().args(arguments).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        [output.stdout, output.stderr].concat()
    };
    vitte("vitte package build --manifest vitte.toml --out target/");
    let said = vitte(&format!("vitte package publish --yes --token {token} --registry {url}"));
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("roussov/vitte-math 1.0.0") && said.contains("log entry 2"), "{said}");
    assert!(!said.contains(&token), "the token is printed");

    // Somebody else, who trusts the registry.
    let reader = Sandbox::new();
    let trust_root = std::fs::read((backend().public)(&sandbox).join("trust/1.json")).unwrap();
    let trust_root = Digest::of(&trust_root);
    reader.run(&format!("registry add {url} --trust-root-sha256 {trust_root}")).ends(0);
    let output = reader.vitte().args(["package", "install", "roussov/vitte-math"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = reader.run("list --json").ends(0).json();
    assert!(listed.to_string().contains("roussov/vitte-math"), "{listed}");

    // The same again changes nothing; what is changed later is in the same log.
    let with_token = |arguments: &str| {
        sandbox.run_with(arguments, |command| {
            command.env("VITTE_TOKEN", &token);
        })
    };
    let again = with_token(&format!("publish --yes --json --registry {url}")).ends(0).json();
    assert_eq!(again["result"]["artifacts"][0]["state"], "already_published");
    for (command, log) in [("yank", 3), ("yank --undo", 4), ("deprecate", 5)] {
        let said = with_token(&format!("{command} roussov/vitte-math@1.0.0 --yes --json --registry {url}"));
        assert_eq!(said.ends(0).json()["result"]["log"], log, "{command}");
    }
    project(&sandbox, "1.1.0");
    let next = with_token(&format!("publish --yes --json --registry {url}")).ends(0).json();
    assert_eq!((&next["result"]["artifacts"][0]["log"], entries(&sandbox)), (&6.into(), 7));
}

#[test]
fn what_a_token_does_not_allow_is_refused_and_nothing_is_logged() {
    let (sandbox, server) = with_author();
    let publish = |token: &str| {
        let command = format!("publish --yes --json --registry {}", server.url());
        sandbox.run_with(&command, |command| {
            command.env("VITTE_TOKEN", token);
        })
    };
    let good = token(&sandbox, "publish", "roussov/*");
    let revoked = token(&sandbox, "publish", "*");
    operated(&sandbox, &["token", "revoke", &revoked[4..16], "--data", "data"]);
    let mut forged = good.clone();
    forged.replace_range(20..21, if &good[20..21] == "a" { "b" } else { "a" });
    let refused = [
        (String::new(), "VP0701"),
        ("not-a-token".to_owned(), "VP0701"),
        (forged, "VP0701"),
        (revoked, "VP0701"),
        (token(&sandbox, "yank", "*"), "VP0702"),
        (token(&sandbox, "publish", "other/*"), "VP0702"),
        // It covers the package, but not the namespace that has to be created.
        (token(&sandbox, "publish", "roussov/vitte-math"), "VP0702"),
    ];
    for (token, code) in &refused {
        let ran = publish(token);
        assert!(token.is_empty() || !ran.to_string().contains(token.as_str()), "the token is printed");
        let json = ran.ends(7).json();
        let mut faults = json["diagnostics"].as_array().unwrap().iter();
        assert!(faults.any(|fault| fault["severity"] == "error" && fault["code"] == *code), "{json}");
    }
    assert_eq!(entries(&sandbox), 1);
    publish(&good).ends(0);
    assert_eq!(entries(&sandbox), 3);
    let log = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
    assert!(!log.contains("vtt_"), "{log}");
}

#[test]
fn refusals_are_problems_and_keep_nothing() {
    let (sandbox, server) = with_author();
    let token = token(&sandbox, "publish", "*");
    let bearer = format!("Authorization: Bearer {token}\r\n");
    for (head, body, status, code) in [
        ("POST /api/v1/uploads HTTP/1.1\r\n".to_owned(), &b"{}"[..], 401, "VP0701"),
        (format!("POST /api/v1/uploads HTTP/1.1\r\n{bearer}"), b"{}", 400, "VP0609"),
        (format!("POST /api/v1/uploads HTTP/1.1\r\n{bearer}"), b"\xff", 400, "VP0609"),
        (format!("GET /api/v1/uploads/..%2Fx HTTP/1.1\r\n{bearer}"), b"", 404, "VP0606"),
        (format!("PUT /api/v1/uploads/a/blobs/b HTTP/1.1\r\n{bearer}"), b"x", 404, "VP0606"),
        (format!("DELETE /api/v1/uploads HTTP/1.1\r\n{bearer}"), b"", 405, "VP0312"),
        ("GET /api/v1/nothing HTTP/1.1\r\n".to_owned(), b"", 404, "VP0606"),
        ("POST /api/v1/index/batch HTTP/1.1\r\n".to_owned(), b"{}", 400, "VP0614"),
    ] {
        let response = server.ask(&head, body);
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{head}{response}");
        assert!(response.contains("application/problem+json") && response.contains(code), "{head}{response}");
        assert!(!response.contains(&token));
    }
    // One that says how long it is is refused before it is read.
    let mut stream = connect(&server.address);
    let head =
        format!("POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\n{bearer}Content-Length: 99999999999\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
    assert_eq!(entries(&sandbox), 1);
}

#[test]
fn files_are_delivered_as_by_any_other_server_of_the_folder() {
    let (sandbox, server) = with_author();
    let token = token(&sandbox, "publish", "*");
    let command = format!("publish --yes --registry {}", server.url());
    sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", token)).ends(0);
    let index = server.get("/index/roussov/vitte-math");
    let tag = index.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert!(index.contains("cache-control: max-age=60") && index.contains("access-control-allow-origin: *"));
    let unchanged =
        server.ask(&format!("GET /index/roussov/vitte-math HTTP/1.1\r\nIf-None-Match: {tag}\r\n"), b"");
    assert!(unchanged.starts_with("HTTP/1.1 304"), "{unchanged}");
    let archive = "/p/roussov/vitte-math/1.0.0/vitte-math-1.0.0.vitmod";
    let part = server.ask(&format!("GET {archive} HTTP/1.1\r\nRange: bytes=0-3\r\n"), b"");
    assert!(part.starts_with("HTTP/1.1 206") && part.contains("content-range: bytes 0-3/"), "{part}");
    assert!(part.contains("immutable"), "{part}");
    for hidden in ["/.vitte-registry.lock", "/../keys/log.pem", "/%2e%2e/keys/log.pem", "/x"] {
        assert!(server.get(hidden).starts_with("HTTP/1.1 404"), "{hidden}");
    }
    for live in ["/healthz", "/readyz"] {
        assert!(server.get(live).starts_with("HTTP/1.1 200"), "{live}");
    }
    assert!(server.ask(&format!("HEAD {archive} HTTP/1.1\r\n"), b"").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_file_that_cannot_be_read_is_not_called_absent() {
    if !backend().is_a_folder() {
        // `replicas` has what becomes of readers when a bucket does not respond.
        return;
    }
    let (sandbox, server) = with_author();
    // A link to itself: a file that even root cannot open.
    let index = sandbox.path().join("data/public/index/roussov");
    std::fs::create_dir_all(&index).unwrap();
    std::os::unix::fs::symlink("vitte-math", index.join("vitte-math")).unwrap();
    let response = server.get("/index/roussov/vitte-math");
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    assert!(
        response.to_lowercase().contains("retry-after:") && response.contains("\"code\":\"VP"),
        "{response}"
    );
    assert!(!response.contains(&*sandbox.path().to_string_lossy()), "{response}");
    assert!(server.get("/index/roussov/another").starts_with("HTTP/1.1 404"));
    assert!(server.get(&format!("/index/roussov/{}", "a".repeat(300))).starts_with("HTTP/1.1 404"));
    let batch = |name: &str| {
        let body = format!("{{\"v\":1,\"packages\":[{{\"name\":\"{name}\"}}]}}");
        server.ask("POST /api/v1/index/batch HTTP/1.1\r\n", body.as_bytes())
    };
    assert!(batch("roussov/vitte-math").starts_with("HTTP/1.1 503"), "{}", batch("roussov/vitte-math"));
    assert!(batch("roussov/another").starts_with("HTTP/1.1 200"), "{}", batch("roussov/another"));
}

#[test]
fn an_operator_is_addressed_in_french_and_clients_are_not() {
    let sandbox = Sandbox::new();
    let french = |arguments: &[&str]| {
        let mut command = program(&sandbox);
        command.args(arguments).env("VITTE_LANG", "fr");
        command
    };
    let output = french(&["init", "--data", "data"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.starts_with("Registre `localhost/` créé dans data\n"), "{said}");
    let output = french(&["serve", "--help"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said.starts_with("Servir le registre par HTTP\n\nUtilisation\u{202f}: vitte-registry"), "{said}");
    assert!(
        said.contains("--listen <IP:PORT>") && said.contains("[défaut\u{202f}: 127.0.0.1:7878]"),
        "{said}"
    );
    assert!(!said.contains("[default:") && !said.contains("[env:"), "{said}");
    let output = french(&["init", "--datas", "data"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.starts_with("erreur\u{202f}: argument inattendu '--datas'\n"), "{said}");
    let output = french(&["token", "revoke", "none", "--data", "data"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("il n’y a pas de jeton"), "{said}");
    let mut child = french(&["serve", "--data", "data", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let line = first_line(&mut child);
    let address = line.trim_end().trim_end_matches('/').rsplit("http://").next().unwrap().to_owned();
    let server = Server::of(child, address);
    let response = server.get("/api/v1/nothing");
    assert!(response.contains("the registry's API has no"), "{response}");
}

#[test]
fn a_client_that_goes_silent_is_left() {
    let (sandbox, server) = with_author();
    drop(server);
    let server = Server::start_with(&sandbox, &["--idle-timeout", "1"]);
    let token = token(&sandbox, "publish", "*");
    let beginnings = [
        (String::new(), ""),
        ("GET /config.json HTTP/1.1\r\nHost: x\r\n".to_owned(), ""),
        ("GET /config.json HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), "HTTP/1.1 200"),
        (
            format!(
                "POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
                 Content-Length: 1000\r\n\r\n{{"
            ),
            "HTTP/1.1 408",
        ),
    ];
    // More of them at once than a server that waits for each could have threads.
    let open = (0..200).map(|number| {
        let (beginning, answer) = &beginnings[number % beginnings.len()];
        let mut stream = connect(&server.address);
        stream.write_all(beginning.as_bytes()).unwrap();
        (stream, answer)
    });
    let streams: Vec<_> = open.collect();
    assert!(server.get("/config.json").starts_with("HTTP/1.1 200"));
    for (mut stream, answer) in streams {
        // Ends, where the server did not: at the time limit of the socket, as an error.
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        let response = String::from_utf8_lossy(&response);
        assert!(
            response.starts_with(*answer) && !(answer.is_empty() && response.contains("200")),
            "{response}"
        );
    }
    assert_eq!(entries(&sandbox), 1);
}

#[test]
fn a_server_ends_when_told_to_and_holds_the_registry_until_then() {
    let (sandbox, mut server) = with_author();
    if backend().is_a_folder() {
        let second = operate(&sandbox, &["serve", "--data", "data", "--listen", "127.0.0.1:0"]);
        assert_eq!(second.status.code(), Some(6), "{}", String::from_utf8_lossy(&second.stderr));
    }
    // A connection that says nothing does not keep it.
    let _idle = connect(&server.address);
    send(rustix::process::Signal::TERM, &server.child);
    assert!(wait(&mut server.child).success());
    let restarted = Server::start(&sandbox);
    assert!(restarted.get("/readyz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_folder_becomes_a_server_and_a_folder_again() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    let created = sandbox.run("registry init reg --json").ends(0).json();
    let id = created["result"]["registry"].as_str().unwrap().replace('/', "_");
    let keys = sandbox.home().join("keys").join("registry").join(id).display().to_string();
    project(&sandbox, "1.0.0");
    sandbox.run("publish --yes --registry reg").ends(0);
    operated(&sandbox, &["import", "reg", "--data", "data", "--keys", &keys]);
    operated(&sandbox, &["export", "copy", "--data", "data"]);
    let files = |folder: &str| {
        let mut found = BTreeMap::new();
        let mut folders = vec![sandbox.path().join(folder)];
        while let Some(at) = folders.pop() {
            for entry in std::fs::read_dir(&at).unwrap().flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => {
                        let name = path.strip_prefix(sandbox.path().join(folder)).unwrap().to_owned();
                        found.insert(name, std::fs::read(&path).unwrap());
                    }
                }
            }
        }
        found.remove(Path::new(".vitte-registry.lock"));
        found
    };
    assert_eq!(files("reg"), files("copy"));

    // The author goes on, at another address, with the same log; who pinned the folder notices nothing.
    operated(&sandbox, &["user", "add", "roussov", "--data", "data"]);
    let server = Server::start(&sandbox);
    let token = token(&sandbox, "publish", "roussov/*");
    project(&sandbox, "1.1.0");
    let command = format!("publish --yes --json --registry {}", server.url());
    let said = sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", token)).ends(0).json();
    assert_eq!(said["result"]["artifacts"][0]["log"], 3);
    assert_eq!(entries(&sandbox), 4);
}

#[test]
fn a_server_killed_while_it_publishes_loses_nothing_and_a_second_publish_ends_it() {
    let (sandbox, mut server) = with_author();
    let token = token(&sandbox, "publish", "*");
    let publish = |server: &Server| {
        let mut command = Command::new(programs::client());
        command.args(["publish", "--yes", "--json", "--registry", &server.url()]).current_dir(sandbox.path());
        command.env_clear().env("VITTE_HOME", sandbox.home()).env("HOME", sandbox.path().join("user"));
        command.env("VITTE_TOKEN", &token).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let published = |child: Child| {
        let output = child.wait_with_output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
        let artifact = &answer["result"]["artifacts"][0];
        Some((artifact["log"].as_u64()?, artifact["state"].as_str()?.to_owned()))
    };
    for number in 0..kills() {
        project(&sandbox, &format!("1.{number}.0"));
        let client = publish(&server);
        // Wherever that is: each moment has to be survived.
        std::thread::sleep(std::time::Duration::from_millis(u64::from(number * 37 % 400)));
        drop(server);
        let first = published(client);
        server = Server::start(&sandbox);
        let (log, _) = published(publish(&server)).expect("a second publish ends it");
        if let Some((reported, _)) = first {
            assert_eq!(reported, log, "what was reported as published is there");
        }
        // The namespace, and one release a round.
        assert_eq!(entries(&sandbox), u64::from(number) + 3);
    }
}

#[test]
fn signing_keys_can_lie_elsewhere() {
    let sandbox = Sandbox::new();
    let keys = ["--signing-keys", "vault/keys"];
    operated(&sandbox, &[&["init", "--data", "data"][..], &keys].concat());
    assert!(sandbox.path().join("vault/keys/log.pem").is_file());
    assert!(!sandbox.path().join("data/keys").exists());
    let without = operate(&sandbox, &["export", "copy", "--data", "data"]);
    assert!(without.status.success(), "reading takes no keys: {without:?}");
    if backend().is_a_folder() {
        // A replica without keys serves, and never sequences.
        let refused = operate(&sandbox, &["serve", "--data", "data", "--listen", "127.0.0.1:0"]);
        assert!(!refused.status.success(), "{refused:?}");
    }
    let server = Server::start_with(&sandbox, &keys);
    let ready = server.get("/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 200") && ready.ends_with("takes uploads and writes to the log\n"),
        "{ready}"
    );
}

#[test]
fn what_was_left_out_of_a_program_is_named() {
    if !backend().is_a_folder() {
        return;
    }
    let sandbox = Sandbox::new();
    let cases = [
        ("--database", "postgres://127.0.0.1:1/none", "postgres", cfg!(feature = "postgres")),
        ("--storage", "s3://none?endpoint=http://127.0.0.1:1", "s3", cfg!(feature = "s3")),
    ];
    for (flag, address, feature, is_in) in cases {
        let output = operate(&sandbox, &["init", "--data", "data", flag, address]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{said}");
        let advice = format!("--features {feature}");
        let is_alone = said.contains("needs `database`");
        assert!(is_in || is_alone || said.contains(&advice), "{said}");
    }
    assert!(!sandbox.path().join("data").exists(), "nothing is begun");
}
