//! What the generation says of a release, or why the release cannot be used here.

use crate::error::Error;
use crate::host;
use crate::message::store as text;
use crate::store::{Programs, StoredRelease};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::Manifest;
use vitte_package_core::sign::KeyId;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::tree::Tree;
use vitte_package_core::verify::VerifiedPackage;

/// A package that was verified just now.
pub(super) fn verified(package: &VerifiedPackage, registry: Option<String>) -> Result<StoredRelease, Error> {
    let target = package.statement().map_or_else(Target::any, |statement| statement.target.clone());
    let (manifest, tree, signers) = (package.manifest(), package.tree(), package.signers().to_vec());
    release(manifest, tree, Origin { kind: package.kind(), target, registry, signers })
}

/// What is known of a release from elsewhere than its files.
pub(super) struct Origin {
    pub(super) kind: Kind,
    pub(super) target: Target,
    /// Id of the registry, if it comes from one.
    pub(super) registry: Option<String>,
    pub(super) signers: Vec<KeyId>,
}

/// A release whose manifest and tree were verified.
///
/// # Errors
/// `not-supported` for a binary for another system, `source` when a program of the manifest is not in it.
pub(super) fn release(manifest: &Manifest, tree: &Tree, origin: Origin) -> Result<StoredRelease, Error> {
    let Origin { kind, target, registry, signers } = origin;
    if kind == Kind::Vitpkg && !target.is_any() && target != host::target() {
        let full = format!("{} {}", manifest.name(), manifest.version());
        let message = text::other_target(&full, target.as_str(), host::target().as_str());
        return Err(Diagnostic::new(Code::NotSupported, message).into());
    }
    Ok(StoredRelease {
        package: manifest.name().clone(),
        version: manifest.version().clone(),
        kind,
        programs: programs(manifest, tree, kind, &target)?,
        target,
        tree: tree.digest(),
        registry,
        signers,
        lockfile: None,
    })
}

/// The programs of a binary package: each `[[bin]]` at `bin/<name>`, on Windows with `.exe`.
fn programs(manifest: &Manifest, tree: &Tree, kind: Kind, target: &Target) -> Result<Programs, Error> {
    let mut programs = Programs::new();
    if kind == Kind::Vitpkg {
        for bin in manifest.bins() {
            let end = if target.is_windows() { ".exe" } else { "" };
            let path = format!("bin/{}{end}", bin.name());
            if !tree.entries().iter().any(|entry| entry.path().as_str() == path) {
                let message = text::program_missing(bin.name(), &path);
                return Err(Diagnostic::new(Code::Source, message).into());
            }
            programs.insert(bin.name().to_owned(), path);
        }
    }
    Ok(programs)
}
