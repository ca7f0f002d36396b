//! How much a namespace may have: what the operator's settings say, or what was decided for one namespace.

use super::Accounts;
use crate::config::Settings;
use crate::database::{Statement, values};
use crate::error::{Error, Result};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::name::Namespace;

/// What of a namespace is limited. `None`: it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quotas {
    pub(crate) packages: Option<u64>,
    pub(crate) releases: Option<u64>,
    /// Bytes of all archives.
    pub(crate) storage: Option<u64>,
    /// Bytes of one archive.
    pub(crate) archive: Option<u64>,
}

/// What a namespace has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) packages: u64,
    pub(crate) releases: u64,
    /// Bytes of all archives.
    pub(crate) storage: u64,
}

/// One of the quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quota {
    Packages,
    Releases,
    Storage,
    Archive,
}

impl Quota {
    pub(crate) const ALL: [Self; 4] = [Self::Packages, Self::Releases, Self::Storage, Self::Archive];

    /// Its name, as in the flags of the operator's command.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Packages => "packages",
            Self::Releases => "releases",
            Self::Storage => "bytes",
            Self::Archive => "archive",
        }
    }

    fn of(self, quotas: &Quotas) -> Option<u64> {
        match self {
            Self::Packages => quotas.packages,
            Self::Releases => quotas.releases,
            Self::Storage => quotas.storage,
            Self::Archive => quotas.archive,
        }
    }

    /// How much of it there is; of an archive there is none before it is published.
    pub(crate) fn used(self, usage: &Usage) -> u64 {
        match self {
            Self::Packages => usage.packages,
            Self::Releases => usage.releases,
            Self::Storage => usage.storage,
            Self::Archive => 0,
        }
    }
}

impl Quotas {
    /// Those of a namespace about which nothing was decided.
    pub(crate) fn of_settings(settings: &Settings) -> Self {
        Self {
            packages: settings.quota_packages.map(|count| count.get()),
            releases: settings.quota_releases.map(|count| count.get()),
            storage: settings.quota_bytes.map(|size| size.bytes()),
            archive: Some(settings.quota_archive.bytes()),
        }
    }

    /// One of them.
    pub(crate) fn get(&self, quota: Quota) -> Option<u64> {
        quota.of(self)
    }

    /// Refuses what would be more than a namespace may have. `added` is what is to be published, `largest` the size of
    /// its largest archive.
    ///
    /// # Errors
    /// `quota`, for each that would be exceeded.
    pub(crate) fn check(
        &self,
        namespace: &Namespace,
        usage: &Usage,
        added: &Usage,
        largest: u64,
    ) -> Result<()> {
        let faults = Quota::ALL.into_iter().filter_map(|quota| {
            let limit = quota.of(self)?;
            let more = if quota == Quota::Archive { largest } else { quota.used(added) };
            let sum = quota.used(usage).saturating_add(more);
            // What exceeds it already stays, and nothing is added to it.
            if sum <= limit || more == 0 {
                return None;
            }
            let message = match quota {
                Quota::Archive => text::quota_archive(namespace.as_str(), limit, more),
                _ => text::quota(namespace.as_str(), quota.name(), limit, quota.used(usage), more),
            };
            let ask = text::quota_ask(namespace.as_str(), quota.name(), sum);
            Some(Diagnostic::new(Code::Quota, message).help(ask))
        });
        let faults: Vec<_> = faults.collect();
        if faults.is_empty() { Ok(()) } else { Err(Error(faults)) }
    }
}

/// How a quota is stored that was lifted.
const UNLIMITED: i64 = -1;

impl Accounts {
    /// The quotas of a namespace, where those that nothing was decided about are as given.
    pub(crate) async fn quotas(&self, namespace: &Namespace, otherwise: Quotas) -> Result<Quotas> {
        let sql = "SELECT packages, releases, storage, archive FROM namespace_quotas WHERE namespace = $1";
        let Some(row) = self.database.one(sql, values![namespace.as_str()]).await? else {
            return Ok(otherwise);
        };
        let decided = |column: usize, otherwise: Option<u64>| {
            Ok::<_, Error>(match row.maybe_integer(column)? {
                None => otherwise,
                Some(UNLIMITED) => None,
                Some(limit) => Some(limit.unsigned_abs()),
            })
        };
        Ok(Quotas {
            packages: decided(0, otherwise.packages)?,
            releases: decided(1, otherwise.releases)?,
            storage: decided(2, otherwise.storage)?,
            archive: decided(3, otherwise.archive)?,
        })
    }

