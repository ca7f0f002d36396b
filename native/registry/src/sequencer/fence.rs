//! The head of the log where replicas share a database: a replica that moves it has to know where it is.
//!
//! A lock decides which replica sequences, and a lock can be lost unnoticed, or the service that gives it can be wrong.
//! So each sequencer begins an epoch of its own, and moves the head from the size that it knows in its epoch, or not at
//! all. What it signed beforehand leaves the process behind that only. No file of the log is written before: two
//! sequencers cannot put different bytes in one place. Files that change are replaced only if they are what they were
//! before the epoch was looked at.

use super::pending::Pending;
use crate::database::{Database, Dialect, Lock, Statement, values};
use crate::error::{Error, Result};
use crate::objects::Staging;
use std::time::Duration;
use tokio::runtime::Handle;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::SignedHead;

/// What a sequencer shares with those of other replicas.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// The database.
    pub(crate) database: Database,
    /// What its connections live on.
    pub(crate) runtime: Handle,
    /// Where archives wait.
    pub(crate) staging: Staging,
    /// How long the one that sequences may be silent. The database frees its lock then.
    pub(crate) silence: Duration,
}

/// The right to move the head.
#[derive(Debug)]
pub(super) struct Fence {
    pub(super) shared: Shared,
    right: Lock,
    epoch: u64,
    size: u64,
}

/// Where the head was, and what was to be written behind it.
pub(super) struct Taken {
    pub(super) fence: Fence,
    pub(super) head: Option<SignedHead>,
    pub(super) pending: Pending,
}

/// Another replica sequences.
fn not_the_sequencer() -> Error {
    Error::new(Code::Busy, text::sequenced_elsewhere())
}

/// Notes when a sequencer was at work last, by the clock of the database: those of replicas may differ.
fn beat(database: &Database, epoch: u64) -> Statement {
    let sql = match database.dialect() {
        Dialect::Sqlite => "UPDATE log_head SET beat = unixepoch() WHERE id = 1 AND epoch = $1",
        Dialect::Postgres => {
            "UPDATE log_head SET beat = CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) \
             WHERE id = 1 AND epoch = $1"
        }
    };
    Statement::new(sql, values![epoch]).must_change(1)
}

/// For how long no sequencer has been at work, in seconds; none when there never was one.
pub(crate) async fn silent_for(database: &Database) -> Result<Option<u64>> {
    let sql = match database.dialect() {
        Dialect::Sqlite => "SELECT unixepoch() - beat FROM log_head WHERE id = 1",
        Dialect::Postgres => {
            "SELECT CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) - beat FROM log_head WHERE id = 1"
        }
    };
    let row = database.one(sql, values![]).await?;
    let seconds = row.map(|row| row.maybe_integer(0)).transpose()?.flatten();
    Ok(seconds.map(|seconds| seconds.max(0).unsigned_abs()))
}

impl Fence {
    /// Begins an epoch. Refused while another replica has the lock.
    pub(super) fn take(shared: Shared) -> Result<Taken> {
        let (database, runtime) = (shared.database.clone(), shared.runtime.clone());
        runtime.block_on(async {
            let right = database.lock(shared.silence).await?.ok_or_else(not_the_sequencer)?;
            let begin =
                "INSERT INTO log_head (id, size, root, epoch) VALUES (1, 0, '', 0) ON CONFLICT DO NOTHING";
            database.write(vec![Statement::new(begin, values![])]).await?;
            let read = "SELECT size, root, epoch, pending FROM log_head WHERE id = 1";
            let row = database.one(read, values![]).await?.ok_or_else(not_the_sequencer)?;
            let (size, root, epoch) = (row.seconds(0)?, row.text(1)?, row.seconds(2)?);
            let pending = row.maybe_blob(3)?.map(|bytes| Pending::parse(&bytes)).transpose()?;
            let next = "UPDATE log_head SET epoch = $1 WHERE id = 1 AND epoch = $2 AND size = $3";
            let next = Statement::new(next, values![epoch + 1, epoch, size]).must_change(1);
            database.write(vec![next, beat(&database, epoch + 1)]).await?.ok_or_else(not_the_sequencer)?;
            let head = match root.as_str() {
                "" => None,
                root => {
                    let wrong = |_| Error::storage("its database", &"unexpected content");
                    Some(SignedHead { size, root: Digest::from_hex(root).map_err(wrong)? })
                }
            };
            let fence = Self { shared, right, epoch: epoch + 1, size };
            Ok(Taken { fence, head, pending: pending.unwrap_or_default() })
        })
    }

