//! A page on its way to a browser: in which language, with which headers, under which tag.

use super::{assets, escape, words};
use crate::app::App;
use crate::caller::cookie;
use crate::error::Error;
use crate::gate::Reader;
use crate::problem::{Refusal, made};
use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use vitte_package_core::api::form::escape as escape_query;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::message::{Language, in_language, language, server as text};

const HTML: &str = "text/html; charset=utf-8";
/// The cookie that remembers which language a reader has chosen.
pub(crate) const LANGUAGE_COOKIE: &str = "vitte-language";
/// No script but our own files, nothing of others, no frame around a page. WebAssembly may run: it is what verifies.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; worker-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::VARY, "Accept, Accept-Language, Cookie"),
];
/// How long a cache may give a page out without asking: as long as the index file that it was made from.
const FRESH: &str = "public, max-age=60";

/// A request for a page.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) app: Arc<App>,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    /// What of the registry may be read.
    pub(crate) reader: Reader,
}

impl Visit {
    fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    /// The language to answer in.
    pub(crate) fn language(&self) -> Language {
        chosen_language(&self.headers)
    }

    /// Whether the client would rather have a page than data.
    pub(crate) fn wants_page(&self) -> bool {
        let accepted = self.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accepted.unwrap_or_default().split(',').any(|range| range.trim().starts_with("text/html"))
    }

    /// Makes a page: `make` is called in the language of the reader, with the frame that the page is put in.
    pub(crate) fn page<T: Template>(&self, status: u16, make: impl FnOnce(Frame) -> T) -> Response {
        let made =
            in_language(self.language(), || make(Frame::of(&self.app, &self.headers, self.path())).render());
        match made {
            Ok(html) => self.send(status, HTML, html, FRESH),
            Err(_) => Refusal::from(Error::new(Code::Unavailable, text::shutting_down())).into_response(),
        }
    }

    /// Sends a text that was made for this request, under the digest of what it says.
    pub(crate) fn send(
        &self,
        status: u16,
        content_type: &'static str,
        content: String,
        cache_control: &'static str,
    ) -> Response {
        let digest = Digest::of(content.as_bytes()).to_string();
        let tag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
        let is_known = status == 200 && is_listed(&self.headers, &tag);
        let mut response = match is_known {
            true => made(304, content_type, Vec::new()),
            false => made(status, content_type, content.into_bytes()),
        };
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if status == 200 {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                headers.insert(header::ETAG, tag);
            }
        }
        if is_known {
            headers.remove(header::CONTENT_LENGTH);
        }
        // Pages are read by people: no script of another site has a reason to.
        headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        response
    }

    /// Says why there is no page: as a page to who reads pages, as a problem to everything else.
    pub(crate) fn refused(&self, refusal: Refusal) -> Response {
        if !self.wants_page() {
            return refusal.into_response();
        }
        let (status, fault) = (refusal.status(), refusal.fault());
        // For its headers, such as when to come again.
        let plain = refusal.into_response();
        let mut page = self.page(status, |frame| {
            let title = if status == 404 { words::missing_title() } else { words::failed_title() };
            let frame = frame.titled(&title).unlisted().at(if status == 401 { "" } else { "missing" });
            // The fault was put in words for a program, in whatever language was then spoken.
            let message = match status {
                404 => words::missing_at(self.uri.path()),
                _ => fault.message,
            };
            Failed { frame, title, code: fault.code.to_string(), message, status }
        });
        for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
            if let Some(value) = plain.headers().get(&name) {
                page.headers_mut().insert(name, value.clone());
            }
        }
        page
    }

    /// Sends a browser to another address for good.
    pub(crate) fn moved(&self, path: &str) -> Response {
        let mut response = made(308, HTML, Vec::new());
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FRESH));
        if let Ok(path) = HeaderValue::from_str(path) {
            headers.insert(header::LOCATION, path);
        }
        response
    }

    /// The refusal of a page that there is none of.
    pub(crate) fn missing(&self) -> Refusal {
        let path = self.uri.path().trim_start_matches('/');
        Refusal::with_status(404, Diagnostic::new(Code::NotFound, text::api_missing(path)))
    }
}

/// What the frame of a page says.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) title: String,
    /// One sentence for search engines and for what shows a link to the page.
    pub(crate) about: String,
    /// The path and the query of the page.
    pub(crate) path: String,
    /// Where readers reach the server, without a slash at the end.
    pub(crate) origin: String,
    /// Words that are looked for.
    pub(crate) query: String,
    /// Which part of the site it is.
    pub(crate) here: &'static str,
    /// The feed of what the page is about.
    pub(crate) feed: Option<String>,
    pub(crate) registry: String,
    pub(crate) is_wide: bool,
    /// Whether it is no page for a search engine.
    pub(crate) is_unlisted: bool,
    /// The first script, below `/assets/`.
    pub(crate) script: Option<String>,
    /// Whether the page that verifies by itself is there.
    pub(crate) has_verifier: bool,
    /// Whether it is a file among others, not an answer of a server.
    pub(crate) is_static: bool,
}

