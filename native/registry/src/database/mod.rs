//! The database: accounts, tokens, uploads, and what is looked up in it. Nothing public is only here.
//!
//! A change is a list of statements, written as one transaction: no code runs in its midst, so that the same lists do
//! for SQLite and for PostgreSQL. Their text is the same in both: values are `$1`, `$2` and so on, and appear in this
//! order for the first time.

mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(feature = "postgres")]
mod tls;
mod value;

pub(crate) use value::{Row, Value, values};

use crate::error::Result;
use crate::tasks::waiting;
use sqlite::Sqlite;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

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
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    Postgres,
}

/// A way to the database, which clones share.
#[derive(Clone, Debug)]
pub(crate) struct Database(Backend);

#[derive(Clone, Debug)]
enum Backend {
    Sqlite(Arc<Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Arc<postgres::Postgres>),
}

/// What only one replica has: the right to sequence. It lasts until it is dropped, or its connection ends.
#[derive(Debug)]
pub(crate) enum Lock {
    /// Nobody shares the database.
    Alone,
    #[cfg(feature = "postgres")]
    Postgres(postgres::Lock),
}

impl Lock {
    /// Whether nobody else can have it meanwhile, as far as the database knows.
    pub(crate) async fn is_held(&self) -> bool {
        match self {
            Self::Alone => true,
            #[cfg(feature = "postgres")]
            Self::Postgres(lock) => lock.is_held().await,
        }
    }
}

impl Database {
    /// Opens the database in a file, and makes what is missing.
    pub(crate) async fn sqlite(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        let opened = waiting(move || Sqlite::open(&path)).await?;
        Ok(Self(Backend::Sqlite(Arc::new(opened))))
    }

    /// Opens the database at an address, and makes what is missing.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, clippy::unused_async))]
    pub(crate) async fn at(address: &str, patience: Duration) -> Result<Self> {
        #[cfg(feature = "postgres")]
        return Ok(Self(Backend::Postgres(Arc::new(postgres::Postgres::open(address, patience).await?))));
        #[cfg(not(feature = "postgres"))]
        Err(crate::error::Error::built_without("postgres"))
    }

