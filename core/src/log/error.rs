//! What can be wrong with a checkpoint.

use super::note::NoteError;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::message::log as text;

/// A checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The note is refused.
    Note(NoteError),
    /// A line of the text is not what it must be.
    Syntax {
        /// Number of the line, from 1.
        line: u64,
    },
    /// It belongs to another log.
    Origin {
        /// Origins the policy knows.
        expected: String,
        /// Origin of the checkpoint.
        got: String,
    },
    /// Too few witnesses have cosigned.
    Quorum {
        /// Name of the quorum.
        quorum: String,
        /// Names of the witnesses that have.
        seen: String,
    },
}

impl Diagnose for CheckpointError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Note(error) => error.diagnostic(),
            Self::Syntax { line } => {
                Diagnostic::new(Code::Note, text::checkpoint_syntax(*line)).at(Place::Line { line: *line })
            }
            Self::Origin { expected, got } => {
                Diagnostic::new(Code::Origin, text::checkpoint_origin(got, expected))
                    .with("expected", expected.as_str())
                    .with("got", got.as_str())
            }
            Self::Quorum { quorum, seen } => {
                Diagnostic::new(Code::Note, text::checkpoint_quorum(quorum, seen))
            }
        }
    }
}
display_as_message!(CheckpointError);
