//! Tokens of registries: where they come from, and where they are kept.
//!
//! The first source that has one decides: the command line, `VITTE_<REGISTRY>_TOKEN`, `VITTE_TOKEN`, the credential
//! helper, `credentials.toml` in the home, netrc. A token belongs to one canonical address ([`Address`]), so that no
//! spelling of another host or path obtains it, and goes nowhere in the clear but to this machine.
//!
//! * [`mod@file`]: `credentials.toml`. [`helper_program`]: another program that keeps tokens. `netrc`: the file of other tools.
//! * `variable`: the variables, and for which registry `VITTE_TOKEN` is.
//!
//! Source: registry format document, section 6.

pub mod file;
pub mod helper_program;
mod netrc;
pub mod variable;

use crate::env::{Env, Variable};
use crate::error::Error;
use crate::message::credentials as text;
use crate::message::registry as registry_text;
use std::path::PathBuf;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;

/// A token, and where it was found.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The token.
    pub token: Token,
    /// Where it was found.
    pub source: Source,
}

/// Where a token was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `--token` or `--token-stdin`.
    CommandLine,
    /// This variable of the environment.
    Variable(String),
    /// The credential helper, as it is configured.
    Helper(String),
    /// `credentials.toml`.
    File(PathBuf),
    /// The file of curl, git and others.
    Netrc(PathBuf),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CommandLine => f.write_str("--token"),
            Self::Variable(name) => f.write_str(name),
            Self::Helper(command) => f.write_str(command),
            Self::File(path) | Self::Netrc(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What a token is looked for.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// The surroundings.
    pub env: &'a Env,
    /// The registry.
    pub registry: &'a Address,
    /// Whether it is the one registry that the user has to do with, where nothing names the registry of `VITTE_TOKEN`.
    pub is_only: &'a dyn Fn() -> Result<bool, Error>,
}

impl std::fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lookup({})", self.registry)
    }
}

impl Lookup<'_> {
    /// A token that can be had at once, without another program: it is sent with the first request. One that is
    /// malformed is not sent; it is reported when the registry asks for one ([`Lookup::find`]).
    ///
    /// # Errors
    /// `key-permissions` when others can read the file that it is in; `config`, `io`.
    pub fn at_once(&self) -> Result<Option<Credential>, Error> {
        if !may_be_sent(self.registry) {
            return Ok(None);
        }
        if let Some(token) = self.env.given_token(self.registry) {
            return Ok(Some(Credential { token: token.clone(), source: Source::CommandLine }));
        }
        if let Some((name, given)) = variable::of(self)? {
            let token = Token::parse(given.trim()).ok();
            return Ok(token.map(|token| Credential { token, source: Source::Variable(name) }));
        }
        // A helper comes before the files, and is another program: it is started when the registry asks for a token.
        match helper_program::configured(self.env)? {
            Some(_) => Ok(None),
            None => self.in_files(),
        }
    }

    /// The token for a registry, wherever it may be.
    ///
    /// # Errors
    /// As [`Lookup::at_once`]; `unauthenticated` when a variable or the helper has something else than a token; `config`
    /// when the helper fails.
    pub fn find(&self) -> Result<Option<Credential>, Error> {
        if !may_be_sent(self.registry) {
            return Ok(None);
        }
        if let Some((name, given)) = variable::of(self)? {
            let token = Token::parse(given.trim()).map_err(|error| Error::from(error).in_file(&name));
            if self.env.given_token(self.registry).is_none() {
                return Ok(Some(Credential { token: token?, source: Source::Variable(name) }));
            }
        }
        match self.at_once()? {
            Some(found) => Ok(Some(found)),
            None => match helper_program::get(self.env, self.registry)? {
                Some(found) => Ok(Some(found)),
                None => self.in_files(),
            },
        }
    }

    fn in_files(&self) -> Result<Option<Credential>, Error> {
        match file::get(self.env, self.registry)? {
            Some(found) => Ok(Some(found)),
            None => netrc::get(self.env, self.registry),
        }
    }

    /// Why there is no token, or why it was refused, and what to do: hints for the error of a registry that asks for one.
    pub fn explain(&self, used: Option<&Source>) -> Vec<String> {
        let url = self.registry.to_string();
        if let Some(source) = used {
            return vec![text::came_from(&source.to_string()), text::login_again(&url)];
        }
        if !may_be_sent(self.registry) {
            return vec![registry_text::token_in_clear(&url)];
        }
        let mut hints = vec![text::login(&url)];
        hints.extend(variable::name_of(self.registry).map(|name| text::or_variable(&name)));
        if self.env.raw(Variable::Token).is_some() {
            hints.push(text::variable_not_sent(&url));
        }
        hints
    }
}

/// The token for writing to a registry that the user has named.
///
/// # Errors
/// `unauthenticated` without one; `insecure-url` when it would be sent in the clear; as [`Lookup::find`].
pub fn for_writing(env: &Env, registry: &Address) -> Result<Credential, Error> {
    check_may_be_sent(registry)?;
    let lookup = Lookup { env, registry, is_only: &|| Ok(true) };
    lookup.find()?.ok_or_else(|| {
        let url = registry.to_string();
        let fault = Diagnostic::new(Code::Unauthenticated, registry_text::token_needed(&url));
        let hints = lookup.explain(None).into_iter().chain([registry_text::token_needed_help()]);
        hints.fold(fault, Diagnostic::help).into()
    })
}

/// Keeps a token: with the credential helper where one is configured, else in `credentials.toml`.
///
/// # Errors
/// `insecure-url` for a registry that it would be sent to in the clear; `key-permissions`; `config` when the helper
/// fails; `io`, `no-space`.
pub fn store(env: &Env, registry: &Address, token: &Token) -> Result<Source, Error> {
    check_may_be_sent(registry)?;
    match helper_program::store(env, registry, token)? {
        Some(source) => Ok(source),
        None => file::store(env, registry, token).map(Source::File),
    }
}

/// Forgets the token of a registry. Gives the places that it was in.
///
/// # Errors
/// `key-permissions`; `config` when the helper fails; `io`, `no-space`.
pub fn forget(env: &Env, registry: &Address) -> Result<Vec<Source>, Error> {
    let mut places = Vec::new();
    if let Some(found) = helper_program::get(env, registry)? {
        helper_program::erase(env, registry)?;
        places.push(found.source);
    }
    places.extend(file::remove(env, registry)?.map(Source::File));
    Ok(places)
}

/// Whether a token may be sent to an address: over TLS, or to this machine.
pub fn may_be_sent(to: &Address) -> bool {
    to.scheme() == Scheme::Https || to.is_loopback()
}

/// Refuses an address that a token would be sent to in the clear.
///
/// # Errors
/// `insecure-url`.
pub fn check_may_be_sent(to: &Address) -> Result<(), Error> {
    match may_be_sent(to) {
        true => Ok(()),
        false => {
            Err(Diagnostic::new(Code::InsecureUrl, registry_text::token_in_clear(&to.to_string())).into())
        }
    }
}

#[cfg(test)]
mod tests;
