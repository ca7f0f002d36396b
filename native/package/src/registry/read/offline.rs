//! A registry that may not be asked: the copies of its files that this client has kept.
//!
//! They pass the same checks as files that come over the wire, against the trust root and the checkpoint that are
//! remembered. What was never cached is reported as that, never as something that the registry does not have.

use super::source::{ArchiveFile, ArchiveRequest, Copies, RegistrySource, is_of_disk};
use crate::cache::Cache;
use crate::env::Env;
use crate::error::Error;
use crate::extract::Incoming;
use crate::message::registry as text;
use crate::report::Reporter;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::registry::layout;

/// The copies of the files of the registry at an address.
#[derive(Debug)]
pub struct OfflineRegistry {
    base: Address,
    cache: Cache,
    /// When the oldest index file or namespace read so far was confirmed.
    confirmed: Mutex<Option<SystemTime>>,
}

impl OfflineRegistry {
    /// The copies that are kept of the registry at `base`. Nothing is read yet.
    ///
    /// # Errors
    /// `config` when there is no home folder.
    pub fn open(env: &Env, base: Address) -> Result<Self, Error> {
        Ok(Self { base, cache: Cache::open(env)?, confirmed: Mutex::default() })
    }

    /// That a file was never kept.
    fn lacks(&self, path: &str) -> Error {
        let name = self.name();
        let message = match path.strip_prefix("index/") {
            Some(package) => text::offline_lacks_index(package.strip_prefix("_/").unwrap_or(package), &name),
            None => text::offline_lacks(path, &name),
        };
        self.at(Diagnostic::new(Code::Unavailable, message).help(text::offline_help()).into(), path)
    }
}

/// That nothing is known of a registry that may not be asked.
pub(super) fn unknown(source: &dyn RegistrySource) -> Error {
    let fault = Diagnostic::new(Code::Unavailable, text::offline_unknown(&source.name()));
    source.at(fault.help(text::offline_help()).into(), layout::CONFIG)
}

impl RegistrySource for OfflineRegistry {
    fn name(&self) -> String {
        self.base.to_string()
    }

    fn at(&self, error: Error, _path: &str) -> Error {
        if is_of_disk(&error) { error } else { error.at_url(self.base.to_string()) }
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let place = self.cache.of_registry(&self.base.to_string(), path);
        let Some(copy) = Cache::registry_file(&place, limit) else {
            return match path {
                layout::CONFIG => Err(unknown(self)),
                // Whether there is a newer trust root cannot be known: the one that was seen last counts.
                _ if path.starts_with("trust/") && path != layout::trust_root(1) => Ok(None),
                // The full tile may be there.
                _ if path.starts_with("log/tile/") && path.contains(".p/") => Ok(None),
                _ => Err(self.lacks(path)),
            };
        };
        if path.starts_with("index/") || path.starts_with("ns/") {
            let confirmed = std::fs::metadata(&place).and_then(|data| data.modified()).ok();
            let mut oldest = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
            *oldest = oldest.into_iter().chain(confirmed).min();
        }
        Ok(Some(copy.body))
    }

    fn copies(&self) -> Option<Copies> {
        Some(Copies { confirmed: *self.confirmed.lock().unwrap_or_else(PoisonError::into_inner) })
    }

    fn archive(
        &self,
        wanted: &ArchiveRequest<'_>,
        _: &mut Incoming<'_>,
        _: &dyn Reporter,
    ) -> Result<Option<ArchiveFile>, Error> {
        let place = self.cache.archive(&wanted.tree);
        match place.is_file() {
            true => Ok(Some(ArchiveFile::cached(place))),
            false => Err(self.lacks(&wanted.path())),
        }
    }
}
