//! The dependency tree of a project, read from its lockfile; what a package is needed for, from the manifests at hand.

use crate::config::Config;
use crate::dependencies::Members;
use crate::dependencies::lock::{self, OnDisk};
use crate::env::Env;
use crate::error::Error;
use crate::message::{dependencies as text, lock as lock_text};
use crate::project::{LOCKFILE_NAME, Project};
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// A release or a package of the workspace.
pub type ReleaseId = (PackageName, Version);

/// Who depends on whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    links: BTreeMap<ReleaseId, BTreeSet<ReleaseId>>,
    members: BTreeSet<ReleaseId>,
    /// What is known of single links, both ways the same.
    marks: BTreeMap<(ReleaseId, ReleaseId), Marks>,
}

/// What one package needs another for, where that is not simply to be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Only to work on it.
    pub dev: bool,
    /// Only to build it.
    pub build: bool,
    /// Only if a feature asks for it.
    pub optional: bool,
}

/// Which way the tree is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the projects to what they need.
    Down,
    /// From a package to what needs it.
    Up,
}

/// Which releases stand at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Top {
    /// The packages of the workspace.
    Members,
    /// The releases of these packages.
    Named(Vec<PackageName>),
    /// Releases of which there are several versions.
    Duplicates,
}

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// For each level above this one whether more follows there, from the top; the last is this line's own.
    pub more: Vec<bool>,
    /// The release.
    pub release: ReleaseId,
    /// What it is needed for by the line it hangs on, or, upside down, what it needs that one for.
    pub marks: Marks,
    /// Whether what is below it was shown before.
    pub again: bool,
}

/// Reads the graph of the project's lockfile.
///
/// # Errors
/// `no-project`, `lock-outdated` when there is no lockfile, `lock-syntax`.
pub fn graph(env: &Env, manifest: Option<&Path>) -> Result<Graph, Error> {
    let project = Project::find_any(env, manifest)?;
    match lock::read(&project)? {
        OnDisk::Good(lockfile, _) => {
            let mut graph = Graph::of(&lockfile);
            graph.mark(env, &lockfile, project)?;
            Ok(graph)
        }
        OnDisk::Bad(error, _) => Err(error),
        OnDisk::Absent => {
            let fault = Diagnostic::new(Code::LockOutdated, text::no_lockfile(LOCKFILE_NAME));
            Err(fault.help(lock_text::stale_hint()).into())
        }
    }
}

impl Graph {
    /// The graph of a lockfile.
    pub fn of(lockfile: &Lockfile) -> Self {
        let mut graph = Self::default();
        for package in lockfile.packages() {
            let release = (package.name.clone(), package.version.clone());
            if package.artifact.is_none() {
                graph.members.insert(release.clone());
            }
            graph.links.entry(release).or_default().extend(package.dependencies.iter().cloned());
        }
        graph
    }

    fn turned(&self) -> Self {
        let mut links: BTreeMap<ReleaseId, BTreeSet<ReleaseId>> =
            self.links.keys().map(|release| (release.clone(), BTreeSet::new())).collect();
        for (from, all) in &self.links {
            for to in all {
                links.entry(to.clone()).or_default().insert(from.clone());
            }
        }
        let marks = self.marks.iter().map(|((from, to), marks)| ((to.clone(), from.clone()), *marks));
        Self { links, members: self.members.clone(), marks: marks.collect() }
    }

    /// Looks up what the packages need each other for: in the manifests of the workspace, and of the packages that the
    /// store holds.
    fn mark(&mut self, env: &Env, lockfile: &Lockfile, project: Project) -> Result<(), Error> {
        let store = Store::open(env, Config::load(env, Some(project.root_folder()))?.fsync()?)?;
        // A workspace that is being changed still has a tree.
        if let Ok(members) = Members::collect(project) {
            for member in members.all() {
                self.mark_all(member.manifest());
            }
        }
        for package in lockfile.packages() {
            let text = package.artifact.as_ref().and_then(|artifact| store.manifest(&artifact.tree));
            if let Some(manifest) = text.and_then(|text| Manifest::parse(&text).ok()) {
                self.mark_all(&manifest);
            }
        }
        Ok(())
    }

    fn mark_all(&mut self, manifest: &Manifest) {
        let from = (manifest.name().clone(), manifest.version().clone());
        for to in self.links.get(&from).into_iter().flatten() {
            let found: Vec<_> =
                manifest.dependencies().iter().filter(|dependency| *dependency.name() == to.0).collect();
            let all = |kind| !found.is_empty() && found.iter().all(|dependency| dependency.kind() == kind);
            let optional = !found.is_empty() && found.iter().all(|dependency| dependency.optional());
            let marks = Marks { dev: all(DependencyKind::Dev), build: all(DependencyKind::Build), optional };
            if marks != Marks::default() {
                self.marks.insert((from.clone(), to.clone()), marks);
            }
        }
    }

