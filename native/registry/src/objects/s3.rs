//! Files in a bucket of an S3 service.

use super::{Content, Listed, Opened, Stored, Tag, check_length};
use crate::error::{At as _, Error, Result};
use crate::message as words;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path as Key;
use object_store::{
    Error as StoreError, GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt as _,
    PutMode, PutPayload, RetryConfig, UpdateVersion, WriteMultipart,
};
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;

/// Bytes of a file at most that is fetched before it is known what part of it is asked for.
const SMALL: u64 = 1024 * 1024;
/// Bytes of a part of an archive that is stored.
const PART: usize = 8 * 1024 * 1024;
/// Requests at once for one operation.
const AT_ONCE: usize = 16;
/// How long a whole request may take, however steadily its bytes move.
const WHOLE: Duration = Duration::from_secs(120);

/// A part of a bucket.
#[derive(Clone)]
pub(crate) struct S3 {
    store: Arc<AmazonS3>,
    shown: Arc<str>,
    /// What every key begins with: empty, or with a slash at its end.
    prefix: Arc<str>,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.shown)
    }
}

/// The threads that requests to S3 run on. They last as long as the process: their callers may be on no runtime, or end
/// before the answer.
fn runtime() -> Result<Handle> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.handle().clone());
    }
    let built =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("s3").enable_all().build();
    let built = built.map_err(|error| Error::storage("its threads", &error))?;
    Ok(RUNTIME.get_or_init(|| built).handle().clone())
}

/// Waits for requests.
fn wait<T>(work: impl Future<Output = T>) -> Result<T> {
    Ok(runtime()?.block_on(work))
}

/// An error without what it was about: keys and addresses are the operator's business.
fn failed(error: &StoreError) -> Error {
    let reason = match error {
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => "access is denied",
        StoreError::NotFound { .. } => "there is no such bucket or object",
        StoreError::Precondition { .. } | StoreError::AlreadyExists { .. } => {
            "the object was changed meanwhile"
        }
        _ => "no response that can be used",
    };
    Error::storage("its object store", &reason)
}

fn is_changed(error: &StoreError) -> bool {
    matches!(error, StoreError::Precondition { .. } | StoreError::AlreadyExists { .. })
}

fn is_absent(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound { .. })
}

impl S3 {
    /// The part `part` of a bucket.
    /// A service that does not respond for the patience is given up; what fails is tried again for half of it. The
    /// caller gets an error then that says to come back.
    pub(super) fn at(address: &str, part: &str, patience: Duration) -> Result<Self> {
        let malformed = || Error::new(Code::Usage, words::storage_address(address));
        let rest = address.strip_prefix("s3://").ok_or_else(malformed)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let prefix = prefix.trim_matches('/');
        if bucket.is_empty() || bucket.contains(['@', ':']) || Key::parse(prefix).is_err() {
            return Err(malformed());
        }
        // The provider of TLS is chosen here, since none is by the libraries.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = object_store::ClientOptions::new()
            .with_connect_timeout(patience.min(Duration::from_secs(3)))
            .with_read_timeout(patience)
            .with_timeout(WHOLE.max(patience));
        let retry = RetryConfig { max_retries: 3, retry_timeout: patience / 2, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(retry)
            .with_conditional_put(S3ConditionalPut::ETagMatch);
        let mut is_plain = false;
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            builder = match name {
                "endpoint" => {
                    is_plain = value.starts_with("http://");
                    builder.with_endpoint(value.trim_end_matches('/'))
                }
                "region" => builder.with_region(value),
                _ => return Err(malformed()),
            };
        }
        let builder = builder.with_client_options(options.with_allow_http(is_plain));
        let store = builder.build().map_err(|error| failed(&error))?;
        let prefix = if prefix.is_empty() { format!("{part}/") } else { format!("{prefix}/{part}/") };
        Ok(Self {
            store: Arc::new(store),
            shown: format!("s3://{bucket}/{}", prefix.trim_end_matches('/')).into(),
            prefix: prefix.into(),
        })
    }

