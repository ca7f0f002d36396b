//! Laws of the resolver, on small random registries.

use crate::case::{Case, Item, Need, outcome, print};
use crate::oracle::World;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::resolve::{Advice, Availability, Detail, Resolution, Step};
use vitte_package_core::version::Requirement;

/// Cases of an ordinary run. `PROPTEST_CASES=20000` in the environment makes a long one.
const ORDINARY: u32 = 2000;
/// Steps the oracle may take.
const BUDGET: u32 = 2_000_000;

const NAMES: [&str; 5] = ["t/a", "t/b", "t/c", "t/d", "e"];
const VERSIONS: [&str; 8] = ["0.1.0", "0.1.1", "0.2.0", "1.0.0", "1.1.0", "1.2.0-rc.1", "2.0.0", "2.1.0"];
const REQUIREMENTS: [&str; 14] = [
    "^1",
    "^1.1",
    "~1.0",
    "^2",
    "*",
    ">=1",
    "<2",
    "=1.1.0",
    "^0.1",
    "^0.2",
    ">=0.1.1, <1.1",
    ">=1.2.0-rc.1",
    "^0.1.1",
    "^2.1",
];
const FEATURES: [&str; 3] = ["default", "x", "y"];
const TARGETS: [&str; 2] = ["linux", "windows"];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    (0..from.len()).prop_map(|at| from[at].to_owned())
}

fn need(kind: DependencyKind) -> impl Strategy<Value = Need> {
    (
        pick(&NAMES),
        pick(&REQUIREMENTS),
        prop::bool::weighted(0.35),
        any::<bool>(),
        prop::collection::btree_set(pick(&FEATURES[1..]), 0..2),
        prop_oneof![4 => Just(kind), 1 => Just(DependencyKind::Build)],
        prop::collection::btree_set(pick(&TARGETS), 0..2),
    )
        .prop_map(|(name, requirement, optional, default, features, kind, targets)| Need {
            name,
            requirement,
            optional,
            default,
            features: features.into_iter().collect(),
            kind,
            targets: targets.into_iter().collect(),
            path: false,
        })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        pick(&FEATURES),
        pick(&NAMES).prop_map(|name| format!("dep:{name}")),
        (pick(&NAMES), pick(&FEATURES[1..])).prop_map(|(name, feature)| format!("{name}/{feature}")),
        (pick(&NAMES), pick(&FEATURES[1..])).prop_map(|(name, feature)| format!("{name}?/{feature}")),
        pick(&NAMES),
    ]
}

fn item(kind: DependencyKind, most: usize) -> impl Strategy<Value = Item> {
    (
        prop::collection::vec(need(kind), 0..most),
        prop::collection::btree_map(pick(&FEATURES), prop::collection::vec(value(), 0..3), 0..3),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(mut needs, mut features, yanked)| {
            needs.sort_by(|a, b| (&a.name, a.kind, &a.targets).cmp(&(&b.name, b.kind, &b.targets)));
            needs.dedup_by(|a, b| (&a.name, a.kind, &a.targets) == (&b.name, b.kind, &b.targets));
            // What a manifest check refuses is no case: words for dependencies that are not there.
            let names: BTreeSet<String> = needs.iter().map(|need| need.name.clone()).collect();
            for values in features.values_mut() {
                values.retain(|value| match value.strip_prefix("dep:") {
                    Some(name) => needs.iter().any(|need| need.name == name && need.optional),
                    None => match value.rsplit_once('/') {
                        Some((name, _)) if !NAMES.contains(&value.as_str()) => {
                            names.contains(name.trim_end_matches('?'))
                        }
                        _ => true,
                    },
                });
            }
            Item {
                needs,
                features,
                availability: if yanked { Availability::Yanked } else { Availability::Active },
                ..Item::new("", "")
            }
        })
}

fn case() -> impl Strategy<Value = Case> {
    let releases = prop::collection::btree_map(
        (0..NAMES.len(), 0..VERSIONS.len()),
        item(DependencyKind::Normal, 3),
        1..14,
    );
    let projects = prop::collection::vec(item(DependencyKind::Dev, 4), 1..3);
    let member =
        prop::option::weighted(0.2, (0..NAMES.len(), 0..VERSIONS.len(), item(DependencyKind::Dev, 2)));
    let features = prop::option::of(prop::collection::vec(pick(&FEATURES[..1]), 0..2));
    let targets = prop::collection::btree_set(pick(&TARGETS), 0..2);
    (releases, projects, member, features, targets).prop_map(
        |(releases, projects, member, features, targets)| {
            let place = |name: &str, version: &str, item: Item| Item {
                name: name.to_owned(),
                version: version.to_owned(),
                ..item
            };
            Case {
                releases: releases
                    .into_iter()
                    .map(|((name, version), item)| place(NAMES[name], VERSIONS[version], item))
                    .collect(),
                projects: projects
                    .into_iter()
                    .enumerate()
                    .map(|(at, item)| place(["p/one", "p/two"][at], "1.0.0", item))
                    .collect(),
                members: member
                    .into_iter()
                    .map(|(name, version, item)| place(NAMES[name], VERSIONS[version], item))
                    .collect(),
                features,
                targets: targets.into_iter().collect(),
                ..Case::default()
            }
        },
    )
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        // What the library takes when the environment says nothing.
        cases: if default.cases == 256 { ORDINARY } else { default.cases },
        max_shrink_iters: 4000,
        failure_persistence: None,
        ..default
    }
}

