//! Which files of a project go into a package, in which section, with which mode.
//!
//! Source: archive format document, sections 5 (paths, links, the executable bit) and 11 (files, sections). All
//! faults are reported at once; nothing is read but folders, link targets and, where the system has no
//! executable bit, the first bytes of files.

mod documents;
mod ignored;
mod mode;
mod own;
mod patterns;
mod walk;

use crate::builder::{Input, InputSource};
use crate::error::{Error, IoAction, IoContext};
use crate::message::project as text;
use crate::project::{LOCKFILE_NAME, Project};
use crate::report::{Reporter, Silent};
use documents::Document;
pub(crate) use ignored::Ignored;
use patterns::Patterns;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic, Place, Span};
use vitte_package_core::manifest::{FILE_NAME, Manifest, Symlinks};
use vitte_package_core::path::{PackagePath, PathSet};
use vitte_package_core::target::Target;
use vitte_package_core::tree::{Entry, Mode, Section, SectionName, Tree, is_meta_path};
use walk::{Found, LeaveOut, Rules, Walk};

/// A file that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its path in the package.
    pub path: PackagePath,
    /// Where its content is.
    pub file: PathBuf,
    /// Its mode in the package.
    pub mode: Mode,
    /// Its section; readme, licences and changelog of the root belong to `meta` by rule.
    pub section: SectionName,
    /// Whether a pattern of `include` chose it, rather than a rule or the absence of `include`.
    pub named: bool,
}

/// The files of a package to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    files: Vec<Chosen>,
    manifest: Option<String>,
    unused_exec: Vec<String>,
}

impl Selection {
    /// The files, sorted by the bytes of their paths. `vitte.toml` is among them.
    pub fn files(&self) -> &[Chosen] {
        &self.files
    }

    /// Whether the text of a licence is among them.
    pub fn has_licence(&self) -> bool {
        self.files.iter().any(|chosen| documents::is_licence(chosen.path.as_str()))
    }

    /// The text of `vitte.toml` in the package, where it is not that of the file.
    pub fn manifest(&self) -> Option<&str> {
        self.manifest.as_deref()
    }

    /// What the builder takes.
    pub fn into_inputs(self) -> Vec<Input> {
        let mut manifest = self.manifest;
        let input = |chosen: Chosen| {
            let rewritten = if chosen.path.as_str() == FILE_NAME { manifest.take() } else { None };
            let source = match rewritten {
                Some(text) => InputSource::Bytes(text.into_bytes()),
                None => InputSource::File(chosen.file),
            };
            Input { path: chosen.path, section: chosen.section, mode: chosen.mode, source }
        };
        self.files.into_iter().map(input).collect()
    }
}

/// Chooses the source files of a `.vitmod`. `out` is the folder that packages are written to: those in it are never
/// packed.
///
/// # Errors
/// Every fault of every file: paths that are not safe everywhere, links and special files, two sections for one
/// file; and those of the manifest: a pattern that cannot be understood, a library or program that is not among
/// the files or is fetched only later, a readme that is not there.
pub fn select_source(
    project: &Project,
    out: Option<&Path>,
    reporter: &dyn Reporter,
) -> Result<Selection, Error> {
    let manifest = project.manifest();
    let mut picker = Picker::new(project)?;
    let mut faults = Vec::new();
    let rules = Rules {
        include: Patterns::new(manifest.include(), manifest.place_of("include"), &mut faults),
        exclude: Patterns::new(manifest.exclude(), manifest.place_of("exclude"), &mut faults),
    };
    if let Some(error) = Error::several(faults) {
        return Err(project.in_manifest(error));
    }
    picker.leave_out = if rules.include.is_empty() { LeaveOut::Exclude } else { LeaveOut::Include };
    let built = manifest.build().map(|build| project.folder().join(build.out().as_str()));
    let has_list = !rules.include.is_empty();
    let walk = Walk {
        folder: project.folder(),
        bounds: project.folder(),
        built: built.as_deref(),
        archives: out,
        stem: manifest.name().base(),
        symlinks: manifest.symlinks(),
        rules: Some(&rules),
        ignored: (!has_list).then(|| Ignored::new(project.folder(), project.root_folder())),
    };
    picker.walk(walk, reporter)?;
    picker.lockfile()?;
    picker.documents(&[Document::Readme, Document::Licence, Document::Notice])?;
    picker.readme()?;
    picker.source_paths();
    for (key, patterns) in [("include", &rules.include), ("exclude", &rules.exclude)] {
        for pattern in patterns.unused() {
            reporter.warned(unused(key, &pattern));
        }
    }
    // Where there is a build command, its files may be the ones to select: see `select_built`.
    if manifest.build().is_none() {
        for pattern in picker.unused_exec() {
            reporter.warned(unused("exec", &pattern));
        }
    }
    picker.finish(reporter)
}

