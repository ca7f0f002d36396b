//! A package on disk: its list of files and its content, without verifying who made it.
//!
//! What is given out does hold together: the table of contents is the one HEAD names, and content has the digest that the
//! list of files says.

use crate::error::{Error, IoAction, IoContext};
use crate::message::build as text;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vitte_package_codec::NativeDecoder;
use vitte_package_core::archive::{ArchiveEvent, ArchiveReader, Head, Toc, TotalLen};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Hasher;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::sign::Signatures;
use vitte_package_core::tree::MANIFEST_PATH;
use vitte_package_core::verify::{CheckedFrame, FrameJob, VerifyError};

/// A package on disk, its front read and held together by its digests, its frames still unread.
#[derive(Debug)]
pub struct PackageFile {
    path: PathBuf,
    file: File,
    len: u64,
    head: Head,
    toc: Arc<Toc>,
    signatures: Vec<u8>,
    reader: ArchiveReader,
    decoder: NativeDecoder,
    stored: Vec<u8>,
    /// The frame read last.
    frame: Option<CheckedFrame>,
}

impl PackageFile {
    /// Opens a package.
    ///
    /// # Errors
    /// `io`, and the errors of [`ArchiveReader`] about head, table of contents and length.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).on(IoAction::Read, path)?;
        let len = file.metadata().on(IoAction::Read, path)?.len();
        Self::read(path, file, len, &[])
    }

    /// Reads on from `front`, the first bytes of the file, until signatures are there.
    pub(crate) fn read(path: &Path, mut file: File, len: u64, front: &[u8]) -> Result<Self, Error> {
        let in_file = |error: Error| error.in_file(path);
        let mut reader = ArchiveReader::new(TotalLen::Known(len));
        let mut piece = vec![0; 256 * 1024];
        reader.push(front);
        let signatures = loop {
            match reader.next() {
                Some(Ok(ArchiveEvent::Signatures(signatures))) => break signatures,
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(in_file(error.into())),
                None => match file.read(&mut piece).on(IoAction::Read, path)? {
                    0 => {
                        reader.finish().map_err(|error| in_file(error.into()))?;
                        return Err(in_file(Diagnostic::new(Code::NotAPackage, text::ends_early()).into()));
                    }
                    got => reader.push(&piece[..got]),
                },
            }
        };
        match (reader.head().cloned(), reader.toc().cloned()) {
            (Some(head), Some(toc)) => Ok(Self {
                path: path.to_path_buf(),
                file,
                len,
                decoder: NativeDecoder::new(head.codec()),
                head,
                toc,
                signatures,
                reader,
                stored: Vec::new(),
                frame: None,
            }),
            _ => Err(in_file(Diagnostic::new(Code::NotAPackage, text::ends_early()).into())),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    pub fn file_len(&self) -> u64 {
        self.len
    }

    /// HEAD.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The table of contents.
    pub fn toc(&self) -> &Toc {
        &self.toc
    }

    /// The SIGS payload, as it is in the file; none of it was checked.
    pub fn signatures_payload(&self) -> &[u8] {
        &self.signatures
    }

    /// The signatures, none of them checked.
    ///
    /// # Errors
    /// `envelope` when they are malformed.
    pub fn signatures(&self) -> Result<Signatures, Error> {
        Signatures::parse(&self.signatures).map_err(|error| Error::from(error).in_file(&self.path))
    }

    /// The packed manifest.
    ///
    /// # Errors
    /// As [`content`](Self::content), and the faults of the manifest.
    pub fn manifest(&mut self) -> Result<Manifest, Error> {
        let mut bytes = Vec::new();
        self.content(MANIFEST_PATH, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Manifest::from_bytes(&bytes).map_err(|faults| {
            let error = Error::several(faults.diagnostics());
            let unknown = || Diagnostic::new(Code::ManifestMismatch, text::ends_early()).into();
            error.unwrap_or_else(unknown).in_text(MANIFEST_PATH, &String::from_utf8_lossy(&bytes))
        })
    }

    /// Gives out the content of one file, piece by piece, decoding only the frames that hold it. All of it is
    /// hashed before the first piece is given out, so a file of several frames is decoded twice.
    ///
    /// # Errors
    /// `not-found` when the package has no such file; `frame-digest`, `frame-syntax`, `header-mismatch` or
    /// `file-digest` when the archive contradicts its own list; `io`; the errors of `give`.
    pub fn content(
        &mut self,
        path: &str,
        mut give: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(entry) = self.toc.tree().position(path) else {
            return Err(self.not_found(path));
        };
        let mut hasher = Hasher::new();
        self.each_piece(entry, |piece| {
            hasher.update(piece);
            Ok(())
        })?;
        let (expected, got) = (*self.toc.tree().entries()[entry].digest(), hasher.finish());
        if expected != got {
            let error = VerifyError::FileDigest { path: path.to_owned(), expected, got };
            return Err(Error::from(error).in_file(&self.path));
        }
        self.each_piece(entry, &mut give)
    }

    fn each_piece(
        &mut self,
        entry: usize,
        mut give: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for frame in self.toc.layout().frames_of_entry(entry) {
            for part in self.frame(frame)?.files().filter(|part| part.entry == entry) {
                give(part.bytes)?;
            }
        }
        Ok(())
    }

    /// Reads, checks and decodes a frame, unless it is the one at hand.
    fn frame(&mut self, index: usize) -> Result<&CheckedFrame, Error> {
        let frame = match self.frame.take() {
            Some(frame) if frame.index() == index => frame,
            other => {
                let buffer = other.map(CheckedFrame::into_buffer).unwrap_or_default();
                self.read_frame(index, buffer).map_err(|error| error.in_file(&self.path))?
            }
        };
        Ok(self.frame.insert(frame))
    }

    fn read_frame(&mut self, index: usize, buffer: Vec<u8>) -> Result<CheckedFrame, Error> {
        let job = FrameJob::new(&self.toc, self.head.codec(), index);
        let (Some(range), Some(job)) = (self.reader.frame_range(index), job) else {
            return Err(Diagnostic::new(Code::NotAPackage, text::ends_early()).into());
        };
        // Compared with its limit when the frame table was read.
        self.stored.resize(job.info().stored_len as usize, 0);
        self.file
            .seek(SeekFrom::Start(range.start))
            .and_then(|_| self.file.read_exact(&mut self.stored))
            .on(IoAction::Read, &self.path)?;
        Ok(job.check(&self.stored, &mut self.decoder, buffer)?)
    }

    fn not_found(&self, path: &str) -> Error {
        let paths = self.toc.tree().entries().iter().map(|entry| entry.path().as_str());
        not_found(path, paths).in_file(&self.path)
    }
}

/// A file that an archive does not have, with the most similar one.
pub fn not_found<'a>(path: &str, paths: impl Iterator<Item = &'a str>) -> Error {
    let diagnostic = Diagnostic::new(Code::NotFound, text::no_such_file(path));
    match vitte_package_core::nearest::nearest(path, paths) {
        Some(near) => diagnostic.help(crate::message::usage::did_you_mean(near)).into(),
        None => diagnostic.into(),
    }
}
