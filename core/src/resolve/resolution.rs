//! The answer: which releases, with which features, needed by whom.

use super::catalogue::WithheldRelease;
use super::release::Artifact;
use crate::dependency::DependencyKind;
use crate::name::PackageName;
use crate::sign::RegistryId;
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};

/// The chosen releases, ordered by name, then version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    pub(super) packages: Vec<Selected>,
    pub(super) newer: Vec<NewerWithheld>,
}

/// One chosen release, or a member of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Its package.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// Where it comes from.
    pub origin: Origin,
    /// The enabled features, in order; `default` only if the release has one.
    pub features: BTreeSet<String>,
    /// What it depends on here.
    pub links: Vec<Link>,
}

/// Where a chosen package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A member of the request, by its position there.
    Member(usize),
    /// A registry; `None` if the request names none for the namespace. With the artifacts that serve the targets.
    Registry(Option<RegistryId>, Vec<Artifact>),
}

/// One edge of the dependency graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Position of the package depended on, in [`Resolution::packages`].
    pub to: usize,
    /// What for.
    pub kind: DependencyKind,
    /// The requirement, as written.
    pub requirement: String,
}

/// A newer release than the chosen one that every requirement admits and the rules withhold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewerWithheld {
    /// The package.
    pub name: PackageName,
    /// The chosen version.
    pub chosen: Version,
    /// The newest version withheld, and why.
    pub release: WithheldRelease,
}

impl Resolution {
    /// The chosen packages, members included.
    pub fn packages(&self) -> &[Selected] {
        &self.packages
    }

    /// Newer releases that were withheld, one a chosen package at most.
    pub fn newer_withheld(&self) -> &[NewerWithheld] {
        &self.newer
    }

    /// The chosen packages of this name.
    pub fn named<'a>(&'a self, name: &'a PackageName) -> impl Iterator<Item = (usize, &'a Selected)> {
        self.packages.iter().enumerate().filter(move |(_, package)| &package.name == name)
    }

    /// The shortest way from a root to each package: the positions from the root to it, itself included.
    pub fn path_to(&self, target: usize) -> Vec<usize> {
        let mut from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue: std::collections::VecDeque<usize> = (0..self.packages.len())
            .filter(|at| self.packages.get(*at).is_some_and(|package| package.is_member()))
            .collect();
        let mut seen: BTreeSet<usize> = queue.iter().copied().collect();
        while let Some(at) = queue.pop_front() {
            if at == target {
                break;
            }
            for link in self.packages.get(at).map_or(&[][..], |package| &package.links) {
                if seen.insert(link.to) {
                    from.insert(link.to, at);
                    queue.push_back(link.to);
                }
            }
        }
        let mut path = vec![target];
        while let Some(before) = path.last().and_then(|at| from.get(at)) {
            path.push(*before);
        }
        path.reverse();
        path
    }

    /// A circle of dependencies, if there is one: positions, the first repeated at the end. Development
    /// dependencies may form circles, since nothing built needs them.
    pub(super) fn cycle(&self) -> Option<Vec<usize>> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.packages.len()];
        for start in 0..self.packages.len() {
            // Each frame: a package and the position of the next of its links.
            let mut stack = vec![(start, 0usize)];
            if marks.get(start) != Some(&Mark::New) {
                continue;
            }
            marks[start] = Mark::Open;
            while let Some((at, next)) = stack.last_mut() {
                let link = self.packages.get(*at).and_then(|package| package.links.get(*next));
                *next += 1;
                let Some(link) = link else {
                    marks[*at] = Mark::Done;
                    stack.pop();
                    continue;
                };
                if link.kind == DependencyKind::Dev {
                    continue;
                }
                match marks.get(link.to) {
                    Some(Mark::New) => {
                        marks[link.to] = Mark::Open;
                        stack.push((link.to, 0));
                    }
                    Some(Mark::Open) => {
                        let mut path: Vec<usize> =
                            stack.iter().map(|(at, _)| *at).skip_while(|at| *at != link.to).collect();
                        path.push(link.to);
                        return Some(path);
                    }
                    _ => {}
                }
            }
        }
        None
    }
}

impl Selected {
    /// Whether it is a member of the request.
    pub fn is_member(&self) -> bool {
        matches!(self.origin, Origin::Member(_))
    }
}
