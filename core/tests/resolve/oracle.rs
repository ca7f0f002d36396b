//! The meaning of a resolution, spelled out and tried by brute force.
//!
//! Nothing here uses the resolver's encoding: requirements are judged by the `semver` crate, features are
//! followed one by one, and every choice is tried in turn.

use crate::case::{Case, Item};
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::resolve::{Availability, Resolution};

/// A release or member: `true` and its position among projects and members, or among the releases.
pub(crate) type Id = (bool, usize);

/// The range of compatibility, in the numbers that must agree.
type Range = (u64, u64, u64);

fn range(version: &semver::Version) -> Range {
    match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    }
}

/// A registry and projects, ready to be searched.
pub(crate) struct World<'a> {
    items: BTreeMap<Id, (&'a Item, semver::Version)>,
    roots: BTreeSet<Id>,
    features: Option<Vec<String>>,
    targets: Vec<String>,
}

/// What was chosen so far.
#[derive(Clone, Default)]
struct State {
    chosen: BTreeMap<(String, Range), Id>,
    taken: BTreeMap<(Id, usize), Id>,
    features: BTreeSet<(Id, String)>,
    enabled: BTreeSet<(Id, String)>,
    weak: BTreeSet<(Id, String, String)>,
    todo: Vec<Task>,
}

#[derive(Clone)]
enum Task {
    Depend(Id, usize),
    Feature(Id, String),
    DependencyFeature(Id, usize, String),
}

/// Limits on what may be chosen: used to ask whether a better answer exists.
pub(crate) type Allowed<'a> = dyn Fn(Id, usize, Id) -> bool + 'a;

impl<'a> World<'a> {
    pub(crate) fn new(case: &'a Case) -> Self {
        let mut items = BTreeMap::new();
        let mut roots = BTreeSet::new();
        for (at, item) in case.projects.iter().chain(&case.members).enumerate() {
            items.insert((true, at), (item, semver::Version::parse(&item.version).unwrap()));
            if at < case.projects.len() {
                roots.insert((true, at));
            }
        }
        for (at, item) in case.releases.iter().enumerate() {
            if item.availability == Availability::Active {
                items.insert((false, at), (item, semver::Version::parse(&item.version).unwrap()));
            }
        }
        Self { items, roots, features: case.features.clone(), targets: case.targets.clone() }
    }

    pub(crate) fn version(&self, id: Id) -> &semver::Version {
        &self.items[&id].1
    }

    pub(crate) fn name(&self, id: Id) -> &str {
        &self.items[&id].0.name
    }

    /// Active releases of the same package and range that are newer than `id`.
    pub(crate) fn newer(&self, id: Id) -> Vec<Id> {
        let (item, version) = &self.items[&id];
        self.items
            .iter()
            .filter(|(other, (found, at))| {
                other.0 == id.0 && found.name == item.name && range(at) == range(version) && at > version
            })
            .map(|(other, _)| *other)
            .collect()
    }

    /// Everything a dependency may be met by, newest first.
    pub(crate) fn meeting(&self, parent: Id, at: usize) -> Vec<Id> {
        let need = &self.items[&parent].0.needs[at];
        let requirement = semver::VersionReq::parse(&need.requirement).unwrap();
        let member = self.items.iter().find(|(id, (item, _))| id.0 && item.name == need.name);
        if let Some((id, (_, version))) = member
            && (requirement.matches(version) || (need.path && need.requirement == "*"))
        {
            return vec![*id];
        }
        if need.path {
            return Vec::new();
        }
        let taken = member.map(|(_, (_, version))| range(version));
        let mut found: Vec<Id> = self
            .items
            .iter()
            .filter(|(id, (item, version))| {
                !id.0
                    && item.name == need.name
                    && requirement.matches(version)
                    && Some(range(version)) != taken
            })
            .map(|(id, _)| *id)
            .collect();
        found.sort_by(|a, b| self.version(*b).cmp(self.version(*a)));
        found
    }

    fn counts(&self, id: Id, at: usize) -> bool {
        let need = &self.items[&id].0.needs[at];
        (need.kind != DependencyKind::Dev || self.roots.contains(&id))
            && (self.targets.is_empty()
                || need.targets.is_empty()
                || need.targets.iter().any(|target| self.targets.contains(target)))
    }

    fn is_optional(&self, id: Id, name: &str) -> bool {
        self.items[&id].0.needs.iter().any(|need| need.name == name && need.optional)
    }

    fn is_implicit(&self, id: Id, name: &str) -> bool {
        let hidden =
            self.items[&id].0.features.values().flatten().any(|value| *value == format!("dep:{name}"));
        self.is_optional(id, name) && !hidden
    }

    fn enter(&self, state: &mut State, id: Id) -> bool {
        let key = (self.name(id).to_owned(), range(self.version(id)));
        match state.chosen.get(&key) {
            Some(other) => *other == id,
            None => {
                state.chosen.insert(key, id);
                for (at, need) in self.items[&id].0.needs.iter().enumerate() {
                    if !need.optional && self.counts(id, at) {
                        state.todo.push(Task::Depend(id, at));
                    }
                }
                true
            }
        }
    }

