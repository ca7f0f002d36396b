//! What the SIGS frame of an archive holds: envelopes, then at most one stapled bundle of proofs.
//!
//! Source: archive format document, section 7; trust document, section 9.

use crate::json::Json;
use crate::limits;
use crate::message::signing as text;
use crate::sign::{Envelope, SignError};
use serde::de::{Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The member that tells a bundle from an envelope; its value is the bundle's version.
const BUNDLE: &str = "vitte-bundle";
/// Levels of nesting in a bundle.
const BUNDLE_NESTING: usize = 8;

/// The payload of the SIGS frame, parts kept byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    envelopes: Vec<Envelope>,
    bundle: Option<String>,
}

impl Signatures {
    /// No signature, no bundle.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads the payload: nothing at all, or a JSON array of at most 16 envelopes, then at most one bundle
    /// `{"vitte-bundle":1,...}`, in at most 262,144 bytes.
    ///
    /// # Errors
    /// [`SignError::SigsTooLong`] beyond that length; [`SignError::Envelope`] with the reason otherwise.
    pub fn parse(payload: &[u8]) -> Result<Self, SignError> {
        if payload.len() > limits::SIGS_LEN as usize {
            return Err(SignError::SigsTooLong);
        }
        if payload.is_empty() {
            return Ok(Self::none());
        }
        let refuse = |error: serde_json::Error| SignError::Envelope { reason: error.to_string() };
        let mut reader = serde_json::Deserializer::from_slice(payload);
        let elements = (&mut reader).deserialize_seq(Elements).map_err(refuse)?;
        reader.end().map_err(refuse)?;
        let mut signatures = Self::none();
        for element in elements {
            if signatures.bundle.is_some() {
                return Err(SignError::Envelope { reason: text::bundle_last() });
            }
            signatures.read(element.get())?;
        }
        Ok(signatures)
    }

    fn read(&mut self, element: &str) -> Result<(), SignError> {
        let mut object = Json::parse_object(element.as_bytes(), BUNDLE_NESTING)
            .map_err(|error| SignError::Envelope { reason: error.reason() })?;
        match object.take_optional(BUNDLE) {
            None if self.envelopes.len() == limits::SIGS_ENVELOPES => {
                Err(SignError::Envelope { reason: text::sigs_envelopes(limits::SIGS_ENVELOPES as u64) })
            }
            None => {
                self.envelopes.push(Envelope::from_object(element.as_bytes(), object)?);
                Ok(())
            }
            Some(Json::Number(1)) => {
                self.bundle = Some(element.to_owned());
                Ok(())
            }
            Some(_) => Err(SignError::Envelope { reason: text::bundle_version() }),
        }
    }

    /// The envelopes, in order.
    pub fn envelopes(&self) -> &[Envelope] {
        &self.envelopes
    }

    /// The stapled bundle, verbatim.
    pub fn bundle(&self) -> Option<&str> {
        self.bundle.as_deref()
    }

    /// Whether there is no envelope.
    pub fn is_unsigned(&self) -> bool {
        self.envelopes.is_empty()
    }

    /// Adds an envelope unless the same bytes are there already.
    ///
    /// # Errors
    /// [`SignError::Envelope`] beyond 16 envelopes, [`SignError::SigsTooLong`] beyond 262,144 bytes; then
    /// nothing is changed.
    pub fn add(&mut self, envelope: Envelope) -> Result<Added, SignError> {
        if self.envelopes.iter().any(|present| present.as_bytes() == envelope.as_bytes()) {
            return Ok(Added::Present);
        }
        if self.envelopes.len() == limits::SIGS_ENVELOPES {
            return Err(SignError::Envelope { reason: text::sigs_envelopes(limits::SIGS_ENVELOPES as u64) });
        }
        self.envelopes.push(envelope);
        if self.to_bytes().len() > limits::SIGS_LEN as usize {
            self.envelopes.pop();
            return Err(SignError::SigsTooLong);
        }
        Ok(Added::New)
    }

    /// Puts a bundle in the place of the present one, or takes it away.
    ///
    /// # Errors
    /// [`SignError::Envelope`] when the text is not a bundle of version 1, [`SignError::SigsTooLong`] beyond
    /// 262,144 bytes.
    pub fn with_bundle(&self, bundle: Option<&str>) -> Result<Self, SignError> {
        let mut changed = Self { envelopes: self.envelopes.clone(), bundle: None };
        if let Some(bundle) = bundle {
            changed.read(bundle)?;
            if changed.bundle.is_none() {
                return Err(SignError::Envelope { reason: text::bundle_version() });
            }
            if changed.to_bytes().len() > limits::SIGS_LEN as usize {
                return Err(SignError::SigsTooLong);
            }
        }
        Ok(changed)
    }

