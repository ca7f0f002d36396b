//! The archives that are kept: so many bytes of them at most; those that were used least recently go first.

use super::words;
use crate::error::{At as _, Error, Result};
use crate::objects::Files;
use std::collections::{BTreeSet, HashMap};
use std::fs::{File, FileTimes};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use vitte_package_core::diagnostic::Code;

/// How old the note of an archive's last use may be before it is made anew.
const NOTED: Duration = Duration::from_secs(60);

/// Reads a size such as `500MB` or `10GiB`; without a unit, bytes.
pub(super) fn parse_size(text: &str) -> Result<u64> {
    let refused = || Error::new(Code::Usage, words::size(text));
    let split = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1000,
        "mb" => 1000 * 1000,
        "gb" => 1000 * 1000 * 1000,
        "tb" => 1000 * 1000 * 1000 * 1000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(refused()),
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(refused)
}

/// What is kept, and when each was last used. The time of the last access of its file says that, also to the next
/// process, wherever the file system is mounted without noting accesses of its own.
#[derive(Debug)]
pub(super) struct Archives {
    files: Files,
    limit: u64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: u64,
    by_path: HashMap<String, (SystemTime, u64)>,
    by_use: BTreeSet<(SystemTime, String)>,
}

impl Kept {
    fn insert(&mut self, path: &str, used: SystemTime, len: u64) {
        self.remove(path);
        self.bytes += len;
        self.by_path.insert(path.to_owned(), (used, len));
        self.by_use.insert((used, path.to_owned()));
    }

    fn remove(&mut self, path: &str) {
        if let Some((used, len)) = self.by_path.remove(path) {
            self.bytes -= len;
            self.by_use.remove(&(used, path.to_owned()));
        }
    }
}

impl Archives {
    /// Those below the folder `p` of a registry's files.
    pub(super) fn of(files: Files, limit: u64) -> Result<Self> {
        let mut kept = Kept::default();
        let mut folders = vec!["p".to_owned()];
        while let Some(folder) = folders.pop() {
            let place = files.file(&folder);
            let Ok(entries) = std::fs::read_dir(&place) else { continue };
            for entry in entries {
                let entry = entry.at(&place)?;
                let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
                let data = entry.metadata().at(&entry.path())?;
                if data.is_dir() {
                    folders.push(path);
                } else if !path.ends_with(".tlog-proof") {
                    kept.insert(&path, data.accessed().unwrap_or(SystemTime::UNIX_EPOCH), data.len());
                }
            }
        }
        let archives = Self { files, limit, kept: Mutex::new(kept) };
        archives.make_room(0);
        Ok(archives)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that an archive is used now.
    pub(super) fn used(&self, path: &str) {
        let now = SystemTime::now();
        let mut kept = self.kept();
        let Some((noted, len)) = kept.by_path.get(path).copied() else { return };
        kept.insert(path, now, len);
        drop(kept);
        if now.duration_since(noted).is_ok_and(|since| since > NOTED) {
            note_use(&self.files.file(path), now);
        }
    }

    /// Puts an archive that was verified in its place, and removes others if there are too many bytes then.
    pub(super) fn place(&self, from: &Path, path: &str, len: u64) -> Result<()> {
        self.make_room(len);
        self.files.take_all(std::iter::once((from.to_owned(), path)))?;
        self.kept().insert(path, SystemTime::now(), len);
        Ok(())
    }

    /// Removes archives until `more` bytes fit. One that is being sent is sent to its end.
    fn make_room(&self, more: u64) {
        let mut kept = self.kept();
        while kept.bytes.saturating_add(more) > self.limit {
            let Some((_, path)) = kept.by_use.pop_first() else { return };
            kept.remove(&path);
            self.files.prune(&path);
        }
    }

    /// Bytes that are kept.
    #[cfg(test)]
    fn bytes(&self) -> u64 {
        self.kept().bytes
    }
}

fn note_use(file: &Path, now: SystemTime) {
    // That it goes earlier than it should is all that can come of it.
    let _ = File::open(file).and_then(|file| file.set_times(FileTimes::new().set_accessed(now)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_least_recently_goes_first() {
        let folder = std::env::temp_dir().join(format!("vitte-mirror-archives-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let files = Files::new(folder.clone());
        let archives = Archives::of(files.clone(), 10).unwrap();
        let place = |archives: &Archives, name: &str, len: usize| {
            files.write("staged", &vec![0; len]).unwrap();
            archives.place(&files.file("staged"), &format!("p/a/{name}"), len as u64).unwrap();
        };
        let there = |name: &str| files.file(&format!("p/a/{name}")).exists();
        place(&archives, "one", 4);
        place(&archives, "two", 4);
        archives.used("p/a/one");
        place(&archives, "three", 4);
        assert_eq!([there("one"), there("two"), there("three")], [true, false, true]);
        assert_eq!(archives.bytes(), 8);
        // One that is larger than all that may be kept is alone.
        place(&archives, "four", 11);
        assert_eq!([there("one"), there("three"), there("four")], [false, false, true]);
        // The next process knows what is there, and keeps to its own limit; proofs are not counted.
        files.write("p/a/four.tlog-proof", &[0; 100]).unwrap();
        assert_eq!(Archives::of(files.clone(), 20).unwrap().bytes(), 11);
        assert_eq!(Archives::of(files.clone(), 5).unwrap().bytes(), 0);
        assert!(!there("four") && files.file("p/a/four.tlog-proof").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("7", 7), ("500MB", 500_000_000), ("10GiB", 10 << 30), ("1 kb", 1000)] {
            assert_eq!(parse_size(text).unwrap(), bytes, "{text}");
        }
        for bad in ["", "GiB", "-1", "1.5GB", "1XB", "99999999999TB"] {
            assert_eq!(parse_size(bad).unwrap_err().first().code, Code::Usage, "{bad}");
        }
    }
}
