//! Replicas that share a database and a bucket: what becomes of the log when they fail, or the lock does. Only the
//! backend that replicas share has these cases.

use crate::author::{Author, Signed};
use crate::backends::{Line, backend, shared_sql, until};
use crate::programs;
use crate::sandbox::{Sandbox, send};
use crate::served::{Server, entries, initialised, operated, project, start_one, start_where, token};
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Two replicas that are asked one by one, and an author whom both know.
struct Two {
    sandbox: Sandbox,
    one: Server,
    other: Server,
    token: String,
}

fn two() -> Option<Two> {
    two_with(&[])
}

fn two_with(flags: &[&str]) -> Option<Two> {
    if backend().is_a_folder() {
        return None;
    }
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    let start = || {
        let (child, address) = start_one(&sandbox, flags);
        Server::of(child, address)
    };
    let (one, other) = (start(), start());
    sandbox.run("key generate").ends(0);
    for server in [&one, &other] {
        sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    }
    let token = token(&sandbox, "publish,yank,namespace", "*");
    Some(Two { sandbox, one, other, token })
}

impl Two {
    fn publish(&self, server: &Server) -> Child {
        let mut command = Command::new(programs::client());
        command.args(["publish", "--yes", "--json", "--registry", &server.url()]);
        command.current_dir(self.sandbox.path()).env_clear().env("VITTE_HOME", self.sandbox.home());
        command.env("HOME", self.sandbox.path().join("user")).env("VITTE_TOKEN", &self.token);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Publishes a version, again and again until it is logged. Gives its log index.
    fn publish_until_logged(&self, server: &Server, version: &str) -> u64 {
        project(&self.sandbox, version);
        let mut log = None;
        until("published", || {
            log = logged(self.publish(server));
            log.is_some()
        });
        log.unwrap()
    }
}

fn logged(child: Child) -> Option<u64> {
    let output = child.wait_with_output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    answer["result"]["artifacts"][0]["log"].as_u64()
}

fn sequencers(sandbox: &Sandbox) -> String {
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    shared_sql(sandbox, held)
}

#[test]
fn another_replica_takes_over_from_a_sequencer_that_was_killed() {
    let Some(two) = two() else { return };
    assert_eq!(two.publish_until_logged(&two.one, "1.0.0"), 2);
    assert_eq!(two.publish_until_logged(&two.other, "1.1.0"), 3);
    until("one replica has the lock", || sequencers(&two.sandbox) == "1");
    let Two { sandbox, one, other, token } = two;
    drop(one);
    let two = Two { one: Server::of(dummy(), String::new()), sandbox, other, token };
    assert_eq!(two.publish_until_logged(&two.other, "1.2.0"), 4);
    assert_eq!(entries(&two.sandbox), 5);
}

#[test]
fn nothing_is_lost_and_nothing_has_to_be_done_when_database_or_bucket_are_gone_for_a_while() {
    if backend().is_a_folder() {
        return;
    }
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    let environment = (backend().environment)(&sandbox);
    let lines = ["VITTE_REGISTRY_DATABASE", "VITTE_REGISTRY_STORAGE"].map(|name| {
        let (_, address) = environment.iter().find(|(known, _)| *known == name).unwrap();
        let host = address.split_once("127.0.0.1:").unwrap().1.split(|byte: char| !byte.is_ascii_digit());
        let host = format!("127.0.0.1:{}", host.into_iter().next().unwrap());
        let line = Line::to(&host);
        let through = address.replacen(&host, &line.address, 1);
        (name, through, line)
    });
    let through: Vec<_> = lines.iter().map(|(name, through, _)| (*name, through.clone())).collect();
    let (child, address) = start_where(&sandbox, "127.0.0.1:0", &[], &through);
    let server = Server::of(child, address);
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    let token = token(&sandbox, "publish", "*");
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let one = Server::of(dummy(), String::new());
    let two = Two { sandbox, one, other: server, token };
    assert_eq!(two.publish_until_logged(&two.other, "1.0.0"), 2);
    for (round, (name, _, line)) in lines.iter().enumerate() {
        line.cut();
        until("not ready", || two.other.get("/readyz").starts_with("HTTP/1.1 503"));
        assert!(two.other.get("/healthz").starts_with("HTTP/1.1 200"), "{name}");
        let upload = two.other.ask(&format!("POST /api/v1/uploads HTTP/1.1\r\n{bearer}"), b"{}");
        let index = two.other.get("/index/roussov/vitte-math");
        let refused = if *name == "VITTE_REGISTRY_DATABASE" { upload } else { index };
        assert!(refused.starts_with("HTTP/1.1 503"), "{name}: {refused}");
        assert!(refused.to_lowercase().contains("retry-after: "), "{name}: {refused}");
        project(&two.sandbox, &format!("2.{round}.0"));
        assert_eq!(logged(two.publish(&two.other)), None, "{name}");
        line.mend();
        until("ready", || two.other.get("/readyz").starts_with("HTTP/1.1 200"));
        assert_eq!(two.publish_until_logged(&two.other, &format!("2.{round}.0")), round as u64 + 3);
    }
    assert_eq!(entries(&two.sandbox), 5);
}

/// A process that has ended, in the place of a server that was killed.
fn dummy() -> Child {
    Command::new("true").spawn().unwrap()
}

#[test]
fn a_sequencer_that_was_stopped_while_another_took_over_writes_nothing() {
    let Some(two) = two() else { return };
    assert_eq!(two.publish_until_logged(&two.one, "1.0.0"), 2);
    // Whichever sequences: both stop in turn, while their connections are ended, so that the other one has the lock.
    for (round, (stopped, other)) in [(&two.one, &two.other), (&two.other, &two.one)].into_iter().enumerate()
    {
        let before = shared_sql(&two.sandbox, "SELECT size FROM log_head");
        send(rustix::process::Signal::STOP, &stopped.child);
        shared_sql(
            &two.sandbox,
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        );
        let log = two.publish_until_logged(other, &format!("2.{round}.0"));
        assert_eq!(log.to_string(), before, "the next entry");
        send(rustix::process::Signal::CONT, &stopped.child);
        // The one that was stopped believes what it believed; what it is asked for is logged behind the other's.
        assert_eq!(two.publish_until_logged(stopped, &format!("2.{round}.1")), log + 1);
    }
    assert_eq!(entries(&two.sandbox), 7);
}

#[test]
fn two_sequencers_sign_one_tree_when_the_lock_lies() {
    let Some(two) = two() else { return };
    // A lock that everybody is given at once: found before the real one, of which the replicas know nothing.
    shared_sql(
        &two.sandbox,
        "CREATE SCHEMA lies; CREATE FUNCTION lies.pg_try_advisory_lock(bigint) RETURNS boolean \
         LANGUAGE sql AS 'SELECT true'",
    );
    let database = shared_sql(&two.sandbox, "SELECT current_database()");
    shared_sql(
        &two.sandbox,
        &format!("ALTER DATABASE {database} SET search_path = lies, pg_catalog, public"),
    );
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    shared_sql(&two.sandbox, end);
    let epoch = || shared_sql(&two.sandbox, "SELECT epoch FROM log_head").parse::<u64>().unwrap();
    let began = epoch();
    // Both are asked at once, and both believe that they sequence: epochs follow one another.
    let mut logs = Vec::new();
    for round in 0..4 {
        project(&two.sandbox, &format!("1.{round}.0"));
        let clients = [&two.one, &two.other].map(|server| two.publish(server));
        logs.extend(clients.into_iter().filter_map(logged));
        logs.push(two.publish_until_logged(&two.one, &format!("1.{round}.0")));
    }
    assert!(epoch() > began + 1, "both began epochs: {began}, {}", epoch());
    // The namespace and the genesis are first; each version is in the log once, whoever was told so.
    logs.sort_unstable();
    logs.dedup();
    assert_eq!(logs, [2, 3, 4, 5]);
    assert_eq!(entries(&two.sandbox), 6);
}

/// Versions that each author publishes.
const EACH: u64 = 6;

#[test]
fn a_sequencer_that_stands_still_with_the_lock_loses_it_and_one_tree_is_signed() {
    let Some(two) = two_with(&["--sequencer-timeout", "2"]) else { return };
    let writes = |server: &Server| server.get("/readyz").contains("and writes to the log");
    let servers = [&two.one, &two.other];
    until("one replica writes", || servers.iter().any(|server| writes(server)));
    let [stopped, other] = if writes(servers[0]) { servers } else { [servers[1], servers[0]] };
    let first = Signed::namespace("demo").with(&two.sandbox, "demo/one", "0.0.0", "content");
    assert_eq!(Author::at(&other.address, &two.token).publish(&first).unwrap().status, 200);
    let signed = |author: usize, version: u64| {
        Signed::default().with(&two.sandbox, "demo/one", &format!("1.{author}.{version}"), "content")
    };
    let work: Vec<(&Server, Vec<Signed>)> = [stopped, other, stopped, other]
        .into_iter()
        .enumerate()
        .map(|(author, server)| (server, (0..EACH).map(|version| signed(author, version)).collect()))
        .collect();
    let (published, is_over) = (Mutex::new(0), AtomicBool::new(false));
    // The tree of each size that anybody was shown.
    let shown = Mutex::new(BTreeMap::<u64, String>::new());
    let look = |server: &Server| {
        let response = server.get("/log/checkpoint");
        let mut lines = response.split("\r\n\r\n").nth(1).unwrap_or_default().lines().skip(1);
        if let (Some(size), Some(root)) = (lines.next(), lines.next()) {
            let known = shown.lock().unwrap().entry(size.parse().unwrap()).or_insert(root.to_owned()).clone();
            assert_eq!(known, root, "two trees of {size} entries");
        }
    };
    std::thread::scope(|scope| {
        for (server, work) in work {
            let (published, token) = (&published, &two.token);
            scope.spawn(move || {
                for signed in work {
                    // An author publishes again until it is told that it is done.
                    let mut author = Author::at(&server.address, token);
                    until("published", || {
                        let done = author.publish(&signed).is_ok_and(|response| response.status == 200);
                        if !done {
                            author = Author::at(&server.address, token);
                        }
                        done
                    });
                    *published.lock().unwrap() += 1;
                }
            });
        }
        let (look, is_over) = (&look, &is_over);
        scope.spawn(move || {
            for _ in 0..4500 {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                look(other);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let so_far = || *published.lock().unwrap();
        until("some are published", || so_far() >= 2);
        send(rustix::process::Signal::STOP, &stopped.child);
        let (before, entries) = (so_far(), shared_sql(&two.sandbox, "SELECT size FROM log_head"));
        until("the other one writes", || writes(other));
        until("more are published", || so_far() > before + 1);
        assert!(
            shared_sql(&two.sandbox, "SELECT size FROM log_head").parse::<u64>().unwrap()
                > entries.parse::<u64>().unwrap()
        );
        send(rustix::process::Signal::CONT, &stopped.child);
        let log = two.sandbox.path().join("server.log");
        until("it says that it writes no more", || {
            std::fs::read_to_string(&log).unwrap().contains("has lost the right to write to the log")
        });
        until("all are published", || so_far() == 4 * EACH);
        is_over.store(true, Ordering::SeqCst);
    });
    servers.into_iter().for_each(look);
    // What was answered 200 is in log and index, once.
    let index = stopped.get("/index/demo/one");
    for (author, version) in (0..4).flat_map(|author| (0..EACH).map(move |version| (author, version))) {
        let release = format!("\"ver\":\"1.{author}.{version}\"");
        assert_eq!(index.matches(&release).count(), 1, "{release}: {index}");
    }
    assert_eq!(entries(&two.sandbox), 3 + 4 * EACH);
}

#[test]
fn no_replica_is_ready_while_none_writes() {
    let flags = ["--sequencer-timeout", "1"];
    let Some(two) = two_with(&[&flags[..], &["--signing-keys", "none"]].concat()) else { return };
    let ready = |server: &Server| server.get("/readyz");
    // Each has begun, and does not know yet whether another one has the keys.
    for server in [&two.one, &two.other] {
        until("not ready", || {
            let said = ready(server);
            said.starts_with("HTTP/1.1 503") && said.contains("no replica has been writing to the log for")
        });
        assert!(
            server.get("/healthz").starts_with("HTTP/1.1 200")
                && server.get("/log/checkpoint").starts_with("HTTP/1.1 200")
        );
    }
    let (child, address) = start_one(&two.sandbox, &flags);
    let third = Server::of(child, address);
    for server in [&two.one, &two.other, &third] {
        until("ready", || ready(server).starts_with("HTTP/1.1 200"));
    }
    // The one that writes stands still: the others say so, and nobody else can take over.
    send(rustix::process::Signal::STOP, &third.child);
    until("not ready", || ready(&two.one).starts_with("HTTP/1.1 503"));
    send(rustix::process::Signal::CONT, &third.child);
    until("ready", || ready(&two.one).starts_with("HTTP/1.1 200"));
    assert_eq!(two.publish_until_logged(&two.other, "1.0.0"), 2);
}

#[test]
fn a_token_that_was_revoked_is_refused_by_every_replica_at_once() {
    let Some(two) = two() else { return };
    let id = two.token.split('_').nth(1).unwrap();
    let head = format!("GET /api/v1/me HTTP/1.1\r\nAuthorization: Bearer {}\r\n", two.token);
    let asked = || [&two.one, &two.other].map(|server| server.ask(&head, b"")[9..12].to_owned());
    assert_eq!(asked(), ["200", "200"]);
    operated(&two.sandbox, &["token", "revoke", id, "--data", "data"]);
    assert_eq!(asked(), ["401", "401"]);
}
