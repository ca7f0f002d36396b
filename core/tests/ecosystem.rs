//! A real ecosystem that was not made for us: twelve large projects of Rust's package registry and everything
//! any release below them may need, as cargo read it one day. We resolve the same project and compare.
//!
//! `tests/vectors/ecosystem/README.md` says what is compared, how it came here, and why each difference is one.

#![allow(clippy::disallowed_methods, reason = "tests read the vectors")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a vector that cannot be read fails its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use vitte_package_core::dependency::{Dependency, DependencyKind, FeatureValue, Needs};
use vitte_package_core::diagnostic::Diagnose;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{
    Artifact, Availability, FeatureSelection, Member, Registries, Release, Request, Resolution, Resolver,
    Role, Step, Supply,
};
use vitte_package_core::sign::RegistryId;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::{Requirement, Version};

/// Chosen here and not there: cargo has one crate at most for each native library a crate says it links.
const LINKS: &[&str] = &["libsqlite3-sys 0.38.2"];

/// Chosen here and there where two choices are as good: either of the two is newer, and each keeps the other old.
const HERE: &[&str] = &["crypto-common 0.1.6", "generic-array 0.14.9"];
const THERE: &[&str] = &["crypto-common 0.1.7", "generic-array 0.14.7"];

/// What `NAME?/FEATURE` does to an optional dependency that nothing else asks for.
#[derive(Clone, Copy, PartialEq)]
enum Weak {
    /// Nothing.
    LeavesOut,
    /// It comes into the lockfile, as cargo has it, and is then not built.
    BringsIn,
}

/// The crates, the project and what cargo chose.
struct Ecosystem<'a> {
    roots: Vec<&'a str>,
    chosen: BTreeSet<(String, String)>,
    crates: BTreeMap<PackageName, Vec<Line<'a>>>,
}

/// One release: its own line, and the lines of its dependencies and features.
struct Line<'a> {
    head: &'a str,
    body: Arc<[&'a str]>,
}

/// A crate as one of our packages. Upper case is not allowed in names; no two crates differ in that alone.
fn package(name: &str) -> PackageName {
    PackageName::parse(&format!("crates/{}", name.to_lowercase())).unwrap()
}

impl<'a> Ecosystem<'a> {
    fn parse(text: &'a str) -> Self {
        let mut all = Self { roots: Vec::new(), chosen: BTreeSet::new(), crates: BTreeMap::new() };
        let mut lines = text.lines().peekable();
        let mut current = None;
        while let Some(line) = lines.next() {
            if let Some(root) = line.strip_prefix("root ") {
                all.roots.push(root);
            } else if let Some(chosen) = line.strip_prefix("chosen ") {
                let (name, version) = chosen.split_once(' ').unwrap();
                all.chosen.insert((package(name).to_string(), version.to_owned()));
            } else if let Some(name) = line.strip_prefix("crate ") {
                current = Some(package(name));
            } else {
                let releases = all.crates.entry(current.clone().unwrap()).or_default();
                let body = match lines.next_if(|next| *next == "=") {
                    Some(_) => releases.last().unwrap().body.clone(),
                    None => std::iter::from_fn(|| lines.next_if(|next| next.starts_with(' '))).collect(),
                };
                releases.push(Line { head: line, body });
            }
        }
        all
    }

    fn supply(&self, name: &PackageName, weak: Weak) -> Supply {
        match self.crates.get(name) {
            Some(lines) => {
                Supply::Releases(lines.iter().filter_map(|line| release(name, line, weak)).collect())
            }
            None => Supply::Absent,
        }
    }

    fn resolve(&self, weak: Weak) -> Resolution {
        let dependencies = self.roots.iter().map(|root| dependency(root).unwrap().0).collect();
        let project = Member {
            name: PackageName::parse("demo/project").unwrap(),
            version: Version::parse("0.0.0").unwrap(),
            needs: Arc::new(Needs { dependencies, features: BTreeMap::new() }),
            role: Role::Root(FeatureSelection::All),
        };
        let registries = Registries::only(RegistryId::parse("crates.example/").unwrap());
        let request = Request { members: vec![project], registries, ..Request::default() };
        let mut resolver = Resolver::new(request);
        loop {
            match resolver.step() {
                Step::Need(need) => {
                    for (name, _) in need.names {
                        resolver.supply(&name, self.supply(&name, weak));
                    }
                }
                Step::Done(resolution) => return resolution,
                Step::Conflict(explanation) => panic!("{:?}", explanation.diagnostic()),
            }
        }
    }
}

