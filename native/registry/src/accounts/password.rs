//! Passwords: hashed with argon2id, so that a stolen database takes long to guess them from.

use super::random;
use crate::error::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// Characters of a password at least, and bytes at most.
const SHORTEST: usize = 8;
const LONGEST: usize = 1024;
/// KiB of memory, and passes over it: what OWASP recommends.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// What the password of a user is compared with who is not there: the hash of none, with the parameters above.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password as it was typed.
#[derive(Clone)]
pub(crate) struct Password(String);

impl Password {
    /// Takes what was typed, unread.
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// Hashes it, to be stored.
    ///
    /// # Errors
    /// `usage` when it is too short or too long.
    pub(crate) fn hash(&self) -> Result<String> {
        if self.0.chars().count() < SHORTEST || self.0.len() > LONGEST {
            return Err(Error::new(Code::Usage, text::password_length(SHORTEST as u64, LONGEST as u64)));
        }
        let salt = random::<16>()?;
        let failed = |error| Error::storage("argon2", &error);
        let hash = hasher()?.hash_password_with_salt(self.0.as_bytes(), &salt).map_err(failed)?;
        Ok(hash.to_string())
    }

    /// Whether it is the one that a hash was made of. Without a hash the work is the same, and the answer is no.
    pub(super) fn is(&self, stored: Option<&str>) -> bool {
        if self.0.len() > LONGEST {
            return false;
        }
        let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return false };
        let is_equal =
            hasher().is_ok_and(|hasher| hasher.verify_password(self.0.as_bytes(), &parsed).is_ok());
        is_equal && stored.is_some()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(|error| Error::storage("argon2", &error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_recognised_and_not_printed() {
        let password = Password::new("correct horse".to_owned());
        let hash = password.hash().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, password.hash().unwrap(), "a salt of its own");
        assert!(password.is(Some(&hash)));
        assert!(!Password::new("correct horsf".to_owned()).is(Some(&hash)));
        assert!(!password.is(None) && !password.is(Some("")) && !password.is(Some("$argon2id$")));
        assert!(PasswordHash::new(NOBODY).is_ok(), "the work for nobody is the same");
        assert_eq!(format!("{password:?}"), "Password(…)");
        for bad in ["short", &"x".repeat(1025)] {
            assert_eq!(Password::new(bad.to_owned()).hash().unwrap_err().first().code, Code::Usage);
        }
    }
}
