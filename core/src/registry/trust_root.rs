//! Trust roots: which keys a registry signs its log and index with, and who may change that. Trust document,
//! section 7.

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::Digest;
use crate::json::{Json, JsonError, Object};
use crate::log::note::{IndexKey, LogKey};
use crate::log::policy::{LogPolicy, PolicyError};
use crate::message::log as text;
use crate::ordered;
use crate::sign::key_map::{malformed, print_keys, take_keys};
use crate::sign::{Envelope, PublicKey, RegistryId, SignError, Verified, dsse};
use serde::Serialize;
use std::collections::BTreeSet;

/// Seconds a checkpoint may be old by default: a week.
const MAX_STALENESS: u64 = 604_800;

/// What a trust root says. Counts for nothing until it is a [`VerifiedTrustRoot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustRoot {
    /// Id of the registry.
    pub registry: RegistryId,
    /// Number, from 1, each next one more.
    pub version: u64,
    /// Digest of the envelope of the one before.
    pub prev: Option<Digest>,
    /// When it was made, in Unix seconds.
    pub issued: u64,
    /// When it should have been replaced, in Unix seconds. Warns only.
    pub expires: Option<u64>,
    /// Keys that may sign the next trust root, ordered by id.
    pub keys: Vec<PublicKey>,
    /// How many of them must.
    pub threshold: u64,
    /// Log keys and witnesses.
    pub log_policy: LogPolicy,
    /// Keys of the index.
    pub index: Vec<IndexKey>,
    /// Keys that attest workflow identities.
    pub attest: Vec<PublicKey>,
    /// Keys of moderators.
    pub moderation: Vec<PublicKey>,
    /// Keys that announce recoveries of namespaces.
    pub recovery: Vec<PublicKey>,
    /// Seconds after which a checkpoint is too old.
    pub max_staleness: u64,
    /// Seconds a release must be in the log before it is chosen anew.
    pub min_age: u64,
}

#[derive(Serialize)]
struct RawTrustRoot<'a> {
    registry: &'a RegistryId,
    version: u64,
    prev: Option<Digest>,
    issued: u64,
    expires: Option<u64>,
    keys: serde_json::Value,
    threshold: u64,
    log_policy: &'a str,
    index: Vec<String>,
    attest: serde_json::Value,
    moderation: serde_json::Value,
    recovery: serde_json::Value,
    max_staleness: u64,
    min_age: u64,
}

impl TrustRoot {
    /// The first trust root of a registry whose log no witness watches and whose releases have no minimum age.
    pub fn first(registry: RegistryId, issued: u64, root: PublicKey, log: &LogKey, index: IndexKey) -> Self {
        Self {
            registry,
            version: 1,
            prev: None,
            issued,
            expires: None,
            keys: vec![root],
            threshold: 1,
            log_policy: LogPolicy::unwitnessed(log),
            index: vec![index],
            attest: Vec::new(),
            moderation: Vec::new(),
            recovery: Vec::new(),
            max_staleness: MAX_STALENESS,
            min_age: 0,
        }
    }

    /// The bytes to sign.
    ///
    /// # Errors
    /// [`TrustRootError::Shape`] when it is one that would be refused.
    pub fn to_payload(&self) -> Result<Vec<u8>, TrustRootError> {
        self.check_shape()?;
        let raw = RawTrustRoot {
            registry: &self.registry,
            version: self.version,
            prev: self.prev,
            issued: self.issued,
            expires: self.expires,
            keys: print_keys(&self.keys),
            threshold: self.threshold,
            log_policy: self.log_policy.text(),
            index: self.index.iter().map(IndexKey::to_string).collect(),
            attest: print_keys(&self.attest),
            moderation: print_keys(&self.moderation),
            recovery: print_keys(&self.recovery),
            max_staleness: self.max_staleness,
            min_age: self.min_age,
        };
        serde_json::to_vec(&raw).map_err(|error| TrustRootError::Shape { reason: error.to_string() })
    }

    fn read(envelope: &Envelope) -> Result<Self, TrustRootError> {
        envelope.expect_type(dsse::TRUST_ROOT).map_err(TrustRootError::Sign)?;
        let unverified = Verified { payload: envelope.unverified_payload(), signers: BTreeSet::new() };
        let mut object = unverified.object().map_err(TrustRootError::Sign)?;
        let root = Self::take(&mut object)?;
        object.finish()?;
        root.check_shape()?;
        Ok(root)
    }

