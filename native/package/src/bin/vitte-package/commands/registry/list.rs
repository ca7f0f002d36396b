use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::RegistryId;

/// List the registries you trust
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package registry list\n  vitte package registry list --json")]
pub(crate) struct Args {}

/// The answer of `registry list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct TrustedRegistries<'a> {
    /// The registries that are trusted.
    registries: Vec<BelievedRow<'a>>,
    /// Those that the manifest of the project here pins, which are trusted for it only.
    pinned: Vec<PinnedRow<'a>>,
}

/// A registry that a project pins.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PinnedRow<'a> {
    /// What the manifest calls it.
    name: &'a str,
    /// Where it is.
    address: &'a str,
    /// The digest of its first trust root.
    trust_root: Digest,
}

/// A registry that is trusted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BelievedRow<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The version of its trust root.
    version: u64,
    /// The digest of its trust root.
    trust_root: Digest,
    /// How many entries its log had when it was last seen.
    entries: Option<u64>,
    /// Whether its keys are one's own.
    own: bool,
    /// Where it is, if it was added with an address.
    address: Option<&'a str>,
}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let trusted = registry::list(env)?;
    let mut rows = Vec::with_capacity(trusted.len());
    for one in &trusted {
        let (id, digest) = (one.registry.as_str(), one.trust_root.to_string());
        ui.print(words::trusted(id, one.version, &digest));
        if let Some(address) = &one.address {
            ui.print(format!("  {}", words::trusted_at(address)));
        }
        ui.print(format!("  {}", words::trusted_seen(one.entries.unwrap_or(0))));
        if one.is_own {
            ui.print(format!("  {}", words::trusted_own()));
        }
        rows.push(BelievedRow {
            registry: &one.registry,
            version: one.version,
            trust_root: one.trust_root,
            entries: one.entries,
            own: one.is_own,
            address: one.address.as_deref(),
        });
    }
    let pinned = registry::pinned(env)?;
    let mut pins = Vec::with_capacity(pinned.len());
    for one in &pinned {
        ui.print(words::trusted_pinned(&one.name, &one.place, &one.trust_root.to_string()));
        ui.print(format!("  {}", words::trusted_pinned_note()));
        pins.push(PinnedRow { name: &one.name, address: &one.place, trust_root: one.trust_root });
    }
    if trusted.is_empty() && pinned.is_empty() {
        ui.say(words::trusted_none());
        ui.say(words::trusted_none_help());
    }
    ui.result(&TrustedRegistries { registries: rows, pinned: pins });
    Ok(Exit::Ok)
}
