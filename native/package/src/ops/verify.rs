//! Is this file what its author signed, and is the author somebody I know?

use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, UnpackRequest};
use crate::keys::KeyStore;
use crate::report::Reporter;
use std::path::{Path, PathBuf};
use vitte_package_core::sign::{Scope, TrustPolicy, TrustedKey};
use vitte_package_core::verify::{Expectation, Sections, Trust, VerifyOutcome};

/// What to verify.
#[derive(Clone, Debug)]
pub struct Options {
    /// The archive.
    pub file: PathBuf,
    /// Names of keys of one's own, or files of public keys: if there are any, only their signatures count.
    /// Else all own keys and all trusted keys do.
    pub keys: Vec<String>,
    /// What the archive must be.
    pub expectation: Expectation,
}

/// Checks container, signatures and every byte of content. A package that fails comes back with its report,
/// whose [`failure`](vitte_package_core::verify::VerifyReport::failure) says why.
///
/// # Errors
/// `io` when the file cannot be read; `key-not-found`, `key-syntax`, `weak-key` and `key-permissions` about
/// the keys.
pub fn verify(env: &Env, options: Options, reporter: &dyn Reporter) -> Result<VerifyOutcome, Error> {
    let trust = Trust::Signatures(policy(env, &options.keys)?);
    let request = UnpackRequest { expectation: options.expectation, trust, sections: Sections::All };
    extract::verify(&env.resolve(&options.file), request, env.work(reporter)?)
}

/// Whose signatures count: those of `keys`, or, without any, those of this user's own and trusted keys.
///
/// # Errors
/// As [`KeyStore::public`] and [`KeyStore::policy`].
pub fn policy(env: &Env, keys: &[String]) -> Result<TrustPolicy, Error> {
    let store = KeyStore::open(env)?;
    if keys.is_empty() {
        return store.policy(env);
    }
    keys.iter().try_fold(TrustPolicy::new(), |policy, key| {
        let key = store.public(key, env)?;
        Ok(policy.trust(TrustedKey { key, scope: Scope::All }))
    })
}

/// Why an archive is not verified, as the error of a command about that file; none if it is.
pub fn failure(outcome: &VerifyOutcome, file: &Path) -> Option<Error> {
    let failure = outcome.report.failure()?.clone();
    Some(Error::from(failure).in_file(file))
}
