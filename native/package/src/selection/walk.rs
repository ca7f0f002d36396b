//! Walking a folder: everything under it but what is never packed.

use super::ignored::Ignored;
use super::own;
use super::patterns::Patterns;
use crate::error::{Error, IoAction};
use crate::message::project as text;
use crate::report::Reporter;
use ignore::{DirEntry, WalkBuilder};
use std::ffi::OsStr;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::{FILE_NAME, Symlinks};

/// Folders and files in which version control keeps its own.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".bzr", ".jj", ".pijul", "_darcs", "CVS"];
/// Prefix of names that the store uses.
const STORE_PREFIX: &str = ".vitte-";
/// The folder in which commands keep what they need in a project.
const STORE_FOLDER: &str = ".vitte";
/// Folders that are made from the project, in its root only: build results, links to dependencies.
const MADE: &[&str] = &["target", crate::dependencies::links::FOLDER];

/// Which of the files found are wanted.
pub(super) struct Rules {
    pub(super) include: Patterns,
    pub(super) exclude: Patterns,
}

impl Rules {
    /// Whether an entry is wanted: `Some(true)` where `include` names it, `Some(false)` where nothing leaves it out.
    pub(super) fn choose(&self, path: &str, is_folder: bool) -> Option<bool> {
        if self.include.is_empty() {
            (!self.exclude.matches_entry(path, is_folder)).then_some(false)
        } else {
            self.include.matches_entry(path, is_folder).then_some(true)
        }
    }
}

/// How an entry can be left out, which depends on what chooses the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeaveOut {
    Exclude,
    Include,
    Build,
}

impl LeaveOut {
    /// What to do about an entry that cannot be packed.
    pub(super) fn help(self, path: &str) -> String {
        match self {
            Self::Exclude => text::leave_out_by_exclude(path),
            Self::Include => text::leave_out_by_include(path),
            Self::Build => text::leave_out_by_build(path),
        }
    }
}

impl LeaveOut {
    /// What to do about an entry whose name cannot be packed.
    pub(super) fn rename_help(self, path: &str) -> String {
        match self {
            Self::Exclude => text::rename_or_exclude(path),
            Self::Include => text::rename_or_except(path),
            Self::Build => text::rename_in_build(path),
        }
    }
}

/// A walk to be done.
pub(super) struct Walk<'a> {
    /// Where it begins.
    pub(super) folder: &'a Path,
    /// Links may not lead out of here.
    pub(super) bounds: &'a Path,
    /// The folder the build command fills: not entered.
    pub(super) built: Option<&'a Path>,
    /// The folder that archives are written to.
    pub(super) archives: Option<&'a Path>,
    /// What begins the names of the project's own archives.
    pub(super) stem: &'a str,
    pub(super) symlinks: Symlinks,
    /// The project's rules; a build folder has none and is taken whole.
    pub(super) rules: Option<&'a Rules>,
    /// What git ignores, where that counts.
    pub(super) ignored: Option<Ignored>,
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
    built: Option<PathBuf>,
    archives: Option<PathBuf>,
    stem: String,
    exclude: Option<Patterns>,
    ignored: Option<Ignored>,
    is_source: bool,
    leave_out: LeaveOut,
    outside: Mutex<Vec<PathBuf>>,
    nested: Mutex<Vec<PathBuf>>,
    own: Mutex<Vec<(PathBuf, own::Kind)>>,
}

impl Walk<'_> {
    /// Walks, giving the wanted files in the order of their names and the faults met on the way.
    pub(super) fn run(self, reporter: &dyn Reporter) -> Result<(Vec<Found>, Vec<Diagnostic>), Error> {
        let has_list = self.rules.is_some_and(|rules| !rules.include.is_empty());
        let gate = Arc::new(Gate {
            folder: self.folder.to_owned(),
            bounds: std::fs::canonicalize(self.bounds).unwrap_or_else(|_| self.bounds.to_owned()),
            built: self.built.map(Path::to_owned),
            archives: self.archives.map(Path::to_owned),
            stem: self.stem.to_owned(),
            exclude: self.rules.filter(|_| !has_list).map(|rules| rules.exclude.clone()),
            ignored: self.ignored,
            is_source: self.rules.is_some(),
            leave_out: match self.rules {
                None => LeaveOut::Build,
                Some(_) if has_list => LeaveOut::Include,
                Some(_) => LeaveOut::Exclude,
            },
            outside: Mutex::default(),
            nested: Mutex::default(),
            own: Mutex::default(),
        });
        let choose = |path: &str, is_folder: bool| match self.rules {
            Some(rules) => rules.choose(path, is_folder),
            None => Some(false),
        };
        let mut walker = WalkBuilder::new(self.folder);
        walker
            .standard_filters(false)
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
                    let fault = WalkFault::of(&error, self.folder);
                    let shown = String::from_utf8_lossy(&relative(self.folder, &fault.path)).into_owned();
                    // The filter has not seen what could not be looked at.
                    let is_named = shown.is_empty() || choose(&shown, fault.is_folder()).is_some();
                    if !gate.is_kept(&fault.path, fault.is_folder()) || !is_named && fault.is_link() {
                        continue;
                    }
                    match fault.diagnostic(&shown, gate.leave_out) {
                        Ok(fault) => faults.push(fault),
                        // What nobody asked for need not be readable.
                        Err(error) if !is_named => {
                            error.faults().for_each(|fault| reporter.warned(fault.diagnostic().clone()))
                        }
                        Err(error) => return Err(error),
                    }
                    continue;
                }
            };
            let Some(kind) = entry.file_type().filter(|kind| entry.depth() > 0 && !kind.is_dir()) else {
                continue;
            };
            let path = relative(self.folder, entry.path());
            let shown = String::from_utf8_lossy(&path);
            let Some(named) = choose(&shown, leads_to_folder(&entry)) else { continue };
            match gate.fault(&entry, kind, &shown) {
                Some(fault) => faults.push(fault),
                None => found.push(Found { path, file: entry.into_path(), named }),
            }
        }
        for path in take(&gate.outside) {
            let shown = String::from_utf8_lossy(&relative(self.folder, &path)).into_owned();
            if choose(&shown, true).is_some() {
                faults.push(outside(&path, &shown, gate.leave_out));
            }
        }
        for fault in gate.ignored.iter().flat_map(Ignored::take_faults) {
            reporter.warned(Diagnostic::new(Code::Source, fault));
        }
        let shown = |path: &Path| String::from_utf8_lossy(&relative(self.folder, path)).into_owned();
        for folder in take(&gate.nested) {
            reporter.decided(text::nested_left_out(&shown(&folder)));
        }
        for (path, kind) in take(&gate.own) {
            reporter.decided(match kind {
                own::Kind::Archive => text::archive_left_out(&shown(&path)),
                own::Kind::Copies => text::copies_left_out(&shown(&path)),
                own::Kind::Registry => text::registry_left_out(&shown(&path)),
            });
        }
        Ok((found, faults))
    }
}

