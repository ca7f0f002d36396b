//! Which registry a project's packages come from, written down: a registry that was only named on the command line is
//! unknown to the next command.

use crate::config::{Config, Key, Origin as SettingOrigin};
use crate::dependencies::Sources;
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use crate::manifest_edit::{self, Edited, NewDependency};
use crate::message::dependencies as text;
use crate::project::Project;
use crate::registry::read::known;
use crate::registry::read::location::Location;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::manifest::{FILE_NAME, RegistryPlace};
use vitte_package_core::name::Namespace;
use vitte_package_core::sign::RegistryId;

/// What an edit of the manifest is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Add,
    Remove,
}

impl Intent {
    /// The command, as others who wait for it are told.
    pub(super) fn command(self) -> &'static str {
        match self {
            Self::Add => "vitte package add",
            Self::Remove => "vitte package remove",
        }
    }
}

/// A registry that was named, though not by the project itself.
#[derive(Debug)]
pub(super) struct Named {
    /// As it is given to [`Location::parse`].
    location: String,
    by: By,
}

/// How a registry was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// On the command line.
    Flag,
    /// By a variable or the user's configuration.
    Setting,
    /// It is the only one the user has added.
    Adding,
}

impl Named {
    /// The one that is used here: by the flag, else by a variable or the user's configuration, else the only one the
    /// user has added. None when the project's own files name one: they do so for everybody.
    ///
    /// # Errors
    /// `io`, `config`.
    pub(super) fn of(
        env: &Env,
        config: &Config,
        project: &Project,
        given: Option<&str>,
        intent: Intent,
    ) -> Result<Option<Self>, Error> {
        if let Some(given) = given {
            return Ok(Some(Self { location: given.to_owned(), by: By::Flag }));
        }
        let setting = |location| Some(Self { location, by: By::Setting });
        Ok(match config.get(Key::Registry).map(|setting| &setting.origin) {
            Some(SettingOrigin::File { path, .. }) if path.starts_with(project.root_folder()) => None,
            Some(_) => setting(config.registry(env, None)?),
            None if intent == Intent::Add && project.registries().is_empty() => {
                known::only(env)?.map(|location| Self { location, by: By::Adding })
            }
            None => None,
        })
    }

    /// What goes before the configuration.
    pub(super) fn given(&self) -> Option<&str> {
        (self.by != By::Setting).then_some(self.location.as_str())
    }
}

/// The registry that was named outside of the manifest.
#[derive(Debug)]
pub(super) struct Origin {
    id: RegistryId,
    place: Option<RegistryPlace>,
    called: String,
}

impl Origin {
    /// The registry that was named, which is open.
    ///
    /// # Errors
    /// `manifest-conflict` when a namespace that is wanted belongs to another registry.
    pub(super) fn new(
        env: &Env,
        project: &Project,
        sources: &Sources,
        named: &Named,
        wanted: &[NewDependency],
    ) -> Result<Option<Self>, Error> {
        let given = named.location.as_str();
        let Some(id) = sources.registries().default() else { return Ok(None) };
        // What the manifest says comes before what a variable says, and is contradicted by the flag alone.
        for new in wanted.iter().filter(|new| named.by == By::Flag && new.path.is_none()) {
            let namespace = new.name.namespace_or_none();
            let owner = project.registries().iter().find(|owner| owner.namespaces().contains(&namespace));
            if let Some(owner) = owner.filter(|_| sources.registries().of(&new.name) != Some(id)) {
                let message =
                    text::namespace_elsewhere(new.name.as_str(), given, namespace.as_str(), owner.name());
                let fault = Diagnostic::new(Code::ManifestConflict, message);
                return Err(fault.help(text::namespace_elsewhere_help(namespace.as_str())).into());
            }
        }
        let location = Location::parse(given, env)?;
        let place = match &location {
            Location::Url(url) => Some(RegistryPlace::Index(url.to_string())),
            Location::Directory(folder) => way(project.root_folder(), folder).map(RegistryPlace::Directory),
        };
        let called = match project.registries().iter().find(|one| sources.named(one.name()) == Some(id)) {
            Some(known) => known.name().to_owned(),
            None => free_name(project, &location),
        };
        Ok(Some(Self { id: id.clone(), place, called }))
    }

