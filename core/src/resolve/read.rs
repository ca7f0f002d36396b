//! Reading the answer off the solver's choices.
//!
//! The requirements are followed again from the roots, so the answer holds nothing that is not needed, and one that
//! does not meet a requirement would show here.

use super::catalogue::{Candidates, Withheld, WithheldRelease};
use super::circle::Circle;
use super::encode::{Encoder, Node, NodeId, Slot};
use super::feature::Demand;
use super::range::VersionRange;
use super::ranks::Rank;
use super::request::{FeatureSelection, Role};
use super::resolution::{Link, NewerWithheld, Origin, Resolution, Selected};
use super::solve::Choices;
use crate::dependency::{DEFAULT, Dependency, DependencyKind};
use crate::name::PackageName;
use crate::version::Version;
use pubgrub::VersionSet as _;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A chosen package while the graph is read off.
#[derive(Default)]
struct Draft {
    features: BTreeSet<String>,
    enabled: BTreeSet<String>,
    weak: BTreeSet<(String, String)>,
    links: BTreeSet<(NodeId, DependencyKind, String)>,
}

struct Reader<'a, 'b> {
    encoder: &'b mut Encoder<'a>,
    choices: &'b Choices,
    drafts: BTreeMap<NodeId, Draft>,
    queue: Vec<Task>,
}

enum Task {
    Feature(NodeId, String),
    Depend(NodeId, usize),
}

/// Reads the answer off the solver's choices. Choices that do not meet every requirement, which would be a
/// fault of the encoding, are refused here; so are circles of dependencies.
pub(super) fn read(encoder: &mut Encoder<'_>, choices: &Choices) -> Result<Resolution, Refused> {
    let resolution = follow(encoder, choices).ok_or(Refused::Inconsistent)?;
    match resolution.cycle() {
        None => Ok(resolution),
        Some(circle) => Err(Refused::Circle(Box::new(Circle::of(&resolution, &circle, encoder.request())))),
    }
}

/// Why the solver's choices are no answer.
pub(super) enum Refused {
    /// They depend on each other in a circle.
    Circle(Box<Circle>),
    /// They do not meet every requirement.
    Inconsistent,
}

fn follow(encoder: &mut Encoder<'_>, choices: &Choices) -> Option<Resolution> {
    let roots = encoder.expand(Encoder::ROOT, 0).ok()?;
    let mut reader = Reader { encoder, choices, drafts: BTreeMap::new(), queue: Vec::new() };
    for constraint in roots.iter() {
        if matches!(reader.encoder.key(constraint.to), Node::Package(..)) {
            reader.enter(constraint.to)?;
        }
    }
    let request = reader.encoder.request();
    for member in &request.members {
        let Role::Root(selection) = &member.role else { continue };
        let node = roots.iter().map(|constraint| constraint.to).find(|node| {
            matches!(reader.encoder.key(*node), Node::Package(slot, _)
                if reader.encoder.slot_name(*slot) == Some(&member.name))
        })?;
        let names: Vec<String> = match selection {
            FeatureSelection::All => {
                let optional = member.needs.dependencies.iter().filter(|d| d.optional);
                member
                    .needs
                    .feature_names()
                    .map(str::to_owned)
                    .chain(optional.map(|dependency| format!("dep:{}", dependency.name)))
                    .collect()
            }
            FeatureSelection::Only(names) => names.iter().cloned().collect(),
        };
        reader.queue.extend(names.into_iter().map(|name| Task::Feature(node, name)));
    }
    while let Some(task) = reader.queue.pop() {
        match task {
            Task::Feature(node, feature) => reader.enable(node, &feature)?,
            Task::Depend(node, at) => reader.depend(node, at)?,
        }
    }
    reader.finish()
}

impl Reader<'_, '_> {
    fn place(&self, node: NodeId) -> Option<(Slot, Rank)> {
        let Node::Package(slot, _) = *self.encoder.key(node) else { return None };
        Some((slot, *self.choices.get(&node)?))
    }

    fn enter(&mut self, node: NodeId) -> Option<()> {
        let (slot, rank) = self.place(node)?;
        if self.drafts.contains_key(&node) {
            return Some(());
        }
        self.drafts.insert(node, Draft::default());
        let needs = self.encoder.needs(slot, rank)?;
        for (at, dependency) in needs.dependencies.iter().enumerate() {
            if !dependency.optional && self.encoder.counts(slot, dependency) {
                self.queue.push(Task::Depend(node, at));
            }
        }
        Some(())
    }

    fn dependency(&self, node: NodeId, at: usize) -> Option<Dependency> {
        let (slot, rank) = self.place(node)?;
        self.encoder.needs(slot, rank)?.dependencies.get(at).cloned()
    }

    /// The package node a dependency was met by.
    fn target(&mut self, node: NodeId, at: usize) -> Option<NodeId> {
        let (_, rank) = self.place(node)?;
        let reach = self.encoder.reach_of(node, rank, at)?;
        let ordinal = match self.encoder.edge(node, rank, at) {
            Some(edge) => *self.choices.get(&edge)?,
            None => 0,
        };
        let (to, set) = reach.get(ordinal as usize)?;
        set.contains(self.choices.get(to)?).then_some(*to)
    }

    fn depend(&mut self, node: NodeId, at: usize) -> Option<()> {
        let dependency = self.dependency(node, at)?;
        let to = self.target(node, at)?;
        self.enter(to)?;
        let written = dependency.requirement.as_str().to_owned();
        self.drafts.get_mut(&node)?.links.insert((to, dependency.kind, written));
        for feature in dependency.wanted_features() {
            self.queue.push(Task::Feature(to, feature.to_owned()));
        }
        Some(())
    }

