//! A registry at an address: its files over HTTP, those that can be asked for again kept in the cache.
//!
//! Kept are index files and namespaces with their tags, full tiles and proofs, which never change; each only after it was
//! checked ([`RegistrySource::confirm`]), so that a wrong file is not kept. What comes out of the cache is
//! checked like what comes over the wire.

use super::download::{Download, begins_well, download};
use super::known;
use super::parts::{self, Parts};
use super::source::{ArchiveFile, ArchiveRequest, RegistrySource, check_line_ends, is_of_disk, package_at};
use crate::cache::{Cache, CacheWriter};
use crate::credentials::{Lookup, Source};
use crate::env::{Env, Variable};
use crate::error::Error;
use crate::extract::Incoming;
use crate::fs;
use crate::http::bearer::Bearer;
use crate::http::{Encoding, Expected, Fetched, Http, Traffic};
use crate::message::{network as text, registry as registry_text};
use crate::report::{Reporter, Task};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use vitte_package_core::api::batch::{self, BatchReader, BatchRequest, FileStatus, Follow, IndexQuery};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::Address;
use vitte_package_core::limits;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::client::FileNeed;
use vitte_package_core::registry::{RegistryConfig, layout};

/// Requests under way at once, unless `VITTE_HTTP_CONNECTIONS` says otherwise.
const CONNECTIONS: usize = 8;
/// How long after the registry confirmed a file a copy of it is good enough where locked versions are to stay.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);

/// The registry at an address.
#[derive(Debug)]
pub struct HttpRegistry {
    http: Http,
    base: Address,
    config: RegistryConfig,
    config_bytes: Vec<u8>,
    cache: Cache,
    /// Writes into the cache, once there is something to write.
    writer: OnceLock<CacheWriter>,
    connections: usize,
    /// What was brought prefetched of being read.
    prefetched: Mutex<BTreeMap<String, Result<Option<Read>, Error>>>,
    /// Files that were read and are not confirmed yet, with their tags.
    unsure: Mutex<BTreeMap<String, (Vec<u8>, String)>>,
    /// Where many index files can be asked for at once, while that works.
    batch: Mutex<Option<Address>>,
    /// What came that way and has not been read.
    batched: Mutex<BTreeSet<String>>,
    /// Whether the server has turned out to send whole files only.
    sends_whole: AtomicBool,
    /// Where the token that is sent was found, if one is.
    source: Option<Source>,
    /// What to do where the registry asks for a token, or for another.
    hints: Vec<String>,
}

type Read = (Vec<u8>, Option<String>);

/// Whether a file is kept in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// Never.
    No,
    /// With its tag, and asked for again with it.
    WithTag,
    /// For ever: it never changes.
    Immutable,
}

impl HttpRegistry {
    /// Reads `config.json` of the registry at `base`. A token for it that is at hand is sent from the first request on;
    /// one that another program has, when the registry asks for it.
    ///
    /// # Errors
    /// `registry-layout` when there is none, `json` when it is malformed; `unauthenticated` when the registry asks for a
    /// token and there is none, or another; `key-permissions` when others can read where it is kept; network faults;
    /// `config`.
    pub fn open(env: &Env, base: Address) -> Result<Self, Error> {
        let connections = match env.variable(Variable::HttpConnections)? {
            None => CONNECTIONS,
            Some(value) => match value.parse() {
                Ok(connections @ 1..=32) => connections,
                _ => return Err(Diagnostic::new(Code::Config, text::connections(value)).into()),
            },
        };
        let http = Http::new(env)?;
        let at = base.join(layout::CONFIG)?;
        let missing = || {
            let message = crate::message::registry::registry_layout(&base.to_string(), layout::CONFIG);
            Error::from(Diagnostic::new(Code::NoFile, message)).at_url(at.to_string())
        };
        let is_only = || Ok(known::only(env)?.is_some_and(|known| known == base.to_string()));
        let lookup = Lookup { env, registry: &base, is_only: &is_only };
        let mut credential = lookup.at_once()?;
        if let Some(credential) = &credential {
            http.authorize(Bearer::new(credential.token.clone(), &base));
        }
        let fetch = || http.fetch(&at, layout::CONFIG_LEN, None, Encoding::Gzip);
        let mut fetched = fetch();
        if credential.is_none() && is_unauthenticated(&fetched) {
            credential = lookup.find()?;
            if let Some(credential) = &credential {
                http.authorize(Bearer::new(credential.token.clone(), &base));
                fetched = fetch();
            }
        }
        let explain = |credential: Option<&Source>, error| with_hints(error, &lookup.explain(credential));
        let source = credential.as_ref().map(|credential| &credential.source);
        let Fetched::Found(config_bytes, _) = fetched.map_err(|error| explain(source, error))? else {
            return Err(missing());
        };
        let config = RegistryConfig::parse(&config_bytes)
            .map_err(|error| Error::from(error).at_url(at.to_string()))?;
        // `config.json` alone may be open to everyone.
        if credential.is_none() && config.auth_required {
            credential = lookup.find()?;
        }
        if let Some(credential) = &credential {
            http.authorize(Bearer::new(credential.token.clone(), &base).with_hosts(&config.auth_hosts));
        }
        let source = credential.map(|credential| credential.source);
        let hints = lookup.explain(source.as_ref());
        // A hint like all of them: one that leads nowhere is as good as none.
        let batch = match (&config.api, config.features.iter().any(|feature| feature == batch::FEATURE)) {
            (Some(api), true) => base.join(&format!("{}/{}", api.trim_end_matches('/'), batch::PATH)).ok(),
            _ => None,
        };
        Ok(Self {
            http,
            base,
            config,
            config_bytes,
            cache: Cache::open(env)?,
            writer: OnceLock::new(),
            connections,
            prefetched: Mutex::default(),
            unsure: Mutex::default(),
            batch: Mutex::new(batch),
            batched: Mutex::default(),
            sends_whole: AtomicBool::new(false),
            source,
            hints,
        })
    }

