use super::names;
use super::scope::{ScopeArgs, tell};
use crate::answer::{self, LockChange, ManifestLine, SectionRow};
use crate::render;
use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::dependencies::{Fetched, Links, Scope};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{dependencies as project_words, sections as section_words, ui as words};
use vitte_package::ops;
use vitte_package::ops::install::{self, InstallRequest, InstalledRelease, Wanted};
use vitte_package::ops::sections::SectionHere;
use vitte_package::ops::sync::{self, Reach};
use vitte_package::project::Project;
use vitte_package::registry::read::by_delta::Saved;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::RegistryId;
use vitte_package_core::tree::SectionName;
use vitte_package_core::version::Version;

/// Install the project's dependencies, or packages
///
/// Without names, the project here or above is brought to its lockfile: what is missing is locked, fetched and
/// verified, and the compiler is told where it is. With names and a project, they are added to it first. Without
/// a project, or with --user, they are installed for this user, with their dependencies; their programs
/// become commands in `bin` of the user's store. Several versions of a package may be installed, and the one
/// installed last is run. Files are always installed for the user.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package install\n  vitte package install --links\n  vitte package install roussov/vitte-math --registry ./registry\n  vitte package install roussov/vitte-math@^1.2 --user\n  vitte package install roussov/vitte-math --user --with docs\n  vitte package install ./vitte-math-1.2.0.vitmod --key author.pub"
)]
pub(crate) struct Args {
    /// Packages, each with a version or a requirement if wanted, or files
    #[arg(value_name = "NAME[@REQ]|FILE")]
    packages: Vec<String>,
    /// For this user, also where there is a project
    #[arg(long, conflicts_with = "manifest")]
    user: bool,
    /// Also make links to the project's packages in `vitte_modules/`; they are kept in step from then on
    #[arg(long)]
    links: bool,
    /// Also fetch these deferred sections of the packages, which are not installed otherwise
    #[arg(long, value_name = "SECTIONS", value_delimiter = ',', value_parser = SectionName::parse)]
    with: Vec<SectionName>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Trust this key for files, besides own and trusted ones: a name or a file
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
}

impl Args {
    /// Whether the names are for a project.
    fn is_for_project(&self, env: &Env, wanted: &[Wanted]) -> bool {
        let named = wanted.iter().all(|wanted| matches!(wanted, Wanted::Release { .. }));
        named && !self.user && (self.scope.names_project() || Project::is_near(env))
    }
}

/// Brings the project to its lockfile.
fn project(args: &Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    if !args.with.is_empty() {
        return Err(Diagnostic::new(Code::Usage, section_words::for_user_only()).into());
    }
    let mut scope = args.scope.scope_in_ci(env, ui)?;
    if args.links {
        scope.links = Links::Made;
    }
    let added = match args.packages.is_empty() {
        true => None,
        false => {
            let path = Project::find(env, scope.manifest.as_deref())?.manifest_path().to_owned();
            ui.say(project_words::into_project(&env.shorten(&path).display().to_string()));
            let wanted = super::add::plain("install", &args.packages, env)?;
            Some(ops::add::add(env, &scope, &wanted, ui.reporter())?)
        }
    };
    let lines = added.as_ref().map_or(&[][..], |added| &added.lines);
    for edited in lines {
        ui.note(project_words::wrote_line(&edited.table, &edited.line));
    }
    let synced = sync::sync(env, &scope, Reach::Project, ui.reporter())?;
    let changes = added.as_ref().map_or(&synced.changes, |added| &added.changes);
    let changes = tell(changes, ui);
    let fetched = synced.fetched;
    ui.success(match synced.worked {
        _ if fetched.unpacked + fetched.held == 0 => project_words::sync_empty(),
        true => fetched_in_words(fetched),
        false => project_words::sync_nothing(fetched.held),
    });
    let lines = ManifestLine::all(lines);
    tell_saved(fetched.saved, ui);
    let (unpacked, held, saved) = (fetched.unpacked, fetched.held, fetched.saved.bytes());
    ui.result(&Answer::Project { worked: synced.worked, unpacked, held, saved, lines, changes });
    Ok(Exit::Ok)
}

/// Says what did not have to be fetched: because deltas came, and because files were here or nobody asked for them.
pub(super) fn tell_saved(saved: Saved, ui: &mut Ui) {
    if saved.parts > 0 {
        ui.say(section_words::saved(&render::size(saved.parts)));
    }
    if saved.deltas > 0 {
        let (fetched, whole) = (render::size(saved.fetched), render::size(saved.whole));
        ui.say(project_words::saved(saved.deltas, &fetched, &whole));
    }
}

/// How many packages came into the store, and how many it had.
pub(super) fn fetched_in_words(fetched: Fetched) -> String {
    match (fetched.unpacked, fetched.held) {
        (0, 0) => project_words::sync_empty(),
        (0, held) => project_words::sync_held(held),
        (unpacked, 0) => project_words::sync_done(unpacked),
        (unpacked, held) => project_words::sync_done_held(unpacked, held),
    }
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "into", rename_all = "kebab-case")]
pub(crate) enum Answer<'a> {
    /// The project was brought to its lockfile.
    Project {
        /// Whether there was anything to do.
        worked: bool,
        /// Packages that were verified and unpacked now.
        unpacked: usize,
        /// Packages the store held already.
        held: usize,
        /// Bytes that were not fetched, because deltas came in place of whole packages.
        saved: u64,
        /// Lines that were written into the manifest.
        lines: Vec<ManifestLine<'a>>,
        /// What changed in the lockfile.
        changes: Vec<LockChange<'a>>,
    },
    /// Packages were installed for this user.
    UserStore {
        /// The folder with the commands.
        shims: PathBuf,
        /// What was installed.
        packages: Vec<Installed<'a>>,
    },
}

