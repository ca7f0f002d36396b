use super::*;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

const SINGLE: &str = include_str!("../../../tests/cases/paths/single.txt");
const SETS: &str = include_str!("../../../tests/cases/paths/sets.txt");

/// Reads the escapes of tests/cases/README.md: `\u{HEX}` a code point, `\x{HH}` a byte.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (kind, tail) = (&rest[at + 1..at + 3], &rest[at + 3..]);
        let (digits, tail) = tail.split_once('}').unwrap();
        let number = u32::from_str_radix(digits, 16).unwrap();
        match kind {
            "u{" => bytes.extend(char::from_u32(number).unwrap().to_string().bytes()),
            "x{" => bytes.push(u8::try_from(number).unwrap()),
            _ => panic!("{text}"),
        }
        rest = tail;
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn cases(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap_or((line, "")))
}

fn verdict(result: Result<(), PathError>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(PathError::Rule { rule, .. }) => rule.name(),
        Err(PathError::Duplicate { .. }) => "duplicate",
        Err(PathError::FileAndFolder { .. }) => "file-and-folder",
    }
}

#[test]
fn every_single_path_of_the_table_gets_its_verdict() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (expected, path) in cases(SINGLE) {
        let parsed = PackagePath::from_bytes(&unescape(path));
        if let Err(error) = &parsed {
            let diagnostic = error.diagnostic();
            let reserved = expected == "reserved";
            assert_eq!(diagnostic.code, if reserved { Code::ReservedName } else { Code::Path }, "{path}");
            assert!(!diagnostic.message.chars().any(char::is_control), "{path}");
        }
        let got = verdict(parsed.map(drop));
        if got != expected {
            wrong.push(format!("{path}: expected {expected}, got {got}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count >= 200, "{count} cases");
}

#[test]
fn every_set_of_the_table_gets_its_verdict_in_any_order() {
    for (expected, paths) in cases(SETS) {
        let paths: Vec<_> =
            paths.split(" | ").map(|path| PackagePath::from_bytes(&unescape(path)).unwrap()).collect();
        let judge = |paths: &[PackagePath]| {
            let mut set = PathSet::new();
            verdict(paths.iter().try_for_each(|path| set.insert(path)))
        };
        let backwards: Vec<_> = paths.iter().rev().cloned().collect();
        assert_eq!(judge(&paths), expected, "{paths:?}");
        assert_eq!(judge(&backwards), expected, "{backwards:?}");
    }
}

#[test]
fn header_fields_follow_the_split_rule() {
    let fields = |path: &str| PackagePath::parse(path).unwrap().ustar_fields();
    assert_eq!(fields("vitte.toml"), (String::new(), "pkg/vitte.toml".into()));
    let name = "n".repeat(96);
    assert_eq!(fields(&name), (String::new(), format!("pkg/{name}")));
    let name = "n".repeat(97);
    assert_eq!(fields(&name), ("pkg".into(), name.clone()));
    let deep = format!("{}/{}", "d".repeat(99), "n".repeat(100));
    assert_eq!(fields(&deep), (format!("pkg/{}", "d".repeat(99)), "n".repeat(100)));
}

#[test]
fn the_fault_is_named_with_its_character_and_path() {
    let diagnostic = PackagePath::parse("src/a\u{202e}b.vit").unwrap_err().diagnostic();
    assert_eq!(diagnostic.data["character"], "U+202E");
    assert_eq!(diagnostic.data["rule"], "invisible");
    assert_eq!(diagnostic.place, Place::File { path: "src/a\\u{202e}b.vit".into() });
    let diagnostic = PackagePath::parse("a:b").unwrap_err().diagnostic();
    assert_eq!(
        diagnostic.message,
        "the path `a:b` has the character U+003A (:), which has a meaning on some systems"
    );
}

#[test]
fn folding_agrees_with_the_standard_library_where_that_is_simple() {
    // Status C maps to the lower case in all scripts but Cherokee, whose folding is upper case, and a few
    // characters that fold like their upper case's lower case.
    for c in (0x80..=0x2_ffff).filter_map(char::from_u32).filter(|&c| within(unicode::ASSIGNED, c)) {
        let folded = fold_common(c);
        let full = unicode::FOLD_FULL.iter().find(|(from, _)| *from == c);
        if folded != c && !('\u{13a0}'..='\u{13ff}').contains(&folded) {
            let expected: String = c.to_uppercase().flat_map(char::to_lowercase).collect();
            assert_eq!(folded.to_string(), expected, "{c:?}");
        }
        if let Some((_, to)) = full {
            assert_eq!(fold(to), to.nfc().collect::<String>(), "{c:?}");
            assert!(to.chars().count() > 1);
        }
        assert_eq!(fold_common(folded), folded, "{c:?}");
    }
}

#[test]
fn tables_are_sorted() {
    assert!(unicode::ASSIGNED.is_sorted() && unicode::INVISIBLE.is_sorted());
    assert!(unicode::FOLD_COMMON.windows(2).all(|pair| pair[0].1 < pair[1].0));
    assert!(unicode::FOLD_FULL.is_sorted());
    assert!(within(unicode::ASSIGNED, 'é') && !within(unicode::ASSIGNED, '\u{378}'));
    // Assigned in 16.0; in 17.0; a noncharacter.
    assert!(within(unicode::ASSIGNED, '\u{a7cb}'));
    assert!(!within(unicode::ASSIGNED, '\u{a7ce}') && !within(unicode::ASSIGNED, '\u{fffe}'));
}

fn component() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-zA-Z0-9_.-]{1,12}", 1 => "[a-zäöüßéσςΣÅΩж ]{1,6}", 1 => "\\PC{1,5}"]
}

proptest! {
    #[test]
    fn parsing_is_total_and_keeps_the_text(path in "\\PC{0,40}|([a-zA-Z. ]{0,4}/){0,4}[a-z\\x00-\\x1f:]{0,4}") {
        if let Ok(parsed) = PackagePath::parse(&path) {
            prop_assert_eq!(parsed.as_str(), &path);
            prop_assert!(!path.starts_with('/') && !path.contains("..") || path.split('/').all(|c| c != ".."));
        }
    }

    #[test]
    fn folding_is_idempotent_and_ignores_case(path in proptest::collection::vec(component(), 1..4)) {
        if let Ok(path) = PackagePath::parse(&path.join("/")) {
            let folded = path.fold();
            prop_assert_eq!(fold(&folded), folded.as_str());
            if path.as_str().is_ascii() {
                prop_assert_eq!(PackagePath::parse(&path.as_str().to_ascii_uppercase()).unwrap().fold(), folded);
            }
        }
    }

    #[test]
    fn a_set_agrees_with_the_definition(paths in proptest::collection::vec("[aAbB](/[aAbB]){0,3}", 1..8)) {
        let mut set = PathSet::new();
        let mut kept: Vec<String> = Vec::new();
        for path in paths {
            let path = PackagePath::parse(&path).unwrap();
            let folded = path.fold();
            let clash = kept.iter().any(|other| {
                *other == folded
                    || other.starts_with(&format!("{folded}/"))
                    || folded.starts_with(&format!("{other}/"))
            });
            prop_assert_eq!(set.insert(&path).is_err(), clash);
            if !clash {
                kept.push(folded);
            }
        }
        prop_assert_eq!(set.len(), kept.len());
    }
}
