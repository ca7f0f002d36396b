//! PostgreSQL: a few connections that several replicas of a server have each, and one for the sequencer's lock.

use super::migrations::MIGRATIONS;
use super::value::unexpected;
use super::{Dialect, Row, Statement, Value};
use crate::error::{Error, Result};
use crate::message as words;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, Error as PostgresError, NoTls, Statement as Prepared};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// Connections at most, besides that of the lock.
const CONNECTIONS: usize = 16;
/// How often a transaction that met another one is run again.
const TRIES: usize = 20;
/// What the sequencer's lock is called, among the locks of the database: "vittelog".
const SEQUENCER: i64 = i64::from_be_bytes(*b"vittelog");
/// What migrations are made under: "vittemig".
const MIGRATING: i64 = i64::from_be_bytes(*b"vittemig");

/// A database of PostgreSQL.
pub(super) struct Postgres {
    config: Config,
    /// How long anything may take. The caller gets an error then that says to come back.
    patience: Duration,
    idle: Mutex<Vec<Connection>>,
    room: Semaphore,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Its configuration has a password in it.
        formatter.write_str("PostgreSQL")
    }
}

/// A connection, and the statements that it was given.
struct Connection {
    client: Client,
    prepared: HashMap<&'static str, Prepared>,
}

/// Why something was not done.
enum Failure {
    /// Another transaction was in the way.
    Conflict,
    /// The connection is of no more use, and nothing was changed.
    Lost,
    Other(Error),
}

impl From<PostgresError> for Failure {
    fn from(error: PostgresError) -> Self {
        match error.code() {
            Some(code)
                if *code == SqlState::T_R_SERIALIZATION_FAILURE
                    || *code == SqlState::T_R_DEADLOCK_DETECTED =>
            {
                Self::Conflict
            }
            _ => Self::Other(error.into()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<PostgresError> for Error {
    fn from(error: PostgresError) -> Self {
        // PostgreSQL has no text with a NUL in it: what a client sent is at fault, and not the database.
        if error.code() == Some(&SqlState::CHARACTER_NOT_IN_REPERTOIRE) {
            return Self::new(Code::Json, text::character_refused());
        }
        // The statement, its values and the address stay out of it.
        let reason = match error.code() {
            Some(code) => format!("PostgreSQL says {}", code.code()),
            None => "it does not respond".to_owned(),
        };
        Self::storage("its database", &reason)
    }
}

/// Whether an address is one of a PostgreSQL database.
fn config(address: &str, patience: Duration) -> Result<Config> {
    let malformed = || Error::new(Code::Usage, words::database_address());
    let is_url = address.starts_with("postgres://") || address.starts_with("postgresql://");
    let mut config: Config = address.parse().ok().filter(|_| is_url).ok_or_else(malformed)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(patience.min(Duration::from_secs(3)));
    }
    config.application_name("vitte-registry");
    config.keepalives_idle(Duration::from_secs(10)).keepalives_interval(Duration::from_secs(3));
    config.keepalives_retries(3).tcp_user_timeout(Duration::from_secs(15));
    Ok(config)
}

async fn connect(config: &Config) -> Result<Client> {
    if config.get_ssl_mode() == SslMode::Require {
        let (client, connection) = config.connect(super::tls::connector()?).await?;
        tokio::spawn(connection);
        return Ok(client);
    }
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn in_time<T, E: From<Error>>(
    patience: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let late = || Error::storage("its database", &"it does not respond");
    tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(late().into()))
}

impl Postgres {
    /// Opens it, and makes what is missing.
    pub(super) async fn open(address: &str, patience: Duration) -> Result<Self> {
        let config = config(address, patience)?;
        in_time(patience, async {
            let mut client = connect(&config).await?;
            let change = client.transaction().await?;
            // Several replicas may begin at once.
            change.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATING]).await?;
            change.batch_execute("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY)").await?;
            let made = change.query_one("SELECT count(*) FROM migrations", &[]).await?;
            let made = usize::try_from(made.get::<_, i64>(0)).map_err(|_| unexpected())?;
            for (number, migration) in (1i64..).zip(MIGRATIONS).skip(made) {
                change.batch_execute(migration.sql(Dialect::Postgres)).await?;
                change.execute("INSERT INTO migrations (number) VALUES ($1)", &[&number]).await?;
            }
            change.commit().await?;
            Ok::<_, Error>(())
        })
        .await?;
        Ok(Self { config, patience, idle: Mutex::default(), room: Semaphore::new(CONNECTIONS) })
    }

    async fn connection(&self) -> Result<Connection> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match kept {
                Some(kept) if kept.client.is_closed() => {}
                Some(kept) => return Ok(kept),
                None => {
                    let client = connect(&self.config).await?;
                    // A process that is stopped in the midst of a transaction keeps others from its rows no longer
                    // than this. Those that run wait for one statement after another, and not for so long.
                    let milliseconds = self.patience.as_millis();
                    let end = format!("SET idle_in_transaction_session_timeout = {milliseconds}");
                    client.batch_execute(&end).await?;
                    return Ok(Connection { client, prepared: HashMap::new() });
                }
            }
        }
    }

    /// Runs something on a connection, and again where another transaction was in the way.
    async fn run<T, W>(&self, work: impl Fn(Connection) -> W) -> Result<T>
    where
        W: Future<Output = (Connection, Result<T, Failure>)>,
    {
        let mut last = Error::storage("its database", &"transactions are in one another's way");
        for _ in 0..TRIES {
            let done = in_time(self.patience, async {
                let room = self.room.acquire().await.map_err(|_| unexpected())?;
                let (connection, done) = work(self.connection().await?).await;
                // One on which something failed may be in the midst of it: only a whole one is kept.
                if matches!(done, Ok(_) | Err(Failure::Conflict)) {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                }
                drop(room);
                done
            })
            .await;
            match done {
                Ok(value) => return Ok(value),
                Err(Failure::Conflict) => {
                    let mut pause = [0; 1];
                    let _ = getrandom::fill(&mut pause);
                    tokio::time::sleep(Duration::from_millis(1 + u64::from(pause[0] % 16))).await;
                }
                Err(Failure::Lost) => last = Error::storage("its database", &"it does not respond"),
                Err(Failure::Other(error)) => return Err(error),
            }
        }
        Err(last)
    }

    /// Reads rows.
    pub(super) async fn query(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>> {
        self.run(|mut connection| async move {
            let found = connection.read(sql, values).await;
            (connection, found)
        })
        .await
    }

    /// Runs statements in one transaction, as if no other ran at the same time.
    pub(super) async fn write(&self, statements: &[Statement]) -> Result<Option<Vec<u64>>> {
        self.run(|mut connection| async move {
            let changed = connection.write(statements).await;
            (connection, changed)
        })
        .await
    }

    /// The lock that only one replica has. None while another one has it.
    ///
    /// The connection of a process that stands still, or of a machine that is gone, would keep it for ever. So the
    /// database ends one that is silent for so long, and here it is asked something before that.
    pub(super) async fn lock(&self, silence: Duration) -> Result<Option<Lock>> {
        in_time(self.patience, async {
            let client = connect(&self.config).await?;
            client.batch_execute(&format!("SET idle_session_timeout = {}", silence.as_millis())).await?;
            let row = client.query_one("SELECT pg_try_advisory_lock($1)", &[&SEQUENCER]).await?;
            if !row.get::<_, bool>(0) {
                return Ok(None);
            }
            let client = Arc::new(client);
            let every = (silence / 4).max(Duration::from_millis(50));
            tokio::spawn(keep(Arc::downgrade(&client), every));
            Ok(Some(Lock(client, self.patience)))
        })
        .await
    }
}

