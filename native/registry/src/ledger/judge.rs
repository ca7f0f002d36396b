//! What is decided about a log that is only read.

use super::{Facts, Judged};
use crate::error::Result;
use crate::ledger::unix_now;
use crate::sequencer::LogView;
use std::collections::BTreeMap;
use vitte_package_core::api::status::StatusRecords;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{Admission, ReleaseState, Submission};
use vitte_package_core::sign::{NamespaceRecord, TrustPolicy};
use vitte_package_core::version::Version;

/// Decides what would be logged now.
pub(super) fn judge(view: &mut LogView, submission: &Submission, facts: &Facts) -> Result<Judged> {
    let admission = Admission::of(submission, facts)?;
    let admitted = view.decide(unix_now(), |place, snapshot| admission.check(place, snapshot))?;
    let size = view.size();
    let mut policies = BTreeMap::new();
    for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
        let package = &release.artifact.package;
        let namespace = package.namespace_or_none();
        let registry = view.registry().clone();
        let mut chain = view.decide(unix_now(), |_, snapshot| snapshot.chain(&registry, &namespace))?;
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

/// How many status records a version has.
pub(super) fn status_records(
    view: &mut LogView,
    package: &PackageName,
    version: &Version,
) -> Result<StatusRecords> {
    let (trust, size) = (view.trust().clone(), view.size());
    let now = unix_now();
    let last_leaf = view.decide(now, |_, snapshot| snapshot.last_leaf(&trust, package))?;
    let records = view.decide(now, |_, snapshot| snapshot.status_records(&trust, size, package, version))?;
    Ok(StatusRecords { records, last_leaf })
}
