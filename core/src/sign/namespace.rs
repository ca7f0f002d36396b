//! The chain of a namespace's records: who may release, at which place of the log. Trust document, section 5.
//!
//! The log index is the clock: what was signed at leaf j is judged by the last record before j, and by what the
//! newest record says about revoked keys.

mod record;

pub use record::{
    NamespaceKey, NamespaceRecord, ReleasePolicy, Revocation, RevocationReason, Role, Thresholds,
    TrustedPublisher,
};

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::Digest;
use crate::limits;
use crate::message::log as text;
use crate::name::{Namespace, PackageName};
use crate::ordered;
use crate::sign::{Authorised, Envelope, KeyId, PublicKey, RegistryId, SignError};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// A record that has been checked, and where in the log it is.
#[derive(Clone, Debug)]
struct Logged {
    index: u64,
    record: NamespaceRecord,
    envelope: Envelope,
}

/// The records of a namespace, each checked against the one before.
#[derive(Clone, Debug)]
pub struct NamespaceChain {
    registry: RegistryId,
    namespace: Namespace,
    records: Vec<Logged>,
}

/// One line of a namespace file: `{"log":N,"envelope":{...}}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLine<'a> {
    log: u64,
    #[serde(borrow)]
    envelope: &'a RawValue,
}

impl NamespaceChain {
    /// Begins without records.
    pub fn new(registry: RegistryId, namespace: Namespace) -> Self {
        Self { registry, namespace, records: Vec::new() }
    }

