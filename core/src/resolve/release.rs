//! What the resolver knows of a release: its version at once, its dependencies only when asked.
//!
//! An index file holds many lines and a resolution looks into few of them. So a line's `core` member (registry
//! format document, section 4) is read in two parts: version and artifact when it is supplied, dependencies
//! and features when the release is first tried.

use super::feature::FeatureValue;
use crate::diagnostic::Span;
use crate::digest::TreeDigest;
use crate::limits;
use crate::name::PackageName;
use crate::target::{Kind, Target};
use crate::version::{Requirement, Version};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// Needed by whoever uses the package.
    Normal,
    /// Needed to build it.
    Build,
    /// Needed to work on it: counts for the projects being resolved only, and is never published.
    Development,
}

/// Where a dependency comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The registry its namespace belongs to, or a member of the request that meets the requirement.
    Registry,
    /// A member of the request and nothing else: a path or workspace dependency.
    Member,
}

/// Whether a dependency optional, that is, left out until a feature asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// Always there.
    Required,
    /// There when a feature enables it.
    Optional,
}

/// One dependency of a release or of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The package.
    pub name: PackageName,
    /// Which versions will do.
    pub requirement: Requirement,
    /// What it is for.
    pub kind: DependencyKind,
    /// Targets it counts for; empty means all.
    pub targets: Vec<Target>,
    /// Whether it waits for a feature.
    pub presence: Presence,
    /// Features asked for, `default` among them unless it was switched off.
    pub features: Vec<String>,
    /// Where it comes from.
    pub source: Source,
    /// The line in the manifest it stands on, for members.
    pub span: Option<Span>,
}

impl Dependency {
    /// A required normal dependency for all targets, with default features.
    pub fn new(name: PackageName, requirement: Requirement) -> Self {
        Self {
            name,
            requirement,
            kind: DependencyKind::Normal,
            targets: Vec::new(),
            presence: Presence::Required,
            features: vec![super::feature::DEFAULT.to_owned()],
            source: Source::Registry,
            span: None,
        }
    }

    /// Whether it counts for any of `targets`; no targets means every target.
    pub fn counts_for(&self, targets: &[Target]) -> bool {
        targets.is_empty() || self.targets.is_empty() || self.targets.iter().any(|own| targets.contains(own))
    }
}

/// Dependencies and features of a release or member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Dependencies, in a fixed order.
    pub dependencies: Vec<Dependency>,
    /// What each feature enables.
    pub features: BTreeMap<String, Vec<FeatureValue>>,
}

/// One artifact of a release, as its index line has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// `vitmod` or `vitpkg`.
    pub kind: Kind,
    /// The target it is for.
    pub target: Target,
    /// Its identity.
    pub tree: TreeDigest,
    /// Number of its leaf in the log.
    pub log_index: u64,
    /// When the log took it, in seconds since 1970. `None` if the log does not say.
    pub published: Option<u64>,
    /// Its newest status.
    pub standing: Standing,
}

/// The newest status of an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// May be chosen. Deprecation is a note, not a bar.
    Active,
    /// Chosen only if the lockfile has it already.
    Yanked,
    /// Never chosen: quarantined by a moderator, or its bytes are gone.
    Withdrawn,
}

/// One line of an index file, before its `core` member is read.
#[derive(Clone, Copy, Debug)]
pub struct IndexLine<'a> {
    /// The verbatim `core` member.
    pub core: &'a str,
    /// Number of the leaf in the log.
    pub log_index: u64,
    /// Time of the leaf, in seconds since 1970, if the log attests one.
    pub published: Option<u64>,
    /// The newest status.
    pub standing: Standing,
}

/// One version of a package with its artifacts.
#[derive(Clone, Debug)]
pub struct Release {
    version: Version,
    artifacts: Vec<Artifact>,
    declares_default: bool,
    needs: OnceLock<Result<Arc<Needs>, MalformedLine>>,
    core: Arc<str>,
}

