//! A project: the folder of a `vitte.toml`, and the workspace it may belong to.

use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::fs;
use crate::language_tool;
use crate::message::{project as text, usage};
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::{Code, Diagnostic, Place, Span};
use vitte_package_core::limits;
use vitte_package_core::manifest::{
    FILE_NAME, Manifest, ManifestErrors, Registry, TrustRule, Workspace, pack,
};
use vitte_package_core::name::PackageName;
use vitte_package_core::nearest::nearest_package;

/// The name of the lockfile, next to the manifest of the project or of its workspace's root.
pub const LOCKFILE_NAME: &str = "vitte.lock";

/// A package in a folder, with its manifest read and checked.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
    path: PathBuf,
    /// The path as faults name it.
    shown: PathBuf,
    source: String,
    manifest: Manifest,
    root: Option<Root>,
}

/// The root of a workspace, which need not be a package itself.
#[derive(Clone, Debug)]
pub struct Root {
    folder: PathBuf,
    workspace: Workspace,
    /// The manifest's text.
    source: Arc<str>,
}

impl Project {
    /// Finds the project of a command: that of `manifest` if given, else the `vitte.toml` in the working folder
    /// or the nearest folder above it.
    ///
    /// # Errors
    /// `no-project` when there is none, those of [`load`](Self::load) otherwise.
    pub fn find(env: &Env, manifest: Option<&Path>) -> Result<Self, Error> {
        match manifest {
            Some(given) => Self::load_for(&env.resolve(given), |path| env.shorten(path)),
            None => Self::load_for(&find_manifest(env.cwd())?, |path| env.shorten(path)),
        }
    }

    /// As [`find`](Self::find), for what concerns a whole workspace: at a root that is no package itself, the first of
    /// its members stands for them all.
    ///
    /// # Errors
    /// As [`find`](Self::find), of every member.
    pub fn find_any(env: &Env, manifest: Option<&Path>) -> Result<Self, Error> {
        let error = match Self::find(env, manifest) {
            Err(error) if error.code() == Code::ManifestMissing => error,
            found => return found,
        };
        match Root::find(env, manifest)? {
            Some(root) => root.members()?.into_iter().next().ok_or(error),
            None => Err(error),
        }
    }

    /// Whether the working folder, or one above it, has a manifest.
    pub fn is_near(env: &Env) -> bool {
        find_manifest(env.cwd()).is_ok()
    }

