//! Ids of keys.

use crate::digest::Digest;
use serde::{Serialize, Serializer};

/// Name of a public key: SHA-256 of its 44-byte SPKI DER form.
///
/// The same value as `openssl pkey -pubin -in KEY -outform DER | sha256sum`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(super) Digest);

impl KeyId {
    /// The digest that the id is.
    pub const fn digest(&self) -> &Digest {
        &self.0
    }

    /// The form for people: `SHA256:` and the first 16 characters of the base32 form (RFC 4648 section 6).
    ///
    /// 80 bits: enough to be read out to someone, never compared by code.
    pub fn short(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = String::from("SHA256:");
        for group in self.0.as_bytes()[..10].chunks_exact(5) {
            let bits = group.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
            for place in (0..8).rev() {
                text.push(char::from(ALPHABET[(bits >> (place * 5) & 31) as usize]));
            }
        }
        text
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyId({})", self.0)
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
