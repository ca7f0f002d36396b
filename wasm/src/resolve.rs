//! The resolver: projects in, a resolution out; the package information it needs is supplied as it asks.

use crate::convert::{JsDiagnostic, argument, from_js, thrown, thrown_diagnostic, to_js};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::{Diagnose, Diagnostic};
use vitte_package_core::index::VerifiedIndex;
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::log::note::IndexKey;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::resolve::{
    Artifact, Availability, Explanation, FeatureSelection, IndexLine, Locked, Member, Need, Origin, Policy,
    Purpose, Registries, Release, Request, Resolution, Resolver, Role, Step, Supply,
};
use vitte_package_core::sign::RegistryId;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;
use wasm_bindgen::prelude::*;

/// The request: the facade's manifests and `ResolveOptions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ResolveOptions"))]
pub(crate) struct Question {
    projects: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    registry: Option<String>,
    #[serde(default)]
    registries: BTreeMap<String, String>,
    #[serde(default)]
    index_keys: Vec<String>,
    lock: Option<Preferred>,
    #[serde(default)]
    update: Vec<String>,
    #[serde(default)]
    precise: BTreeMap<String, String>,
    #[serde(default)]
    now: u64,
    #[serde(default)]
    min_age: u64,
    #[serde(default)]
    exempt: Vec<String>,
    #[serde(default)]
    targets: Vec<String>,
    features: Option<BTreeSet<String>>,
}

/// What was chosen before: a `vitte.lock`, or releases by name.
#[derive(Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Preferred {
    Lockfile(String),
    Releases(Vec<PreferredRelease>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PreferredRelease {
    name: String,
    version: String,
    registry: Option<String>,
    #[serde(default)]
    dependencies: Vec<(String, String)>,
}

fn read<T, E: Diagnose>(parsed: Result<T, E>) -> Result<T, JsValue> {
    parsed.map_err(|error| thrown(&error))
}

fn read_all<T, E: Diagnose, C: FromIterator<T>>(
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<C, JsValue> {
    texts.iter().map(|text| read(parse(text))).collect()
}

fn release((name, version): &(String, String)) -> Result<(PackageName, Version), JsValue> {
    Ok((read(PackageName::parse(name))?, read(Version::parse(version))?))
}

impl PreferredRelease {
    fn locked(&self) -> Result<Locked, JsValue> {
        Ok(Locked {
            name: read(PackageName::parse(&self.name))?,
            version: read(Version::parse(&self.version))?,
            registry: self.registry.as_deref().map(RegistryId::parse).transpose().map_err(|e| thrown(&e))?,
            dependencies: self.dependencies.iter().map(release).collect::<Result<_, _>>()?,
        })
    }
}

impl Question {
    fn member(source: &str, role: Role) -> Result<Member, JsValue> {
        match Manifest::parse(source) {
            Ok(manifest) => Ok(Member::of(&manifest, role)),
            Err(faults) => match faults.diagnostics().first() {
                Some(first) => Err(thrown_diagnostic(first)),
                None => Err(argument("manifest", "it cannot be read")),
            },
        }
    }

    fn locked(&self, unlocked: &BTreeSet<PackageName>) -> Result<Vec<Locked>, JsValue> {
        match &self.lock {
            None => Ok(Vec::new()),
            Some(Preferred::Lockfile(text)) => Ok(read(Lockfile::parse(text))?.preferences(unlocked)),
            Some(Preferred::Releases(releases)) => {
                let locked: Vec<Locked> =
                    releases.iter().map(PreferredRelease::locked).collect::<Result<_, _>>()?;
                Ok(locked.into_iter().filter(|locked| !unlocked.contains(&locked.name)).collect())
            }
        }
    }

    fn request(&self) -> Result<Request, JsValue> {
        let selection = self.features.clone().map_or(FeatureSelection::All, FeatureSelection::Only);
        let roots = self.projects.iter().map(|text| Self::member(text, Role::Root(selection.clone())));
        let paths = self.paths.iter().map(|text| Self::member(text, Role::Path));
        let default = self.registry.as_deref().map(RegistryId::parse).transpose().map_err(|e| thrown(&e))?;
        let registries = self.registries.iter();
        let registries = registries
            .map(|(namespace, id)| Ok((read(Namespace::parse(namespace))?, read(RegistryId::parse(id))?)));
        let precise = self.precise.iter().map(|(name, at)| release(&(name.clone(), at.clone())));
        Ok(Request {
            members: roots.chain(paths).collect::<Result<_, _>>()?,
            locked: self.locked(&read_all(&self.update, PackageName::parse)?)?,
            precise: precise.collect::<Result<_, _>>()?,
            policy: Policy {
                now: self.now,
                minimum_age: self.min_age,
                exempt: read_all(&self.exempt, Namespace::parse)?,
                targets: read_all(&self.targets, Target::parse)?,
                ..Policy::default()
            },
            registries: Registries::new(default, registries.collect::<Result<_, JsValue>>()?),
        })
    }
}

/// A line of an index, from a source that the caller vouches for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "IndexLine"))]
pub(crate) struct Line {
    core: String,
    log: u64,
    time: Option<u64>,
    status: Option<LineStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum LineStatus {
    Yanked,
    Withdrawn,
}

/// Packages that are needed.
#[derive(Serialize)]
struct Needs<'a> {
    /// `resolve` or `advise`.
    purpose: &'static str,
    names: Vec<Needed<'a>>,
    hints: Vec<Needed<'a>>,
}

#[derive(Serialize)]
struct Needed<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<&'a str>,
}

impl<'a> Needs<'a> {
    fn of(need: &'a Need) -> Self {
        fn names(names: &[(PackageName, Option<RegistryId>)]) -> Vec<Needed<'_>> {
            names
                .iter()
                .map(|(name, registry)| Needed {
                    name: name.as_str(),
                    registry: registry.as_ref().map(RegistryId::as_str),
                })
                .collect()
        }
        let purpose = match need.purpose {
            Purpose::Resolve => "resolve",
            Purpose::Advise => "advise",
        };
        Self { purpose, names: names(&need.names), hints: names(&need.hints) }
    }
}

