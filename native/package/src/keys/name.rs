//! The names of keys, and what a user may give in place of one.

use crate::env::Env;
use crate::error::Error;
use crate::message::signing as text;
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{KeyId, PublicKey};

/// The name of a key in the key store: like the name of a package without a namespace.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct KeyName(String);

impl KeyName {
    /// The name a key gets when none is given.
    pub fn default_name() -> Self {
        Self("default".to_owned())
    }

    /// Reads a name: `[a-z][a-z0-9_-]{0,63}`, not ending in `-` or `_`, no device name of Windows.
    ///
    /// # Errors
    /// `usage`.
    pub fn parse(name: &str) -> Result<Self, Error> {
        match PackageName::parse(name) {
            Ok(parsed) if parsed.namespace().is_none() => Ok(Self(name.to_owned())),
            _ => {
                let shown: String = name.chars().take(80).collect();
                Err(Diagnostic::new(Code::Usage, text::key_name(&shown)).help(text::key_name_hint()).into())
            }
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `--key KEY` means.
pub(super) enum KeyChoice {
    Named(KeyName),
    /// A fingerprint, or a whole key id.
    Id(String),
    File(PathBuf),
}

impl KeyChoice {
    /// A text with a separator, or ending in `.pem` or `.pub`, is a path; one of the form of a fingerprint or a key id is
    /// that; all else is a name.
    pub(super) fn read(choice: &str, env: &Env) -> Result<Self, Error> {
        if is_id(choice) {
            return Ok(Self::Id(choice.to_owned()));
        }
        let path =
            choice.contains(std::path::is_separator) || choice.ends_with(".pem") || choice.ends_with(".pub");
        if path { Ok(Self::File(env.resolve(choice))) } else { KeyName::parse(choice).map(Self::Named) }
    }
}

/// Whether a text has the form of a fingerprint (`SHA256:…`) or of a key id (64 hexadecimal digits).
pub(super) fn is_id(choice: &str) -> bool {
    choice.starts_with("SHA256:") || KeyId::parse(choice).is_ok()
}

/// Whether a text is the fingerprint or the id of a key.
pub(super) fn is_id_of(choice: &str, key: &PublicKey) -> bool {
    let id = key.id();
    id.short() == choice || id.to_string() == choice
}
