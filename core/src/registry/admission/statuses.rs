//! Changes of status.

use super::{Growth, has_room};
use crate::diagnostic::{Code, Diagnostic};
use crate::index::IndexStatus;
use crate::limits;
use crate::log::leaf::{LeafError, Subject};
use crate::message::registry as text;
use crate::registry::{Snapshot, WriteError};
use crate::sign::{Envelope, Role, StatusRecord};
use std::task::{Poll, ready};

/// Admits records of releases that are there, or are logged together with them.
pub(super) fn admit(
    envelopes: &[Envelope],
    log: &mut Growth<'_>,
    snapshot: &mut Snapshot,
) -> Poll<Result<(), WriteError>> {
    let trust = log.at.trust;
    for envelope in envelopes {
        let record = StatusRecord::unverified(envelope)?;
        let (package, version) = (&record.package, &record.version);
        if record.registry != trust.root().registry {
            let (expected, got) = (trust.root().registry.to_string(), record.registry.to_string());
            return Poll::Ready(Err(LeafError::Mismatch { what: "registry", expected, got }.into()));
        }
        let file = ready!(log.file(package, snapshot))?;
        if !file.is_some_and(|file| file.versions().contains(&version)) {
            let release = format!("{package}@{version}");
            let message = text::release_missing(&release, trust.root().registry.as_str());
            return Poll::Ready(Err(Diagnostic::new(Code::NotFound, message).into()));
        }
        let count = ready!(log.status_records(package, version, snapshot))?;
        if record.seq != count {
            let (expected, got) = (count.to_string(), record.seq.to_string());
            return Poll::Ready(Err(LeafError::Mismatch { what: "status record", expected, got }.into()));
        }
        let namespace = package.namespace_or_none();
        let index = log.index();
        let chain = ready!(log.chain(&namespace, snapshot))?;
        chain
            .check_signed(Role::Status, package, index, envelope)
            .map_err(|error| WriteError::from(error).help(text::owners_help(namespace.as_str())))?;
        let status = IndexStatus { log: index, change: record.change.clone() };
        let file = ready!(log.draft(package, snapshot))?;
        file.set_status(version, &status);
        has_room(file, limits::INDEX_LINES_LEN).map_err(|full| *full)?;
        log.count_status(package, version, count + 1);
        ready!(log.begin_package(package, snapshot))?;
        log.push(Subject::Status { package: package.clone(), version: version.clone() }, envelope)?;
    }
    Poll::Ready(Ok(()))
}
