//! Where the content of a file comes from, and proof that it stayed what it was.

use crate::error::{Error, IoAction, IoContext};
use crate::message::build as text;
use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::path::PackagePath;
use vitte_package_core::tree::{Mode, SectionName};

/// One file to be packaged.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its path in the package.
    pub path: PackagePath,
    /// The section it was assigned to; the tree moves some files to `meta` by rule.
    pub section: SectionName,
    /// Its mode in the package, whatever it is on disk.
    pub mode: Mode,
    /// Its content.
    pub source: InputSource,
}

/// Content of a file to be packaged.
#[derive(Clone, Debug)]
pub enum InputSource {
    /// A file on disk. A symbolic link is followed: whoever chose it decided that.
    File(PathBuf),
    /// Bytes that stand nowhere as a file, such as a manifest rewritten for packing; with the path they are
    /// reported under.
    Bytes(Vec<u8>),
}

/// What a file looked like when the plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    len: u64,
    modified: Option<SystemTime>,
}

impl Seen {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    fn of(metadata: &Metadata) -> Self {
        // Where the system keeps no times, the length must do.
        Self { len: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl InputSource {
    /// Looks at the file without reading it.
    pub(super) fn look(&self) -> Result<Seen, Error> {
        match self {
            Self::Bytes(bytes) => Ok(Seen { len: bytes.len() as u64, modified: None }),
            Self::File(path) => {
                let metadata = std::fs::metadata(path).on(IoAction::Read, path)?;
                if !metadata.is_file() {
                    let message = text::not_regular(&path.display().to_string());
                    return Err(Diagnostic::new(Code::EntryType, message)
                        .help(text::not_regular_hint())
                        .into());
                }
                Ok(Seen::of(&metadata))
            }
        }
    }

    /// Begins to read what was looked at, `offset` bytes from its beginning.
    pub(super) fn open<'a>(&'a self, seen: &'a Seen, offset: u64) -> Result<Reading<'a>, Error> {
        match self {
            Self::Bytes(bytes) => {
                let start = usize::try_from(offset).map_or(bytes.len(), |offset| offset.min(bytes.len()));
                Ok(Reading::Bytes(&bytes[start..]))
            }
            Self::File(path) => {
                let mut file = File::open(path).on(IoAction::Read, path)?;
                if offset > 0 {
                    file.seek(SeekFrom::Start(offset)).on(IoAction::Read, path)?;
                }
                Ok(Reading::File { file, path, seen })
            }
        }
    }
}

/// A file being read.
pub(super) enum Reading<'a> {
    Bytes(&'a [u8]),
    File { file: File, path: &'a Path, seen: &'a Seen },
}

impl Reading<'_> {
    /// Reads exactly the next bytes.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<(), Error> {
        match self {
            Self::Bytes(bytes) => bytes.read_exact(out).map_err(|_| changed(Path::new(""))),
            Self::File { file, path, .. } => match file.read_exact(out) {
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(changed(path)),
                result => result.on(IoAction::Read, path),
            },
        }
    }

    /// Ends: the file must still look as it did when the plan was made.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self {
            Self::File { file, path, seen }
                if Seen::of(&file.metadata().on(IoAction::Read, path)?) != *seen =>
            {
                Err(changed(path))
            }
            Self::Bytes(_) | Self::File { .. } => Ok(()),
        }
    }
}

fn changed(path: &Path) -> Error {
    let name = path.display().to_string();
    Diagnostic::new(Code::Source, text::changed(&name))
        .at(Place::Whole)
        .help(text::changed_hint())
        .with("path", name)
        .into()
}