    fn take(object: &mut Object) -> Result<Self, TrustRootError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        let registry = RegistryId::parse(&object.text("registry")?).map_err(TrustRootError::Sign)?;
        let index = |vkey: String| {
            IndexKey::parse(&vkey).map_err(|error| TrustRootError::Shape { reason: error.to_string() })
        };
        Ok(Self {
            registry,
            version: object.number("version")?,
            prev: match object.text_or_null("prev")? {
                Some(hex) => Some(Digest::from_hex(&hex).map_err(|_| shape("prev", "a digest"))?),
                None => None,
            },
            issued: object.number("issued")?,
            expires: match object.take("expires")? {
                Json::Null => None,
                Json::Number(time) => Some(time),
                _ => return Err(shape("expires", "a whole number or null").into()),
            },
            keys: take_keys(object, "keys")?,
            threshold: object.number("threshold")?,
            log_policy: LogPolicy::parse(&object.text("log_policy")?).map_err(TrustRootError::Policy)?,
            index: object.texts("index")?.into_iter().map(index).collect::<Result<_, _>>()?,
            attest: take_keys(object, "attest")?,
            moderation: take_keys(object, "moderation")?,
            recovery: take_keys(object, "recovery")?,
            max_staleness: object.number("max_staleness")?,
            min_age: object.number("min_age")?,
        })
    }

    fn check_shape(&self) -> Result<(), TrustRootError> {
        let refuse = |reason: String| Err(TrustRootError::Shape { reason });
        if (self.version == 1) != self.prev.is_none() || self.version == 0 {
            return refuse(text::trust_root_version());
        }
        if self.threshold == 0 || self.threshold > self.keys.len() as u64 {
            return refuse(text::trust_root_threshold(self.threshold, self.keys.len() as u64));
        }
        let origin = LogKey::name_of(&self.registry);
        if self.log_policy.logs().is_empty() || self.log_policy.logs().iter().any(|key| key.name() != origin)
        {
            return refuse(text::trust_root_log(&origin));
        }
        let name = IndexKey::name_of(&self.registry);
        if self.index.is_empty() || self.index.iter().any(|key| key.name() != name) {
            return refuse(text::trust_root_index(&name));
        }
        Ok(())
    }
}

/// A trust root whose signatures and whose place in the chain have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTrustRoot {
    root: TrustRoot,
    envelope: Envelope,
}

impl VerifiedTrustRoot {
    /// Takes a trust root that is known by the digest of its envelope.
    ///
    /// # Errors
    /// [`TrustRootError::Pin`] when it is another one; [`TrustRootError::Sign`] when it is not signed by the
    /// threshold of its own keys; [`TrustRootError::Shape`], [`TrustRootError::Policy`] when it is malformed.
    pub fn pinned(envelope: &[u8], pin: &Digest) -> Result<Self, TrustRootError> {
        let got = Digest::of(envelope);
        if got != *pin {
            return Err(TrustRootError::Pin { expected: *pin, got });
        }
        Self::self_signed(envelope)
    }

    /// Takes a trust root out of one's own keeping, where only checked ones are put.
    ///
    /// # Errors
    /// As [`VerifiedTrustRoot::pinned`], but for the pin.
    pub fn self_signed(envelope: &[u8]) -> Result<Self, TrustRootError> {
        let envelope = Envelope::parse(envelope).map_err(TrustRootError::Sign)?;
        let root = TrustRoot::read(&envelope)?;
        check_signed(&envelope, &root)?;
        Ok(Self { root, envelope })
    }

