//! `vitte.toml`, the author's description of a package.
//!
//! Source text to [`Manifest`] in one call that gives **all** faults at once, each with a stable code, the bytes
//! it concerns and a line to paste. The TOML tree is walked by hand along one table of keys, so that every
//! fault is said in the words of the manifest and never in those of a deserialiser.
//!
//! Source: archive format document, section 11.
//!
//! ```
//! use vitte_package_core::diagnostic::Code;
//! use vitte_package_core::manifest::Manifest;
//!
//! let source = r#"
//! [package]
//! name = "acme/json"
//! version = "1.2.0"
//!
//! [dependencies]
//! "acme/text" = { version = "^2", features = ["utf8"] }
//! "#;
//! let manifest = Manifest::parse(source).unwrap();
//! assert_eq!(manifest.name().as_str(), "acme/json");
//! assert_eq!(manifest.dependencies()[0].features(), ["utf8"]);
//!
//! // All faults come at once, each with its place.
//! let errors = Manifest::parse(&source.replace("acme/json", "Acme/json").replace("^2", "two")).unwrap_err();
//! let found = errors.diagnostics();
//! assert_eq!(found.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Code::Name, Code::Requirement]);
//! ```

mod build;
mod dependency;
mod entry_point;
mod fault;
mod feature;
mod near_miss_tables;
mod package;

mod pack;
mod publish_rules;
mod quick_facts;
mod registries;
mod schema;
mod shared_dependency;
mod source;
mod text;
mod workspace;

pub use build::{Build, Link};
pub use dependency::DeclaredDependency;
pub use entry_point::{Bin, Lib};
pub use fault::{Conflict, Counted, Fault, FaultKind, FeatureRule, ManifestErrors, ValueRule};
pub use feature::Features;
pub use near_miss_tables::near_miss_tables;
pub use pack::{PackError, pack};
pub use package::{SectionGlobs, Symlinks};

pub use publish_rules::{check_publishable, check_publishable_anywhere};
pub use quick_facts::quick_facts;
pub use registries::{Registry, RegistryPlace, TrustRule};
pub use schema::Shape;
pub use workspace::Workspace;

use crate::diagnostic::Span;
use crate::name::PackageName;
use crate::path::PackagePath;
use crate::version::Version;
use fault::FaultKind as Kind;
use package::Package;
use source::{Faults, Table};

/// The name of the file.
pub const FILE_NAME: &str = "vitte.toml";

/// A manifest that follows every rule.
///
/// Two manifests are equal when they say the same, wherever in the file they say it.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    package: Package,
    lib: Option<Lib>,
    bins: Vec<Bin>,
    dependencies: Vec<DeclaredDependency>,
    features: Features,
    build: Option<Build>,
    links: Vec<Link>,
    registries: Vec<Registry>,
    trust: Vec<TrustRule>,
    workspace: Option<Workspace>,
}

impl Manifest {
    /// Reads a manifest that stands alone, or the root of a workspace that is a package itself.
    ///
    /// # Errors
    /// [`ManifestErrors`] with every fault. [`ManifestErrors::needs_workspace`] tells whether values are
    /// inherited from a workspace that only [`parse_member`](Self::parse_member) can look in.
    pub fn parse(source: &str) -> Result<Self, ManifestErrors> {
        Self::read(source, None)
    }

    /// Reads the manifest of a member of `workspace`.
    ///
    /// # Errors
    /// [`ManifestErrors`] with every fault, those of inherited values at the place that inherits them.
    pub fn parse_member(source: &str, workspace: &Workspace) -> Result<Self, ManifestErrors> {
        Self::read(source, Some(workspace))
    }

    /// Reads a manifest from bytes that ought to be UTF-8, as an archive holds it.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); text that is not UTF-8 is a fault of syntax.
    pub fn from_bytes(source: &[u8]) -> Result<Self, ManifestErrors> {
        match std::str::from_utf8(source) {
            Ok(source) => Self::parse(source),
            Err(error) => {
                let at = error.valid_up_to();
                let reason = crate::message::manifest::not_utf8(at as u64);
                let kind = Kind::Syntax { reason, quoted: None };
                ManifestErrors::check(vec![Fault::new(Span { start: at, end: at }, kind)], None)
            }
        }
    }

