//! The one owner of stdout and stderr. stdout is the answer and nothing else; stderr is talk.

use crate::annotation;
use crate::answer;
use crate::global::{Global, ProgressChoice};
use crate::progress::{Mode, Progress};
use crate::render;
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::Value;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;
use vitte_package::env::{Env, Variable};
use vitte_package::error::Error;
use vitte_package::message::{ui, usage};
use vitte_package::report::Reporter;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// More lines than this are summed up on a terminal.
const MANY: usize = 20;

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Output and questions of one run.
#[derive(Debug)]
pub(crate) struct Ui {
    command: String,
    json: bool,
    quiet: bool,
    yes: bool,
    can_ask: bool,
    is_alone: bool,
    is_read_by_eyes: bool,
    /// Whether the service that runs this shows errors beside the lines they are about.
    annotates: bool,
    progress: Arc<Progress>,
    /// What came of the command, as JSON.
    result: String,
    printed: bool,
    stdout: Option<std::io::Error>,
}

impl Ui {
    /// `command` is the command's name as it stands in the JSON answer.
    pub(crate) fn new(command: String, global: &Global, env: &Env) -> Self {
        let terminals = env.terminals();
        let mode = match global.progress {
            ProgressChoice::Json => Mode::Events,
            ProgressChoice::Never => Mode::Never,
            ProgressChoice::Always => Mode::Bars,
            ProgressChoice::Auto if global.quiet || global.json => Mode::Never,
            ProgressChoice::Auto if env.is_ci() => Mode::Lines,
            ProgressChoice::Auto if terminals.stderr => Mode::Bars,
            ProgressChoice::Auto => Mode::Never,
        };
        global.color.write_global();
        let verbosity = if global.quiet { -1 } else { i8::try_from(global.verbose).unwrap_or(i8::MAX) };
        Self {
            command,
            json: global.json,
            quiet: global.quiet,
            yes: global.yes,
            is_alone: global.no_input,
            can_ask: terminals.stdin && terminals.stderr && !global.no_input && !global.json,
            is_read_by_eyes: terminals.stdout && verbosity <= 0 && !global.json,
            annotates: matches!(env.variable(Variable::GithubActions), Ok(Some("true"))),
            progress: Arc::new(Progress::new(
                mode,
                matches!(global.progress, ProgressChoice::Always),
                verbosity,
            )),
            result: "null".to_owned(),
            printed: false,
            stdout: None,
        }
    }

    /// Writes a line of the answer to stdout, dangerous characters escaped. Nothing with `--json`.
    pub(crate) fn print(&mut self, text: impl AsRef<str>) {
        if !self.json {
            let text = format!("{}\n", render::escape(text.as_ref()));
            self.write(text.as_bytes());
        }
    }

    /// As [`print`](Self::print), many lines in one write.
    pub(crate) fn print_lines(&mut self, lines: &[String]) {
        if !self.json && !lines.is_empty() {
            let text: String = lines.iter().map(|line| render::escape(line) + "\n").collect();
            self.write(text.as_bytes());
        }
    }

    /// Writes a line about what was done to stdout; nothing with `-q`, which leaves data and errors, or `--json`.
    pub(crate) fn note(&mut self, text: impl AsRef<str>) {
        if !self.quiet {
            self.print(text);
        }
    }

    /// As [`note`](Self::note), many lines in one write.
    pub(crate) fn notes(&mut self, lines: &[String]) {
        if !self.quiet {
            self.print_lines(lines);
        }
    }

    /// Whether a list of so many lines is too long for the person who reads it: on a terminal, unless all was asked for.
    pub(crate) fn is_too_long(&self, lines: usize) -> bool {
        self.is_read_by_eyes && lines > MANY
    }

