//! `delta`: what turns one release's files into those of the next, as a file.

pub(crate) mod apply;
pub(crate) mod inspect;
pub(crate) mod make;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Make, apply and inspect deltas between two versions of a package
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package delta make hello-1.0.0.vitmod hello-1.1.0.vitmod\n  vitte package delta inspect hello-1.0.0-1.1.0.vitdelta"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Make(make::Args),
    Apply(apply::Args),
    Inspect(inspect::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Make(args) => make::run(args, env, ui),
        Action::Apply(args) => apply::run(args, env, ui),
        Action::Inspect(args) => inspect::run(args, env, ui),
    }
}
