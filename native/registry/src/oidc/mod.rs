//! Signing in with the organisation's own provider: OpenID Connect, by authorisation code with PKCE.
//!
//! * [`Provider`]: what is sent to it, and what comes back. `jwt`: its signed tokens. `http`: requests.
//!
//! Of a sign-in under way the browser holds one secret, in a cookie; from it come the verifier of PKCE and the nonce. The
//! database holds digests, each used once.

mod http;
mod jwt;

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::rights::Role;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jwt::{Fault, Jwk};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};
use ureq::Agent;
use vitte_package_core::api::form::{encode, escape};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::Address;
use vitte_package_core::message::server as text;

/// Where the provider sends browsers back to, below the address of the server.
pub(crate) const CALLBACK: &str = "/sign-in/provider/callback";
/// For how long what the provider says of itself counts, and how often its keys are asked for at most, in seconds.
const METADATA_LIFE: u64 = 60 * 60;
const KEYS_PAUSE: u64 = 60;
/// By how much two clocks may differ, in seconds.
const LEEWAY: u64 = 60;
/// Bytes of a secret that the operator gives at most.
const SECRET_LEN: usize = 4096;

/// The provider.
#[derive(Debug)]
pub(crate) struct Provider {
    issuer: String,
    issuer_address: Address,
    client: String,
    secret: Option<Secret>,
    callback: String,
    scopes: String,
    groups: Groups,
    may_create: bool,
    agent: Agent,
    known: Mutex<Known>,
}

/// The client's secret, which is never printed.
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What groups mean here.
#[derive(Debug)]
struct Groups {
    claim: String,
    members: Vec<String>,
    admins: Vec<String>,
}

#[derive(Debug, Default)]
struct Known {
    metadata: Option<(u64, Arc<Metadata>)>,
    keys: Option<(u64, Arc<Vec<Jwk>>)>,
}

/// What the provider says of itself.
#[derive(Debug)]
struct Metadata {
    authorization: Address,
    token: Address,
    keys: Address,
    /// Whether it says in its answers who it is.
    names_itself: bool,
}

/// What a browser comes back with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) code: &'a str,
    /// Who it says it comes from.
    pub(crate) issuer: Option<&'a str>,
    /// The secret of the browser's cookie.
    pub(crate) binding: &'a str,
}

/// Somebody whom the provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    /// What they would like to be called.
    pub(crate) name: String,
    /// What their groups make them; none where groups mean nothing here.
    pub(crate) role: Option<Role>,
    /// Whether they may become a user.
    pub(crate) may_create: bool,
}

impl Provider {
    /// The provider that the settings name, if they do.
    ///
    /// # Errors
    /// `config` when something about it is missing or unsafe.
    pub(crate) fn open(settings: &Settings) -> Result<Option<Self>> {
        let Some(issuer) = &settings.oidc_issuer else { return Ok(None) };
        let fault = |what: &str| Error::new(Code::Config, text::provider_setting(what));
        let base = settings.base_url.as_ref().ok_or_else(|| fault("base-url"))?;
        let client = settings.oidc_client_id.as_ref().ok_or_else(|| fault("oidc-client-id"))?;
        let issuer = issuer.as_str().to_owned();
        let issuer_address = Address::parse(&issuer).map_err(|_| fault("oidc-issuer"))?;
        if !http::is_safe(&issuer_address) {
            return Err(fault("oidc-issuer"));
        }
        let secret = match &settings.oidc_client_secret_file {
            None => None,
            Some(path) => {
                let read = std::fs::read_to_string(path).ok();
                let read = read.map(|secret| secret.trim().to_owned());
                let is_secret = |secret: &String| !secret.is_empty() && secret.len() <= SECRET_LEN;
                Some(Secret(read.filter(is_secret).ok_or_else(|| fault("oidc-client-secret-file"))?))
            }
        };
        Ok(Some(Self {
            callback: format!("{}{CALLBACK}", base.as_str()),
            client: client.as_str().to_owned(),
            secret,
            scopes: settings.oidc_scopes.items().join(" "),
            groups: Groups {
                claim: settings.oidc_groups_claim.as_str().to_owned(),
                members: settings.oidc_member_groups.items().to_vec(),
                admins: settings.oidc_admin_groups.items().to_vec(),
            },
            may_create: settings.oidc_new_users.is_yes(),
            agent: http::agent(&issuer_address),
            issuer,
            issuer_address,
            known: Mutex::default(),
        }))
    }

