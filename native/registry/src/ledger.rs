//! One thread that takes submissions: the only one that decides what is logged, and logs it.
//!
//! Submissions that came while the last ones were written are logged together: one batch of the log, one checkpoint, and
//! the disk is waited for once. Each is decided upon behind those that came before it, and is logged whole or not at all.

use crate::data::Data;
use crate::error::{Error, Result};
use crate::metrics::{self, Gauge};
use crate::objects::{Placed, Staging};
use crate::sequencer::Sequencer;
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;
use vitte_package_core::api::status::StatusRecords;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::log::leaf::{Artifact, Leaf};
use vitte_package_core::message::server as text;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{
    Admission, Admitted, ArchiveFacts, Batch, ReleaseState, Submission, WriteError, layout,
};
use vitte_package_core::sign::{NamespaceRecord, TrustPolicy};
use vitte_package_core::version::Version;

/// Submissions that wait at most; who comes later waits for room.
const WAITING: usize = 256;
/// Leaves of a batch, about: no submission is added behind so many.
const LEAVES: usize = 1024;

/// What is known of the archives of a submission.
pub(crate) type Facts = BTreeMap<Artifact, ArchiveFacts>;

/// What would be logged now, and by whom each new release must be signed.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) admitted: Admitted,
    pub(crate) size: u64,
    pub(crate) policies: BTreeMap<Artifact, TrustPolicy>,
}

/// What was logged.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) admitted: Admitted,
    pub(crate) first: u64,
    pub(crate) size: u64,
}

/// A submission whose archives were verified.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) admission: Admission,
    /// The upload they were sent for.
    pub(crate) upload: String,
    /// The archives that were sent and verified, and the digests that they are staged by.
    pub(crate) staged: BTreeMap<Artifact, Digest>,
}

type Reply<T> = oneshot::Sender<Result<T>>;

enum Job {
    Judge(Box<(Submission, Facts)>, Reply<Judged>),
    Log(Box<Verified>, Reply<Logged>),
    StatusRecords(PackageName, Version, Reply<StatusRecords>),
    Ready(Reply<()>),
}

/// The way to the thread.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    jobs: mpsc::SyncSender<Job>,
}

impl Ledger {
    /// Takes the log up and starts the thread. It ends when the last [`Ledger`] is dropped, behind what it is doing.
    pub(crate) fn start(data: Data) -> Result<(Self, JoinHandle<()>)> {
        let sequencer = Sequencer::open(data.public()?, &data.keys())?;
        metrics::set(Gauge::LogSize, sequencer.size());
        let staging = data.staging()?;
        let (jobs, waiting) = mpsc::sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("ledger".to_owned());
        let thread = thread.spawn(move || {
            let mut worker = Worker { data, staging, sequencer: Some(sequencer) };
            while let Ok(job) = waiting.recv() {
                worker.work(job, &waiting);
            }
        });
        Ok((Self { jobs }, thread.map_err(|error| Error::storage("its threads", &error))?))
    }

    async fn ask<T: Send + 'static>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Result<T> {
        let gone = || Error::new(Code::Unavailable, text::shutting_down());
        let (sender, receiver) = oneshot::channel();
        let (jobs, job) = (self.jobs.clone(), job(sender));
        let sent = tokio::task::spawn_blocking(move || jobs.send(job).is_ok()).await;
        if !matches!(sent, Ok(true)) {
            return Err(gone());
        }
        receiver.await.map_err(|_| gone())?
    }

    /// Decides what would be logged now. Nothing is written.
    pub(crate) async fn judge(&self, submission: Submission, facts: Facts) -> Result<Judged> {
        self.ask(|reply| Job::Judge(Box::new((submission, facts)), reply)).await
    }

    /// Logs a submission, all of it or nothing.
    pub(crate) async fn log(&self, verified: Verified) -> Result<Logged> {
        self.ask(|reply| Job::Log(Box::new(verified), reply)).await
    }

    /// How many status records a version has.
    pub(crate) async fn status_records(
        &self,
        package: PackageName,
        version: Version,
    ) -> Result<StatusRecords> {
        self.ask(|reply| Job::StatusRecords(package, version, reply)).await
    }

    /// Whether something could be logged.
    pub(crate) async fn ready(&self) -> Result<()> {
        self.ask(Job::Ready).await
    }
}

struct Worker {
    data: Data,
    staging: Staging,
    /// None after a failure to write: what is on the disk is found out before anything else is decided.
    sequencer: Option<Sequencer>,
}

