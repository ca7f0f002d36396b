//! From requirements to a resolution.
//!
//! [`Resolver`] is a step and supply machine over the PubGrub algorithm: it says which packages it needs to
//! know, the shell brings their releases, and in the end there is a [`Resolution`] or an [`Explanation`] why
//! there is none. The rules are cargo's: requirements and pre-releases, features and their unification, one
//! release of a package in each range of compatibility (`1.x`, `0.3.x`, `0.0.7`) and incompatible ones side
//! by side, yanked releases only if locked, locked ones preferred, otherwise the newest.
//!
//! What differs from cargo: a weak feature (`NAME?/FEATURE`) never brings its dependency into the lockfile;
//! a namespace belongs to exactly one registry; a member of the request is the only package of its name in
//! its range of compatibility; releases may have to have a minimum age; a release that closes a circle of
//! dependencies gives way to an older one.
//!
//! The answer is a function of the request and of the index: neither the order in which packages are supplied
//! nor packages that are supplied needlessly change it.
//!
//! ```
//! use std::sync::Arc;
//! use vitte_package_core::dependency::Needs;
//! use vitte_package_core::digest::TreeDigest;
//! use vitte_package_core::manifest::Manifest;
//! use vitte_package_core::resolve::{
//!     Artifact, FeatureSelection, Member, Release, Request, Resolver, Role, Availability, Step, Supply,
//! };
//! use vitte_package_core::target::{Kind, Target};
//! use vitte_package_core::version::Version;
//!
//! let manifest = Manifest::parse(
//!     "[package]\nname = \"acme/app\"\nversion = \"1.0.0\"\n\n[dependencies]\n\"acme/json\" = \"1\"\n",
//! )
//! .unwrap();
//! let release = |version: &str| {
//!     let artifact = Artifact {
//!         kind: Kind::Vitmod,
//!         target: Target::any(),
//!         tree: TreeDigest::of(version.as_bytes()),
//!         log_index: 0,
//!         published: None,
//!         availability: Availability::Active,
//!     };
//!     Arc::new(Release::new(Version::parse(version).unwrap(), vec![artifact], Needs::default()))
//! };
//! let members = vec![Member::of(&manifest, Role::Root(FeatureSelection::All))];
//! let mut resolver = Resolver::new(Request { members, ..Request::default() });
//! // It says which packages it has to know, and takes what a registry says of them.
//! let resolution = loop {
//!     match resolver.step() {
//!         Step::Need(need) => {
//!             for (name, _) in &need.names {
//!                 let releases = ["1.0.0", "1.4.0", "2.0.0"].map(release).to_vec();
//!                 resolver.supply(name, Supply::Releases(releases));
//!             }
//!         }
//!         Step::Done(resolution) => break resolution,
//!         Step::Conflict(explanation) => panic!("{explanation}"),
//!     }
//! };
//! let chosen: Vec<String> =
//!     resolution.packages().iter().map(|package| format!("{} {}", package.name, package.version)).collect();
//! assert_eq!(chosen, ["acme/app 1.0.0", "acme/json 1.4.0"]);
//! ```

mod advice;
mod advise;
mod catalogue;
mod circle;
mod encode;
mod explain;
mod feature;
mod inputs;
mod range;
mod ranks;
mod read;
mod release;
mod request;
mod resolution;
mod solve;

pub use advice::Advice;
pub use catalogue::{Withheld, WithheldRelease};
pub use explain::{Detail, Existence, Explanation, Fact, Subject, duration_in_words};
pub use range::{Compatibility, VersionRange};
pub use release::{Artifact, Availability, IndexLine, MalformedLine, Release};
pub use request::{ArtifactPreference, FeatureSelection, Locked, Member, Policy, Registries, Request, Role};
pub use resolution::{Link, NewerWithheld, Origin, Resolution, Selected};

use crate::name::PackageName;
use crate::sign::RegistryId;
use catalogue::Candidates;
use circle::Circle;
use encode::Encoder;
use read::Refused;
use solve::SolveOutcome;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Resolves a [`Request`], asking for the releases of packages as it goes.
#[derive(Debug)]
pub struct Resolver {
    request: Request,
    catalogue: BTreeMap<PackageName, Arc<Candidates>>,
    /// A conflict that is proved, while a way out is looked for.
    conflict: Option<Explanation>,
    hinted: bool,
    /// Circles that were met, and are ruled out since.
    circles: Vec<Circle>,
}

/// What a [`Resolver`] wants next.
#[derive(Debug)]
pub enum Step {
    /// Supply the releases of these packages, then step again.
    Need(Need),
    /// There is a resolution.
    Done(Resolution),
    /// There is none.
    Conflict(Box<Explanation>),
}