/// A line whose `core` member cannot be read, perhaps because it is of a newer form. The release cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedLine {
    /// Number of the leaf in the log.
    pub log_index: u64,
    /// Why it cannot be read.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCore<'a> {
    #[serde(borrow)]
    ver: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    target: Cow<'a, str>,
    #[serde(borrow)]
    tree: Cow<'a, str>,
    #[serde(borrow)]
    deps: &'a RawValue,
    #[serde(borrow)]
    features: &'a RawValue,
    // Members the resolver has no use for. They stand here because an unknown one must be refused.
    #[serde(borrow, rename = "manifest")]
    _manifest: &'a RawValue,
    #[serde(borrow, rename = "files")]
    _files: &'a RawValue,
    #[serde(borrow, rename = "unpacked")]
    _unpacked: &'a RawValue,
    #[serde(borrow, default, rename = "edition")]
    _edition: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDependency<'a> {
    #[serde(borrow)]
    p: Cow<'a, str>,
    #[serde(borrow)]
    r: Cow<'a, str>,
    #[serde(borrow)]
    k: Cow<'a, str>,
    #[serde(borrow)]
    t: Vec<Cow<'a, str>>,
    o: bool,
    d: bool,
    f: Vec<String>,
}

impl Release {
    /// Makes a release from parts that are known, for tests and for sources other than an index.
    pub fn new(version: Version, artifacts: Vec<Artifact>, needs: Needs) -> Self {
        Self {
            version,
            artifacts,
            declares_default: needs.features.contains_key(super::feature::DEFAULT),
            needs: OnceLock::from(Ok(Arc::new(needs))),
            core: Arc::from(""),
        }
    }

    /// Reads the lines of one index file and groups them by version, in rising order. Lines that cannot be
    /// read are left out and returned beside the releases.
    pub fn from_lines<'a>(
        lines: impl IntoIterator<Item = IndexLine<'a>>,
    ) -> (Vec<Arc<Self>>, Vec<MalformedLine>) {
        let mut releases: BTreeMap<Version, Self> = BTreeMap::new();
        let mut malformed = Vec::new();
        for line in lines {
            match Self::head(&line) {
                Ok((version, artifact, declares_default)) => {
                    releases
                        .entry(version)
                        .or_insert_with_key(|version| {
                            Self::unread(version.clone(), declares_default, line.core)
                        })
                        .push(artifact);
                }
                Err(reason) => malformed.push(MalformedLine { log_index: line.log_index, reason }),
            }
        }
        (releases.into_values().map(Arc::new).collect(), malformed)
    }

    /// A release whose dependencies will be read from `core`.
    pub(super) fn unread(version: Version, declares_default: bool, core: &str) -> Self {
        let (artifacts, needs) = (Vec::new(), OnceLock::new());
        Self { version, artifacts, declares_default, needs, core: Arc::from(core) }
    }

    pub(super) fn push(&mut self, artifact: Artifact) {
        self.artifacts.push(artifact);
    }

    fn head(line: &IndexLine<'_>) -> Result<(Version, Artifact, bool), String> {
        if line.core.len() > limits::INDEX_LINE_LEN {
            return Err(crate::message::resolve::line_length(limits::INDEX_LINE_LEN as u64));
        }
        let raw: RawCore<'_> = serde_json::from_str(line.core).map_err(|error| error.to_string())?;
        let artifact = Artifact {
            kind: Kind::parse(&raw.kind).map_err(|error| error.to_string())?,
            target: Target::parse(&raw.target).map_err(|error| error.to_string())?,
            tree: TreeDigest::parse(&raw.tree).map_err(|error| error.to_string())?,
            log_index: line.log_index,
            published: line.published,
            standing: line.standing,
        };
        let version = Version::parse(&raw.ver).map_err(|error| error.to_string())?;
        Ok((version, artifact, raw.features.get().contains("\"default\"")))
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The artifacts, in the order of the index.
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// Whether it may have a feature `default`. Without one, asking for it changes nothing.
    pub(super) fn declares_default(&self) -> bool {
        self.declares_default
    }

    /// Dependencies and features.
    ///
    /// # Errors
    /// [`MalformedLine`] if the index line cannot be read.
    pub fn needs(&self) -> Result<&Arc<Needs>, &MalformedLine> {
        self.needs
            .get_or_init(|| {
                read_needs(&self.core).map(Arc::new).map_err(|reason| MalformedLine {
                    log_index: self.artifacts.first().map_or(0, |artifact| artifact.log_index),
                    reason,
                })
            })
            .as_ref()
    }
}

