//! The table `[workspace]`: packages that share a lockfile, and what they may inherit.

use super::fault::{FaultKind, ManifestErrors};
use super::registries::{self, Registry, TrustRule};
use super::schema::{self, Shape};
use super::shared_dependency::{self, SharedDependency};
use super::source::{self, Faults, Table};
use super::text;
use crate::diagnostic::Span;
use std::collections::BTreeMap;

/// A value of `[workspace.package]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inherited {
    Text(String),
    Texts(Vec<String>),
}

/// The root of several packages.
///
/// Values that members inherit are checked where they are inherited.
#[derive(Clone, Debug, PartialEq)]
pub struct Workspace {
    members: Vec<String>,
    exclude: Vec<String>,
    dependencies: Vec<SharedDependency>,
    package: BTreeMap<String, Inherited>,
    registries: Vec<Registry>,
    trust: Vec<TrustRule>,
}

impl Workspace {
    /// Reads the workspace of a manifest that need not be a package itself. `None`: it has no `[workspace]`.
    ///
    /// # Errors
    /// [`ManifestErrors`] with every fault of syntax and of the tables a root has (`[workspace]`, `[registries]`,
    /// `[trust]`). A manifest with `[package]` is for [`Manifest::parse`](super::Manifest::parse) to check.
    pub fn parse(source: &str) -> Result<Option<Self>, ManifestErrors> {
        let tree = match source::parse(source) {
            Ok(tree) => tree,
            Err(faults) => return ManifestErrors::check(faults, None),
        };
        let mut faults = Faults::default();
        let root = Table::root(&tree);
        let workspace = read(&root, &mut faults);
        if workspace.is_some() {
            registries::read(&root, &mut faults);
            registries::read_trust(&root, &mut faults);
        }
        ManifestErrors::check(faults.0, Some(workspace))
    }

    /// Patterns of the members' folders, relative to the root, `*` within one component.
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Patterns of folders that are not members.
    pub fn exclude(&self) -> &[String] {
        &self.exclude
    }

    /// The registries of all members.
    pub fn registries(&self) -> &[Registry] {
        &self.registries
    }

    /// Which keys may sign what, for all members.
    pub fn trust(&self) -> &[TrustRule] {
        &self.trust
    }

    pub(super) fn inherited(&self, key: &str) -> Option<&Inherited> {
        self.package.get(key)
    }

    pub(super) fn dependencies(&self) -> &[SharedDependency] {
        &self.dependencies
    }
}

/// Reads `[workspace]`, if there.
pub(super) fn read(root: &Table<'_>, faults: &mut Faults) -> Option<Workspace> {
    let table = root.table("workspace", schema::WORKSPACE, faults)?;
    let members = table.texts("members", faults).unwrap_or_default();
    let exclude = table.texts("exclude", faults).unwrap_or_default();
    let package = match table.table("package", schema::WORKSPACE_PACKAGE, faults) {
        Some(package) => shared_package(&package, faults),
        None => BTreeMap::new(),
    };
    // Faults of these two tables are reported by whoever reads the manifest itself.
    let mut quiet = Faults::default();
    Some(Workspace {
        members: text::patterns("members", &members, faults),
        exclude: text::patterns("exclude", &exclude, faults),
        dependencies: shared_dependency::read_shared(&table, faults),
        package,
        registries: registries::read(root, &mut quiet),
        trust: registries::read_trust(root, &mut quiet),
    })
}

fn shared_package(table: &Table<'_>, faults: &mut Faults) -> BTreeMap<String, Inherited> {
    let mut package = BTreeMap::new();
    for key in schema::WORKSPACE_PACKAGE {
        let value = match key.shape {
            Shape::Texts => table
                .texts(key.name, faults)
                .map(|texts| Inherited::Texts(texts.iter().map(|text| text.value.to_owned()).collect())),
            _ => table.text(key.name, faults).map(|text| Inherited::Text(text.value.to_owned())),
        };
        if let Some(value) = value {
            package.insert(key.name.to_owned(), value);
        }
    }
    package
}

/// Reports a dependency that the workspace does not have.
pub(super) fn no_such_dependency(workspace: &Workspace, name: &str, span: Span, faults: &mut Faults) {
    let known = workspace.dependencies.iter().map(|shared| shared.name.as_str());
    let nearest = crate::nearest::nearest(name, known).map(str::to_owned);
    let table = "[workspace.dependencies]";
    faults.add(span, FaultKind::InheritsNothing { table, key: name.to_owned(), nearest });
}
