//! What was seen of a registry before, so that it cannot go back on it. Trust document, section 8.

use crate::digest::Digest;
use crate::json::{Json, JsonError};
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::sign::VerifiedTrustRoot;
use std::collections::BTreeMap;

/// The newest record of a namespace that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenRecord {
    /// Its number.
    pub seq: u64,
    /// Digest of its envelope.
    pub envelope: Digest,
}

/// What was seen of one registry, all of it checked. Nothing is lost when it is: the next look counts as the first.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The newest trust root.
    pub trust: Option<VerifiedTrustRoot>,
    /// The newest checkpoint, as a note.
    pub checkpoint: Option<Vec<u8>>,
    /// The newest record of each namespace.
    pub namespaces: BTreeMap<String, SeenRecord>,
    /// `rev` of the newest index file of each package.
    pub packages: BTreeMap<String, u64>,
}

impl Memory {
    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`JsonError`] when it is another document, or its trust root is not signed by its own keys.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        let mut object = Json::parse_object(bytes, 3)?;
        if object.number("v")? != 1 {
            return Err(shape("v", "1"));
        }
        let mut memory = Self::default();
        if let Some(envelope) = object.text_or_null("trust")? {
            let trust = VerifiedTrustRoot::own(envelope.as_bytes());
            memory.trust = Some(trust.map_err(|_| shape("trust", "a signed trust root"))?);
        }
        memory.checkpoint = object.text_or_null("checkpoint")?.map(String::into_bytes);
        for (name, value) in object.object("namespaces")?.into_members() {
            let Json::Object(mut value) = value else {
                return Err(shape("namespaces", "an object of objects"));
            };
            let envelope =
                Digest::from_hex(&value.text("envelope")?).map_err(|_| shape("envelope", "a digest"))?;
            memory.namespaces.insert(name, SeenRecord { seq: value.number("seq")?, envelope });
            value.finish()?;
        }
        for (name, value) in object.object("packages")?.into_members() {
            let Json::Number(rev) = value else { return Err(shape("packages", "an object of numbers")) };
            memory.packages.insert(name, rev);
        }
        object.finish()?;
        Ok(memory)
    }

    /// Writes it as JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let namespaces: serde_json::Map<_, _> = self
            .namespaces
            .iter()
            .map(|(name, seen)| {
                let record = serde_json::json!({"seq": seen.seq, "envelope": seen.envelope.to_string()});
                (name.clone(), record)
            })
            .collect();
        let memory = serde_json::json!({
            "v": 1,
            "trust": self.trust.as_ref().map(|trust| text(trust.envelope())),
            "checkpoint": self.checkpoint.as_deref().map(text),
            "namespaces": namespaces,
            "packages": self.packages,
        });
        memory.to_string().into_bytes()
    }

    /// Takes over what `other`, which was checked at the same time elsewhere, has seen beyond this.
    #[must_use]
    pub fn keep_larger(mut self, other: Self) -> Self {
        let version = |memory: &Self| memory.trust.as_ref().map(|trust| trust.root().version);
        if version(&other) > version(&self) {
            self.trust = other.trust.clone();
        }
        if other.size() > self.size() {
            self.checkpoint = other.checkpoint;
        }
        for (name, seen) in other.namespaces {
            let known = self.namespaces.entry(name).or_insert(seen);
            if known.seq < seen.seq {
                *known = seen;
            }
        }
        for (name, rev) in other.packages {
            let known = self.packages.entry(name).or_insert(rev);
            *known = (*known).max(rev);
        }
        self
    }

    /// Leaves of the checkpoint, if it is one by the trust root's policy.
    fn size(&self) -> Option<u64> {
        let policy = &self.trust.as_ref()?.root().log_policy;
        Some(VerifiedCheckpoint::open(self.checkpoint.as_deref()?, policy).ok()?.size())
    }
}