fn read_needs(core: &str) -> Result<Needs, String> {
    let raw: RawCore<'_> = serde_json::from_str(core).map_err(|error| error.to_string())?;
    let raw_dependencies: Vec<RawDependency<'_>> =
        serde_json::from_str(raw.deps.get()).map_err(|error| error.to_string())?;
    let raw_features: BTreeMap<String, Vec<String>> =
        serde_json::from_str(raw.features.get()).map_err(|error| error.to_string())?;
    if raw_dependencies.len() > limits::DEPENDENCIES || raw_features.len() > limits::FEATURES {
        return Err(crate::message::resolve::line_counts(
            limits::DEPENDENCIES as u64,
            limits::FEATURES as u64,
        ));
    }
    let mut dependencies = Vec::with_capacity(raw_dependencies.len());
    for raw in raw_dependencies {
        let mut features = raw.f;
        if raw.d {
            features.push(super::feature::DEFAULT.to_owned());
        }
        dependencies.push(Dependency {
            name: PackageName::parse(&raw.p).map_err(|error| error.to_string())?,
            requirement: Requirement::parse(&raw.r).map_err(|error| error.to_string())?,
            kind: match &*raw.k {
                "normal" => DependencyKind::Normal,
                "build" => DependencyKind::Build,
                other => return Err(crate::message::resolve::line_kind(other)),
            },
            targets: raw
                .t
                .iter()
                .map(|target| Target::parse(target).map_err(|error| error.to_string()))
                .collect::<Result<_, _>>()?,
            presence: if raw.o { Presence::Optional } else { Presence::Required },
            features,
            source: Source::Registry,
            span: None,
        });
    }
    let features = raw_features
        .into_iter()
        .map(|(name, values)| {
            let values = values.iter().map(|value| FeatureValue::parse(value)).collect();
            (name, values)
        })
        .collect();
    Ok(Needs { dependencies, features })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORE: &str = r#"{"ver":"1.2.3","kind":"vitmod","target":"any","tree":"vp1-sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a","manifest":"sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a","files":2,"unpacked":62,"edition":"2025","deps":[{"p":"acme/json","r":"^2","k":"normal","t":[],"o":true,"d":true,"f":["simd"]}],"features":{"default":["dep:acme/json"]}}"#;

    fn line(core: &str, log_index: u64) -> IndexLine<'_> {
        IndexLine { core, log_index, published: Some(5), standing: Standing::Active }
    }

    #[test]
    fn dependencies_are_read_when_asked() {
        let other = CORE.replace("\"any\"", "\"x86_64-unknown-linux-gnu\"").replace("vitmod", "vitpkg");
        let (releases, malformed) = Release::from_lines([line(CORE, 7), line(&other, 8)]);
        assert!(malformed.is_empty());
        assert_eq!(releases.len(), 1);
        let release = &releases[0];
        assert_eq!(release.artifacts().len(), 2);
        let needs = release.needs().unwrap();
        assert_eq!(needs.dependencies[0].features, ["simd", "default"]);
        assert_eq!(needs.dependencies[0].presence, Presence::Optional);
        assert!(release.declares_default());
    }

    #[test]
    fn a_line_of_a_newer_form_is_left_out() {
        let newer = CORE.replace("\"files\"", "\"new\":1,\"files\"");
        let (releases, malformed) = Release::from_lines([line(&newer, 7), line("{", 8)]);
        assert!(releases.is_empty());
        assert_eq!(malformed.iter().map(|line| line.log_index).collect::<Vec<_>>(), [7, 8]);
        assert!(malformed[0].reason.contains("new"), "{}", malformed[0].reason);
    }

    #[test]
    fn a_malformed_dependency_shows_when_it_is_read() {
        for (from, to) in [("\"^2\"", "\"two\""), ("\"normal\"", "\"dev\""), ("acme/json", "Acme/json")] {
            let bad = CORE.replace(from, to);
            let (releases, _) = Release::from_lines([line(&bad, 7)]);
            assert_eq!(releases[0].needs().unwrap_err().log_index, 7);
        }
    }
}
