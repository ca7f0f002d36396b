//! Patterns of the manifest, with the rules of gitignore: one meaning wherever a pattern is.

use crate::message::project as text;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_core::diagnostic::{Code, Diagnostic, Place, Span};

/// A list of patterns. Clones share the memory of what was used.
#[derive(Clone)]
pub(super) struct Patterns {
    matcher: Gitignore,
    /// Each as written, and as it was compiled.
    given: Arc<Vec<(String, String)>>,
    used: Arc<Mutex<BTreeSet<String>>>,
}

impl Patterns {
    /// Reads patterns. Those that cannot be understood are reported at `place`, and match nothing.
    pub(super) fn new(given: &[String], place: Option<Span>, faults: &mut Vec<Diagnostic>) -> Self {
        let given: Vec<_> = given.iter().map(|pattern| (pattern.clone(), normal(pattern))).collect();
        let mut builder = GitignoreBuilder::new("");
        for (pattern, compiled) in &given {
            if let Err(error) = builder.add_line(None, compiled) {
                faults.push(refuse(pattern, &error, place));
            }
        }
        let matcher = builder.build().unwrap_or_else(|error| {
            let all: Vec<_> = given.iter().map(|(pattern, _)| pattern.as_str()).collect();
            faults.push(refuse(&all.join(" "), &error, place));
            Gitignore::empty()
        });
        Self { matcher, given: Arc::new(given), used: Arc::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Whether a file is matched, by itself or through a folder above it. `path` is relative, with `/`.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.matches_entry(path, false)
    }

    /// As [`matches`](Self::matches), of what may be a folder: patterns that end in `/` match folders only.
    pub(super) fn matches_entry(&self, path: &str, is_folder: bool) -> bool {
        let found = self.matcher.matched_path_or_any_parents(path, is_folder);
        if let Match::Ignore(glob) | Match::Whitelist(glob) = &found {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            if !used.contains(glob.original()) {
                used.insert(glob.original().to_owned());
            }
        }
        found.is_ignore()
    }

    /// The patterns, as written, that decided about nothing so far.
    pub(super) fn unused(&self) -> Vec<String> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let unused = self.given.iter().filter(|(_, compiled)| !used.contains(compiled.trim_end()));
        unused.map(|(pattern, _)| pattern.clone()).collect()
    }
}

/// A pattern in the form that gitignore knows: there, `./x` matches nothing at all, while whoever writes it means the
/// `x` next to the manifest.
fn normal(pattern: &str) -> String {
    let (not, rest) = match pattern.strip_prefix('!') {
        Some(rest) => ("!", rest),
        None => ("", pattern),
    };
    let mut plain = rest;
    while let Some(rest) = plain.strip_prefix("./") {
        plain = rest.trim_start_matches('/');
    }
    match plain {
        "" | "." if !rest.is_empty() => format!("{not}/**"),
        _ if plain.len() == rest.len() => pattern.to_owned(),
        _ => format!("{not}/{plain}"),
    }
}

fn refuse(pattern: &str, error: &ignore::Error, place: Option<Span>) -> Diagnostic {
    let reason = match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    };
    let diagnostic =
        Diagnostic::new(Code::ManifestValue, text::pattern(pattern, &reason)).help(text::pattern_help());
    match place {
        Some(span) => diagnostic.at(Place::Source(span)),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_dot_means_the_folder_of_the_manifest() {
        for (given, expected) in [
            ("./src/", "/src/"),
            ("!./src/x", "!/src/x"),
            (".//./a", "/a"),
            ("./", "/**"),
            (".", "/**"),
            ("src/./x", "src/./x"),
            (".hidden", ".hidden"),
            ("../x", "../x"),
            ("*.md", "*.md"),
            ("", ""),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn patterns_that_decide_nothing_are_known_as_they_were_written() {
        let given = ["./a", "b/", "!b/kept", "gone", "!gone.md"].map(str::to_owned);
        let patterns = Patterns::new(&given, None, &mut Vec::new());
        assert!(patterns.matches("a") && patterns.matches("b/x") && !patterns.matches("b/kept"));
        assert!(!patterns.matches("c/a"));
        assert_eq!(patterns.clone().unused(), ["gone", "!gone.md"]);
    }
}
