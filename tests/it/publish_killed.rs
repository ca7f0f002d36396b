//! `publish`, killed at any moment: the registry is always in order, running it again ends where it would have, and
//! nothing that was reported as published is lost.
//!
//! `VITTE_TEST_KILLS=200` in the environment makes a long run.

use crate::registry::{initialised, pack};
use crate::sandbox::{Sandbox, kills, wait};
use crate::writers::writer;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn publish(sandbox: &Sandbox, archives: &[PathBuf]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_vitte-package"))
        .args(["publish", "--yes", "--json", "--registry", &(writer().registry)(sandbox)])
        .args(archives)
        .current_dir(sandbox.path())
        .env_clear()
        .env("VITTE_TOKEN", (writer().token)(sandbox))
        .env("VITTE_HOME", sandbox.home())
        .env("HOME", sandbox.path().join("user"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The artifacts that a process said it had published, with their log indices; none if it was cut short.
fn reported(mut child: Child) -> Option<Vec<(String, u64)>> {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    wait(&mut child);
    let answer: serde_json::Value = serde_json::from_str(&text).ok()?;
    let artifacts = answer["result"]["artifacts"].as_array()?;
    Some(artifacts.iter().map(|one| (one["path"].to_string(), one["log"].as_u64().unwrap())).collect())
}

/// Two packages of one version, the second depending on the first.
fn batch(sandbox: &Sandbox, number: u32) -> Vec<PathBuf> {
    let content = "x".repeat(2000 + number as usize);
    let base = pack(sandbox, "demo/base", &format!("1.0.{number}"), &content, "");
    let needs = format!("\"demo/base\" = \"=1.0.{number}\"\n");
    vec![base, pack(sandbox, "demo/top", &format!("1.0.{number}"), &content, &needs)]
}

fn entries(sandbox: &Sandbox) -> u64 {
    let verified = sandbox.run("registry verify reg --json").ends(0).json();
    verified["result"]["entries"].as_u64().unwrap()
}

/// Kills in one registry: checking it all each time takes longer the more it holds.
const ROUND: u32 = 20;

#[test]
fn a_killed_publish_loses_nothing_and_a_second_run_ends_it() {
    let (kills, mut caught) = (kills(), 0);
    for first in (0..kills).step_by(ROUND as usize) {
        caught += round(first, ROUND.min(kills - first));
    }
    assert!(caught > 0, "every process had ended before it was killed");
}

/// Kills so many processes in a new registry. Says how many were still running when they were killed.
fn round(first: u32, kills: u32) -> u32 {
    let sandbox = initialised();
    let began = Instant::now();
    let published = reported(publish(&sandbox, &batch(&sandbox, 0))).unwrap();
    let took = began.elapsed();
    let mut known: BTreeMap<String, u64> = published.into_iter().collect();
    let (mut caught, mut size) = (0, entries(&sandbox));
    for number in 1..=kills {
        let archives = batch(&sandbox, number);
        // Moments spread over the time it takes, each elsewhere than any before.
        let share = f64::from((first + number).wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
        let moment: Duration = took.mul_f64(1.1 * share);
        let mut child = publish(&sandbox, &archives);
        std::thread::sleep(moment);
        caught += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        let said = reported(child);
        let what = format!("killed after {moment:?} of {took:?}, said {said:?}");
        let now = entries(&sandbox);
        assert!(now == size || now == size + 2, "{what}: all of a batch or nothing, {size} then {now}");
        if let Some(said) = &said {
            assert_eq!(now, size + 2, "{what}");
            known.extend(said.iter().cloned());
        }
        let again = reported(publish(&sandbox, &archives)).unwrap_or_else(|| panic!("{what}: again"));
        assert_eq!(sandbox.litter(), crate::faults::NOTHING, "{what}");
        for (path, log) in again {
            assert_eq!(*known.entry(path.clone()).or_insert(log), log, "{what}: {path} has moved");
        }
        size += 2;
        let audit = sandbox.run("registry verify reg --json").ends(0).json();
        assert_eq!(
            (&audit["result"]["entries"], &audit["result"]["unfinished"]),
            (&size.into(), &0.into()),
            "{what}"
        );
    }
    assert_eq!(known.len() as u64, size - 2, "every release is known by one entry");
    // A client finds what was published last.
    for package in ["demo/base", "demo/top"] {
        sandbox.run(&format!("verify {package}@1.0.{kills} --registry reg")).ends(0);
    }
    caught
}
