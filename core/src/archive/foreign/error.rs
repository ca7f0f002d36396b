//! Why a foreign archive is refused.

use super::{EXTENSION_LEN, EntryKind};
use crate::codec::CodecError;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::limits;
use crate::message::archive as text;
use crate::path::PathError;

/// Why tools would disagree about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ambiguity {
    /// The PAX size differs from the header's.
    Size,
    /// More than one extension header names the entry.
    TwoExtensions,
    /// An extension header is longer than 64 KiB.
    LongExtension,
    /// PAX records are malformed, or one occurs twice.
    Pax,
    /// A global PAX header says more than a comment.
    Global,
    /// A name is empty or has a NUL byte.
    Name,
    /// A sparse file.
    Sparse,
    /// Something that is not a file has content.
    LinkContent,
    /// An entry type few tools know.
    Type,
}

impl Ambiguity {
    /// The short name, as test cases have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::TwoExtensions => "two-extensions",
            Self::LongExtension => "long-extension",
            Self::Pax => "pax",
            Self::Global => "global",
            Self::Name => "name",
            Self::Sparse => "sparse",
            Self::LinkContent => "link-content",
            Self::Type => "type",
        }
    }
}

/// A foreign archive cannot be read, or not be made into a package. Offsets count in the inflated tar.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignError {
    /// None of the formats.
    Unknown,
    /// Cannot be inflated.
    Codec(CodecError),
    /// Ends within an entry.
    Truncated(u64),
    /// A header's field is malformed.
    Header {
        /// Where the header begins.
        offset: u64,
        /// The field.
        field: &'static str,
    },
    /// Tools would read it differently.
    Ambiguous {
        /// Where the header begins.
        offset: u64,
        /// Why.
        what: Ambiguity,
    },
    /// Bytes follow the end of the archive, which is at this offset.
    Trailing(u64),
    /// More than [`limits::TREE_ENTRIES`] entries.
    Entries,
    /// A file above [`limits::FILE_LEN`].
    FileLength {
        /// Where its header begins.
        offset: u64,
        /// Its length.
        size: u64,
    },
    /// An entry is neither file nor folder.
    NotRegular {
        /// Its name.
        name: String,
        /// What it is.
        kind: EntryKind,
    },
    /// A path breaks the rules of packages.
    Path(PathError),
}

impl From<CodecError> for ForeignError {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}

impl From<PathError> for ForeignError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl Diagnose for ForeignError {
    fn diagnostic(&self) -> Diagnostic {
        let at = |offset: &u64| Place::Offset { offset: *offset };
        match self {
            Self::Unknown => Diagnostic::new(Code::NotAPackage, text::foreign_unknown()),
            Self::Codec(error) => {
                let mut diagnostic = error.diagnostic();
                if diagnostic.code == Code::FrameSyntax {
                    diagnostic.code = Code::ForeignArchive;
                }
                diagnostic
            }
            Self::Path(error) => error.diagnostic(),
            Self::Truncated(offset) => {
                Diagnostic::new(Code::ForeignArchive, text::foreign_truncated()).at(at(offset))
            }
            Self::Header { offset, field } => {
                Diagnostic::new(Code::ForeignArchive, text::foreign_header(field))
                    .at(at(offset))
                    .with("field", *field)
            }
            Self::Ambiguous { offset, what } => {
                let message = match what {
                    Ambiguity::Size => text::foreign_size(),
                    Ambiguity::TwoExtensions => text::foreign_two_extensions(),
                    Ambiguity::LongExtension => text::foreign_long_extension(EXTENSION_LEN),
                    Ambiguity::Pax => text::foreign_pax(),
                    Ambiguity::Global => text::foreign_global(),
                    Ambiguity::Name => text::foreign_name(),
                    Ambiguity::Sparse => text::foreign_sparse(),
                    Ambiguity::LinkContent => text::foreign_link_content(),
                    Ambiguity::Type => text::foreign_type(),
                };
                Diagnostic::new(Code::EntryType, message).at(at(offset)).with("rule", what.name())
            }
            Self::Trailing(offset) => {
                Diagnostic::new(Code::ForeignArchive, text::foreign_trailing()).at(at(offset))
            }
            Self::Entries => Diagnostic::new(Code::Limit, text::foreign_entries(limits::TREE_ENTRIES as u64)),
            Self::FileLength { offset, size } => {
                Diagnostic::new(Code::Limit, text::foreign_file_length(*size, limits::FILE_LEN))
                    .at(at(offset))
            }
            Self::NotRegular { name, kind } => {
                let message = match kind {
                    EntryKind::Symlink(target) => text::foreign_symlink(name, target),
                    EntryKind::HardLink(target) => text::foreign_hard_link(name, target),
                    _ => text::foreign_special(name),
                };
                Diagnostic::new(Code::EntryType, message)
                    .at(Place::File { path: name.clone() })
                    .help(text::foreign_not_regular_hint())
            }
        }
    }
}
display_as_message!(ForeignError);
