//! SHA-256 digests, each kind a type of its own so that two cannot be swapped.

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::message::names as text;
use serde::{Serialize, Serializer};
use sha2::Digest as _;

/// SHA-256 of stated bytes (FIPS 180-4). Prints as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Length of the printed form, in characters.
    pub const HEX_LEN: usize = 64;

    /// Digests `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Takes a digest that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads exactly 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`DigestError`] when there are more, fewer or other characters.
    pub fn from_hex(text: &str) -> Result<Self, DigestError> {
        let refuse = || DigestError::Hex(text.chars().take(80).collect());
        let digits = text.as_bytes();
        if digits.len() != Self::HEX_LEN {
            return Err(refuse());
        }
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            match (nibble(pair[0]), nibble(pair[1])) {
                (Some(high), Some(low)) => *byte = high << 4 | low,
                _ => return Err(refuse()),
            }
        }
        Ok(Self(bytes))
    }

    /// Reads a digest as people pass it on: 64 hexadecimal digits in either case, perhaps after `sha256:`.
    ///
    /// # Errors
    /// [`DigestError`] when there are more, fewer or other characters.
    pub fn from_people(text: &str) -> Result<Self, DigestError> {
        let text = text.trim().to_ascii_lowercase();
        Self::from_hex(text.strip_prefix("sha256:").unwrap_or(&text))
    }

    /// Reads `sha256:` and 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`DigestError`] when the prefix or the digits are wrong.
    pub fn from_tagged(text: &str) -> Result<Self, DigestError> {
        Self::strip(text, "sha256:")
    }

    /// The form `sha256:<hex>`, for every digest but the identity of a package.
    pub fn tagged(&self) -> String {
        format!("sha256:{self}")
    }

    fn strip(text: &str, prefix: &'static str) -> Result<Self, DigestError> {
        match text.strip_prefix(prefix) {
            Some(hex) => Self::from_hex(hex),
            None => Err(DigestError::Prefix(text.chars().take(80).collect(), prefix)),
        }
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Lockfiles and indices are full of digests: a formatter called for each byte is most of the time they take.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = String::with_capacity(Self::HEX_LEN);
        for byte in self.0 {
            hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
            hex.push(char::from(DIGITS[usize::from(byte & 0x0f)]));
        }
        f.write_str(&hex)
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Serialises as plain hexadecimal.
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The identity of an artifact: SHA-256 of its tree text. Prints as `vp1-sha256:<hex>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TreeDigest(Digest);

impl TreeDigest {
    /// Digests a tree text.
    pub fn of(tree_text: &[u8]) -> Self {
        Self(Digest::of(tree_text))
    }

    /// Takes the digest of a tree text.
    pub const fn new(digest: Digest) -> Self {
        Self(digest)
    }

    /// The plain digest.
    pub const fn digest(&self) -> &Digest {
        &self.0
    }

    /// The plain hexadecimal digits, as folder names and signed statements have them.
    pub fn hex(&self) -> String {
        self.0.to_string()
    }

    /// Reads `vp1-sha256:` and 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`DigestError`] when the prefix or the digits are wrong.
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        Digest::strip(text, "vp1-sha256:").map(Self)
    }
}

impl std::fmt::Display for TreeDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "vp1-sha256:{}", self.0)
    }
}

impl Serialize for TreeDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Digests bytes that come in pieces.
#[derive(Clone, Default)]
pub struct Hasher(sha2::Sha256);

impl Hasher {
    /// Starts with no bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Ends with the digest of all pieces, in order.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

/// A text is not a digest. Holds at most 80 characters of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestError {
    /// Not 64 lower-case hexadecimal digits.
    Hex(String),
    /// Does not begin with the prefix of its kind.
    Prefix(String, &'static str),
}

impl Diagnose for DigestError {
    fn diagnostic(&self) -> Diagnostic {
        let message = match self {
            Self::Hex(given) => text::digest_hex(given),
            Self::Prefix(given, prefix) => text::digest_prefix(given, prefix),
        };
        Diagnostic::new(Code::ManifestValue, message)
    }
}
display_as_message!(DigestError);

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-4 example: SHA-256("abc").
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn prints_and_parses_back() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), ABC);
        assert_eq!(Digest::from_hex(ABC), Ok(digest));
        for given in [
            ABC.to_owned(),
            ABC.to_uppercase(),
            format!("sha256:{ABC}"),
            format!(" SHA256:{} ", ABC.to_uppercase()),
        ] {
            assert_eq!(Digest::from_people(&given), Ok(digest), "{given}");
        }
        for given in
            ["", "sha256:", "sha512:ba78", &ABC[1..], &format!("{ABC}0"), &format!("sha256:sha256:{ABC}")]
        {
            assert!(Digest::from_people(given).is_err(), "{given}");
        }
        assert_eq!(Digest::from_tagged(&digest.tagged()), Ok(digest));
        let tree = TreeDigest::of(b"abc");
        assert_eq!(TreeDigest::parse(&tree.to_string()), Ok(tree));
        assert_eq!(tree.hex(), ABC);
    }

    #[test]
    fn pieces_equal_the_whole() {
        let mut hasher = Hasher::new();
        hasher.update(b"a");
        hasher.update(b"");
        hasher.update(b"bc");
        assert_eq!(hasher.finish(), Digest::of(b"abc"));
    }

    #[test]
    fn refuses_other_forms() {
        for bad in ["", "ab", &ABC[1..], &ABC.to_uppercase(), &format!("{ABC}0"), &"é".repeat(32)] {
            assert!(Digest::from_hex(bad).is_err(), "{bad}");
        }
        assert!(Digest::from_tagged(ABC).is_err());
        assert!(TreeDigest::parse(&format!("sha256:{ABC}")).is_err());
    }
}
