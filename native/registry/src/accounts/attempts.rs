//! How often somebody may try: buckets that fill again, one for each address and each user name.

use crate::buckets::{SharedBuckets, Take};
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Buckets that are kept at most.
const BUCKETS: usize = 20_000;
/// Tries that a bucket holds; it gets one back in `REFILL` seconds.
const TRIES: u64 = 10;
const REFILL: u64 = 6;

/// What was tried of late.
#[derive(Debug)]
pub(super) enum Attempts {
    /// At this process, which has the database alone.
    Here(Buckets),
    /// At any replica.
    Shared(SharedBuckets),
}

impl Attempts {
    pub(super) fn new(shared: Option<SharedBuckets>) -> Self {
        shared.map_or_else(|| Self::Here(Buckets::default()), Self::Shared)
    }

    /// Takes a try from every bucket, or from none. Gives the seconds until there is a try in each again.
    pub(super) async fn take(&self, buckets: &[String], now: u64) -> Result<std::result::Result<(), u64>> {
        let shared = match self {
            Self::Here(own) => return Ok(own.take(buckets, now)),
            Self::Shared(shared) => shared,
        };
        let take = |bucket: &String| Take {
            bucket: format!("sign-in {bucket}"),
            cost: REFILL * 1000,
            room: TRIES * REFILL * 1000,
        };
        let takes: Vec<_> = buckets.iter().map(take).collect();
        Ok(shared.take(&takes, now * 1000).await?.map_err(|wait| wait.div_ceil(1000)))
    }

    /// Gives a bucket its tries back: they were used by a user who was right.
    pub(super) async fn clear(&self, bucket: &str) -> Result<()> {
        match self {
            Self::Here(own) => own.clear(bucket),
            Self::Shared(shared) => shared.clear(&format!("sign-in {bucket}")).await?,
        }
        Ok(())
    }
}

/// Buckets in memory.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    /// When each is full again.
    full: Mutex<HashMap<String, u64>>,
}

impl Buckets {
    fn take(&self, buckets: &[String], now: u64) -> std::result::Result<(), u64> {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |at: u64| (at.max(now) + REFILL).saturating_sub(now + TRIES * REFILL);
        let longest = buckets.iter().filter_map(|bucket| full.get(bucket)).map(|at| wait(*at)).max();
        if let Some(seconds) = longest.filter(|seconds| *seconds > 0) {
            return Err(seconds);
        }
        if full.len() + buckets.len() > BUCKETS {
            full.retain(|_, at| *at > now);
        }
        // Filling the table with addresses does not make it forget those that are being tried.
        if full.len() + buckets.len() > BUCKETS {
            return Err(REFILL);
        }
        for bucket in buckets {
            let at = full.entry(bucket.clone()).or_insert(now);
            *at = (*at).max(now) + REFILL;
        }
        Ok(())
    }

    fn clear(&self, bucket: &str) {
        self.full.lock().unwrap_or_else(PoisonError::into_inner).remove(bucket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_tries_then_one_in_six_seconds() {
        let attempts = Buckets::default();
        let both = ["address 1".to_owned(), "user ada".to_owned()];
        for _ in 0..TRIES {
            assert_eq!(attempts.take(&both, 1000), Ok(()));
        }
        assert_eq!(attempts.take(&both, 1000), Err(REFILL));
        assert_eq!(attempts.take(&both[1..], 1001), Err(REFILL - 1), "each of them has an end");
        assert_eq!(attempts.take(&["address 2".to_owned()], 1000), Ok(()));
        assert_eq!(attempts.take(&both, 1006), Ok(()));
        assert_eq!(attempts.take(&both, 1006), Err(REFILL));
        attempts.clear(&both[0]);
        assert_eq!(attempts.take(&both[..1], 1006), Ok(()));
        assert_eq!(attempts.take(&both, 5000), Ok(()), "full again, and no fuller");
        for at in 0..BUCKETS as u64 {
            let _ = attempts.take(&[at.to_string()], 6000);
        }
        assert!(attempts.full.lock().unwrap().len() <= BUCKETS, "it has an end");
        assert_eq!(attempts.take(&["new".to_owned()], 6000), Err(REFILL));
        assert_eq!(attempts.take(&["new".to_owned()], 7000), Ok(()));
    }
}
