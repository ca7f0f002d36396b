//! Secret keys under a passphrase: `ENCRYPTED PRIVATE KEY`, PBES2 with scrypt and AES-256-CBC.
//!
//! Sources: RFC 5958 section 3, RFC 8018 section 6.2, RFC 7914 section 7.

use crate::env::{Env, Variable};
use crate::error::Error;
use crate::message::signing as text;
use pkcs8::der::{Decode as _, Encode as _};
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::{EncryptedPrivateKeyInfoRef, pkcs5::scrypt};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::sign::{SecretKey, SignError, pem};
use zeroize::Zeroizing;

/// scrypt's cost: 2^14 blocks of 1 KiB is the most that openssl takes without being told to, so the passes
/// over them are five.
const LOG_N: u8 = 14;
const BLOCK: u32 = 8;
const PASSES: u32 = 5;
/// Bytes scrypt may use to open a key that was made elsewhere.
const MEMORY: u64 = 256 * 1024 * 1024;
/// Rounds PBKDF2 may take, and passes of scrypt, to open a key that was made elsewhere.
const PBKDF2_ROUNDS: u32 = 5_000_000;
const SCRYPT_PASSES: u16 = 64;

/// A passphrase, overwritten in memory when dropped. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a text.
    ///
    /// # Errors
    /// `passphrase` when it is empty.
    pub fn new(given: Zeroizing<String>) -> Result<Self, Error> {
        if given.is_empty() {
            return Err(Diagnostic::new(Code::Passphrase, text::passphrase_empty()).into());
        }
        Ok(Self(given))
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase")
    }
}

/// Where passphrases come from.
pub trait PassphraseSource {
    /// The passphrase of a key that has one.
    ///
    /// # Errors
    /// `passphrase` when there is none to be had.
    fn existing(&mut self, key: &str) -> Result<Passphrase, Error>;

    /// Whether another passphrase can be had after one that was wrong.
    fn can_retry(&mut self) -> bool {
        false
    }

    /// A passphrase for a new key.
    ///
    /// # Errors
    /// `passphrase` when there is none to be had.
    fn chosen(&mut self, key: &str) -> Result<Passphrase, Error>;
}

/// Passphrases from `VITTE_SIGNING_KEY_PASSWORD` and nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct FromEnvironment<'a>(pub &'a Env);

impl FromEnvironment<'_> {
    /// The passphrase, if the variable is set.
    ///
    /// # Errors
    /// `config` when it is not UTF-8.
    pub fn get(&self) -> Result<Option<Passphrase>, Error> {
        let given = self.0.variable(Variable::SigningKeyPassword)?;
        given.map(|given| Passphrase::new(Zeroizing::new(given.to_owned()))).transpose()
    }
}

impl PassphraseSource for FromEnvironment<'_> {
    fn existing(&mut self, key: &str) -> Result<Passphrase, Error> {
        self.get()?.ok_or_else(|| {
            Diagnostic::new(Code::Passphrase, text::passphrase_missing(key))
                .help(text::key_encrypted_hint())
                .into()
        })
    }

    fn chosen(&mut self, key: &str) -> Result<Passphrase, Error> {
        self.existing(key)
    }
}

/// Encrypts a key and writes it as PEM.
pub(crate) fn encrypt(secret: &SecretKey, passphrase: &Passphrase) -> Result<Zeroizing<String>, Error> {
    let failed = |reason: String| Diagnostic::new(Code::Io, text::passphrase_encrypt(&reason));
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    for random in [&mut salt, &mut iv] {
        getrandom::fill(random).map_err(|error| failed(error.to_string()))?;
    }
    let cost = scrypt::Params::new(LOG_N, BLOCK, PASSES).map_err(|error| failed(error.to_string()))?;
    let parameters =
        Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(|error| failed(error.to_string()))?;
    let encrypted = parameters
        .encrypt(passphrase.0.as_bytes(), secret.to_pkcs8_der().as_slice())
        .map_err(|error| failed(error.to_string()))?;
    let info = pkcs8::EncryptedPrivateKeyInfo {
        encryption_algorithm: parameters.into(),
        encrypted_data: pkcs8::der::asn1::OctetStringRef::new(&encrypted)
            .map_err(|error| failed(error.to_string()))?,
    };
    let der = info.to_der().map_err(|error| failed(error.to_string()))?;
    Ok(pem::write(pem::ENCRYPTED, &der))
}

/// Opens an encrypted key. Parameters that would cost unreasonable time or memory are refused before use.
pub(crate) fn decrypt(given: &str, passphrase: &Passphrase) -> Result<SecretKey, Error> {
    let malformed = || SignError::KeyForm { wanted: "an encrypted private key", found: "something else" };
    let block = pem::parse(given)?;
    let info = EncryptedPrivateKeyInfoRef::from_der(&block.der).map_err(|_| malformed())?;
    let parameters = info.encryption_algorithm.pbes2().ok_or_else(malformed)?;
    if !is_affordable(&parameters.kdf) {
        return Err(Diagnostic::new(Code::Limit, text::passphrase_cost()).into());
    }
    let wrong =
        || Diagnostic::new(Code::Passphrase, text::passphrase_wrong()).help(text::key_encrypted_hint());
    let plain =
        parameters.decrypt(passphrase.0.as_bytes(), info.encrypted_data.as_bytes()).map_err(|error| {
            match error {
                pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. } => {
                    Diagnostic::new(Code::KeySyntax, text::passphrase_algorithm())
                        .help(text::passphrase_algorithm_hint())
                }
                _ => wrong(),
            }
        })?;
    let plain = Zeroizing::new(plain);
    // CBC has no integrity: one wrong passphrase in 256 gives bytes with good padding, which are no key.
    SecretKey::from_pkcs8_der(&plain).map_err(|error| match error {
        SignError::KeyForm { found: "something else", .. } => wrong().into(),
        other => other.into(),
    })
}

fn is_affordable(kdf: &Kdf) -> bool {
    if let Some(scrypt) = kdf.scrypt() {
        let memory =
            scrypt.cost_parameter.checked_mul(u64::from(scrypt.block_size)).and_then(|n| n.checked_mul(128));
        return scrypt.cost_parameter.is_power_of_two()
            && scrypt.cost_parameter > 1
            && memory.is_some_and(|memory| memory <= MEMORY)
            && scrypt.parallelization <= SCRYPT_PASSES;
    }
    kdf.pbkdf2().is_some_and(|pbkdf2| pbkdf2.iteration_count <= PBKDF2_ROUNDS)
}
