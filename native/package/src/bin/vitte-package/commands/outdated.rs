use super::scope::ScopeArgs;
use crate::ui::Ui;
use serde_json::json;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::message::dependencies as words;

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

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let behind = ops::why::outdated(env, &args.scope.scope()?)?;
    let mut rows = Vec::with_capacity(behind.len());
    for package in &behind {
        let (name, locked) = (package.name.as_str(), package.locked.to_string());
        let (reachable, newest) = (package.reachable.to_string(), package.newest.to_string());
        ui.line(match package.reachable == package.newest {
            true => words::behind(name, &locked, &newest),
            false if package.reachable == package.locked => words::behind_stays(name, &locked, &newest),
            false => words::behind_held(name, &locked, &reachable, &newest),
        });
        rows.push(json!({"package": name, "locked": locked, "reachable": reachable, "newest": newest}));
    }
    if behind.is_empty() {
        ui.say(words::behind_nothing());
    }
    ui.answer(&json!({"behind": rows}));
    Ok(if args.exit_code && !behind.is_empty() { Exit::Failed } else { Exit::Ok })
}
