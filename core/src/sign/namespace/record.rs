//! One record of a namespace: its keys, what they may do, and which are revoked.

use super::NamespaceError;
use crate::digest::Digest;
use crate::json::{Json, JsonError, Object};
use crate::limits;
use crate::message::log as text;
use crate::name::{Namespace, PackageName};
use crate::ordered;
use crate::sign::key_map::{malformed, members, print_spki, take_key};
use crate::sign::{Envelope, KeyId, PublicKey, RegistryId, SignError, Verified, dsse};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// What a key of a namespace may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Change the record.
    Root,
    /// Release packages.
    Release,
    /// Yank and deprecate.
    Status,
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Root, Self::Release, Self::Status];

    /// The word in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Release => "release",
            Self::Status => "status",
        }
    }

    /// Reads the word; `None` for another.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// A key with what it may do. For releases and status, within its packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceKey {
    /// The key.
    pub key: PublicKey,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// `*`, or names of packages without the namespace.
    pub packages: BTreeSet<String>,
}

impl NamespaceKey {
    /// A key that may do everything in the namespace.
    pub fn owner(key: PublicKey) -> Self {
        Self { key, roles: ordered::set(Role::ALL), packages: ["*".to_owned()].into() }
    }

    fn covers(&self, package: &PackageName) -> bool {
        self.packages.contains("*") || self.packages.contains(package.base())
    }
}

/// How many keys of a role must sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Thresholds {
    /// For records.
    pub root: u64,
    /// For releases.
    pub release: u64,
    /// For status records.
    pub status: u64,
}

/// What makes a release trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleasePolicy {
    /// Signatures by release keys.
    Keys,
    /// An attested workflow identity.
    Oidc,
    /// One of the two.
    Either,
    /// Both.
    Both,
}

impl ReleasePolicy {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Keys, "keys"), (Self::Oidc, "oidc"), (Self::Either, "either"), (Self::Both, "both")];

    /// The word in records.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(policy, _)| *policy == self).map_or("keys", |(_, word)| word)
    }
}

/// A workflow that may release. Parsed and kept; attested releases are not accepted by this version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrustedPublisher {
    /// Address of the token issuer, compared as a string.
    pub issuer: String,
    /// Id of the account there.
    pub owner_id: String,
    /// Project.
    pub project: String,
    /// File name of the workflow.
    pub workflow: String,
    /// Environment it must run in.
    pub environment: Option<String>,
    /// Pattern of the ref it must run for.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// `*`, or names of packages without the namespace.
    pub packages: Vec<String>,
}

/// Why a key is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// Someone else may have it.
    Compromised,
    /// It is not used any more.
    Retired,
}

impl Serialize for RevocationReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl RevocationReason {
    /// The word in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compromised => "compromised",
            Self::Retired => "retired",
        }
    }

    /// Reads the word; `None` for another.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Compromised, Self::Retired].into_iter().find(|reason| reason.as_str() == word)
    }
}

/// From a log index on, what a key signed counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The key.
    pub key: KeyId,
    /// First log index at which it does not count. May lie in the past.
    pub since: u64,
    /// Why.
    pub reason: RevocationReason,
}

/// What one record of a namespace says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceRecord {
    /// The namespace.
    pub namespace: Namespace,
    /// Id of the registry.
    pub registry: RegistryId,
    /// Number, from 0, each next one more.
    pub seq: u64,
    /// Digest of the envelope of the record before.
    pub prev: Option<Digest>,
    /// The keys, ordered by id.
    pub keys: Vec<NamespaceKey>,
    /// How many of them must sign.
    pub threshold: Thresholds,
    /// What makes a release trusted.
    pub release_policy: ReleasePolicy,
    /// Workflows that may release.
    pub trusted_publishers: Vec<TrustedPublisher>,
    /// Revoked keys; entries never disappear.
    pub revoked: Vec<Revocation>,
}

#[derive(Serialize)]
struct RawRecord<'a> {
    namespace: &'a str,
    registry: &'a RegistryId,
    seq: u64,
    prev: Option<Digest>,
    keys: BTreeMap<String, RawKey<'a>>,
    threshold: Thresholds,
    policy: RawPolicy,
    trusted_publishers: &'a [TrustedPublisher],
    revoked: Vec<RawRevocation>,
}

#[derive(Serialize)]
struct RawKey<'a> {
    spki: String,
    roles: Vec<&'static str>,
    packages: &'a BTreeSet<String>,
}

