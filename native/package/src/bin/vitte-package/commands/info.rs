use crate::cli::RegistryArg;
use crate::render::size;
use crate::ui::Ui;
use serde_json::{Value, json};
use vitte_package::dependencies::Network;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::info::{self, Info};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::index::{DependencyKind, IndexDependency, IndexEntry};
use vitte_package_core::message::care as words;
use vitte_package_core::sign::StatusAction;

/// Versions that are named.
const VERSIONS: usize = 20;

/// Show what a registry has of a package
///
/// The release shown is the newest, unless a version is given. Who signed it is what the log proves.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package info roussov/vitte-math\n  vitte package info roussov/vitte-math@1.2.0 --json"
)]
pub(crate) struct Args {
    /// The package, and the version if another than the newest
    #[arg(value_name = "NAME[@VERSION]")]
    package: String,
    /// Open no socket
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    registry: RegistryArg,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (name, version) = super::name_and_version(&args.package)?;
    let network = if args.offline { Network::Offline } else { Network::Online };
    let info = info::info(env, args.registry.registry.as_deref(), network, &name, version.as_ref())?;
    for line in lines(&info) {
        ui.line(line);
    }
    ui.answer(&shape(&info));
    Ok(Exit::Ok)
}

fn time(seconds: u64) -> String {
    let time = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(0));
    time.map(|time| time.to_string()).unwrap_or_default()
}

fn lines(info: &Info) -> Vec<String> {
    let Some(first) = info.artifacts.first() else { return Vec::new() };
    let signers: Vec<_> = info.signers.iter().map(|signer| signer.short()).collect();
    let mut lines = vec![words::info_headline(info.package.as_str(), &first.core.version.to_string())];
    let mut more = vec![
        words::info_from(&info.registry, first.log, &time(first.time)),
        words::info_signed(&signers.join(", ")),
    ];
    match first.status.as_ref().map(|status| &status.change) {
        Some(change) if change.action == StatusAction::Yank => {
            more.push(words::info_status(&change.reason()))
        }
        Some(change) if change.action == StatusAction::Deprecate => more.push(match change.replacement() {
            Some(instead) => words::info_deprecated_use(&instead),
            None => words::info_deprecated(&change.reason()),
        }),
        _ => {}
    }
    for artifact in &info.artifacts {
        let core = &artifact.core;
        let (unpacked, fetched) = (size(core.unpacked), size(artifact.size));
        more.push(words::info_artifact(
            core.kind.as_str(),
            core.target.as_str(),
            core.files,
            &unpacked,
            &fetched,
        ));
        more.push(words::info_tree(&core.tree.to_string()));
    }
    more.push(words::info_edition(&first.core.edition));
    more.extend(first.core.dependencies.iter().map(|dependency| words::info_needs(&needs(dependency))));
    if !first.core.features.is_empty() {
        let features: Vec<_> = first.core.features.keys().map(String::as_str).collect();
        more.push(words::info_features(&features.join(", ")));
    }
    let mut versions: Vec<_> = info
        .versions
        .iter()
        .take(VERSIONS)
        .map(|(version, yanked)| match yanked {
            true => words::info_yanked(&version.to_string()),
            false => version.to_string(),
        })
        .collect();
    if info.versions.len() > VERSIONS {
        versions.push(words::info_more(info.versions.len() - VERSIONS));
    }
    more.push(words::info_versions(&versions.join(", ")));
    lines.extend(more.into_iter().map(|line| format!("  {line}")));
    lines
}

fn needs(dependency: &IndexDependency) -> String {
    let mut remarks = Vec::new();
    if dependency.optional {
        remarks.push(words::info_optional());
    }
    if dependency.kind == DependencyKind::Build {
        remarks.push(words::info_build());
    }
    let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) };
    format!("{} {}{remarks}", dependency.package, dependency.requirement.as_str())
}

fn shape(info: &Info) -> Value {
    let dependency = |dependency: &IndexDependency| {
        json!({
            "package": dependency.package.as_str(), "requirement": dependency.requirement.as_str(),
            "optional": dependency.optional, "build": dependency.kind == DependencyKind::Build,
        })
    };
    let artifact = |entry: &IndexEntry| {
        json!({
            "kind": entry.core.kind.as_str(), "target": entry.core.target.as_str(),
            "tree": entry.core.tree.to_string(), "files": entry.core.files, "unpacked": entry.core.unpacked,
            "size": entry.size, "log": entry.log, "time": time(entry.time),
            "yanked": entry.status.as_ref().is_some_and(|status| status.change.action == StatusAction::Yank),
            "status": entry.status.as_ref().map(|status| status.change.action.as_str()),
            "use": entry.status.as_ref().and_then(|status| status.change.instead.as_deref()),
        })
    };
    let first = info.artifacts.first();
    json!({
        "package": info.package.as_str(), "registry": info.registry,
        "version": first.map(|first| first.core.version.to_string()),
        "edition": first.map(|first| first.core.edition.as_str()),
        "dependencies": first.iter().flat_map(|first| first.core.dependencies.iter().map(dependency)).collect::<Vec<_>>(),
        "features": first.map(|first| &first.core.features),
        "signers": info.signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "artifacts": info.artifacts.iter().map(artifact).collect::<Vec<_>>(),
        "versions": info.versions.iter().map(|(version, yanked)| {
            json!({"version": version.to_string(), "yanked": yanked})
        }).collect::<Vec<_>>(),
    })
}
