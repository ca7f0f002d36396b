//! Brings a project to its lockfile: resolves what is not locked, fetches what is not held, and tells the
//! compiler where it is.

use crate::config::Config;
use crate::dependencies::lock::{self, Options};
use crate::dependencies::{
    Fetched, Fetcher, Links, LockUse, Members, Network, Proof, Refuse, Scope, Sources, check_status, links,
    paths, unasked,
};
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use crate::message::dependencies as text;
use crate::project::Project;
use crate::project_edit::ProjectLock;
use crate::report::Reporter;
use crate::store::Store;
use std::collections::BTreeMap;
use vitte_package_core::diagnostic::{Code, Exit};
use vitte_package_core::limits;
use vitte_package_core::lockfile::{Lockfile, LockfileChange};

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Synced {
    /// Whether there was anything to do.
    pub worked: bool,
    /// What changed in the lockfile.
    pub changes: Vec<LockfileChange>,
    /// What was fetched.
    pub fetched: Fetched,
}

/// Whether the paths file for the compiler is written.
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
/// [`LockUse::Locked`] `lock-outdated` when the lockfile does not fit the manifests; with [`Network::Offline`]
/// `unavailable` when it does not and what it lacks is not on this machine.
/// `key-revoked` when a release was signed by a key that was revoked since, and `yanked` when it is malware: in CI, where
/// the lockfile may be written, and where [`Scope::deny`] says so. Otherwise that is reported.
pub fn sync(env: &Env, scope: &Scope, reach: Reach, reporter: &dyn Reporter) -> Result<Synced, Error> {
    let project = Project::find_any(env, scope.manifest.as_deref())?;
    let config = Config::load(env, Some(project.root_folder()))?;
    let store = Store::open(env, config.fsync()?)?;
    let mut members = Members::collect(project)?;
    if reach == Reach::Project
        && scope.proof == Proof::AsLocked
        && scope.links == Links::AsBefore
        && let Some(source) = fs::read_if_there(&members.project().lockfile_path(), limits::LOCKFILE_LEN)?
        && let Ok(source) = String::from_utf8(source)
        && let Some(held) = paths::is_current(&members, &store, &paths::inputs(&members, &source))?
    {
        if scope.network == Network::Online {
            let open =
                || Sources::open(env, &config, members.project(), scope.registry.as_deref(), scope.network);
            ask_again(env, scope, &source, open, reporter)?;
        }
        return Ok(Synced { fetched: Fetched { held, ..Fetched::default() }, ..Synced::default() });
    }
    let mut unreachable = None;
    let mut writing = None;
    let resolves = match (scope.lock, scope.network) {
        (LockUse::Locked, _) => false,
        (LockUse::Write, Network::Online) => true,
        // A lockfile that fits is all that is needed.
        (LockUse::Write, Network::Offline) => match super::lock::locked(&members, None, scope) {
            Ok(_) => false,
            Err(error) if error.exit() == Exit::Verification => return Err(error),
            Err(_) => true,
        },
    };
    if resolves {
        writing = Some(ProjectLock::take(members.project(), "vitte package install", reporter)?);
        // Another command may have changed it until now.
        members = Members::collect(Project::find_any(env, scope.manifest.as_deref())?)?;
    }
    let project = members.project();
    let mut sources = match scope.network {
        Network::Online => {
            match Sources::open(env, &config, project, scope.registry.as_deref(), scope.network) {
                Ok(sources) => Some(sources),
                // What is locked and in the store needs no registry.
                Err(error) if is_optional(scope) && error.exit() == Exit::Network => {
                    unreachable = Some(error);
                    None
                }
                Err(error) => return Err(error),
            }
        }
        Network::Offline if resolves => {
            Some(Sources::open(env, &config, project, scope.registry.as_deref(), scope.network)?)
        }
        Network::Offline => None,
    };
    if let Some(sources) = &sources {
        sources.tell_places(reporter);
    }
    let before = &paths::used_before(project.root_folder());
    let mut synced = Synced { worked: true, ..Synced::default() };
    let mut trust = BTreeMap::new();
    let (lockfile, source): (Lockfile, String) = match (scope.lock, &mut sources) {
        (LockUse::Write, Some(sources)) => {
            let options = options(scope);
            let outcome = lock::resolve(&members, sources, &options, reporter)?;
            // What is about to be used is asked about, also where a copy was good enough to resolve.
            sources.drop_cached();
            check_status(&outcome.lockfile, sources, &Refuse::All, scope.deny, reporter)?;
            let text = outcome.lockfile.print();
            // What the lockfile names is in the store before the lockfile says so.
            let (held, target) = (Some(&*sources), scope.target.as_ref());
            let fetcher =
                Fetcher { env, store: &store, sources: held, trust: &outcome.trust, target, before };
            synced.fetched = with_store(&store, reporter, || fetcher.fetch(&outcome.lockfile, reporter))?;
            sources.commit()?;
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
            check_status(&outcome.lockfile, sources, &refuse(env, scope), scope.deny, reporter)?;
            trust = outcome.trust;
            let text = outcome.lockfile.print();
            (outcome.lockfile, text)
        }
        (_, sources) => {
            if let Some(sources) = &sources {
                sources.tell_older(reporter);
            }
            let locked = super::lock::locked(&members, sources.as_ref(), scope)?;
            if let Some(sources) = sources {
                match check_status(&locked.0, sources, &refuse(env, scope), scope.deny, reporter) {
                    // A copy of the registry that is older than what was seen cannot say.
                    Err(error) if is_optional(scope) && error.exit() == Exit::Network => {
                        reporter.warned(unasked(&error));
                    }
                    checked => checked?,
                }
            }
            locked
        }
    };
    if synced.fetched == Fetched::default() {
        let fetch = |sources: Option<&Sources>| {
            let fetcher =
                Fetcher { env, store: &store, sources, trust: &trust, target: scope.target.as_ref(), before };
            with_store(&store, reporter, || fetcher.fetch(&lockfile, reporter))
        };
        let mut fetched = fetch(sources.as_ref());
        if scope.network == Network::Offline
            && let Err(missing) = &fetched
            && missing.code() == Code::NotFound
            // Where nothing is kept of the registries, what is missing says more than that.
            && let Ok(held) = Sources::open(env, &config, project, scope.registry.as_deref(), scope.network)
        {
            match fetch(Some(&held)) {
                Err(error) if error.exit() == Exit::Network => {}
                tried => fetched = tried,
            }
        }
        match (fetched, unreachable) {
            (Ok(fetched), Some(error)) => {
                reporter.warned(unasked(&error));
                synced.fetched = fetched;
            }
            (Err(missing), Some(error)) if missing.code() == Code::NotFound => return Err(error),
            (fetched, _) => synced.fetched = fetched?,
        }
    }
    if let Some(mut sources) = sources {
        sources.commit()?;
    }
    if reach == Reach::Project {
        store.add_root(&project.lockfile_path())?;
        if scope.links == Links::Made || links::are_made(project) {
            links::write(project, &store, &lockfile)?;
        }
        // Last: while it tells of other inputs, the next install does all of this again.
        let inputs = paths::inputs(&members, &source);
        paths::write(&members, &store, &lockfile, &inputs).map_err(|error| match error.code() {
            Code::Io => error.help(text::project_not_written_help()),
            _ => error,
        })?;
    }
    drop(writing);
    Ok(synced)
}

