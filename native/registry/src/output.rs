//! What the program says to the operator.

use crate::error::Error;
use std::io::Write as _;

/// A line of a result.
pub(crate) fn line(text: &str) {
    // A closed pipe is the reader's choice.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// What happens while a program goes on.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Why a command failed.
pub(crate) fn error(error: &Error) {
    let mut out = std::io::stderr().lock();
    for fault in &error.0 {
        let _ = writeln!(out, "error[{}]: {}", fault.code, fault.message);
        for help in &fault.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
}
