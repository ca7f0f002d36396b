//! Releases of a lockfile that their authors have yanked since: told with the reason, or refused.

use super::Sources;
use crate::error::Error;
use crate::report::Reporter;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::IndexStatus;
use vitte_package_core::lockfile::{LockedPackage, Lockfile};
use vitte_package_core::message::dependencies as text;
use vitte_package_core::sign::StatusAction;

/// What becomes of a locked release that was yanked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Yanked {
    /// It is used, and the reason told wherever the index is asked.
    #[default]
    Told,
    /// Nothing is installed; the index is asked for that.
    Refused,
}

/// Looks up how the releases of a lockfile stand.
///
/// # Errors
/// `yanked`, all of them together, where they are refused; those of reading the index.
pub(crate) fn check(
    lockfile: &Lockfile,
    sources: &mut Sources,
    yanked: Yanked,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let released = || lockfile.packages().iter().filter(|package| package.artifact.is_some());
    sources.prefetch_index(released().map(|package| &package.name));
    let mut refused: Option<Error> = None;
    for package in released() {
        let Some(status) = status_of(package, sources)? else { continue };
        let fault = told(package, &status);
        match yanked {
            Yanked::Told => reporter.warned(fault),
            Yanked::Refused => {
                let error = Error::from(fault);
                refused = Some(match refused.take() {
                    Some(before) => before.and(error),
                    None => error,
                });
            }
        }
    }
    refused.map_or(Ok(()), Err)
}

/// The status of a locked release, if it was yanked.
fn status_of(package: &LockedPackage, sources: &mut Sources) -> Result<Option<IndexStatus>, Error> {
    let Some(artifact) = &package.artifact else { return Ok(None) };
    let Some(index) = sources.of(&package.name)?.index(&package.name)? else { return Ok(None) };
    let entry = index.find(&package.version, artifact.kind, &artifact.target);
    let status = entry.and_then(|entry| entry.status.clone());
    Ok(status.filter(|status| status.change.action == StatusAction::Yank))
}

fn told(package: &LockedPackage, status: &IndexStatus) -> Diagnostic {
    let (name, version) = (package.name.as_str(), package.version.to_string());
    let change = &status.change;
    let fault = Diagnostic::new(
        Code::Yanked,
        text::locked_yanked(name, &version, change.code.as_str(), &change.reason()),
    );
    let fault = match change.replacement() {
        Some(instead) => fault.help(text::locked_yanked_instead(name, &instead)),
        None => fault.help(text::locked_yanked_help(name)),
    };
    fault.with("package", name).with("version", version)
}
