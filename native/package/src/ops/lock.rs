//! Brings the lockfile up to date, or moves what it holds.

use crate::config::Config;
use crate::dependencies::lock::{self, LockOutcome, OnDisk, Options, Unlocked};
use crate::dependencies::{LockUse, Members, Network, Refuse, Scope, Sources, check_pins, check_status};
use crate::env::Env;
use crate::error::Error;
use crate::message::{dependencies as text, lock as lock_text, registry as registry_text, usage};
use crate::project::{LOCKFILE_NAME, Project};
use crate::project_edit::ProjectLock;
use crate::report::Reporter;
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::manifest::DeclaredDependency;
use vitte_package_core::name::PackageName;
use vitte_package_core::nearest::nearest_package;
use vitte_package_core::resolve::{Origin, Registries, Request, duration_in_words};
use vitte_package_core::version::Version;

/// Whether the outcome is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is.
    Write,
    /// It is only reported.
    Tell,
}

/// Resolves the project with the locked versions preferred, and writes the lockfile.
///
/// # Errors
/// Those of [`lock::resolve`]; with [`LockUse::Locked`] `lock-outdated` when the lockfile would change.
pub fn lock(env: &Env, scope: &Scope, reporter: &dyn Reporter) -> Result<LockOutcome, Error> {
    run(env, scope, Options::default(), Effect::Write, &Refuse::All, reporter)
}

/// What is updated.
#[derive(Clone, Debug)]
pub struct Update<'a> {
    /// These packages; none stands for all that are locked.
    pub names: &'a [PackageName],
    /// The version that the one package named moves to, in place of the newest.
    pub precise: Option<Version>,
    /// Whether the outcome is written.
    pub effect: Effect,
}

/// Moves locked packages to the newest versions that fit: those named, or all.
///
/// # Errors
/// `not-found` for a name that is not locked, and as [`lock()`].
pub fn update(
    env: &Env,
    scope: &Scope,
    update: Update<'_>,
    reporter: &dyn Reporter,
) -> Result<LockOutcome, Error> {
    let Update { names, precise, effect } = update;
    let project = Project::find_any(env, scope.manifest.as_deref())?;
    let on_disk = lock::read(&project)?;
    if let OnDisk::Good(lockfile, _) = &on_disk {
        let absent = names.iter().find(|name| lockfile.named(name).next().is_none());
        if let Some(absent) = absent {
            return Err(not_locked(absent, lockfile.packages().iter().map(|package| &package.name)));
        }
    }
    // Without a lockfile, what the manifests ask for is all that is known.
    if let OnDisk::Absent = on_disk {
        let members = project.members()?;
        let asked = || {
            members.iter().flat_map(|member| member.manifest().dependencies()).map(DeclaredDependency::name)
        };
        if let Some(absent) = names.iter().find(|name| !asked().any(|known| known == *name)) {
            return Err(not_locked(absent, asked()));
        }
    }
    let unlocked = match names {
        [] => Unlocked::All,
        names => Unlocked::Only(names.iter().cloned().collect::<BTreeSet<_>>()),
    };
    let precise = match (names, precise) {
        ([name], Some(version)) => BTreeMap::from([(name.clone(), version)]),
        _ => BTreeMap::new(),
    };
    // A release that is not to move now does not stand in the way of another that is: it is reported.
    let refuse = match &unlocked {
        Unlocked::All => Refuse::All,
        Unlocked::Only(names) => Refuse::Only(names.clone()),
    };
    let options = Options { unlocked, precise: precise.clone(), ..Options::default() };
    let outcome = run(env, scope, options, effect, &refuse, reporter)?;
    for (name, version) in &precise {
        if !outcome.lockfile.named(name).any(|package| &package.version == version) {
            let message = text::precise_unused(name.as_str(), &version.to_string());
            let fault = Diagnostic::new(Code::NoMatch, message);
            return Err(fault.help(registry_text::release_missing_help(name.as_str())).into());
        }
    }
    Ok(outcome)
}

fn run(
    env: &Env,
    scope: &Scope,
    options: Options,
    effect: Effect,
    refuse: &Refuse,
    reporter: &dyn Reporter,
) -> Result<LockOutcome, Error> {
    let mut project = Project::find_any(env, scope.manifest.as_deref())?;
    let mut held = None;
    if scope.lock == LockUse::Write && effect == Effect::Write {
        held = Some(ProjectLock::take(&project, "vitte package lock", reporter)?);
        // Another command may have changed it until now.
        project = Project::find_any(env, scope.manifest.as_deref())?;
    }
    let config = Config::load(env, Some(project.root_folder()))?;
    let members = Members::collect(project)?;
    let mut sources =
        Sources::open(env, &config, members.project(), scope.registry.as_deref(), scope.network)?;
    sources.tell_places(reporter);
    let options = Options { minimum_age: scope.minimum_age, proof: scope.proof, deny: scope.deny, ..options };
    let outcome = lock::resolve(&members, &mut sources, &options, reporter)?;
    check_precise(&outcome, &lock::request(&members, &sources, &options), scope, reporter)?;
    // The index was asked for the resolution: looking there again costs nothing.
    let refuse = if scope.lock == LockUse::Locked && !env.is_ci() { &Refuse::none() } else { refuse };
    check_status(&outcome.lockfile, &mut sources, refuse, scope.deny, reporter)?;
    match (scope.lock, effect) {
        (LockUse::Locked, _) if outcome.is_new => return Err(outdated(&members)),
        (LockUse::Write, Effect::Write) => {
            sources.commit()?;
            lock::write(members.project(), &outcome)?;
        }
        _ => {}
    }
    drop(held);
    Ok(outcome)
}

