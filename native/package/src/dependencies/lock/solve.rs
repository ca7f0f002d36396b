//! Asking the resolver, and the registries for what it needs.

use crate::dependencies::sources::Sources;
use crate::error::Error;
use std::collections::BTreeSet;
use vitte_package_core::dependency::DependencySource;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::index::{Host, Rule, newest};
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{
    Explanation, Locked, Purpose, Release, Request, Resolution, Resolver, Selected, Step, Supply,
};
use vitte_package_core::version::Requirement;

/// As [`solve_among`], asking the registries about nothing that is locked and may stay so: one package of hundreds that is
/// added or moves costs what it costs, not a question about each of the others. None if that gives no answer in which
/// all of them stay and the others are the newest wanted: there may be one with what has come out since.
pub(super) fn solve_from_cache(
    request: &Request,
    sources: &mut Sources,
) -> Result<Option<Resolution>, Error> {
    let locked = request.locked.iter().filter_map(|locked| Some((&locked.name, locked.registry.as_ref()?)));
    let from_cache = sources.use_cached(locked);
    if from_cache.is_empty() {
        return Ok(None);
    }
    let before: BTreeSet<_> = request.locked.iter().map(|locked| (&locked.name, &locked.version)).collect();
    if let Ok(resolution) = solve_among(request.clone(), sources, Choice::All)? {
        let mut good = true;
        for (at, package) in
            resolution.packages().iter().enumerate().filter(|(_, package)| !package.is_member())
        {
            good = good
                && match from_cache.contains(&package.name) {
                    true => before.contains(&(&package.name, &package.version)),
                    false if request.precise.contains_key(&package.name) => true,
                    false => !is_passed_over(&resolution, at, package, sources)?,
                };
        }
        if good {
            return Ok(Some(resolution));
        }
    }
    sources.drop_cached();
    Ok(None)
}

/// Whether there is a newer release that everybody who needs the package would take: then something about its own
/// dependencies was in the way.
fn is_passed_over(
    resolution: &Resolution,
    at: usize,
    package: &Selected,
    sources: &mut Sources,
) -> Result<bool, Error> {
    let links = resolution.packages().iter().flat_map(|package| &package.links);
    let wanted: Vec<_> = links
        .filter(|link| link.to == at)
        .filter_map(|link| Requirement::parse(&link.requirement).ok())
        .collect();
    let Some(index) = sources.of(&package.name)?.index(&package.name)? else { return Ok(false) };
    let newest = newest(&index, &Rule::to_use(&wanted, Host::Any, None));
    Ok(newest.is_some_and(|entry| entry.core.version > package.version))
}

/// Which releases may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// All that the registries have.
    All,
    /// Those that are on this machine, and those that are locked.
    Held,
}

pub(super) fn solve_among(
    request: Request,
    sources: &mut Sources,
    choice: Choice,
) -> Result<Result<Resolution, Box<Explanation>>, Error> {
    let before = request.locked.clone();
    // What was needed before will most likely be needed again, and can be brought together.
    let direct = request.members.iter().flat_map(|member| &member.needs.dependencies);
    let locked = request.locked.iter().filter(|locked| locked.registry.is_some()).map(|locked| &locked.name);
    let likely: BTreeSet<_> = direct
        .filter(|one| one.source == DependencySource::Registry)
        .map(|one| &one.name)
        .chain(locked)
        .collect();
    sources.prefetch_index(likely);
    let mut resolver = Resolver::new(request);
    loop {
        match resolver.step() {
            Step::Done(resolution) => return Ok(Ok(resolution)),
            Step::Conflict(explanation) => return Ok(Err(explanation)),
            Step::Need(need) => {
                sources.prefetch_index(need.names.iter().map(|(name, _)| name));
                for (name, _) in &need.names {
                    let found = sources.of(name).and_then(|client| client.index(name));
                    let supply = match (found, need.purpose) {
                        (Ok(Some(index)), _) => {
                            let mut releases = Release::of_index(&index);
                            if choice == Choice::Held {
                                releases.retain(|release| may_be_chosen(name, release, &before, sources));
                            }
                            Supply::Releases(releases)
                        }
                        // A way out is a courtesy: without the package there is none.
                        (Ok(None), _) | (Err(_), Purpose::Advise) => Supply::Absent,
                        (Err(error), _) if choice == Choice::Held && error.code() == Code::Unavailable => {
                            Supply::Absent
                        }
                        (Err(error), Purpose::Resolve) => return Err(error),
                    };
                    resolver.supply(name, supply);
                }
            }
        }
    }
}

/// Whether a release may be chosen: one of its artifacts is on this machine, or the lockfile has it.
fn may_be_chosen(name: &PackageName, release: &Release, locked: &[Locked], sources: &Sources) -> bool {
    locked.iter().any(|locked| &locked.name == name && &locked.version == release.version())
        || release.artifacts().iter().any(|artifact| sources.is_held(name, &artifact.tree))
}