fn unused(key: &str, pattern: &str) -> Diagnostic {
    let message = match pattern.strip_prefix('!') {
        None if key == "exclude" => text::pattern_leaves_nothing_out(key, pattern),
        None => text::pattern_unused(key, pattern),
        Some(_) => text::pattern_excepts_nothing(key, pattern),
    };
    Diagnostic::new(Code::ManifestValue, message).help(text::pattern_unused_help())
}

/// Chooses the files of a `.vitpkg` for `target`: the `meta` files of the project, and all that the build left
/// in its folder.
///
/// # Errors
/// As [`select_source`]; also when there is no `[build]`, when its folder or a declared program is not there, when the
/// folder is empty, or when a program is not executable.
pub fn select_built(project: &Project, target: &Target, reporter: &dyn Reporter) -> Result<Selection, Error> {
    let manifest = project.manifest();
    let Some(build) = manifest.build() else {
        let missing = Diagnostic::new(Code::ManifestMissing, text::no_build()).help(text::no_build_help());
        return Err(project.in_manifest(missing.at(Place::Source(manifest.package_place())).into()));
    };
    let folder = project.folder().join(build.out().as_str());
    let help = || text::out_absent_help(&build.command().join(" "));
    if !folder.is_dir() {
        return Err(Diagnostic::new(Code::Build, text::out_absent(build.out().as_str())).help(help()).into());
    }
    let mut picker = Picker::new(project)?;
    picker.leave_out = LeaveOut::Build;
    let walk = Walk {
        folder: &folder,
        bounds: project.folder(),
        built: None,
        archives: None,
        stem: manifest.name().base(),
        symlinks: manifest.symlinks(),
        rules: None,
        ignored: None,
    };
    let before = picker.chosen.len();
    picker.walk(walk, reporter)?;
    // A program that is missing is reported by its name.
    if picker.chosen.len() == before && picker.faults.is_empty() && manifest.bins().is_empty() {
        return Err(Diagnostic::new(Code::Build, text::out_empty(build.out().as_str())).help(help()).into());
    }
    picker.documents(&[Document::Readme, Document::Licence, Document::Notice, Document::Changelog])?;
    picker.programs(target);
    let idle = picker.unused_exec();
    if !idle.is_empty() {
        // A pattern may be about the sources.
        let idle_there = select_source(project, None, &Silent).map(|selection| selection.unused_exec);
        for pattern in
            idle.iter().filter(|pattern| idle_there.as_ref().is_ok_and(|idle| idle.contains(pattern)))
        {
            reporter.warned(unused("exec", pattern));
        }
    }
    picker.finish(reporter)
}

/// The files of a package that was unpacked into `folder`: chosen before, by the manifest it carries.
pub fn unpacked(manifest: &Manifest, tree: &Tree, folder: &Path) -> Vec<Chosen> {
    // A pattern that cannot be understood names nothing, and was reported when the package was built.
    let include = Patterns::new(manifest.include(), None, &mut Vec::new());
    let chosen = |section: &Section<'_>, entry: &Entry| Chosen {
        path: entry.path().clone(),
        file: folder.join(entry.path().as_str()),
        mode: entry.mode(),
        section: section.name().clone(),
        named: include.matches(entry.path().as_str()),
    };
    let files =
        tree.sections().flat_map(|section| section.entries().iter().map(move |entry| (section, entry)));
    files.map(|(section, entry)| chosen(&section, entry)).collect()
}

