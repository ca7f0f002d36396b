//! Ctrl-C: what is half done disappears and the exit status is 130.

use crate::sandbox::{send, wait};
use rustix::process::Signal;
use std::io::BufRead;
use std::process::{Command, Stdio};
use vitte_package::fs::TempDir;

/// What is interrupted: this very test, in a process of its own.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn half_done() {
    let Some(folder) = std::env::var_os("VITTE_TEST_FOLDER") else { return };
    let folder = TempDir::new_in(folder.as_ref()).unwrap();
    std::fs::write(folder.path().join("file"), "half").unwrap();
    println!("ready");
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["interrupt::half_done", "--exact", "--ignored", "--nocapture"])
            .env("VITTE_TEST_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line.ends_with("ready")));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        send(signal, &child);
        assert_eq!(wait(&mut child).code(), Some(130), "{signal:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{signal:?}");
    }
}
