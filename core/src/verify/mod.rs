//! One verdict about one archive: container, list of files, signatures and content, checked in one order by
//! one machine, wherever it runs (archive format document, section 7).
//!
//! [`PackageVerifier`] takes the bytes and hands out [`FrameJob`]s, which may be worked on in any order, on any
//! thread, by any decoder; it takes the results back in order, and ends in an [`Outcome`]: a [`VerifyReport`]
//! naming every check, and, only if all of them passed, a [`VerifiedPackage`]. What installs or publishes
//! takes nothing else.

mod error;
mod expectation;
mod frame;
mod machine;
mod reading;
pub(crate) mod report;
#[cfg(test)]
mod tests;

pub use error::VerifyError;
pub use expectation::{Expectation, Sections, Trust};
pub use frame::{CheckedFrame, ContentPart, DecodedFrame, FilePart, FrameJob, SuppliedDigests};
pub use machine::{Front, Outcome, PackageVerifier, VerifiedPackage, VerifyEvent};
pub use reading::{FileReading, OpenArchive, Opening};
pub use report::{Check, CheckId, CheckName, Release, ReleaseCheckId, Status, Verdict, VerifyReport};
