//! Cases as text: a small registry, projects, and what comes out. The form is described in
//! `tests/cases/README.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use vitte_package_core::dependency::{Dependency, DependencyKind, DependencySource, FeatureValue, Needs};
use vitte_package_core::diagnostic::Diagnose as _;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{
    Availability, FeatureSelection, IndexLine, Locked, Member, Policy, Registries, Release, Request,
    Resolution, Resolver, Role, Step, Supply,
};
use vitte_package_core::sign::RegistryId;
use vitte_package_core::version::{Requirement, Version};

/// One dependency, as written in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) name: String,
    pub(crate) requirement: String,
    pub(crate) optional: bool,
    pub(crate) default: bool,
    pub(crate) features: Vec<String>,
    pub(crate) kind: DependencyKind,
    pub(crate) targets: Vec<String>,
    pub(crate) path: bool,
}

/// A release or a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) needs: Vec<Need>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) availability: Availability,
    pub(crate) time: Option<u64>,
    pub(crate) target: String,
}

/// A whole case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) releases: Vec<Item>,
    pub(crate) projects: Vec<Item>,
    pub(crate) members: Vec<Item>,
    /// Name, version, and what it was given, as `name version` texts.
    pub(crate) locked: Vec<(String, String, Vec<String>)>,
    pub(crate) precise: Vec<(String, String)>,
    pub(crate) now: u64,
    pub(crate) minimum_age: u64,
    pub(crate) exempt: Vec<String>,
    pub(crate) targets: Vec<String>,
    pub(crate) features: Option<Vec<String>>,
    pub(crate) expect: Vec<String>,
}

const REGISTRY: &str = "registry.example/";

pub(crate) fn name(text: &str) -> PackageName {
    PackageName::parse(text).unwrap()
}

pub(crate) fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

impl Item {
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            needs: Vec::new(),
            features: BTreeMap::new(),
            availability: Availability::Active,
            time: Some(0),
            target: "any".to_owned(),
        }
    }

    /// The `core` member of its index line.
    fn core(&self) -> String {
        let digest = "b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a";
        let kind = if self.target == "any" { "vitmod" } else { "vitpkg" };
        let dependencies: Vec<serde_json::Value> = self
            .needs
            .iter()
            .map(|need| {
                serde_json::json!({
                    "p": need.name, "r": need.requirement,
                    "k": if need.kind == DependencyKind::Build { "build" } else { "normal" },
                    "t": need.targets, "o": need.optional, "d": need.default, "f": need.features,
                })
            })
            .collect();
        serde_json::json!({
            "ver": self.version, "kind": kind, "target": self.target, "tree": format!("vp1-sha256:{digest}"),
            "manifest": format!("sha256:{digest}"), "files": 1, "unpacked": 1, "edition": "2025",
            "deps": dependencies, "features": self.features,
        })
        .to_string()
    }

    fn needs(&self) -> Needs {
        let dependencies = self
            .needs
            .iter()
            .enumerate()
            .map(|(at, need)| Dependency {
                kind: need.kind,
                targets: need.targets.iter().map(|t| t.parse_target()).collect(),
                optional: need.optional,
                default_features: need.default,
                features: need.features.clone(),
                source: if need.path { DependencySource::Member } else { DependencySource::Registry },
                span: Some((at * 10..at * 10 + 5).into()),
                ..Dependency::new(name(&need.name), Requirement::parse(&need.requirement).unwrap())
            })
            .collect();
        let features = self
            .features
            .iter()
            .map(|(name, values)| (name.clone(), values.iter().map(|v| FeatureValue::parse(v)).collect()))
            .collect();
        Needs { dependencies, features }
    }

    fn member(&self, role: Role) -> Member {
        Member {
            name: name(&self.name),
            version: version(&self.version),
            needs: Arc::new(self.needs()),
            role,
        }
    }
}

trait ParseTarget {
    fn parse_target(&self) -> vitte_package_core::target::Target;
}

impl ParseTarget for String {
    fn parse_target(&self) -> vitte_package_core::target::Target {
        vitte_package_core::target::Target::parse(self).unwrap()
    }
}

