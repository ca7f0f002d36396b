//! What was logged of late, of each namespace: what a namespace has was counted before that.

use crate::accounts::{Added, Allowance, Usage};
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::name::Namespace;

/// Additions that are remembered at most. One submission has one for each of its namespaces.
const REMEMBERED: usize = 4096;

/// Additions since the log had a size.
#[derive(Debug, Default)]
pub(super) struct Recent {
    since: u64,
    added: VecDeque<(Namespace, Added, u64)>,
}

impl Recent {
    /// Those of a log that is taken up at this size.
    pub(super) fn since(size: u64) -> Self {
        Self { since: size, added: VecDeque::new() }
    }

    /// Refuses what would be more than a namespace may have.
    ///
    /// # Errors
    /// `quota`; and [`uncounted`] where that cannot be told: what was counted is too old, or what was logged of late may
    /// have been counted already.
    pub(super) fn check(&self, allowance: &Allowance, added: &Added) -> Result<()> {
        let Allowance { namespace, quotas, usage, counted, .. } = allowance;
        let is_limited = [quotas.packages, quotas.releases, quotas.storage].iter().any(Option::is_some);
        if !is_limited {
            return quotas.check(namespace, usage, &added.usage(), added.largest);
        }
        if *counted < self.since {
            return Err(uncounted());
        }
        let uncounted_yet = self.added.iter().filter(|(of, _, end)| of == namespace && end > counted);
        let (mut packages, mut releases) = (BTreeSet::new(), BTreeSet::new());
        let mut storage = usage.storage;
        for (_, added, _) in uncounted_yet {
            packages.extend(&added.packages);
            releases.extend(&added.releases);
            storage = storage.saturating_add(added.storage);
        }
        let now = Usage {
            packages: usage.packages + packages.len() as u64,
            releases: usage.releases + releases.len() as u64,
            storage,
        };
        let more = Usage {
            packages: added.packages.iter().filter(|one| !packages.contains(one)).count() as u64,
            releases: added.releases.iter().filter(|one| !releases.contains(one)).count() as u64,
            storage: added.storage,
        };
        let checked = quotas.check(namespace, &now, &more, added.largest);
        match checked {
            Err(_) if now != *usage => {
                quotas.check(namespace, usage, &more, added.largest)?;
                Err(uncounted())
            }
            checked => checked,
        }
    }

    /// Remembers what a submission added whose last leaf is before `end`.
    pub(super) fn add(&mut self, added: BTreeMap<Namespace, Added>, end: u64) {
        self.added.extend(added.into_iter().map(|(namespace, added)| (namespace, added, end)));
        while self.added.len() > REMEMBERED {
            let forgotten = self.added.pop_front();
            self.since = self.since.max(forgotten.map_or(0, |(_, _, end)| end));
        }
    }
}

/// What a namespace has is to be counted again.
pub(super) fn uncounted() -> Error {
    Error::new(Code::Unavailable, text::quota_uncounted())
}

/// Whether that is what an error says, at whichever replica it was found.
pub(crate) fn is_uncounted(error: &Error) -> bool {
    let first = error.first();
    first.code == Code::Unavailable && first.message == text::quota_uncounted()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Quotas;
    use vitte_package_core::name::PackageName;
    use vitte_package_core::version::Version;

    fn added(name: &str, version: &str, storage: u64) -> Added {
        let package = PackageName::parse(name).unwrap();
        let release = (package.clone(), Version::parse(version).unwrap());
        Added { packages: [package].into(), releases: [release].into(), storage, largest: storage }
    }

    fn logged(recent: &mut Recent, added: Added, end: u64) {
        recent.add([(Namespace::parse("acme").unwrap(), added)].into(), end);
    }

    fn allowance(quotas: Quotas, usage: Usage, counted: u64) -> Allowance {
        Allowance {
            namespace: Namespace::parse("acme").unwrap(),
            quotas,
            usage,
            counted,
            new: BTreeSet::new(),
        }
    }

    #[test]
    fn what_was_logged_since_it_was_counted_counts() {
        let quotas = Quotas { packages: Some(2), releases: Some(3), storage: Some(100), archive: Some(50) };
        let usage = Usage { packages: 1, releases: 1, storage: 10 };
        let mut recent = Recent::since(10);
        let of = |counted, recent: &Recent, more: &Added| {
            recent.check(&allowance(quotas, usage, counted), more).map_err(|error| error.first().code)
        };
        assert_eq!(of(10, &recent, &added("acme/two", "1.0.0", 50)), Ok(()));
        logged(&mut recent, added("acme/two", "1.0.0", 50), 12);
        // Another submission to the same package that was new for both: it is one package.
        assert_eq!(of(10, &recent, &added("acme/two", "1.1.0", 40)), Ok(()));
        assert_eq!(of(10, &recent, &added("acme/two", "1.1.0", 41)), Err(Code::Unavailable), "bytes");
        assert_eq!(of(10, &recent, &added("acme/three", "1.0.0", 1)), Err(Code::Unavailable), "packages");
        // What was counted already does not count twice, and what is too much by itself is said at once.
        assert_eq!(of(12, &recent, &added("acme/three", "1.0.0", 1)), Ok(()));
        assert_eq!(of(10, &recent, &added("acme/two", "1.1.0", 91)), Err(Code::Quota));
        logged(&mut recent, added("acme/two", "1.1.0", 1), 13);
        assert_eq!(of(10, &recent, &added("acme/two", "1.2.0", 1)), Err(Code::Unavailable), "releases");
        assert_eq!(
            of(9, &recent, &added("acme/two", "1.1.0", 1)),
            Err(Code::Unavailable),
            "counted too early"
        );
        let other =
            Allowance { namespace: Namespace::parse("other").unwrap(), ..allowance(quotas, usage, 10) };
        assert_eq!(recent.check(&other, &added("other/a", "1.0.0", 50)), Ok(()), "another namespace");
        let unlimited = Quotas { archive: Some(50), ..Quotas::default() };
        let check =
            |storage| recent.check(&allowance(unlimited, usage, 0), &added("acme/two", "2.0.0", storage));
        assert_eq!(check(50), Ok(()));
        assert_eq!(check(51).map_err(|error| error.first().code), Err(Code::Quota));
        assert!(is_uncounted(&uncounted()) && !is_uncounted(&Error::fault()));
    }

    #[test]
    fn what_is_forgotten_makes_earlier_counts_too_old() {
        let quotas = Quotas { releases: Some(9), ..Quotas::default() };
        let mut recent = Recent::since(0);
        for end in 1..=REMEMBERED as u64 + 2 {
            logged(&mut recent, added("acme/one", "1.0.0", 0), end);
        }
        let check = |counted| recent.check(&allowance(quotas, Usage::default(), counted), &Added::default());
        assert!(is_uncounted(&check(1).unwrap_err()));
        assert_eq!(check(2), Ok(()));
    }
}