    /// What was asked and received so far.
    pub fn traffic(&self) -> Traffic {
        self.http.traffic()
    }

    fn url(&self, path: &str) -> Result<Address, Error> {
        Ok(self.config.address(&self.base, path)?)
    }

    /// Reads a file from the registry, or from the cache where the registry says that nothing has changed.
    fn bring(&self, path: &str, limit: u64) -> Result<Option<Read>, Error> {
        let keep = keep(path);
        let known = if keep == Keep::No { None } else { self.cached_with_tag(path, limit) };
        let (tag, known) = match known {
            Some((bytes, _)) if keep == Keep::Immutable => return Ok(Some((bytes, None))),
            // A copy without a tag is for the time when the registry may not be asked.
            Some((bytes, tag)) if !tag.is_empty() => (Some(tag), Some(bytes)),
            _ => (None, None),
        };
        let encoding = if path.starts_with("log/tile/") && !path.starts_with("log/tile/entries/") {
            Encoding::Identity
        } else {
            Encoding::Gzip
        };
        let fetched = match self.http.fetch(&self.url(path)?, limit, tag.as_deref(), encoding) {
            // A store whose files may be read but not listed says so of every file that is not there.
            Err(error) if self.is_of_absence(&error) => Fetched::Absent,
            fetched => fetched.map_err(|error| with_hints(error, &self.hints))?,
        };
        match (fetched, known) {
            (Fetched::Absent, _) | (Fetched::Unchanged, None) => Ok(None),
            (Fetched::Unchanged, Some(bytes)) => {
                self.writer().confirm(self.place(path));
                Ok(Some((bytes, None)))
            }
            (Fetched::Found(bytes, tag), _) => {
                Ok(Some((bytes, Some(tag.unwrap_or_default()).filter(|_| keep != Keep::No))))
            }
        }
    }

