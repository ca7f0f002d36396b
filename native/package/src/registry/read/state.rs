//! What this user remembers of a registry, so that it cannot take anything back: `$VITTE_HOME/trust/<registry>/`.
//!
//! Written only after every check of a command has passed, under a lock; a process that finds another
//! checkpoint than the one it began with compares the two first. `core/docs/trust.md`, section 8.

use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access, Hold, Lock};
use crate::message::registry as text;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::{CheckpointError, VerifiedCheckpoint};
use vitte_package_core::log::edge::EDGE_LEN;
use vitte_package_core::registry::VerifiedTrustRoot;
use vitte_package_core::registry::client::{Memory, Seen};
use vitte_package_core::sign::RegistryId;

/// Bytes of `state.json` at most.
const STATE_LEN: u64 = 64 * 1024 * 1024;
/// The file that holds the right edge of the newest log that was seen.
const EDGE: &str = "edge";
/// The file that holds the newest checkpoint that was seen.
const CHECKPOINT: &str = "checkpoint";
/// The file that holds what was proved. It is next to the trust root since whoever can write there can do worse.
const PROOFS: &str = "proved";
/// Bytes of it at most.
const PROOFS_LEN: u64 = 64 * 1024 * 1024;

/// What is remembered of a registry's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenLog {
    /// Nothing: this is the first look at it.
    Nothing,
    /// It reached as far as this.
    Log(VerifiedCheckpoint),
    /// A checkpoint, of this note, by a log key that the trust root has dropped since.
    Dropped(Vec<u8>),
}

/// How what was checked relates to what is now on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Nothing newer is there.
    Newest,
    /// Another process has seen more of the log, or a trust root that drops the log key.
    NewerThere,
    /// Nothing was saved: another process has remembered this checkpoint since this one began, and nobody has compared
    /// it with what was checked.
    Changed(VerifiedCheckpoint),
}

/// What was checked, to be remembered.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    /// The newest trust root.
    pub trust: &'a VerifiedTrustRoot,
    /// The checkpoint.
    pub checkpoint: &'a VerifiedCheckpoint,
    /// The counters.
    pub seen: &'a Seen,
    /// The right edge of the log, where it is known.
    pub edge: Option<String>,
}

/// The folder of one registry.
#[derive(Clone, Debug)]
pub struct TrustState {
    folder: PathBuf,
    registry: RegistryId,
}

impl TrustState {
    /// The state of `registry`; nothing is read yet.
    pub fn of(vitte_home: &Path, registry: &RegistryId) -> Self {
        let name: String = Digest::of(registry.as_str().as_bytes()).to_string().chars().take(32).collect();
        Self { folder: vitte_home.join("trust").join(name), registry: registry.clone() }
    }

    /// As [`Self::of`], for the projects that pin this first trust root and for nothing else.
    pub fn of_project(vitte_home: &Path, registry: &RegistryId, pin: &Digest) -> Self {
        let key = format!("{}\n{pin}", registry.as_str());
        let name: String = Digest::of(key.as_bytes()).to_string().chars().take(32).collect();
        let folder = vitte_home.join("trust").join("projects").join(name);
        Self { folder, registry: registry.clone() }
    }

    /// The states of every registry that this user trusts, by id. A folder that is none of ours is passed over.
    ///
    /// # Errors
    /// `io`.
    pub fn all(vitte_home: &Path) -> Result<Vec<Self>, Error> {
        let folder = vitte_home.join("trust");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for entry in std::fs::read_dir(&folder).on(IoAction::List, &folder)? {
            let path = entry.on(IoAction::List, &folder)?.path();
            let Ok(Some(id)) = fs::read_text_if_there(&path.join("registry"), 1024) else { continue };
            all.extend(RegistryId::parse(id.trim_end()).ok().map(|id| Self::of(vitte_home, &id)));
        }
        all.sort_by(|one, other| one.registry.cmp(&other.registry));
        Ok(all)
    }

    /// Whether anything can be remembered. In a home that can only be read, what was seen is checked and forgotten.
    pub fn is_writable(&self) -> bool {
        fs::can_be_written(&self.folder)
    }

