//! The frame of every page: its head, its headers, and text that is escaped wherever it comes from.

use super::words;
use crate::app::App;
use crate::problem::{Refusal, made};
use crate::site;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

const HTML: &str = "text/html; charset=utf-8";
/// No script, no frame around it, nothing of others; where a form was sent from is told to this server alone.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (header::VARY, "Accept-Language, Cookie"),
];

/// HTML. Text enters it only by [`Html::text`].
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Adds markup of ours.
    pub(super) fn tag(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, of whomever, for between tags or within the quotes of an attribute.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // What turns the direction of text around makes one thing look like another.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.0.push('\u{fffd}'),
                character if character.is_control() => self.0.push('\u{fffd}'),
                character => self.0.push(character),
            }
        }
        self
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.tag("<p>").text(text).tag("</p>")
    }

    /// Adds a term and what it means.
    pub(super) fn row(&mut self, term: &str, meaning: &str) -> &mut Self {
        self.tag("<dt>").text(term).tag("</dt><dd>").text(meaning).tag("</dd>")
    }

    /// Adds a field that is not shown.
    pub(super) fn hidden(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.tag("<input type=\"hidden\" name=\"").tag(name).tag("\" value=\"").text(value).tag("\">")
    }
}

/// A page on its way to a browser.
pub(super) struct Page<'a> {
    pub(super) app: &'a App,
    pub(super) headers: &'a HeaderMap,
    pub(super) status: u16,
}

impl Page<'_> {
    /// Makes the page, in the language of the reader: a title, and what comes under it.
    pub(super) fn show(&self, title: fn() -> String, body: impl FnOnce(&mut Html)) -> Response {
        let html = site::account(self.app, self.headers, title, || {
            let mut html = Html::default();
            body(&mut html);
            html.0
        });
        let mut response = made(self.status, HTML, html.into_bytes());
        for (name, value) in HEADERS {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if matches!(self.status, 429 | 503) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        // Pages are read by people: no script of another site has a reason to.
        response.headers_mut().remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        response
    }

    /// A page that says why something was refused.
    pub(super) fn refused(mut self, refusal: Refusal) -> Response {
        self.status = refusal.status();
        let fault = refusal.fault();
        self.show(words::failed, |html| {
            html.tag("<p role=\"alert\">").text(&fault.message).tag("</p>");
        })
    }
}

/// Sends a browser to another page of this server.
pub(super) fn go_to(path: &str) -> Response {
    let mut response = made(303, HTML, Vec::new());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Ok(path) = HeaderValue::from_str(path) {
        headers.insert(header::LOCATION, path);
    }
    response
}

/// A path of this server that a browser may be sent to; its first page for anything else.
pub(super) fn own_path(given: Option<&str>) -> &str {
    let is_own = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= 512
            && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\<>\"'".contains(&byte))
    };
    given.filter(is_own).unwrap_or("/sign-in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        let mut html = Html::default();
        html.hidden("code", "\"><script>alert('1')</script>&\u{202e}\u{1b}");
        assert_eq!(
            html.0,
            "<input type=\"hidden\" name=\"code\" \
             value=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\u{fffd}\u{fffd}\">"
        );
    }

    #[test]
    fn browsers_are_sent_to_this_server_only() {
        assert_eq!(own_path(Some("/device?code=BCDF-GHJK")), "/device?code=BCDF-GHJK");
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "device",
            "/a\r\nb",
            "/\u{e9}",
            "/ x",
        ] {
            assert_eq!(own_path(Some(foreign)), "/sign-in", "{foreign}");
        }
        assert_eq!(own_path(None), "/sign-in");
    }
}
