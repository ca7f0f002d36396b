//! Why a verification fails.

use super::CheckId;
use crate::archive::ArchiveError;
use crate::codec::CodecError;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::digest::{Digest, TreeDigest};
use crate::message::verify as text;
use crate::sign::{Fact, SignError};
use crate::target::Kind;

/// Where in the content a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramePlace {
    /// Number of the frame, from 0.
    pub frame: u64,
    /// How many content frames the archive has.
    pub frames: u64,
    /// Paths of the files that have bytes in it.
    pub files: Vec<String>,
}

/// An archive fails a check, or the check could not be made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The form of the archive.
    Archive(ArchiveError),
    /// The identity is not the one expected.
    UnexpectedTree {
        /// What was expected.
        expected: TreeDigest,
        /// What HEAD says.
        got: TreeDigest,
    },
    /// The kind is not the one expected.
    UnexpectedKind {
        /// What was expected.
        expected: Kind,
        /// What HEAD says.
        got: Kind,
    },
    /// The signatures contradict the archive, or themselves.
    Sign(SignError),
    /// There are no proofs that lead from the signatures to the trust root.
    Unproven,
    /// The stored bytes of a frame do not have the digest of the frame table. Nothing was decompressed.
    FrameDigest {
        /// The frame.
        place: FramePlace,
        /// What the frame table says.
        expected: Digest,
        /// What was read.
        got: Digest,
    },
    /// A frame does not decompress to what it must.
    FrameDecode {
        /// The frame.
        place: FramePlace,
        /// What is wrong with it.
        error: CodecError,
    },
    /// A decoder gave another number of bytes than it was asked for.
    FrameLength {
        /// The frame.
        place: FramePlace,
        /// Bytes asked for.
        expected: u64,
        /// Bytes given.
        got: u64,
    },
    /// A tar header is not the one that follows from the tree.
    HeaderMismatch {
        /// The frame.
        place: FramePlace,
        /// The file it comes before.
        path: String,
    },
    /// Padding is not zero.
    Padding {
        /// The frame.
        place: FramePlace,
        /// The file it comes after.
        path: String,
    },
    /// The content of a file does not have the digest of the tree.
    FileDigest {
        /// The file.
        path: String,
        /// What the tree says.
        expected: Digest,
        /// What was read.
        got: Digest,
    },
    /// The packed manifest names another package or version than was signed or expected.
    ManifestName {
        /// Name and version expected.
        expected: String,
        /// Name and version in the manifest.
        got: String,
    },
    /// The packed manifest is malformed: its faults, at least one.
    ManifestUnreadable(Vec<Diagnostic>),
    /// A frame was accepted that had been checked against another archive's table of contents: a fault of the
    /// program that drives the machine.
    OtherArchive {
        /// Number of the frame, from 0.
        frame: u64,
    },
    /// Frames were accepted in another order than theirs: a fault of the program that drives the machine.
    FrameOrder {
        /// Number of the frame that comes next, from 0.
        expected: u64,
        /// Number of the frame that came.
        got: u64,
    },
    /// The end was declared before all frames were checked; so many are missing.
    Incomplete(u64),
    /// The end was declared before all files that do not come in frames were there; so many are missing.
    FilesMissing(u64),
}

impl VerifyError {
    /// The check that fails with this error.
    pub fn check(&self) -> CheckId {
        match self {
            Self::Archive(error) => match error {
                ArchiveError::TocDigest { .. }
                | ArchiveError::TocFrame(_)
                | ArchiveError::TocLen { .. }
                | ArchiveError::FrameTableLine { .. }
                | ArchiveError::FrameCount { .. }
                | ArchiveError::FrameRawLen { .. }
                | ArchiveError::FrameStoredLen { .. } => CheckId::Toc,
                ArchiveError::TreeDigest { .. } | ArchiveError::Tree(_) => CheckId::Tree,
                ArchiveError::TrailingData { .. } | ArchiveError::EndFrame { .. } => CheckId::End,
                _ => CheckId::Container,
            },
            Self::UnexpectedTree { .. } => CheckId::Identity,
            Self::UnexpectedKind { .. } => CheckId::Subject,
            Self::Sign(error) => match error {
                SignError::Mismatch { fact: Fact::Registry, .. } => CheckId::Registry,
                SignError::Mismatch { fact: Fact::Manifest, .. } => CheckId::Manifest,
                SignError::Mismatch { .. } => CheckId::Subject,
                SignError::KeyNotAuthorised { .. }
                | SignError::Pinned { .. }
                | SignError::Threshold { .. } => CheckId::Key,
                _ => CheckId::Signature,
            },
            Self::Unproven => CheckId::Key,
            Self::FrameDigest { .. }
            | Self::FrameDecode { .. }
            | Self::FrameLength { .. }
            | Self::OtherArchive { .. }
            | Self::FrameOrder { .. }
            | Self::Incomplete(_) => CheckId::Frames,
            Self::HeaderMismatch { .. } | Self::Padding { .. } => CheckId::Headers,
            Self::FileDigest { .. } | Self::FilesMissing(_) => CheckId::Files,
            Self::ManifestName { .. } | Self::ManifestUnreadable(_) => CheckId::Manifest,
        }
    }
}

