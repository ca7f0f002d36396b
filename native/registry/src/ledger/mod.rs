//! Who decides what is logged, and logs it.
//!
//! Where nobody shares the database it is one thread, which takes submissions as they come. Where replicas do, each judges
//! by what is published, and hands what it verified over to the one of them that sequences.

mod alone;
mod batches;
#[cfg(test)]
mod grown;
mod judge;
mod recent;
mod shared;

use crate::accounts::Allowance;
use crate::data::Data;
use crate::error::Result;
use crate::sequencer::Shared;
use alone::Alone;
pub(crate) use recent::is_uncounted;
use shared::Replica;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};
use vitte_package_core::api::status::StatusRecords;
use vitte_package_core::api::upload::Upload;
use vitte_package_core::digest::Digest;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{Admission, Admitted, ArchiveFacts, Submission};
use vitte_package_core::sign::TrustPolicy;
use vitte_package_core::version::Version;

/// What is known of the archives of a submission.
pub(crate) type Facts = BTreeMap<Artifact, ArchiveFacts>;

/// What would be logged now, and by whom each new release must be signed.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) admitted: Admitted,
    pub(crate) size: u64,
    pub(crate) policies: BTreeMap<Artifact, TrustPolicy>,
}

/// What was logged, as it is said to who submitted it.
pub(crate) type Logged = Upload;

/// A submission whose archives were verified.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) admission: Admission,
    pub(crate) submission: Submission,
    pub(crate) facts: Facts,
    /// The upload they were sent for.
    pub(crate) upload: String,
    /// The archives that were sent and verified, and the digests that they are staged by.
    pub(crate) staged: BTreeMap<Artifact, Digest>,
    /// What it may add to the namespaces of its new releases.
    pub(crate) allowances: Vec<Allowance>,
}

/// Who writes what a server takes to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    /// This server.
    Here,
    /// Another replica; this one may take over.
    Elsewhere,
    /// Another replica: this one has no keys.
    NeverHere,
}

/// The way to who decides.
#[derive(Clone, Debug)]
pub(crate) enum Ledger {
    Alone(Alone),
    Shared(Arc<Replica>),
}

impl Ledger {
    /// Takes the log up and starts the thread that writes. It ends when the last [`Ledger`] is dropped, behind what it is
    /// doing. In a replica without keys there is none.
    pub(crate) fn start(data: Data, shared: Option<Shared>) -> Result<(Self, Option<JoinHandle<()>>)> {
        match shared {
            None => Alone::start(data).map(|(alone, thread)| (Self::Alone(alone), Some(thread))),
            Some(shared) => {
                Replica::start(data, shared).map(|(replica, thread)| (Self::Shared(replica), thread))
            }
        }
    }

    /// What tells the thread of a replica to end; others end when nobody can ask them any more.
    pub(crate) fn ending(&self) -> Option<Arc<AtomicBool>> {
        match self {
            Self::Alone(_) => None,
            Self::Shared(replica) => Some(replica.ending()),
        }
    }

    /// Decides what would be logged now. Nothing is written.
    pub(crate) async fn judge(&self, submission: Submission, facts: Facts) -> Result<Judged> {
        match self {
            Self::Alone(alone) => alone.judge(submission, facts).await,
            Self::Shared(replica) => replica.judge(submission, facts).await,
        }
    }

    /// Logs a submission, all of it or nothing.
    pub(crate) async fn log(&self, verified: Verified) -> Result<Logged> {
        match self {
            Self::Alone(alone) => alone.log(verified).await,
            Self::Shared(replica) => replica.log(verified).await,
        }
    }

    /// How many status records a version has.
    pub(crate) async fn status_records(
        &self,
        package: PackageName,
        version: Version,
    ) -> Result<StatusRecords> {
        match self {
            Self::Alone(alone) => alone.status_records(package, version).await,
            Self::Shared(replica) => replica.status_records(package, version).await,
        }
    }

    /// Whether something could be logged, and who would write it.
    pub(crate) async fn ready(&self) -> Result<Writes> {
        match self {
            Self::Alone(alone) => alone.ready().await.map(|()| Writes::Here),
            Self::Shared(replica) => replica.ready().await,
        }
    }
}

/// Now, in Unix seconds.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
