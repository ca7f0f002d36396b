//! Files of a package that are here already, in packages of the store.

use super::folder::{DirWriter, Folder};
use crate::error::{Error, IoAction, IoContext as _};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use vitte_package_core::digest::{Digest, Hasher};
use vitte_package_core::tree::{Entry, Tree};
use vitte_package_core::verify::{FilePart, PackageVerifier, Sections};

/// Bytes read at a time.
const PIECE: usize = 256 * 1024;

/// Files by their content. Each is read and compared with the list of files like one that comes in an archive.
#[derive(Clone, Debug, Default)]
pub struct FilesHere {
    files: BTreeMap<(u64, Digest), PathBuf>,
    /// Whether they are wanted in the new folder too.
    are_copied: bool,
}

impl FilesHere {
    /// Files that are copied into the folder of the package.
    pub fn to_copy() -> Self {
        Self { files: BTreeMap::new(), are_copied: true }
    }

    /// Files that stay where they are.
    pub fn in_place() -> Self {
        Self::default()
    }

    /// Adds the files of a folder.
    pub fn add<'a>(&mut self, folder: &Path, entries: impl IntoIterator<Item = &'a Entry>) {
        for entry in entries {
            let path = entry.path().as_str().split('/').fold(folder.to_owned(), |path, part| path.join(part));
            self.files.entry((entry.size(), *entry.digest())).or_insert(path);
        }
    }

    /// Whether they are copied into the folder of the package.
    pub(crate) fn are_copied(&self) -> bool {
        self.are_copied
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files of these sections of a tree that are here: their numbers, and where.
    pub(crate) fn of(&self, tree: &Tree, sections: &Sections) -> BTreeMap<usize, &Path> {
        // What stays where it is can be only of a section that was installed before.
        let wanted = tree.sections().filter(|section| {
            sections.contains(section.name()) && (self.are_copied || !section.name().is_deferred())
        });
        let files = wanted.flat_map(|section| section.range().zip(section.entries()));
        files
            .filter_map(|(number, entry)| {
                let path = self.files.get(&(entry.size(), *entry.digest()))?;
                Some((number, path.as_path()))
            })
            .collect()
    }

    /// Reads the files, gives them to the verifier, and writes them where they are wanted. What the verifier refuses it keeps.
    pub(super) fn take(
        &self,
        found: &BTreeMap<usize, &Path>,
        tree: &Tree,
        verifier: &mut PackageVerifier,
        folder: Option<&Folder>,
    ) -> Result<(), Error> {
        let mut writer = folder.filter(|_| self.are_copied).map(Folder::writer);
        let mut piece = vec![0; PIECE];
        for (&number, path) in found {
            let Some(entry) = tree.entries().get(number) else { continue };
            if number == 0 {
                let mut bytes = Vec::new();
                let file = File::open(path).on(IoAction::Read, path)?;
                // One that has grown is refused by its digest.
                file.take(entry.size() + 1).read_to_end(&mut bytes).on(IoAction::Read, path)?;
                if verifier.accept_manifest(&bytes).is_err() {
                    return Ok(());
                }
                write(&mut writer, FilePart { entry: number, file: entry, offset: 0, bytes: &bytes })?;
                continue;
            }
            let (mut file, mut hasher) = (File::open(path).on(IoAction::Read, path)?, Hasher::new());
            let mut offset = 0;
            loop {
                let len = fill(&mut file, &mut piece).on(IoAction::Read, path)?;
                let bytes = piece.get(..len).unwrap_or_default();
                // One that has grown is refused by its digest; more than its size is never written.
                if bytes.is_empty() && (offset > 0 || entry.size() > 0) || offset + len as u64 > entry.size()
                {
                    break;
                }
                hasher.update(bytes);
                write(&mut writer, FilePart { entry: number, file: entry, offset, bytes })?;
                offset += len as u64;
                if entry.size() == offset {
                    break;
                }
            }
            if verifier.accept_file(number, hasher.finish()).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn write(writer: &mut Option<DirWriter<'_>>, part: FilePart<'_>) -> Result<(), Error> {
    writer.as_mut().map_or(Ok(()), |writer| writer.write(&part))
}

/// Reads until the piece is full or the file ends.
fn fill(file: &mut File, piece: &mut [u8]) -> std::io::Result<usize> {
    let mut len = 0;
    while let Some(rest) = piece.get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}
