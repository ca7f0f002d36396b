//! Everything a client checks before it believes a release: trust root, checkpoint, index, log entry, namespace.
//!
//! The steps are those of `core/docs/trust.md`, section 8. What was checked is remembered by [`RegistryClient::commit`],
//! which comes last, after the content was verified as well.

mod index;
mod proofs;

use super::continuity::{Continued, continue_log, read_log};
use super::directory::Directory;
use super::http::HttpRegistry;
use super::known;
use super::location::Location;
use super::log_files::{Bundles, LogFiles};
use super::proved::Proved;
use super::sequencer::newest_trust_root;
use super::source::Source;
use super::state::{Checked, Saved, SeenLog, TrustState};
use crate::env::Env;
use crate::error::Error;
use crate::home;
use crate::message::{dependencies as words, evidence, registry as text};
use index::ReadIndex;
pub use proofs::Unproved;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::IndexFile;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::log::proof::LogTiles;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::client::Seen;
use vitte_package_core::registry::client::judge::Older;
use vitte_package_core::registry::{RegistryConfig, VerifiedTrustRoot, layout};
use vitte_package_core::sign::{NamespaceChain, RegistryId};

/// How often another command may change what is remembered while this one ends.
const COMMIT_ROUNDS: usize = 8;

/// A registry that is believed as far as its trust root, log and index go.
pub struct RegistryClient {
    source: Box<dyn Source>,
    config: RegistryConfig,
    state: TrustState,
    trust: VerifiedTrustRoot,
    checkpoint: VerifiedCheckpoint,
    tiles: LogTiles,
    /// The checkpoint that was remembered when this began.
    begun: Option<VerifiedCheckpoint>,
    /// In what this copy of the registry is older than what was seen, if it is.
    older: Option<Older>,
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
        Self::with_pin(env, source, None)
    }

    /// As [`RegistryClient::from_source`], for a project that may pin the registry's first trust root. Where the user
    /// trusts the registry, by whatever trust root, that counts; else the pin does, for this project only: it is
    /// remembered apart.
    ///
    /// # Errors
    /// As [`RegistryClient::open`]; `trust-root` when the registry has another first trust root than the pinned one, or
    /// the user trusts it by another.
    pub fn with_pin(env: &Env, source: Box<dyn Source>, pin: Option<&ProjectPin>) -> Result<Self, Error> {
        let config = read_config(&*source)?;
        let home = env.vitte_home()?;
        home::check(&home)?;
        let mut state = TrustState::of(&home, &config.registry);
        home::check_trust(state.folder())?;
        let mut trust = match (state.trust_root()?, pin) {
            (Some(trust), None) => trust,
            (Some(trust), Some(pin)) => {
                pin.check(&state)?;
                trust
            }
            (None, Some(pin)) => {
                state = TrustState::of_project(&home, &config.registry, &pin.trust_root);
                home::check_trust(state.folder())?;
                match state.trust_root()? {
                    Some(trust) => trust,
                    None => pin.first(env, &*source, &config)?,
                }
            }
            (None, None) => return Err(untrusted(&*source, &config)),
        };
        trust = newest_trust_root(&*source, trust, |_| ())?;
        // All of it as one command left it: another one may be writing.
        let lock = state.share();
        let (mut seen, log) = (state.seen()?, state.checkpoint(&trust)?);
        let kept = match &log {
            SeenLog::Log(stored) => state.edge(stored),
            SeenLog::Nothing | SeenLog::Dropped(_) => None,
        };
        drop(lock);
        let stored = match log {
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
        let Continued { checkpoint, tiles, older } =
            read_log(&*source, &state, &trust, stored.clone(), kept)?;
        source.believe(layout::CONFIG);
        Ok(Self {
            source,
            config,
            state,
            trust,
            checkpoint,
            tiles,
            begun: stored,
            older,
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

    /// That this copy of the registry is older than what was seen, if it is: the user is to be told.
    pub fn older(&self) -> Option<Diagnostic> {
        let older = self.older.as_ref()?;
        let message = format!("{}: {}", self.name(), older.message());
        Some(Diagnostic::new(Code::Unavailable, message).help(text::older_used()))
    }

    /// The files of the registry, unchecked.
    pub fn source(&self) -> &dyn Source {
        &*self.source
    }

    /// Reads the checkpoint again and goes on with it, if it continues the present one.
    fn refresh(&mut self) -> Result<(), Error> {
        let (known, kept) = (Some(self.checkpoint.clone()), self.state.edge(&self.checkpoint));
        let Continued { checkpoint, tiles, older } =
            read_log(&*self.source, &self.state, &self.trust, known, kept)?;
        if checkpoint.size() > self.checkpoint.size() || self.older.is_none() {
            self.older = older;
        }
        (self.checkpoint, self.tiles) = (checkpoint, tiles);
        Ok(())
    }

    /// Leaves of the log in this copy, where it is older than what was seen.
    fn served(&self) -> Option<u64> {
        self.older.as_ref().and_then(Older::served)
    }

    /// A fault of an archive that this registry served, with its place and what to do about it.
    pub fn blame(&self, error: Error, artifact: &Artifact) -> Error {
        let error = self.source.about(error, &layout::archive(artifact));
        match error.exit() {
            Exit::Verification => {
                let (name, version) = (artifact.package.as_str(), artifact.version.to_string());
                error.help(evidence::help(name, &version))
            }
            _ => error,
        }
    }

    /// Remembers everything that was checked. To be called when all other checks of the command have passed, and before
    /// anything of what was checked is used: another command may have been shown another history meanwhile.
    ///
    /// # Errors
    /// `split-view`, `ns-chain` and `trust-root-rollback` when another command has remembered what contradicts this, and
    /// `unavailable` when neither that nor the contrary can be shown; nothing is remembered then. `io`, `no-space`,
    /// `busy`; network faults.
    pub fn commit(&self) -> Result<(), Error> {
        // Commands that write nothing else work in a home that can only be read.
        if !self.state.is_writable() {
            return Ok(());
        }
        let tiles = self.with_edge();
        let mut begun = self.begun.clone();
        for _ in 0..COMMIT_ROUNDS {
            let edge = tiles.edge();
            let what = Checked { trust: &self.trust, checkpoint: &self.checkpoint, seen: &self.seen, edge };
            match self.state.save(&what, begun.as_ref())? {
                Saved::Newest => return self.proved.write(self.state.folder()),
                // What was proved here holds for what continues this log; whether the other one does is not known.
                Saved::NewerThere => return Ok(()),
                Saved::Changed(other) => {
                    self.check_agrees(&other)?;
                    begun = Some(other);
                }
            }
        }
        let message = text::seen_meanwhile(begun.map_or(0, |other| other.size()), self.checkpoint.size());
        Err(Diagnostic::new(Code::Busy, message).help(text::seen_meanwhile_help()).into())
    }

    /// The tiles at hand, with the right edge of the log if this copy of the registry has it.
    fn with_edge(&self) -> LogTiles {
        let mut tiles = self.tiles.clone();
        if tiles.edge().is_none() && self.state.edge(&self.checkpoint).is_none() {
            // Without it a smaller log can be compared less well later; nothing else depends on it.
            let _ = LogFiles::new(&*self.source, self.checkpoint.size()).prove(&mut tiles, &[]);
        }
        tiles
    }

    /// The log that another command has seen since this one began and the log of this one are of one history.
    fn check_agrees(&self, other: &VerifiedCheckpoint) -> Result<(), Error> {
        let kept = self.state.edge(other);
        let ours = self.checkpoint.clone();
        let continued = continue_log(&*self.source, &self.state, other.clone(), ours, kept.as_ref())?;
        // A smaller log is only accepted when it was shown to be a beginning of the other.
        let shown = continued.checkpoint.size() == self.checkpoint.size()
            || [Some(&continued.tiles), kept.as_ref()].into_iter().flatten().any(|tiles| {
                tiles.prefix_root(self.checkpoint.size()).is_ok_and(|root| root == *self.checkpoint.root())
            });
        match shown {
            true => Ok(()),
            false => {
                let message = text::seen_meanwhile(other.size(), self.checkpoint.size());
                Err(Diagnostic::new(Code::Unavailable, message).help(text::seen_meanwhile_help()).into())
            }
        }
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

    /// The first trust root of a registry that nobody but the project trusts.
    fn first(
        &self,
        env: &Env,
        source: &dyn Source,
        config: &RegistryConfig,
    ) -> Result<VerifiedTrustRoot, Error> {
        let path = layout::trust_root(1);
        let first =
            source.read(&path, limits::ENVELOPE_LEN as u64)?.ok_or_else(|| layout_fault(source, &path))?;
        let first = VerifiedTrustRoot::pinned(&first, &self.trust_root)
            .map_err(|error| about(error.into(), source, &path))?;
        if first.root().registry != config.registry {
            let message = text::registry_other_id(first.root().registry.as_str(), config.registry.as_str());
            return Err(about(Diagnostic::new(Code::RegistryMismatch, message).into(), source, &path));
        }
        let (id, digest) = (config.registry.as_str(), self.trust_root.to_string());
        env.notices().tell(&words::project_pin(&self.name, id, &digest));
        Ok(first)
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
    let bytes =
        source.read(layout::CONFIG, 64 * 1024)?.ok_or_else(|| layout_fault(source, layout::CONFIG))?;
    RegistryConfig::parse(&bytes).map_err(|error| about(error.into(), source, layout::CONFIG))
}

pub(super) fn layout_fault(source: &dyn Source, path: &str) -> Error {
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
fn untrusted(source: &dyn Source, config: &RegistryConfig) -> Error {
    let offered = source.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64).ok().flatten();
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
