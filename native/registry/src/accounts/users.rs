//! Users: who may have tokens, and what they sign in with.

use super::{Accounts, Password};
use crate::database::{Row, Statement, values};
use crate::error::{Error, Result};
use crate::rights::Role;
use crate::tasks::waiting;
use std::net::IpAddr;
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;

/// Characters of a user's name at most.
pub(super) const NAME_LEN: usize = 40;

/// A user as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct ListedUser {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) has_password: bool,
    pub(crate) is_disabled: bool,
}

impl Accounts {
    /// Adds a user. Without a password, nobody signs in as this user but through a provider.
    pub(crate) async fn add_user(
        &self,
        name: &str,
        role: Role,
        password: Option<&Password>,
        now: u64,
    ) -> Result<()> {
        if !is_name(name) {
            return Err(Error::new(Code::Usage, text::user_name()));
        }
        let hash = password.map(Password::hash).transpose()?;
        let sql = "INSERT INTO users (name, created, role, password) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        let add = Statement::new(sql, values![name, now, role.as_str(), hash]).must_change(1);
        match self.database.write(vec![add]).await? {
            None => Err(Error::new(Code::RegistryExists, text::user_exists(name))),
            Some(_) => Ok(()),
        }
    }

    /// All users, by name.
    pub(crate) async fn users(&self) -> Result<Vec<ListedUser>> {
        let sql = "SELECT name, role, password, disabled FROM users ORDER BY name";
        let user = |row: &Row| {
            Ok(ListedUser {
                name: row.text(0)?,
                role: role(row, 1)?,
                has_password: row.maybe_text(2)?.is_some(),
                is_disabled: row.maybe_integer(3)?.is_some(),
            })
        };
        self.database.query(sql, values![]).await?.iter().map(user).collect()
    }

    /// Keeps a user out from now on: sessions end, and no token is valid any more.
    pub(crate) async fn disable_user(&self, name: &str, now: u64) -> Result<()> {
        let sql = "UPDATE users SET disabled = coalesce(disabled, $1) WHERE name = $2";
        let disable = Statement::new(sql, values![now, name]).must_change(1);
        self.change_user(name, vec![disable, end_sessions(name)]).await
    }

    /// Lets a user in again, with the tokens that have not ended meanwhile.
    pub(crate) async fn enable_user(&self, name: &str) -> Result<()> {
        let sql = "UPDATE users SET disabled = NULL WHERE name = $1";
        self.change_user(name, vec![Statement::new(sql, values![name]).must_change(1)]).await
    }

    /// Gives a user a new password. Sessions that began with the old one end.
    pub(crate) async fn set_password(&self, name: &str, password: &Password) -> Result<()> {
        let sql = "UPDATE users SET password = $1 WHERE name = $2";
        let set = Statement::new(sql, values![password.hash()?, name]).must_change(1);
        self.change_user(name, vec![set, end_sessions(name)]).await
    }

    /// Makes a user something else.
    pub(crate) async fn set_role(&self, name: &str, role: Role) -> Result<()> {
        let sql = "UPDATE users SET role = $1 WHERE name = $2";
        let set = Statement::new(sql, values![role.as_str(), name]).must_change(1);
        self.change_user(name, vec![set]).await
    }

    async fn change_user(&self, name: &str, statements: Vec<Statement>) -> Result<()> {
        match self.database.write(statements).await? {
            None => Err(Error::new(Code::NotFound, text::user_missing(name))),
            Some(_) => Ok(()),
        }
    }

    /// The user a token is for: the one that is named, or the only one.
    pub(super) async fn user(&self, given: Option<&str>) -> Result<(String, Role)> {
        let Some(given) = given else {
            let names = self.database.query("SELECT name, role FROM users LIMIT 2", values![]).await?;
            let [only] = names.as_slice() else { return Err(Error::new(Code::Usage, text::users_several())) };
            return Ok((only.text(0)?, role(only, 1)?));
        };
        match self.database.one("SELECT name, role FROM users WHERE name = $1", values![given]).await? {
            Some(row) => Ok((row.text(0)?, role(&row, 1)?)),
            None => Err(Error::new(Code::NotFound, text::user_missing(given))),
        }
    }

    /// Checks a password: the user's name, as it is stored.
    ///
    /// # Errors
    /// The same, after the same work, for a user that is unknown, disabled or has no password, and for a wrong one;
    /// `rate-limited` when there were too many tries for this name or from this address.
    pub(crate) async fn check_password(
        &self,
        name: &str,
        password: Password,
        from: IpAddr,
        now: u64,
    ) -> Result<String> {
        let of_user = format!("user {}", name.chars().take(NAME_LEN + 1).collect::<String>());
        self.try_once(&[address_bucket(from), of_user.clone()], now).await?;
        let sql = "SELECT name, password FROM users WHERE name = $1 AND disabled IS NULL";
        let found = self.database.one(sql, values![name]).await?;
        let stored = found.as_ref().map(|row| row.maybe_text(1)).transpose()?.flatten();
        let turn = Arc::clone(&self.hashing).acquire_owned().await;
        let is_right = waiting(move || {
            let is_right = password.is(stored.as_deref());
            drop(turn);
            Ok(is_right)
        })
        .await?;
        match found {
            Some(row) if is_right => {
                self.attempts.clear(&of_user).await?;
                row.text(0)
            }
            _ => Err(Error::new(Code::Unauthenticated, text::sign_in_refused())),
        }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// `rate-limited` when there were too many.
    pub(super) async fn try_once(&self, buckets: &[String], now: u64) -> Result<()> {
        self.attempts.take(buckets, now).await?.map_err(|seconds| {
            Error::from(Diagnostic::new(Code::RateLimited, text::sign_in_too_often(seconds)))
        })
    }
}

/// The bucket of an address. Of IPv6 everybody has a network full.
pub(super) fn address_bucket(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("address {address}"),
        IpAddr::V6(address) => format!("address {:x}/64", address.to_bits() >> 64),
    }
}

/// Whether a user can have this name.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.len() <= NAME_LEN && name.bytes().all(plain)
}

/// A role in a row. One that a later version wrote is the least.
pub(super) fn role(row: &Row, column: usize) -> Result<Role> {
    Ok(Role::parse(&row.text(column)?).unwrap_or(Role::Guest))
}

fn end_sessions(name: &str) -> Statement {
    Statement::new("DELETE FROM sessions WHERE user_name = $1", values![name])
}
