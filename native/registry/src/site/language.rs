//! The switch between the languages, which is remembered.

use super::frame::LANGUAGE_COOKIE;
use crate::app::App;
use crate::problem::made;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form::Form;
use vitte_package_core::message::Language;

/// Seconds for which it is remembered: a year.
const REMEMBERED: u32 = 365 * 24 * 60 * 60;

/// `GET /language/{tag}?return=PATH`
pub(crate) async fn choose(
    State(app): State<Arc<App>>,
    Path(tag): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let mut response = made(303, "text/html; charset=utf-8", Vec::new());
    let given = response.headers_mut();
    if let Ok(path) = HeaderValue::from_str(own_path(query.get("return"))) {
        given.insert(header::LOCATION, path);
    }
    if let Some(language) = Language::parse(&tag) {
        let secure = if app.is_secure(&headers) { "; Secure" } else { "" };
        let tag = language.tag();
        let cookie =
            format!("{LANGUAGE_COOKIE}={tag}; Path=/; HttpOnly; SameSite=Lax; Max-Age={REMEMBERED}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            given.insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// A path of this server that a browser may be sent to; its first page for anything else.
fn own_path(given: Option<&str>) -> &str {
    let is_own = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= 2048
            && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\<>\"'".contains(&byte))
    };
    given.filter(is_own).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn browsers_are_sent_to_this_server_only() {
        assert_eq!(own_path(Some("/acme/one?x=1")), "/acme/one?x=1");
        for foreign in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "x", "/a\r\nb", "/ x"]
        {
            assert_eq!(own_path(Some(foreign)), "/", "{foreign}");
        }
    }
}
