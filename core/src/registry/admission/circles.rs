//! Releases that nobody could use, because they depend on each other in a circle.

use super::{Candidate, Growth};
use crate::dependency::DEFAULT;
use crate::diagnostic::{Code, Diagnose as _};
use crate::message::registry as text;
use crate::registry::{Snapshot, WriteError};
use crate::resolve::{FeatureSelection, Member, Registries, Release, Request, Resolver, Role, Step, Supply};
use std::collections::BTreeSet;
use std::task::{Poll, ready};

/// Refuses a release from whose dependencies every way leads back to it. Where an older or another release avoids the
/// circle, it is accepted: those who resolve find that too. The index files of `log` have the new lines.
///
/// # Errors
/// [`WriteError::Refused`] with `cycle`, naming the circle.
pub(super) fn check(
    candidates: &[&Candidate],
    log: &Growth<'_>,
    snapshot: &mut Snapshot,
) -> Poll<Result<(), WriteError>> {
    let mut seen = BTreeSet::new();
    for candidate in candidates {
        let artifact = &candidate.artifact;
        if !seen.insert((artifact.package.clone(), artifact.version.clone())) {
            continue;
        }
        let releases = log.grown(&artifact.package).map(Release::of_draft);
        let release = releases.into_iter().flatten().find(|release| *release.version() == artifact.version);
        let Some(needs) = release.map(|release| release.needs().clone()) else { continue };
        if needs.dependencies.is_empty() {
            continue;
        }
        let role = Role::Root(FeatureSelection::Only(BTreeSet::from([DEFAULT.to_owned()])));
        let (name, version) = (artifact.package.clone(), artifact.version.clone());
        let request = Request {
            members: vec![Member { name, version, needs, role }],
            registries: Registries::only(log.at.trust.root().registry.clone()),
            ..Request::default()
        };
        let mut resolver = Resolver::new(request);
        loop {
            match resolver.step() {
                Step::Done(_) => break,
                Step::Conflict(explanation) => {
                    let fault = explanation.diagnostic();
                    // That its dependencies go together with nothing is the business of those who use it.
                    if fault.code != Code::Cycle {
                        break;
                    }
                    let help = text::circle_help(artifact.package.as_str());
                    return Poll::Ready(Err(fault.help(help).into()));
                }
                Step::Need(need) => {
                    for (name, _) in &need.names {
                        let releases = match log.grown(name) {
                            Some(file) => Some(Release::of_draft(file)),
                            None => ready!(snapshot.index(log.at.trust, name))?.map(Release::of_index),
                        };
                        resolver.supply(name, releases.map_or(Supply::Absent, Supply::Releases));
                    }
                }
            }
        }
    }
    Poll::Ready(Ok(()))
}
