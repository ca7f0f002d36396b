//! Whether a registry is private: it says so itself, in `config.json` (`auth_required`), so that clients know and a copy of
//! its files says the same.

use crate::error::{Error, Result};
use crate::objects::Objects;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::{RegistryConfig, layout};

/// How long what `config.json` says is taken to be so.
const REFRESH: Duration = Duration::from_secs(1);

/// Whether a registry is private, as `config.json` says.
#[derive(Debug)]
pub(crate) struct Privacy {
    is_private: AtomicBool,
    read: Mutex<Instant>,
}

impl Privacy {
    /// Reads what the registry says.
    ///
    /// # Errors
    /// `no-file` without `config.json`; `json`, `io`.
    pub(crate) fn of(files: &Objects) -> Result<Self> {
        let is_private = AtomicBool::new(config(files)?.auth_required);
        Ok(Self { is_private, read: Mutex::new(Instant::now()) })
    }

    /// Whether it is, as far as is known.
    pub(crate) fn is_private(&self) -> bool {
        self.is_private.load(Ordering::Relaxed)
    }

    /// Whether it was found not to be a moment ago.
    pub(crate) fn is_known_to_be_public(&self) -> bool {
        let read = *self.read.lock().unwrap_or_else(PoisonError::into_inner);
        !self.is_private() && read.elapsed() < REFRESH
    }

    /// What it is from now on.
    pub(crate) fn set(&self, is_private: bool) {
        self.is_private.store(is_private, Ordering::Relaxed);
    }

    /// Whether what is known is old; the caller reads it again then.
    pub(crate) fn is_stale(&self) -> bool {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stale = read.elapsed() >= REFRESH;
        if is_stale {
            *read = Instant::now();
        }
        is_stale
    }
}

fn config(files: &Objects) -> Result<RegistryConfig> {
    let missing = || Error::new(Code::NoFile, text::data_missing(&files.shown()));
    let bytes = files.read(layout::CONFIG, layout::CONFIG_LEN)?.ok_or_else(missing)?;
    Ok(RegistryConfig::parse(&bytes)?)
}

/// Whether a registry is private.
pub(crate) fn is_private(files: &Objects) -> Result<bool> {
    Ok(config(files)?.auth_required)
}

/// Has a registry say that it is private, or that it is not.
pub(crate) fn set_private(files: &Objects, auth_required: bool) -> Result<()> {
    let config = RegistryConfig { auth_required, ..config(files)? };
    files.write(layout::CONFIG, &config.to_bytes())
}