    fn read(source: &str, workspace: Option<&Workspace>) -> Result<Self, ManifestErrors> {
        let tree = match source::parse(source) {
            Ok(tree) => tree,
            Err(faults) => return ManifestErrors::check(faults, None),
        };
        let mut faults = Faults::default();
        let root = Table::root(&tree);
        let own = workspace::read(&root, &mut faults);
        let workspace = workspace.or(own.as_ref());
        let package = package::read(source, &root, workspace, &mut faults);
        let lib = entry_point::read_lib(&root, &mut faults);
        let bins = entry_point::read_bins(&root, &mut faults);
        let name = package.as_ref().map(|package| &package.name);
        let dependencies = dependency::read(&root, name, workspace, &mut faults);
        let features = feature::read(&root, &dependencies, &mut faults);
        let build = build::read(&root, &mut faults);
        let links = build::read_links(&root, &mut faults);
        let registries = registries::read(&root, &mut faults);
        dependency::check_registries(&dependencies, &registries, &mut faults);
        let trust = registries::read_trust(&root, &mut faults);
        let manifest = package.map(|package| Self {
            package,
            lib,
            bins,
            dependencies,
            features,
            build,
            links,
            registries,
            trust,
            workspace: own,
        });
        ManifestErrors::check(faults.0, manifest)
    }

    /// The package's name.
    pub fn name(&self) -> &PackageName {
        &self.package.name
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.package.version
    }

    /// The edition of the language: four digits. `2025` where the manifest says none.
    pub fn edition(&self) -> &str {
        &self.package.edition
    }

    /// What the package does, in one sentence.
    pub fn description(&self) -> Option<&str> {
        self.package.description.as_deref()
    }

    /// The licence, an SPDX expression.
    pub fn license(&self) -> Option<&str> {
        self.package.license.as_deref()
    }

    /// Address of the source repository.
    pub fn repository(&self) -> Option<&str> {
        self.package.repository.as_deref()
    }

    /// Address of the home page.
    pub fn homepage(&self) -> Option<&str> {
        self.package.homepage.as_deref()
    }

    /// Address of the documentation.
    pub fn documentation(&self) -> Option<&str> {
        self.package.documentation.as_deref()
    }

    /// The authors, as written.
    pub fn authors(&self) -> &[String] {
        &self.package.authors
    }

    /// The readme, if one is named.
    pub fn readme(&self) -> Option<&PackagePath> {
        self.package.readme.as_ref()
    }

    /// At most ten keywords.
    pub fn keywords(&self) -> &[String] {
        &self.package.keywords
    }

    /// Patterns (gitignore rules) that are the whole list of files, if any are given.
    pub fn include(&self) -> &[String] {
        &self.package.include
    }

    /// Patterns (gitignore rules) of files to leave out.
    pub fn exclude(&self) -> &[String] {
        &self.package.exclude
    }

    /// Patterns (gitignore rules) of the files that are executable, on every host. `None`: the host decides.
    pub fn exec(&self) -> Option<&[String]> {
        self.package.exec.as_deref()
    }

    /// What to do with symbolic links in the project's folder.
    pub fn symlinks(&self) -> Symlinks {
        self.package.symlinks
    }

    /// The sections besides `meta` and `-`, with the patterns (gitignore rules) of their files, by name.
    pub fn sections(&self) -> &[SectionGlobs] {
        &self.package.sections
    }

    /// Paths that may be published although they look like a secret or a leftover.
    pub fn publish_allow(&self) -> &[PackagePath] {
        &self.package.publish_allow
    }

    /// The library, if the package has one.
    pub fn lib(&self) -> Option<&Lib> {
        self.lib.as_ref()
    }

    /// The programs.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// All dependencies: plain, development, build and target-specific ones, each in the order of the source.
    pub fn dependencies(&self) -> &[DeclaredDependency] {
        &self.dependencies
    }

    /// The features.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// How to build, if there is something to build.
    pub fn build(&self) -> Option<&Build> {
        self.build.as_ref()
    }

    /// Aliases that an install makes on Unix.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The registries of the project. They count in the root project only.
    pub fn registries(&self) -> &[Registry] {
        &self.registries
    }

    /// Which keys may sign what. Counts in the root project only.
    pub fn trust(&self) -> &[TrustRule] {
        &self.trust
    }

    /// The workspace whose root this is.
    pub fn workspace(&self) -> Option<&Workspace> {
        self.workspace.as_ref()
    }

    /// Where a key of `[package]` is, its value only; for faults that are found later.
    pub fn place_of(&self, key: &str) -> Option<Span> {
        self.package.places.of(key)
    }

    /// Where `[package]` begins.
    pub fn package_place(&self) -> Span {
        self.package.places.header()
    }
}

/// A place in a source text. All places are equal, so that what is said can be compared wherever it is.
#[derive(Clone, Copy, Debug)]
struct Site(Span);

impl PartialEq for Site {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Site {}

#[cfg(test)]
mod tests;
