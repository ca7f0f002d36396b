//! How many publishes a server takes from many clients at once: `scripts/bench.sh serve-publish` runs this and reads the
//! lines that begin with `bench:`. The same program asks the peer, over as many connections.

use crate::author::{Author, Signed};
use crate::sandbox::{Sandbox, try_connect};
use crate::served::{Server, entries, initialised, token};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use vitte_package_core::api::upload::{BlobState, blob_path, commit_path};
use vitte_package_core::digest::Digest;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn clients() -> usize {
    number("VITTE_BENCH_CLIENTS", 64)
}

fn publishes() -> usize {
    number("VITTE_BENCH_PUBLISHES", 10)
}

/// Bytes that do not compress, so that both sides send what they are given.
fn noise(seed: usize, length: usize) -> String {
    let mut state = seed as u64 * 2 + 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"0123456789abcdefghijklmnopqrstuv"[(state >> 59) as usize])
    };
    (0..length).map(next).collect()
}

/// Runs what each client does, all at once, and says how long each publish took.
#[allow(clippy::print_stdout, reason = "a measurement ends with its figures")]
fn measure(who: &str, process: u32, client: impl Fn(usize, &mut dyn FnMut(Duration)) + Sync) {
    let before = processor_time(process);
    let barrier = Barrier::new(clients() + 1);
    let (took, whole) = std::thread::scope(|scope| {
        let running: Vec<_> = (0..clients())
            .map(|number| {
                let (client, barrier) = (&client, &barrier);
                scope.spawn(move || {
                    let mut took = Vec::new();
                    barrier.wait();
                    client(number, &mut |one| took.push(one));
                    took
                })
            })
            .collect();
        barrier.wait();
        let began = Instant::now();
        let took: Vec<_> = running.into_iter().flat_map(|one| one.join().unwrap()).collect();
        (took, began.elapsed())
    });
    let mut took = took;
    took.sort();
    let at = |part: usize| took[(took.len() - 1) * part / 1000].as_secs_f64() * 1000.0;
    println!(
        "bench: {{\"who\":\"{who}\",\"clients\":{},\"publishes\":{},\"rate\":{:.2},\"p50\":{:.1},\"p99\":{:.1},\"cpu\":{:.2},\"memory\":{}}}",
        clients(),
        took.len(),
        took.len() as f64 / whole.as_secs_f64(),
        at(500),
        at(990),
        (processor_time(process) - before) as f64 / 1e6 / took.len() as f64,
        peak(process)
    );
}

