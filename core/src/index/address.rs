//! Addresses of registries: one canonical form, and nothing in it that two readers could read differently.
//!
//! What is compared before a secret is sent, and what decides whether a redirect may be followed, must mean the same
//! host to everyone. So userinfo, `//`, `.` and `..` segments, encoded dots, slashes and control bytes, backslashes
//! and fragments are refused instead of being normalised. `core/docs/registry-format.md`, sections 2, 3 and 6.4;
//! RFC 3986, sections 3 and 5; RFC 6761, section 6.3 (`localhost`).

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::message::network as text;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of an address at most.
const ADDRESS_LEN: usize = 8 * 1024;

/// How an address is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An `http` or `https` address in canonical form: scheme and host in lower case, port always known, a path that
/// begins with a slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
}

impl Address {
    /// Reads the address of a registry. A slash at its end makes no difference.
    ///
    /// # Errors
    /// [`AddressError`] for another scheme, userinfo, a query, a fragment, or anything ambiguous.
    pub fn parse(given: &str) -> Result<Self, AddressError> {
        let mut address = Self::parse_any(given)?;
        if address.query.is_some() {
            return Err(refuse(given, text::address_query()));
        }
        while address.path.ends_with('/') {
            address.path.pop();
        }
        Ok(address)
    }

    /// Reads the address of one document, which may have a query.
    fn parse_any(given: &str) -> Result<Self, AddressError> {
        if given.len() > ADDRESS_LEN {
            return Err(refuse("…", text::address_long()));
        }
        let (scheme, rest) = given.split_once("://").ok_or_else(|| refuse(given, text::address_scheme()))?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(refuse(given, text::address_scheme())),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (host, port) = read_authority(given, authority, scheme)?;
        if rest.contains('#') {
            return Err(refuse(given, text::address_fragment()));
        }
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        check_path(given, path)?;
        if let Some(query) = query {
            check_bytes(given, query)?;
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { scheme, host, port, path: path.to_owned(), query: query.map(str::to_owned) })
    }

    /// Resolves a reference written in a document that lies in the folder of this address: an address, a path from
    /// the host's root, or a path from that folder.
    ///
    /// # Errors
    /// [`AddressError`] as [`Address::parse`]; [`AddressError::Downgrade`] when it leads from `https` to `http`.
    pub fn join(&self, reference: &str) -> Result<Self, AddressError> {
        let joined = if reference.contains("://") {
            Self::parse_any(reference)?
        } else if reference.starts_with("//") {
            return Err(refuse(reference, text::address_path()));
        } else {
            let path = match reference.starts_with('/') {
                true => reference.to_owned(),
                false => format!("{}/{reference}", self.path.trim_end_matches('/')),
            };
            Self::parse_any(&format!("{}{path}", self.origin()))?
        };
        self.keep_tls(joined)
    }

    /// The address a redirect from this one leads to: an address, one without a scheme, or a path, as servers send
    /// them (RFC 9110, section 10.2.2). A fragment is dropped, a blank or a byte beyond ASCII is escaped, and `.` and
    /// `..` are resolved in a path that is relative to this one (RFC 3986, section 5.2).
    ///
    /// # Errors
    /// As [`Address::join`]; also when the location is empty.
    pub fn redirect(&self, location: &str) -> Result<Self, AddressError> {
        let whole = location.trim().split('#').next().unwrap_or_default();
        let location = escape(whole);
        if location.is_empty() {
            return Err(AddressError::NoLocation { from: self.without_query().to_string() });
        }
        let has_scheme = location.split_once(':').is_some_and(|(scheme, _)| {
            scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'))
        });
        let to = if has_scheme {
            Self::parse_any(&location)?
        } else if location.starts_with("//") {
            Self::parse_any(&format!("{}:{location}", self.scheme.as_str()))?
        } else {
            let (path, query) = match location.split_once('?') {
                Some((path, query)) => (path, format!("?{query}")),
                None => (location.as_str(), String::new()),
            };
            let path = match path {
                "" => self.path.clone(),
                path if path.starts_with('/') => without_dots(path),
                path => {
                    let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                    without_dots(&format!("{folder}/{path}"))
                }
            };
            Self::parse_any(&format!("{}{path}{query}", self.origin()))?
        };
        self.keep_tls(to)
    }

    /// `to`, unless it leads from `https` to `http`.
    fn keep_tls(&self, to: Self) -> Result<Self, AddressError> {
        match (self.scheme, to.scheme) {
            (Scheme::Https, Scheme::Http) => Err(AddressError::Downgrade {
                from: self.without_query().to_string(),
                to: to.without_query().to_string(),
            }),
            _ => Ok(to),
        }
    }

