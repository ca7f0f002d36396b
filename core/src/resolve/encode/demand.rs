//! What each node needs.

use super::super::feature::Demand;
use super::super::range::Compatibility;
use super::super::ranks::{Rank, RankSet};
use super::super::request::{FeatureSelection, Role};
use super::{
    Constraint, Encoder, Node, NodeId, Slot, Unusable, WEAK_BOTH, WEAK_DEPENDENCY_ONLY, WEAK_OFF, Why,
};
use crate::dependency::{DEFAULT, Dependency};
use pubgrub::VersionSet as _;
use std::rc::Rc;

/// A dependency of a release: the one at `at` in its list.
#[derive(Clone, Copy)]
struct Edge {
    parent: NodeId,
    rank: Rank,
    at: usize,
}

impl Encoder<'_> {
    pub(super) fn constraints(
        &mut self,
        node: NodeId,
        rank: Rank,
        out: &mut Vec<Constraint>,
    ) -> Result<(), Unusable> {
        let same = |to, set| Constraint { to, set, why: Why::Same };
        match self.key(node).clone() {
            Node::Root => self.roots(out),
            Node::Package(slot, _) => {
                let Some(needs) = self.needs(slot, rank) else { return Ok(()) };
                for (at, dependency) in needs.dependencies.iter().enumerate() {
                    if !dependency.optional && self.counts(slot, dependency) {
                        self.depend(Edge { parent: node, rank, at }, dependency, out);
                    }
                }
            }
            Node::Feature(package, feature) => {
                out.push(same(package, RankSet::one(rank)));
                self.feature(package, rank, &feature, out)?;
            }
            Node::Edge(parent, parent_rank, at) => {
                if let Some(reach) = self.reach_of(parent, parent_rank, at)
                    && let Some((to, set)) = reach.get(rank as usize)
                {
                    out.push(Constraint { to: *to, set: set.clone(), why: Why::Dependency(at) });
                }
            }
            Node::EdgeFeature(edge, feature) => {
                out.push(same(edge, RankSet::one(rank)));
                if let Node::Edge(parent, parent_rank, at) = *self.key(edge)
                    && let Some(reach) = self.reach_of(parent, parent_rank, at)
                    && let Some((to, set)) = reach.get(rank as usize)
                {
                    let to = self.node(Node::Feature(*to, feature));
                    out.push(Constraint { to, set: set.clone(), why: Why::Dependency(at) });
                }
            }
            Node::Weak(package, parent_rank, name, feature) if rank == WEAK_BOTH => {
                let Node::Package(slot, _) = *self.key(package) else { return Ok(()) };
                let Some(needs) = self.needs(slot, parent_rank) else { return Ok(()) };
                for (at, dependency) in needs.named(&name) {
                    if dependency.optional && self.counts(slot, dependency) {
                        let edge = Edge { parent: package, rank: parent_rank, at };
                        self.ask_feature(edge, dependency, &feature, out);
                    }
                }
            }
            Node::Circle(at) => self.give_up(at, rank, out),
            Node::Weak(..) | Node::Nothing(_) | Node::Pending(_) => {}
        }
        Ok(())
    }

    fn roots(&mut self, out: &mut Vec<Constraint>) {
        let request = self.request;
        for (at, circle) in self.circles.iter().enumerate() {
            let to = self.node(Node::Circle(at));
            out.push(Constraint { to, set: ordinals(circle.releases.len()), why: Why::Same });
        }
        for (at, member) in request.members.iter().enumerate() {
            let Role::Root(selection) = &member.role else { continue };
            let Some(node) = self.member_node(at) else { continue };
            out.push(Constraint { to: node, set: RankSet::one(0), why: Why::Same });
            let features: Vec<&str> = match selection {
                FeatureSelection::All => member.needs.feature_names().collect(),
                FeatureSelection::Only(names) => names.iter().map(String::as_str).collect(),
            };
            for feature in features {
                let to = self.node(Node::Feature(node, feature.into()));
                out.push(Constraint { to, set: RankSet::one(0), why: Why::Same });
            }
            if *selection == FeatureSelection::All {
                // `dep:` hides these from the names, and a lockfile must hold for them too.
                for dependency in &member.needs.dependencies {
                    if dependency.optional {
                        let to = self.node(Node::Feature(node, format!("dep:{}", dependency.name).into()));
                        out.push(Constraint { to, set: RankSet::one(0), why: Why::Same });
                    }
                }
            }
        }
    }

    /// Another release in the place of one of a circle.
    fn give_up(&mut self, circle: usize, rank: Rank, out: &mut Vec<Constraint>) {
        let circles = self.circles;
        let Some((name, version)) = circles.get(circle).and_then(|circle| circle.releases.get(rank as usize))
        else {
            return;
        };
        let package = self.package(name);
        let others = self.candidates(package).and_then(|candidates| candidates.others_of(version));
        let others = others.unwrap_or_else(RankSet::empty);
        let to = match others.is_empty() {
            true => self.node(Node::Nothing(package)),
            false => self.node(Node::Package(Slot::Registry(package), Compatibility::of(version))),
        };
        out.push(Constraint { to, set: others, why: Why::Same });
    }

    /// What a dependency asks: a release, and its features.
    fn depend(&mut self, edge: Edge, dependency: &Dependency, out: &mut Vec<Constraint>) {
        let Edge { parent, rank, at } = edge;
        let why = Why::Dependency(at);
        match self.reach(dependency) {
            Err(package) => {
                let to = self.node(Node::Pending(package));
                out.push(Constraint { to, set: RankSet::one(0), why });
            }
            Ok((package, reach)) => match &*reach {
                [] => {
                    let to = self.node(Node::Nothing(package));
                    out.push(Constraint { to, set: RankSet::empty(), why });
                }
                // A package that depends on itself is met or not by its own version.
                [(to, set)] if *to == parent => {
                    if !set.contains(&rank) {
                        let to = self.node(Node::Nothing(package));
                        out.push(Constraint { to, set: RankSet::empty(), why });
                    }
                }
                [(to, set)] => out.push(Constraint { to: *to, set: set.clone(), why }),
                several => {
                    let to = self.node(Node::Edge(parent, rank, at));
                    out.push(Constraint { to, set: ordinals(several.len()), why });
                }
            },
        }
        for feature in dependency.wanted_features() {
            self.ask_feature(edge, dependency, feature, out);
        }
    }

    /// Asks a feature of what a dependency leads to.
    fn ask_feature(&mut self, edge: Edge, dependency: &Dependency, feature: &str, out: &mut Vec<Constraint>) {
        let Edge { parent, rank, at } = edge;
        let Ok((_, reach)) = self.reach(dependency) else { return };
        if feature == DEFAULT && !reach.iter().any(|(node, set)| self.declares_default(*node, set)) {
            return;
        }
        let (to, set) = match &*reach {
            [] => return,
            [(node, set)] => (Node::Feature(*node, feature.into()), set.clone()),
            several => {
                let edge = self.node(Node::Edge(parent, rank, at));
                (Node::EdgeFeature(edge, feature.into()), ordinals(several.len()))
            }
        };
        let to = self.node(to);
        out.push(Constraint { to, set, why: Why::Dependency(at) });
    }

    fn declares_default(&self, node: NodeId, set: &RankSet) -> bool {
        match *self.key(node) {
            Node::Package(Slot::Member(at), _) => {
                self.request.members.get(at).is_some_and(|member| member.needs.features.contains_key(DEFAULT))
            }
            Node::Package(Slot::Registry(at), _) => self.candidates(at).is_some_and(|candidates| {
                set.iter()
                    .any(|rank| candidates.release(rank).is_some_and(|release| release.declares_default()))
            }),
            _ => false,
        }
    }

    /// What a feature of a release asks for.
    fn feature(
        &mut self,
        package: NodeId,
        rank: Rank,
        feature: &Rc<str>,
        out: &mut Vec<Constraint>,
    ) -> Result<(), Unusable> {
        let Node::Package(slot, _) = *self.key(package) else { return Ok(()) };
        let Some(needs) = self.needs(slot, rank) else { return Ok(()) };
        let refuse = || Unusable::Feature(feature.clone());
        if let Some(name) = feature.strip_prefix("dep:") {
            let mut found = false;
            for (at, dependency) in needs.named(name) {
                if dependency.optional {
                    found = true;
                    if self.counts(slot, dependency) {
                        self.depend(Edge { parent: package, rank, at }, dependency, out);
                    }
                }
            }
            for weak in needs.weak_features(name) {
                let to = self.node(Node::Weak(package, rank, name.into(), weak.into()));
                let set = RankSet::between(WEAK_BOTH, WEAK_DEPENDENCY_ONLY + 1);
                out.push(Constraint { to, set, why: Why::Same });
            }
            return if found { Ok(()) } else { Err(refuse()) };
        }
        for demand in needs.demands(feature).ok_or_else(refuse)? {
            match demand {
                Demand::Feature(other) => {
                    let to = self.node(Node::Feature(package, other.into()));
                    out.push(Constraint { to, set: RankSet::one(rank), why: Why::Same });
                }
                Demand::Dependency(name) => {
                    let to = self.node(Node::Feature(package, format!("dep:{name}").into()));
                    out.push(Constraint { to, set: RankSet::one(rank), why: Why::Same });
                }
                Demand::DependencyFeature(name, wanted) => {
                    for (at, dependency) in needs.named(&name) {
                        if self.counts(slot, dependency) {
                            self.ask_feature(Edge { parent: package, rank, at }, dependency, &wanted, out);
                        }
                    }
                }
                Demand::WeakDependencyFeature(name, wanted) => {
                    // A dependency of this name for another target or kind may be required.
                    for (at, dependency) in needs.named(&name) {
                        if !dependency.optional && self.counts(slot, dependency) {
                            self.ask_feature(Edge { parent: package, rank, at }, dependency, &wanted, out);
                        }
                    }
                    let to = self.node(Node::Weak(package, rank, name.into(), wanted.into()));
                    let set = RankSet::between(WEAK_OFF, WEAK_BOTH + 1);
                    out.push(Constraint { to, set, why: Why::Same });
                }
            }
        }
        Ok(())
    }
}

fn ordinals(count: usize) -> RankSet {
    RankSet::between(0, Rank::try_from(count).unwrap_or(Rank::MAX))
}
