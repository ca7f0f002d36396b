//! What can be wrong with the form of an archive.

use crate::codec::CodecError;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::digest::{Digest, TreeDigest};
use crate::message::archive as text;
use crate::tree::TreeError;

/// An archive is malformed, cut short, or not what its own digests say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Another kind of file. Holds at most 16 of its first bytes.
    NotAPackage(Vec<u8>),
    /// The file ends before TOC and signatures do.
    HeadTooShort {
        /// Bytes there are.
        got: u64,
    },
    /// A major version of the format that this version does not read.
    Major(u16),
    /// Features that this version does not know: the bits of `incompat`.
    Incompat(u16),
    /// A field of HEAD has a value that does not exist.
    HeadField {
        /// Its name in the format document.
        field: &'static str,
        /// The value.
        got: u64,
    },
    /// A length in HEAD is above its limit.
    HeadLimit {
        /// Its name in the format document.
        field: &'static str,
        /// The value, in bytes.
        got: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A delta was given where an artifact is needed.
    Delta,
    /// At this offset TOC or SIGS should begin, and do not, or with another length than HEAD says.
    Skippable {
        /// Bytes from the start of the archive.
        offset: u64,
    },
    /// SIGS is longer than its limit; bytes.
    SigsLen(u64),
    /// The stored TOC is not the one HEAD names.
    TocDigest {
        /// What HEAD says.
        expected: Digest,
        /// What was read.
        got: Digest,
    },
    /// The stored TOC does not decompress.
    TocFrame(CodecError),
    /// The TOC is longer or shorter than HEAD says; bytes.
    TocLen {
        /// What HEAD says.
        expected: u64,
        /// What was read.
        got: u64,
    },
    /// The tree is not the one HEAD names.
    TreeDigest {
        /// What HEAD says.
        expected: TreeDigest,
        /// What was read.
        got: TreeDigest,
    },
    /// The tree breaks a rule.
    Tree(TreeError),
    /// A line of the frame table is malformed.
    FrameTableLine {
        /// Number of the line, from 1.
        line: u64,
        /// The line, cut to 140 characters.
        got: String,
    },
    /// The frame table has another number of frames than the tree needs.
    FrameCount {
        /// What the tree needs.
        expected: u64,
        /// What the table has, or one too many.
        got: u64,
    },
    /// A frame has another length before compression than the tree needs.
    FrameRawLen {
        /// Number of the frame, from 0.
        frame: u64,
        /// What the tree needs, in bytes.
        expected: u64,
        /// What the table says, in bytes.
        got: u64,
    },
    /// A frame is empty, or longer than it would be uncompressed.
    FrameStoredLen {
        /// Number of the frame, from 0.
        frame: u64,
        /// The limit, in bytes.
        limit: u64,
        /// What the table says, in bytes.
        got: u64,
    },
    /// The whole file is known to be shorter than its parts together; bytes.
    TotalLen {
        /// The sum of the parts.
        expected: u64,
        /// The length of the file.
        got: u64,
    },
    /// The whole file is known to be longer than its parts together, or bytes follow its end.
    TrailingData {
        /// The sum of the parts, in bytes.
        expected: u64,
        /// The length of the file, or of what was seen of it, in bytes.
        got: u64,
    },
    /// The last bytes are not the constant end.
    EndFrame {
        /// Where it begins, in bytes from the start.
        offset: u64,
    },
    /// A transfer ended too early. More bytes would have mended it.
    Truncated {
        /// Bytes received.
        got: u64,
        /// Bytes of the whole, where known.
        expected: Option<u64>,
    },
}

impl ArchiveError {
    pub(super) fn not_a_package(bytes: &[u8]) -> Self {
        Self::NotAPackage(bytes.iter().copied().take(16).collect())
    }
}