/// Resolves projects: `needs`, supply each package, until nothing is needed; then `outcome`.
#[wasm_bindgen]
pub struct Resolving {
    resolver: Resolver,
    index_keys: Vec<IndexKey>,
    end: Option<Result<Resolution, Box<Explanation>>>,
}

#[wasm_bindgen]
impl Resolving {
    /// Starts. Throws the first fault of a manifest, lockfile or option.
    #[wasm_bindgen(constructor)]
    pub fn new(question: JsValue) -> Result<Resolving, JsValue> {
        let question: Question = from_js("options", &question)?;
        let resolver = Resolver::new(question.request()?);
        Ok(Self { resolver, index_keys: read_all(&question.index_keys, IndexKey::parse)?, end: None })
    }

    /// Goes on as far as it can: the packages to supply next, `{ purpose, names, hints }`; `undefined` at the end.
    pub fn needs(&mut self) -> Result<JsValue, JsValue> {
        if self.end.is_none() {
            match self.resolver.step() {
                Step::Need(need) => return to_js(&Needs::of(&need)),
                Step::Done(resolution) => self.end = Some(Ok(resolution)),
                Step::Conflict(explanation) => self.end = Some(Err(explanation)),
            }
        }
        Ok(JsValue::UNDEFINED)
    }

    /// Takes the signed index file of a package; `undefined` when there is no such package.
    pub fn supply(&mut self, name: &str, file: Option<Vec<u8>>) -> Result<(), JsValue> {
        let name = read(PackageName::parse(name))?;
        let supply = match file {
            None => Supply::Absent,
            Some(file) => {
                // A registry's key speaks for its own namespaces only.
                let wanted = self.resolver.request().registries.of(&name).map(IndexKey::name_of);
                let keys = self.index_keys.iter().filter(|key| Some(key.name()) == wanted.as_deref());
                let keys: Vec<IndexKey> = keys.cloned().collect();
                Supply::Releases(Release::of_index(&read(VerifiedIndex::open(&file, &keys, &name))?))
            }
        };
        self.resolver.supply(&name, supply);
        Ok(())
    }

