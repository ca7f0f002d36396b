//! SQLite: one connection that writes, a few that read.
//!
//! The connection that writes belongs to a thread. What waits while the disk is being waited for is written in one
//! transaction next: the disk is waited for once for all of it, and each is told behind that.

use super::migrations::MIGRATIONS;
use super::value::unexpected;
use super::{Dialect, Row, Statement, Value};
use crate::error::{Error, Result};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Transaction, TransactionBehavior, params_from_iter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long another process, an operator's command, is waited for.
const BUSY: Duration = Duration::from_secs(10);
/// Readers that are kept; more are opened and closed as they are needed.
const READERS: usize = 8;
/// Statements that a connection keeps prepared.
const PREPARED: usize = 64;
/// Lists of statements that are written together at most.
const TOGETHER: usize = 256;

/// What a list of statements changed; none when nothing was done.
type Changed = Option<Vec<u64>>;

/// A list of statements, and who waits for what it changed.
struct Job {
    statements: Vec<Statement>,
    reply: oneshot::Sender<Result<Changed>>,
}

/// A file of SQLite.
#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    /// The way to the thread that writes. It ends behind what it was given when this is gone.
    jobs: Option<mpsc::UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
    readers: Mutex<Vec<Connection>>,
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.jobs = None;
        // The file is whole without its log of changes then.
        let _ = self.thread.take().map(JoinHandle::join);
    }
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
        writer.set_prepared_statement_cache_capacity(PREPARED);
        let (jobs, waiting) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new().name("database".to_owned());
        let thread = thread.spawn(move || write_all(&mut writer, waiting));
        let thread = thread.map_err(|error| Error::storage("its threads", &error))?;
        let readers = Mutex::default();
        Ok(Self { path: path.to_owned(), jobs: Some(jobs), thread: Some(thread), readers })
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
                connection.set_prepared_statement_cache_capacity(PREPARED);
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

    /// Runs statements in one transaction: they may share it with others, and are done or undone by themselves.
    pub(super) async fn write(&self, statements: Vec<Statement>) -> Result<Changed> {
        let gone = || Error::storage("its database", &"its thread ended");
        let (reply, changed) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job { statements, reply }).map_err(|_| gone())?;
        changed.await.map_err(|_| gone())?
    }
}

/// Writes what comes, as long as anything may come.
fn write_all(writer: &mut Connection, mut waiting: mpsc::UnboundedReceiver<Job>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < TOGETHER
            && let Ok(job) = waiting.try_recv()
        {
            jobs.push(job);
        }
        let lists: Vec<&[Statement]> = jobs.iter().map(|job| &*job.statements).collect();
        // A fault of the program is one of those that were being written: nothing of them was done.
        let done = catch_unwind(AssertUnwindSafe(|| write_together(writer, &lists)));
        let done = done.unwrap_or_else(|_| lists.iter().map(|_| Err(Error::fault())).collect());
        for (job, done) in jobs.into_iter().zip(done) {
            // Nobody waits where a request was given up.
            let _ = job.reply.send(done);
        }
    }
}

/// Runs lists of statements in one transaction, each list whole or not at all. What is said of them is said of what is on
/// the disk.
fn write_together(writer: &mut Connection, lists: &[&[Statement]]) -> Vec<Result<Changed>> {
    let done = match writer.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => in_transaction(transaction, lists),
        // Another process writes, and has been waited for.
        Err(error) => return lists.iter().map(|_| Err(Error::from(&error))).collect(),
    };
    match done {
        Ok(done) => done,
        Err(error) if lists.len() == 1 => vec![Err(error)],
        // It may be the fault of one of them.
        Err(_) => lists.iter().flat_map(|list| write_together(writer, &[list])).collect(),
    }
}

/// # Errors
/// When nothing of the whole transaction was done.
fn in_transaction(mut transaction: Transaction<'_>, lists: &[&[Statement]]) -> Result<Vec<Result<Changed>>> {
    let mut done = Vec::with_capacity(lists.len());
    for list in lists {
        let mut part = transaction.savepoint()?;
        let changed = run(&part, list);
        match &changed {
            Ok(Some(_)) => part.commit()?,
            // Dropped, it would be rolled back as well, but a failure of that would not be noticed.
            _ => part.rollback().and_then(|()| part.commit())?,
        }
        done.push(changed);
    }
    transaction.commit()?;
    Ok(done)
}

fn run(connection: &Connection, statements: &[Statement]) -> Result<Changed> {
    let mut changed = Vec::with_capacity(statements.len());
    for statement in statements {
        let mut prepared = connection.prepare_cached(statement.sql)?;
        let rows = prepared.execute(params_from_iter(&statement.values))? as u64;
        if statement.changes.is_some_and(|wanted| wanted != rows) {
            return Ok(None);
        }
        changed.push(rows);
    }
    Ok(Some(changed))
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
        Self::from(&error)
    }
}

impl From<&rusqlite::Error> for Error {
    fn from(error: &rusqlite::Error) -> Self {
        // The statement and its values stay out of it.
        let reason = match error {
            rusqlite::Error::SqliteFailure(code, _) => code.to_string(),
            _ => "unexpected content".to_owned(),
        };
        Self::storage("its database", &reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::values;

    #[test]
    fn of_lists_that_are_written_together_each_is_done_or_undone_by_itself() {
        let folder = std::env::temp_dir().join(format!("vitte-registry-together-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("db.sqlite");
        drop(Sqlite::open(&path).unwrap());
        assert!(!folder.join("db.sqlite-wal").exists(), "the file is whole once nobody writes any more");
        let mut writer = Connection::open(&path).unwrap();
        let add = |name: &str| {
            let sql = "INSERT INTO users (name, created) VALUES ($1, 0) ON CONFLICT DO NOTHING";
            Statement::new(sql, values![name]).must_change(1)
        };
        let broken = || Statement::new("INSERT INTO nowhere VALUES (1)", Vec::new());
        // Ends the whole transaction, as a full disk may.
        let ending =
            || Statement::new("INSERT OR ROLLBACK INTO users (name, created) VALUES ('ada', 0)", Vec::new());
        for (round, spoils) in [false, true].into_iter().enumerate() {
            let name = |name: &str| if round == 0 { name.to_owned() } else { format!("{name}-2") };
            let spoiler = if spoils { vec![add("gone"), ending()] } else { vec![add("gone"), broken()] };
            let lists = [
                vec![add(&name("ada")), add(&name("bob"))],
                vec![add("gone"), add("ada")],
                spoiler,
                vec![add(&name("cy"))],
            ];
            let lists: Vec<&[Statement]> = lists.iter().map(|list| &**list).collect();
            let done = write_together(&mut writer, &lists);
            assert_eq!(done[0].as_ref().unwrap(), &Some(vec![1, 1]), "round {round}");
            assert_eq!(done[1].as_ref().unwrap(), &None, "round {round}");
            assert!(done[2].is_err(), "round {round}");
            assert_eq!(done[3].as_ref().unwrap(), &Some(vec![1]), "round {round}");
        }
        let rows = read(&writer, "SELECT name FROM users ORDER BY name", &[]).unwrap();
        let names: Vec<_> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(names, ["ada", "ada-2", "bob", "bob-2", "cy", "cy-2"]);
    }
}