    /// Reads the project whose manifest is at `path` (a folder stands for the `vitte.toml` in it), and the
    /// workspace that has it as a member.
    ///
    /// # Errors
    /// `no-file` when there is no such file, and every fault of the manifest, with its text for excerpts.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::load_for(path, |path| path)
    }

    /// `shorten` gives a path as faults name it.
    fn load_for(path: &Path, shorten: impl Fn(&Path) -> &Path) -> Result<Self, Error> {
        let path = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
        if !path.exists() {
            let message = text::no_file(&shorten(&path).display().to_string());
            let folder = path.parent().unwrap_or(Path::new("."));
            return Err(match language_tool::nearest(folder).filter(|file| file.parent() == Some(folder)) {
                Some(_) => or_described(Diagnostic::new(Code::NoProject, message), folder, &shorten).into(),
                None => Diagnostic::new(Code::NoFile, message).help(text::no_file_help()).into(),
            });
        }
        let shown = shorten(&path).to_owned();
        let source = read_manifest(&path).map_err(|error| error.in_file(&shown))?;
        Self::read(path, shown, source)
    }

    /// The same project with another text in its manifest, which is not on disk yet.
    ///
    /// # Errors
    /// Every fault of the manifest.
    pub fn with_source(&self, source: String) -> Result<Self, Error> {
        Self::read(self.path.clone(), self.shown.clone(), source)
    }

    /// `shown` is the path as faults name it.
    fn read(path: PathBuf, shown: PathBuf, source: String) -> Result<Self, Error> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let root = find_root(&folder, &source)?;
        let manifest = match &root {
            Some(root) if root.folder != folder => Manifest::parse_member(&source, &root.workspace),
            _ => Manifest::parse(&source),
        };
        let manifest = manifest.map_err(|errors| refuse(&errors, &shown, &source))?;
        Ok(Self { folder, path, shown, source, manifest, root })
    }

    /// The folder of the manifest.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The manifest's file.
    pub fn manifest_path(&self) -> &Path {
        &self.path
    }

    /// The manifest's text, as on disk.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The manifest, inherited values filled in.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The root of the workspace the project belongs to, or is.
    pub fn root(&self) -> Option<&Root> {
        self.root.as_ref()
    }

    /// The folder of the lockfile: the workspace's root, or the project's own.
    pub fn root_folder(&self) -> &Path {
        self.root.as_ref().map_or(&self.folder, |root| &root.folder)
    }

    /// Where the lockfile is, or would be.
    pub fn lockfile_path(&self) -> PathBuf {
        self.root_folder().join(LOCKFILE_NAME)
    }

    /// The registries that count: those of the root.
    pub fn registries(&self) -> &[Registry] {
        self.root.as_ref().map_or(self.manifest.registries(), |root| root.workspace.registries())
    }

    /// The trust rules that count: those of the root.
    pub fn trust(&self) -> &[TrustRule] {
        self.root.as_ref().map_or(self.manifest.trust(), |root| root.workspace.trust())
    }

    /// The manifest as it goes into a package.
    ///
    /// # Errors
    /// When a dependency has a path and no version, or the text cannot be rewritten.
    pub fn packed_manifest(&self) -> Result<Cow<'_, str>, Error> {
        let workspace =
            self.root.as_ref().filter(|root| root.folder != self.folder).map(|root| &root.workspace);
        pack(&self.source, workspace).map_err(|error| {
            let faults = error.diagnostics();
            let error = Error::several(faults).unwrap_or_else(|| Error::from(error));
            self.in_manifest(error)
        })
    }

    /// Says of an error that it is about the manifest, so that the terminal shows the line.
    #[must_use]
    pub fn in_manifest(&self, error: Error) -> Error {
        error.in_text(&self.shown, &self.source)
    }

    /// All packages of the project's workspace, this one included, by folder; this one alone without a
    /// workspace.
    ///
    /// # Errors
    /// Every fault of every member's manifest, and `no-project` for a member without one.
    pub fn members(&self) -> Result<Vec<Self>, Error> {
        match &self.root {
            Some(root) => root.members(),
            None => Ok(vec![self.clone()]),
        }
    }
}

/// Which packages of a workspace a command is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The one here.
    #[default]
    Here,
    /// Those of these names.
    Named(Vec<PackageName>),
    /// All of them.
    Workspace,
}

impl Project {
    /// The projects of a command that may be about several, each behind those that it needs.
    ///
    /// # Errors
    /// As [`find`](Self::find) and [`members`](Self::members); `not-found` for a name that no member has.
    pub fn choose(env: &Env, manifest: Option<&Path>, choice: &Choice) -> Result<Vec<Self>, Error> {
        if *choice == Choice::Here {
            return Self::find(env, manifest).map(|project| vec![project]);
        }
        let members = Self::find_any(env, manifest)?.members()?;
        if let Choice::Named(names) = choice {
            let known: Vec<PackageName> =
                members.iter().map(|member| member.manifest.name().clone()).collect();
            if let Some(absent) = names.iter().find(|name| !known.contains(name)) {
                let fault = Diagnostic::new(Code::NotFound, text::no_member(absent.as_str()));
                let near = nearest_package(absent, &known).map(|near| usage::did_you_mean(near.as_str()));
                let all: Vec<&str> = known.iter().map(PackageName::as_str).collect();
                return Err(fault.help(near.unwrap_or_else(|| text::members_are(&all.join(", ")))).into());
            }
        }
        // One that is not chosen may stand between two that are.
        let mut members = in_order(members);
        if let Choice::Named(names) = choice {
            members.retain(|member| names.contains(member.manifest.name()));
        }
        Ok(members)
    }
}

