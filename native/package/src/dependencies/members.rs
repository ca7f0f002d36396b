//! The packages on this machine that take part in a resolution.

use crate::error::Error;
use crate::message::dependencies as text;
use crate::project::Project;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::manifest::FILE_NAME;
use vitte_package_core::resolve::{FeatureSelection, Member, Role};

/// The projects of a workspace and every package they reach by a path.
#[derive(Clone, Debug)]
pub struct Members {
    project: Project,
    roots: Vec<Project>,
    paths: Vec<Project>,
    #[cfg(test)]
    lookups: usize,
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
        let mut members = Self {
            project,
            roots,
            paths: Vec::new(),
            #[cfg(test)]
            lookups: 0,
        };
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
        let mut folders = Folders::default();
        let mut queue: Vec<Project> = self.roots.clone();
        let mut found: Vec<Project> = self.roots.clone();
        for (at, root) in self.roots.iter().enumerate() {
            let id = folders.identity(root.folder());
            folders.known.insert(id, at);
        }
        while let Some(project) = queue.pop() {
            for dependency in project.manifest().dependencies() {
                let Some(path) = dependency.path() else { continue };
                let base = if dependency.inherits_path() { project.root_folder() } else { project.folder() };
                let at = |error: Error| project.in_manifest(error);
                let folder = tidy(&base.join(path));
                let id = folders.identity(&folder);
                let known = folders.known.get(&id).copied();
                let place = match known {
                    Some(place) => place,
                    None if !folder.join(FILE_NAME).is_file() => {
                        let message = text::path_without_project(dependency.name().as_str(), path);
                        let fault = Diagnostic::new(Code::NoProject, message);
                        return Err(at(fault.at(Place::Source(dependency.span())).into()));
                    }
                    None => {
                        found.push(Project::load(&folder).map_err(at)?);
                        found.len() - 1
                    }
                };
                let Some(other) = found.get(place) else { continue };
                if other.manifest().name() != dependency.name() {
                    let message = text::path_other_name(
                        dependency.name().as_str(),
                        path,
                        other.manifest().name().as_str(),
                    );
                    let fault =
                        Diagnostic::new(Code::ManifestConflict, message).at(Place::Source(dependency.span()));
                    return Err(at(fault.into()));
                }
                if known.is_none() {
                    folders.known.insert(id, place);
                    queue.push(other.clone());
                }
            }
        }
        self.paths = found.split_off(self.roots.len());
        self.paths.sort_by(|a, b| a.manifest().name().cmp(b.manifest().name()));
        #[cfg(test)]
        {
            self.lookups = folders.lookups;
        }
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

/// Folders by what they are, not by how they were reached.
#[derive(Default)]
struct Folders {
    known: BTreeMap<PathBuf, usize>,
    /// How often the system was asked.
    lookups: usize,
}

impl Folders {
    fn identity(&mut self, folder: &Path) -> PathBuf {
        self.lookups += 1;
        folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
    }
}

/// A path without `..` and `.`, where that leads to the same folder: otherwise each step of a chain makes it longer.
fn tidy(folder: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for part in folder.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(short.components().next_back(), Some(Component::Normal(_))) => {
                short.pop();
            }
            part => short.push(part),
        }
    }
    // Behind a link, `..` is not the folder above.
    let same = || Some(short.canonicalize().ok()? == folder.canonicalize().ok()?);
    if same().unwrap_or(false) { short } else { folder.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `length` packages in sibling folders, each of which needs the next by its path.
    fn chain(top: &Path, length: usize) {
        for number in 0..length {
            let folder = top.join(format!("p{number}"));
            std::fs::create_dir(&folder).unwrap();
            let needs = match number + 1 {
                next if next < length => format!("\"demo/p{next}\" = {{ path = \"../p{next}\" }}\n"),
                _ => String::new(),
            };
            let text =
                format!("[package]\nname = \"demo/p{number}\"\nversion = \"1.0.0\"\n[dependencies]\n{needs}");
            std::fs::write(folder.join(FILE_NAME), text).unwrap();
        }
    }

    #[test]
    fn each_folder_of_a_chain_is_asked_about_once() {
        let top = tempfile::tempdir().unwrap();
        let length = 600;
        chain(top.path(), length);
        let members = Members::collect(Project::load(&top.path().join("p0")).unwrap()).unwrap();
        assert_eq!(members.all().count(), length);
        assert_eq!(members.lookups, length);
        let longest = members.all().map(|member| member.folder().as_os_str().len()).max().unwrap();
        assert_eq!(longest, top.path().join("p599").as_os_str().len());
    }

    #[cfg(unix)]
    #[test]
    fn behind_a_link_the_folder_above_is_that_of_its_target() {
        let top = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(top.path().join("far/away")).unwrap();
        std::os::unix::fs::symlink("far/away", top.path().join("link")).unwrap();
        assert_eq!(tidy(&top.path().join("far/away/../away")), top.path().join("far/away"));
        let through = top.path().join("link/../away");
        assert_eq!(tidy(&through), through);
    }
}
