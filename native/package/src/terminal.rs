//! Text from outside, made fit to be shown: what a package, a file's name or an address holds can neither move the
//! cursor, nor hide or reorder what we say, nor show a password.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text for people: passwords of addresses are hidden, control characters and those that reorder or hide text stand
/// there as `\u{..}`. Line feeds and tabs pass.
pub fn escape(text: &str) -> Cow<'_, str> {
    let text = redact(text);
    if !text.contains(is_dangerous) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match is_dangerous(character) {
            true => safe.extend(character.escape_unicode()),
            false => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// A JSON text in which every character that could disturb a terminal is escaped: it means the same to
/// programs. Such characters can only be inside of strings.
pub fn escape_json(json: &str) -> Cow<'_, str> {
    if !json.contains(is_dangerous) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if !is_dangerous(character) {
            safe.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    Cow::Owned(safe)
}

/// Replaces what comes before the host of an address, as `https://***@host/`: it may be a password or a token.
/// `ssh://git@host/`, a name alone where names are usual, stays.
pub fn redact(text: &str) -> Cow<'_, str> {
    hide(text, |_| "***".to_owned())
}

/// As [`redact`], with as many bytes as there were: places in the text stay where they are.
pub fn redact_in_place(text: &str) -> Cow<'_, str> {
    hide(text, |secret| "*".repeat(secret.len()))
}

fn hide(text: &str, mask: impl Fn(&str) -> String) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut done = 0;
    while let Some(found) = text[done..].find("://") {
        let start = done + found + "://".len();
        let scheme = text[..start - "://".len()].rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
        let end = userinfo(&text[start..], scheme.unwrap_or_default());
        shown.push_str(&text[done..start]);
        if let Some(end) = end {
            shown.push_str(&mask(&text[start..start + end]));
        }
        done = start + end.unwrap_or(0);
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// Where the secret ends that what follows `scheme://` begins with; `None` when there is none.
fn userinfo(rest: &str, scheme: &str) -> Option<usize> {
    let word = rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>')).next()?;
    let authority = word.split(['/', '?', '#', '\\']).next()?;
    let end = match authority.rfind('@') {
        Some(end) => end,
        // A password with a slash in it, which should have been escaped: what would be the port is none.
        None => {
            let port = authority.rsplit_once(':')?.1;
            if authority.starts_with('[') || port.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            word.rfind('@')?
        }
    };
    let is_name = !word[..end].contains(':') && matches!(scheme, "ssh" | "git" | "sftp");
    // A hint says where the two go.
    let is_placeholder = &word[..end] == "USER:PASSWORD";
    (end > 0 && !is_name && !is_placeholder).then_some(end)
}

fn is_dangerous(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{2028}' | '\u{2029}' | '\u{061c}' | '\u{feff}' | '\u{00ad}' | '\u{180e}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => character.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_addresses_are_hidden() {
        for (text, shown) in [
            ("https://me:secret@host/x", "https://***@host/x"),
            ("see https://token@host/ and ftp://a:b@c", "see https://***@host/ and ftp://***@c"),
            ("`http://me:se@cret@host`", "`http://***@host`"),
            ("https://me:pa/ss@host/x", "https://***@host/x"),
            ("https://me:pa#ss@host/x", "https://***@host/x"),
            ("git+https://me:secret@host/x", "git+https://***@host/x"),
            ("ssh://git:secret@host/x", "ssh://***@host/x"),
            // None of these holds a secret.
            ("ssh://git@host/x", "ssh://git@host/x"),
            ("https://host/@scope/pkg@1.2", "https://host/@scope/pkg@1.2"),
            ("https://host:8080/a@b", "https://host:8080/a@b"),
            ("http://[::1]:8080/a@b", "http://[::1]:8080/a@b"),
            ("demo/hello@1.0.0 at https://host/ by me@host", "demo/hello@1.0.0 at https://host/ by me@host"),
            ("https://@host/", "https://@host/"),
            ("://", "://"),
            ("", ""),
        ] {
            assert_eq!(redact(text), shown);
        }
        let text = "x = \"https://me:secr\u{e9}t@host/\"";
        assert_eq!(redact_in_place(text).len(), text.len());
        assert!(!redact_in_place(text).contains("secr"));
    }

    #[test]
    fn what_moves_hides_or_reorders_is_escaped() {
        assert_eq!(escape("a\u{1b}[2J\u{202e}b\n"), "a\\u{1b}[2J\\u{202e}b\n");
        let value = serde_json::json!({"a": "x\u{9b}31m\u{202e}\u{2066}\u{7f}\u{e0041}é\n\u{1b}"});
        let text = value.to_string();
        let escaped = escape_json(&text);
        assert!(escaped.chars().all(|c| !is_dangerous(c)), "{escaped}");
        assert!(escaped.contains("\\u009b31m\\u202e\\u2066\\u007f\\udb40\\udc41é\\n"), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }
}
