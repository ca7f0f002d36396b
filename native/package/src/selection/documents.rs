//! Files of the root that belong to every package whatever the patterns say: readme, licences, notices.

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    Readme,
    Licence,
    /// Attributions, which the Apache licence wants to be handed on.
    Notice,
    Changelog,
}

/// The folder of licence texts, by the REUSE specification and as it is spelt in Europe.
pub(super) const FOLDERS: [&str; 2] = ["LICENSES", "LICENCES"];

/// Words that begin such a name, whatever the case.
const WORDS: &[(&str, Document)] = &[
    ("readme", Document::Readme),
    ("license", Document::Licence),
    ("licence", Document::Licence),
    ("copying", Document::Licence),
    ("unlicense", Document::Licence),
    ("unlicence", Document::Licence),
    ("copyright", Document::Licence),
    ("notice", Document::Notice),
    ("changelog", Document::Changelog),
];

/// Ends of names of texts for people.
const TEXTS: &[&str] =
    &["md", "markdown", "txt", "text", "rst", "adoc", "asciidoc", "org", "html", "htm", "rtf"];
/// Beginnings of names of licences, as in `LICENSE.MIT` or `COPYING.LESSER`.
const LICENCES: &[&str] = &[
    "mit",
    "apache",
    "bsd",
    "gpl",
    "lgpl",
    "agpl",
    "lesser",
    "mpl",
    "isc",
    "cc",
    "unlicense",
    "boost",
    "bsl",
    "zlib",
    "eupl",
    "epl",
    "psf",
    "ofl",
    "third",
];

/// What a file of the root is by its name. The format gives upper-case `README…`, `LICENSE…` and `CHANGELOG…` a place of
/// their own, whatever follows; another spelling must look like a text, so that `license.key` stays where it is.
pub(super) fn of(name: &str) -> Option<Document> {
    for (word, document) in
        [("README", Document::Readme), ("LICENSE", Document::Licence), ("CHANGELOG", Document::Changelog)]
    {
        if name.starts_with(word) {
            return Some(document);
        }
    }
    let name = name.to_ascii_lowercase();
    let (word, document) = WORDS.iter().find(|(word, _)| name.starts_with(word))?;
    let rest = &name[word.len()..];
    if !(rest.is_empty() || rest.starts_with(['.', '-', '_', ' '])) {
        return None;
    }
    is_text(rest).then_some(*document)
}

/// Whether what follows the word leaves it a text for people.
fn is_text(rest: &str) -> bool {
    let Some((_, end)) = rest.rsplit_once('.') else { return true };
    TEXTS.contains(&end)
        || LICENCES.iter().any(|licence| end.starts_with(licence))
        || !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a path of a package is the text of a licence.
pub(super) fn is_licence(path: &str) -> bool {
    match path.split_once('/') {
        None => of(path) == Some(Document::Licence),
        Some((folder, _)) => FOLDERS.contains(&folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings_are_known_and_other_files_are_not() {
        for (name, expected) in [
            ("README", Some(Document::Readme)),
            ("readme.md", Some(Document::Readme)),
            ("Readme.fr.txt", Some(Document::Readme)),
            ("LICENSE-MIT", Some(Document::Licence)),
            ("LICENSE.checker.py", Some(Document::Licence)),
            ("license", Some(Document::Licence)),
            ("Licence.txt", Some(Document::Licence)),
            ("license-apache-2.0", Some(Document::Licence)),
            ("LICENCE.MIT", Some(Document::Licence)),
            ("COPYING", Some(Document::Licence)),
            ("COPYING.LESSER", Some(Document::Licence)),
            ("copying_lib.txt", Some(Document::Licence)),
            ("UNLICENSE", Some(Document::Licence)),
            ("NOTICE", Some(Document::Notice)),
            ("Notice.md", Some(Document::Notice)),
            ("changelog.md", Some(Document::Changelog)),
            ("license.key", None),
            ("licenses.json", None),
            ("license.vit", None),
            ("readmes", None),
            ("noticeboard.txt", None),
            ("notice.pem", None),
            ("src", None),
        ] {
            assert_eq!(of(name), expected, "{name}");
        }
        assert!(is_licence("LICENSES/MIT.txt") && is_licence("copying") && !is_licence("src/LICENSE"));
    }
}
