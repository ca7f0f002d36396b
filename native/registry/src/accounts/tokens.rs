//! Tokens: what a program proves its rights with.

use super::users::role;
use super::{Accounts, equal, random};
use crate::database::{Row, Statement, values};
use crate::error::{Error, Result};
use crate::networks::Networks;
use crate::rights::{Grant, Patterns, Role, Scope};
use std::net::IpAddr;
use vitte_package_core::api::Token;
use vitte_package_core::api::tokens::{TokenInfo, TokenKind};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::day;

/// Seconds to which it is known when a token was used last.
const USED_STEP: u64 = 600;

/// Selects what [`listed`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, kind, scopes, packages, networks, created, expires, last_used, revoked, user_name ",
            "FROM tokens ",
            $rest
        )
    };
}

/// A token as it is listed, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct ListedToken {
    pub(crate) user: String,
    pub(crate) info: TokenInfo,
}

/// What a new token is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewToken {
    pub(crate) name: String,
    pub(crate) kind: TokenKind,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) packages: Patterns,
    pub(crate) networks: Networks,
    pub(crate) days: u64,
}

impl NewToken {
    /// Makes it for a user: the token, what is said of it, and what stores it. Only its digest is kept.
    ///
    /// # Errors
    /// `forbidden` for a scope that the user cannot have.
    pub(super) fn make(self, user: &str, role: Role, now: u64) -> Result<(Token, TokenInfo, Statement)> {
        if let Some(scope) = self.scopes.iter().find(|scope| !role.may_have(**scope)) {
            return Err(Error::new(Code::Forbidden, text::token_beyond(scope.as_str())));
        }
        let token = Token::new(&random::<{ Token::RANDOM }>()?);
        let expires = now + self.days * 24 * 60 * 60;
        let kind = match self.kind {
            TokenKind::Token => "token",
            TokenKind::Login => "login",
        };
        let sql = "INSERT INTO tokens \
                   (id, digest, user_name, name, kind, scopes, packages, networks, created, expires) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let row = values![
            token.id(),
            token.digest().to_string(),
            user,
            &self.name,
            kind,
            Scope::written(&self.scopes),
            self.packages.to_string(),
            self.networks.to_string(),
            now,
            expires
        ];
        let info = TokenInfo {
            id: token.id().to_owned(),
            name: self.name,
            kind: self.kind,
            scopes: self.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            packages: self.packages.written(),
            cidrs: self.networks.written(),
            created: now,
            expires,
            last_used: None,
            revoked: false,
        };
        Ok((token, info, Statement::new(sql, row)))
    }
}

impl Accounts {
    /// Makes a token of a user; without a name, of the only one. This is the one time it is seen.
    pub(crate) async fn create_token(
        &self,
        user: Option<&str>,
        new: NewToken,
        now: u64,
    ) -> Result<(Token, TokenInfo)> {
        let (user, role) = self.user(user).await?;
        let (token, info, store) = new.make(&user, role, now)?;
        self.database.write(vec![store]).await?;
        Ok((token, info))
    }

    /// All tokens, the newest first.
    pub(crate) async fn tokens(&self) -> Result<Vec<ListedToken>> {
        let sql = select!("ORDER BY created DESC, id");
        self.database.query(sql, values![]).await?.iter().map(listed).collect()
    }

    /// The tokens of a user, the newest first.
    pub(crate) async fn tokens_of(&self, user: &str) -> Result<Vec<TokenInfo>> {
        let sql = select!("WHERE user_name = $1 ORDER BY created DESC, id");
        let rows = self.database.query(sql, values![user]).await?;
        rows.iter().map(|row| Ok(listed(row)?.info)).collect()
    }

    /// A token of a user.
    pub(crate) async fn token_of(&self, user: &str, id: &str) -> Result<Option<TokenInfo>> {
        let sql = select!("WHERE user_name = $1 AND id = $2");
        let found = self.database.one(sql, values![user, id]).await?;
        found.map(|row| Ok(listed(&row)?.info)).transpose()
    }

    /// Makes a token worthless; with a user, only one of that user's.
    pub(crate) async fn revoke(&self, id: &str, user: Option<&str>, now: u64) -> Result<()> {
        let sql = "UPDATE tokens SET revoked = coalesce(revoked, $1) \
                   WHERE id = $2 AND user_name = coalesce($3, user_name)";
        let revoke = Statement::new(sql, values![now, id, user]).must_change(1);
        match self.database.write(vec![revoke]).await? {
            None => Err(Error::new(Code::NotFound, text::token_missing_id(id))),
            Some(_) => Ok(()),
        }
    }

