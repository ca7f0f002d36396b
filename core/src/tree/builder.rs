//! From files to the tree: order and `meta` follow from the rules, whatever the order of adding.

use super::{MANIFEST_PATH, Mode, SectionName, Tree, TreeError, is_meta_path};
use crate::digest::Digest;
use crate::limits;
use crate::path::PackagePath;
use std::fmt::Write as _;

#[derive(Clone, Debug)]
struct Candidate {
    section: SectionName,
    path: PackagePath,
    mode: Mode,
    size: u64,
    digest: Digest,
}

/// Collects files and makes their tree. The result depends on what was added, not on the order.
#[derive(Clone, Debug, Default)]
pub struct TreeBuilder(Vec<Candidate>);

impl TreeBuilder {
    /// Starts without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file of `size` bytes. The manifest, readmes, licences and changelogs of the root go to `meta`
    /// whatever `section` says (to `-` where `meta` would grow beyond its limit), and nothing else does: a
    /// file given for `meta` that does not belong there goes to `-`.
    pub fn add(&mut self, section: &SectionName, path: PackagePath, mode: Mode, size: u64, digest: Digest) {
        let section = if is_meta_path(path.as_str()) {
            SectionName::meta()
        } else if section.is_meta() {
            SectionName::default_section()
        } else {
            section.clone()
        };
        self.0.push(Candidate { section, path, mode, size, digest });
    }

    /// Makes the tree.
    ///
    /// # Errors
    /// [`TreeError::NoManifest`] without a `vitte.toml`, [`TreeError::Path`] when two paths clash, and the
    /// errors for limits. Lines in errors count in the text that would have been written.
    pub fn build(self) -> Result<Tree, TreeError> {
        let mut files = self.0;
        if files.len() > limits::TREE_ENTRIES {
            return Err(TreeError::Entries(files.len() as u64));
        }
        let manifest_last = |file: &Candidate| file.path.as_str() != MANIFEST_PATH;
        files.sort_by(|a, b| {
            (&a.section, manifest_last(a), a.path.as_str()).cmp(&(
                &b.section,
                manifest_last(b),
                b.path.as_str(),
            ))
        });
        if files.first().is_none_or(manifest_last) {
            return Err(TreeError::NoManifest);
        }
        let mut meta_len = 0u64;
        for file in files.iter_mut().filter(|file| file.section.is_meta()) {
            let with_it = meta_len.saturating_add(file.size);
            if with_it <= limits::META_LEN {
                meta_len = with_it;
            } else if file.path.as_str() == MANIFEST_PATH {
                return Err(TreeError::MetaLen(with_it));
            } else {
                file.section = SectionName::default_section();
            }
        }
        // What was moved out of `meta` is in its place only after a second, nearly sorted, pass.
        files.sort_by(|a, b| {
            (&a.section, manifest_last(a), a.path.as_str()).cmp(&(
                &b.section,
                manifest_last(b),
                b.path.as_str(),
            ))
        });
        Tree::parse(print(&files))
    }
}

fn print(files: &[Candidate]) -> String {
    let mut text = String::from("vitte-tree 1\n");
    let mut section = None;
    for file in files {
        if section != Some(&file.section) {
            section = Some(&file.section);
            let _infallible = writeln!(text, "s {}", file.section);
        }
        let Candidate { path, mode, size, digest, .. } = file;
        let _infallible = writeln!(text, "{} {size} {digest} {}", mode.letter(), path.as_str());
    }
    text
}
