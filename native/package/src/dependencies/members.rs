//! The packages on this machine that take part in a resolution.

use crate::error::Error;
use crate::project::Project;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::manifest::FILE_NAME;
use vitte_package_core::message::dependencies as text;
use vitte_package_core::resolve::{FeatureSelection, Member, Role};

/// The projects of a workspace and every package they reach by a path.
#[derive(Clone, Debug)]
pub struct Members {
    project: Project,
    roots: Vec<Project>,
    paths: Vec<Project>,
}

impl Members {
    /// Collects the members of `project`'s workspace and follows their path dependencies.
    ///
    /// # Errors
    /// Those of [`Project::load`]; `manifest-conflict` when a path leads to a package of another name, or two
    /// packages have the same name.
    pub fn collect(project: Project) -> Result<Self, Error> {
        let folder = project.folder().to_owned();
        // The project itself may hold a text that is not on disk yet.
        let roots = project
            .members()?
            .into_iter()
            .map(|member| if member.folder() == folder { project.clone() } else { member })
            .collect();
        let mut members = Self { project, roots, paths: Vec::new() };
        members.follow_paths()?;
        members.check_names()?;
        Ok(members)
    }

    /// The project the command is about.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The projects that are resolved.
    pub fn roots(&self) -> &[Project] {
        &self.roots
    }

    /// All packages, projects first.
    pub fn all(&self) -> impl Iterator<Item = &Project> {
        self.roots.iter().chain(&self.paths)
    }

    /// The members as the resolver takes them: projects with all features, so that the lockfile holds for any
    /// choice of them.
    pub fn for_resolver(&self) -> Vec<Member> {
        let roots =
            self.roots.iter().map(|root| Member::of(root.manifest(), Role::Root(FeatureSelection::All)));
        let paths = self.paths.iter().map(|path| Member::of(path.manifest(), Role::Path));
        roots.chain(paths).collect()
    }

    fn follow_paths(&mut self) -> Result<(), Error> {
        let mut seen: Vec<PathBuf> = self.roots.iter().map(|root| identity(root.folder())).collect();
        let mut queue = self.roots.clone();
        while let Some(project) = queue.pop() {
            for dependency in project.manifest().dependencies() {
                let Some(path) = dependency.path() else { continue };
                let base = if dependency.inherits_path() { project.root_folder() } else { project.folder() };
                let folder = base.join(path);
                let at = |error: Error| project.in_manifest(error);
                let found = match self.all().find(|other| identity(other.folder()) == identity(&folder)) {
                    Some(known) => known.clone(),
                    None if !folder.join(FILE_NAME).is_file() => {
                        let message = text::path_without_project(dependency.name().as_str(), path);
                        let fault = Diagnostic::new(Code::NoProject, message);
                        return Err(at(fault.at(Place::Source(dependency.span())).into()));
                    }
                    None => Project::load(&folder).map_err(at)?,
                };
                if found.manifest().name() != dependency.name() {
                    let message = text::path_other_name(
                        dependency.name().as_str(),
                        path,
                        found.manifest().name().as_str(),
                    );
                    let fault =
                        Diagnostic::new(Code::ManifestConflict, message).at(Place::Source(dependency.span()));
                    return Err(at(fault.into()));
                }
                let id = identity(&folder);
                if !seen.contains(&id) {
                    seen.push(id);
                    queue.push(found.clone());
                    self.paths.push(found);
                }
            }
        }
        self.paths.sort_by(|a, b| a.manifest().name().cmp(b.manifest().name()));
        Ok(())
    }

    fn check_names(&self) -> Result<(), Error> {
        let mut names: Vec<_> = self.all().map(|project| (project.manifest().name(), project)).collect();
        names.sort_by_key(|(name, _)| *name);
        for pair in names.windows(2) {
            if let [(first, one), (second, other)] = pair
                && first == second
            {
                let folders = (one.folder().display().to_string(), other.folder().display().to_string());
                let message = text::same_name(first.as_str(), &folders.0, &folders.1);
                return Err(Diagnostic::new(Code::ManifestConflict, message).into());
            }
        }
        Ok(())
    }
}

/// A folder by what it is, not by how it was reached.
fn identity(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}
