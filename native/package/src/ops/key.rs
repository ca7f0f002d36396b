//! Own keys and trusted keys: make, list, export, import, trust, untrust.

use crate::env::Env;
use crate::error::Error;
use crate::fs::{self, Access};
use crate::keys::{
    self, KeyName, KeyStore, Passphrase, PassphraseSource, Protection, StoredKey, TrustedKeyChange,
};
use crate::message::signing as text;
use std::io::Read as _;
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::sign::{KeyId, PublicKey, Scope};

/// Whether a key gets a passphrase.
#[derive(Debug)]
pub enum Protect<'a> {
    /// No: the file's mode is all that protects it.
    No,
    /// Yes, one from this source.
    With(&'a Passphrase),
}

impl Protect<'_> {
    fn passphrase(&self) -> Option<&Passphrase> {
        match self {
            Self::No => None,
            Self::With(passphrase) => Some(passphrase),
        }
    }
}

/// Makes a new key.
///
/// # Errors
/// `key-exists`, `key-permissions`, `io`.
pub fn generate(env: &Env, name: &KeyName, protect: &Protect<'_>) -> Result<StoredKey, Error> {
    KeyStore::open(env)?.generate(name, protect.passphrase())
}

/// Adds a key from a PEM file that only its owner may read.
///
/// # Errors
/// `key-exists`, `key-permissions`, `key-syntax`, `passphrase` when the file needs one, `io`.
pub fn import(
    env: &Env,
    file: &Path,
    name: &KeyName,
    source: &mut dyn PassphraseSource,
    protect: &Protect<'_>,
) -> Result<StoredKey, Error> {
    let path = env.resolve(file);
    let secret = keys::load_secret(&path, &file.display().to_string(), source)
        .map_err(|error| if is_public(&path) { only_public(file) } else { error })?;
    KeyStore::open(env)?.add(name, &secret, protect.passphrase())
}

/// Whether a file is a public key, by its first line. No more of it is read: it may be a secret one after all.
fn is_public(path: &Path) -> bool {
    let mut start = [0; PUBLIC_PEM.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *PUBLIC_PEM
}

const PUBLIC_PEM: &[u8; 26] = b"-----BEGIN PUBLIC KEY-----";

fn only_public(file: &Path) -> Error {
    let shown = file.display().to_string();
    let fault = Diagnostic::new(Code::KeySyntax, text::only_public(&shown));
    fault.help(text::only_public_hint(&shown)).into()
}

/// The public half of a key, as PEM.
///
/// # Errors
/// As [`KeyStore::public`].
pub fn export_public(env: &Env, name: &KeyName) -> Result<PublicKey, Error> {
    Ok(KeyStore::open(env)?.find(name)?.public)
}

/// Copies the secret half to a new file of mode 0600, as it is kept: under its passphrase if it has one.
///
/// # Errors
/// As [`KeyStore::find`]; `io` when the file exists or cannot be written.
pub fn export_secret(env: &Env, name: &KeyName, to: &Path) -> Result<Protection, Error> {
    let key = KeyStore::open(env)?.find(name)?;
    let pem = keys::read_secret_pem(&key.path)?;
    let place = env.resolve(to);
    if !fs::write_new(&place, pem.as_bytes(), Access::Private)? {
        let shown = to.display().to_string();
        return Err(Diagnostic::new(Code::KeyExists, text::export_exists(&shown)).into());
    }
    Ok(key.protection)
}

/// Reads the public key in a PEM file.
///
/// # Errors
/// `key-syntax`, `weak-key`, `io`.
pub fn read_public(env: &Env, file: &Path) -> Result<PublicKey, Error> {
    keys::read_public_pem(&env.resolve(file))
}

/// Trusts a key, for some packages.
///
/// # Errors
/// As [`KeyStore::trust`].
pub fn trust(env: &Env, key: &PublicKey, scopes: &[Scope]) -> Result<TrustedKeyChange, Error> {
    let store = KeyStore::open(env)?;
    let mut change = TrustedKeyChange::None;
    for scope in scopes {
        if store.trust(key, scope)? == TrustedKeyChange::Made {
            change = TrustedKeyChange::Made;
        }
    }
    Ok(change)
}

/// Finds a trusted key: by the path of a PEM file, a whole key id, or the beginning of its short form as
/// `key list` shows it.
///
/// # Errors
/// `key-not-found` when no trusted key, or more than one, fits; else as [`read_public`].
pub fn find_trusted(env: &Env, choice: &str) -> Result<KeyId, Error> {
    let trusted = KeyStore::open(env)?.trusted()?;
    if env.resolve(choice).is_file() {
        return read_public(env, Path::new(choice)).map(|key| key.id());
    }
    let fits = |key: &PublicKey| key.id().to_string() == choice || key.id().short() == choice;
    let mut found = trusted.iter().map(|(key, _)| key).filter(|key| fits(key));
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key.id()),
        _ => Err(Diagnostic::new(Code::KeyNotFound, text::trusted_not_found(choice))
            .help(text::key_list_hint())
            .into()),
    }
}

/// Stops trusting a key, for some packages or, without a scope, for all.
///
/// # Errors
/// `key-not-found` when the key was not trusted so.
pub fn untrust(env: &Env, key: KeyId, scope: Option<&Scope>) -> Result<(), Error> {
    match KeyStore::open(env)?.untrust(key, scope)? {
        TrustedKeyChange::Made => Ok(()),
        TrustedKeyChange::None => {
            Err(Diagnostic::new(Code::KeyNotFound, text::trusted_not_found(&key.short()))
                .help(text::key_list_hint())
                .into())
        }
    }
}
