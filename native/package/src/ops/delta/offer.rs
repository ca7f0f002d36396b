//! Deltas in a registry that is a folder: made for the newest releases of each package, and listed beside them.
//!
//! They follow from the archives: nobody signs them, and without them everything goes on as it did.

use super::between;
use crate::env::Env;
use crate::error::Error;
use crate::package_file::PackageFile;
use crate::registry::read::client::read_config;
use crate::registry::read::directory::Directory;
use crate::registry::read::source::RegistrySource as _;
use crate::report::Reporter;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use vitte_package_core::delta::is_worth_offering;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::index::{IndexEntry, IndexFile, is_yanked};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{DeltaList, OfferedDelta, deltas, layout};
use vitte_package_core::version::Version;

/// Which deltas a registry has.
#[derive(Clone, Copy, Debug)]
pub struct OfferPolicy {
    /// Deltas lead to this many of the newest releases of a package; pre-releases between them are not counted.
    pub keep: usize,
    /// For each of them, from this many of the releases before it.
    pub previous: usize,
}

/// A delta that was made.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The package.
    pub package: PackageName,
    /// The version it begins from.
    pub from: Version,
    /// The version it leads to.
    pub to: Version,
    /// Its path in the registry.
    pub path: String,
    /// Its bytes.
    pub len: u64,
    /// Bytes of the archive it leads to.
    pub whole: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// The deltas that were made.
    pub made: Vec<Offer>,
    /// How many were there already.
    pub kept: usize,
    /// How many would have saved too little, or too much has changed for one.
    pub unfit: usize,
    /// How many led to releases that are no longer among the newest, and were removed.
    pub removed: usize,
}

/// Makes the deltas that a policy asks for, one after the other, and removes those it does not.
///
/// # Errors
/// `registry-layout` when the folder is no registry; what is wrong with an archive; `io`, `no-space`. What was made until
/// then is kept.
pub fn offer(
    env: &Env,
    folder: &Path,
    policy: OfferPolicy,
    reporter: &dyn Reporter,
) -> Result<Offered, Error> {
    let directory = Directory::new(env.resolve(folder));
    let mut config = read_config(&directory)?;
    let mut maker = Maker { env, directory: &directory, policy, reporter, offered: Offered::default() };
    for package in directory.packages().unwrap_or_default() {
        let path = layout::index(&package);
        let Some(bytes) = directory.read(&path, limits::INDEX_LEN as u64)? else { continue };
        let index = IndexFile::read_unverified(&bytes, &package)
            .map_err(|error| directory.at(error.into(), &path))?;
        maker.offer_of(&index)?;
    }
    let offered = maker.offered;
    let offers = offered.kept + offered.made.len() > 0;
    if offers && !config.features.iter().any(|feature| feature == deltas::FEATURE) {
        config.features.push(deltas::FEATURE.to_owned());
        directory.write(layout::CONFIG, &config.to_bytes())?;
    }
    Ok(offered)
}

/// What is at work on a registry, and what came of it so far.
struct Maker<'a> {
    env: &'a Env,
    directory: &'a Directory,
    policy: OfferPolicy,
    reporter: &'a dyn Reporter,
    offered: Offered,
}

