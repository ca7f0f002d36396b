//! From the solver's proof to facts.

use super::super::encode::{Encoder, Node, NodeId, Slot, Unusable, Why};
use super::super::range::{Compatibility, VersionRange};
use super::super::ranks::RankSet;
use super::super::solve::Proof;
use super::{Existence, Explanation, Fact, Reason, Subject};
use crate::dependency::{DEFAULT, Dependency};
use crate::name::PackageName;
use crate::version::{Requirement, Version};
use pubgrub::{DerivationTree, External, VersionSet as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Reads the facts off a proof.
pub(in crate::resolve) fn explain(encoder: &mut Encoder<'_>, proof: &Proof) -> Explanation {
    let mut needs: BTreeMap<Need, BTreeSet<u32>> = BTreeMap::new();
    let mut ends: Vec<Fact> = Vec::new();
    let mut unusable: BTreeMap<(Slot, Compatibility, String), BTreeSet<u32>> = BTreeMap::new();
    for leaf in leaves(proof) {
        match leaf {
            External::FromDependencyOf(from, from_set, to, to_set) => {
                read_dependency(encoder, (*from, from_set), (*to, to_set), &mut needs, &mut ends);
            }
            External::Custom(node, set, reason) => {
                let Some((package, ranks)) = owner(encoder, *node, set) else { continue };
                let Node::Package(slot, compatibility) = *encoder.key(package) else { continue };
                let Unusable::Feature(feature) = reason;
                unusable.entry((slot, compatibility, feature.to_string())).or_default().extend(ranks);
            }
            External::NotRoot(..) | External::NoVersions(..) => {}
        }
    }
    for ((slot, compatibility, feature), ranks) in unusable {
        let Some(subject) = describe(encoder, slot, compatibility, ranks.into_iter(), None) else { continue };
        ends.push(Fact::NoFeature { subject, feature });
    }
    let facts = needs
        .into_iter()
        .filter_map(|(need, found)| {
            Some(Fact::Needs {
                subject: describe(encoder, need.slot, need.compatibility, found.iter().copied(), need.span)?,
                name: need.name,
                requirement: need.requirement,
                feature: need.feature,
            })
        })
        .collect();
    let mut facts = in_order(facts);
    let clashes = clashes(encoder, &facts);
    facts.extend(clashes);
    for end in ends {
        if !facts.contains(&end) {
            facts.push(end);
        }
    }
    Explanation { reason: Reason::Facts(facts), advice: None }
}

/// Who needs what, without the versions of who.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Need {
    slot: Slot,
    compatibility: Compatibility,
    span: Option<(usize, usize)>,
    name: PackageName,
    requirement: String,
    feature: Option<String>,
}

fn leaves(proof: &Proof) -> Vec<&External<NodeId, RankSet, Unusable>> {
    let mut leaves = Vec::new();
    let mut seen: BTreeSet<*const Proof> = BTreeSet::new();
    let mut stack = vec![proof];
    while let Some(tree) = stack.pop() {
        match tree {
            DerivationTree::External(external) => leaves.push(external),
            // A derivation may be shared by many: looking at each once keeps this linear.
            DerivationTree::Derived(derived) => {
                for cause in [&derived.cause2, &derived.cause1] {
                    if seen.insert(Arc::as_ptr(cause)) {
                        stack.push(cause);
                    }
                }
            }
        }
    }
    leaves
}

/// The releases a node at these ranks stands for, as package node and ranks.
fn owner(encoder: &Encoder<'_>, node: NodeId, set: &RankSet) -> Option<(NodeId, Vec<u32>)> {
    match encoder.key(node) {
        Node::Package(..) => Some((node, set.iter().collect())),
        Node::Feature(package, _) => Some((*package, set.iter().collect())),
        Node::Edge(parent, rank, _) | Node::Weak(parent, rank, _, _) => Some((*parent, vec![*rank])),
        Node::EdgeFeature(edge, _) => owner(encoder, *edge, set),
        Node::Root | Node::Nothing(_) | Node::Pending(_) | Node::Circle(_) => None,
    }
}

/// Reads what the releases `from` need of `to`, each a node at some ranks.
fn read_dependency(
    encoder: &mut Encoder<'_>,
    (from, from_set): (NodeId, &RankSet),
    (to, to_set): (NodeId, &RankSet),
    needs: &mut BTreeMap<Need, BTreeSet<u32>>,
    ends: &mut Vec<Fact>,
) {
    let Some((package, owners)) = owner(encoder, from, from_set) else { return };
    let Node::Package(slot, compatibility) = *encoder.key(package) else { return };
    let is_release = matches!(encoder.key(from), Node::Package(..) | Node::Feature(..));
    for own in from_set.iter() {
        // The ranks of an edge are not those of the release it belongs to.
        let Some(rank) = (if is_release { Some(own) } else { owners.first().copied() }) else { return };
        let Ok(constraints) = encoder.expand(from, own) else { continue };
        let Some(Why::Dependency(at)) = constraints
            .iter()
            .find(|constraint| constraint.to == to && &constraint.set == to_set)
            .map(|constraint| constraint.why)
        else {
            continue;
        };
        let Some(all) = encoder.needs(slot, rank) else { continue };
        let Some(dependency) = all.dependencies.get(at) else { continue };
        let feature = match encoder.key(to) {
            Node::Feature(_, feature) | Node::EdgeFeature(_, feature) => Some(feature.to_string()),
            _ => None,
        };
        let need = Need {
            slot,
            compatibility,
            span: dependency.span.map(|span| (span.start, span.end)),
            name: dependency.name.clone(),
            requirement: dependency.requirement.as_str().to_owned(),
            // The feature everyone asks for says nothing.
            feature: feature.filter(|feature| feature != DEFAULT),
        };
        needs.entry(need).or_default().insert(rank);
        if let Node::Nothing(found) = *encoder.key(to) {
            let fact = nothing(encoder, found, dependency);
            if !ends.contains(&fact) {
                ends.push(fact);
            }
        }
    }
}

