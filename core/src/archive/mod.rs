//! The bytes of `.vitpkg` and `.vitmod` (archive format document, sections 2 to 4 and 7).
//!
//! An archive is, in this order: an empty frame, so that ordinary tools take the file for a compressed tar;
//! [`Head`]; the [`Toc`], which is the tree and the table of frames; the signatures; the content frames; a
//! constant end. What the decompressed content must be follows from the tree alone: [`Layout`] says which
//! header, content and padding each frame holds, and nothing in here ever parses a tar header.
//!
//! [`ArchiveReader`] is a push machine over these bytes, [`ArchiveWriter`] makes them. Neither trusts or
//! proves anything beyond the form: that is the business of [`crate::verify`].

mod error;
pub mod foreign;
mod frames;
mod front;
mod head;
mod layout;
pub mod plan;
mod reader;
mod toc;
mod ustar;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

pub use error::ArchiveError;
pub use frames::{FrameInfo, FrameTable};
pub(crate) use front::{FrontParts, front_len, front_parts};
pub use head::{ArchiveKind, Head};
pub use layout::{FrameSpan, Layout, Part};
pub(crate) use reader::check_end;
pub use reader::{ArchiveEvent, ArchiveReader, TotalLen};
pub use toc::Toc;
pub use ustar::header as ustar_header;
pub(crate) use writer::front;
pub use writer::{ArchiveWriter, end_frame, with_signatures};