    /// The namespaces of a lockfile that come from it, though the manifest gives them to no registry.
    fn unowned(&self, project: &Project, lockfile: &Lockfile) -> BTreeSet<Namespace> {
        let owned = |namespace: &Namespace| {
            project.registries().iter().any(|registry| registry.namespaces().contains(namespace))
        };
        let from_here = lockfile
            .packages()
            .iter()
            .filter(|package| package.artifact.as_ref().is_some_and(|artifact| artifact.registry == self.id));
        from_here.map(|package| package.name.namespace_or_none()).filter(|name| !owned(name)).collect()
    }

    /// What is to be written so that every package of `lockfile` is found again. `source` is the text of the
    /// manifest as it will be.
    ///
    /// # Errors
    /// As [`manifest_edit::registry::give`]; `io` when the manifest of the workspace cannot be read.
    pub(super) fn lines(
        &self,
        project: &Project,
        source: &str,
        lockfile: &Lockfile,
    ) -> Result<Option<Line>, Error> {
        let namespaces = self.unowned(project, lockfile);
        let Some(place) = self.place.as_ref().filter(|_| !namespaces.is_empty()) else { return Ok(None) };
        if project.root_folder() == project.folder() {
            let edited = manifest_edit::registry::give(source, &self.called, place, &namespaces)?;
            return Ok(Some(Line { edited, root: None }));
        }
        let path = project.root_folder().join(FILE_NAME);
        let source = fs::read_text(&path, limits::MANIFEST_LEN as u64 + 1)?;
        let edited = manifest_edit::registry::give(&source, &self.called, place, &namespaces)?;
        Ok(Some(Line { edited, root: Some(RootManifest { path, source }) }))
    }
}

/// A line of `[registries]`.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) edited: Edited,
    /// The manifest of the workspace, if it is there.
    pub(super) root: Option<RootManifest>,
}

/// The manifest of a workspace, as it is on disk.
#[derive(Debug)]
pub(super) struct RootManifest {
    pub(super) path: PathBuf,
    pub(super) source: String,
}

/// The way from a project to a folder, as a manifest writes it; `None` where there is none: on another drive.
fn way(from: &Path, to: &Path) -> Option<String> {
    let (from, to) = (from.canonicalize().ok()?, to.canonicalize().ok()?);
    let shared = to.components().zip(from.components()).take_while(|(one, other)| one == other).count();
    let mut parts = Vec::new();
    parts.extend(from.components().skip(shared).map(|_| Some("..")));
    parts.extend(to.components().skip(shared).map(|part| match part {
        Component::Normal(part) => part.to_str().filter(|part| !part.contains([':', '\\'])),
        _ => None,
    }));
    let parts: Option<Vec<&str>> = parts.into_iter().collect();
    parts.map(|parts| if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// A name for a registry that has none in the manifest, after its folder or host.
fn free_name(project: &Project, location: &Location) -> String {
    let shown = location.to_string();
    let word = match location {
        Location::Directory(_) => shown.rsplit(['/', '\\']).find(|part| !part.is_empty()),
        Location::Url(_) => shown.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next()),
    };
    let plain: String = word
        .unwrap_or_default()
        .to_ascii_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .take(limits::NAME_PART_LEN / 2)
        .collect();
    let plain = plain.trim_matches('-');
    let base = if plain.starts_with(|first: char| first.is_ascii_lowercase()) { plain } else { "registry" };
    let taken = |name: &str| project.registries().iter().any(|registry| registry.name() == name);
    if !taken(base) {
        return base.to_owned();
    }
    (2u32..).map(|number| format!("{base}-{number}")).find(|name| !taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_folder_is_relative() {
        let top = tempfile::tempdir().unwrap();
        let at = |path: &str| top.path().join(path);
        for folder in ["app/registry", "reg", "other/reg"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        assert_eq!(way(&at("app"), &at("app/registry")).as_deref(), Some("registry"));
        assert_eq!(way(&at("app"), &at("reg")).as_deref(), Some("../reg"));
        assert_eq!(way(&at("app"), &at("other/reg")).as_deref(), Some("../other/reg"));
        assert_eq!(way(&at("app"), &at("app")).as_deref(), Some("."));
        assert_eq!(way(&at("app"), &at("absent")), None);
    }
}
