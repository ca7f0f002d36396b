//! Patterns of the manifest, with the rules of gitignore: one meaning wherever a pattern stands.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::cell::RefCell;
use std::collections::BTreeSet;
use vitte_package_core::diagnostic::{Code, Diagnostic, Place, Span};
use vitte_package_core::message::project as text;

/// A list of patterns.
pub(super) struct Patterns {
    matcher: Gitignore,
    given: Vec<String>,
    used: RefCell<BTreeSet<String>>,
}

impl Patterns {
    /// Reads patterns. Those that cannot be understood are reported at `place`, and match nothing.
    pub(super) fn new(given: &[String], place: Option<Span>, faults: &mut Vec<Diagnostic>) -> Self {
        let mut builder = GitignoreBuilder::new("");
        for pattern in given {
            if let Err(error) = builder.add_line(None, pattern) {
                faults.push(refuse(pattern, &error, place));
            }
        }
        let matcher = builder.build().unwrap_or_else(|error| {
            faults.push(refuse(&given.join(" "), &error, place));
            Gitignore::empty()
        });
        Self { matcher, given: given.to_vec(), used: RefCell::default() }
    }

    /// The compiled patterns, for the walk.
    pub(super) fn matcher(&self) -> &Gitignore {
        &self.matcher
    }

    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Whether a file is matched, by itself or through a folder above it. `path` is relative, with `/`.
    pub(super) fn matches(&self, path: &str) -> bool {
        match self.matcher.matched_path_or_any_parents(path, false) {
            Match::Ignore(glob) => {
                self.used.borrow_mut().insert(glob.original().to_owned());
                true
            }
            _ => false,
        }
    }

    /// The patterns that matched nothing so far.
    pub(super) fn unused(&self) -> Vec<&str> {
        let used = self.used.borrow();
        self.given
            .iter()
            .map(String::as_str)
            .filter(|given| !given.starts_with('!') && !used.contains(given.trim_end()))
            .collect()
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
