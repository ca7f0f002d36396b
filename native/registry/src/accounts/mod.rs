//! Users, how they sign in, their tokens and uploads.

mod allowance;
mod attempts;
mod device;
mod identities;
mod namespaces;
mod owners;
mod password;
mod quotas;
mod sessions;
mod tokens;
mod uploads;
mod users;

pub(crate) use allowance::{Added, Allowance};
pub(crate) use device::{CODE_LIFE, Decision, DeviceGrant};
pub(crate) use identities::AWAY;
pub(crate) use namespaces::{KnownNamespaces, RuleState};
pub(crate) use password::Password;
pub(crate) use quotas::{Quota, Quotas, Usage};
pub(crate) use sessions::{SESSION_LIFE, Session};
pub(crate) use tokens::{ListedToken, NewToken};
pub(crate) use uploads::StoredUpload;

use crate::buckets::SharedBuckets;
use crate::database::{Database, values};
use crate::error::{Error, Result};
use attempts::Attempts;
use std::sync::Arc;
use tokio::sync::Semaphore;
use vitte_package_core::digest::Digest;

/// Passwords that are hashed at once at most.
const HASHING: usize = 2;

/// Who may do what, and what they have under way.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    database: Database,
    /// How often somebody tries to sign in.
    attempts: Arc<Attempts>,
    /// Passwords that are hashed at once: each takes 19 MiB and a processor.
    hashing: Arc<Semaphore>,
}

impl Accounts {
    /// Those in a database.
    pub(crate) fn new(database: Database) -> Self {
        let attempts = Arc::new(Attempts::new(SharedBuckets::of(&database)));
        Self { database, attempts, hashing: Arc::new(Semaphore::new(HASHING)) }
    }

    /// Whether the database is there.
    ///
    /// # Errors
    /// `unavailable` when it is not.
    pub(crate) async fn ready(&self) -> Result<()> {
        self.database.one("SELECT COUNT(*) FROM users WHERE name = $1", values![""]).await.map(|_| ())
    }
}

/// Fresh random bytes.
fn random<const LEN: usize>() -> Result<[u8; LEN]> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(|error| Error::storage("the system's randomness", &error))?;
    Ok(bytes)
}

/// Compares in a time that does not tell where two texts differ.
fn equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// A secret that a client is given: 256 random bits, and the digest that is kept of it.
fn secret() -> Result<(String, String)> {
    let text: String = random::<32>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = digest(&text);
    Ok((text, digest))
}

/// What is kept of a secret.
fn digest(secret: &str) -> String {
    Digest::of(secret.as_bytes()).to_string()
}