/// Collects chosen files and faults.
struct Picker<'a> {
    project: &'a Project,
    sections: Vec<(SectionName, Span, Patterns)>,
    exec: Option<Patterns>,
    chosen: BTreeMap<PackagePath, Chosen>,
    paths: PathSet,
    /// Faults of files.
    faults: Vec<Diagnostic>,
    /// Faults of the manifest, with a place in its text.
    manifest_faults: Vec<Diagnostic>,
    /// How a file can be left out.
    leave_out: LeaveOut,
}

impl<'a> Picker<'a> {
    fn new(project: &'a Project) -> Result<Self, Error> {
        let manifest = project.manifest();
        let mut faults = Vec::new();
        let sections = manifest.sections().iter().map(|section| {
            let patterns = Patterns::new(section.patterns(), Some(section.span()), &mut faults);
            (section.name().clone(), section.span(), patterns)
        });
        let sections = sections.collect();
        let exec = manifest.exec().map(|given| Patterns::new(given, manifest.place_of("exec"), &mut faults));
        if let Some(error) = Error::several(faults) {
            return Err(project.in_manifest(error));
        }
        let mut picker = Self {
            project,
            sections,
            exec,
            chosen: BTreeMap::new(),
            paths: PathSet::new(),
            faults: Vec::new(),
            manifest_faults: Vec::new(),
            leave_out: LeaveOut::Exclude,
        };
        // The manifest under the one name it has in a package, whatever file it was read from.
        picker.add(FILE_NAME.as_bytes(), project.manifest_path(), false)?;
        Ok(picker)
    }

    fn walk(&mut self, walk: Walk<'_>, reporter: &dyn Reporter) -> Result<(), Error> {
        let is_source = walk.rules.is_some();
        let (found, faults) = walk.run(reporter)?;
        self.faults.extend(faults);
        for Found { path, file, named } in found {
            // The lockfile belongs to tools, and then by rule: see `lockfile`.
            let by_rule = path == FILE_NAME.as_bytes() || path == LOCKFILE_NAME.as_bytes() && !named;
            if !(is_source && by_rule) {
                self.add(&path, &file, named)?;
            }
        }
        Ok(())
    }

    /// Takes a file, or notes what is wrong with it.
    fn add(&mut self, path: &[u8], file: &Path, named: bool) -> Result<(), Error> {
        let path = match PackagePath::from_bytes(path) {
            Ok(path) => path,
            Err(error) => {
                self.bad_path(error.diagnostic(), &String::from_utf8_lossy(path));
                return Ok(());
            }
        };
        if let Err(error) = self.paths.insert(&path) {
            self.bad_path(error.diagnostic(), path.as_str());
            return Ok(());
        }
        let section = self.section(path.as_str());
        let manifest = self.project.manifest();
        let mode = match path.as_str() == FILE_NAME {
            true => Mode::Regular,
            false => mode::of(path.as_str(), file, self.exec.as_ref(), manifest)?,
        };
        let chosen = Chosen { path: path.clone(), file: file.to_owned(), mode, section, named };
        self.chosen.insert(path, chosen);
        Ok(())
    }

    /// Notes a path that cannot be packed, with the advice that fits the manifest.
    fn bad_path(&mut self, mut fault: Diagnostic, path: &str) {
        fault.help = vec![self.leave_out.rename_help(path)];
        self.faults.push(fault);
    }

    fn section(&mut self, path: &str) -> SectionName {
        if is_meta_path(path) {
            return SectionName::meta();
        }
        let mut matching = self.sections.iter().filter(|(_, _, patterns)| patterns.matches(path));
        let first = matching.next();
        if let (Some((first, _, _)), Some((second, span, _))) = (first, matching.next()) {
            let message = text::section_twice(path, first.as_str(), second.as_str());
            let twice = Diagnostic::new(Code::Section, message).at(Place::Source(*span));
            self.manifest_faults.push(twice.help(text::section_twice_help(path)).with("path", path));
        }
        first.map_or_else(SectionName::default_section, |(name, _, _)| name.clone())
    }

