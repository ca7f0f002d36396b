//! The id of a registry: what signatures and proofs are bound to, wherever the registry is served from.

use crate::limits;
use crate::sign::SignError;
use serde::{Serialize, Serializer};

/// A host and optional path without scheme, in lower case, ending in one slash: `registry.vitte.dev/`.
///
/// A registry that is a plain folder has the id `local/<first 16 digits of its root key's id>/`, and what is
/// signed for no registry in particular has `local/`. Trust document, section 7.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegistryId(String);

impl RegistryId {
    /// Reads an id: segments of `[a-z0-9._~-]`, each ending in `/`, the first one with an optional port
    /// `:1` to `:65535`, at most 255 bytes, none of them `.` or `..`.
    ///
    /// # Errors
    /// [`SignError::RegistryId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SignError> {
        let refuse = || SignError::RegistryId(text.chars().take(140).collect());
        let path = text.strip_suffix('/').ok_or_else(refuse)?;
        let (host, rest) = match path.split_once('/') {
            Some((host, rest)) => (host, Some(rest)),
            None => (path, None),
        };
        let (host, port) = match host.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (host, None),
        };
        let good = text.len() <= limits::REGISTRY_ID_LEN
            && is_host(host)
            && port.is_none_or(is_port)
            && rest.is_none_or(|rest| rest.split('/').all(is_segment));
        if good { Ok(Self(text.to_owned())) } else { Err(refuse()) }
    }

    /// The id of what is signed for no registry in particular.
    pub fn local() -> Self {
        Self("local/".to_owned())
    }

    /// The text, ending in a slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `local/` or below it.
    pub fn is_local(&self) -> bool {
        self.0.starts_with("local/")
    }
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(label)
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

fn is_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'~' | b'-'))
}

impl std::fmt::Display for RegistryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RegistryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_a_host_and_a_path() {
        for good in [
            "registry.vitte.dev/",
            "registry.example/",
            "localhost:7878/",
            "127.0.0.1:65535/",
            "example.org/team_a/~x/1.0/",
            "local/",
            "local/503d8ee46d581c64/",
        ] {
            assert_eq!(RegistryId::parse(good).unwrap().as_str(), good);
        }
        assert!(RegistryId::local().is_local());
        assert!(!RegistryId::parse("localhost/").unwrap().is_local());
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "/",
            "//",
            "registry.vitte.dev",
            "registry.vitte.dev//",
            "https://registry.vitte.dev/",
            "Registry.vitte.dev/",
            "user@registry.vitte.dev/",
            "registry.vitte.dev/a/../b/",
            "registry.vitte.dev/./",
            "registry.vitte.dev/%2e/",
            "registry.vitte.dev/a b/",
            "registry.vitte.dev/a+b/",
            "registry.vitte.dev/?x/",
            "registry.vitte.dev:/",
            "registry.vitte.dev:0/",
            "registry.vitte.dev:080/",
            "registry.vitte.dev:65536/",
            "registry.vitte.dev:1:2/",
            "-a.b/",
            "a-.b/",
            "a..b/",
            ".a/",
            "a./",
            "a_b/",
            "é.fr/",
            "a/\n/",
            "a\\b/",
        ] {
            assert!(RegistryId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(RegistryId::parse(&format!("{}/", "a".repeat(255))).is_err());
        assert!(RegistryId::parse(&format!("{}/", "a".repeat(254))).is_ok());
    }
}
