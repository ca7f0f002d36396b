use super::show::{Shown, show};
use crate::argument::RegistryArg;
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// List the keys that count now
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package namespace owners demo --registry reg")]
pub(crate) struct Args {
    /// The namespace
    namespace: String,
    #[command(flatten)]
    registry: RegistryArg,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    show(&args.namespace, &args.registry, Shown::Keys, env, ui)
}