    /// The address as it may be shown: a query can hold a signature that grants access.
    #[must_use]
    pub fn without_query(&self) -> Self {
        Self { query: None, ..self.clone() }
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, in lower case; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also where it is the scheme's own.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path, beginning with a slash unless it is empty.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Scheme, host and port, as they stand before the path.
    pub fn origin(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port == self.scheme.default_port() {
            true => format!("{}://{host}", self.scheme.as_str()),
            false => format!("{}://{host}:{}", self.scheme.as_str(), self.port),
        }
    }

    /// The host as a number, where it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        let v4 = || self.host.parse::<Ipv4Addr>().map(IpAddr::V4);
        v4().or_else(|_| self.host.parse::<Ipv6Addr>().map(IpAddr::V6)).ok()
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        match self.ip() {
            Some(IpAddr::V6(ip)) => {
                ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback())
            }
            Some(IpAddr::V4(ip)) => ip.is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)?;
        match &self.query {
            Some(query) => write!(f, "?{query}"),
            None => Ok(()),
        }
    }
}

fn read_authority(given: &str, authority: &str, scheme: Scheme) -> Result<(String, u16), AddressError> {
    if authority.contains('@') {
        return Err(refuse("…", text::address_userinfo()));
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(|| refuse(given, text::address_host()))?;
            host.parse::<Ipv6Addr>().map_err(|_| refuse(given, text::address_host()))?;
            match port {
                "" => (host, None),
                port => (host, Some(port.strip_prefix(':').unwrap_or("x"))),
            }
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = match port {
        None => scheme.default_port(),
        Some(port) => match port.parse::<u16>() {
            Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => number,
            _ => return Err(refuse(given, text::address_host())),
        },
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(plain) || host.ends_with('.') {
        return Err(refuse(given, text::address_host()));
    }
    Ok((host.to_ascii_lowercase(), port))
}

fn check_path(given: &str, path: &str) -> Result<(), AddressError> {
    check_bytes(given, path)?;
    let Some(inner) = path.strip_prefix('/') else { return Ok(()) };
    let segments: Vec<&str> = inner.trim_end_matches('/').split('/').collect();
    let ambiguous = |segment: &&str| {
        let decoded = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(decoded.as_str(), "." | "..") || decoded.contains("%2f") || decoded.contains("%5c")
    };
    let empty = segments.len() > 1 && segments.iter().any(|segment| segment.is_empty());
    if empty || inner.ends_with("//") || inner.starts_with('/') || segments.iter().any(ambiguous) {
        return Err(refuse(given, text::address_path()));
    }
    Ok(())
}

/// Only bytes that stand for themselves in an address, and whole escapes of bytes that are no controls.
fn check_bytes(given: &str, part: &str) -> Result<(), AddressError> {
    let bad =
        |byte: u8| !(0x21..0x7f).contains(&byte) || matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'^' | b'`');
    if part.bytes().any(bad) {
        return Err(refuse(given, text::address_bytes()));
    }
    for escape in part.split('%').skip(1) {
        let value = escape.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if value.is_none_or(|value| value < 0x20 || value == 0x7f) {
            return Err(refuse(given, text::address_bytes()));
        }
    }
    Ok(())
}

/// Escapes blanks and bytes beyond ASCII, which some servers send as they are.
fn escape(location: &str) -> String {
    let mut escaped = String::with_capacity(location.len());
    for byte in location.bytes() {
        match byte {
            b' ' | 0x80.. => escaped.push_str(&format!("%{byte:02X}")),
            _ => escaped.push(char::from(byte)),
        }
    }
    escaped
}

/// A path whose `.` and `..` are resolved; none leads above the root (RFC 3986, section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => _ = kept.pop(),
            segment => kept.push(segment),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        kept.push("");
    }
    format!("/{}", kept.join("/"))
}

pub(crate) fn refuse(address: &str, reason: String) -> AddressError {
    // Where there may be a password in it, not even the rest is shown.
    let address = if address.contains('@') { "…" } else { address };
    AddressError::Ambiguous { address: address.to_owned(), reason }
}

/// An address is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// It is no address of a registry, or could be read in two ways.
    Ambiguous {
        /// The address, without userinfo.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// It would lead from `https` to `http`.
    Downgrade {
        /// The address that leads there.
        from: String,
        /// Where it leads.
        to: String,
    },
    /// A redirect that does not say where to.
    NoLocation {
        /// The address that redirects.
        from: String,
    },
}

impl Diagnose for AddressError {
    fn diagnostic(&self) -> Diagnostic {
        let message = match self {
            Self::Ambiguous { address, reason } => text::address(address, reason),
            Self::Downgrade { from, to } => text::address_downgrade(from, to),
            Self::NoLocation { from } => {
                return Diagnostic::new(Code::Transport, text::no_location(from));
            }
        };
        Diagnostic::new(Code::InsecureUrl, message)
    }
}
display_as_message!(AddressError);

#[cfg(test)]
mod tests {
    use super::*;

    fn address(given: &str) -> Address {
        Address::parse(given).unwrap()
    }

    #[test]
    fn one_registry_has_one_form() {
        for (given, canonical) in [
            ("https://Registry.Example", "https://registry.example/"),
            ("HTTPS://registry.example:443/", "https://registry.example/"),
            ("http://127.0.0.1:7878/reg/", "http://127.0.0.1:7878/reg"),
            ("http://[::1]:80/a", "http://[::1]/a"),
        ] {
            assert_eq!(address(given), address(canonical), "{given}");
            assert_eq!(address(&address(given).to_string()), address(given), "{given}");
        }
    }