    /// Checks the next trust root: number one higher, naming this one, signed by the threshold of both, with at
    /// least one log key and one index key in common.
    ///
    /// # Errors
    /// [`TrustRootError::Version`] when a number was skipped or goes back, [`TrustRootError::Prev`],
    /// [`TrustRootError::Registry`], [`TrustRootError::Overlap`]; otherwise as [`VerifiedTrustRoot::pinned`].
    pub fn advance(&self, envelope: &[u8]) -> Result<Self, TrustRootError> {
        let envelope = Envelope::parse(envelope).map_err(TrustRootError::Sign)?;
        let next = TrustRoot::read(&envelope)?;
        if next.registry != self.root.registry {
            return Err(TrustRootError::Registry {
                expected: self.root.registry.to_string(),
                got: next.registry.to_string(),
            });
        }
        if self.root.version.checked_add(1) != Some(next.version) {
            return Err(TrustRootError::Version { known: self.root.version, got: next.version });
        }
        if next.prev != Some(self.digest()) {
            return Err(TrustRootError::Prev { version: next.version });
        }
        check_signed(&envelope, &self.root)?;
        check_signed(&envelope, &next)?;
        let logs = |root: &TrustRoot| ordered::set(root.log_policy.logs().iter().map(LogKey::to_string));
        let indexes = |root: &TrustRoot| ordered::set(root.index.iter().map(IndexKey::to_string));
        if logs(&self.root).is_disjoint(&logs(&next)) || indexes(&self.root).is_disjoint(&indexes(&next)) {
            return Err(TrustRootError::Overlap { version: next.version });
        }
        Ok(Self { root: next, envelope })
    }

    /// What it says.
    pub fn root(&self) -> &TrustRoot {
        &self.root
    }

    /// The envelope, byte for byte.
    pub fn envelope(&self) -> &[u8] {
        self.envelope.as_bytes()
    }

    /// Digest of the envelope: what users pin.
    pub fn digest(&self) -> Digest {
        Digest::of(self.envelope())
    }
}

fn check_signed(envelope: &Envelope, by: &TrustRoot) -> Result<(), TrustRootError> {
    let threshold = usize::try_from(by.threshold).unwrap_or(usize::MAX);
    envelope.verify(dsse::TRUST_ROOT, &by.keys, threshold).map(|_| ()).map_err(TrustRootError::Sign)
}

/// A trust root is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustRootError {
    /// The envelope or a signature is refused.
    Sign(SignError),
    /// A member contradicts another.
    Shape {
        /// What is wrong.
        reason: String,
    },
    /// The log policy is refused.
    Policy(PolicyError),
    /// It is another one than was pinned.
    Pin {
        /// The pinned digest.
        expected: Digest,
        /// The digest of what was received.
        got: Digest,
    },
    /// It is of another registry.
    Registry {
        /// The registry asked.
        expected: String,
        /// The one named.
        got: String,
    },
    /// Its number is not one higher than the known one's.
    Version {
        /// Number of the known trust root.
        known: u64,
        /// Number of this one.
        got: u64,
    },
    /// It does not name the one before.
    Prev {
        /// Its number.
        version: u64,
    },
    /// It has no log key or no index key in common with the one before.
    Overlap {
        /// Its number.
        version: u64,
    },
}

impl From<JsonError> for TrustRootError {
    fn from(error: JsonError) -> Self {
        Self::Sign(malformed(error))
    }
}

impl From<SignError> for TrustRootError {
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}

impl Diagnose for TrustRootError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Sign(error) => error.diagnostic(),
            Self::Policy(error) => error.diagnostic(),
            Self::Shape { reason } => Diagnostic::new(Code::TrustRoot, text::trust_root_malformed(reason)),
            Self::Pin { expected, got } => Diagnostic::new(
                Code::TrustRoot,
                text::trust_root_pin(&got.to_string(), &expected.to_string()),
            )
            .with("expected", expected.to_string())
            .with("got", got.to_string()),
            Self::Registry { expected, got } => {
                Diagnostic::new(Code::RegistryMismatch, text::registry_mismatch(got, expected))
                    .with("expected", expected.as_str())
                    .with("got", got.as_str())
            }
            Self::Version { known, got } => {
                Diagnostic::new(Code::TrustRootRollback, text::trust_root_rollback(*known, *got))
            }
            Self::Prev { version } => Diagnostic::new(Code::TrustRoot, text::trust_root_prev(*version)),
            Self::Overlap { version } => Diagnostic::new(Code::TrustRoot, text::trust_root_overlap(*version)),
        }
    }
}
display_as_message!(TrustRootError);

#[cfg(test)]
mod tests;
