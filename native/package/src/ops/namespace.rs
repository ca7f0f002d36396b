//! Namespaces: beginning one, changing its keys, revoking them.

use crate::error::Error;
use crate::message::registry as text;
use crate::registry::write::{Draft, RegistryWriter};
use crate::report::Reporter;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::name::{Namespace, check_namespace_registrable};
use vitte_package_core::registry::Submission;
use vitte_package_core::sign::namespace::{NamespaceKey, Revocation};
use vitte_package_core::sign::{Envelope, KeyId, NamespaceRecord, Role, SecretKey, dsse};

/// A record that was logged.
#[derive(Clone, Debug)]
pub struct RecordLogged {
    /// The record.
    pub record: NamespaceRecord,
    /// Its log index.
    pub log: u64,
}

/// What changes from one record to the next.
#[derive(Clone, Debug, Default)]
pub struct NamespaceChange {
    /// Keys to add, or to give other roles.
    pub add: Vec<NamespaceKey>,
    /// Keys to take out.
    pub remove: Vec<KeyId>,
    /// Keys that do not count from a log index on.
    pub revoke: Vec<Revocation>,
    /// How many root keys must sign the next record.
    pub root_threshold: Option<u64>,
    /// How many release keys must sign a release.
    pub release_threshold: Option<u64>,
}

/// Begins a namespace; the signer owns it.
///
/// # Errors
/// `name` when it cannot be registered, `registry-exists` when it exists; `forbidden`, `busy`, `io`.
pub fn create(
    writer: &mut dyn RegistryWriter,
    namespace: &Namespace,
    signer: &SecretKey,
    reporter: &dyn Reporter,
) -> Result<RecordLogged, Error> {
    if namespace.as_str() != Namespace::NONE {
        check_namespace_registrable(namespace.as_str(), namespace.as_str())?;
    }
    if !writer.chain(namespace)?.is_empty() {
        let message = text::namespace_exists(namespace.as_str(), writer.registry().as_str());
        return Err(Diagnostic::new(Code::RegistryExists, message).into());
    }
    let record = NamespaceRecord::first(namespace.clone(), writer.registry().clone(), signer.public());
    log(writer, record, &[signer], reporter)
}

/// Changes the keys of a namespace. `signers` must hold enough root keys of the newest record and of the new one.
///
/// # Errors
/// `not-found` when there is no such namespace; `threshold`, `ns-chain` when the signers are not enough or the change
/// contradicts itself; `forbidden`, `busy`, `io`.
pub fn change(
    writer: &mut dyn RegistryWriter,
    namespace: &Namespace,
    change: NamespaceChange,
    signers: &[&SecretKey],
    reporter: &dyn Reporter,
) -> Result<RecordLogged, Error> {
    let record = changed(writer, namespace, change)?;
    log(writer, record, signers, reporter)
}

/// Looks whether a change can be made, before anybody is asked about it.
///
/// # Errors
/// `not-found` when there is no such namespace; `usage` when a threshold is more than the keys there are; `ns-chain`,
/// `io`.
pub fn check(
    writer: &mut dyn RegistryWriter,
    namespace: &Namespace,
    change: &NamespaceChange,
) -> Result<(), Error> {
    changed(writer, namespace, change.clone()).map(drop)
}

/// The record after a change.
fn changed(
    writer: &mut dyn RegistryWriter,
    namespace: &Namespace,
    change: NamespaceChange,
) -> Result<NamespaceRecord, Error> {
    let chain = writer.chain(namespace)?;
    let Some(latest) = chain.latest() else {
        let message = text::namespace_missing(namespace.as_str(), writer.registry().as_str());
        return Err(Diagnostic::new(Code::NotFound, message).into());
    };
    let mut record = latest.clone();
    (record.seq, record.prev) = (latest.seq + 1, chain.latest_digest());
    let added: Vec<_> = change.add.iter().map(|key| key.key.id()).collect();
    record.keys.retain(|key| !change.remove.contains(&key.key.id()) && !added.contains(&key.key.id()));
    record.keys.extend(change.add);
    record.keys.sort_by_key(|key| key.key.id());
    for revocation in change.revoke {
        let since = record.revoked.iter().find(|known| known.key == revocation.key).map(|known| known.since);
        record.revoked.retain(|known| known.key != revocation.key);
        // Once revoked, never later.
        let since = since.map_or(revocation.since, |known| known.min(revocation.since));
        record.revoked.push(Revocation { since, ..revocation });
    }
    record.threshold.root = change.root_threshold.unwrap_or(record.threshold.root);
    record.threshold.release = change.release_threshold.unwrap_or(record.threshold.release);
    for (flag, role, given) in [
        ("--root-threshold", Role::Root, change.root_threshold),
        ("--release-threshold", Role::Release, change.release_threshold),
    ] {
        let Some(given) = given else { continue };
        let keys = record.keys.iter().filter(|key| key.roles.contains(&role)).count() as u64;
        if given == 0 || given > keys {
            let message = text::threshold_unmet(flag, given, namespace.as_str(), keys, role.as_str());
            return Err(Diagnostic::new(Code::Usage, message)
                .help(text::threshold_unmet_help(namespace.as_str()))
                .into());
        }
    }
    Ok(record)
}

fn log(
    writer: &mut dyn RegistryWriter,
    record: NamespaceRecord,
    signers: &[&SecretKey],
    reporter: &dyn Reporter,
) -> Result<RecordLogged, Error> {
    let envelope = Envelope::sign(dsse::NAMESPACE, &record.to_payload()?, signers)?;
    let submission = Submission { namespaces: vec![envelope], ..Submission::default() };
    let plan = writer.plan(Draft { submission, ..Draft::default() })?;
    let receipt = writer.submit(plan, reporter)?;
    Ok(RecordLogged { record, log: receipt.first })
}
