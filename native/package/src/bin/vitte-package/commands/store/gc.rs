use crate::render::size;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::store as words;
use vitte_package::ops::store;
use vitte_package::store::{Effect, Generations};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;

/// Remove packages that nothing uses
///
/// Used is what a project's lockfile names, and what the last 10 generations and those of the last 30 days
/// have installed.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package store gc\n  vitte package store gc --dry-run\n  vitte package store gc --all"
)]
pub(crate) struct Args {
    /// Tell what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Also remove what only earlier generations use: `rollback` cannot go back to them any more
    #[arg(long)]
    all: bool,
}

/// The answer of `store gc`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Collected<'a> {
    /// What was removed, or would be.
    removed: &'a [TreeDigest],
    /// Bytes of its files.
    bytes: u64,
    /// How many packages stay.
    kept: usize,
    /// How many old generations went.
    generations: usize,
    /// How many projects are gone that used packages.
    projects: usize,
    /// Whether it was only told.
    dry_run: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { dry_run, all } = args;
    let generations = if all { Generations::ActiveOnly } else { Generations::Recent };
    let effect = if dry_run { Effect::Tell } else { Effect::Remove };
    let done = store::collect(env, effect, generations, ui.reporter())?;
    let (count, bytes) = (done.packages.len(), size(done.bytes));
    ui.success(match effect {
        Effect::Remove => words::collected(count, &bytes, done.kept),
        Effect::Tell => words::would_collect(count, &bytes, done.kept),
    });
    ui.result(&Collected {
        removed: &done.packages,
        bytes: done.bytes,
        kept: done.kept,
        generations: done.generations,
        projects: done.projects,
        dry_run,
    });

    Ok(Exit::Ok)
}
