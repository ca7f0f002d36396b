//! Where messages may go: to the public internet by https, unless the operator allows more. What a name resolves to is
//! looked up once, judged, and connected to: it cannot be another address a moment later.

use crate::error::{Error, Result};
use crate::message as words;
use crate::networks::is_public;
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;

/// The address of a webhook.
#[derive(Clone, Debug)]
pub(crate) struct Target(String);

impl Target {
    /// Reads one. With `any`, it may be http, and in the operator's own network.
    pub(crate) fn parse(given: &str, any: bool) -> Result<Self> {
        let address = Address::parse(given).map_err(|error| Error::from(error.diagnostic()))?;
        let refused = |message| {
            let fault = Diagnostic::new(Code::InsecureUrl, message);
            Error::from(fault.help("webhook-targets = \"any\"".to_owned()))
        };
        if !any && address.scheme() == Scheme::Http {
            return Err(refused(words::webhook_http(given)));
        }
        if !any && address.ip().is_some_and(|ip| !is_public(ip)) {
            return Err(refused(words::webhook_private(given)));
        }
        Ok(Self(given.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_in_the_public_internet_unless_more_is_allowed() {
        for url in
            ["http://example.org/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest"]
        {
            assert_eq!(Target::parse(url, false).unwrap_err().first().code, Code::InsecureUrl, "{url}");
            assert!(Target::parse(url, true).is_ok(), "{url}");
        }
        assert!(Target::parse("https://user:secret@example.org/", true).is_err());
        assert!(Target::parse("file:///etc/passwd", true).is_err());
    }
}
