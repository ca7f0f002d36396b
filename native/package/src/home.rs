//! The folder with everything of a user: whether others can change what is in it, and what killed processes have left
//! there. `VITTE_HOME`, else `~/.vitte`.

use crate::cache;
use crate::error::Error;
use crate::fs;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Folders that decide what is run or trusted.
const FOLDERS: [&str; 10] = [
    "",
    "bin",
    "envs",
    "envs/default",
    "envs/default/gen",
    "store",
    "store/v1",
    "store/v1/pkg",
    "store/v1/tmp",
    "trust",
];
/// Files with what is known of a registry, in its folder below `trust`.
const TRUST: [&str; 5] = ["trust.json", "checkpoint", "edge", "state.json", "proved"];

fn below(home: &Path, path: &str) -> PathBuf {
    path.split('/').filter(|part| !part.is_empty()).fold(home.to_owned(), |folder, part| folder.join(part))
}

/// Checks that nobody else can change what is installed or trusted: each folder down to the packages, and the file
/// that says which installs are active. One look at each; what is not there is good.
///
/// # Errors
/// `store-tampered` for the first that belongs to another user or that everybody may write to; `io`.
pub fn check(home: &Path) -> Result<(), Error> {
    guarded(home).try_for_each(|path| fs::check_guarded(&path))
}

/// As [`check`], of what is known of one registry: its folder below `trust`, and the files in it.
///
/// # Errors
/// As [`check`].
pub fn check_trust(folder: &Path) -> Result<(), Error> {
    fs::check_guarded(folder)?;
    TRUST.iter().try_for_each(|name| fs::check_guarded(&folder.join(name)))
}

/// Everything that [`check`] and [`check_trust`] would refuse, of every registry.
pub fn faults(home: &Path) -> Vec<Error> {
    let mut faults: Vec<_> = guarded(home).filter_map(|path| fs::check_guarded(&path).err()).collect();
    for folder in folders_in(&home.join("trust")) {
        let files = TRUST.iter().map(|name| folder.join(name));
        let paths = std::iter::once(folder.clone()).chain(files);
        faults.extend(paths.filter_map(|path| fs::check_guarded(&path).err()));
    }
    faults
}

fn guarded(home: &Path) -> impl Iterator<Item = PathBuf> {
    FOLDERS.iter().chain(&["envs/default/current"]).map(|path| below(home, path))
}

/// Removes what killed processes have left in the home, once in the life of this process. Failures are left for the
/// next time: a home that may not be written is swept by whoever may.
pub fn sweep(home: &Path) {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let is_first = SWEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(home.to_owned());
    if !is_first {
        return;
    }
    for path in ["", "bin", "keys", "roots", "store/v1/tmp", "tmp"] {
        fs::remove_stale_in_own(&below(home, path));
    }
    fs::remove_stale_in_own(&cache::temporary_of(&home.join("cache")));
    for above in ["envs", "trust", "keys/registry"] {
        for folder in folders_in(&below(home, above)) {
            fs::remove_stale_in_own(&folder);
            for inner in ["gen", "locks", "evidence"] {
                fs::remove_stale_in_own(&folder.join(inner));
            }
        }
    }
}

/// The folders of a home that are written to, whether or not they are there.
pub fn folders(home: &Path) -> impl Iterator<Item = PathBuf> {
    FOLDERS.iter().chain(&["keys", "cache", "roots"]).map(|path| below(home, path))
}

/// The folders of a home that a group may write to, with their modes.
#[cfg(unix)]
pub fn open_to_group(home: &Path) -> Vec<(PathBuf, u32)> {
    let modes = folders(home).filter_map(|path| {
        let data = std::fs::metadata(&path).ok()?;
        Some((path, std::os::unix::fs::MetadataExt::mode(&data) & 0o7777))
    });
    modes.filter(|(_, mode)| mode & 0o022 == 0o020).collect()
}

#[cfg(not(unix))]
#[allow(missing_docs, reason = "as above")]
pub fn open_to_group(_: &Path) -> Vec<(PathBuf, u32)> {
    Vec::new()
}

/// When something was last installed, or a registry's log last seen to have grown.
pub fn latest_change(home: &Path) -> Option<SystemTime> {
    let registries = folders_in(&home.join("trust")).into_iter().map(|folder| folder.join("checkpoint"));
    let files = registries.chain([below(home, "envs/default/current")]);
    files.filter_map(|path| std::fs::metadata(path).ok()?.modified().ok()).max()
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