    /// What it is called on a page.
    pub(crate) fn name(&self) -> &str {
        let rest = self.issuer.split("://").nth(1).unwrap_or_default();
        rest.split('/').next().unwrap_or_default()
    }

    /// Where a browser is sent to sign in. It waits for the provider: not for a thread that must not.
    pub(crate) fn sign_in(&self, state: &str, binding: &str, now: u64) -> Result<String> {
        let metadata = self.metadata(now)?;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Digest::of(verifier(binding).as_bytes()).as_bytes());
        let query = encode(&[
            ("response_type", "code"),
            ("client_id", &self.client),
            ("redirect_uri", &self.callback),
            ("scope", &self.scopes),
            ("state", state),
            ("nonce", &nonce(binding)),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let address = metadata.authorization.to_string();
        let glue = if address.contains('?') { '&' } else { '?' };
        Ok(format!("{address}{glue}{query}"))
    }

    /// Who a browser is that comes back. It waits for the provider.
    ///
    /// # Errors
    /// `unauthenticated` when the provider's answer is not what it should be; `unavailable` when there is none.
    pub(crate) fn finish(&self, answer: Answer<'_>, now: u64) -> Result<Identity> {
        let metadata = self.metadata(now)?;
        // A provider that names itself cannot be mixed up with another one (RFC 9207).
        match answer.issuer {
            Some(issuer) if issuer != self.issuer => return Err(refused()),
            None if metadata.names_itself => return Err(refused()),
            _ => {}
        }
        let verifier = verifier(answer.binding);
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", answer.code),
            ("redirect_uri", self.callback.as_str()),
            ("code_verifier", &verifier),
        ];
        let authorization = self.secret.as_ref().map(|Secret(secret)| {
            let pair = format!("{}:{}", escape(&self.client), escape(secret));
            format!("Basic {}", BASE64_STANDARD.encode(pair))
        });
        if authorization.is_none() {
            fields.push(("client_id", &self.client));
        }
        let given = http::post(&self.agent, &metadata.token, &encode(&fields), authorization.as_deref())?;
        let given: Value = serde_json::from_slice(&given).map_err(|_| refused())?;
        let token = given.get("id_token").and_then(Value::as_str).ok_or_else(refused)?;
        let claims = self.verify(token, &metadata, now)?;
        self.identity(&claims, &nonce(answer.binding), now)
    }

    fn verify(&self, token: &str, metadata: &Metadata, now: u64) -> Result<Map<String, Value>> {
        match jwt::verify(token, &self.keys(metadata, false, now)?) {
            // It has new keys, perhaps.
            Err(Fault::UnknownKey) => {
                jwt::verify(token, &self.keys(metadata, true, now)?).map_err(|_| refused())
            }
            verified => verified.map_err(|_| refused()),
        }
    }

