//! Signed envelopes: DSSE 1.0.2, with the limits of the trust document, section 4.
//!
//! A signature covers the pre-authentication encoding (PAE) of the payload's type and bytes. The payload is
//! decoded once, checked as bytes, and only those same bytes are parsed afterwards.
//!
//! ```
//! use vitte_package_core::sign::{Envelope, SecretKey, dsse};
//!
//! # fn main() -> Result<(), vitte_package_core::sign::SignError> {
//! let secret = SecretKey::from_seed(&[7; 32]);
//! let envelope = Envelope::sign(dsse::RELEASE, b"{}", &[&secret])?;
//! let read = Envelope::parse(envelope.as_bytes())?;
//! // The key ids in an envelope are claims; a signature counts by the key that verifies it.
//! assert_eq!(read.claimed_signers(), [secret.id()]);
//! assert!(read.signers(&[secret.public()])?.contains(&secret.id()));
//! let other = SecretKey::from_seed(&[8; 32]).public();
//! assert!(read.signers(&[other])?.is_empty());
//! # Ok(())
//! # }
//! ```

use crate::json::{Json, JsonError, Object};
use crate::limits;
use crate::message::{signing as text, term};
use crate::ordered;
use crate::sign::{KeyId, PublicKey, SecretKey, SignError, Signature};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::collections::BTreeSet;

/// Payload type of a release statement.
pub const RELEASE: &str = "application/vnd.in-toto+json";
/// Payload type of a namespace record.
pub const NAMESPACE: &str = "application/vnd.vitte.namespace.v1+json";
/// Payload type of a status record.
pub const STATUS: &str = "application/vnd.vitte.status.v1+json";
/// Payload type of a trust root.
pub const TRUST_ROOT: &str = "application/vnd.vitte.trust-root.v1+json";

/// The bytes that are signed: `DSSEv1 <len> <type> <len> <body>`.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// A payload with signatures over it, not yet known to be valid. Keeps the bytes it was read from.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    bytes: Vec<u8>,
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Hinted>,
}

/// A signature and what its `keyid` says, which nobody vouches for.
#[derive(Clone, PartialEq, Eq)]
struct Hinted {
    hint: Hint,
    signature: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    /// Absent or empty: any key may fit.
    Open,
    Key(KeyId),
    /// A name of another scheme: never one of our keys.
    Foreign,
}

impl Envelope {
    /// Signs `payload` with each key and writes the envelope.
    ///
    /// # Errors
    /// [`SignError::Envelope`] when there is no key, more than 16, or the envelope would pass 49,152 bytes.
    pub fn sign(payload_type: &str, payload: &[u8], keys: &[&SecretKey]) -> Result<Self, SignError> {
        let message = pae(payload_type, payload);
        let sign = |key: &&SecretKey| (key.id(), key.sign(&message));
        Self::assemble(payload_type, payload, &keys.iter().map(sign).collect::<Vec<_>>())
    }

    /// Writes an envelope around signatures that were made elsewhere, for example by a hardware key.
    ///
    /// # Errors
    /// [`SignError::Envelope`] when there is no signature, more than 16, or the envelope would pass 49,152
    /// bytes.
    pub fn assemble(
        payload_type: &str,
        payload: &[u8],
        signatures: &[(KeyId, Signature)],
    ) -> Result<Self, SignError> {
        let members: Vec<String> = signatures
            .iter()
            .map(|(key, signature)| {
                format!(r#"{{"keyid":"{key}","sig":"{}"}}"#, STANDARD.encode(signature.as_bytes()))
            })
            .collect();
        let written = format!(
            r#"{{"payloadType":{},"payload":"{}","signatures":[{}]}}"#,
            serde_json::Value::from(payload_type),
            STANDARD.encode(payload),
            members.join(",")
        );
        Self::parse(written.as_bytes())
    }

    /// Reads an envelope: one line of JSON with exactly the members `payloadType`, `payload` and
    /// `signatures`, at most 49,152 bytes, 1 to 16 signatures, canonical base64 of the standard or the
    /// URL-safe alphabet.
    ///
    /// # Errors
    /// [`SignError::Envelope`] with the reason.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignError> {
        if bytes.len() > limits::ENVELOPE_LEN {
            return Err(refuse(text::envelope_length(limits::ENVELOPE_LEN as u64)));
        }
        // Object, array of signatures, object.
        Self::from_object(bytes, Json::parse_object(bytes, 3).map_err(malformed)?)
    }

    pub(super) fn from_object(bytes: &[u8], mut object: Object) -> Result<Self, SignError> {
        if bytes.len() > limits::ENVELOPE_LEN {
            return Err(refuse(text::envelope_length(limits::ENVELOPE_LEN as u64)));
        }
        if bytes.contains(&b'\n') || bytes.contains(&b'\r') {
            return Err(refuse(text::envelope_line()));
        }
        let payload_type = object.text("payloadType").map_err(malformed)?;
        let payload = decode("payload", &object.text("payload").map_err(malformed)?)?;
        let entries = object.list("signatures").map_err(malformed)?;
        object.finish().map_err(malformed)?;
        if entries.is_empty() || entries.len() > limits::ENVELOPE_SIGNATURES {
            return Err(refuse(text::envelope_signatures(
                entries.len() as u64,
                limits::ENVELOPE_SIGNATURES as u64,
            )));
        }
        let signatures = entries.into_iter().map(Hinted::read).collect::<Result<_, _>>()?;
        Ok(Self { bytes: bytes.to_vec(), payload_type, payload, signatures })
    }

