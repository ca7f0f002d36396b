//! Why a package is in the project, why in this version, and what keeps a newer one out.

use crate::config::Config;
use crate::dependencies::lock::{self, OnDisk, Options};
use crate::dependencies::{Members, Scope, Sources};
use crate::env::Env;
use crate::error::Error;
use crate::message::dependencies as text;
use crate::project::Project;
use std::collections::BTreeSet;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::{Host, Rule, newest};
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{Detail, Origin, Request, Resolution};
use vitte_package_core::version::{Requirement, Version};

/// One step of the way from a project to a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The package reached.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// The requirement that led to it; none for the project the way begins at.
    pub requirement: Option<String>,
}

/// What is known of newer releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newer {
    /// There is none.
    None,
    /// The project comes from no registry.
    Member,
    /// It could be chosen today.
    Possible(Version),
    /// It cannot, for these reasons.
    Blocked(Version, Vec<String>),
}

/// The answer for one chosen release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The shortest way to it, itself last.
    pub path: Vec<Step>,
    /// Every requirement on it: who, and what.
    pub wanted: Vec<(String, String)>,
    /// Newer releases.
    pub newer: Newer,
}

/// Explains every chosen release of `name`.
///
/// # Errors
/// `not-found` when the project does not use it, and those of resolving.
pub fn why(env: &Env, scope: &Scope, name: &PackageName, detail: Detail) -> Result<Vec<Why>, Error> {
    let mut query = Query::begin(env, scope)?;
    let resolution = query.locked()?;
    let mut answers = Vec::new();
    for (at, package) in resolution.named(name) {
        let newer = match (&package.origin, query.newest(name)) {
            (Origin::Member(_), _) => Newer::Member,
            (_, Some(newest)) if newest > package.version => {
                match query.blocked(&resolution, at, &newest, detail)? {
                    reasons if reasons.is_empty() => Newer::Possible(newest),
                    reasons => Newer::Blocked(newest, reasons),
                }
            }
            _ => Newer::None,
        };
        answers.push(Why { path: path(&resolution, at), wanted: requirements_on(&resolution, at), newer });
    }
    if answers.is_empty() {
        let fault = Diagnostic::new(Code::NotFound, text::not_used(name.as_str()));
        return Err(super::lock::with_nearest(
            fault,
            name,
            resolution.packages().iter().map(|package| &package.name),
        ));
    }
    Ok(answers)
}

/// A project with its registries, ready for several queries.
struct Query {
    members: Members,
    sources: Sources,
    request: Request,
}

impl Query {
    fn begin(env: &Env, scope: &Scope) -> Result<Self, Error> {
        let project = Project::find_any(env, scope.manifest.as_deref())?;
        let config = Config::load(env, Some(project.root_folder()))?;
        let members = Members::collect(project)?;
        let sources =
            Sources::open(env, &config, members.project(), scope.registry.as_deref(), scope.network)?;
        let options = Options { minimum_age: scope.minimum_age, ..Options::default() };
        let mut request = lock::request(&members, &sources, &options);
        request.locked = match lock::read(members.project())? {
            OnDisk::Good(lockfile, _) => lockfile.preferences(&BTreeSet::new()),
            OnDisk::Bad(error, _) => return Err(error),
            OnDisk::Absent => Vec::new(),
        };
        Ok(Self { members, sources, request })
    }

    #[allow(clippy::type_complexity, reason = "the solver's own answer")]
    fn solve(
        &mut self,
        request: Request,
    ) -> Result<Result<Resolution, Box<vitte_package_core::resolve::Explanation>>, Error> {
        lock::solve(request, &mut self.sources)
    }

    fn locked(&mut self) -> Result<Resolution, Error> {
        self.solve(self.request.clone())?
            .map_err(|explanation| lock::in_manifest(&self.members, &explanation))
    }

    /// The newest release that might be used, if a requirement let it.
    fn newest(&mut self, name: &PackageName) -> Option<Version> {
        let index = self.sources.of(name).ok()?.index(name).ok()??;
        newest(&index, &Rule::to_use(&[], Host::Any, None)).map(|entry| entry.core.version.clone())
    }

    /// What keeps `newest` out; nothing if it can be had.
    fn blocked(
        &mut self,
        resolution: &Resolution,
        at: usize,
        newest: &Version,
        detail: Detail,
    ) -> Result<Vec<String>, Error> {
        let Some(package) = resolution.packages().get(at) else { return Ok(Vec::new()) };
        let misfits = || {
            requirements_on(resolution, at)
                .into_iter()
                .filter(|(_, wanted)| Requirement::parse(wanted).is_ok_and(|wanted| !wanted.matches(newest)))
                .map(|(by, wanted)| text::why_wants(&by, &wanted))
                .collect()
        };
        if resolution.named(&package.name).any(|(_, other)| &other.version == newest) {
            // It is in use as well as this one: what keeps this one is whoever requires no other.
            return Ok(misfits());
        }
        let mut request = Request { locked: Vec::new(), ..self.request.clone() };
        request.precise.insert(package.name.clone(), newest.clone());
        Ok(match self.solve(request)? {
            Err(explanation) => explanation.lines(detail),
            Ok(found) if found.named(&package.name).any(|(_, found)| &found.version == newest) => Vec::new(),
            Ok(_) => misfits(),
        })
    }
}

/// The requirement on `to` in `from`.
fn requirement(resolution: &Resolution, from: usize, to: usize) -> Option<String> {
    let links = &resolution.packages().get(from)?.links;
    links.iter().find(|link| link.to == to).map(|link| link.requirement.clone())
}

fn path(resolution: &Resolution, at: usize) -> Vec<Step> {
    let positions = resolution.path_to(at);
    let before = std::iter::once(None).chain(positions.iter().map(|position| Some(*position)));
    positions
        .iter()
        .zip(before)
        .filter_map(|(position, before)| {
            let package = resolution.packages().get(*position)?;
            Some(Step {
                name: package.name.clone(),
                version: package.version.clone(),
                requirement: before.and_then(|before| requirement(resolution, before, *position)),
            })
        })
        .collect()
}

fn requirements_on(resolution: &Resolution, at: usize) -> Vec<(String, String)> {
    let mut requirements = Vec::new();
    for package in resolution.packages() {
        for link in package.links.iter().filter(|link| link.to == at) {
            requirements.push((format!("{} {}", package.name, package.version), link.requirement.clone()));
        }
    }
    requirements
}
