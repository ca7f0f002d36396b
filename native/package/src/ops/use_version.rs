//! Chooses which installed version of a package the shims run.

use super::list::DEFAULT;
use super::uninstall::missing;
use crate::config::Config;
use crate::env::Env;
use crate::error::Error;
use crate::report::Reporter;
use crate::store::{Store, StoredRelease};
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Makes an installed version the one the shims run.
///
/// # Errors
/// `not-installed`, naming the versions that are; `shim` when one of its programs is provided by another
/// package; `busy`, `io`, `no-space`.
pub fn use_version(
    env: &Env,
    package: &PackageName,
    version: &Version,
    reporter: &dyn Reporter,
) -> Result<StoredRelease, Error> {
    let store = Store::open(env, Config::load(env, None)?.fsync()?)?;
    let environment = store.environment(DEFAULT);
    let there = environment.current()?;
    if there.release(package, version).is_none() {
        return Err(missing(&there, package, Some(version)).into());
    }
    let change = environment.change("switching versions", reporter)?;
    let mut next = environment.current()?;
    let Some(release) = next.release(package, version).cloned() else {
        return Err(missing(&next, package, Some(version)).into());
    };
    let place = |release: &StoredRelease| store.place(&release.tree);
    if !next.is_active(&release) {
        next.activate(package, version);
        next.begin(&format!("use {package}@{version}"));
        change.with_room(|| change.activate(next.clone(), place))?;
    } else {
        change.restore(&next, place)?;
    }
    Ok(release)
}
