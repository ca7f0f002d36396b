//! One release, from a registry that was never asked before or is remembered.

use super::judge::choose;
use super::{Event, FileNeed, Memory, ProvenRelease, Refusal, ReleaseProofError, Session, Want, Wanted};
use crate::diagnostic::Diagnose as _;
use crate::digest::Digest;
use crate::index::IndexEntry;
use crate::message::verify as text;
use crate::registry::RegistryConfig;
use crate::sign::KeyId;
use crate::verify::report::{Check, ReleaseCheckId, Verdicts};

/// Proves a release by the files of its registry: a [`Session`] about one release, and a report of its checks.
///
/// Ask for [`needs`](Self::needs), bring each file by [`supply`](Self::supply), and again, until nothing is needed;
/// then [`proven`](Self::proven) or [`failure`](Self::failure) says what came of it. After a failure nothing is
/// needed any more.
#[derive(Debug)]
pub struct ReleaseProof {
    wanted: Wanted,
    session: Session,
    /// The line of the index, once it was chosen.
    entry: Option<IndexEntry>,
    verdicts: Verdicts<ReleaseCheckId>,
    proven: Option<ProvenRelease>,
    failure: Option<ReleaseProofError>,
}

impl ReleaseProof {
    /// Starts. What is remembered of the registry decides which trust root is trusted; without, the first one whose
    /// envelope has the digest `pin` is.
    pub fn new(wanted: Wanted, pin: Option<Digest>, memory: Memory) -> Self {
        let mut session = Session::open(pin, memory);
        session.want(Want::Index(vec![wanted.package.clone()]));
        session.want(Want::Namespaces(vec![wanted.package.namespace_or_none()]));
        let verdicts = Verdicts::default();
        let mut proof = Self { wanted, session, entry: None, verdicts, proven: None, failure: None };
        proof.advance();
        proof
    }

    /// The files to bring now, all at once or one by one; none when it is done.
    pub fn needs(&self) -> &[FileNeed] {
        match self.is_done() {
            true => &[],
            false => self.session.needs(),
        }
    }

    /// Takes a file that is needed; `None` when the registry does not have it.
    pub fn supply(&mut self, path: &str, file: Option<&[u8]>) {
        match file {
            Some(file) => self.session.supply(path, file.to_vec()),
            None => self.session.absent(path),
        }
        self.advance();
    }

    /// What is proved, once nothing is needed any more and nothing failed.
    pub fn proven(&self) -> Option<&ProvenRelease> {
        self.proven.as_ref()
    }

    /// Why nothing is proved.
    pub fn failure(&self) -> Option<&ReleaseProofError> {
        self.failure.as_ref()
    }

    /// What the registry says about itself, once it was read: hints without authority.
    pub fn config(&self) -> Option<&RegistryConfig> {
        self.session.config()
    }

    /// What is to be remembered, once the archive was verified too. Before that, and after a failure, there is nothing
    /// to keep.
    pub fn memory(&self) -> Option<Memory> {
        self.proven.as_ref().map(|_| self.session.memory())
    }

    /// All checks, in order, also those that were not made.
    pub fn checks(&self) -> Vec<Check<ReleaseCheckId>> {
        self.verdicts.clone().into_checks()
    }

    fn is_done(&self) -> bool {
        self.proven.is_some() || self.failure.is_some()
    }

    fn advance(&mut self) {
        loop {
            self.session.work();
            let Some(event) = self.session.take() else { break };
            if self.is_done() {
                continue;
            }
            if let Err(refusal) = self.look_at(event) {
                self.fail(refusal);
            }
        }
        if let Some(refusal) = self.session.failure().cloned().filter(|_| !self.is_done()) {
            // What was verified before it failed.
            let opened = self.report_log();
            self.fail(opened.err().unwrap_or(refusal));
        }
    }

    fn fail(&mut self, refusal: Refusal) {
        self.verdicts.failed(refusal.check, refusal.error.diagnostic());
        self.failure = Some(*refusal.error);
    }

    fn look_at(&mut self, event: Event) -> Result<(), Refusal> {
        match event {
            Event::Opened => {
                self.report_log()?;
                match self.session.compared() {
                    Some(size) => {
                        self.verdicts.passed(ReleaseCheckId::Continuity, text::found_continuity(size))
                    }
                    None => self.verdicts.not_asked(ReleaseCheckId::Continuity),
                }
            }
            Event::Index(_) => self.choose()?,
            Event::Release { result, .. } => self.conclude(*result)?,
            Event::LogDropped(_)
            | Event::Namespace(_)
            | Event::Entry { .. }
            | Event::History(_)
            | Event::Confirmed(_) => {}
        }
        Ok(())
    }

    /// Reports trust root and checkpoint, as far as they were verified.
    fn report_log(&mut self) -> Result<(), Refusal> {
        if let Some(trust) = self.session.trust_root() {
            let root = trust.root();
            let registry = self.wanted.check_registry(&root.registry);
            registry.map_err(|error| Refusal::from(error).of(ReleaseCheckId::TrustRoot))?;
            let found = text::found_trust_root(root.registry.as_str(), root.version);
            self.verdicts.passed(ReleaseCheckId::TrustRoot, found);
        }
        if let Some(size) = self.session.served() {
            self.verdicts.passed(ReleaseCheckId::Checkpoint, text::found_checkpoint(size));
        }
        Ok(())
    }

    /// Chooses the line of the index, and wants its proof.
    fn choose(&mut self) -> Result<(), Refusal> {
        let Some(index) = self.session.index(&self.wanted.package) else { return Ok(()) };
        let file = index.clone()?;
        let chosen = file.as_ref().and_then(|file| Some((file, choose(file, &self.wanted)?.clone())));
        let Some((file, entry)) = chosen else {
            let registry = self.session.config().map(|config| config.registry.to_string());
            let (release, registry) = (self.wanted.to_string(), registry.unwrap_or_default());
            let missing = ReleaseProofError::NotFound { release, registry };
            return Err(Refusal::from(missing).of(ReleaseCheckId::Index));
        };
        let found = text::found_index(&file.artifact(&entry).to_string(), file.rev());
        self.verdicts.passed(ReleaseCheckId::Index, found);
        self.entry = Some(entry.clone());
        let releases = vec![(file.clone(), entry)];
        self.session.want(Want::Releases { releases, anew: true });
        Ok(())
    }

    fn conclude(&mut self, result: Result<ProvenRelease, Refusal>) -> Result<(), Refusal> {
        let size = self.session.checkpoint().map_or(0, |checkpoint| checkpoint.size());
        let namespace = self.session.namespace(&self.wanted.package.namespace_or_none());
        let chain = namespace.and_then(|chain| chain.as_ref().ok());
        let is_about_signers =
            result.as_ref().is_err_and(|refusal| refusal.check == ReleaseCheckId::Authority);
        if let Some(entry) = self.entry.as_ref().filter(|_| chain.is_some()) {
            // Whether the entry is the release's is checked before who signed it.
            if result.is_ok() || is_about_signers {
                self.verdicts.passed(ReleaseCheckId::Entry, text::found_entry(entry.log, size));
            }
        }
        let proven = result?;
        let ids: Vec<String> = proven.signers.iter().map(KeyId::short).collect();
        let records = chain.map_or(0, |chain| chain.len() as u64);
        let found = text::found_authority(&ids.join(", "), records);
        self.verdicts.passed(ReleaseCheckId::Authority, found);
        self.proven = Some(proven);
        Ok(())
    }
}
