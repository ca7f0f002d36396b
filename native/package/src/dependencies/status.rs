//! What has become of locked releases since they were locked: signed by a key that was revoked, yanked, deprecated.
//!
//! A revoked signer and a yank for malware stop whatever would use the release; other yanks and deprecations are
//! reported.

use super::Sources;
use crate::error::Error;
use crate::message::{audit as audit_text, dependencies as text};
use crate::report::Reporter;
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::lockfile::{LockedArtifact, LockedPackage, Lockfile};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{NamespaceChain, StatusAction, StatusChange, StatusCode};

/// What is refused on request (`--deny`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deny {
    /// Releases that were yanked for any reason, and what `revoked` stands for.
    pub yanked: bool,
    /// Releases signed by a key that was revoked since, or yanked because they are malware.
    pub revoked: bool,
    /// Releases that were deprecated.
    pub deprecated: bool,
}

impl Deny {
    /// Whether anything is.
    pub fn is_any(self) -> bool {
        self.yanked || self.revoked || self.deprecated
    }
}

/// For which packages a revoked signer or malware is an error without being asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refuse {
    /// All of them.
    All,
    /// These; all others are reported.
    Only(BTreeSet<PackageName>),
}

impl Refuse {
    /// None: what is locked stays locked, and is reported.
    pub fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    fn has(&self, name: &PackageName) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

/// The status of a locked release.
#[derive(Clone, Debug, PartialEq)]
pub enum LockedStatus {
    /// A key that signed it was revoked: the fault.
    Revoked(Diagnostic),
    /// It was yanked.
    Yanked(StatusChange),
    /// It was deprecated.
    Deprecated(StatusChange),
}

/// Looks up how the releases of a lockfile stand, and tells of each that is not as it was.
///
/// # Errors
/// `key-revoked`, `yanked` and `deprecated`, all of them together, where they are refused; those of reading the index
/// and the namespaces.
pub(crate) fn check(
    lockfile: &Lockfile,
    sources: &mut Sources,
    refuse: &Refuse,
    deny: Deny,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let mut refused: Option<Error> = None;
    for (package, statuses) in statuses(lockfile, sources)? {
        for status in statuses {
            let always = refuse.has(&package.name);
            let denied = match &status {
                LockedStatus::Revoked(_) => always || deny.revoked || deny.yanked,
                LockedStatus::Yanked(change) if change.code == StatusCode::Malware => {
                    always || deny.revoked || deny.yanked
                }
                LockedStatus::Yanked(_) => deny.yanked,
                LockedStatus::Deprecated(_) => deny.deprecated,
            };
            let fault = diagnostic(package, status);
            if denied {
                let error = Error::from(fault);
                refused = Some(match refused.take() {
                    Some(before) => before.and(error),
                    None => error,
                });
            } else {
                reporter.warned(fault);
            }
        }
    }
    refused.map_or(Ok(()), Err)
}

/// The releases of a lockfile that are not as they were, with what became of them.
///
/// # Errors
/// Those of reading the index and the namespaces; `no-registry` when none is configured for one of them.
pub fn statuses<'l>(
    lockfile: &'l Lockfile,
    sources: &mut Sources,
) -> Result<Vec<(&'l LockedPackage, Vec<LockedStatus>)>, Error> {
    let mut releases: BTreeMap<_, Vec<(&LockedPackage, &LockedArtifact)>> = BTreeMap::new();
    for package in lockfile.packages() {
        if let Some(artifact) = &package.artifact {
            releases.entry((&package.name, &package.version)).or_default().push((package, artifact));
        }
    }
    sources.prefetch_with_namespaces(releases.keys().map(|(name, _)| *name));
    let mut found = Vec::new();
    for artifacts in releases.values() {
        let mut statuses: Vec<LockedStatus> = Vec::new();
        for (package, artifact) in artifacts {
            for status in status_of(package, artifact, sources)? {
                let is_known = statuses
                    .iter()
                    .any(|known| std::mem::discriminant(known) == std::mem::discriminant(&status));
                if !is_known {
                    statuses.push(status);
                }
            }
        }
        if let (Some((package, _)), false) = (artifacts.first(), statuses.is_empty()) {
            found.push((*package, statuses));
        }
    }
    Ok(found)
}

