//! Releases that nobody could use, because they depend on each other in a circle.

use super::candidate::Candidate;
use crate::error::Error;
use crate::message::registry as text;
use crate::registry::derive::read_index;
use crate::registry::sequencer::Head;
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::dependency::DEFAULT;
use vitte_package_core::diagnostic::{Code, Diagnose as _};
use vitte_package_core::index::IndexFile;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{
    FeatureSelection, Member, Registries, Release, Request, Resolver, Role, Step, Supply,
};

/// Refuses a release of the batch from whose dependencies every way leads back to it. Where an older or another release
/// avoids the circle, it is accepted: those who resolve find that too.
///
/// # Errors
/// `cycle`, naming the circle; `io` and those of reading the index.
pub(super) fn check(
    candidates: &[Candidate],
    files: BTreeMap<PackageName, IndexFile>,
    head: &dyn Head,
) -> Result<(), Error> {
    let mut known: BTreeMap<PackageName, Option<IndexFile>> =
        files.into_iter().map(|(name, file)| (name, Some(file))).collect();
    let mut seen = BTreeSet::new();
    for candidate in candidates {
        let artifact = &candidate.artifact;
        if !seen.insert((artifact.package.clone(), artifact.version.clone())) {
            continue;
        }
        let releases = known.get(&artifact.package).and_then(Option::as_ref).map(Release::of_index);
        let release = releases.into_iter().flatten().find(|release| *release.version() == artifact.version);
        let Some(needs) = release.map(|release| release.needs().clone()) else { continue };
        if needs.dependencies.is_empty() {
            continue;
        }
        let role = Role::Root(FeatureSelection::Only(BTreeSet::from([DEFAULT.to_owned()])));
        let (name, version) = (artifact.package.clone(), artifact.version.clone());
        let request = Request {
            members: vec![Member { name, version, needs, role }],
            registries: Registries::only(head.registry().clone()),
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
                    return Err(fault.help(text::circle_help(artifact.package.as_str())).into());
                }
                Step::Need(need) => {
                    for (name, _) in &need.names {
                        if !known.contains_key(name) {
                            known.insert(name.clone(), read_index(head, name)?);
                        }
                        let supply = match known.get(name).and_then(Option::as_ref) {
                            Some(file) => Supply::Releases(Release::of_index(file)),
                            None => Supply::Absent,
                        };
                        resolver.supply(name, supply);
                    }
                }
            }
        }
    }
    Ok(())
}
