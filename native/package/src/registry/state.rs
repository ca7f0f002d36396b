//! What this user remembers of a registry, so that it cannot take anything back: `$VITTE_HOME/trust/<registry>/`.
//!
//! Written only after every check of a command has passed, under a lock; a process that lost a race keeps the
//! larger values. `core/docs/trust.md`, section 8.

use crate::error::{Doing, Error, IoContext};
use crate::fs::{self, Access, Hold, Lock};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::message::registry as text;
use vitte_package_core::sign::{RegistryId, VerifiedTrustRoot};
use vitte_package_core::verify::release::Seen;

/// Bytes of `state.json` at most.
const STATE_LEN: u64 = 64 * 1024 * 1024;

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
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path, limits::ENVELOPE_LEN as u64)?;
        let trust = VerifiedTrustRoot::own(&bytes).map_err(|error| Error::from(error).in_file(&path))?;
        if trust.root().registry != self.registry {
            let message = text::registry_other_id(trust.root().registry.as_str(), self.registry.as_str());
            return Err(Error::from(Diagnostic::new(Code::RegistryMismatch, message)).in_file(&path));
        }
        Ok(Some(trust))
    }

    /// The newest checkpoint that was checked, as a note.
    ///
    /// # Errors
    /// `io`.
    pub fn checkpoint(&self) -> Result<Option<Vec<u8>>, Error> {
        let path = self.folder.join("checkpoint");
        if path.exists() { fs::read(&path, limits::NOTE_LEN as u64).map(Some) } else { Ok(None) }
    }

    /// The counters.
    ///
    /// # Errors
    /// `store-layout` when the file is damaged, `io`.
    pub fn seen(&self) -> Result<Seen, Error> {
        let path = self.folder.join("state.json");
        if !path.exists() {
            return Ok(Seen::default());
        }
        let bytes = fs::read(&path, STATE_LEN)?;
        Seen::parse(&bytes).map_err(|error| {
            let message = text::registry_file(&path.display().to_string(), &error.reason());
            Error::from(Diagnostic::new(Code::StoreLayout, message))
        })
    }

    /// Believes a registry's trust root from now on.
    ///
    /// # Errors
    /// `trust-root-rollback` when a newer one is known; `io`, `no-space`, `busy`.
    pub fn pin(&self, trust: &VerifiedTrustRoot) -> Result<(), Error> {
        let _lock = self.lock()?;
        if let Some(known) = self.trust_root()?
            && (known.root().version > trust.root().version
                || known.root().version == trust.root().version && known.digest() != trust.digest())
        {
            let message = text::registry_pinned(self.registry.as_str(), &known.digest().to_string());
            let fault = Diagnostic::new(Code::TrustRootRollback, message);
            return Err(fault.help(text::registry_pinned_help()).into());
        }
        self.believe(trust)
    }

    fn believe(&self, trust: &VerifiedTrustRoot) -> Result<(), Error> {
        fs::write_atomic(
            &self.folder.join("registry"),
            format!("{}\n", self.registry).as_bytes(),
            Access::Shared,
        )?;
        fs::write_atomic(&self.folder.join("trust.json"), trust.envelope(), Access::Shared)
    }

    /// Believes another trust root, to which nothing leads from the one believed so far, because the user says so.
    /// What was remembered is evidence from now on: gives its folder, or nothing where this root was believed already,
    /// or none was.
    ///
    /// Stopped at any moment, either root is believed, and memory of a log that the new one does not sign for is
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
            self.believe(trust)?;
            return Ok(None);
        };
        self.keep_evidence("trust-root-dropped", &known)?;
        let seen = ["checkpoint", "state.json"].map(|name| self.folder.join(name));
        for (path, what) in seen.iter().zip(["checkpoint-dropped", "state-dropped"]) {
            if path.exists() {
                self.keep_evidence(what, &fs::read(path, STATE_LEN)?)?;
            }
        }
        self.believe(trust)?;
        let proved = self.folder.join(super::proved::FILE);
        for path in seen.iter().chain([&proved]).filter(|path| path.exists()) {
            std::fs::remove_file(path).doing(Doing::Remove, path)?;
        }
        Ok(Some(self.folder.join("evidence")))
    }

    /// Remembers what was checked. Larger values that another process stored meanwhile stay.
    ///
    /// # Errors
    /// `io`, `no-space`, `busy`.
    pub fn save(
        &self,
        trust: &VerifiedTrustRoot,
        checkpoint: &VerifiedCheckpoint,
        seen: &Seen,
    ) -> Result<(), Error> {
        let _lock = self.lock()?;
        if self.trust_root()?.is_none_or(|known| known.root().version < trust.root().version) {
            fs::write_atomic(&self.folder.join("trust.json"), trust.envelope(), Access::Shared)?;
        }
        let stored = self.checkpoint()?;
        let open = |bytes: &Vec<u8>| VerifiedCheckpoint::open(bytes, &trust.root().log_policy).ok();
        let known = stored.as_ref().and_then(open);
        // A log key that counts no more: what was seen under it counts no more either.
        let restarts = stored.is_some() && known.is_none();
        if known.is_none_or(|known| known.size() < checkpoint.size()) {
            fs::write_atomic(&self.folder.join("checkpoint"), checkpoint.bytes(), Access::Shared)?;
        }
        let before = self.seen()?;
        let mut merged = if restarts { Seen::default() } else { before.clone() };
        merged.keep_larger(seen.clone());
        if merged != before {
            fs::write_atomic(
                &self.folder.join("state.json"),
                &[merged.to_bytes().as_slice(), b"\n"].concat(),
                Access::Shared,
            )?;
        }
        Ok(())
    }

    /// Keeps something a registry signed against it. The name tells what it is; its digest keeps two apart.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn keep_evidence(&self, what: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
        let folder = self.folder.join("evidence");
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

    fn lock(&self) -> Result<Lock, Error> {
        fs::create_private_folder(&self.folder)?;
        let path = self.folder.join("lock");
        Lock::take(&path, Hold::Exclusive, "trust", Duration::from_secs(30), || ())
    }
}