    /// The bytes the envelope was read from or written as.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the envelope says its payload is. Covered by the signatures.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The decoded payload. **Nobody vouches for it**: [`Envelope::verify`] gives bytes that are vouched for.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The key ids written next to the signatures. Nobody vouches for them either.
    pub fn claimed_signers(&self) -> Vec<KeyId> {
        let claimed = |entry: &Hinted| match entry.hint {
            Hint::Key(key) => Some(key),
            Hint::Open | Hint::Foreign => None,
        };
        ordered::set(self.signatures.iter().filter_map(claimed)).into_iter().collect()
    }

    /// Which of the `allowed` keys have signed.
    ///
    /// A `keyid` only chooses the key to try: one that names no allowed key is passed over, an absent one
    /// means trying all. Each key counts once, however often it has signed.
    ///
    /// # Errors
    /// [`SignError::Signature`] when a `keyid` names an allowed key and the signature is not that key's.
    pub fn signers(&self, allowed: &[PublicKey]) -> Result<BTreeSet<KeyId>, SignError> {
        let message = pae(&self.payload_type, &self.payload);
        let mut signers = BTreeSet::new();
        for entry in &self.signatures {
            let signature = <[u8; Signature::LEN]>::try_from(entry.signature.as_slice());
            let valid = |key: &&PublicKey| match signature {
                Ok(bytes) => key.verify(&message, &Signature::from_bytes(bytes)).is_ok(),
                Err(_) => false,
            };
            match entry.hint {
                Hint::Foreign => {}
                Hint::Open => signers.extend(allowed.iter().find(valid).map(PublicKey::id)),
                Hint::Key(id) => {
                    let Some(key) = allowed.iter().find(|key| key.id() == id) else { continue };
                    if !valid(&key) {
                        return Err(SignError::Signature { key: id });
                    }
                    signers.insert(id);
                }
            }
        }
        Ok(signers)
    }

    /// Checks that at least `threshold` distinct `allowed` keys have signed a payload of the expected type,
    /// and gives out that payload. A threshold of 0 counts as 1.
    ///
    /// # Errors
    /// In this order: [`SignError::Signature`] as [`Envelope::signers`], [`SignError::Threshold`],
    /// [`SignError::PayloadType`].
    pub fn verify(
        &self,
        expected_type: &str,
        allowed: &[PublicKey],
        threshold: usize,
    ) -> Result<Verified<'_>, SignError> {
        let signers = self.signers(allowed)?;
        let needed = threshold.max(1);
        if signers.len() < needed {
            return Err(SignError::Threshold { needed, got: signers.len() });
        }
        self.expect_type(expected_type)?;
        Ok(Verified { payload: &self.payload, signers })
    }

    pub(crate) fn expect_type(&self, expected: &str) -> Result<(), SignError> {
        if self.payload_type == expected {
            return Ok(());
        }
        let got = self.payload_type.chars().take(120).collect();
        Err(SignError::PayloadType { expected: expected.to_owned(), got })
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let claimed = self.claimed_signers();
        write!(f, "Envelope({}, {} bytes, {claimed:?})", self.payload_type, self.payload.len())
    }
}

impl Hinted {
    fn read(entry: Json) -> Result<Self, SignError> {
        let Json::Object(mut object) = entry else {
            return Err(refuse(text::json_shape("signatures", term("an array of objects"))));
        };
        let hint = match object.take_optional("keyid") {
            None => Hint::Open,
            Some(Json::Text(text)) if text.is_empty() => Hint::Open,
            Some(Json::Text(text)) => KeyId::parse(&text).map_or(Hint::Foreign, Hint::Key),
            Some(_) => return Err(refuse(text::json_shape("keyid", term("a string")))),
        };
        let signature = decode("sig", &object.text("sig").map_err(malformed)?)?;
        object.finish().map_err(malformed)?;
        Ok(Self { hint, signature })
    }
}

/// A payload that enough allowed keys have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<'a> {
    /// The signed bytes.
    pub payload: &'a [u8],
    /// The keys that have signed, allowed ones only.
    pub signers: BTreeSet<KeyId>,
}

impl Verified<'_> {
    /// Parses the payload as a JSON object of at most 16 levels.
    ///
    /// # Errors
    /// [`SignError::Envelope`] with the reason.
    pub fn object(&self) -> Result<Object, SignError> {
        Json::parse_object(self.payload, limits::PAYLOAD_NESTING).map_err(malformed)
    }
}

fn decode(member: &str, given: &str) -> Result<Vec<u8>, SignError> {
    STANDARD.decode(given).or_else(|_| URL_SAFE.decode(given)).map_err(|_| refuse(text::base64(member)))
}

fn refuse(reason: String) -> SignError {
    SignError::Envelope { reason }
}

fn malformed(error: JsonError) -> SignError {
    SignError::Envelope { reason: error.reason() }
}

#[cfg(test)]
mod tests;