    /// Who the claims are about, if they were made for this server, for this sign-in, and now.
    fn identity(&self, claims: &Map<String, Value>, nonce: &str, now: u64) -> Result<Identity> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let time = |name: &str| claims.get(name).and_then(Value::as_f64);
        let audience = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        let party = text("azp");
        let is_for_us = audience.contains(&self.client.as_str())
            && (audience.len() == 1 || party.is_some())
            && party.is_none_or(|party| party == self.client);
        let (now, leeway) = (now as f64, LEEWAY as f64);
        let is_now = time("exp").is_some_and(|end| now < end + leeway)
            && time("iat").is_some_and(|made| made <= now + leeway)
            && time("nbf").is_none_or(|start| start <= now + leeway);
        let is_asked_for = text("nonce").is_some_and(|given| given == nonce);
        let subject = text("sub").filter(|subject| !subject.is_empty() && subject.len() <= 255);
        let Some(subject) = subject else { return Err(refused()) };
        if text("iss") != Some(self.issuer.as_str()) || !is_for_us || !is_now || !is_asked_for {
            return Err(refused());
        }
        let mail = text("email").and_then(|mail| mail.split('@').next());
        let name = text("preferred_username").or(mail).or(text("name")).unwrap_or("user");
        Ok(Identity {
            issuer: self.issuer.clone(),
            subject: subject.to_owned(),
            name: name.to_owned(),
            role: self.groups.role(claims),
            may_create: self.may_create,
        })
    }

    fn metadata(&self, now: u64) -> Result<Arc<Metadata>> {
        let known = self.known().metadata.clone();
        if let Some((since, metadata)) = known
            && now < since + METADATA_LIFE
        {
            return Ok(metadata);
        }
        let malformed = || Error::new(Code::Unavailable, text::provider_failed());
        let base = Address::parse(&format!("{}/", self.issuer)).map_err(|_| malformed())?;
        let document = base.join(".well-known/openid-configuration").map_err(|_| malformed())?;
        let document = http::get(&self.agent, &document)?;
        let document: Value = serde_json::from_slice(&document).map_err(|_| malformed())?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        if text("issuer") != Some(self.issuer.as_str()) {
            return Err(malformed());
        }
        let address = |name: &str| {
            let address = text(name).and_then(|address| Address::parse(address).ok());
            // An address on this machine is one only of a provider on this machine.
            let is_fine = |address: &Address| {
                http::is_safe(address) && (!address.is_loopback() || self.issuer_address.is_loopback())
            };
            address.filter(is_fine).ok_or_else(malformed)
        };
        let names_itself = document.get("authorization_response_iss_parameter_supported");
        let metadata = Arc::new(Metadata {
            authorization: address("authorization_endpoint")?,
            token: address("token_endpoint")?,
            keys: address("jwks_uri")?,
            names_itself: names_itself == Some(&Value::Bool(true)),
        });
        self.known().metadata = Some((now, Arc::clone(&metadata)));
        Ok(metadata)
    }

    /// The provider's keys. They are asked for again at most once a minute, whatever tokens come.
    fn keys(&self, metadata: &Metadata, again: bool, now: u64) -> Result<Arc<Vec<Jwk>>> {
        let known = self.known().keys.clone();
        if let Some((since, keys)) = known
            && (now < since + KEYS_PAUSE || !again && now < since + METADATA_LIFE)
        {
            return Ok(keys);
        }
        let document = http::get(&self.agent, &metadata.keys)?;
        let keys = jwt::keys(&document);
        let keys = Arc::new(keys.ok_or_else(|| Error::new(Code::Unavailable, text::provider_failed()))?);
        self.known().keys = Some((now, Arc::clone(&keys)));
        Ok(keys)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Groups {
    fn role(&self, claims: &Map<String, Value>) -> Option<Role> {
        if self.members.is_empty() && self.admins.is_empty() {
            return None;
        }
        let groups: Vec<&str> = match claims.get(&self.claim) {
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        let is_in = |wanted: &[String]| groups.iter().any(|group| wanted.iter().any(|one| one == group));
        Some(match () {
            () if is_in(&self.admins) => Role::Admin,
            () if self.members.is_empty() || is_in(&self.members) => Role::Member,
            () => Role::Guest,
        })
    }
}

/// What is never said: why.
fn refused() -> Error {
    Diagnostic::new(Code::Unauthenticated, text::provider_refused()).into()
}

/// The verifier of PKCE, and the nonce, of a sign-in.
fn verifier(binding: &str) -> String {
    Digest::of(format!("verifier {binding}").as_bytes()).to_string()
}

fn nonce(binding: &str) -> String {
    Digest::of(format!("nonce {binding}").as_bytes()).to_string()
}
