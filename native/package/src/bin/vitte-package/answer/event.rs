//! The lines that `--progress json` writes to stderr.

use super::Diagnostic;
use serde::Serialize;
use vitte_package_core::diagnostic::Code;

/// One line on stderr with `--progress json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event<'a> {
    /// A task began.
    Started {
        /// The task.
        task: &'static str,
        /// How many bytes it will take, if that is known.
        total: Option<u64>,
    },
    /// A task has come so far.
    Advanced {
        /// The task.
        task: &'static str,
        /// How many bytes are done.
        done: u64,
        /// How many bytes it will take, if that is known.
        total: Option<u64>,
    },
    /// A task is done, or was given up.
    Finished {
        /// The task.
        task: &'static str,
        /// How many bytes were done.
        done: u64,
    },
    /// With `-v`: what was decided, and why.
    Decided {
        /// In words.
        text: &'a str,
    },
    /// Something that needs attention and did not stop the command.
    Warning {
        /// The stable code.
        code: Code,
        /// In words.
        text: &'a str,
    },
    /// The command failed by this.
    Error {
        /// The fault, as it would stand in the answer.
        diagnostic: Box<Diagnostic<'a>>,
    },
}
