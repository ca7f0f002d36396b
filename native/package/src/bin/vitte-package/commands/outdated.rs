use super::scope::ScopeArgs;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::message::dependencies as words;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Show which dependencies are behind
///
/// For each: what is locked, what `update` would bring, and the newest release there is.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package outdated\n  vitte package outdated --exit-code")]
pub(crate) struct Args {
    /// End with 1 if anything is behind
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    scope: ScopeArgs,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// What is behind.
    behind: Vec<Row<'a>>,
}

/// A package that is behind.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    /// The package.
    package: &'a PackageName,
    /// What is locked.
    locked: &'a Version,
    /// What an update would bring.
    reachable: &'a Version,
    /// The newest release there is.
    newest: &'a Version,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let behind = ops::why::outdated(env, &args.scope.scope()?, ui.reporter())?;
    let mut rows = Vec::with_capacity(behind.len());
    for package in &behind {
        let (name, locked) = (package.name.as_str(), package.locked.to_string());
        let (reachable, newest) = (package.reachable.to_string(), package.newest.to_string());
        ui.line(match package.reachable == package.newest {
            true => words::behind(name, &locked, &newest),
            false if package.reachable == package.locked => words::behind_stays(name, &locked, &newest),
            false => words::behind_held(name, &locked, &reachable, &newest),
        });
        rows.push(Row {
            package: &package.name,
            locked: &package.locked,
            reachable: &package.reachable,
            newest: &package.newest,
        });
    }
    if behind.is_empty() {
        ui.say(words::behind_nothing());
    }
    ui.answer(&Answer { behind: rows });
    Ok(if args.exit_code && !behind.is_empty() { Exit::Failed } else { Exit::Ok })
}
