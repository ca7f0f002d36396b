//! What every code means, its usual causes and an example, from core's one table.

use super::frame::{Frame, Visit};
use super::{escape, format, words};
use crate::problem::Refusal;
use askama::Template;
use axum::response::Response;
use vitte_package_core::diagnostic::{Code, FileLines};
use vitte_package_core::message::language;

#[derive(Template)]
#[template(path = "explain.html")]
struct All {
    frame: Frame,
    count: String,
    rows: Vec<Row>,
}

struct Row {
    code: String,
    class: &'static str,
    title: &'static str,
}

/// `GET /explain`
pub(crate) fn all(visit: &Visit) -> Response {
    visit.page(200, |frame| {
        let row = |code: &Code| Row { code: code.to_string(), class: code.class(), title: code.title() };
        let count = Code::ALL.len() as u64;
        let count = words::codes_of(count, &format::number(count));
        let frame = frame.titled(&words::explain()).about(&words::explain_about()).at("explain");
        All { frame, count, rows: Code::ALL.iter().map(row).collect() }
    })
}

#[derive(Template)]
#[template(path = "code.html")]
struct One {
    frame: Frame,
    code: String,
    class: &'static str,
    title: &'static str,
    fix: &'static str,
    causes: &'static [&'static str],
    file: Option<FileLines>,
    is_shell: bool,
    typed: &'static str,
    printed: &'static str,
}

/// `GET /explain/{code}`
///
/// # Errors
/// 404 for what is no code.
pub(crate) fn one(visit: &Visit, text: &str) -> Result<Response, Refusal> {
    let code = Code::find(text).or_else(|| Code::find(&text.to_ascii_uppercase()));
    let code = code.ok_or_else(|| visit.missing())?;
    let canonical = format!("/explain/{code}");
    if visit.uri.path() != canonical {
        return Ok(visit.moved(&canonical));
    }
    Ok(visit.page(200, |frame| {
        let explanation = code.explanation();
        let example = explanation.example;
        One {
            frame: frame.titled(&code.to_string()).about(code.title()).at("explain"),
            code: code.to_string(),
            class: code.class(),
            title: code.title(),
            fix: code.fix(),
            causes: explanation.causes_in(language()),
            file: example.file,
            is_shell: matches!(example.language, vitte_package_core::diagnostic::Language::Shell),
            typed: example.typed,
            printed: example.printed,
        }
    }))
}
