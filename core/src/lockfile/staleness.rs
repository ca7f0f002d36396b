//! Whether a lockfile still fits the manifests, without looking at an index.

use super::Lockfile;
use crate::dependency::{Dependency, DependencyKind, DependencySource};
use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::message::lock as text;
use crate::name::PackageName;
use crate::resolve::{Member, Request, Role};
use crate::version::Version;
use std::collections::BTreeSet;

/// Why a lockfile no longer fits. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale(Vec<StaleReason>);

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaleReason {
    /// A member of the workspace is not in it.
    Absent(PackageName),
    /// A member has another version: name, locked, now.
    Version(PackageName, Version, Version),
    /// Nothing locked meets a requirement: member, dependency, requirement.
    Requirement(PackageName, PackageName, String),
    /// A dependency that the manifest no longer has: member, dependency.
    Extra(PackageName, PackageName),
    /// A release is locked from another registry than its namespace belongs to: name, locked, now.
    Registry(PackageName, String, Option<String>),
}

impl StaleReason {
    fn text(&self) -> String {
        match self {
            Self::Absent(name) => text::stale_absent(name.as_str()),
            Self::Version(name, locked, now) => {
                text::stale_version(name.as_str(), &locked.to_string(), &now.to_string())
            }
            Self::Requirement(name, dependency, requirement) => {
                text::stale_requirement(name.as_str(), dependency.as_str(), requirement)
            }
            Self::Extra(name, dependency) => text::stale_extra(name.as_str(), dependency.as_str()),
            Self::Registry(name, locked, Some(now)) => text::stale_registry(name.as_str(), locked, now),
            Self::Registry(name, _, None) => text::stale_no_registry(name.as_str()),
        }
    }
}

impl Stale {
    /// The reasons.
    pub fn reasons(&self) -> &[StaleReason] {
        &self.0
    }
}

impl Diagnose for Stale {
    fn diagnostic(&self) -> Diagnostic {
        let mut texts = self.0.iter().map(StaleReason::text);
        let mut diagnostic = Diagnostic::new(Code::LockOutdated, texts.next().unwrap_or_default());
        for text in texts {
            diagnostic = diagnostic.note(text, None);
        }
        diagnostic.help(text::stale_hint())
    }
}
display_as_message!(Stale);

impl Lockfile {
    /// Whether the lockfile is an answer to `request`, as far as the manifests of its members say: every
    /// member with its version, every direct requirement met, nothing left over, every release from the
    /// registry its namespace belongs to. What releases need among themselves is not asked: an index would be
    /// needed for that, and a release never changes.
    ///
    /// # Errors
    /// [`Stale`] with every reason.
    pub fn check(&self, request: &Request) -> Result<(), Stale> {
        let mut reasons = Vec::new();
        for member in &request.members {
            self.check_member(member, request, &mut reasons);
        }
        for package in &self.packages {
            let Some(artifact) = &package.artifact else { continue };
            let now = request.registries.of(&package.name);
            if now != Some(&artifact.registry) {
                reasons.push(StaleReason::Registry(
                    package.name.clone(),
                    artifact.registry.as_str().to_owned(),
                    now.map(|now| now.as_str().to_owned()),
                ));
            }
        }
        if reasons.is_empty() { Ok(()) } else { Err(Stale(reasons)) }
    }

    fn check_member(&self, member: &Member, request: &Request, reasons: &mut Vec<StaleReason>) {
        let Some(locked) = self.named(&member.name).find(|package| package.artifact.is_none()) else {
            // A path package that nothing needs is not locked.
            if matches!(member.role, Role::Root(_)) {
                reasons.push(StaleReason::Absent(member.name.clone()));
            }
            return;
        };
        if locked.version != member.version {
            reasons.push(StaleReason::Version(
                member.name.clone(),
                locked.version.clone(),
                member.version.clone(),
            ));
        }
        let root = matches!(member.role, Role::Root(_));
        let mut met: BTreeSet<&(PackageName, Version)> = BTreeSet::new();
        for dependency in &member.needs.dependencies {
            let counts = (root || dependency.kind != DependencyKind::Dev)
                && dependency.counts_for(&request.policy.targets);
            if !counts {
                continue;
            }
            let found: Vec<_> = locked.dependencies.iter().filter(|given| meets(dependency, given)).collect();
            // Optional dependencies are there for projects, and may be there for path packages.
            if found.is_empty() && (root || !dependency.optional) {
                reasons.push(StaleReason::Requirement(
                    member.name.clone(),
                    dependency.name.clone(),
                    dependency.requirement.as_str().to_owned(),
                ));
            }
            met.extend(found);
        }
        for given in &locked.dependencies {
            if !met.contains(given) {
                reasons.push(StaleReason::Extra(member.name.clone(), given.0.clone()));
            }
        }
    }
}

fn meets(dependency: &Dependency, (name, version): &(PackageName, Version)) -> bool {
    &dependency.name == name
        && (dependency.requirement.matches(version)
            || (dependency.source == DependencySource::Member && dependency.requirement.as_str() == "*"))
}
