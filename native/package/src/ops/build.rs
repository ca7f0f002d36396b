//! From a project to its artifacts: a `.vitmod` of its sources, and a `.vitpkg` of what its build command makes.

mod out;

use crate::builder::{Built, Options, Plan};
use crate::env::secret_variables;
use crate::error::{Error, IoAction, IoContext};
use crate::message::{build as text, project as project_text};
use crate::project::Project;
use crate::project_edit;
use crate::report::{Reporter, Silent, Task};
use crate::selection::{Selection, select_built, select_source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic, Place};
use vitte_package_core::manifest::{Build, near_miss_tables};
use vitte_package_core::target::{Kind, Target, file_name};
use vitte_package_core::tree::Tree;

/// The folder that archives are written to, under the project's folder, unless another is given.
pub const OUT: &str = "target";

/// What to build.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// The folder for the archives; `target` under the project's folder if not given.
    pub out: Option<PathBuf>,
    /// One kind only. Without it: a `.vitmod`, and a `.vitpkg` if the manifest has a `[build]`.
    pub kind: Option<Kind>,
    /// The target of a `.vitpkg`; means that kind. Without it: this machine.
    pub target: Option<Target>,
    /// What the archives are for.
    pub profile: Profile,
    /// How content frames are compressed.
    pub codec: Codec,
    /// Threads that compress.
    pub jobs: usize,
    /// Refuse a build command that changes the sources, instead of warning of it: what is published must be what the
    /// project holds.
    pub keep_sources: bool,
}

impl BuildRequest {
    /// Everything the project makes by itself, for keeping.
    pub fn new(jobs: usize) -> Self {
        Self {
            out: None,
            kind: None,
            target: None,
            profile: Profile::Build,
            codec: Codec::Zstd,
            jobs,
            keep_sources: false,
        }
    }

    /// The folder for the archives of a project.
    pub fn out_folder(&self, project: &Project) -> PathBuf {
        self.out.clone().unwrap_or_else(|| project.folder().join(OUT))
    }

    /// Checks that no archive is written through a link of the project: only the user says what is written elsewhere.
    ///
    /// # Errors
    /// `link-outside` when `target` is a link out of the project and no other folder was given.
    fn check_out(&self, project: &Project) -> Result<(), Error> {
        let own = self.out_folder(project);
        match self.out.is_none() && project_edit::leads_out(project.root_folder(), &own) {
            true => {
                let error = project_edit::link_outside(project.folder(), &own);
                Err(error.help(project_text::out_link_help()))
            }
            false => Ok(()),
        }
    }

    /// The kinds and targets asked for.
    ///
    /// # Errors
    /// `usage` for a `.vitmod` of a target, `build` for a `.vitpkg` of a project without `[build]`, `source` when
    /// the archives would be written into the folder that is packed.
    pub fn requested(&self, project: &Project) -> Result<Vec<(Kind, Target)>, Error> {
        let build = project.manifest().build();
        let binary = || (Kind::Vitpkg, self.target.clone().unwrap_or_else(crate::host::target));
        let source = (Kind::Vitmod, Target::any());
        let requested = match (self.kind, &self.target) {
            (Some(Kind::Vitmod), Some(target)) if !target.is_any() => {
                let message = text::source_has_no_target(target.as_str());
                return Err(Diagnostic::new(Code::Usage, message).into());
            }
            (Some(Kind::Vitmod), _) => vec![source],
            (Some(Kind::Vitpkg), _) | (None, Some(_)) => vec![binary()],
            (None, None) if build.is_some() => vec![source, binary()],
            (None, None) => vec![source],
        };
        if requested.iter().any(|(kind, _)| *kind == Kind::Vitpkg) {
            let Some(build) = build else {
                let missing = Diagnostic::new(Code::Build, project_text::no_build());
                return Err(missing.help(project_text::no_build_help()).into());
            };
            let (packed, out) = (packed_folder(project, build), self.out_folder(project));
            if out.starts_with(&packed) {
                let message = text::out_is_packed(&out.display().to_string());
                return Err(Diagnostic::new(Code::Source, message).help(text::out_is_packed_hint()).into());
            }
        }
        Ok(requested)
    }
}

/// An artifact that was built.
#[derive(Clone, Debug)]
pub struct Artifact {
    kind: Kind,
    target: Target,
    path: PathBuf,
    built: Built,
}

impl Artifact {
    /// Binary or source.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What it runs on; `any` for source.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was written.
    pub fn built(&self) -> &Built {
        &self.built
    }
}

