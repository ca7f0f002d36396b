//! From manifests to what the resolver takes.

use super::request::{Member, Role};
use crate::dependency::{Dependency, DependencySource, Needs};
use crate::manifest::{DeclaredDependency, Manifest};
use std::sync::Arc;

impl Member {
    /// The member a manifest describes.
    pub fn of(manifest: &Manifest, role: Role) -> Self {
        let dependencies = manifest.dependencies().iter().map(dependency).collect();
        let features = manifest.features().iter();
        let features = features.map(|(name, items)| (name.to_owned(), items.to_vec())).collect();
        Self {
            name: manifest.name().clone(),
            version: manifest.version().clone(),
            needs: Arc::new(Needs { dependencies, features }),
            role,
        }
    }
}

fn dependency(declared: &DeclaredDependency) -> Dependency {
    let is_local = declared.path().is_some() || declared.inherits_path();
    Dependency {
        source: if is_local { DependencySource::Member } else { DependencySource::Registry },
        span: Some(declared.span()),
        ..declared.dependency().clone()
    }
}
