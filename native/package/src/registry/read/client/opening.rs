//! Opening a registry: whom to trust for it, and everything that is checked before the first package.

use super::{RegistryClient, drive};
use crate::env::Env;
use crate::error::Error;
use crate::home;
use crate::message::{dependencies as words, registry as text};
use crate::registry::read::directory::Directory;
use crate::registry::read::http::HttpRegistry;
use crate::registry::read::known;
use crate::registry::read::location::Location;
use crate::registry::read::offline;
use crate::registry::read::source::RegistrySource;
use crate::registry::read::state::TrustState;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::registry::client::Session;
use vitte_package_core::registry::{RegistryConfig, layout};

impl RegistryClient {
    /// Opens a registry: pinned trust root and its successors, checkpoint, consistency with the one seen before.
    ///
    /// # Errors
    /// `untrusted-registry` when its trust root was never pinned, `registry-layout` when there is no registry,
    /// `trust-root` and its kin, `note`, `origin`; `split-view` when the log is not a continuation of the one seen
    /// before: both checkpoints are then kept as evidence and nothing is remembered. Network faults.
    pub fn open(env: &Env, location: &Location) -> Result<Self, Error> {
        Self::from_source(env, open_source(env, location)?)
    }

    /// As [`RegistryClient::open`], for files from anywhere.
    ///
    /// # Errors
    /// As [`RegistryClient::open`].
    pub fn from_source(env: &Env, source: Box<dyn RegistrySource>) -> Result<Self, Error> {
        Self::with_pin(env, source, None)
    }

    /// As [`RegistryClient::from_source`], for a project that may pin the registry's first trust root. Where the user
    /// trusts the registry, by whatever trust root, that counts; else the pin does, for this project only: it is
    /// remembered apart.
    ///
    /// # Errors
    /// As [`RegistryClient::open`]; `trust-root` when the registry has another first trust root than the pinned one, or
    /// the user trusts it by another.
    pub fn with_pin(
        env: &Env,
        source: Box<dyn RegistrySource>,
        pin: Option<&ProjectPin>,
    ) -> Result<Self, Error> {
        let config = read_config(&*source)?;
        let home = env.vitte_home()?;
        home::check(&home)?;
        let mut state = TrustState::of(&home, &config.registry);
        home::check_trust(state.folder())?;
        let is_trusted = state.trust_root()?.is_some();
        match pin {
            Some(pin) if is_trusted => pin.check(&state)?,
            Some(pin) => {
                state = TrustState::of_project(&home, &config.registry, &pin.trust_root);
                home::check_trust(state.folder())?;
            }
            None => {}
        }
        let (memory, proofs) = state.memory()?;
        let pin = pin.filter(|_| memory.trust.is_none());
        let is_offline = source.copies().is_some();
        if is_offline && memory.checkpoint.is_none() && (pin.is_some() || memory.trust.is_some()) {
            return Err(offline::unknown(&*source));
        }
        let session = Session::open_with_proofs(pin.map(|pin| pin.trust_root), memory, proofs);
        let mut session = if is_offline { session.offline() } else { session };
        let (mut unread, jobs) = (BTreeMap::new(), env.jobs()?);
        drive(&mut session, &*source, &state, &mut unread, jobs)?;
        let (Some(trust), Some(checkpoint)) = (session.trust_root(), session.checkpoint()) else {
            return Err(layout_fault(&*source, layout::CHECKPOINT));
        };
        let (trust, checkpoint) = (trust.clone(), checkpoint.clone());
        source.confirm(layout::CONFIG);
        if let Some(pin) = pin {
            let (id, digest) = (config.registry.as_str(), pin.trust_root.to_string());
            env.notices().tell(&words::project_pin(&pin.name, id, &digest));
        }
        Ok(Self { source, config, state, session, trust, checkpoint, unread, jobs, held: OnceLock::new() })
    }
}

/// What a project's manifest says about whom to trust for one of its registries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectPin {
    /// What the manifest calls the registry.
    pub name: String,
    /// The digest of its first trust root.
    pub trust_root: Digest,
}

impl ProjectPin {
    /// The user trusts the registry: by the trust root that is pinned here, as far as that is known.
    fn check(&self, state: &TrustState) -> Result<(), Error> {
        let Some(known) = known::first_root(state)?.filter(|known| *known != self.trust_root) else {
            return Ok(());
        };
        let (pinned, known) = (self.trust_root.to_string(), known.to_string());
        let message = words::project_pin_other(&self.name, state.registry().as_str(), &pinned, &known);
        let fault = Diagnostic::new(Code::TrustRoot, message);
        Err(fault.help(words::project_pin_other_help(&self.name)).into())
    }
}

/// The files of the registry at a location, unchecked.
///
/// # Errors
/// `insecure-url`; for an address what [`HttpRegistry::open`] brings.
pub fn open_source(env: &Env, location: &Location) -> Result<Box<dyn RegistrySource>, Error> {
    Ok(match location {
        Location::Directory(folder) => Box::new(Directory::new(folder)),
        Location::Url(url) => Box::new(HttpRegistry::open(env, url.clone())?),
    })
}

/// Reads `config.json`.
///
/// # Errors
/// `registry-layout` when there is none, `json` when it is malformed.
pub fn read_config(source: &dyn RegistrySource) -> Result<RegistryConfig, Error> {
    let bytes = source.read(layout::CONFIG, layout::CONFIG_LEN)?;
    let bytes = bytes.ok_or_else(|| layout_fault(source, layout::CONFIG))?;
    RegistryConfig::parse(&bytes).map_err(|error| source.at(error.into(), layout::CONFIG))
}

pub(super) fn layout_fault(source: &dyn RegistrySource, path: &str) -> Error {
    let name = source.name();
    let folder = Path::new(&name);
    let fault = |message: String| Diagnostic::new(Code::RegistryLayout, message);
    let is_empty = || std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if name.contains("://") {
        fault(text::registry_layout(&name, path)).help(text::registry_layout_help_address()).into()
    } else if !folder.exists() {
        // Nothing is there, so nothing is malformed.
        let fault = Diagnostic::new(Code::NoFile, text::registry_absent(&name));
        fault.help(text::registry_absent_help()).into()
    } else if is_empty() {
        fault(text::registry_layout(&name, path)).help(text::registry_layout_help(&name)).into()
    } else {
        fault(text::registry_layout(&name, path)).help(text::registry_absent_help()).into()
    }
}

/// The registry is not pinned: says how to, with the digest of what it offers.
pub(super) fn untrusted(source: &dyn RegistrySource, registry: &str, offered: Option<Digest>) -> Error {
    let fault = Diagnostic::new(Code::UntrustedRegistry, text::registry_untrusted(registry));
    match offered {
        Some(digest) => fault.help(text::registry_untrusted_help(&source.name(), &digest.to_string())).into(),
        None => fault.into(),
    }
}
