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
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;

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
    /// The same for one that is unknown, wrong, revoked or expired, of a user who is disabled, or from elsewhere.
    pub(crate) async fn authenticate(&self, token: &Token, from: IpAddr, now: u64) -> Result<Grant> {
        let refused = || Error::new(Code::Unauthenticated, text::token_refused());
        let sql = "SELECT tokens.digest, tokens.scopes, tokens.packages, tokens.networks, tokens.kind, \
                   tokens.last_used, users.name, users.role \
                   FROM tokens JOIN users ON users.name = tokens.user_name \
                   WHERE tokens.id = $1 AND tokens.revoked IS NULL AND tokens.expires > $2 \
                   AND users.disabled IS NULL";
        let found = self.database.one(sql, values![token.id(), now]).await?.ok_or_else(refused)?;
        let known = Digest::from_hex(&found.text(0)?).map_err(|_| refused())?;
        let networks = Networks::parse(&found.text(3)?)?;
        if !equal(known.as_bytes(), token.digest().as_bytes()) || !networks.contain(from) {
            return Err(refused());
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
