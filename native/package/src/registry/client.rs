//! Everything a client checks before it believes a release: trust root, checkpoint, index, log entry, namespace.
//!
//! The steps are those of `core/docs/trust.md`, section 8. What was checked is remembered by [`RegistryClient::commit`],
//! which comes last, after the content was verified as well.

mod index;
mod proofs;

use super::continuity::{continue_log, read_checkpoint};
use super::directory::Directory;
use super::http::HttpRegistry;
use super::location::Location;
use super::log_files::Bundles;
use super::proved::Proved;
use super::source::Source;
use super::state::{Saved, SeenLog, TrustState};
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use index::ReadIndex;
pub use proofs::Unproved;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{IndexFile, RegistryConfig, locate};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::log::proof::LogTiles;
use vitte_package_core::message::{evidence, registry as text};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::sign::{NamespaceChain, RegistryId, VerifiedTrustRoot};
use vitte_package_core::verify::release::Seen;

/// A registry that is believed as far as its trust root, log and index go.
pub struct RegistryClient {
    source: Box<dyn Source>,
    config: RegistryConfig,
    state: TrustState,
    trust: VerifiedTrustRoot,
    checkpoint: VerifiedCheckpoint,
    tiles: LogTiles,
    bundles: Bundles,
    chains: BTreeMap<Namespace, NamespaceChain>,
    /// Index files that were read and believed. One command sees one state of each.
    indexes: BTreeMap<PackageName, Option<Arc<IndexFile>>>,
    /// Index files that were read ahead, and are not believed yet.
    ahead: BTreeMap<PackageName, ReadIndex>,
    /// Those of `indexes` and `ahead` that are copies the registry was not asked about.
    settled: BTreeSet<PackageName>,
    /// How many threads may work.
    jobs: usize,
    seen: Seen,
    proved: Proved,
}

impl std::fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegistryClient({}, {} entries)", self.config.registry, self.checkpoint.size())
    }
}

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
    pub fn from_source(env: &Env, source: Box<dyn Source>) -> Result<Self, Error> {
        let config = read_config(&*source)?;
        let home = env.vitte_home()?;
        fs::check_guarded(&home)?;
        let state = TrustState::of(&home, &config.registry);
        fs::check_guarded(state.folder())?;
        let mut trust = match state.trust_root()? {
            Some(trust) => trust,
            None => return Err(untrusted(&*source, &config)),
        };
        while let Some(next) = source
            .read(&locate::trust_root(trust.root().version.saturating_add(1)), limits::ENVELOPE_LEN as u64)?
        {
            trust = trust.advance(&next).map_err(|error| about(error.into(), &*source, "trust"))?;
        }
        let fetched = read_checkpoint(&*source, &trust)?;
        let mut seen = state.seen()?;
        let stored = match state.checkpoint(&trust)? {
            SeenLog::Nothing => None,
            SeenLog::Log(stored) => Some(stored),
            SeenLog::Dropped(note) => {
                seen = Seen::default();
                state.forget_log(&note)?;
                None
            }
        };
        // What was proved before holds for this log as far as it continues the one it was proved in.
        let proved = match &stored {
            Some(stored) => Proved::read(state.folder(), &trust, stored.size()),
            None => Proved::nothing(&trust),
        };
        let (checkpoint, tiles) = continue_log(&*source, &state, stored, fetched)?;
        Ok(Self {
            source,
            config,
            state,
            trust,
            checkpoint,
            tiles,
            bundles: Bundles::default(),
            chains: BTreeMap::new(),
            indexes: BTreeMap::new(),
            ahead: BTreeMap::new(),
            settled: BTreeSet::new(),
            jobs: env.jobs()?,
            seen,
            proved,
        })
    }

    /// Id of the registry.
    pub fn id(&self) -> &RegistryId {
        &self.trust.root().registry
    }

    /// What people call it.
    pub fn name(&self) -> String {
        self.source.name()
    }

    /// The registry's own hints.
    pub fn config(&self) -> &RegistryConfig {
        &self.config
    }

    /// The newest trust root.
    pub fn trust_root(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    /// The checkpoint everything is proved against.
    pub fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// The files of the registry, unchecked.
    pub fn source(&self) -> &dyn Source {
        &*self.source
    }

    /// Reads the checkpoint again and goes on with it, if it continues the present one.
    fn refresh(&mut self) -> Result<(), Error> {
        let fetched = read_checkpoint(&*self.source, &self.trust)?;
        let (checkpoint, tiles) =
            continue_log(&*self.source, &self.state, Some(self.checkpoint.clone()), fetched)?;
        (self.checkpoint, self.tiles) = (checkpoint, tiles);
        Ok(())
    }

    /// A fault of an archive that this registry served, with its place and what to do about it.
    pub fn blame(&self, error: Error, artifact: &Artifact) -> Error {
        let error = self.source.about(error, &locate::archive(artifact));
        match error.exit() {
            Exit::Verification => {
                let (name, version) = (artifact.package.as_str(), artifact.version.to_string());
                error.help(evidence::help(name, &version))
            }
            _ => error,
        }
    }

    /// Remembers everything that was checked. To be called when the command's other checks have passed too.
    ///
    /// # Errors
    /// `io`, `no-space`, `busy`.
    pub fn commit(&self) -> Result<(), Error> {
        match self.state.save(&self.trust, &self.checkpoint, &self.seen)? {
            Saved::Newest => self.proved.write(self.state.folder()),
            // What was proved here holds for what continues this log; whether the other one does is not known.
            Saved::NewerThere => Ok(()),
        }
    }
}

/// The files of the registry at a location, unchecked.
///
/// # Errors
/// `insecure-url`; for an address what [`HttpRegistry::open`] brings.
pub fn open_source(env: &Env, location: &Location) -> Result<Box<dyn Source>, Error> {
    Ok(match location {
        Location::Directory(folder) => Box::new(Directory::new(folder)),
        Location::Url(url) => Box::new(HttpRegistry::open(env, url.clone())?),
    })
}

/// Reads `config.json`.
///
/// # Errors
/// `registry-layout` when there is none, `json` when it is malformed.
pub fn read_config(source: &dyn Source) -> Result<RegistryConfig, Error> {
    let bytes = source.read(locate::CONFIG, 64 * 1024)?.ok_or_else(|| layout(source, locate::CONFIG))?;
    RegistryConfig::parse(&bytes).map_err(|error| about(error.into(), source, locate::CONFIG))
}

pub(super) fn layout(source: &dyn Source, path: &str) -> Error {
    Diagnostic::new(Code::RegistryLayout, text::registry_layout(&source.name(), path))
        .help(text::registry_layout_help(&source.name()))
        .into()
}

/// The registry is not pinned: says how to, with the digest of what it offers.
fn untrusted(source: &dyn Source, config: &RegistryConfig) -> Error {
    let offered = source.read(&locate::trust_root(1), limits::ENVELOPE_LEN as u64).ok().flatten();
    let diagnostic =
        Diagnostic::new(Code::UntrustedRegistry, text::registry_untrusted(config.registry.as_str()));
    match offered {
        Some(envelope) => {
            let digest = Digest::of(&envelope).to_string();
            diagnostic.help(text::registry_untrusted_help(&source.name(), &digest)).into()
        }
        None => diagnostic.into(),
    }
}

/// Names the file of the registry that is concerned.
pub(super) fn about(error: Error, source: &dyn Source, path: &str) -> Error {
    source.about(error, path)
}
