//! Walking a folder: everything under it but what is never packed.

use super::patterns::Patterns;
use crate::error::{Doing, Error};
use crate::report::Reporter;
use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder};
use std::ffi::OsStr;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::{FILE_NAME, Symlinks};
use vitte_package_core::message::project as text;

/// Folders and files in which version control keeps its own.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".bzr", ".jj", ".pijul", "_darcs", "CVS"];
/// Prefix of names that the store uses.
const STORE_PREFIX: &str = ".vitte-";
/// Folders that are made from the project, in its root only: build results, links to dependencies.
const MADE: &[&str] = &["target", crate::dependencies::links::FOLDER];

/// Which of the files found are wanted.
pub(super) struct Rules {
    pub(super) include: Patterns,
    pub(super) exclude: Patterns,
}

impl Rules {
    /// Whether a file is wanted: `Some(true)` where `include` names it, `Some(false)` where nothing leaves it out.
    pub(super) fn choose(&self, path: &str) -> Option<bool> {
        if self.include.is_empty() {
            (!self.exclude.matches(path)).then_some(false)
        } else {
            self.include.matches(path).then_some(true)
        }
    }
}

/// A walk to be done.
pub(super) struct Walk<'a> {
    /// Where it begins.
    pub(super) folder: &'a Path,
    /// Links may not lead out of here.
    pub(super) bounds: &'a Path,
    /// Folders not to enter.
    pub(super) left_out: &'a [PathBuf],
    pub(super) symlinks: Symlinks,
    /// The project's rules; a build folder has none and is taken whole.
    pub(super) rules: Option<&'a Rules>,
}

/// A file that was found and is wanted.
pub(super) struct Found {
    /// Relative to the folder of the walk, with `/`.
    pub(super) path: Vec<u8>,
    pub(super) file: PathBuf,
    pub(super) named: bool,
}

/// What the walk does not enter, in a form it can keep.
struct Gate {
    folder: PathBuf,
    bounds: PathBuf,
    left_out: Vec<PathBuf>,
    exclude: Option<Gitignore>,
    is_source: bool,
    outside: Mutex<Vec<PathBuf>>,
    nested: Mutex<Vec<PathBuf>>,
}

impl Walk<'_> {
    /// Walks, giving the wanted files in the order of their names and the faults met on the way.
    pub(super) fn run(&self, reporter: &dyn Reporter) -> Result<(Vec<Found>, Vec<Diagnostic>), Error> {
        let gate = Arc::new(Gate {
            folder: self.folder.to_owned(),
            bounds: std::fs::canonicalize(self.bounds).unwrap_or_else(|_| self.bounds.to_owned()),
            left_out: self.left_out.to_vec(),
            exclude: self
                .rules
                .filter(|rules| rules.include.is_empty())
                .map(|rules| rules.exclude.matcher().clone()),
            is_source: self.rules.is_some(),
            outside: Mutex::default(),
            nested: Mutex::default(),
        });
        let own_list = self.rules.is_none_or(|rules| !rules.include.is_empty());
        let mut walker = WalkBuilder::new(self.folder);
        walker
            .standard_filters(false)
            .git_ignore(!own_list)
            .require_git(false)
            .follow_links(self.symlinks == Symlinks::Follow)
            .sort_by_file_name(OsStr::cmp);
        let filter = Arc::clone(&gate);
        walker.filter_entry(move |entry| filter.passes(entry));

        let mut found = Vec::new();
        let mut faults = Vec::new();
        for entry in walker.build() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    faults.push(self.walk_fault(&error)?);
                    continue;
                }
            };
            if let Some(error) = entry.error() {
                reporter.warned(Diagnostic::new(Code::Source, error.to_string()));
            }
            let Some(kind) = entry.file_type().filter(|kind| entry.depth() > 0 && !kind.is_dir()) else {
                continue;
            };
            let path = relative(self.folder, entry.path());
            let named = match self.rules {
                Some(rules) => rules.choose(&String::from_utf8_lossy(&path)),
                None => Some(false),
            };
            let Some(named) = named else { continue };
            match gate.fault(&entry, kind, &String::from_utf8_lossy(&path)) {
                Some(fault) => faults.push(fault),
                None => found.push(Found { path, file: entry.into_path(), named }),
            }
        }
        for path in take(&gate.outside) {
            let shown = String::from_utf8_lossy(&relative(self.folder, &path)).into_owned();
            if self.rules.is_none_or(|rules| rules.choose(&shown).is_some()) {
                faults.push(outside(&path, &shown));
            }
        }
        for folder in take(&gate.nested) {
            let shown = String::from_utf8_lossy(&relative(self.folder, &folder)).into_owned();
            reporter.decided(text::nested_left_out(&shown));
        }
        Ok((found, faults))
    }

    /// A link that leads nowhere or in a circle is a fault of the project, all else one of the system.
    fn walk_fault(&self, error: &ignore::Error) -> Result<Diagnostic, Error> {
        let mut inner = error;
        let mut path = None;
        loop {
            match inner {
                ignore::Error::WithPath { path: at, err } => {
                    path = Some(at.clone());
                    inner = err.as_ref();
                }
                ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                    inner = err.as_ref()
                }
                _ => break,
            }
        }
        let at = path.unwrap_or_else(|| self.folder.to_owned());
        let shown = |path: &Path| String::from_utf8_lossy(&relative(self.folder, path)).into_owned();
        match inner {
            ignore::Error::Loop { child, .. } => {
                Ok(Diagnostic::new(Code::Source, text::link_loop(&shown(child))))
            }
            ignore::Error::Io(_) if at.is_symlink() => {
                Ok(Diagnostic::new(Code::Source, text::symlink_broken(&shown(&at))))
            }
            ignore::Error::Io(error) => Err(Error::io(Doing::List, &at, error)),
            other => Err(Diagnostic::new(Code::Source, other.to_string()).into()),
        }
    }
}

