//! What a user has at a registry that is a server: who they are, tokens, owners of packages; and signing in by a code that
//! is approved in a browser.

use crate::credentials;
use crate::env::Env;
use crate::error::Error;
use crate::http::{Call, Http};
use crate::message::account as text;
use crate::registry::read::api::ApiClient;
use std::time::Duration;
use vitte_package_core::api::device::{self, DeviceCodes, DeviceRefusal, DeviceRequest, DeviceToken};
use vitte_package_core::api::owners::{Owned, Owners};
use vitte_package_core::api::tokens::{self, CreatedToken, Me, TokenList, TokenRequest};
use vitte_package_core::api::{Problem, Token};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

/// Bytes of a response at most.
const RESPONSE_LEN: u64 = 4 * 1024 * 1024;

/// An account, by a token of its user.
#[derive(Debug)]
pub struct Account {
    api: ApiClient,
    /// Where the token came from.
    pub source: credentials::Source,
}

impl Account {
    /// The account at a registry, by the token that is kept for it or given.
    ///
    /// # Errors
    /// `unauthenticated` without a token, or with one that is refused; `not-supported` where there are only files.
    pub fn open(env: &Env, registry: &Address) -> Result<Self, Error> {
        let credential = credentials::for_writing(env, registry)?;
        let (api, _) = ApiClient::open(env, registry, credential.token)?;
        let api = api.ok_or_else(|| no_server(registry))?;
        Ok(Self { api, source: credential.source })
    }

    /// Who the token belongs to.
    ///
    /// # Errors
    /// Those of the registry, as for every call.
    pub fn me(&self) -> Result<Me, Error> {
        Ok(Me::parse(&self.api.call(tokens::ME_PATH, Call::Get, RESPONSE_LEN)?)?)
    }

    /// The user's tokens.
    ///
    /// # Errors
    /// `forbidden` with a token that cannot manage others.
    pub fn tokens(&self) -> Result<TokenList, Error> {
        Ok(TokenList::parse(&self.api.call(tokens::PATH, Call::Get, RESPONSE_LEN)?)?)
    }

    /// Creates a token.
    ///
    /// # Errors
    /// `forbidden` for one that may do more than the user or this token.
    pub fn create_token(&self, request: &TokenRequest) -> Result<CreatedToken, Error> {
        let body = request.to_bytes();
        Ok(CreatedToken::parse(&self.api.call(tokens::PATH, Call::Post(&body), RESPONSE_LEN)?)?)
    }

    /// Makes a token worthless.
    ///
    /// # Errors
    /// `not-found` when the user has no such token.
    pub fn revoke_token(&self, id: &str) -> Result<(), Error> {
        self.api.call(&tokens::path(id), Call::Delete, RESPONSE_LEN).map(drop)
    }

    /// The owners of a package or a namespace.
    ///
    /// # Errors
    /// `not-found` when the registry has no such package.
    pub fn owners(&self, owned: &Owned) -> Result<Owners, Error> {
        Ok(Owners::parse(&self.api.call(&owned.path(), Call::Get, RESPONSE_LEN)?)?)
    }

    /// Adds an owner. It may be repeated.
    ///
    /// # Errors
    /// `forbidden` for whoever is not an owner; `not-found` for a user that does not exist.
    pub fn add_owner(&self, owned: &Owned, user: &str) -> Result<Owners, Error> {
        Ok(Owners::parse(&self.api.call(&owned.user_path(user), Call::Put(&[]), RESPONSE_LEN)?)?)
    }

    /// Removes an owner.
    ///
    /// # Errors
    /// As [`Account::add_owner`]; `forbidden` for the last one.
    pub fn remove_owner(&self, owned: &Owned, user: &str) -> Result<Owners, Error> {
        Ok(Owners::parse(&self.api.call(&owned.user_path(user), Call::Delete, RESPONSE_LEN)?)?)
    }
}

/// A sign-in that waits for its user.
#[derive(Debug)]
pub struct DeviceSignIn {
    http: Http,
    token: Address,
    codes: DeviceCodes,
    pause: u64,
}

impl DeviceSignIn {
    /// Begins a sign-in; none where the registry cannot do that.
    ///
    /// # Errors
    /// Those of the registry; `not-supported` where there are only files.
    pub fn begin(env: &Env, registry: &Address, request: &DeviceRequest) -> Result<Option<Self>, Error> {
        let api = ApiClient::address_of(env, registry)?.ok_or_else(|| no_server(registry))?;
        let http = Http::new(env)?;
        let response = http.post_form(&api.join(device::PATH)?, &request.to_form(), RESPONSE_LEN);
        let (status, body) = match response {
            Err(error) if matches!(error.code(), Code::NotFound | Code::NotSupported) => return Ok(None),
            response => response?,
        };
        if status != 200 {
            return Err(refused(status, &body));
        }
        let codes = DeviceCodes::parse(&body)?;
        Ok(Some(Self {
            http,
            token: api.join(device::TOKEN_PATH)?,
            pause: codes.interval.clamp(1, 60),
            codes,
        }))
    }

    /// What the user is to be shown.
    pub fn codes(&self) -> &DeviceCodes {
        &self.codes
    }

    /// Waits until the user has decided.
    ///
    /// # Errors
    /// `forbidden` when the user has refused; `unauthenticated` when the code has expired.
    pub fn wait(mut self) -> Result<Token, Error> {
        // A registry that never says that a code has expired does not hold the client for ever.
        let (mut waited, most) = (0, self.codes.expires_in.min(60 * 60) + 60);
        loop {
            std::thread::sleep(Duration::from_secs(self.pause));
            waited += self.pause;
            let form = device::token_form(device::CLIENT, &self.codes.device_code);
            let (status, body) = match self.http.post_form(&self.token, &form, RESPONSE_LEN) {
                // What is lost on the way is asked for again.
                Err(error) if waited < most && is_passing(error.code()) => continue,
                answered => answered?,
            };
            if status == 200 {
                let token = DeviceToken::parse(&body)?.access_token;
                return Ok(Token::parse(&token)?);
            }
            match DeviceRefusal::parse(&body) {
                _ if waited >= most => return Err(DeviceRefusal::Expired.diagnostic().into()),
                Some(DeviceRefusal::Pending) => {}
                Some(DeviceRefusal::SlowDown) => self.pause += device::INTERVAL,
                Some(refusal) => return Err(refusal.diagnostic().into()),
                None => return Err(refused(status, &body)),
            }
        }
    }
}

fn is_passing(code: Code) -> bool {
    matches!(code, Code::Timeout | Code::Truncated | Code::Transport | Code::Unavailable | Code::RateLimited)
}

fn refused(status: u16, body: &[u8]) -> Error {
    let problem = Problem::parse(status, body).and_then(|problem| Error::several(problem.faults));
    problem.unwrap_or_else(|| Diagnostic::new(Code::Transport, text::no_answer()).into())
}

fn no_server(registry: &Address) -> Error {
    Diagnostic::new(Code::NotSupported, text::no_accounts(&registry.to_string())).into()
}
