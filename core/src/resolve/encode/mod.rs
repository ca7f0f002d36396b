//! The question in the solver's terms.
//!
//! The solver knows *nodes*, each with a set of ranks, and implications: node at rank needs node within set.
//! A package is one node for each range of compatibility, so incompatible majors may stand side by side.
//! Three things that are no packages become nodes too:
//!
//! * a feature, at the same rank as its package: unification of features is then plain implication;
//! * an edge, for a requirement that spans several ranges of compatibility: its rank says which one was taken;
//! * a weak feature, whose three ranks say "not enabled", "both" and "dependency without the feature", so that
//!   *feature and dependency imply the dependency's feature* needs no third kind of constraint.

mod demand;
mod prefer;

use super::catalogue::Candidates;
use super::circle::Circle;
use super::range::{Compatibility, VersionRange};
use super::ranks::{Rank, RankSet};
use super::request::{Request, Role};
use crate::dependency::{Dependency, DependencyKind, DependencySource, Needs};
use crate::name::PackageName;
use crate::version::Version;
use pubgrub::Map;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Number of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct NodeId(u32);

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "node {}", self.0)
    }
}

/// Where the releases of a package node come from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Slot {
    /// A member of the request, by its position.
    Member(usize),
    /// A package of a registry, by its position among the names met.
    Registry(usize),
}

/// What a node stands for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Node {
    /// What is asked.
    Root,
    /// The releases of a package in one range of compatibility.
    Package(Slot, Compatibility),
    /// A feature of a package, or `dep:NAME`, one of its optional dependencies.
    Feature(NodeId, Rc<str>),
    /// The choice between ranges of compatibility for one dependency of one release.
    Edge(NodeId, Rank, usize),
    /// A feature of whatever an edge leads to.
    EdgeFeature(NodeId, Rc<str>),
    /// A feature to be passed on to an optional dependency of one release if that is enabled.
    Weak(NodeId, Rank, Rc<str>, Rc<str>),
    /// No release fits.
    Nothing(usize),
    /// A package whose releases were not supplied yet.
    Pending(usize),
    /// A circle that was met: its rank says which of its releases is given up.
    Circle(usize),
}

/// The ranks of a weak node.
const WEAK_OFF: Rank = 0;
const WEAK_BOTH: Rank = 1;
const WEAK_DEPENDENCY_ONLY: Rank = 2;

/// Why one node needs another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    /// The two stand for the same release, or belong to one encoding.
    Same,
    /// A dependency of the release, by its position.
    Dependency(usize),
}

/// One implication.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) to: NodeId,
    pub(super) set: RankSet,
    pub(super) why: Why,
}

/// Why a release cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It has no such feature or optional dependency.
    Feature(Rc<str>),
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

pub(super) type Expansion = Result<Rc<[Constraint]>, Unusable>;

/// Where a dependency can lead: package nodes with the ranks that will do, in rising order.
type Reach = Rc<[(NodeId, RankSet)]>;

struct Package {
    name: PackageName,
    candidates: Option<Arc<Candidates>>,
    member: Option<usize>,
    reaches: Map<Box<str>, Reach>,
}

/// Numbers nodes and says what each needs.
pub(super) struct Encoder<'a> {
    request: &'a Request,
    catalogue: &'a BTreeMap<PackageName, Arc<Candidates>>,
    circles: &'a [Circle],
    packages: Vec<Package>,
    by_name: Map<PackageName, usize>,
    nodes: Vec<Node>,
    by_node: Map<Node, NodeId>,
    expansions: Map<(NodeId, Rank), Expansion>,
    missing: BTreeSet<PackageName>,
}

impl<'a> Encoder<'a> {
    pub(super) const ROOT: NodeId = NodeId(0);

    pub(super) fn new(
        request: &'a Request,
        catalogue: &'a BTreeMap<PackageName, Arc<Candidates>>,
        circles: &'a [Circle],
    ) -> Self {
        let mut encoder = Self {
            request,
            catalogue,
            circles,
            packages: Vec::new(),
            by_name: Map::default(),
            nodes: Vec::new(),
            by_node: Map::default(),
            expansions: Map::default(),
            missing: BTreeSet::new(),
        };
        encoder.node(Node::Root);
        encoder
    }

    /// The packages whose releases were needed and not there, since this was asked last.
    pub(super) fn take_missing(&mut self) -> BTreeSet<PackageName> {
        std::mem::take(&mut self.missing)
    }

