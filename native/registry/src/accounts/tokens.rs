//! Tokens: what a program proves its rights with.

use super::{Accounts, random};
use crate::database::{Statement, values};
use crate::error::{Error, Result};
use crate::rights::{Grant, Patterns, Scope};
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;

/// A token as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct ListedToken {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) scopes: String,
    pub(crate) packages: String,
    pub(crate) expires: u64,
    pub(crate) is_revoked: bool,
}

impl Accounts {
    /// Makes a token. Only its digest is kept: this is the one time it is seen.
    pub(crate) async fn create_token(
        &self,
        user: Option<&str>,
        scopes: &[Scope],
        packages: &Patterns,
        now: u64,
        expires: u64,
    ) -> Result<Token> {
        let user = self.user(user).await?;
        let token = Token::new(&random::<{ Token::RANDOM }>()?);
        let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",");
        let sql = "INSERT INTO tokens (id, digest, user_name, scopes, packages, created, expires) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let digest = token.digest().to_string();
        let row = values![token.id(), digest, user, scopes, packages.to_string(), now, expires];
        self.database.write(vec![Statement::new(sql, row)]).await?;
        Ok(token)
    }

    /// All tokens, the newest first.
    pub(crate) async fn tokens(&self) -> Result<Vec<ListedToken>> {
        let sql =
            "SELECT id, user_name, scopes, packages, expires, revoked FROM tokens ORDER BY created DESC, id";
        let rows = self.database.query(sql, values![]).await?;
        let token = |row: &crate::database::Row| {
            Ok(ListedToken {
                id: row.text(0)?,
                user: row.text(1)?,
                scopes: row.text(2)?,
                packages: row.text(3)?,
                expires: row.seconds(4)?,
                is_revoked: row.maybe_integer(5)?.is_some(),
            })
        };
        rows.iter().map(token).collect()
    }

    /// Makes a token worthless.
    pub(crate) async fn revoke(&self, id: &str, now: u64) -> Result<()> {
        let sql = "UPDATE tokens SET revoked = coalesce(revoked, $1) WHERE id = $2";
        let revoke = Statement::new(sql, values![now, id]).must_change(1);
        match self.database.write(vec![revoke]).await? {
            None => Err(Error::new(Code::NotFound, text::token_refused())),
            Some(_) => Ok(()),
        }
    }

    /// What a token allows.
    ///
    /// # Errors
    /// The same for one that is unknown, wrong, revoked or expired.
    pub(crate) async fn authenticate(&self, token: &Token, now: u64) -> Result<Grant> {
        let refused = || Error::new(Code::Unauthenticated, text::token_refused());
        let sql = "SELECT digest, scopes, packages FROM tokens \
                   WHERE id = $1 AND revoked IS NULL AND expires > $2";
        let found = self.database.one(sql, values![token.id(), now]).await?.ok_or_else(refused)?;
        let known = Digest::from_hex(&found.text(0)?).map_err(|_| refused())?;
        if !equal(known.as_bytes(), token.digest().as_bytes()) {
            return Err(refused());
        }
        Ok(Grant {
            token: token.id().to_owned(),
            scopes: found.text(1)?.split(',').filter_map(Scope::parse).collect(),
            packages: Patterns::parse(&found.text(2)?)?,
        })
    }
}

/// Compares in a time that does not tell where two digests differ.
fn equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