    /// What it is called.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    fn key(&self, path: &str) -> Result<Key> {
        let key = format!("{}{path}", self.prefix);
        Key::parse(key).map_err(|_| Error::new(Code::NotFound, text::api_missing(path)))
    }

    fn path<'a>(&self, key: &'a Key) -> &'a str {
        key.as_ref().strip_prefix(&*self.prefix).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> Result<bool> {
        let mut listed = self.list("")?;
        let first = wait(async { listed.next().await.transpose() })?;
        Ok(first.map_err(|error| failed(&error))?.is_none())
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self.store.get(&self.key(path)?).await {
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(failed(&error)),
            Ok(found) => {
                check_length(path, found.meta.size, limit)?;
                Ok(Some(found.bytes().await.map_err(|error| failed(&error))?.to_vec()))
            }
        }
    }

    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        wait(self.fetch(path, limit))?
    }

    pub(super) fn read_all(&self, wanted: &[(String, u64)]) -> Result<Vec<Option<Vec<u8>>>> {
        let fetches = wanted.iter().map(|(path, limit)| self.fetch(path, *limit)).collect::<Vec<_>>();
        wait(stream::iter(fetches).buffered(AT_ONCE).try_collect())?
    }

    pub(super) fn find(&self, path: &str) -> Result<Option<Stored>> {
        let key = self.key(path)?;
        match wait(self.store.head(&key))? {
            Err(error) if is_absent(&error) => Ok(None),
            found => Ok(Some(stored(&found.map_err(|error| failed(&error))?))),
        }
    }

    pub(super) fn open(&self, path: &str) -> Result<Option<Opened>> {
        let key = self.key(path)?;
        wait(async {
            let found = match self.store.get(&key).await {
                Err(error) if is_absent(&error) => return Ok(None),
                found => found.map_err(|error| failed(&error))?,
            };
            let known = stored(&found.meta);
            let content = if found.meta.size <= SMALL {
                let bytes = found.bytes().await.map_err(|error| failed(&error))?;
                Content::Bytes(std::io::Cursor::new(bytes.to_vec()))
            } else {
                Content::Remote(Box::new(Remote { s3: self.clone(), key, found }))
            };
            Ok(Some(Opened { stored: known, content }))
        })?
    }

    async fn store(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let put = self.store.put(&self.key(path)?, PutPayload::from(bytes)).await;
        put.map(|_| ()).map_err(|error| failed(&error))
    }

    pub(super) fn write(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        wait(self.store(path, bytes))?
    }

    pub(super) fn write_all(&self, wanted: Vec<(String, Vec<u8>)>) -> Result<()> {
        let puts = wanted.into_iter().map(|(path, bytes)| async move { self.store(&path, bytes).await });
        let puts = puts.collect::<Vec<_>>();
        wait(stream::iter(puts).buffer_unordered(AT_ONCE).try_collect())?
    }

    async fn tag(&self, path: &str) -> Result<Tag> {
        match self.store.head(&self.key(path)?).await {
            Err(error) if is_absent(&error) => Ok(Tag(None)),
            found => Ok(Tag(found.map_err(|error| failed(&error))?.e_tag)),
        }
    }

    pub(super) fn tags(&self, paths: &[&str]) -> Result<Vec<Tag>> {
        let tags = paths.iter().map(|path| self.tag(path)).collect::<Vec<_>>();
        wait(stream::iter(tags).buffered(AT_ONCE).try_collect())?
    }

    async fn replace(&self, path: &str, bytes: &[u8], tag: &Tag) -> Result<()> {
        let mode = match tag.0.clone() {
            None => PutMode::Create,
            e_tag => PutMode::Update(UpdateVersion { e_tag, version: None }),
        };
        let content = PutPayload::from(bytes.to_vec());
        let key = self.key(path)?;
        match self.store.put_opts(&key, content, mode.into()).await {
            Ok(_) => Ok(()),
            // A request that was sent twice may have been done the first time.
            Err(error) if is_changed(&error) => match self.fetch(path, u64::MAX).await? {
                Some(found) if found == bytes => Ok(()),
                _ => Err(failed(&error)),
            },
            Err(error) => Err(failed(&error)),
        }
    }

    pub(super) fn replace_all(&self, wanted: &[(&str, &[u8])], tags: &[Tag]) -> Result<()> {
        let (ordered, others): (Vec<_>, Vec<_>) =
            wanted.iter().zip(tags).partition(|((path, _), _)| path.starts_with("index/"));
        let others = others.into_iter().map(|((path, bytes), tag)| self.replace(path, bytes, tag));
        let others = others.collect::<Vec<_>>();
        wait(async {
            stream::iter(others).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
            for ((path, bytes), tag) in ordered {
                self.replace(path, bytes, tag).await?;
            }
            Ok(())
        })?
    }

    pub(super) fn take(&self, from: &Path, path: &str) -> Result<()> {
        let key = self.key(path)?;
        let mut file = std::fs::File::open(from).at(from)?;
        let mut piece = vec![0; PART];
        let first = fill(&mut file, &mut piece).at(from)?;
        if first < PART {
            piece.truncate(first);
            self.write(path, piece)?;
        } else {
            let upload = wait(self.store.put_multipart(&key))?.map_err(|error| failed(&error))?;
            let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
            let mut filled = first;
            while filled > 0 {
                // The parts that are on their way are in memory: not more than a few.
                let sent = wait(async {
                    upload.write(piece.get(..filled).unwrap_or_default());
                    upload.wait_for_capacity(2).await
                });
                sent?.map_err(|error| failed(&error))?;
                filled = fill(&mut file, &mut piece).at(from)?;
            }
            wait(upload.finish())?.map_err(|error| failed(&error))?;
        }
        std::fs::remove_file(from).at(from)
    }

    /// Copies an object of another part of the same bucket. Where it is gone and the copy is there, it was done before.
    pub(super) fn copy_from(&self, other: &Self, from: &str, to: &str) -> Result<()> {
        let (from, key) = (other.key(from)?, self.key(to)?);
        match wait(self.store.copy(&from, &key))? {
            Err(error) if self.find(to)?.is_none() => Err(failed(&error)),
            _ => Ok(()),
        }
    }

    fn list(&self, folder: &str) -> Result<BoxStream<'static, Result<ObjectMeta, StoreError>>> {
        let key = self.key(folder.trim_end_matches('/'))?;
        Ok(self.store.list(Some(&key)))
    }

    pub(super) fn each(&self, folder: &str, visit: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()> {
        let mut listed = self.list(folder)?;
        while let Some(found) = wait(listed.next())? {
            let found = found.map_err(|error| failed(&error))?;
            visit(Listed {
                path: self.path(&found.location).to_owned(),
                len: found.size,
                written: found.last_modified.timestamp().max(0).unsigned_abs(),
            })?;
        }
        Ok(())
    }

    pub(super) fn delete(&self, path: &str) -> Result<()> {
        let key = self.key(path)?;
        match wait(self.store.delete(&key))? {
            Err(error) if !is_absent(&error) => Err(failed(&error)),
            _ => Ok(()),
        }
    }

    pub(super) fn prune(&self, path: &str) {
        let _ = self.delete(path);
        let Ok(listed) = self.list(path) else { return };
        let deleted = listed
            .map_ok(|found| found.location)
            .try_for_each_concurrent(AT_ONCE, |key| async move { self.store.delete(&key).await });
        let _ = wait(deleted);
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut std::fs::File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// The version is drawn from the tag that the store gives the content: its clock ticks in seconds only.
fn stored(meta: &ObjectMeta) -> Stored {
    let tag = meta.e_tag.clone().unwrap_or_else(|| meta.last_modified.timestamp_micros().to_string());
    let digest = Digest::of(tag.as_bytes());
    let version = digest.as_bytes().iter().take(16).fold(0, |all, byte| (all << 8) | u128::from(*byte));
    Stored { len: meta.size, version, place: 0 }
}

/// A large object, of which the response is at hand.
#[derive(Debug)]
pub(crate) struct Remote {
    s3: S3,
    key: Key,
    found: GetResult,
}

impl Remote {
    /// The bytes of a range, as they come.
    pub(super) fn range(self, range: Range<u64>) -> Result<impl Read + Send + use<>> {
        let found = if range == (0..self.found.meta.size) {
            self.found
        } else {
            let part = GetOptions::new()
                .with_if_match(self.found.meta.e_tag)
                .with_range(Some(GetRange::Bounded(range)));
            wait(self.s3.store.get_opts(&self.key, part))?.map_err(|error| failed(&error))?
        };
        Ok(Incoming { stream: found.into_stream(), piece: bytes::Bytes::new(), runtime: runtime()? })
    }
}

/// The body of a response, read by a thread that waits for it.
struct Incoming {
    stream: BoxStream<'static, Result<bytes::Bytes, StoreError>>,
    piece: bytes::Bytes,
    runtime: Handle,
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.piece.is_empty() {
            let stream = &mut self.stream;
            let next = self
                .runtime
                .block_on(std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)));
            match next {
                None => return Ok(0),
                Some(piece) => self.piece = piece.map_err(std::io::Error::other)?,
            }
        }
        let length = self.piece.len().min(buffer.len());
        let (Some(from), Some(to)) = (self.piece.get(..length), buffer.get_mut(..length)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        let _ = self.piece.split_to(length);
        Ok(length)
    }
}
