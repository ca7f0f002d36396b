//! One thread that takes submissions: the only one that decides what is logged, and logs it.
//!
//! Submissions are judged on other threads, by the log as of its last batch. This thread judges one again only when that
//! ends in a refusal: a batch that was logged meanwhile may have changed the verdict.

use super::batches::Batches;
use super::judge::{judge, status_records};
use super::{Facts, Judged, Logged, Verified, unix_now};
use crate::data::Data;
use crate::error::{Error, Result};
use crate::sequencer::LogView;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use vitte_package_core::api::status::StatusRecords;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::Submission;
use vitte_package_core::version::Version;

/// Submissions that wait at most; who comes later waits for room.
const WAITING: usize = 256;

type Reply<T> = oneshot::Sender<Result<T>>;

enum Job {
    Judge(Arc<(Submission, Facts)>, Reply<Judged>),
    Log(Box<Verified>, Reply<Logged>),
    StatusRecords(PackageName, Version, Reply<StatusRecords>),
    Ready(Reply<()>),
    /// Panics.
    #[cfg(test)]
    Fault(Reply<()>),
}

/// The way to the thread.
#[derive(Clone, Debug)]
pub(crate) struct Alone {
    jobs: mpsc::SyncSender<Job>,
    seen: Seen,
}

/// The end of the log behind the last batch: what was said to any submission is in it.
#[derive(Clone, Debug)]
struct Seen(Arc<Mutex<LogView>>);

impl Seen {
    fn set(&self, view: LogView) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = view;
    }

    fn view(&self) -> LogView {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).beside()
    }
}

impl Alone {
    /// Takes the log up and starts the thread. It ends when the last of these is dropped, behind what it is doing.
    pub(super) fn start(data: Data) -> Result<(Self, JoinHandle<()>)> {
        let mut batches = Batches::open(data, None)?;
        let seen = Seen(Arc::new(Mutex::new(batches.sequencer()?.view().beside())));
        let now_seen = seen.clone();
        let (jobs, waiting) = mpsc::sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("ledger".to_owned());
        let thread = thread.spawn(move || {
            while let Ok(job) = waiting.recv() {
                // A fault of the program is that of the submissions that were at work: they are told so. What is in
                // memory may be half changed, so the log is taken up anew.
                if catch_unwind(AssertUnwindSafe(|| work(&mut batches, job, &waiting, &now_seen))).is_err() {
                    batches.close();
                }
            }
        });
        Ok((Self { jobs, seen }, thread.map_err(|error| Error::storage("its threads", &error))?))
    }

    async fn ask<T: Send + 'static>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T> {
        let gone = || Error::new(Code::Unavailable, text::shutting_down());
        let (sender, receiver) = oneshot::channel();
        let (jobs, job) = (self.jobs.clone(), job(sender));
        let sent = tokio::task::spawn_blocking(move || jobs.send(job).is_ok()).await;
        if !matches!(sent, Ok(true)) {
            return Err(gone());
        }
        // The thread outlives every request: only a fault of the program leaves one without a response.
        receiver.await.map_err(|_| Error::fault())?
    }

    /// Finds something out on a thread of its own.
    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut LogView) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let seen = self.seen.clone();
        let done = tokio::task::spawn_blocking(move || work(&mut seen.view())).await;
        done.unwrap_or_else(|error| match error.try_into_panic() {
            // A fault of the program here must not reach the thread that logs.
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::new(Code::Unavailable, text::shutting_down())),
        })
    }

    pub(super) async fn judge(&self, submission: Submission, facts: Facts) -> Result<Judged> {
        let asked = Arc::new((submission, facts));
        let beside = Arc::clone(&asked);
        let judged = self.beside(move |view| judge(view, &beside.0, &beside.1)).await;
        if judged.is_ok() {
            return judged;
        }
        self.ask(|reply| Job::Judge(asked, reply)).await
    }

    pub(super) async fn log(&self, verified: Verified) -> Result<Logged> {
        self.ask(|reply| Job::Log(Box::new(verified), reply)).await
    }

    pub(super) async fn status_records(
        &self,
        package: PackageName,
        version: Version,
    ) -> Result<StatusRecords> {
        let asked = (package.clone(), version.clone());
        let records = self.beside(move |view| status_records(view, &asked.0, &asked.1)).await;
        if records.is_ok() {
            return records;
        }
        self.ask(|reply| Job::StatusRecords(package, version, reply)).await
    }

    pub(super) async fn ready(&self) -> Result<()> {
        self.ask(Job::Ready).await
    }
}

/// Does what is asked for, and what was asked for meanwhile.
fn work(batches: &mut Batches, first: Job, waiting: &mpsc::Receiver<Job>, seen: &Seen) {
    let mut submissions = VecDeque::new();
    let mut next = Some(first);
    while let Some(job) = next {
        // Nobody waits for a reply whose request was given up.
        match job {
            Job::Judge(asked, reply) => {
                let judged = batches.sequencer().and_then(|one| judge(one.view(), &asked.0, &asked.1));
                _ = reply.send(judged);
            }
            Job::Log(verified, reply) => submissions.push_back((verified, reply)),
            Job::StatusRecords(package, version, reply) => {
                let records =
                    batches.sequencer().and_then(|one| status_records(one.view(), &package, &version));
                _ = reply.send(records);
            }
            Job::Ready(reply) => {
                _ = reply.send(batches.sequencer().and_then(|one| one.view().check_clock(unix_now())));
            }
            #[cfg(test)]
            Job::Fault(_reply) => panic!("canary"),
        }
        next = if submissions.len() < WAITING { waiting.try_recv().ok() } else { None };
    }
    while !submissions.is_empty() {
        // Each is told whether its batch was written, behind everybody's seeing it.
        let mut replies = Vec::new();
        let written =
            batches.log_some(&mut submissions, |reply: Reply<Logged>, logged| replies.push((reply, logged)));
        if let (Ok(()), Ok(sequencer)) = (written, batches.sequencer()) {
            seen.set(sequencer.view().beside());
        }
        replies.into_iter().for_each(|(reply, logged)| _ = reply.send(logged));
    }
    batches.forget();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Places;

    #[tokio::test]
    async fn a_fault_of_the_program_ends_what_was_asked_for_and_not_the_ledger() {
        let folder = std::env::temp_dir().join(format!("vitte-registry-alone-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let data = Data::new(folder.clone(), Places::default());
        data.init("registry.example/", unix_now(), None).unwrap();
        let (alone, thread) = Alone::start(data).unwrap();
        alone.ready().await.unwrap();
        for _ in 0..3 {
            assert_eq!(alone.ask(Job::Fault).await, Err(Error::fault()));
            alone.ready().await.unwrap();
        }
        drop(alone);
        thread.join().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
