//! Dependencies and features, in one form for manifest, index and resolver.

mod feature;

pub use feature::{DEFAULT, FeatureValue, Strength, is_feature_name};

use crate::diagnostic::Span;
use crate::name::PackageName;
use crate::target::Target;
use crate::version::Requirement;
use std::collections::BTreeMap;

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// Needed by those who use the package.
    Normal,
    /// Needed to build the package.
    Build,
    /// Needed to work on the package: counts for the projects being resolved only, and is never published.
    Dev,
}

impl DependencyKind {
    /// Its word: `normal`, `build` or `dev`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Build => "build",
            Self::Dev => "dev",
        }
    }

    /// Reads the word of an index line: a development dependency is not published, so `dev` is none.
    pub fn published(word: &str) -> Option<Self> {
        [Self::Normal, Self::Build].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a dependency comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencySource {
    /// The registry its namespace belongs to, or a member of the request that meets the requirement.
    Registry,
    /// A member of the request and nothing else: a path or workspace dependency.
    Member,
}

/// One dependency of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The package.
    pub name: PackageName,
    /// Which versions will do.
    pub requirement: Requirement,
    /// What it is for.
    pub kind: DependencyKind,
    /// Targets it counts for, sorted; empty means all.
    pub targets: Vec<Target>,
    /// Whether it is left out until a feature enables it.
    pub optional: bool,
    /// Whether its feature `default` is wanted.
    pub default_features: bool,
    /// Further features wanted of it.
    pub features: Vec<String>,
    /// Where it comes from; always the registry for what is published.
    pub source: DependencySource,
    /// Where it is written; only known for the manifest of a project being resolved.
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
            optional: false,
            default_features: true,
            features: Vec::new(),
            source: DependencySource::Registry,
            span: None,
        }
    }

    /// Whether it counts for any of `targets`; no targets means every target.
    pub fn counts_for(&self, targets: &[Target]) -> bool {
        targets.is_empty() || self.targets.is_empty() || self.targets.iter().any(|own| targets.contains(own))
    }

    /// Every feature wanted of it, `default` last.
    pub fn wanted_features(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(String::as_str).chain(self.default_features.then_some(DEFAULT))
    }
}

/// Dependencies and features of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Dependencies, in a fixed order.
    pub dependencies: Vec<Dependency>,
    /// What each feature enables.
    pub features: BTreeMap<String, Vec<FeatureValue>>,
}