    /// Takes what is known of a package as lines `{ core, log, time, status }`, which are not signed.
    #[wasm_bindgen(js_name = supplyLines)]
    pub fn supply_lines(&mut self, name: &str, lines: JsValue) -> Result<(), JsValue> {
        let name = read(PackageName::parse(name))?;
        let lines: Vec<Line> = from_js("index", &lines)?;
        let (releases, malformed) = Release::from_lines(lines.iter().map(|line| IndexLine {
            core: &line.core,
            log_index: line.log,
            published: line.time,
            availability: match line.status {
                None => Availability::Active,
                Some(LineStatus::Yanked) => Availability::Yanked,
                Some(LineStatus::Withdrawn) => Availability::Withdrawn,
            },
        }));
        if let Some(line) = malformed.first() {
            return Err(argument("index", &line.reason));
        }
        self.resolver.supply(&name, Supply::Releases(releases));
        Ok(())
    }

    /// The result: a resolution with its lockfile, or why there is none. Throws when the lockfile cannot be
    /// written, since no registry was named.
    pub fn outcome(&self) -> Result<JsValue, JsValue> {
        match &self.end {
            Some(Ok(resolution)) => {
                let lockfile = read(Lockfile::of(resolution, &BTreeMap::new()))?;
                to_js(&Solved::new(resolution, lockfile.print()))
            }
            Some(Err(explanation)) => {
                let diagnostic: Diagnostic = explanation.diagnostic();
                to_js(&NoSolution { status: Unsolved::NoSolution, reason: JsDiagnostic::new(&diagnostic) })
            }
            None => Ok(JsValue::UNDEFINED),
        }
    }
}

/// The status of a resolution.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Found {
    Solved,
}

/// The status of a request that has no solution.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Unsolved {
    NoSolution,
}

/// What a dependency is for.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum LinkKind {
    Normal,
    Build,
    Dev,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "NoSolution"))]
pub(crate) struct NoSolution<'a> {
    status: Unsolved,
    reason: JsDiagnostic<'a>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Lock"))]
pub(crate) struct Solved<'a> {
    status: Found,
    packages: Vec<Package<'a>>,
    withheld: Vec<Withheld<'a>>,
    lock: String,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ResolvedPackage"))]
struct Package<'a> {
    name: &'a str,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<&'a str>,
    features: &'a BTreeSet<String>,
    artifacts: Vec<PackageArtifact<'a>>,
    dependencies: Vec<Dependency<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Artifact"))]
struct PackageArtifact<'a> {
    kind: Kind,
    target: &'a str,
    tree: String,
    log: f64,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ResolvedDependency"))]
struct Dependency<'a> {
    name: &'a str,
    version: String,
    kind: LinkKind,
    requirement: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Withheld"))]
struct Withheld<'a> {
    name: &'a str,
    chosen: String,
    version: String,
    text: String,
}

impl<'a> Solved<'a> {
    fn new(resolution: &'a Resolution, lock: String) -> Self {
        let withheld = resolution.newer_withheld().iter().map(|newer| Withheld {
            name: newer.name.as_str(),
            chosen: newer.chosen.to_string(),
            version: newer.release.version.to_string(),
            text: newer.release.describe(&newer.name),
        });
        let packages = resolution.packages().iter().map(|selected| {
            let (registry, artifacts): (_, &[Artifact]) = match &selected.origin {
                Origin::Member(_) => (None, &[]),
                Origin::Registry(registry, artifacts) => (registry.as_ref(), artifacts),
            };
            let links = selected.links.iter();
            Package {
                name: selected.name.as_str(),
                version: selected.version.to_string(),
                registry: registry.map(RegistryId::as_str),
                features: &selected.features,
                artifacts: artifacts.iter().map(PackageArtifact::of).collect(),
                dependencies: links
                    .filter_map(|link| Some((link, resolution.packages().get(link.to)?)))
                    .map(|(link, to)| Dependency {
                        name: to.name.as_str(),
                        version: to.version.to_string(),
                        kind: match link.kind {
                            DependencyKind::Normal => LinkKind::Normal,
                            DependencyKind::Build => LinkKind::Build,
                            DependencyKind::Dev => LinkKind::Dev,
                        },
                        requirement: &link.requirement,
                    })
                    .collect(),
            }
        });
        Self { status: Found::Solved, packages: packages.collect(), withheld: withheld.collect(), lock }
    }
}

impl<'a> PackageArtifact<'a> {
    fn of(artifact: &'a Artifact) -> Self {
        Self {
            kind: artifact.kind,
            target: artifact.target.as_str(),
            tree: artifact.tree.to_string(),
            log: artifact.log_index as f64,
        }
    }
}
