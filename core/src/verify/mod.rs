//! One verdict about one archive: container, list of files, signatures and content, checked in one order by
//! one machine, wherever it runs (archive format document, section 7).
//!
//! [`PackageVerifier`] takes the bytes and hands out [`FrameJob`]s, which may be worked on in any order, on any
//! thread, by any decoder; it takes the results back in order, and ends in an [`VerifyOutcome`]: a [`VerifyReport`]
//! naming every check, and, only if all of them passed, a [`VerifiedPackage`]. What installs or publishes
//! takes nothing else.
//!
//! ```
//! use vitte_package_core::archive::TotalLen;
//! use vitte_package_core::codec::PureDecoder;
//! use vitte_package_core::sign::{PublicKey, Scope, TrustPolicy, TrustedKey};
//! use vitte_package_core::verify::{Expectation, PackageVerifier, Sections, Status, Trust, VerifyEvent};
//!
//! # const ARCHIVE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases/archives/t00-good.vitpkg"));
//! # const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAoJql9HpnWYAv+VX43C0qFKXJnSO+l/hkEn/5ODRVpPA=\n-----END PUBLIC KEY-----\n";
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = PublicKey::from_pem(KEY)?;
//! let policy = TrustPolicy::new().trust(TrustedKey { key, scope: Scope::All });
//! let trust = Trust::Signatures(policy);
//! let total = TotalLen::Known(ARCHIVE.len() as u64);
//! let mut verifier = PackageVerifier::new(Expectation::default(), trust, Sections::All, total);
//! // Bytes in any pieces; frames are decoded wherever the caller likes.
//! for piece in ARCHIVE.chunks(100) {
//!     verifier.push(piece);
//!     while let Some(event) = verifier.next() {
//!         if let VerifyEvent::Frame(job, stored) = event? {
//!             let mut decoder = PureDecoder::new(job.codec());
//!             let frame = job.check(&stored, &mut decoder, Vec::new())?;
//!             verifier.accept(&frame)?;
//!         }
//!     }
//! }
//! let outcome = verifier.finish();
//! assert_eq!(outcome.report.status(), Some(Status::Verified));
//! let package = outcome.package.ok_or("only what is verified gives a package")?;
//! assert_eq!(package.manifest().name().as_str(), "demo/hello");
//! # Ok(())
//! # }
//! ```

mod error;
mod expectation;
mod feed;
mod frame;
mod machine;
mod reading;
pub(crate) mod report;
#[cfg(test)]
mod tests;

pub use error::VerifyError;
pub use expectation::{Expectation, Sections, Trust};
pub use feed::Decoding;
pub use frame::{CheckedFrame, ContentPart, DecodedFrame, FilePart, FrameJob, SuppliedDigests};
pub use machine::{
    ArchivePrelude, FilesVerifier, PackageVerifier, VerifiedPackage, VerifyEvent, VerifyOutcome,
};
pub use reading::{FileReading, OpenArchive, Opening};
pub use report::{Check, CheckId, CheckName, Release, ReleaseCheckId, Status, Verdict, VerifyReport};
