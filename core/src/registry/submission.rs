//! What an author hands in: signed envelopes. An author's secret key never leaves the author.
//!
//! The JSON form is what an API takes; envelopes stand in it as they were signed, byte for byte.

use crate::digest::Digest;
use crate::json::JsonError;
use crate::limits;
use crate::sign::Envelope;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Bytes of the JSON form at most.
pub const SUBMISSION_LEN: usize = 8 * 1024 * 1024;
/// Envelopes in a submission at most: what is submitted together is one batch of the log.
pub const SUBMISSION_ENVELOPES: usize = 256;

/// A release that is handed in; its archive is sent separately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedRelease {
    /// The signed release statement.
    pub envelope: Envelope,
    /// Digest of the whole archive file.
    pub file: Digest,
}

/// Everything that is to be logged together, all of it or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission {
    /// The next trust root. Only the registry's owner can sign one.
    pub trust_root: Option<Envelope>,
    /// Records of namespaces: new ones, or changes of keys.
    pub namespaces: Vec<Envelope>,
    /// Releases.
    pub releases: Vec<SubmittedRelease>,
    /// Changes of status.
    pub statuses: Vec<Envelope>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSubmission<'a> {
    version: u64,
    #[serde(borrow, default)]
    trust_root: Option<&'a RawValue>,
    #[serde(borrow, default)]
    namespaces: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    releases: Vec<RawRelease<'a>>,
    #[serde(borrow, default)]
    statuses: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRelease<'a> {
    #[serde(borrow)]
    envelope: &'a RawValue,
    file: String,
}

impl Submission {
    /// Reads the JSON form. No signature is checked.
    ///
    /// # Errors
    /// [`JsonError`] when it is longer than [`SUBMISSION_LEN`], has another version, more than
    /// [`SUBMISSION_ENVELOPES`] envelopes, an unknown member, or an envelope that is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        if bytes.len() > SUBMISSION_LEN {
            return Err(shape("", "a document of at most 8 MiB"));
        }
        let raw: RawSubmission<'_> =
            serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax { reason: error.to_string() })?;
        if raw.version != 1 {
            return Err(shape("version", "1"));
        }
        let count = raw.namespaces.len() + raw.releases.len() + raw.statuses.len();
        if count > SUBMISSION_ENVELOPES {
            return Err(shape("releases", "at most 256 envelopes together"));
        }
        let envelope = |member: &'static str, raw: &RawValue| {
            let bytes = raw.get().as_bytes();
            let fits = bytes.len() <= limits::ENVELOPE_LEN;
            fits.then(|| Envelope::parse(bytes).ok()).flatten().ok_or_else(|| shape(member, "an envelope"))
        };
        let all = |member: &'static str, raw: Vec<&RawValue>| -> Result<Vec<_>, JsonError> {
            raw.into_iter().map(|raw| envelope(member, raw)).collect()
        };
        let release = |raw: RawRelease<'_>| {
            Ok(SubmittedRelease {
                envelope: envelope("releases", raw.envelope)?,
                file: Digest::from_tagged(&raw.file).map_err(|_| shape("file", "a digest"))?,
            })
        };
        Ok(Self {
            trust_root: raw.trust_root.map(|raw| envelope("trust_root", raw)).transpose()?,
            namespaces: all("namespaces", raw.namespaces)?,
            releases: raw.releases.into_iter().map(release).collect::<Result<_, JsonError>>()?,
            statuses: all("statuses", raw.statuses)?,
        })
    }

    /// Writes the JSON form, in one line that ends in a line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |envelope: &Envelope| String::from_utf8_lossy(envelope.as_bytes()).into_owned();
        let list = |envelopes: &[Envelope]| envelopes.iter().map(text).collect::<Vec<_>>().join(",");
        let release = |release: &SubmittedRelease| {
            format!("{{\"envelope\":{},\"file\":\"{}\"}}", text(&release.envelope), release.file.tagged())
        };
        let releases: Vec<_> = self.releases.iter().map(release).collect();
        let trust_root = self.trust_root.as_ref().map_or_else(|| "null".to_owned(), text);
        format!(
            "{{\"version\":1,\"trust_root\":{trust_root},\"namespaces\":[{}],\"releases\":[{}],\"statuses\":[{}]}}\n",
            list(&self.namespaces),
            releases.join(","),
            list(&self.statuses),
        )
        .into_bytes()
    }

    /// Whether nothing is handed in.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::{SecretKey, dsse};

    #[test]
    fn the_json_form_keeps_every_envelope_byte_for_byte() {
        let key = SecretKey::from_seed(&[7; 32]);
        let envelope = |text: &str| Envelope::sign(dsse::STATUS, text.as_bytes(), &[&key]).unwrap();
        let submission = Submission {
            trust_root: Some(envelope("root")),
            namespaces: vec![envelope("one"), envelope("two")],
            releases: vec![SubmittedRelease { envelope: envelope("three"), file: Digest::of(b"file") }],
            statuses: vec![envelope("four")],
        };
        assert_eq!(Submission::parse(&submission.to_bytes()), Ok(submission.clone()));
        let text = String::from_utf8(submission.to_bytes()).unwrap();
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("\"namespaces\"", "\"namespace\""),
            ("\"file\":\"sha256:", "\"file\":\"sha1:"),
            ("\"payloadType\"", "\"type\""),
        ] {
            assert!(Submission::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{from}");
        }
        let many = Submission { statuses: vec![envelope("x"); 257], ..Submission::default() };
        assert!(Submission::parse(&many.to_bytes()).is_err());
        assert_eq!(Submission::parse(b"{\"version\":1}"), Ok(Submission::default()));
    }
}