/// `NAME REQ [flags]`, with the name it has in features.
fn dependency(line: &str) -> Option<(Dependency, String)> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let requirement = Requirement::parse(words.next()?).ok()?;
    let mut dependency = Dependency::new(package(name), requirement);
    let mut alias = name.to_owned();
    let mut wanted = Vec::new();
    let mut default = true;
    for word in words {
        match word.split_once('=') {
            Some(("f", features)) => wanted.extend(features.split(',').map(str::to_owned)),
            Some((_, name)) => alias = name.to_owned(),
            None => {
                default = !word.contains('d');
                if word.contains('b') {
                    dependency.kind = DependencyKind::Build;
                }
                if word.contains('o') {
                    dependency.optional = true;
                }
            }
        }
    }
    dependency.default_features = default;
    dependency.features = wanted;
    Some((dependency, alias))
}

/// A release, if its version and requirements are ones.
fn release(name: &PackageName, line: &Line<'_>, weak: Weak) -> Option<Arc<Release>> {
    let mut words = line.head.split(' ');
    let version = Version::parse(words.next()?).ok()?;
    let availability =
        if words.any(|word| word == "yanked") { Availability::Yanked } else { Availability::Active };
    let mut needs = Needs::default();
    let mut aliases = BTreeMap::new();
    let mut written: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in line.body.iter() {
        if let Some((feature, values)) = line.strip_prefix("  ").and_then(|line| line.split_once('=')) {
            written.push((feature, values.split(',').filter(|value| !value.is_empty()).collect()));
        } else {
            let (dependency, alias) = dependency(line)?;
            aliases.insert(alias, (dependency.name.clone(), dependency.optional));
            needs.dependencies.push(dependency);
        }
    }
    // An optional dependency that no feature names by `dep:` is a feature of its own.
    let named: BTreeSet<&str> = written
        .iter()
        .flat_map(|(_, values)| values)
        .filter_map(|value| value.strip_prefix("dep:"))
        .collect();
    for (alias, (package, optional)) in &aliases {
        let own = written.iter().any(|(feature, _)| feature == alias);
        if *optional && !named.contains(alias.as_str()) && !own {
            let value = FeatureValue::parse(&format!("dep:{package}"));
            needs.features.insert(alias.clone(), vec![value]);
        }
    }
    for (feature, values) in written {
        let values = values.into_iter().filter_map(|value| word(value, &aliases, weak)).collect();
        needs.features.insert(feature.to_owned(), values);
    }
    let artifact = Artifact {
        kind: Kind::Vitmod,
        target: Target::any(),
        tree: TreeDigest::of(format!("{name} {version}").as_bytes()),
        log_index: 0,
        published: None,
        availability,
    };
    Some(Arc::new(Release::new(version, vec![artifact], needs)))
}

/// A word of a feature with our names of packages in it.
fn word(value: &str, aliases: &BTreeMap<String, (PackageName, bool)>, weak: Weak) -> Option<FeatureValue> {
    let known = |alias: &str| aliases.get(alias).map(|(package, _)| package);
    let text = if let Some(alias) = value.strip_prefix("dep:") {
        format!("dep:{}", known(alias)?)
    } else if let Some((alias, feature)) = value.split_once('/') {
        match alias.strip_suffix('?') {
            Some(alias) if weak == Weak::LeavesOut => format!("{}?/{feature}", known(alias)?),
            Some(alias) => format!("{}/{feature}", known(alias)?),
            None => format!("{}/{feature}", known(alias)?),
        }
    } else {
        value.to_owned()
    };
    Some(FeatureValue::parse(&text))
}

fn read() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/ecosystem/crates.txt.zst");
    let file = std::fs::File::open(path).unwrap();
    let mut text = String::new();
    ruzstd::decoding::StreamingDecoder::new(file).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The packages of a resolution.
fn packages(resolution: &Resolution) -> BTreeSet<(String, String)> {
    let chosen = resolution.packages().iter().filter(|package| !package.is_member());
    chosen.map(|package| (package.name.to_string(), package.version.to_string())).collect()
}

/// What is in one set and not in the other.
fn only(these: &BTreeSet<(String, String)>, those: &BTreeSet<(String, String)>) -> Vec<String> {
    let name = |name: &String| name.replace("crates/", "");
    these.difference(those).map(|(package, version)| format!("{} {version}", name(package))).collect()
}

#[test]
fn cargo_chooses_the_same() {
    let text = read();
    let ecosystem = Ecosystem::parse(&text);
    assert!(ecosystem.chosen.len() > 600, "{}", ecosystem.chosen.len());
    let same = packages(&ecosystem.resolve(Weak::BringsIn));
    assert_eq!(only(&same, &ecosystem.chosen), [HERE, LINKS].concat());
    assert_eq!(only(&ecosystem.chosen, &same), THERE);
    let ours = packages(&ecosystem.resolve(Weak::LeavesOut));
    assert_eq!(only(&ours, &ecosystem.chosen), LINKS);
    assert!(ours.len() > 500, "{}", ours.len());
}