impl Frame {
    fn of(app: &App, headers: &HeaderMap, path: &str) -> Self {
        Self {
            title: String::new(),
            about: words::site_about(),
            path: path.to_owned(),
            origin: app.address(headers),
            query: String::new(),
            here: "",
            feed: None,
            registry: app.registry.clone(),
            is_wide: false,
            // Nothing of a private registry is for a search engine.
            is_unlisted: app.privacy.is_private(),
            script: app.web.script(),
            has_verifier: app.web.verifier().is_some(),
            is_static: false,
        }
    }

    #[must_use]
    pub(crate) fn titled(mut self, title: &str) -> Self {
        self.title = title.to_owned();
        self
    }

    #[must_use]
    pub(crate) fn about(mut self, about: &str) -> Self {
        self.about = about.to_owned();
        self
    }

    #[must_use]
    pub(crate) fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    #[must_use]
    pub(crate) fn at(mut self, here: &'static str) -> Self {
        self.here = here;
        self
    }

    #[must_use]
    pub(crate) fn unlisted(mut self) -> Self {
        self.is_unlisted = true;
        self
    }

    pub(crate) fn tag(&self) -> &'static str {
        language().tag()
    }

    pub(crate) fn style(&self) -> &'static str {
        assets::style()
    }

    pub(crate) fn icon(&self) -> &'static str {
        assets::icon()
    }

    /// The path of the page as a part of a query.
    pub(crate) fn escaped_path(&self) -> String {
        escape_query(&self.path)
    }

    /// The other language, and where the page is in it.
    pub(crate) fn other(&self) -> (&'static str, &'static str, String) {
        let (tag, words) = match language() {
            Language::English => ("fr", "Cette page en français"),
            Language::French => ("en", "This page in English"),
        };
        (tag, words, format!("/language/{tag}?return={}", escape_query(&self.path)))
    }
}

/// A page of somebody's account: what is in it was made by its own module.
#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    body: String,
}

/// A page of somebody's account in the frame of the site: its title, and HTML that was made safe.
pub(crate) fn account(
    app: &App,
    headers: &HeaderMap,
    title: impl FnOnce() -> String,
    body: impl FnOnce() -> String,
) -> String {
    in_language(chosen_language(headers), || {
        // Without a path there is no switch of the language: what a form was answered with cannot be asked for again.
        let mut frame = Frame::of(app, headers, "").titled(&title()).at("account").unlisted();
        // Where passwords are typed, nothing runs.
        frame.script = None;
        // Writing to a string does not fail.
        Account { frame, body: body() }.render().unwrap_or_default()
    })
}

/// Why there is no page.
#[derive(Template)]
#[template(path = "failed.html")]
struct Failed {
    frame: Frame,
    title: String,
    code: String,
    message: String,
    status: u16,
}

/// Whether the tags that a browser has are those of what would be sent.
fn is_listed(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

/// The language that a reader has chosen, or else the one that the browser likes best.
pub(crate) fn chosen_language(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse);
    chosen.unwrap_or_else(|| accepted(headers))
}

/// The language that a browser likes best among those there are.
fn accepted(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let weighed = accepted.unwrap_or_default().split(',').take(32).filter_map(|range| {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let weight = weight.trim().parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
        Some((Language::parse(tag.trim())?, weight))
    });
    // Of equals the first.
    let better = |best: (Language, f32), next: (Language, f32)| if next.1 > best.1 { next } else { best };
    weighed.reduce(better).map_or(Language::English, |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_language_it_asks_for_unless_its_reader_has_chosen() {
        for (asked, language) in [
            ("fr", Language::French),
            ("fr-CA,fr;q=0.9,en;q=0.8", Language::French),
            ("en;q=0.5, fr;q=0.9", Language::French),
            ("de, en;q=0.3, fr;q=0.2", Language::English),
            ("de", Language::English),
            ("", Language::English),
            ("fr;q=x, fr;q=9", Language::English),
        ] {
            let mut headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, asked.parse().unwrap())]);
            assert_eq!(chosen_language(&headers), language, "{asked}");
            for (cookie, chosen) in [("en", Language::English), ("fr", Language::French), ("xx", language)] {
                let cookie = format!("a=b; {LANGUAGE_COOKIE}={cookie}");
                headers.insert(header::COOKIE, cookie.parse().unwrap());
                assert_eq!(chosen_language(&headers), chosen, "{asked}, {cookie}");
            }
        }
    }

    #[test]
    fn a_page_that_a_browser_has_is_not_sent_again() {
        for (given, is_known) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
        ] {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, given.parse().unwrap())]);
            assert_eq!(is_listed(&headers, "\"a\""), is_known, "{given}");
        }
        assert!(!is_listed(&HeaderMap::new(), "\"a\""));
    }
}
