//! Which locked releases are behind, by the very computation that `update` makes.

use crate::config::Config;
use crate::dependencies::lock::{self, OnDisk, Options};
use crate::dependencies::{LockedStatus, Members, Refuse, Scope, Sources, check_status, statuses};
use crate::env::Env;
use crate::error::Error;
use crate::message::dependencies as text;
use crate::project::Project;
use crate::report::Reporter;
use std::collections::BTreeMap;
use vitte_package_core::diagnostic::{Diagnose as _, Diagnostic};
use vitte_package_core::index::{Host, Rule, newest};
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{Compatibility, Resolution};
use vitte_package_core::version::Version;

/// One locked release that is not as `update` would have it, or not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The package.
    pub name: PackageName,
    /// What is locked.
    pub locked: Version,
    /// What `update` would lock in its place; none if nothing needs it any more.
    pub wanted: Option<Version>,
    /// The newest release that might be used, were it not for requirements.
    pub newest: Option<Version>,
    /// What there is to say of it.
    pub note: Option<String>,
}

/// The locked releases that `update` would move, that are not the newest there are, or that were yanked, deprecated or
/// signed by a key that was revoked since.
///
/// # Errors
/// Those of resolving what is locked. That an update would find no solution is a warning.
pub fn outdated(env: &Env, scope: &Scope, reporter: &dyn Reporter) -> Result<Vec<Behind>, Error> {
    let project = Project::find_any(env, scope.manifest.as_deref())?;
    let config = Config::load(env, Some(project.root_folder()))?;
    let members = Members::collect(project)?;
    let mut sources =
        Sources::open(env, &config, members.project(), scope.registry.as_deref(), scope.network)?;
    sources.tell_places(reporter);
    let lockfile = match lock::read(members.project())? {
        OnDisk::Good(lockfile, _) => Some(lockfile),
        OnDisk::Bad(error, _) => return Err(error),
        OnDisk::Absent => None,
    };
    let options = Options { minimum_age: scope.minimum_age, ..Options::default() };
    let request = lock::request(&members, &sources, &options);
    let updated = match (lock::solve(request, &mut sources)?, &lockfile) {
        (Ok(updated), _) => Some(updated),
        (Err(explanation), None) => return Err(lock::in_manifest(&members, &explanation)),
        (Err(explanation), Some(lockfile)) => {
            // Where what is locked does not fit either, there is nothing to compare.
            let mut request = lock::request(&members, &sources, &options);
            request.locked = lockfile.preferences(&std::collections::BTreeSet::new());
            if let Err(explanation) = lock::solve(request, &mut sources)? {
                return Err(lock::in_manifest(&members, &explanation));
            }
            let fault = explanation.diagnostic();
            reporter.warned(Diagnostic::new(fault.code, text::update_impossible(&fault.message)));
            None
        }
    };
    sources.tell_copies(reporter);
    let Some(lockfile) = lockfile else { return Ok(Vec::new()) };
    check_status(&lockfile, &mut sources, &Refuse::none(), scope.deny, reporter)?;
    let notes = notes(&lockfile, &mut sources)?;
    let mut behind = Vec::new();
    for (name, locked) in releases(&lockfile) {
        let index = sources.of(name)?.index(name)?;
        let newest = index.as_deref().and_then(|index| newest(index, &Rule::to_use(&[], Host::Any, None)));
        let newest = newest.map(|entry| entry.core.version.clone());
        let wanted = match &updated {
            Some(updated) => updated_version(&lockfile, updated, name, locked),
            None => Some(locked.clone()),
        };
        let note = notes.get(&(name, locked)).cloned();
        let moves = wanted.as_ref() != Some(locked);
        let is_newest = newest.as_ref().is_none_or(|newest| newest <= locked);
        if !moves && is_newest && note.is_none() {
            continue;
        }
        let note = note.or_else(|| held(updated.as_ref(), name, wanted.as_ref(), newest.as_ref()));
        behind.push(Behind { name: name.clone(), locked: locked.clone(), wanted, newest, note });
    }
    Ok(behind)
}

/// The releases of a lockfile that come from a registry, each once.
fn releases(lockfile: &Lockfile) -> Vec<(&PackageName, &Version)> {
    let released = lockfile.packages().iter().filter(|package| package.artifact.is_some());
    let mut releases: Vec<_> = released.map(|package| (&package.name, &package.version)).collect();
    releases.dedup();
    releases
}

/// What became of the locked releases since.
fn notes<'l>(
    lockfile: &'l Lockfile,
    sources: &mut Sources,
) -> Result<BTreeMap<(&'l PackageName, &'l Version), String>, Error> {
    let mut notes = BTreeMap::new();
    for (package, statuses) in statuses(lockfile, sources)? {
        let words: Vec<String> = statuses
            .iter()
            .map(|status| match status {
                LockedStatus::Revoked(_) => text::note_revoked(),
                LockedStatus::Yanked(change) => text::note_yanked(change.code.as_str()),
                LockedStatus::Deprecated(change) => match change.replacement() {
                    Some(instead) => text::note_deprecated_use(&instead),
                    None => text::note_deprecated(),
                },
            })
            .collect();
        notes.insert((&package.name, &package.version), words.join(", "));
    }
    Ok(notes)
}

/// What takes the place of a locked release: that of its range of compatibility, or the only one where there was only
/// one.
fn updated_version(
    lockfile: &Lockfile,
    updated: &Resolution,
    name: &PackageName,
    locked: &Version,
) -> Option<Version> {
    let range = Compatibility::of(locked);
    let found: Vec<&Version> = updated.named(name).map(|(_, package)| &package.version).collect();
    let same = found.iter().find(|version| Compatibility::of(version) == range);
    let only = || {
        let before = releases(lockfile).into_iter().filter(|(other, _)| *other == name).count();
        if before == 1 { found.iter().max() } else { None }
    };
    same.or_else(only).map(|version| (*version).clone())
}

/// Why an update does not bring the newest release.
fn held(
    updated: Option<&Resolution>,
    name: &PackageName,
    wanted: Option<&Version>,
    newest: Option<&Version>,
) -> Option<String> {
    if wanted.is_none() {
        return Some(text::note_unused());
    }
    if wanted >= newest {
        return None;
    }
    let withheld = updated?.newer_withheld().iter().find(|newer| &newer.name == name);
    Some(match withheld {
        Some(newer) => newer.release.describe(name),
        None => text::note_held(name.as_str()),
    })
}
