//! The frame of every page: its head, its headers, and text that is escaped wherever it comes from.

use super::words;
use crate::app::App;
use crate::problem::{Refusal, made};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use std::fmt::Write as _;
use vitte_package_core::message::{Language, in_language};

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = include_str!("pages.css");
/// No script, no frame around it, nothing of others; where a form was sent from is told to this server alone.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
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
    /// Makes the page, in the language that the browser asks for: a title, and what comes under it.
    pub(super) fn show(&self, title: fn() -> String, body: impl FnOnce(&mut Html)) -> Response {
        let language = accepted(self.headers);
        let html = in_language(language, || {
            let (mut html, title) = (Html::default(), title());
            let _ = write!(html.0, "<!doctype html>\n<html lang=\"{}\">", language.tag());
            html.tag("<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
                .tag("<link rel=\"stylesheet\" href=\"/pages.css\"><title>")
                .text(&title)
                .tag("</title></head>\n<body><main><p class=\"registry\">")
                .text(&words::of_registry(&self.app.registry))
                .tag("</p><h1>")
                .text(&title)
                .tag("</h1>\n");
            body(&mut html);
            html.tag("\n</main></body></html>\n");
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

/// The style of every page.
pub(super) async fn style() -> Response {
    made(200, "text/css; charset=utf-8", STYLE.as_bytes().to_vec())
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
    fn a_browser_gets_the_language_it_asks_for() {
        for (asked, language) in [
            ("fr", Language::French),
            ("fr-CA,fr;q=0.9,en;q=0.8", Language::French),
            ("en;q=0.5, fr;q=0.9", Language::French),
            ("de, en;q=0.3, fr;q=0.2", Language::English),
            ("de", Language::English),
            ("", Language::English),
            ("fr;q=x, fr;q=9", Language::English),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, asked.parse().unwrap())]);
            assert_eq!(accepted(&headers), language, "{asked}");
        }
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
