//! The writer of a registry that is a folder whose keys this user has.

use super::{Draft, Plan, Receipt, RegistryWriter};
use crate::env::Env;
use crate::error::Error;
use crate::fs::TempDir;
use crate::registry::read::client::read_config;
use crate::registry::read::directory::{Directory, STAGING};
use crate::registry::read::trust_root::read_trust_root;
use crate::registry::write::decide::{decide, in_folder};
use crate::registry::write::keys::RegistryKeys;
use crate::registry::write::sequencer::{Sequencer, read_checkpoint};
use crate::report::{Reporter, Task};
use std::path::PathBuf;
use vitte_package_core::index::VerifiedIndex;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::{
    Admission, LogPlace, ReleaseState, SignedHead, Snapshot, VerifiedTrustRoot, WriteError, layout,
};
use vitte_package_core::sign::NamespaceChain;
use vitte_package_core::version::Version;

/// The folder, as it is published. It is locked only while something is written.
#[derive(Debug)]
pub struct DirectoryWriter<'a> {
    env: &'a Env,
    home: PathBuf,
    directory: Directory,
    trust: VerifiedTrustRoot,
    head: SignedHead,
    /// What was read at that end of the log.
    snapshot: Snapshot,
}

impl<'a> DirectoryWriter<'a> {
    /// Reads where the log of a registry ends whose keys this user has.
    ///
    /// # Errors
    /// `forbidden` without the registry's keys; `registry-layout`, `trust-root` and its kin, `note`.
    pub fn open(env: &'a Env, directory: Directory) -> Result<Self, Error> {
        let home = env.vitte_home()?;
        let config = read_config(&directory)?;
        RegistryKeys::load(&home, &config.registry)?;
        let trust = read_trust_root(&directory, &config.registry)?;
        let checkpoint =
            read_checkpoint(&directory, &trust)?.ok_or_else(|| in_folder(&directory, &WriteError::NoLog))?;
        let head = SignedHead { size: checkpoint.size(), root: *checkpoint.root() };
        let mut writer = Self { env, home, directory, trust, head, snapshot: Snapshot::new() };
        // Before any file that follows from the log: if this one is of the log's end, all of them are.
        writer.decide(|snapshot, _| snapshot.derived_size().map(Ok))?;
        Ok(writer)
    }

    fn decide<T>(
        &mut self,
        mut ask: impl FnMut(&mut Snapshot, &VerifiedTrustRoot) -> std::task::Poll<Result<T, WriteError>>,
    ) -> Result<T, Error> {
        let Self { directory, trust, snapshot, .. } = self;
        decide(directory, snapshot, |snapshot| ask(snapshot, trust))
            .map_err(|error| error.in_folder(directory))
    }

    fn sequencer(&self, reporter: &dyn Reporter) -> Result<Sequencer, Error> {
        let sequencer = Sequencer::open(self.directory.clone(), &self.home, reporter)?;
        sequencer.check_clock(self.env)?;
        Ok(sequencer)
    }

    /// Whether what was read is all of one end of the log, and so still holds while that is the end.
    fn is_whole(&mut self) -> bool {
        self.snapshot.derived_size() == std::task::Poll::Ready(Some(self.head.size))
    }
}

impl RegistryWriter for DirectoryWriter<'_> {
    fn trust(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    fn size(&self) -> u64 {
        self.head.size
    }

    fn recover(&mut self, reporter: &dyn Reporter) -> Result<(), Error> {
        let mut sequencer = self.sequencer(reporter)?;
        sequencer.derive()?;
        drop(sequencer);
        *self = Self::open(self.env, self.directory.clone())?;
        Ok(())
    }

    fn index(&mut self, package: &PackageName) -> Result<Option<VerifiedIndex>, Error> {
        self.decide(|snapshot, trust| {
            snapshot.index(trust, package).map(|file| file.map(|file| file.cloned()))
        })
    }

    fn chain(&mut self, namespace: &Namespace) -> Result<NamespaceChain, Error> {
        self.decide(|snapshot, trust| snapshot.chain(&trust.root().registry, namespace))
    }

    fn status_records(&mut self, package: &PackageName, version: &Version) -> Result<u64, Error> {
        let size = self.head.size;
        self.decide(|snapshot, trust| snapshot.status_records(trust, size, package, version))
    }

    fn plan(&mut self, draft: Draft) -> Result<Plan, Error> {
        let archives = draft.archives.iter();
        let facts = archives.map(|one| (one.artifact().clone(), one.facts().clone())).collect();
        let admission = Admission::of(&draft.submission, &facts)
            .map_err(|error| in_draft(&draft, &self.directory, &error))?;
        let size = self.head.size;
        let Self { directory, trust, snapshot, .. } = self;
        // Nothing is logged yet: the time is not asked for.
        let place = LogPlace { trust, size, time: 0 };
        let admitted = decide(directory, snapshot, |snapshot| admission.check(place, snapshot));
        let admitted = admitted.map_err(|error| error.in_draft(&draft, directory))?;
        Ok(Plan { draft, admission, at: self.head, admitted })
    }

    fn submit(&mut self, plan: Plan, reporter: &dyn Reporter) -> Result<Receipt, Error> {
        let mut sequencer = self.sequencer(reporter)?;
        reporter.started(Task::Publish, None);
        if sequencer.head() == plan.at && self.is_whole() {
            sequencer.use_snapshot(std::mem::take(&mut self.snapshot));
        }
        sequencer.derive()?;
        let Plan { draft, admission, .. } = plan;
        let admitted = sequencer
            .decide(|place, snapshot| admission.check(place, snapshot))
            .map_err(|error| error.in_draft(&draft, &self.directory))?;
        let first = sequencer.size();
        if !admitted.leaves.is_empty() {
            let staging = TempDir::new_in(&self.directory.file(STAGING))?;
            let new = admitted.releases.iter().filter(|release| release.state == ReleaseState::New);
            let mut staged = Vec::new();
            for (number, release) in new.enumerate() {
                let archive = draft.archives.iter().find(|archive| *archive.artifact() == release.artifact);
                let Some(archive) = archive else { continue };
                let file = staging.path().join(number.to_string());
                archive.write(&file)?;
                staged.push((file, release));
            }
            for (file, release) in staged {
                self.directory.place(&file, &layout::archive(&release.artifact))?;
                sequencer.know_archive(release.artifact.clone(), release.facts.clone());
            }
            if admitted.trust_root.is_some() {
                // Before the new trust root is there, every file is signed by keys that stay.
                sequencer.derive_anew()?;
            }
            sequencer.append(&admitted.leaves)?;
            sequencer.derive()?;
        }
        let log_size = sequencer.size();
        drop(sequencer);
        *self = Self::open(self.env, self.directory.clone())?;
        reporter.finished(Task::Publish);
        Ok(Receipt { admitted, first, log_size })
    }
}

impl crate::registry::write::decide::DecideError {
    /// The error, with the file that was given where it is about a release.
    fn in_draft(self, draft: &Draft, directory: &Directory) -> Error {
        match self {
            Self::Core(error) => in_draft(draft, directory, &error),
            Self::Read(error) => error,
        }
    }
}

fn in_draft(draft: &Draft, directory: &Directory, error: &WriteError) -> Error {
    let located = in_folder(directory, error);
    let WriteError::Release { artifact, .. } = error else { return located };
    let archive = draft.archives.iter().find(|archive| archive.artifact() == &**artifact);
    // Of a project that was just built, the archive's folder is gone when this is read.
    match archive.and_then(|archive| archive.given().file_name()) {
        Some(name) => located.in_file(name),
        None => located,
    }
}
