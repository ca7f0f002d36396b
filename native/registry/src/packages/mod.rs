//! What is known of packages, to be displayed and searched: tables made from the registry's files.
//!
//! `follow` fills them, `find` searches them, `contents` reads archives. Nothing public depends on them: an installation
//! goes by the registry's files, and these tables can be made again from those.

mod contents;
mod find;
mod follow;
#[cfg(test)]
mod tests;

pub(crate) use contents::list_of_files;

use crate::database::{Database, Row, values};
use crate::error::Result;
use std::collections::BTreeSet;
use vitte_package_core::api::package::{DependentRow, DependentsPage};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::version::{Requirement, Version};

/// The tables.
#[derive(Clone, Debug)]
pub(crate) struct Packages {
    database: Database,
}

/// What the tables say of a package.
#[derive(Debug)]
struct Known {
    /// What it depends on.
    dependencies: BTreeSet<String>,
    shown: Option<Shown>,
}

/// A row of the table of packages, but for what its name says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) newest: String,
    pub(crate) kinds: String,
    pub(crate) status: Option<String>,
    pub(crate) published: u64,
    pub(crate) created: u64,
    pub(crate) releases: u64,
    /// Bytes of its archives.
    pub(crate) stored: u64,
    pub(crate) dependents: u64,
    pub(crate) manifest: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) documentation: Option<String>,
    /// One to a line.
    pub(crate) keywords: String,
    pub(crate) readme: Option<String>,
}

/// Reads the row of a package.
const ROW: &str = "SELECT newest, kinds, status, published, created, releases, dependents, manifest, description, \
                   license, repository, homepage, documentation, keywords, readme, stored \
                   FROM packages WHERE name = $1";

impl Shown {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            newest: row.text(0)?,
            kinds: row.text(1)?,
            status: row.maybe_text(2)?,
            published: row.seconds(3)?,
            created: row.seconds(4)?,
            releases: row.seconds(5)?,
            dependents: row.seconds(6)?,
            manifest: row.text(7)?,
            description: row.maybe_text(8)?,
            license: row.maybe_text(9)?,
            repository: row.maybe_text(10)?,
            homepage: row.maybe_text(11)?,
            documentation: row.maybe_text(12)?,
            keywords: row.text(13)?,
            readme: row.maybe_text(14)?,
            stored: row.seconds(15)?,
        })
    }
}

impl Packages {
    /// The tables in a database.
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// What is known of a package; none until it was taken in.
    pub(crate) async fn shown(&self, package: &PackageName) -> Result<Option<Shown>> {
        let row = self.database.one(ROW, values![package.as_str()]).await?;
        row.map(|row| Shown::of(&row)).transpose()
    }

    /// How many packages and releases a namespace has, bytes of archives, and of how many leaves of the log at least.
    pub(crate) async fn usage(&self, namespace: &Namespace) -> Result<(u64, u64, u64, u64)> {
        let sql = "SELECT (SELECT size FROM packages_state), count(*), CAST(coalesce(sum(releases), 0) AS BIGINT), \
                   CAST(coalesce(sum(stored), 0) AS BIGINT) FROM packages WHERE namespace = $1";
        let Some(row) = self.database.one(sql, values![namespace.as_str()]).await? else {
            return Ok((0, 0, 0, 0));
        };
        Ok((row.seconds(1)?, row.seconds(2)?, row.seconds(3)?, row.seconds(0)?))
    }

    /// The namespaces whose packages others depend on most, at most 1,000 of them.
    pub(crate) async fn much_used_namespaces(&self) -> Result<Vec<String>> {
        let sql = "SELECT namespace FROM packages WHERE dependents > 0 GROUP BY namespace \
                   ORDER BY sum(dependents) DESC, namespace LIMIT 1000";
        self.database.query(sql, values![]).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Packages that depend on one, by name, behind that of `after`.
    pub(crate) async fn dependents(
        &self,
        package: &PackageName,
        after: Option<&PackageName>,
        limit: u64,
    ) -> Result<DependentsPage> {
        let count = "SELECT count(*) FROM package_dependencies WHERE dependency = $1";
        let count = self.database.one(count, values![package.as_str()]).await?;
        let total = count.map_or(Ok(0), |row| row.seconds(0))?;
        let sql = "SELECT package, version, requirement FROM package_dependencies \
                   WHERE dependency = $1 AND package > $2 ORDER BY package LIMIT $3";
        let after = after.map_or("", PackageName::as_str);
        let rows = self.database.query(sql, values![package.as_str(), after, limit + 1]).await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            let (name, version, requirement) = (row.text(0)?, row.text(1)?, row.text(2)?);
            let parsed =
                (PackageName::parse(&name), Version::parse(&version), Requirement::parse(&requirement));
            if let (Ok(package), Ok(version), Ok(requirement)) = parsed {
                items.push(DependentRow { package, version, requirement });
            }
        }
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = items.last().filter(|_| more).map(|last| last.package.to_string());
        Ok(DependentsPage { items, total, next })
    }
}
