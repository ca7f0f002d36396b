use crate::ui::Ui;
use clap_complete::env::Shells;
use serde::Serialize;
use std::borrow::Cow;
use std::ffi::OsStr;
use vitte_package::dependencies::lock::{self, OnDisk};
use vitte_package::env::{Env, Variable};
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::usage as words;
use vitte_package::ops;
use vitte_package::project::Project;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// The variable by which a shell asks for completions: the script that is printed sets it.
pub(crate) const VARIABLE: &str = Variable::Complete.name();
/// The program whose arguments are completed, and the one that is asked.
const PROGRAMS: (&str, &str) = ("vitte", "vitte-package");

/// Print a script that completes `vitte package` in a shell
///
/// Commands, flags and their values are completed; of a project its dependencies, of this user installed packages
/// and keys. Nothing is asked of a registry. In bash and zsh: eval "$(vitte package completions bash)"; in fish:
/// vitte package completions fish | source
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package completions bash > vitte.bash\n  vitte package completions fish > vitte.fish"
)]
pub(crate) struct Args {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", value_parser = clap::builder::PossibleValuesParser::new(SHELLS))]
    shell: String,
}

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The shell.
    shell: &'a str,
    /// What the shell has to run.
    script: Cow<'a, str>,
}

pub(crate) fn run(args: Args, _: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let unwritten = || Error::from(Diagnostic::new(Code::Usage, words::unknown_shell(&args.shell)));
    let shell = Shells::builtins();
    let shell = shell.completer(&args.shell).ok_or_else(unwritten)?;
    let mut script = Vec::new();
    let (program, completer) = PROGRAMS;
    shell.write_registration(VARIABLE, program, program, completer, &mut script).map_err(|_| unwritten())?;
    ui.raw(&script);
    ui.result(&Answer { shell: &args.shell, script: String::from_utf8_lossy(&script) });
    Ok(Exit::Ok)
}

/// Candidates that begin with what was typed. A candidate that cannot be had is no reason to disturb the prompt.
fn beginning(
    typed: &OsStr,
    names: impl IntoIterator<Item = String>,
) -> Vec<clap_complete::CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let fitting = names.into_iter().filter(|name| name.starts_with(&*typed));
    fitting.map(clap_complete::CompletionCandidate::new).collect()
}

/// Keys of this user, by name.
pub(crate) fn keys(typed: &OsStr) -> Vec<clap_complete::CompletionCandidate> {
    let keys = || KeyStore::open(&Env::capture()?)?.list();
    beginning(typed, keys().unwrap_or_default().into_iter().map(|key| key.name.to_string()))
}

/// Packages that the project here depends on.
pub(crate) fn dependencies(typed: &OsStr) -> Vec<clap_complete::CompletionCandidate> {
    let names = || -> Result<Vec<String>, Error> {
        let project = Project::find(&Env::capture()?, None)?;
        let named = project.manifest().dependencies().iter().map(|dependency| dependency.name().to_string());
        Ok(named.collect())
    };
    beginning(typed, names().unwrap_or_default())
}

/// Packages in the lockfile of the project here.
pub(crate) fn locked(typed: &OsStr) -> Vec<clap_complete::CompletionCandidate> {
    let names = || -> Result<Vec<String>, Error> {
        let project = Project::find_any(&Env::capture()?, None)?;
        let OnDisk::Good(lockfile, _) = lock::read(&project)? else { return Ok(Vec::new()) };
        let mut names: Vec<_> = lockfile.packages().iter().map(|package| package.name.to_string()).collect();
        names.dedup();
        Ok(names)
    };
    beginning(typed, names().unwrap_or_default())
}

/// Releases installed for this user, as `NAME@VERSION`.
pub(crate) fn installed(typed: &OsStr) -> Vec<clap_complete::CompletionCandidate> {
    let names = || -> Result<Vec<String>, Error> {
        let generation = ops::list::list(&Env::capture()?)?;
        Ok(generation.releases().map(|release| format!("{}@{}", release.package, release.version)).collect())
    };
    beginning(typed, names().unwrap_or_default())
}
