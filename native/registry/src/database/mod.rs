//! The database: accounts, tokens, uploads, and what is looked up in it. Nothing public is only here.
//!
//! A change is a list of statements, written as one transaction: no code runs in its midst, so that the same lists do
//! for SQLite and for PostgreSQL. Their text is the same in both: values are `$1`, `$2` and so on, and appear in this
//! order for the first time.

mod migrations;
mod sqlite;
mod value;

pub(crate) use value::{Row, Value, values};

use crate::error::{Error, Result};
use sqlite::Sqlite;
use std::path::Path;
use std::sync::Arc;

/// A statement and its values.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    sql: &'static str,
    values: Vec<Value>,
    /// How many rows it must change.
    changes: Option<u64>,
}

impl Statement {
    /// A statement that may change any number of rows.
    pub(crate) fn new(sql: &'static str, values: Vec<Value>) -> Self {
        Self { sql, values, changes: None }
    }

    /// Unless it changes so many rows, nothing of its transaction is done.
    #[must_use]
    pub(crate) fn must_change(mut self, rows: u64) -> Self {
        self.changes = Some(rows);
        self
    }
}

/// What SQL is understood, for the few statements that cannot be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    #[allow(dead_code, reason = "its backend is being added")]
    Postgres,
}

/// A way to the database, which clones share.
#[derive(Clone, Debug)]
pub(crate) struct Database(Backend);

#[derive(Clone, Debug)]
enum Backend {
    Sqlite(Arc<Sqlite>),
}

impl Database {
    /// Opens the database in a file, and makes what is missing.
    pub(crate) async fn sqlite(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        let opened = on_a_thread(move || Sqlite::open(&path)).await?;
        Ok(Self(Backend::Sqlite(Arc::new(opened))))
    }

    /// What it understands.
    #[allow(dead_code, reason = "every statement is the same in both so far")]
    pub(crate) fn dialect(&self) -> Dialect {
        match &self.0 {
            Backend::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Reads rows.
    pub(crate) async fn query(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        match &self.0 {
            Backend::Sqlite(sqlite) => {
                let sqlite = Arc::clone(sqlite);
                on_a_thread(move || sqlite.query(sql, &values)).await
            }
        }
    }

    /// Reads a row: the first, if there is any.
    pub(crate) async fn one(&self, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    /// Runs statements in one transaction, which is on the disk when this returns. Gives how many rows each changed;
    /// none when one did not change what it must: then nothing was changed.
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Option<Vec<u64>>> {
        match &self.0 {
            Backend::Sqlite(sqlite) => {
                let sqlite = Arc::clone(sqlite);
                on_a_thread(move || sqlite.write(&statements)).await
            }
        }
    }
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Error::storage("its database", &"its thread ended")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_is_done_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("vitte-registry-database-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let database = Database::sqlite(&folder.join("db.sqlite")).await.unwrap();
        let add = |name: &str| {
            Statement::new(
                "INSERT INTO users (name, created) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                values![name, 7u64],
            )
        };
        assert_eq!(
            database.write(vec![add("ada"), add("ada")]).await.unwrap(),
            Some(vec![1, 0]),
            "rows changed by each"
        );
        assert_eq!(
            database.write(vec![add("bob"), add("ada").must_change(1)]).await.unwrap(),
            None,
            "the second changed nothing"
        );
        let rows = database
            .query("SELECT name, created FROM users WHERE created = $1", values![7u64])
            .await
            .unwrap();
        assert_eq!(rows.len(), 1, "the first of them was not done either");
        assert_eq!(
            (rows[0].text(0).unwrap(), rows[0].seconds(1).unwrap(), rows[0].maybe_text(2).unwrap()),
            ("ada".to_owned(), 7, None)
        );
        assert!(rows[0].integer(0).is_err(), "a text is no number");
        let broken =
            database.write(vec![add("eve"), Statement::new("INSERT INTO nowhere VALUES (1)", vec![])]);
        assert!(broken.await.is_err());
        let eve = database.one("SELECT 1 FROM users WHERE name = $1", values!["eve"]).await.unwrap();
        assert!(eve.is_none(), "a transaction that failed was not done");
        // Opened again, nothing is made twice.
        drop(Database::sqlite(&folder.join("db.sqlite")).await.unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
