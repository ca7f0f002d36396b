//! The releases that may be chosen, and those that exist and may not, with the reason.

use super::range::{Compatibility, VersionRange};
use super::ranks::{Rank, RankSet};
use super::release::{Artifact, Availability, Release};
use super::request::{ArtifactPreference, Policy, Request};
use crate::name::PackageName;
use crate::target::Kind;
use crate::version::Version;
use pubgrub::VersionSet as _;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a release that exists may not be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Withheld {
    /// Yanked, and not in the lockfile.
    Yanked,
    /// Quarantined or gone.
    Withdrawn,
    /// The log took it less than the minimum age ago.
    TooYoung {
        /// Seconds since the log took it.
        age: u64,
        /// Seconds until it may be chosen.
        wait: u64,
    },
    /// By this machine's clock the log took it in the future.
    InFuture {
        /// Seconds until then.
        ahead: u64,
    },
    /// A minimum age is set and the log attests no time for it.
    NoTime,
    /// No artifact serves the targets.
    NoArtifact,
    /// With the other releases that were chosen it would close a circle of dependencies.
    Circle(String),
    /// Another version of its range of compatibility was asked for by name.
    NotPrecise(Version),
}

impl Withheld {
    /// Why a release of the time `published` may not be chosen at `now`; `None` when it is at least `minimum` seconds old.
    pub fn too_young(now: u64, published: u64, minimum: u64) -> Option<Self> {
        // A few seconds between two clocks are not worth another word.
        if minimum > 0 && published > now.saturating_add(60) {
            return Some(Self::InFuture { ahead: published - now });
        }
        let age = now.saturating_sub(published);
        let wait = minimum.checked_sub(age).filter(|wait| *wait > 0)?;
        Some(Self::TooYoung { age, wait: wait.saturating_add(published.saturating_sub(now)) })
    }
}

/// A release that may not be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldRelease {
    /// Its version.
    pub version: Version,
    /// Why.
    pub reason: Withheld,
}

/// One package of a registry, under the rules of a request.
///
/// Candidates are ranked: first the pre-releases, then the releases, each rising. So what a requirement
/// admits is nearly always one run of ranks, which makes set operations cheap.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    versions: Vec<Version>,
    releases: Vec<Arc<Release>>,
    artifacts: Vec<Vec<Artifact>>,
    prereleases: usize,
    locked: Vec<Rank>,
    withheld: Vec<WithheldRelease>,
    /// All releases, to judge them again under other rules. `None` if the registry has no such package.
    supplied: Option<Vec<Arc<Release>>>,
}

impl Candidates {
    /// A package the registry does not have.
    pub(super) fn absent() -> Self {
        Self::default()
    }

    /// Sorts the releases of a package by what the request allows.
    pub(super) fn new(name: &PackageName, releases: Vec<Arc<Release>>, request: &Request) -> Self {
        let registry = request.registries.of(name);
        let locked: Vec<&Version> = request
            .locked
            .iter()
            .filter(|locked| &locked.name == name && locked.registry.as_ref() == registry)
            .map(|locked| &locked.version)
            .collect();
        let precise = request.precise.get(name);
        let exempt = request.policy.exempts(name);
        let mut withheld = Vec::new();
        let supplied = Some(releases.clone());
        let mut allowed: Vec<(Arc<Release>, Vec<Artifact>)> = Vec::new();
        for release in releases {
            let version = release.version();
            let chosen_before = locked.contains(&version) || precise == Some(version);
            match judge(&release, &request.policy, chosen_before, exempt, precise) {
                Ok(artifacts) => allowed.push((release, artifacts)),
                Err(reason) => withheld.push(WithheldRelease { version: version.clone(), reason }),
            }
        }
        allowed.sort_by(|(a, _), (b, _)| {
            let key = |release: &Release| !release.version().is_prerelease();
            key(a).cmp(&key(b)).then_with(|| a.version().cmp(b.version()))
        });
        withheld.sort_by(|a, b| a.version.cmp(&b.version));
        let versions: Vec<Version> = allowed.iter().map(|(release, _)| release.version().clone()).collect();
        let prereleases = versions.partition_point(Version::is_prerelease);
        let locked = (0..versions.len())
            .filter(|&at| locked.contains(&&versions[at]))
            .filter_map(|at| Rank::try_from(at).ok())
            .collect();
        let (releases, artifacts) = allowed.into_iter().unzip();
        Self { versions, releases, artifacts, prereleases, locked, withheld, supplied }
    }

    /// Whether the registry has the package.
    pub(super) fn is_known(&self) -> bool {
        self.supplied.is_some()
    }

    /// The same package under the rules of another request.
    pub(super) fn under(&self, name: &PackageName, request: &Request) -> Self {
        match &self.supplied {
            Some(releases) => Self::new(name, releases.clone(), request),
            None => Self::absent(),
        }
    }

    /// All candidates' versions, by rank.
    pub(super) fn versions(&self) -> &[Version] {
        &self.versions
    }

    pub(super) fn version(&self, rank: Rank) -> Option<&Version> {
        self.versions.get(rank as usize)
    }

    pub(super) fn release(&self, rank: Rank) -> Option<&Arc<Release>> {
        self.releases.get(rank as usize)
    }