/// Each project behind those that it needs; what goes in circles stays in its order.
fn in_order(mut projects: Vec<Project>) -> Vec<Project> {
    let mut ordered: Vec<Project> = Vec::with_capacity(projects.len());
    while !projects.is_empty() {
        let waits = |project: &Project| {
            let needs =
                project.manifest.dependencies().iter().filter(|need| need.kind() != DependencyKind::Dev);
            needs.map(|need| need.name()).any(|name| {
                name != project.manifest.name() && projects.iter().any(|other| other.manifest.name() == name)
            })
        };
        let next = projects.iter().position(|project| !waits(project)).unwrap_or(0);
        ordered.push(projects.remove(next));
    }
    ordered
}

impl Root {
    /// Finds the workspace of a folder that need not be a package itself: a root without `[package]`.
    ///
    /// # Errors
    /// `no-project` when there is no `vitte.toml`, and the faults of the manifest that is found.
    pub fn find(env: &Env, manifest: Option<&Path>) -> Result<Option<Self>, Error> {
        let path = match manifest {
            Some(given) => env.resolve(given),
            None => find_manifest(env.cwd())?,
        };
        let path = if path.is_dir() { path.join(FILE_NAME) } else { path };
        let source = read_manifest(&path).map_err(|error| error.in_file(&path))?;
        find_root(path.parent().unwrap_or(Path::new("")), &source)
    }

    /// The folder of the root's manifest.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the root says.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The packages of the workspace, sorted by folder: the root, if it is one, and the members.
    ///
    /// # Errors
    /// Every fault of every member's manifest.
    pub fn members(&self) -> Result<Vec<Project>, Error> {
        let mut folders = Vec::new();
        let own = self.folder.join(FILE_NAME);
        let source = read_manifest(&own).map_err(|error| error.in_file(&own))?;
        if has_package(&source) {
            folders.push(self.folder.clone());
        }
        for pattern in self.workspace.members() {
            let found = self.member_folders(pattern)?;
            if found.is_empty() {
                let fault = Diagnostic::new(Code::NoProject, text::members_none(pattern));
                return Err(self.at_pattern(pattern, fault.help(text::members_pattern_help())));
            }
            folders.extend(found);
        }
        folders.sort();
        folders.dedup();
        let mut projects = Vec::new();
        let mut faults: Option<Error> = None;
        for folder in folders {
            match Project::load(&folder.join(FILE_NAME)) {
                Ok(project) => projects.push(project),
                Err(error) => {
                    faults = Some(match faults {
                        Some(faults) => faults.and(error),
                        None => error,
                    });
                }
            }
        }
        faults.map_or(Ok(projects), Err)
    }

    /// The folders with a manifest that a pattern matches, component by component.
    fn member_folders(&self, pattern: &str) -> Result<Vec<PathBuf>, Error> {
        let exclude = self.globs(self.workspace.exclude())?;
        let mut folders = vec![self.folder.clone()];
        for component in pattern.split('/').filter(|component| !matches!(*component, "" | ".")) {
            let mut next = Vec::new();
            for folder in folders {
                if !component.contains(['*', '?', '[', '{']) {
                    next.push(folder.join(component));
                    continue;
                }
                let matcher = glob(component).map(|glob| glob.compile_matcher());
                let matcher = matcher.map_err(|fault| self.at_pattern(pattern, *fault))?;
                // A folder that is not there has no members.
                if !folder.is_dir() {
                    continue;
                }
                for entry in std::fs::read_dir(&folder).on(IoAction::List, &folder)? {
                    let entry = entry.on(IoAction::List, &folder)?;
                    if entry.path().is_dir() && matcher.is_match(Path::new(&entry.file_name())) {
                        next.push(entry.path());
                    }
                }
            }
            folders = next;
        }
        folders.retain(|folder| {
            let relative = folder.strip_prefix(&self.folder).unwrap_or(folder);
            folder.join(FILE_NAME).is_file() && !exclude.is_match(relative)
        });
        Ok(folders)
    }

    fn has_member(&self, folder: &Path) -> Result<bool, Error> {
        let Ok(relative) = folder.strip_prefix(&self.folder) else { return Ok(false) };
        let members = self.globs(self.workspace.members())?;
        let exclude = self.globs(self.workspace.exclude())?;
        Ok(members.is_match(relative) && !exclude.is_match(relative))
    }