    /// Takes the documents of the root that are always in, whatever the patterns say. A member of a workspace without a
    /// licence or a notice of its own has those of the workspace.
    fn documents(&mut self, wanted: &[Document]) -> Result<(), Error> {
        let folder = self.project.folder();
        self.documents_of(folder, wanted)?;
        let root = self.project.root_folder();
        if root != folder {
            let is_there = |picker: &Self, document| {
                picker.chosen.keys().any(|path| match document {
                    Document::Licence => documents::is_licence(path.as_str()),
                    _ => !path.as_str().contains('/') && documents::of(path.as_str()) == Some(document),
                })
            };
            let inherited = [Document::Licence, Document::Notice];
            let missing: Vec<_> =
                inherited.into_iter().filter(|document| !is_there(self, *document)).collect();
            self.documents_of(root, &missing)?;
        }
        Ok(())
    }

    /// Takes the documents of a folder.
    fn documents_of(&mut self, folder: &Path, wanted: &[Document]) -> Result<(), Error> {
        let mut files = Vec::new();
        for name in names_in(folder)? {
            let shown = name.to_string_lossy();
            if documents::FOLDERS.contains(&&*shown) {
                let texts = folder.join(&name);
                if wanted.contains(&Document::Licence) && texts.is_dir() && !texts.is_symlink() {
                    let below = |file: OsString| {
                        let path = [name.as_encoded_bytes(), file.as_encoded_bytes()].join(&b'/');
                        (path, texts.join(file))
                    };
                    files.extend(names_in(&texts)?.into_iter().map(below));
                }
            } else if documents::of(&shown).is_some_and(|document| wanted.contains(&document)) {
                files.push((name.as_encoded_bytes().to_vec(), folder.join(&name)));
            }
        }
        files.sort();
        for (path, file) in files {
            self.always(&path, &file, folder)?;
        }
        Ok(())
    }

    /// Takes one file that is always in, unless it is chosen already or is a folder. A link may not lead out of `bounds`.
    fn always(&mut self, path: &[u8], file: &Path, bounds: &Path) -> Result<(), Error> {
        // Where one spelling is in, another of the same name would be in its way.
        let chosen = |known: &PackagePath| known.as_str().as_bytes().eq_ignore_ascii_case(path);
        if self.chosen.keys().any(chosen) || !file.is_file() {
            return Ok(());
        }
        let shown = String::from_utf8_lossy(path);
        if file.is_symlink() {
            let bounds = std::fs::canonicalize(bounds).on(IoAction::Read, bounds)?;
            let inside = std::fs::canonicalize(file).is_ok_and(|target| target.starts_with(&bounds));
            let fault = match self.project.manifest().symlinks() {
                Symlinks::Error => Some(walk::link(&shown)),
                Symlinks::Follow if !inside => Some(walk::outside(file, &shown, self.leave_out)),
                Symlinks::Follow => None,
            };
            if let Some(fault) = fault {
                // The walk has reported it, if the patterns chose the file.
                if !self.faults.contains(&fault) {
                    self.faults.push(fault);
                }
                return Ok(());
            }
        }
        self.add(path, file, false)
    }

    /// The patterns of `exec` that match none of the files.
    fn unused_exec(&self) -> Vec<String> {
        self.exec.as_ref().map(Patterns::unused).unwrap_or_default()
    }

    /// A tool is installed with its own lock: that of its workspace.
    fn lockfile(&mut self) -> Result<(), Error> {
        if self.project.manifest().bins().is_empty() {
            return Ok(());
        }
        let bounds = self.project.folder();
        self.always(LOCKFILE_NAME.as_bytes(), &self.project.lockfile_path(), bounds)
    }

