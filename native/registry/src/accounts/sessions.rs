//! Sessions: a browser that somebody has signed in with.

use super::users::role;
use super::{Accounts, digest, secret};
use crate::database::{Statement, values};
use crate::error::Result;
use crate::rights::Role;

/// How long a session lasts, in seconds.
pub(crate) const SESSION_LIFE: u64 = 12 * 60 * 60;

/// A session that goes on.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Whose it is.
    pub(crate) user: String,
    /// What that user is.
    pub(crate) role: Role,
}

impl Accounts {
    /// Begins a session of a user who has proved who it is. Gives its secret.
    pub(crate) async fn begin_session(&self, user: &str, now: u64) -> Result<String> {
        let (secret, digest) = secret()?;
        let expire = Statement::new("DELETE FROM sessions WHERE expires <= $1", values![now]);
        let sql = "INSERT INTO sessions (digest, user_name, created, expires) VALUES ($1, $2, $3, $4)";
        let begin = Statement::new(sql, values![digest, user, now, now + SESSION_LIFE]);
        self.database.write(vec![expire, begin]).await?;
        Ok(secret)
    }

    /// The session of a secret, if it goes on. Looked up by digest: there is nothing to compare in secret.
    pub(crate) async fn session(&self, secret: &str, now: u64) -> Result<Option<Session>> {
        let sql = "SELECT users.name, users.role FROM sessions JOIN users ON users.name = sessions.user_name \
                   WHERE sessions.digest = $1 AND sessions.expires > $2 AND users.disabled IS NULL";
        let found = self.database.one(sql, values![digest(secret), now]).await?;
        found.map(|row| Ok(Session { user: row.text(0)?, role: role(&row, 1)? })).transpose()
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, secret: &str) -> Result<()> {
        let end = Statement::new("DELETE FROM sessions WHERE digest = $1", values![digest(secret)]);
        self.database.write(vec![end]).await.map(drop)
    }
}
