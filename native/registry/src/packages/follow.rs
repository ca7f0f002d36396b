//! Takes in what the log says, from where these tables are to where the registry's derived files are.
//!
//! It does not matter who logged it: this process, another one, or the folder that was imported. A step is one
//! transaction that also says how far it came; where two processes take in the same leaves, one of them changes nothing.

use super::contents::contents;
use super::{Known, Packages, ROW, Shown};
use crate::database::{Statement, values};
use crate::error::Result;
use crate::leaves::{self, Leaves};
use crate::objects::Objects;
use crate::tasks::waiting;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vitte_package_core::api::search::rank::words;
use vitte_package_core::index::{IndexEntry, Rule, VerifiedIndex, newest};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{VerifiedTrustRoot, layout};
use vitte_package_core::sign::RegistryId;

/// How long nothing is looked for where there was nothing new.
const PAUSE: Duration = Duration::from_millis(500);
/// How long nothing is tried after it failed.
const LONG_PAUSE: Duration = Duration::from_secs(5);

impl Packages {
    /// Follows the log for as long as the server runs.
    pub(crate) async fn follow(self, files: Objects, registry: RegistryId) {
        loop {
            match self.step(&files, &registry).await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(PAUSE).await,
                // The database or the files are away: what is to be done then is decided where somebody waits for it.
                Err(_) => tokio::time::sleep(LONG_PAUSE).await,
            }
        }
    }

    /// Forgets everything and takes in the whole log.
    #[allow(dead_code, reason = "the verb `rebuild-index` is being added")]
    pub(crate) async fn rebuild(&self, files: &Objects, registry: &RegistryId) -> Result<()> {
        self.forget().await?;
        while self.step(files, registry).await? {}
        Ok(())
    }

    async fn forget(&self) -> Result<()> {
        let all = [
            "DELETE FROM package_dependencies",
            "DELETE FROM packages",
            "UPDATE packages_state SET size = 0",
        ];
        self.database.write(all.map(|sql| Statement::new(sql, Vec::new())).to_vec()).await?;
        Ok(())
    }

    /// Takes in some leaves, those of one bundle at most. Says whether there may be more.
    async fn step(&self, files: &Objects, registry: &RegistryId) -> Result<bool> {
        let row = self.database.one("SELECT size FROM packages_state", Vec::new()).await?;
        let seen = row.map_or(Ok(0), |row| row.seconds(0))?;
        let (reading, id) = (files.clone(), registry.clone());
        let Some(news) = waiting(move || leaves::behind(&reading, &id, seen)).await? else {
            return Ok(false);
        };
        if news.end < seen {
            // An older copy of the registry took the place of the one these tables are of.
            self.forget().await?;
            return Ok(true);
        }
        if news.end == seen {
            return Ok(false);
        }
        let mut known = BTreeMap::new();
        for package in &packages(&news) {
            known.insert(package.clone(), self.known(package).await?);
        }
        let reading = files.clone();
        let trust = news.trust.clone();
        let updates = waiting(move || {
            let update = |(package, known)| {
                Ok(update(&reading, &trust, &package, &known)?.map(|update| (update, known)))
            };
            known.into_iter().filter_map(|one| update(one).transpose()).collect::<Result<Vec<_>>>()
        });
        let mut statements = Vec::new();
        for (update, known) in updates.await? {
            statements.extend(update.statements(&known));
        }
        let moved = "UPDATE packages_state SET size = $1 WHERE size = $2";
        statements.push(Statement::new(moved, values![news.end, seen]).must_change(1));
        // Where another process was faster, nothing was written, and the next step begins where it ended.
        self.database.write(statements).await?;
        Ok(true)
    }

    /// What the tables say of a package.
    async fn known(&self, package: &PackageName) -> Result<Known> {
        let sql = "SELECT dependency FROM package_dependencies WHERE package = $1";
        let rows = self.database.query(sql, values![package.as_str()]).await?;
        let dependencies = rows.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
        let shown = self.database.one(ROW, values![package.as_str()]).await?;
        Ok(Known { dependencies, shown: shown.map(|row| Shown::of(&row)).transpose()? })
    }
}

/// The packages that leaves are about.
fn packages(leaves: &Leaves) -> BTreeSet<PackageName> {
    let package = |(_, leaf): &(u64, Leaf)| match &leaf.subject {
        Subject::Release { artifact, .. } => Some(artifact.package.clone()),
        Subject::Status { package, .. } => Some(package.clone()),
        _ => None,
    };
    leaves.leaves.iter().filter_map(package).collect()
}

