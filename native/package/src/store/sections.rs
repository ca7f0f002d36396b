//! Sections that were brought later than the package. Each is a folder of its own beside the package's, which never changes:
//! `pkg/<2 hex>/<tree digest>.<section>/`, with its own list of files and its own marker. It comes into its place by one
//! rename, so that there is never half of one.

use super::package::MARKER_FILE;
use super::{Staging, Store, StoreError, Stored, folder_in};
use crate::error::Error;
use crate::fs;
use crate::message::store as text;
use std::path::{Path, PathBuf};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::tree::{SectionName, Tree};
use vitte_package_core::verify::VerifiedPackage;

/// A deferred section of a package that the store holds.
#[derive(Clone, Debug)]
pub struct DeferredSection {
    /// Its name.
    pub name: SectionName,
    /// Its files.
    pub files: usize,
    /// Bytes of its files.
    pub bytes: u64,
    /// Its folder, if it is there.
    pub folder: Option<PathBuf>,
}

impl DeferredSection {
    /// Those of a package of which nothing is known to be here.
    pub fn absent(tree: &Tree) -> Vec<Self> {
        let deferred = tree.sections().filter(|section| section.name().is_deferred());
        deferred
            .map(|section| Self {
                name: section.name().clone(),
                files: section.entries().len(),
                bytes: section.content_len(),
                folder: None,
            })
            .collect()
    }
}

/// What a folder among the packages holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldFolder {
    /// The package.
    pub tree: TreeDigest,
    /// The section, if it is the folder of one.
    pub section: Option<SectionName>,
    /// The folder.
    pub folder: PathBuf,
}

impl HeldFolder {
    /// Reads what a folder holds off its name.
    pub(super) fn parse(folder: PathBuf) -> Option<Self> {
        let name = folder.file_name()?.to_str()?;
        let (tree, section) = match name.split_once('.') {
            None => (name, None),
            Some((tree, section)) => {
                (tree, Some(SectionName::parse(section).ok().filter(SectionName::is_deferred)?))
            }
        };
        let tree = TreeDigest::parse(&format!("vp1-sha256:{tree}")).ok()?;
        Some(Self { tree, section, folder })
    }
}

impl Store {
    /// The folder of a section in this store, whether or not it is there.
    pub(super) fn section_folder(&self, tree: &TreeDigest, section: &SectionName) -> PathBuf {
        beside(&self.folder(tree), section)
    }

    /// A section, if it is here, or in the store that is only read (`VITTE_STORE_RO`).
    ///
    /// # Errors
    /// As [`Store::find`].
    pub fn section(&self, tree: &TreeDigest, section: &SectionName) -> Result<Option<Stored>, Error> {
        let own = self.section_folder(tree, section);
        let other = self.read_only.as_ref().map(|packages| beside(&folder_in(packages, tree), section));
        let place = match other {
            Some(other) if other.join(MARKER_FILE).is_file() && !own.join(MARKER_FILE).is_file() => other,
            _ => own,
        };
        self.check_place(&place)?;
        Stored::open(&place, tree)
    }

    /// The deferred sections of a package, with where those are that are there.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub fn deferred(&self, stored: &Stored) -> Result<Vec<DeferredSection>, Error> {
        let mut sections = DeferredSection::absent(stored.tree());
        let tree = stored.tree().digest();
        for section in &mut sections {
            section.folder = self.section(&tree, &section.name)?.map(|held| held.folder().to_owned());
        }
        Ok(sections)
    }

    /// Puts a verified section into its place; `staging` holds exactly its files. Another process that brings the same one
    /// at the same time drops its copy, or this one does: says whether this one was needed.
    ///
    /// # Errors
    /// `io`, `no-space`; the store is then as before.
    pub fn add_section(
        &self,
        staging: Staging,
        package: &VerifiedPackage,
        section: &SectionName,
    ) -> Result<(Stored, bool), Error> {
        let tree = package.tree().digest();
        let place = self.section_folder(&tree, section);
        let mut unpacked = false;
        if let Some(marked) = self.mark_at(staging, place.clone(), package.tree(), vec![section.clone()])? {
            unpacked = self.place_all(vec![marked])? > 0;
        }
        match Stored::open(&place, &tree)? {
            Some(stored) => Ok((stored, unpacked)),
            None => Err(StoreError::Damaged { path: place, reason: text::reason_no_marker() }.into()),
        }
    }

    /// Everything the store itself holds, packages and sections, damaged ones too.
    ///
    /// # Errors
    /// `io`.
    pub fn held(&self) -> Result<Vec<HeldFolder>, Error> {
        let mut found = Vec::new();
        for prefix in fs::list(&self.root().join("pkg"))? {
            found.extend(fs::list(&prefix)?.into_iter().filter_map(HeldFolder::parse));
        }
        found.sort();
        Ok(found)
    }
}

fn beside(folder: &Path, section: &SectionName) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(section.as_str());
    folder.with_file_name(name)
}
