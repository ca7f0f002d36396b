//! Publishing a project, or package files, into a registry that is a folder.

use crate::env::Env;
use crate::error::Error;
use crate::fs::TempDir;
use crate::ops::build;
use crate::project::Project;
use crate::publisher::{self, Mode, Publication};
use crate::registry::directory::Directory;
use crate::registry::source::Source as _;
use crate::report::{Reporter, Silent};
use crate::scan;
use crate::selection::{Selection, select_built, select_source};
use std::path::{Path, PathBuf};
use vitte_package_core::codec::Profile;
use vitte_package_core::index::locate;
use vitte_package_core::limits;
use vitte_package_core::manifest::check_publishable_anywhere;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::SecretKey;
use vitte_package_core::target::Kind;

/// What to publish, and where.
#[derive(Debug)]
pub struct Request<'a> {
    /// The project to build when there are no files.
    pub project: Option<&'a Project>,
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
    _built: Option<TempDir>,
}

/// The project to publish; none when files are given.
///
/// # Errors
/// `no-project` when neither is there.
pub fn find_project(env: &Env, manifest: Option<&Path>, files: &[PathBuf]) -> Result<Option<Project>, Error> {
    if files.is_empty() { Project::find(env, manifest).map(Some) } else { Ok(None) }
}

/// Builds the project into a private folder, or takes the files.
///
/// # Errors
/// Before anything is built: `manifest-missing` for what a published package needs, `secret` for files that should
/// not be published. Then those of [`build::build`].
pub fn prepare(env: &Env, request: &Request<'_>, reporter: &dyn Reporter) -> Result<Prepared, Error> {
    let Some(project) = request.project else {
        let archives = request.files.iter().map(|file| env.resolve(file)).collect();
        return Ok(Prepared { archives, _built: None });
    };
    let folder = TempDir::new_in(&env.vitte_home()?.join("tmp"))?;
    let mut building = build::Request::new(env.jobs()?);
    building.out = Some(folder.path().to_owned());
    building.profile = Profile::Publish;
    // A folder takes names without a namespace; a server is stricter about them.
    let missing = check_publishable_anywhere(project.manifest()).err().unwrap_or_default();
    if let Some(error) = Error::several(missing) {
        return Err(project.in_manifest(error));
    }
    let wanted = building.wanted(project)?;
    if wanted.iter().any(|(kind, _)| *kind == Kind::Vitmod) {
        let files = select_source(project, Some(folder.path()), &Silent)?;
        refuse_findings(project, &files, Kind::Vitmod)?;
    }
    let artifacts = build::build(project, &building, reporter)?;
    for (_, target) in wanted.iter().filter(|(kind, _)| *kind == Kind::Vitpkg) {
        refuse_findings(project, &select_built(project, target, &Silent)?, Kind::Vitpkg)?;
    }
    let archives = artifacts.iter().map(|artifact| artifact.path().to_owned()).collect();
    Ok(Prepared { archives, _built: Some(folder) })
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
    Ok(directory.read(&locate::index(package), limits::INDEX_LEN as u64)?.is_some())
}