impl<'a> RawKey<'a> {
    fn of(key: &'a NamespaceKey) -> Self {
        let roles = key.roles.iter().map(|role| role.as_str()).collect();
        Self { spki: print_spki(&key.key), roles, packages: &key.packages }
    }
}

#[derive(Serialize)]
struct RawPolicy {
    release: &'static str,
}

#[derive(Serialize)]
struct RawRevocation {
    keyid: KeyId,
    since: u64,
    reason: &'static str,
}

impl NamespaceRecord {
    /// The first record of a namespace, owned by one key.
    pub fn first(namespace: Namespace, registry: RegistryId, owner: PublicKey) -> Self {
        Self {
            namespace,
            registry,
            seq: 0,
            prev: None,
            keys: vec![NamespaceKey::owner(owner)],
            threshold: Thresholds { root: 1, release: 1, status: 1 },
            release_policy: ReleasePolicy::Keys,
            trusted_publishers: Vec::new(),
            revoked: Vec::new(),
        }
    }

    /// The bytes to sign.
    ///
    /// # Errors
    /// [`NamespaceError::Shape`] when it is one that would be refused.
    pub fn to_payload(&self) -> Result<Vec<u8>, NamespaceError> {
        self.check_shape()?;
        let revoked = |revocation: &Revocation| RawRevocation {
            keyid: revocation.key,
            since: revocation.since,
            reason: revocation.reason.as_str(),
        };
        let raw = RawRecord {
            namespace: self.namespace.as_str(),
            registry: &self.registry,
            seq: self.seq,
            prev: self.prev,
            keys: self.keys.iter().map(|key| (key.key.id().to_string(), RawKey::of(key))).collect(),
            threshold: self.threshold,
            policy: RawPolicy { release: self.release_policy.as_str() },
            trusted_publishers: &self.trusted_publishers,
            revoked: self.revoked.iter().map(revoked).collect(),
        };
        serde_json::to_vec(&raw).map_err(|error| NamespaceError::Shape { reason: error.to_string() })
    }

    /// Reads what an envelope says. Whether the right keys signed it depends on the chain it is in.
    ///
    /// # Errors
    /// [`NamespaceError::Sign`] when the envelope is of another type or its payload is malformed,
    /// [`NamespaceError::Shape`] when members contradict one another.
    pub fn unverified(envelope: &Envelope) -> Result<Self, NamespaceError> {
        envelope.expect_type(dsse::NAMESPACE).map_err(NamespaceError::Sign)?;
        let unverified = Verified { payload: envelope.unverified_payload(), signers: BTreeSet::new() };
        let mut object = unverified.object().map_err(NamespaceError::Sign)?;
        let record = Self::take(&mut object).map_err(NamespaceError::Sign)?;
        object.finish().map_err(malformed).map_err(NamespaceError::Sign)?;
        record.check_shape()?;
        Ok(record)
    }

    fn take(object: &mut Object) -> Result<Self, SignError> {
        let namespace = object.text("namespace").map_err(malformed)?;
        let registry = object.text("registry").map_err(malformed)?;
        let mut keys = Vec::new();
        let seq = object.number("seq").map_err(malformed)?;
        let prev = match object.text_or_null("prev").map_err(malformed)? {
            Some(hex) => Some(Digest::from_hex(&hex).map_err(|_| shape("prev", "a digest"))?),
            None => None,
        };
        for (id, value) in members(object, "keys")? {
            let Json::Object(mut value) = value else { return Err(shape("keys", "an object of objects")) };
            let role =
                |word: String| Role::parse(&word).ok_or_else(|| shape("roles", "root, release and status"));
            let key = take_key(&id, &mut value)?;
            let roles = value.texts("roles").map_err(malformed)?.into_iter().map(role);
            let parsed = NamespaceKey {
                key,
                roles: ordered::set(roles.collect::<Result<Vec<_>, _>>()?),
                packages: ordered::set(value.texts("packages").map_err(malformed)?),
            };
            value.finish().map_err(malformed)?;
            keys.push(parsed);
        }
        ordered::sort_by(&mut keys, |a, b| a.key.id().cmp(&b.key.id()));
        let mut threshold = object.object("threshold").map_err(malformed)?;
        let thresholds = Thresholds {
            root: threshold.number("root").map_err(malformed)?,
            release: threshold.number("release").map_err(malformed)?,
            status: threshold.number("status").map_err(malformed)?,
        };
        threshold.finish().map_err(malformed)?;
        let mut policy = object.object("policy").map_err(malformed)?;
        let word = policy.text("release").map_err(malformed)?;
        policy.finish().map_err(malformed)?;
        let release_policy = ReleasePolicy::ALL.iter().find(|(_, known)| *known == word);
        let publishers = object.list("trusted_publishers").map_err(malformed)?;
        let revoked = object.list("revoked").map_err(malformed)?;
        Ok(Self {
            namespace: Namespace::parse(&namespace).map_err(|_| shape("namespace", "a namespace"))?,
            registry: RegistryId::parse(&registry)?,
            seq,
            prev,
            keys,
            threshold: thresholds,
            release_policy: release_policy.ok_or_else(|| shape("release", "keys, oidc, either or both"))?.0,
            trusted_publishers: publishers.into_iter().map(take_publisher).collect::<Result<_, _>>()?,
            revoked: revoked.into_iter().map(take_revocation).collect::<Result<_, _>>()?,
        })
    }

