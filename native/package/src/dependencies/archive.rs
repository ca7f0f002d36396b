//! The archive of a release, as a file of this machine: in place where its registry lies here, else received
//! into a private folder of the store and gone when it is no longer needed.

use crate::error::{Doing, Error, IoContext};
use crate::fs::TempDir;
use crate::registry::source::Source;
use crate::report::{Reporter, Task};
use crate::store::Store;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;
use vitte_package_core::message::registry as text;

/// Bytes received at a time.
const PIECE: usize = 128 * 1024;
/// What an archive has at most besides its content: front, padding and headers of the most files there may be.
const OVERHEAD: u64 = 256 * 1024 * 1024;

/// An archive that can be read. Nothing about it is believed yet.
#[derive(Debug)]
pub struct ArchiveFile {
    path: PathBuf,
    shown: PathBuf,
    _folder: Option<TempDir>,
}

impl ArchiveFile {
    /// Brings the archive at `path` of a registry.
    ///
    /// # Errors
    /// `not-found` when the registry does not have it, `truncated` when fewer bytes came than were announced,
    /// `limit` when there are more than any package has; faults of the network; `io`, `no-space`.
    pub fn of(
        store: &Store,
        source: &dyn Source,
        path: &str,
        reporter: &dyn Reporter,
    ) -> Result<Self, Error> {
        let shown = Path::new(&source.name()).join(path);
        let missing = || {
            let fault = Diagnostic::new(Code::NotFound, text::registry_file_missing(path));
            Error::from(fault).in_file(&shown)
        };
        if let Some(file) = source.local(path) {
            return match file.is_file() {
                true => Ok(Self { path: file, shown, _folder: None }),
                false => Err(missing()),
            };
        }
        let stream = source.open(path)?.ok_or_else(missing)?;
        let folder = store.temporary()?;
        let file = folder.path().join("archive");
        reporter.started(Task::Download, stream.len);
        let received = receive(stream.reader, &file, &shown, reporter);
        reporter.finished(Task::Download);
        let received = received?;
        if let Some(len) = stream.len.filter(|len| *len != received) {
            let fault = Diagnostic::new(Code::Truncated, text::archive_cut(received, len));
            return Err(Error::from(fault).in_file(shown));
        }
        Ok(Self { path: file, shown, _folder: Some(folder) })
    }

    /// Where its bytes are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names the archive as the user knows it, unless the fault is the disk's, which names its own file.
    pub fn about(&self, error: Error) -> Error {
        match error.code() {
            Code::Io | Code::NoSpace => error,
            _ => error.in_file(&self.shown),
        }
    }
}

fn receive(
    mut from: Box<dyn Read + Send>,
    file: &Path,
    shown: &Path,
    reporter: &dyn Reporter,
) -> Result<u64, Error> {
    let mut to = std::fs::File::create(file).doing(Doing::Create, file)?;
    let mut piece = vec![0; PIECE];
    let mut received: u64 = 0;
    loop {
        let len = from.read(&mut piece).doing(Doing::Read, shown)?;
        let Some(bytes) = piece.get(..len).filter(|bytes| !bytes.is_empty()) else { return Ok(received) };
        received = received.saturating_add(len as u64);
        if received > limits::CONTENT_LEN + OVERHEAD {
            let message = text::archive_too_large(limits::CONTENT_LEN + OVERHEAD);
            return Err(Error::from(Diagnostic::new(Code::Limit, message)).in_file(shown));
        }
        to.write_all(bytes).doing(Doing::Write, file)?;
        reporter.advanced(Task::Download, len as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::env::Env;
    use crate::registry::source::ArchiveStream;
    use crate::report::Silent;

    /// A registry elsewhere that announces a length and sends some bytes.
    struct Elsewhere(Vec<u8>, Option<u64>);

    impl Source for Elsewhere {
        fn name(&self) -> String {
            "elsewhere".to_owned()
        }
        fn read(&self, _: &str, _: u64) -> Result<Option<Vec<u8>>, Error> {
            Ok(None)
        }
        fn open(&self, path: &str) -> Result<Option<ArchiveStream>, Error> {
            let reader = Box::new(std::io::Cursor::new(self.0.clone()));
            Ok((path == "p/there").then_some(ArchiveStream { reader, len: self.1 }))
        }
    }

    #[test]
    fn what_is_received_is_whole_and_disappears() {
        let home = tempfile::tempdir().unwrap();
        let env = Env::new(home.path(), home.path());
        let store = Store::open(&env, &Config::load(&env, None).unwrap()).unwrap();
        let bytes = vec![7; PIECE + 1];
        let of = |len, path| ArchiveFile::of(&store, &Elsewhere(bytes.clone(), len), path, &Silent);
        for len in [None, Some(bytes.len() as u64)] {
            let archive = of(len, "p/there").unwrap();
            assert_eq!(std::fs::read(archive.path()).unwrap(), bytes);
            let path = archive.path().to_owned();
            drop(archive);
            assert!(!path.exists());
        }
        assert_eq!(of(Some(bytes.len() as u64 + 1), "p/there").unwrap_err().code(), Code::Truncated);
        assert_eq!(of(None, "p/absent").unwrap_err().code(), Code::NotFound);
    }
}
