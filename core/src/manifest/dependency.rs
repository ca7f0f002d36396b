//! Dependencies: `[dependencies]`, `[dev-dependencies]`, `[build-dependencies]`, the same under `[target.T]`, and
//! those that members of a workspace share.

use super::fault::{Conflict, Counted, FaultKind, FeatureRule, ValueRule, shown};
use super::feature::is_feature_name;
use super::registries::is_registry_name;
use super::source::{Entry, Faults, Table, Text};
use super::workspace::{self, Workspace};
use super::{Site, schema, text};
use crate::diagnostic::Span;
use crate::limits;
use crate::name::PackageName;
use crate::ordered;
use crate::target::Target;
use crate::version::Requirement;
use std::collections::BTreeSet;
use toml::de::DeValue;

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// Needed by those who use the package.
    Normal,
    /// Needed to build the package.
    Build,
    /// Needed to work on the package; never published.
    Dev,
}

impl DependencyKind {
    /// The word in an index line: `normal`, `build` or `dev`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Build => "build",
            Self::Dev => "dev",
        }
    }
}

/// One dependency, inherited values filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    name: PackageName,
    kind: DependencyKind,
    requirement: Option<Requirement>,
    path: Option<String>,
    inherits_path: bool,
    registry: Option<String>,
    features: Vec<String>,
    default_features: bool,
    optional: bool,
    targets: Vec<Target>,
    site: Site,
}

impl Dependency {
    /// The package.
    pub fn name(&self) -> &PackageName {
        &self.name
    }

    /// What it is for.
    pub fn kind(&self) -> DependencyKind {
        self.kind
    }

    /// Which versions will do. `None` only where there is a path.
    pub fn requirement(&self) -> Option<&Requirement> {
        self.requirement.as_ref()
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

    /// The features asked for, sorted, each once.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Whether its feature `default` is wanted.
    pub fn default_features(&self) -> bool {
        self.default_features
    }

    /// Whether it counts only when a feature of this package switches it on.
    pub fn optional(&self) -> bool {
        self.optional
    }

    /// The targets it counts for, sorted; empty: all.
    pub fn targets(&self) -> &[Target] {
        &self.targets
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

/// A dependency of `[workspace.dependencies]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SharedDependency {
    pub(super) name: PackageName,
    pub(super) requirement: Option<Requirement>,
    pub(super) path: Option<String>,
    pub(super) registry: Option<String>,
    pub(super) features: Vec<String>,
    pub(super) default_features: Option<bool>,
}

/// What stands around the dependencies of one table.
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
) -> Vec<Dependency> {
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
        if !seen.insert((&dependency.name, dependency.kind, &dependency.targets)) {
            let kind = Conflict::Dependency { name: dependency.name.to_string() };
            faults.add(dependency.span(), kind.into());
        }
    }
    dependencies
}

fn read_tables(
    table: &Table<'_>,
    context: Context<'_>,
    dependencies: &mut Vec<Dependency>,
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

fn read_one(entry: Entry<'_>, context: &Context<'_>, faults: &mut Faults) -> Option<Dependency> {
    let name = faults.keep(entry.key.span, PackageName::parse(entry.key.value));
    if name.is_some() && name.as_ref() == context.own && context.kind != DependencyKind::Dev {
        faults.add(entry.span(), Conflict::Itself { name: entry.key.value.to_owned() }.into());
    }
    let mut targets: Vec<Target> = context.target.cloned().into_iter().collect();
    if let DeValue::String(requirement) = entry.value.get_ref() {
        let requirement = faults.keep(entry.value.span().into(), Requirement::parse(requirement));
        return Some(Dependency {
            name: name?,
            kind: context.kind,
            requirement: Some(requirement?),
            path: None,
            inherits_path: false,
            registry: None,
            features: Vec::new(),
            default_features: true,
            optional: false,
            targets,
            site: Site(entry.span()),
        });
    }
    if let Some(meant) = unquoted(entry) {
        faults.add(entry.key.span, ValueRule::Unquoted { name: meant }.into());
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
    Some(Dependency {
        name: name?,
        kind: context.kind,
        requirement: source.requirement,
        path: source.path,
        inherits_path,
        registry: source.registry,
        features: sorted(source.features),
        default_features: source.default_features.unwrap_or(true),
        optional,
        targets,
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

/// The keys that a shared dependency has too.
struct Source {
    requirement: Option<Requirement>,
    path: Option<String>,
    registry: Option<String>,
    features: Vec<String>,
    default_features: Option<bool>,
}

fn read_source(table: &Table<'_>, faults: &mut Faults) -> Source {
    let requirement = table
        .text("version", faults)
        .and_then(|given| faults.keep(given.span, Requirement::parse(given.value)));
    let registry = table.text("registry", faults).and_then(|given| registry(given, faults));
    let features = table.texts("features", faults).unwrap_or_default();
    Source {
        requirement,
        path: table.text("path", faults).and_then(|given| text::folder("path", given, faults)),
        registry,
        features: features.into_iter().filter_map(|given| feature(given, faults)).collect(),
        default_features: table.flag("default-features", faults),
    }
}

fn registry(given: Text<'_>, faults: &mut Faults) -> Option<String> {
    if is_registry_name(given.value) {
        return Some(given.value.to_owned());
    }
    faults.add(given.span, ValueRule::Registry { given: shown(given.value) }.into());
    None
}

fn feature(given: Text<'_>, faults: &mut Faults) -> Option<String> {
    if is_feature_name(given.value) {
        return Some(given.value.to_owned());
    }
    faults.add(given.span, FeatureRule::Syntax { given: shown(given.value) }.into());
    None
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
    member: Source,
    context: &Context<'_>,
    faults: &mut Faults,
) -> Option<(Source, bool)> {
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
    let source = Source {
        requirement: shared.requirement.clone(),
        path: shared.path.clone(),
        registry: shared.registry.clone(),
        features,
        default_features: member.default_features.or(shared.default_features),
    };
    Some((source, shared.path.is_some()))
}

/// Reads `[workspace.dependencies]`.
pub(super) fn read_shared(workspace: &Table<'_>, faults: &mut Faults) -> Vec<SharedDependency> {
    let mut shared = Vec::new();
    for entry in workspace.named("dependencies", faults) {
        let name = faults.keep(entry.key.span, PackageName::parse(entry.key.value));
        let source = match entry.value.get_ref() {
            DeValue::String(given) => Source {
                requirement: faults.keep(entry.value.span().into(), Requirement::parse(given)),
                path: None,
                registry: None,
                features: Vec::new(),
                default_features: None,
            },
            _ => {
                let title = entry.key.value.to_owned();
                let own = (entry.key.value, &schema::DEPENDENCY_VALUE);
                let keys = schema::WORKSPACE_DEPENDENCY;
                let Some(table) = Table::of(title, entry.value, keys, own, faults) else { continue };
                if !table.has("version") && !table.has("path") {
                    let rule = ValueRule::NoSource { name: entry.key.value.to_owned() };
                    faults.add(entry.span(), rule.into());
                }
                read_source(&table, faults)
            }
        };
        let Some(name) = name else { continue };
        shared.push(SharedDependency {
            name,
            requirement: source.requirement,
            path: source.path,
            registry: source.registry,
            features: source.features,
            default_features: source.default_features,
        });
    }
    shared
}