    /// Decides about a quota of a namespace; `None`: it is not limited.
    pub(crate) async fn set_quota(
        &self,
        namespace: &Namespace,
        quota: Quota,
        limit: Option<u64>,
    ) -> Result<()> {
        let sql = match quota {
            Quota::Packages => {
                "INSERT INTO namespace_quotas (namespace, packages) VALUES ($1, $2) \
                 ON CONFLICT (namespace) DO UPDATE SET packages = excluded.packages"
            }
            Quota::Releases => {
                "INSERT INTO namespace_quotas (namespace, releases) VALUES ($1, $2) \
                 ON CONFLICT (namespace) DO UPDATE SET releases = excluded.releases"
            }
            Quota::Storage => {
                "INSERT INTO namespace_quotas (namespace, storage) VALUES ($1, $2) \
                 ON CONFLICT (namespace) DO UPDATE SET storage = excluded.storage"
            }
            Quota::Archive => {
                "INSERT INTO namespace_quotas (namespace, archive) VALUES ($1, $2) \
                 ON CONFLICT (namespace) DO UPDATE SET archive = excluded.archive"
            }
        };
        let limit = limit.map_or(UNLIMITED, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        self.database.write(vec![Statement::new(sql, values![namespace.as_str(), limit])]).await?;
        Ok(())
    }

    /// Takes back what was decided about the quotas of a namespace.
    pub(crate) async fn reset_quotas(&self, namespace: &Namespace) -> Result<()> {
        let sql = "DELETE FROM namespace_quotas WHERE namespace = $1";
        self.database.write(vec![Statement::new(sql, values![namespace.as_str()])]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::tests::databases;

    #[test]
    fn each_quota_is_told_by_itself_and_what_is_there_stays() {
        let quotas = Quotas { packages: Some(2), releases: Some(3), storage: Some(100), archive: Some(50) };
        let name = Namespace::parse("acme").unwrap();
        let usage = |packages, releases, storage| Usage { packages, releases, storage };
        let refused = |usage: &Usage, added: &Usage, largest| {
            quotas.check(&name, usage, added, largest).err().map_or(0, |error| error.0.len())
        };
        assert_eq!(refused(&usage(1, 2, 50), &usage(1, 1, 50), 50), 0, "up to the last");
        assert_eq!(refused(&usage(2, 2, 50), &usage(1, 1, 50), 50), 1);
        assert_eq!(refused(&usage(2, 3, 51), &usage(1, 1, 50), 51), 4);
        assert_eq!(refused(&usage(9, 9, 99), &usage(0, 0, 1), 1), 0, "another artifact of a release");
        let error = quotas.check(&name, &usage(2, 0, 0), &usage(1, 1, 1), 1).unwrap_err().first();
        assert_eq!(
            error.help,
            ["ask the registry's operator: vitte-registry namespace quota acme --packages 3"]
        );
        assert_eq!(Quotas::default().check(&name, &usage(9, 9, 9), &usage(9, 9, u64::MAX), 9), Ok(()));
    }

    #[tokio::test]
    async fn what_is_decided_for_a_namespace_goes_before_the_settings() {
        for (number, database) in databases("quotas").await.into_iter().enumerate() {
            let accounts = Accounts::new(database);
            let name = Namespace::parse(&format!("acme-{}-{number}", std::process::id())).unwrap();
            let settings = Quotas { packages: Some(2), releases: None, storage: Some(7), archive: Some(9) };
            assert_eq!(accounts.quotas(&name, settings).await, Ok(settings));
            accounts.set_quota(&name, Quota::Packages, Some(5)).await.unwrap();
            accounts.set_quota(&name, Quota::Releases, Some(6)).await.unwrap();
            accounts.set_quota(&name, Quota::Storage, None).await.unwrap();
            let decided = Quotas { packages: Some(5), releases: Some(6), storage: None, ..settings };
            assert_eq!(accounts.quotas(&name, settings).await, Ok(decided));
            accounts.reset_quotas(&name).await.unwrap();
            assert_eq!(accounts.quotas(&name, settings).await, Ok(settings));
        }
    }
}
