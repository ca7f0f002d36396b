//! What nobody needs any more is found and removed: beside a server that runs, a part at a time, in bounded memory.
//!
//! Nothing is decided by what may be on its way: what is younger than two days stays. It may be stopped at any moment and
//! begun again.

use crate::data::Data;
use crate::data::derived_size;
use crate::database::{Database, Statement, values};
use crate::error::{At as _, Error, Result};
use crate::ledger::unix_now;
use crate::objects::{Listed, Objects, STAGING};
use crate::paths::RegistryPath;
use crate::sequencer::newest_trust_root;
use std::collections::BTreeSet;
use std::time::SystemTime;
use tokio::runtime::Runtime;
use vitte_package_core::index::VerifiedIndex;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::tile::{BundleId, TileId};
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{VerifiedTrustRoot, layout};

/// Files that are remembered at once to be removed: a listing does not change while it is read.
const TOGETHER: usize = 1000;

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Counting,
    Removing,
}

/// What was found of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Collected {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

impl Collected {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Garbage {
    /// Uploads, sessions and sign-ins that are over.
    pub(crate) expired: Collected,
    /// What was sent for uploads that are over.
    pub(crate) staged: Collected,
    /// Archives that the log does not name.
    pub(crate) orphans: Collected,
    /// Partial tiles that there are longer ones of.
    pub(crate) partial: Collected,
    /// What a killed writer left.
    pub(crate) leftover: Collected,
    /// Packages whose archives were not looked at, since their index files cannot be trusted to name them all.
    pub(crate) passed_over: BTreeSet<String>,
}

/// Finds what nobody needs, and removes it. Files must be so many seconds old before they can be such.
pub(crate) fn collect(data: &Data, doing: Task, age: u64, runtime: &Runtime) -> Result<Garbage> {
    // A store counts in whole seconds.
    let (now, old) = (unix_now(), (unix_now() + 1).saturating_sub(age));
    let database = runtime.block_on(data.open_database())?;
    let mut garbage = Garbage { expired: expired(&database, doing, now, runtime)?, ..Garbage::default() };
    let staging = data.staging()?;
    let (mut over, removing) = (Vec::new(), staging.clone());
    let remove = |over: &mut Vec<String>| over.drain(..).for_each(|id| removing.remove(&id));
    staging.each(&mut |id| {
        // The row of an upload is there before anything waits for it.
        let sql = "SELECT id FROM uploads \
                   WHERE id = $1 AND state IN ('open', 'processing') AND expires > $2";
        if runtime.block_on(database.one(sql, values![id, now]))?.is_none() {
            garbage.staged.add(staging.bytes(id)?);
            if doing == Task::Removing {
                over.push(id.to_owned());
            }
        }
        if over.len() >= TOGETHER {
            remove(&mut over);
        }
        Ok(())
    })?;
    remove(&mut over);
    let files = data.public()?;
    let registry = data.registry()?;
    let trust = newest_trust_root(&files, &registry)?;
    let mut sweep = Sweep { files: &files, doing, old };
    garbage.partial = partial_tiles(&mut sweep, &trust)?;
    (garbage.orphans, garbage.passed_over) = orphans(&mut sweep, &trust)?;
    garbage.leftover = leftover(&files, doing, old)?;
    Ok(garbage)
}

/// Rows of what is over: how many are counted and removed by, each with the time as its only value.
const EXPIRED: [(&str, &str); 4] = [
    // For a day it is known that an upload has ended.
    (
        "SELECT count(*) FROM uploads WHERE expires + 86400 <= $1",
        "DELETE FROM uploads WHERE expires + 86400 <= $1",
    ),
    ("SELECT count(*) FROM sessions WHERE expires <= $1", "DELETE FROM sessions WHERE expires <= $1"),
    ("SELECT count(*) FROM device_codes WHERE expires <= $1", "DELETE FROM device_codes WHERE expires <= $1"),
    (
        "SELECT count(*) FROM provider_sign_ins WHERE expires <= $1",
        "DELETE FROM provider_sign_ins WHERE expires <= $1",
    ),
];

fn expired(database: &Database, doing: Task, now: u64, runtime: &Runtime) -> Result<Collected> {
    let mut found = Collected::default();
    for (count, delete) in EXPIRED {
        found.count += match doing {
            Task::Counting => match runtime.block_on(database.one(count, values![now]))? {
                Some(row) => row.seconds(0)?,
                None => 0,
            },
            Task::Removing => {
                let changed = runtime.block_on(database.write(vec![Statement::new(delete, values![now])]))?;
                changed.unwrap_or_default().iter().sum()
            }
        };
    }
    Ok(found)
}

/// Goes over the files of a registry and removes some.
struct Sweep<'a> {
    files: &'a Objects,
    doing: Task,
    /// Only what was written before.
    old: u64,
}

