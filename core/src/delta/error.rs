//! What can be wrong with a delta.

use crate::archive::ArchiveError;
use crate::codec::CodecError;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::digest::{Digest, TreeDigest};
use crate::message::delta as text;
use crate::tree::TreeError;

/// A patch cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatchFault {
    /// A number is cut short, has more bytes than it needs, or is 2^32 or more.
    Number,
    /// The lengths of columns or of their frames are above a limit, or do not add up.
    ColumnLen,
    /// Ends before what its numbers announce.
    Truncated,
    /// A column ends too early, or is not used to its end.
    ColumnEnd,
    /// Takes bytes from before the beginning or behind the end of the base.
    OutsideBase,
    /// A run of changed bytes is empty, or goes beyond what its step takes from the base.
    Run,
    /// Gives another number of bytes than was stated.
    Output,
    /// A frame in it cannot be decoded, or one cannot be made.
    Codec(CodecError),
    /// The steps that a patch was to be made of do not lead from the base to the new bytes. Only when making one.
    Step,
}

/// A rule of the text of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeltaRule {
    /// The first line is `vitte-delta 1`.
    FirstLine,
    /// The second line is `from`, a space and a digest.
    From,
    /// The third line is `to`, a space and the digest that HEAD has.
    To,
    /// The fourth line is `tree` and two lengths.
    Tree,
    /// All others are `p METHOD RAW_LEN STORED_LEN SHA256 BASE`, and there is at least one.
    Patch,
    /// The base of the first patch is `tree`, that of all others a list of files or places.
    Base,
    /// The lengths of the patches do not add up to the files that are not reused, or of the first one to the tree.
    Sum,
}

/// A delta cannot be read or applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeltaError {
    /// The outside is not that of an archive.
    Archive(ArchiveError),
    /// It is a package or module, and no delta.
    NotADelta,
    /// The text breaks a rule in this line, counted from 1; 0 when no one line does.
    Text(u32, DeltaRule),
    /// A length is above its limit.
    Limit {
        /// What it is the length of: a word of the format.
        what: &'static str,
        /// The length.
        got: u64,
        /// Its limit.
        limit: u64,
    },
    /// It begins from another tree than the one at hand.
    OtherBase {
        /// The tree it begins from.
        expected: TreeDigest,
        /// The one at hand.
        got: TreeDigest,
    },
    /// The stored bytes of a patch are not those that were listed.
    PatchDigest {
        /// Its number, from 0.
        patch: u64,
        /// What the text says.
        expected: Digest,
        /// What they have.
        got: Digest,
    },
    /// A patch cannot be applied.
    Patch {
        /// Its number, from 0.
        patch: u64,
        /// Why.
        fault: PatchFault,
    },
    /// The new list of files is malformed.
    Tree(TreeError),
    /// The new list of files has another digest than announced.
    TreeDigest {
        /// What HEAD says.
        expected: TreeDigest,
        /// What came.
        got: TreeDigest,
    },
    /// A base was given that has another length than the one asked for.
    BaseLen {
        /// The patch, from 0.
        patch: u64,
        /// The length asked for.
        expected: u64,
        /// What was given.
        got: u64,
    },
}

/// Compares a length with its limit.
pub(super) fn limit(what: &'static str, got: u64, limit: u64) -> Result<(), DeltaError> {
    if got > limit { Err(DeltaError::Limit { what, got, limit }) } else { Ok(()) }
}

impl From<ArchiveError> for DeltaError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl From<TreeError> for DeltaError {
    fn from(error: TreeError) -> Self {
        Self::Tree(error)
    }
}

impl PatchFault {
    fn words(&self) -> String {
        match self {
            Self::Number => text::patch_number(),
            Self::ColumnLen => text::patch_column_len(),
            Self::Truncated => text::patch_truncated(),
            Self::ColumnEnd => text::patch_column_end(),
            Self::OutsideBase => text::patch_outside_base(),
            Self::Run => text::patch_run(),
            Self::Output => text::patch_output(),
            Self::Codec(error) => error.to_string(),
            Self::Step => text::patch_step(),
        }
        .to_string()
    }
}

impl DeltaRule {
    fn words(self) -> String {
        match self {
            Self::FirstLine => text::rule_first_line(),
            Self::From => text::rule_from(),
            Self::To => text::rule_to(),
            Self::Tree => text::rule_tree(),
            Self::Patch => text::rule_patch(),
            Self::Base => text::rule_base(),
            Self::Sum => text::rule_sum(),
        }
        .to_string()
    }
}

impl Diagnose for DeltaError {
    fn diagnostic(&self) -> Diagnostic {
        let malformed = |message| Diagnostic::new(Code::Delta, message);
        match self {
            Self::Archive(error) => error.diagnostic(),
            Self::Tree(error) => error.diagnostic(),
            Self::NotADelta => malformed(text::not_a_delta()),
            Self::Text(0, rule) => malformed(text::delta_text(&rule.words())),
            Self::Text(line, rule) => {
                malformed(text::delta_text(&rule.words())).at(Place::Line { line: (*line).into() })
            }
            Self::Limit { what, got, limit } => {
                Diagnostic::new(Code::Limit, text::delta_limit(what, *got, *limit))
                    .with("got", *got)
                    .with("limit", *limit)
            }
            Self::OtherBase { expected, got } => malformed(text::other_base(&expected.to_string()))
                .with("expected", expected.to_string())
                .with("got", got.to_string()),
            Self::PatchDigest { patch, expected, got } => {
                Diagnostic::new(Code::FrameDigest, text::patch_digest(*patch))
                    .with("expected", expected.to_string())
                    .with("got", got.to_string())
            }
            Self::Patch { patch, fault } => malformed(text::patch_fault(*patch, &fault.words())),
            Self::TreeDigest { expected, got } => Diagnostic::new(Code::TreeDigest, text::new_tree_digest())
                .with("expected", expected.to_string())
                .with("got", got.to_string()),
            Self::BaseLen { patch, expected, got } => {
                malformed(text::base_len(*patch)).with("expected", *expected).with("got", *got)
            }
        }
    }
}
display_as_message!(DeltaError);
