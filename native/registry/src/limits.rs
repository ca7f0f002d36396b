//! How often something may be done: buckets that fill again, one for each token, and one for each address prefix.
//!
//! The same memory serves however many ask: buckets that were not used of late are forgotten, which makes them full.

use crate::buckets::{SharedBuckets, Take};
use crate::config::{Limit, Rate, Settings, Switch};
use crate::metrics::{self, Gauge};
use crate::problem::{Limited, Refusal};
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{Admitted, ReleaseState, Submission};

/// Buckets of a generation; there are two, and the older is forgotten when the younger is full.
const GENERATION: usize = 20_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Requests,
    NewPackages,
    NewVersions,
    Statuses,
    Namespaces,
}

impl Kind {
    /// Its name in the headers.
    const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::NewPackages => "new-packages",
            Self::NewVersions => "new-versions",
            Self::Statuses => "statuses",
            Self::Namespaces => "new-namespaces",
        }
    }
}

/// Whose bucket it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    Token(String),
    /// An IPv4 address, or the first 64 bits of an IPv6 address: one customer has all that follow.
    Prefix(u128),
}

/// The buckets of this process, and those that replicas share: what is published is counted by all of them together.
#[derive(Debug)]
pub(crate) struct Limits {
    settings: Settings,
    buckets: Mutex<Buckets>,
    shared: Option<SharedBuckets>,
}

/// When each bucket is full again.
#[derive(Debug, Default)]
struct Buckets {
    young: HashMap<(Kind, Who), Instant>,
    old: HashMap<(Kind, Who), Instant>,
}

impl Buckets {
    /// Takes so many from a bucket, or says how long it takes until they are there.
    fn take(&mut self, kind: Kind, who: &Who, count: u64, rate: &Rate, now: Instant) -> Result<(), Duration> {
        let key = (kind, who.clone());
        let full = self.young.get(&key).or_else(|| self.old.get(&key)).copied().unwrap_or(now).max(now);
        let after = full + rate.time_of(count);
        let late = after.saturating_duration_since(now + rate.time_of(rate.burst.max(count)));
        if !late.is_zero() {
            return Err(late);
        }
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, after);
        Ok(())
    }
}

impl Limits {
    pub(crate) fn new(settings: Settings, shared: Option<SharedBuckets>) -> Self {
        Self { settings, buckets: Mutex::default(), shared }
    }

    /// Counts a request to the API from an address. Addresses of this machine are not limited: a proxy there that the
    /// operator has not named would make one client of all.
    ///
    /// # Errors
    /// A refusal that says when to come again.
    pub(crate) fn request(&self, from: IpAddr) -> Result<(), Refusal> {
        let from = from.to_canonical();
        if from.is_loopback() {
            return Ok(());
        }
        self.take(Kind::Requests, &Who::Prefix(prefix(from)), 1, &self.settings.rate_requests)
    }

    /// Counts what a submission would log, for the token that it comes with. `new`: packages that do not exist yet.
    ///
    /// # Errors
    /// As [`Self::request`]; `unavailable` where replicas count and the database is away.
    pub(crate) async fn submission(
        &self,
        token: &str,
        submission: &Submission,
        admitted: &Admitted,
        new: &BTreeSet<PackageName>,
    ) -> Result<(), Refusal> {
        let releases = admitted.releases.iter().filter(|release| release.state == ReleaseState::New);
        let versions: BTreeSet<_> =
            releases.map(|release| (&release.artifact.package, &release.artifact.version)).collect();
        let packages: BTreeSet<_> =
            versions.iter().map(|(package, _)| *package).filter(|package| new.contains(package)).collect();
        let updates = versions.iter().filter(|(package, _)| !new.contains(package)).count();
        let settings = &self.settings;
        for (kind, count, rate) in [
            (Kind::Namespaces, admitted.new_namespaces.len(), &settings.rate_namespaces),
            (Kind::NewPackages, packages.len(), &settings.rate_packages),
            (Kind::NewVersions, updates, &settings.rate_versions),
            (Kind::Statuses, submission.statuses.len(), &settings.rate_statuses),
        ] {
            if count > 0 {
                self.take_of_all(kind, token, count as u64, rate).await?;
            }
        }
        Ok(())
    }

