//! Many index files in one answer: how many requests that saves, and what becomes of an answer that lies.

use crate::http::as_stranger;
use crate::registry::{code, files, initialised, pack, publish};
use crate::sandbox::{Sandbox, connect, first_line};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use vitte_package::env::Env;
use vitte_package::http::{Encoding, Expected, Fetched, Http};
use vitte_package::serve::batch;
use vitte_package_core::api::batch::{BatchRequest, MEDIA_TYPE, announced};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::index::Address;

/// How an answer is made from the honest one.
pub type Lie = dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync;

/// Serves a registry and counts; `lie` is given what the truth would be, and without it no batch is offered.
pub fn counting(root: PathBuf, lie: Option<Arc<Lie>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (root, lie, log) = (root.clone(), lie.clone(), Arc::clone(&log));
            std::thread::spawn(move || respond(stream, &root, lie.as_deref(), &log));
        }
    });
    (url, asked)
}

fn respond(mut stream: TcpStream, root: &Path, lie: Option<&Lie>, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut words = head.split(' ');
    let (method, path) = (words.next()?, words.next()?.trim_start_matches('/').to_owned());
    log.lock().unwrap().push(format!("{method} {path}"));
    let (mut status, mut kind) = ("200 OK", "text/plain");
    let body = match (method, lie) {
        ("POST", Some(lie)) => {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .and_then(|length| length.parse().ok())
            });
            let mut question = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut question).ok()?;
            kind = MEDIA_TYPE;
            lie(batch::respond(root, &BatchRequest::parse(&question).unwrap()).unwrap())
        }
        _ => match std::fs::read(root.join(&path)) {
            Ok(bytes) if path == "config.json" && lie.is_some() => announced(&bytes).unwrap(),
            Ok(bytes) => bytes,
            Err(_) => {
                status = "404 Not Found";
                Vec::new()
            }
        },
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nETag: \"{}\"\r\nConnection: close\r\n\r\n",
        body.len(),
        Digest::of(&body)
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).ok()
}

/// A registry with a chain of packages, each of which needs the next, and a project that needs the first.
pub fn chain(length: usize) -> Sandbox {
    let sandbox = initialised();
    let paths: Vec<PathBuf> = (0..length)
        .rev()
        .map(|number| {
            let needs = if number + 1 < length {
                format!("\"demo/p{}x\" = \"1\"\n", number + 1)
            } else {
                String::new()
            };
            pack(&sandbox, &format!("demo/p{number}x"), "1.0.0", &"x".repeat(number + 1), &needs)
        })
        .collect();
    publish(&sandbox, &paths.iter().map(PathBuf::as_path).collect::<Vec<_>>()).ends(0);
    sandbox.write("app/src/lib.vit", "x");
    sandbox.write(
        "app/vitte.toml",
        "[package]\nname = \"me/app\"\nversion = \"0.1.0\"\nedition = \"2025\"\n\n[lib]\npath = \"src/lib.vit\"\n\n[dependencies]\n\"demo/p0x\" = \"1\"\n",
    );
    sandbox
}

/// A fresh user locks the project; gives the lockfile and what was asked about the index.
fn lock(sandbox: &Sandbox, lie: Option<Arc<Lie>>) -> (String, Vec<String>) {
    let (url, asked) = counting(sandbox.path().join("reg"), lie);
    if sandbox.path().join("owner").exists() {
        std::fs::remove_dir_all(sandbox.path().join("owner")).unwrap();
    }
    as_stranger(sandbox, &url);
    let lockfile = sandbox.path().join("app/vitte.lock");
    let _ = std::fs::remove_file(&lockfile);
    asked.lock().unwrap().clear();
    sandbox.run(&format!("lock --manifest app/vitte.toml --registry {url}")).ends(0);
    let about = |line: &&String| line.contains("index/");
    let asked = asked.lock().unwrap().iter().filter(about).cloned().collect();
    (std::fs::read_to_string(lockfile).unwrap(), asked)
}

