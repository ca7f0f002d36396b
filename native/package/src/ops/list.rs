//! What is installed in the user's store.

use crate::config::Config;
use crate::env::Env;
use crate::error::Error;
use crate::store::{Generation, Store};

/// The active generation of the user's own installs.
///
/// # Errors
/// `store-layout` when the store is damaged, `config`, `io`.
pub fn list(env: &Env) -> Result<Generation, Error> {
    Store::open(env, Config::load(env, None)?.fsync()?)?.environment(DEFAULT).current()
}

/// The environment of the user's own installs.
pub const DEFAULT: &str = "default";
