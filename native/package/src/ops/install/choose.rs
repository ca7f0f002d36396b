//! Which artifact of a package is installed: the newest release that fits, in the form that runs here.

use crate::error::Error;
use crate::message::{resolve as resolve_text, store as text};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::{Age, Host, IndexEntry, Rule, VerifiedIndex, is_yanked, newest};
use vitte_package_core::resolve::{Policy, Withheld, WithheldRelease};
use vitte_package_core::target::Target;
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
    index: &'a VerifiedIndex,
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
    let age = Age { now: policy.now, minimum: policy.minimum_age };
    let requirements = requirement.map(std::slice::from_ref).unwrap_or_default();
    if let Some(best) = newest(index, &Rule::to_use(requirements, Host::Needed(host), Some(age))) {
        return Ok(best);
    }
    let young = active.iter().filter_map(|entry| Some((&entry.core.version, age.wait(entry)?, entry.time)));
    let young: Vec<_> = young.collect();
    match (active.is_empty(), young.iter().max_by_key(|(version, ..)| *version)) {
        (true, _) => Err(yanked(package, &fitting)),
        (false, Some((version, wait, time))) if young.len() == active.len() => {
            let young = Withheld::TooYoung { age: policy.now.saturating_sub(*time), wait: *wait };
            let reason = Withheld::too_young(policy.now, *time, policy.minimum_age).unwrap_or(young);
            let newest = WithheldRelease { version: (*version).clone(), reason };
            let wanted = requirement.map_or("*", Requirement::as_str);
            let fault = Diagnostic::new(Code::TooYoung, resolve_text::too_young(package, wanted));
            let fault = fault.note(newest.describe(index.package()), None);
            Err(fault.help(resolve_text::help_minimum_age()).into())
        }
        (false, _) => {
            let mut targets: Vec<_> = active.iter().map(|entry| entry.core.target.to_string()).collect();
            targets.sort();
            targets.dedup();
            let message = text::no_artifact(package, host.as_str(), &targets.join(", "));
            Err(Diagnostic::new(Code::NotSupported, message).into())
        }
    }
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
