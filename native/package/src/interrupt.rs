//! Ctrl-C: what is half done disappears, then the process ends with 130.
//!
//! Everything unfinished lives in a [`TempDir`](crate::fs::TempDir), so there is one list of folders to
//! remove. The list's lock is held while a folder is made and while the interrupt clears it: no folder can
//! appear in between. The watching thread starts with the first folder, so that commands that write
//! nothing pay nothing and die by the signal itself. Where there are no signals to watch (Windows), or on
//! `kill -9`, the next run removes what is left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a folder by `make` and has it removed on an interrupt until [`forget`] is called.
pub(crate) fn remember(path: &Path, make: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<()> {
    watch();
    let mut list = unfinished();
    make()?;
    list.insert(path.to_path_buf());
    Ok(())
}

/// Takes a folder off the list, running `then` (its removal or its renaming) before an interrupt can come.
pub(crate) fn forget<T>(path: &Path, then: impl FnOnce() -> T) -> T {
    let mut list = unfinished();
    list.remove(path);
    then()
}

#[cfg(unix)]
fn watch() {
    use crate::message::ui;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use std::io::Write;

    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // Without the watch the signal still ends the process, and the next run cleans up.
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        let watcher = std::thread::Builder::new().name("interrupt".into());
        let _ = watcher.spawn(move || {
            if signals.forever().next().is_some() {
                let list = unfinished();
                for folder in list.iter() {
                    // A worker may be writing a file into it at this moment: try again, a few times.
                    let gone = (0..20).any(|_| std::fs::remove_dir_all(folder).is_ok() || !folder.exists());
                    debug_assert!(gone, "{} is still there", folder.display());
                }
                let _ = writeln!(std::io::stderr(), "\r{}", ui::interrupted());
                std::process::exit(130);
            }
        });
    });
}

#[cfg(not(unix))]
fn watch() {}
