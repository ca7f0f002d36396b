//! The words of `core/docs/glossary.md`: its first table for what people read, its second for names in the code. Words in
//! backticks in a table's last column are refused, and each fault names the word to use.

use crate::tidy::{read, refuse, root, shown, walk};
use std::collections::{BTreeMap, BTreeSet};
use vitte_package::message::{self, Language};
use vitte_package_core::diagnostic::Code;

/// Names that the code had before it used the field's words, besides those that the glossary's second table lists.
const RENAMED: &[(&str, &str)] = &[
    ("Asked", "ReleaseQuery"),
    ("Begun", "NewPackage"),
    ("Again", "Retry"),
    ("Asked", "ReleaseQuery"),
    ("Beside", "Dependencies"),
    ("Insist", "Accept"),
    ("Pace", "Poll"),
    ("Thrown", "JsDiagnostic"),
    ("Told", "Reported"),
    ("Wish", "RequestBody"),
    ("answer_now", "print_result_now"),
    ("begun", "initialised"),
    ("believe", "confirm"),
    ("blame", "attribute_to"),
    ("bring_all", "install_all"),
    ("bring_beside", "install_dependencies"),
    ("check_strangers", "check_unexpected_files"),
    ("converse", "handle_connection"),
    ("disbelieve", "reject"),
    ("forget_partial", "prune_partials"),
    ("forgetful", "hasNoMemory"),
    ("is_believed", "is_trusted"),
    ("meant", "suggested"),
    ("mend_in", "fix_in"),
    ("misuse", "usage_error"),
    ("publishable", "publish_rules"),
    ("refuseUnasked", "refuseOtherMembers"),
    ("refuse_restored", "stale_copy"),
    ("sameQuestion", "isSameQuery"),
    ("settle", "use_cached"),
    ("settled", "from_cache"),
    ("spent", "placeholder"),
    ("standing", "Availability"),
    ("stands", "is_already"),
    ("told", "reported"),
    ("told_all_the_same", "output_flags_of_invalid_line"),
    ("unsettle", "drop_cached"),
    ("vocabulary", "names"),
];

#[test]
fn messages_use_the_words_of_the_glossary() {
    let refused = refused_words(table(0));
    assert!(refused.len() >= 10, "{refused:?}");
    let mut faults = Vec::new();
    for message in message::all() {
        for form in message.forms {
            faults.extend(
                words_in(form, &refused).map(|(word, say)| format!("{}: `{word}`: say {say}", message.id)),
            );
        }
    }
    for &code in Code::ALL {
        for text in [code.title_in(Language::English), code.fix_in(Language::English)] {
            faults.extend(words_in(text, &refused).map(|(word, say)| format!("{code}: `{word}`: say {say}")));
        }
    }
    refuse("words that the glossary does not use", &faults);
}

#[test]
fn names_in_the_code_are_those_of_the_glossary() {
    let mut refused = refused_words(table(1));
    refused.extend(RENAMED.iter().map(|&(word, say)| (word.to_owned(), format!("`{say}`"))));
    let names = names_by_file();
    let used: BTreeSet<&str> = names.values().flatten().map(String::as_str).collect();
    let mut faults = Vec::new();
    for (file, names) in &names {
        for (word, say) in refused.iter().filter(|(word, _)| names.contains(*word)) {
            faults.push(format!("{file}: `{word}`: say {say}"));
        }
    }
    for row in table(1) {
        let [term, ..] = row.as_slice() else { continue };
        for name in in_backticks(term).filter(|name| !used.contains(name)) {
            faults.push(format!("core/docs/glossary.md: nothing is called `{name}` any more"));
        }
    }
    refuse("names that the glossary does not use", &faults);
}

#[test]
fn refused_words_are_found_in_prose_and_in_code() {
    let refused = BTreeMap::from([("tarball".to_owned(), "artifact".to_owned())]);
    let found = |text: &str| words_in(text, &refused).count();
    assert_eq!(
        (found("unpack the tarball"), found("Tarballs: 2"), found("the `tarball` table"), found("a tar")),
        (1, 1, 0, 0)
    );

    let code = "let begun = \"told\"; // meant\n/* wanted */ let c = '\"'; fn stands<'a>() {} r#\"\"mend\"\"# `judged ${x}` 'spent'";
    let rust = names(code, Source::Rust);
    for (name, there) in [
        ("begun", true),
        ("stands", true),
        ("a", true),
        ("told", false),
        ("meant", false),
        ("wanted", false),
        ("mend", false),
    ] {
        assert_eq!(rust.contains(name), there, "{name}: {rust:?}");
    }
    let script = names("const begun = 'spent' + \"told\"; // meant", Source::Script);
    assert!(
        script.contains("begun")
            && !script.contains("spent")
            && !script.contains("told")
            && !script.contains("meant")
    );
}

