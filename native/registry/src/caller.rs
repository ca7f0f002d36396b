//! Who asks: a program with a token, or a user whose browser has a session.

use crate::accounts::Session;
use crate::app::App;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::problem::{Challenge, Refusal};
use crate::rights::{Grant, Role};
use axum::http::{HeaderMap, Method, Uri, header};
use std::net::IpAddr;
use std::sync::Arc;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// The cookie of a session; where it is sent over TLS only, browsers hold it to the prefix.
const COOKIE: &str = "vitte-session";
const SECURE_COOKIE: &str = "__Host-vitte-session";

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// A program.
    Token(Grant),
    /// A browser.
    Session(Session),
}

impl Caller {
    /// The user.
    pub(crate) fn user(&self) -> &str {
        match self {
            Self::Token(grant) => &grant.user,
            Self::Session(session) => &session.user,
        }
    }

    /// What the user is.
    pub(crate) fn role(&self) -> Role {
        match self {
            Self::Token(grant) => grant.role,
            Self::Session(session) => session.role,
        }
    }
}

impl App {
    /// Who sends a request.
    ///
    /// # Errors
    /// 401 without a valid token or session; 403 for a change by a session that another site may have caused.
    pub(crate) async fn caller(
        self: &Arc<Self>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Caller, Refusal> {
        if headers.contains_key(header::AUTHORIZATION) {
            return self.authenticate(headers).await.map(Caller::Token);
        }
        let missing = || Error::new(Code::Unauthenticated, text::token_missing());
        let session = self.session(headers).await?;
        let session = session.ok_or_else(|| self.unauthenticated(missing(), headers))?;
        if !method.is_safe() && !is_same_origin(headers) {
            return Err(Error::new(Code::Forbidden, text::origin_foreign()).into());
        }
        Ok(Caller::Session(session))
    }

    /// Where users reach the server, without a slash at its end: what the operator says, or else what the request does.
    pub(crate) fn address(&self, headers: &HeaderMap) -> String {
        let is_plain = is_loopback(headers) && self.settings.tls_cert.is_none();
        let scheme = if is_plain { "http" } else { "https" };
        let derived = || format!("{scheme}://{}", host(headers));
        self.settings.base_url.as_ref().map_or_else(derived, |address| address.as_str().to_owned())
    }

    /// Refuses a request without a valid token, and says how to get one.
    pub(crate) fn unauthenticated(&self, error: Error, headers: &HeaderMap) -> Refusal {
        let Error(mut faults) = error;
        // What a request names as its host is repeated only where it is one.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        let is_known = self.settings.base_url.is_some()
            || (!host(headers).is_empty() && host(headers).bytes().all(is_plain));
        let address = is_known.then(|| self.address(headers));
        if let Some(fault) = faults.first_mut()
            && fault.code == Code::Unauthenticated
            && fault.help.is_empty()
        {
            fault.help.extend(address.as_ref().map(|address| text::token_login(address)));
            fault.help.push(text::token_how());
        }
        Refusal::from(Error(faults)).challenged(Challenge {
            realm: self.registry.clone(),
            is_of_token: headers.contains_key(header::AUTHORIZATION),
            login_url: address.map(|address| format!("{address}/sign-in")),
        })
    }

    /// Whether cookies go over TLS only: always, but to this machine itself, or where the operator says otherwise.
    pub(crate) fn is_secure(&self, headers: &HeaderMap) -> bool {
        self.address(headers).starts_with("https://")
    }

    /// The name of the cookie of a session.
    pub(crate) fn session_cookie(&self, headers: &HeaderMap) -> &'static str {
        if self.is_secure(headers) { SECURE_COOKIE } else { COOKIE }
    }

    /// The session of a browser, if it has one that goes on.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, Refusal> {
        let Some(secret) = cookie(headers, self.session_cookie(headers)) else { return Ok(None) };
        Ok(self.accounts.session(secret, unix_now()).await?)
    }
}

/// A cookie of a request.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(given, _)| *given == name).map(|(_, value)| value)
}

/// The host that a request names.
fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether a request was sent to this machine itself, the only place where a password may go without TLS.
fn is_loopback(headers: &HeaderMap) -> bool {
    let name = host(headers);
    let name = match name.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => name.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a browser says that a request was caused by a page of this server. A request that says nothing is not
/// believed: cookies go along with whatever another site makes a browser send.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = header("origin").and_then(|origin| origin.parse::<Uri>().ok()) else { return false };
    origin.authority().is_some_and(|authority| authority.as_str() == host(headers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(given: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<header::HeaderValue>().unwrap())
        };
        given.iter().map(pair).collect()
    }

    #[test]
    fn only_a_page_of_this_server_may_change_something() {
        for (given, same) in [
            (&[("host", "r.example"), ("sec-fetch-site", "same-origin")][..], true),
            (
                &[("host", "r.example"), ("sec-fetch-site", "cross-site"), ("origin", "https://r.example")],
                false,
            ),
            (&[("host", "r.example"), ("sec-fetch-site", "same-site")], false),
            (&[("host", "r.example"), ("sec-fetch-site", "none")], false),
            (&[("host", "r.example"), ("origin", "https://r.example")], true),
            (&[("host", "r.example:80"), ("origin", "https://r.example:81")], false),
            (&[("host", "r.example"), ("origin", "https://r.example.evil.example")], false),
            (&[("host", "r.example"), ("origin", "null")], false),
            (&[("host", "r.example")], false),
            (&[("sec-fetch-site", "")], false),
        ] {
            assert_eq!(is_same_origin(&headers(given)), same, "{given:?}");
        }
    }

    #[test]
    fn cookies_and_hosts_are_read() {
        let given = headers(&[("cookie", "a=1; vitte-session=s=2"), ("cookie", "b=3")]);
        assert_eq!(
            (cookie(&given, COOKIE), cookie(&given, "b"), cookie(&given, "c")),
            (Some("s=2"), Some("3"), None)
        );
        for (host, loopback) in [
            ("127.0.0.1:80", true),
            ("localhost", true),
            ("[::1]:7878", true),
            ("127.0.0.1.evil.example", false),
            ("registry.example", false),
            ("10.0.0.1:80", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(&headers(&[("host", host)])), loopback, "{host}");
        }
    }
}
