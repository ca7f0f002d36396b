use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package::registry::read::location::Location;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::RegistryId;

/// Trust a registry's current trust root, although the one trusted so far does not lead to it
///
/// For a registry whose keys were lost, or that was re-created under its old name, once its owner has said so and
/// given you the digest by another way than the registry. What was remembered of it is kept as evidence and counts
/// no more; lockfiles stay as they are, and are checked against the new log.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package trust accept reg --trust-root-sha256 \"$(sha256sum < reg/trust/1.json | cut -c1-64)\""
)]
pub(crate) struct Args {
    /// The registry: a folder or an address
    registry: String,
    /// SHA-256 of its first trust root, `trust/1.json`, as its owner gives it
    #[arg(long, value_name = "HEX")]
    trust_root_sha256: String,
}

/// The answer of `trust accept`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Accepted<'a> {
    /// Id of the registry.
    registry: &'a RegistryId,
    /// The digest of the trust root that is believed.
    trust_root: Digest,
    /// Where what was remembered of it before is kept, if something was.
    evidence: Option<&'a Path>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { registry: given, trust_root_sha256 } = args;
    let pin = Digest::from_people(&trust_root_sha256)?;
    let accepted = registry::accept(env, &Location::parse(&given, env)?, &pin)?;
    let id = accepted.registry.as_str();
    match &accepted.evidence {
        Some(evidence) => {
            ui.success(words::trust_accepted(id));
            ui.say(words::trust_evidence(&evidence.display().to_string()));
        }
        None => ui.success(words::registry_added(id)),
    }
    ui.result(&Accepted {
        registry: &accepted.registry,
        trust_root: pin,
        evidence: accepted.evidence.as_deref(),
    });
    Ok(Exit::Ok)
}