    /// Reads a namespace file: a line for each record, in order. That the records are in the log remains to be proved.
    ///
    /// # Errors
    /// [`NamespaceError::File`] when the file is too long or a line malformed; otherwise as [`NamespaceChain::push`].
    pub fn parse(registry: RegistryId, namespace: Namespace, file: &[u8]) -> Result<Self, NamespaceError> {
        let refuse = |line: usize| NamespaceError::File { line: line as u64 + 1 };
        if file.len() > limits::NAMESPACE_FILE_LEN {
            return Err(refuse(0));
        }
        let mut chain = Self::new(registry, namespace);
        for (number, line) in file.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\n").ok_or_else(|| refuse(number))?;
            let raw: RawLine<'_> = serde_json::from_slice(line).map_err(|_| refuse(number))?;
            chain.push(raw.log, raw.envelope.get().as_bytes())?;
        }
        Ok(chain)
    }

    /// Writes the namespace file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = Vec::new();
        for logged in &self.records {
            file.extend_from_slice(format!("{{\"log\":{},\"envelope\":", logged.index).as_bytes());
            file.extend_from_slice(logged.envelope.as_bytes());
            file.extend_from_slice(b"}\n");
        }
        file
    }

    /// Bytes of the namespace file.
    pub fn file_len(&self) -> usize {
        let line = |logged: &Logged| {
            let digits = logged.index.checked_ilog10().map_or(1, |log| log as usize + 1);
            "{\"log\":,\"envelope\":}\n".len() + digits + logged.envelope.as_bytes().len()
        };
        self.records.iter().map(line).sum()
    }

    /// Checks the next record, which is at log index `index`, and takes it.
    ///
    /// The first must be signed by every root key it lists; a later one by the threshold of the root keys of the
    /// record before and by the threshold of its own. Keys that their record revokes do not count.
    ///
    /// # Errors
    /// [`NamespaceError::Chain`] when number, predecessor, place, namespace or a dropped revocation break the chain
    /// or no key of the chain signed; [`NamespaceError::Sign`] with the threshold, a failing signature, or a
    /// malformed envelope; [`NamespaceError::Shape`].
    pub fn push(&mut self, index: u64, envelope: &[u8]) -> Result<(), NamespaceError> {
        let envelope = Envelope::parse(envelope).map_err(NamespaceError::Sign)?;
        let record = NamespaceRecord::unverified(&envelope)?;
        let refuse = |reason: String| NamespaceError::Chain { namespace: self.namespace.to_string(), reason };
        if record.namespace != self.namespace {
            return Err(refuse(text::chain_namespace(record.namespace.as_str())));
        }
        if record.registry != self.registry {
            return Err(NamespaceError::Registry {
                expected: self.registry.to_string(),
                got: record.registry.to_string(),
            });
        }
        if record.seq != self.records.len() as u64 {
            return Err(refuse(text::chain_seq(record.seq, self.records.len() as u64)));
        }
        match self.records.last() {
            None => {
                let roots = record.keys_of(Role::Root, None);
                let signers = envelope.signers(&roots).map_err(NamespaceError::Sign)?;
                if signers.len() < roots.len() {
                    let error = SignError::Threshold { needed: roots.len(), got: signers.len() };
                    return Err(NamespaceError::Sign(error));
                }
                check_roots(&signers, &record, index)?;
            }
            Some(last) => {
                if record.prev != Some(Digest::of(last.envelope.as_bytes())) {
                    return Err(refuse(text::chain_prev(record.seq)));
                }
                if index <= last.index {
                    return Err(refuse(text::chain_order(record.seq)));
                }
                for old in &last.record.revoked {
                    let kept = record.revoked.iter().any(|new| new.key == old.key && new.since <= old.since);
                    if !kept {
                        return Err(refuse(text::chain_revocation(&old.key.short())));
                    }
                }
                // Each signature is checked once, by the keys of before and the new roots together.
                let known = ordered::set(last.record.keys.iter().map(|key| key.key.clone()));
                let roots = record.keys_of(Role::Root, None).into_iter();
                let asked: Vec<_> =
                    known.iter().cloned().chain(roots.filter(|key| !known.contains(key))).collect();
                let signers = envelope.signers(&asked).map_err(NamespaceError::Sign)?;
                if !known.iter().any(|key| signers.contains(&key.id())) {
                    return Err(refuse(text::chain_stranger(record.seq)));
                }
                check_roots(&signers, &last.record, index)?;
                check_roots(&signers, &record, index)?;
            }
        }
        self.records.push(Logged { index, record, envelope });
        Ok(())
    }

    /// The registry whose log the records are in.
    pub fn registry(&self) -> &RegistryId {
        &self.registry
    }

    /// The namespace.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no record yet.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Each record with its log index and the envelope it was signed in.
    pub fn records(&self) -> impl Iterator<Item = (u64, &NamespaceRecord, &Envelope)> {
        self.records.iter().map(|logged| (logged.index, &logged.record, &logged.envelope))
    }

    /// The newest record.
    pub fn latest(&self) -> Option<&NamespaceRecord> {
        self.records.last().map(|logged| &logged.record)
    }

    /// The digest the next record must name.
    pub fn latest_digest(&self) -> Option<Digest> {
        self.records.last().map(|logged| Digest::of(logged.envelope.as_bytes()))
    }

    /// Log index of the newest record.
    pub fn latest_index(&self) -> Option<u64> {
        self.records.last().map(|logged| logged.index)
    }

    /// The record that judges what is at log index `at`: the last one before it.
    pub fn in_force(&self, at: u64) -> Option<&NamespaceRecord> {
        self.records.iter().rev().find(|logged| logged.index < at).map(|logged| &logged.record)
    }

    /// The keys that may release `package` at log index `at`: in force there, and not revoked by the newest record.
    ///
    /// # Errors
    /// [`NamespaceError::NotInForce`] when the namespace has no record before that index.
    pub fn authorised(&self, package: &PackageName, at: u64) -> Result<Authorised, NamespaceError> {
        let record = self.in_force(at).ok_or_else(|| self.not_in_force(at))?;
        let mut keys = record.keys_of(Role::Release, Some(package));
        keys.retain(|key| self.revoked(key.id(), at).is_none());
        let threshold = usize::try_from(record.threshold.release).unwrap_or(usize::MAX);
        Ok(Authorised { package: package.clone(), keys, threshold })
    }

    /// Whether each of these keys might release `package` at log index `at`, when it was logged: what was revoked later
    /// explains why a key no longer signs, not that it never might.
    pub fn entitled(&self, package: &PackageName, at: u64, keys: &[KeyId]) -> bool {
        let Some(record) = self.in_force(at) else { return false };
        let might =
            ordered::set(record.keys_of(Role::Release, Some(package)).iter().map(crate::sign::PublicKey::id));
        keys.iter().all(|key| might.contains(key))
    }

    /// Checks that `envelope`, at log index `at`, is signed by enough keys that hold `role` for `package`, and gives
    /// those that count.
    ///
    /// # Errors
    /// [`NamespaceError::NotInForce`]; [`NamespaceError::NotAuthorised`] when no such key signed,
    /// [`NamespaceError::Revoked`] when too few did because one is revoked; [`NamespaceError::Policy`] when the
    /// namespace wants more than signatures; [`NamespaceError::Sign`] with the threshold or a failing signature.
    pub fn check_signed(
        &self,
        role: Role,
        package: &PackageName,
        at: u64,
        envelope: &Envelope,
    ) -> Result<BTreeSet<KeyId>, NamespaceError> {
        let record = self.in_force(at).ok_or_else(|| self.not_in_force(at))?;
        let keys = record.keys_of(role, Some(package));
        let signers = envelope.signers(&keys).map_err(NamespaceError::Sign)?;
        self.judge_signers(role, package, at, signers.into_iter().collect(), &|| envelope.claimed_signers())
    }

    /// As [`NamespaceChain::check_signed`], for an envelope that this key alone is to sign.
    ///
    /// # Errors
    /// As [`NamespaceChain::check_signed`].
    pub fn check_signer(
        &self,
        role: Role,
        package: &PackageName,
        at: u64,
        key: &PublicKey,
    ) -> Result<(), NamespaceError> {
        let record = self.in_force(at).ok_or_else(|| self.not_in_force(at))?;
        let keys = record.keys_of(role, Some(package));
        let signers = keys.iter().map(PublicKey::id).filter(|known| *known == key.id()).collect();
        self.judge_signers(role, package, at, signers, &|| vec![key.id()]).map(|_| ())
    }

    fn judge_signers(
        &self,
        role: Role,
        package: &PackageName,
        at: u64,
        signers: BTreeSet<KeyId>,
        claimed: &dyn Fn() -> Vec<KeyId>,
    ) -> Result<BTreeSet<KeyId>, NamespaceError> {
        let record = self.in_force(at).ok_or_else(|| self.not_in_force(at))?;
        let (revoked, counted): (Vec<_>, Vec<_>) =
            signers.iter().copied().partition(|signer| self.revoked(*signer, at).is_some());
        let needed = usize::try_from(record.threshold(role)).unwrap_or(usize::MAX).max(1);
        if counted.len() < needed {
            if let Some(key) = revoked.first() {
                let since = self.revoked(*key, at).map_or(at, |revocation| revocation.since);
                return Err(NamespaceError::Revoked { key: *key, since, at });
            }
            if role == Role::Release && record.release_policy != ReleasePolicy::Keys {
                return Err(NamespaceError::Policy { policy: record.release_policy.as_str() });
            }
            if counted.is_empty() {
                let signers = claimed();
                return Err(NamespaceError::NotAuthorised { package: package.to_string(), at, signers });
            }
            return Err(NamespaceError::Sign(SignError::Threshold { needed, got: counted.len() }));
        }
        // What an attestation must add cannot be checked here; signatures alone meet the other policies.
        if role == Role::Release && record.release_policy == ReleasePolicy::Both {
            return Err(NamespaceError::Policy { policy: record.release_policy.as_str() });
        }
        Ok(counted.into_iter().collect())
    }

    /// Whether the newest record revokes a key at a log index.
    pub fn revoked(&self, key: KeyId, at: u64) -> Option<&Revocation> {
        self.latest().and_then(|latest| latest.revokes(key, at))
    }

    fn not_in_force(&self, at: u64) -> NamespaceError {
        NamespaceError::NotInForce { namespace: self.namespace.to_string(), at }
    }
}

