//! What a server says about packages, for display: `GET packages/{namespace}/{name}` and what is below it.
//!
//! Nothing of it is proved, and no client decides by it: what was published, by whom and in what state is in the
//! registry's files, and verified there.

use super::problem::shown;
use super::search::{package, text, version};
use crate::digest::{Digest, TreeDigest};
use crate::index::IndexEntry;
use crate::json::{Json, JsonError};
use crate::name::PackageName;
use crate::sign::{StatusAction, StatusChange, StatusCode};
use crate::target::{Kind, Target};
use crate::version::{Requirement, Version};
use serde::Serialize;
use std::collections::BTreeMap;

/// Bytes of a response at most.
pub const RESPONSE_LEN: u64 = 1024 * 1024;
/// Bytes of a readme that are kept; what is behind them is left out.
pub const README_LEN: usize = 64 * 1024;

/// Where a package is, below the API.
pub fn path(package: &PackageName) -> String {
    format!("packages/{}/{}", package.namespace_or_none(), package.base())
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackagePage {
    /// Its name.
    pub package: PackageName,
    /// Its newest version that is neither a pre-release nor yanked; if there is none, its newest. What follows, down to
    /// the readme, is what the author says in this version.
    pub newest: Version,
    /// What it does, in a sentence.
    pub description: Option<String>,
    /// Its licence, an SPDX expression.
    pub license: Option<String>,
    /// The address of its sources.
    pub repository: Option<String>,
    /// The address of its site.
    pub homepage: Option<String>,
    /// The address of its documentation.
    pub documentation: Option<String>,
    /// Its keywords.
    pub keywords: Vec<String>,
    /// Its readme, as it was written, the first 64 KiB.
    pub readme: Option<String>,
    /// The last that was said of the newest version.
    pub status: Option<StatusAction>,
    /// When its first version was published, in Unix seconds.
    pub created: u64,
    /// When the newest version was published.
    pub published: u64,
    /// How many packages depend on it.
    pub dependents: u64,
    /// How many versions it has.
    pub releases: u64,
    /// Its versions, the newest first: a page of them.
    pub versions: Vec<VersionRow>,
    /// What the next page of versions is asked for with; none behind the last.
    pub next: Option<String>,
}

/// A version of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionRow {
    /// The version.
    pub version: Version,
    /// When it was published, in Unix seconds.
    pub published: u64,
    /// The last that was said of it.
    pub status: Option<StatusAction>,
    /// How many artifacts it has.
    pub artifacts: u64,
}

/// A version of a package, with all that its index lines say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleasePage {
    /// The package.
    pub package: PackageName,
    /// The version.
    pub version: Version,
    /// The edition of the language it is written in.
    pub edition: String,
    /// When it was published, in Unix seconds.
    pub published: u64,
    /// The last that was said of it.
    pub status: Option<StatusRow>,
    /// What it depends on.
    pub dependencies: Vec<DependencyRow>,
    /// Its features, each with what it enables.
    pub features: BTreeMap<String, Vec<String>>,
    /// Its artifacts.
    pub artifacts: Vec<ArtifactRow>,
}

/// What was said of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusRow {
    /// What happened to it.
    pub action: StatusAction,
    /// Why.
    pub code: StatusCode,
    /// Why, in words.
    pub text: String,
    /// What to use instead.
    #[serde(rename = "use")]
    pub instead: Option<String>,
    /// Id of an advisory.
    pub advisory: Option<String>,
    /// Its entry in the log.
    pub log: u64,
}

/// A package that is depended on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DependencyRow {
    /// The package.
    pub package: PackageName,
    /// Which versions will do.
    pub requirement: Requirement,
    /// Whether it is needed for building only.
    pub build: bool,
    /// Whether only a feature brings it in.
    pub optional: bool,
    /// The targets it counts for; empty means all.
    pub targets: Vec<Target>,
}

/// One archive of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArtifactRow {
    /// What it is.
    pub kind: Kind,
    /// What it is for.
    pub target: Target,
    /// Its identity.
    pub tree: TreeDigest,
    /// How many files it has.
    pub files: u64,
    /// Bytes of its files.
    pub unpacked: u64,
    /// Digest of the archive.
    pub file: Digest,
    /// Bytes of the archive.
    pub size: u64,
    /// Its entry in the log.
    pub log: u64,
    /// Where the archive is, below the registry.
    pub path: String,
}

/// The files of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilesPage {
    /// What it is.
    pub kind: Kind,
    /// What it is for.
    pub target: Target,
    /// A page of its files, in the order of its tree.
    pub items: Vec<FileRow>,
    /// How many there are.
    pub total: u64,
    /// What the next page is asked for with; none behind the last.
    pub next: Option<String>,
}

