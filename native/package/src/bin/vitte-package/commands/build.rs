use crate::argument::{ManifestArg, MemberArgs};
use crate::render;
use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::builder::Plan;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::build as words;
use vitte_package::ops::build::{self, Artifact, BuildRequest};
use vitte_package::project::Project;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::diagnostic::{Diagnose as _, Exit};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::path::PackagePath;
use vitte_package_core::target::{Kind, Target, file_name};

/// Make the project's archives
///
/// A `.vitmod` of the sources, and, if the manifest has a `[build]`, a `.vitpkg` of what its command makes. The
/// same files give the same list of files, and so the same identity, on every machine.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package build\n  vitte package build --list\n  vitte package build --kind mod --out dist --check"
)]
pub(crate) struct Args {
    #[command(flatten)]
    manifest: ManifestArg,
    #[command(flatten)]
    members: MemberArgs,
    /// Where the archives go; without it, `target` in the project
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// One kind only
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<KindChoice>,
    /// A `.vitpkg` for this target; without it, for this machine
    #[arg(long, value_name = "TARGET", value_parser = target)]
    target: Option<Target>,
    /// What the archives are for: how hard to compress
    #[arg(long, value_enum, value_name = "PROFILE", default_value = "build")]
    profile: ProfileChoice,
    /// How to compress; lz4 is quick and large, and cannot be published
    #[arg(long, value_enum, value_name = "CODEC", default_value = "zstd")]
    codec: CodecChoice,
    /// Show which files go in, and write nothing; runs no build command
    #[arg(long, conflicts_with = "check")]
    list: bool,
    /// Build again and compare
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum KindChoice {
    /// Sources
    Mod,
    /// Binaries
    Pkg,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ProfileChoice {
    /// To be used here, now
    Dev,
    /// To be kept
    Build,
    /// To be fetched by many
    Publish,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum CodecChoice {
    /// Zstandard
    Zstd,
    /// LZ4
    Lz4,
}

fn target(text: &str) -> Result<Target, String> {
    Target::parse(text).map_err(|error| error.diagnostic().message)
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Answer<'a> {
    /// Archives were made.
    Built {
        /// The archives.
        artifacts: Vec<BuiltRow<'a>>,
        /// Whether they were built twice and were the same.
        checked: bool,
    },
    /// With `--list`: what would go in.
    Listed {
        /// The archives there would be.
        artifacts: Vec<ListedRow>,
    },
}

/// An archive that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BuiltRow<'a> {
    /// Where it is.
    path: &'a Path,
    /// What it is.
    kind: Kind,
    /// What it is for.
    target: &'a Target,
    /// Its identity.
    tree: TreeDigest,
    /// The digest of its head, `sha256:` and hexadecimal digits.
    head: String,
    /// How many files it has.
    files: usize,
    /// Bytes of its files.
    content_len: u64,
    /// Bytes of the archive.
    file_len: u64,
    /// How many content frames it has.
    frames: usize,
    /// How it is compressed.
    codec: &'static str,
    /// What it was compressed for.
    profile: &'static str,
}

/// An archive that would be made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ListedRow {
    /// The name of its file.
    name: String,
    /// What it would be.
    kind: Kind,
    /// What it would be for.
    target: Target,
    /// Bytes of its files.
    content_len: u64,
    /// Its files, in order.
    files: Vec<ListedFile>,
}

/// A file that would go in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ListedFile {
    /// Its path in the package.
    path: PackagePath,
    /// Its size in bytes.
    size: u64,
    /// The section it would be in.
    section: String,
    /// Whether it can be run.
    executable: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let projects = Project::choose(env, args.manifest.manifest.as_deref(), &args.members.choice()?)?;
    let request = BuildRequest {
        out: args.out.map(|out| env.resolve(out)),
        kind: args.kind.map(|kind| match kind {
            KindChoice::Mod => Kind::Vitmod,
            KindChoice::Pkg => Kind::Vitpkg,
        }),
        target: args.target,
        profile: match args.profile {
            ProfileChoice::Dev => Profile::Dev,
            ProfileChoice::Build => Profile::Build,
            ProfileChoice::Publish => Profile::Publish,
        },
        codec: match args.codec {
            CodecChoice::Zstd => Codec::Zstd,
            CodecChoice::Lz4 => Codec::Lz4,
        },
        jobs: env.jobs()?,
        keep_sources: false,
    };
    if args.list {
        return list(&projects, &request, ui);
    }
    build::check_places(&projects, &request)?;
    let mut artifacts = Vec::new();
    for project in &projects {
        let built = build::build(project, &request, ui.reporter())?;
        if args.check {
            build::check(project, &built, &request, ui.reporter())?;
        }
        artifacts.extend(built);
    }
    for artifact in &artifacts {
        let path = env.shorten(artifact.path()).display().to_string();
        let (built, name) = (artifact.built(), artifact.path().file_name().unwrap_or_default());
        let line = words::built(
            &name.to_string_lossy(),
            built.tree().file_count() as u64,
            &render::size(built.tree().content_len()),
            &render::size(built.file_len()),
        );
        ui.success(if args.check { words::built_checked(&line) } else { line });
        ui.print(path);
    }
    let artifacts = artifacts.iter().map(|artifact| row(artifact, &request)).collect();
    ui.result(&Answer::Built { artifacts, checked: args.check });
    Ok(Exit::Ok)
}