impl Case {
    /// Reads a case.
    pub(crate) fn parse(text: &str) -> Self {
        let mut case = Self::default();
        let mut section = String::new();
        for (number, line) in text.lines().enumerate() {
            let at = || format!("line {}: {line}", number + 1);
            if section == "expect" {
                if !line.is_empty() {
                    case.expect.push(line.to_owned());
                }
                continue;
            }
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            if let Some(heading) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                let words: Vec<&str> = heading.split(' ').collect();
                match words[..] {
                    ["project", name, version] => case.projects.push(Item::new(name, version)),
                    ["member", name, version] => case.members.push(Item::new(name, version)),
                    ["releases" | "locked" | "precise" | "policy" | "expect"] => {}
                    _ => panic!("{}", at()),
                }
                section = words[0].to_owned();
                continue;
            }
            let items = match section.as_str() {
                "releases" => &mut case.releases,
                "project" => &mut case.projects,
                "member" => &mut case.members,
                "locked" => {
                    let (package, given) = trimmed.split_once(" -> ").unwrap_or((trimmed, ""));
                    let (name, version) = package.split_once(' ').unwrap_or_else(|| panic!("{}", at()));
                    let given = given.split(", ").filter(|g| !g.is_empty()).map(str::to_owned).collect();
                    case.locked.push((name.to_owned(), version.to_owned(), given));
                    continue;
                }
                "precise" => {
                    let (name, version) = trimmed.split_once(' ').unwrap_or_else(|| panic!("{}", at()));
                    case.precise.push((name.to_owned(), version.to_owned()));
                    continue;
                }
                "policy" => {
                    let (key, value) = trimmed.split_once(" = ").unwrap_or_else(|| panic!("{}", at()));
                    let words = || value.split(' ').map(str::to_owned).collect::<Vec<_>>();
                    match key {
                        "now" => case.now = value.parse().unwrap(),
                        "min-age" => case.minimum_age = value.parse().unwrap(),
                        "exempt" => case.exempt = words(),
                        "targets" => case.targets = words(),
                        "features" => case.features = Some(words()),
                        _ => panic!("{}", at()),
                    }
                    continue;
                }
                _ => panic!("{}", at()),
            };
            if let Some(need) = trimmed.strip_prefix("needs ") {
                items.last_mut().unwrap().needs.push(parse_need(need));
            } else if let Some(feature) = trimmed.strip_prefix("feature ") {
                let (name, values) = feature.split_once(" =").unwrap_or_else(|| panic!("{}", at()));
                let values = values.split_whitespace().map(str::to_owned).collect();
                items.last_mut().unwrap().features.insert(name.to_owned(), values);
            } else {
                let mut words = trimmed.split(' ');
                let (name, version) =
                    (words.next().unwrap(), words.next().unwrap_or_else(|| panic!("{}", at())));
                let mut item = Item::new(name, version);
                for word in words {
                    match word.split_once('=') {
                        None if word == "yanked" => item.availability = Availability::Yanked,
                        None if word == "withdrawn" => item.availability = Availability::Withdrawn,
                        None if word == "no-time" => item.time = None,
                        Some(("time", time)) => item.time = Some(time.parse().unwrap()),
                        Some(("target", target)) => item.target = target.to_owned(),
                        _ => panic!("{}", at()),
                    }
                }
                items.push(item);
            }
        }
        case
    }

    pub(crate) fn request(&self) -> Request {
        let selection = match &self.features {
            None => FeatureSelection::All,
            Some(names) => FeatureSelection::Only(names.iter().cloned().collect()),
        };
        let registry = RegistryId::parse(REGISTRY).unwrap();
        // Beside a member, another major of its name may come from the registry.
        let is_member = |name: &str, version: &str| {
            self.projects.iter().chain(&self.members).any(|item| item.name == name && item.version == version)
        };
        Request {
            members: self
                .projects
                .iter()
                .map(|item| item.member(Role::Root(selection.clone())))
                .chain(self.members.iter().map(|item| item.member(Role::Path)))
                .collect(),
            locked: self
                .locked
                .iter()
                .map(|(locked, at, given)| Locked {
                    name: name(locked),
                    version: version(at),
                    registry: (!is_member(locked, at)).then(|| registry.clone()),
                    dependencies: given
                        .iter()
                        .map(|given| given.split_once(' ').unwrap())
                        .map(|(given, at)| (name(given), version(at)))
                        .collect(),
                })
                .collect(),
            precise: self.precise.iter().map(|(precise, at)| (name(precise), version(at))).collect(),
            policy: Policy {
                now: self.now,
                minimum_age: self.minimum_age,
                exempt: self
                    .exempt
                    .iter()
                    .map(|text| vitte_package_core::name::Namespace::parse(text).unwrap())
                    .collect(),
                targets: self.targets.iter().map(|t| t.parse_target()).collect(),
                ..Policy::default()
            },
            registries: Registries::only(registry),
        }
    }

    /// What the registry says about a package.
    pub(crate) fn supply(&self, package: &PackageName) -> Supply {
        let items: Vec<&Item> = self.releases.iter().filter(|item| item.name == package.as_str()).collect();
        if items.is_empty() {
            return Supply::Absent;
        }
        let cores: Vec<String> = items.iter().map(|item| item.core()).collect();
        let lines = items.iter().zip(&cores).enumerate().map(|(at, (item, core))| IndexLine {
            core,
            log_index: at as u64,
            published: item.time,
            availability: item.availability,
        });
        let (releases, malformed) = Release::from_lines(lines);
        assert!(malformed.is_empty(), "{malformed:?}");
        Supply::Releases(releases)
    }

    /// Resolves, supplying what is asked for.
    pub(crate) fn resolve(&self) -> Step {
        self.resolve_request(self.request(), false)
    }

    /// Resolves, with everything supplied before it is asked for.
    pub(crate) fn resolve_prepared(&self) -> Step {
        self.resolve_request(self.request(), true)
    }

    pub(crate) fn resolve_request(&self, request: Request, prepared: bool) -> Step {
        let mut resolver = Resolver::new(request);
        if prepared {
            for item in self.releases.iter().rev() {
                let package = name(&item.name);
                resolver.supply(&package, self.supply(&package));
            }
        }
        for _ in 0..1000 {
            match resolver.step() {
                Step::Need(need) => {
                    assert!(!need.names.is_empty());
                    for (package, _) in need.names.iter().rev() {
                        resolver.supply(package, self.supply(package));
                    }
                }
                end => return end,
            }
        }
        panic!("asks without end");
    }
}