    /// Whether there is an answer within `allowed`: what was chosen, if so.
    pub(crate) fn search(&self, allowed: &Allowed<'_>, budget: &mut u32) -> Option<BTreeSet<Id>> {
        let mut state = State::default();
        for root in &self.roots {
            if !self.enter(&mut state, *root) {
                return None;
            }
            let item = self.items[root].0;
            match &self.features {
                Some(names) => {
                    state.todo.extend(names.iter().map(|name| Task::Feature(*root, name.clone())));
                }
                None => {
                    state.todo.extend(item.features.keys().map(|name| Task::Feature(*root, name.clone())));
                    for need in item.needs.iter().filter(|need| need.optional) {
                        state.todo.push(Task::Feature(*root, format!("dep:{}", need.name)));
                        if self.is_implicit(*root, &need.name) {
                            state.todo.push(Task::Feature(*root, need.name.clone()));
                        }
                    }
                }
            }
        }
        self.go_on(state, allowed, budget)
    }

    fn go_on(&self, mut state: State, allowed: &Allowed<'_>, budget: &mut u32) -> Option<BTreeSet<Id>> {
        while let Some(task) = state.todo.pop() {
            match task {
                Task::Feature(id, feature) => {
                    if !self.enable(&mut state, id, &feature) {
                        return None;
                    }
                }
                Task::DependencyFeature(id, at, feature) => {
                    let Some(to) = state.taken.get(&(id, at)).copied() else {
                        // Not decided yet: decide first, then pass the feature on.
                        state.todo.push(Task::DependencyFeature(id, at, feature));
                        return self.decide(&state, id, at, allowed, budget);
                    };
                    state.todo.push(Task::Feature(to, feature));
                }
                Task::Depend(id, at) => {
                    if state.taken.contains_key(&(id, at)) {
                        continue;
                    }
                    return self.decide(&state, id, at, allowed, budget);
                }
            }
        }
        Some(state.chosen.into_values().collect())
    }

    fn decide(
        &self,
        state: &State,
        id: Id,
        at: usize,
        allowed: &Allowed<'_>,
        budget: &mut u32,
    ) -> Option<BTreeSet<Id>> {
        for to in self.meeting(id, at) {
            if !allowed(id, at, to) {
                continue;
            }
            *budget = budget.checked_sub(1).expect("the search is small enough");
            let mut next = state.clone();
            if !self.enter(&mut next, to) {
                continue;
            }
            next.taken.insert((id, at), to);
            let need = &self.items[&id].0.needs[at];
            next.todo.extend(need.features.iter().map(|feature| Task::Feature(to, feature.clone())));
            if need.default {
                next.todo.push(Task::Feature(to, "default".to_owned()));
            }
            if let Some(found) = self.go_on(next, allowed, budget) {
                return Some(found);
            }
        }
        None
    }

    fn enable(&self, state: &mut State, id: Id, feature: &str) -> bool {
        let item = self.items[&id].0;
        if let Some(name) = feature.strip_prefix("dep:") {
            if !self.is_optional(id, name) {
                return false;
            }
            if state.enabled.insert((id, name.to_owned())) {
                for (at, need) in item.needs.iter().enumerate() {
                    if need.name == name && need.optional && self.counts(id, at) {
                        for (weak_id, weak_name, passed) in &state.weak {
                            if *weak_id == id && weak_name == name {
                                state.todo.push(Task::DependencyFeature(id, at, passed.clone()));
                            }
                        }
                        state.todo.push(Task::Depend(id, at));
                    }
                }
            }
            return true;
        }
        if state.features.contains(&(id, feature.to_owned())) {
            return true;
        }
        let Some(values) = item.features.get(feature) else {
            if self.is_implicit(id, feature) {
                state.features.insert((id, feature.to_owned()));
                state.todo.push(Task::Feature(id, format!("dep:{feature}")));
                return true;
            }
            return feature == "default";
        };
        state.features.insert((id, feature.to_owned()));
        for value in values {
            if value.starts_with("dep:") {
                state.todo.push(Task::Feature(id, value.clone()));
                continue;
            }
            if item.features.contains_key(value) || self.is_implicit(id, value) || !value.contains('/') {
                state.todo.push(Task::Feature(id, value.clone()));
                continue;
            }
            let (name, passed) = value.rsplit_once('/').unwrap();
            let (name, weak) = match name.strip_suffix('?') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let optional = self.is_optional(id, name);
            for (at, need) in item.needs.iter().enumerate() {
                if need.name == name && self.counts(id, at) && (!need.optional || !weak) {
                    state.todo.push(Task::DependencyFeature(id, at, passed.to_owned()));
                }
            }
            if optional && weak {
                if state.enabled.contains(&(id, name.to_owned())) {
                    for (at, need) in item.needs.iter().enumerate() {
                        if need.name == name && need.optional && self.counts(id, at) {
                            state.todo.push(Task::DependencyFeature(id, at, passed.to_owned()));
                        }
                    }
                }
                state.weak.insert((id, name.to_owned(), passed.to_owned()));
            } else if optional {
                state.todo.push(Task::Feature(id, format!("dep:{name}")));
                if item.features.contains_key(name) {
                    state.todo.push(Task::Feature(id, name.to_owned()));
                }
            }
        }
        true
    }

    /// The items of a resolution.
    pub(crate) fn ids(&self, resolution: &Resolution) -> Vec<Id> {
        resolution
            .packages()
            .iter()
            .map(|package| {
                let found = self.items.iter().find(|(id, (item, version))| {
                    id.0 == package.is_member()
                        && item.name == package.name.as_str()
                        && version == package.version.semver()
                });
                *found.expect("a chosen release exists").0
            })
            .collect()
    }
}
