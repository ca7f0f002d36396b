//! Faults of TLS in words, each with what can be done about it.

use crate::message::network as text;
use rustls::{CertificateError, Error, OtherError};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the certificates that are trusted come from, when it is not the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CaFile {
    /// The variable that names the file.
    pub(super) variable: &'static str,
    /// The file.
    pub(super) path: String,
}

/// Why there is no secure connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFault {
    /// What is wrong, in words.
    pub reason: String,
    /// What to do.
    pub help: Option<String>,
}

/// The fault that `ureq` tells, if it is one of TLS. Those of the handshake come as faults of the connection.
pub(super) fn find(error: &ureq::Error, ca_file: Option<&CaFile>) -> Option<TlsFault> {
    match error {
        ureq::Error::Rustls(error) => Some(explain(error, ca_file)),
        ureq::Error::Io(error) => {
            let inner = error.get_ref()?;
            match inner.downcast_ref::<Error>() {
                Some(error) => Some(explain(error, ca_file)),
                None => find(inner.downcast_ref::<ureq::Error>()?, ca_file),
            }
        }
        ureq::Error::Tls(_) | ureq::Error::Pem(_) => Some(plain(text::tls_certificate(&error.to_string()))),
        _ => None,
    }
}

fn plain(reason: String) -> TlsFault {
    TlsFault { reason, help: None }
}

fn explain(error: &Error, ca_file: Option<&CaFile>) -> TlsFault {
    let with = |reason: String, help: String| TlsFault { reason, help: Some(help) };
    match error {
        Error::InvalidCertificate(fault) => certificate(fault, ca_file),
        Error::InvalidMessage(_) => with(text::tls_no_tls(), text::tls_no_tls_help()),
        Error::AlertReceived(alert) => plain(text::tls_alert(&format!("{alert:?}"))),
        Error::PeerIncompatible(_) => plain(text::tls_versions()),
        other => plain(other.to_string()),
    }
}

fn certificate(fault: &CertificateError, ca_file: Option<&CaFile>) -> TlsFault {
    let with = |reason: String, help: String| TlsFault { reason, help: Some(help) };
    let clock = || text::tls_clock_help(&day(now()));
    match fault {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            let help = match ca_file {
                Some(file) => text::tls_ca_file_help(file.variable, &file.path),
                None => text::tls_unknown_issuer_help(),
            };
            with(text::tls_unknown_issuer(), help)
        }
        CertificateError::Expired => with(text::tls_expired(), clock()),
        CertificateError::ExpiredContext { not_after, .. } => {
            with(text::tls_expired_on(&day(not_after.as_secs())), clock())
        }
        CertificateError::NotValidYet => with(text::tls_not_yet(), clock()),
        CertificateError::NotValidYetContext { not_before, .. } => {
            with(text::tls_not_before(&day(not_before.as_secs())), clock())
        }
        CertificateError::NotValidForName => with(text::tls_name(), text::tls_name_help()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().map(|name| bare_name(name)).collect::<Vec<_>>();
            match names.is_empty() {
                true => with(text::tls_name(), text::tls_name_help()),
                false => with(text::tls_names(&names.join(", ")), text::tls_name_help()),
            }
        }
        CertificateError::Revoked => plain(text::tls_revoked()),
        CertificateError::Other(OtherError(inner)) if is_authority(inner) => {
            with(text::tls_authority(), text::tls_authority_help())
        }
        other => plain(text::tls_certificate(&format!("{other:?}"))),
    }
}

/// An authority's certificate that a server uses as its own: `webpki` keeps this fault to itself, so it is known by
/// its name alone.
fn is_authority(fault: &Arc<dyn std::error::Error + Send + Sync>) -> bool {
    format!("{fault:?}").contains("CaUsedAsEndEntity")
}

/// `DnsName("a.example")` as `a.example`.
fn bare_name(name: &str) -> &str {
    match name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')) {
        Some(inner) => inner.trim_matches('"'),
        None => name,
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A day in UTC, `2026-11-29`.
fn day(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or_else(String::new, |time| time.strftime("%F").to_string())
}
