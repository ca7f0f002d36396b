//! Responses: what was refused, as `application/problem+json`, and what core decided about a file.

use crate::error::Error;
use crate::{metrics, request};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vitte_package_core::api::files::Head;
use vitte_package_core::api::problem::{MEDIA_TYPE, Problem};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A refusal, on its way to a client.
#[derive(Debug)]
pub(crate) struct Refusal {
    problem: Problem,
    /// The challenge of a request without a valid token.
    challenge: Option<Box<Challenge>>,
    /// The limit that was exceeded.
    limited: Option<Box<Limited>>,
}

/// How a client proves who it is (RFC 6750, section 3).
#[derive(Debug)]
pub(crate) struct Challenge {
    /// Id of the registry.
    pub(crate) realm: String,
    /// Whether there was a token, which is not valid.
    pub(crate) is_of_token: bool,
    /// Where a user signs in.
    pub(crate) login_url: Option<String>,
}

impl Challenge {
    fn header(&self) -> Option<HeaderValue> {
        let mut text = format!("Bearer realm=\"{}\"", self.realm);
        if self.is_of_token {
            text.push_str(", error=\"invalid_token\"");
        }
        if let Some(url) = &self.login_url {
            text.extend([", login_url=\"", url, "\""]);
        }
        HeaderValue::from_str(&text).ok()
    }
}

/// A limit that was exceeded, as headers say it.
#[derive(Debug)]
pub(crate) struct Limited {
    pub(crate) name: &'static str,
    /// How many there may be within the window, and its seconds.
    pub(crate) quota: u64,
    pub(crate) window: u64,
    /// Seconds until it can be done.
    pub(crate) retry_after: u64,
}

impl Refusal {
    /// A refusal under a status of its own.
    pub(crate) fn with_status(status: u16, fault: Diagnostic) -> Self {
        Self { problem: Problem::with_status(status, fault), challenge: None, limited: None }
    }

    /// The status of the response.
    pub(crate) fn status(&self) -> u16 {
        self.problem.status
    }

    /// Why, the first of several reasons.
    pub(crate) fn fault(&self) -> Diagnostic {
        Error(self.problem.faults.clone()).first()
    }

    /// Says which limit was exceeded, and when to come again.
    #[must_use]
    pub(crate) fn limited(mut self, limited: Limited) -> Self {
        self.limited = Some(Box::new(limited));
        self
    }

    /// Says in a 401 how to get in.
    #[must_use]
    pub(crate) fn challenged(mut self, challenge: Challenge) -> Self {
        self.challenge = (self.problem.status == 401).then(|| Box::new(challenge));
        self
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        // Faults of the server's own: where its files are is nobody else's business.
        let own = error.0.iter().any(|fault| matches!(fault.code, Code::Io | Code::NoSpace));
        let Error(faults) = error;
        let shown = |fault: Diagnostic| Diagnostic::new(fault.code, fault.code.title().to_owned());
        let faults = if own { faults.into_iter().map(shown).collect() } else { faults };
        Self { problem: Problem::new(faults), challenge: None, limited: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(mut self) -> Response {
        self.problem.request_id = request::current_id();
        if let Some(fault) = self.problem.faults.first() {
            metrics::refused(fault.code.to_string());
        }
        for fault in self.problem.faults.iter_mut().filter(|fault| fault.help.is_empty()) {
            fault.help.push(way_out(fault.code, self.problem.status));
        }
        let mut response = made(self.problem.status, MEDIA_TYPE, self.problem.to_bytes());
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge.and_then(|challenge| challenge.header()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if matches!(self.problem.status, 429 | 503) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Some(Limited { name, quota, window, retry_after }) = self.limited.map(|limited| *limited) {
            let mut set = |name: HeaderName, value: String| {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    headers.insert(name, value);
                }
            };
            set(header::RETRY_AFTER, retry_after.to_string());
            set(RATE_LIMIT, format!("\"{name}\";r=0;t={retry_after}"));
            set(RATE_LIMIT_POLICY, format!("\"{name}\";q={quota};w={window}"));
        }
        response
    }
}

/// The hint of a fault that has none of its own.
fn way_out(code: Code, status: u16) -> String {
    match (code, status) {
        // A request that the API does not know.
        (Code::Json, _) | (_, 404 | 405) => text::api_described(),
        _ => format!("vitte package explain {code}"),
    }
}

/// A response that was made here.
pub(crate) fn made(status: u16, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let head = vitte_package_core::api::files::generated(status, content_type, bytes.len());
    with_head(&head, Body::from(bytes))
}

/// A response with the head that core decided.
pub(crate) fn with_head(head: &Head, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(head.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &head.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
