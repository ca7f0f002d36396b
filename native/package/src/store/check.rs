//! Holding what is in the store against what was verified when it came.

use super::{HeldFolder, MARKER_FILE, Store, Stored, TREE_FILE};
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, TempDir};
use crate::message::store as text;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use vitte_package_core::digest::{Digest, Hasher, TreeDigest};
#[cfg(unix)]
use vitte_package_core::tree::Mode;
use vitte_package_core::tree::{Entry, SectionName};

/// Bytes read at a time.
const PIECE: usize = 256 * 1024;

/// A package that is not what was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What it should be.
    pub tree: TreeDigest,
    /// The deferred section, if it is the folder of one that is damaged.
    pub section: Option<SectionName>,
    /// The first file or folder that is wrong.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl Store {
    /// Reads every file of every package again, on several threads. Gives how many packages there are, and what
    /// is wrong with those that are damaged.
    ///
    /// # Errors
    /// `io` when the store cannot be listed.
    pub fn check(&self, jobs: usize) -> Result<(usize, Vec<Damage>), Error> {
        let all = self.held()?;
        let next = AtomicUsize::new(0);
        let work = || {
            let mut found = Vec::new();
            while let Some(held) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                let HeldFolder { tree, section, folder } = held;
                let guarded = self.check_place(folder).map_err(|error| (folder.clone(), error.to_string()));
                if let Err((path, reason)) = guarded.and_then(|()| check(tree, folder)) {
                    found.push(Damage { tree: *tree, section: section.clone(), path, reason });
                }
            }
            found
        };
        let mut damaged: Vec<Damage> = std::thread::scope(|scope| {
            let workers: Vec<_> = (1..jobs.max(1)).map(|_| scope.spawn(work)).collect();
            let mut found = work();
            for worker in workers {
                // A worker that panicked has nothing to say that the panic did not.
                found.extend(worker.join().unwrap_or_default());
            }
            found
        });
        damaged.sort_by(|one, other| (one.tree, &one.section).cmp(&(other.tree, &other.section)));
        Ok((all.iter().filter(|held| held.section.is_none()).count(), damaged))
    }

    /// Moves a package, or a section of one, out of its place and removes it.
    ///
    /// # Errors
    /// `io`.
    pub fn discard(&self, tree: &TreeDigest, section: Option<&SectionName>) -> Result<(), Error> {
        let tmp = self.root().join("tmp");
        fs::create_folder(&tmp)?;
        let folder = section.map_or_else(|| self.folder(tree), |section| self.section_folder(tree, section));
        TempDir::of_unwanted(&folder, &tmp).map(drop)
    }
}

type Fault = (PathBuf, String);

fn check(tree: &TreeDigest, folder: &Path) -> Result<(), Fault> {
    let stored = match Stored::open(folder, tree) {
        Ok(Some(stored)) => stored,
        Ok(None) => return Err((folder.to_owned(), text::reason_not_found())),
        Err(error) => return Err((folder.to_owned(), error.to_string())),
    };
    let mut known: BTreeSet<PathBuf> = [TREE_FILE, MARKER_FILE].map(|name| folder.join(name)).into();
    for entry in stored.files() {
        let path = entry.path().as_str().split('/').fold(folder.to_owned(), |path, part| path.join(part));
        check_file(entry, &path).map_err(|reason| (path.clone(), reason))?;
        known.insert(path);
    }
    check_nothing_else(folder, &known)
}

fn check_file(entry: &Entry, path: &Path) -> Result<(), String> {
    let data = std::fs::symlink_metadata(path).map_err(|error| crate::error::reason(&error))?;
    if !data.is_file() {
        return Err(text::reason_no_file());
    }
    if data.len() != entry.size() {
        return Err(text::reason_size(data.len(), entry.size()));
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o777;
        let expected = if entry.mode() == Mode::Executable { 0o555 } else { 0o444 };
        if mode != expected {
            return Err(text::reason_mode(&format!("{mode:04o}"), &format!("{expected:04o}")));
        }
    }
    let digest = digest_of(path).map_err(|error| error.to_string())?;
    match digest == *entry.digest() {
        true => Ok(()),
        false => Err(text::reason_content(&digest.to_string(), &entry.digest().to_string())),
    }
}

/// The digest of a file.
///
/// # Errors
/// `io`.
pub(crate) fn digest_of(path: &Path) -> Result<Digest, Error> {
    let mut file = std::fs::File::open(path).on(IoAction::Read, path)?;
    let (mut hasher, mut piece) = (Hasher::new(), vec![0; PIECE]);
    loop {
        let len = file.read(&mut piece).on(IoAction::Read, path)?;
        match piece.get(..len) {
            Some(bytes) if !bytes.is_empty() => hasher.update(bytes),
            _ => return Ok(hasher.finish()),
        }
    }
}

fn check_nothing_else(folder: &Path, known: &BTreeSet<PathBuf>) -> Result<(), Fault> {
    for path in fs::list(folder).map_err(|error| (folder.to_owned(), error.to_string()))? {
        let is_folder = std::fs::symlink_metadata(&path).is_ok_and(|data| data.is_dir());
        if is_folder {
            check_nothing_else(&path, known)?;
        } else if !known.contains(&path) {
            return Err((path, text::reason_foreign()));
        }
    }
    Ok(())
}