    /// Writes bytes to stdout as they are: the content of a file somebody asked for. Nothing with `--json`.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        // Not through `anstream`, which would take out what looks like an escape sequence.
        if !self.json
            && self.stdout.is_none()
            && let Err(error) = std::io::stdout().write_all(bytes)
        {
            self.stdout = Some(error);
        }
    }

    /// Sets the result for `--json`. May be called whether or not the flag is given.
    pub(crate) fn result(&mut self, result: &impl Serialize) {
        if self.json {
            self.result = serde_json::to_value(result).unwrap_or(Value::Null).to_string();
        }
    }

    /// As [`result`](Self::result), for what may be long: it is written as its type states it, members in that order,
    /// without a tree of values in between, which takes five times its length.
    pub(crate) fn long_result(&mut self, result: &impl Serialize) {
        if self.json {
            // Measured first: a string that grows has room for as much again at the end.
            let mut length = Length(0);
            let mut text = match serde_json::to_writer(&mut length, result) {
                Ok(()) => Vec::with_capacity(length.0),
                Err(_) => Vec::new(),
            };
            let written = serde_json::to_writer(&mut text, result).ok();
            let text = written.and_then(|()| String::from_utf8(text).ok());
            self.result = text.unwrap_or_else(|| "null".to_owned());
        }
    }

    /// As [`result`](Self::result), and prints it at once: for a command that goes on until it is stopped.
    pub(crate) fn print_result_now(&mut self, result: &impl Serialize) {
        self.result(result);
        self.print_result(Exit::Ok, Vec::new());
        self.printed = true;
    }

    /// Writes a line of talk to stderr, dangerous characters escaped. Nothing with `-q` or `--json`.
    pub(crate) fn say(&mut self, text: impl AsRef<str>) {
        if !self.quiet && !self.json {
            self.progress.talk(&format!("{}\n", render::escape(text.as_ref())));
        }
    }

    /// As [`say`](Self::say), several lines, while something else still holds the [`Reporter`].
    pub(crate) fn say_lines(&self, lines: &[String]) {
        if !self.quiet && !self.json {
            let text: String = lines.iter().map(|line| render::escape(line) + "\n").collect();
            self.progress.talk(&text);
        }
    }

    /// As [`say`](Self::say), for what went well: a mark before it, in green.
    pub(crate) fn success(&mut self, text: impl AsRef<str>) {
        if !self.quiet && !self.json {
            let green = Style::new().bold().fg_color(Some(AnsiColor::Green.into()));
            self.progress.talk(&format!("{green}✔{green:#} {}\n", render::escape(text.as_ref())));
        }
    }

    /// Warns on stderr; the warning also stands in the JSON answer.
    pub(crate) fn warn(&mut self, warning: Diagnostic) {
        self.progress.warned(warning);
    }

    /// Whether there is somebody to ask.
    pub(crate) fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Whether nothing may wait for somebody, not even for what is done elsewhere.
    pub(crate) fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Tells what has to be done elsewhere for the command to go on: on stderr, whatever else is left out.
    pub(crate) fn instruct(&self, text: impl AsRef<str>) {
        self.progress.notice(text.as_ref(), false);
    }

    /// Where operations report to.
    pub(crate) fn reporter(&self) -> &dyn Reporter {
        &*self.progress
    }

    /// Tells why an operation waits, as [`say`](Self::say) does, from any thread.
    pub(crate) fn notices(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let (progress, silent) = (Arc::clone(&self.progress), self.quiet || self.json);
        move |text| progress.notice(text, silent)
    }

    /// Asks a question that is answered by yes or no. `flag` is what answers it on the command line, besides
    /// `--yes`.
    ///
    /// # Errors
    /// `needs-answer` when there is nobody to ask, naming the flag.
    pub(crate) fn confirm(&self, question: &str, flag: &str) -> Result<bool, Error> {
        if self.yes {
            return Ok(true);
        }
        self.need_asking(question, flag)?;
        self.progress.talk(&format!("{} ", render::escape(&ui::confirm(question))));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(|error| unanswered(question, flag, &error))?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "o" | "oui"))
    }

    /// Asks for a secret without showing it. `instead` is what gives it without a terminal.
    ///
    /// # Errors
    /// `needs-answer` when there is nobody to ask.
    pub(crate) fn ask_secret(&self, question: &str, instead: &str) -> Result<String, Error> {
        self.need_asking(question, instead)?;
        self.progress.talk(&format!("{}: ", render::escape(question)));
        let read = read_hidden();
        self.progress.talk("\n");
        let answer = read.map_err(|error| unanswered(question, instead, &error))?;
        Ok(answer.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// Says that the answer was no, and returns the exit status of that.
    pub(crate) fn declined(&mut self) -> Exit {
        self.say(ui::declined());
        Exit::Failed
    }

    /// Asks for a line. `flag` is what gives it without a terminal.
    ///
    /// # Errors
    /// `needs-answer` when there is nobody to ask.
    pub(crate) fn ask_line(&self, question: &str, flag: &str) -> Result<String, Error> {
        self.need_asking(question, flag)?;
        self.progress.talk(&format!("{}: ", render::escape(question)));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(|error| unanswered(question, flag, &error))?;
        Ok(answer.trim().to_owned())
    }

    fn need_asking(&self, question: &str, flag: &str) -> Result<(), Error> {
        if self.can_ask {
            return Ok(());
        }
        let fault = Diagnostic::new(Code::NeedsAnswer, usage::needs_answer(question));
        Err(fault.help(usage::needs_answer_help(flag)).into())
    }

    /// Writes the JSON answer, unless it was written before.
    fn print_result(&mut self, exit: Exit, said: Vec<answer::Diagnostic<'_>>) {
        if self.json && !self.printed {
            let envelope = answer::Envelope::new(&self.command, exit, &Value::Null, said);
            let envelope = serde_json::to_value(envelope).unwrap_or(Value::Null).to_string();
            // The answer may be long: it is put in its place while it is written.
            const PLACE: &str = "\"result\":null,\"schema\":";
            let (before, after) = envelope.rsplit_once(PLACE).unwrap_or((&envelope, ""));
            let result = std::mem::take(&mut self.result);
            let parts = [before, "\"result\":", result.as_str(), ",\"schema\":", after, "\n"];
            for part in parts {
                self.write(render::escape_json(part).as_bytes());
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.stdout.is_none()
            && let Err(error) = anstream::stdout().write_all(bytes)
        {
            self.stdout = Some(error);
        }
    }

    /// Shows how the command ended, writes the JSON answer, and gives the exit status.
    pub(crate) fn finish(mut self, outcome: Result<Exit, Error>) -> ExitCode {
        let exit = match &outcome {
            Ok(exit) => *exit,
            Err(error) => error.exit(),
        };
        let warnings = self.progress.take_warnings();
        if let Err(error) = &outcome {
            if self.progress.mode() == Mode::Events {
                for fault in error.faults() {
                    self.progress.event(answer::Event::Error {
                        diagnostic: Box::new(answer::Diagnostic::error(fault)),
                    });
                }
            } else if !self.json {
                self.progress.talk(&render::error(error));
                if self.annotates {
                    self.progress.talk(&annotation::of(error));
                }
            }
        }
        let faults =
            outcome.as_ref().err().into_iter().flat_map(Error::faults).map(answer::Diagnostic::error);
        let warnings = warnings.iter().map(answer::Diagnostic::warning);
        self.print_result(exit, faults.chain(warnings).collect());
        let flushed = std::io::stdout().flush();
        match self.stdout.take().or(flushed.err()) {
            // Whoever read our answer has seen enough.
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                let error = Error::io(vitte_package::error::IoAction::Write, "stdout".as_ref(), &error);
                self.progress.talk(&render::error(&error));
                ExitCode::from(if exit == Exit::Ok { error.exit() as u8 } else { exit as u8 })
            }
            _ => ExitCode::from(exit as u8),
        }
    }
}

fn unanswered(question: &str, flag: &str, error: &std::io::Error) -> Error {
    let message = usage::needs_answer(&format!("{question} ({error})"));
    Diagnostic::new(Code::NeedsAnswer, message).help(usage::needs_answer_help(flag)).into()
}

/// Reads a line from the terminal, which does not show it.
#[cfg(unix)]
fn read_hidden() -> std::io::Result<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let stdin = std::io::stdin();
    let before = tcgetattr(&stdin)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
    let mut answer = String::new();
    let result = stdin.read_line(&mut answer);
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    result.map(|_| answer)
}

/// Reads a line from the terminal, which does not show it.
#[cfg(not(unix))]
fn read_hidden() -> std::io::Result<String> {
    console::Term::stderr().read_secure_line()
}
