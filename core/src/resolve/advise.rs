//! A way out of a conflict: one thing is relaxed at a time and the question solved again. What is offered was
//! tried, exactly as it is offered; if nothing helps, nothing is offered.

use super::advice::Advice;
use super::catalogue::Candidates;
use super::encode::Encoder;
use super::explain::{Explanation, Fact, Subject};
use super::read;
use super::request::{Request, Role};
use super::resolution::{Origin, Resolution};
use super::solve::{SolveOutcome, solve};
use crate::name::PackageName;
use crate::version::{Requirement, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Requirements of the projects that are tried at most.
const TRIES: usize = 16;

type Catalogue = BTreeMap<PackageName, Arc<Candidates>>;

/// Looks for the smallest change that helps. `Err` with the packages that have to be known first.
pub(super) fn advise(
    request: &Request,
    catalogue: &Catalogue,
    explanation: &Explanation,
) -> Result<Option<Advice>, BTreeSet<PackageName>> {
    let mut missing = BTreeSet::new();
    let mut best: Option<(Rating, Advice)> = None;
    for (order, (member, at)) in involved(request, explanation).into_iter().take(TRIES).enumerate() {
        match relax(request, catalogue, member, at) {
            Err(names) => missing.extend(names),
            Ok(None) => {}
            Ok(Some((downgrade, project, name, version))) => {
                let rating = (version.is_prerelease(), downgrade, order);
                if best.as_ref().is_none_or(|(other, _)| rating < *other) {
                    best = Some((rating, Advice::Require { project, name, version }));
                }
            }
        }
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    if best.is_some() {
        return Ok(best.map(|(_, advice)| advice));
    }
    for name in request.precise.keys() {
        let mut other = request.clone();
        other.precise.remove(name);
        if attempt_under(&other, catalogue)?.is_some() {
            return Ok(Some(Advice::NotPrecise(name.clone())));
        }
    }
    if request.policy.minimum_age > 0 {
        let mut other = request.clone();
        other.policy.minimum_age = 0;
        if attempt_under(&other, catalogue)?.is_some() {
            return Ok(Some(Advice::NoMinimumAge));
        }
    }
    Ok(None)
}

/// Pre-releases last, then older releases than those asked for, then the order of the manifest.
type Rating = (bool, bool, usize);

/// The requirements of projects that stand in the explanation, by member and position.
fn involved(request: &Request, explanation: &Explanation) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for fact in explanation.facts() {
        let Fact::Needs { subject: Subject::Member { name: project, .. }, name, requirement, .. } = fact
        else {
            continue;
        };
        for (member_at, member) in request.members.iter().enumerate() {
            if &member.name != project || !matches!(member.role, Role::Root(_)) {
                continue;
            }
            for (at, dependency) in member.needs.dependencies.iter().enumerate() {
                if &dependency.name == name
                    && dependency.requirement.as_str() == requirement
                    && !found.contains(&(member_at, at))
                {
                    found.push((member_at, at));
                }
            }
        }
    }
    found
}

type Relaxed = (bool, PackageName, PackageName, Version);

/// Frees one requirement, and if that helps, asks for the version it led to.
fn relax(
    request: &Request,
    catalogue: &Catalogue,
    member: usize,
    at: usize,
) -> Result<Option<Relaxed>, BTreeSet<PackageName>> {
    let Some(project) = request.members.get(member) else { return Ok(None) };
    let Some(dependency) = project.needs.dependencies.get(at) else { return Ok(None) };
    // A conflict may be found before anything had to be known of this one; a way out may not depend on that.
    let Some(candidates) = catalogue.get(&dependency.name) else {
        return Err(BTreeSet::from([dependency.name.clone()]));
    };
    let mut tries: Vec<Version> = Vec::new();
    if let Ok(any) = Requirement::parse("*")
        && let Some(resolution) = attempt(&with_requirement(request, member, at, any), catalogue)?
    {
        tries.extend(chosen(&resolution, member, &dependency.name));
    }
    let mut prereleases: Vec<&Version> =
        candidates.versions().iter().filter(|version| version.is_prerelease()).collect();
    prereleases.sort_by(|a, b| b.cmp(a));
    tries.extend(prereleases.into_iter().take(2).cloned());
    for version in tries {
        let Ok(requirement) = Requirement::parse(&plain(&version)) else { continue };
        if requirement == dependency.requirement {
            continue;
        }
        if attempt(&with_requirement(request, member, at, requirement), catalogue)?.is_some() {
            let newest_asked =
                candidates.versions().iter().filter(|known| dependency.requirement.matches(known)).max();
            let downgrade = newest_asked.is_some_and(|newest| version < *newest);
            let version = Version::parse(&plain(&version)).unwrap_or(version);
            return Ok(Some((downgrade, project.name.clone(), dependency.name.clone(), version)));
        }
    }
    Ok(None)
}

/// A version as a requirement names it: without build metadata.
fn plain(version: &Version) -> String {
    let mut version = version.semver().clone();
    version.build = semver::BuildMetadata::EMPTY;
    version.to_string()
}

fn with_requirement(request: &Request, member: usize, at: usize, requirement: Requirement) -> Request {
    let mut request = request.clone();
    if let Some(member) = request.members.get_mut(member)
        && let Some(dependency) = Arc::make_mut(&mut member.needs).dependencies.get_mut(at)
    {
        dependency.requirement = requirement;
    }
    request
}

fn attempt(request: &Request, catalogue: &Catalogue) -> Result<Option<Resolution>, BTreeSet<PackageName>> {
    let mut encoder = Encoder::new(request, catalogue, &[]);
    match solve(&mut encoder) {
        SolveOutcome::Missing(names) => Err(names),
        SolveOutcome::Solved(choices) => Ok(read::read(&mut encoder, &choices).ok()),
        SolveOutcome::Unsolvable(_) => Ok(None),
    }
}

fn attempt_under(
    request: &Request,
    catalogue: &Catalogue,
) -> Result<Option<Resolution>, BTreeSet<PackageName>> {
    let catalogue = catalogue
        .iter()
        .map(|(name, candidates)| (name.clone(), Arc::new(candidates.under(name, request))))
        .collect();
    attempt(request, &catalogue)
}

/// The version of `name` that a member was given.
fn chosen(resolution: &Resolution, member: usize, name: &PackageName) -> Option<Version> {
    let project = resolution.packages().iter().find(|package| package.origin == Origin::Member(member))?;
    project
        .links
        .iter()
        .filter_map(|link| resolution.packages().get(link.to))
        .find(|package| &package.name == name && !package.is_member())
        .map(|package| package.version.clone())
}
