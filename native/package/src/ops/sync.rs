//! Brings a project to its lockfile: resolves what is not locked, fetches what is not held, and tells the
//! compiler where it is.

use crate::config::Config;
use crate::dependencies::lock::{self, Options};
use crate::dependencies::{
    Fetched, Fetcher, Links, LockUse, Members, Network, Proof, Scope, Sources, Yanked, check_standing, links,
    paths,
};
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use crate::project::Project;
use crate::report::Reporter;
use crate::store::Store;
use std::collections::BTreeMap;
use vitte_package_core::lockfile::{Change, Lockfile};

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Synced {
    /// Whether there was anything to do.
    pub worked: bool,
    /// What changed in the lockfile.
    pub changes: Vec<Change>,
    /// What was fetched.
    pub fetched: Fetched,
}

/// Whether the compiler is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The packages come into the store, and the project's paths file is written.
    Project,
    /// The packages come into the store.
    Store,
}

/// Brings a project to its lockfile.
///
/// # Errors
/// Those of [`lock::resolve`], and of verification: nothing unverified is in the store then. With
/// [`LockUse::Locked`] or [`Network::Offline`] `lock-outdated` when the lockfile does not fit the manifests; with
/// [`Yanked::Refused`] `yanked` when it names a release that was.
pub fn sync(env: &Env, scope: &Scope, reach: Reach, reporter: &dyn Reporter) -> Result<Synced, Error> {
    let project = Project::find_any(env, scope.manifest.as_deref())?;
    let config = Config::load(env, Some(project.root_folder()))?;
    let store = Store::open(env, &config)?;
    let members = Members::collect(project)?;
    let project = members.project();
    if reach == Reach::Project
        && scope.proof == Proof::AsLocked
        && scope.yanked == Yanked::Told
        && scope.links == Links::AsBefore
        && let Some(source) = fs::read_text_if_there(&project.lockfile_path(), 64 * 1024 * 1024)?
        && let Some(held) = paths::is_current(&members, &store, &paths::inputs(&members, &source))?
    {
        return Ok(Synced { fetched: Fetched { held, unpacked: 0 }, ..Synced::default() });
    }
    let mut sources = match scope.network {
        Network::Online => {
            Some(Sources::open(env, &config, project, scope.registry.as_deref(), scope.network)?)
        }
        Network::Offline => None,
    };
    let mut synced = Synced { worked: true, ..Synced::default() };
    let mut trust = BTreeMap::new();
    let (lockfile, source): (Lockfile, String) = match (scope.lock, &mut sources) {
        (LockUse::Write, Some(sources)) => {
            let options = options(scope);
            let outcome = lock::resolve(&members, sources, &options, reporter)?;
            // The index was asked for the resolution: looking there again costs nothing.
            check_standing(&outcome.lockfile, sources, scope.yanked, reporter)?;
            let text = outcome.lockfile.print();
            // What the lockfile names is in the store before the lockfile says so.
            let fetcher = Fetcher { env, store: &store, sources: Some(&*sources), trust: &outcome.trust };
            synced.fetched = with_store(&store, reporter, || fetcher.fetch(&outcome.lockfile, reporter))?;
            lock::write(project, &outcome)?;
            synced.changes = outcome.changes;
            trust = outcome.trust;
            (outcome.lockfile, text)
        }
        (LockUse::Locked, Some(sources)) if scope.proof == Proof::Anew => {
            super::lock::locked(&members, Some(&*sources), scope)?;
            let outcome = lock::resolve(&members, sources, &options(scope), reporter)?;
            if outcome.is_new {
                return Err(super::lock::outdated(&members));
            }
            check_standing(&outcome.lockfile, sources, scope.yanked, reporter)?;
            trust = outcome.trust;
            let text = outcome.lockfile.print();
            (outcome.lockfile, text)
        }
        (_, sources) => {
            let locked = super::lock::locked(&members, sources.as_ref(), scope)?;
            if let (Yanked::Refused, Some(sources)) = (scope.yanked, sources) {
                check_standing(&locked.0, sources, scope.yanked, reporter)?;
            }
            locked
        }
    };
    if synced.fetched == Fetched::default() {
        let fetcher = Fetcher { env, store: &store, sources: sources.as_ref(), trust: &trust };
        synced.fetched = with_store(&store, reporter, || fetcher.fetch(&lockfile, reporter))?;
    }
    if reach == Reach::Project {
        store.add_root(&project.lockfile_path())?;
        if scope.links == Links::Made || links::are_made(project) {
            links::write(project, &store, &lockfile)?;
        }
        // Last: while it tells of other inputs, the next install does all of this again.
        paths::write(&members, &store, &lockfile, &paths::inputs(&members, &source))?;
    }
    if let Some(sources) = sources {
        sources.commit()?;
    }
    Ok(synced)
}

fn options(scope: &Scope) -> Options {
    Options { minimum_age: scope.minimum_age, proof: scope.proof, yanked: scope.yanked, ..Options::default() }
}

/// Keeps the store's packages from being removed meanwhile.
fn with_store<T>(
    store: &Store,
    reporter: &dyn Reporter,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let shared = store.share(reporter)?;
    let done = work();
    drop(shared);
    done
}