/// Every requirement of every chosen package is met by what it is linked to, and nothing else is there.
fn check_sound(case: &Case, resolution: &Resolution) -> Result<(), TestCaseError> {
    let world = World::new(case);
    let ids = world.ids(resolution);
    let chosen: BTreeSet<_> = ids.iter().copied().collect();
    let mut links = BTreeMap::new();
    for (from, package) in resolution.packages().iter().enumerate() {
        for link in &package.links {
            let to = &resolution.packages()[link.to];
            let requirement = Requirement::parse(&link.requirement).unwrap();
            prop_assert!(requirement.matches(&to.version), "{} by {}", link.requirement, to.version);
            links.entry((ids[from], to.name.to_string())).or_insert_with(BTreeSet::new).insert(ids[link.to]);
        }
    }
    // Following the requirements along these links alone reaches exactly the chosen packages.
    let along = |parent, at: usize, to| {
        let need_name = case_need_name(case, parent, at);
        links.get(&(parent, need_name)).is_some_and(|ends: &BTreeSet<_>| ends.contains(&to))
    };
    let found = world.search(&along, &mut { BUDGET });
    prop_assert_eq!(found, Some(chosen));
    Ok(())
}

fn case_need_name(case: &Case, (member, at): (bool, usize), need: usize) -> String {
    let item =
        if member { case.projects.iter().chain(&case.members).nth(at).unwrap() } else { &case.releases[at] };
    item.needs[need].name.clone()
}

proptest! {
    #![proptest_config(config())]

    /// A resolution is sound; "no solution" agrees with trying everything; no single package could be newer
    /// while all others stay; the order of supply changes nothing; advice, taken literally, helps.
    #[test]
    fn agrees_with_brute_force(case in case()) {
        let step = case.resolve();
        prop_assert_eq!(outcome(&step), outcome(&case.resolve_prepared()));
        let world = World::new(&case);
        match step {
            Step::Done(resolution) => {
                check_sound(&case, &resolution)?;
                let ids = world.ids(&resolution);
                for (at, package) in resolution.packages().iter().enumerate() {
                    if package.is_member() {
                        continue;
                    }
                    for newer in world.newer(ids[at]) {
                        let same_but_newer = |parent, need: usize, to| {
                            if to == newer {
                                return true;
                            }
                            let Some(from) = ids.iter().position(|id| *id == parent) else {
                                return ids.contains(&to) && to != ids[at];
                            };
                            let wanted = case_need_name(&case, parent, need);
                            to != ids[at]
                                && resolution.packages()[from].links.iter().any(|link| {
                                    ids[link.to] == to && resolution.packages()[link.to].name.as_str() == wanted
                                })
                        };
                        let found = world.search(&same_but_newer, &mut { BUDGET });
                        prop_assert!(
                            !found.is_some_and(|found| found.contains(&newer)),
                            "{} could be {}", package.name, world.version(newer)
                        );
                    }
                }
            }
            Step::Conflict(explanation) => {
                let found = world.search(&|_, _, _| true, &mut { BUDGET });
                if explanation.facts().is_empty() {
                    // A circle: there is a resolution, and it is refused.
                    prop_assert!(found.is_some());
                } else {
                    prop_assert_eq!(found, None);
                    prop_assert!(explanation.lines(Detail::Short).len() <= 20);
                }
                if let Some(Advice::Require { project, name, version }) = explanation.advice() {
                    let mut changed = false;
                    let mut request = case.request();
                    for member in &mut request.members {
                        if &member.name == project {
                            for dependency in &mut Arc::make_mut(&mut member.needs).dependencies {
                                if &dependency.name == name {
                                    dependency.requirement = Requirement::parse(&version.to_string()).unwrap();
                                    changed = true;
                                }
                            }
                        }
                    }
                    prop_assert!(changed);
                    // Where a name is needed several times, one of them applied: all at once may ask too much.
                    let several = case.projects.iter().any(|item| {
                        item.needs.iter().filter(|need| need.name == name.as_str()).count() > 1
                    });
                    if !several {
                        let again = case.resolve_request(request, false);
                        prop_assert!(matches!(again, Step::Done(_)), "{:?}", outcome(&again));
                    }
                }
            }
            Step::Need(_) => prop_assert!(false, "asks for more"),
        }
    }

    /// A lockfile keeps its releases, whatever is published later or yanked.
    #[test]
    fn locked_releases_stay(case in case(), hidden in prop::collection::vec(any::<bool>(), 14)) {
        let mut before = case.clone();
        let mut at = 0;
        before.releases.retain(|_| {
            at += 1;
            !hidden[at - 1]
        });
        let Step::Done(first) = before.resolve() else { return Ok(()) };
        let mut after = case;
        after.locked = first
            .packages()
            .iter()
            .map(|package| {
                let given = package
                    .links
                    .iter()
                    .map(|link| &first.packages()[link.to])
                    .map(|to| format!("{} {}", to.name, to.version))
                    .collect();
                (package.name.to_string(), package.version.to_string(), given)
            })
            .collect();
        for item in &mut after.releases {
            if after.locked.iter().any(|(name, version, _)| *name == item.name && *version == item.version) {
                item.availability = Availability::Yanked;
            }
        }
        // What is newer and may not be chosen is noted, and is not the same in both.
        let chosen = |lines: Vec<String>| -> Vec<String> {
            lines.into_iter().filter(|line| !line.starts_with("note: ")).collect()
        };
        prop_assert_eq!(chosen(outcome(&after.resolve())), chosen(print(&first)));
    }
}
