//! A small server of files, so that a registry that is a folder can be shown to others and to browsers.
//!
//! It reads and never writes, gives only files below its folder whose names do not begin with a dot, and speaks as
//! much HTTP/1.1 as registries need: ranges, tags, conditions, CORS, connections that stay open. What it says about a
//! file is decided in core ([`files`]), without IO. For more than a team, any other static server serves the same folder.
//! `core/docs/registry-format.md`, section 5.

pub mod batch;

use crate::error::{Error, reason};
use crate::message::network as text;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};
use vitte_package_core::api::batch::{BatchRequest, MEDIA_TYPE, REQUEST_LEN, announced};
use vitte_package_core::api::files::{self, Body, FileFacts, Head, RequestHead};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::registry::layout;

/// Connections at once; more wait to be accepted.
const CONNECTIONS: usize = 256;
/// Bytes of a request's head at most.
const HEAD_LEN: u64 = 16 * 1024;
/// How long a connection may be idle, and a peer slow to take what it asked for.
const IDLE: Duration = Duration::from_secs(30);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    root: PathBuf,
    batch_api: BatchApi,
}

/// Whether the batch API is served: many index files in one request (`core/docs/registry-format.md`, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchApi {
    /// No: files are all there is.
    Disabled,
    /// Yes, and `config.json` says so.
    Enabled,
}

impl Server {
    /// Listens; port 0 means any that is free.
    ///
    /// # Errors
    /// `unavailable` when the address is taken or not this machine's.
    pub fn bind(root: &Path, address: SocketAddr, batch_api: BatchApi) -> Result<Self, Error> {
        let listener = TcpListener::bind(address).map_err(|error| {
            let message = text::listen(&address.to_string(), &reason(&error));
            Error::from(Diagnostic::new(Code::Unavailable, message))
        })?;
        Ok(Self { listener, root: root.to_owned(), batch_api })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// `unavailable` when the system does not say.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        self.listener.local_addr().map_err(|error| {
            let message = text::listen("?", &reason(&error));
            Diagnostic::new(Code::Unavailable, message).into()
        })
    }

    /// Serves until the process ends.
    pub fn run(&self) {
        let open = Arc::new(AtomicUsize::new(0));
        for stream in self.listener.incoming() {
            // A connection that broke before it was taken is its client's problem.
            let Ok(stream) = stream else { continue };
            while open.load(Ordering::Acquire) >= CONNECTIONS {
                std::thread::sleep(Duration::from_millis(5));
            }
            open.fetch_add(1, Ordering::AcqRel);
            let (root, batch_api, counter) = (self.root.clone(), self.batch_api, Arc::clone(&open));
            let served = std::thread::Builder::new().spawn(move || {
                // A peer that goes away is no fault of ours.
                let _ = handle_connection(&stream, &root, batch_api);
                counter.fetch_sub(1, Ordering::AcqRel);
            });
            if served.is_err() {
                open.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }
}

/// Serves the requests of one connection until either side is done.
fn handle_connection(stream: &TcpStream, root: &Path, batch_api: BatchApi) -> std::io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = read_head(&mut reader)? {
        let request = RequestHead::parse(&head);
        let stays = request.as_ref().is_some_and(|one| one.stays_open());
        if let (BatchApi::Enabled, Some(request)) = (batch_api, &request)
            && let Some((head, bytes)) = generated(request, root, &mut reader)?
        {
            let mut stream = stream;
            stream.write_all(head.to_text().as_bytes())?;
            stream.write_all(&bytes)?;
            stream.flush()?;
            if !stays {
                break;
            }
            continue;
        }
        // What follows a head that is refused is not read: the connection is of no more use.
        let stays = stays && request.as_ref().and_then(RequestHead::body_len) == Some(0);
        let found = match request.as_ref().and_then(RequestHead::path) {
            Some(path) => open(root, &path),
            None => Ok(None),
        };
        match found {
            Ok(found) => {
                let (file, facts) = found.map_or((None, None), |(file, facts)| (Some(file), Some(facts)));
                send(stream, &files::respond(request.as_ref(), facts), file)?;
            }
            Err(_) => send(stream, &unreadable(), None)?,
        }
        if !stays {
            break;
        }
    }
    Ok(())
}

/// The response about a file that is there and cannot be read. It is not absent, which a client would believe.
fn unreadable() -> Head {
    files::generated(503, "text/plain; charset=utf-8", 0)
}

/// A response that is generated rather than read from a file: to a batch request, and `config.json`. None when the
/// request is for any other file.
fn generated(
    request: &RequestHead,
    root: &Path,
    reader: &mut impl Read,
) -> std::io::Result<Option<(Head, Vec<u8>)>> {
    if request.path().as_deref() == Some(layout::CONFIG) && request.is_get() {
        // One that cannot be read is answered as any other file.
        let Ok(Some((file, _))) = open(root, layout::CONFIG) else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(REQUEST_LEN).read_to_end(&mut bytes)?;
        let config = announced(&bytes);
        return Ok(config.map(|bytes| (files::generated(200, "application/json", bytes.len()), bytes)));
    }
    let length = request.body_len().filter(|length| *length <= REQUEST_LEN);
    let (Some(target), Some(length)) = (request.posted(), length) else { return Ok(None) };
    if !batch::is_batch_target(target) {
        return Ok(None);
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Some(match BatchRequest::parse(&body) {
        Ok(request) => match batch::respond(root, &request) {
            Ok(bytes) => (files::generated(200, MEDIA_TYPE, bytes.len()), bytes),
            Err(_) => (unreadable(), Vec::new()),
        },
        Err(error) => {
            let bytes = format!("{error}\n").into_bytes();
            (files::generated(400, "text/plain; charset=utf-8", bytes.len()), bytes)
        }
    }))
}

/// The head of a request, without its last empty line; none at the end of the connection or above the limit.
fn read_head(reader: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let (mut head, mut reader) = (Vec::new(), reader.take(HEAD_LEN));
    loop {
        let before = head.len();
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
        if matches!(head.get(before..), Some(b"\r\n" | b"\n")) {
            head.truncate(before);
            return Ok(String::from_utf8(head).ok());
        }
    }
}

/// A file below the folder, reached by plain names only; none when there is no such file.
fn open(root: &Path, path: &str) -> std::io::Result<Option<(File, FileFacts)>> {
    let file = path.split('/').fold(root.to_owned(), |folder, part| folder.join(part));
    let file = match File::open(file) {
        // A name that the system cannot have is that of no file either.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename
            ) =>
        {
            return Ok(None);
        }
        opened => opened?,
    };
    let data = file.metadata()?;
    if !data.is_file() {
        return Ok(None);
    }
    let written = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let facts = FileFacts {
        path: path.to_owned(),
        len: data.len(),
        written: written.map_or(0, |since| since.as_nanos()),
    };
    Ok(Some((file, facts)))
}

fn send(mut stream: &TcpStream, head: &Head, file: Option<File>) -> std::io::Result<()> {
    stream.write_all(head.to_text().as_bytes())?;
    if let (Body::File(range), Some(mut file)) = (&head.body, file) {
        file.seek(SeekFrom::Start(range.start))?;
        std::io::copy(&mut file.take(range.end - range.start), &mut stream)?;
    }
    stream.flush()
}
