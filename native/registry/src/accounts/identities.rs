//! Users who sign in with the organisation's provider.

use super::users::{NAME_LEN, address_bucket, is_name};
use super::{Accounts, digest, secret};
use crate::database::{Statement, values};
use crate::error::{Error, Result};
use crate::oidc::Identity;
use crate::rights::Role;
use std::net::IpAddr;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// How long a sign-in may be at the provider, in seconds.
pub(crate) const AWAY: u64 = 10 * 60;
/// Names that are tried for a new user at most.
const NAMES: u32 = 50;

/// A sign-in that begins: what goes along with the browser, and what stays in it.
#[derive(Debug)]
pub(crate) struct Departure {
    pub(crate) state: String,
    pub(crate) binding: String,
}

impl Accounts {
    /// Begins a sign-in with the provider, which leads to a page of this server.
    pub(crate) async fn begin_away(&self, return_to: &str, from: IpAddr, now: u64) -> Result<Departure> {
        self.try_once(&[format!("provider {}", address_bucket(from))], now).await?;
        let ((state, kept), (binding, bound)) = (secret()?, secret()?);
        let expire = Statement::new("DELETE FROM provider_sign_ins WHERE expires <= $1", values![now]);
        let sql =
            "INSERT INTO provider_sign_ins (state, binding, return_to, expires) VALUES ($1, $2, $3, $4)";
        let begin = Statement::new(sql, values![kept, bound, return_to, now + AWAY]);
        self.database.write(vec![expire, begin]).await?;
        Ok(Departure { state, binding })
    }

    /// Ends a sign-in, once: where it leads to. The browser must be the one that it began in.
    pub(crate) async fn end_away(&self, state: &str, binding: &str, now: u64) -> Result<Option<String>> {
        let (state, binding) = (digest(state), digest(binding));
        let sql =
            "SELECT return_to FROM provider_sign_ins WHERE state = $1 AND binding = $2 AND expires > $3";
        let Some(row) = self.database.one(sql, values![&state, &binding, now]).await? else {
            return Ok(None);
        };
        let sql = "DELETE FROM provider_sign_ins WHERE state = $1 AND binding = $2";
        let end = Statement::new(sql, values![state, binding]).must_change(1);
        let is_ours = self.database.write(vec![end]).await?.is_some();
        if is_ours { row.text(0).map(Some) } else { Ok(None) }
    }

    /// The user of an identity, who is made if there is none and that is allowed. Nobody becomes a user who was there
    /// before by having the same name.
    pub(crate) async fn identify(&self, identity: &Identity, now: u64) -> Result<String> {
        for number in 1..=NAMES {
            if let Some(user) = self.known_identity(identity).await? {
                return Ok(user);
            }
            if !identity.may_create {
                return Err(Error::new(Code::Forbidden, text::provider_stranger()));
            }
            let name = name_of(&identity.name, number);
            let role = identity.role.unwrap_or(Role::Member);
            let sql = "INSERT INTO users (name, created, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            let user = Statement::new(sql, values![&name, now, role.as_str()]).must_change(1);
            let sql = "INSERT INTO identities (issuer, subject, user_name, created) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT DO NOTHING";
            let row = values![&identity.issuer, &identity.subject, &name, now];
            let known = Statement::new(sql, row).must_change(1);
            if self.database.write(vec![user, known]).await?.is_some() {
                return Ok(name);
            }
        }
        Err(Error::new(Code::RegistryExists, text::user_exists(&name_of(&identity.name, NAMES))))
    }

    /// The user of an identity that was here before, in the role that its groups give it now.
    async fn known_identity(&self, identity: &Identity) -> Result<Option<String>> {
        let sql = "SELECT users.name, users.disabled FROM identities \
                   JOIN users ON users.name = identities.user_name \
                   WHERE identities.issuer = $1 AND identities.subject = $2";
        let found = self.database.one(sql, values![&identity.issuer, &identity.subject]).await?;
        let Some(row) = found else { return Ok(None) };
        if row.maybe_integer(1)?.is_some() {
            return Err(Error::new(Code::Unauthenticated, text::provider_refused()));
        }
        let name = row.text(0)?;
        if let Some(role) = identity.role {
            let sql = "UPDATE users SET role = $1 WHERE name = $2 AND role <> $1";
            self.database.write(vec![Statement::new(sql, values![role.as_str(), &name])]).await?;
        }
        Ok(Some(name))
    }
}

/// A user's name out of what the provider calls somebody, as the first, second and so on who is called so.
fn name_of(given: &str, number: u32) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let name: String = given.chars().map(plain).take(NAME_LEN - 4).collect();
    let name = name.trim_matches('-');
    let name = if is_name(name) { name } else { "user" };
    if number == 1 { name.to_owned() } else { format!("{name}-{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_gets_a_name_that_is_one() {
        for (given, number, name) in [
            ("ada", 1, "ada"),
            ("ada.lovelace", 1, "ada-lovelace"),
            ("ada", 2, "ada-2"),
            ("Ådä", 1, "d"),
            ("", 1, "user"),
            ("../..", 3, "user-3"),
            (&"x".repeat(100), 50, &format!("{}-50", "x".repeat(36))),
        ] {
            assert_eq!(name_of(given, number), name, "{given}");
            assert!(is_name(name), "{name}");
        }
    }
}