/// Why nothing fits a dependency.
fn nothing(encoder: &Encoder<'_>, package: usize, dependency: &Dependency) -> Fact {
    let range = VersionRange::of(&dependency.requirement);
    let request = encoder.request();
    let member = request.members.iter().find(|member| member.name == dependency.name);
    let candidates = encoder.candidates(package);
    let mut versions: Vec<Version> =
        candidates.map(|candidates| candidates.versions().to_vec()).unwrap_or_default();
    versions.sort_by(|a, b| b.cmp(a));
    let withheld = candidates
        .map(|candidates| {
            candidates.withheld().iter().filter(|release| range.contains(&release.version)).cloned().collect()
        })
        .unwrap_or_default();
    let exists = match (member, candidates) {
        (Some(member), _) => Existence::Member(member.version.clone()),
        (None, Some(candidates)) if candidates.is_known() => Existence::Known,
        (None, _) => Existence::Unknown,
    };
    Fact::NoRelease {
        name: dependency.name.clone(),
        requirement: dependency.requirement.as_str().to_owned(),
        exists,
        withheld,
        candidates: versions,
    }
}

/// Describes releases of a package by what lies around them.
fn describe(
    encoder: &Encoder<'_>,
    slot: Slot,
    compatibility: Compatibility,
    ranks: impl Iterator<Item = u32>,
    span: Option<(usize, usize)>,
) -> Option<Subject> {
    let name = encoder.slot_name(slot)?.clone();
    let package = match slot {
        Slot::Member(_) => return Some(Subject::Member { name, span }),
        Slot::Registry(package) => package,
    };
    let mut versions: Vec<Version> = ranks.filter_map(|rank| encoder.version(slot, rank)).cloned().collect();
    versions.sort();
    let all = compatible(encoder, package, compatibility);
    let between = match (versions.first(), versions.last()) {
        (Some(first), Some(last)) => all.iter().filter(|version| (first..=last).contains(version)).count(),
        _ => 0,
    };
    let every = (all.len() == versions.len()).then_some(compatibility);
    let unbroken = between == versions.len();
    Some(Subject::Releases { name, versions, every, unbroken })
}

/// The releases of a package in one range of compatibility, rising.
fn compatible<'a>(
    encoder: &'a Encoder<'_>,
    package: usize,
    compatibility: Compatibility,
) -> Vec<&'a Version> {
    let mut versions: Vec<&Version> = encoder
        .candidates(package)
        .map(|candidates| candidates.versions())
        .unwrap_or_default()
        .iter()
        .filter(|version| Compatibility::of(version) == compatibility)
        .collect();
    versions.sort();
    versions
}

/// The facts as they follow from the projects: what these need first, then what that needs.
fn in_order(facts: Vec<Fact>) -> Vec<Fact> {
    let (mut ordered, mut rest): (Vec<Fact>, Vec<Fact>) = facts
        .into_iter()
        .partition(|fact| matches!(fact, Fact::Needs { subject: Subject::Member { .. }, .. }));
    let mut next = 0;
    while let Some(fact) = ordered.get(next) {
        next += 1;
        let Fact::Needs { name, .. } = fact else { continue };
        let name = name.clone();
        let (follow, other): (Vec<Fact>, Vec<Fact>) = rest
            .into_iter()
            .partition(|fact| matches!(fact, Fact::Needs { subject, .. } if subject.name() == &name));
        ordered.extend(follow);
        rest = other;
    }
    ordered.extend(rest);
    ordered
}

/// Packages of which the facts ask what no release can meet.
fn clashes(encoder: &Encoder<'_>, facts: &[Fact]) -> Vec<Fact> {
    let mut asked: BTreeMap<&PackageName, BTreeSet<&str>> = BTreeMap::new();
    for fact in facts {
        if let Fact::Needs { name, requirement, .. } = fact {
            asked.entry(name).or_default().insert(requirement);
        }
    }
    let mut found = Vec::new();
    for (name, requirements) in asked {
        let Some((package, candidates)) = encoder.find(name) else { continue };
        let member = encoder.request().members.iter().find(|member| &member.name == name);
        let mut together: BTreeMap<Compatibility, (Vec<&str>, RankSet)> = BTreeMap::new();
        for text in requirements {
            let Ok(requirement) = Requirement::parse(text) else { continue };
            let without = member.map(|member| Compatibility::of(&member.version));
            let groups = candidates.admitted(&VersionRange::of(&requirement), without);
            // What may choose between ranges of compatibility can step aside.
            if let [(compatibility, set)] = &groups[..] {
                let (texts, joint) =
                    together.entry(*compatibility).or_insert_with(|| (Vec::new(), RankSet::full()));
                texts.push(text);
                *joint = joint.intersection(set);
            }
        }
        for (compatibility, (texts, joint)) in together {
            if texts.len() > 1 && joint.is_empty() {
                found.push(Fact::Clash {
                    name: name.clone(),
                    requirements: texts.into_iter().map(str::to_owned).collect(),
                    versions: compatible(encoder, package, compatibility).into_iter().cloned().collect(),
                });
            }
        }
    }
    found
}