    pub(super) fn request(&self) -> &'a Request {
        self.request
    }

    pub(super) fn key(&self, node: NodeId) -> &Node {
        self.nodes.get(node.0 as usize).unwrap_or(&Node::Root)
    }

    fn node(&mut self, key: Node) -> NodeId {
        if let Some(id) = self.by_node.get(&key) {
            return *id;
        }
        // Nodes are bounded by what index files of limited size can say, far below this.
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(key.clone());
        self.by_node.insert(key, id);
        id
    }

    fn package(&mut self, name: &PackageName) -> usize {
        if let Some(at) = self.by_name.get(name) {
            return *at;
        }
        let at = self.packages.len();
        self.packages.push(Package {
            name: name.clone(),
            candidates: self.catalogue.get(name).cloned(),
            member: self.request.members.iter().position(|member| &member.name == name),
            reaches: Map::default(),
        });
        self.by_name.insert(name.clone(), at);
        at
    }

    pub(super) fn package_name(&self, package: usize) -> Option<&PackageName> {
        self.packages.get(package).map(|package| &package.name)
    }

    /// A package of a registry by its name, if it was met and supplied.
    pub(super) fn find(&self, name: &PackageName) -> Option<(usize, &Arc<Candidates>)> {
        let at = *self.by_name.get(name)?;
        Some((at, self.candidates(at)?))
    }

    pub(super) fn slot_name(&self, slot: Slot) -> Option<&PackageName> {
        match slot {
            Slot::Member(at) => self.request.members.get(at).map(|member| &member.name),
            Slot::Registry(at) => self.package_name(at),
        }
    }

    pub(super) fn candidates(&self, package: usize) -> Option<&Arc<Candidates>> {
        self.packages.get(package)?.candidates.as_ref()
    }

    pub(super) fn version(&self, slot: Slot, rank: Rank) -> Option<&Version> {
        match slot {
            Slot::Member(at) => self.request.members.get(at).map(|member| &member.version),
            Slot::Registry(at) => self.candidates(at)?.version(rank),
        }
    }

    /// Dependencies and features of a release or member; none for a place that nothing was chosen for.
    pub(super) fn needs(&self, slot: Slot, rank: Rank) -> Option<Arc<Needs>> {
        match slot {
            Slot::Member(at) => self.request.members.get(at).map(|member| member.needs.clone()),
            Slot::Registry(at) => Some(self.candidates(at)?.release(rank)?.needs().clone()),
        }
    }

    /// Whether a dependency of `slot` counts in this resolution.
    pub(super) fn counts(&self, slot: Slot, dependency: &Dependency) -> bool {
        let developed = match slot {
            Slot::Member(at) => {
                self.request.members.get(at).is_some_and(|member| matches!(member.role, Role::Root(_)))
            }
            Slot::Registry(_) => false,
        };
        (dependency.kind != DependencyKind::Dev || developed)
            && dependency.counts_for(&self.request.policy.targets)
    }

    fn member_node(&mut self, member: usize) -> Option<NodeId> {
        let compatibility = Compatibility::of(&self.request.members.get(member)?.version);
        Some(self.node(Node::Package(Slot::Member(member), compatibility)))
    }

    /// Where a dependency can lead; `Err` with the package if its releases are missing.
    fn reach(&mut self, dependency: &Dependency) -> Result<(usize, Reach), usize> {
        let package = self.package(&dependency.name);
        let member = self.packages.get(package).and_then(|package| package.member);
        let member_version = member.and_then(|at| self.request.members.get(at)).map(|member| &member.version);
        let fits = member_version.is_some_and(|version| {
            dependency.requirement.matches(version)
                || (dependency.source == DependencySource::Member && dependency.requirement.as_str() == "*")
        });
        if fits && let Some(node) = member.and_then(|at| self.member_node(at)) {
            return Ok((package, Rc::from([(node, RankSet::one(0))])));
        }
        if dependency.source == DependencySource::Member {
            return Ok((package, Rc::from([])));
        }
        let text = dependency.requirement.as_str();
        if let Some(reach) = self.packages.get(package).and_then(|package| package.reaches.get(text)) {
            return Ok((package, reach.clone()));
        }
        let Some(candidates) = self.candidates(package).cloned() else {
            self.missing.insert(dependency.name.clone());
            return Err(package);
        };
        let groups = candidates
            .admitted(&VersionRange::of(&dependency.requirement), member_version.map(Compatibility::of));
        let reach: Reach = groups
            .into_iter()
            .map(|(compatibility, set)| {
                (self.node(Node::Package(Slot::Registry(package), compatibility)), set)
            })
            .collect();
        if let Some(entry) = self.packages.get_mut(package) {
            entry.reaches.insert(text.into(), reach.clone());
        }
        Ok((package, reach))
    }

    /// Where the dependency at position `at` of a release can lead. `None` while releases are missing.
    pub(super) fn reach_of(&mut self, parent: NodeId, rank: Rank, at: usize) -> Option<Reach> {
        let Node::Package(slot, _) = *self.key(parent) else { return None };
        let dependency = self.needs(slot, rank)?.dependencies.get(at)?.clone();
        self.reach(&dependency).ok().map(|(_, reach)| reach)
    }

    /// The node in which the choice for a dependency is made, if there is one to make.
    pub(super) fn edge(&self, parent: NodeId, rank: Rank, at: usize) -> Option<NodeId> {
        self.by_node.get(&Node::Edge(parent, rank, at)).copied()
    }

    /// What `node` at `rank` needs.
    pub(super) fn expand(&mut self, node: NodeId, rank: Rank) -> Expansion {
        if let Some(done) = self.expansions.get(&(node, rank)) {
            return done.clone();
        }
        let mut constraints = Vec::new();
        let result = self.constraints(node, rank, &mut constraints).map(|()| Rc::from(constraints));
        self.expansions.insert((node, rank), result.clone());
        result
    }
}
