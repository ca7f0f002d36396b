//! What a server takes for long: nothing of it grows, a full disk and a clock that is wrong are refused by name.
//!
//! `VITTE_SOAK_SECONDS=900` in the environment makes a long run; `scripts/soak.sh` makes all of them.

use crate::author::{Author, Response, Signed};
use crate::backends::backend;
use crate::sandbox::{Sandbox, first_line, untested};
use crate::served::{Server, entries, initialised, token};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a process holds: resident memory in KiB, and open handles.
fn held(child: &Child) -> (u64, usize) {
    let folder = Path::new("/proc").join(child.id().to_string());
    let status = std::fs::read_to_string(folder.join("status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
    (resident.unwrap().parse().unwrap(), std::fs::read_dir(folder.join("fd")).unwrap().count())
}

fn waiting(sandbox: &Sandbox) -> usize {
    std::fs::read_dir(sandbox.path().join("data/staging")).unwrap().count()
}

/// Publishes and reads for a while, from eight connections, some of which are given up in the midst of a request.
fn load(sandbox: &Sandbox, server: &Server, token: &str, round: u32, time: Duration) -> u64 {
    let (until, count) = (Instant::now() + time, AtomicU64::new(0));
    std::thread::scope(|scope| {
        for number in 0..8 {
            let count = &count;
            scope.spawn(move || {
                let mut author = Author::at(&server.address, token);
                for version in 0.. {
                    // An index file is read whole: a package with thousands of versions would be what grows.
                    let name = format!("demo/soak-{number}-{round}-{}", version / 16);
                    let version = format!("1.{round}.{version}");
                    let signed = Signed::default().with(sandbox, &name, &version, &name);
                    assert_eq!(author.publish(&signed).unwrap().status, 200);
                    for _ in 0..20 {
                        assert!(server.get(&format!("/index/{name}")).starts_with("HTTP/1.1 200"));
                    }
                    // A request that does not end, and a connection that is just dropped.
                    let mut gone = Author::at(&server.address, token);
                    gone.begin("PUT", "uploads/none/blobs/none", 1000).unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                    if Instant::now() > until {
                        break;
                    }
                }
            });
        }
    });
    count.into_inner()
}

#[test]
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr, reason = "a long run ends with its figures")]
fn under_load_neither_memory_nor_handles_nor_files_grow() {
    if !backend().is_a_folder() {
        return;
    }
    let seconds = std::env::var("VITTE_SOAK_SECONDS").ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(4) / 2);
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let token = token(&sandbox, "publish", "*");
    assert_eq!(Author::at(&server.address, &token).publish(&Signed::namespace("demo")).unwrap().status, 200);
    // What a server that works needs once: threads, connections to its database.
    load(&sandbox, &server, &token, 0, Duration::from_secs(2));
    let first = load(&sandbox, &server, &token, 1, time);
    let (memory, handles) = held(&server.child);
    let second = load(&sandbox, &server, &token, 2, time);
    let (after, open) = held(&server.child);
    eprintln!(
        "{first} then {second} published; {memory} KiB then {after} KiB; {handles} handles then {open}"
    );
    assert!(open <= handles + 16, "handles: {handles} then {open}");
    assert!(after <= memory + 16 * 1024, "memory: {memory} KiB then {after} KiB");
    assert_eq!(waiting(&sandbox), 0, "what was published waits for nothing");
    // Genesis, the namespace, and what was published, the first load included.
    assert!(entries(&sandbox) > 2 + first + second);
}

/// A file system of a few megabytes; none where the user may not make one.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(folder: &'a Path, option: &str) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", option, "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        untested("a full disk: a file system can only be mounted by its owner");
        None
    }

    fn grow(&self, option: &str) {
        let grown = Command::new("mount").args(["-o", option]).arg(self.0).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_full_disk_nothing_is_half_done_and_publishing_goes_on_when_there_is_room() {
    if !backend().is_a_folder() {
        return;
    }
    let sandbox = Sandbox::new();
    let data = sandbox.path().join("data");
    let Some(small) = Small::mount(&data, "size=3m") else { return };
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let token = token(&sandbox, "publish", "*");
    let mut author = Author::at(&server.address, &token);
    assert_eq!(author.publish(&Signed::namespace("demo")).unwrap().status, 200);
    let noise = |seed: u32| -> String {
        (0..30_000u32).map(|number| format!("{:x}", (number + seed).wrapping_mul(2_654_435_761))).collect()
    };
    let mut published = 0;
    let (full, refused): (Signed, Response) = (0..)
        .find_map(|number: u32| {
            let version = format!("1.{number}.0");
            let signed = Signed::default().with(&sandbox, "demo/large", &version, &noise(number * 30_000));
            let response = author.publish(&signed).unwrap();
            published += u64::from(response.status == 200);
            assert!(number < 200, "a disk of 3 MiB is never full");
            (response.status != 200).then_some((signed, response))
        })
        .unwrap();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    // What was published is read as before, and is in order.
    assert!(server.get("/index/demo/large").starts_with("HTTP/1.1 200"));
    small.grow("remount,size=32m");
    assert_eq!(entries(&sandbox), 2 + published);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    let again = author.publish(&full).unwrap();
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(entries(&sandbox), 3 + published);
    drop(server);
}

#[test]
#[cfg(target_os = "linux")]
fn a_clock_years_off_logs_nothing_and_is_named() {
    if !backend().is_a_folder() {
        return;
    }
    let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    if !Path::new(library).exists() {
        untested("a clock that is years off: Debian's package `faketime` is not there");
        return;
    }
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let token = token(&sandbox, "publish", "*");
    let server = Server::start(&sandbox);
    assert_eq!(Author::at(&server.address, &token).publish(&Signed::namespace("demo")).unwrap().status, 200);
    drop(server);
    for (off, is_known) in [("+5y", false), ("-5y", true)] {
        let mut command = Command::new(crate::programs::server());
        command.args(["serve", "--data", "data", "--listen", "127.0.0.1:0"]).current_dir(sandbox.path());
        command.env_clear().env("LD_PRELOAD", library).env("FAKETIME", off);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let line = first_line(&mut child);
        let address = line.trim_end().trim_end_matches('/').rsplit("http://").next().unwrap().to_owned();
        let server = Server::of(child, address);
        let ready = server.get("/readyz");
        assert!(ready.starts_with("HTTP/1.1 503"), "{off}: {ready}");
        assert!(server.get("/log/checkpoint").starts_with("HTTP/1.1 200"), "{off}: reads go on");
        // Five years on, the token has expired too.
        if is_known {
            let signed = Signed::default().with(&sandbox, "demo/late", "1.0.0", "late");
            let refused = Author::at(&server.address, &token).publish(&signed).unwrap();
            assert!(refused.status >= 400 && refused.says("VP"), "{off}: {refused:?}");
            assert!(refused.says("clock"), "{off}: {refused:?}");
        }
        drop(server);
        assert_eq!(entries(&sandbox), 2, "{off}");
    }
    let server = Server::start(&sandbox);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"), "nothing was logged at another time");
}
