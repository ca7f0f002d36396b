//! The machine for packages that do not come as an archive: their list of files and their signatures are here, and each
//! file is made of others.

use super::contents::Contents;
use super::prelude::{Prelude, Subject};
use super::{Diagnostic, Expectation, Sections, Status, Trust, VerifyError, VerifyOutcome};
use crate::digest::{Digest, TreeDigest};
use crate::message::verify as text;
use crate::target::Kind;
use crate::tree::Tree;
use crate::verify::CheckId;
use std::sync::Arc;

/// Verifies a package that was made of an older one and a delta, or of files that are here already. It ends in the same
/// checks as [`PackageVerifier`](super::PackageVerifier), but for those of an archive's form.
///
/// ```
/// use std::sync::Arc;
/// use vitte_package_core::digest::Digest;
/// use vitte_package_core::tree::Tree;
/// use vitte_package_core::target::Kind;
/// use vitte_package_core::verify::{Expectation, FilesVerifier, Sections, Status, Trust};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let manifest = b"[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\n";
/// let list = format!(
///     "vitte-tree 1\ns meta\nf {} {} vitte.toml\ns -\nf 3 {} a.txt\n",
///     manifest.len(), Digest::of(manifest), Digest::of(b"abc"),
/// );
/// let tree = Arc::new(Tree::parse(list.into_bytes())?);
/// let trust = Trust::Identity(tree.digest());
/// let mut verifier = FilesVerifier::new(
///     Expectation::default(), trust, Sections::All, Kind::Vitmod, tree, b"",
/// );
/// assert_eq!(verifier.status_if_intact(), Status::Verified);
/// verifier.accept_manifest(manifest)?;
/// verifier.accept_file(1, Digest::of(b"abc"))?;
/// let outcome = verifier.finish();
/// assert_eq!(outcome.report.status(), Some(Status::Verified));
/// assert_eq!(outcome.package.ok_or("verified")?.manifest().name().as_str(), "demo/hello");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FilesVerifier {
    prelude: Prelude,
    contents: Contents,
    sections: Sections,
    kind: Kind,
}

impl FilesVerifier {
    /// Judges the prelude: the list of files, and the SIGS payload that came with it. What it finds wrong is in
    /// [`reason`](Self::reason) and in the report.
    pub fn new(
        expectation: Expectation,
        trust: Trust,
        sections: Sections,
        kind: Kind,
        tree: Arc<Tree>,
        signatures: &[u8],
    ) -> Self {
        let mut prelude = Prelude::new(expectation, trust);
        for id in [CheckId::Container, CheckId::Toc, CheckId::Frames, CheckId::Headers, CheckId::End] {
            prelude.verdicts.not_asked(id);
        }
        let judged = prelude.check_identity(kind, tree.digest()).and_then(|()| {
            prelude.verdicts.passed(CheckId::Tree, text::found_tree(&tree.digest().to_string()));
            prelude.check_signatures(kind, &tree, signatures)
        });
        if let Err(error) = judged {
            prelude.fail(error);
        }
        let contents = Contents::new(tree, &sections);
        Self { prelude, contents, sections, kind }
    }

    /// The list of files.
    pub fn tree(&self) -> &Arc<Tree> {
        self.contents.tree()
    }

    /// What the verdict will be if all content turns out right: never [`Status::Tampered`], unless the signatures
    /// contradict the list of files.
    pub fn status_if_intact(&self) -> Status {
        match self.prelude.has_failed() {
            true => Status::Tampered,
            false => self.prelude.status_if_intact(),
        }
    }

    /// Why it will not be [`Status::Verified`]; none if it will.
    pub fn reason(&self) -> Option<Diagnostic> {
        self.prelude.failure().or_else(|| self.prelude.reason())
    }

    /// Takes the manifest, the first file.
    ///
    /// # Errors
    /// [`VerifyError::FileDigest`], [`VerifyError::ManifestName`], [`VerifyError::ManifestUnreadable`] and
    /// [`VerifyError::Sign`], as [`PackageVerifier::accept`](super::PackageVerifier::accept).
    pub fn accept_manifest(&mut self, bytes: &[u8]) -> Result<(), VerifyError> {
        accept_manifest(&mut self.prelude, &mut self.contents, bytes)
    }

    /// Takes a file, by the digest of its content as it was written. Files may come in any order; the manifest by
    /// [`accept_manifest`](Self::accept_manifest).
    ///
    /// # Errors
    /// [`VerifyError::FileDigest`].
    pub fn accept_file(&mut self, entry: usize, digest: Digest) -> Result<(), VerifyError> {
        accept_file(&mut self.prelude, &mut self.contents, entry, digest)
    }

    /// Notes that bringing a file failed, so that the report says so.
    pub fn reject(&mut self, error: VerifyError) {
        self.prelude.fail(error);
    }

    /// Ends the verification. A package of which a file was not accepted is not verified.
    pub fn finish(mut self) -> VerifyOutcome {
        match self.contents.missing() {
            0 => pass_files(&mut self.prelude, &self.contents, &self.sections),
            missing => {
                self.prelude.fail(VerifyError::FilesMissing(missing as u64));
            }
        }
        let digest: TreeDigest = self.contents.tree().digest();
        let tree = Arc::clone(self.contents.tree());
        self.prelude.finish(Subject {
            kind: Some(self.kind),
            head: None,
            digest: Some(digest),
            tree: Some(tree),
            sections: self.sections,
        })
    }
}

/// Takes the manifest by itself.
pub(super) fn accept_manifest(
    prelude: &mut Prelude,
    contents: &mut Contents,
    bytes: &[u8],
) -> Result<(), VerifyError> {
    let tree = Arc::clone(contents.tree());
    let result =
        contents.accept_file(0, Digest::of(bytes)).and_then(|()| prelude.check_manifest(bytes, &tree));
    result.map_err(|error| prelude.fail(error))
}

/// Takes a file by itself. The first is the manifest, whose bytes have to be seen.
pub(super) fn accept_file(
    prelude: &mut Prelude,
    contents: &mut Contents,
    entry: usize,
    digest: Digest,
) -> Result<(), VerifyError> {
    if entry == 0 || entry >= contents.tree().entries().len() {
        return Err(prelude.fail(VerifyError::FilesMissing(contents.missing() as u64)));
    }
    contents.accept_file(entry, digest).map_err(|error| prelude.fail(error))
}

/// All files of these sections have their digests.
pub(super) fn pass_files(prelude: &mut Prelude, contents: &Contents, sections: &Sections) {
    let (files, bytes) = totals(contents.tree(), sections);
    prelude.verdicts.passed(CheckId::Files, text::found_files(files, bytes));
}

/// Files of these sections, and their bytes.
pub(super) fn totals(tree: &Tree, sections: &Sections) -> (u64, u64) {
    let read = tree.sections().filter(|section| sections.contains(section.name()));
    read.fold((0, 0), |(files, bytes), section| {
        (files + section.entries().len() as u64, bytes + section.content_len())
    })
}
