//! Dependencies: `[dependencies]`, `[dev-dependencies]`, `[build-dependencies]`, and the same under
//! `[target.T]`.

use super::fault::{Conflict, Counted, FaultKind, ValueRule};
use super::registries::Registry;
use super::shared_dependency::{DependencySource, read_source};
use super::source::{Entry, Faults, Table};
use super::workspace::{self, Workspace};
use super::{Site, schema};
use crate::dependency::{Dependency, DependencyKind};
use crate::diagnostic::Span;
use crate::limits;
use crate::name::PackageName;
use crate::ordered;
use crate::target::Target;
use crate::version::Requirement;
use std::collections::BTreeSet;
use toml::de::DeValue;

/// A dependency as a manifest declares it, inherited values filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredDependency {
    dependency: Dependency,
    has_requirement: bool,
    path: Option<String>,
    inherits_path: bool,
    registry: Option<String>,
    site: Site,
}

impl DeclaredDependency {
    /// The dependency, its features sorted, each once. A path alone says nothing about the version, so any will do.
    pub fn dependency(&self) -> &Dependency {
        &self.dependency
    }

    /// The package.
    pub fn name(&self) -> &PackageName {
        &self.dependency.name
    }

    /// What it is for.
    pub fn kind(&self) -> DependencyKind {
        self.dependency.kind
    }

    /// Which versions will do. `None` only where there is a path.
    pub fn requirement(&self) -> Option<&Requirement> {
        self.has_requirement.then_some(&self.dependency.requirement)
    }

    /// The folder it comes from when it is developed side by side. See [`inherits_path`](Self::inherits_path).
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Whether the path is relative to the workspace's root, and not to the folder of this manifest.
    pub fn inherits_path(&self) -> bool {
        self.inherits_path
    }

    /// The name of the registry asked for, if one is.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// Whether it counts only when a feature of this package switches it on.
    pub fn optional(&self) -> bool {
        self.dependency.optional
    }

    /// The features asked for, sorted, each once.
    pub fn features(&self) -> &[String] {
        &self.dependency.features
    }

    /// Whether its feature `default` is wanted.
    pub fn default_features(&self) -> bool {
        self.dependency.default_features
    }

    /// The targets it counts for, sorted; empty: all.
    pub fn targets(&self) -> &[Target] {
        &self.dependency.targets
    }

    /// Takes the path away, as packing does.
    pub(super) fn forget_path(&mut self) {
        self.path = None;
        self.inherits_path = false;
    }

    /// Key and value in the manifest.
    pub fn span(&self) -> Span {
        self.site.0
    }
}

/// The context of the dependencies of one table.
#[derive(Clone, Copy)]
struct Context<'a> {
    kind: DependencyKind,
    target: Option<&'a Target>,
    own: Option<&'a PackageName>,
    workspace: Option<&'a Workspace>,
}

/// Reads all dependencies of a manifest.
pub(super) fn read(
    root: &Table<'_>,
    own: Option<&PackageName>,
    workspace: Option<&Workspace>,
    faults: &mut Faults,
) -> Vec<DeclaredDependency> {
    let mut dependencies = Vec::new();
    let context = Context { kind: DependencyKind::Normal, target: None, own, workspace };
    read_tables(root, context, &mut dependencies, faults);
    for entry in root.named("target", faults) {
        let target = faults.keep(entry.key.span, Target::parse(entry.key.value));
        let title = format!("[target.'{}']", entry.key.value);
        let own_key = schema::find(schema::ROOT, "target").unwrap_or(&schema::DEPENDENCY_VALUE);
        let table = Table::of(title, entry.value, schema::TARGET, (entry.key.value, own_key), faults);
        if let Some(table) = table {
            let context = Context { target: target.as_ref(), ..context };
            read_tables(&table, context, &mut dependencies, faults);
        }
    }
    if let Some(extra) = dependencies.get(limits::DEPENDENCIES) {
        let (count, limit) = (dependencies.len(), limits::DEPENDENCIES);
        faults.add(extra.span(), ValueRule::Many { what: Counted::Dependencies, count, limit }.into());
    }
    let mut seen = BTreeSet::new();
    for dependency in &dependencies {
        if !seen.insert((dependency.name(), dependency.kind(), dependency.targets())) {
            let kind = Conflict::Dependency { name: dependency.name().to_string() };
            faults.add(dependency.span(), kind.into());
        }
    }
    dependencies
}

fn read_tables(
    table: &Table<'_>,
    context: Context<'_>,
    dependencies: &mut Vec<DeclaredDependency>,
    faults: &mut Faults,
) {
    for (key, kind) in [
        ("dependencies", DependencyKind::Normal),
        ("build-dependencies", DependencyKind::Build),
        ("dev-dependencies", DependencyKind::Dev),
    ] {
        let context = Context { kind, ..context };
        for entry in table.named(key, faults) {
            dependencies.extend(read_one(entry, &context, faults));
        }
    }
}

