//! Removing packages that nothing uses: no generation that can be gone back to, and no project.

use super::environment::EnvironmentChange;
use super::{Environment, HeldFolder, Store};
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access, Hold, TempDir};
use crate::report::Reporter;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::lockfile::Lockfile;

/// Generations that can be gone back to: the last ones,
const KEPT: usize = 10;
/// and all made within this time, in seconds: 30 days.
const KEPT_FOR: u64 = 30 * 24 * 60 * 60;

/// Says which packages the project with this lockfile uses.
pub type UsedBy<'a> = dyn Fn(&Path) -> Result<BTreeSet<TreeDigest>, Error> + 'a;

/// Which generations can still be gone back to afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generations {
    /// The last 10 and those of the last 30 days.
    Recent,
    /// The active one alone: what only earlier ones use goes at once.
    ActiveOnly,
}

/// Whether anything is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is.
    Remove,
    /// It is only reported.
    Tell,
}

/// What is removed.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    /// Whether anything is.
    pub effect: Effect,
    /// Which generations can still be gone back to afterwards.
    pub generations: Generations,
    /// The present, in seconds since 1970.
    pub now: u64,
}

/// What was removed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Packages.
    pub packages: Vec<TreeDigest>,
    /// Bytes of their files.
    pub bytes: u64,
    /// Packages that stay.
    pub kept: usize,
    /// Old generations.
    pub generations: usize,
    /// Projects that are gone.
    pub projects: usize,
}

/// Where a project's lockfile is, written into the store so that its packages stay.
fn root_file(roots: &Path, lockfile: &Path) -> PathBuf {
    let digest = Digest::of(lockfile.as_os_str().as_encoded_bytes()).to_string();
    roots.join(&digest[..32])
}

impl Store {
    fn roots(&self) -> PathBuf {
        self.home.join("roots")
    }

    /// Remembers a project by its lockfile: what that names is not removed while it is there.
    ///
    /// # Errors
    /// `io`, `no-space`; not on a store that cannot be written, where nothing is removed either.
    pub fn add_root(&self, lockfile: &Path) -> Result<(), Error> {
        let lockfile = std::path::absolute(lockfile).unwrap_or_else(|_| lockfile.to_owned());
        let file = root_file(&self.roots(), &lockfile);
        if file.exists() || !self.is_writable()? {
            return Ok(());
        }
        fs::create_folder(&self.roots())?;
        let mut line = lockfile.into_os_string().into_encoded_bytes();
        line.push(b'\n');
        fs::write_new(&file, &line, Access::Shared).map(|_| ())
    }

    /// The remembered lockfiles, each with the file that remembers it.
    ///
    /// # Errors
    /// `io`.
    pub fn projects(&self) -> Result<Vec<(PathBuf, PathBuf)>, Error> {
        let mut found = Vec::new();
        for file in fs::list(&self.roots())? {
            let mut line = fs::read(&file, 64 * 1024)?;
            if line.pop() == Some(b'\n') {
                found.push((path_of(line), file));
            }
        }
        found.sort();
        Ok(found)
    }

    /// All environments.
    ///
    /// # Errors
    /// `io`.
    pub fn environments(&self) -> Result<Vec<Environment>, Error> {
        let folders = fs::list(&self.home.join("envs"))?;
        let named = folders.iter().filter_map(|folder| folder.file_name()?.to_str());
        Ok(named.map(|name| self.environment(name)).collect())
    }

    /// Every package the store itself holds, damaged ones too: its identity and its folder.
    ///
    /// # Errors
    /// `io`.
    pub fn packages(&self) -> Result<Vec<(TreeDigest, PathBuf)>, Error> {
        let packages = self.held()?.into_iter().filter(|held| held.section.is_none());
        Ok(packages.map(|held| (held.tree, held.folder)).collect())
    }

