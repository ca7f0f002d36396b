//! What was seen of a registry before, so that it cannot go back on it. Trust document, section 8.

use super::ReleaseProofError;
use super::continuity::compare_kept;
use crate::digest::Digest;
use crate::json::{Json, JsonError, Object};
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::registry::VerifiedTrustRoot;
use crate::registry::trust_root::TrustRootError;
use std::collections::BTreeMap;

/// The newest record of a namespace that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenRecord {
    /// Its number.
    pub seq: u64,
    /// Digest of its envelope.
    pub envelope: Digest,
}

/// What a registry may not go back on; every number only rises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The newest record of each namespace.
    pub namespaces: BTreeMap<String, SeenRecord>,
    /// `rev` of the newest index file of each package.
    pub packages: BTreeMap<String, u64>,
}

impl Seen {
    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`JsonError`] when it is another document.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = document(bytes)?;
        let seen = Self::take(&mut object)?;
        object.finish()?;
        Ok(seen)
    }

    /// Writes it as JSON: `{"v":1,"namespaces":{NAME:{"seq","envelope"}},"packages":{NAME:REV}}`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (namespaces, packages) = (self.namespaces_json(), &self.packages);
        serde_json::json!({"v": VERSION, "namespaces": namespaces, "packages": packages})
            .to_string()
            .into_bytes()
    }

    /// Checks that `other` has seen no other record of a namespace under the same number.
    ///
    /// # Errors
    /// [`ReleaseProofError::Forgotten`] when it has.
    pub fn check_agrees(&self, other: &Self) -> Result<(), ReleaseProofError> {
        for (name, seen) in &other.namespaces {
            let known = self.namespaces.get(name);
            if known.is_some_and(|known| known.seq == seen.seq && known.envelope != seen.envelope) {
                return Err(ReleaseProofError::Forgotten { namespace: name.clone(), seq: seen.seq });
            }
        }
        Ok(())
    }

    /// Takes over what `other` has seen beyond this.
    pub fn keep_larger(&mut self, other: Self) {
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
    }

    fn take(object: &mut Object) -> Result<Self, JsonError> {
        let mut seen = Self::default();
        for (name, value) in object.object("namespaces")?.into_members() {
            let Json::Object(mut value) = value else {
                return Err(shape("namespaces", "an object of objects"));
            };
            let envelope =
                Digest::from_hex(&value.text("envelope")?).map_err(|_| shape("envelope", "a digest"))?;
            seen.namespaces.insert(name, SeenRecord { seq: value.number("seq")?, envelope });
            value.finish()?;
        }
        for (name, value) in object.object("packages")?.into_members() {
            let Json::Number(rev) = value else { return Err(shape("packages", "an object of numbers")) };
            seen.packages.insert(name, rev);
        }
        Ok(seen)
    }

    fn namespaces_json(&self) -> serde_json::Map<String, serde_json::Value> {
        let record =
            |seen: &SeenRecord| serde_json::json!({"seq": seen.seq, "envelope": seen.envelope.to_string()});
        self.namespaces.iter().map(|(name, seen)| (name.clone(), record(seen))).collect()
    }
}

/// Of the documents here.
const VERSION: u64 = 1;

fn document(bytes: &[u8]) -> Result<Object, JsonError> {
    let mut object = Json::parse_object(bytes, 3)?;
    match object.number("v")? {
        VERSION => Ok(object),
        _ => Err(shape("v", "1")),
    }
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

/// What was seen of one registry, all of it checked. Nothing is lost when it is: the next look counts as the first.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The newest trust root.
    pub trust: Option<VerifiedTrustRoot>,
    /// The newest checkpoint, as a note.
    pub checkpoint: Option<Vec<u8>>,
    /// The right edge of its log, as [`LogTiles::edge`](crate::log::proof::LogTiles::edge) wrote it.
    pub edge: Option<String>,
    /// Its namespaces and packages.
    pub seen: Seen,
}