/// What was asked for by name may be younger than releases have to be: that is reported, and refused where the command
/// line asks for both.
fn check_precise(
    outcome: &LockOutcome,
    request: &Request,
    scope: &Scope,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let policy = &request.policy;
    for (name, version) in request.precise.iter().filter(|(name, _)| !policy.exempts(name)) {
        let chosen = outcome.resolution.named(name).find(|(_, package)| &package.version == version);
        let Some((_, package)) = chosen else { continue };
        let Origin::Registry(_, artifacts) = &package.origin else { continue };
        let youngest = artifacts.iter().filter_map(|artifact| artifact.published).max();
        let age = policy.now.saturating_sub(youngest.unwrap_or(0));
        if age >= policy.minimum_age {
            continue;
        }
        let (age, minimum) = (duration_in_words(age), duration_in_words(policy.minimum_age));
        let message = text::precise_young(name.as_str(), &version.to_string(), &age, &minimum);
        let fault = Diagnostic::new(Code::TooYoung, message);
        if scope.minimum_age.is_some() {
            return Err(fault.help(text::precise_young_refused()).into());
        }
        reporter.warned(fault.help(text::precise_young_help()));
    }
    Ok(())
}

/// The lockfile of a project that must fit as it is.
///
/// # Errors
/// `lock-outdated` when there is none or it does not fit the manifests, `lock-syntax`.
pub fn locked(
    members: &Members,
    sources: Option<&Sources>,
    scope: &Scope,
) -> Result<(Lockfile, String), Error> {
    let (lockfile, source) = match lock::read(members.project())? {
        OnDisk::Good(lockfile, source) => (lockfile, source),
        OnDisk::Bad(error, _) => return Err(error),
        OnDisk::Absent => return Err(outdated(members)),
    };
    let registries = match (sources, scope.network) {
        (Some(sources), _) => sources.registries().clone(),
        // Without a registry at hand the lockfile's own word is taken for which it was.
        (None, Network::Online | Network::Offline) => Registries::new(
            None,
            lockfile
                .packages()
                .iter()
                .filter_map(|package| {
                    let artifact = package.artifact.as_ref()?;
                    Some((package.name.namespace_or_none(), artifact.registry.clone()))
                })
                .collect(),
        ),
    };
    let request = Request { members: members.for_resolver(), registries, ..Request::default() };
    lockfile
        .check(&request)
        .map_err(|stale| Error::from(stale.diagnostic()).in_file(members.project().lockfile_path()))?;
    check_pins(members.project(), &lockfile)?;
    Ok((lockfile, source))
}

/// The fault that a package is not locked, with a suggestion.
pub(super) fn not_locked<'n>(name: &PackageName, locked: impl IntoIterator<Item = &'n PackageName>) -> Error {
    let fault = Diagnostic::new(Code::NotFound, text::not_locked(name.as_str()));
    with_nearest(fault, name, locked)
}

/// Adds the nearest of the names that are there to an error about one that is not.
pub(super) fn with_suggestion<'n>(
    error: Error,
    name: &PackageName,
    known: impl IntoIterator<Item = &'n PackageName>,
) -> Error {
    let known: Vec<PackageName> = known.into_iter().cloned().collect();
    match nearest_package(name, &known) {
        Some(near) => error.help(usage::did_you_mean(near.as_str())),
        None => error,
    }
}

/// A fault about a name that is not there, with the nearest of those that are.
pub(super) fn with_nearest<'n>(
    fault: Diagnostic,
    name: &PackageName,
    known: impl IntoIterator<Item = &'n PackageName>,
) -> Error {
    with_suggestion(fault.into(), name, known)
}

pub(super) fn outdated(members: &Members) -> Error {
    let path = members.project().lockfile_path();
    let message = match path.exists() {
        true => text::lock_would_change(LOCKFILE_NAME),
        false => text::lock_absent(LOCKFILE_NAME),
    };
    Error::from(Diagnostic::new(Code::LockOutdated, message).help(lock_text::stale_hint())).in_file(path)
}
