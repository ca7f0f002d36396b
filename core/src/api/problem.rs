//! Why a request was refused: `application/problem+json` (RFC 9457), made of diagnostics and read back into them.

use crate::diagnostic::{Code, Diagnostic, Exit, Place};
use crate::message::Language;
use serde::{Deserialize, Serialize};

/// The media type.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// Bytes of a problem at most.
pub const PROBLEM_LEN: u64 = 256 * 1024;
/// What a problem's type begins with; the class of its code follows.
const TYPE: &str = "https://vitte.dev/problems/";
/// Faults that are listed at most.
const FAULTS: usize = 64;
/// Bytes of a text at most, when it is read: it ends up on somebody's terminal.
const TEXT_LEN: usize = 4096;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The status of the response.
    pub status: u16,
    /// Why, the first of several first.
    pub faults: Vec<Diagnostic>,
    /// The id under which the server's log has the request.
    pub request_id: Option<String>,
}

/// Why a request was refused.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Problem"))]
pub(super) struct ProblemJson {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<FaultJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// One reason.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Fault"))]
pub(super) struct FaultJson {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    /// Where it is in what was sent, if it is not about the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Place>"))]
    place: Option<serde_json::Value>,
    /// Why, line by line, where one sentence is not enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    /// What to do: each a command, or a line to paste. At least one.
    #[serde(default)]
    hints: Vec<String>,
}

impl Problem {
    /// A refusal under the status that belongs to its first code.
    pub fn new(faults: Vec<Diagnostic>) -> Self {
        let status = faults.first().map_or(500, |fault| status_of(fault.code));
        Self { status, faults, request_id: None }
    }

    /// A refusal under a status of its own.
    pub fn with_status(status: u16, fault: Diagnostic) -> Self {
        Self { status, faults: vec![fault], request_id: None }
    }

    /// The document, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = self.faults.first();
        let code = first.map(|fault| fault.code);
        let errors = self.faults.iter().take(FAULTS).map(FaultJson::of);
        let json = ProblemJson {
            kind: format!("{TYPE}{}", code.map_or("", Code::class)),
            title: code.map_or("", |code| code.title_in(Language::English)).to_owned(),
            status: self.status,
            code: code.map(|code| code.to_string()).unwrap_or_default(),
            detail: first.map(|fault| fault.message.clone()).unwrap_or_default(),
            errors: errors.collect(),
            request_id: self.request_id.clone(),
        };
        serde_json::to_vec(&json).unwrap_or_default()
    }

    /// Reads the document that came with a status; none when it is something else, or names no code that is known
    /// here. Nothing in it is believed: it is shown.
    pub fn parse(status: u16, bytes: &[u8]) -> Option<Self> {
        let json: ProblemJson = serde_json::from_slice(bytes).ok()?;
        let mut errors = json.errors;
        if errors.is_empty() {
            errors.push(FaultJson { code: json.code, detail: json.detail, ..FaultJson::default() });
        }
        let faults = faults(errors);
        let request_id = json.request_id.filter(|id| is_request_id(id));
        (!faults.is_empty()).then_some(Self { status, faults, request_id })
    }
}

impl FaultJson {
    pub(super) fn of(fault: &Diagnostic) -> Self {
        let place = (fault.place != Place::Whole).then(|| serde_json::to_value(&fault.place).ok()).flatten();
        Self {
            code: fault.code.to_string(),
            detail: fault.message.clone(),
            place,
            notes: fault.notes.iter().map(|note| note.text.clone()).collect(),
            hints: fault.help.clone(),
        }
    }
}

/// A place as it was sent; the whole when it is one that is not known here.
fn place(value: serde_json::Value) -> Place {
    match serde_json::from_value(value).unwrap_or_default() {
        Place::Frame { frame, frames, files } => {
            let files = files.iter().take(FAULTS).map(|path| shown(path)).collect();
            Place::Frame { frame, frames, files }
        }
        Place::File { path } => Place::File { path: shown(&path) },
        place => place,
    }
}

