//! Uploads: received in pieces, opened again by the same request, given up.

use crate::author::{Author, Signed};
use crate::backends::backend;
use crate::sandbox::{Sandbox, connect};
use crate::served::{Server, entries, initialised, token};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use vitte_package_core::api::upload::{BlobState, UploadState, blob_path, commit_path, upload_path};

/// A server, and what is said to it.
fn served() -> (Sandbox, Server, Author) {
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let author = Author::at(&server.address, &token(&sandbox, "publish", "*"));
    (sandbox, server, author)
}

#[test]
fn an_archive_is_received_in_pieces_and_goes_on_after_a_cut() {
    let (sandbox, server, mut author) = served();
    let content: String =
        (0..200_000u32).map(|number| format!("{:x}", number.wrapping_mul(2_654_435_761))).collect();
    let signed = Signed::namespace("demo").with(&sandbox, "demo/large", "1.0.0", &content);
    let (file, archive) = signed.archives.iter().next().unwrap();
    let total = archive.len();
    assert!(total > 600_000, "{total}");
    let upload = author.ask("POST", "uploads", "", &signed.request()).unwrap().upload();
    let path = blob_path(&upload.id, file);
    let offset = |author: &mut Author| {
        let response = author.ask("HEAD", &path, "", b"").unwrap();
        assert_eq!(response.status, 204);
        response.header("upload-offset").unwrap().parse::<usize>().unwrap()
    };
    let piece = |author: &mut Author, from: usize, to: usize| {
        let range = format!("Content-Range: bytes {from}-{}/{total}\r\n", to - 1);
        author.ask("PUT", &path, &range, &archive[from..to]).unwrap()
    };
    assert_eq!(offset(&mut author), 0);
    assert_eq!(piece(&mut author, 0, 1000).status, 204);
    assert_eq!(offset(&mut author), 1000);
    // Nothing but the next byte.
    for (from, to) in [(999, 2000), (1001, 2000), (2000, 3000)] {
        let refused = piece(&mut author, from, to);
        assert_eq!((refused.status, refused.header("upload-offset")), (416, Some("1000")), "{from}");
    }
    for range in ["bytes 1000-1999/7", "bytes 1000-/9", "lines 1-2/3"] {
        let refused = author.ask("PUT", &path, &format!("Content-Range: {range}\r\n"), b"x").unwrap();
        assert_eq!(refused.status, 400, "{range}");
    }
    // Cut in the midst of what was announced: what came is kept.
    let half = total / 2;
    let mut stream = connect(&server.address);
    let bearer = token(&sandbox, "publish", "*");
    let head = |path: &str, from: usize, bearer: &str| {
        format!(
            "PUT /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\nContent-Range: bytes \
             {from}-{}/{total}\r\nContent-Length: {}\r\n\r\n",
            total - 1,
            total - from
        )
    };
    // With another token there is no such upload.
    stream.write_all(head(&path, 1000, &bearer).as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 404");
    let mut stream = connect(&server.address);
    stream.write_all(head(&path, 1000, author.token()).as_bytes()).unwrap();
    stream.write_all(&archive[1000..half]).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    let came = offset(&mut author);
    assert!(came > 1000 && came <= half, "{came}");
    assert_eq!(piece(&mut author, came, total).status, 204);
    assert_eq!(offset(&mut author), total);
    let shown = author.ask("GET", &upload_path(&upload.id), "", b"").unwrap().upload();
    assert_eq!((shown.state, shown.releases[0].state), (UploadState::Open, BlobState::Present));
    assert_eq!(shown.expires_at, upload.expires_at);
    assert!(shown.expires_at.is_some());
    assert_eq!(author.ask("POST", &commit_path(&upload.id), "", b"").unwrap().status, 200);
    assert_eq!(entries(&sandbox), 3);
}

#[test]
fn a_request_is_repeated_under_its_key_and_no_other_is() {
    let (sandbox, _server, mut author) = served();
    let signed = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "one");
    let (request, key) = (signed.request(), "Idempotency-Key: first\r\n");
    let first = author.ask("POST", "uploads", key, &request).unwrap();
    let id = first.upload().id;
    assert_eq!(
        (first.status, first.header("location")),
        (201, Some(format!("/api/v1/uploads/{id}").as_str()))
    );
    let again = author.ask("POST", "uploads", key, &request).unwrap();
    assert_eq!((again.status, again.upload().id), (200, id.clone()));
    assert_ne!(author.ask("POST", "uploads", "", &request).unwrap().upload().id, id, "without it, another");
    let other = Signed::namespace("demo").with(&sandbox, "demo/two", "1.0.0", "two");
    let refused = author.ask("POST", "uploads", key, &other.request()).unwrap();
    assert_eq!(refused.status, 422);
    assert!(refused.says("idempotency-key") && refused.says("VP0612"), "{refused:?}");
    for (malformed, what) in [("", "empty"), ("a b", "space"), (&*"k".repeat(65), "long")] {
        let header = format!("Idempotency-Key: {malformed}\r\n");
        assert_eq!(author.ask("POST", "uploads", &header, &request).unwrap().status, 400, "{what}");
    }
    // The answer of a commit can be had again, by the key too.
    for (file, archive) in &signed.archives {
        assert_eq!(author.ask("PUT", &blob_path(&id, file), "", archive).unwrap().status, 204);
    }
    let published = author.ask("POST", &commit_path(&id), "", b"").unwrap();
    assert_eq!((published.status, published.upload().state), (200, UploadState::Published));
    for again in [
        author.ask("POST", &commit_path(&id), "", b"").unwrap(),
        author.ask("POST", "uploads", key, &request).unwrap(),
    ] {
        assert_eq!((again.status, again.upload()), (200, published.upload()));
    }
    let refused = author.ask("DELETE", &upload_path(&id), "", b"").unwrap();
    assert_eq!(refused.status, 409, "{refused:?}");
    assert_eq!(entries(&sandbox), 3);
}