    /// Removes what nothing uses: packages named neither by a generation that can be gone back to nor by the lockfile of a project that is still there; and what processes
    /// that are gone left unfinished. `used_by` says what such a lockfile uses.
    ///
    /// # Errors
    /// `busy` while packages are being installed, `store-layout` when a generation cannot be read: then nothing
    /// is removed. `io`.
    pub fn collect(
        &self,
        collection: Collection,
        used_by: &UsedBy<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Collected, Error> {
        let effect = collection.effect;
        let mut collected = Collected::default();
        if !self.root().exists() {
            return Ok(collected);
        }
        // Where nothing can be written nothing changes either, and what would be removed can be reported.
        let is_locked = effect == Effect::Remove || self.is_writable()?;
        let lock = match is_locked {
            true => {
                let path = self.root().join("lock");
                Some(super::take(&path, Hold::Exclusive, "removing packages", reporter)?)
            }
            false => None,
        };
        let mut used = BTreeSet::new();
        for environment in self.environments()? {
            let change = match is_locked {
                true => Some(environment.change("removing packages", reporter)?),
                false => None,
            };
            collected.generations += environment.forget_old(change.as_ref(), collection, &mut used)?;
        }
        for (lockfile, root) in self.projects()? {
            if lockfile.is_file() {
                used.extend(used_by(&lockfile)?);
            } else {
                collected.projects += 1;
                if effect == Effect::Remove {
                    std::fs::remove_file(&root).on(IoAction::Remove, &root)?;
                }
            }
        }
        let (kept, gone): (Vec<_>, Vec<_>) =
            self.held()?.into_iter().partition(|held| used.contains(&held.tree));
        collected.kept = kept.iter().filter(|held| held.section.is_none()).count();
        let tmp = self.root().join("tmp");
        for HeldFolder { tree, section, folder } in gone {
            collected.bytes = collected.bytes.saturating_add(size(&folder)?);
            // Its sections go with it.
            if section.is_none() {
                collected.packages.push(tree);
            }
            if effect == Effect::Remove {
                // First out of its place, in one step: half a package must not look like one.
                fs::create_folder(&tmp)?;
                drop(TempDir::of_unwanted(&folder, &tmp)?);
            }
        }
        if effect == Effect::Remove {
            fs::remove_stale(&tmp);
        }
        drop(lock);
        Ok(collected)
    }
}

impl Environment {
    /// Collects what the generations that stay use, and removes the others. Says how many those are.
    fn forget_old(
        &self,
        change: Option<&EnvironmentChange<'_>>,
        collection: Collection,
        used: &mut BTreeSet<TreeDigest>,
    ) -> Result<usize, Error> {
        let Collection { effect, generations, now } = collection;
        let current = self.current()?;
        let numbers = self.history()?;
        let recent = numbers.len().saturating_sub(KEPT);
        let (mut lockfiles, mut old) = (BTreeSet::new(), Vec::new());
        for (at, number) in numbers.iter().enumerate() {
            let generation = self.generation(*number)?;
            let young = now.saturating_sub(generation.time) < KEPT_FOR;
            let spared = generations == Generations::Recent && (at >= recent || young);
            if !spared && *number != current.number {
                old.push(*number);
                continue;
            }
            for release in generation.releases() {
                used.insert(release.tree);
                if let Some(digest) = release.lockfile {
                    lockfiles.insert(digest);
                    used.extend(trees(&self.lockfile(&digest)?));
                }
            }
        }
        if let (Effect::Remove, Some(change)) = (effect, change) {
            for number in &old {
                change.forget(*number)?;
            }
            change.keep_lockfiles_only(&lockfiles)?;
        }
        Ok(old.len())
    }
}

fn trees(lockfile: &Lockfile) -> impl Iterator<Item = TreeDigest> {
    lockfile.packages().iter().filter_map(|package| package.artifact.as_ref()).map(|artifact| artifact.tree)
}

/// Bytes of all files below a folder.
pub(crate) fn size(folder: &Path) -> Result<u64, Error> {
    let mut bytes: u64 = 0;
    for path in fs::list(folder)? {
        let data = std::fs::symlink_metadata(&path).on(IoAction::Read, &path)?;
        bytes = bytes.saturating_add(if data.is_dir() { size(&path)? } else { data.len() });
    }
    Ok(bytes)
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
