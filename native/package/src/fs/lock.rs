//! Locks on files, between processes.

use crate::error::{Doing, Error, IoContext};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::store;

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
    _file: File,
}

impl Lock {
    /// Takes the lock, waiting at most `patience` for others; `waiting` is called once if there is a wait.
    /// An exclusive holder writes its process number and `purpose` into the file, for the message others
    /// get. The file stays when the lock is released.
    ///
    /// # Errors
    /// `busy`, naming the holder, when the patience ends; `io` when the file cannot be made or locked.
    pub fn take(
        path: &Path,
        hold: Hold,
        purpose: &str,
        patience: Duration,
        waiting: impl FnOnce(),
    ) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        super::closed_to_others(&mut options);
        let mut file = options.open(path).doing(Doing::Lock, path)?;
        let began = Instant::now();
        let mut waiting = Some(waiting);
        loop {
            let attempt = match hold {
                Hold::Shared => file.try_lock_shared(),
                Hold::Exclusive => file.try_lock(),
            };
            match attempt {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(Error::io(Doing::Lock, path, &error)),
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
            let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| {
                // A note for people: the lock holds without it.
                file.write_all(holder.as_bytes())
            });
            written.doing(Doing::Lock, path)?;
        }
        Ok(Self { _file: file })
    }
}

fn busy(path: &Path, file: &mut File) -> Error {
    let mut holder = String::new();
    // Windows refuses to read what another process has locked: then the message names no holder.
    let _ = Read::by_ref(file).take(256).read_to_string(&mut holder);
    let (name, holder) = (path.display().to_string(), holder.trim());
    let message = if holder.is_empty() { store::busy(&name) } else { store::busy_holder(&name, holder) };
    Diagnostic::new(Code::Busy, message).with("holder", holder).into()
}
