//! An archive with the signatures it is published with, which may not be written yet.

use crate::error::{Error, IoAction, IoContext};
use crate::fs;
use crate::message::signing as text;
use crate::package_file::PackageFile;
use crate::registry::read::examine::{Examined, examine};
use crate::report::Reporter;
use crate::signing;
use std::fs::File;
use std::io::{Cursor, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, Hasher};
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::registry::ArchiveFacts;
use vitte_package_core::sign::Signatures;
use vitte_package_core::verify::{Expectation, Trust};

/// The file of an archive, with other first bytes: those that hold its new signatures. It was verified as a whole.
#[derive(Debug)]
pub struct SignedArchive {
    given: PathBuf,
    front: Vec<u8>,
    /// How many bytes of the file the front replaces.
    replaced: u64,
    artifact: Artifact,
    facts: ArchiveFacts,
    files: u64,
    unpacked: u64,
}

impl SignedArchive {
    /// Verifies the file of `package` with other signatures, or with its own where there are none. Nothing is written:
    /// the file is read once.
    ///
    /// # Errors
    /// What the verifier finds; `toc-digest` when the file has changed since it was opened; `io`.
    pub fn verify(
        package: PackageFile,
        signatures: Option<&Signatures>,
        artifact: Artifact,
        expectation: Expectation,
        trust: Trust,
        reporter: &dyn Reporter,
    ) -> Result<Self, Error> {
        let given = package.path().to_owned();
        let (front, replaced) = match signatures {
            Some(signatures) => signing::front(package, signatures)?,
            None => (Vec::new(), 0),
        };
        let reader = reader(&given, &front, replaced)?;
        let Examined { package, head, file, size, .. } = examine(reader, expectation, trust, reporter)?;
        let facts = ArchiveFacts {
            core: core_line(package.manifest(), package.tree(), artifact.kind, &artifact.target),
            head,
            file,
            size,
        };
        let (files, unpacked) = (package.tree().file_count() as u64, package.tree().content_len());
        Ok(Self { given, front, replaced, artifact, facts, files, unpacked })
    }

    /// The file that was given.
    pub fn given(&self) -> &Path {
        &self.given
    }

    /// Which artifact it is.
    pub fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// What its index line says.
    pub fn facts(&self) -> &ArchiveFacts {
        &self.facts
    }

    /// Digest of the archive as it is published.
    pub fn file(&self) -> Digest {
        self.facts.file
    }

    /// Files in it, and bytes of them.
    pub fn contents(&self) -> (u64, u64) {
        (self.files, self.unpacked)
    }

    /// Writes the archive to a new file: exactly the bytes that were verified, whatever became of the given file.
    ///
    /// # Errors
    /// `toc-digest` when the given file has changed since; `io`, `no-space`.
    pub fn write(&self, to: &Path) -> Result<(), Error> {
        let mut file = File::create_new(to).on(IoAction::Write, to)?;
        self.copy(&mut file, to)?;
        // Whoever may read the author's file: a registry's is read by all and written by its owner.
        fs::set_mode(to, 0o644)
    }

    /// The archive's bytes: exactly those that were verified.
    ///
    /// # Errors
    /// `toc-digest` when the given file has changed since; `io`.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.copy(&mut bytes, &self.given)?;
        Ok(bytes)
    }

    fn copy(&self, out: &mut dyn Write, to: &Path) -> Result<(), Error> {
        let mut reader = reader(&self.given, &self.front, self.replaced)?;
        let (mut hasher, mut piece) = (Hasher::new(), vec![0; 256 * 1024]);
        loop {
            let read = reader.read(&mut piece).on(IoAction::Read, &self.given)?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            hasher.update(bytes);
            out.write_all(bytes).on(IoAction::Write, to)?;
        }
        if hasher.finish() != self.facts.file {
            let shown = self.given.display().to_string();
            return Err(Diagnostic::new(Code::TocDigest, text::sign_changed(&shown)).into());
        }
        Ok(())
    }
}

fn reader<'a>(given: &Path, front: &'a [u8], replaced: u64) -> Result<impl Read + 'a, Error> {
    let mut file = File::open(given).on(IoAction::Read, given)?;
    file.seek(SeekFrom::Start(replaced)).on(IoAction::Read, given)?;
    Ok(Cursor::new(front).chain(file))
}
