//! What a manifest needs beyond being right before its package may be published.

use super::{DeclaredDependency, Manifest};
use crate::dependency::DependencyKind;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place};
use crate::message::manifest as text;

/// Checks that everything a published package needs is there: a registrable name, `license`, `description`, and
/// a version for every dependency that users of the package get. All that is missing is reported at once.
///
/// # Errors
/// One diagnostic for each thing missing, with its place and a line to paste.
pub fn check_publishable(manifest: &Manifest) -> Result<(), Vec<Diagnostic>> {
    let mut found = Vec::new();
    if let Err(error) = manifest.name().check_registrable() {
        let place = manifest.place_of("name").unwrap_or(manifest.package_place());
        found.push(error.diagnostic().at(Place::Source(place)));
    }
    found.extend(check_publishable_anywhere(manifest).err().unwrap_or_default());
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// As [`check_publishable`], for a directory registry, which also takes names without a namespace.
///
/// # Errors
/// As [`check_publishable`], but never about the name.
pub fn check_publishable_anywhere(manifest: &Manifest) -> Result<(), Vec<Diagnostic>> {
    let mut found = Vec::new();
    let example = |key| super::schema::find(super::schema::PACKAGE, key).map_or("", |key| key.example);
    for (key, value) in [("license", manifest.license()), ("description", manifest.description())] {
        if value.is_none() {
            let diagnostic = Diagnostic::new(Code::ManifestMissing, text::to_publish(key))
                .at(Place::Source(manifest.package_place()))
                .help(text::add(example(key)))
                .with("key", key);
            found.push(diagnostic);
        }
    }
    let published = |dependency: &&DeclaredDependency| dependency.kind() != DependencyKind::Dev;
    for dependency in manifest.dependencies().iter().filter(published) {
        if dependency.requirement().is_none() {
            let name = dependency.name().as_str();
            let diagnostic = Diagnostic::new(Code::ManifestMissing, text::to_publish_version(name))
                .at(Place::Source(dependency.span()))
                .help(text::to_publish_version_help())
                .with("dependency", name);
            found.push(diagnostic);
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}