/// What is to be said of a package now; none where its index file is not there or not what it must be.
fn update(
    files: &Objects,
    trust: &VerifiedTrustRoot,
    package: &PackageName,
    known: &Known,
) -> Result<Option<Update>> {
    let Some(bytes) = files.read(&layout::index(package), limits::INDEX_LEN as u64)? else { return Ok(None) };
    let Ok(index) = VerifiedIndex::open(&bytes, &trust.root().index, package) else { return Ok(None) };
    let Some(entry) = newest(&index, &Rule::to_show()) else { return Ok(None) };
    let entries: Vec<&IndexEntry> =
        index.entries().iter().filter(|one| one.core.version == entry.core.version).collect();
    let kinds: BTreeSet<_> = entries.iter().map(|entry| entry.core.kind.as_str()).collect();
    let mut shown = Shown {
        newest: entry.core.version.to_string(),
        kinds: kinds.into_iter().collect::<Vec<_>>().join(" "),
        status: entry.status.as_ref().map(|status| status.change.action.as_str().to_owned()),
        published: entries.iter().map(|entry| entry.time).min().unwrap_or_default(),
        created: index.entries().iter().map(|entry| entry.time).min().unwrap_or_default(),
        releases: index.versions().len() as u64,
        stored: index.entries().iter().map(|entry| entry.size).sum(),
        ..known.shown.clone().unwrap_or_default()
    };
    let manifest = entry.core.manifest.to_string();
    // An archive is read once: what it says cannot change.
    if shown.manifest != manifest {
        let path = layout::archive(&index.artifact(entry));
        shown.describe(manifest, contents(files, &path, entry)?);
    }
    let dependencies = entry
        .core
        .needs
        .dependencies
        .iter()
        .map(|dependency| (dependency.name.to_string(), dependency.requirement.as_str().to_owned()));
    Ok(Some(Update { package: package.clone(), shown, dependencies: dependencies.collect() }))
}

/// What is to be said of a package.
struct Update {
    package: PackageName,
    shown: Shown,
    /// What it depends on, and which versions will do.
    dependencies: BTreeMap<String, String>,
}

impl Update {
    fn statements(self, known: &Known) -> Vec<Statement> {
        let Self { package, shown, dependencies } = self;
        let name = package.as_str();
        let mut statements = vec![shown.statement(&package)];
        for gone in known.dependencies.iter().filter(|gone| !dependencies.contains_key(*gone)) {
            let sql = "DELETE FROM package_dependencies WHERE package = $1 AND dependency = $2";
            statements.push(Statement::new(sql, values![name, gone]));
            let sql = "UPDATE packages SET dependents = dependents - 1 WHERE name = $1";
            statements.push(Statement::new(sql, values![gone]));
        }
        for (dependency, requirement) in dependencies {
            let sql = "INSERT INTO package_dependencies (package, dependency, version, requirement) \
                       VALUES ($1, $2, $3, $4) ON CONFLICT (package, dependency) \
                       DO UPDATE SET version = excluded.version, requirement = excluded.requirement";
            statements.push(Statement::new(sql, values![name, &dependency, &shown.newest, requirement]));
            if !known.dependencies.contains(&dependency) {
                let sql = "UPDATE packages SET dependents = dependents + 1 WHERE name = $1";
                statements.push(Statement::new(sql, values![dependency]));
            }
        }
        statements
    }
}

impl Shown {
    /// Takes over what the author says, from the manifest with this digest.
    fn describe(&mut self, manifest: String, contents: Option<super::contents::Contents>) {
        let manifest_of = contents.as_ref().map(|contents| &contents.manifest);
        // A manifest may have line ends and other control characters within its strings.
        let text = |text: &str| text.replace(char::is_control, " ");
        let of = |read: fn(&vitte_package_core::manifest::Manifest) -> Option<&str>| {
            manifest_of.and_then(read).map(text)
        };
        self.description = of(|manifest| manifest.description());
        self.license = of(|manifest| manifest.license());
        self.repository = of(|manifest| manifest.repository());
        self.homepage = of(|manifest| manifest.homepage());
        self.documentation = of(|manifest| manifest.documentation());
        let keywords = manifest_of.map(|manifest| manifest.keywords()).unwrap_or_default();
        self.keywords = keywords.iter().map(|keyword| text(keyword)).collect::<Vec<_>>().join("\n");
        self.manifest = manifest;
        self.readme = contents.and_then(|contents| contents.readme);
    }

    /// Puts it into the table.
    pub(super) fn statement(&self, package: &PackageName) -> Statement {
        let joined = |text: &str| words(text).join(" ");
        let sql = "INSERT INTO packages (name, namespace, base, newest, kinds, status, published, created, releases, \
                   manifest, description, license, repository, homepage, documentation, keywords, name_words, \
                   keyword_words, description_words, readme, stored, dependents) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
                   (SELECT count(*) FROM package_dependencies WHERE dependency = $1)) \
                   ON CONFLICT (name) DO UPDATE SET newest = excluded.newest, kinds = excluded.kinds, \
                   status = excluded.status, published = excluded.published, created = excluded.created, \
                   releases = excluded.releases, manifest = excluded.manifest, description = excluded.description, \
                   license = excluded.license, repository = excluded.repository, homepage = excluded.homepage, \
                   documentation = excluded.documentation, keywords = excluded.keywords, \
                   name_words = excluded.name_words, keyword_words = excluded.keyword_words, \
                   description_words = excluded.description_words, readme = excluded.readme, \
                   stored = excluded.stored";
        let values = values![
            package.as_str(),
            package.namespace_or_none().as_str(),
            package.base(),
            &self.newest,
            &self.kinds,
            self.status.clone(),
            self.published,
            self.created,
            self.releases,
            &self.manifest,
            self.description.clone(),
            self.license.clone(),
            self.repository.clone(),
            self.homepage.clone(),
            self.documentation.clone(),
            &self.keywords,
            joined(package.as_str()),
            joined(&self.keywords),
            joined(self.description.as_deref().unwrap_or_default()),
            self.readme.clone(),
            self.stored,
        ];
        Statement::new(sql, values)
    }
}
