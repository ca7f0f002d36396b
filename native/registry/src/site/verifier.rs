//! The page that verifies packages by itself, as it was built: one file, which opens from a disk as well.

use super::frame::Visit;
use crate::problem::{Refusal, made};
use axum::http::{HeaderValue, header};
use axum::response::Response;

/// `GET /verify`: the page that verifies packages by itself. What it may run, it says itself, by digest.
pub(super) fn show(visit: &Visit) -> Result<Response, Refusal> {
    let asset = visit.app.web.verifier().ok_or_else(|| visit.missing())?;
    let mut response = made(200, asset.content_type, asset.content.clone());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
    Ok(response)
}
