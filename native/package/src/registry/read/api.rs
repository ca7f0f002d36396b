//! What only a server can be asked, with the token for it.

use super::client::{RegistryClient, open_source, read_config};
use super::location::Location;
use crate::env::Env;
use crate::error::Error;
use crate::http::{Call, Http};
use crate::message::registry as text;
use vitte_package_core::api::{PREFIX, Token};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::registry::RegistryConfig;

/// The API of a registry.
#[derive(Debug)]
pub struct ApiClient {
    http: Http,
    api: Address,
    token: Token,
}

impl ApiClient {
    /// The API of the registry at an address; `None` where there are only files. The registry's configuration is read with
    /// the same token.
    ///
    /// # Errors
    /// `unauthenticated` when the registry refuses the token; `insecure-url` when its API is elsewhere; network faults.
    pub fn open(
        env: &Env,
        registry: &Address,
        token: Token,
    ) -> Result<(Option<Self>, RegistryConfig), Error> {
        let env = env.clone().with_token(registry.clone(), token.clone());
        let config = read_config(&*open_source(&env, &Location::Url(registry.clone()))?)?;
        let Some(api) = address(registry, &config)? else { return Ok((None, config)) };
        let client = Self { http: Http::new(&env)?, api, token };
        Ok((Some(client), config))
    }

    /// Where the API is, without a token: for signing in.
    ///
    /// # Errors
    /// As [`ApiClient::open`].
    pub fn address_of(env: &Env, registry: &Address) -> Result<Option<Address>, Error> {
        match read_config(&*open_source(env, &Location::Url(registry.clone()))?) {
            // A private registry says nothing of itself to strangers: its API is where a server has it.
            Err(error) if error.code() == Code::Unauthenticated => {
                Ok(Some(registry.join(&format!("{PREFIX}/"))?))
            }
            config => address(registry, &config?),
        }
    }

    /// Calls a resource, by its path below the API. Gives the body of the response.
    ///
    /// # Errors
    /// As [`Http::call`].
    pub fn call(&self, path: &str, call: Call<'_>, limit: u64) -> Result<Vec<u8>, Error> {
        self.http.call(&self.api.join(path)?, &self.token, call, limit)
    }
}

/// What the API of a registry says at a path below it: nothing proves it, so it is shown and never acted on. `None` where
/// there is no API, or it has no such thing.
///
/// # Errors
/// Those of [`address`]; network faults, and the refusal of the server.
pub fn hearsay(client: &RegistryClient, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    let Ok(base) = Address::parse(&client.name()) else { return Ok(None) };
    match address(&base, client.config())? {
        Some(api) => client.source().ask(&api.join(path)?, limit),
        None => Ok(None),
    }
}

/// Where the API of a registry is, ending in a slash; `None` where there is none.
///
/// # Errors
/// `insecure-url` when it is at another origin than the registry: what a registry says of itself is not believed, and a
/// token goes where its owner said.
pub fn address(registry: &Address, config: &RegistryConfig) -> Result<Option<Address>, Error> {
    let Some(api) = &config.api else { return Ok(None) };
    let api = registry.join(&format!("{}/", api.trim_end_matches('/')))?;
    match api.origin() == registry.origin() {
        true => Ok(Some(api)),
        false => {
            let message = text::token_elsewhere(&api.origin(), &registry.origin());
            Err(Diagnostic::new(Code::InsecureUrl, message).into())
        }
    }
}