/// A file of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileRow {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Whether it can be run.
    pub executable: bool,
    /// Its digest.
    pub digest: Digest,
}

/// Packages that depend on one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DependentsPage {
    /// A page of them, by name.
    pub items: Vec<DependentRow>,
    /// How many there are.
    pub total: u64,
    /// What the next page is asked for with; none behind the last.
    pub next: Option<String>,
}

/// A package that depends on another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DependentRow {
    /// The package.
    pub package: PackageName,
    /// Its newest version: the one whose dependencies count.
    pub version: Version,
    /// Which versions will do for it.
    pub requirement: Requirement,
}

impl PackagePage {
    /// Reads a response, but for its versions, which clients take from the registry's own index. Members that are not
    /// known are ignored, and texts are made fit for a terminal.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 8)?;
        let status = object.text_or_null("status")?.and_then(|status| StatusAction::parse(&status));
        Ok(Self {
            package: package(&mut object, "package")?,
            newest: version(&mut object, "newest")?,
            description: text(&mut object, "description")?,
            license: text(&mut object, "license")?,
            repository: text(&mut object, "repository")?,
            homepage: text(&mut object, "homepage")?,
            documentation: text(&mut object, "documentation")?,
            keywords: object.texts("keywords")?.iter().map(|keyword| shown(keyword)).collect(),
            readme: None,
            status,
            created: object.number("created")?,
            published: object.number("published")?,
            dependents: object.number("dependents")?,
            releases: object.number("releases")?,
            versions: Vec::new(),
            next: None,
        })
    }

    /// The response, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::line(self)
    }
}

impl ReleasePage {
    /// What the index lines of one version say; none when there is no line.
    pub fn new(
        package: &PackageName,
        entries: &[&IndexEntry],
        path: impl Fn(&IndexEntry) -> String,
    ) -> Option<Self> {
        let first = entries.first()?;
        let needs = &first.core.needs;
        let words = |values: &Vec<_>| values.iter().map(ToString::to_string).collect();
        Some(Self {
            package: package.clone(),
            version: first.core.version.clone(),
            edition: first.core.edition.clone(),
            published: entries.iter().map(|entry| entry.time).min().unwrap_or_default(),
            status: first.status.as_ref().map(|status| StatusRow::new(status.log, &status.change)),
            dependencies: needs.dependencies.iter().map(DependencyRow::from).collect(),
            features: needs.features.iter().map(|(name, values)| (name.clone(), words(values))).collect(),
            artifacts: entries
                .iter()
                .map(|entry| ArtifactRow {
                    kind: entry.core.kind,
                    target: entry.core.target.clone(),
                    tree: entry.core.tree,
                    files: entry.core.files,
                    unpacked: entry.core.unpacked,
                    file: entry.file,
                    size: entry.size,
                    log: entry.log,
                    path: path(entry),
                })
                .collect(),
        })
    }

    /// The response, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::line(self)
    }
}

impl StatusRow {
    fn new(log: u64, change: &StatusChange) -> Self {
        let StatusChange { action, code, text, instead, advisory } = change.clone();
        Self { action, code, text, instead, advisory, log }
    }
}

impl From<&crate::dependency::Dependency> for DependencyRow {
    fn from(dependency: &crate::dependency::Dependency) -> Self {
        Self {
            package: dependency.name.clone(),
            requirement: dependency.requirement.clone(),
            build: dependency.kind == crate::dependency::DependencyKind::Build,
            optional: dependency.optional,
            targets: dependency.targets.clone(),
        }
    }
}

impl FilesPage {
    /// The response, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::line(self)
    }
}

impl DependentsPage {
    /// The response, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::line(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_read_back() {
        let page = PackagePage {
            package: PackageName::parse("acme/json").unwrap(),
            newest: Version::parse("1.0.0").unwrap(),
            description: Some("Reads JSON".to_owned()),
            license: Some("MIT".to_owned()),
            repository: None,
            homepage: None,
            documentation: None,
            keywords: vec!["json".to_owned()],
            readme: None,
            status: Some(StatusAction::Yank),
            created: 1,
            published: 2,
            dependents: 3,
            releases: 4,
            versions: Vec::new(),
            next: None,
        };
        assert_eq!(path(&page.package), "packages/acme/json");
        assert_eq!(PackagePage::parse(&page.to_bytes()), Ok(page.clone()));
        let text = String::from_utf8(page.to_bytes()).unwrap();
        let evil = PackagePage::parse(text.replace("MIT", "MIT\\u0007\\r").as_bytes()).unwrap();
        assert_eq!(evil.license.as_deref(), Some("MIT  "));
        assert!(PackagePage::parse(text.replace("acme/json", "../x").as_bytes()).is_err());
    }
}
