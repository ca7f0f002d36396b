//! Users, tokens and uploads.

mod tokens;
mod uploads;
mod users;

pub(crate) use tokens::ListedToken;
pub(crate) use uploads::StoredUpload;

use crate::database::Database;
use crate::error::{Error, Result};

/// Who may do what, and what they have under way.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    database: Database,
}

impl Accounts {
    /// Those in a database.
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Fresh random bytes.
fn random<const LEN: usize>() -> Result<[u8; LEN]> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(|error| Error::storage("the system's randomness", &error))?;
    Ok(bytes)
}