    /// Refuses when the lock is lost, as far as can be known.
    pub(super) fn check_right(&self) -> Result<()> {
        match self.shared.runtime.block_on(self.right.is_held()) {
            true => Ok(()),
            false => Err(not_the_sequencer()),
        }
    }

    /// Says that this one is at work. Refused when another sequencer has begun an epoch.
    pub(super) fn beat(&self) -> Result<()> {
        let database = &self.shared.database;
        let beaten = self.shared.runtime.block_on(database.write(vec![beat(database, self.epoch)]))?;
        beaten.map(drop).ok_or_else(not_the_sequencer)
    }

    /// Refuses when another sequencer has begun an epoch.
    pub(super) fn check_epoch(&self) -> Result<()> {
        let read = "SELECT epoch FROM log_head WHERE id = 1";
        let row = self.shared.runtime.block_on(self.shared.database.one(read, values![]))?;
        match row.map(|row| row.seconds(0)).transpose()? {
            Some(epoch) if epoch == self.epoch => Ok(()),
            _ => Err(not_the_sequencer()),
        }
    }

    /// Moves the head, and stores what is to be written then. Refused, with nothing changed, when another sequencer did
    /// or may do so.
    pub(super) fn advance(&mut self, head: SignedHead, pending: &Pending) -> Result<()> {
        let swap = "UPDATE log_head SET size = $1, root = $2, pending = $3 \
                    WHERE id = 1 AND size = $4 AND epoch = $5";
        let values = values![head.size, head.root.to_string(), pending.to_bytes(), self.size, self.epoch];
        let swap = Statement::new(swap, values).must_change(1);
        let swapped = self.shared.runtime.block_on(self.shared.database.write(vec![swap]))?;
        swapped.ok_or_else(not_the_sequencer)?;
        self.size = head.size;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::Runtime;

    /// The lock of SQLite is given to everybody who asks: a lock that lies.
    #[test]
    fn only_who_began_the_last_epoch_and_knows_the_head_moves_it() {
        let folder = std::env::temp_dir().join(format!("vitte-registry-fence-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let runtime = Runtime::new().unwrap();
        let database = runtime.block_on(Database::sqlite(&folder.join("db.sqlite"))).unwrap();
        let staging = Staging::Folder(folder.join("staging"));
        let shared =
            Shared { database, runtime: runtime.handle().clone(), staging, silence: Duration::from_secs(9) };
        let head = |size: u64, of: &str| SignedHead { size, root: Digest::of(of.as_bytes()) };
        let move_to = |fence: &mut Fence, head| fence.advance(head, &Pending::default());
        let mut first = Fence::take(shared.clone()).unwrap().fence;
        move_to(&mut first, head(1, "one")).unwrap();
        let mut second = Fence::take(shared.clone()).unwrap().fence;
        assert!(first.check_right().is_ok() && second.check_right().is_ok(), "both have the lock");
        assert_eq!(first.check_epoch().unwrap_err().first().code, Code::Busy);
        assert_eq!(first.beat().unwrap_err().first().code, Code::Busy);
        second.beat().unwrap();
        let silent = |shared: &Shared| runtime.block_on(silent_for(&shared.database)).unwrap();
        assert!(silent(&shared).is_some_and(|seconds| seconds < 60));
        let long_ago = Statement::new("UPDATE log_head SET beat = beat - 100", values![]);
        runtime.block_on(shared.database.write(vec![long_ago])).unwrap();
        assert!(silent(&shared).is_some_and(|seconds| (100..160).contains(&seconds)));
        assert_eq!(move_to(&mut first, head(2, "other")).unwrap_err().first().code, Code::Busy);
        move_to(&mut second, head(2, "two")).unwrap();
        // One that knows an older head does not move it either, whatever its epoch.
        second.size = 1;
        assert_eq!(move_to(&mut second, head(3, "other")).unwrap_err().first().code, Code::Busy);
        let taken = Fence::take(shared).unwrap();
        assert_eq!(taken.head, Some(head(2, "two")), "what was refused has changed nothing");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