    /// Takes from the bucket of a token, at whichever replica it is used.
    async fn take_of_all(&self, kind: Kind, token: &str, count: u64, limit: &Limit) -> Result<(), Refusal> {
        let (Some(shared), Limit(Some(rate)), Switch::On) = (&self.shared, limit, self.settings.rate_limits)
        else {
            return self.take(kind, &Who::Token(token.to_owned()), count, limit);
        };
        let milliseconds = |count: u64| u64::try_from(rate.time_of(count).as_millis()).unwrap_or(u64::MAX);
        let take = Take {
            bucket: format!("{} {token}", kind.name()),
            cost: milliseconds(count),
            room: milliseconds(rate.burst.max(count)),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let taken = shared.take(&[take], u64::try_from(now).unwrap_or_default()).await?;
        taken.map_err(|wait| limited(kind, rate, Duration::from_millis(wait)))
    }

    fn take(&self, kind: Kind, who: &Who, count: u64, limit: &Limit) -> Result<(), Refusal> {
        let (Limit(Some(rate)), Switch::On) = (limit, self.settings.rate_limits) else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = buckets.take(kind, who, count, rate, Instant::now());
        drop(buckets);
        taken.map_err(|wait| limited(kind, rate, wait))
    }
}

/// Refuses what is beyond a rate.
fn limited(kind: Kind, rate: &Rate, wait: Duration) -> Refusal {
    metrics::add(Gauge::Limited, 1);
    let retry_after = wait.as_secs() + 1;
    let fault = Diagnostic::new(Code::RateLimited, text::rate_limited(kind.name(), retry_after));
    let window = rate.time_of(rate.burst).as_secs().max(1);
    Refusal::with_status(429, fault).limited(Limited {
        name: kind.name(),
        quota: rate.burst,
        window,
        retry_after,
    })
}

fn prefix(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Value as _;

    #[test]
    fn a_bucket_empties_and_fills_again_and_forgets_nobody_in_use() {
        let rate = Rate::parse("3+1/10").unwrap();
        let (mut buckets, now) = (Buckets::default(), Instant::now());
        let who = Who::Token("a".to_owned());
        let mut take = |who: &Who, count: u64, after: u64| {
            let now = now + Duration::from_secs(after);
            buckets.take(Kind::NewPackages, who, count, &rate, now).map_err(|wait| wait.as_secs())
        };
        assert_eq!([take(&who, 1, 0), take(&who, 2, 0), take(&who, 1, 0)], [Ok(()), Ok(()), Err(10)]);
        assert_eq!([take(&who, 1, 9), take(&who, 1, 10), take(&who, 2, 10)], [Err(1), Ok(()), Err(20)]);
        assert_eq!(take(&Who::Token("b".to_owned()), 3, 0), Ok(()), "another's bucket");
        // More at once than a bucket holds needs a full one, and is not refused for ever.
        assert_eq!([take(&who, 9, 20), take(&who, 9, 1000), take(&who, 1, 1010)], [Err(20), Ok(()), Err(60)]);
        for number in 0..GENERATION as u128 {
            take(&Who::Prefix(number), 1, 1010).unwrap();
        }
        assert_eq!(take(&who, 1, 1010), Err(60), "it was used of late");
        for number in 0..10 * GENERATION as u128 {
            take(&Who::Prefix(number), 1, 1010).unwrap_or_default();
        }
        assert!(buckets.young.len() <= GENERATION && buckets.old.len() <= GENERATION);
    }

    #[test]
    fn one_customer_has_many_addresses_of_version_6() {
        let of = |text: &str| prefix(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