fn row<'a>(artifact: &'a Artifact, request: &BuildRequest) -> BuiltRow<'a> {
    let built = artifact.built();
    BuiltRow {
        path: artifact.path(),
        kind: artifact.kind(),
        target: artifact.target(),
        tree: built.digest(),
        head: built.head().head_digest().tagged(),
        files: built.tree().file_count(),
        content_len: built.tree().content_len(),
        file_len: built.file_len(),
        frames: built.frame_count(),
        codec: request.codec.name(),
        profile: request.profile.name(),
    }
}

/// What would go in. A `.vitpkg` is listed only as far as it was built before, or if it was asked for.
fn list(projects: &[Project], request: &BuildRequest, ui: &mut Ui) -> Result<Exit, Error> {
    let mut rows = Vec::new();
    for project in projects {
        rows.extend(list_one(project, request, ui)?);
    }
    ui.result(&Answer::Listed { artifacts: rows });
    Ok(Exit::Ok)
}

fn list_one(project: &Project, request: &BuildRequest, ui: &mut Ui) -> Result<Vec<ListedRow>, Error> {
    let asked = request.kind.is_some() || request.target.is_some();
    let built = project.manifest().build().map(|build| project.folder().join(build.out().as_str()));
    let mut rows = Vec::new();
    for (kind, target) in request.requested(project)? {
        if kind == Kind::Vitpkg && !asked && !built.as_ref().is_some_and(|folder| folder.is_dir()) {
            continue;
        }
        let plan = build::choose(project, kind, &target, request, ui.reporter())?;
        let name = file_name(project.manifest().name(), project.manifest().version(), kind, &target);
        for file in plan.files() {
            let letter = file.input.mode.letter();
            ui.print(format!("{letter} {:>10} {:<8} {}", file.size, file.section, file.input.path));
        }
        let count = plan.files().count() as u64;
        ui.say(words::listed(&name, count, &render::size(plan.content_len())));
        rows.push(listed(name, kind, target, &plan));
    }
    Ok(rows)
}

fn listed(name: String, kind: Kind, target: Target, plan: &Plan) -> ListedRow {
    let files = plan.files().map(|file| ListedFile {
        path: file.input.path.clone(),
        size: file.size,
        section: file.section.to_owned(),
        executable: file.input.mode.letter() == 'x',
    });
    ListedRow { name, kind, target, content_len: plan.content_len(), files: files.collect() }
}