#[test]
fn thirty_index_files_come_in_one_answer() {
    let sandbox = chain(30);
    let (singly, asked) = lock(&sandbox, None);
    assert_eq!(asked.len(), 30, "{asked:?}");
    let (together, asked) = lock(&sandbox, Some(Arc::new(|truth| truth)));
    assert_eq!(asked, ["POST api/v1/index/batch"]);
    assert_eq!(together, singly);
    // What came that way was trusted and kept, as if it had come singly.
    let cache = files(&sandbox.home().join("cache"));
    let kept = cache.keys().filter(|name| name.contains("/index/demo/")).count();
    assert_eq!(kept, 30, "{:?}", cache.keys());
}

#[test]
fn an_answer_that_lies_never_gives_another_resolution() {
    let sandbox = chain(4);
    let (truth, _) = lock(&sandbox, None);
    let replace = |from: &'static str, to: &'static str| -> Arc<Lie> {
        Arc::new(move |bytes: Vec<u8>| {
            let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
            [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
        })
    };
    let lies: [(&str, Arc<Lie>); 9] = [
        ("a body with another version", replace("\"ver\":\"1.0.0\"", "\"ver\":\"1.0.1\"")),
        (
            "the body of another package",
            Arc::new(|bytes: Vec<u8>| {
                let text = String::from_utf8(bytes).unwrap();
                text.replace("file demo/p1x ", "file demo/p9x ")
                    .replace("file demo/p2x ", "file demo/p1x ")
                    .into_bytes()
            }),
        ),
        ("a length that is wrong", replace("file demo/p0x 200 ", "file demo/p0x 200 1")),
        ("an unknown status", replace("file demo/p0x 200 ", "file demo/p0x 500 ")),
        ("that there is nothing", Arc::new(|_| b"file demo/p0x 404 0 -\nend\n".to_vec())),
        ("that nothing has changed", Arc::new(|_| b"file demo/p0x 304 0 -\nend\n".to_vec())),
        ("cut short", Arc::new(|bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec())),
        ("huge", Arc::new(|_| vec![b'x'; 33 * 1024 * 1024])),
        ("nothing at all", Arc::new(|_| Vec::new())),
    ];
    for (what, lie) in lies {
        let (lockfile, asked) = lock(&sandbox, Some(lie));
        assert_eq!(lockfile, truth, "{what}");
        assert!(asked.len() > 1, "{what}: what was not believed was asked for singly: {asked:?}");
    }
}

/// `registry serve-static reg --batch`, ended when it is dropped.
struct Served(Child, String);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(sandbox: &Sandbox) -> Served {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vitte-package"))
        .args(["registry", "serve-static", "reg", "--port", "0", "--batch"])
        .current_dir(sandbox.path())
        .env("VITTE_HOME", sandbox.home())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let line = first_line(&mut child);
    let url = line.trim_end().rsplit(' ').next().unwrap().to_owned();
    Served(child, url)
}

#[test]
fn our_own_server_answers_and_refuses() {
    let sandbox = chain(6);
    let server = serve(&sandbox);
    let host = server.1.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let ask = |request: &str| {
        let mut stream = connect(&host);
        stream.write_all(request.as_bytes()).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        all
    };
    let post = |path: &str, body: &str| {
        let length = body.len();
        ask(&format!(
            "POST /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    };
    let question =
        |follow: bool| format!("{{\"v\":1,\"packages\":[{{\"name\":\"demo/p2x\"}}],\"follow\":{follow}}}");
    let all = post("api/v1/index/batch", &question(true));
    assert!(all.starts_with("HTTP/1.1 200") && all.contains(MEDIA_TYPE) && all.ends_with("end\n"), "{all}");
    assert_eq!(all.matches("\nfile demo/").count(), 4, "p2x and the three it leads to: {all}");
    assert_eq!(post("api/v1/index/batch", &question(false)).matches("\nfile demo/").count(), 1);
    assert!(post("api/v1/index/batch", "{}").starts_with("HTTP/1.1 400"));
    assert!(post("api/v1/other", "{}").starts_with("HTTP/1.1 400"));
    let config = ask("GET /config.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(config.contains("\"api\":\"api/v1\"") && config.contains("\"features\":[\"batch\"]"), "{config}");
    // A client that asks a second time sends tags, and gets the same.
    as_stranger(&sandbox, &server.1);
    let lock = format!("lock --manifest app/vitte.toml --registry {}", server.1);
    sandbox.run(&lock).ends(0);
    let lockfile = std::fs::read(sandbox.path().join("app/vitte.lock")).unwrap();
    std::fs::remove_file(sandbox.path().join("app/vitte.lock")).unwrap();
    sandbox.run(&lock).ends(0);
    assert_eq!(std::fs::read(sandbox.path().join("app/vitte.lock")).unwrap(), lockfile);
    let absent =
        sandbox.run(&format!("add demo/none --manifest app/vitte.toml --registry {} --json", server.1));
    assert!(["VP0606", "VP0402", "VP0401"].contains(&code(&absent).as_str()), "{absent}");
}

#[cfg(unix)]
#[test]
fn an_index_file_that_cannot_be_read_is_not_called_absent() {
    let sandbox = chain(2);
    let server = serve(&sandbox);
    as_stranger(&sandbox, &server.1);
    // A link to itself: a file that even root cannot open.
    let index = sandbox.path().join("reg/index/demo/p1x");
    std::fs::remove_file(&index).unwrap();
    std::os::unix::fs::symlink("p1x", &index).unwrap();
    // Not 9, "there is no such package", and not 5, "never retry".
    let ran = sandbox.run(&format!("info demo/p1x --registry {} --json", server.1)).ends(6);
    assert!(ran.stdout.contains("503"), "{ran}");
    let lock = sandbox.run(&format!("lock --manifest app/vitte.toml --registry {} --json", server.1));
    lock.ends(6);
}

/// A request of a connection: its head and its body.
fn request(reader: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        if reader.read_line(&mut text).ok()? == 0 {
            return None;
        }
    }
    let lower = text.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(text + &String::from_utf8_lossy(&body))
}

/// Requests, each with the number of the connection it came in on.
type Requests = Vec<(usize, String)>;

/// Answers a `GET` and keeps the connection. The first `closes` connections that a `POST` comes in on are closed without
/// a byte of an answer.
fn closing(closes: usize) -> (Address, Arc<Mutex<Requests>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Address::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let asked = Arc::new(Mutex::new(Requests::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for (number, mut stream) in listener.incoming().flatten().enumerate() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while let Some(text) = request(&mut reader) {
                let is_post = text.starts_with("POST ");
                log.lock().unwrap().push((number, text));
                if is_post && number < closes {
                    break;
                }
                let answer =
                    format!("HTTP/1.1 200 OK\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: 4\r\n\r\nyes!");
                stream.write_all(answer.as_bytes()).unwrap();
                if is_post {
                    break;
                }
            }
            // Both directions: the reader holds the socket too.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    });
    (url, asked)
}

/// One `GET`, then a `POST` on the connection that was kept.
fn get_and_post(closes: usize) -> (Result<Vec<u8>, Code>, Requests) {
    let (url, asked) = closing(closes);
    let http = Http::new(&Env::new("/", "/")).unwrap();
    let found = http.fetch(&url, 10, None, Encoding::Identity).unwrap();
    assert!(matches!(found, Fetched::Found(..)));
    let mut got = Vec::new();
    let posted =
        http.post(&url, b"question", Expected { content_type: MEDIA_TYPE, limit: 10 }, &mut |bytes| {
            got.extend_from_slice(bytes);
            Ok(())
        });
    let asked = asked.lock().unwrap().clone();
    assert_eq!(http.traffic().requests, asked.len() as u64);
    (posted.map(|()| got).map_err(|error| error.code()), asked)
}

#[test]
fn a_kept_connection_that_was_closed_costs_one_more_request_and_not_the_batch() {
    let (got, asked) = get_and_post(1);
    assert_eq!(got, Ok(b"yes!".to_vec()));
    // The connection of the `GET` was used again, and then a new one, with the same question.
    assert_eq!(asked.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 0, 1]);
    assert!(asked[1..].iter().all(|(_, text)| text.starts_with("POST ") && text.ends_with("question")));
}

#[test]
fn a_server_that_always_closes_is_asked_twice() {
    let (got, asked) = get_and_post(9);
    assert_eq!((got, asked.len()), (Err(Code::Truncated), 3));
}
