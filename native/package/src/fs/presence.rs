//! Whether a process of a number runs.
//!
//! Unix is asked. Elsewhere std has no such question, but locks that end with their process: a process that makes
//! temporary files holds a lock on a small file named by its number, in this user's folder of temporary files. One that
//! can be locked by another was left by a process that is gone; where there is none, nobody can tell.

/// What is known of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Process {
    /// It runs.
    Runs,
    /// It is gone.
    Gone,
    /// Unknown: it is another user's, or of an earlier version of this program.
    #[cfg_attr(all(unix, not(test)), expect(dead_code, reason = "Unix can always tell"))]
    Unknown,
}

/// Asks about a process.
#[cfg(unix)]
pub(super) fn of(pid: u32) -> Process {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else {
        return Process::Gone;
    };
    match rustix::process::test_kill_process(pid) {
        Err(rustix::io::Errno::SRCH) => Process::Gone,
        _ => Process::Runs,
    }
}

/// Says that this process runs, for as long as it does.
#[cfg(unix)]
pub(super) fn announce() {}

#[cfg(not(unix))]
pub(super) use by_lock::{announce, of};

#[cfg(any(not(unix), test))]
mod by_lock {
    use super::Process;
    use std::fs::{File, TryLockError};
    use std::path::Path;
    use std::time::Duration;

    /// After so long, temporary files are litter by their age alone.
    const KEPT: Duration = Duration::from_secs(3 * 24 * 60 * 60);

    #[cfg(not(unix))]
    fn folder() -> std::path::PathBuf {
        std::env::temp_dir().join("vitte-package-processes")
    }

    #[cfg(not(unix))]
    pub(in super::super) fn of(pid: u32) -> Process {
        if pid == std::process::id() { Process::Runs } else { in_folder(&folder(), pid) }
    }

    #[cfg(not(unix))]
    pub(in super::super) fn announce() {
        static HELD: std::sync::LazyLock<Option<File>> = std::sync::LazyLock::new(|| {
            let folder = folder();
            forget_old(&folder);
            hold(&folder, std::process::id())
        });
        let _ = &*HELD;
    }

    /// Holds the lock of a process. Without one, its files are left to their age.
    pub(super) fn hold(folder: &Path, pid: u32) -> Option<File> {
        std::fs::create_dir_all(folder).ok()?;
        let path = folder.join(pid.to_string());
        let file = File::options().write(true).create(true).truncate(false).open(path).ok()?;
        file.try_lock().ok()?;
        // What is old is removed.
        let _ = file.set_modified(std::time::SystemTime::now());
        Some(file)
    }

    pub(super) fn in_folder(folder: &Path, pid: u32) -> Process {
        let Ok(file) = File::options().write(true).open(folder.join(pid.to_string())) else {
            return Process::Unknown;
        };
        match file.try_lock() {
            // Dropped with the file.
            Ok(()) => Process::Gone,
            Err(TryLockError::WouldBlock) => Process::Runs,
            Err(TryLockError::Error(_)) => Process::Unknown,
        }
    }

    pub(super) fn forget_old(folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            let is_old = || {
                let modified = entry.metadata().and_then(|data| data.modified());
                modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age >= KEPT))
            };
            if pid.is_some_and(|pid| is_old() && in_folder(folder, pid) == Process::Gone) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::by_lock::{forget_old, hold, in_folder};
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_lock_tells_whether_its_process_runs() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(in_folder(folder.path(), 7), Process::Unknown);
        let held = hold(folder.path(), 7).unwrap();
        assert_eq!(in_folder(folder.path(), 7), Process::Runs);
        assert_eq!(in_folder(folder.path(), 7), Process::Runs, "asking takes nothing away");
        drop(held);
        assert_eq!(in_folder(folder.path(), 7), Process::Gone);
        // A number is used again.
        let held = hold(folder.path(), 7).unwrap();
        let old = SystemTime::now() - Duration::from_secs(30 * 24 * 60 * 60);
        held.set_modified(old).unwrap();
        forget_old(folder.path());
        assert_eq!(in_folder(folder.path(), 7), Process::Runs);
        drop(held);
        forget_old(folder.path());
        assert_eq!(in_folder(folder.path(), 7), Process::Unknown, "what says nothing any more is removed");
    }

    #[test]
    fn this_process_runs() {
        announce();
        assert_eq!(of(std::process::id()), Process::Runs);
    }
}
