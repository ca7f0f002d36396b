//! Which artifact of a package is installed: the newest release that fits, in the form that runs here.

use crate::error::Error;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::{IndexEntry, IndexFile};
use vitte_package_core::message::{resolve as resolve_text, store as text};
use vitte_package_core::resolve::{Policy, Withheld, WithheldRelease};
use vitte_package_core::sign::StatusAction;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::{Requirement, Version};

/// How many versions a message names.
const NAMED: usize = 12;

/// Chooses the newest release that meets the requirement (without one: that is no pre-release), was not
/// withdrawn, is old enough, and has an artifact for `host`. Of its artifacts: the binary for the host, the binary for any
/// system, the source.
///
/// # Errors
/// `no-match` naming the versions there are, `yanked` when only withdrawn releases fit, `too-young` when only
/// young ones do, `not-supported` when there are only binaries for other systems.
pub(super) fn choose<'a>(
    index: &'a IndexFile,
    requirement: Option<&Requirement>,
    host: &Target,
    policy: &Policy,
) -> Result<&'a IndexEntry, Error> {
    let package = index.package().as_str();
    let fits = |version: &Version| match requirement {
        Some(requirement) => requirement.matches(version),
        None => !version.is_prerelease(),
    };
    let fitting: Vec<_> = index.entries().iter().filter(|entry| fits(&entry.core.version)).collect();
    if fitting.is_empty() {
        let wanted = requirement.map_or("*", Requirement::as_str);
        let fault = Diagnostic::new(Code::NoMatch, text::no_match(package, wanted));
        return Err(fault.help(text::versions_exist(&versions(index.entries().iter()))).into());
    }
    let active: Vec<_> = fitting.iter().copied().filter(|entry| !is_yanked(entry)).collect();
    let young: Vec<_> = active.iter().filter_map(|entry| too_young(entry, policy)).collect();
    if let Some(newest) = young.iter().max_by(|one, other| one.version.cmp(&other.version))
        && young.len() == active.len()
    {
        let wanted = requirement.map_or("*", Requirement::as_str);
        let fault = Diagnostic::new(Code::TooYoung, resolve_text::too_young(package, wanted));
        let fault = fault.note(newest.describe(index.package()), None);
        return Err(fault.help(resolve_text::help_minimum_age()).into());
    }
    let active: Vec<_> = active.into_iter().filter(|entry| too_young(entry, policy).is_none()).collect();
    let runs: Vec<_> = active.iter().copied().filter(|entry| rank(entry, host).is_some()).collect();
    let best = runs.iter().copied().max_by(|one, other| {
        let version = one.core.version.cmp(&other.core.version);
        version.then_with(|| rank(one, host).cmp(&rank(other, host)))
    });
    match (best, active.first()) {
        (Some(best), _) => Ok(best),
        (None, None) => Err(yanked(package, &fitting)),
        (None, Some(_)) => {
            let mut targets: Vec<_> = active.iter().map(|entry| entry.core.target.to_string()).collect();
            targets.sort();
            targets.dedup();
            let message = text::no_artifact(package, host.as_str(), &targets.join(", "));
            Err(Diagnostic::new(Code::NotSupported, message).into())
        }
    }
}

/// The release, withheld, if the log took it too lately.
fn too_young(entry: &IndexEntry, policy: &Policy) -> Option<WithheldRelease> {
    let age = policy.now.saturating_sub(entry.time);
    let wait = policy.minimum_age.checked_sub(age).filter(|wait| *wait > 0)?;
    let reason = Withheld::TooYoung { age, wait };
    Some(WithheldRelease { version: entry.core.version.clone(), reason })
}

/// How well an artifact suits the host; none if it does not run there.
fn rank(entry: &IndexEntry, host: &Target) -> Option<u8> {
    match entry.core.kind {
        Kind::Vitpkg if entry.core.target == *host => Some(2),
        Kind::Vitpkg if entry.core.target.is_any() => Some(1),
        Kind::Vitpkg => None,
        Kind::Vitmod => Some(0),
    }
}

fn is_yanked(entry: &IndexEntry) -> bool {
    entry.status.as_ref().is_some_and(|status| status.change.action == StatusAction::Yank)
}

fn yanked(package: &str, fitting: &[&IndexEntry]) -> Error {
    let why = fitting.iter().filter_map(|entry| entry.status.as_ref()).next_back();
    let why = why.map(|status| status.change.reason()).unwrap_or_default();
    let message = text::all_yanked(package, &versions(fitting.iter().copied()), &why);
    Diagnostic::new(Code::Yanked, message).into()
}

/// The newest versions, newest first.
fn versions<'a>(entries: impl Iterator<Item = &'a IndexEntry>) -> String {
    let mut versions: Vec<_> = entries.map(|entry| &entry.core.version).collect();
    versions.sort();
    versions.dedup();
    let more = if versions.len() > NAMED { ", …" } else { "" };
    let named: Vec<_> = versions.iter().rev().take(NAMED).map(ToString::to_string).collect();
    named.join(", ") + more
}