/// Nanoseconds of the processors that the threads of a process had. Those of threads that have ended are not counted.
fn processor_time(process: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let time = |thread: std::fs::DirEntry| -> Option<u64> {
        std::fs::read_to_string(thread.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    threads.filter_map(time).sum()
}

/// Peak memory of a process, in MiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    peak.and_then(|peak| peak.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Every client publishes versions of a package of its own, each an upload, an archive and a commit.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "a measurement ends with its figures")]
fn publishes_of_many_clients() {
    let sandbox = Sandbox::new();
    // A registry that was grown before, or a new one.
    let grown = std::env::var_os("VITTE_BENCH_DATA");
    match &grown {
        Some(folder) => std::os::unix::fs::symlink(folder, sandbox.path().join("data")).unwrap(),
        None => _ = initialised(&sandbox),
    }
    let began = Instant::now();
    let server = Server::start(&sandbox);
    let (opened, resident) = (began.elapsed(), peak(server.child.id()));
    let token = token(&sandbox, "publish", "*");
    let first = Author::at(&server.address, &token).publish(&Signed::namespace("demo")).unwrap();
    assert_eq!(first.status, 200, "{first:?}");
    let (length, run) = (number("VITTE_BENCH_BYTES", 2000), number("VITTE_BENCH_RUN", 0));
    // One that is there already, and has releases.
    let package = std::env::var("VITTE_BENCH_PACKAGE").ok();
    let signed = |client: usize, version: usize| {
        let name = package.clone().unwrap_or_else(|| format!("demo/own-{run}-{client}"));
        let version = format!("{}.{version}.0", run + 1);
        let signed = Signed::default().with(&sandbox, &name, &version, &noise(client, length));
        let request = signed.request();
        let (file, archive) = signed.archives.into_iter().next().unwrap();
        let key = format!("Idempotency-Key: {}\r\n", Digest::of(&request));
        (key, request, file, archive)
    };
    let plans: Vec<Vec<_>> = (0..clients())
        .map(|client| (0..publishes()).map(|version| signed(client, version)).collect())
        .collect();
    measure("vitte-registry", server.child.id(), |client, done| {
        let mut author = Author::at(&server.address, &token);
        for (key, request, file, archive) in &plans[client] {
            let began = Instant::now();
            let opened = author.ask("POST", "uploads", key, request).unwrap();
            assert_eq!(opened.status, 201, "{opened:?}");
            let upload = opened.upload();
            assert_eq!(upload.releases[0].state, BlobState::Needed);
            let sent = author.ask("PUT", &blob_path(&upload.id, file), "", archive).unwrap();
            assert_eq!(sent.status, 204, "{sent:?}");
            let logged = author.ask("POST", &commit_path(&upload.id), "", b"").unwrap();
            assert_eq!(logged.status, 200, "{logged:?}");
            done(began.elapsed());
        }
    });
    if grown.is_some() {
        println!("opened: {{\"ms\":{:.1},\"memory\":{resident}}}", opened.as_secs_f64() * 1000.0);
        return;
    }
    assert_eq!(entries(&sandbox), 2 + (clients() * publishes()) as u64);
    drop(server);
    // Another measurement goes on with what was published.
    if let Some(folder) = std::env::var_os("VITTE_BENCH_KEEP") {
        let copied =
            Command::new("cp").arg("-a").arg(sandbox.path().join("data")).arg(folder).status().unwrap();
        assert!(copied.success());
    }
}

/// The same of a registry of npm at `VITTE_BENCH_PEER`, with the header `VITTE_BENCH_AUTHORIZATION`: a publish there is one
/// request with the archive in it.
#[test]
#[ignore = "a measurement"]
fn publishes_of_many_clients_to_a_peer() {
    let address = std::env::var("VITTE_BENCH_PEER").expect("VITTE_BENCH_PEER is the address of the peer");
    let authorization = std::env::var("VITTE_BENCH_AUTHORIZATION").expect("VITTE_BENCH_AUTHORIZATION");
    let who = std::env::var("VITTE_BENCH_WHO").unwrap_or_else(|_| "peer".to_owned());
    let run = number("VITTE_BENCH_RUN", 0);
    let process = number("VITTE_BENCH_PROCESS", 0) as u32;
    let length = number("VITTE_BENCH_BYTES", 2000);
    let request = |client: usize, version: usize| {
        let (name, version) = (format!("own-{run}-{client}"), format!("1.{version}.0"));
        let archive = noise(client, length).into_bytes();
        let file = format!("{name}-{version}.tgz");
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &archive);
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let body = format!(
            "{{\"_id\":\"{name}\",\"name\":\"{name}\",\"dist-tags\":{{\"latest\":\"{version}\"}},\"versions\":{{\"{version}\":\
             {{\"name\":\"{name}\",\"version\":\"{version}\",\"dist\":{{\"shasum\":\"{digest}\",\"tarball\":\"http://{address}/{name}/-/{file}\"}}}}}},\
             \"_attachments\":{{\"{file}\":{{\"content_type\":\"application/octet-stream\",\"data\":\"{}\",\"length\":{}}}}}}}",
            STANDARD.encode(&archive),
            archive.len(),
        );
        let head = format!(
            "PUT /{name} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        head + &body
    };
    measure(&who, process, |client, done| {
        let mut stream = BufReader::new(try_connect(&address).unwrap());
        for version in 0..publishes() {
            let request = request(client, version);
            let began = Instant::now();
            let (status, body) = exchange(&mut stream, request.as_bytes());
            assert_eq!(status, 201, "{body}");
            done(began.elapsed());
        }
    });
}

/// Sends a request and reads its response, which says how long it is.
fn exchange(stream: &mut BufReader<TcpStream>, request: &[u8]) -> (u16, String) {
    stream.get_mut().write_all(request).unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "the peer went away: {head}");
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}
