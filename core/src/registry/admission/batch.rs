//! Submissions that are logged together: each is judged behind those that were admitted before it.

use super::{Admission, Admitted, LogPlace};
use crate::index::IndexFile;
use crate::log::leaf::{Leaf, Subject, Thread};
use crate::name::{Namespace, PackageName};
use crate::registry::{Snapshot, VerifiedTrustRoot, WriteError};
use crate::sign::{Envelope, NamespaceChain};
use crate::version::Version;
use std::collections::BTreeMap;
use std::ops::Deref as _;
use std::task::{Poll, ready};

/// Submissions that are logged together, in the order in which they were admitted.
///
/// Each is decided upon as if those before it were logged already, and is admitted as a whole or not at all: one that is
/// refused leaves the batch as it was. What the leaves of the batch become is what they would have become one submission
/// at a time.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    leaves: Vec<Leaf>,
    grown: Grown,
}

/// What is changed by leaves that are not logged yet.
#[derive(Clone, Debug, Default)]
struct Grown {
    trust_root: Option<VerifiedTrustRoot>,
    /// The last leaf of each thread that is added to.
    last: BTreeMap<Thread, u64>,
    chains: BTreeMap<Namespace, NamespaceChain>,
    files: BTreeMap<PackageName, IndexFile>,
    /// How many status records a version has.
    statuses: BTreeMap<(PackageName, Version), u64>,
}

impl Batch {
    /// Nothing was admitted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The leaves to log, in order.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Decides upon a submission behind the log's end and what was admitted to the batch before, and adds it. The place
    /// in the log is that of the batch, the same for all of it.
    ///
    /// # Errors
    /// As [`Admission::check`]; the batch is as it was.
    pub fn admit(
        &mut self,
        admission: &Admission,
        at: LogPlace<'_>,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<Admitted, WriteError>> {
        self.admit_if(admission, at, snapshot, |_| Ok(()))
    }

    /// As [`admit`](Self::admit), with a last word on what would be added.
    ///
    /// # Errors
    /// As [`Admission::check`], and what `last_word` says; the batch is as it was.
    pub fn admit_if(
        &mut self,
        admission: &Admission,
        at: LogPlace<'_>,
        snapshot: &mut Snapshot,
        last_word: impl FnOnce(&Admitted) -> Result<(), WriteError>,
    ) -> Poll<Result<Admitted, WriteError>> {
        let mut log = Growth { at, batch: self, leaves: Vec::new(), grown: Grown::default() };
        let mut admitted = ready!(admission.judge(&mut log, snapshot))?;
        last_word(&admitted)?;
        let Growth { leaves, grown, .. } = log;
        self.leaves.extend(leaves.iter().cloned());
        self.grown.trust_root = admitted.trust_root.clone().or(self.grown.trust_root.take());
        self.grown.last.extend(grown.last);
        self.grown.chains.extend(grown.chains);
        self.grown.files.extend(grown.files);
        self.grown.statuses.extend(grown.statuses);
        admitted.leaves = leaves;
        Poll::Ready(Ok(admitted))
    }
}

/// The leaves that one submission adds to a log, behind its batch.
pub(super) struct Growth<'a> {
    pub(super) at: LogPlace<'a>,
    batch: &'a Batch,
    leaves: Vec<Leaf>,
    grown: Grown,
}

impl Growth<'_> {
    /// The index of the next leaf.
    pub(super) fn index(&self) -> u64 {
        self.at.size + (self.batch.leaves.len() + self.leaves.len()) as u64
    }

    /// The trust root that the next one follows.
    pub(super) fn trust(&self) -> &VerifiedTrustRoot {
        self.batch.grown.trust_root.as_ref().unwrap_or(self.at.trust)
    }

    /// Adds a leaf.
    ///
    /// # Errors
    /// [`WriteError::Refused`] when it is too long for a log.
    pub(super) fn push(&mut self, subject: Subject, envelope: &Envelope) -> Result<(), WriteError> {
        let (thread, index) = (subject.thread(), self.index());
        let earlier = self.batch.grown.last.get(&thread).copied();
        let prev = self.grown.last.insert(thread, index).or(earlier);
        let envelope = String::from_utf8_lossy(envelope.as_bytes()).into_owned();
        let leaf = Leaf { subject, time: self.at.time, prev, envelopes: vec![envelope] };
        // Found out here, and not when the batch is written, it is the fault of this submission alone.
        leaf.to_bytes()?;
        self.leaves.push(leaf);
        Ok(())
    }

    /// Whether the last leaf of a thread is known.
    pub(super) fn has_begun(&self, thread: &Thread) -> bool {
        self.grown.last.contains_key(thread) || self.batch.grown.last.contains_key(thread)
    }

    /// Says which leaf of the log is the last of a thread, unless leaves were added to it here.
    pub(super) fn begin(&mut self, thread: Thread, last: u64) {
        if !self.has_begun(&thread) {
            self.grown.last.insert(thread, last);
        }
    }

    /// As [`begin`](Self::begin), for the thread of a package.
    pub(super) fn begin_package(
        &mut self,
        package: &PackageName,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let thread = Thread::Package(package.clone());
        if !self.has_begun(&thread)
            && let Some(last) = ready!(snapshot.last_leaf(self.at.trust, package))?
        {
            self.begin(thread, last);
        }
        Poll::Ready(Ok(()))
    }

    /// The records of a namespace, with those that are added.
    pub(super) fn chain(
        &mut self,
        namespace: &Namespace,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<&mut NamespaceChain, WriteError>> {
        use std::collections::btree_map::Entry;
        Poll::Ready(Ok(match self.grown.chains.entry(namespace.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(match self.batch.grown.chains.get(namespace) {
                Some(chain) => chain.clone(),
                None => ready!(snapshot.chain(&self.at.trust.root().registry, namespace))?,
            }),
        }))
    }

    /// The index file of a package that lines were added to.
    pub(super) fn grown(&self, package: &PackageName) -> Option<&IndexFile> {
        self.grown.files.get(package).or_else(|| self.batch.grown.files.get(package))
    }

    /// The index file of a package, with the lines that are added.
    pub(super) fn file<'a>(
        &'a self,
        package: &PackageName,
        snapshot: &'a mut Snapshot,
    ) -> Poll<Result<Option<&'a IndexFile>, WriteError>> {
        Poll::Ready(match self.grown(package) {
            Some(file) => Ok(Some(file)),
            None => Ok(ready!(snapshot.index(self.at.trust, package))?.map(|file| file.deref())),
        })
    }

    /// The index file of a package, to add lines to it.
    pub(super) fn draft(
        &mut self,
        package: &PackageName,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<&mut IndexFile, WriteError>> {
        use std::collections::btree_map::Entry;
        let before = match self.grown.files.contains_key(package) {
            true => None,
            false => ready!(self.file(package, snapshot))?.cloned(),
        };
        Poll::Ready(Ok(match self.grown.files.entry(package.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(before.unwrap_or_else(|| IndexFile::new(package.clone()))),
        }))
    }

    /// How many status records a version has, with those that are added.
    pub(super) fn status_records(
        &mut self,
        package: &PackageName,
        version: &Version,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<u64, WriteError>> {
        let key = (package.clone(), version.clone());
        match self.grown.statuses.get(&key).or_else(|| self.batch.grown.statuses.get(&key)) {
            Some(count) => Poll::Ready(Ok(*count)),
            None => snapshot.status_records(self.at.trust, self.at.size, package, version),
        }
    }

    pub(super) fn count_status(&mut self, package: &PackageName, version: &Version, count: u64) {
        self.grown.statuses.insert((package.clone(), version.clone()), count);
    }
}
