//! What every error of this crate can be turned into: a stable code, a message, a place and hints.
//!
//! Core never renders: the terminal draws excerpts and carets, the browser makes a JavaScript `Error`,
//! the registry makes `application/problem+json`. All of them take their words from here.

mod code;
mod explanation;

pub use code::{Code, Exit};
pub use explanation::{CodeExplanation, Example, FileLines, Language};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A half-open range of byte offsets into a source text, such as a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset of the byte after the last.
    pub end: usize,
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// Where a fault is, in the terms of the thing examined. The shell adds the file's name or address.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Place {
    /// The thing as a whole.
    #[default]
    Whole,
    /// Bytes of a source text (manifest, lockfile).
    Source(Span),
    /// A byte of an archive or other binary, counted from its start.
    Offset {
        /// Bytes from the start.
        offset: u64,
    },
    /// A line of a line-oriented text (tree, frame table, note), counted from 1.
    Line {
        /// Number of the line, from 1.
        line: u64,
    },
    /// A content frame of an archive.
    Frame {
        /// Number of the frame, from 0.
        frame: u64,
        /// How many content frames the archive has.
        frames: u64,
        /// Paths of the files that have bytes in this frame, in tree order.
        files: Vec<String>,
    },
    /// A file of the package.
    File {
        /// Its path in the package, as written, possibly refused by the path rules.
        path: String,
    },
}

/// One line of the reasons for a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// The line, from the message table.
    pub text: String,
    /// The bytes of the source it speaks of, to be marked in addition to the place of the fault itself.
    pub span: Option<Span>,
}

/// One fault, ready to be rendered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// What is wrong, with the values concerned. From the message table.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Short text to stand under the place, if more can be said there.
    pub label: Option<String>,
    /// Why, line by line, where one sentence is not enough; each with its own place in the source if it has one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What to do: each a command, or a line to paste.
    pub help: Vec<String>,
    /// The values concerned, for programs (`expected`, `got`, ...).
    pub data: BTreeMap<&'static str, serde_json::Value>,
}

impl Diagnostic {
    /// Makes a diagnostic about the whole thing, without hints.
    pub fn new(code: Code, message: String) -> Self {
        Self {
            code,
            message,
            place: Place::Whole,
            label: None,
            notes: Vec::new(),
            help: Vec::new(),
            data: BTreeMap::new(),
        }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Sets the text under the place.
    #[must_use]
    pub fn label(mut self, label: String) -> Self {
        self.label = Some(label);
        self
    }

    /// Adds a line of reasons.
    #[must_use]
    pub fn note(mut self, text: String, span: Option<Span>) -> Self {
        self.notes.push(Note { text, span });
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, help: String) -> Self {
        self.help.push(help);
        self
    }

    /// Adds a value for programs.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.data.insert(key, value.into());
        self
    }
}

/// Errors that can say everything a user needs.
pub trait Diagnose {
    /// Turns the error into a [`Diagnostic`].
    fn diagnostic(&self) -> Diagnostic;

    /// The stable code.
    fn code(&self) -> Code {
        self.diagnostic().code
    }
}

impl Diagnose for Diagnostic {
    fn diagnostic(&self) -> Diagnostic {
        self.clone()
    }

    fn code(&self) -> Code {
        self.code
    }
}

/// Implements `Display` and `Error` for types that implement [`Diagnose`]: the text is the message.
macro_rules! display_as_message {
    ($($error:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::diagnostic::Diagnose::diagnostic(self).message)
            }
        }
        impl std::error::Error for $error {}
    )+};
}
pub(crate) use display_as_message;
