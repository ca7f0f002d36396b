use super::completions;
use crate::argument::{ManifestArg, MemberArgs, RegistryArg};
use crate::commands::asking::Asking;
use crate::commands::given_token::TokenArgs;
use crate::render;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::config::Config;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::registry as words;
use vitte_package::ops::publish::{self, Prepared, Publication, PublishRequest, PublishedArtifact, State};
use vitte_package::registry::read::location::Location;
use vitte_package::registry::write;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::sign::KeyId;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// Publish packages to a registry
///
/// Without files, the project's packages are built and published. Several packages are published together: all of
/// them, or none. Publishing the same content again changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package publish --registry reg\n  vitte package publish --registry reg target/hello-1.0.0.vitmod --key laptop\n  vitte package publish --registry reg --dry-run"
)]
pub(crate) struct Args {
    /// Package files; without any, the project is built
    files: Vec<PathBuf>,
    #[command(flatten)]
    registry: RegistryArg,
    #[command(flatten)]
    manifest: ManifestArg,
    #[command(flatten)]
    members: MemberArgs,
    /// The key to sign with: its name, fingerprint or id, or the path of a PEM file; without it, VITTE_SIGNING_KEY or the only key
    #[arg(long, value_name = "NAME|PATH", add = ArgValueCompleter::new(completions::keys))]
    key: Option<String>,
    /// Make every check, store and log nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    token: TokenArgs,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// Id of the registry.
    registry: &'a str,
    /// The artifacts, in the order of the log.
    artifacts: Vec<Row<'a>>,
    /// Namespaces that began to exist, or would.
    new_namespaces: &'a [Namespace],
    /// How many entries the log has now, or would have.
    log_size: u64,
}

/// An artifact.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    /// The package.
    package: &'a PackageName,
    /// Its version.
    version: &'a Version,
    /// What it is.
    kind: Kind,
    /// What it is for.
    target: &'a Target,
    /// Its identity.
    tree: TreeDigest,
    /// What became of it.
    state: Fate,
    /// Its entry in the log.
    log: u64,
    /// Bytes of the archive.
    size: u64,
    /// Ids of the keys that signed it.
    signers: &'a [KeyId],
    /// Where it is in the registry.
    path: &'a str,
    /// Where people read about it, if the registry has pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
}

/// What became of an artifact.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Fate {
    /// It was published.
    Published,
    /// It had been published before.
    AlreadyPublished,
    /// With `--dry-run`: it would be published.
    WouldPublish,
}

impl<'a> From<&'a PublishedArtifact> for Row<'a> {
    fn from(published: &'a PublishedArtifact) -> Self {
        Self {
            package: &published.artifact.package,
            version: &published.artifact.version,
            kind: published.artifact.kind,
            target: &published.artifact.target,
            tree: published.tree,
            state: match published.state {
                State::Published => Fate::Published,
                State::AlreadyPublished => Fate::AlreadyPublished,
                State::WouldPublish => Fate::WouldPublish,
            },
            log: published.log,
            size: published.size,
            signers: &published.signers,
            path: &published.path,
            page: published.page.as_deref(),
        }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let manifest = args.manifest.manifest.as_deref();
    let projects = publish::find_projects(env, manifest, &args.members.choice()?, &args.files)?;
    let config = Config::load(env, projects.first().map(|project| project.folder()))?;
    let given = config.registry(env, args.registry.registry.as_deref())?;
    let location = Location::parse(&given, env)?;
    let env = &args.token.apply(env, &location, ui)?;
    let signer = KeyStore::open(env)?.signer(args.key.as_deref(), env, &mut Asking { env, ui })?;
    let request = PublishRequest { projects: &projects, files: &args.files };
    let prepared = publish::prepare(env, &request, ui.reporter())?;
    let mut writer = write::open(env, &location)?;
    if !args.dry_run {
        writer.recover(ui.reporter())?;
    }
    let plan = publish::plan(&mut *writer, &prepared, &signer.secret, ui.reporter())?;
    say_plan(&plan.publication, &prepared, signer.secret.id(), ui);
    if args.dry_run {
        ui.success(words::dry_run_good(&plan.publication.registry));
        report(&plan.publication, ui);
        return Ok(Exit::Ok);
    }
    let new = first_of_their_name(&plan.publication);
    let question = words::confirm_first(&new.join(", "), &plan.publication.registry);
    if !new.is_empty() && !ui.confirm(&question, "--yes")? {
        return Ok(ui.declined());
    }
    let publication = publish::submit(&mut *writer, plan, ui.reporter())?;
    for artifact in &publication.artifacts {
        let name = artifact.artifact.to_string();
        ui.success(match artifact.state {
            State::AlreadyPublished => words::already_published(&name, artifact.log),
            _ => words::published(&name, &publication.registry, artifact.log),
        });
        if let Some(page) = &artifact.page {
            ui.say(words::published_page(page));
        }
    }
    report(&publication, ui);
    Ok(Exit::Ok)
}

/// Packages that the registry does not have yet: the one thing that is asked about.
fn first_of_their_name(plan: &Publication) -> Vec<String> {
    let mut new: Vec<String> = Vec::new();
    for published in plan.artifacts.iter().filter(|published| published.is_first) {
        let name = published.artifact.package.to_string();
        if !new.contains(&name) {
            new.push(name);
        }
    }
    new
}

/// Files of a package that are named in the plan; all of them with `-v`.
const LARGEST: usize = 3;

fn say_plan(plan: &Publication, prepared: &Prepared, signer: KeyId, ui: &mut Ui) {
    for namespace in &plan.new_namespaces {
        ui.say(match namespace.as_str() {
            Namespace::NONE => words::plan_no_namespace(&signer.short()),
            namespace => words::plan_namespace(namespace, &signer.short()),
        });
    }
    for PublishedArtifact { artifact, tree, files, unpacked, size, state, log, signers, .. } in
        &plan.artifacts
    {
        if *state == State::AlreadyPublished {
            ui.say(words::already_published(&artifact.to_string(), *log));
            continue;
        }
        let (unpacked, size) = (render::size(*unpacked), render::size(*size));
        // A file may have been signed before, by somebody else: that signature is what is published.
        let names = signers.iter().map(KeyId::short).collect::<Vec<_>>().join(", ");
        ui.say(words::plan(&artifact.to_string(), &plan.registry, &names, *files, &unpacked, &size));
        if !signers.contains(&signer) {
            ui.say(words::plan_signed_before(&artifact.to_string(), &signer.short()));
        }
        let Some((tree, by_include)) = prepared.contents(tree) else { continue };
        let mut entries: Vec<_> = tree.entries().iter().collect();
        for entry in &entries {
            ui.reporter().decided(words::plan_file(entry.path().as_str(), &render::size(entry.size())));
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.size()));
        let largest = entries.iter().take(LARGEST);
        let largest =
            largest.map(|entry| words::plan_file(entry.path().as_str(), &render::size(entry.size())));
        ui.say(words::plan_largest(&largest.collect::<Vec<_>>().join(", ")));
        ui.say(match artifact.kind {
            Kind::Vitpkg => words::plan_by_build(),
            Kind::Vitmod if by_include => words::plan_by_include(),
            Kind::Vitmod => words::plan_by_default(),
        });
    }
}

fn report(publication: &Publication, ui: &mut Ui) {
    ui.result(&Answer {
        registry: &publication.registry,
        artifacts: publication.artifacts.iter().map(Row::from).collect(),
        new_namespaces: &publication.new_namespaces,
        log_size: publication.log_size,
    });
}
