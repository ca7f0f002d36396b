//! Circles of dependencies, which no implication between releases can rule out beforehand.
//!
//! When the solver's choices form one, it is given a new rule: not all of these releases together. Then it solves
//! again, and gives up the one that was published last first, since that is the one that closed the circle.

use super::explain::Explanation;
use super::range::Compatibility;
use super::request::Request;
use super::resolution::{NewerWithheld, Origin, Resolution};
use super::{Withheld, WithheldRelease};
use crate::name::PackageName;
use crate::version::Version;

/// Circles that are ruled out before it is said that there is no solution.
pub(super) const CIRCLES: usize = 64;

/// Releases that form a circle of dependencies.
#[derive(Clone, Debug)]
pub(super) struct Circle {
    /// Those of registries, the one to give up first at the front. Members of the request cannot be given up.
    pub(super) releases: Vec<(PackageName, Version)>,
    /// What is said if all of them are needed.
    pub(super) explanation: Explanation,
}

impl Circle {
    /// The circle at these positions of a resolution, the first repeated at the end.
    pub(super) fn of(resolution: &Resolution, positions: &[usize], request: &Request) -> Self {
        let mut releases: Vec<(bool, u64, (PackageName, Version))> = Vec::new();
        for at in positions.iter().skip(1) {
            let Some(package) = resolution.packages.get(*at) else { continue };
            let Origin::Registry(_, artifacts) = &package.origin else { continue };
            let is_locked = request
                .locked
                .iter()
                .any(|locked| locked.name == package.name && locked.version == package.version);
            let published = artifacts.iter().map(|artifact| artifact.log_index).max().unwrap_or(0);
            releases.push((is_locked, u64::MAX - published, (package.name.clone(), package.version.clone())));
        }
        releases.sort();
        Self {
            releases: releases.into_iter().map(|(.., release)| release).collect(),
            explanation: Explanation::cycle(resolution, positions),
        }
    }
}

/// Notes which newer releases were passed over because they would have closed a circle.
pub(super) fn note(resolution: &mut Resolution, circles: &[Circle]) {
    for circle in circles {
        for (name, version) in &circle.releases {
            let range = Compatibility::of(version);
            let chosen = resolution
                .packages
                .iter()
                .filter(|package| &package.name == name && Compatibility::of(&package.version) == range)
                .map(|package| &package.version)
                .find(|chosen| *chosen < version)
                .cloned();
            let known = resolution.newer.iter().any(|newer| &newer.name == name);
            if let (Some(chosen), false) = (chosen, known) {
                let reason = Withheld::Circle(circle.explanation.circle());
                let release = WithheldRelease { version: version.clone(), reason };
                resolution.newer.push(NewerWithheld { name: name.clone(), chosen, release });
            }
        }
    }
}
