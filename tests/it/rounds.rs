//! What is asked of a registry at the same time.

use crate::http::as_stranger;
use crate::registry::{initialised, pack, publish};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Whether a namespace has been asked for, and whether it was while an index file was.
#[derive(Default)]
struct Seen {
    namespace: bool,
    together: Option<bool>,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// Serves the files of a registry. An index file is not given before a namespace has been asked for, or 20 seconds have
/// passed.
fn waiting(root: PathBuf) -> (String, Shared) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Shared::default();
    let shared = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (root, shared) = (root.clone(), Arc::clone(&shared));
            std::thread::spawn(move || answer(stream, &root, &shared));
        }
    });
    (url, seen)
}

fn answer(mut stream: TcpStream, root: &Path, (seen, changed): &(Mutex<Seen>, Condvar)) -> Option<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    if path.starts_with("ns/") {
        seen.lock().unwrap().namespace = true;
        changed.notify_all();
    }
    if path.starts_with("index/") {
        let (mut seen, waited) = changed
            .wait_timeout_while(seen.lock().unwrap(), Duration::from_secs(20), |seen| !seen.namespace)
            .unwrap();
        seen.together = Some(!waited.timed_out());
    }
    let (status, body) = match std::fs::read(root.join(&path)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}

#[test]
fn index_files_and_namespaces_of_what_is_locked_are_asked_for_together() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/base", "1.0.0", "base", "")]).ends(0);
    let (url, seen) = waiting(sandbox.path().join("reg"));
    seen.0.lock().unwrap().namespace = true;
    as_stranger(&sandbox, &url);
    sandbox.write("vitte.toml", "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\n");
    sandbox.run(&format!("add demo/base --registry {url}")).ends(0);
    sandbox.run(&format!("install --registry {url}")).ends(0);
    *seen.0.lock().unwrap() = Seen::default();
    let current = sandbox.run(&format!("install --registry {url}")).ends(0);
    assert!(current.stderr.contains("nothing to do"), "{current}");
    assert_eq!(seen.0.lock().unwrap().together, Some(true));
}
