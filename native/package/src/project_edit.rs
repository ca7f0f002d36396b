//! Changing a project's own files: one process at a time, without overwriting what somebody else saved meanwhile, and
//! without writing through a link that leads out of the project.

use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access, Hold, Lock};
use crate::message::project as text;
use crate::project::Project;
use crate::report::{Reporter, Task};
use std::path::{Path, PathBuf};
use std::time::Duration;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;

/// The folder of what this program keeps in a project, next to the manifest of the project or of its workspace's root.
const FOLDER: &str = ".vitte";
/// What keeps files that are of this machine only out of version control.
const IGNORED: &[u8] = b"/.gitignore\n/lock\n/paths.json\n";
/// The same, as earlier versions wrote it.
const IGNORED_BEFORE: &[u8] = b"/.gitignore\n/paths.json\n";
/// How long another command on the same project is waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(600);
/// How often a change is made again because a file was saved meanwhile.
pub const TRIES: usize = 5;

/// The right to change a project's manifest and lockfile, until it is dropped.
#[derive(Debug)]
pub struct ProjectLock {
    _lock: Option<Lock>,
}

impl ProjectLock {
    /// Waits for other commands on the same project or workspace. Where nothing can be written there is nothing to
    /// lock; where files cannot be locked a warning says so.
    ///
    /// # Errors
    /// `busy` when another command takes too long, `link-outside` when `.vitte` or its lock is a symbolic link.
    pub fn take(project: &Project, purpose: &str, reporter: &dyn Reporter) -> Result<Self, Error> {
        let folder = match own_folder(project.root_folder()) {
            Ok(folder) => folder,
            Err(error) if error.code() == Code::LinkOutside => return Err(error),
            Err(_) => return Ok(Self { _lock: None }),
        };
        let path = folder.join("lock");
        if is_link(&path) {
            return Err(link_outside(project.root_folder(), &path));
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        fs::closed_to_others(&mut options);
        if options.open(&path).is_err() {
            return Ok(Self { _lock: None });
        }
        let wait = || reporter.started(Task::Wait, None);
        let lock = Lock::take(&path, Hold::Exclusive, purpose, LOCK_TIMEOUT, wait);
        reporter.finished(Task::Wait);
        match lock {
            Err(error) if error.code() != Code::Busy => {
                let message = text::not_lockable(&error.to_string());
                reporter.warned(Diagnostic::new(Code::Io, message));
                Ok(Self { _lock: None })
            }
            lock => Ok(Self { _lock: Some(lock?) }),
        }
    }
}

/// `.vitte` in a project or a workspace's root, made if it is missing.
///
/// # Errors
/// `link-outside` when it is a symbolic link; `io`, `no-space`.
pub fn own_folder(root: &Path) -> Result<PathBuf, Error> {
    let folder = root.join(FOLDER);
    if is_link(&folder) {
        return Err(link_outside(root, &folder));
    }
    fs::create_folder(&folder)?;
    let ignore = folder.join(".gitignore");
    if !fs::write_new(&ignore, IGNORED, Access::Shared)?
        && !is_link(&ignore)
        && fs::read(&ignore, 1024).is_ok_and(|text| text == IGNORED_BEFORE)
    {
        fs::write_atomic(&ignore, IGNORED, Access::Shared)?;
    }
    Ok(folder)
}

/// A new text for a file of the project.
#[derive(Clone, Debug)]
pub struct FileChange {
    root: PathBuf,
    path: PathBuf,
    before: Option<String>,
    text: String,
}

impl FileChange {
    /// `before` is the text that the change was made from; `None`: there was no such file.
    pub fn new(project: &Project, path: PathBuf, before: Option<&str>, text: String) -> Self {
        Self { root: project.root_folder().to_owned(), path, before: before.map(str::to_owned), text }
    }

    /// Whether the file is still as it was when the change was made.
    ///
    /// # Errors
    /// `io`.
    pub fn is_current(&self) -> Result<bool, Error> {
        let limit = limits::LOCKFILE_LEN.max(limits::MANIFEST_LEN as u64 + 1);
        let now = fs::read_if_there(&self.path, limit)?;
        Ok(now.as_deref() == self.before.as_deref().map(str::as_bytes))
    }

    /// Writes the text, if it is another. A link is followed within the project.
    ///
    /// # Errors
    /// `link-outside` for a link that leads out of the project; `io`, `no-space`.
    pub fn write(&self) -> Result<(), Error> {
        if self.before.as_ref() == Some(&self.text) {
            return Ok(());
        }
        let place = self.place()?;
        let before = std::fs::metadata(&place).map(|data| data.permissions());
        fs::write_atomic(&place, self.text.as_bytes(), Access::Shared)?;
        // Who may read it is the author's choice; a system that has no such thing refuses nothing else.
        if let Ok(before) = before {
            let _ = std::fs::set_permissions(&place, before);
        }
        Ok(())
    }

    /// Where the text is written.
    ///
    /// # Errors
    /// `link-outside` for a link that leads out of the project; `io`.
    pub fn place(&self) -> Result<PathBuf, Error> {
        if !is_link(&self.path) {
            return Ok(self.path.clone());
        }
        match leads_out(&self.root, &self.path) {
            true => Err(link_outside(&self.root, &self.path)),
            false => self.path.canonicalize().on(IoAction::Read, &self.path),
        }
    }
}

/// Writes several files, or none when one of them is no longer as it was; says whether it did.
///
/// # Errors
/// As [`FileChange::write`], before anything is written where that can be known.
pub fn write_all(changes: &[FileChange]) -> Result<bool, Error> {
    for change in changes {
        change.place()?;
        if !change.is_current()? {
            return Ok(false);
        }
    }
    changes.iter().try_for_each(FileChange::write).map(|()| true)
}

/// The fault that a file was saved by another program while a change of it was prepared.
pub fn changed_meanwhile(path: &Path) -> Error {
    let message = text::changed_meanwhile(&path.display().to_string());
    Diagnostic::new(Code::Busy, message).help(text::changed_meanwhile_help()).into()
}

/// Whether a path is a symbolic link out of a folder, or one that leads nowhere.
pub fn leads_out(root: &Path, path: &Path) -> bool {
    let inside = || Some(path.canonicalize().ok()?.starts_with(root.canonicalize().ok()?));
    is_link(path) && !inside().unwrap_or(false)
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|data| data.is_symlink())
}

/// The fault that there is a link where this program writes.
pub fn link_outside(root: &Path, path: &Path) -> Error {
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let target = std::fs::read_link(path).map(|target| target.display().to_string()).unwrap_or_default();
    Diagnostic::new(Code::LinkOutside, text::link_outside(&name, &target))
        .help(text::link_outside_help(&name))
        .into()
}