    /// The readme that the manifest names.
    fn readme(&mut self) -> Result<(), Error> {
        let manifest = self.project.manifest();
        let Some(readme) = manifest.readme() else { return Ok(()) };
        let file = self.project.folder().join(readme.as_str());
        if !file.is_file() {
            let place = manifest.place_of("readme").unwrap_or(manifest.package_place());
            let absent = Diagnostic::new(Code::Source, text::readme_absent(readme.as_str()));
            self.manifest_faults.push(absent.at(Place::Source(place)).with("path", readme.as_str()));
            return Ok(());
        }
        self.always(readme.as_str().as_bytes(), &file, self.project.folder())
    }

    /// The library and the programs must be among the files, and fetched with every install.
    fn source_paths(&mut self) {
        let manifest = self.project.manifest();
        let lib = manifest.lib().map(|lib| (lib.path(), lib.span()));
        let bins = manifest.bins().iter().map(|bin| (bin.path(), bin.span()));
        for (path, span) in lib.into_iter().chain(bins) {
            let Some(chosen) = self.chosen.get(path) else {
                let there = self.project.folder().join(path.as_str()).exists();
                let why = if there { text::not_chosen_left_out() } else { text::not_chosen_absent() };
                let fault = Diagnostic::new(Code::Source, text::not_chosen(path.as_str()));
                self.manifest_faults
                    .push(fault.at(Place::Source(span)).label(why).with("path", path.as_str()));
                continue;
            };
            if chosen.section.is_deferred() {
                self.manifest_faults.push(deferred(chosen, span));
            }
        }
    }

    /// Every declared program must be at `bin/<name>`, executable and fetched with every install.
    fn programs(&mut self, target: &Target) {
        let extension = if target.is_windows() { ".exe" } else { "" };
        for bin in self.project.manifest().bins() {
            let path = format!("bin/{}{extension}", bin.name());
            let Some(chosen) = self.chosen.values().find(|chosen| chosen.path.as_str() == path) else {
                let fault = Diagnostic::new(Code::Build, text::program_absent(bin.name(), &path));
                let fault = fault.at(Place::Source(bin.span())).help(text::program_absent_help(&path));
                self.manifest_faults.push(fault.with("path", path));
                continue;
            };
            if chosen.mode != Mode::Executable && !target.is_windows() {
                let file = chosen.file.display().to_string();
                let fault = Diagnostic::new(Code::Build, text::program_not_executable(&file));
                self.faults.push(fault.help(text::program_not_executable_help(&file)).with("path", path));
            }
            if chosen.section.is_deferred() {
                self.manifest_faults.push(deferred(chosen, bin.span()));
            }
        }
    }

    fn finish(self, reporter: &dyn Reporter) -> Result<Selection, Error> {
        let project = self.project;
        let used = |name: &SectionName| self.chosen.values().any(|chosen| chosen.section == *name);
        for (name, _, _) in self.sections.iter().filter(|(name, _, _)| !used(name)) {
            reporter.warned(Diagnostic::new(Code::Section, text::section_unused(name.as_str())));
        }
        let in_manifest = Error::several(self.manifest_faults).map(|error| project.in_manifest(error));
        let in_files = Error::several(self.faults);
        let packed = project.packed_manifest();
        let manifest = match &packed {
            Ok(text) if text != project.source() => Some(text.clone().into_owned()),
            _ => None,
        };
        let unused_exec = self.exec.as_ref().map(Patterns::unused).unwrap_or_default();
        match [in_manifest, in_files, packed.err()].into_iter().flatten().reduce(Error::and) {
            Some(error) => Err(error),
            None => Ok(Selection { files: self.chosen.into_values().collect(), manifest, unused_exec }),
        }
    }
}

/// The names of what is in a folder.
fn names_in(folder: &Path) -> Result<Vec<OsString>, Error> {
    let entries = std::fs::read_dir(folder).on(IoAction::List, folder)?;
    entries.map(|entry| Ok(entry.on(IoAction::List, folder)?.file_name())).collect()
}

fn deferred(chosen: &Chosen, span: Span) -> Diagnostic {
    let path = chosen.path.as_str();
    Diagnostic::new(Code::Section, text::deferred(path, chosen.section.as_str()))
        .at(Place::Source(span))
        .help(text::deferred_help(path))
        .with("path", path)
}