    fn check_shape(&self) -> Result<(), NamespaceError> {
        let refuse = |reason: String| Err(NamespaceError::Shape { reason });
        if self.keys.is_empty() || self.keys.len() > limits::NAMESPACE_KEYS {
            return refuse(text::namespace_keys(self.keys.len() as u64, limits::NAMESPACE_KEYS as u64));
        }
        let ids = ordered::set(self.keys.iter().map(|key| key.key.id()));
        if ids.len() != self.keys.len() {
            return refuse(text::namespace_key_twice());
        }
        for role in Role::ALL {
            let (needed, there) =
                (self.threshold(role), self.keys.iter().filter(|key| key.roles.contains(&role)).count());
            if needed == 0 || needed > there as u64 {
                return refuse(text::namespace_threshold(role.as_str(), needed, there as u64));
            }
        }
        for pattern in self.keys.iter().flat_map(|key| &key.packages) {
            if pattern != "*" && (pattern.contains('/') || PackageName::parse(pattern).is_err()) {
                return refuse(text::namespace_pattern(pattern));
            }
        }
        if (self.seq == 0) != self.prev.is_none() {
            return refuse(text::namespace_prev(self.seq));
        }
        let revoked = ordered::set(self.revoked.iter().map(|revocation| revocation.key));
        if revoked.len() != self.revoked.len() {
            return refuse(text::namespace_key_twice());
        }
        Ok(())
    }

    /// How many keys of the role must sign.
    pub fn threshold(&self, role: Role) -> u64 {
        match role {
            Role::Root => self.threshold.root,
            Role::Release => self.threshold.release,
            Role::Status => self.threshold.status,
        }
    }

    /// The keys that hold `role`; for releases and status of `package`, if one is given.
    pub fn keys_of(&self, role: Role, package: Option<&PackageName>) -> Vec<PublicKey> {
        let holds = |key: &&NamespaceKey| {
            key.roles.contains(&role) && package.is_none_or(|package| key.covers(package))
        };
        self.keys.iter().filter(holds).map(|key| key.key.clone()).collect()
    }

    /// Whether the record says that `key` does not count at log index `at`.
    pub fn revokes(&self, key: KeyId, at: u64) -> Option<&Revocation> {
        self.revoked.iter().find(|revocation| revocation.key == key && revocation.since <= at)
    }
}

fn take_publisher(value: Json) -> Result<TrustedPublisher, SignError> {
    let Json::Object(mut object) = value else {
        return Err(shape("trusted_publishers", "an array of objects"));
    };
    let publisher = TrustedPublisher {
        issuer: object.text("issuer").map_err(malformed)?,
        owner_id: object.text("owner_id").map_err(malformed)?,
        project: object.text("project").map_err(malformed)?,
        workflow: object.text("workflow").map_err(malformed)?,
        environment: object.text_or_null("environment").map_err(malformed)?,
        reference: object.text_or_null("ref").map_err(malformed)?,
        packages: object.texts("packages").map_err(malformed)?,
    };
    object.finish().map_err(malformed)?;
    Ok(publisher)
}

fn take_revocation(value: Json) -> Result<Revocation, SignError> {
    let Json::Object(mut object) = value else { return Err(shape("revoked", "an array of objects")) };
    let revocation = Revocation {
        key: KeyId::parse(&object.text("keyid").map_err(malformed)?)?,
        since: object.number("since").map_err(malformed)?,
        reason: RevocationReason::parse(&object.text("reason").map_err(malformed)?)
            .ok_or_else(|| shape("reason", "compromised or retired"))?,
    };
    object.finish().map_err(malformed)?;
    Ok(revocation)
}

fn shape(member: &str, wanted: &'static str) -> SignError {
    malformed(JsonError::Shape { member: member.to_owned(), wanted })
}
