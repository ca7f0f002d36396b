use crate::answer::SectionRow;
use crate::argument::RegistryArg;
use crate::render::size;
use crate::ui::Ui;
use serde::Serialize;
use std::collections::BTreeMap;
use vitte_package::dependencies::Network;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{maintenance as words, sections as section_words};
use vitte_package::ops::info::{self, Info, InfoRequest};
use vitte_package_core::api::package::PackagePage;
use vitte_package_core::dependency::{Dependency, DependencyKind, FeatureValue};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{KeyId, StatusAction};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::{Requirement, Version};

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
    /// Do not use the network
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    registry: RegistryArg,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The package.
    package: &'a PackageName,
    /// Id of the registry.
    registry: &'a str,
    /// Where it was read: a folder or an address.
    place: &'a str,
    /// The version that is shown.
    version: Option<&'a Version>,
    /// What it does, in a sentence; absent where neither store, cache nor registry folder has its manifest, and its
    /// archive is too large to be fetched for it.
    description: Option<&'a str>,
    /// Its licence, an SPDX expression.
    license: Option<&'a str>,
    /// The address of its sources.
    repository: Option<&'a str>,
    /// The edition of the language it is written in.
    edition: Option<&'a str>,
    /// What it depends on.
    dependencies: Vec<Needed<'a>>,
    /// Its features, each with what it enables.
    features: Option<BTreeMap<&'a str, Vec<String>>>,
    /// Its deferred sections, as far as a copy of the package at hand says which it has.
    sections: Vec<SectionRow<'a>>,
    /// Ids of the keys that signed it.
    signers: &'a [KeyId],
    /// Its artifacts.
    artifacts: Vec<ArtifactRow<'a>>,
    /// All versions of the package, the newest first.
    versions: Vec<VersionRow<'a>>,
    /// What the registry's server says of the package, which nothing proves; null where none was asked. All else comes from
    /// the registry's signed index and log, and from a manifest that they name.
    server: Option<SaidByServer<'a>>,
}

/// What a server says of a package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SaidByServer<'a> {
    /// What it does, in a sentence.
    description: Option<&'a str>,
    /// Its licence, an SPDX expression.
    license: Option<&'a str>,
    /// The address of its sources.
    repository: Option<&'a str>,
    /// The address of its site.
    homepage: Option<&'a str>,
    /// The address of its documentation.
    documentation: Option<&'a str>,
    /// Its keywords.
    keywords: &'a [String],
    /// How many packages depend on it.
    dependents: u64,
}

/// A package it depends on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Needed<'a> {
    /// The package.
    package: &'a PackageName,
    /// Which versions will do.
    requirement: &'a Requirement,
    /// Whether only a feature brings it in.
    optional: bool,
    /// Whether it is needed for building only.
    build: bool,
}

/// One archive of the release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ArtifactRow<'a> {
    /// What it is.
    kind: Kind,
    /// What it is for.
    target: &'a Target,
    /// Its identity.
    tree: TreeDigest,
    /// How many files it has.
    files: u64,
    /// Bytes of its files.
    unpacked: u64,
    /// Bytes of the archive.
    size: u64,
    /// Its entry in the log.
    log: u64,
    /// When it was logged (RFC 3339).
    time: String,
    /// Whether its author has withdrawn it.
    yanked: bool,
    /// The last that was said of it.
    status: Option<StatusAction>,
    /// What to use instead.
    #[serde(rename = "use")]
    instead: Option<&'a str>,
}

/// A version of the package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct VersionRow<'a> {
    /// The version.
    version: &'a Version,
    /// Whether its author has withdrawn it.
    yanked: bool,
}

impl<'a> From<&'a Dependency> for Needed<'a> {
    fn from(dependency: &'a Dependency) -> Self {
        Self {
            package: &dependency.name,
            requirement: &dependency.requirement,
            optional: dependency.optional,
            build: dependency.kind == DependencyKind::Build,
        }
    }
}

impl<'a> From<&'a PackagePage> for SaidByServer<'a> {
    fn from(page: &'a PackagePage) -> Self {
        Self {
            description: page.description.as_deref(),
            license: page.license.as_deref(),
            repository: page.repository.as_deref(),
            homepage: page.homepage.as_deref(),
            documentation: page.documentation.as_deref(),
            keywords: &page.keywords,
            dependents: page.dependents,
        }
    }
}

impl<'a> From<&'a IndexEntry> for ArtifactRow<'a> {
    fn from(entry: &'a IndexEntry) -> Self {
        let change = entry.status.as_ref().map(|status| &status.change);
        Self {
            kind: entry.core.kind,
            target: &entry.core.target,
            tree: entry.core.tree,
            files: entry.core.files,
            unpacked: entry.core.unpacked,
            size: entry.size,
            log: entry.log,
            time: time(entry.time),
            yanked: change.is_some_and(|change| change.action == StatusAction::Yank),
            status: change.map(|change| change.action),
            instead: change.and_then(|change| change.instead.as_deref()),
        }
    }
}

