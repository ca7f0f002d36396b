//! A copy of everything a project depends on, in the project itself: to be committed, read and changed.

use crate::config::Config;
use crate::dependencies::{Members, Scope, lock, paths};
use crate::env::Env;
use crate::error::{Doing, Error, IoContext};
use crate::fs::{self, TempDir};
use crate::ops::sync::{self, Reach};
use crate::project::Project;
use crate::report::Reporter;
use crate::store::{Store, Stored};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::care as text;
use vitte_package_core::tree::Mode;

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
/// folders relative to its own. A folder that an earlier call made is replaced as a whole.
///
/// # Errors
/// Those of [`sync::sync`]; `folder-exists` when the folder was made by something else; `io`, `no-space`: the
/// folder is then as before.
pub fn vendor(env: &Env, scope: &Scope, folder: &Path, reporter: &dyn Reporter) -> Result<Vendored, Error> {
    sync::sync(env, scope, Reach::Project, reporter)?;
    let project = Project::find_any(env, scope.manifest.as_deref())?;
    let config = Config::load(env, Some(project.root_folder()))?;
    let store = Store::open(env, &config)?;
    let place = project.root_folder().join(folder);
    let listing = place.join(paths::VENDORED_NAME);
    if place.exists() && !paths::is_listing(&listing) {
        let message = text::vendor_taken(&env.shorten(&place).display().to_string());
        return Err(Diagnostic::new(Code::FolderExists, message).into());
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
    let aside = TempDir::new_in(parent)?;
    if place.exists() {
        fs::rename(&place, &aside.path().join("before"))?;
    }
    fresh.keep_as(&place)?;
    drop(shared);
    Ok(Vendored { folder: place, packages })
}

/// Copies the files of a package that are there; on file systems that can share blocks, that is what they do.
fn copy(stored: &Stored, to: &Path) -> Result<(), Error> {
    for entry in stored.files() {
        let inside = |folder: &Path| {
            entry.path().as_str().split('/').fold(folder.to_owned(), |path, part| path.join(part))
        };
        let (from, to) = (inside(stored.folder()), inside(to));
        fs::create_folder(to.parent().unwrap_or(Path::new(".")))?;
        std::fs::copy(&from, &to).doing(Doing::Write, &to)?;
        fs::set_mode(&to, if entry.mode() == Mode::Executable { 0o755 } else { 0o644 })?;
    }
    Ok(())
}
