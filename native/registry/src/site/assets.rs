//! What pages refer to: one style sheet and one icon, each under the digest of its content, so that a cache may keep
//! it for ever.

use crate::app::App;
use crate::problem::{Refusal, made};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use std::sync::{Arc, LazyLock};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The style of every page: tokens first, then components.
const STYLE: &str = concat!(
    include_str!("assets/tokens.css"),
    include_str!("assets/site.css"),
    include_str!("assets/server.css")
);
const ICON: &str = include_str!("assets/vitte.svg");

/// A file that pages refer to.
pub(crate) struct Asset {
    /// Its name, with its digest.
    pub(crate) name: String,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'static str,
}

static ALL: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    [("site", "css", "text/css; charset=utf-8", STYLE), ("vitte", "svg", "image/svg+xml", ICON)].map(
        |(stem, ending, content_type, content)| {
            let digest = Digest::of(content.as_bytes()).to_string();
            let digest = digest.get(..16).unwrap_or_default();
            Asset { name: format!("{stem}-{digest}.{ending}"), content_type, content }
        },
    )
});

/// Where the style sheet is.
pub(crate) fn style() -> &'static str {
    &ALL[0].name
}

/// Where the icon is.
pub(crate) fn icon() -> &'static str {
    &ALL[1].name
}

/// `GET /assets/{digest}/{name}`: a script, or what one loads.
pub(crate) async fn script(
    State(app): State<Arc<App>>,
    Path((digest, name)): Path<(String, String)>,
) -> Response {
    let Some(asset) = app.web.file(&digest, &name) else {
        let missing = text::api_missing(&format!("assets/{digest}/{name}"));
        return Refusal::with_status(404, Diagnostic::new(Code::NotFound, missing)).into_response();
    };
    let mut response = made(200, asset.content_type, asset.content.clone());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // As a document, none of them is anything.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    response
}

/// `GET /assets/{name}`
pub(crate) async fn show(Path(name): Path<String>) -> Response {
    let Some(asset) = ALL.iter().find(|asset| asset.name == name) else {
        let missing = text::api_missing(&format!("assets/{name}"));
        return Refusal::with_status(404, Diagnostic::new(Code::NotFound, missing)).into_response();
    };
    let mut response = made(200, asset.content_type, asset.content.as_bytes().to_vec());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // An icon that is opened by itself is a document: it has nothing to run.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    response
}