    fn enable(&mut self, node: NodeId, feature: &str) -> Option<()> {
        let (slot, rank) = self.place(node)?;
        let needs = self.encoder.needs(slot, rank)?;
        let dependency = feature.strip_prefix("dep:");
        let draft = self.drafts.get_mut(&node)?;
        let new = match dependency {
            Some(name) => draft.enabled.insert(name.to_owned()),
            None => draft.features.insert(feature.to_owned()),
        };
        if !new {
            return Some(());
        }
        if let Some(name) = dependency {
            let weak: Vec<String> = draft
                .weak
                .iter()
                .filter(|(weak, _)| weak == name)
                .map(|(_, feature)| feature.clone())
                .collect();
            for (at, dependency) in needs.named(name) {
                if dependency.optional && self.encoder.counts(slot, dependency) {
                    self.queue.push(Task::Depend(node, at));
                }
            }
            return weak.iter().try_for_each(|feature| self.pass_on(node, name, feature, true));
        }
        for demand in needs.demands(feature)? {
            match demand {
                Demand::Feature(other) => self.queue.push(Task::Feature(node, other)),
                Demand::Dependency(name) => self.queue.push(Task::Feature(node, format!("dep:{name}"))),
                Demand::DependencyFeature(name, wanted) => {
                    self.pass_on(node, &name, &wanted, false)?;
                    // An optional one was enabled by a demand before this one.
                    self.pass_on(node, &name, &wanted, true)?;
                }
                Demand::WeakDependencyFeature(name, wanted) => {
                    self.pass_on(node, &name, &wanted, false)?;
                    let draft = self.drafts.get_mut(&node)?;
                    let enabled = draft.enabled.contains(&name);
                    draft.weak.insert((name.clone(), wanted.clone()));
                    if enabled {
                        self.pass_on(node, &name, &wanted, true)?;
                    }
                }
            }
        }
        Some(())
    }

    /// Enables `feature` of the dependencies called `name`.
    fn pass_on(&mut self, node: NodeId, name: &str, feature: &str, optional: bool) -> Option<()> {
        let (slot, rank) = self.place(node)?;
        let needs = self.encoder.needs(slot, rank)?;
        for (at, dependency) in needs.named(name) {
            if dependency.optional == optional && self.encoder.counts(slot, dependency) {
                let to = self.target(node, at)?;
                self.enter(to)?;
                self.queue.push(Task::Feature(to, feature.to_owned()));
            }
        }
        Some(())
    }

    fn finish(self) -> Option<Resolution> {
        let mut order: Vec<(PackageName, Version, bool, NodeId)> = Vec::with_capacity(self.drafts.len());
        for node in self.drafts.keys() {
            let (slot, rank) = self.place(*node)?;
            let name = self.encoder.slot_name(slot)?.clone();
            order.push((
                name,
                self.encoder.version(slot, rank)?.clone(),
                matches!(slot, Slot::Registry(_)),
                *node,
            ));
        }
        order.sort();
        let positions: BTreeMap<NodeId, usize> =
            order.iter().enumerate().map(|(at, (_, _, _, node))| (*node, at)).collect();
        let mut packages = Vec::with_capacity(order.len());
        let mut admitted: BTreeMap<NodeId, Vec<VersionRange>> = BTreeMap::new();
        for (name, version, _, node) in &order {
            let draft = self.drafts.get(node)?;
            let (slot, rank) = self.place(*node)?;
            let origin = match slot {
                Slot::Member(at) => Origin::Member(at),
                Slot::Registry(package) => Origin::Registry(
                    self.encoder.request().registries.of(name).cloned(),
                    self.encoder.candidates(package)?.artifacts(rank).to_vec(),
                ),
            };
            let mut links = Vec::with_capacity(draft.links.len());
            for (to, kind, requirement) in &draft.links {
                links.push(Link { to: *positions.get(to)?, kind: *kind, requirement: requirement.clone() });
                if let Ok(requirement) = crate::version::Requirement::parse(requirement) {
                    admitted.entry(*to).or_default().push(VersionRange::of(&requirement));
                }
            }
            links.sort();
            let needs = self.encoder.needs(slot, rank)?;
            let features =
                draft.features.iter().filter(|name| needs.features.contains_key(*name) || *name != DEFAULT);
            packages.push(Selected {
                name: name.clone(),
                version: version.clone(),
                origin,
                features: features.cloned().collect(),
                links,
            });
        }
        let mut newer = Vec::new();
        for (name, version, _, node) in &order {
            let (slot, _) = self.place(*node)?;
            let Slot::Registry(package) = slot else { continue };
            let ranges = admitted.get(node).map_or(&[][..], Vec::as_slice);
            let found = newest_withheld(self.encoder.candidates(package)?, version, ranges);
            newer.extend(found.map(|release| NewerWithheld {
                name: name.clone(),
                chosen: version.clone(),
                release,
            }));
        }
        Some(Resolution { packages, newer })
    }
}

fn newest_withheld(
    candidates: &Arc<Candidates>,
    chosen: &Version,
    ranges: &[VersionRange],
) -> Option<WithheldRelease> {
    candidates
        .withheld()
        .iter()
        .rev()
        .find(|release| {
            release.version > *chosen
                && !matches!(release.reason, Withheld::NotPrecise(_))
                && ranges.iter().all(|range| range.contains(&release.version))
        })
        .cloned()
}