    /// T37: what two readers could read differently is refused.
    #[test]
    fn ambiguous_addresses_are_refused() {
        for bad in [
            "registry.example",
            "ftp://registry.example/",
            "https://user@registry.example/",
            "https://user:secret@registry.example/",
            "https://registry.example@evil.example/",
            "https:///x",
            "https://registry.example:0/",
            "https://registry.example:+80/",
            "https://registry.example:65536/",
            "https://registry.example./",
            "https://registry.example\\@evil.example/",
            "https://registry.example/a//b",
            "https://registry.example//",
            "https://registry.example/a/../b",
            "https://registry.example/a/%2e%2E/b",
            "https://registry.example/a/./b",
            "https://registry.example/a%2fb",
            "https://registry.example/a%5Cb",
            "https://registry.example/a%00",
            "https://registry.example/a%0",
            "https://registry.example/a b",
            "https://registry.example/\u{e9}",
            "https://r\u{e9}gistry.example/",
            "https://registry.example/?x=1",
            "https://registry.example/#x",
            "https://[::1/",
            "https://[zz]/",
            "htps://user:secret@registry.example/",
            "user:secret@registry.example/",
            &format!("https://user:secret@registry.example/{}", "x".repeat(ADDRESS_LEN)),
        ] {
            let error = Address::parse(bad).unwrap_err();
            assert_eq!(error.diagnostic().code, Code::InsecureUrl, "{bad}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn references_resolve_against_the_folder_and_never_lose_tls() {
        let base = address("https://registry.example/reg");
        let join = |reference: &str| base.join(reference).unwrap().to_string();
        assert_eq!(join("index/a/b"), "https://registry.example/reg/index/a/b");
        assert_eq!(join("/index/a"), "https://registry.example/index/a");
        assert_eq!(join("https://cdn.example/x"), "https://cdn.example/x");
        assert!(matches!(base.join("http://cdn.example/x"), Err(AddressError::Downgrade { .. })));
        assert!(base.join("//cdn.example/x").is_err() && base.join("../x").is_err());
        let file = base.join("p/file").unwrap();
        assert_eq!(file.redirect("other").unwrap().to_string(), "https://registry.example/reg/p/other");
        let signed = "https://store.example/x?X-Signature=a%2Bb";
        assert_eq!(file.redirect(signed).unwrap().to_string(), signed);
        assert!(file.redirect("http://store.example/x").is_err());
        assert!(address("http://registry.example").redirect("https://registry.example/").is_ok());
    }

    #[test]
    fn a_location_is_read_as_servers_send_it() {
        let from = address("https://registry.example/reg/p/a/file");
        let to = |location: &str| from.redirect(location).map(|to| to.to_string());
        for (location, expected) in [
            ("other", "https://registry.example/reg/p/a/other"),
            ("./other", "https://registry.example/reg/p/a/other"),
            ("../b/other", "https://registry.example/reg/p/b/other"),
            ("../../../../../x", "https://registry.example/x"),
            ("..", "https://registry.example/reg/p/"),
            ("/x/../y", "https://registry.example/y"),
            ("//cdn.example/x", "https://cdn.example/x"),
            ("//cdn.example:8443/x?sig=1", "https://cdn.example:8443/x?sig=1"),
            ("?of=1", "https://registry.example/reg/p/a/file?of=1"),
            ("x?next=https://cdn.example/", "https://registry.example/reg/p/a/x?next=https://cdn.example/"),
            ("/x#part", "https://registry.example/x"),
            ("https://cdn.example/x#part", "https://cdn.example/x"),
            ("https://cdn.example/a b/\u{e9}", "https://cdn.example/a%20b/%C3%A9"),
            (" HTTPS://CDN.example/x ", "https://cdn.example/x"),
        ] {
            assert_eq!(to(location).as_deref(), Ok(expected), "{location:?}");
        }
        for missing in ["", "  ", "#part"] {
            assert_eq!(to(missing).unwrap_err().diagnostic().code, Code::Transport, "{missing:?}");
        }
        for refused in [
            "ftp://cdn.example/x",
            "javascript:alert(1)",
            "http://cdn.example/x",
            "//user:secret@cdn.example/x",
            "https:x",
            "/a/%2e%2e/b",
            "/a\\b",
            "//",
        ] {
            let error = to(refused).unwrap_err();
            assert_eq!(error.diagnostic().code, Code::InsecureUrl, "{refused:?}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let plain = address("http://registry.example/x");
        assert_eq!(plain.redirect("//cdn.example/y").unwrap().to_string(), "http://cdn.example/y");
        let signed = "http://cdn.example/x?X-Signature=secret";
        assert!(!from.redirect(signed).unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn loopback_is_known_in_every_spelling() {
        for this in ["localhost", "a.localhost", "127.0.0.1", "127.8.9.1", "[::1]", "[::ffff:127.0.0.1]"] {
            assert!(address(&format!("http://{this}/")).is_loopback(), "{this}");
        }
        for other in ["localhost.example", "128.0.0.1", "[::2]", "registry.example"] {
            assert!(!address(&format!("http://{other}/")).is_loopback(), "{other}");
        }
    }
}