fn read_one(entry: Entry<'_>, context: &Context<'_>, faults: &mut Faults) -> Option<DeclaredDependency> {
    let name = faults.keep(entry.key.span, PackageName::parse(entry.key.value));
    if name.is_some() && name.as_ref() == context.own && context.kind != DependencyKind::Dev {
        faults.add(entry.span(), Conflict::Itself { name: entry.key.value.to_owned() }.into());
    }
    let mut targets: Vec<Target> = context.target.cloned().into_iter().collect();
    if let DeValue::String(requirement) = entry.value.get_ref() {
        let requirement = faults.keep(entry.value.span().into(), Requirement::parse(requirement));
        let dependency = Dependency { kind: context.kind, targets, ..Dependency::new(name?, requirement?) };
        return Some(DeclaredDependency {
            dependency,
            has_requirement: true,
            path: None,
            inherits_path: false,
            registry: None,
            site: Site(entry.span()),
        });
    }
    if let Some(name) = unquoted(entry) {
        faults.add(entry.key.span, ValueRule::Unquoted { name }.into());
        return None;
    }
    let title = entry.key.value.to_owned();
    let own = (entry.key.value, &schema::DEPENDENCY_VALUE);
    let table = Table::of(title, entry.value, schema::DEPENDENCY, own, faults)?;
    let source = read_source(&table, faults);
    let optional = table.flag("optional", faults).unwrap_or(false);
    if let (true, DependencyKind::Dev, Some(flag)) = (optional, context.kind, table.entry("optional")) {
        faults.add(flag.span(), Conflict::Optional { name: entry.key.value.to_owned() }.into());
    }
    if let Some(listed) = table.texts("target", faults) {
        if let (Some(_), Some(second)) = (context.target, table.entry("target")) {
            faults.add(second.span(), Conflict::Target { name: entry.key.value.to_owned() }.into());
        }
        targets.extend(listed.iter().filter_map(|text| faults.keep(text.span, Target::parse(text.value))));
        ordered::sort(&mut targets);
        targets.dedup();
    }
    let (source, inherits_path) = match inherits(&table, faults) {
        true => inherit(&table, entry, source, context, faults)?,
        false => {
            if !["version", "path", "workspace"].iter().any(|key| table.has(key)) && !table.has_unknown() {
                faults.add(entry.span(), ValueRule::NoSource { name: entry.key.value.to_owned() }.into());
            }
            (source, false)
        }
    };
    let has_requirement = source.requirement.is_some();
    let requirement = source.requirement.unwrap_or_else(Requirement::any);
    let dependency = Dependency {
        kind: context.kind,
        targets,
        optional,
        default_features: source.default_features.unwrap_or(true),
        features: sorted(source.features),
        ..Dependency::new(name?, requirement)
    };
    Some(DeclaredDependency {
        dependency,
        has_requirement,
        path: source.path,
        inherits_path,
        registry: source.registry,
        site: Site(entry.span()),
    })
}

/// `acme.json = "1"`, meant as the package `acme/json`.
fn unquoted(entry: Entry<'_>) -> Option<String> {
    let DeValue::Table(table) = entry.value.get_ref() else { return None };
    let dotted = Span::from(entry.value.span()) == entry.key.span;
    let (key, value) = table.iter().next().filter(|_| dotted && table.len() == 1)?;
    let unknown = schema::find(schema::DEPENDENCY, key.get_ref()).is_none();
    let name = format!("{}/{}", entry.key.value, key.get_ref());
    (unknown && !matches!(value.get_ref(), DeValue::Boolean(_)) && PackageName::parse(&name).is_ok())
        .then_some(name)
}

fn inherits(table: &Table<'_>, faults: &mut Faults) -> bool {
    match table.flag("workspace", faults) {
        Some(true) => true,
        Some(false) => {
            if let Some(entry) = table.entry("workspace") {
                faults.add(entry.span(), ValueRule::NotInherited.into());
            }
            false
        }
        None => false,
    }
}

fn sorted(mut features: Vec<String>) -> Vec<String> {
    ordered::sort(&mut features);
    features.dedup();
    features
}

/// Joins what a member says to what the workspace says. The `bool` tells whether the path is the workspace's.
fn inherit(
    table: &Table<'_>,
    entry: Entry<'_>,
    member: DependencySource,
    context: &Context<'_>,
    faults: &mut Faults,
) -> Option<(DependencySource, bool)> {
    let name = entry.key.value;
    for key in ["version", "path", "registry"] {
        if let Some(own) = table.entry(key) {
            faults.add(own.span(), Conflict::Inherited { name: name.to_owned(), key }.into());
        }
    }
    let Some(workspace) = context.workspace else {
        faults.add(entry.span(), FaultKind::InheritsWithoutWorkspace { key: name.to_owned() });
        return None;
    };
    let Some(shared) = workspace.dependencies().iter().find(|shared| shared.name.as_str() == name) else {
        workspace::no_such_dependency(workspace, name, entry.span(), faults);
        return None;
    };
    let features = shared.features.iter().cloned().chain(member.features).collect();
    let source = DependencySource {
        requirement: shared.requirement.clone(),
        path: shared.path.clone(),
        registry: shared.registry.clone(),
        features,
        default_features: member.default_features.or(shared.default_features),
    };
    Some((source, shared.path.is_some()))
}

/// A dependency may not name another registry than the one its namespace belongs to.
pub(super) fn check_registries(
    dependencies: &[DeclaredDependency],
    registries: &[Registry],
    faults: &mut Faults,
) {
    for dependency in dependencies {
        let Some(asked) = dependency.registry() else { continue };
        let namespace = dependency.name().namespace_or_none();
        let owner = registries.iter().find(|registry| registry.namespaces().contains(&namespace));
        if let Some(owner) = owner.filter(|owner| owner.name() != asked) {
            let kind = Conflict::Registry {
                name: dependency.name().to_string(),
                registry: asked.to_owned(),
                owner: owner.name().to_owned(),
            };
            faults.add(dependency.span(), kind.into());
        }
    }
}