/// Builds the artifacts of a project.
///
/// # Errors
/// `link-outside` when `target` is a link out of the project and no other folder was given; those of
/// [`BuildRequest::requested`], [`prepare`] and [`Plan::write`]. Artifacts built before the fault stay.
pub fn build(
    project: &Project,
    request: &BuildRequest,
    reporter: &dyn Reporter,
) -> Result<Vec<Artifact>, Error> {
    for warning in near_miss_tables(project.source()) {
        reporter.warned(warning);
    }
    // What `publish` would refuse is better known before anything depends on it.
    if let Err(error) = vitte_package_core::registry::check_name(project.manifest().name()) {
        reporter.warned(error.diagnostic());
    }
    request.check_out(project)?;
    let mut artifacts = Vec::new();
    for (kind, target) in request.requested(project)? {
        let plan = prepare(project, kind, &target, request, reporter)?;
        artifacts.push(write(project, &plan, kind, target, request, reporter)?);
    }
    Ok(artifacts)
}

/// Checks that no archive of one project takes the place of another's.
///
/// # Errors
/// `usage` when two would have the same name in one folder; `link-outside` when `target` is a link out of the project and
/// no other folder was given; those of [`BuildRequest::requested`].
pub fn check_places(projects: &[Project], request: &BuildRequest) -> Result<(), Error> {
    let mut places: BTreeMap<PathBuf, &Project> = BTreeMap::new();
    for project in projects {
        request.check_out(project)?;
        for (kind, target) in request.requested(project)? {
            let name = file_name(project.manifest().name(), project.manifest().version(), kind, &target);
            let place = request.out_folder(project).join(name);
            let shown = place.display().to_string();
            if let Some(first) = places.insert(place, project) {
                let (first, second) = (first.manifest().name(), project.manifest().name());
                let message = project_text::same_file(first.as_str(), second.as_str(), &shown);
                return Err(Diagnostic::new(Code::Usage, message)
                    .help(project_text::same_file_help())
                    .into());
            }
        }
    }
    Ok(())
}

/// Writes an unsigned archive under its usual name.
///
/// # Errors
/// Those of [`Plan::write`].
pub fn write(
    project: &Project,
    plan: &Plan,
    kind: Kind,
    target: Target,
    request: &BuildRequest,
    reporter: &dyn Reporter,
) -> Result<Artifact, Error> {
    let manifest = project.manifest();
    let name = file_name(manifest.name(), manifest.version(), kind, &target);
    let path = request.out_folder(project).join(name);
    let options = Options { kind, codec: request.codec, profile: request.profile, jobs: request.jobs };
    let built = plan.write(&path, options, reporter, |_| Ok(Vec::new()))?;
    Ok(Artifact { kind, target, path, built })
}

/// Runs the build command, for a `.vitpkg`, and chooses the files.
///
/// # Errors
/// `build` when the command fails, and every fault of the choice of files.
pub fn prepare(
    project: &Project,
    kind: Kind,
    target: &Target,
    request: &BuildRequest,
    reporter: &dyn Reporter,
) -> Result<Plan, Error> {
    if kind == Kind::Vitpkg
        && let Some(build) = project.manifest().build()
    {
        let before = sources(project, request);
        reporter.started(Task::Build, None);
        let result = run_command(project, build, target, reporter);
        reporter.finished(Task::Build);
        result?;
        if let (Some(before), Some(after)) = (before, sources(project, request))
            && let Some(changed) = sources_changed(build, &before, &after)
        {
            if request.keep_sources {
                return Err(project.in_manifest(changed.into()));
            }
            reporter.warned(changed);
        }
    }
    choose(project, kind, target, request, reporter)
}

/// The list of source files. None where they cannot be packed: that is reported where they are.
fn sources(project: &Project, request: &BuildRequest) -> Option<Tree> {
    let selection = select_source(project, Some(&request.out_folder(project)), &Silent).ok()?;
    Plan::new(selection.into_inputs()).ok()?.tree(&Silent).ok()
}

/// What to say of a build command that changed the sources, if it did.
fn sources_changed(build: &Build, before: &Tree, after: &Tree) -> Option<Diagnostic> {
    let paths = differing(before, after);
    let first = paths.first()?;
    let message = text::sources_changed(&build.command().join(" "), first, paths.len() as u64);
    let changed = Diagnostic::new(Code::Build, message).help(text::sources_changed_hint());
    Some(changed.at(Place::Source(build.span())).with("files", paths))
}

