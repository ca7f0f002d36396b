//! Errors as GitHub's workflow commands, which the service shows beside the lines they are about.
//! Source: "Workflow commands for GitHub Actions", Setting an error message.

use crate::render;
use std::fmt::Write as _;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Place;

/// Errors at most: the service shows no more of a step.
const SHOWN: usize = 10;

/// A command for each fault.
pub(crate) fn of(error: &Error) -> String {
    let mut commands = String::new();
    for fault in error.faults().take(SHOWN) {
        let diagnostic = fault.diagnostic();
        let mut properties = Vec::new();
        if let Some(subject) = fault.subject() {
            properties.push(format!("file={}", property(&subject.to_string())));
            match (&diagnostic.place, fault.source_text()) {
                (Place::Source(span), Some(source)) => {
                    let (line, column) = render::line_and_column(source, span.start);
                    properties.push(format!("line={line},col={column}"));
                }
                (Place::Line { line }, _) => properties.push(format!("line={line}")),
                _ => {}
            }
        }
        properties.push(format!("title={}", diagnostic.code));
        let _ = writeln!(commands, "::error {}::{}", properties.join(","), data(&diagnostic.message));
    }
    commands
}

/// Text that cannot end the command.
fn data(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\r') { ' ' } else { c }).collect();
    plain.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text that cannot end its property either.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