#[test]
fn an_upload_is_given_up_with_all_that_was_sent_for_it() {
    let (sandbox, _server, mut author) = served();
    let signed = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "one");
    let id = author.ask("POST", "uploads", "", &signed.request()).unwrap().upload().id;
    let (file, archive) = signed.archives.iter().next().unwrap();
    assert_eq!(author.ask("PUT", &blob_path(&id, file), "", archive).unwrap().status, 204);
    let staged = sandbox.path().join("data/staging").join(&id);
    assert!(staged.exists() || !backend().is_a_folder());
    assert_eq!(author.ask("DELETE", &upload_path(&id), "", b"").unwrap().status, 204);
    assert!(!staged.exists());
    let shown = author.ask("GET", &upload_path(&id), "", b"").unwrap();
    assert_eq!((shown.status, shown.upload().state), (200, UploadState::Cancelled));
    // Given up is given up, however often that is said; nothing more is taken.
    assert_eq!(author.ask("DELETE", &upload_path(&id), "", b"").unwrap().status, 204);
    for (method, path) in
        [("HEAD", blob_path(&id, file)), ("PUT", blob_path(&id, file)), ("POST", commit_path(&id))]
    {
        let refused = author.ask(method, &path, "", if method == "PUT" { archive } else { b"" }).unwrap();
        assert_eq!(refused.status, 409, "{method}: {refused:?}");
        assert!(method == "HEAD" || (refused.says("VP0615") && refused.says("was given up")), "{refused:?}");
    }
    assert!(!staged.exists(), "a refusal stores nothing");
    assert_eq!(entries(&sandbox), 1);
    assert_eq!(author.publish(&signed).unwrap().status, 200);
}

#[test]
fn an_upload_tells_how_far_it_is_and_why_it_failed() {
    let (sandbox, _server, mut author) = served();
    let signed = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "one");
    let state =
        |author: &mut Author, id: &str| author.ask("GET", &upload_path(id), "", b"").unwrap().upload();
    let key = "Idempotency-Key: one\r\n";
    let id = author.ask("POST", "uploads", key, &signed.request()).unwrap().upload().id;
    assert_eq!(state(&mut author, &id).state, UploadState::Open);
    // What is missing can be sent: the upload goes on.
    let early = author.ask("POST", &commit_path(&id), "", b"").unwrap();
    assert!(early.status == 422 && early.says("has not been sent"), "{early:?}");
    assert_eq!(state(&mut author, &id).state, UploadState::Open);
    // Another author is faster with the same version: this upload can never be published.
    let faster = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "other");
    assert_eq!(author.publish(&faster).unwrap().status, 200);
    let (file, archive) = signed.archives.iter().next().unwrap();
    assert_eq!(author.ask("PUT", &blob_path(&id, file), "", archive).unwrap().status, 204);
    let refused = author.ask("POST", &commit_path(&id), "", b"").unwrap();
    assert!(refused.status == 409 && refused.says("VP0607"), "{refused:?}");
    let failed = state(&mut author, &id);
    assert_eq!((failed.state, failed.problems[0].code.to_string().as_str()), (UploadState::Failed, "VP0607"));
    assert!(failed.releases.is_empty());
    let staged = sandbox.path().join("data/staging").join(&id);
    assert!(!staged.exists());
    let again = author.ask("POST", &commit_path(&id), "", b"").unwrap();
    assert!(again.status == 409 && again.says("VP0615") && again.says("was refused"), "{again:?}");
    // The key of an upload that has ended is free; the request is judged anew.
    let reopened = author.ask("POST", "uploads", key, &signed.request()).unwrap();
    assert!(reopened.status == 409 && reopened.says("VP0607"), "{reopened:?}");
}

/// Between a client and a server: takes a response away, ends a connection behind so many bytes of a request, or gives the
/// upload up that a request is about.
struct Between {
    address: String,
    cuts: Arc<AtomicU32>,
}

impl Between {
    /// Cuts the first requests of `method` whose path ends in `end`, as many as `cuts` says.
    fn start(server: String, method: &'static str, end: &'static str, after: usize, cuts: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let left = Arc::new(AtomicU32::new(cuts));
        let cuts = Arc::clone(&left);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, left) = (server.clone(), Arc::clone(&left));
                std::thread::spawn(move || forward(client, &server, method, end, after, &left));
            }
        });
        Self { address, cuts }
    }
}

