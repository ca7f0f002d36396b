//! `demo`: the whole life of a package in one run.

mod damage;
mod project;
mod server;
mod split;
mod stage;
mod steps;

use crate::ui::Ui;
use serde::Serialize;
use server::Served;
use stage::DemoEvent;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::demo as words;
use vitte_package_core::diagnostic::Exit;

/// See the whole life of a package, an attack included
///
/// In a folder that stays: a registry, a build, a signed release, an install, its entry in the log, an altered archive
/// and a second log that are refused. Where `vitte-registry` is at hand, the same with a server: published to over HTTP,
/// installed from, attacked. It succeeds only if the packages were installed, the attacks caught and the second log
/// refused.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package demo\n  vitte package demo --dir /tmp/demo --exit\n  vitte package demo --tree some-library-1.2.3"
)]
pub(crate) struct Args {
    /// The folder; one that an earlier demo made is made anew
    #[arg(long, value_name = "DIR", default_value = "vitte-demo")]
    dir: PathBuf,
    /// A folder of files to package, publish, install and attack as well, as it is; `name-1.2.3` becomes `demo/name`
    #[arg(long, value_name = "DIR")]
    tree: Option<PathBuf>,
    /// End after the last step, on a terminal too, where the server otherwise goes on until Ctrl-C
    #[arg(long)]
    exit: bool,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The folder that stays.
    folder: &'a Path,
    /// Whether the package was installed, and its program ran.
    installed: bool,
    /// Whether the altered archive was refused, with nothing unpacked.
    caught: bool,
    /// Whether the same archive, with the byte put back, was installed.
    restored: bool,
    /// Whether a second log by the registry's own key was refused.
    split_refused: bool,
    /// Whether all went well with a server; null where its program, `vitte-registry`, is not at hand.
    served: Option<bool>,
    /// The steps, in order.
    steps: Vec<Step>,
}

/// A step that went as it should.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Step {
    /// Its number, from 1.
    number: u8,
    /// Its name.
    name: String,
    /// The command that was run.
    command: String,
    /// What came of it, in words.
    outcome: String,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { dir, tree, exit } = args;
    let count = steps::count(env);
    let mut steps = Vec::new();
    let outcome = steps::run(env, &dir, tree.as_deref(), &mut |event| match event {
        DemoEvent::Step { number, name, command, outcome, took } => {
            let took = if took.is_zero() { String::new() } else { format!("  {:.2} s", took.as_secs_f64()) };
            let arrow = if outcome.is_empty() { "" } else { "  → " };
            ui.note(format!(" {number:>2}/{count}  {name:<13} {command}{arrow}{outcome}{took}"));
            steps.push(Step { number, name, command, outcome });
        }
        DemoEvent::Output(text) => ui.note(text.trim_end()),
        DemoEvent::Remark(text) => ui.note(format!("      {text}")),
    })?;
    ui.result(&Answer {
        folder: &outcome.folder,
        installed: outcome.installed,
        caught: outcome.caught,
        restored: outcome.restored,
        split_refused: outcome.split_refused,
        served: outcome.served.as_ref().map(|served| served.is_good),
        steps,
    });
    let is_good = outcome.is_good();
    match is_good {
        true => ui.success(words::good()),
        false => ui.say(words::bad()),
    }
    if let Some(Served { server, .. }) = outcome.served
        && !exit
        && env.terminals().stdin
        && env.terminals().stdout
    {
        ui.note(words::server_goes_on(&server.url));
        server.wait();
    }
    Ok(if is_good { Exit::Ok } else { Exit::Failed })
}
