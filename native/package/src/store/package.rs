//! One package in the store: its folder, its marker, and how it gets there.

use super::StoreError;
use crate::error::Error;
use crate::fs::{self, TempDir};
use crate::message::store;
use std::path::{Path, PathBuf};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::limits;
use vitte_package_core::tree::{Entry, SectionName, Tree};

/// The list of files.
pub(super) const TREE_FILE: &str = ".vitte-tree";
/// The marker: a line for each section held. It is written last.
pub(super) const MARKER_FILE: &str = ".vitte-ok";
/// Size limit of the marker in bytes: 16 names of 32 characters and their line feeds.
const MARKER_LEN: u64 = 1024;

/// A package the store holds.
#[derive(Clone, Debug)]
pub struct Stored {
    folder: PathBuf,
    tree: Tree,
    sections: Vec<SectionName>,
}

impl Stored {
    pub(super) fn open(folder: &Path, digest: &TreeDigest) -> Result<Option<Self>, Error> {
        let damaged = |name: &str, reason| StoreError::Damaged { path: folder.join(name), reason };
        if !folder.exists() {
            return Ok(None);
        }
        let Some(marker) = fs::read_text_if_there(&folder.join(MARKER_FILE), MARKER_LEN)? else {
            return Err(damaged("", store::reason_no_marker()).into());
        };
        let sections = marker.lines().map(SectionName::parse).collect::<Result<Vec<_>, _>>();
        let sections = sections.map_err(|error| damaged(MARKER_FILE, error.to_string()))?;
        let text = fs::read(&folder.join(TREE_FILE), limits::TREE_TEXT_LEN.into())?;
        let tree = Tree::parse(text).map_err(|error| damaged(TREE_FILE, error.to_string()))?;
        if tree.digest() != *digest {
            return Err(damaged(TREE_FILE, store::reason_other_tree()).into());
        }
        Ok(Some(Self { folder: folder.to_path_buf(), tree, sections }))
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its list of files.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The sections whose files are there. Files of other sections count as absent.
    pub fn sections(&self) -> &[SectionName] {
        &self.sections
    }

    /// The files that are there.
    pub fn files(&self) -> impl Iterator<Item = &Entry> {
        let held = self.tree.sections().filter(|section| self.sections.contains(section.name()));
        held.flat_map(|section| section.entries())
    }

    /// The text of the package's manifest.
    ///
    /// # Errors
    /// `io` when it cannot be read.
    pub fn manifest(&self) -> Result<String, Error> {
        read_manifest(&self.folder)
    }
}

pub(super) fn read_manifest(folder: &Path) -> Result<String, Error> {
    let path = folder.join(vitte_package_core::tree::MANIFEST_PATH);
    fs::read_text(&path, limits::MANIFEST_LEN as u64)
}

/// A private folder in which a package is unpacked. It disappears unless the store takes it.
#[derive(Debug)]
pub struct Staging {
    folder: TempDir,
}

impl Staging {
    pub(super) fn new(tmp: &Path) -> Result<Self, Error> {
        Ok(Self { folder: TempDir::new_in(tmp)? })
    }

    /// Where the files go.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes list and marker. The caller has unpacked exactly the files of these sections, verified and
    /// read-only.
    pub(super) fn mark(&self, tree: &Tree, sections: &[SectionName]) -> Result<(), Error> {
        let root = self.folder.path();
        plain(&root.join(TREE_FILE), tree.text())?;
        let marker: String = sections.iter().map(|name| format!("{name}\n")).collect();
        plain(&root.join(MARKER_FILE), marker.as_bytes())?;
        fs::share_folder(root)
    }

    /// Puts the folder, marked and flushed, in its place. Says whether it was needed.
    pub(super) fn place(self, place: &Path) -> Result<bool, Error> {
        self.folder.place_as(place)
    }
}

/// Writes a file that nobody sees yet: what flushes the folder flushes it too.
fn plain(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write_plain(path, bytes)?;
    fs::set_mode(path, 0o444)
}
