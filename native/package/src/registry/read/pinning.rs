//! Trusting a registry: its first trust root is pinned by a digest that came another way.

use super::client::{open_source, read_config};
use super::known;
use super::location::Location;
use super::state::TrustState;
use crate::env::Env;
use crate::error::Error;
use crate::message::registry as text;
use crate::registry::read::trust_root::newest_trust_root;
use std::collections::BTreeSet;
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::registry::{VerifiedTrustRoot, layout};
use vitte_package_core::sign::RegistryId;

/// The id and first trust root that the registry at a location offers; `None` when it has no trust root.
///
/// # Errors
/// As reading `config.json` of a registry; network faults.
pub fn offered(env: &Env, location: &Location) -> Result<Option<(RegistryId, Digest)>, Error> {
    let source = open_source(env, location)?;
    let id = read_config(&*source)?.registry;
    let first = source.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64)?;
    Ok(first.map(|first| (id, Digest::of(&first))))
}

/// Trusts a registry whose first trust root has this digest.
///
/// # Errors
/// `trust-root` when it has another, `registry-layout` when there is none, `trust-root-rollback` when another one is
/// pinned; `io`.
pub fn add(env: &Env, location: &Location, pin: &Digest) -> Result<RegistryId, Error> {
    let (newest, line) = newest_from(env, location, pin)?;
    let registry = newest.root().registry.clone();
    let home = env.vitte_home()?;
    let state = TrustState::of(&home, &registry);
    if !state.is_writable() {
        let message = text::trust_not_kept(registry.as_str(), &home.display().to_string());
        let fault = Diagnostic::new(Code::Io, message);
        let fault = fault.help(text::trust_not_kept_home(&location.to_string(), &pin.to_string()));
        return Err(fault.help(text::trust_not_kept_pin(&toml_place(location), &pin.to_string())).into());
    }
    state.pin(&newest, &line)?;
    known::remember(&state, location, pin)?;
    Ok(registry)
}

/// A registry that is trusted by another trust root from now on.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The registry.
    pub registry: RegistryId,
    /// Where what was remembered of it is kept; nothing when it was trusted by this trust root already, or not at all.
    pub evidence: Option<PathBuf>,
}

/// Trusts a registry whose first trust root has this digest, whatever was trusted before. The digest has to
/// come from its owner: nothing the registry itself says can justify this.
///
/// # Errors
/// As [`add`], but for the pinned one.
pub fn accept(env: &Env, location: &Location, pin: &Digest) -> Result<Accepted, Error> {
    let (newest, _) = newest_from(env, location, pin)?;
    let registry = newest.root().registry.clone();
    let state = TrustState::of(&env.vitte_home()?, &registry);
    let evidence = state.replace(&newest)?;
    known::remember(&state, location, pin)?;
    Ok(Accepted { registry, evidence })
}

/// The newest trust root of a registry whose first one has this digest, and the digests of all that lead to it.
fn newest_from(
    env: &Env,
    location: &Location,
    pin: &Digest,
) -> Result<(VerifiedTrustRoot, BTreeSet<Digest>), Error> {
    let source = open_source(env, location)?;
    let config = read_config(&*source)?;
    let path = layout::trust_root(1);
    let first = source.read(&path, limits::ENVELOPE_LEN as u64)?.unwrap_or_default();
    // What was read once is gone on from: asked again, a registry could say something else.
    let first = VerifiedTrustRoot::pinned(&first, pin).map_err(|error| source.at(error.into(), &path))?;
    if first.root().registry != config.registry {
        let message = text::registry_other_id(first.root().registry.as_str(), config.registry.as_str());
        return Err(source.at(Diagnostic::new(Code::RegistryMismatch, message).into(), &path));
    }
    let mut line = BTreeSet::new();
    let newest = newest_trust_root(&*source, first, |passed| _ = line.insert(passed.digest()))?;
    Ok((newest, line))
}

/// Where a registry is, as its line in a manifest says it.
fn toml_place(location: &Location) -> String {
    let key = if matches!(location, Location::Url(_)) { "index" } else { "directory" };
    format!("{key} = \"{location}\"")
}
