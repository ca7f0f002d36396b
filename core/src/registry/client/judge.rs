//! The single judgements: which line of the index is requested, does the entry say the same, might the
//! signer sign. [`Session`](super::Session) makes them, each when the files for it are there.

use super::{ProvenRelease, ReleaseProofError, SeenRecord, Wanted};
use crate::digest::Digest;
use crate::index::{Host, IndexEntry, Rule, VerifiedIndex, newest_of};
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Leaf, LeafError, Subject};
use crate::message::registry as text;
use crate::name::PackageName;
use crate::registry::{VerifiedTrustRoot, layout};
use crate::sign::{Envelope, KeyId, NamespaceChain, ReleaseStatement, Role, SignError};
use crate::verify::Expectation;
use std::collections::BTreeSet;

/// In what a copy of a registry is older than what was seen. It says nothing about who serves it: mirrors and caches
/// lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// Its log.
    Log {
        /// Leaves of it.
        served: u64,
        /// Leaves seen before.
        seen: u64,
    },
    /// Its trust root: that of this version, which was seen, is not there.
    TrustRoot {
        /// The version.
        seen: u64,
    },
    /// It has no checkpoint at all.
    NoCheckpoint,
    /// It is not the registry, only the copies that this client has kept of its files.
    Offline,
}

impl Older {
    /// Leaves of its log.
    pub fn served(&self) -> Option<u64> {
        match self {
            Self::Log { served, .. } => Some(*served),
            Self::TrustRoot { .. } | Self::NoCheckpoint | Self::Offline => None,
        }
    }

    /// In words.
    pub fn message(&self) -> String {
        match self {
            Self::Log { served, seen } => text::older_log(*served, *seen),
            Self::TrustRoot { seen } => text::older_trust_root(*seen),
            Self::NoCheckpoint => text::older_no_checkpoint(),
            Self::Offline => text::older_offline(),
        }
    }
}

pub(super) fn choose<'a>(file: &'a VerifiedIndex, wanted: &Wanted) -> Option<&'a IndexEntry> {
    let mut fitting =
        file.entries().iter().filter(|entry| wanted.admits(&file.artifact(entry), &entry.core.tree));
    match wanted.version.is_none() && wanted.tree.is_none() {
        true => newest_of(fitting, &Rule::to_use(&[], Host::Any, None)),
        false => fitting.next_back(),
    }
}

/// Whether an index file is older than one that was seen: its `rev` may only rise. A file that is not there, or is as
/// old as the copy it is in, proves nothing.
///
/// # Errors
/// `index-rollback` for an older file in a copy that is not older; else `unavailable`.
pub fn check_rev(
    package: &PackageName,
    seen: Option<u64>,
    got: Option<u64>,
    older: Option<&Older>,
) -> Result<(), ReleaseProofError> {
    let Some(seen) = seen.filter(|seen| *seen > got.unwrap_or(0)) else { return Ok(()) };
    let path = layout::index(package);
    Err(match (got, older) {
        (None, Some(older)) => {
            ReleaseProofError::Outdated { reason: text::older_lacks(&older.message(), &path) }
        }
        (None, None) => ReleaseProofError::Outdated { reason: text::copy_lacks_seen(&path) },
        (Some(got), Some(older)) => {
            let reason = text::older_index(&older.message(), package.as_str(), got, seen);
            ReleaseProofError::Outdated { reason }
        }
        (Some(got), None) => ReleaseProofError::IndexRollback { package: package.to_string(), got, seen },
    })
}

/// Whether the records of a namespace still hold the newest one that was seen. Records that are not there prove nothing
/// where their file is absent, or the copy is older.
///
/// # Errors
/// `ns-chain`, `unavailable`.
pub fn check_remembered(
    chain: &NamespaceChain,
    seen: Option<&SeenRecord>,
    is_absent: bool,
    older: Option<&Older>,
) -> Result<(), ReleaseProofError> {
    let Some(seen) = seen else { return Ok(()) };
    let there = chain.records().nth(usize::try_from(seen.seq).unwrap_or(usize::MAX));
    let namespace = chain.namespace();
    match there {
        Some((_, _, envelope)) if Digest::of(envelope.as_bytes()) == seen.envelope => Ok(()),
        None => Err(match older {
            Some(older) => {
                let reason = text::older_records(&older.message(), namespace.as_str());
                ReleaseProofError::Outdated { reason }
            }
            None if is_absent => {
                ReleaseProofError::Outdated { reason: text::copy_lacks_seen(&layout::namespace(namespace)) }
            }
            None => ReleaseProofError::Forgotten { namespace: namespace.to_string(), seq: seen.seq },
        }),
        Some(_) => Err(ReleaseProofError::Forgotten { namespace: namespace.to_string(), seq: seen.seq }),
    }
}

/// Whether the log has the records of the namespace, `leaves` in their order, as its file has them.
///
/// # Errors
/// `leaf`.
pub fn check_records(chain: &NamespaceChain, leaves: &[Leaf]) -> Result<(), ReleaseProofError> {
    let namespace = chain.namespace();
    if leaves.len() != chain.len() {
        return Err(mismatch("namespace records", &chain.len().to_string(), &leaves.len().to_string()));
    }
    for ((_, record, envelope), leaf) in chain.records().zip(leaves) {
        let said = Subject::Namespace { namespace: namespace.clone(), seq: record.seq };
        let logged = leaf.envelopes.first().map(String::as_bytes);
        if leaf.subject != said || logged != Some(envelope.as_bytes()) {
            let expected = format!("{namespace} {}", record.seq);
            return Err(mismatch("namespace record", &expected, leaf.subject.kind()));
        }
    }
    Ok(())
}

