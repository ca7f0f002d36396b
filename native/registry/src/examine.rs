//! Archives, read once from first byte to last by the verifier that every client runs.

use crate::error::{Error, Result};
use crate::objects::{Objects, Reader};
use std::io::Read as _;
use vitte_package_codec::NativeDecoder;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::{Hasher, TreeDigest};
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::message::registry as core_text;
use vitte_package_core::registry::{ArchiveFacts, layout};
use vitte_package_core::verify::{Decoding, Expectation, PackageVerifier, Sections, Trust};

/// Verifies an archive, and says what its index line must say.
pub(crate) fn examine(
    mut file: Reader,
    artifact: &Artifact,
    expectation: Expectation,
    trust: Trust,
) -> Result<ArchiveFacts> {
    let mut verifier = PackageVerifier::new(expectation, trust, Sections::All, TotalLen::Unknown);
    let (mut hasher, mut size) = (Hasher::new(), 0u64);
    let (mut piece, mut decoding) = (vec![0; 256 * 1024], Decoding::new(NativeDecoder::new));
    loop {
        let read = file.read(&mut piece).map_err(|error| Error::storage("an archive", &error))?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
        size += read as u64;
        verifier.feed(bytes, &mut decoding);
    }
    let outcome = verifier.finish();
    match (outcome.package.zip(outcome.report.head()), outcome.report.failure()) {
        (Some((package, head)), _) => Ok(ArchiveFacts {
            core: core_line(package.manifest(), package.tree(), artifact.kind, &artifact.target),
            head,
            file: hasher.finish(),
            size,
        }),
        (None, Some(failure)) => Err(Error(vec![failure.clone()])),
        (None, None) => Err(Error::new(Code::Unsigned, Code::Unsigned.title().to_owned())),
    }
}

/// What is expected of the archive of a release, besides its tree.
pub(crate) fn expectation(artifact: &Artifact, tree: TreeDigest) -> Expectation {
    Expectation {
        tree: Some(tree),
        package: Some(artifact.package.clone()),
        version: Some(artifact.version.clone()),
        kind: Some(artifact.kind),
        target: Some(artifact.target.clone()),
        ..Expectation::default()
    }
}

/// Reads an archive of the registry whose identity the log gives.
pub(crate) fn archive_facts(files: &Objects, artifact: &Artifact, tree: TreeDigest) -> Result<ArchiveFacts> {
    let path = layout::archive(artifact);
    let missing = || Error::new(Code::RegistryLayout, core_text::registry_file_missing(&path));
    let file = files.open(&path)?.ok_or_else(missing)?.whole()?;
    examine(file, artifact, expectation(artifact, tree), Trust::Identity(tree))
}
