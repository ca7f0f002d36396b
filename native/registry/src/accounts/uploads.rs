//! Uploads that are under way, and the responses of those that were published.

use super::{Accounts, random};
use crate::database::{Row, Statement, values};
use crate::error::Result;

/// How long an upload stays open, in seconds.
pub(crate) const UPLOAD_LIFE: u64 = 24 * 60 * 60;

/// An upload as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredUpload {
    /// The request that opened it.
    pub(crate) request: Vec<u8>,
    /// The response of its commit, once it is published.
    pub(crate) published: Option<Vec<u8>>,
}

impl Accounts {
    /// Stores an upload. Gives its id.
    pub(crate) async fn open_upload(&self, token: &str, request: &[u8], now: u64) -> Result<String> {
        let id: String = random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let sql = "INSERT INTO uploads (id, token, request, expires) VALUES ($1, $2, $3, $4)";
        let open = Statement::new(sql, values![&id, token, request, now + UPLOAD_LIFE]);
        self.database.write(vec![open]).await?;
        Ok(id)
    }

    /// An upload of a token.
    pub(crate) async fn upload(&self, id: &str, token: &str, now: u64) -> Result<Option<StoredUpload>> {
        let sql = "SELECT request, published FROM uploads WHERE id = $1 AND token = $2 AND expires > $3";
        let found = self.database.one(sql, values![id, token, now]).await?;
        let stored = |row: Row| Ok(StoredUpload { request: row.blob(0)?, published: row.maybe_blob(1)? });
        found.map(stored).transpose()
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
