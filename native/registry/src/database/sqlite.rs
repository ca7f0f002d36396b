//! SQLite: one connection that writes, a few that read.

use super::migrations::MIGRATIONS;
use super::value::unexpected;
use super::{Dialect, Row, Statement, Value};
use crate::error::{Error, Result};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, TransactionBehavior, params_from_iter};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long another process, an operator's command, is waited for.
const BUSY: Duration = Duration::from_secs(10);
/// Readers that are kept; more are opened and closed as they are needed.
const READERS: usize = 8;

/// A file of SQLite.
#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens it, and makes what is missing.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut writer = Connection::open(path)?;
        writer.busy_timeout(BUSY)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        // Whether a step was made is found out under the lock: two processes may open a new file at once.
        let change = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let made = change.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?;
        for (number, migration) in (1u32..).zip(MIGRATIONS).skip(made as usize) {
            change.execute_batch(migration.sql(Dialect::Sqlite))?;
            change.pragma_update(None, "user_version", number)?;
        }
        change.commit()?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// Reads rows.
    pub(super) fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => {
                let connection = Connection::open(&self.path)?;
                connection.busy_timeout(BUSY)?;
                connection.pragma_update(None, "query_only", true)?;
                connection
            }
        };
        let rows = read(&connection, sql, values);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        rows
    }

    /// Copies it into a new file, as it is at one moment, while others read and write. Without its secrets, nothing in the
    /// copy is one, nor a page of the file that was one.
    pub(super) fn back_up(&self, into: &Path, has_secrets: bool) -> Result<()> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(BUSY)?;
        connection.execute("VACUUM INTO ?1", [into.to_string_lossy()])?;
        if !has_secrets {
            let copy = Connection::open(into)?;
            copy.pragma_update(None, "secure_delete", true)?;
            copy.execute("UPDATE webhooks SET secret = ''", [])?;
            copy.execute("VACUUM", [])?;
        }
        Ok(())
    }

    /// Runs statements in one transaction.
    pub(super) fn write(&self, statements: &[Statement]) -> Result<Option<Vec<u64>>> {
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changed = Vec::with_capacity(statements.len());
        for statement in statements {
            let mut prepared = transaction.prepare_cached(statement.sql)?;
            let rows = prepared.execute(params_from_iter(&statement.values))? as u64;
            if statement.changes.is_some_and(|wanted| wanted != rows) {
                // Dropped, the transaction is rolled back.
                return Ok(None);
            }
            changed.push(rows);
        }
        transaction.commit()?;
        Ok(Some(changed))
    }
}

fn read(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut found = statement.query(params_from_iter(values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let column = |number| match row.get_ref(number)? {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(value) => Ok(Value::Integer(value)),
            ValueRef::Text(text) => {
                String::from_utf8(text.to_vec()).map(Value::Text).map_err(|_| unexpected())
            }
            ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
            ValueRef::Real(_) => Err(unexpected()),
        };
        rows.push(Row((0..columns).map(column).collect::<Result<_>>()?));
    }
    Ok(rows)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        // The statement and its values stay out of it.
        let reason = match &error {
            rusqlite::Error::SqliteFailure(code, _) => code.to_string(),
            _ => "unexpected content".to_owned(),
        };
        Self::storage("its database", &reason)
    }
}
