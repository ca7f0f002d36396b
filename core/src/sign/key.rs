//! Ed25519 keys (RFC 8032) and the one function that decides whether a signature is valid.

pub use super::key_id::KeyId;

use super::{SignError, pem};
use crate::digest::Digest;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

impl KeyId {
    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`SignError::KeyIdSyntax`] for anything else, short forms included.
    pub fn parse(text: &str) -> Result<Self, SignError> {
        let refuse = |_| SignError::KeyIdSyntax(text.chars().take(80).collect());
        Digest::from_hex(text).map(Self).map_err(refuse)
    }
}

/// An Ed25519 signature: 64 bytes, not yet known to be valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Length in bytes.
    pub const LEN: usize = 64;

    /// Takes 64 bytes.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signature(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// Decides whether `signature` is a valid signature of `message` by `key`.
///
/// RFC 8032 section 5.1.7 with these choices where readers of the RFC differ: the equation without the
/// cofactor; `S` below the group's order; `R` canonical; neither `R` nor the key of small order. Every
/// signature in this project (envelopes, notes, checkpoints) is decided here and nowhere else, so that
/// terminal, browser and registry cannot disagree.
fn verify_strict(key: &VerifyingKey, message: &[u8], signature: &Signature) -> bool {
    key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
}

/// An Ed25519 public key that is fit for use: canonical encoding, not of small order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    key: VerifyingKey,
    id: KeyId,
}

impl PublicKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Takes the 32 bytes of RFC 8032 section 5.1.5.
    ///
    /// # Errors
    /// [`SignError::WeakKey`] when they are not a point of the curve, not its canonical encoding (decoded and
    /// encoded again they differ), or a point of small order, for which signatures prove nothing.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SignError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| SignError::WeakKey)?;
        let canonical = VerifyingKey::from(key.to_edwards());
        if key.is_weak() || canonical.as_bytes() != bytes {
            return Err(SignError::WeakKey);
        }
        Ok(Self::trusted(key))
    }

    fn trusted(key: VerifyingKey) -> Self {
        let id = KeyId(Digest::of(&pem::spki_der(key.as_bytes())));
        Self { key, id }
    }

    /// Reads the 44-byte SPKI DER form (RFC 8410 section 4).
    ///
    /// # Errors
    /// [`SignError::KeyForm`] when it is another key or form, [`SignError::WeakKey`] as
    /// [`PublicKey::from_bytes`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, SignError> {
        Self::from_bytes(&pem::public_from_spki(der)?)
    }

    /// Reads a `PUBLIC KEY` PEM block (RFC 7468 section 13).
    ///
    /// # Errors
    /// [`SignError::PrivateKey`] when there is one in the text, whatever else is; [`SignError::Pem`] when it is not
    /// PEM, [`SignError::PemLabel`] for another block, then as [`PublicKey::from_spki_der`].
    pub fn from_pem(text: &str) -> Result<Self, SignError> {
        if pem::holds_private(text) {
            return Err(SignError::PrivateKey);
        }
        let block = pem::parse(text)?;
        if block.label != pem::PUBLIC {
            return Err(SignError::PemLabel { label: block.label, wanted: pem::PUBLIC });
        }
        Self::from_spki_der(&block.der)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The 44-byte SPKI DER form.
    pub fn spki_der(&self) -> [u8; 44] {
        pem::spki_der(self.key.as_bytes())
    }

    /// The PEM form, ending in LF.
    pub fn to_pem(&self) -> String {
        pem::write(pem::PUBLIC, &self.spki_der()).to_string()
    }

    /// The key's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Checks that `signature` is a valid signature of `message` by this key.
    ///
    /// # Errors
    /// [`SignError::Signature`] when it is not.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignError> {
        if verify_strict(&self.key, message, signature) {
            Ok(())
        } else {
            Err(SignError::Signature { key: self.id })
        }
    }
}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Ordered by key id.
impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", self.id)
    }
}

/// An Ed25519 secret key. Overwritten in memory when dropped; `Debug` prints the key id only.
#[derive(Clone)]
pub struct SecretKey {
    key: SigningKey,
    id: KeyId,
}

impl SecretKey {
    /// Makes the key of a seed: 32 bytes that must come from a cryptographic random source.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let id = PublicKey::trusted(key.verifying_key()).id;
        Self { key, id }
    }

    /// Reads a `PRIVATE KEY` PEM block: PKCS#8 version 1 (RFC 5958) of an Ed25519 key (RFC 8410 section 7).
    ///
    /// # Errors
    /// [`SignError::Encrypted`] for an `ENCRYPTED PRIVATE KEY`, [`SignError::Pem`] when it is not PEM,
    /// [`SignError::PemLabel`] for another block, [`SignError::KeyForm`] for another key or form.
    pub fn from_pkcs8_pem(text: &str) -> Result<Self, SignError> {
        let block = pem::parse(text)?;
        match block.label.as_str() {
            pem::PRIVATE => Self::from_pkcs8_der(&block.der),
            pem::ENCRYPTED => Err(SignError::Encrypted),
            _ => Err(SignError::PemLabel { label: block.label, wanted: pem::PRIVATE }),
        }
    }

    /// Reads the 48-byte DER form of PKCS#8 version 1.
    ///
    /// # Errors
    /// [`SignError::KeyForm`] for another key or form.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, SignError> {
        Ok(Self::from_seed(&*pem::seed_from_pkcs8(der)?))
    }

    /// The 48-byte DER form of PKCS#8 version 1.
    pub fn to_pkcs8_der(&self) -> Zeroizing<[u8; 48]> {
        pem::pkcs8_der(self.key.as_bytes())
    }

    /// The PEM form, unencrypted, ending in LF.
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        pem::write(pem::PRIVATE, &*self.to_pkcs8_der())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey { key: self.key.verifying_key(), id: self.id }
    }

    /// The key's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Signs `message` (RFC 8032 section 5.1.6): the same message gives the same signature.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.key.sign(message).to_bytes())
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey({})", self.id)
    }
}

#[cfg(test)]
mod tests;
