//! Publishing a project, or package files, into a registry that is a folder.

use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, Insist, Permissions};
use crate::fs::{self, TempDir};
use crate::message::project as project_text;
use crate::ops::build;
use crate::package_file::PackageFile;
use crate::project::{Choice, Project};
use crate::publisher::check_name;
use crate::publisher::{self, Mode, Publication};
use crate::registry::directory::Directory;
use crate::registry::source::Source as _;
use crate::report::{Reporter, Silent};
use crate::scan;
use crate::selection::{self, Ignored, Selection, select_built, select_source};
use std::path::{Path, PathBuf};
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::codec::Profile;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::limits;
use vitte_package_core::manifest::{Manifest, check_publishable_anywhere};
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::layout;
use vitte_package_core::sign::{SecretKey, TrustPolicy};
use vitte_package_core::target::Kind;
use vitte_package_core::tree::Tree;
use vitte_package_core::verify::{Expectation, Sections, Trust};

/// What to publish, and where.
#[derive(Debug)]
pub struct Request<'a> {
    /// The projects to build when there are no files, each behind those that it needs.
    pub projects: &'a [Project],
    /// Package files.
    pub files: &'a [PathBuf],
    /// The registry's folder.
    pub folder: &'a Path,
    /// Who signs.
    pub signer: &'a SecretKey,
}

/// Archives that are ready to be published; those that were built are gone when this is dropped.
#[derive(Debug)]
pub struct Prepared {
    archives: Vec<PathBuf>,
    trees: Vec<Tree>,
    by_include: Vec<bool>,
    _built: Option<TempDir>,
}

impl Prepared {
    fn new(built: Option<TempDir>) -> Self {
        Self { archives: Vec::new(), trees: Vec::new(), by_include: Vec::new(), _built: built }
    }

    /// Takes an archive that was opened.
    fn add(&mut self, package: &PackageFile, manifest: &Manifest) {
        self.archives.push(package.path().to_owned());
        self.trees.push(package.toc().tree().clone());
        self.by_include.push(!manifest.include().is_empty());
    }

    /// The files of the archive with this identity, and whether the manifest's `include` chose them: without it,
    /// everything goes in that `exclude` and `.gitignore` do not leave out.
    pub fn contents(&self, tree: &TreeDigest) -> Option<(&Tree, bool)> {
        let at = self.trees.iter().position(|held| held.digest() == *tree)?;
        Some((self.trees.get(at)?, *self.by_include.get(at)?))
    }
}

/// The projects to publish; none when files are given.
///
/// # Errors
/// `no-project` when neither is there; those of [`Project::choose`].
pub fn find_projects(
    env: &Env,
    manifest: Option<&Path>,
    choice: &Choice,
    files: &[PathBuf],
) -> Result<Vec<Project>, Error> {
    if files.is_empty() { Project::choose(env, manifest, choice) } else { Ok(Vec::new()) }
}

/// Builds the projects into private folders, or takes the files, which are looked through like a project.
///
/// # Errors
/// Before anything is built: `manifest-missing` for what a published package needs, `secret` for files that should
/// not be published. Then those of [`build::build`], or for files why they cannot be read or are not what they say.
pub fn prepare(env: &Env, request: &Request<'_>, reporter: &dyn Reporter) -> Result<Prepared, Error> {
    if request.projects.is_empty() {
        let mut prepared = Prepared::new(None);
        for file in request.files {
            let mut package = PackageFile::open(&env.resolve(file)).map_err(|error| error.in_file(file))?;
            let manifest = package.manifest().map_err(|error| error.in_file(file))?;
            refuse_archive(env, &package, &manifest, reporter).map_err(|error| error.in_file(file))?;
            prepared.add(&package, &manifest);
        }
        return Ok(prepared);
    }
    let folder = TempDir::new_in(&env.vitte_home()?.join("tmp"))?;
    // What stops one of them stops all, before any is built.
    for project in request.projects {
        check_project(project)?;
    }
    let mut prepared = Prepared::new(None);
    for (number, project) in request.projects.iter().enumerate() {
        let out = folder.path().join(number.to_string());
        fs::create_private_folder(&out)?;
        build_one(env, project, &out, &mut prepared, reporter)?;
    }
    prepared._built = Some(folder);
    Ok(prepared)
}

/// Whether a project has what a published package needs.
fn check_project(project: &Project) -> Result<(), Error> {
    // A folder takes names without a namespace; a server is stricter about them.
    let missing = check_publishable_anywhere(project.manifest()).err().unwrap_or_default();
    if let Some(error) = Error::several(missing) {
        return Err(project.in_manifest(error));
    }
    check_name(project.manifest().name()).map_err(|error| project.in_manifest(error))
}

