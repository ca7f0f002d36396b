//! How fast it is: figures for `scripts/bench.sh serve`, which runs this on a release build. Nothing is asserted of time.

use crate::author::{Author, Signed};
use crate::sandbox::Sandbox;
use crate::served::{Server, initialised, token};
use std::sync::Mutex;
use std::time::{Duration, Instant};

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Publishes by many clients at once, and says rate, median and 99th percentile.
fn measured(server: &Server, token: &str, all: &[Vec<Signed>]) -> (f64, Duration, Duration) {
    let times = Mutex::new(Vec::new());
    let mut authors: Vec<_> = all.iter().map(|_| Author::at(&server.address, token)).collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for (author, mine) in authors.iter_mut().zip(all) {
            let times = &times;
            scope.spawn(move || {
                for signed in mine {
                    let began = Instant::now();
                    let response = author.publish(signed).unwrap();
                    assert_eq!(response.status, 200, "{response:?}");
                    times.lock().unwrap().push(began.elapsed());
                }
            });
        }
    });
    let took = began.elapsed();
    let mut times = times.into_inner().unwrap();
    times.sort_unstable();
    (times.len() as f64 / took.as_secs_f64(), times[times.len() / 2], times[times.len() * 99 / 100])
}

#[test]
#[ignore = "a benchmark: run by scripts/bench.sh serve"]
#[allow(clippy::print_stdout, reason = "figures")]
fn publish() {
    let (clients, each) = (number("VITTE_BENCH_CLIENTS", 64), number("VITTE_BENCH_EACH", 20));
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let token = token(&sandbox, "publish", "*");
    assert_eq!(Author::at(&server.address, &token).publish(&Signed::namespace("demo")).unwrap().status, 200);
    let signed = |client: usize, version: String| {
        Signed::default().with(&sandbox, &format!("demo/of-{client}"), &version, "content of a small package")
    };
    let plan = |round: usize| -> Vec<Vec<Signed>> {
        (0..clients)
            .map(|client| (0..each).map(|n| signed(client, format!("{round}.{n}.0"))).collect())
            .collect()
    };
    for round in 0..number("VITTE_BENCH_ROUNDS", 3) {
        let (rate, median, last) = measured(&server, &token, &plan(round));
        let (median, last) = (median.as_secs_f64() * 1000.0, last.as_secs_f64() * 1000.0);
        println!("publish clients={clients} each={each} rate={rate:.1} p50_ms={median:.1} p99_ms={last:.1}");
    }
}
