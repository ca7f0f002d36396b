use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::ci as words;
use vitte_package::ops::ci::{self, InitRequest};
use vitte_package_core::diagnostic::Exit;

/// Write a workflow that builds and checks every change, and publishes on a tag
///
/// Token and signing key come from the service's secrets VITTE_TOKEN and VITTE_SIGNING_KEY. The registry is trusted by
/// the digest that vitte.toml or you trust it by.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package ci init\n  vitte package ci init --provider gitlab --registry https://registry.example"
)]
pub(crate) struct Args {
    /// Whose workflow: github, gitlab or forgejo; without it, what the repository shows
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The address of the registry; without it, the only one that vitte.toml names
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// Write a workflow anew that is there
    #[arg(long)]
    force: bool,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The service: `github`, `gitlab` or `forgejo`.
    provider: &'a str,
    /// The file that was written.
    path: String,
    /// The address that it publishes to.
    registry: &'a str,
}

pub(super) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { provider, registry, force } = args;
    let request = InitRequest { provider: provider.as_deref(), registry: registry.as_deref(), force };
    let written = ci::init(env, &request)?;
    let path = env.shorten(&written.path).display().to_string();
    ui.result(&Answer { provider: written.provider.name(), path: path.clone(), registry: &written.registry });
    ui.success(words::written(&path, &written.registry));
    ui.say(words::secrets_needed());
    Ok(Exit::Ok)
}