/// Faults as they were sent: those whose codes are known here.
pub(super) fn faults(errors: Vec<FaultJson>) -> Vec<Diagnostic> {
    let fault = |fault: FaultJson| {
        let plain = Diagnostic::new(Code::find(&fault.code)?, shown(&fault.detail));
        let plain = plain.at(fault.place.map(place).unwrap_or_default());
        let plain = fault.notes.iter().take(FAULTS).fold(plain, |fault, note| fault.note(shown(note), None));
        Some(fault.hints.iter().take(FAULTS).fold(plain, |fault, hint| fault.help(shown(hint))))
    };
    errors.into_iter().take(FAULTS).filter_map(fault).collect()
}

/// Whether a text can be the id of a request: it is shown beside commands that are to be pasted.
fn is_request_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&id.len()) && id.bytes().all(is_plain)
}

/// A text of another's, without what could move a cursor, and not too long.
pub(super) fn shown(text: &str) -> String {
    let mut end = text.len().min(TEXT_LEN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().replace(char::is_control, " ")
}

/// The status of a response that refuses for this reason.
pub fn status_of(code: Code) -> u16 {
    match code {
        Code::Unauthenticated => 401,
        Code::Limit => 413,
        Code::RateLimited => 429,
        Code::UploadClosed => 409,
        Code::Json => 400,
        Code::Busy | Code::Unavailable | Code::NoSpace => 503,
        Code::Io | Code::RegistryLayout | Code::StoreLayout => 500,
        Code::NotSupported => 501,
        code => match code.exit() {
            Exit::NotAllowed => 403,
            Exit::Exists => 409,
            _ => 422,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_read_back() {
        let fault =
            Diagnostic::new(Code::VersionExists, "a/b 1.0.0 is there".to_owned()).help("raise".into());
        let files = vec!["src/main.vit".to_owned()];
        let other = Diagnostic::new(Code::Cycle, "a needs a".to_owned())
            .at(Place::Frame { frame: 1, frames: 2, files })
            .note("a is a".to_owned(), None);
        let problem = Problem::new(vec![fault, other]);
        assert_eq!(problem.status, 409);
        assert_eq!(Problem::parse(409, &problem.to_bytes()), Some(problem.clone()));
        let text = String::from_utf8(problem.to_bytes()).unwrap();
        assert!(text.contains("https://vitte.dev/problems/version-exists"), "{text}");
    }

    #[test]
    fn what_is_shown_moves_no_cursor_and_has_an_end() {
        let long = "é".repeat(5000);
        let json = serde_json::json!({"code": "VP0606", "detail": format!("\u{1b}[2J{long}")}).to_string();
        let problem = Problem::parse(404, json.as_bytes()).unwrap();
        assert!(problem.faults[0].message.starts_with(" [2J"));
        assert!(problem.faults[0].message.len() <= TEXT_LEN);
        for (id, expected) in [("4bf92f35-1f", true), ("", false), ("$(rm)", false), (&"a".repeat(65), false)]
        {
            let json = serde_json::json!({"code": "VP0605", "request_id": id}).to_string();
            let problem = Problem::parse(503, json.as_bytes()).unwrap();
            assert_eq!(problem.request_id.as_deref(), expected.then_some(id));
        }
        for place in ["\"here\"", "{\"in\":\"orbit\"}", "{\"in\":\"line\"}", "null"] {
            let json = format!("{{\"errors\":[{{\"code\":\"VP0501\",\"place\":{place}}}]}}");
            let problem = Problem::parse(422, json.as_bytes()).unwrap();
            assert_eq!(problem.faults[0].place, Place::Whole, "{place}");
        }
        for bad in ["", "[]", "{}", "<html>", "{\"code\":\"VP9999\"}"] {
            assert_eq!(Problem::parse(500, bad.as_bytes()), None, "{bad}");
        }
    }
}
