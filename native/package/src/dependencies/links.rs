//! `vitte_modules/`: a link to each package of the lockfile, for people and tools that look for folders in a project.
//!
//! Made when asked for, and from then on kept in step by every install, as long as the folder is there. The compiler
//! reads `.vitte/paths.json` instead. A package is at `<namespace>/<name>-<version>`, a binary one below that, as in a
//! folder of copies ([`paths::vendored`]).

use super::fetch::used;
use super::paths;
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access};
use crate::message::dependencies as text;
use crate::project::Project;
use crate::store::Store;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::lockfile::Lockfile;

/// The folder's name, next to the workspace's manifest.
pub const FOLDER: &str = "vitte_modules";
/// What marks the folder as ours, and keeps it out of version control and packages.
const MARK: &str = ".gitignore";
const MARK_TEXT: &[u8] = b"# Links to installed packages, kept by vitte package install.\n*\n";

/// Whether links are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// They are kept in step where they were made before.
    #[default]
    AsBefore,
    /// They are made.
    Made,
}

/// Whether a project has links.
pub fn are_made(project: &Project) -> bool {
    is_folder(&project.root_folder().join(FOLDER)) && project.root_folder().join(FOLDER).join(MARK).exists()
}

/// Brings the links to a lockfile: each is replaced at once, those of packages that have gone are removed, and so are
/// folders that are empty then. Nothing but links is ever removed.
///
/// # Errors
/// `folder-exists` when something that is no link of ours is in the way; `io`, `no-space`.
pub fn write(project: &Project, store: &Store, lockfile: &Lockfile) -> Result<(), Error> {
    let root = project.root_folder().join(FOLDER);
    if root.symlink_metadata().is_ok() && !are_made(project) {
        return Err(in_the_way(&root));
    }
    fs::create_folder(&root)?;
    fs::write_new(&root.join(MARK), MARK_TEXT, Access::Shared)?;
    let wanted: BTreeMap<PathBuf, PathBuf> = lockfile
        .packages()
        .iter()
        .filter_map(|package| Some((root.join(paths::vendored(package)), store.place(&used(package)?.tree))))
        .collect();
    remove_others(&root, &wanted)?;
    wanted.iter().try_for_each(|(link, target)| put(&root, link, target))
}

/// Puts a link in its place, through folders that are no links themselves.
fn put(root: &Path, link: &Path, target: &Path) -> Result<(), Error> {
    if std::fs::read_link(link).is_ok_and(|known| known == target) {
        return Ok(());
    }
    let folder = link.parent().unwrap_or(root);
    let mut made = root.to_owned();
    for part in folder.strip_prefix(root).unwrap_or(Path::new("")) {
        made.push(part);
        if made.symlink_metadata().is_err() {
            std::fs::create_dir(&made).on(IoAction::Create, &made)?;
        } else if !is_folder(&made) {
            return Err(in_the_way(&made));
        }
    }
    if link.symlink_metadata().is_ok_and(|data| !data.is_symlink()) {
        return Err(in_the_way(link));
    }
    let staged = fs::temporary_by(folder, |path| symlink(target, path)).on(IoAction::Write, link)?;
    staged.persist(link).map(|_| ()).map_err(|error| Error::io(IoAction::Rename, link, &error.error))
}

/// Removes links that are not wanted, and folders that are empty without them.
fn remove_others(folder: &Path, wanted: &BTreeMap<PathBuf, PathBuf>) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).on(IoAction::List, folder)? {
        let path = entry.on(IoAction::List, folder)?.path();
        let data = path.symlink_metadata().on(IoAction::Read, &path)?;
        if data.is_symlink() && !wanted.contains_key(&path) {
            remove_link(&path).on(IoAction::Remove, &path)?;
        } else if data.is_dir() {
            remove_others(&path, wanted)?;
            // It stays if something else is in it.
            let _ = std::fs::remove_dir(&path);
        }
    }
    Ok(())
}

fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|data| data.is_dir())
}

fn in_the_way(path: &Path) -> Error {
    let shown = path.display().to_string();
    Diagnostic::new(Code::FolderExists, text::links_in_the_way(&shown))
        .help(text::links_in_the_way_help())
        .into()
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(target, link)
}

#[cfg(unix)]
fn remove_link(link: &Path) -> std::io::Result<()> {
    std::fs::remove_file(link)
}

#[cfg(windows)]
fn remove_link(link: &Path) -> std::io::Result<()> {
    std::fs::remove_dir(link)
}
