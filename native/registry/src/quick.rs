//! Files in memory, delivered before the layers that other requests go through: the same response, the same line in the log,
//! the same figures. Whatever is not plain goes the long way, a registry that only some may read among it.

use crate::app::App;
use crate::connections::{Busy, Shortcut};
use crate::observe::observed;
use crate::reads::{deciding, delivered, in_memory, plainly};
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, header};
use hyper::body::Incoming;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use vitte_package_core::api::files::RequestHead;

/// Folders of the registry that are delivered so.
const FOLDERS: [&str; 5] = ["index/", "log/", "ns/", "p/", "trust/"];

/// The short way to what is in memory.
pub(crate) fn shortcut(app: Arc<App>) -> Shortcut {
    Shortcut::new(move |request, from, busy| answer(&app, request, from, busy))
}

/// # Errors
/// Gives back what was given where the request has to go the long way.
fn answer(app: &App, request: &Request<Incoming>, from: IpAddr, busy: Busy) -> Result<Response<Body>, Busy> {
    let started = Instant::now();
    let Some(path) = plain_path(request) else { return Err(busy) };
    if !app.privacy.is_known_to_be_public() {
        return Err(busy);
    }
    let Some(kept) = app.hot.get(&app.files, path) else { return Err(busy) };
    let response = if is_unconditional(request.headers()) {
        plainly(&kept)
    } else {
        let head =
            RequestHead::new(request.method().as_str(), request.uri().path(), deciding(request.headers()));
        delivered(in_memory(&head, &kept))
    };
    Ok(observed(response, request, from, busy, started))
}

/// What is asked for, if it is the content of a file whose name needs no decoding.
fn plain_path(request: &Request<Incoming>) -> Option<&str> {
    let headers = request.headers();
    let has_body =
        headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING);
    let path = request.uri().path().strip_prefix('/')?;
    let is_plain = request.method() == Method::GET && !has_body && !path.contains('%');
    (is_plain && FOLDERS.iter().any(|folder| path.starts_with(folder))).then_some(path)
}

fn is_unconditional(headers: &HeaderMap) -> bool {
    let conditions = [header::RANGE, header::IF_NONE_MATCH, header::IF_MATCH, header::IF_RANGE];
    !conditions.iter().any(|name| headers.contains_key(name))
}
