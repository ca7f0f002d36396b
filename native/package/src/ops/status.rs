//! Yanking and deprecating: a signed record in the log, and in the index line.

use crate::error::Error;
use crate::message::registry as text;
use crate::registry::write::{Draft, RegistryWriter};
use crate::report::Reporter;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::IndexEntry;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::Submission;
use vitte_package_core::sign::{Envelope, SecretKey, StatusAction, StatusChange, StatusRecord, dsse};
use vitte_package_core::version::Version;

/// A status record that was logged.
#[derive(Clone, Debug)]
pub struct StatusLogged {
    /// The record.
    pub record: StatusRecord,
    /// Its log index.
    pub log: u64,
}

/// Changes the status of a version, of all its artifacts. Nothing is logged, and nothing given, where it is so already.
///
/// # Errors
/// `not-found` when there is no such version, `key-not-authorised` when the signer may not change status there;
/// `forbidden` without the registry's log key, `busy`, `io`.
pub fn change(
    writer: &mut dyn RegistryWriter,
    package: &PackageName,
    version: &Version,
    change: StatusChange,
    signer: &SecretKey,
    reporter: &dyn Reporter,
) -> Result<Option<StatusLogged>, Error> {
    let of_version = check(writer, package, version)?;
    if of_version.iter().all(|entry| is_already(entry.status.as_ref().map(|status| &status.change), &change))
    {
        return Ok(None);
    }
    let record = StatusRecord {
        registry: writer.registry().clone(),
        package: package.clone(),
        version: version.clone(),
        seq: writer.status_records(package, version)?,
        change,
    };
    let envelope = Envelope::sign(dsse::STATUS, &record.to_payload()?, &[signer])?;
    let submission = Submission { statuses: vec![envelope], ..Submission::default() };
    let plan = writer.plan(Draft { submission, ..Draft::default() })?;
    let receipt = writer.submit(plan, reporter)?;
    Ok(Some(StatusLogged { record, log: receipt.first }))
}

/// The artifacts of a version, at least one: looked for before anybody is asked about it.
///
/// # Errors
/// `not-found` when there is none; `index-signature`, `index`, `io`.
pub fn check(
    writer: &mut dyn RegistryWriter,
    package: &PackageName,
    version: &Version,
) -> Result<Vec<IndexEntry>, Error> {
    let index = writer.index(package)?;
    let entries = index.iter().flat_map(|file| file.entries());
    let of_version: Vec<_> = entries.filter(|entry| entry.core.version == *version).cloned().collect();
    if of_version.is_empty() {
        let wanted = format!("{package}@{version}");
        let message = text::release_missing(&wanted, writer.registry().as_str());
        let fault = Diagnostic::new(Code::NotFound, message);
        return Err(fault.help(text::release_missing_help(package.as_str())).into());
    }
    Ok(of_version)
}

/// Whether a release is already as a change would have it.
fn is_already(now: Option<&StatusChange>, wanted: &StatusChange) -> bool {
    let undone = match wanted.action {
        StatusAction::Unyank => StatusAction::Yank,
        StatusAction::Undeprecate => StatusAction::Deprecate,
        _ => return now == Some(wanted),
    };
    now.is_none_or(|now| now.action != undone)
}
