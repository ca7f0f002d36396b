//! Files that this program itself leaves in a project: never packed, whatever the patterns say.

use crate::dependencies::paths;
use crate::registry::write::sequencer;
use std::path::Path;
use vitte_package_core::target::Kind as ArchiveKind;

/// What was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A package of the project, or one in the folder that packages are written to.
    Archive,
    /// Copies of dependencies, by `vendor`.
    Copies,
    /// A registry.
    Registry,
}

/// What an entry of a project is, if this program made it. `stem` is the last part of the package's name; `archives` is
/// the folder that packages are written to now.
pub(super) fn kind(path: &Path, is_folder: bool, stem: &str, archives: Option<&Path>) -> Option<Kind> {
    if is_folder {
        if paths::is_listing(&path.join(paths::VENDORED_NAME)) {
            return Some(Kind::Copies);
        }
        return path.join(sequencer::LOCK).is_file().then_some(Kind::Registry);
    }
    let name = path.file_name()?.to_str()?;
    let (before, end) = name.rsplit_once('.')?;
    if end != ArchiveKind::Vitmod.as_str() && end != ArchiveKind::Vitpkg.as_str() {
        return None;
    }
    let version = before.strip_prefix(stem).and_then(|rest| rest.strip_prefix('-'));
    let is_ours = version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()));
    (is_ours || archives.is_some() && path.parent() == archives).then_some(Kind::Archive)
}