/// Whether the threshold of the record's root keys is among the signers, those it revokes left out.
fn check_roots(signers: &BTreeSet<KeyId>, record: &NamespaceRecord, at: u64) -> Result<(), NamespaceError> {
    let counts = |key: &&PublicKey| signers.contains(&key.id()) && record.revokes(key.id(), at).is_none();
    let needed = usize::try_from(record.threshold.root).unwrap_or(usize::MAX);
    let got = record.keys_of(Role::Root, None).iter().filter(counts).count();
    if got < needed { Err(NamespaceError::Sign(SignError::Threshold { needed, got })) } else { Ok(()) }
}

/// A namespace's record, or a signature judged by it, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamespaceError {
    /// An envelope or a signature is refused.
    Sign(SignError),
    /// Members of a record contradict one another.
    Shape {
        /// What is wrong.
        reason: String,
    },
    /// A namespace file is malformed.
    File {
        /// Number of the line, from 1.
        line: u64,
    },
    /// A record does not continue the chain.
    Chain {
        /// The namespace.
        namespace: String,
        /// What is wrong.
        reason: String,
    },
    /// A record is of another registry.
    Registry {
        /// The registry asked.
        expected: String,
        /// The one named.
        got: String,
    },
    /// There is no record before a place of the log.
    NotInForce {
        /// The namespace.
        namespace: String,
        /// The log index.
        at: u64,
    },
    /// No key that may sign for the package there has signed.
    NotAuthorised {
        /// The package.
        package: String,
        /// The log index.
        at: u64,
        /// Who says to have signed.
        signers: Vec<KeyId>,
    },
    /// A key that signed is revoked.
    Revoked {
        /// The key.
        key: KeyId,
        /// From which log index on.
        since: u64,
        /// The log index of what it signed.
        at: u64,
    },
    /// The namespace wants an attested workflow identity.
    Policy {
        /// The policy.
        policy: &'static str,
    },
}

