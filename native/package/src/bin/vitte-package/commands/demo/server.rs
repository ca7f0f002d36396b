//! The same with a registry that is a server: an author publishes with a token, somebody else installs.

use super::damage::Damage;
use super::project::{HELLO, Project};
use super::stage::{DemoEvent, Stage, shown, spelled, text_of};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;
use vitte_package::env::{Env, Variable};
use vitte_package::error::{Error, IoAction, IoContext};
use vitte_package::fs::{self, Access};
use vitte_package::message::demo as text;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// The server's folder, in the demo's.
const DATA: &str = "server";
/// The home of somebody who installs from the server.
const COLLEAGUE: &str = "colleague";
/// The home of somebody who installs while an archive is altered.
const VICTIM: &str = "victim";
/// Where the token is kept.
const TOKEN: &str = "token";
/// Variables that begin so are the server's settings.
const SETTINGS: &str = "VITTE_REGISTRY";

/// The server's program: beside this one, or else on the path.
pub(super) fn program(env: &Env) -> Option<PathBuf> {
    let name = format!("vitte-registry{}", std::env::consts::EXE_SUFFIX);
    let beside = env.program().map(|program| program.with_file_name(&name)).filter(|path| path.is_file());
    beside.or_else(|| vitte_package::dispatch::find_elsewhere(env, "vitte-registry", Path::new("")))
}

/// A server that is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    /// Kept open: what the server writes later has a place to go.
    stdout: BufReader<ChildStdout>,
    /// Its address.
    pub(super) url: String,
}

