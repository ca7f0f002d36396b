use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::RegistryChoice;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::Digest;

/// Replay the whole log: signatures, chains, root, tiles; compare index, namespaces and proofs with it
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package log monitor --registry reg")]
pub(crate) struct Args {
    #[command(flatten)]
    registry: RegistryArg,
}

/// The answer of `log monitor`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Replayed {
    /// Id of the registry.
    registry: String,
    /// How many entries the log has.
    entries: u64,
    /// Its root.
    root: Digest,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let chosen = RegistryChoice::of(env, args.registry.registry.as_deref(), None)?;
    let audit = registry::monitor(env, &chosen, ui.reporter())?;
    ui.success(words::monitor_good(&audit.registry, audit.entries));
    ui.note(words::audit_counts(
        audit.entries,
        audit.namespaces as u64,
        audit.packages as u64,
        audit.artifacts as u64,
    ));
    ui.result(&Replayed { registry: audit.registry, entries: audit.entries, root: audit.root });
    Ok(Exit::Ok)
}
