//! Checks of single strings: what one line, an address, a pattern, a folder may be.

use super::fault::{ValueRule, shown};
use super::source::{Faults, Text};
use crate::limits;
use crate::path::PackagePath;

/// One line of bounded length.
pub(super) fn line(key: &str, text: Text<'_>, faults: &mut Faults) -> Option<String> {
    let rule = if text.value.trim().is_empty() {
        ValueRule::Empty { key: key.to_owned() }
    } else if text.value.chars().any(char::is_control) {
        ValueRule::Control { key: key.to_owned() }
    } else if text.value.len() > limits::MANIFEST_TEXT_LEN {
        ValueRule::Long { key: key.to_owned(), limit: limits::MANIFEST_TEXT_LEN }
    } else {
        return Some(text.value.to_owned());
    };
    faults.add(text.span, rule.into());
    None
}

/// Lines of bounded length.
pub(super) fn lines(key: &str, texts: &[Text<'_>], faults: &mut Faults) -> Vec<String> {
    texts.iter().filter_map(|text| line(key, *text, faults)).collect()
}

/// How far an address may be trusted without TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// `https` only.
    Anywhere,
    /// `http` too, when the host is this machine.
    OrLoopback,
}

/// An absolute address with a host and without credentials.
pub(super) fn url(key: &str, text: Text<'_>, reach: Reach, faults: &mut Faults) -> Option<String> {
    if is_url(text.value, reach) && text.value.len() <= limits::MANIFEST_TEXT_LEN {
        return Some(text.value.to_owned());
    }
    faults.add(text.span, ValueRule::Url { key: key.to_owned() }.into());
    None
}

fn is_url(text: &str, reach: Reach) -> bool {
    let (rest, secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (_, Some(rest)) => (rest, false),
        _ => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address, port),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let loopback = matches!(host, "localhost" | "::1")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
    !host.is_empty()
        && host.chars().all(plain)
        && (port.is_empty() || port[1..].parse::<u16>().is_ok() && port.starts_with(':'))
        && rest.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`'))
        && (secure || reach == Reach::OrLoopback && loopback)
}

/// Patterns that stay in the package.
pub(super) fn patterns(key: &str, texts: &[Text<'_>], faults: &mut Faults) -> Vec<String> {
    let mut patterns = Vec::new();
    for text in texts {
        let plain = text.value.strip_prefix('!').unwrap_or(text.value);
        let leaves = plain.split('/').any(|component| component == "..");
        let drive = plain.as_bytes().get(1) == Some(&b':');
        if plain.trim_matches(['/', ' ']).is_empty() {
            faults.add(text.span, ValueRule::Empty { key: key.to_owned() }.into());
        } else if leaves || drive || plain.starts_with('#') || plain.chars().any(char::is_control) {
            let kind = ValueRule::Pattern { key: key.to_owned(), given: shown(text.value) };
            faults.add(text.span, kind.into());
        } else {
            patterns.push(text.value.to_owned());
        }
    }
    patterns
}

/// A path in the package.
pub(super) fn path(text: Text<'_>, faults: &mut Faults) -> Option<PackagePath> {
    faults.keep(text.span, PackagePath::parse(text.value))
}

/// A sibling folder or one above, as `path` dependencies and directory registries name it. An absolute one would mean
/// something on one machine only.
pub(super) fn folder(key: &str, text: Text<'_>, faults: &mut Faults) -> Option<String> {
    let given = text.value;
    let absolute = given.starts_with('/') || given.contains([':', '\\']);
    if given.is_empty() || absolute || given.chars().any(char::is_control) {
        let rule = ValueRule::Folder { key: key.to_owned(), given: shown(given) };
        faults.add(text.span, rule.into());
        return None;
    }
    Some(given.to_owned())
}

/// Whether a registry can have the name.
pub(super) fn is_registry_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && name.len() <= limits::NAME_PART_LEN
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}
