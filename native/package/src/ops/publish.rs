//! Publishing a project, or package files, into a registry: a folder, or a server.

mod draft;

use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, Accept, Destination, Permissions};
use crate::fs::{self, TempDir};
use crate::message::project as project_text;
use crate::ops::build;
use crate::package_file::PackageFile;
use crate::project::{Choice, Project};
use crate::registry::write::{Plan, RegistryWriter};
use crate::report::{Reporter, Silent};
use crate::scan;
use crate::selection::{self, Ignored, Selection, select_built, select_source};
use std::path::{Path, PathBuf};
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::codec::Profile;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::manifest::{Manifest, check_publishable_anywhere};
use vitte_package_core::name::Namespace;
use vitte_package_core::registry::{ReleaseState, check_name, layout};
use vitte_package_core::sign::{KeyId, SecretKey, TrustPolicy};
use vitte_package_core::target::Kind;
use vitte_package_core::tree::Tree;
use vitte_package_core::verify::{Expectation, Sections, Trust};

/// What to publish.
#[derive(Debug)]
pub struct PublishRequest<'a> {
    /// The projects to build when there are no files, each behind those that it needs.
    pub projects: &'a [Project],
    /// Package files.
    pub files: &'a [PathBuf],
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
pub fn prepare(env: &Env, request: &PublishRequest<'_>, reporter: &dyn Reporter) -> Result<Prepared, Error> {
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
    check_name(project.manifest().name()).map_err(|error| project.in_manifest(error.into()))
}

fn build_one(
    env: &Env,
    project: &Project,
    folder: &Path,
    prepared: &mut Prepared,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let mut building = build::BuildRequest::new(env.jobs()?);
    building.out = Some(folder.to_owned());
    building.profile = Profile::Publish;
    building.keep_sources = true;
    let wanted = building.requested(project)?;
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
    let asked = extract::UnpackRequest {
        expectation: Expectation::default(),
        trust: Trust::Signatures(TrustPolicy::new()),
        sections: Sections::All,
    };
    let destination =
        Destination { folder: folder.path(), permissions: Permissions::Ordinary, accept: Accept::Whole };
    extract::unpack(package.path(), asked, destination, env.work(reporter)?)?;
    let files = selection::unpacked(manifest, package.toc().tree(), folder.path());
    scan::refuse(&scan::scan(&files, kind, manifest.publish_allow())?)
}

/// Stops at files that should not be published and that the manifest does not allow by their paths.
fn refuse_findings(project: &Project, files: &Selection, kind: Kind) -> Result<(), Error> {
    scan::refuse(&scan::scan(files.files(), kind, project.manifest().publish_allow())?)
}

/// What became of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was logged now.
    Published,
    /// It was there already, with the same content.
    AlreadyPublished,
    /// It would be logged.
    WouldPublish,
}

/// An artifact, as it is in the registry.
#[derive(Clone, Debug)]
pub struct PublishedArtifact {
    /// Which.
    pub artifact: Artifact,
    /// Its identity.
    pub tree: TreeDigest,
    /// What became of it.
    pub state: State,
    /// Its log index; of one that would be published, the one it would get.
    pub log: u64,
    /// Files in it.
    pub files: u64,
    /// Bytes of them.
    pub unpacked: u64,
    /// Bytes of the archive.
    pub size: u64,
    /// The keys whose signatures count.
    pub signers: Vec<KeyId>,
    /// Where the archive is in the registry.
    pub path: String,
    /// Whether the registry has no version of the package yet.
    pub is_first: bool,
    /// Where people read about it, once it is published and if the registry has pages.
    pub page: Option<String>,
}

/// What a publish did, or would do.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Id of the registry.
    pub registry: String,
    /// The artifacts, in the order they were logged.
    pub artifacts: Vec<PublishedArtifact>,
    /// Namespaces that begin to exist.
    pub new_namespaces: Vec<Namespace>,
    /// Leaves of the log now.
    pub log_size: u64,
}

/// Everything that a publish decides before it writes: checked, signed and verified.
#[derive(Debug)]
pub struct PublishPlan {
    /// What would be done.
    pub publication: Publication,
    /// What is handed in; none when everything is published already.
    plan: Option<Plan>,
}

/// Makes every check, and writes nothing: what is not yet signed for this registry is signed by `signer`, who becomes
/// the owner of namespaces that do not exist.
///
/// # Errors
/// `version-exists` for other content under the same version, `name` for a name that cannot be registered,
/// `not-found` for a dependency that is neither in the registry nor in the batch, `key-not-authorised` and its kin,
/// whatever is wrong with an archive; `forbidden`, `io`.
pub fn plan(
    writer: &mut dyn RegistryWriter,
    prepared: &Prepared,
    signer: &SecretKey,
    reporter: &dyn Reporter,
) -> Result<PublishPlan, Error> {
    let (draft, already) = draft::draft(writer, &prepared.archives, signer, reporter)?;
    let contents: Vec<_> =
        draft.archives.iter().map(|one| (one.artifact().clone(), one.contents())).collect();
    let mut artifacts: Vec<_> = already.iter().map(|(artifact, entry)| published(artifact, entry)).collect();
    let plan = if draft.submission.is_empty() { None } else { Some(writer.plan(draft)?) };
    for release in plan.iter().flat_map(|plan| &plan.admitted.releases) {
        let (files, unpacked) = contents
            .iter()
            .find(|(artifact, _)| *artifact == release.artifact)
            .map_or((0, 0), |(_, contents)| *contents);
        artifacts.push(PublishedArtifact {
            artifact: release.artifact.clone(),
            tree: release.tree,
            state: State::WouldPublish,
            log: release.log,
            files,
            unpacked,
            size: release.facts.size,
            signers: release.signers.clone(),
            path: layout::archive(&release.artifact),
            is_first: writer.index(&release.artifact.package)?.is_none(),
            page: None,
        });
    }
    let publication = Publication {
        registry: writer.registry().to_string(),
        artifacts,
        new_namespaces: plan.iter().flat_map(|plan| plan.admitted.new_namespaces.clone()).collect(),
        log_size: writer.size(),
    };
    Ok(PublishPlan { publication, plan })
}

/// Publishes what was planned: all of it in one batch of the log, or nothing.
///
/// # Errors
/// As [`RegistryWriter::submit`].
pub fn submit(
    writer: &mut dyn RegistryWriter,
    plan: PublishPlan,
    reporter: &dyn Reporter,
) -> Result<Publication, Error> {
    let PublishPlan { mut publication, plan } = plan;
    let Some(plan) = plan else { return Ok(publication) };
    let receipt = writer.submit(plan, reporter)?;
    for artifact in &mut publication.artifacts {
        let logged = receipt.admitted.releases.iter().find(|release| release.artifact == artifact.artifact);
        if let Some(logged) = logged {
            artifact.log = logged.log;
            artifact.page = writer.page(&artifact.artifact);
            artifact.state = match logged.state {
                ReleaseState::New => State::Published,
                ReleaseState::Published => State::AlreadyPublished,
            };
        }
    }
    publication.new_namespaces = receipt.admitted.new_namespaces;
    publication.log_size = receipt.log_size;
    Ok(publication)
}

fn published(artifact: &Artifact, entry: &IndexEntry) -> PublishedArtifact {
    PublishedArtifact {
        artifact: artifact.clone(),
        tree: entry.core.tree,
        state: State::AlreadyPublished,
        log: entry.log,
        files: entry.core.files,
        unpacked: entry.core.unpacked,
        size: entry.size,
        signers: Vec::new(),
        path: layout::archive(artifact),
        is_first: false,
        page: None,
    }
}
