//! The one form of a lockfile.

use super::{LockedPackage, Lockfile};
use crate::name::PackageName;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The first line.
pub(super) const HEAD: &str = "# Written by vitte package. Commit it, do not edit it.";

impl Lockfile {
    /// The text. Parsing it gives the same lockfile, and no other text does.
    pub fn print(&self) -> String {
        let versions = versions(&self.packages);
        let mut out = format!("{HEAD}\nversion = 1\n");
        for package in &self.packages {
            print_package(&mut out, package, &versions);
        }
        out
    }
}

/// How many versions of each name there are.
pub(super) fn versions(packages: &[LockedPackage]) -> BTreeMap<&PackageName, usize> {
    let mut counts = BTreeMap::new();
    let mut last = None;
    for package in packages {
        let release = (&package.name, &package.version);
        if last != Some(release) {
            *counts.entry(&package.name).or_insert(0) += 1;
        }
        last = Some(release);
    }
    counts
}

fn print_package(out: &mut String, package: &LockedPackage, versions: &BTreeMap<&PackageName, usize>) {
    // Names, versions, digests and ids hold no character that TOML would escape.
    let _ = write!(out, "[[package]]\nname = \"{}\"\nversion = \"{}\"\n", package.name, package.version);
    if let Some(artifact) = &package.artifact {
        let _ = write!(
            out,
            "registry = \"{}\"\nkind = \"{}\"\ntarget = \"{}\"\ntree = \"{}\"\nlog-index = {}\n",
            artifact.registry.as_str(),
            artifact.kind,
            artifact.target,
            artifact.tree,
            artifact.log_index
        );
        if !artifact.signers.is_empty() {
            let signers: Vec<String> =
                artifact.signers.iter().map(|signer| format!("\"{signer}\"")).collect();
            let _ = writeln!(out, "signers = [{}]", signers.join(", "));
        }
    }
    if !package.dependencies.is_empty() {
        out.push_str("dependencies = [\n");
        for (name, version) in &package.dependencies {
            if versions.get(name).copied().unwrap_or(0) > 1 {
                let _ = writeln!(out, "    \"{name} {version}\",");
            } else {
                let _ = writeln!(out, "    \"{name}\",");
            }
        }
        out.push_str("]\n");
    }
}