/// What the entry of a release proves, once `leaf` is proved to stand at `entry.log` in the log of `checkpoint`, and the
/// records of `chain` in theirs: it says what the index says, and was signed by keys that might sign for the package
/// there and are not revoked.
///
/// # Errors
/// `leaf`, `index-line-digest`, `envelope`, `key-not-authorised`, `key-revoked`, `threshold`, `policy`, and what a
/// statement that is about something else is refused with.
pub fn judge_entry(
    trust: &VerifiedTrustRoot,
    checkpoint: &VerifiedCheckpoint,
    file: &VerifiedIndex,
    entry: &IndexEntry,
    leaf: &Leaf,
    chain: &NamespaceChain,
) -> Result<ProvenRelease, ReleaseProofError> {
    check_entry(file, entry, leaf)?;
    let (signers, envelope) = check_envelopes(chain, leaf, entry.log, &file.artifact(entry).package)?;
    let proven = judge_again(trust, checkpoint, file, entry, chain, signers)?;
    check_statement(&envelope, &proven.expectation)?;
    Ok(proven)
}

/// What [`judge_entry`] found, for a line of the index that it has judged before under the same trust root and the
/// same records of the namespace, in a log that `checkpoint` continues: `signers` are those it found then.
///
/// # Errors
/// As [`judge_entry`], of which nothing about the leaf and its signatures is repeated.
pub fn judge_again(
    trust: &VerifiedTrustRoot,
    checkpoint: &VerifiedCheckpoint,
    file: &VerifiedIndex,
    entry: &IndexEntry,
    chain: &NamespaceChain,
    signers: BTreeSet<KeyId>,
) -> Result<ProvenRelease, ReleaseProofError> {
    let artifact = file.artifact(entry);
    let authorised = chain.authorised(&artifact.package, entry.log)?;
    let root = trust.root();
    let expectation = Expectation {
        tree: Some(entry.core.tree),
        registry: Some(root.registry.clone()),
        package: Some(artifact.package.clone()),
        version: Some(artifact.version.clone()),
        kind: Some(artifact.kind),
        target: Some(artifact.target.clone()),
        index: Some(entry.core.digest()),
        head: Some(entry.head),
    };
    Ok(ProvenRelease {
        registry: root.registry.clone(),
        artifact,
        log: entry.log,
        time: entry.time,
        size: checkpoint.size(),
        root: *checkpoint.root(),
        witnessed: root.log_policy.is_witnessed(),
        authorised,
        signers,
        expectation,
        status: entry.status.as_ref().map(|status| status.change.clone()),
        archive_len: Some(entry.size),
    })
}

/// The log says of the release what the index says.
pub(super) fn check_entry(
    file: &VerifiedIndex,
    entry: &IndexEntry,
    leaf: &Leaf,
) -> Result<(), ReleaseProofError> {
    let artifact = file.artifact(entry);
    let Subject::Release { artifact: logged, tree, index } = &leaf.subject else {
        return Err(mismatch("kind", "release", leaf.subject.kind()));
    };
    if *logged != artifact {
        return Err(mismatch("artifact", &artifact.to_string(), &logged.to_string()));
    }
    if *tree != entry.core.tree {
        return Err(mismatch("tree digest", &entry.core.tree.to_string(), &tree.to_string()));
    }
    if *index != entry.core.digest() {
        return Err(ReleaseProofError::IndexLine { artifact: artifact.to_string() });
    }
    if leaf.time != entry.time {
        return Err(mismatch("time", &entry.time.to_string(), &leaf.time.to_string()));
    }
    Ok(())
}

/// Which envelope of a release leaf was signed by enough keys, and by which.
fn check_envelopes(
    chain: &NamespaceChain,
    leaf: &Leaf,
    index: u64,
    package: &PackageName,
) -> Result<(BTreeSet<KeyId>, Envelope), ReleaseProofError> {
    let mut refused = None;
    for bytes in &leaf.envelopes {
        let envelope = Envelope::parse(bytes.as_bytes())?;
        match chain.check_signed(Role::Release, package, index, &envelope) {
            Ok(signers) => return Ok((signers, envelope)),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.map_or_else(|| SignError::Unsigned.into(), ReleaseProofError::from))
}

/// The signed statement says what the log entry's header says.
fn check_statement(envelope: &Envelope, expected: &Expectation) -> Result<(), ReleaseProofError> {
    let statement = ReleaseStatement::unverified(envelope)?;
    let mut facts = expected.facts();
    (facts.tree, facts.kind) = (expected.tree, expected.kind);
    statement.check(&facts)?;
    Ok(())
}

pub(super) fn mismatch(what: &'static str, expected: &str, got: &str) -> ReleaseProofError {
    LeafError::Mismatch { what, expected: expected.to_owned(), got: got.to_owned() }.into()
}
