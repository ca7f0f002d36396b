//! How the user names a registry.

use crate::env::Env;
use crate::error::Error;
use crate::message::registry as text;
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

/// Where a registry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder of this machine.
    Directory(PathBuf),
    /// An address.
    Url(Address),
}

impl Location {
    /// Reads what was given to `--registry`: a folder, `file://` and an absolute path, or an address.
    ///
    /// # Errors
    /// `usage` when a `file://` address names another host or a relative path, or the scheme is unknown;
    /// `insecure-url` when an address could be read in two ways.
    pub fn parse(given: &str, env: &Env) -> Result<Self, Error> {
        let Some((scheme, rest)) = given.split_once("://") else {
            let folder = env.resolve(given);
            if is_host_and_port(given) && !folder.exists() {
                let fault = Diagnostic::new(Code::Usage, text::location_scheme_missing(given));
                return Err(fault.help(text::location_scheme_missing_help(given)).into());
            }
            return Ok(Self::Directory(folder));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Ok(Self::Url(Address::parse(given)?)),
            "file" => {
                let path = rest.strip_prefix("localhost").unwrap_or(rest);
                match path.starts_with('/') {
                    true => Ok(Self::Directory(PathBuf::from(percent_decoded(path)))),
                    false => Err(Diagnostic::new(Code::Usage, text::location_file(given)).into()),
                }
            }
            // The rest may have a password in it.
            _ => Err(Diagnostic::new(Code::Usage, text::location_scheme(&format!("{scheme}://…"))).into()),
        }
    }

    /// The folder.
    ///
    /// # Errors
    /// `usage` when it is an address: only a folder can be written to without a registry server.
    pub fn directory(self) -> Result<PathBuf, Error> {
        match self {
            Self::Directory(path) => Ok(path),
            Self::Url(url) => Err(Diagnostic::new(Code::Usage, text::location_http(&url.to_string()))
                .help(text::location_http_help())
                .into()),
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Url(url) => url.fmt(f),
        }
    }
}

/// Whether a text looks like an address that lacks its scheme: `localhost:8080/reg`.
fn is_host_and_port(given: &str) -> bool {
    let Some((host, rest)) = given.split_once(':') else { return false };
    let port = rest.split('/').next().unwrap_or_default();
    // A single letter is a drive.
    host.len() > 1
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Decodes `%20` and its like; what is no escape stays as it is.
fn percent_decoded(path: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match escape.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &tail[2..];
            }
            None => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_addresses_are_told_apart() {
        let env = Env::new("/here", "/home");
        let parse = |given: &str| Location::parse(given, &env);
        assert_eq!(parse("reg").unwrap(), Location::Directory("/here/reg".into()));
        assert_eq!(parse("/abs/reg").unwrap(), Location::Directory("/abs/reg".into()));
        assert_eq!(parse("file:///abs/my%20reg").unwrap(), Location::Directory("/abs/my reg".into()));
        assert_eq!(
            parse("https://registry.example/").unwrap(),
            Location::Url(Address::parse("https://registry.example").unwrap())
        );
        assert_eq!(parse("file://host/x").unwrap_err().code(), Code::Usage);
        let other = parse("ftp://me:pass@host/x").unwrap_err();
        assert_eq!(other.code(), Code::Usage);
        assert!(other.to_string().contains("ftp://") && !other.to_string().contains("pass"), "{other}");
        assert_eq!(parse("https://me:pass@host/x").unwrap_err().code(), Code::InsecureUrl);
        assert_eq!(parse("https://registry.example/").unwrap().directory().unwrap_err().code(), Code::Usage);
    }
}
