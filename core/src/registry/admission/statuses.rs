//! Changes of status.

use super::{AdmittedRelease, Growth, chain};
use crate::diagnostic::{Code, Diagnostic};
use crate::log::leaf::{LeafError, Subject, Thread};
use crate::message::registry as text;
use crate::name::{Namespace, PackageName};
use crate::registry::{Snapshot, WriteError};
use crate::sign::{Envelope, NamespaceChain, Role, StatusRecord};
use crate::version::Version;
use std::collections::BTreeMap;
use std::task::{Poll, ready};

/// Admits records of releases that are there, or are logged together with them.
pub(super) fn admit(
    envelopes: &[Envelope],
    chains: &mut BTreeMap<Namespace, NamespaceChain>,
    log: &mut Growth<'_>,
    releases: &[AdmittedRelease],
    snapshot: &mut Snapshot,
) -> Poll<Result<(), WriteError>> {
    let trust = log.at.trust;
    let mut counts: BTreeMap<(PackageName, Version), u64> = BTreeMap::new();
    for envelope in envelopes {
        let record = StatusRecord::unverified(envelope)?;
        let (package, version) = (&record.package, &record.version);
        if record.registry != trust.root().registry {
            let (expected, got) = (trust.root().registry.to_string(), record.registry.to_string());
            return Poll::Ready(Err(LeafError::Mismatch { what: "registry", expected, got }.into()));
        }
        let admitted =
            |one: &AdmittedRelease| (&one.artifact.package, &one.artifact.version) == (package, version);
        let file = ready!(snapshot.index(trust, package))?;
        let there = file.is_some_and(|file| file.versions().contains(&version));
        if !there && !releases.iter().any(admitted) {
            let release = format!("{package}@{version}");
            let message = text::release_missing(&release, trust.root().registry.as_str());
            return Poll::Ready(Err(Diagnostic::new(Code::NotFound, message).into()));
        }
        let key = (package.clone(), version.clone());
        let count = match counts.get(&key) {
            Some(count) => *count,
            None => ready!(snapshot.status_records(trust, log.at.size, package, version))?,
        };
        if record.seq != count {
            let (expected, got) = (count.to_string(), record.seq.to_string());
            return Poll::Ready(Err(LeafError::Mismatch { what: "status record", expected, got }.into()));
        }
        counts.insert(key, count + 1);
        let namespace = package.namespace_or_none();
        let index = log.index();
        let chain = ready!(chain(chains, log.at, &namespace, snapshot))?;
        chain
            .check_signed(Role::Status, package, index, envelope)
            .map_err(|error| WriteError::from(error).help(text::owners_help(namespace.as_str())))?;
        if let Some(last) = ready!(snapshot.last_leaf(trust, package))? {
            log.last.entry(Thread::Package(package.clone())).or_insert(last);
        }
        log.push(Subject::Status { package: package.clone(), version: version.clone() }, envelope);
    }
    Poll::Ready(Ok(()))
}