impl<'a> From<&'a Info> for Answer<'a> {
    fn from(info: &'a Info) -> Self {
        let first = info.artifacts.first().map(|first| &first.core);
        let versions = info.versions.iter();
        let about = info.about.as_ref();
        Self {
            package: &info.package,
            registry: &info.registry,
            place: &info.place,
            version: first.map(|first| &first.version),
            description: about.and_then(|about| about.description.as_deref()),
            license: about.and_then(|about| about.license.as_deref()),
            repository: about.and_then(|about| about.repository.as_deref()),
            edition: first.map(|first| first.edition.as_str()),
            dependencies: first
                .iter()
                .flat_map(|first| &first.needs.dependencies)
                .map(Needed::from)
                .collect(),
            features: first.map(|first| words_of(&first.needs.features)),
            sections: info.sections.iter().map(SectionRow::from).collect(),
            signers: &info.signers,
            artifacts: info.artifacts.iter().map(ArtifactRow::from).collect(),
            versions: versions.map(|(version, yanked)| VersionRow { version, yanked: *yanked }).collect(),
            server: info.hearsay.as_ref().map(SaidByServer::from),
        }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (name, version) = super::name_and_version(&args.package)?;
    let network = if args.offline { Network::Offline } else { Network::Online };
    let registry = args.registry.registry.as_deref();
    let request = InfoRequest { registry, network, package: &name, version: version.as_ref() };
    let info = info::info(env, request, ui.reporter())?;
    for line in lines(&info) {
        ui.print(line);
    }
    ui.result(&Answer::from(&info));
    Ok(Exit::Ok)
}

fn time(seconds: u64) -> String {
    let time = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(0));
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// The words of each feature, as its author wrote them.
fn words_of(features: &BTreeMap<String, Vec<FeatureValue>>) -> BTreeMap<&str, Vec<String>> {
    let words = |values: &[FeatureValue]| values.iter().map(ToString::to_string).collect();
    features.iter().map(|(name, values)| (name.as_str(), words(values))).collect()
}

fn lines(info: &Info) -> Vec<String> {
    let Some(first) = info.artifacts.first() else { return Vec::new() };
    let signers: Vec<_> = info.signers.iter().map(|signer| signer.short()).collect();
    let mut lines = vec![words::info_headline(info.package.as_str(), &first.core.version.to_string())];
    let about = info.about.clone().unwrap_or_default();
    let mut more: Vec<String> = about.description.into_iter().collect();
    more.extend(about.license.map(|license| words::info_license(&license)));
    more.extend(about.repository.map(|address| words::info_repository(&address)));
    more.extend([
        words::info_from(&info.registry, first.log, &time(first.time)),
        words::info_signed(&signers.join(", ")),
        words::info_place(&info.place),
    ]);
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
    more.extend(info.sections.iter().map(|section| {
        let (name, files, bytes) = (section.name.as_str(), section.files as u64, size(section.bytes));
        match &section.folder {
            Some(folder) => section_words::present(name, files, &bytes, &folder.display().to_string()),
            None => section_words::absent(name, files, &bytes),
        }
    }));
    more.push(words::info_edition(&first.core.edition));
    more.extend(first.core.needs.dependencies.iter().map(|dependency| words::info_needs(&needs(dependency))));
    if !first.core.needs.features.is_empty() {
        let features: Vec<_> = first.core.needs.features.keys().map(String::as_str).collect();
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
    more.extend(info.hearsay.iter().map(|page| said_by_server(page, info.about.is_some())));
    lines.extend(more.into_iter().map(|line| format!("  {line}")));
    lines
}

/// What a server adds, all of it marked as its word. What the author says is left out where it was verified.
fn said_by_server(page: &PackagePage, is_described: bool) -> String {
    let mut said = Vec::new();
    if !is_described {
        said.extend(page.description.clone());
        said.extend(page.license.as_deref().map(words::info_license));
        said.extend(page.repository.as_deref().map(words::info_repository));
    }
    said.extend(page.homepage.as_deref().map(words::info_homepage));
    said.extend(page.documentation.as_deref().map(words::info_documentation));
    if !page.keywords.is_empty() {
        said.push(words::info_keywords(&page.keywords.join(", ")));
    }
    said.push(words::info_dependents(page.dependents));
    words::info_said_by_server(&said.join("; "))
}

fn needs(dependency: &Dependency) -> String {
    let mut remarks = Vec::new();
    if dependency.optional {
        remarks.push(words::info_optional());
    }
    if dependency.kind == DependencyKind::Build {
        remarks.push(words::info_build());
    }
    let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) };
    format!("{} {}{remarks}", dependency.name, dependency.requirement.as_str())
}
