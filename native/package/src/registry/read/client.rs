//! A registry that is trusted as far as its trust root, log and index go.
//!
//! What is checked, in which order and by which rules is core's (`vitte_package_core::registry::client`): this brings the
//! files that its session needs, several at once, does its jobs on several threads, and remembers what was seen by
//! [`RegistryClient::commit`], which comes last, after the content was verified as well.

mod index;
mod opening;
mod proofs;

use super::source::RegistrySource;
use super::state::{Checked, Saved, TrustState};
use crate::error::Error;
use crate::message::{registry as text, split_view};
use crate::parallel;
pub use opening::{ProjectPin, open_source, read_config};
use opening::{layout_fault, untrusted};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
pub use vitte_package_core::registry::client::Unproved;
use vitte_package_core::registry::client::judge::Older;
use vitte_package_core::registry::client::{
    Event, FileNeed, Job, ProvenRelease, Refusal, ReleaseProofError, Session, Want,
};
use vitte_package_core::registry::{RegistryConfig, VerifiedTrustRoot, layout};
use vitte_package_core::sign::RegistryId;

/// How often another command may change what is remembered while this one ends.
const COMMIT_ROUNDS: usize = 8;

/// A registry that is trusted as far as its trust root, log and index go.
pub struct RegistryClient {
    source: Box<dyn RegistrySource>,
    config: RegistryConfig,
    state: TrustState,
    session: Session,
    trust: VerifiedTrustRoot,
    checkpoint: VerifiedCheckpoint,
    /// Why files could not be read.
    unread: BTreeMap<String, Error>,
    /// How many threads may work.
    jobs: usize,
    /// The packages of which the store holds a release.
    held: OnceLock<BTreeSet<PackageName>>,
}

/// What a session reported that is used at once.
#[derive(Default)]
struct Reported {
    releases: Vec<(u64, Result<ProvenRelease, Refusal>)>,
    entry: Option<Result<Vec<u8>, Refusal>>,
    history: Option<Result<bool, Refusal>>,
}

impl std::fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegistryClient({}, {} entries)", self.config.registry, self.checkpoint.size())
    }
}

impl RegistryClient {
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

    /// That this copy of the registry is older than what was seen, if it is: to be shown to the user.
    pub fn older(&self) -> Option<Diagnostic> {
        let message = format!("{}: {}", self.name(), self.session.older().map(Older::message)?);
        Some(Diagnostic::new(Code::Unavailable, message).help(text::older_used()))
    }

    /// The files of the registry, unchecked.
    pub fn source(&self) -> &dyn RegistrySource {
        &*self.source
    }

    /// The packages of which the store held a release when that was first asked: `look` says which.
    pub(super) fn held(&self, look: impl FnOnce() -> BTreeSet<PackageName>) -> &BTreeSet<PackageName> {
        self.held.get_or_init(look)
    }

    /// A fault of an archive that this registry served, with its place and what to do about it.
    pub fn attribute_to(&self, error: Error, artifact: &Artifact) -> Error {
        let error = self.source.at(error, &layout::archive(artifact));
        match error.exit() {
            Exit::Verification => {
                let (name, version) = (artifact.package.as_str(), artifact.version.to_string());
                error.help(split_view::help(name, &version))
            }
            _ => error,
        }
    }

    /// Says what is wanted, and brings what it takes.
    fn want(&mut self, want: Want) -> Result<Reported, Error> {
        self.session.want(want);
        self.drive()
    }

    /// As [`Self::want`], to fetch ahead what is wanted one by one later; that later call reports what is wrong with it.
    fn want_ahead(&mut self, want: Want) {
        self.session.want(want);
        // An index file may bring those of other packages with it.
        self.source.prefetch(self.session.needs());
        let _ = self.drive();
    }

    fn drive(&mut self) -> Result<Reported, Error> {
        let reported = drive(&mut self.session, &*self.source, &self.state, &mut self.unread, self.jobs);
        if let Some(checkpoint) = self.session.checkpoint() {
            self.checkpoint = checkpoint.clone();
        }
        reported
    }

    fn refused(&self, refusal: &Refusal) -> Error {
        refused(refusal, &*self.source, &self.state, &self.unread)
    }

    /// The fault that the session has not reported what was requested.
    fn not_reported(&self, path: &str) -> Error {
        layout_fault(&*self.source, path)
    }