    /// Whose state it is.
    pub fn registry(&self) -> &RegistryId {
        &self.registry
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The newest trust root that was checked; `None` when the registry was never pinned.
    ///
    /// # Errors
    /// `trust-root` and its kin when the file was altered, `registry-mismatch` when it is another registry's; `io`.
    pub fn trust_root(&self) -> Result<Option<VerifiedTrustRoot>, Error> {
        let path = self.folder.join("trust.json");
        let Some(bytes) = fs::read_if_there(&path, limits::ENVELOPE_LEN as u64)? else { return Ok(None) };
        let trust =
            VerifiedTrustRoot::self_signed(&bytes).map_err(|error| Error::from(error).in_file(&path))?;
        if trust.root().registry != self.registry {
            let message = text::registry_other_id(trust.root().registry.as_str(), self.registry.as_str());
            return Err(Error::from(Diagnostic::new(Code::RegistryMismatch, message)).in_file(&path));
        }
        Ok(Some(trust))
    }

    /// The newest checkpoint that was checked, as the log keys of `trust` let it count.
    ///
    /// # Errors
    /// `store-layout` when the file is damaged, `io`.
    pub fn checkpoint(&self, trust: &VerifiedTrustRoot) -> Result<SeenLog, Error> {
        let path = self.folder.join(CHECKPOINT);
        let Some(note) = fs::read_if_there(&path, limits::NOTE_LEN as u64)? else {
            return Ok(SeenLog::Nothing);
        };
        match VerifiedCheckpoint::reopen(&note, &trust.root().log_policy) {
            Ok(Some(stored)) => Ok(SeenLog::Log(stored)),
            Ok(None) => Ok(SeenLog::Dropped(note)),
            Err(error) => Err(self.damaged_checkpoint(&error)),
        }
    }

    /// The right edge of the log that was seen, if it was kept: by it a smaller log is compared with that. Whoever uses
    /// it checks it up to the root; a file that cannot be read counts as none.
    pub fn edge(&self) -> Option<String> {
        fs::read_text_if_there(&self.folder.join(EDGE), EDGE_LEN as u64).ok().flatten()
    }

    /// All that is remembered, as one command left it, and what was proved before.
    ///
    /// # Errors
    /// As [`TrustState::trust_root`] and [`TrustState::seen`].
    pub fn memory(&self) -> Result<(Memory, String), Error> {
        // Another command may be writing.
        let _lock = self.share();
        let checkpoint = fs::read_if_there(&self.folder.join(CHECKPOINT), limits::NOTE_LEN as u64)?;
        let memory = Memory { trust: self.trust_root()?, checkpoint, edge: self.edge(), seen: self.seen()? };
        let proofs = fs::read_text_if_there(&self.folder.join(PROOFS), PROOFS_LEN).ok().flatten();
        Ok((memory, proofs.unwrap_or_default()))
    }

    /// Remembers what was proved. To be called after what the log was has been remembered.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn save_proofs(&self, proofs: &str) -> Result<(), Error> {
        fs::write_atomic(&self.folder.join(PROOFS), proofs.as_bytes(), Access::Private)
    }

    /// The checkpoint that is remembered is damaged.
    pub fn damaged_checkpoint(&self, error: &CheckpointError) -> Error {
        // It was trusted when it was written, so the disk is at fault; to go on would be to forget.
        damaged(&self.folder.join(CHECKPOINT), &error.diagnostic().message)
    }

    /// The counters.
    ///
    /// # Errors
    /// `store-layout` when the file is damaged, `io`.
    pub fn seen(&self) -> Result<Seen, Error> {
        let path = self.folder.join("state.json");
        let Some(bytes) = fs::read_if_there(&path, STATE_LEN)? else { return Ok(Seen::default()) };
        Seen::parse(&bytes).map_err(|error| damaged(&path, &error.reason()))
    }

    /// Trusts a registry's trust root from now on. `line` has the digests of the trust roots that lead to it, its own
    /// included.
    ///
    /// # Errors
    /// `trust-root-rollback` when one is trusted that is not of that line, `unavailable` when the line does not reach
    /// to the one that is trusted; `io`, `no-space`, `busy`.
    pub fn pin(&self, trust: &VerifiedTrustRoot, line: &BTreeSet<Digest>) -> Result<(), Error> {
        let _lock = self.lock()?;
        if let Some(known) = self.trust_root()?
            && !line.contains(&known.digest())
        {
            let (version, offered) = (known.root().version, trust.root().version);
            if version == offered + 1 && trust.clone().advance(known.envelope()).is_ok() {
                // What is offered is the one before: an older copy, and the newer one stays trusted.
                return Ok(());
            }
            if version > offered + 1 {
                let fault = Diagnostic::new(Code::Unavailable, text::older_trust_root(version));
                return Err(fault.help(text::older_help()).into());
            }
            let message = text::registry_pinned(self.registry.as_str(), &known.digest().to_string());
            let fault = Diagnostic::new(Code::TrustRootRollback, message);
            return Err(fault.help(text::registry_pinned_help()).into());
        }
        self.save_trust(trust)
    }

