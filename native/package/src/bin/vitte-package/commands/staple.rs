use crate::answer::LogProof;
use crate::argument::RegistryArg;
use crate::commands::verify::proof_lines;
use crate::ui::Ui;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::prove;
use vitte_package_core::diagnostic::Exit;

/// Put the registry's proofs into a published file
///
/// `verify --offline` then needs nothing but the registry's pinned trust root. Identity and content do not change.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package staple hello-1.0.0.vitmod --registry reg\n  vitte package verify hello-1.0.0.vitmod --offline"
)]
pub(crate) struct Args {
    /// The `.vitpkg` or `.vitmod`
    file: PathBuf,
    #[command(flatten)]
    registry: RegistryArg,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let proof = prove::staple(env, &args.file, args.registry.registry.as_deref())?;
    for line in proof_lines(&proof, false, env.is_utf8()) {
        ui.say(line);
    }
    ui.success(words::stapled(&args.file.display().to_string()));
    ui.result(&LogProof::from(&proof));
    Ok(Exit::Ok)
}
