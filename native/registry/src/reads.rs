//! The registry's files, as any file server would deliver them: what is said of each is core's.

use crate::app::App;
use crate::error::{Error, Result};
use crate::hot::{Hot, Kept, Source};
use crate::objects::{Objects, Reader};
use crate::paths::RegistryPath;
use crate::problem::{Refusal, made, with_head};
use crate::tasks::waiting;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse as _, Response};
use http_body::Frame;
use std::io::Read as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::batch::announced;
use vitte_package_core::api::files::{Body as FileBody, Head, RequestHead, respond};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::registry::layout;
use vitte_package_core::registry::removal::{REMOVAL_LEN, Removal, RemovalReason};

/// Bytes that are read from a file at once.
const PIECE: usize = 256 * 1024;
/// Pieces that wait for a slow peer at most.
const AHEAD: usize = 4;
/// The digest of a whole file (RFC 9530).
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// Headers that decide what a request for a file is answered with.
const DECIDING: [HeaderName; 6] = [
    header::CONTENT_LENGTH,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::RANGE,
    header::TRANSFER_ENCODING,
];

/// Those of a request's headers that decide.
pub(crate) fn deciding(headers: &HeaderMap) -> Vec<(String, String)> {
    let given = |name: HeaderName| {
        let value = headers.get(&name)?.to_str().ok()?.to_owned();
        Some((name.as_str().to_owned(), value))
    };
    DECIDING.into_iter().filter_map(given).collect()
}

/// Delivers a file.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let request = RequestHead::new(method.as_str(), uri.path(), deciding(&headers));
    // What is in memory needs no thread that may wait.
    if let Some(path) = request.path()
        && path != layout::CONFIG
        && let Some(kept) = app.hot.get(&app.files, &path)
    {
        return delivered(in_memory(&request, &kept));
    }
    deliver(waiting(move || find(&app.files, &app.hot, &request)).await)
}

/// The response with what was found, if it was.
pub(crate) fn deliver(found: Result<Found>) -> Response {
    match found {
        Ok(found) => delivered(found),
        Err(error) => unreadable(error).into_response(),
    }
}

/// The response with what was found.
pub(crate) fn delivered(found: Found) -> Response {
    match found {
        Found::Made(bytes) => made(200, JSON, bytes),
        Found::Whole(head, bytes, digest) => {
            let mut response = with_head(&head, Body::from(bytes));
            if let Some(digest) = digest {
                response.headers_mut().insert(REPR_DIGEST, digest);
            }
            response
        }
        Found::Large(head, content) => with_head(&head, stream(content)),
        Found::Removed(reason) => {
            let message = match reason {
                RemovalReason::Legal => text::archive_removed_legal(),
                RemovalReason::Removed => text::archive_removed(),
            };
            let fault = Diagnostic::new(Code::NotFound, message);
            Refusal::with_status(reason.status(), fault).into_response()
        }
    }
}

/// The response with all of a file in memory. Its headers are made once.
pub(crate) fn plainly(kept: &Kept) -> Response {
    let headers = kept.headers.get_or_init(|| {
        let request = RequestHead::new("GET", "/", Vec::new());
        delivered(in_memory(&request, kept)).into_parts().0.headers
    });
    let mut response = Response::new(Body::from(kept.bytes.clone()));
    *response.headers_mut() = headers.clone();
    response
}

/// A file is there, and cannot be read: never "absent", which a client would believe, but "try again later".
pub(crate) fn unreadable(error: Error) -> Refusal {
    let code = error.first().code;
    Refusal::with_status(503, Diagnostic::new(code, code.title().to_owned()))
}

/// What a request for a file is answered with.
pub(crate) enum Found {
    /// `config.json` with what this server can do.
    Made(Vec<u8>),
    /// With `Repr-Digest`, where that is known.
    Whole(Head, Bytes, Option<HeaderValue>),
    Large(Head, Reader),
    /// An archive that the operator has removed.
    Removed(RemovalReason),
}

/// What a request for a file in memory is answered with.
pub(crate) fn in_memory(request: &RequestHead, kept: &Kept) -> Found {
    let head = respond(Some(request), Some(kept.facts.clone()));
    let part = match &head.body {
        FileBody::File(range) => {
            usize::try_from(range.start).unwrap_or(0)..usize::try_from(range.end).unwrap_or(0)
        }
        FileBody::None => 0..0,
    };
    let bytes = if part.end <= kept.bytes.len() { kept.bytes.slice(part) } else { Bytes::new() };
    let digest = kept.digest.clone().filter(|_| matches!(head.status, 200 | 206));
    Found::Whole(head, bytes, digest)
}

/// Finds out what a request for a file is answered with. `hot`: those of the files that are in memory.
pub(crate) fn find(files: &Objects, hot: &Hot, request: &RequestHead) -> Result<Found> {
    let path = request.path();
    if request.is_get()
        && path.as_deref() == Some(layout::CONFIG)
        && let Some(config) = files.read(layout::CONFIG, layout::CONFIG_LEN)?
        && let Some(config) = announced(&config)
    {
        return Ok(Found::Made(config));
    }
    let opened = match path.as_ref().map(|path| hot.open(files, path)).transpose()?.flatten() {
        Some(Source::Kept(kept)) => return Ok(in_memory(request, &kept)),
        Some(Source::Opened(opened, facts)) => Some((opened, facts)),
        None => None,
    };
    if let (None, Some(path)) = (&opened, &path)
        && let Some(removal) = removal(files, path)?
    {
        return Ok(Found::Removed(removal.reason));
    }
    let (file, facts) = opened.map_or((None, None), |(file, facts)| (Some(file), Some(facts)));
    let head = respond(Some(request), facts);
    let (FileBody::File(range), Some(file)) = (head.body.clone(), file) else {
        return Ok(Found::Whole(head, Bytes::new(), None));
    };
    let len = range.end - range.start;
    let mut content = file.range(range)?;
    if len > PIECE as u64 {
        return Ok(Found::Large(head, content));
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).map_err(|error| Error::storage("a file", &error))?;
    Ok(Found::Whole(head, bytes.into(), None))
}

/// The record of the archive at a path, if that was removed.
fn removal(files: &Objects, path: &str) -> Result<Option<Removal>> {
    let RegistryPath::Archive(_) = RegistryPath::parse(path) else { return Ok(None) };
    let record = files.read(&format!("{path}{}", layout::REMOVED), REMOVAL_LEN)?;
    Ok(record.map(|bytes| Removal::parse(&bytes)).transpose()?)
}

/// Sends a part of a file piece by piece, as fast as the peer takes it.
fn stream(mut content: Reader) -> Body {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = Vec::new();
            let read = content.by_ref().take(PIECE as u64).read_to_end(&mut piece);
            let (piece, is_last) = match read {
                Ok(0) => return,
                Ok(_) => (Ok(Bytes::from(piece)), false),
                Err(error) => (Err(error), true),
            };
            // A peer that went away takes nothing more.
            if sender.blocking_send(piece).is_err() || is_last {
                return;
            }
        }
    });
    Body::new(Pieces(receiver))
}

struct Pieces(mpsc::Receiver<std::io::Result<Bytes>>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
