//! Buckets that replicas share: what one counts, all have counted. Their clocks differ by less than they forgive.

use crate::database::{Database, Statement, values};
use crate::error::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often buckets that are full again are removed: once in so many times that something is taken.
const SWEEP: u64 = 64;

/// Buckets in a database.
#[derive(Clone, Debug)]
pub(crate) struct SharedBuckets {
    database: Database,
    takes: Arc<AtomicU64>,
}

/// What is taken from a bucket, in milliseconds that it needs to fill again.
#[derive(Clone, Debug)]
pub(crate) struct Take {
    pub(crate) bucket: String,
    /// What is taken.
    pub(crate) cost: u64,
    /// What a full bucket holds.
    pub(crate) room: u64,
}

impl SharedBuckets {
    /// Those of a database that replicas share; none where one process has it alone.
    pub(crate) fn of(database: &Database) -> Option<Self> {
        database.is_shared().then(|| Self::new(database.clone()))
    }

    fn new(database: Database) -> Self {
        Self { database, takes: Arc::default() }
    }

    /// Takes from every bucket, or from none, at a time in milliseconds. If there is too little in one, gives the
    /// milliseconds until there is enough in each.
    pub(crate) async fn take(&self, takes: &[Take], now: u64) -> Result<std::result::Result<(), u64>> {
        let sql = "INSERT INTO rate_buckets (name, full_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
                   SET full_at = CASE WHEN rate_buckets.full_at > $3 THEN rate_buckets.full_at ELSE $3 END + $4 \
                   WHERE CASE WHEN rate_buckets.full_at > $3 THEN rate_buckets.full_at ELSE $3 END + $4 <= $5";
        let take = |Take { bucket, cost, room }: &Take| {
            Statement::new(sql, values![bucket, now + cost, now, *cost, now + room]).must_change(1)
        };
        let mut statements: Vec<_> = takes.iter().map(take).collect();
        if self.takes.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            statements.push(Statement::new("DELETE FROM rate_buckets WHERE full_at <= $1", values![now]));
        }
        if self.database.write(statements).await?.is_some() {
            return Ok(Ok(()));
        }
        // Where another was faster meanwhile there may be enough again: a client that waits a moment finds out.
        let mut wait = 1;
        for Take { bucket, cost, room } in takes {
            let sql = "SELECT full_at FROM rate_buckets WHERE name = $1";
            let full = self.database.one(sql, values![bucket]).await?.map_or(Ok(0), |row| row.seconds(0))?;
            wait = wait.max((full.max(now) + cost).saturating_sub(now + room));
        }
        Ok(Err(wait))
    }

    /// Fills a bucket.
    pub(crate) async fn clear(&self, bucket: &str) -> Result<()> {
        let sql = "DELETE FROM rate_buckets WHERE name = $1";
        self.database.write(vec![Statement::new(sql, values![bucket])]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::tests::databases;

    #[tokio::test]
    async fn what_one_process_takes_is_gone_for_the_others() {
        for pair in databases("buckets").await.chunks(2) {
            let [one, other] = pair else { panic!("two processes") };
            let (one, other) = (SharedBuckets::new(one.clone()), SharedBuckets::new(other.clone()));
            let name = |name: &str| format!("{name} {}", std::process::id());
            let take = |bucket: &str| Take { bucket: name(bucket), cost: 1000, room: 3000 };
            let (both, second) = ([take("a"), take("b")], [take("b")]);
            assert_eq!(one.take(&both, 10_000).await, Ok(Ok(())));
            assert_eq!(other.take(&both, 10_000).await, Ok(Ok(())));
            assert_eq!(one.take(&both, 10_000).await, Ok(Ok(())));
            assert_eq!(other.take(&both, 10_000).await, Ok(Err(1000)));
            assert_eq!(other.take(&both, 10_400).await, Ok(Err(600)));
            assert_eq!(other.take(&second, 11_000).await, Ok(Ok(())), "a second gives one back");
            // Of two buckets one has enough: nothing is taken from either.
            assert_eq!(one.take(&both, 11_000).await, Ok(Err(1000)));
            assert_eq!(one.take(&[take("a")], 11_000).await, Ok(Ok(())));
            other.clear(&name("b")).await.unwrap();
            for _ in 0..3 {
                assert_eq!(one.take(&second, 11_000).await, Ok(Ok(())));
            }
            assert_eq!(one.take(&second, 11_000).await, Ok(Err(1000)));
            // Full buckets do not stay for ever.
            for _ in 0..=SWEEP {
                one.take(&[Take { bucket: name("c"), cost: 0, room: 1 }], 99_000).await.unwrap().unwrap();
            }
            let sql = "SELECT count(*) FROM rate_buckets WHERE name = $1";
            let left = one.database.one(sql, values![name("b")]).await.unwrap().unwrap();
            assert_eq!(left.seconds(0), Ok(0));
        }
    }
}
