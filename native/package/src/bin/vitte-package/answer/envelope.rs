//! The one object that `--json` prints.

use crate::render;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use vitte_package::error::{Fault, Subject};
use vitte_package::terminal::redact;
use vitte_package_core::diagnostic::{self, Code, Exit, Place};

/// Name and version of the form of all answers. A member more is no other form; one less, or another meaning, is.
pub(crate) const SCHEMA: &str = "vitte.package/v1";

/// The answer of `vitte package COMMAND --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Envelope<'a> {
    /// Name and version of this form.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    schema: &'static str,
    /// The command, such as `build` or `key list`; as much of it as could be recognised if it was misspelt.
    command: &'a str,
    /// Whether it did what was asked and found nothing amiss.
    ok: bool,
    /// The exit status.
    exit: u8,
    /// What came of it: see the schema of the command. None if it failed before there was anything to tell.
    result: &'a Value,
    /// What went wrong, and then what there is to be warned about.
    diagnostics: Vec<Diagnostic<'a>>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn new(command: &'a str, exit: Exit, result: &'a Value, said: Vec<Diagnostic<'a>>) -> Self {
        let ok = exit == Exit::Ok;
        Self { schema: SCHEMA, command, ok, exit: exit as u8, result, diagnostics: said }
    }
}

/// One fault or warning.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Diagnostic<'a> {
    /// The stable code.
    code: Code,
    /// Whether the command failed by it.
    severity: Severity,
    /// The exit status that goes with the code.
    exit: u8,
    /// Whether the same command may succeed later.
    retryable: bool,
    /// What is wrong.
    message: Cow<'a, str>,
    /// What to do: each a command, or a line to paste.
    help: Vec<Cow<'a, str>>,
    /// The values concerned, by name.
    data: BTreeMap<&'static str, Value>,
    /// Where, if there is a place.
    #[serde(rename = "where")]
    place: Option<Where<'a>>,
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum Severity {
    /// The command failed by it.
    Error,
    /// The command did not fail by it.
    Warning,
}

/// Where a fault is: what was examined, and the place in it as far as there is one.
#[derive(Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Where<'a> {
    /// The file on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Cow<'a, str>>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Cow<'a, str>>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The column in the line, in characters from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    /// The first byte of the text that is meant, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<usize>,
    /// The byte after the text that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<usize>,
    /// A byte of an archive, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    /// A frame of an archive, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
    /// How many frames the archive has.
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<u64>,
    /// The files that have bytes in the frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<&'a [String]>,
    /// A file in the package, as it is written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

impl<'a> Diagnostic<'a> {
    /// A fault that made the command fail.
    pub(crate) fn error(fault: &'a Fault) -> Self {
        let place = Where::of(fault);
        let place = (place != Where::default()).then_some(place);
        Self { place, ..Self::new(fault.diagnostic(), Severity::Error) }
    }

    /// A warning.
    pub(crate) fn warning(warning: &'a diagnostic::Diagnostic) -> Self {
        Self::new(warning, Severity::Warning)
    }

    fn new(diagnostic: &'a diagnostic::Diagnostic, severity: Severity) -> Self {
        Self {
            code: diagnostic.code,
            severity,
            exit: diagnostic.code.exit() as u8,
            retryable: diagnostic.code.retryable(),
            message: redact(&diagnostic.message),
            help: diagnostic.help.iter().map(|help| redact(help)).collect(),
            data: diagnostic.data.iter().map(|(name, value)| (*name, redacted(value))).collect(),
            place: None,
        }
    }
}

/// A value without passwords of addresses.
fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact(text).into_owned()),
        Value::Array(values) => Value::Array(values.iter().map(redacted).collect()),
        other => other.clone(),
    }
}

impl<'a> Where<'a> {
    fn of(fault: &'a Fault) -> Self {
        let mut place = Self::default();
        match fault.subject() {
            Some(Subject::File(path)) => place.file = Some(path.to_string_lossy()),
            Some(Subject::Url(url)) => place.url = Some(redact(url)),
            None => {}
        }
        match &fault.diagnostic().place {
            Place::Whole => {}
            Place::Source(span) => {
                (place.start, place.end) = (Some(span.start), Some(span.end));
                if let Some(text) = fault.source_text() {
                    let (line, column) = render::line_and_column(text, span.start);
                    (place.line, place.column) = (u64::try_from(line).ok(), Some(column));
                }
            }
            Place::Offset { offset } => place.offset = Some(*offset),
            Place::Line { line } => place.line = Some(*line),
            Place::Frame { frame, frames, files } => {
                (place.frame, place.frames, place.files) =
                    (Some(*frame), Some(*frames), Some(files.as_slice()));
            }
            Place::File { path } => place.path = Some(path),
        }
        place
    }
}