    /// Patterns of this root, in which `*` does not cross a `/`.
    fn globs(&self, patterns: &[String]) -> Result<GlobSet, Error> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(glob(pattern).map_err(|fault| self.at_pattern(pattern, *fault))?);
        }
        set.build().map_err(|error| Diagnostic::new(Code::ManifestValue, error.to_string()).into())
    }

    /// A fault, at the line of the root's manifest that holds the pattern.
    fn at_pattern(&self, pattern: &str, fault: Diagnostic) -> Error {
        let quoted = ['"', '\''].map(|quote| format!("{quote}{pattern}{quote}"));
        let place = quoted.iter().find_map(|text| Some((self.source.find(text)?, text.len())));
        let fault = match place {
            Some((start, len)) => fault.at(Place::Source(Span { start, end: start + len })),
            None => fault,
        };
        Error::from(fault).in_text(self.folder.join(FILE_NAME), &self.source)
    }
}

/// Reads a manifest. What is no text, or too long for one, is a fault of the manifest and not of the disk.
fn read_manifest(path: &Path) -> Result<String, Error> {
    // A byte more than allowed is left for the parser to refuse.
    let bytes = fs::read(path, limits::MANIFEST_LEN as u64 + 1).map_err(|error| match error.code() {
        Code::Limit => {
            Diagnostic::new(Code::ManifestTooLarge, text::too_large(limits::MANIFEST_LEN as u64)).into()
        }
        _ => error,
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() as u64;
        Diagnostic::new(Code::ManifestSyntax, text::not_utf8()).at(Place::Offset { offset: at }).into()
    })
}

/// The nearest manifest at or above a folder.
fn find_manifest(from: &Path) -> Result<PathBuf, Error> {
    let found = from.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let absent = Diagnostic::new(Code::NoProject, text::none(&from.display().to_string()));
        or_described(absent, from, |path| path).into()
    })
}

/// That there is no manifest, or that there is a description by the language's own tool instead.
fn or_described(absent: Diagnostic, from: &Path, shorten: impl Fn(&Path) -> &Path) -> Diagnostic {
    let Some(file) = language_tool::nearest(from) else { return absent.help(text::none_help()) };
    let message = text::described(&shorten(&file).display().to_string());
    let folder = file.parent().unwrap_or(from);
    let help = match folder == from {
        true => text::none_help(),
        false => text::described_help(&shorten(folder).display().to_string()),
    };
    Diagnostic::new(Code::NoProject, message).help(help)
}

/// The workspace root a project belongs to: itself, or the nearest one above that has it as a member.
fn find_root(folder: &Path, source: &str) -> Result<Option<Root>, Error> {
    if let Ok(Some(workspace)) = Workspace::parse(source) {
        return Ok(Some(Root { folder: folder.to_owned(), workspace, source: source.into() }));
    }
    for above in folder.ancestors().skip(1) {
        let path = above.join(FILE_NAME);
        if std::fs::symlink_metadata(&path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            continue;
        }
        let source = read_manifest(&path).map_err(|error| error.in_file(&path))?;
        let workspace = Workspace::parse(&source).map_err(|errors| refuse(&errors, &path, &source))?;
        if let Some(workspace) = workspace {
            let root = Root { folder: above.to_owned(), workspace, source: source.into() };
            return Ok(root.has_member(folder)?.then_some(root));
        }
    }
    Ok(None)
}

/// Whether a root is a package too; faults are found when it is read as one.
fn has_package(source: &str) -> bool {
    toml::de::DeTable::parse(source).is_ok_and(|root| root.get_ref().contains_key("package"))
}

fn refuse(errors: &ManifestErrors, path: &Path, source: &str) -> Error {
    let error = Error::several(errors.diagnostics());
    let error = error.unwrap_or_else(|| Diagnostic::new(Code::ManifestSyntax, errors.to_string()).into());
    error.in_text(path, source)
}

fn glob(pattern: &str) -> Result<Glob, Box<Diagnostic>> {
    let plain = pattern.trim_start_matches("./").trim_end_matches('/');
    GlobBuilder::new(plain).literal_separator(true).build().map_err(|error| {
        let message = text::pattern(pattern, &error.kind().to_string());
        Box::new(Diagnostic::new(Code::ManifestValue, message).help(text::members_pattern_help()))
    })
}