impl Server {
    /// Waits until it ends: until somebody presses Ctrl-C.
    pub(super) fn wait(mut self) {
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It finishes what it is doing, and is not waited for without an end.
        #[cfg(unix)]
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw)
            && rustix::process::kill_process(pid, rustix::process::Signal::TERM).is_ok()
        {
            for _ in 0..500 {
                if !matches!(self.child.try_wait(), Ok(None)) {
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How it went.
#[derive(Debug)]
pub(super) struct Served {
    /// It goes on.
    pub(super) server: Server,
    /// Whether the package was installed from it, the attack caught, and the mended archive installed.
    pub(super) is_good: bool,
}

/// Plays the server's steps, from this number on.
pub(super) fn play(
    stage: &Stage<'_>,
    program: &Path,
    first: u8,
    report: &mut dyn FnMut(DemoEvent),
) -> Result<Served, Error> {
    // A server, with an author who has a token.
    let began = Instant::now();
    let said = operate(stage, program, &["init", "--data", DATA])?;
    let trust_root = said.split("--trust-root-sha256").nth(1).unwrap_or_default().trim();
    let trust_root: String = trust_root.chars().take_while(char::is_ascii_hexdigit).collect();
    operate(stage, program, &["user", "add", "me", "--data", DATA])?;
    let create = ["token", "create", "--data", DATA, "--scopes", "publish,yank"];
    let token = operate(stage, program, &create)?.trim().to_owned();
    fs::write_atomic(&stage.folder.join(TOKEN), token.as_bytes(), Access::Private)?;
    let server = start(stage, program)?;
    report(DemoEvent::Step {
        number: first,
        name: text::server(),
        command: format!("vitte-registry serve --data {DATA}"),
        outcome: text::server_outcome(&server.url, TOKEN),
        took: began.elapsed(),
    });

    // The author.
    let url = server.url.clone();
    let began = Instant::now();
    stage.run(&stage.home(), &["registry", "add", &url, "--trust-root-sha256", &trust_root])?;
    let project = Project::hello(&stage.folder)?;
    let publish = ["publish", "--manifest", &project.manifest, "--registry", &url, "--yes"];
    let published = stage.run_with_token(&stage.home(), &publish, &token)?;
    let rows = published["artifacts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entries: Vec<_> = rows.iter().map(|row| format!("#{}", row["log"])).collect();
    report(DemoEvent::Step {
        number: first + 1,
        name: text::publish(),
        command: format!("{}=$(cat {TOKEN}) {}", Variable::Token.name(), spelled(&publish)),
        outcome: text::publish_outcome(entries.len() as u64, &entries.join(", ")),
        took: began.elapsed(),
    });

    // Somebody else, elsewhere; then another, whose archive is altered on the way.
    let began = Instant::now();
    let install = ["install", HELLO, "--registry", &url, "--yes", "--user"];
    let trusting = |home: &str| {
        let home = stage.folder.join(home);
        stage.run(&home, &["registry", "add", &url, "--trust-root-sha256", &trust_root]).map(|_| home)
    };
    let colleague = trusting(COLLEAGUE)?;
    let installed = stage.run(&colleague, &install)?;
    let is_installed = installed["packages"][0]["unpacked"] == true;
    report(DemoEvent::Step {
        number: first + 2,
        name: text::install(),
        command: spelled(&install),
        outcome: text::install_tree_outcome(text_of(&installed["packages"][0]["tree"])),
        took: began.elapsed(),
    });
    let archive = stage.archive(&format!("{DATA}/public"), &published, &installed)?;
    let victim = trusting(VICTIM)?;
    let damage = Damage::inflict(&archive)?;
    report(DemoEvent::Remark(text::attack_command(damage.offset, &shown(&archive, &stage.folder))));
    let attacked = stage.spawn(&victim, &install, false)?;
    damage.undo()?;
    let is_caught = attacked.status.code() == Some(Exit::Verification as i32) && !holds_packages(&victim);
    report(DemoEvent::Output(String::from_utf8_lossy(&attacked.stderr).into_owned()));
    report(DemoEvent::Remark(match is_caught {
        true => text::attack_caught(Exit::Verification as u8),
        false => text::attack_missed(attacked.status.code().unwrap_or(-1)),
    }));
    let again = stage.run(&victim, &install)?;
    let is_restored = again["packages"][0]["unpacked"] == true;
    report(DemoEvent::Remark(text::mended()));
    Ok(Served { server, is_good: is_installed && is_caught && is_restored })
}

/// Whether anything was unpacked below a `VITTE_HOME`.
pub(super) fn holds_packages(home: &Path) -> bool {
    let folder = home.join("store").join("v1").join("pkg");
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// The server's program in the demo's folder, with its own settings and nobody else's.
fn command(stage: &Stage<'_>, program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&stage.folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with(SETTINGS)) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs an operator's command, and gives what it says.
fn operate(stage: &Stage<'_>, program: &Path, arguments: &[&str]) -> Result<String, Error> {
    let output = command(stage, program, arguments).output().on(IoAction::Run, program)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let shown = format!("vitte-registry {}", arguments.join(" "));
        return Err(Diagnostic::new(Code::Io, text::command_failed(&shown, &said)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts the server on a port that is free.
fn start(stage: &Stage<'_>, program: &Path) -> Result<Server, Error> {
    let log = stage.folder.join("server.log");
    let log = std::fs::File::create(&log).on(IoAction::Create, &log)?;
    let mut command = command(stage, program, &["serve", "--data", DATA, "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().on(IoAction::Run, program)?;
    let mut line = String::new();
    let mut server = match child.stdout.take().map(BufReader::new) {
        Some(stdout) => Server { child, stdout, url: String::new() },
        None => {
            return Err(Diagnostic::new(Code::Io, text::command_failed("vitte-registry serve", "")).into());
        }
    };
    server.stdout.read_line(&mut line).on(IoAction::Run, program)?;
    let address = line.split("http://").nth(1).map(|rest| rest.trim().trim_end_matches('/'));
    let failed = || text::command_failed("vitte-registry serve", line.trim());
    let address = address.ok_or_else(|| Error::from(Diagnostic::new(Code::Unavailable, failed())))?;
    server.url = format!("http://{address}");
    Ok(server)
}
