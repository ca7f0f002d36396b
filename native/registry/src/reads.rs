//! The registry's files, as any file server would deliver them: what is said of each is core's.

use crate::app::App;
use crate::error::{At as _, Error, Result};
use crate::objects::{Files, is_absent};
use crate::problem::{Refusal, made, with_head};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use http_body::Frame;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::UNIX_EPOCH;
use tokio::sync::mpsc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::batch::announced;
use vitte_package_core::api::files::{Body as FileBody, FileFacts, Head, RequestHead, respond};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
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
    let found = tokio::task::spawn_blocking(move || find(&app.files, &request)).await;
    match found {
        Ok(Ok(Found::Made(bytes))) => made(200, JSON, bytes),
        Ok(Ok(Found::Whole(head, bytes))) => with_head(&head, Body::from(bytes)),
        Ok(Ok(Found::Large(head, file, range))) => with_head(&head, stream(file, range)),
        Ok(Err(error)) => unreadable(error).into_response(),
        Err(_) => Refusal::from(Error::new(Code::Unavailable, text::shutting_down())).into_response(),
    }
}

/// A file is there, and cannot be read: never "absent", which a client would believe, but "try again later".
pub(crate) fn unreadable(error: Error) -> Refusal {
    let code = error.first().code;
    Refusal::with_status(503, Diagnostic::new(code, code.title().to_owned()))
}

enum Found {
    /// `config.json` with what this server can do.
    Made(Vec<u8>),
    Whole(Head, Vec<u8>),
    Large(Head, File, Range<u64>),
}

fn find(files: &Files, request: &RequestHead) -> Result<Found> {
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
    let (FileBody::File(range), Some(mut file)) = (head.body.clone(), file) else {
        return Ok(Found::Whole(head, Vec::new()));
    };
    let shown = files.root();
    file.seek(SeekFrom::Start(range.start)).at(shown)?;
    let len = range.end - range.start;
    if len > PIECE as u64 {
        return Ok(Found::Large(head, file, range));
    }
    let mut bytes = Vec::new();
    file.take(len).read_to_end(&mut bytes).at(shown)?;
    Ok(Found::Whole(head, bytes))
}

/// A file of the registry, and what is to be known of it; none when there is none. Core gives plain names only.
///
/// # Errors
/// `io` when it is there and cannot be opened.
pub(crate) fn open(files: &Files, path: &str) -> Result<Option<(File, FileFacts)>> {
    let place = files.file(path);
    let file = match File::open(&place) {
        Err(error) if is_absent(&error) => return Ok(None),
        opened => opened.at(&place)?,
    };
    let data = file.metadata().at(&place)?;
    if !data.is_file() {
        return Ok(None);
    }
    let written = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let written = written.map_or(0, |since| since.as_nanos());
    Ok(Some((file, FileFacts { path: path.to_owned(), len: data.len(), written })))
}

/// Sends a part of a file piece by piece, as fast as the peer takes it.
fn stream(file: File, range: Range<u64>) -> Body {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut file = file.take(range.end - range.start);
        loop {
            let mut piece = Vec::new();
            let read = file.by_ref().take(PIECE as u64).read_to_end(&mut piece);
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
