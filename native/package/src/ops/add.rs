//! Adds and removes dependencies of a project: manifest and lockfile change together, or neither does.

mod member;
mod origin;

use crate::config::Config;
use crate::dependencies::lock::{self, LockOutcome, Options};
use crate::dependencies::{Deny, LockUse, Members, Refuse, Scope, Sources, check_status};
use crate::env::Env;
use crate::error::Error;
use crate::manifest_edit::{self, Edited, NewDependency};
use crate::message::dependencies as text;
use crate::project::Project;
use crate::project_edit::{self, FileChange, ProjectLock, TRIES};
use crate::report::Reporter;
pub use member::at_members;
use origin::{Intent, Named, Origin};
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::lockfile::LockfileChange;
use vitte_package_core::name::PackageName;

/// What was written.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Each line of the manifest that was written or removed.
    pub lines: Vec<Edited>,
    /// What changed in the lockfile.
    pub changes: Vec<LockfileChange>,
}

/// Adds dependencies. One without a requirement gets the newest version that goes with everything else.
///
/// # Errors
/// `no-solution` and its kin when they cannot be satisfied together with the others: nothing is written then.
/// `key-revoked` and `yanked` when a release in use was signed by a key that was revoked, or is malware.
/// `lock-outdated` with [`LockUse::Locked`]; `manifest-conflict` when a registry was named on the command line and
/// the manifest gives a namespace that is wanted to another. One that was named, on the command line, by a variable, by
/// the user's configuration or as the only one the user has added, is written into the manifest, for the namespaces of
/// all that comes from it: the next command, in another terminal or on another machine, finds it there.
pub fn add(
    env: &Env,
    scope: &Scope,
    wanted: &[NewDependency],
    reporter: &dyn Reporter,
) -> Result<Changed, Error> {
    edit(env, scope, Intent::Add, reporter, |editing| add_once(env, scope, wanted, editing, reporter))
}

