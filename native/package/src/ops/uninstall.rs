//! Takes releases out of the user's store.

use super::list::DEFAULT;
use crate::config::Config;
use crate::env::Env;
use crate::error::Error;
use crate::report::Reporter;
use crate::store::{Generation, Store, StoreError, StoredRelease};
use vitte_package_core::name::PackageName;
use vitte_package_core::nearest::nearest;
use vitte_package_core::version::Version;

/// What was taken out.
#[derive(Clone, Debug)]
pub struct Uninstalled {
    /// The releases that are gone.
    pub removed: Vec<StoredRelease>,
    /// The version the shims run now, where other versions are left.
    pub active: Option<Version>,
    /// The generation this made.
    pub generation: Generation,
}

/// Takes a version of a package, or all of them, out of the user's environment. The unpacked files stay in the
/// store until packages nobody uses are collected, so that going back needs no download.
///
/// # Errors
/// `not-installed`, naming what is; `busy`, `io`, `no-space`.
pub fn uninstall(
    env: &Env,
    package: &PackageName,
    version: Option<&Version>,
    reporter: &dyn Reporter,
) -> Result<Uninstalled, Error> {
    let store = Store::open(env, Config::load(env, None)?.fsync()?)?;
    let environment = store.environment(DEFAULT);
    if environment.current()?.versions(package).next().is_none() {
        return Err(missing(&environment.current()?, package, version).into());
    }
    let change = environment.change("uninstalling", reporter)?;
    let mut next = environment.current()?;
    let chosen: Vec<Version> = next
        .versions(package)
        .map(|release| release.version.clone())
        .filter(|there| version.is_none_or(|version| version == there))
        .collect();
    if chosen.is_empty() {
        return Err(missing(&next, package, version).into());
    }
    let removed: Vec<_> = chosen.iter().filter_map(|version| next.remove(package, version)).collect();
    next.begin(&match version {
        Some(version) => format!("uninstall {package}@{version}"),
        None => format!("uninstall {package}"),
    });
    let place = |release: &StoredRelease| store.place(&release.tree);
    let generation = change.with_room(|| change.activate(next.clone(), place))?;
    let active = generation.active_version(package).cloned();
    Ok(Uninstalled { removed, active, generation })
}

/// The error for a package or version that is not there.
pub(super) fn missing(
    generation: &Generation,
    package: &PackageName,
    version: Option<&Version>,
) -> StoreError {
    let names = generation.releases().map(|release| release.package.as_str());
    StoreError::NotInstalled {
        package: package.clone(),
        version: version.cloned(),
        installed: generation.versions(package).map(|release| release.version.clone()).collect(),
        near: nearest(package.as_str(), names).map(str::to_owned),
    }
}
