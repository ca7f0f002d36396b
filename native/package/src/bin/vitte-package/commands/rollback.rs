use super::history::{Changes, lines};
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::store as words;
use vitte_package::ops::history;
use vitte_package_core::diagnostic::Exit;

/// Go back to what was installed before
///
/// Without a number, to the generation that the active one was made from. Nothing is downloaded: programs run the
/// same files as then. `vitte package history` shows the numbers; going forward again works the same way.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package rollback\n  vitte package rollback 3")]
pub(crate) struct Args {
    /// The generation
    #[arg(value_name = "N")]
    generation: Option<u32>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The generation that was active.
    from: u32,
    /// The one that is active now.
    to: u32,
    /// The command that made it.
    command: &'a str,
    /// What changed by going there.
    changes: Changes<'a>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let done = history::rollback(env, args.generation, ui.reporter())?;
    for line in lines(&done.difference) {
        ui.note(line);
    }
    ui.success(match done.from == done.to.number {
        true => words::generation_active(done.from),
        false => words::rolled_back(done.from, done.to.number),
    });
    ui.result(&Answer {
        from: done.from,
        to: done.to.number,
        command: &done.to.command,
        changes: (&done.difference).into(),
    });
    Ok(Exit::Ok)
}
