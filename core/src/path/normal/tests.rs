//! Held against a general library of a later Unicode, by which the table is also written.

use super::*;
use crate::path::{unicode, within};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char as library;

fn assigned() -> impl Iterator<Item = char> {
    ('\0'..=char::MAX).filter(|c| within(unicode::ASSIGNED, *c))
}

fn full(c: char) -> Vec<char> {
    let mut parts = Vec::new();
    library::decompose_canonical(c, |part| parts.push(part));
    parts
}

fn wrap(items: impl Iterator<Item = String>) -> String {
    let mut lines = vec![String::new()];
    for item in items {
        if lines.last().is_some_and(|line| line.len() + item.len() > 104) {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        let _ = write!(line, "{}{item},", if line.is_empty() { "    " } else { " " });
    }
    lines.join("\n")
}

/// The text of `table.rs`, from the library's data for the characters of Unicode 16.0.
fn written() -> String {
    let mapped: Vec<char> =
        assigned().filter(|c| !('\u{ac00}'..='\u{d7a3}').contains(c) && full(*c) != [*c]).collect();
    let by_parts: BTreeMap<Vec<char>, char> = mapped.iter().rev().map(|&c| (full(c), c)).collect();
    let mut rows: Vec<(u32, u32, u32)> = Vec::new();
    let mut composed: Vec<((u32, u32), usize)> = Vec::new();
    for &c in &mapped {
        let mut parts = full(c);
        let last = parts.pop().unwrap();
        let first = match parts[..] {
            [] => None,
            [first] => Some(first),
            _ => Some(by_parts[&parts]),
        };
        let row = match first {
            None => (u32::from(c), u32::from(last), 0),
            Some(first) => (u32::from(c), u32::from(first), u32::from(last)),
        };
        if first.and_then(|first| library::compose(first, last)) == Some(c) {
            composed.push(((row.1, row.2), rows.len()));
        }
        rows.push(row);
    }
    composed.sort_unstable();
    let mut classes: Vec<(u32, u32, u8)> = Vec::new();
    for (point, class) in assigned().map(|c| (u32::from(c), library::canonical_combining_class(c))) {
        match classes.last_mut() {
            Some((_, last, same)) if *last + 1 == point && *same == class => *last = point,
            _ if class != 0 => classes.push((point, point, class)),
            _ => {}
        }
    }
    let rows = wrap(rows.iter().map(|(c, first, second)| format!("({c:#x}, {first:#x}, {second:#x})")));
    let composed = wrap(composed.iter().map(|(_, at)| at.to_string()));
    let classes =
        wrap(classes.iter().map(|(first, last, class)| format!("({first:#x}, {last:#x}, {class})")));
    format!(
        "//! Canonical mappings and combining classes of Unicode 16.0, under the Unicode License V3 (see NOTICE).\n\
         //! Written by the test `the_table_is_the_librarys`; do not edit.\n\n\
         /// Code points and what they decompose into; 0 where that is one code point. In order, without Hangul.\n\
         #[rustfmt::skip]\npub(super) const DECOMPOSITIONS: &[(u32, u32, u32)] = &[\n{rows}\n];\n\n\
         /// Positions in [`DECOMPOSITIONS`] of those that compose again, in the order of their parts.\n\
         #[rustfmt::skip]\npub(super) const COMPOSITIONS: &[u16] = &[\n{composed}\n];\n\n\
         /// Runs of code points of one combining class that is not 0: first, last, class.\n\
         #[rustfmt::skip]\npub(super) const CLASSES: &[(u32, u32, u8)] = &[\n{classes}\n];\n"
    )
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the test writes the table it checks, when told to")]
fn the_table_is_the_librarys() {
    let got = written();
    if std::env::var_os("VITTE_CASES").is_some_and(|wish| wish == "write") {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/path/normal/table.rs");
        std::fs::write(path, &got).unwrap();
        return;
    }
    assert!(got == include_str!("table.rs"), "VITTE_CASES=write writes the table anew");
}

#[test]
fn every_character_is_normalized_as_by_the_library() {
    for c in assigned() {
        // Between these lie ideographs and syllables by the ten thousand, all treated alike.
        let neighbours = if ('\u{3100}'..'\u{f900}').contains(&c) { 1 } else { 4 };
        let texts =
            [c.to_string(), format!("a{c}"), format!("{c}\u{301}\u{323}"), format!("\u{1100}{c}\u{11a8}")];
        for text in texts.into_iter().take(neighbours) {
            let expected: String = text.nfc().collect();
            assert_eq!(nfc(&text), expected, "{}", text.escape_unicode());
            assert_eq!(is_nfc(&text), expected == text, "{}", text.escape_unicode());
        }
    }
}

/// Characters that have something to do with each other, and some that have not.
fn text() -> impl Strategy<Value = String> {
    let ranges = [
        ('a', 'e'),
        ('\u{c0}', '\u{17f}'),
        ('\u{300}', '\u{362}'),
        ('\u{5b0}', '\u{5c7}'),
        ('\u{93c}', '\u{95f}'),
        ('\u{9be}', '\u{9df}'),
        ('\u{f71}', '\u{f81}'),
        ('\u{1100}', '\u{1115}'),
        ('\u{1161}', '\u{1176}'),
        ('\u{11a7}', '\u{11c3}'),
        ('\u{ac00}', '\u{ac60}'),
        ('\u{1e00}', '\u{1fff}'),
        ('\u{f900}', '\u{f920}'),
        ('\u{fb1d}', '\u{fb4e}'),
        ('\u{1d15e}', '\u{1d1c0}'),
        ('\u{2f800}', '\u{2f810}'),
    ];
    let any =
        prop::sample::select(ranges.to_vec()).prop_flat_map(|(first, last)| prop::char::range(first, last));
    prop::collection::vec(any.prop_filter("assigned", |c| within(unicode::ASSIGNED, *c)), 0..12)
        .prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn texts_are_normalized_as_by_the_library(text in text()) {
        let expected: String = text.nfc().collect();
        prop_assert_eq!(nfc(&text), expected.clone());
        prop_assert_eq!(is_nfc(&text), expected == text);
        prop_assert_eq!(nfc(&expected), expected);
    }
}