fn add_once(
    env: &Env,
    scope: &Scope,
    wanted: &[NewDependency],
    editing: &mut Editing,
    reporter: &dyn Reporter,
) -> Result<Planned, Error> {
    editing.sources.tell_places(reporter);
    let origin = match &editing.named {
        Some(named) => Origin::new(env, &editing.before, &editing.sources, named, wanted)?,
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
        // A path alone could be built with here, and not be published.
        let open = new.path.is_none() || new.kind != DependencyKind::Dev;
        if new.requirement.is_none() && open && !has_requirement(&editing.before, new) {
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
    let mut root = None;
    if let Some(line) = line {
        lines.push(line.edited.clone());
        match line.root {
            None => {
                source = line.edited.text;
                outcome = editing.try_source(source.clone(), reporter)?;
            }
            Some(file) => {
                let text = line.edited.text;
                root = Some(FileChange::new(&editing.before, file.path, Some(&file.source), text));
            }
        }
    }
    check_status(&outcome.lockfile, &mut editing.sources, &Refuse::All, scope.deny, reporter)?;
    Ok(Planned { source, root, outcome, lines })
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
    edit(env, scope, Intent::Remove, reporter, |editing| {
        let mut source = editing.before.source().to_owned();
        let mut lines = Vec::new();
        for name in names {
            let removed = manifest_edit::remove(&source, name, kind).map_err(|error| match error.code() {
                Code::NotFound => {
                    let known = editing.before.manifest().dependencies().iter();
                    super::lock::with_suggestion(error, name, known.map(|dependency| dependency.name()))
                }
                _ => error,
            })?;
            if let Some(last) = removed.last() {
                source.clone_from(&last.text);
            }
            lines.extend(removed);
        }
        let outcome = editing.try_source(source.clone(), reporter)?;
        // To remove one is a way out: what stays is reported, and does not stop it.
        check_status(&outcome.lockfile, &mut editing.sources, &Refuse::none(), Deny::default(), reporter)?;
        Ok(Planned { source, root: None, outcome, lines })
    })
}

/// Makes a change under the project's lock, from the files as they are then. What an editor saves meanwhile is not
/// overwritten: the change is made again, from that.
fn edit(
    env: &Env,
    scope: &Scope,
    intent: Intent,
    reporter: &dyn Reporter,
    mut plan: impl FnMut(&mut Editing) -> Result<Planned, Error>,
) -> Result<Changed, Error> {
    if scope.lock == LockUse::Locked {
        return Err(Diagnostic::new(Code::LockOutdated, text::locked_edit()).into());
    }
    let project = Project::find(env, scope.manifest.as_deref())?;
    let lock = ProjectLock::take(&project, intent.command(), reporter)?;
    for _ in 0..TRIES {
        let mut editing = Editing::begin(env, scope, intent)?;
        let planned = plan(&mut editing)?;
        if editing.finish(&planned)? {
            drop(lock);
            return Ok(Changed { lines: planned.lines, changes: planned.outcome.changes });
        }
    }
    Err(project_edit::changed_meanwhile(project.manifest_path()))
}

/// A change that can be made.
struct Planned {
    /// The manifest's new text.
    source: String,
    /// What changes in the manifest of the workspace.
    root: Option<FileChange>,
    outcome: LockOutcome,
    lines: Vec<Edited>,
}

struct Editing {
    before: Project,
    sources: Sources,
    options: Options,
    /// The registry that was named outside of the manifest.
    named: Option<Named>,
}

impl Editing {
    fn begin(env: &Env, scope: &Scope, intent: Intent) -> Result<Self, Error> {
        let before = Project::find(env, scope.manifest.as_deref())?;
        let config = Config::load(env, Some(before.root_folder()))?;
        let named = Named::of(env, &config, &before, scope.registry.as_deref(), intent)?;
        let given = named.as_ref().and_then(Named::given);
        let sources = Sources::open(env, &config, &before, given, scope.network)?;
        let options = Options { minimum_age: scope.minimum_age, deny: scope.deny, ..Options::default() };
        Ok(Self { before, sources, options, named })
    }

    fn try_source(&mut self, source: String, reporter: &dyn Reporter) -> Result<LockOutcome, Error> {
        // The lines of such a fault are not in the file.
        let edited = self.before.with_source(source).map_err(|error| error.help(text::edit_not_written()))?;
        let members = Members::collect(edited)?;
        lock::resolve(&members, &mut self.sources, &self.options, reporter)
    }

    /// Writes it all, or nothing when a file was saved meanwhile; says whether it did.
    fn finish(&mut self, planned: &Planned) -> Result<bool, Error> {
        self.sources.commit()?;
        let project = &self.before;
        let path = project.manifest_path().to_owned();
        let manifest = FileChange::new(project, path, Some(project.source()), planned.source.clone());
        // The manifest first: a lockfile that is behind is brought up to date by the next command.
        let mut changes: Vec<FileChange> = planned.root.iter().cloned().collect();
        changes.push(manifest);
        changes.extend(planned.outcome.is_new.then(|| planned.outcome.change(project)));
        project_edit::write_all(&changes)
    }
}

/// Whether the dependency is in the same table with a requirement already, which then stays.
fn has_requirement(project: &Project, new: &NewDependency) -> bool {
    project.manifest().dependencies().iter().any(|dependency| {
        let same_table = dependency.kind() == new.kind && dependency.targets() == new.target.as_slice();
        dependency.name() == &new.name && same_table && dependency.requirement().is_some()
    })
}

/// The version a project was given for a dependency, as a requirement.
fn chosen(outcome: &LockOutcome, project: &PackageName, name: &PackageName) -> Option<String> {
    let packages = outcome.resolution.packages();
    let member = packages.iter().find(|package| package.is_member() && &package.name == project)?;
    let versions = member.links.iter().filter_map(|link| packages.get(link.to));
    let newest = versions.filter(|package| &package.name == name).map(|package| &package.version).max()?;
    let mut version = newest.semver().clone();
    version.build = semver::BuildMetadata::EMPTY;
    Some(version.to_string())
}
