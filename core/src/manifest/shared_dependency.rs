//! What a dependency says of where it comes from, and the dependencies that members of a workspace share.

use super::fault::{FeatureRule, ValueRule, shown};
use super::source::{Faults, Table, Text};
use super::{schema, text};
use crate::dependency::is_feature_name;
use crate::name::PackageName;
use crate::version::Requirement;
use toml::de::DeValue;

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

/// The keys that a shared dependency has too.
pub(super) struct DependencySource {
    pub(super) requirement: Option<Requirement>,
    pub(super) path: Option<String>,
    pub(super) registry: Option<String>,
    pub(super) features: Vec<String>,
    pub(super) default_features: Option<bool>,
}

pub(super) fn read_source(table: &Table<'_>, faults: &mut Faults) -> DependencySource {
    let requirement = table
        .text("version", faults)
        .and_then(|given| faults.keep(given.span, Requirement::parse(given.value)));
    let registry = table.text("registry", faults).and_then(|given| registry(given, faults));
    let features = table.texts("features", faults).unwrap_or_default();
    DependencySource {
        requirement,
        path: table.text("path", faults).and_then(|given| text::folder("path", given, faults)),
        registry,
        features: features.into_iter().filter_map(|given| feature(given, faults)).collect(),
        default_features: table.flag("default-features", faults),
    }
}

fn registry(given: Text<'_>, faults: &mut Faults) -> Option<String> {
    if text::is_registry_name(given.value) {
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

/// Reads `[workspace.dependencies]`.
pub(super) fn read_shared(workspace: &Table<'_>, faults: &mut Faults) -> Vec<SharedDependency> {
    let mut shared = Vec::new();
    for entry in workspace.named("dependencies", faults) {
        let name = faults.keep(entry.key.span, PackageName::parse(entry.key.value));
        let source = match entry.value.get_ref() {
            DeValue::String(given) => DependencySource {
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