    /// Copies it into a new file, with or without the secrets in it. One that is shared has tools of its own for that.
    pub(crate) async fn back_up(&self, into: &Path, has_secrets: bool) -> Result<()> {
        match &self.0 {
            Backend::Sqlite(sqlite) => {
                let (sqlite, into) = (Arc::clone(sqlite), into.to_owned());
                waiting(move || sqlite.back_up(&into, has_secrets)).await
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Whether other replicas may be using it.
    pub(crate) fn is_shared(&self) -> bool {
        self.dialect() == Dialect::Postgres
    }

    /// The right to sequence; none while another replica has it. Of one that is silent for so long it is taken away.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables))]
    pub(crate) async fn lock(&self, silence: Duration) -> Result<Option<Lock>> {
        match &self.0 {
            Backend::Sqlite(_) => Ok(Some(Lock::Alone)),
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => Ok(postgres.lock(silence).await?.map(Lock::Postgres)),
        }
    }

    /// What it understands.
    pub(crate) fn dialect(&self) -> Dialect {
        match &self.0 {
            Backend::Sqlite(_) => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Reads rows.
    pub(crate) async fn query(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        match &self.0 {
            Backend::Sqlite(sqlite) => {
                let sqlite = Arc::clone(sqlite);
                waiting(move || sqlite.query(sql, &values)).await
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.query(sql, &values).await,
        }
    }

    /// Reads a row: the first, if there is any.
    pub(crate) async fn one(&self, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    /// Runs statements in one transaction, which is on the disk when this returns. What others write meanwhile may share
    /// the wait for the disk, and nothing else. Gives how many rows each changed;
    /// none when one did not change what it must: then nothing was changed.
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Option<Vec<u64>>> {
        match &self.0 {
            Backend::Sqlite(sqlite) => sqlite.write(statements).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.write(&statements).await,
        }
    }
}

/// For tests of this process that take the lock of one PostgreSQL: one at a time.
#[cfg(all(test, feature = "postgres"))]
pub(crate) static ONE_SEQUENCER: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Each kind of database that there is here: `VITTE_TEST_POSTGRES` is the address of one that may be written to.
    pub(crate) async fn databases(test: &str) -> Vec<Database> {
        let folder = std::env::temp_dir().join(format!("vitte-registry-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let mut all = vec![Database::sqlite(&folder.join("db.sqlite")).await.unwrap()];
        // Opened again, nothing is made twice.
        all.push(Database::sqlite(&folder.join("db.sqlite")).await.unwrap());
        if let Ok(address) = std::env::var("VITTE_TEST_POSTGRES") {
            all.push(Database::at(&address, PATIENCE).await.unwrap());
            all.push(Database::at(&address, PATIENCE).await.unwrap());
        }
        all
    }

    #[tokio::test]
    async fn a_transaction_is_done_whole_or_not_at_all() {
        for (number, database) in databases("transaction").await.into_iter().enumerate() {
            // Unlike what other tests leave in the same database.
            let name = |name: &str| format!("{name}-{}-{number}", std::process::id());
            let created = u64::from(std::process::id()) * 10 + number as u64;
            let add = |short: &str| {
                Statement::new(
                    "INSERT INTO users (name, created) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    values![name(short), created],
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
                .query("SELECT name, created FROM users WHERE created = $1", values![created])
                .await
                .unwrap();
            assert_eq!(rows.len(), 1, "the first of them was not done either");
            assert_eq!(
                (rows[0].text(0).unwrap(), rows[0].seconds(1).unwrap(), rows[0].maybe_text(2).unwrap()),
                (name("ada"), created, None)
            );
            assert!(rows[0].integer(0).is_err(), "a text is no number");
            let broken =
                database.write(vec![add("eve"), Statement::new("INSERT INTO nowhere VALUES (1)", vec![])]);
            assert!(broken.await.is_err());
            let eve = database.one("SELECT 1 FROM users WHERE name = $1", values![name("eve")]).await;
            assert!(eve.unwrap().is_none(), "a transaction that failed was not done");
            // What failed does not stay in the way.
            assert_eq!(database.write(vec![add("eve")]).await.unwrap(), Some(vec![1]));
        }
    }

    #[tokio::test]
    async fn one_of_many_transactions_that_meet_wins() {
        for (number, database) in databases("race").await.into_iter().enumerate() {
            let name = format!("race-{}-{number}", std::process::id());
            let add = Statement::new("INSERT INTO users (name, created) VALUES ($1, 0)", values![&name]);
            database.write(vec![add]).await.unwrap();
            let sql = "UPDATE users SET created = created + 1 WHERE name = $1 AND created = $2";
            let mut racing = tokio::task::JoinSet::new();
            for _ in 0..16 {
                let (database, name) = (database.clone(), name.clone());
                racing.spawn(async move {
                    let swap = Statement::new(sql, values![name, 0u64]).must_change(1);
                    database.write(vec![swap]).await.unwrap().is_some()
                });
            }
            let won = racing.join_all().await.into_iter().filter(|won| *won).count();
            assert_eq!(won, 1);
        }
    }

    #[cfg(feature = "postgres")]
    #[tokio::test]
    async fn one_replica_has_the_lock() {
        let Ok(address) = std::env::var("VITTE_TEST_POSTGRES") else { return };
        let _alone = super::ONE_SEQUENCER.lock().await;
        let (one, other) = (
            Database::at(&address, PATIENCE).await.unwrap(),
            Database::at(&address, PATIENCE).await.unwrap(),
        );
        let silence = Duration::from_secs(1);
        let held = one.lock(silence).await.unwrap().expect("nobody has it");
        // As long as the process is there, it is kept without being asked about.
        tokio::time::sleep(2 * silence).await;
        assert!(held.is_held().await);
        assert!(other.lock(silence).await.unwrap().is_none());
        drop(held);
        for _ in 0..200 {
            if other.lock(silence).await.unwrap().is_some() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the lock outlives its connection");
    }
}