/// The sequencer's lock. It lasts as long as its connection, which does nothing else.
pub(crate) struct Lock(Arc<Client>, Duration);

/// Asks something on a connection every so often, as long as it is held.
async fn keep(client: Weak<Client>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(client) = client.upgrade() else { return };
        if client.simple_query("").await.is_err() {
            return;
        }
    }
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Lock")
    }
}

impl Lock {
    /// Whether the connection is there still: when it ended, another replica may have the lock.
    pub(crate) async fn is_held(&self) -> bool {
        let asked = async { self.0.simple_query("SELECT 1").await.map_err(Error::from) };
        !self.0.is_closed() && in_time(self.1, asked).await.is_ok()
    }
}

impl Connection {
    async fn prepare(&mut self, sql: &'static str) -> Result<Prepared, Failure> {
        if let Some(prepared) = self.prepared.get(sql) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(sql).await;
        let prepared =
            prepared.map_err(|error| if error.is_closed() { Failure::Lost } else { error.into() })?;
        self.prepared.insert(sql, prepared.clone());
        Ok(prepared)
    }

    async fn read(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, Failure> {
        let prepared = self.prepare(sql).await?;
        let values: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let found = self.client.query(&prepared, &values).await?;
        Ok(found.iter().map(row).collect::<Result<_>>()?)
    }

    async fn write(&mut self, statements: &[Statement]) -> Result<Option<Vec<u64>>, Failure> {
        let began = self.client.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await;
        began.map_err(|error| if error.is_closed() { Failure::Lost } else { error.into() })?;
        match self.change(statements).await {
            Ok(Some(changed)) => {
                self.client.batch_execute("COMMIT").await?;
                Ok(Some(changed))
            }
            undone => {
                self.client.batch_execute("ROLLBACK").await?;
                undone
            }
        }
    }

    async fn change(&mut self, statements: &[Statement]) -> Result<Option<Vec<u64>>, Failure> {
        let mut changed = Vec::with_capacity(statements.len());
        for statement in statements {
            let prepared = self.prepare(statement.sql).await?;
            let values: Vec<_> = statement.values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            let rows = self.client.execute(&prepared, &values).await?;
            if statement.changes.is_some_and(|wanted| wanted != rows) {
                return Ok(None);
            }
            changed.push(rows);
        }
        Ok(Some(changed))
    }
}

fn row(found: &tokio_postgres::Row) -> Result<Row> {
    let column = |(number, column): (usize, &tokio_postgres::Column)| {
        let value = match *column.type_() {
            Type::INT8 => found.try_get::<_, Option<i64>>(number).map(|value| value.map(Value::Integer)),
            Type::INT4 => found
                .try_get::<_, Option<i32>>(number)
                .map(|value| value.map(|value| Value::Integer(value.into()))),
            Type::BOOL => found
                .try_get::<_, Option<bool>>(number)
                .map(|value| value.map(|value| Value::Integer(value.into()))),
            Type::TEXT | Type::VARCHAR => {
                found.try_get::<_, Option<String>>(number).map(|value| value.map(Value::Text))
            }
            Type::BYTEA => found.try_get::<_, Option<Vec<u8>>>(number).map(|value| value.map(Value::Blob)),
            _ => return Err(unexpected()),
        };
        value.map(|value| value.unwrap_or(Value::Null)).map_err(|_| unexpected())
    };
    Ok(Row(found.columns().iter().enumerate().map(column).collect::<Result<_>>()?))
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql_checked(kind, out),
            Self::Integer(value) => value.to_sql_checked(kind, out),
            Self::Text(text) => text.to_sql_checked(kind, out),
            Self::Blob(bytes) => bytes.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