/// Packages a resolver asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Packages without which it cannot go on, each with the one registry it may come from. Never empty.
    pub names: Vec<(PackageName, Option<RegistryId>)>,
    /// Packages it will probably ask for later: the lockfile has them.
    pub hints: Vec<(PackageName, Option<RegistryId>)>,
    /// What they are needed for.
    pub purpose: Purpose,
}

/// What packages are needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To find out whether there is a resolution.
    Resolve,
    /// There is none; to find a change to the manifest that would give one. See [`Resolver::without_advice`].
    Advise,
}

/// What a registry says about a package.
#[derive(Clone, Debug)]
pub enum Supply {
    /// Its releases.
    Releases(Vec<Arc<Release>>),
    /// There is no such package.
    Absent,
}

impl Resolver {
    /// Begins a resolution.
    pub fn new(request: Request) -> Self {
        Self { request, catalogue: BTreeMap::new(), conflict: None, hinted: false, circles: Vec::new() }
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Hands over what a registry says about `name`. May be called for packages that were not asked for; a
    /// package supplied twice keeps what was said first.
    pub fn supply(&mut self, name: &PackageName, supply: Supply) {
        if self.catalogue.contains_key(name) {
            return;
        }
        let candidates = match supply {
            Supply::Releases(releases) => Candidates::new(name, releases, &self.request),
            Supply::Absent => Candidates::absent(),
        };
        self.catalogue.insert(name.clone(), Arc::new(candidates));
    }

    /// Goes on as far as what was supplied allows.
    pub fn step(&mut self) -> Step {
        let mut explanation = match self.conflict.clone() {
            Some(explanation) => explanation,
            None => match self.solve() {
                Err(explanation) => *explanation,
                Ok(step) => return step,
            },
        };
        match advise::advise(&self.request, &self.catalogue, &explanation) {
            Ok(advice) => {
                explanation.set_advice(advice);
                Step::Conflict(Box::new(explanation))
            }
            Err(names) => self.need(names, Purpose::Advise),
        }
    }

    /// Solves, and again without each circle of dependencies that comes out. `Err` is a conflict that was proved and may
    /// have a way out.
    fn solve(&mut self) -> Result<Step, Box<Explanation>> {
        loop {
            let mut encoder = Encoder::new(&self.request, &self.catalogue, &self.circles);
            match (solve::solve(&mut encoder), self.circles.first()) {
                (SolveOutcome::Missing(names), _) => return Ok(self.need(names, Purpose::Resolve)),
                (SolveOutcome::Solved(choices), _) => match read::read(&mut encoder, &choices) {
                    Ok(mut resolution) => {
                        circle::note(&mut resolution, &self.circles);
                        return Ok(Step::Done(resolution));
                    }
                    Err(Refused::Circle(circle)) => {
                        let met = self.circles.iter().any(|known| known.releases == circle.releases);
                        if met || circle.releases.is_empty() || self.circles.len() >= circle::CIRCLES {
                            return Ok(Step::Conflict(Box::new(circle.explanation)));
                        }
                        self.circles.push(*circle);
                    }
                    Err(Refused::Inconsistent) => {
                        return Ok(Step::Conflict(Box::new(Explanation::inconsistent())));
                    }
                },
                // Without the circles there was a solution: they are the reason.
                (SolveOutcome::Unsolvable(_), Some(first)) => {
                    return Ok(Step::Conflict(Box::new(first.explanation.clone())));
                }
                (SolveOutcome::Unsolvable(proof), None) => {
                    let explanation = explain::explain(&mut encoder, &proof);
                    self.conflict = Some(explanation.clone());
                    return Err(Box::new(explanation));
                }
            }
        }
    }

    /// The proved conflict, without looking for a way out: when [`Purpose::Advise`] asks for packages that
    /// cannot be had. `None` if no conflict is proved.
    pub fn without_advice(self) -> Option<Explanation> {
        self.conflict
    }

    fn need(&mut self, names: BTreeSet<PackageName>, purpose: Purpose) -> Step {
        let with_registry = |name: &PackageName| (name.clone(), self.request.registries.of(name).cloned());
        let hints: BTreeSet<&PackageName> = if self.hinted {
            BTreeSet::new()
        } else {
            self.request
                .locked
                .iter()
                .filter(|locked| locked.registry.is_some())
                .map(|locked| &locked.name)
                .filter(|name| !names.contains(*name) && !self.catalogue.contains_key(*name))
                .collect()
        };
        let need = Need {
            names: names.iter().map(with_registry).collect(),
            hints: hints.into_iter().map(with_registry).collect(),
            purpose,
        };
        self.hinted = true;
        Step::Need(need)
    }
}