fn options(scope: &Scope) -> Options {
    Options { minimum_age: scope.minimum_age, proof: scope.proof, deny: scope.deny, ..Options::default() }
}

/// What is refused unasked: nothing where the lockfile has to stay, unless this is CI.
fn refuse(env: &Env, scope: &Scope) -> Refuse {
    match scope.lock == LockUse::Write || env.is_ci() {
        true => Refuse::All,
        false => Refuse::none(),
    }
}

/// Whether what is locked may be used without a registry being asked about it.
fn is_optional(scope: &Scope) -> bool {
    scope.lock == LockUse::Locked && scope.proof == Proof::AsLocked && !scope.deny.is_any()
}

/// Everything is in place: what became of it since is asked all the same. That no registry responds is reported, and
/// stops nothing that was verified when it came.
fn ask_again(
    env: &Env,
    scope: &Scope,
    lockfile: &str,
    open: impl FnOnce() -> Result<Sources, Error>,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    // One that cannot be read would not be current.
    let Ok(lockfile) = Lockfile::parse(lockfile) else { return Ok(()) };
    if lockfile.packages().iter().all(|package| package.artifact.is_none()) {
        return Ok(());
    }
    let asked = open().and_then(|mut sources| {
        sources.tell_places(reporter);
        check_status(&lockfile, &mut sources, &refuse(env, scope), scope.deny, reporter)?;
        sources.commit()
    });
    match asked {
        Err(error) if !scope.deny.is_any() && is_silence(&error) => {
            reporter.warned(unasked(&error));
            Ok(())
        }
        asked => asked,
    }
}

/// Whether a fault only says that a registry could not be asked.
fn is_silence(error: &Error) -> bool {
    error.exit() == Exit::Network
        || matches!(
            error.code(),
            Code::NoRegistry | Code::UntrustedRegistry | Code::RegistryLayout | Code::NoFile
        )
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