/// The status of one locked artifact.
fn status_of(
    package: &LockedPackage,
    artifact: &LockedArtifact,
    sources: &mut Sources,
) -> Result<Vec<LockedStatus>, Error> {
    let client = sources.of(&package.name)?;
    if client.id() != &artifact.registry {
        let (name, version) = (package.name.as_str(), package.version.to_string());
        let message = audit_text::unasked(name, &version, artifact.registry.as_str());
        return Err(Diagnostic::new(Code::NoRegistry, message).into());
    }
    let mut statuses = Vec::new();
    let Some(index) = client.index(&package.name)? else { return Ok(statuses) };
    let Some(entry) = index.find(&package.version, artifact.kind, &artifact.target) else {
        return Ok(statuses);
    };
    let chain = client.namespace(&package.name.namespace_or_none())?;
    // The lockfile's word for who signed is not enough where some key was revoked that might have.
    let revoked = chain
        .latest()
        .is_some_and(|latest| latest.revoked.iter().any(|revocation| revocation.since <= artifact.log_index));
    if revoked || artifact.signers.is_empty() {
        let reason = revocation_reason(chain, artifact);
        match client.prove_once(&index, entry) {
            Ok(_) => {}
            Err(error) if error.code() == Code::KeyRevoked => {
                statuses.push(LockedStatus::Revoked(revoked_signer(package, reason, &error)));
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(status) = &entry.status {
        match status.change.action {
            StatusAction::Yank => statuses.push(LockedStatus::Yanked(status.change.clone())),
            StatusAction::Deprecate => statuses.push(LockedStatus::Deprecated(status.change.clone())),
            StatusAction::Unyank | StatusAction::Undeprecate => {}
        }
    }
    Ok(statuses)
}

/// Why the key that signed was revoked, as far as the lockfile says which it was.
fn revocation_reason(chain: &NamespaceChain, artifact: &LockedArtifact) -> Option<&'static str> {
    let revocation = artifact.signers.iter().find_map(|signer| chain.revoked(*signer, artifact.log_index))?;
    Some(revocation.reason.as_str())
}

fn revoked_signer(package: &LockedPackage, reason: Option<&str>, error: &Error) -> Diagnostic {
    let (name, version) = (package.name.as_str(), package.version.to_string());
    let message = match reason {
        Some(reason) => text::locked_revoked_reason(name, &version, reason, &error.to_string()),
        None => text::locked_revoked(name, &version, &error.to_string()),
    };
    let fault = Diagnostic::new(Code::KeyRevoked, message).help(text::locked_revoked_help(name));
    fault.with("package", name).with("version", version)
}

fn diagnostic(package: &LockedPackage, status: LockedStatus) -> Diagnostic {
    let (name, version) = (package.name.as_str(), package.version.to_string());
    let fault = match status {
        LockedStatus::Revoked(fault) => return fault,
        LockedStatus::Yanked(change) => {
            let fault = Diagnostic::new(
                Code::Yanked,
                text::locked_yanked(name, &version, change.code.as_str(), &change.reason()),
            );
            match change.replacement() {
                Some(instead) => fault.help(text::locked_yanked_instead(name, &instead)),
                None => fault.help(text::locked_yanked_help(name)),
            }
        }
        LockedStatus::Deprecated(change) => deprecation(name, &version, &change),
    };
    fault.with("package", name).with("version", version)
}

/// That a release in use is deprecated, why, and what to use instead.
pub(crate) fn deprecation(name: &str, version: &str, change: &StatusChange) -> Diagnostic {
    let reason = change.reason();
    let message = match reason.is_empty() {
        true => text::deprecated(name, version),
        false => text::deprecated_reason(name, version, &reason),
    };
    let fault = Diagnostic::new(Code::Deprecated, message);
    match change.replacement() {
        Some(instead) => fault.help(text::deprecated_instead(&instead)),
        None => fault,
    }
}

/// That the registries could not be asked about what is locked.
pub(crate) fn unasked(error: &Error) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(error.code(), text::status_unasked(&error.to_string()));
    diagnostic.help = error.faults().flat_map(|fault| fault.diagnostic().help.clone()).collect();
    diagnostic
}