    fn save_trust(&self, trust: &VerifiedTrustRoot) -> Result<(), Error> {
        fs::write_atomic(
            &self.folder.join("registry"),
            format!("{}\n", self.registry).as_bytes(),
            Access::Shared,
        )?;
        fs::write_atomic(&self.folder.join("trust.json"), trust.envelope(), Access::Shared)
    }

    /// Trusts another trust root, to which nothing leads from the one trusted so far, because the user says so.
    /// What was remembered is evidence from now on: gives its folder, or nothing where this root was trusted already,
    /// or none was.
    ///
    /// Stopped at any moment, either root is trusted, and memory of a log that the new one does not sign for is
    /// dropped when it is met ([`TrustState::save`]).
    ///
    /// # Errors
    /// `io`, `no-space`, `busy`.
    pub fn replace(&self, trust: &VerifiedTrustRoot) -> Result<Option<PathBuf>, Error> {
        let _lock = self.lock()?;
        let path = self.folder.join("trust.json");
        // As it is on the disk: it is evidence, whether it still checks or not.
        let known = if path.exists() { Some(fs::read(&path, limits::ENVELOPE_LEN as u64)?) } else { None };
        let Some(known) = known.filter(|known| known != trust.envelope()) else {
            self.save_trust(trust)?;
            return Ok(None);
        };
        self.keep_evidence("trust-root-dropped", &known)?;
        let seen = [CHECKPOINT, "state.json"].map(|name| self.folder.join(name));
        for (path, what) in seen.iter().zip(["checkpoint-dropped", "state-dropped"]) {
            if path.exists() {
                self.keep_evidence(what, &fs::read(path, STATE_LEN)?)?;
            }
        }
        self.save_trust(trust)?;
        let proved = self.folder.join(PROOFS);
        // The checkpoint last: while it is there, and no log key that counts has signed it, the rest counts for nothing.
        let edge = self.folder.join(EDGE);
        for path in [&proved, &edge].into_iter().chain(seen.iter().rev()).filter(|path| path.exists()) {
            std::fs::remove_file(path).on(IoAction::Remove, path)?;
        }
        Ok(Some(self.evidence()))
    }

    /// Forgets the registry: it is trusted no longer. Evidence stays, and its folder is given.
    ///
    /// # Errors
    /// `io`, `busy`.
    pub fn forget(&self) -> Result<Option<PathBuf>, Error> {
        let lock = self.lock()?;
        let trust = self.folder.join("trust.json");
        // The trust root first: without it the rest is not looked at.
        let mut paths = vec![trust.clone()];
        for entry in std::fs::read_dir(&self.folder).on(IoAction::List, &self.folder)? {
            let entry = entry.on(IoAction::List, &self.folder)?;
            let is_file = entry.file_type().on(IoAction::List, &self.folder)?.is_file();
            paths.extend((is_file && entry.path() != trust).then(|| entry.path()));
        }
        for path in paths.iter().filter(|path| path.exists()) {
            std::fs::remove_file(path).on(IoAction::Remove, path)?;
        }
        drop(lock);
        let evidence = self.evidence();
        if evidence.is_dir() {
            return Ok(Some(evidence));
        }
        std::fs::remove_dir_all(&self.folder).on(IoAction::Remove, &self.folder)?;
        Ok(None)
    }

