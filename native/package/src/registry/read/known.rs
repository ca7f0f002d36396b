//! Where the registries are that this user trusts, as far as that is known: from `registry init` and `registry add`.

use super::location::Location;
use super::state::TrustState;
use crate::env::Env;
use crate::error::Error;
use crate::fs::{self, Access};
use vitte_package_core::digest::Digest;

/// The address, or the absolute path of the folder.
const ADDRESS: &str = "address";
/// The digest of the first trust root.
const FIRST: &str = "first";
/// Bytes of either file at most.
const LEN: u64 = 16 * 1024;

/// Remembers where a registry is, and by which first trust root it is trusted. A later address takes the place of an
/// earlier one.
///
/// # Errors
/// `io`, `no-space`.
pub fn remember(state: &TrustState, location: &Location, first: &Digest) -> Result<(), Error> {
    let address = match location {
        Location::Url(url) => url.to_string(),
        Location::Directory(folder) => {
            // On Windows the canonical form is one that people neither write nor read.
            let whole = if cfg!(windows) { std::path::absolute(folder) } else { folder.canonicalize() };
            let whole = whole.unwrap_or_else(|_| folder.clone());
            // A path that is no text cannot be given on a command line that is one either.
            let Some(text) = whole.to_str() else { return Ok(()) };
            text.to_owned()
        }
    };
    fs::write_atomic(&state.folder().join(FIRST), format!("{first}\n").as_bytes(), Access::Shared)?;
    fs::write_atomic(&state.folder().join(ADDRESS), format!("{address}\n").as_bytes(), Access::Shared)
}

/// Where a registry is, if that is known.
///
/// # Errors
/// `io`.
pub fn address(state: &TrustState) -> Result<Option<String>, Error> {
    let text = fs::read_text_if_there(&state.folder().join(ADDRESS), LEN)?;
    Ok(text.map(|text| text.trim_end().to_owned()).filter(|text| !text.is_empty()))
}

/// The digest of the first trust root that a registry is trusted by, if that is known.
///
/// # Errors
/// `io`.
pub fn first_root(state: &TrustState) -> Result<Option<Digest>, Error> {
    let text = fs::read_text_if_there(&state.folder().join(FIRST), LEN)?;
    Ok(text.and_then(|text| Digest::from_hex(text.trim_end()).ok()))
}

/// The only registry with a known address that this user trusts. Which of several to use is not guessed.
///
/// # Errors
/// As [`addresses`].
pub fn only(env: &Env) -> Result<Option<String>, Error> {
    let mut addresses = addresses(env)?;
    Ok(if addresses.len() == 1 { addresses.pop() } else { None })
}

/// The addresses of all registries that this user trusts, as far as they are known, by id.
///
/// # Errors
/// `config` when there is no home folder; `io`.
pub fn addresses(env: &Env) -> Result<Vec<String>, Error> {
    let mut addresses = Vec::new();
    for state in TrustState::all(&env.vitte_home()?)? {
        addresses.extend(address(&state)?);
    }
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}