impl Sweep<'_> {
    /// Removes the old files of a folder that are superfluous.
    fn over(
        &mut self,
        folder: &str,
        is_superfluous: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<Collected> {
        let (mut found, mut waiting) = (Collected::default(), Vec::new());
        let (files, doing, old) = (self.files, self.doing, self.old);
        let remove = |waiting: &mut Vec<String>| waiting.drain(..).try_for_each(|path| files.delete(&path));
        files.each(folder, &mut |Listed { path, len, written }| {
            if written < old && is_superfluous(&path)? {
                found.add(len);
                if doing == Task::Removing {
                    waiting.push(path);
                }
            }
            if waiting.len() >= TOGETHER { remove(&mut waiting) } else { Ok(()) }
        })?;
        remove(&mut waiting)?;
        Ok(found)
    }
}

/// Partial tiles and bundles of which the log has longer ones.
fn partial_tiles(sweep: &mut Sweep<'_>, trust: &VerifiedTrustRoot) -> Result<Collected> {
    let files = sweep.files;
    let Some(note) = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)? else {
        return Ok(Collected::default());
    };
    let size = VerifiedCheckpoint::open(&note, &trust.root().log_policy)?.size();
    sweep.over("log/tile", &mut |path| {
        // The one that takes its place must be there.
        let longer = match RegistryPath::parse(path) {
            RegistryPath::Tile(id) => {
                let now = TileId::at(id.level(), id.index(), size);
                now.filter(|now| now.width() > id.width()).map(layout::tile)
            }
            RegistryPath::Bundle(id) => {
                let now = BundleId::at(id.index(), size);
                now.filter(|now| now.width() > id.width()).map(layout::bundle)
            }
            _ => None,
        };
        Ok(match longer {
            Some(longer) => files.find(&longer)?.is_some(),
            None => false,
        })
    })
}

/// Archives, and what is next to them, that no index file names.
fn orphans(sweep: &mut Sweep<'_>, trust: &VerifiedTrustRoot) -> Result<(Collected, BTreeSet<String>)> {
    let files = sweep.files;
    let mut passed_over = BTreeSet::new();
    let checkpoint = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?;
    let checkpoint =
        checkpoint.map(|note| VerifiedCheckpoint::open(&note, &trust.root().log_policy)).transpose()?;
    if checkpoint.map(|checkpoint| checkpoint.size()) != derived_size(files)? {
        // The index does not know all of the log yet.
        passed_over.insert("*".to_owned());
        return Ok((Collected::default(), passed_over));
    }
    let mut known: Option<(PackageName, Option<BTreeSet<String>>)> = None;
    let found = sweep.over("p", &mut |path| {
        let beside = [".tlog-proof", ".sigs", layout::REMOVED];
        let archive = beside.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
        let RegistryPath::Archive(package) = RegistryPath::parse(archive) else { return Ok(false) };
        let named = match &known {
            Some((last, named)) if *last == package => named,
            _ => {
                let named = named_archives(files, trust, &package)?;
                &known.insert((package.clone(), named)).1
            }
        };
        match named {
            Some(named) => Ok(!named.contains(archive)),
            None => {
                if passed_over.len() < TOGETHER {
                    passed_over.insert(package.to_string());
                }
                Ok(false)
            }
        }
    })?;
    Ok((found, passed_over))
}

/// The archives that the index file of a package names; none where it may not name all: what cannot be made anew is
/// removed only on good grounds.
fn named_archives(
    files: &Objects,
    trust: &VerifiedTrustRoot,
    package: &PackageName,
) -> Result<Option<BTreeSet<String>>> {
    let Some(bytes) = files.read(&layout::index(package), limits::INDEX_LEN as u64)? else {
        let was_logged = files.find(&layout::last_leaf(package))?.is_some();
        return Ok((!was_logged).then(BTreeSet::new));
    };
    let Ok(file) = VerifiedIndex::open(&bytes, &trust.root().index, package) else { return Ok(None) };
    if !file.skipped().is_empty() {
        return Ok(None);
    }
    Ok(Some(file.entries().iter().map(|entry| layout::archive(&file.artifact(entry))).collect()))
}

/// What a killed writer left in the registry's own folder.
fn leftover(files: &Objects, doing: Task, old: u64) -> Result<Collected> {
    let mut found = Collected::default();
    let folder = match files {
        Objects::Files(files) => files.root().join(STAGING),
        #[cfg(feature = "s3")]
        Objects::S3(_) => return Ok(found),
    };
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries.at(&folder)?,
    };
    for entry in entries {
        let entry = entry.at(&folder)?;
        // A writer that is at work may have put it in its place meanwhile.
        let Ok(data) = entry.metadata() else { continue };
        let written = data.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        if data.is_file() && written.is_some_and(|written| written.as_secs() < old) {
            found.add(data.len());
            if doing == Task::Removing {
                std::fs::remove_file(entry.path()).map_err(|error| Error::io(&entry.path(), &error))?;
            }
        }
    }
    Ok(found)
}