/// Why an entry could not be looked at.
struct WalkFault<'a> {
    path: PathBuf,
    error: &'a ignore::Error,
}

impl<'a> WalkFault<'a> {
    fn of(error: &'a ignore::Error, folder: &Path) -> Self {
        let mut error = error;
        let mut path = None;
        loop {
            match error {
                ignore::Error::WithPath { path: at, err } => {
                    path = Some(at.clone());
                    error = err.as_ref();
                }
                ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                    error = err.as_ref()
                }
                ignore::Error::Loop { child, .. } => {
                    path = Some(child.clone());
                    break;
                }
                _ => break,
            }
        }
        Self { path: path.unwrap_or_else(|| folder.to_owned()), error }
    }

    fn is_folder(&self) -> bool {
        self.path.is_dir()
    }

    fn is_link(&self) -> bool {
        self.path.is_symlink()
    }

    /// A link that leads nowhere or in a circle is a fault of the project, all else one of the system.
    fn diagnostic(&self, shown: &str, leave_out: LeaveOut) -> Result<Diagnostic, Error> {
        let fault = |message: String| {
            Diagnostic::new(Code::Source, message).help(leave_out.help(shown)).with("path", shown)
        };
        match self.error {
            ignore::Error::Loop { .. } => Ok(fault(text::link_loop(shown))),
            ignore::Error::Io(_) if self.is_link() => Ok(fault(text::symlink_broken(shown))),
            ignore::Error::Io(error) => Err(Error::io(IoAction::List, &self.path, error)),
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
        let path = entry.path();
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if !self.is_kept(path, leads_to_folder(entry)) {
            return false;
        }
        if self.is_source
            && let Some(kind) = own::kind(path, is_folder, &self.stem, self.archives.as_deref())
        {
            put(&self.own, (path.to_owned(), kind));
            return false;
        }
        if !is_folder {
            return true;
        }
        if self.built.as_deref() == Some(path) {
            return false;
        }
        if entry.path_is_symlink() && !self.is_inside(path) {
            put(&self.outside, path.to_owned());
            return false;
        }
        if self.is_source && path.join(FILE_NAME).is_file() {
            put(&self.nested, path.to_owned());
            return false;
        }
        true
    }

    /// Whether neither a name that is never packed nor a rule of the project leaves an entry out.
    fn is_kept(&self, path: &Path, is_folder: bool) -> bool {
        if !self.is_source {
            return true;
        }
        let inside = path.strip_prefix(&self.folder).unwrap_or(path);
        // First of all, so that a pattern counts as used although something else leaves the entry out as well.
        let shown = String::from_utf8_lossy(&relative(&self.folder, path)).into_owned();
        let excluded = !shown.is_empty()
            && self.exclude.as_ref().is_some_and(|exclude| exclude.matches_entry(&shown, is_folder));
        let name = path.file_name().unwrap_or_default();
        let reserved = VERSION_CONTROL.iter().any(|word| name == *word)
            || name == STORE_FOLDER
            || name.to_string_lossy().starts_with(STORE_PREFIX);
        let made = inside.components().count() == 1
            && (is_folder || path.is_symlink())
            && MADE.iter().any(|made| name == *made);
        let is_ignored = || {
            // To git a link is a file, wherever it leads.
            let is_folder = is_folder && !path.is_symlink();
            self.ignored.as_ref().is_some_and(|ignored| ignored.leaves_out(inside, is_folder))
        };
        !excluded && !reserved && !made && !is_ignored()
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
            return Some(outside(entry.path(), path, self.leave_out));
        }
        (!kind.is_file()).then(|| {
            Diagnostic::new(Code::Source, text::special(path))
                .help(self.leave_out.help(path))
                .with("path", path)
        })
    }
}

/// Whether an entry is a folder or, followed or not, a link to one.
fn leads_to_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir() || kind.is_symlink() && entry.path().is_dir())
}

/// Files may not be links where the manifest does not say so.
pub(super) fn link(path: &str) -> Diagnostic {
    Diagnostic::new(Code::Source, text::symlink(path)).help(text::symlink_help()).with("path", path)
}

/// Links may not lead out of the project.
pub(super) fn outside(link: &Path, path: &str, leave_out: LeaveOut) -> Diagnostic {
    let target = std::fs::read_link(link).map(|target| target.display().to_string()).unwrap_or_default();
    Diagnostic::new(Code::Source, text::symlink_outside(path, &target))
        .help(leave_out.help(path))
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

fn put<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(item);
}

fn take<T>(list: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner))
}
