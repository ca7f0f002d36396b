//! Bodies of requests, within the limits of their resources.

use crate::app::App;
use crate::problem::Refusal;
use crate::request;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::{HeaderMap, header};
use std::future::poll_fn;
use std::pin::Pin;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;

/// A whole body of at most `limit` bytes. One that says that it is longer is refused before it is read.
pub(crate) async fn whole(
    app: &App,
    headers: &HeaderMap,
    mut body: Body,
    limit: u64,
) -> Result<Vec<u8>, Refusal> {
    check_announced(headers, limit)?;
    let mut bytes = Vec::new();
    while let Some(piece) = next(app, &mut body).await? {
        if (bytes.len() + piece.len()) as u64 > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// The next piece of a body; none behind its last. A peer that is silent for too long, or ends too early, is refused.
pub(crate) async fn next(app: &App, body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    loop {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        let Ok(frame) = tokio::time::timeout(app.patience, frame).await else { return Err(silent()) };
        let Some(frame) = frame else { return Ok(None) };
        if let Ok(piece) = frame.map_err(|_| cut())?.into_data() {
            return Ok(Some(piece));
        }
    }
}

/// Refuses a body that says that it is too long.
pub(crate) fn check_announced(headers: &HeaderMap, limit: u64) -> Result<(), Refusal> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

/// A body of which nothing more came.
fn silent() -> Refusal {
    Refusal::with_status(408, Diagnostic::new(Code::Truncated, text::upload_silent()))
}

/// A body that ended too early, if it did not come too slowly.
fn cut() -> Refusal {
    if request::is_slow() {
        return silent();
    }
    Refusal::with_status(400, Diagnostic::new(Code::Truncated, text::upload_cut()))
}

/// A body that is too long, under the limit of its resource.
pub(crate) fn too_large(limit: u64) -> Refusal {
    Refusal::with_status(413, Diagnostic::new(Code::Limit, text::upload_too_large(limit)))
}
