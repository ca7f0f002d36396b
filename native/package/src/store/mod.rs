//! The store: unpacked packages, each in a folder named by its tree digest, used in place and never changed.
//!
//! ```text
//! store/v1/pkg/<2 hex>/<tree digest>/   files read-only; .vitte-tree (the list of files), .vitte-ok (sections held)
//! store/v1/pkg/<2 hex>/<tree digest>.<section>/   the same for a deferred section that was brought later
//! store/v1/tmp/<pid>-<random>/          what is being unpacked
//! store/v1/lock                         shared by installs, exclusive while packages are removed
//! envs/<name>/gen/000042.json           one generation of installs: package, version, tree digest, programs
//! envs/<name>/gen/000042.bin/<program>  one line each: the file in the store that a shim runs
//! envs/<name>/locks/<sha256>.lock       the dependencies of a release, in the form of a lockfile
//! envs/<name>/reserve                   room that uninstalling gives back on a full disk, to have some itself
//! envs/<name>/current                   one line, `000042`, replaced by rename: that activates a generation
//! bin/<program>                         shims
//! roots/<32 hex>                        one line each: a project's lockfile, whose packages stay
//! ```
//!
//! A package reaches `pkg` by one rename after it was verified, its marker was written and everything was
//! flushed. Several versions stand side by side by construction. Two processes that install the same package
//! both verify it, and the slower one drops its copy. See the archive format document, section 10.

mod check;
mod collect;
mod environment;
mod error;
mod generation;
mod package;
mod sections;
mod shim;

pub use check::Damage;
pub(crate) use check::digest_of;
pub(crate) use collect::size;
pub use collect::{Collected, Collection, Effect, Generations, UsedBy};
pub use environment::Environment;
pub use error::StoreError;
pub use generation::{Generation, Programs, StoredRelease};
use package::{MARKER_FILE, TREE_FILE};
pub use package::{Staging, Stored};
pub use sections::{DeferredSection, HeldFolder};
pub use shim::Broken;

use crate::env::{Env, Variable};
use crate::error::Error;
use crate::extract::FilesHere;
use crate::fs::{self, Hold, Lock};
use crate::home;
use crate::message::store as text;
use crate::parallel;
use crate::report::{Reporter, Task};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::tree::{SectionName, Tree};
use vitte_package_core::verify::VerifiedPackage;

/// How long a command waits for another that holds a lock of the store.
const PATIENCE: Duration = Duration::from_secs(60);
/// Threads that write lists and markers and put packages into their places: they wait for the disk more than they work.
const WRITERS: usize = 4;

/// How much is flushed to disk when a package is installed. Pointer files are always flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fsync {
    /// Nothing: a power failure may leave a damaged package that has to be removed by hand.
    Off,
    /// Once for each package, before it reaches its final place.
    Auto,
}

/// The store below `VITTE_HOME`.
#[derive(Clone, Debug)]
pub struct Store {
    home: PathBuf,
    /// The packages of another store that is only read.
    read_only: Option<PathBuf>,
    fsync: Fsync,
}

impl Store {
    /// The store of these surroundings. Nothing is read or made yet.
    ///
    /// # Errors
    /// `config` when there is no home folder; `store-tampered` when others can put files into it.
    pub fn open(env: &Env, fsync: Fsync) -> Result<Self, Error> {
        let read_only = env.raw(Variable::StoreReadOnly).map(|home| packages_of(&env.resolve(home)));
        let store = Self { home: env.vitte_home()?, read_only, fsync };
        home::check(&store.home)?;
        home::sweep(&store.home);
        Ok(store)
    }

    /// As [`Store::open`], to be looked at only: whether others can change it is not asked, and nothing is tidied up.
    ///
    /// # Errors
    /// `config` when there is no home folder.
    pub(crate) fn as_it_is(env: &Env) -> Result<Self, Error> {
        let read_only = env.raw(Variable::StoreReadOnly).map(|home| packages_of(&env.resolve(home)));
        Ok(Self { home: env.vitte_home()?, read_only, fsync: Fsync::Auto })
    }

    /// The folder it is in.
    pub fn home(&self) -> &Path {
        &self.home
    }

    fn root(&self) -> PathBuf {
        self.home.join("store").join("v1")
    }

    /// The folder of a package in this store, whether or not it is there.
    pub fn folder(&self, tree: &TreeDigest) -> PathBuf {
        folder_in(&packages_of(&self.home), tree)
    }