/// The rows of one of the glossary's tables, without their heading.
fn table(number: usize) -> Vec<Vec<String>> {
    let text = read(&root().join("core/docs/glossary.md"));
    let mut tables: Vec<Vec<Vec<String>>> = vec![Vec::new()];
    for line in text.lines() {
        match line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) {
            Some(row) => {
                let cells = row.split('|').map(|cell| cell.trim().to_owned()).collect();
                tables.last_mut().expect("there is a first table").push(cells);
            }
            None if tables.last().is_some_and(|rows| !rows.is_empty()) => tables.push(Vec::new()),
            None => {}
        }
    }
    let rows = tables.swap_remove(number);
    assert!(
        rows.len() > 10 && rows.iter().all(|row| row.len() == 3),
        "table {number} of the glossary: {rows:?}"
    );
    rows.into_iter().skip(2).collect()
}

/// What a table refuses, each with the term to use.
fn refused_words(rows: Vec<Vec<String>>) -> BTreeMap<String, String> {
    let mut refused = BTreeMap::new();
    for row in rows {
        let [term, _, wrong] = row.as_slice() else { continue };
        refused.extend(in_backticks(wrong).map(|word| (word.to_owned(), term.clone())));
    }
    refused
}

fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The refused words that stand in a text, in any case and in the plural; what is in backticks is code.
fn words_in<'r>(
    text: &str,
    refused: &'r BTreeMap<String, String>,
) -> impl Iterator<Item = (&'r str, &'r str)> + use<'r> {
    let prose: Vec<&str> = text.split('`').step_by(2).collect();
    let letters =
        |character: char| if character.is_alphanumeric() { character.to_ascii_lowercase() } else { ' ' };
    let prose: String = prose.join(" ").chars().map(letters).collect();
    let prose = format!(" {} ", prose.split_whitespace().collect::<Vec<_>>().join(" "));
    refused
        .iter()
        .filter(move |(word, _)| {
            prose.contains(&format!(" {word} ")) || prose.contains(&format!(" {word}s "))
        })
        .map(|(word, say)| (word.as_str(), say.as_str()))
}

/// The language of a source file.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Rust,
    Script,
}

/// The names used in each source file of ours, but for this one.
fn names_by_file() -> BTreeMap<String, BTreeSet<String>> {
    let language = |name: &str| match name.rsplit_once('.')?.1 {
        "rs" => Some(Source::Rust),
        "js" | "mjs" | "ts" => Some(Source::Script),
        _ => None,
    };
    let files = walk(&|name| language(name).is_some());
    let mut found = BTreeMap::new();
    for file in files.iter().filter(|file| !file.ends_with("tests/it/glossary.rs")) {
        let shown = shown(file);
        if let Some(language) = language(&shown) {
            found.insert(shown, names(&read(file), language));
        }
    }
    assert!(found.len() > 300, "{} source files", found.len());
    found
}

/// The identifiers in a source text: neither in comments nor in strings. A template string is read as code, since it
/// has code inside.
fn names(source: &str, language: Source) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        rest = if rest.starts_with("//") {
            after(rest, "\n")
        } else if rest.starts_with("/*") {
            after(rest, "*/")
        } else if language == Source::Rust && (rest.starts_with("r\"") || rest.starts_with("r#")) {
            let hashes = rest[1..].chars().take_while(|&character| character == '#').count();
            match rest[1 + hashes..].starts_with('"') {
                true => after(&rest[2 + hashes..], &format!("\"{}", "#".repeat(hashes))),
                false => &rest[1 + hashes..], // a raw identifier
            }
        } else if language == Source::Rust && rest.starts_with("'\"'") {
            &rest[3..]
        } else if language == Source::Rust && rest.starts_with("'\\") {
            after(rest.get(3..).unwrap_or_default(), "'")
        } else if first == '"' || (first == '\'' && language == Source::Script) {
            after_string(&rest[1..], first, language)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            names.insert(rest[..end].to_owned());
            &rest[end..]
        } else {
            &rest[first.len_utf8()..]
        };
    }
    names
}

fn after<'s>(text: &'s str, end: &str) -> &'s str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

/// What follows a string. An escaped quote does not end it; in JavaScript the line's end does, since an apostrophe in a
/// template string begins none.
fn after_string(text: &str, quote: char, language: Source) -> &str {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return &text[at + 1..],
            '\n' if language == Source::Script => return &text[at..],
            _ => {}
        }
    }
    ""
}