impl Maker<'_> {
    /// The deltas of one package.
    fn offer_of(&mut self, index: &IndexFile) -> Result<(), Error> {
        let newest = newest(index, self.policy.keep);
        let directory = self.directory;
        let mut by_version: BTreeMap<&Version, Vec<&IndexEntry>> = BTreeMap::new();
        for entry in index.entries() {
            by_version.entry(&entry.core.version).or_default().push(entry);
        }
        for (version, entries) in by_version {
            let Some(first) = entries.first() else { continue };
            let list_path = layout::deltas(&index.artifact(first));
            let before = read_list(directory, &list_path)?;
            let mut after = Vec::new();
            for entry in entries.iter().filter(|_| newest.contains(version)) {
                after.extend(self.offer_to(index, entry, before.as_ref())?);
            }
            let after = DeltaList::new(after);
            let gone = before.iter().flat_map(DeltaList::deltas);
            let gone = gone.filter(|delta| !after.deltas().contains(delta)).count();
            match (&before, after.deltas().is_empty()) {
                (None, true) => continue,
                (Some(_), true) => directory.prune(&list_path),
                _ if before.as_ref() != Some(&after) => directory.write(&list_path, &after.to_bytes())?,
                _ => {}
            }
            self.offered.removed += gone;
            // First the list, then what it no longer names: a client is led to no file that is gone.
            for entry in entries {
                let artifact = index.artifact(entry);
                let folder = format!("{}{}", layout::archive(&artifact), layout::DELTA);
                let named: BTreeSet<String> = after
                    .to(&file_of(&artifact), &entry.core.tree)
                    .iter()
                    .map(|delta| delta.from.hex())
                    .collect();
                for path in directory.list(&folder).unwrap_or_default() {
                    if path.rsplit('/').next().is_none_or(|name| !named.contains(name)) {
                        directory.prune(&path);
                    }
                }
            }
        }
        Ok(())
    }

    /// The deltas to one archive. Those that the list had before are kept.
    fn offer_to(
        &mut self,
        index: &IndexFile,
        entry: &IndexEntry,
        before: Option<&DeltaList>,
    ) -> Result<Vec<OfferedDelta>, Error> {
        let (env, directory, offered) = (self.env, self.directory, &mut self.offered);
        let mut after = Vec::new();
        let artifact = index.artifact(entry);
        let file = file_of(&artifact);
        let place = directory.file(&layout::archive(&artifact));
        if !place.is_file() {
            return Ok(after);
        }
        let mut older: Vec<_> = index
            .entries()
            .iter()
            .filter(|other| (other.core.kind, &other.core.target) == (entry.core.kind, &entry.core.target))
            .filter(|other| other.core.version < entry.core.version && other.core.tree != entry.core.tree)
            .collect();
        older.sort_by(|one, other| other.core.version.cmp(&one.core.version));
        let mut trees = BTreeSet::new();
        for old in older.into_iter().filter(|old| trees.insert(old.core.tree)).take(self.policy.previous) {
            let path = layout::delta(&artifact, &old.core.tree);
            let known = before.into_iter().flat_map(|list| list.to(&file, &entry.core.tree));
            let known = known.into_iter().find(|delta| delta.from == old.core.tree);
            let is_there = |delta: &&OfferedDelta| {
                std::fs::metadata(directory.file(&path)).is_ok_and(|found| found.len() == delta.size)
            };
            if let Some(delta) = known.filter(is_there) {
                after.push(delta.clone());
                offered.kept += 1;
                continue;
            }
            let old_place = directory.file(&layout::archive(&index.artifact(old)));
            if !old_place.is_file() {
                continue;
            }
            let new_file = PackageFile::open(&place)?;
            let whole = new_file.file_len();
            let made = match between(env, &PackageFile::open(&old_place)?, &new_file, self.reporter) {
                // More has changed than a delta may carry.
                Err(error) if error.code() == Code::Limit => {
                    offered.unfit += 1;
                    continue;
                }
                made => made?,
            };
            let len = made.bytes.len() as u64;
            if !is_worth_offering(len, whole) {
                offered.unfit += 1;
                continue;
            }
            directory.write(&path, &made.bytes)?;
            after.push(OfferedDelta {
                file: file.clone(),
                from: old.core.tree,
                to: entry.core.tree,
                size: len,
                whole,
            });
            let (package, from, to) =
                (index.package().clone(), old.core.version.clone(), entry.core.version.clone());
            offered.made.push(Offer { package, from, to, path, len, whole });
        }
        Ok(after)
    }
}

/// The newest releases that may be chosen: so many, and the pre-releases above the last of them.
fn newest(index: &IndexFile, keep: usize) -> BTreeSet<&Version> {
    let versions: BTreeSet<_> =
        index.entries().iter().filter(|entry| !is_yanked(entry)).map(|entry| &entry.core.version).collect();
    let mut left = keep;
    let has_stable = versions.iter().any(|version| !version.is_prerelease());
    let mut newest = BTreeSet::new();
    for version in versions.into_iter().rev() {
        if left == 0 {
            break;
        }
        newest.insert(version);
        left -= usize::from(!has_stable || !version.is_prerelease());
    }
    newest
}

/// The list of a release; one that is damaged is as good as none.
fn read_list(directory: &Directory, path: &str) -> Result<Option<DeltaList>, Error> {
    let bytes = directory.read(path, DeltaList::LEN)?;
    Ok(bytes.map(|bytes| DeltaList::parse(&bytes).unwrap_or_default()))
}

fn file_of(artifact: &Artifact) -> String {
    layout::archive(artifact).rsplit('/').next().unwrap_or_default().to_owned()
}