    /// The folder a package is used from: in this store, else in the one that is only read (`VITTE_STORE_RO`),
    /// if it is there and not here.
    pub fn place(&self, tree: &TreeDigest) -> PathBuf {
        let own = self.folder(tree);
        let other = self.read_only.as_ref().map(|packages| folder_in(packages, tree));
        match other {
            Some(other) if other.join(MARKER_FILE).is_file() && !own.join(MARKER_FILE).is_file() => other,
            _ => own,
        }
    }

    /// Whether the package's marker is there, which is written last. One look at one file.
    pub fn holds(&self, tree: &TreeDigest) -> bool {
        let place = self.place(tree);
        self.check_place(&place).is_ok() && place.join(MARKER_FILE).is_file()
    }

    /// Checks that nobody else can change the package in a folder of the store.
    fn check_place(&self, place: &Path) -> Result<(), Error> {
        let is_other = self.read_only.as_ref().is_some_and(|packages| place.starts_with(packages));
        [place.parent(), Some(place)].into_iter().flatten().try_for_each(|folder| {
            // Whose a store is that is only read is for the user to know, who has chosen it.
            if is_other { fs::check_closed(folder) } else { fs::check_guarded(folder) }
        })
    }

    /// The text of a package's manifest, if its marker is there. Its list of files is not looked at.
    pub fn manifest(&self, tree: &TreeDigest) -> Option<String> {
        let place = self.place(tree);
        let is_there = self.check_place(&place).is_ok() && place.join(MARKER_FILE).is_file();
        is_there.then(|| package::read_manifest(&place).ok()).flatten()
    }

