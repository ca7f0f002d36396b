//! Keeping and forgetting the token of a registry.

use crate::credentials::{self, Lookup, Source};
use crate::env::Env;
use crate::error::Error;
use crate::http::Call;
use crate::message::credentials as text;
use crate::registry::read::api::ApiClient;
use crate::registry::read::location::Location;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

/// Where a server says whose a token is, below its API.
pub const ME: &str = "me";
/// Bytes of what it says at most.
const ME_LEN: u64 = 64 * 1024;

/// A token that was stored.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Where it is now.
    pub place: Source,
    /// Whose it is, where the server says.
    pub user: Option<String>,
    /// Whether the server has accepted it; not where it cannot be asked.
    pub is_checked: bool,
}

/// The address of the registry at a location.
///
/// # Errors
/// `usage` when it is a folder; `insecure-url` when a token would be sent to it in the clear.
pub fn address(location: &Location) -> Result<&Address, Error> {
    match location {
        Location::Url(url) => credentials::check_may_be_sent(url).map(|()| url),
        Location::Directory(folder) => {
            let message = text::no_server(&folder.display().to_string());
            Err(Diagnostic::new(Code::Usage, message).into())
        }
    }
}

/// Stores a token, once the registry has accepted it.
///
/// # Errors
/// `unauthenticated` when the registry refuses it; network faults; as [`credentials::store`].
pub fn login(env: &Env, registry: &Address, token: &Token) -> Result<LoggedIn, Error> {
    let refused = |error: Error| match error.code() {
        Code::Unauthenticated => {
            let message = text::refused(&registry.to_string());
            Error::from(Diagnostic::new(Code::Unauthenticated, message)).and(error)
        }
        _ => error,
    };
    let (api, config) = ApiClient::open(env, registry, token.clone()).map_err(refused)?;
    let me = api.map(|api| api.call(ME, Call::Get, ME_LEN)).transpose();
    let (user, is_checked) = match me {
        Ok(Some(me)) => (user_in(&me), true),
        // Only files: whoever delivers them has let the token pass, if it is asked for one.
        Ok(None) => (None, config.auth_required),
        Err(error) if matches!(error.code(), Code::NotFound | Code::NotSupported | Code::Transport) => {
            (None, config.auth_required)
        }
        Err(error) => return Err(refused(error)),
    };
    let place = credentials::store(env, registry, token)?;
    Ok(LoggedIn { place, user, is_checked })
}

fn user_in(me: &[u8]) -> Option<String> {
    let me: serde_json::Value = serde_json::from_slice(me).ok()?;
    let user = me.get("user")?;
    // A name, or what is known of the user.
    let name = user.as_str().or_else(|| user.get("name")?.as_str())?;
    Some(name.to_owned())
}

/// What became of the tokens of a registry.
#[derive(Clone, Debug)]
pub struct LoggedOut {
    /// Where there was one, which is gone.
    pub removed: Vec<Source>,
    /// Where there still is one: nothing of ours, so that it stays.
    pub still: Option<Source>,
}

/// Forgets the token of a registry.
///
/// # Errors
/// As [`credentials::forget`].
pub fn logout(env: &Env, registry: &Address) -> Result<LoggedOut, Error> {
    let removed = credentials::forget(env, registry)?;
    let lookup = Lookup { env, registry, is_only: &|| Ok(true) };
    // One that is malformed gives nothing.
    let still = lookup.find().ok().flatten().map(|credential| credential.source);
    Ok(LoggedOut { removed, still })
}
