//! A copy of everything a project depends on, in the project itself: to be committed, read and changed. What was changed
//! is not replaced without a question.

use crate::config::Config;
use crate::dependencies::{Members, Scope, lock, paths};
use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, TempDir};
use crate::message::maintenance as text;
use crate::ops::sync::{self, Reach};
use crate::project::Project;
use crate::report::Reporter;
use crate::store::{self, Store, Stored};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::tree::{Entry, Mode};

/// Says whether a folder of copies is replaced although these files in it were changed.
pub type Replace<'a> = dyn FnMut(&Path, &[PathBuf]) -> Result<bool, Error> + 'a;

/// What was copied.
#[derive(Clone, Debug)]
pub struct Vendored {
    /// The folder.
    pub folder: PathBuf,
    /// How many packages are in it.
    pub packages: usize,
}

/// Brings the project to its lockfile, then copies each locked package to
/// `FOLDER/<namespace>/<name>-<version>`, writable. `FOLDER/paths.json` has the form of `.vitte/paths.json`, with
/// folders relative to its own. A folder that an earlier call made is replaced as a whole; where files in it were
/// changed, added or removed since, `replace` is asked first, and nothing is done if it says no.
///
/// # Errors
/// Those of [`sync::sync`]; `folder-exists` when the folder was made by something else; `io`, `no-space`: the
/// folder is then as before.
pub fn vendor(
    env: &Env,
    scope: &Scope,
    folder: &Path,
    replace: &mut Replace<'_>,
    reporter: &dyn Reporter,
) -> Result<Option<Vendored>, Error> {
    sync::sync(env, scope, Reach::Project, reporter)?;
    let project = Project::find_any(env, scope.manifest.as_deref())?;
    let config = Config::load(env, Some(project.root_folder()))?;
    let store = Store::open(env, config.fsync()?)?;
    let place = project.root_folder().join(folder);
    let listing = place.join(paths::VENDORED_NAME);
    if place.exists() && !paths::is_listing(&listing) {
        let message = text::vendor_taken(&env.shorten(&place).display().to_string());
        return Err(Diagnostic::new(Code::FolderExists, message).into());
    }
    let changed = changed(&store, &place)?;
    if !changed.is_empty() && !replace(&place, &changed)? {
        return Ok(None);
    }
    let lockfile = match lock::read(&project)? {
        lock::OnDisk::Good(lockfile, _) => lockfile,
        lock::OnDisk::Bad(error, _) => return Err(error),
        lock::OnDisk::Absent => return Err(super::lock::outdated(&Members::collect(project)?)),
    };
    let members = Members::collect(project)?;
    let shared = store.share(reporter)?;
    let parent = place.parent().unwrap_or(Path::new("."));
    let fresh = TempDir::new_in(parent)?;
    let mut packages = 0;
    for package in lockfile.packages() {
        let Some(artifact) = &package.artifact else { continue };
        // One that cannot be used on this system is not in the store.
        let Some(stored) = store.find(&artifact.tree)? else { continue };
        copy(&stored, &fresh.path().join(paths::vendored(package)))?;
        packages += 1;
    }
    paths::write_vendored(&members, &lockfile, &place, &fresh.path().join(paths::VENDORED_NAME))?;
    fs::share_folder(fresh.path())?;
    // The old copy leaves in one step, the new one comes in one step.
    let aside = if place.exists() { Some(TempDir::of_unwanted(&place, parent)?) } else { None };
    fresh.keep_as(&place)?;
    drop(aside);
    drop(shared);
    Ok(Some(Vendored { folder: place, packages }))
}

/// The files of a folder of copies that are not as they were copied, those that are gone or came since among them.
/// Of a package that the store does not hold any more, nobody can tell: its folder is given.
fn changed(store: &Store, place: &Path) -> Result<Vec<PathBuf>, Error> {
    let listing = place.join(paths::VENDORED_NAME);
    let (mut known, mut changed) = (BTreeSet::from([listing.clone()]), BTreeSet::new());
    for (folder, tree) in paths::copies(&listing) {
        let folder = place.join(folder);
        match store.find(&tree).ok().flatten() {
            Some(stored) => {
                for entry in stored.files() {
                    let path = inside(&folder, entry);
                    if !is_as_copied(entry, &path) {
                        changed.insert(path.clone());
                    }
                    known.insert(path);
                }
            }
            None if folder.exists() => {
                changed.insert(folder.clone());
                known.insert(folder);
            }
            None => {}
        }
    }
    added(place, &known, &mut changed)?;
    Ok(changed.into_iter().collect())
}

fn is_as_copied(entry: &Entry, path: &Path) -> bool {
    let is_same_size = path.symlink_metadata().is_ok_and(|data| data.is_file() && data.len() == entry.size());
    is_same_size && store::digest_of(path).is_ok_and(|digest| digest == *entry.digest())
}

/// Collects what is in a folder and was not copied there.
fn added(folder: &Path, known: &BTreeSet<PathBuf>, changed: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).on(IoAction::List, folder)? {
        let path = entry.on(IoAction::List, folder)?.path();
        if known.contains(&path) {
            continue;
        }
        match path.symlink_metadata().is_ok_and(|data| data.is_dir()) {
            true => added(&path, known, changed)?,
            false => _ = changed.insert(path),
        }
    }
    Ok(())
}

/// Where a file of a package is in a folder of copies.
fn inside(folder: &Path, entry: &Entry) -> PathBuf {
    entry.path().as_str().split('/').fold(folder.to_owned(), |path, part| path.join(part))
}

/// Copies the files of a package that are there; on file systems that can share blocks, that is what they do.
fn copy(stored: &Stored, to: &Path) -> Result<(), Error> {
    for entry in stored.files() {
        let (from, to) = (inside(stored.folder(), entry), inside(to, entry));
        fs::create_folder(to.parent().unwrap_or(Path::new(".")))?;
        std::fs::copy(&from, &to).on(IoAction::Write, &to)?;
        fs::set_mode(&to, if entry.mode() == Mode::Executable { 0o755 } else { 0o644 })?;
    }
    Ok(())
}