/// A package that is installed for this user.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Installed<'a> {
    #[serde(flatten)]
    release: answer::Installed<'a>,
    /// The folder with its files.
    folder: &'a Path,
    /// Whether it was unpacked now; otherwise the store held it already.
    unpacked: bool,
    /// The packages it needs.
    #[serde(rename = "beside")]
    dependencies: Vec<Dependency<'a>>,
    /// Its programs whose commands were lost, or ran something else, and were written again.
    restored: &'a [String],
    /// The deferred sections that were asked for.
    sections: Vec<SectionRow<'a>>,
    /// Bytes that were not fetched, because deltas came in place of whole packages.
    saved: u64,
}

/// A package that an installed one needs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Dependency<'a> {
    /// The package.
    package: &'a PackageName,
    /// Its version.
    version: &'a Version,
    /// Its identity.
    tree: TreeDigest,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    args.packages.iter().try_for_each(|given| names::check("install", given, env))?;
    let wanted: Vec<Wanted> =
        args.packages.iter().map(|text| Wanted::parse(text, env)).collect::<Result<_, _>>()?;
    if args.is_for_project(env, &wanted) || wanted.is_empty() {
        return project(&args, env, ui);
    }
    let scope = args.scope.scope()?;
    let Scope { registry, network, minimum_age, .. } = scope;
    let with = args.with.into_iter().collect();
    let request = InstallRequest { wanted, keys: args.keys, registry, network, minimum_age, with };
    let installed = install::install(env, &request, &mut trust_prompt(ui), ui.reporter())?;
    let shims = env.vitte_home()?.join("bin");
    for done in &installed {
        let (package, version) = (done.release.package.as_str(), done.release.version.to_string());
        ui.success(match done.unpacked {
            true => words::installed(package, &version, &done.folder.display().to_string()),
            false => words::installed_already(package, &version),
        });
        if let Some(transfer) = done.transfer.filter(|transfer| transfer.saved() > 0) {
            ui.say(section_words::fetched_of(&render::size(transfer.bytes), &render::size(transfer.total)));
        }
        tell_sections(package, &done.sections, ui);
        if !done.restored.is_empty() {
            ui.success(words::restored(done.restored.len(), &done.restored.join(", ")));
        }
        // How much of its own archive came has been said.
        tell_saved(Saved { parts: done.dependencies.fetched.saved.parts, ..done.saved() }, ui);
        let dependencies = done.dependencies.fetched.unpacked;
        if dependencies > 0 {
            ui.say(project_words::also_installed(package, &version, dependencies));
        }
        if !done.release.programs.is_empty() {
            let programs: Vec<_> = done.release.programs.keys().map(String::as_str).collect();
            ui.say(words::installed_programs(&programs.join(", ")));
        }
    }
    let programs = installed.iter().any(|done| !done.release.programs.is_empty());
    if programs && !env.path_folders().contains(&shims) {
        ui.say(words::path_hint(&shims.display().to_string()));
    }
    let packages = installed.iter().map(|done| Installed {
        release: (&done.release).into(),
        folder: &done.folder,
        unpacked: done.unpacked,
        dependencies: dependencies(done),
        restored: &done.restored,
        sections: done.sections.iter().map(SectionRow::from).collect(),
        saved: done.saved().bytes(),
    });
    ui.result(&Answer::UserStore { packages: packages.collect(), shims });
    Ok(Exit::Ok)
}

/// Says where the sections of a package are.
pub(super) fn tell_sections(package: &str, sections: &[SectionHere], ui: &mut Ui) {
    for section in sections {
        let (name, folder) = (section.name.as_str(), section.folder.display().to_string());
        match section.brought {
            false => ui.success(section_words::here(name, package, &folder)),
            true => ui.success(section_words::brought(name, package, &render::size(section.bytes), &folder)),
        }
        if let Some(transfer) = section.transfer.filter(|_| section.brought) {
            ui.say(section_words::fetched_of(&render::size(transfer.bytes), &render::size(transfer.total)));
        }
    }
}

/// Asks whether a registry that is new here is trusted.
pub(super) fn trust_prompt(ui: &Ui) -> impl FnMut(&str, &RegistryId, &Digest) -> Result<bool, Error> {
    |name: &str, id: &RegistryId, digest: &Digest| {
        let question = words::meet_registry(name, id.as_str(), &digest.to_string());
        match ui.confirm(&question, "--yes") {
            // With nobody to ask, a registry that is not known is not trusted.
            Err(error) if error.code() == Code::NeedsAnswer => Ok(false),
            answer => answer,
        }
    }
}

/// The packages installed with a release, for `--json`.
fn dependencies(done: &InstalledRelease) -> Vec<Dependency<'_>> {
    let packages = done.dependencies.lockfile.iter().flat_map(|lockfile| lockfile.packages());
    packages
        .filter_map(|package| {
            let tree = package.artifact.as_ref()?.tree;
            Some(Dependency { package: &package.name, version: &package.version, tree })
        })
        .collect()
}
