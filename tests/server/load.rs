//! Sixty-four authors at once.

use crate::author::{Author, Signed};
use crate::backends::{backend, shared_sql, until};
use crate::sandbox::Sandbox;
use crate::served::{Server, entries, initialised, token};
use std::sync::Mutex;
use std::time::Duration;

const AUTHORS: usize = 64;

fn started() -> (Sandbox, Server, String) {
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let token = token(&sandbox, "publish", "*");
    let first = Author::at(&server.address, &token).publish(&Signed::namespace("demo")).unwrap();
    assert_eq!(first.status, 200, "{first:?}");
    (sandbox, server, token)
}

/// Whether the index has a version of a package.
fn has(server: &Server, package: &str, version: &str) -> bool {
    let index = server.get(&format!("/index/{package}"));
    assert!(index.starts_with("HTTP/1.1 200") || index.starts_with("HTTP/1.1 404"), "{package}: {index}");
    index.contains(&format!("\"ver\":\"{version}\""))
}

/// Starts a server that was killed, and waits until it has ended what was on its way.
fn started_again(sandbox: &Sandbox) -> Server {
    let server = Server::start(sandbox);
    if !backend().is_a_folder() {
        let left = "SELECT count(*) FROM outbox WHERE status IS NULL";
        until("the outbox is empty", || shared_sql(sandbox, left) == "0");
    }
    until("ready", || server.get("/readyz").starts_with("HTTP/1.1 200"));
    server
}

/// Each publishes what is its own, and all publish one version with contents of their own: one of them is logged, the
/// others are told.
#[test]
fn sixty_four_at_once_are_each_answered_as_if_alone() {
    let (sandbox, server, token) = started();
    let own = |author: usize, number: usize| {
        Signed::default().with(&sandbox, &format!("demo/own-{author}"), &format!("1.{number}.0"), "own")
    };
    let plans: Vec<_> = (0..AUTHORS)
        .map(|author| {
            let shared =
                Signed::default().with(&sandbox, "demo/shared", "1.0.0", &"s".repeat(1 + author / 2));
            // A release that is refused with the one beside it: neither is logged.
            let both = Signed::default()
                .with(&sandbox, &format!("demo/beside-{author}"), "1.0.0", "beside")
                .with(&sandbox, "demo/first", "1.0.0", &"f".repeat(2 + author));
            [own(author, 0), shared, both, own(author, 1)]
        })
        .collect();
    let reported = Mutex::new(Vec::new());
    let first = Signed::default().with(&sandbox, "demo/first", "1.0.0", "f");
    assert_eq!(Author::at(&server.address, &token).publish(&first).unwrap().status, 200);
    std::thread::scope(|scope| {
        for plan in &plans {
            scope.spawn(|| {
                let mut author = Author::at(&server.address, &token);
                let answers = plan.each_ref().map(|signed| author.publish(signed).unwrap());
                reported.lock().unwrap().push(answers);
            });
        }
    });
    let reported = reported.into_inner().unwrap();
    let mut logged = std::collections::BTreeSet::new();
    let mut shared = std::collections::BTreeSet::new();
    let mut winners = 0;
    for [first, contested, both, last] in &reported {
        for own in [first, last] {
            assert_eq!(own.status, 200, "{own:?}");
            assert!(logged.insert(own.upload().releases[0].log), "an entry of its own");
        }
        match contested.status {
            200 => {
                winners += 1;
                shared.insert(contested.upload().releases[0].log);
            }
            // Two authors have the same content, and so the same upload: one may find it refused already, or its archive
            // being sent again by the other.
            409 => assert!(contested.says("VP0607") || contested.says("VP0615"), "{contested:?}"),
            status => assert!(status == 422 && contested.says("VP0606"), "{contested:?}"),
        }
        assert!(both.status == 409 && both.says("VP0607"), "{both:?}");
    }
    assert_eq!(shared.len(), 1, "one content of the version was logged, once");
    assert!((1..=2).contains(&winners), "those with that content were told where it is: {winners}");
    assert_eq!(entries(&sandbox), 2 + 1 + 2 * AUTHORS as u64 + 1);
    assert!(server.get("/index/demo/beside-1").starts_with("HTTP/1.1 404"));
}

/// Killed under the load: whatever was answered with success is there, nothing of what was not sent is, a submission is
/// there whole or not at all, and what is repeated ends where it would have.
#[test]
fn a_server_killed_under_sixty_four_authors_keeps_what_it_said() {
    let rounds = std::env::var("VITTE_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3u32);
    let (sandbox, mut server, token) = started();
    let mut caught = 0;
    for round in 0..rounds {
        let version = format!("1.{round}.0");
        let name = |author: usize, part: &str| format!("demo/{part}-{author}");
        let all: Vec<_> = (0..AUTHORS)
            .map(|author| {
                let base = Signed::default().with(&sandbox, &name(author, "base"), &version, &version);
                base.with(&sandbox, &name(author, "top"), &version, &version)
            })
            .collect();
        let before = entries(&sandbox);
        let answered = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for (author, signed) in all.iter().enumerate() {
                let (answered, token, address) = (&answered, &token, server.address.clone());
                scope.spawn(move || {
                    let response = Author::at(&address, token).publish(signed);
                    if response.is_ok_and(|response| response.status == 200) {
                        answered.lock().unwrap().push(author);
                    }
                });
            }
            // Wherever that is: each moment has to be survived.
            std::thread::sleep(Duration::from_millis(u64::from(round * 61 % 400)));
            server.kill();
        });
        let answered = answered.into_inner().unwrap();
        caught += u32::from(answered.len() < AUTHORS);
        server = started_again(&sandbox);
        let mut there = 0;
        for author in 0..AUTHORS {
            let both = ["base", "top"].map(|part| has(&server, &name(author, part), &version));
            assert_eq!(both[0], both[1], "{author}: whole or not at all");
            assert!(both[0] || !answered.contains(&author), "{author}: what was answered is there");
            there += 2 * u64::from(both[0]);
        }
        assert_eq!(entries(&sandbox), before + there, "nothing else is in the log");
        std::thread::scope(|scope| {
            for signed in &all {
                scope.spawn(|| {
                    let again = Author::at(&server.address, &token).publish(signed).unwrap();
                    assert_eq!(again.status, 200, "{again:?}");
                });
            }
        });
        assert_eq!(entries(&sandbox), before + 2 * AUTHORS as u64);
    }
    assert!(caught > 0, "every publish had ended before the server was killed");
}