    /// The artifacts of a candidate that serve the request.
    pub(super) fn artifacts(&self, rank: Rank) -> &[Artifact] {
        self.artifacts.get(rank as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn withheld(&self) -> &[WithheldRelease] {
        &self.withheld
    }

    /// The candidates `range` admits, by range of compatibility, in rising order. `without` is left out: the
    /// range of compatibility a member of the request fills.
    pub(super) fn admitted(
        &self,
        range: &VersionRange,
        without: Option<Compatibility>,
    ) -> Vec<(Compatibility, RankSet)> {
        let (prereleases, releases) = self.versions.split_at(self.prereleases);
        let mut groups: BTreeMap<Compatibility, Vec<(Rank, Rank)>> = BTreeMap::new();
        let mut add = |rank: usize| {
            let (Some(version), Ok(rank)) = (self.versions.get(rank), Rank::try_from(rank)) else { return };
            let compatibility = Compatibility::of(version);
            if Some(compatibility) == without {
                return;
            }
            let runs = groups.entry(compatibility).or_default();
            match runs.last_mut() {
                Some((_, end)) if *end == rank => *end = rank.saturating_add(1),
                _ => runs.push((rank, rank.saturating_add(1))),
            }
        };
        for rank in range.among_prereleases(prereleases) {
            if prereleases.get(rank).is_some_and(|version| range.contains(version)) {
                add(rank);
            }
        }
        for rank in range.among_releases(releases) {
            add(self.prereleases + rank);
        }
        groups.into_iter().map(|(compatibility, runs)| (compatibility, RankSet::of(runs))).collect()
    }

    /// All candidates of a range of compatibility but this version; none if that is no candidate.
    pub(super) fn others_of(&self, version: &Version) -> Option<RankSet> {
        if !self.versions.contains(version) {
            return None;
        }
        let range = Compatibility::of(version);
        let others = self
            .versions
            .iter()
            .enumerate()
            .filter(|(_, other)| *other != version && Compatibility::of(other) == range);
        let ranks = others.filter_map(|(at, _)| Rank::try_from(at).ok());
        Some(RankSet::of(ranks.map(|rank| (rank, rank.saturating_add(1)))))
    }

    /// The one to choose of `set`: a locked one, else the newest in SemVer order.
    pub(super) fn preferred(&self, set: &RankSet) -> Option<Rank> {
        let locked = self.locked.iter().copied().filter(|rank| set.contains(rank));
        if let Some(rank) = self.newest(locked) {
            return Some(rank);
        }
        // Ranks rise within pre-releases and within releases, so only the last of each can be the newest.
        let boundary = Rank::try_from(self.prereleases).unwrap_or(Rank::MAX);
        self.newest([set.last_below(boundary), set.last_from(boundary)].into_iter().flatten())
    }

    fn newest(&self, ranks: impl Iterator<Item = Rank>) -> Option<Rank> {
        ranks.max_by(|a, b| self.version(*a).cmp(&self.version(*b)))
    }
}

fn judge(
    release: &Release,
    policy: &Policy,
    chosen_before: bool,
    exempt: bool,
    precise: Option<&Version>,
) -> Result<Vec<Artifact>, Withheld> {
    let version = release.version();
    if let Some(precise) = precise
        && precise != version
        && Compatibility::of(precise) == Compatibility::of(version)
    {
        return Err(Withheld::NotPrecise(precise.clone()));
    }
    let artifacts = serving(release, policy);
    let Some(first) = artifacts.first() else { return Err(Withheld::NoArtifact) };
    let worst = artifacts.iter().map(|artifact| artifact.availability).max().unwrap_or(first.availability);
    match worst {
        Availability::Withdrawn => return Err(Withheld::Withdrawn),
        Availability::Yanked if !chosen_before => return Err(Withheld::Yanked),
        Availability::Yanked | Availability::Active => {}
    }
    if policy.minimum_age > 0 && !exempt && !chosen_before {
        // A release is as old as its youngest artifact: a late one could have been added by a thief.
        let mut youngest = 0;
        for artifact in &artifacts {
            youngest = youngest.max(artifact.published.ok_or(Withheld::NoTime)?);
        }
        if let Some(young) = Withheld::too_young(policy.now, youngest, policy.minimum_age) {
            return Err(young);
        }
    }
    Ok(artifacts)
}

/// The artifacts of a release that are needed to serve every target of the policy; none if one is not served.
fn serving(release: &Release, policy: &Policy) -> Vec<Artifact> {
    let of_kind = |kind: Kind| -> Vec<Artifact> {
        let all: Vec<&Artifact> =
            release.artifacts().iter().filter(|artifact| artifact.kind == kind).collect();
        if let Some(any) = all.iter().find(|artifact| artifact.target.is_any()) {
            return vec![(*any).clone()];
        }
        if policy.targets.is_empty() {
            return all.into_iter().cloned().collect();
        }
        let chosen: Option<Vec<Artifact>> = policy
            .targets
            .iter()
            .map(|target| {
                all.iter().find(|artifact| &artifact.target == target).map(|found| (*found).clone())
            })
            .collect();
        chosen.unwrap_or_default()
    };
    let (first, second) = match policy.artifacts {
        ArtifactPreference::Source => (Kind::Vitmod, Kind::Vitpkg),
        ArtifactPreference::Binary => (Kind::Vitpkg, Kind::Vitmod),
    };
    let chosen = of_kind(first);
    if chosen.is_empty() { of_kind(second) } else { chosen }
}