    /// Remembers what was checked. `compared` is the checkpoint that was compared with the one of `checked`: where another
    /// is there by now, nothing is saved before that one was compared too. Larger values that another process stored
    /// meanwhile stay, and so does all it stored under a newer trust root that no longer lets the log key of the
    /// checkpoint count.
    ///
    /// # Errors
    /// `trust-root-rollback` when another trust root of the same version was stored meanwhile, `ns-chain` when another
    /// record of a namespace was. `store-layout` when a file is damaged; `io`, `no-space`, `busy`.
    pub fn save(&self, checked: &Checked<'_>, compared: Option<&VerifiedCheckpoint>) -> Result<Saved, Error> {
        let Checked { trust, checkpoint, seen, edge } = checked;
        let _lock = self.lock()?;
        let stored = self.trust_root()?;
        if let Some(known) = &stored
            && known.root().version == trust.root().version
            && known.digest() != trust.digest()
        {
            let message = text::registry_pinned(self.registry.as_str(), &known.digest().to_string());
            return Err(Diagnostic::new(Code::TrustRootRollback, message).into());
        }
        let is_newer = |known: &VerifiedTrustRoot| known.root().version >= trust.root().version;
        let (newest, advances) = match stored.filter(is_newer) {
            Some(known) => (known, false),
            None => ((*trust).clone(), true),
        };
        if VerifiedCheckpoint::reopen(checkpoint.bytes(), &newest.root().log_policy)?.is_none() {
            return Ok(Saved::NewerThere);
        }
        let (known, restarts) = match self.checkpoint(&newest)? {
            SeenLog::Nothing => (None, false),
            SeenLog::Log(known) => (Some(known), false),
            // A log key that counts no more: what was seen under it counts no more either.
            SeenLog::Dropped(_) => (None, true),
        };
        let same = |one: &VerifiedCheckpoint, other: &VerifiedCheckpoint| {
            one.size() == other.size() && one.root() == other.root()
        };
        if let Some(known) = &known
            && !same(known, checkpoint)
            && compared.is_none_or(|compared| !same(known, compared))
        {
            return Ok(Saved::Changed(known.clone()));
        }
        let before = self.seen()?;
        let mut merged = if restarts { Seen::default() } else { before.clone() };
        merged.check_agrees(seen)?;
        merged.keep_larger((*seen).clone());
        if advances {
            fs::write_atomic(&self.folder.join("trust.json"), trust.envelope(), Access::Shared)?;
        }
        if merged != before {
            fs::write_atomic(
                &self.folder.join("state.json"),
                &[merged.to_bytes().as_slice(), b"\n"].concat(),
                Access::Shared,
            )?;
        }
        let newer_there = known.as_ref().is_some_and(|known| known.size() > checkpoint.size());
        if let Some(edge) = edge.as_ref().filter(|_| !newer_there) {
            let path = self.folder.join(EDGE);
            let there = fs::read_text_if_there(&path, EDGE_LEN as u64).ok().flatten();
            if there.as_ref() != Some(edge) {
                fs::write_atomic(&path, edge.as_bytes(), Access::Shared)?;
            }
        }
        // Last: while the dropped log's checkpoint is there, whoever comes after a crash begins anew as well.
        if known.is_none_or(|known| known.size() < checkpoint.size()) {
            fs::write_atomic(&self.folder.join(CHECKPOINT), checkpoint.bytes(), Access::Shared)?;
        }
        Ok(if newer_there { Saved::NewerThere } else { Saved::Newest })
    }

    /// The folder of evidence.
    pub fn evidence(&self) -> PathBuf {
        self.folder.join("evidence")
    }

    /// Keeps something a registry signed against it. The name tells what it is; its digest keeps two apart.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn keep_evidence(&self, what: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
        let folder = self.evidence();
        fs::create_folder(&folder)?;
        let digest: String = Digest::of(bytes).to_string().chars().take(16).collect();
        let path = folder.join(format!("{what}-{digest}"));
        fs::write_atomic(&path, bytes, Access::Shared)?;
        Ok(path)
    }

    /// Keeps as evidence what was seen of a log whose key the trust root has dropped. That the log starts anew is
    /// remembered only when everything else has passed ([`TrustState::save`]).
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn forget_log(&self, checkpoint: &[u8]) -> Result<(), Error> {
        self.keep_evidence("checkpoint-dropped", checkpoint)?;
        let path = self.folder.join("state.json");
        if path.exists() {
            self.keep_evidence("state-dropped", &fs::read(&path, STATE_LEN)?)?;
        }
        Ok(())
    }

    /// Keeps other commands from writing while the state is read. Where no lock can be taken, as on a disk that may only
    /// be read, nobody writes either.
    pub fn share(&self) -> Option<Lock> {
        let path = self.folder.join("lock");
        Lock::take(&path, Hold::Shared, "trust", Duration::from_secs(30), || ()).ok()
    }

    fn lock(&self) -> Result<Lock, Error> {
        fs::create_private_folder(&self.folder)?;
        let path = self.folder.join("lock");
        // Where there are no locks, what is written is still written in one step.
        Lock::take_if_any(&path, Hold::Exclusive, "trust", Duration::from_secs(30), || ())
    }
}

/// A file of the state cannot be read. Going on without it would be forgetting.
fn damaged(path: &Path, reason: &str) -> Error {
    Diagnostic::new(Code::StoreLayout, text::registry_file(&path.display().to_string(), reason)).into()
}
