//! Locks on files, between processes.

use crate::error::{Error, IoAction, IoContext};
use crate::message::store;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// With others that also share.
    Shared,
    /// Alone.
    Exclusive,
}

/// A lock on a file, released when the value is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: Option<File>,
}

impl Lock {
    /// Takes the lock, waiting at most `patience` for others; `waiting` is called once if there is a wait.
    /// An exclusive holder writes its process number and `purpose` into the file, for the message others
    /// get. The file stays when the lock is released.
    ///
    /// # Errors
    /// `busy`, naming the holder, when the patience ends; `io` when the file cannot be made or locked, or the file
    /// system has no locks.
    pub fn take(
        path: &Path,
        hold: Hold,
        purpose: &str,
        patience: Duration,
        waiting: impl FnOnce(),
    ) -> Result<Self, Error> {
        let lock = Self::take_if_any(path, hold, purpose, patience, waiting)?;
        if lock.is_held() {
            return Ok(lock);
        }
        let shown = path.display().to_string();
        Err(Diagnostic::new(Code::Io, store::no_locks(&shown)).help(store::no_locks_help()).into())
    }

    /// Whether there is a lock at all: not on a file system without locks ([`Lock::take_if_any`]).
    pub fn is_held(&self) -> bool {
        self.file.is_some()
    }

    /// As [`Lock::take`]; on a file system without locks, as some network ones are, nothing is held.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub fn take_if_any(
        path: &Path,
        hold: Hold,
        purpose: &str,
        patience: Duration,
        waiting: impl FnOnce(),
    ) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        super::closed_to_others(&mut options);
        let mut file = options.open(path).on(IoAction::Lock, path)?;
        let began = Instant::now();
        let mut waiting = Some(waiting);
        loop {
            let attempt = match hold {
                Hold::Shared => file.try_lock_shared(),
                Hold::Exclusive => file.try_lock(),
            };
            match attempt {
                Ok(()) => break,
                Err(TryLockError::Error(error)) if has_none(&error) => return Ok(Self { file: None }),
                Err(TryLockError::Error(error)) => return Err(Error::io(IoAction::Lock, path, &error)),
                Err(TryLockError::WouldBlock) if began.elapsed() >= patience => {
                    return Err(busy(path, &mut file));
                }
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
        if hold == Hold::Exclusive {
            let holder = format!("process {}, {purpose}\n", std::process::id());
            // A note for people: the lock holds without it, also where there is no room for it.
            let written = file.set_len(0).and_then(|()| file.rewind());
            let _ = written.and_then(|()| file.write_all(holder.as_bytes()));
        }
        Ok(Self { file: Some(file) })
    }
}

/// Whether a file system says that it has no locks.
#[cfg(unix)]
fn has_none(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let code = error.raw_os_error().map(Errno::from_raw_os_error);
    code.is_some_and(|code| [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS].contains(&code))
        || error.kind() == std::io::ErrorKind::Unsupported
}

#[cfg(not(unix))]
fn has_none(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::Unsupported
}

fn busy(path: &Path, file: &mut File) -> Error {
    let mut holder = String::new();
    // Windows refuses to read what another process has locked: then the message names no holder.
    let _ = Read::by_ref(file).take(256).read_to_string(&mut holder);
    let (name, holder) = (path.display().to_string(), holder.trim());
    let message = if holder.is_empty() { store::busy(&name) } else { store::busy_holder(&name, holder) };
    Diagnostic::new(Code::Busy, message).with("holder", holder).into()
}