    /// Remembers everything that was checked. To be called when all other checks of the command have passed, and before
    /// anything of what was checked is used: another command may have been shown another history meanwhile.
    ///
    /// # Errors
    /// `split-view`, `ns-chain` and `trust-root-rollback` when another command has remembered what contradicts this, and
    /// `unavailable` when neither that nor the contrary can be shown; nothing is remembered then. `io`, `no-space`,
    /// `busy`; network faults.
    pub fn commit(&mut self) -> Result<(), Error> {
        // Commands that write nothing else work in a home that can only be read.
        if !self.state.is_writable() {
            return Ok(());
        }
        if self.session.memory().edge.is_none() {
            self.want(Want::Edge)?;
        }
        let memory = self.session.memory();
        let mut compared = self.session.remembered().cloned();
        for _ in 0..COMMIT_ROUNDS {
            let (trust, checkpoint, seen, edge) =
                (&self.trust, &self.checkpoint, &memory.seen, memory.edge.clone());
            let what = Checked { trust, checkpoint, seen, edge };
            match self.state.save(&what, compared.as_ref())? {
                Saved::Newest => {
                    let proofs = self.session.proofs().and_then(|proofs| proofs.to_text());
                    return proofs.map_or(Ok(()), |proofs| self.state.save_proofs(&proofs));
                }
                // What was proved here holds for what continues this log; whether the other one does is not known.
                Saved::NewerThere => return Ok(()),
                Saved::Changed(other) => {
                    self.check_agrees(&other)?;
                    compared = Some(other);
                }
            }
        }
        let message = text::seen_meanwhile(compared.map_or(0, |other| other.size()), self.checkpoint.size());
        Err(Diagnostic::new(Code::Busy, message).help(text::seen_meanwhile_help()).into())
    }

    /// The log that another command has seen since this one began and the log of this one are of one history.
    fn check_agrees(&mut self, other: &VerifiedCheckpoint) -> Result<(), Error> {
        let reported = self.want(Want::History(other.clone(), self.state.edge()))?;
        match reported.history {
            Some(Ok(true)) => Ok(()),
            Some(Err(refusal)) => Err(self.refused(&refusal)),
            Some(Ok(false)) | None => {
                let message = text::seen_meanwhile(other.size(), self.checkpoint.size());
                Err(Diagnostic::new(Code::Unavailable, message).help(text::seen_meanwhile_help()).into())
            }
        }
    }
}

/// Brings what a session needs, until it needs nothing more.
fn drive(
    session: &mut Session,
    source: &dyn RegistrySource,
    state: &TrustState,
    unread: &mut BTreeMap<String, Error>,
    jobs: usize,
) -> Result<Reported, Error> {
    let mut reported = Reported::default();
    loop {
        let work = session.jobs();
        let needs = session.needs().to_vec();
        let is_over = work.is_empty() && needs.is_empty();
        parallel::map(work, jobs, Job::run).into_iter().for_each(|done| session.finish(done));
        bring(&needs, session, source, unread);
        while let Some(event) = session.take() {
            match event {
                Event::Confirmed(path) => source.confirm(&path),
                Event::LogDropped(note) => state.forget_log(&note)?,
                Event::Release { log, result, .. } => reported.releases.push((log, *result)),
                Event::Entry { result, .. } => reported.entry = Some(result),
                Event::History(result) => reported.history = Some(result),
                Event::Opened | Event::Index(_) | Event::Namespace(_) => {}
            }
        }
        if let Some(refusal) = session.failure() {
            return Err(refused(refusal, source, state, unread));
        }
        if is_over {
            return Ok(reported);
        }
    }
}

/// Brings files, those at an address several at once.
fn bring(
    needs: &[FileNeed],
    session: &mut Session,
    source: &dyn RegistrySource,
    unread: &mut BTreeMap<String, Error>,
) {
    if needs.len() > 1 {
        source.prefetch(needs);
    }
    for FileNeed { path, limit } in needs {
        match source.read(path, *limit) {
            Ok(Some(file)) => session.supply(path, file),
            Ok(None) => session.absent(path),
            Err(error) => {
                unread.insert(path.clone(), error);
                session.unreadable(path);
            }
        }
    }
}

/// What a session refuses, in the user's terms. Two checkpoints that contradict each other are kept as evidence.
fn refused(
    refusal: &Refusal,
    source: &dyn RegistrySource,
    state: &TrustState,
    unread: &BTreeMap<String, Error>,
) -> Error {
    let here = |error: Error| match &refusal.path {
        Some(path) => source.at(error, path),
        None => error,
    };
    match &*refusal.error {
        ReleaseProofError::Unreadable { path } => {
            unread.get(path).cloned().unwrap_or_else(|| here((*refusal.error).clone().into()))
        }
        ReleaseProofError::Absent { path } => layout_fault(source, path),
        ReleaseProofError::Untrusted { registry, offered } => untrusted(source, registry, *offered),
        ReleaseProofError::Remembered(error) => state.damaged_checkpoint(error),
        ReleaseProofError::SplitView { before, now, reason, notes } => {
            let [first, second] = notes.as_ref();
            let kept = state.keep_evidence("checkpoint-before", first).and_then(|first| {
                let second = state.keep_evidence("checkpoint-now", second)?;
                Ok([first, second].map(|path| path.display().to_string()))
            });
            match kept {
                Ok(kept) => {
                    let message = text::split_view(*before, *now, reason);
                    let fault = Diagnostic::new(Code::SplitView, message);
                    let folder = state.evidence().display().to_string();
                    here(fault.help(text::evidence_kept(&folder)).with("evidence", kept.to_vec()).into())
                }
                Err(error) => error,
            }
        }
        error => here(error.clone().into()),
    }
}