    /// What a token allows that comes from an address.
    ///
    /// # Errors
    /// `unauthenticated`, which says why. Only a client that has the whole token is told what became of it: one with a
    /// wrong secret is refused as one that is unknown.
    pub(crate) async fn authenticate(&self, token: &Token, from: IpAddr, now: u64) -> Result<Grant> {
        let refused = |message: String| Diagnostic::new(Code::Unauthenticated, message);
        let unknown = || Error::from(refused(text::token_unknown(token.id())));
        let sql = "SELECT tokens.digest, tokens.scopes, tokens.packages, tokens.networks, tokens.kind, \
                   tokens.last_used, users.name, users.role, tokens.revoked, tokens.expires, users.disabled \
                   FROM tokens JOIN users ON users.name = tokens.user_name \
                   WHERE tokens.id = $1";
        let found = self.database.one(sql, values![token.id()]).await?.ok_or_else(unknown)?;
        let known = Digest::from_hex(&found.text(0)?).map_err(|_| unknown())?;
        if !equal(known.as_bytes(), token.digest().as_bytes()) {
            return Err(unknown());
        }
        if found.maybe_integer(8)?.is_some() {
            return Err(refused(text::token_revoked(token.id())).into());
        }
        let expires = found.seconds(9)?;
        if expires <= now {
            return Err(refused(text::token_expired(token.id(), &day(expires))).into());
        }
        if found.maybe_integer(10)?.is_some() {
            let user = found.text(6)?;
            let fault = refused(text::token_user_disabled(token.id(), &user));
            return Err(fault.help(text::token_user_disabled_help(&user)).into());
        }
        let networks = Networks::parse(&found.text(3)?)?;
        if !networks.contain(from) {
            let fault = refused(text::token_network(token.id(), &from.to_string()));
            return Err(fault.help(text::token_network_help()).into());
        }
        let used = found.maybe_integer(5)?.map(i64::unsigned_abs);
        if used.is_none_or(|used| used + USED_STEP <= now) {
            let sql = "UPDATE tokens SET last_used = $1 WHERE id = $2";
            // It is for the user's eyes: where it cannot be written, the token is no less valid.
            let _ = self.database.write(vec![Statement::new(sql, values![now, token.id()])]).await;
        }
        let role = role(&found, 7)?;
        let scopes = found.text(1)?;
        // What the user's role does not allow any more, the token does not either.
        let scopes = scopes.split(',').filter_map(Scope::parse).filter(|scope| role.may_have(*scope));
        Ok(Grant {
            token: token.id().to_owned(),
            user: found.text(6)?,
            role,
            is_login: found.text(4)? == "login",
            networks,
            scopes: scopes.collect(),
            packages: Patterns::parse(&found.text(2)?)?,
        })
    }
}

fn listed(row: &Row) -> Result<ListedToken> {
    let items = |text: String| -> Vec<String> {
        text.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    let kind = if row.text(2)? == "login" { TokenKind::Login } else { TokenKind::Token };
    Ok(ListedToken {
        user: row.text(10)?,
        info: TokenInfo {
            id: row.text(0)?,
            name: row.text(1)?,
            kind,
            scopes: items(row.text(3)?),
            packages: items(row.text(4)?),
            cidrs: items(row.text(5)?),
            created: row.seconds(6)?,
            expires: row.seconds(7)?,
            last_used: row.maybe_integer(8)?.map(i64::unsigned_abs),
            revoked: row.maybe_integer(9)?.is_some(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::tests::databases;

    const DAY: u64 = 24 * 60 * 60;

    #[tokio::test]
    async fn a_refused_token_is_told_why_and_a_wrong_one_is_not() {
        for (number, database) in databases("token-refusals").await.into_iter().enumerate() {
            let accounts = Accounts::new(database);
            let user = format!("ada-{}-{number}", std::process::id());
            accounts.add_user(&user, Role::Member, None, 0).await.unwrap();
            let new = |networks: &str| NewToken {
                name: String::new(),
                kind: TokenKind::Token,
                scopes: vec![Scope::Read],
                packages: Patterns::parse("*").unwrap(),
                networks: Networks::parse(networks).unwrap(),
                days: 1,
            };
            let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([198, 51, 100, 1]));
            let (token, _) = accounts.create_token(Some(&user), new("192.0.2.0/24"), 0).await.unwrap();
            let (revoked, _) = accounts.create_token(Some(&user), new(""), 0).await.unwrap();
            accounts.revoke(revoked.id(), None, 1).await.unwrap();
            // The same id with another secret.
            let mut random = [7; Token::RANDOM];
            let id = token.id().bytes().fold(0u128, |sum, byte| sum * 62 + u128::from(digit(byte)));
            random[..8].copy_from_slice(&u64::try_from(id).unwrap().to_be_bytes());
            let wrong = Token::new(&random);
            assert_eq!(wrong.id(), token.id());
            let says = async |token: &Token, from: IpAddr, now: u64| {
                let fault = accounts.authenticate(token, from, now).await.map_err(|error| error.first());
                fault.map(|grant| grant.user).map_err(|fault| (fault.code, fault.message))
            };
            let refused = |message: String| Err((Code::Unauthenticated, message));
            assert_eq!(says(&token, here, DAY - 1).await, Ok(user.clone()));
            let stranger = Token::new(&[9; Token::RANDOM]);
            for (token, from, now, message) in [
                (&stranger, here, 0, text::token_unknown(stranger.id())),
                (&revoked, here, 0, text::token_revoked(revoked.id())),
                (&revoked, here, 9 * DAY, text::token_revoked(revoked.id())),
                (&token, here, DAY, text::token_expired(token.id(), "1970-01-02")),
                (&token, there, 0, text::token_network(token.id(), "198.51.100.1")),
                // What became of a token is nothing for those who know its id alone.
                (&wrong, here, 0, text::token_unknown(token.id())),
                (&wrong, here, 9 * DAY, text::token_unknown(token.id())),
                (&wrong, there, 0, text::token_unknown(token.id())),
            ] {
                assert_eq!(says(token, from, now).await, refused(message));
            }
            accounts.disable_user(&user, 0).await.unwrap();
            let message = text::token_user_disabled(token.id(), &user);
            assert_eq!(says(&token, here, 0).await, refused(message));
            assert_eq!(says(&wrong, here, 0).await, refused(text::token_unknown(token.id())));
        }
    }

    fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => byte - b'a' + 36,
        }
    }
}
