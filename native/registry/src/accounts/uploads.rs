//! Uploads that are under way, and the responses of those that were published.

use super::{Accounts, random};
use crate::database::{Row, Statement, values};
use crate::error::{Error, Result};
use vitte_package_core::api::upload::UploadState;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;

/// How long an upload stays open, in seconds, and how long after that it is known that it has ended.
pub(crate) const UPLOAD_LIFE: u64 = 24 * 60 * 60;
const UPLOAD_KNOWN: u64 = 24 * 60 * 60;

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
    /// How far it is.
    pub(crate) state: UploadState,
    /// The problem that its commit was refused with.
    pub(crate) problem: Option<Vec<u8>>,
}

/// Selects what [`stored`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, request, published, expires, state, problem, request_digest FROM uploads ", $rest)
    };
}

fn stored(row: &Row, now: u64) -> Result<StoredUpload> {
    let wrong = || Error::storage("its database", &"unexpected content");
    let (id, request, expires) = (row.text(0)?, row.blob(1)?, row.seconds(3)?);
    let state = match UploadState::parse(&row.text(4)?).ok_or_else(wrong)? {
        UploadState::Open | UploadState::Processing if expires <= now => UploadState::Expired,
        state => state,
    };
    Ok(StoredUpload {
        id,
        request,
        published: row.maybe_blob(2)?,
        expires,
        state,
        problem: row.maybe_blob(5)?,
    })
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
            let sql = select!("WHERE token = $1 AND idempotency_key = $2 AND expires > $3");
            if let Some(row) = self.database.one(sql, values![token, key, now]).await? {
                return match row.text(6)? == digest {
                    true => Ok((stored(&row, now)?, false)),
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

    /// An upload of a token, if it is known, one that has ended among them.
    pub(crate) async fn upload(&self, id: &str, token: &str, now: u64) -> Result<Option<StoredUpload>> {
        let sql = select!("WHERE id = $1 AND token = $2 AND expires > $3");
        let known_since = now.saturating_sub(UPLOAD_KNOWN);
        let found = self.database.one(sql, values![id, token, known_since]).await?;
        found.map(|row| stored(&row, now)).transpose()
    }

    /// Gives up an upload that is open. Whether it was. The key that it was opened under is free again. One whose commit
    /// was not answered in time may be logged still: what was sent for it has to stay.
    pub(crate) async fn cancel_upload(&self, id: &str, token: &str, now: u64) -> Result<bool> {
        let sql = "UPDATE uploads SET state = 'cancelled', idempotency_key = NULL \
                   WHERE id = $1 AND token = $2 AND state = 'open' AND expires > $3 \
                   AND NOT EXISTS (SELECT 1 FROM outbox WHERE upload = $1 AND status IS NULL)";
        let cancel = Statement::new(sql, values![id, token, now]).must_change(1);
        Ok(self.database.write(vec![cancel]).await?.is_some())
    }

    /// Begins to publish an upload, or begins again what did not end. False when it takes nothing more.
    pub(crate) async fn begin_commit(&self, id: &str, now: u64) -> Result<bool> {
        let sql = "UPDATE uploads SET state = 'processing' \
                   WHERE id = $1 AND state IN ('open', 'processing') AND expires > $2";
        let begin = Statement::new(sql, values![id, now]).must_change(1);
        Ok(self.database.write(vec![begin]).await?.is_some())
    }

    /// Opens an upload again whose commit was refused for now.
    pub(crate) async fn reopen_upload(&self, id: &str) -> Result<()> {
        let sql = "UPDATE uploads SET state = 'open' WHERE id = $1 AND state = 'processing'";
        self.database.write(vec![Statement::new(sql, values![id])]).await?;
        Ok(())
    }

    /// Ends an upload whose commit was refused for good, with the problem. The key that it was opened under is free again.
    pub(crate) async fn fail_upload(&self, id: &str, problem: &[u8]) -> Result<()> {
        let sql = "UPDATE uploads SET state = 'failed', problem = $1, idempotency_key = NULL \
                   WHERE id = $2 AND state = 'processing'";
        self.database.write(vec![Statement::new(sql, values![problem, id])]).await?;
        Ok(())
    }

    /// Stores what a commit was answered with, for a client that did not get the answer.
    pub(crate) async fn publish_upload(&self, id: &str, response: &[u8]) -> Result<()> {
        let sql = "UPDATE uploads SET published = $1, state = 'published' WHERE id = $2";
        self.database.write(vec![Statement::new(sql, values![response, id])]).await?;
        Ok(())
    }

    /// Forgets uploads that ended long ago. Gives the ids of those that stay open.
    pub(crate) async fn expire_uploads(&self, now: u64) -> Result<Vec<String>> {
        let known_since = now.saturating_sub(UPLOAD_KNOWN);
        let expire = Statement::new("DELETE FROM uploads WHERE expires <= $1", values![known_since]);
        self.database.write(vec![expire]).await?;
        let sql = "SELECT id FROM uploads WHERE state IN ('open', 'processing') AND expires > $1";
        let open = self.database.query(sql, values![now]).await?;
        open.iter().map(|row| row.text(0)).collect()
    }

    /// Opens uploads again that a server which is gone was publishing: what it logged is found when they are committed.
    pub(crate) async fn reopen_uploads(&self) -> Result<()> {
        let sql = "UPDATE uploads SET state = 'open' WHERE state = 'processing'";
        self.database.write(vec![Statement::new(sql, values![])]).await?;
        Ok(())
    }

    /// How many uploads are under way.
    pub(crate) async fn open_uploads(&self, now: u64) -> Result<u64> {
        let sql = "SELECT COUNT(*) FROM uploads WHERE state IN ('open', 'processing') AND expires > $1";
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
    let (request, state) = (request.to_vec(), UploadState::Open);
    Ok((StoredUpload { id, request, published: None, expires, state, problem: None }, statements))
}