fn build_one(
    env: &Env,
    project: &Project,
    folder: &Path,
    prepared: &mut Prepared,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let mut building = build::Request::new(env.jobs()?);
    building.out = Some(folder.to_owned());
    building.profile = Profile::Publish;
    building.keep_sources = true;
    let wanted = building.wanted(project)?;
    if wanted.iter().any(|(kind, _)| *kind == Kind::Vitmod) {
        let files = select_source(project, Some(folder), &Silent)?;
        refuse_findings(project, &files, Kind::Vitmod)?;
        warn_of_ignored(project, &files, reporter);
    }
    let artifacts = build::build(project, &building, reporter)?;
    for (_, target) in wanted.iter().filter(|(kind, _)| *kind == Kind::Vitpkg) {
        refuse_findings(project, &select_built(project, target, &Silent)?, Kind::Vitpkg)?;
    }
    for artifact in &artifacts {
        prepared.add(&PackageFile::open(artifact.path())?, project.manifest());
    }
    Ok(())
}

/// Files named in one warning.
const NAMED: usize = 10;

/// Names the files that git ignores, by the user's own rules too: they are in no commit that others could look at.
fn warn_of_ignored(project: &Project, files: &Selection, reporter: &dyn Reporter) {
    let ignored = Ignored::new(project.folder(), project.root_folder()).with_users();
    let paths = files.files().iter().map(|chosen| chosen.path.as_str());
    let paths: Vec<_> = paths.filter(|path| ignored.ignores(Path::new(path), false)).collect();
    let Some(first) = paths.first() else { return };
    let count = paths.len() as u64;
    let mut shown = paths[..paths.len().min(NAMED)].join(", ");
    if paths.len() > NAMED {
        shown.push_str(", …");
    }
    let warning = Diagnostic::new(Code::Source, project_text::git_ignores(count, &shown));
    let first = *first;
    let help = match project.manifest().include().is_empty() {
        true => project_text::git_ignores_help_exclude(first),
        false => project_text::git_ignores_help_include(first),
    };
    reporter.warned(warning.help(help).with("files", paths));
}

/// Stops at an archive whose manifest lacks what a published package needs, or that holds what should not be
/// published. It is unpacked for that, so what it holds is what its list of files says.
fn refuse_archive(
    env: &Env,
    package: &PackageFile,
    manifest: &Manifest,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    if let Some(error) = Error::several(check_publishable_anywhere(manifest).err().unwrap_or_default()) {
        return Err(error);
    }
    // Anything else is refused where its statement is made.
    let ArchiveKind::Artifact(kind) = package.head().kind() else { return Ok(()) };
    let folder = TempDir::new_in(&env.vitte_home()?.join("tmp"))?;
    let asked = extract::Request {
        expectation: Expectation::default(),
        trust: Trust::Signatures(TrustPolicy::new()),
        sections: Sections::All,
    };
    let (permissions, insist) = (Permissions::Ordinary, Insist::Whole);
    extract::unpack(package.path(), asked, folder.path(), permissions, insist, env.jobs()?, reporter)?;
    let files = selection::unpacked(manifest, package.toc().tree(), folder.path());
    scan::refuse(&scan::scan(&files, kind, manifest.publish_allow())?)
}

/// Stops at files that should not be published and that the manifest does not allow by their paths.
fn refuse_findings(project: &Project, files: &Selection, kind: Kind) -> Result<(), Error> {
    scan::refuse(&scan::scan(files.files(), kind, project.manifest().publish_allow())?)
}

/// Makes every check, stores and logs nothing.
///
/// # Errors
/// Those of [`publisher::publish`].
pub fn plan(
    env: &Env,
    request: &Request<'_>,
    prepared: &Prepared,
    reporter: &dyn Reporter,
) -> Result<Publication, Error> {
    publish(env, request, prepared, Mode::DryRun, reporter)
}

/// Publishes, or with [`Mode::DryRun`] makes the checks only.
///
/// # Errors
/// Those of [`publisher::publish`].
pub fn publish(
    env: &Env,
    request: &Request<'_>,
    prepared: &Prepared,
    mode: Mode,
    reporter: &dyn Reporter,
) -> Result<Publication, Error> {
    publisher::publish(
        env,
        Directory::new(request.folder),
        &prepared.archives,
        request.signer,
        mode,
        reporter,
    )
}

/// Whether the registry has the package already, in any version.
///
/// # Errors
/// `io`.
pub fn is_known(env: &Env, folder: &Path, package: &PackageName) -> Result<bool, Error> {
    let directory = Directory::new(env.resolve(folder));
    Ok(directory.read(&layout::index(package), limits::INDEX_LEN as u64)?.is_some())
}
