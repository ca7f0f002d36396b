use crate::commands::install::trust_prompt;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package::registry::read::location::Location;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::RegistryId;

/// Trust a registry whose trust root has this digest
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry add reg --trust-root-sha256 \"$(sha256sum < reg/trust/1.json | cut -c1-64)\""
)]
pub(crate) struct Args {
    /// The registry: a folder or an address
    registry: String,
    /// SHA-256 of its first trust root, `trust/1.json`, as its owner gives it, with or without `sha256:`; without it, you are shown the one it
    /// offers and asked
    #[arg(long, value_name = "HEX")]
    trust_root_sha256: Option<String>,
}

/// The answer of `registry add`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Added<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The digest of the trust root that is believed.
    trust_root: Digest,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { registry: given, trust_root_sha256 } = args;
    let location = Location::parse(&given, env)?;
    let pin = match trust_root_sha256 {
        Some(given) => Digest::from_people(&given)?,
        None => match offered(env, &location, ui)? {
            Some(digest) => digest,
            None => return Ok(ui.declined()),
        },
    };
    let id = registry::add(env, &location, &pin)?;
    ui.success(words::registry_added(id.as_str()));
    ui.result(&Added { registry: &id, trust_root: pin });

    Ok(Exit::Ok)
}

/// The trust root a registry offers, if the user says that it is the right one. With nobody to ask it is not.
fn offered(env: &Env, location: &Location, ui: &mut Ui) -> Result<Option<Digest>, Error> {
    let name = location.to_string();
    let Some((id, digest)) = registry::offered(env, location)? else {
        let path = vitte_package_core::registry::layout::trust_root(1);
        let fault = Diagnostic::new(Code::RegistryLayout, words::registry_layout(&name, &path));
        return Err(fault.into());
    };
    if trust_prompt(ui)(&name, &id, &digest)? {
        return Ok(Some(digest));
    }
    if ui.can_ask() {
        return Ok(None);
    }
    let fault = Diagnostic::new(Code::UntrustedRegistry, words::registry_untrusted(id.as_str()));
    Err(fault.help(words::registry_untrusted_help(&name, &digest.to_string())).into())
}