    /// Brings files, several at once, to be read.
    fn bring_together(&self, wanted: &[&FileNeed]) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.connections.min(wanted.len()) {
                scope.spawn(|| {
                    while let Some(need) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let found = self.bring(&need.path, need.limit);
                        self.prefetched().insert(need.path.clone(), found);
                    }
                });
            }
        });
    }

    /// Requests many index files at once. What comes is read by [`RegistrySource::read`] and checked like any other.
    fn fetch_batch(&self, url: &Address, packages: &[PackageName]) -> Result<(), Error> {
        let held: BTreeMap<&PackageName, Read> = packages
            .iter()
            .filter_map(|name| {
                let (bytes, tag) = self.cached_with_tag(&layout::index(name), limits::INDEX_LEN as u64)?;
                Some((name, (bytes, Some(tag))))
            })
            .collect();
        let tag = |name: &PackageName| held.get(name).and_then(|(_, tag)| tag.clone());
        let queries =
            packages.iter().map(|name| IndexQuery { name: name.clone(), etag: tag(name) }).collect();
        let body = BatchRequest::new(queries, Follow::Dependencies)?.to_bytes();
        let mut reader = BatchReader::new();
        let mut files = Vec::new();
        let expected = Expected { content_type: batch::MEDIA_TYPE, limit: limits::BATCH_LEN as u64 };
        self.http.post(url, &body, expected, &mut |bytes| {
            reader.push(bytes);
            while let Some(file) = reader.next() {
                files.push(file?);
            }
            Ok(())
        })?;
        reader.finish()?;
        for file in files {
            let path = layout::index(&file.name);
            let read = match file.status {
                FileStatus::Found => (file.body, file.etag),
                FileStatus::Unchanged => match held.get(&file.name) {
                    Some((bytes, _)) => {
                        self.writer().confirm(self.place(&path));
                        (bytes.clone(), None)
                    }
                    None => continue,
                },
                // What there is none of is asked for by itself: that costs little, and a lie would cost much.
                FileStatus::Absent(_) => continue,
            };
            if self.prefetched().contains_key(&path) {
                continue;
            }
            self.batched().insert(path.clone());
            self.prefetched().insert(path, Ok(Some(read)));
        }
        Ok(())
    }

    /// Whether an error says that a file is not there, which stores that are not listed do with 403. A registry that asks
    /// for a token means what it says.
    fn is_of_absence(&self, error: &Error) -> bool {
        error.code() == Code::Forbidden && !self.config.auth_required && self.source.is_none()
    }

    /// From now on whole files are asked for. That is said once.
    fn use_whole_files(&self, why: &str) {
        if !self.sends_whole.swap(true, Ordering::Relaxed) {
            self.http.say(why);
        }
    }

    fn batched(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.batched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a file is in the cache.
    fn place(&self, path: &str) -> PathBuf {
        self.cache.of_registry(&self.base.to_string(), path)
    }

    fn writer(&self) -> &CacheWriter {
        self.writer.get_or_init(|| self.cache.writer())
    }

    /// A file of the cache and its tag. One that was damaged counts as absent.
    fn cached_with_tag(&self, path: &str, limit: u64) -> Option<(Vec<u8>, String)> {
        let copy = Cache::registry_file(&self.place(path), limit)?;
        Some((copy.body, copy.tag))
    }

    /// Keeps a file and its tag in the background.
    fn keep_copy(&self, path: &str, bytes: &[u8], tag: &str) {
        let head = format!("{} {}\n", Digest::of(bytes), tag.replace('\n', ""));
        self.writer().write(self.place(path), [head.as_bytes(), bytes].concat());
    }

    fn prefetched(&self) -> MutexGuard<'_, BTreeMap<String, Result<Option<Read>, Error>>> {
        self.prefetched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unsure(&self) -> MutexGuard<'_, BTreeMap<String, (Vec<u8>, String)>> {
        self.unsure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_unauthenticated<T>(result: &Result<T, Error>) -> bool {
    result.as_ref().is_err_and(|error| error.code() == Code::Unauthenticated)
}

/// Adds what to do, where a registry asks for a token or for another one.
fn with_hints(error: Error, hints: &[String]) -> Error {
    match error.code() {
        Code::Unauthenticated | Code::Forbidden => {
            // A server may have said the same.
            let known = error.first_help().to_vec();
            let is_new = |hint: &&String| !known.iter().any(|known| hint.ends_with(known));
            let new = hints.iter().filter(is_new);
            new.fold(error, |error, hint| error.help(hint.clone()))
        }
        _ => error,
    }
}

fn keep(path: &str) -> Keep {
    let tile = path.starts_with("log/tile/") && !path.starts_with("log/tile/entries/");
    match path.split('/').next() {
        Some("index" | "ns") => Keep::WithTag,
        _ if tile && !path.contains(".p/") || path.ends_with(".tlog-proof") => Keep::Immutable,
        _ => Keep::No,
    }
}

impl RegistrySource for HttpRegistry {
    fn name(&self) -> String {
        self.base.to_string()
    }

    fn at(&self, error: Error, path: &str) -> Error {
        match self.url(path) {
            _ if is_of_disk(&error) => error,
            Ok(url) => error.at_url(url.to_string()),
            Err(_) => error.at_url(self.base.to_string()),
        }
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        if path == layout::CONFIG {
            return Ok(Some(self.config_bytes.clone()));
        }
        let prefetched = self.prefetched().remove(path);
        let found = prefetched.unwrap_or_else(|| self.bring(path, limit))?;
        if let Some((bytes, _)) = &found {
            let help = || vec![registry_text::line_ends_attributes("REGISTRY")];
            check_line_ends(path, bytes, help).map_err(|error| self.at(error, path))?;
        }
        Ok(found.map(|(bytes, tag)| {
            if let Some(tag) = tag {
                self.unsure().insert(path.to_owned(), (bytes.clone(), tag));
            }
            bytes
        }))
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn ask(&self, url: &Address, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        match self.http.fetch(url, limit, None, Encoding::Gzip)? {
            Fetched::Found(bytes, _) => Ok(Some(bytes)),
            Fetched::Absent | Fetched::Unchanged => Ok(None),
        }
    }

    fn cached(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        let confirmed = std::fs::metadata(self.place(path)).and_then(|data| data.modified()).ok()?;
        // A time in the future says nothing.
        let recent = confirmed.elapsed().is_ok_and(|since| since < RECENT);
        recent.then(|| self.cached_with_tag(path, limit).map(|(bytes, _)| bytes)).flatten()
    }

    fn prefetch(&self, needs: &[FileNeed]) {
        let mut wanted: Vec<&FileNeed> = {
            let prefetched = self.prefetched();
            needs.iter().filter(|need| !prefetched.contains_key(&need.path)).collect()
        };
        let packages: Vec<PackageName> = wanted.iter().filter_map(|need| package_at(&need.path)).collect();
        let batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(url) = batch.filter(|_| !packages.is_empty()) {
            let (indexes, others): (Vec<_>, Vec<_>) =
                wanted.into_iter().partition(|need| package_at(&need.path).is_some());
            std::thread::scope(|scope| {
                scope.spawn(|| self.bring_together(&others));
                if packages.chunks(limits::BATCH_NAMES).any(|names| self.fetch_batch(&url, names).is_err()) {
                    // Whatever it was, the files themselves are there.
                    *self.batch.lock().unwrap_or_else(PoisonError::into_inner) = None;
                }
            });
            let prefetched = self.prefetched();
            wanted = indexes.into_iter().filter(|need| !prefetched.contains_key(&need.path)).collect();
        }
        self.bring_together(&wanted);
    }

    fn reject(&self, path: &str) -> bool {
        self.unsure().remove(path);
        self.batched().remove(path)
    }

    fn confirm(&self, path: &str) {
        if path == layout::CONFIG {
            // For the time when the registry may not be asked; online it is read anew each time.
            return match self.cached_with_tag(path, layout::CONFIG_LEN) {
                Some((kept, _)) if kept == self.config_bytes => self.writer().confirm(self.place(path)),
                _ => self.keep_copy(path, &self.config_bytes, ""),
            };
        }
        self.batched().remove(path);
        let Some((bytes, tag)) = self.unsure().remove(path) else { return };
        self.keep_copy(path, &bytes, &tag);
    }

    fn archive(
        &self,
        wanted: &ArchiveRequest<'_>,
        incoming: &mut Incoming<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Option<ArchiveFile>, Error> {
        let place = self.cache.archive(&wanted.tree);
        let url = self.url(&wanted.path())?;
        if place.is_file() && begins_well(&url, &place, wanted.unpack) {
            return Ok(Some(ArchiveFile::cached(place)));
        }
        let folder = place.parent().unwrap_or(self.cache.folder());
        let temporary = self.cache.temporary();
        // Where there can be no cache, what is downloaded is kept for this run alone.
        let made = fs::create_folder(folder).and_then(|()| fs::create_folder(&temporary));
        let temporary = match made {
            Err(_) if !fs::can_be_written(&temporary) => tempfile::env::temp_dir(),
            made => made.map(|()| temporary)?,
        };
        if !wanted.here.is_empty() && !self.sends_whole.load(Ordering::Relaxed) {
            reporter.started(Task::Download, None);
            let found = parts::bring(&self.http, &url, &temporary, (wanted.unpack, wanted.here), reporter);
            reporter.finished(Task::Download);
            match found {
                Err(error) if self.is_of_absence(&error) => return Ok(None),
                Err(error) => return Err(with_hints(error, &self.hints).at_url(url.to_string())),
                Ok(Parts::Absent) => return Ok(None),
                Ok(Parts::Brought(brought)) => return Ok(Some(ArchiveFile::brought(brought, place))),
                Ok(Parts::NotTaken) => self.use_whole_files(&text::no_ranges(&url.origin())),
                Ok(Parts::Wrong(Some(error))) => {
                    self.use_whole_files(&text::wrong_ranges(&url.origin(), &error.to_string()));
                }
                // It was replaced meanwhile.
                Ok(Parts::Wrong(None)) => {}
            }
        }
        reporter.started(Task::Download, None);
        let found = download(&self.http, &url, &temporary, wanted.unpack, incoming, reporter);
        reporter.finished(Task::Download);
        let found = match found {
            Err(error) if self.is_of_absence(&error) => None,
            found => found.map_err(|error| with_hints(error, &self.hints).at_url(url.to_string()))?,
        };
        Ok(found.map(|(download, transfer)| match (download, transfer) {
            (Download::File(file), Some(transfer)) => ArchiveFile::part(file, transfer),
            (download, _) => ArchiveFile::downloaded(download, place),
        }))
    }
}
