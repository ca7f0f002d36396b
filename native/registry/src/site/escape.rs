//! Text of any author, made fit for a page: no markup, and nothing that hides or turns text around.

use std::fmt::{self, Write};

/// Escapes what templates show. Control characters and those that override the direction of text are shown by number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visible;

impl askama::filters::Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        let mut rest = string;
        while let Some(at) = rest.find(is_special) {
            let (plain, special) = rest.split_at(at);
            dest.write_str(plain)?;
            let mut characters = special.chars();
            if let Some(character) = characters.next() {
                write_one(&mut dest, character)?;
            }
            rest = characters.as_str();
        }
        dest.write_str(rest)
    }
}

fn is_special(character: char) -> bool {
    matches!(character, '&' | '<' | '>' | '"' | '\'') || is_hidden(character)
}

fn write_one<W: Write>(dest: &mut W, character: char) -> fmt::Result {
    match character {
        '&' => dest.write_str("&amp;"),
        '<' => dest.write_str("&lt;"),
        '>' => dest.write_str("&gt;"),
        '"' => dest.write_str("&quot;"),
        '\'' => dest.write_str("&#39;"),
        hidden => write!(dest, "[U+{:04X}]", u32::from(hidden)),
    }
}

/// Whether a character changes how others are read without being seen itself: the overrides and isolates of the
/// bidirectional algorithm, tags, and control characters but for tabs and line ends.
pub(crate) fn is_hidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' => true,
        character => character.is_control(),
    }
}

/// The same text with every hidden character shown by number, for what is parsed before it is shown.
pub(crate) fn reveal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_hidden(character) {
            true => _ = write!(shown, "[U+{:04X}]", u32::from(character)),
            false => shown.push(character),
        }
    }
    shown
}

/// Text as HTML.
pub(crate) fn text(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    // Writing to a string does not fail.
    let _ = askama::filters::Escaper::write_escaped_str(&Visible, &mut html, text);
    html
}

/// A sentence of ours as HTML: what is between backticks is code.
pub(crate) fn prose(text: impl AsRef<str>) -> String {
    let mut html = String::new();
    for (at, part) in text.as_ref().split('`').enumerate() {
        let (open, close) = if at % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
        html.push_str(open);
        html.push_str(&self::text(part));
        html.push_str(close);
    }
    html
}

/// A path within a URL: what is not plain in it is percent-encoded, slashes stay.
pub(crate) fn url_path(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

/// Undoes the percent escapes of a part of a path; none when one is malformed.
pub(crate) fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = tail.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = tail.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use askama::filters::Escaper as _;

    #[test]
    fn text_is_neither_markup_nor_hidden() {
        for (given, shown) in [
            ("plain é", "plain é"),
            ("<a href='x' b=\"y\">&", "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;"),
            ("a\u{202e}b\u{2066}c\u{1b}[0m\u{0}", "a[U+202E]b[U+2066]c[U+001B][0m[U+0000]"),
            ("tab\tline\n", "tab\tline\n"),
            ("\u{e0041}\u{2028}", "[U+E0041][U+2028]"),
        ] {
            let mut escaped = String::new();
            Visible.write_escaped_str(&mut escaped, given).unwrap();
            assert_eq!(escaped, shown);
        }
        assert_eq!(reveal("<\u{202e}>"), "<[U+202E]>");
        assert_eq!(prose("run `a <b>` & see"), "run <code>a &lt;b&gt;</code> &amp; see");
    }

    #[test]
    fn paths_are_encoded_and_decoded() {
        let path = "docs/a b%/é+?#.md";
        let encoded = url_path(path);
        assert_eq!(encoded, "docs/a%20b%25/%C3%A9%2B%3F%23.md");
        assert_eq!(decode(&encoded).as_deref(), Some(path));
        for malformed in ["%", "%1", "%zz", "%+1", "%ff"] {
            assert_eq!(decode(malformed), None, "{malformed}");
        }
    }
}