fn parse_need(text: &str) -> Need {
    let mut parts = text.split(';').map(str::trim);
    let (name, requirement) = parts.next().unwrap().split_once(' ').unwrap();
    let mut need = Need {
        name: name.to_owned(),
        requirement: requirement.to_owned(),
        optional: false,
        default: true,
        features: Vec::new(),
        kind: DependencyKind::Normal,
        targets: Vec::new(),
        path: false,
    };
    for part in parts {
        let words: Vec<&str> = part.split(' ').collect();
        match words[..] {
            ["optional"] => need.optional = true,
            ["no-default"] => need.default = false,
            ["build"] => need.kind = DependencyKind::Build,
            ["dev"] => need.kind = DependencyKind::Dev,
            ["path"] => need.path = true,
            ["features", ..] => need.features = words[1..].iter().map(|w| (*w).to_owned()).collect(),
            ["target", ..] => need.targets = words[1..].iter().map(|w| (*w).to_owned()).collect(),
            _ => panic!("{part}"),
        }
    }
    need
}

/// A resolution, a line a package: `name version [features] -> dependencies`.
pub(crate) fn print(resolution: &Resolution) -> Vec<String> {
    let mut lines = Vec::new();
    for package in resolution.packages() {
        let mut line = format!("{} {}", package.name, package.version);
        if !package.features.is_empty() {
            let features: Vec<&str> = package.features.iter().map(String::as_str).collect();
            write!(line, " [{}]", features.join(" ")).unwrap();
        }
        let mut links: Vec<String> = package
            .links
            .iter()
            .map(|link| &resolution.packages()[link.to])
            .map(|to| format!("{} {}", to.name, to.version))
            .collect();
        links.dedup();
        if !links.is_empty() {
            write!(line, " -> {}", links.join(", ")).unwrap();
        }
        lines.push(line);
    }
    for newer in resolution.newer_withheld() {
        lines.push(format!("note: {} {}: {}", newer.name, newer.chosen, newer.release.describe(&newer.name)));
    }
    lines
}

/// What came out, as the cases write it.
pub(crate) fn outcome(step: &Step) -> Vec<String> {
    match step {
        Step::Done(resolution) => print(resolution),
        Step::Conflict(explanation) => {
            let diagnostic = explanation.diagnostic();
            let mut lines = vec![format!("error[{}]: {}", diagnostic.code, diagnostic.message)];
            lines.extend(diagnostic.label.iter().map(|label| format!("  here: {label}")));
            for note in &diagnostic.notes {
                let mark = if note.span.is_some() { "here" } else { "note" };
                lines.push(format!("  {mark}: {}", note.text));
            }
            lines.extend(diagnostic.help.iter().map(|help| format!("  help: {help}")));
            lines
        }
        Step::Need(_) => vec!["need".to_owned()],
    }
}