    /// Whether the store may be written at all; it is made if it is not there.
    ///
    /// # Errors
    /// `io` for another reason than that it may not be written.
    pub fn is_writable(&self) -> Result<bool, Error> {
        let lock = self.root().join("lock");
        let opened = fs::folder_builder().create(self.root()).and_then(|()| {
            let mut options = std::fs::OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            fs::closed_to_others(&mut options);
            options.open(&lock)
        });
        match opened {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) =>
            {
                Ok(false)
            }
            Err(error) => Err(Error::io(crate::error::IoAction::Lock, &lock, &error)),
        }
    }

    /// The folder of the shims: what goes into `PATH`.
    pub fn shims(&self) -> PathBuf {
        self.home.join("bin")
    }

    /// The folder of what is being unpacked.
    pub fn unfinished(&self) -> PathBuf {
        self.root().join("tmp")
    }

    /// The named environment, `default` for the user's own installs.
    pub fn environment(&self, name: &str) -> Environment {
        Environment::new(self.home.join("envs").join(name), self.shims())
    }

    /// Keeps packages from being removed while the lock is held. Any number of processes may hold it. There is
    /// none in a store that may not be written: nothing is removed from it either.
    ///
    /// # Errors
    /// `busy` when another process removes packages for longer than a minute, `io`.
    pub fn share(&self, reporter: &dyn Reporter) -> Result<Option<Lock>, Error> {
        if !self.is_writable()? {
            return Ok(None);
        }
        take_if_any(&self.root().join("lock"), Hold::Shared, "installing", reporter).map(Some)
    }

    /// The package, if the store holds it with at least the sections `meta` and `-`.
    ///
    /// # Errors
    /// `store-layout` when the folder is there but is not what the store would have written, `store-tampered` when
    /// others can change what is in it, `io`.
    pub fn find(&self, tree: &TreeDigest) -> Result<Option<Stored>, Error> {
        let place = self.place(tree);
        self.check_place(&place)?;
        Stored::open(&place, tree)
    }

    /// The files of these packages, as far as they are here: to be copied where another package has the same.
    pub fn files_of<'t>(&self, trees: impl IntoIterator<Item = &'t TreeDigest>) -> FilesHere {
        let mut here = FilesHere::to_copy();
        // One that is damaged is no help.
        for stored in trees.into_iter().filter_map(|tree| self.find(tree).ok().flatten()) {
            here.add(stored.folder(), stored.files());
        }
        here
    }

    /// A private folder to unpack a package into.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn stage(&self) -> Result<Staging, Error> {
        let tmp = self.root().join("tmp");
        Staging::new(&tmp)
    }

    /// A private folder on the store's file system, for what is received before it is verified.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn temporary(&self) -> Result<fs::TempDir, Error> {
        fs::TempDir::new_in(&self.root().join("tmp"))
    }

    /// Puts a verified package into its place. `staging` holds exactly the files of the sections that were
    /// verified. Says too whether it was needed: when the store holds the package already, or another process
    /// was faster, the copy is dropped. What is in the place and is damaged is replaced.
    ///
    /// # Errors
    /// `io`, `no-space`; the store is then as before.
    pub fn add(&self, staging: Staging, package: &VerifiedPackage) -> Result<(Stored, bool), Error> {
        let tree = package.tree().digest();
        let unpacked = self.add_all(vec![(staging, package)])?;
        match Stored::open(&self.folder(&tree), &tree)? {
            Some(stored) => Ok((stored, unpacked > 0)),
            None => {
                let path = self.folder(&tree);
                Err(StoreError::Damaged { path, reason: text::reason_no_marker() }.into())
            }
        }
    }

    /// As [`Self::add`] for several packages, all flushed to the disk together. Says how many were needed.
    ///
    /// # Errors
    /// `io`, `no-space`: of these packages some are then in their places, each whole.
    pub fn add_all(&self, packages: Vec<(Staging, &VerifiedPackage)>) -> Result<usize, Error> {
        let marked = parallel::map(packages, WRITERS, |(staging, package)| self.mark(staging, package));
        self.place_all(marked.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    /// Flushes what is marked, and puts it into its places. Says how many were needed.
    fn place_all(&self, marked: Vec<(Staging, PathBuf)>) -> Result<usize, Error> {
        // Contents before names: after a power failure a package in its place is whole.
        self.flush(&marked)?;
        let mut unpacked = 0;
        for placed in parallel::map(marked, WRITERS, |(staging, place)| staging.place(&place)) {
            unpacked += usize::from(placed?);
        }
        if unpacked > 0 && self.fsync == Fsync::Auto {
            fs::sync_file_system(&self.root())?;
        }
        Ok(unpacked)
    }

    /// Makes a package ready for its place; none if it is there already.
    fn mark(&self, staging: Staging, package: &VerifiedPackage) -> Result<Option<(Staging, PathBuf)>, Error> {
        let tree = package.tree();
        let held = tree.sections().map(|section| section.name().clone());
        let held = held.filter(|name| package.sections().contains(name)).collect();
        self.mark_at(staging, self.folder(&tree.digest()), tree, held)
    }

    /// Makes the folder of these sections of a package ready for its place; none if it is there already.
    fn mark_at(
        &self,
        staging: Staging,
        place: PathBuf,
        tree: &Tree,
        held: Vec<SectionName>,
    ) -> Result<Option<(Staging, PathBuf)>, Error> {
        self.check_place(&place)?;
        match Stored::open(&place, &tree.digest()) {
            Ok(Some(_)) => return Ok(None),
            Ok(None) => {}
            Err(_) => {
                let aside = self.temporary()?;
                // Another process may have moved it meanwhile: what counts is that the place is free.
                let _ = std::fs::rename(&place, aside.path().join("damaged"));
            }
        }
        staging.mark(tree, &held)?;
        Ok(Some((staging, place)))
    }

    fn flush(&self, marked: &[(Staging, PathBuf)]) -> Result<(), Error> {
        match (self.fsync, marked.first()) {
            (Fsync::Auto, Some((staging, _))) => fs::sync_file_system(staging.path()),
            _ => Ok(()),
        }
    }
}

/// The packages of the store of a home folder.
fn packages_of(home: &Path) -> PathBuf {
    home.join("store").join("v1").join("pkg")
}

fn folder_in(packages: &Path, tree: &TreeDigest) -> PathBuf {
    let hex = tree.hex();
    packages.join(&hex[..2]).join(hex)
}

/// Takes a lock, telling the reporter when there is a wait.
fn take(path: &Path, hold: Hold, purpose: &str, reporter: &dyn Reporter) -> Result<Lock, Error> {
    let lock = Lock::take(path, hold, purpose, PATIENCE, || reporter.started(Task::Wait, None));
    reporter.finished(Task::Wait);
    lock
}

/// As [`take`]; on a file system without locks the work goes on without, and the user is warned once.
fn take_if_any(path: &Path, hold: Hold, purpose: &str, reporter: &dyn Reporter) -> Result<Lock, Error> {
    static TOLD: AtomicBool = AtomicBool::new(false);
    let lock = Lock::take_if_any(path, hold, purpose, PATIENCE, || reporter.started(Task::Wait, None));
    reporter.finished(Task::Wait);
    if lock.as_ref().is_ok_and(|lock| !lock.is_held()) && !TOLD.swap(true, Ordering::Relaxed) {
        let shown = path.display().to_string();
        reporter.warned(Diagnostic::new(Code::Io, text::no_locks(&shown)).help(text::no_locks_word()));
    }
    lock
}

#[cfg(test)]
mod tests;
