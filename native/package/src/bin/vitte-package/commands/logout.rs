use super::login::{place, registry};
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::credentials as words;
use vitte_package::ops::login;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// Remove the stored token of a registry
///
/// The token itself stays valid at the registry until it expires or is revoked there.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package logout https://registry.example")]
pub(crate) struct Args {
    /// The address of the registry; without it, the configured one
    #[arg(value_name = "REGISTRY")]
    registry: Option<String>,
}

/// The answer of `logout`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The address of the registry.
    registry: &'a str,
    /// Where its token was removed from; empty when none was stored.
    removed_from: Vec<String>,
    /// What still gives a token for it, such as a variable of the environment.
    still: Option<String>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let registry = registry(args.registry.as_deref(), env)?;
    let url = registry.to_string();
    let out = login::logout(env, &registry)?;
    for source in &out.removed {
        ui.success(words::logged_out(&url, &place(source)));
    }
    match out.removed.is_empty() {
        true => ui.say(words::nothing_stored(&url)),
        false => ui.say(words::still_valid()),
    }
    let still = out.still.as_ref().map(place);
    if let Some(still) = &still {
        ui.warn(Diagnostic::new(Code::Unauthenticated, words::still_set(still, &url)));
    }
    ui.result(&Answer { registry: &url, removed_from: out.removed.iter().map(place).collect(), still });
    Ok(Exit::Ok)
}
