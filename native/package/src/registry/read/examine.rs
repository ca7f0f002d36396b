//! One archive, read once from first byte to last through core's verifier.

use super::directory::Directory;
use crate::error::Error;
use crate::message::store;
use crate::report::{Reporter, Task};
use std::io::Read;
use vitte_package_codec::NativeDecoder;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, Hasher, TreeDigest};
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::message::registry as core_text;
use vitte_package_core::registry::{ArchiveFacts, layout};
use vitte_package_core::verify::{
    Decoding, Expectation, PackageVerifier, Sections, Trust, VerifiedPackage, VerifyReport,
};

/// A package all of whose checks passed, with what is known about the file that held it.
#[derive(Debug)]
pub struct Examined {
    /// The package.
    pub package: VerifiedPackage,
    /// Head digest of the archive.
    pub head: Digest,
    /// Every check.
    pub report: VerifyReport,
    /// Digest of the whole file.
    pub file: Digest,
    /// Bytes of the file.
    pub size: u64,
}

/// Verifies the archive that `reader` gives.
///
/// # Errors
/// The fault the verifier reports first; `io` when reading fails.
pub fn examine(
    mut reader: impl Read,
    expectation: Expectation,
    trust: Trust,
    reporter: &dyn Reporter,
) -> Result<Examined, Error> {
    let mut verifier = PackageVerifier::new(expectation, trust, Sections::All, TotalLen::Unknown);
    let (mut hasher, mut size) = (Hasher::new(), 0u64);
    let (mut piece, mut decoding) = (vec![0; 256 * 1024], Decoding::new(NativeDecoder::new));
    reporter.started(Task::Verify, None);
    loop {
        let read = reader.read(&mut piece).map_err(|error| {
            let reason = crate::error::reason(&error);
            Diagnostic::new(Code::Io, store::read("archive", &reason))
        })?;
        if read == 0 {
            break;
        }
        hasher.update(&piece[..read]);
        size += read as u64;
        verifier.feed(&piece[..read], &mut decoding);
        reporter.advanced(Task::Verify, read as u64);
    }
    reporter.finished(Task::Verify);
    let outcome = verifier.finish();
    match (outcome.package.zip(outcome.report.head()), outcome.report.failure()) {
        (Some((package, head)), _) => {
            Ok(Examined { package, head, report: outcome.report, file: hasher.finish(), size })
        }
        (None, Some(failure)) => Err(failure.clone().into()),
        (None, None) => Err(Diagnostic::new(Code::Unsigned, Code::Unsigned.title().to_owned()).into()),
    }
}

/// Reads an archive of the registry whose identity the log gives, and what its index line must say.
///
/// # Errors
/// `not-found` when it is not there; what the verifier finds.
pub fn archive_facts(
    directory: &Directory,
    artifact: &Artifact,
    tree: TreeDigest,
    reporter: &dyn Reporter,
) -> Result<ArchiveFacts, Error> {
    let path = layout::archive(artifact);
    let missing = || {
        let message = core_text::registry_file_missing(&path);
        Error::from(Diagnostic::new(Code::NotFound, message))
    };
    let archive = directory.open(&path)?.ok_or_else(missing)?;
    let expectation = Expectation {
        tree: Some(tree),
        package: Some(artifact.package.clone()),
        version: Some(artifact.version.clone()),
        kind: Some(artifact.kind),
        ..Expectation::default()
    };
    let examined = examine(archive, expectation, Trust::Identity(tree), reporter)
        .map_err(|error| error.in_file(directory.file(&path)))?;
    let package = &examined.package;
    Ok(ArchiveFacts {
        core: core_line(package.manifest(), package.tree(), artifact.kind, &artifact.target),
        head: examined.head,
        file: examined.file,
        size: examined.size,
    })
}