/// In the place of a number of bytes: the upload that a request is about is given up before it is forwarded.
const GIVE_UP: usize = usize::MAX - 1;

/// Gives up the upload that a request is about, as its client.
fn give_up(server: &str, head: &str) {
    let path = head.split(' ').nth(1).unwrap();
    let upload = path.split('/').take(5).collect::<Vec<_>>().join("/");
    let authorization =
        head.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization:")).unwrap();
    let mut stream = TcpStream::connect(server).unwrap();
    let request =
        format!("DELETE {upload} HTTP/1.1\r\nHost: x\r\n{authorization}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 204"), "{response}");
}

/// Forwards one connection, request by request.
fn forward(client: TcpStream, server: &str, method: &str, end: &str, after: usize, left: &AtomicU32) {
    let Ok(mut up) = TcpStream::connect(server) else { return };
    let mut reader = std::io::BufReader::new(client.try_clone().unwrap());
    let mut down = client;
    let mut answers = std::io::BufReader::new(up.try_clone().unwrap());
    loop {
        let Some((head, length)) = read_head(&mut reader) else { return };
        let mut words = head.split(' ');
        let is_meant = words.next() == Some(method)
            && words.next().is_some_and(|path| path.ends_with(end) || end.is_empty());
        let cuts = is_meant
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let gives_up = cuts && after == GIVE_UP;
        if gives_up {
            give_up(server, &head);
        }
        let cuts = cuts && !gives_up;
        let sent = if cuts && after < length { &body[..after] } else { &body[..] };
        if up.write_all(head.as_bytes()).is_err() || up.write_all(sent).is_err() {
            return;
        }
        if cuts && after < length {
            return;
        }
        let Some((answer, length)) = read_head(&mut answers) else { return };
        let has_body = !head.starts_with("HEAD ");
        let mut body = vec![0; if has_body { length } else { 0 }];
        if answers.read_exact(&mut body).is_err() || cuts {
            // The server has answered, and nobody hears it.
            return;
        }
        if down.write_all(answer.as_bytes()).is_err() || down.write_all(&body).is_err() {
            return;
        }
    }
}

fn read_head(reader: &mut impl std::io::BufRead) -> Option<(String, usize)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok()).flatten()
    });
    Some((head, length.unwrap_or(0)))
}

#[test]
fn a_client_goes_on_after_a_cut_and_repeats_what_was_not_answered() {
    let noise: String =
        (0..200_000u32).map(|number| format!("{:x}", number.wrapping_mul(2_654_435_761))).collect();
    for (method, end, after, cuts) in [
        ("PUT", "", 300_000, 2),
        ("PUT", "", usize::MAX, 1),
        ("POST", "/uploads", usize::MAX, 3),
        ("POST", "/commit", usize::MAX, 2),
        // An upload that ends on the way: another one is opened, once.
        ("PUT", "", GIVE_UP, 1),
        ("POST", "/commit", GIVE_UP, 1),
    ] {
        let sandbox = Sandbox::new();
        let trust_root = initialised(&sandbox);
        let server = Server::start(&sandbox);
        let between = Between::start(server.address.clone(), method, end, after, cuts);
        let url = format!("http://{}", between.address);
        sandbox.run("key generate").ends(0);
        sandbox.run(&format!("registry add {url} --trust-root-sha256 {trust_root}")).ends(0);
        crate::served::project(&sandbox, "1.0.0");
        sandbox.write("src/large.vitte", &noise);
        let token = token(&sandbox, "publish", "*");
        let command = format!("publish --yes --json --registry {url}");
        let publish = || sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &token));
        let mut said = publish();
        if method == "POST" && end == "/uploads" {
            // Of three answers that were lost the first is that of the dry run; the run may give up, and is repeated.
            said = publish();
        }
        let said = said.ends(0).json();
        assert_eq!(said["result"]["artifacts"][0]["log"], 2, "{method} {end}: {said}");
        assert_eq!(between.cuts.load(Ordering::SeqCst), 0, "{method} {end}: all cuts were made");
        assert_eq!(entries(&sandbox), 3, "{method} {end}");
    }
}

#[test]
fn an_upload_that_ends_again_and_again_is_not_opened_for_ever() {
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    let server = Server::start(&sandbox);
    let between = Between::start(server.address.clone(), "POST", "/commit", GIVE_UP, 9);
    let url = format!("http://{}", between.address);
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("registry add {url} --trust-root-sha256 {trust_root}")).ends(0);
    crate::served::project(&sandbox, "1.0.0");
    let token = token(&sandbox, "publish", "*");
    let command = format!("publish --yes --registry {url}");
    let said = sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &token)).ends(6).stderr;
    assert!(said.contains("VP0615") && said.contains("was given up"), "{said}");
    assert_eq!((between.cuts.load(Ordering::SeqCst), entries(&sandbox)), (7, 1));
}