impl Diagnose for ArchiveError {
    fn diagnostic(&self) -> Diagnostic {
        let new = Diagnostic::new;
        let numbers = |code, message: String, expected: u64, got: u64| {
            new(code, message).with("expected", expected).with("got", got)
        };
        let digests = |code, message: String, expected: String, got: String| {
            new(code, message).with("expected", expected).with("got", got)
        };
        match self {
            Self::NotAPackage(bytes) => {
                let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
                let diagnostic = new(Code::NotAPackage, text::not_a_package(&hex)).with("got", hex);
                match foreign_format(bytes) {
                    Some(format @ ("gzip" | "zstd")) => diagnostic.help(text::not_a_package_foreign(format)),
                    Some(format) => diagnostic.help(text::not_a_package_unread(format)),
                    None => diagnostic,
                }
            }
            Self::HeadTooShort { got } => {
                new(Code::ArchiveLength, text::head_too_short(*got)).with("got", *got)
            }
            Self::Major(got) => new(Code::UnsupportedFormat, text::head_major(*got)).with("got", *got),
            Self::Incompat(got) => {
                new(Code::UnsupportedFormat, text::head_incompat(&format!("{got:#06x}"))).with("got", *got)
            }
            Self::HeadField { field, got } => {
                new(Code::UnsupportedFormat, text::head_field(field, *got)).with("got", *got)
            }
            Self::HeadLimit { field, got, limit } => new(Code::Limit, text::head_limit(field, *got, *limit))
                .with("limit", *limit)
                .with("got", *got),
            Self::Delta => new(Code::NotAPackage, text::archive_is_delta()),
            Self::Skippable { offset } => {
                new(Code::FrameSyntax, text::skippable(*offset)).at(Place::Offset { offset: *offset })
            }
            Self::SigsLen(got) => {
                let limit = u64::from(crate::limits::SIGS_LEN);
                new(Code::Limit, text::sigs_len(*got, limit)).with("limit", limit).with("got", *got)
            }
            Self::TocDigest { expected, got } => {
                digests(Code::TocDigest, text::toc_digest(), expected.tagged(), got.tagged())
            }
            Self::TocFrame(error) => {
                let inner = error.diagnostic();
                Diagnostic { message: text::toc_frame(&inner.message), ..inner }
            }
            Self::TocLen { expected, got } => {
                numbers(Code::FrameSyntax, text::toc_len(*expected, *got), *expected, *got)
            }
            Self::TreeDigest { expected, got } => {
                digests(Code::TreeDigest, text::tree_digest(), expected.to_string(), got.to_string())
            }
            Self::Tree(error) => error.diagnostic(),
            Self::FrameTableLine { line, got } => {
                new(Code::FrameSyntax, text::frame_table_line(*line, got)).at(Place::Line { line: *line })
            }
            Self::FrameCount { expected, got } => {
                numbers(Code::FrameSyntax, text::frame_count(*expected, *got), *expected, *got)
            }
            Self::FrameRawLen { frame, expected, got } => {
                numbers(Code::FrameSyntax, text::frame_raw_len(*frame, *expected, *got), *expected, *got)
            }
            Self::FrameStoredLen { frame, limit, got } => {
                new(Code::FrameSyntax, text::frame_stored_len(*frame, *got, *limit))
                    .with("limit", *limit)
                    .with("got", *got)
            }
            Self::TotalLen { expected, got } => {
                numbers(Code::ArchiveLength, text::total_len(*expected, *got), *expected, *got)
            }
            Self::TrailingData { expected, got } => {
                numbers(Code::TrailingData, text::trailing_data(*expected, *got), *expected, *got)
                    .at(Place::Offset { offset: *expected })
            }
            Self::EndFrame { offset } => {
                new(Code::TrailingData, text::end_frame(*offset)).at(Place::Offset { offset: *offset })
            }
            Self::Truncated { got, expected: Some(expected) } => {
                numbers(Code::Truncated, text::truncated_of(*got, *expected), *expected, *got)
            }
            Self::Truncated { got, expected: None } => {
                new(Code::Truncated, text::truncated(*got)).with("got", *got)
            }
        }
    }
}
display_as_message!(ArchiveError);

/// What the first bytes look like instead, where a hint helps.
fn foreign_format(bytes: &[u8]) -> Option<&'static str> {
    [
        (&[0x1F, 0x8B][..], "gzip"),
        (&[0x28, 0xB5, 0x2F, 0xFD], "zstd"),
        (b"PK\x03\x04", "zip"),
        (&[0xFD, b'7', b'z', b'X', b'Z', 0], "xz"),
        (b"BZh", "bzip2"),
    ]
    .into_iter()
    .find_map(|(magic, name)| bytes.starts_with(magic).then_some(name))
}
