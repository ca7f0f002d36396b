//! From manifests and index files to what the resolver takes.

use super::feature::{DEFAULT, FeatureValue};
use super::release::{Artifact, Dependency, DependencyKind, Needs, Presence, Release, Source, Standing};
use super::request::{Member, Role};
use crate::index::IndexFile;
use crate::manifest::{self, Manifest};
use crate::sign::StatusAction;
use crate::version::Requirement;
use std::sync::Arc;

impl Member {
    /// The member a manifest describes.
    pub fn of(manifest: &Manifest, role: Role) -> Self {
        let dependencies = manifest.dependencies().iter().filter_map(dependency).collect();
        let features = manifest
            .features()
            .iter()
            .map(|(name, items)| {
                let values = items.iter().map(|item| FeatureValue::parse(&item.to_string())).collect();
                (name.to_owned(), values)
            })
            .collect();
        Self {
            name: manifest.name().clone(),
            version: manifest.version().clone(),
            needs: Arc::new(Needs { dependencies, features }),
            role,
        }
    }
}

fn dependency(written: &manifest::Dependency) -> Option<Dependency> {
    let mut features = written.features().to_vec();
    if written.default_features() {
        features.push(DEFAULT.to_owned());
    }
    // A path alone says nothing about the version, so any will do.
    let requirement = match written.requirement() {
        Some(requirement) => requirement.clone(),
        None => Requirement::parse("*").ok()?,
    };
    let is_local = written.path().is_some() || written.inherits_path();
    Some(Dependency {
        name: written.name().clone(),
        requirement,
        kind: match written.kind() {
            manifest::DependencyKind::Normal => DependencyKind::Normal,
            manifest::DependencyKind::Build => DependencyKind::Build,
            manifest::DependencyKind::Dev => DependencyKind::Development,
        },
        targets: written.targets().to_vec(),
        presence: if written.optional() { Presence::Optional } else { Presence::Required },
        features,
        source: if is_local { Source::Member } else { Source::Registry },
        span: Some(written.span()),
    })
}

impl Release {
    /// The releases of an index file that was opened, and so is signed and in order.
    pub fn of_index(index: &IndexFile) -> Vec<Arc<Self>> {
        let mut releases: std::collections::BTreeMap<_, Self> = std::collections::BTreeMap::new();
        for entry in index.entries() {
            let artifact = Artifact {
                kind: entry.core.kind,
                target: entry.core.target.clone(),
                tree: entry.core.tree,
                log_index: entry.log,
                published: Some(entry.time),
                standing: match entry.status.as_ref().map(|status| status.change.action) {
                    Some(StatusAction::Yank) => Standing::Yanked,
                    Some(StatusAction::Unyank | StatusAction::Deprecate | StatusAction::Undeprecate)
                    | None => Standing::Active,
                },
            };
            releases
                .entry(entry.core.version.clone())
                .or_insert_with_key(|version| {
                    let declares_default = entry.core.features.contains_key(DEFAULT);
                    Self::unread(version.clone(), declares_default, entry.core.raw())
                })
                .push(artifact);
        }
        releases.into_values().map(Arc::new).collect()
    }
}
