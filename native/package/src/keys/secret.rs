//! Secret keys: made, written and opened.

use super::passphrase::{self, Passphrase, PassphraseSource};
use super::secret_file::read_secret_pem;
use crate::env::{Env, Variable};
use crate::error::Error;
use crate::message::signing as text;
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::sign::{SecretKey, SignError};
use zeroize::Zeroizing;

/// How a secret key is kept in its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// As it is: whoever reads the file has the key.
    Plain,
    /// Encrypted: PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914).
    Passphrase,
}

impl Protection {
    /// The word in output for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Passphrase => "passphrase",
        }
    }
}

/// A secret key as its file holds it.
pub(super) fn pem_of(
    secret: &SecretKey,
    passphrase: Option<&Passphrase>,
) -> Result<(Protection, Zeroizing<String>), Error> {
    Ok(match passphrase {
        None => (Protection::Plain, secret.to_pkcs8_pem()),
        Some(passphrase) => (Protection::Passphrase, passphrase::encrypt(secret, passphrase)?),
    })
}

/// A new secret key from the system's random source.
///
/// # Errors
/// `io` when the system has none.
pub fn random_key() -> Result<SecretKey, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)
        .map_err(|error| Diagnostic::new(Code::Io, text::no_randomness(&error.to_string())))?;
    Ok(SecretKey::from_seed(&seed))
}

/// Reads a secret key from a file that only its owner may read, asking for a passphrase if it needs one.
///
/// # Errors
/// `key-permissions`, `key-syntax`, `passphrase`, `io`.
pub fn load_secret(path: &Path, name: &str, source: &mut dyn PassphraseSource) -> Result<SecretKey, Error> {
    let pem = read_secret_pem(path)?;
    open_secret(&pem, name, source).map_err(|error| error.in_file(path))
}

/// The key in `VITTE_SIGNING_KEY`, if there is one.
pub(super) fn from_environment(
    env: &Env,
    source: &mut dyn PassphraseSource,
) -> Result<Option<SecretKey>, Error> {
    let name = Variable::SigningKey.name();
    let Some(given) = env.variable(Variable::SigningKey)? else { return Ok(None) };
    open_secret(given, name, source).map(Some).map_err(|error| error.in_file(name))
}

/// How often a passphrase is asked for, where it is typed.
const TRIES: usize = 3;

/// Reads a secret key from PEM text, asking for a passphrase if it needs one.
fn open_secret(pem: &str, name: &str, source: &mut dyn PassphraseSource) -> Result<SecretKey, Error> {
    match SecretKey::from_pkcs8_pem(pem) {
        Err(SignError::Encrypted) => {
            for _ in 1..TRIES {
                match passphrase::decrypt(pem, &source.existing(name)?) {
                    Err(error) if error.code() == Code::Passphrase && source.can_retry() => {}
                    other => return other,
                }
            }
            passphrase::decrypt(pem, &source.existing(name)?)
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Somebody who types, and how often they were asked to try again.
    struct Typing {
        lines: VecDeque<&'static str>,
        retries: usize,
        is_terminal: bool,
    }

    impl PassphraseSource for Typing {
        fn existing(&mut self, _: &str) -> Result<Passphrase, Error> {
            Passphrase::new(Zeroizing::new(self.lines.pop_front().unwrap_or("nothing more").to_owned()))
        }

        fn can_retry(&mut self) -> bool {
            self.retries += usize::from(self.is_terminal);
            self.is_terminal
        }

        fn chosen(&mut self, key: &str) -> Result<Passphrase, Error> {
            self.existing(key)
        }
    }

    #[test]
    fn a_passphrase_that_was_mistyped_may_be_typed_again() {
        let secret = SecretKey::from_seed(&[7; 32]);
        let right = Passphrase::new(Zeroizing::new("right".to_owned())).unwrap();
        let pem = passphrase::encrypt(&secret, &right).unwrap();
        let opened = |lines: &[&'static str], is_terminal: bool| {
            let mut typing = Typing { lines: lines.iter().copied().collect(), retries: 0, is_terminal };
            let result =
                open_secret(&pem, "me", &mut typing).map(|opened| opened.public() == secret.public());
            (result.map_err(|error| error.code()), typing.retries)
        };
        assert_eq!(opened(&["right"], true), (Ok(true), 0));
        assert_eq!(opened(&["wrong", "right"], true), (Ok(true), 1));
        assert_eq!(opened(&["wrong", "wrong", "wrong", "right"], true), (Err(Code::Passphrase), 2));
        assert_eq!(opened(&["wrong", "right"], false), (Err(Code::Passphrase), 0));
    }
}