/// The files, by path, that are not the same in both.
fn differing(first: &Tree, second: &Tree) -> Vec<String> {
    let missing_in = |one: &Tree, other: &Tree| -> Vec<String> {
        let absent = one.entries().iter().filter(|entry| other.find(entry.path().as_str()) != Some(entry));
        absent.map(|entry| entry.path().as_str().to_owned()).collect()
    };
    let mut paths = missing_in(first, second);
    paths.extend(missing_in(second, first));
    paths.sort();
    paths.dedup();
    paths
}

/// Chooses the files without running anything: of a `.vitpkg`, what the last build left.
///
/// # Errors
/// Every fault of the choice of files.
pub fn choose(
    project: &Project,
    kind: Kind,
    target: &Target,
    request: &BuildRequest,
    reporter: &dyn Reporter,
) -> Result<Plan, Error> {
    let selection = match kind {
        Kind::Vitmod => select_source(project, Some(&request.out_folder(project)), reporter)?,
        Kind::Vitpkg => select_built(project, target, reporter)?,
    };
    if kind == Kind::Vitmod || request.kind == Some(Kind::Vitpkg) || request.target.is_some() {
        warn_of_no_licence(project, &selection, reporter);
    }
    Plan::new(selection.into_inputs())
}

/// A licence that is only named leaves its users without its terms.
fn warn_of_no_licence(project: &Project, selection: &Selection, reporter: &dyn Reporter) {
    if let Some(license) = project.manifest().license()
        && !selection.has_licence()
    {
        let missing = Diagnostic::new(Code::Source, project_text::no_licence_file(license));
        reporter.warned(missing.help(project_text::no_licence_file_help()));
    }
}

/// Makes the lists of files again, build command included, and compares them with those of `artifacts`.
///
/// # Errors
/// `not-reproducible` naming the files that differ, and those of [`prepare`].
pub fn check(
    project: &Project,
    artifacts: &[Artifact],
    request: &BuildRequest,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    for artifact in artifacts {
        let plan = prepare(project, artifact.kind, &artifact.target, request, reporter)?;
        let (first, second) = (artifact.built.tree(), plan.tree(reporter)?);
        if first.digest() != second.digest() {
            return Err(not_reproducible(artifact, first, &second));
        }
    }
    Ok(())
}

fn not_reproducible(artifact: &Artifact, first: &Tree, second: &Tree) -> Error {
    let paths = differing(first, second);
    let name = artifact.path.file_name().unwrap_or_default().to_string_lossy();
    let place = paths.first().map_or(Place::Whole, |path| Place::File { path: path.clone() });
    Diagnostic::new(Code::NotReproducible, text::not_reproducible(&name, paths.len() as u64))
        .at(place)
        .help(text::not_reproducible_hint())
        .with("expected", first.digest().to_string())
        .with("got", second.digest().to_string())
        .with("files", paths)
        .into()
}

fn packed_folder(project: &Project, build: &Build) -> PathBuf {
    project.folder().join(build.out().as_str())
}

/// Runs the build command in the project's folder, without a shell. What it prints goes to stderr: stdout is
/// for our answer.
fn run_command(
    project: &Project,
    build: &Build,
    target: &Target,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let out = out::prepare(project, build)?;
    let [program, arguments @ ..] = build.command() else { return Ok(()) };
    // A path counts from the project, a plain name is looked for where the system looks for programs.
    let file = match program.contains('/') {
        true => std::path::absolute(project.folder().join(program)).on(IoAction::Run, Path::new(program))?,
        false => PathBuf::from(program),
    };
    let line = build.command().join(" ");
    reporter.decided(text::running(&line));
    let mut command = Command::new(&file);
    command.args(arguments).current_dir(project.folder()).stdin(Stdio::null()).stdout(std::io::stderr());
    command.env("VITTE_TARGET", target.as_str()).env("VITTE_OUT", &out);
    for secret in secret_variables() {
        command.env_remove(secret);
    }
    let status = command.status().map_err(|error| {
        project.in_manifest(at_command(
            Diagnostic::new(Code::Build, text::command_absent(program, &crate::error::reason(&error))),
            build,
        ))
    })?;
    if status.success() {
        return Ok(());
    }
    let message = match status.code() {
        Some(code) => text::command_failed(&line, code),
        None => text::command_killed(&line),
    };
    let out = out.display().to_string();
    let help = text::command_hint(target.as_str(), &out, &line);
    Err(project.in_manifest(at_command(Diagnostic::new(Code::Build, message).help(help), build)))
}

fn at_command(diagnostic: Diagnostic, build: &Build) -> Error {
    diagnostic.at(Place::Source(build.span())).into()
}
