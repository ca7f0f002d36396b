//! The registry's files, as any file server would deliver them: what is said of each is core's.

use crate::app::App;
use crate::error::{Error, Result};
use crate::objects::{Objects, Opened, Reader};
use crate::problem::{Refusal, made, with_head};
use crate::tasks::waiting;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use http_body::Frame;
use std::io::Read as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::batch::announced;
use vitte_package_core::api::files::{Body as FileBody, FileFacts, Head, RequestHead, respond};
use vitte_package_core::diagnostic::Diagnostic;
use vitte_package_core::registry::layout;

/// Bytes that are read from a file at once.
const PIECE: usize = 256 * 1024;
/// Pieces that wait for a slow peer at most.
const AHEAD: usize = 4;

/// Delivers a file.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let headers =
        headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let request = RequestHead::new(method.as_str(), uri.path(), headers.collect());
    deliver(waiting(move || find(&app.files, &request)).await)
}

/// The response with what was found.
pub(crate) fn deliver(found: Result<Found>) -> Response {
    match found {
        Ok(Found::Made(bytes)) => made(200, JSON, bytes),
        Ok(Found::Whole(head, bytes)) => with_head(&head, Body::from(bytes)),
        Ok(Found::Large(head, content)) => with_head(&head, stream(content)),
        Err(error) => unreadable(error).into_response(),
    }
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
    Whole(Head, Vec<u8>),
    Large(Head, Reader),
}

/// Finds out what a request for a file is answered with.
pub(crate) fn find(files: &Objects, request: &RequestHead) -> Result<Found> {
    let path = request.path();
    if request.is_get()
        && path.as_deref() == Some(layout::CONFIG)
        && let Some(config) = files.read(layout::CONFIG, layout::CONFIG_LEN)?
        && let Some(config) = announced(&config)
    {
        return Ok(Found::Made(config));
    }
    let opened = match &path {
        Some(path) => open(files, path)?,
        None => None,
    };
    let (file, facts) = opened.map_or((None, None), |(file, facts)| (Some(file), Some(facts)));
    let head = respond(Some(request), facts);
    let (FileBody::File(range), Some(file)) = (head.body.clone(), file) else {
        return Ok(Found::Whole(head, Vec::new()));
    };
    let len = range.end - range.start;
    let mut content = file.range(range)?;
    if len > PIECE as u64 {
        return Ok(Found::Large(head, content));
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).map_err(|error| Error::storage("a file", &error))?;
    Ok(Found::Whole(head, bytes))
}

/// A file of the registry, and what is to be known of it; none when there is none. Core gives plain names only.
///
/// # Errors
/// `io` when it is there and cannot be opened.
pub(crate) fn open(files: &Objects, path: &str) -> Result<Option<(Opened, FileFacts)>> {
    Ok(files.open(path)?.map(|opened| {
        let stored = opened.stored;
        (opened, FileFacts { path: path.to_owned(), len: stored.len, written: stored.version })
    }))
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
