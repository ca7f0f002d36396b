//! What a response must be before its body is used, and how it is named when it is not.

use super::retry::{self, Failure, Retry};
use super::transport::Response;
use super::{Encoding, Resume};
use crate::error::Error;
use crate::message::network as text;
use vitte_package_core::codec::gunzip;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

/// Where a response came from, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responder {
    /// The address, after a redirect with the one that was asked for; the proxy, if one was used.
    pub(super) name: String,
    /// The host that answered.
    host: String,
}

impl Responder {
    pub(super) fn direct(url: &Address, response: &Response) -> Self {
        Self::through(url.to_string(), url, response)
    }

    pub(super) fn through(name: String, url: &Address, response: &Response) -> Self {
        let name = match &response.via {
            Some(proxy) => text::through_proxy(&name, proxy),
            None => name,
        };
        Self { name, host: url.host().to_owned() }
    }

    /// The name of what was found at `at`, asked for at `url`. A query that a redirect brought stays out: it can hold
    /// a signature that grants access.
    pub(super) fn redirected(url: &Address, at: &Address) -> String {
        match url == at {
            true => url.to_string(),
            false => text::redirected(&at.without_query().to_string(), &url.to_string()),
        }
    }
}

impl std::fmt::Display for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// Whether the body has to be inflated.
pub(super) fn check_encoding(
    from: &Responder,
    response: &Response,
    allowed: Encoding,
) -> Result<bool, Failure> {
    match response.encoding.as_deref().map(str::trim).unwrap_or_default() {
        "" | "identity" => Ok(false),
        "gzip" | "x-gzip" if allowed == Encoding::Gzip => Ok(true),
        other => {
            let message = text::encoding(&from.name, other);
            Err(Failure::last(Diagnostic::new(Code::Transport, message).into()))
        }
    }
}

/// The rest is of the same file: as many bytes in all, under the same tag.
pub(super) fn check_range(from: &Responder, response: &Response, resume: &Resume<'_>) -> Result<(), Failure> {
    let given = response.content_range.as_deref().unwrap_or_default();
    let total = resume.total.map_or_else(|| "*".to_owned(), |total| total.to_string());
    let expected = match resume.total {
        Some(total) => format!("{}-{}/{total}", resume.from, total.saturating_sub(1)),
        None => format!("{}-", resume.from),
    };
    let refuse = |message: String| Err(Failure::last(Diagnostic::new(Code::Transport, message).into()));
    let range = given.strip_prefix("bytes ").unwrap_or_default().trim();
    let (part, all) = range.split_once('/').unwrap_or((range, "*"));
    let begins = part.starts_with(&format!("{}-", resume.from));
    if !begins || (all != "*" && total != "*" && all != total) {
        return refuse(text::range(&from.name, given, &expected));
    }
    match response.etag.as_deref() {
        Some(tag) if tag != resume.etag => refuse(text::range_tag(&from.name, tag, resume.etag)),
        _ => Ok(()),
    }
}

/// What came is not a web page: none of a registry's files begins like one. Captive portals, login pages and servers
/// that answer every address with their application send one with the status 200.
///
/// # Errors
/// `transport`.
pub fn check_no_page(from: &Responder, bytes: &[u8]) -> Result<(), Error> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let page = ["<!doctype html", "<html", "<head", "<body", "<script", "<?xml"];
    let is_page = page
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes())));
    match is_page {
        true => {
            let fault = Diagnostic::new(Code::Transport, text::web_page(&from.name));
            Err(fault.help(text::web_page_help(&from.host)).into())
        }
        false => Ok(()),
    }
}

pub(super) fn inflate(from: &Responder, bytes: &[u8], limit: u64) -> Result<Vec<u8>, Failure> {
    gunzip(bytes, limit).map_err(|error| {
        let message = text::inflate(&from.name, &error.to_string());
        Failure::soon(Diagnostic::new(Code::Transport, message).into())
    })
}

/// An answer that is neither the file nor its absence.
pub(super) fn unexpected(from: &Responder, response: &Response) -> Failure {
    let name = &from.name;
    let fault = |code: Code, message: String| Error::from(Diagnostic::new(code, message));
    let after = response.retry_after.as_deref().and_then(|value| retry::retry_after(value, retry::now()));
    let wait = |error: Error| match after {
        Some(after) if after > retry::MAX_RETRY_AFTER => {
            Failure::last(error.help(text::retry_after(after.as_secs())))
        }
        Some(after) => Failure {
            error: error.help(text::retry_after(after.as_secs())),
            retry: Retry::After(from.host.clone(), after),
        },
        None => Failure::soon(error),
    };
    match response.status {
        401 => Failure::last(fault(Code::Unauthenticated, text::unauthenticated(name))),
        403 => Failure::last(fault(Code::Forbidden, text::forbidden(name))),
        429 => wait(fault(Code::RateLimited, text::rate_limited(name))),
        408 | 500..=599 => wait(fault(Code::Unavailable, text::unavailable(name, response.status))),
        status => Failure::last(fault(Code::Transport, text::status(name, status))),
    }
}
