use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::RegistryId;

/// Trust a registry no longer, and forget what was seen of it
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry remove packages.example.org/\n  vitte package registry remove reg --yes"
)]
pub(crate) struct Args {
    /// The registry: its id as `registry list` shows it, a folder or an address
    registry: String,
}

/// The answer of `registry remove`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Removed<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The folder of what it signed against itself, which stays; none if there is nothing.
    evidence: Option<&'a Path>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { registry: given } = args;
    let state = registry::find_trusted(env, &given)?;
    let id = state.registry();
    if !ui.confirm(&words::registry_remove_question(id.as_str()), "--yes")? {
        ui.say(words::registry_kept(id.as_str()));
        return Ok(Exit::Failed);
    }
    let evidence = registry::remove(&state)?;
    ui.success(words::registry_removed(id.as_str()));
    if let Some(folder) = &evidence {
        ui.say(words::registry_evidence_stays(&folder.display().to_string()));
    }
    ui.result(&Removed { registry: id, evidence: evidence.as_deref() });

    Ok(Exit::Ok)
}
