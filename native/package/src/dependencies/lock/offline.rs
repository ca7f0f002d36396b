//! Solving while no registry may be asked: among the releases that are on this machine.

use super::solve::{Choice, solve_among};
use crate::dependencies::Sources;
use crate::error::Error;
use crate::message::dependencies as text;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::resolve::{Explanation, Locked, Origin, Request, Resolution};

/// Solves with what is on this machine and what is locked. Where that gives no answer, what the cached copies of the
/// index know shows what is missing.
///
/// # Errors
/// `unavailable` when there is an answer with releases that are not on this machine, or an index file was never kept;
/// that there is no solution at all is the inner error.
pub(super) fn solve(
    request: Request,
    sources: &mut Sources,
) -> Result<Result<Resolution, Box<Explanation>>, Error> {
    let locked = request.locked.clone();
    if let Ok(resolution) = solve_among(request.clone(), sources, Choice::Held)? {
        return Ok(Ok(resolution));
    }
    match solve_among(request, sources, Choice::All)? {
        Ok(resolution) => Err(not_held(&resolution, &locked, sources)),
        Err(explanation) => Ok(Err(explanation)),
    }
}

/// The releases of an answer that are not on this machine.
fn not_held(resolution: &Resolution, locked: &[Locked], sources: &Sources) -> Error {
    let mut missing: Vec<String> = Vec::new();
    for package in resolution.packages() {
        let Origin::Registry(_, artifacts) = &package.origin else { continue };
        let is_locked =
            locked.iter().any(|locked| locked.name == package.name && locked.version == package.version);
        if !is_locked && !artifacts.iter().any(|artifact| sources.is_held(&package.name, &artifact.tree)) {
            missing.push(format!("{} {}", package.name, package.version));
        }
    }
    let fault = Diagnostic::new(Code::Unavailable, text::offline_not_held(&missing.join(", ")));
    fault.help(text::offline_not_held_help()).with("missing", missing).into()
}