impl Memory {
    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`JsonError`] when it is another document, or its trust root is not signed by its own keys.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = document(bytes)?;
        let mut memory = Self::default();
        if let Some(envelope) = object.text_or_null("trust")? {
            let trust = VerifiedTrustRoot::self_signed(envelope.as_bytes());
            memory.trust = Some(trust.map_err(|_| shape("trust", "a signed trust root"))?);
        }
        memory.checkpoint = object.text_or_null("checkpoint")?.map(String::into_bytes);
        memory.edge = match object.take_optional("edge") {
            None | Some(Json::Null) => None,
            Some(Json::Text(edge)) => Some(edge),
            Some(_) => return Err(shape("edge", "a string or null")),
        };
        memory.seen = Seen::take(&mut object)?;
        object.finish()?;
        Ok(memory)
    }

    /// Writes it as JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let memory = serde_json::json!({
            "v": VERSION,
            "trust": self.trust.as_ref().map(|trust| text(trust.envelope())),
            "checkpoint": self.checkpoint.as_deref().map(text),
            "edge": self.edge,
            "namespaces": self.seen.namespaces_json(),
            "packages": self.seen.packages,
        });
        memory.to_string().into_bytes()
    }

    /// Takes over what `other`, which was checked at the same time elsewhere, has seen beyond this. What one of them saw
    /// of a log whose key the newer trust root dropped is forgotten. Where neither log can be shown to continue the
    /// other nor to contradict it, this memory stays as it is.
    ///
    /// # Errors
    /// [`ReleaseProofError::SplitView`] when the two logs contradict each other, [`ReleaseProofError::Forgotten`] when
    /// they have seen different records of a namespace under one number, and
    /// [`ReleaseProofError::TrustRoot`] when they have seen different trust roots of one version.
    pub fn merge(mut self, mut other: Self) -> Result<Self, ReleaseProofError> {
        let before = self.clone();
        if let (Some(one), Some(two)) = (&self.trust, &other.trust)
            && one.root().version == two.root().version
            && one.digest() != two.digest()
        {
            let version = one.root().version;
            return Err(TrustRootError::Version { known: version, got: version }.into());
        }
        let version = |memory: &Self| memory.trust.as_ref().map(|trust| trust.root().version);
        if version(&other) > version(&self) {
            self.trust = other.trust.clone();
        }
        other.trust.clone_from(&self.trust);
        for memory in [&mut self, &mut other] {
            if memory.is_of_a_dropped_log() {
                memory.forget_log();
            }
        }
        if let (Some(kept), Some(seen)) = (self.log(), other.log()) {
            let edges = [self.edge.as_deref(), other.edge.as_deref()];
            if !compare_kept(&kept, &seen, edges)? {
                return Ok(before);
            }
        }
        if other.size() > self.size() {
            (self.checkpoint, self.edge) = (other.checkpoint.take(), other.edge.take());
        } else if other.size() == self.size() && self.edge.is_none() {
            self.edge = other.edge.take();
        }
        self.seen.check_agrees(&other.seen)?;
        self.seen.keep_larger(other.seen);
        Ok(self)
    }

    /// Forgets what was seen of a log whose key no longer counts: the trust root alone is still to be trusted.
    pub(super) fn forget_log(&mut self) {
        *self = Self { trust: self.trust.take(), ..Self::default() };
    }

    fn is_of_a_dropped_log(&self) -> bool {
        match (&self.trust, &self.checkpoint) {
            (Some(trust), Some(note)) => {
                matches!(VerifiedCheckpoint::reopen(note, &trust.root().log_policy), Ok(None))
            }
            _ => false,
        }
    }

    /// The checkpoint, if a log key of the trust root signed it.
    fn log(&self) -> Option<VerifiedCheckpoint> {
        let policy = &self.trust.as_ref()?.root().log_policy;
        VerifiedCheckpoint::reopen(self.checkpoint.as_deref()?, policy).ok()?
    }

    /// Leaves of that checkpoint.
    fn size(&self) -> Option<u64> {
        self.log().map(|checkpoint| checkpoint.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(seq: u64) -> SeenRecord {
        SeenRecord { seq, envelope: Digest::of(&[seq as u8]) }
    }

    #[test]
    fn what_was_seen_is_read_back_and_only_rises() {
        let mut before = Seen::default();
        before.namespaces.insert("roussov".into(), seen(2));
        before.packages.insert("roussov/math".into(), 7);
        assert_eq!(Seen::parse(&before.to_bytes()), Ok(before.clone()));
        let mut other = Seen::default();
        other.namespaces.insert("roussov".into(), seen(1));
        other.packages.insert("roussov/math".into(), 9);
        other.packages.insert("roussov/plot".into(), 1);
        before.keep_larger(other);
        assert_eq!(before.namespaces["roussov"], seen(2));
        assert_eq!((before.packages["roussov/math"], before.packages["roussov/plot"]), (9, 1));
        assert!(Seen::parse(b"{}").is_err());
    }
}
