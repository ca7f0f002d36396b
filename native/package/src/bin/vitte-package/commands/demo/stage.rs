//! Where the demo plays: a folder, and the program whose commands are run in it.

use super::project;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use vitte_package::env::{Env, Variable};
use vitte_package::error::{Error, IoAction, IoContext};
use vitte_package::message::{self, demo as text};
use vitte_package::registry::read::client::RegistryClient;
use vitte_package::registry::read::location::Location;
use vitte_package_core::diagnostic::{Code, Diagnostic};

pub(super) const REGISTRY: &str = "registry";
pub(super) const HOME: &str = "home";
/// The home of a user who installs for the first time: the target of the attack.
pub(super) const STRANGER: &str = "stranger";

/// What the demo reports while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DemoEvent {
    /// A step that went as it should.
    Step {
        /// Its number, from 1.
        number: u8,
        /// Its name.
        name: String,
        /// The command that was run, as one would type it in the demo's folder.
        command: String,
        /// What came of it.
        outcome: String,
        /// How long it took.
        took: Duration,
    },
    /// What a command wrote, as it is.
    Output(String),
    /// A remark.
    Remark(String),
}

/// The folder and the program whose commands are run.
pub(super) struct Stage<'a> {
    env: &'a Env,
    pub(super) folder: PathBuf,
    program: PathBuf,
}

impl<'a> Stage<'a> {
    pub(super) fn new(env: &'a Env, folder: PathBuf) -> Result<Self, Error> {
        let program = match env.program() {
            // Another tool may run the demo: then the program next to it, or the one on the path, is run.
            Some(program) if program.file_stem().is_some_and(|name| name == "vitte-package") => {
                Some(program.to_path_buf())
            }
            _ => vitte_package::dispatch::find(env, "package"),
        };
        let missing = || Error::from(Diagnostic::new(Code::UnknownCommand, text::no_program()));
        Ok(Self { env, folder, program: program.ok_or_else(missing)? })
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.join(HOME)
    }

    pub(super) fn stranger(&self) -> PathBuf {
        self.folder.join(STRANGER)
    }

    pub(super) fn spawn(&self, home: &Path, arguments: &[&str], json: bool) -> Result<Output, Error> {
        let mut command = self.command(home, arguments);
        if json {
            command.arg("--json");
        }
        command.output().on(IoAction::Run, &self.program)
    }

    fn command(&self, home: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        command.env(Variable::VitteHome.name(), home);
        command.env(Variable::Language.name(), message::language().tag());
        let secrets = [Variable::SigningKey, Variable::SigningKeyPassword, Variable::Token];
        for given in [Variable::Registry, Variable::Ci].into_iter().chain(secrets) {
            command.env_remove(given.name());
        }
        command
    }

    /// Runs a command that must succeed, and gives its answer.
    pub(super) fn run(&self, home: &Path, arguments: &[&str]) -> Result<Value, Error> {
        self.answer(arguments, &self.spawn(home, arguments, true)?)
    }

    /// As [`run`](Self::run), for a command that a registry asks for a token.
    pub(super) fn run_with_token(
        &self,
        home: &Path,
        arguments: &[&str],
        token: &str,
    ) -> Result<Value, Error> {
        let mut command = self.command(home, arguments);
        command.arg("--json").env(Variable::Token.name(), token);
        self.answer(arguments, &command.output().on(IoAction::Run, &self.program)?)
    }

    fn answer(&self, arguments: &[&str], output: &Output) -> Result<Value, Error> {
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        if output.status.success() {
            return Ok(answer["result"].clone());
        }
        let fault = &answer["diagnostics"][0];
        let code = fault["code"].as_str().and_then(Code::find).unwrap_or(Code::Io);
        let said = match fault["message"].as_str() {
            Some(message) => message.to_owned(),
            None => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        };
        Err(Diagnostic::new(code, text::command_failed(&spelled(arguments), &said)).into())
    }

    pub(super) fn step(
        &self,
        number: u8,
        name: String,
        arguments: &[&str],
        report: &mut dyn FnMut(DemoEvent),
        outcome: impl FnOnce(&Value) -> Result<String, Error>,
    ) -> Result<Value, Error> {
        let began = Instant::now();
        let answer = self.run(&self.home(), arguments)?;
        let took = began.elapsed();
        let outcome = outcome(&answer)?;
        report(DemoEvent::Step { number, name, command: spelled(arguments), outcome, took });
        Ok(answer)
    }

    /// The key of the registry's log, in short.
    pub(super) fn log_key(&self) -> Result<String, Error> {
        let env = Env::new(&self.folder, self.home());
        let client = RegistryClient::open(&env, &Location::Directory(self.folder.join(REGISTRY)))?;
        let logs = client.trust_root().root().log_policy.logs();
        Ok(logs.first().map(|key| key.note_key().public().id().short()).unwrap_or_default())
    }

    /// What the installed program says, and whether that is what it should.
    pub(super) fn greeting(&self) -> Result<(String, bool), Error> {
        let program = self.home().join("bin").join(if cfg!(windows) { "hello.cmd" } else { "hello" });
        let output = Command::new(&program).arg("fr").output().on(IoAction::Run, &program)?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let good = said == project::GREETING;
        Ok((text::install_outcome(&shown(&program, &self.folder), &said), good))
    }

    /// The file that an install reads from a registry whose files are in this folder of the demo's.
    pub(super) fn archive(
        &self,
        registry: &str,
        published: &Value,
        installed: &Value,
    ) -> Result<PathBuf, Error> {
        let tree = &installed["packages"][0]["tree"];
        let rows = published["artifacts"].as_array().into_iter().flatten();
        let mut paths = rows.filter(|row| row["tree"] == *tree).filter_map(|row| row["path"].as_str());
        match paths.next() {
            Some(path) => Ok(self.folder.join(registry).join(path)),
            None => Err(Diagnostic::new(Code::NotFound, text::no_archive()).into()),
        }
    }

    /// The browser's page if it was built, else the command that checks the same.
    pub(super) fn look(&self, archive: &Path) -> String {
        let page = Path::new("web-demo").join("dist").join("verify.html");
        let above = self.program.ancestors().skip(1).take(4).map(Path::to_path_buf);
        let found = above
            .chain([self.env.cwd().to_path_buf()])
            .map(|folder| folder.join(&page))
            .find(|page| page.is_file());
        let archive = shown(archive, &self.folder);
        match found {
            Some(page) => text::look_page(&page.display().to_string(), &archive),
            None => text::look_command(&archive),
        }
    }
}

pub(super) fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn spelled(arguments: &[&str]) -> String {
    format!("vitte package {}", arguments.join(" "))
}

pub(super) fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
