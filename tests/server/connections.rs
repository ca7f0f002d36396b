//! Clients as they should not be: slow, silent, many at once, and with requests that two readers could read differently.

use crate::sandbox::{Sandbox, connect, send, wait};
use crate::served::{Server, entries, initialised, token};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn served(flags: &[&str]) -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start_with(&sandbox, flags);
    (sandbox, server)
}

/// Everything that comes until the other end closes.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends bytes and gives what comes back until the server closes.
fn exchange(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(&server.address);
    let _ = stream.write_all(bytes);
    rest(&mut stream)
}

#[test]
fn a_request_that_could_be_read_in_two_ways_is_never_two() {
    let (sandbox, server) = served(&["--idle-timeout", "1"]);
    let hidden = "GET /config.json HTTP/1.1\r\nHost: x\r\n\r\n";
    let post = "POST /api/v1/index/batch HTTP/1.1\r\nHost: x\r\n";
    let chunks = "0\r\n\r\n";
    let refused = [
        (
            "both lengths",
            format!("{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{hidden}"),
        ),
        (
            "both, the other way",
            format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n{chunks}{hidden}"),
        ),
        ("two lengths", format!("{post}Content-Length: 0\r\nContent-Length: 40\r\n\r\n{hidden}")),
        ("a list of lengths", format!("{post}Content-Length: 0, 40\r\n\r\n{hidden}")),
        ("a signed length", format!("{post}Content-Length: +0\r\n\r\n{hidden}")),
        ("a hexadecimal length", format!("{post}Content-Length: 0x0\r\n\r\n{hidden}")),
        ("a length and a space", format!("{post}Content-Length : 0\r\n\r\n{hidden}")),
        ("a folded line", format!("{post}Content-Length:\r\n 0\r\n\r\n{hidden}")),
        ("a folded encoding", format!("{post}Transfer-Encoding:\r\n chunked\r\n\r\n{chunks}{hidden}")),
        ("an unknown encoding", format!("{post}Transfer-Encoding: xchunked\r\n\r\n{chunks}{hidden}")),
        (
            "chunked is not last",
            format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n{chunks}{hidden}"),
        ),
        ("an encoding with a tab", format!("{post}Transfer-Encoding:\x0bchunked\r\n\r\n{chunks}{hidden}")),
        ("a nul", format!("{post}X: a\0b\r\n\r\n{hidden}")),
        ("a lone carriage return", format!("{post}X: a\rContent-Length: 0\r\n\r\n{hidden}")),
        ("a chunk of a negative size", format!("{post}Transfer-Encoding: chunked\r\n\r\n-1\r\n{hidden}")),
        (
            "a chunk of a huge size",
            format!("{post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{hidden}"),
        ),
        ("a chunk with a bare line feed", format!("{post}Transfer-Encoding: chunked\r\n\r\n0\n\n{hidden}")),
        (
            "a chunk without its end",
            format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n{hidden}"),
        ),
        (
            "an extension with a line feed",
            format!("{post}Transfer-Encoding: chunked\r\n\r\n0;a\nb\r\n\r\n{hidden}"),
        ),
        (
            "an encoding for HTTP/1.0",
            format!(
                "POST /api/v1/index/batch HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{hidden}"
            ),
        ),
        ("HTTP/0.9", format!("GET /config.json\r\n\r\n{hidden}")),
        ("HTTP/2", format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{hidden}")),
        ("no name", format!("{post}: x\r\n\r\n{hidden}")),
    ];
    let mut faults = Vec::new();
    for (what, bytes) in &refused {
        let response = exchange(&server, bytes.as_bytes());
        let answers = response.matches("HTTP/1.1 ").count() + response.matches("HTTP/1.0 ").count();
        let is_refused =
            response.is_empty() || response.starts_with("HTTP/1.1 4") || response.starts_with("HTTP/1.0 4");
        if answers > 1 || !is_refused || response.contains(" 200 ") {
            faults.push(format!("{what}: {response}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n---\n"));
    // A line may end with a line feed alone (RFC 9112, section 2.2): that is one way to read it, and proxies read it so.
    for lines in [
        "POST /api/v1/index/batch HTTP/1.1\nHost: x\nContent-Length: 0\n\n".to_owned(),
        format!("{post}X: a\nContent-Length: 0\r\n\r\n"),
    ] {
        let response = exchange(&server, format!("{lines}{hidden}").as_bytes());
        assert!(
            response.starts_with("HTTP/1.1 400") && response.matches("HTTP/1.1 ").count() == 2,
            "{response}"
        );
    }
    // Whoever sends requests as they should be may send several at once.
    let two = exchange(&server, format!("{hidden}{hidden}").as_bytes());
    assert_eq!(two.matches("HTTP/1.1 200").count(), 2, "{two}");
    let chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n2;ext=\"a\"\r\n{{}}\r\n0\r\n\r\n{hidden}");
    let chunked = exchange(&server, chunked.as_bytes());
    assert!(chunked.starts_with("HTTP/1.1 400") && chunked.matches("HTTP/1.1 200").count() == 1, "{chunked}");
    let old = exchange(&server, b"GET /config.json HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 200"), "{old}");
    assert_eq!(entries(&sandbox), 1);
}

#[test]
fn a_head_has_an_end() {
    let (_sandbox, server) = served(&["--idle-timeout", "1"]);
    let endless = format!("GET /config.json HTTP/1.1\r\nHost: x\r\nX: {}", "a".repeat(1 << 20));
    let many = format!("GET /config.json HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(5000));
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(1 << 20));
    for head in [endless, many, long] {
        let response = exchange(&server, head.as_bytes());
        assert!(response.is_empty() || response.starts_with("HTTP/1.1 4"), "{response}");
    }
    assert!(server.get("/config.json").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_body_that_drips_is_not_waited_for() {
    let (sandbox, server) = served(&["--idle-timeout", "2"]);
    let token = token(&sandbox, "publish", "*");
    let mut stream = connect(&server.address);
    let head = format!(
        "POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 100000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Never silent for as long as a peer may be: it would take hours.
    let dripped = (0..200).find(|_| {
        std::thread::sleep(Duration::from_millis(200));
        stream.write_all(b" ").is_err() || {
            stream.set_nonblocking(true).unwrap();
            let answered = stream.peek(&mut [0]).is_ok();
            stream.set_nonblocking(false).unwrap();
            answered
        }
    });
    assert!(dripped.is_some(), "it was waited for all the time");
    let response = rest(&mut stream);
    assert!(response.starts_with("HTTP/1.1 408") && response.contains("problem+json"), "{response}");
}

#[test]
fn a_response_that_nobody_takes_is_given_up() {
    let (sandbox, server) = served(&["--idle-timeout", "1"]);
    let big = std::fs::File::create(sandbox.path().join("data/public/p-big")).unwrap();
    let len = 256 << 20;
    big.set_len(len).unwrap();
    let mut stream = connect(&server.address);
    stream.write_all(b"GET /p-big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    for _ in 0..15 {
        let mut byte = [0];
        if stream.read(&mut byte).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    // What waits in buffers still comes, the rest does not.
    let mut taken = 0;
    let mut piece = vec![0; 1 << 20];
    while let Ok(read) = stream.read(&mut piece)
        && read > 0
    {
        taken += read as u64;
    }
    assert!(taken < len, "all of it was sent to a peer that did not take it");
    // One that takes it is given all of it.
    let mut stream = connect(&server.address);
    stream.write_all(b"GET /p-big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut taken = 0;
    while let Ok(read) = stream.read(&mut piece)
        && read > 0
    {
        taken += read as u64;
    }
    assert!(taken > len);
}

#[test]
fn when_there_is_no_room_the_idle_make_way_and_requests_do_not() {
    let (sandbox, server) = served(&["--max-connections", "16", "--metrics", "127.0.0.1:0"]);
    let token = token(&sandbox, "publish", "*");
    let mut idle = connect(&server.address);
    let mut silent: Vec<_> = (0..15).map(|_| connect(&server.address)).collect();
    // Two more than there is room for: those that have been idle for longest go.
    idle.write_all(b"GET /config.json HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut start = [0; 12];
    idle.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    for _ in 0..2 {
        assert!(server.get("/config.json").starts_with("HTTP/1.1 200"));
    }
    assert_eq!(rest(&mut silent[0]), "", "the first of the silent was closed");
    // Requests under way keep their places; who comes then is told to come again.
    let head = format!(
        "POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"
    );
    let mut busy: Vec<_> = (0..16)
        .map(|_| {
            let mut stream = connect(&server.address);
            stream.write_all(head.as_bytes()).unwrap();
            // The server reads the body now: the request is under way.
            let mut go_on = [0; 25];
            stream.read_exact(&mut go_on).unwrap();
            assert!(go_on.starts_with(b"HTTP/1.1 100"));
            stream
        })
        .collect();
    let refused = server.get("/config.json");
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("Retry-After: 5"), "{refused}");
    for stream in &mut busy {
        stream.write_all(b"0123456789").unwrap();
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 400");
    }
    assert!(server.get("/config.json").starts_with("HTTP/1.1 200"));
    drop((idle, silent, busy));
}

#[test]
fn ten_thousand_idle_connections_do_no_harm() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    let count = maximum.map_or(10_000, |most| most.saturating_sub(1000).min(10_000));
    let (_sandbox, server) = served(&[]);
    let open = (0..count).map(|number| {
        // Now and then the server catches up: a queue of the system that is full costs a second each time.
        if number % 250 == 0 {
            assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
        }
        connect(&server.address)
    });
    let idle: Vec<_> = open.collect();
    for number in 0..20 {
        let response = server.get("/config.json");
        assert!(response.starts_with("HTTP/1.1 200"), "{number} of {count}: {response}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap_or_default();
    let resident = status.lines().find(|line| line.starts_with("VmRSS"));
    println!("{} idle connections: {resident:?}", idle.len());
    let kilobytes = resident.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    assert!(kilobytes.unwrap_or(0) < 400 * 1024, "{resident:?}");
}

#[test]
fn a_server_that_is_to_end_says_so_before_it_does() {
    let (sandbox, mut server) = served(&["--shutdown-delay", "3"]);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    // Not ready without its files either.
    let config = sandbox.path().join("data/public/config.json");
    std::fs::rename(&config, sandbox.path().join("away")).unwrap();
    let unready = server.get("/readyz");
    assert!(unready.starts_with("HTTP/1.1 503") && unready.contains("retry-after: 5"), "{unready}");
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"), "it lives all the same");
    std::fs::rename(sandbox.path().join("away"), &config).unwrap();
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    send(rustix::process::Signal::TERM, &server.child);
    while server.get("/readyz").starts_with("HTTP/1.1 200") {}
    let ending = server.get("/readyz");
    assert!(
        ending.starts_with("HTTP/1.1 503") && ending.contains("shutting down")
            || ending.contains("Unavailable")
            || ending.contains("503"),
        "{ending}"
    );
    assert!(server.get("/config.json").starts_with("HTTP/1.1 200"), "requests are still answered");
    assert!(wait(&mut server.child).success());
}

#[test]
fn only_a_trusted_proxy_says_for_whom_it_asks() {
    for (flags, peer) in [(&[][..], "127.0.0.1"), (&["--trusted-proxies", "127.0.0.0/30"], "127.0.0.9")] {
        let (sandbox, server) = served(flags);
        let head = "GET /config.json HTTP/1.1\r\nX-Forwarded-For: 127.0.0.77, 127.0.0.9\r\n";
        assert!(server.ask(head, b"").starts_with("HTTP/1.1 200"));
        let log = (0..3000).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            let log = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
            log.contains("route=\"/config.json\"").then_some(log)
        });
        let log = log.unwrap();
        assert!(log.contains(&format!("peer={peer}\n")) || log.contains(&format!("peer={peer} ")), "{log}");
    }
}