    /// The lines of the tree. What is below a release is shown once; `depth` is the number of levels below the
    /// top.
    ///
    /// # Errors
    /// `not-found` for a name that is not in the lockfile.
    pub fn lines(&self, top: &Top, direction: Direction, depth: Option<usize>) -> Result<Vec<Line>, Error> {
        let graph = match direction {
            Direction::Down => self.clone(),
            Direction::Up => self.turned(),
        };
        let mut starts: Vec<&ReleaseId> = Vec::new();
        match top {
            Top::Members => starts.extend(&graph.members),
            Top::Named(names) => {
                for name in names {
                    let before = starts.len();
                    starts.extend(graph.links.keys().filter(|(other, _)| other == name));
                    if starts.len() == before {
                        return Err(super::lock::not_locked(name, graph.links.keys().map(|(name, _)| name)));
                    }
                }
            }
            Top::Duplicates => {
                let several =
                    |name: &PackageName| graph.links.keys().filter(|(other, _)| other == name).count() > 1;
                starts.extend(graph.links.keys().filter(|(name, _)| several(name)));
            }
        }
        let mut drawing =
            Drawing { graph: &graph, depth, more: Vec::new(), shown: BTreeSet::new(), lines: Vec::new() };
        for start in starts {
            drawing.descend(None, start);
        }
        Ok(drawing.lines)
    }
}

/// A tree of a graph, as far as it is drawn.
struct Drawing<'a> {
    graph: &'a Graph,
    /// Levels below the top.
    depth: Option<usize>,
    /// Whether more follows below each of the releases above.
    more: Vec<bool>,
    shown: BTreeSet<&'a ReleaseId>,
    lines: Vec<Line>,
}

impl<'a> Drawing<'a> {
    fn descend(&mut self, above: Option<&'a ReleaseId>, release: &'a ReleaseId) {
        // A circle (of development dependencies) ends here too, since its release was shown.
        let links = self.graph.links.get(release).into_iter().flatten();
        let is_new = self.shown.insert(release);
        let again = !is_new && links.clone().next().is_some();
        let marks = above.and_then(|above| self.graph.marks.get(&(above.clone(), release.clone())));
        let marks = marks.copied().unwrap_or_default();
        self.lines.push(Line { more: self.more.clone(), release: release.clone(), marks, again });
        if !is_new || self.depth.is_some_and(|depth| self.more.len() >= depth) {
            return;
        }
        let count = links.clone().count();
        for (at, next) in links.enumerate() {
            self.more.push(at + 1 < count);
            self.descend(Some(release), next);
            self.more.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = include_str!("../../../../tests/cases/lockfile/good/two-majors.lock");

    fn shown(top: &Top, direction: Direction, depth: Option<usize>) -> Vec<String> {
        let graph = Graph::of(&Lockfile::parse(LOCK).unwrap());
        let lines = graph.lines(top, direction, depth).unwrap();
        let show = |line: Line| {
            let again = if line.again { " again" } else { "" };
            format!("{}{} {}{again}", " ".repeat(line.more.len()), line.release.0, line.release.1)
        };
        lines.into_iter().map(show).collect()
    }

    #[test]
    fn a_tree_shows_what_is_below_a_release_once() {
        let all = shown(&Top::Members, Direction::Down, None);
        assert_eq!(
            all,
            [
                "demo/app 0.1.0",
                " acme/json 2.3.1",
                "  acme/text 1.4.0",
                " acme/text 2.0.0",
                " demo/lib 0.4.0",
                "demo/lib 0.4.0",
            ]
        );
        assert_eq!(shown(&Top::Members, Direction::Down, Some(0)), ["demo/app 0.1.0", "demo/lib 0.4.0"]);
        let json = PackageName::parse("acme/json").unwrap();
        assert_eq!(
            shown(&Top::Named(vec![json]), Direction::Up, None),
            ["acme/json 2.3.1", " demo/app 0.1.0"]
        );
        assert_eq!(
            shown(&Top::Duplicates, Direction::Up, None),
            ["acme/text 1.4.0", " acme/json 2.3.1", "  demo/app 0.1.0", "acme/text 2.0.0", " demo/app 0.1.0"]
        );
    }

    #[test]
    fn a_name_that_is_not_locked_is_an_error() {
        let graph = Graph::of(&Lockfile::parse(LOCK).unwrap());
        let absent = Top::Named(vec![PackageName::parse("no/body").unwrap()]);
        assert_eq!(graph.lines(&absent, Direction::Up, None).unwrap_err().code(), Code::NotFound);
    }
}