    /// The payload: empty if there is nothing to say, else the array without white space between elements.
    pub fn to_bytes(&self) -> Vec<u8> {
        let envelopes = self.envelopes.iter().map(Envelope::as_bytes);
        let elements: Vec<&[u8]> = envelopes.chain(self.bundle.iter().map(String::as_bytes)).collect();
        if elements.is_empty() {
            return Vec::new();
        }
        [b"[".as_slice(), &elements.join(&b','), b"]"].concat()
    }
}

/// Whether adding an envelope changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was not there.
    New,
    /// The same bytes were there already.
    Present,
}

/// Splits the array into the texts of its elements, one more than can be legal at most.
struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of envelopes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            if elements.len() > limits::SIGS_ENVELOPES {
                return Err(A::Error::custom(text::sigs_envelopes(limits::SIGS_ENVELOPES as u64)));
            }
            elements.push(element);
        }
        Ok(elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::SecretKey;
    use crate::sign::dsse::RELEASE;

    fn envelope(payload: &[u8]) -> Envelope {
        Envelope::sign(RELEASE, payload, &[&SecretKey::from_seed(&[0x22; 32])]).unwrap()
    }

    const STAPLE: &str = r#"{"vitte-bundle":1,"trust":[],"namespace":["x"],"release":"y","status":[]}"#;

    #[test]
    fn print_and_parse_are_inverse() {
        let mut signatures = Signatures::none();
        assert_eq!(signatures.to_bytes(), b"");
        assert_eq!(Signatures::parse(b"").unwrap(), signatures);
        assert_eq!(signatures.add(envelope(b"{}")).unwrap(), Added::New);
        assert_eq!(signatures.add(envelope(b"[]")).unwrap(), Added::New);
        assert_eq!(signatures.add(envelope(b"{}")).unwrap(), Added::Present);
        let stapled = signatures.with_bundle(Some(STAPLE)).unwrap();
        for value in [signatures, stapled] {
            assert_eq!(Signatures::parse(&value.to_bytes()).unwrap(), value);
        }
        assert!(Signatures::parse(b"[]").unwrap().is_unsigned());
    }

    #[test]
    fn the_bundle_is_kept_as_it_is_and_stands_last() {
        let one = String::from_utf8(envelope(b"{}").as_bytes().to_vec()).unwrap();
        let odd = r#"{ "vitte-bundle" : 1 , "later":[ ] }"#;
        let read = Signatures::parse(format!("[{one},{odd}]").as_bytes()).unwrap();
        assert_eq!(read.bundle(), Some(odd));
        assert_eq!(read.with_bundle(None).unwrap().bundle(), None);
        for bad in [
            format!("[{odd},{one}]"),
            format!("[{one},{odd},{odd}]"),
            format!(r#"[{one},{{"vitte-bundle":2}}]"#),
            format!(r#"[{one},{{"vitte-bundle":1,"vitte-bundle":1}}]"#),
        ] {
            let error = Signatures::parse(bad.as_bytes()).unwrap_err();
            assert!(matches!(error, SignError::Envelope { .. }), "{bad}");
        }
    }

    #[test]
    fn counts_and_lengths_are_limited() {
        let one = String::from_utf8(envelope(b"{}").as_bytes().to_vec()).unwrap();
        let many = |count: usize| format!("[{}]", vec![one.as_str(); count].join(","));
        assert_eq!(Signatures::parse(many(16).as_bytes()).unwrap().envelopes().len(), 16);
        assert!(matches!(Signatures::parse(many(17).as_bytes()), Err(SignError::Envelope { .. })));
        assert_eq!(Signatures::parse(&vec![b' '; 262_145]), Err(SignError::SigsTooLong));
        let mut full = Signatures::parse(many(16).as_bytes()).unwrap();
        assert!(full.add(envelope(b"[]")).is_err());
        assert_eq!(full.envelopes().len(), 16);
        let mut long = Signatures::none();
        for number in 0..5u8 {
            long.add(envelope(&[number; 36_000])).unwrap();
        }
        assert_eq!(long.add(envelope(&[5; 36_000])), Err(SignError::SigsTooLong));
        assert_eq!(long.envelopes().len(), 5);
    }

    #[test]
    fn other_documents_are_refused_in_bounded_time() {
        for bad in [
            "{}".to_owned(),
            "[1]".to_owned(),
            "[{}]".to_owned(),
            "[[]]".to_owned(),
            "[] []".to_owned(),
            "[null]".to_owned(),
            "[".repeat(262_144),
            format!("[{}", "{\"a\":".repeat(50_000)),
            format!("[\"{}\"]", "x".repeat(262_000)),
            format!("[{}]", ["0"; 100_000].join(",")),
        ] {
            assert!(Signatures::parse(bad.as_bytes()).is_err());
        }
    }
}
