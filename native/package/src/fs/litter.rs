//! Names of unfinished files and folders, and removing those that a killed process has left.
//!
//! A temporary file or folder is called `.vitte-<pid>-<place>-<random>`. `<place>` stands for the machine since it was
//! started and for the process namespace: only there does a process number say anything. So what another container or
//! machine is writing into a shared folder is not taken for litter of this one; it is left alone for as long as
//! anybody could need.

use super::presence::{self, Process};
use std::collections::BTreeSet;
use std::fs::{FileType, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use vitte_package_core::digest::Digest;

/// What every name begins with.
const PREFIX: &str = ".vitte-";
/// Digits of `<place>`.
const PLACE_LEN: usize = 8;
/// A temporary file of another place is litter after this long without a change: files are written in one go.
const FOREIGN_FILE: Duration = Duration::from_secs(60 * 60);
/// As [`FOREIGN_FILE`], of a folder.
const FOREIGN_FOLDER: Duration = Duration::from_secs(24 * 60 * 60);

static PLACE: LazyLock<String> = LazyLock::new(|| {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    // Windows has neither: there, the machine has a name.
    let machine = if cfg!(windows) { std::env::var_os("COMPUTERNAME") } else { None }.unwrap_or_default();
    let both =
        [boot.as_bytes(), namespace.as_os_str().as_encoded_bytes(), machine.as_encoded_bytes()].concat();
    Digest::of(&both).to_string().chars().take(PLACE_LEN).collect()
});

/// The first part of the names this process gives; random characters are to follow.
pub(crate) fn prefix() -> String {
    presence::announce();
    format!("{PREFIX}{}-{}-", std::process::id(), *PLACE)
}

/// Who made a temporary file or folder, as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// A process of this machine and namespace.
    Here(u32),
    /// A process of another place, or of an earlier version of this program.
    Elsewhere,
}

/// Reads a name; nothing for one that we did not give.
fn maker(name: &str) -> Option<Maker> {
    if let Some(rest) = name.strip_prefix(PREFIX) {
        let mut parts = rest.splitn(3, '-');
        let (pid, place, random) = (number(parts.next()?)?, parts.next()?, parts.next()?);
        let is_good = is_hex(place, PLACE_LEN)
            && random.len() >= 6
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return is_good.then(|| if place == *PLACE { Maker::Here(pid) } else { Maker::Elsewhere });
    }
    // Folders as they were called before there was a place in the name.
    let (pid, random) = name.split_once('-')?;
    is_hex(random, 16).then(|| number(pid)).flatten().map(Maker::Here)
}

/// A name of an earlier version: without a process in it, and too plain to be looked for in folders of others.
fn is_of_earlier_version(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|random| {
        random.len() == 6
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && random.bytes().any(|byte| !byte.is_ascii_lowercase())
    })
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn is_hex(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Removes what killed processes have left in a folder. Failures are left for the next time.
pub fn remove_stale(folder: &Path) {
    remove_all(stale(folder, maker));
}

/// As [`remove_stale`], once in the life of this process: for folders that are written to again and again.
pub fn sweep(folder: &Path) {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let is_first = SWEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
    if is_first {
        remove_stale(folder);
    }
}

/// As [`remove_stale`], for a folder in which nobody but this program writes: temporary files of earlier versions
/// are found there too.
pub(crate) fn remove_stale_in_own(folder: &Path) {
    remove_all(stale(folder, |name| {
        maker(name).or_else(|| is_of_earlier_version(name).then_some(Maker::Elsewhere))
    }));
}

/// How many temporary files and folders killed processes have left in a folder.
pub fn count_stale(folder: &Path) -> usize {
    stale(folder, maker).count()
}

fn remove_all(stale: impl Iterator<Item = (PathBuf, FileType)>) {
    for (path, kind) in stale {
        let _ = if kind.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}

fn stale(folder: &Path, maker: impl Fn(&str) -> Option<Maker>) -> impl Iterator<Item = (PathBuf, FileType)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let maker = maker(entry.file_name().to_str()?)?;
        // Of the entry itself: a link is not followed.
        let data = entry.metadata().ok()?;
        let is_stale = is_ours(&data)
            && match maker {
                // What this process makes it also removes, and another of its number is gone.
                Maker::Here(pid) => match presence::of(pid) {
                    Process::Runs => false,
                    Process::Gone => true,
                    Process::Unknown => is_old(&data),
                },
                Maker::Elsewhere => is_old(&data),
            };
        is_stale.then(|| (entry.path(), data.file_type()))
    })
}

fn is_old(data: &Metadata) -> bool {
    let age = if data.is_dir() { FOREIGN_FOLDER } else { FOREIGN_FILE };
    data.modified().is_ok_and(|time| time.elapsed().is_ok_and(|elapsed| elapsed >= age))
}

/// Whether this user made it.
#[cfg(unix)]
fn is_ours(data: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(data) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_ours(_: &Metadata) -> bool {
    true
}

/// Whether a process of this number runs. Where that is not known, it is assumed to run.
pub fn is_running(pid: u32) -> bool {
    presence::of(pid) != Process::Gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    const DEAD: u32 = 999_999_999;

    fn here(pid: u32) -> String {
        format!("{PREFIX}{pid}-{}-Ab3dE6", *PLACE)
    }

    #[test]
    fn only_what_killed_processes_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = format!("{PREFIX}{DEAD}-00000000-Ab3dE6");
        let kept = [
            here(std::process::id()),
            elsewhere.clone(),
            // Files and folders of others, whatever they look like.
            "2024-backup".into(),
            "999999999-0".into(),
            "999999999-0123456789abcde".into(),
            ".vitte-registry.lock".into(),
            ".vitte-tree".into(),
            ".vitte-backup".into(),
            format!("{PREFIX}{DEAD}-notes-Ab3dE6"),
        ];
        let gone = [here(DEAD), format!("{DEAD}-0123456789abcdef")];
        for (number, name) in kept.iter().chain(&gone).enumerate() {
            match number % 2 {
                0 => std::fs::write(folder.path().join(name), "x").unwrap(),
                _ => std::fs::create_dir(folder.path().join(name)).unwrap(),
            }
        }
        let there = || -> BTreeSet<String> {
            let entries = std::fs::read_dir(folder.path()).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        let expected: BTreeSet<String> = kept.iter().cloned().collect();
        // Elsewhere nothing tells what became of a process that never said it was there.
        assert_eq!(count_stale(folder.path()), if cfg!(unix) { 2 } else { 0 });
        remove_stale(folder.path());
        if cfg!(unix) {
            assert_eq!(there(), expected);
        }
        // A day later nobody elsewhere is still writing it.
        let old = SystemTime::now() - FOREIGN_FOLDER - FOREIGN_FOLDER;
        let handle = std::fs::File::open(folder.path().join(&elsewhere)).unwrap();
        handle.set_modified(old).unwrap();
        remove_stale(folder.path());
        assert!(!there().contains(&elsewhere));
    }

    #[test]
    fn files_of_earlier_versions_are_found_in_own_folders_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".vitte-Ab3dE6");
        std::fs::write(&file, "x").unwrap();
        remove_stale_in_own(folder.path());
        assert!(file.exists(), "it may still be written");
        let handle = std::fs::File::options().write(true).open(&file).unwrap();
        handle.set_modified(SystemTime::now() - FOREIGN_FILE - FOREIGN_FILE).unwrap();
        remove_stale(folder.path());
        assert!(file.exists());
        remove_stale_in_own(folder.path());
        assert!(!file.exists());
    }
}
