//! Uploads that are under way, and the responses of those that were published.

use super::{Accounts, random};
use crate::database::{Row, Statement, values};
use crate::error::{Error, Result};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;

/// How long an upload stays open, in seconds.
pub(crate) const UPLOAD_LIFE: u64 = 24 * 60 * 60;

/// An upload as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredUpload {
    /// Its id.
    pub(crate) id: String,
    /// The request that opened it.
    pub(crate) request: Vec<u8>,
    /// The response of its commit, once it is published.
    pub(crate) published: Option<Vec<u8>>,
    /// When it ends.
    pub(crate) expires: u64,
}

fn stored(row: &Row) -> Result<StoredUpload> {
    let (id, request) = (row.text(0)?, row.blob(1)?);
    Ok(StoredUpload { id, request, published: row.maybe_blob(2)?, expires: row.seconds(3)? })
}

impl Accounts {
    /// Stores an upload.
    pub(crate) async fn open_upload(&self, token: &str, request: &[u8], now: u64) -> Result<StoredUpload> {
        let (upload, statements) = opening(token, request, now, None)?;
        self.database.write(statements).await?;
        Ok(upload)
    }

    /// Stores an upload under a key, or gives the one that the same request stored under it. Whether it is new.
    ///
    /// # Errors
    /// `idempotency-key` when the key is another request's.
    pub(crate) async fn open_upload_once(
        &self,
        token: &str,
        request: &[u8],
        now: u64,
        key: &str,
    ) -> Result<(StoredUpload, bool)> {
        let digest = Digest::of(request).to_string();
        // A second time when another request with this key came between.
        for _ in 0..2 {
            let sql = "SELECT id, request, published, expires, request_digest FROM uploads \
                       WHERE token = $1 AND idempotency_key = $2 AND expires > $3";
            if let Some(row) = self.database.one(sql, values![token, key, now]).await? {
                return match row.text(4)? == digest {
                    true => Ok((stored(&row)?, false)),
                    false => Err(Error::new(Code::IdempotencyKey, text::upload_key_reused())),
                };
            }
            let (upload, statements) = opening(token, request, now, Some((key, &digest)))?;
            if self.database.write(statements).await?.is_some() {
                return Ok((upload, true));
            }
        }
        Err(Error::new(Code::Unavailable, Code::Unavailable.title().to_owned()))
    }

    /// An upload of a token.
    pub(crate) async fn upload(&self, id: &str, token: &str, now: u64) -> Result<Option<StoredUpload>> {
        let sql = "SELECT id, request, published, expires FROM uploads \
                   WHERE id = $1 AND token = $2 AND expires > $3";
        let found = self.database.one(sql, values![id, token, now]).await?;
        found.as_ref().map(stored).transpose()
    }

    /// Forgets an upload that was not published. Whether there was one.
    pub(crate) async fn cancel_upload(&self, id: &str, token: &str) -> Result<bool> {
        let sql = "DELETE FROM uploads WHERE id = $1 AND token = $2 AND published IS NULL";
        let cancel = Statement::new(sql, values![id, token]).must_change(1);
        Ok(self.database.write(vec![cancel]).await?.is_some())
    }

    /// Stores what a commit was answered with, for a client that did not get the answer.
    pub(crate) async fn publish_upload(&self, id: &str, response: &[u8]) -> Result<()> {
        let sql = "UPDATE uploads SET published = $1 WHERE id = $2";
        self.database.write(vec![Statement::new(sql, values![response, id])]).await?;
        Ok(())
    }

    /// Forgets uploads that nobody can go on with. Gives the ids of those that stay open.
    pub(crate) async fn expire_uploads(&self, now: u64) -> Result<Vec<String>> {
        let expire = Statement::new("DELETE FROM uploads WHERE expires <= $1", values![now]);
        self.database.write(vec![expire]).await?;
        let open = self.database.query("SELECT id FROM uploads WHERE published IS NULL", values![]).await?;
        open.iter().map(|row| row.text(0)).collect()
    }
    /// How many uploads are under way.
    pub(crate) async fn open_uploads(&self, now: u64) -> Result<u64> {
        let sql = "SELECT COUNT(*) FROM uploads WHERE published IS NULL AND expires > $1";
        self.database.one(sql, values![now]).await?.map_or(Ok(0), |row| row.seconds(0))
    }
}

/// A new upload, and the statements that store it.
fn opening(
    token: &str,
    request: &[u8],
    now: u64,
    key: Option<(&str, &str)>,
) -> Result<(StoredUpload, Vec<Statement>)> {
    let id: String = random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let expires = now + UPLOAD_LIFE;
    let mut statements = Vec::new();
    if let Some((key, _)) = key {
        let sql = "DELETE FROM uploads WHERE token = $1 AND idempotency_key = $2 AND expires <= $3";
        statements.push(Statement::new(sql, values![token, key, now]));
    }
    let (key, digest) = key.unzip();
    let sql = "INSERT INTO uploads (id, token, request, expires, idempotency_key, request_digest) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let row = values![&id, token, request, expires, key, digest];
    statements.push(Statement::new(sql, row).must_change(1));
    Ok((StoredUpload { id, request: request.to_vec(), published: None, expires }, statements))
}