impl From<ArchiveError> for VerifyError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl From<SignError> for VerifyError {
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}

impl Diagnose for VerifyError {
    fn diagnostic(&self) -> Diagnostic {
        let new = Diagnostic::new;
        let at = |diagnostic: Diagnostic, place: &FramePlace| {
            diagnostic.at(Place::Frame {
                frame: place.frame,
                frames: place.frames,
                files: place.files.clone(),
            })
        };
        let two = |diagnostic: Diagnostic, expected: String, got: String| {
            diagnostic.with("expected", expected).with("got", got)
        };
        match self {
            Self::Archive(error) => error.diagnostic(),
            Self::Sign(error) => error.diagnostic(),
            Self::UnexpectedTree { expected, got } => {
                let (expected, got) = (expected.to_string(), got.to_string());
                two(new(Code::TreeDigest, text::unexpected_tree(&expected, &got)), expected, got)
            }
            Self::UnexpectedKind { expected, got } => {
                let (expected, got) = (expected.to_string(), got.to_string());
                two(new(Code::SubjectMismatch, text::unexpected_kind(&expected, &got)), expected, got)
            }
            Self::Unproven => new(Code::NoProof, text::unproven()).help(text::unproven_help()),
            Self::FrameDigest { place, expected, got } => {
                let diagnostic = new(Code::FrameDigest, text::frame_digest(place.frame + 1, place.frames));
                at(two(diagnostic, expected.tagged(), got.tagged()), place)
            }
            Self::FrameDecode { place, error } => {
                let inner = error.diagnostic();
                let message = text::frame_decode(place.frame + 1, place.frames, &inner.message);
                at(Diagnostic { message, ..inner }, place)
            }
            Self::FrameLength { place, expected, got } => {
                let message = text::frame_length(place.frame + 1, *expected, *got);
                at(new(Code::FrameSyntax, message).with("expected", *expected).with("got", *got), place)
            }
            Self::HeaderMismatch { place, path } => {
                let diagnostic = new(Code::HeaderMismatch, text::header_mismatch(path));
                at(diagnostic.with("path", path.as_str()), place)
            }
            Self::Padding { place, path } => {
                let diagnostic = new(Code::HeaderMismatch, text::padding(path));
                at(diagnostic.with("path", path.as_str()), place)
            }
            Self::FileDigest { path, expected, got } => {
                let diagnostic = new(Code::FileDigest, text::file_digest(path));
                two(diagnostic, expected.tagged(), got.tagged()).at(Place::File { path: path.clone() })
            }
            Self::ManifestName { expected, got } => {
                let diagnostic = new(Code::ManifestMismatch, text::manifest_name(expected, got));
                two(diagnostic, expected.clone(), got.clone())
            }
            Self::ManifestUnreadable(faults) => {
                let messages = faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>();
                let code = faults.first().map_or(Code::ManifestSyntax, |fault| fault.code);
                new(code, text::manifest_unreadable(&messages.join("; ")))
                    .at(Place::File { path: crate::tree::MANIFEST_PATH.to_owned() })
            }
            Self::OtherArchive { frame } => new(Code::SubjectMismatch, text::other_archive(*frame + 1)),
            Self::FrameOrder { expected, got } => {
                new(Code::FrameSyntax, text::frame_order(*expected + 1, *got + 1))
            }
            Self::FilesMissing(missing) => new(Code::Truncated, text::files_missing(*missing)),
            Self::Incomplete(missing) => new(Code::Truncated, text::incomplete(*missing)),
        }
    }
}
display_as_message!(VerifyError);
