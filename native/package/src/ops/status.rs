//! Yanking and deprecating: a signed record in the log, and in the index line.

use crate::env::Env;
use crate::error::Error;
use crate::message::registry as text;
use crate::registry::derive::{read_chain, read_index};
use crate::registry::directory::Directory;
use crate::registry::log_files::LogFiles;
use crate::registry::sequencer::Sequencer;
use crate::report::Reporter;
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::IndexEntry;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{Envelope, Role, SecretKey, StatusAction, StatusChange, StatusRecord, dsse};
use vitte_package_core::version::Version;

/// A status record that was logged.
#[derive(Clone, Debug)]
pub struct StatusLogged {
    /// The record.
    pub record: StatusRecord,
    /// Its log index.
    pub log: u64,
}

/// Changes the status of a version, of all its artifacts. Nothing is logged, and nothing given, where it stands so already.
///
/// # Errors
/// `not-found` when there is no such version, `key-not-authorised` when the signer may not change status there;
/// `forbidden` without the registry's log key, `busy`, `io`.
pub fn change(
    env: &Env,
    folder: &Path,
    package: &PackageName,
    version: &Version,
    change: StatusChange,
    signer: &SecretKey,
    reporter: &dyn Reporter,
) -> Result<Option<StatusLogged>, Error> {
    let (mut sequencer, of_version) = open(env, folder, package, version, reporter)?;
    if of_version.iter().all(|entry| stands(entry.status.as_ref().map(|status| &status.change), &change)) {
        return Ok(None);
    }
    let prev = crate::registry::derive::last_leaf(&sequencer, package)?;
    let seq = count_records(&sequencer, prev, version)?;
    let record = StatusRecord {
        registry: sequencer.registry().clone(),
        package: package.clone(),
        version: version.clone(),
        seq,
        change,
    };
    let envelope = Envelope::sign(dsse::STATUS, &record.to_payload()?, &[signer])?;
    let chain = read_chain(&sequencer, &package.namespace_or_none())?;
    chain
        .check_signed(Role::Status, package, sequencer.size(), &envelope)
        .map_err(|error| Error::from(error).help(text::owners_help(package.namespace_or_none().as_str())))?;
    let leaf = Leaf {
        subject: Subject::Status { package: package.clone(), version: version.clone() },
        time: sequencer.time(),
        prev,
        envelopes: vec![String::from_utf8_lossy(envelope.as_bytes()).into_owned()],
    };
    let log = sequencer.append(&[leaf])?;
    sequencer.derive()?;
    Ok(Some(StatusLogged { record, log }))
}

/// Looks whether there is such a version, before anybody is asked about it.
///
/// # Errors
/// `not-found` when there is none; `forbidden` without the registry's log key, `busy`, `io`.
pub fn check(
    env: &Env,
    folder: &Path,
    package: &PackageName,
    version: &Version,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    open(env, folder, package, version, reporter).map(drop)
}

/// Opens the registry for writing, and finds the artifacts of a version, at least one.
fn open(
    env: &Env,
    folder: &Path,
    package: &PackageName,
    version: &Version,
    reporter: &dyn Reporter,
) -> Result<(Sequencer, Vec<IndexEntry>), Error> {
    let mut sequencer = Sequencer::open(Directory::new(env.resolve(folder)), &env.vitte_home()?, reporter)?;
    sequencer.check_clock(env)?;
    sequencer.derive()?;
    let index = read_index(&sequencer, package)?;
    let entries = index.iter().flat_map(|file| file.entries());
    let of_version: Vec<_> = entries.filter(|entry| entry.core.version == *version).cloned().collect();
    if of_version.is_empty() {
        let wanted = format!("{package}@{version}");
        let message = text::release_missing(&wanted, sequencer.registry().as_str());
        let fault = Diagnostic::new(Code::NotFound, message);
        return Err(fault.help(text::release_missing_help(package.as_str())).into());
    }
    Ok((sequencer, of_version))
}

/// Whether a release stands already as a change would have it.
fn stands(now: Option<&StatusChange>, wanted: &StatusChange) -> bool {
    let undone = match wanted.action {
        StatusAction::Unyank => StatusAction::Yank,
        StatusAction::Undeprecate => StatusAction::Deprecate,
        _ => return now == Some(wanted),
    };
    now.is_none_or(|now| now.action != undone)
}

/// How many status records a version has: the package's leaves are followed back to its first.
fn count_records(sequencer: &Sequencer, last: Option<u64>, version: &Version) -> Result<u64, Error> {
    let files = LogFiles::new(sequencer.directory(), sequencer.size());
    let (mut next, mut count) = (last, 0);
    while let Some(index) = next {
        let leaf = Leaf::parse(&files.entry(index)?)?;
        count += u64::from(matches!(&leaf.subject, Subject::Status { version: of, .. } if of == version));
        next = leaf.prev;
    }
    Ok(count)
}