impl Worker {
    /// Does what is asked for, and what was asked for meanwhile.
    fn work(&mut self, first: Job, waiting: &mpsc::Receiver<Job>) {
        let mut submissions = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            // Nobody waits for a reply whose request was given up.
            match job {
                Job::Judge(asked, reply) => _ = reply.send(self.judge(&asked.0, &asked.1)),
                Job::Log(verified, reply) => submissions.push((verified, reply)),
                Job::StatusRecords(package, version, reply) => {
                    _ = reply.send(self.status_records(&package, &version));
                }
                Job::Ready(reply) => {
                    let ready = self.sequencer().and_then(|sequencer| sequencer.check_clock(unix_now()));
                    _ = reply.send(ready);
                }
            }
            next = if submissions.len() < WAITING { waiting.try_recv().ok() } else { None };
        }
        let mut submissions = VecDeque::from(submissions);
        while !submissions.is_empty() {
            self.log_some(&mut submissions);
        }
        if let Some(sequencer) = &mut self.sequencer {
            sequencer.forget();
        }
    }

    fn sequencer(&mut self) -> Result<&mut Sequencer> {
        Self::opened(&mut self.sequencer, &self.data)
    }

    fn opened<'a>(sequencer: &'a mut Option<Sequencer>, data: &Data) -> Result<&'a mut Sequencer> {
        let opened = match sequencer.take() {
            Some(opened) => opened,
            None => Sequencer::open(data.public()?, &data.keys())?,
        };
        Ok(sequencer.insert(opened))
    }

    fn judge(&mut self, submission: &Submission, facts: &Facts) -> Result<Judged> {
        let sequencer = self.sequencer()?;
        let admission = Admission::of(submission, facts)?;
        let admitted = sequencer.decide(unix_now(), |place, snapshot| admission.check(place, snapshot))?;
        let size = sequencer.size();
        let mut policies = BTreeMap::new();
        for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
            let package = &release.artifact.package;
            let namespace = package.namespace_or_none();
            let registry = sequencer.registry().clone();
            let mut chain =
                sequencer.decide(unix_now(), |_, snapshot| snapshot.chain(&registry, &namespace))?;
            for (number, envelope) in submission.namespaces.iter().enumerate() {
                let record = NamespaceRecord::unverified(envelope)?;
                if record.namespace == namespace && record.seq == chain.len() as u64 {
                    chain.push(size + number as u64, envelope.as_bytes())?;
                }
            }
            let policy = TrustPolicy::new().authorise(chain.authorised(package, release.log)?);
            policies.insert(release.artifact.clone(), policy);
        }
        Ok(Judged { admitted, size, policies })
    }

    /// Logs as many submissions as go into one batch. Nothing is said to any before the batch is on the disk: what one is
    /// told may follow from another.
    fn log_some(&mut self, submissions: &mut VecDeque<(Box<Verified>, Reply<Logged>)>) {
        let (mut batch, mut decided, now) = (Batch::new(), Vec::new(), unix_now());
        while batch.leaves().len() < LEAVES
            && let Some((verified, reply)) = submissions.pop_front()
        {
            let logged = self.admit(&mut batch, &verified, now);
            decided.push((verified, reply, logged));
        }
        let written = match batch.leaves() {
            [] => Ok(()),
            leaves => {
                let admitted = decided.iter().filter_map(|(verified, _, logged)| {
                    logged.as_ref().ok().map(|logged| (&**verified, &logged.admitted))
                });
                let admitted = admitted.collect::<Vec<_>>();
                let written = self.write(leaves, &admitted);
                match (&written, &self.sequencer) {
                    (Ok(()), Some(sequencer)) => metrics::logged(admitted.len(), sequencer.size()),
                    _ => self.sequencer = None,
                }
                written
            }
        };
        for (_, reply, logged) in decided {
            _ = reply.send(written.clone().and(logged));
        }
    }

    /// Decides upon a submission, behind those of the batch.
    fn admit(&mut self, batch: &mut Batch, verified: &Verified, now: u64) -> Result<Logged> {
        let staging = &self.staging;
        let sequencer = Self::opened(&mut self.sequencer, &self.data)?;
        sequencer.check_clock(now)?;
        let refused = |error: Error| WriteError::Refused(error.0);
        let first = sequencer.size() + batch.leaves().len() as u64;
        let admitted = sequencer.decide(now, |place, snapshot| {
            batch.admit_if(&verified.admission, place, snapshot, |admitted| {
                // One that only the author described is never logged.
                for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
                    let staged = verified.staged.get(&release.artifact).map(Digest::to_string);
                    let is_there = match staged {
                        Some(file) => staging.has(&verified.upload, &file).map_err(refused)?,
                        None => false,
                    };
                    if !is_there {
                        let message = text::upload_blob_missing(&release.artifact.to_string());
                        return Err(Diagnostic::new(Code::NotFound, message).into());
                    }
                }
                Ok(())
            })
        })?;
        let size = first + admitted.leaves.len() as u64;
        Ok(Logged { admitted, first, size })
    }

    /// Puts archives in their places, logs, and derives what follows from the log.
    fn write(&mut self, leaves: &[Leaf], admitted: &[(&Verified, &Admitted)]) -> Result<()> {
        let sequencer = Self::opened(&mut self.sequencer, &self.data)?;
        let mut archives = Vec::new();
        for (verified, admitted) in admitted {
            for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
                if let Some(file) = verified.staged.get(&release.artifact) {
                    let (upload, file) = (verified.upload.clone(), file.to_string());
                    archives.push(Placed { upload, file, path: layout::archive(&release.artifact) });
                    sequencer.know_archive(release.artifact.clone(), release.facts.clone());
                }
            }
        }
        sequencer.files().place(&self.staging, &archives)?;
        sequencer.append(leaves)?;
        sequencer.derive()
    }

    fn status_records(&mut self, package: &PackageName, version: &Version) -> Result<StatusRecords> {
        let sequencer = self.sequencer()?;
        let (trust, size) = (sequencer.trust().clone(), sequencer.size());
        let now = unix_now();
        let last_leaf = sequencer.decide(now, |_, snapshot| snapshot.last_leaf(&trust, package))?;
        let records =
            sequencer.decide(now, |_, snapshot| snapshot.status_records(&trust, size, package, version))?;
        Ok(StatusRecords { records, last_leaf })
    }
}

/// Now, in Unix seconds.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
