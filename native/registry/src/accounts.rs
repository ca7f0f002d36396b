//! Users, tokens and uploads: SQLite, one connection, every change on the disk before it is answered.

use crate::error::{Error, Result};
use crate::rights::{Grant, Patterns, Scope};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;

/// What makes the tables, in order; how many of them were run is the file's `user_version`.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/sqlite/0001.sql")];
/// How long an upload stays open, in seconds.
pub(crate) const UPLOAD_LIFE: u64 = 24 * 60 * 60;

/// The database.
#[derive(Debug)]
pub(crate) struct Accounts {
    connection: Mutex<Connection>,
}

/// An upload as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredUpload {
    /// The request that opened it.
    pub(crate) request: Vec<u8>,
    /// The response of its commit, once it is published.
    pub(crate) published: Option<Vec<u8>>,
}

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
    /// Opens the database, and makes its tables where they are missing.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let run = connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?;
        for (number, migration) in (1u32..).zip(MIGRATIONS).skip(run as usize) {
            let change = connection.transaction()?;
            change.execute_batch(migration)?;
            change.pragma_update(None, "user_version", number)?;
            change.commit()?;
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a user.
    pub(crate) fn add_user(&self, name: &str, now: u64) -> Result<()> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
            return Err(Error::new(Code::Usage, text::user_name()));
        }
        let sql = "INSERT INTO users (name, created) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        match self.connection().execute(sql, params![name, seconds(now)])? {
            0 => Err(Error::new(Code::RegistryExists, text::user_exists(name))),
            _ => Ok(()),
        }
    }

    /// The user a token is for: the one that is named, or the only one.
    fn user(&self, given: Option<&str>) -> Result<String> {
        let connection = self.connection();
        let mut statement = connection.prepare("SELECT name FROM users ORDER BY name LIMIT 1000")?;
        let names = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        match (given, names.as_slice()) {
            (Some(given), names) if names.iter().any(|name| name == given) => Ok(given.to_owned()),
            (Some(given), _) => Err(Error::new(Code::NotFound, text::user_missing(given))),
            (None, [only]) => Ok(only.clone()),
            (None, _) => Err(Error::new(Code::Usage, text::users_several())),
        }
    }

    /// Makes a token. Only its digest is kept: this is the one time it is seen.
    pub(crate) fn create_token(
        &self,
        user: Option<&str>,
        scopes: &[Scope],
        packages: &Patterns,
        now: u64,
        expires: u64,
    ) -> Result<Token> {
        let user = self.user(user)?;
        let mut random = [0; Token::RANDOM];
        getrandom::fill(&mut random).map_err(|error| Error::storage("the system's randomness", &error))?;
        let token = Token::new(&random);
        let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",");
        self.connection().execute(
            "INSERT INTO tokens (id, digest, user, scopes, packages, created, expires) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                token.id(),
                token.digest().to_string(),
                user,
                scopes,
                packages.to_string(),
                seconds(now),
                seconds(expires)
            ],
        )?;
        Ok(token)
    }

    /// All tokens, the newest first.
    pub(crate) fn tokens(&self) -> Result<Vec<ListedToken>> {
        let connection = self.connection();
        let mut statement = connection.prepare(
            "SELECT id, user, scopes, packages, expires, revoked FROM tokens ORDER BY created DESC, id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(ListedToken {
                id: row.get(0)?,
                user: row.get(1)?,
                scopes: row.get(2)?,
                packages: row.get(3)?,
                expires: row.get::<_, i64>(4)?.unsigned_abs(),
                is_revoked: row.get::<_, Option<i64>>(5)?.is_some(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes a token worthless.
    pub(crate) fn revoke(&self, id: &str, now: u64) -> Result<()> {
        let sql = "UPDATE tokens SET revoked = coalesce(revoked, ?2) WHERE id = ?1";
        match self.connection().execute(sql, params![id, seconds(now)])? {
            0 => Err(Error::new(Code::NotFound, text::token_refused())),
            _ => Ok(()),
        }
    }

    /// What a token allows.
    pub(crate) fn authenticate(&self, token: &Token, now: u64) -> Result<Grant> {
        let refused = || Error::new(Code::Unauthenticated, text::token_refused());
        let sql = "SELECT digest, scopes, packages FROM tokens \
                   WHERE id = ?1 AND revoked IS NULL AND expires > ?2";
        let connection = self.connection();
        let found = connection
            .query_row(sql, params![token.id(), seconds(now)], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .optional()?;
        let (digest, scopes, packages) = found.ok_or_else(refused)?;
        let known = Digest::from_hex(&digest).map_err(|_| refused())?;
        if !equal(known.as_bytes(), token.digest().as_bytes()) {
            return Err(refused());
        }
        Ok(Grant {
            token: token.id().to_owned(),
            scopes: scopes.split(',').filter_map(Scope::parse).collect(),
            packages: Patterns::parse(&packages)?,
        })
    }

    /// Stores an upload. Gives its id.
    pub(crate) fn open_upload(&self, token: &str, request: &[u8], now: u64) -> Result<String> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| Error::storage("the system's randomness", &error))?;
        let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        self.connection().execute(
            "INSERT INTO uploads (id, token, request, expires) VALUES (?1, ?2, ?3, ?4)",
            params![id, token, request, seconds(now + UPLOAD_LIFE)],
        )?;
        Ok(id)
    }

    /// An upload of a token.
    pub(crate) fn upload(&self, id: &str, token: &str, now: u64) -> Result<Option<StoredUpload>> {
        let sql = "SELECT request, published FROM uploads WHERE id = ?1 AND token = ?2 AND expires > ?3";
        let connection = self.connection();
        let found = connection.query_row(sql, params![id, token, seconds(now)], |row| {
            Ok(StoredUpload { request: row.get(0)?, published: row.get(1)? })
        });
        Ok(found.optional()?)
    }

    /// Stores what a commit was answered with, for whoever did not get the answer.
    pub(crate) fn publish_upload(&self, id: &str, response: &[u8]) -> Result<()> {
        self.connection()
            .execute("UPDATE uploads SET published = ?2 WHERE id = ?1", params![id, response])?;
        Ok(())
    }

    /// Forgets uploads that nobody can go on with. Gives the ids of those that stay open.
    pub(crate) fn expire_uploads(&self, now: u64) -> Result<Vec<String>> {
        let connection = self.connection();
        connection.execute("DELETE FROM uploads WHERE expires <= ?1", params![seconds(now)])?;
        let mut statement = connection.prepare("SELECT id FROM uploads WHERE published IS NULL")?;
        let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(ids)
    }
}

fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

/// Compares in a time that does not tell where two digests differ.
fn equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
