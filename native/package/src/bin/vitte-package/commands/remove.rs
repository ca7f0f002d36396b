use super::add::Answer;
use super::completions;
use super::names;
use super::scope::{ScopeArgs, tell};
use crate::answer::ManifestLine;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package::ops;
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;

/// Remove dependencies from `vitte.toml`
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package remove acme/json\n  vitte package remove acme/test --dev"
)]
pub(crate) struct Args {
    /// The packages
    #[arg(value_name = "NAME", required = true, add = ArgValueCompleter::new(completions::dependencies))]
    packages: Vec<String>,
    /// From the development dependencies only
    #[arg(long, conflicts_with = "build")]
    dev: bool,
    /// From the build dependencies only
    #[arg(long)]
    build: bool,
    #[command(flatten)]
    scope: ScopeArgs,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let kind = match (args.dev, args.build) {
        (true, _) => Some(DependencyKind::Dev),
        (_, true) => Some(DependencyKind::Build),
        _ => None,
    };
    let names: Vec<PackageName> =
        args.packages.iter().map(|name| names::bare("remove", name, env)).collect::<Result<_, _>>()?;
    let changed = ops::add::remove(env, &args.scope.scope()?, &names, kind, ui.reporter())?;
    for edited in &changed.lines {
        ui.note(words::removed_line(&edited.table, &edited.line));
    }
    let lines = ManifestLine::all(&changed.lines);
    let changes = tell(&changed.changes, ui);
    ui.result(&Answer { lines, changes });
    Ok(Exit::Ok)
}
