//! Adds and removes dependencies of a project: manifest and lockfile change together, or neither does.

mod origin;

use crate::config::Config;
use crate::dependencies::lock::{self, Options, Outcome};
use crate::dependencies::{Deny, LockUse, Members, Refuse, Scope, Sources, check_status};
use crate::env::Env;
use crate::error::Error;
use crate::fs::{self, Access};
use crate::manifest_edit::{self, Edited, NewDependency};
use crate::project::Project;
use crate::report::Reporter;
use origin::{Line, Origin};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::lockfile::Change;
use vitte_package_core::manifest::DependencyKind;
use vitte_package_core::message::dependencies as text;
use vitte_package_core::name::PackageName;

/// What was written.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Each line of the manifest that was written or removed.
    pub lines: Vec<Edited>,
    /// What changed in the lockfile.
    pub changes: Vec<Change>,
}

/// Adds dependencies. One without a requirement gets the newest version that goes with everything else.
///
/// # Errors
/// `no-solution` and its kin when they cannot be satisfied together with the others: nothing is written then.
/// `key-revoked` and `yanked` when a release in use was signed by a key that was revoked, or is malware.
/// `lock-outdated` with [`LockUse::Locked`]; `manifest-conflict` when a registry was named on the command line and
/// the manifest gives a namespace that is wanted to another. One that was named is written into the manifest, for
/// the namespaces of all that comes from it.
pub fn add(
    env: &Env,
    scope: &Scope,
    wanted: &[NewDependency],
    reporter: &dyn Reporter,
) -> Result<Changed, Error> {
    let mut editing = Editing::begin(env, scope)?;
    editing.sources.tell_places(reporter);
    let origin = match &scope.registry {
        Some(given) => Origin::new(env, &editing.before, &editing.sources, given, wanted)?,
        None => None,
    };
    let mut open = wanted.to_vec();
    // First with any version, to learn which one it can be.
    let mut source = editing.before.source().to_owned();
    for new in &mut open {
        if new.requirement.is_none() && new.path.is_none() && !has_requirement(&editing.before, new) {
            source =
                manifest_edit::add(&source, &NewDependency { requirement: Some("*".into()), ..new.clone() })?
                    .text;
        } else {
            source = manifest_edit::add(&source, new)?.text;
        }
    }
    let first = editing.try_source(source, reporter)?;
    let mut source = editing.before.source().to_owned();
    let mut lines = Vec::new();
    for new in &mut open {
        if new.requirement.is_none() && new.path.is_none() && !has_requirement(&editing.before, new) {
            new.requirement = chosen(&first, editing.before.manifest().name(), &new.name);
        }
        let edited = manifest_edit::add(&source, new)?;
        source.clone_from(&edited.text);
        lines.push(edited);
    }
    let mut outcome = editing.try_source(source.clone(), reporter)?;
    let line = match &origin {
        Some(origin) => origin.lines(&editing.before, &source, &outcome.lockfile)?,
        None => None,
    };
    if let Some(Line { edited, root }) = &line {
        if root.is_none() {
            source.clone_from(&edited.text);
            outcome = editing.try_source(source.clone(), reporter)?;
        }
        lines.push(edited.clone());
    }
    check_status(&outcome.lockfile, &mut editing.sources, &Refuse::All, scope.deny, reporter)?;
    line.map_or(Ok(()), |line| line.write_root())?;
    editing.finish(&source, &outcome)?;
    Ok(Changed { lines, changes: outcome.changes })
}

/// Removes dependencies, from the table of `kind` or from all.
///
/// # Errors
/// `not-found` for one that is not there; as [`add`].
pub fn remove(
    env: &Env,
    scope: &Scope,
    names: &[PackageName],
    kind: Option<DependencyKind>,
    reporter: &dyn Reporter,
) -> Result<Changed, Error> {
    let mut editing = Editing::begin(env, scope)?;
    let mut source = editing.before.source().to_owned();
    let mut lines = Vec::new();
    for name in names {
        let removed = manifest_edit::remove(&source, name, kind).map_err(|error| match error.code() {
            Code::NotFound => {
                let known = editing.before.manifest().dependencies().iter();
                super::lock::meant(error, name, known.map(|dependency| dependency.name()))
            }
            _ => error,
        })?;
        if let Some(last) = removed.last() {
            source.clone_from(&last.text);
        }
        lines.extend(removed);
    }
    let outcome = editing.try_source(source.clone(), reporter)?;
    // To remove one is a way out: what stays is told of, and does not stop it.
    check_status(&outcome.lockfile, &mut editing.sources, &Refuse::none(), Deny::default(), reporter)?;
    editing.finish(&source, &outcome)?;
    Ok(Changed { lines, changes: outcome.changes })
}

struct Editing {
    before: Project,
    sources: Sources,
    options: Options,
}

impl Editing {
    fn begin(env: &Env, scope: &Scope) -> Result<Self, Error> {
        if scope.lock == LockUse::Locked {
            return Err(Diagnostic::new(Code::LockOutdated, text::locked_edit()).into());
        }
        let before = Project::find(env, scope.manifest.as_deref())?;
        let config = Config::load(env, Some(before.root_folder()))?;
        let sources = Sources::open(env, &config, &before, scope.registry.as_deref(), scope.network)?;
        let options = Options { minimum_age: scope.minimum_age, deny: scope.deny, ..Options::default() };
        Ok(Self { before, sources, options })
    }

    fn try_source(&mut self, source: String, reporter: &dyn Reporter) -> Result<Outcome, Error> {
        let members = Members::collect(self.before.with_source(source)?)?;
        lock::resolve(&members, &mut self.sources, &self.options, reporter)
    }

    fn finish(&self, source: &str, outcome: &Outcome) -> Result<(), Error> {
        // The manifest first: a lockfile that is behind is brought up to date by the next command.
        fs::write_atomic(self.before.manifest_path(), source.as_bytes(), Access::Shared)?;
        lock::write(&self.before, outcome)?;
        self.sources.commit()
    }
}

/// Whether the dependency stands in the same table with a requirement already, which then stays.
fn has_requirement(project: &Project, new: &NewDependency) -> bool {
    project.manifest().dependencies().iter().any(|dependency| {
        dependency.name() == &new.name && dependency.kind() == new.kind && dependency.requirement().is_some()
    })
}

/// The version a project was given for a dependency, as a requirement.
fn chosen(outcome: &Outcome, project: &PackageName, name: &PackageName) -> Option<String> {
    let packages = outcome.resolution.packages();
    let member = packages.iter().find(|package| package.is_member() && &package.name == project)?;
    let versions = member.links.iter().filter_map(|link| packages.get(link.to));
    let newest = versions.filter(|package| &package.name == name).map(|package| &package.version).max()?;
    let mut version = newest.semver().clone();
    version.build = semver::BuildMetadata::EMPTY;
    Some(version.to_string())
}
