//! A folder with a `VITTE_HOME` of its own, in which commands are run as a user would.

use crate::{programs, schemas};
use assert_cmd::Command;
use std::io::{BufRead, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::Duration;

/// Says that a judge this machine lacks had no say. With `CI` set that is a failure: there, none may be missing.
#[track_caller]
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "not tested: {why}");
    untested(why);
}

/// As [`skipped`], for want of rights that no installation gives: not a failure anywhere.
#[allow(clippy::print_stderr, reason = "what was not tested has to be seen")]
pub(crate) fn untested(why: &str) {
    eprintln!("SKIPPED: {why}");
    // What a passing test writes is captured: the summary of `scripts/test.sh` shows this file.
    if let Some(file) = std::env::var_os("VITTE_TEST_SKIPPED") {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file).unwrap();
        file.write_all(format!("{}\n", why.trim_end().replace('\n', "; ")).as_bytes()).unwrap();
    }
}

/// Whether a program can be found. If not, that is reported as a test that was skipped.
#[track_caller]
pub(crate) fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    if !found {
        skipped(&format!("{name} is not installed"));
    }
    found
}

/// Whether the program `script` is there and can make a terminal; a system without devpts has none.
#[cfg(unix)]
#[track_caller]
pub(crate) fn makes_terminals() -> bool {
    if !has_program("script") {
        return false;
    }
    let made = std::process::Command::new("script")
        .args(["-qec", "true", "/dev/null"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    if !made.status.success() {
        untested("what is shown on a terminal: no terminal can be made here");
    }
    made.status.success()
}

/// Longer than any command takes on a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// Waits until a child ends, but not for ever: one that hangs is killed, and the test fails.
#[track_caller]
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    // Sleeps are counted, so that no clock is needed.
    for _ in 0..PATIENCE.as_millis() / 10 {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    panic!("process {} did not end within {PATIENCE:?}", child.id());
}

/// The first line that a child writes to its piped standard output.
#[track_caller]
pub(crate) fn first_line(child: &mut Child) -> String {
    let stdout = child.stdout.take().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::BufReader::new(stdout).read_line(&mut line);
        let _ = sender.send(read.map(|_| line));
    });
    receiver.recv_timeout(PATIENCE).expect("the program says nothing").unwrap()
}

/// How many processes a test kills, unless the environment says.
const KILLS: u32 = 20;

/// How many processes a test kills: `VITTE_TEST_KILLS` of the environment makes a long run.
pub(crate) fn kills() -> u32 {
    std::env::var("VITTE_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

/// A connection whose reads and writes do not last for ever.
#[track_caller]
pub(crate) fn connect(address: &str) -> TcpStream {
    try_connect(address).unwrap()
}

/// The same, for a server that may not be there.
pub(crate) fn try_connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends a signal to a child.
#[cfg(unix)]
#[track_caller]
pub(crate) fn send(signal: rustix::process::Signal, child: &Child) {
    send_to(signal, child.id().try_into().unwrap());
}

/// Sends a signal to a process.
#[cfg(unix)]
#[track_caller]
pub(crate) fn send_to(signal: rustix::process::Signal, pid: i32) {
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// Everything in it is gone when it is dropped.
pub(crate) struct Sandbox {
    /// What runs in it; it ends before the folder is removed.
    running: std::sync::Mutex<Vec<Box<dyn std::any::Any + Send>>>,
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { running: std::sync::Mutex::default(), folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps something that runs, such as a server, until the sandbox is dropped.
    #[cfg(unix)]
    pub(crate) fn keep(&self, running: impl std::any::Any + Send) {
        self.running.lock().unwrap().push(Box::new(running));
    }

    /// Temporary files and folders of ours that are still there, wherever they are.
    pub(crate) fn litter(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                let hex = |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
                let parts: Vec<_> = name.splitn(4, '-').collect();
                let is_litter = match parts.as_slice() {
                    [".vitte", pid, place, _] => pid.parse::<u32>().is_ok() && hex(place, 8),
                    [pid, random] => pid.parse::<u32>().is_ok() && hex(random, 16),
                    _ => false,
                };
                if is_litter {
                    found.push(entry.path());
                } else if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        found
    }

    /// Where `VITTE_HOME` points.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        assert!(Path::new(path).is_relative(), "{path} is outside the sandbox");
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// `vitte-package` with nothing of the real environment but what a program needs to start.
    pub(crate) fn package(&self) -> Command {
        self.program(programs::client())
    }

    /// The dispatcher, `vitte`.
    pub(crate) fn vitte(&self) -> Command {
        self.program(&programs::dispatcher())
    }

    fn program(&self, file: &Path) -> Command {
        let mut command = Command::new(file);
        command.current_dir(self.path()).env_clear();
        for kept in ["SystemRoot", "TEMP", "TMP"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        command.env("VITTE_HOME", self.home()).env("HOME", self.path().join("user"));
        command.env("PATH", "/usr/bin:/bin").timeout(PATIENCE);
        command
    }

    /// Runs `vitte-package` with the arguments, in words, and gives what it wrote and how it ended. With `--json` it must
    /// have written an answer.
    #[must_use = "a run that nothing is asserted of tests nothing: say how it `.ends`"]
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, |_| {})
    }

    /// As [`run`](Self::run), with more said about the command first.
    #[must_use = "a run that nothing is asserted of tests nothing: say how it `.ends`"]
    pub(crate) fn run_with(&self, arguments: &str, more: impl FnOnce(&mut Command)) -> Ran {
        let mut command = self.package();
        command.args(arguments.split_whitespace());
        more(&mut command);
        let ran = Ran::from(command.output().unwrap(), self.path());
        if arguments.split_whitespace().any(|word| word == "--json") {
            ran.json();
        }
        ran
    }
}

/// How a command ended. Paths of the sandbox are written `[dir]`.
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// What is printed for programs is checked against its schema.
    #[track_caller]
    pub fn from(output: std::process::Output, folder: &Path) -> Self {
        let folder = folder.to_str().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(folder, "[dir]");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let exit = output.status.code().unwrap();
        schemas::check_output(exit, &stdout, &stderr);
        Self { exit, stdout, stderr }
    }

    /// The answer of a command run with `--json`.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let answer = serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"));
        schemas::check_answer(&answer);
        answer
    }

    /// Asserts the exit status, showing all that was written if it is another.
    #[track_caller]
    pub(crate) fn ends(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self}");
        self
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}--- stderr\n{}", self.exit, self.stdout, self.stderr)
    }
}