impl Gate {
    /// Whether an entry is kept, and if a folder, entered.
    fn passes(&self, entry: &DirEntry) -> bool {
        if entry.depth() == 0 {
            return true;
        }
        let name = entry.file_name();
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let reserved = VERSION_CONTROL.iter().any(|word| name == *word)
            || name.to_string_lossy().starts_with(STORE_PREFIX);
        if self.is_source
            && (reserved || entry.depth() == 1 && is_folder && MADE.iter().any(|made| name == *made))
        {
            return false;
        }
        if !is_folder {
            return true;
        }
        if self.left_out.iter().any(|folder| folder == entry.path()) {
            return false;
        }
        let excluded = self.exclude.as_ref().is_some_and(|exclude| {
            let path = entry.path().strip_prefix(&self.folder).unwrap_or(entry.path());
            exclude.matched_path_or_any_parents(path, true).is_ignore()
        });
        if excluded {
            return false;
        }
        if entry.path_is_symlink() && !self.is_inside(entry.path()) {
            put(&self.outside, entry.path());
            return false;
        }
        if self.is_source && entry.path().join(FILE_NAME).is_file() {
            put(&self.nested, entry.path());
            return false;
        }
        true
    }

    fn is_inside(&self, path: &Path) -> bool {
        std::fs::canonicalize(path).is_ok_and(|target| target.starts_with(&self.bounds))
    }

    /// What is wrong with an entry that is wanted.
    fn fault(&self, entry: &DirEntry, kind: FileType, path: &str) -> Option<Diagnostic> {
        if kind.is_symlink() {
            return Some(link(path));
        }
        if entry.path_is_symlink() && !self.is_inside(entry.path()) {
            return Some(outside(entry.path(), path));
        }
        (!kind.is_file()).then(|| {
            Diagnostic::new(Code::Source, text::special(path))
                .help(text::special_help(path))
                .with("path", path)
        })
    }
}

/// Files may not be links where the manifest does not say so.
pub(super) fn link(path: &str) -> Diagnostic {
    Diagnostic::new(Code::Source, text::symlink(path)).help(text::symlink_help()).with("path", path)
}

/// Links may not lead out of the project.
pub(super) fn outside(link: &Path, path: &str) -> Diagnostic {
    let target = std::fs::read_link(link).map(|target| target.display().to_string()).unwrap_or_default();
    Diagnostic::new(Code::Source, text::symlink_outside(path, &target))
        .help(text::symlink_outside_help(path))
        .with("path", path)
}

/// The path under `folder`, with `/`; as bytes, since it need not be UTF-8.
fn relative(folder: &Path, path: &Path) -> Vec<u8> {
    let path = path.strip_prefix(folder).unwrap_or(path);
    let mut bytes = Vec::new();
    for component in path.components() {
        if !bytes.is_empty() {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(component.as_os_str().as_encoded_bytes());
    }
    bytes
}

fn put(list: &Mutex<Vec<PathBuf>>, path: &Path) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
}

fn take(list: &Mutex<Vec<PathBuf>>) -> Vec<PathBuf> {
    std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner))
}