impl Diagnose for NamespaceError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Sign(error) => error.diagnostic(),
            Self::Shape { reason } => Diagnostic::new(Code::NsChain, text::namespace_malformed(reason)),
            Self::File { line } => Diagnostic::new(Code::NsChain, text::namespace_file(*line))
                .at(crate::diagnostic::Place::Line { line: *line }),
            Self::Chain { namespace, reason } => {
                Diagnostic::new(Code::NsChain, text::namespace_chain(namespace, reason))
            }
            Self::Registry { expected, got } => {
                Diagnostic::new(Code::RegistryMismatch, text::registry_mismatch(got, expected))
                    .with("expected", expected.as_str())
                    .with("got", got.as_str())
            }
            Self::NotInForce { namespace, at } => {
                Diagnostic::new(Code::NsChain, text::namespace_not_in_force(namespace, *at))
            }
            Self::NotAuthorised { package, at, signers } => {
                let list = signers.iter().map(KeyId::short).collect::<Vec<_>>().join(", ");
                Diagnostic::new(Code::KeyNotAuthorised, text::namespace_not_authorised(package, *at, &list))
                    .with("signers", signers.iter().map(KeyId::to_string).collect::<Vec<_>>())
                    .with("log", *at)
            }
            Self::Revoked { key, since, at } => {
                Diagnostic::new(Code::KeyRevoked, text::namespace_revoked(&key.short(), *since, *at))
                    .with("key", key.to_string())
                    .with("since", *since)
                    .with("log", *at)
            }
            Self::Policy { policy } => Diagnostic::new(Code::Policy, text::namespace_policy(policy)),
        }
    }
}
display_as_message!(NamespaceError);

#[cfg(test)]
mod tests;
