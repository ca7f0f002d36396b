//! Beginning packages from the descriptions of the Vitte language's own tool.

use super::{ATTRIBUTES, ATTRIBUTES_FILE, IGNORE_FILE, NewPackage, ignore_results};
use crate::error::Error;
use crate::fs::{self, Access};
use crate::language_tool::{self, Description, Needed, PACKAGE_FILE, WORKSPACE_FILE};
use crate::message::project as text;
use crate::project::Project;
use std::path::{Path, PathBuf};
use vitte_package_core::manifest::{FILE_NAME, Manifest};
use vitte_package_core::name::{Namespace, PackageName};

/// Whether a folder has such a description.
pub fn is_described(folder: &Path) -> bool {
    [PACKAGE_FILE, WORKSPACE_FILE].iter().any(|name| folder.join(name).is_file())
}

/// Begins the package of a folder, and with a `vitte-workspace.json` those of all members, by what their descriptions say.
/// Names get the namespace. The descriptions stay as they are.
///
/// # Errors
/// `project-exists` when the folder has a `vitte.toml`, `name` when a name is none, `manifest-syntax` when a description
/// cannot be read, `io`, `no-space`. Nothing is written then, but for members that came first.
pub fn init(folder: &Path, name: Option<&str>, namespace: Option<&Namespace>) -> Result<NewPackage, Error> {
    if folder.join(FILE_NAME).symlink_metadata().is_ok() {
        return Err(super::exists(&folder.join(FILE_NAME)));
    }
    let mut all = Collected::default();
    let members = language_tool::members(folder)?;
    for member in members.iter().flatten() {
        let place = folder.join(member);
        let is_new = place.join(FILE_NAME).symlink_metadata().is_err();
        match language_tool::package(&place)?.filter(|_| is_new) {
            Some(description) => {
                let created = Package::new(&place, &description, None, namespace)?;
                let shown = |file: &str| format!("{}/{file}", member.trim_end_matches('/'));
                all.not_taken
                    .extend(created.not_taken.iter().map(|key| shown(&format!("{PACKAGE_FILE}: {key}"))));
                write(&place, &created.manifest)?;
                all.files.push(shown(FILE_NAME));
                all.names.push(created.name);
            }
            // A member without a manifest would stop every command.
            None if is_new => {
                all.not_taken.push(format!("{WORKSPACE_FILE}: {member}"));
                continue;
            }
            None => {}
        }
        all.members.push(member.clone());
    }
    let mut manifest = String::new();
    if let Some(description) = language_tool::package(folder)? {
        let created = Package::new(folder, &description, name, namespace)?;
        all.not_taken.extend(created.not_taken.iter().map(|key| format!("{PACKAGE_FILE}: {key}")));
        all.names.insert(0, created.name);
        manifest.push_str(&created.manifest);
    }
    if members.is_some() {
        let list = all.members.iter().map(|member| quoted(member)).collect::<Vec<_>>().join(", ");
        let gap = if manifest.is_empty() { "" } else { "\n" };
        manifest.push_str(&format!(
            "{gap}# Taken over from {WORKSPACE_FILE}.\n[workspace]\nmembers = [{list}]\n"
        ));
    }
    write(folder, &manifest)?;
    all.files.insert(0, FILE_NAME.to_owned());
    if ignore_results(folder)? {
        all.files.insert(1, IGNORE_FILE.to_owned());
    }
    if fs::write_new(&folder.join(ATTRIBUTES_FILE), ATTRIBUTES.as_bytes(), Access::Shared)? {
        all.files.push(ATTRIBUTES_FILE.to_owned());
    }
    let mut names = all.names.into_iter();
    let name = match names.next() {
        Some(name) => name,
        None => super::name_of(folder)?,
    };
    let others = names.collect();
    Ok(NewPackage { name, others, folder: folder.to_owned(), files: all.files, not_taken: all.not_taken })
}

#[derive(Default)]
struct Collected {
    names: Vec<PackageName>,
    /// Folders of members that have a manifest now.
    members: Vec<String>,
    files: Vec<String>,
    not_taken: Vec<String>,
}

fn write(folder: &Path, manifest: &str) -> Result<(), Error> {
    match fs::write_new(&folder.join(FILE_NAME), manifest.as_bytes(), Access::Shared)? {
        true => Ok(()),
        false => Err(super::exists(&folder.join(FILE_NAME))),
    }
}

/// A package to be created.
struct Package {
    name: PackageName,
    manifest: String,
    /// Facts that have no place in it.
    not_taken: Vec<String>,
}

impl Package {
    fn new(
        folder: &Path,
        description: &Description,
        name: Option<&str>,
        namespace: Option<&Namespace>,
    ) -> Result<Self, Error> {
        let name = match name {
            Some(name) => PackageName::parse(name)?,
            None => {
                named(&description.name, namespace).map_err(|error| error.help(text::init_name_help()))?
            }
        };
        let mut not_taken = description.rest.clone();
        let version = description.version.as_deref().filter(|version| {
            let is_good = is_accepted(&format!("[package]\nname = \"x\"\nversion = {}\n", quoted(version)));
            if !is_good {
                not_taken.push("version".to_owned());
            }
            is_good
        });
        let version = version.unwrap_or("0.1.0");
        let mut manifest = format!("# Taken over from {PACKAGE_FILE}.\n[package]\n");
        if name.namespace().is_none() {
            manifest.push_str(&format!(
                "# To publish, put your namespace in front: name = \"<namespace>/{}\"\n",
                name.as_str()
            ));
        }
        manifest.push_str(&format!("name = {}\nversion = {}\n", quoted(name.as_str()), quoted(version)));
        manifest.push_str("edition = \"2025\"\n");
        let facts = [
            ("description", &description.description, "\"what the package does, in one sentence\""),
            ("license", &description.license, "\"MIT OR Apache-2.0\""),
        ];
        for (key, value, example) in facts {
            let line = value.as_ref().map(|value| format!("{key} = {}\n", quoted(value)));
            let is_good =
                |line: &String| is_accepted(&format!("[package]\nname = \"x\"\nversion = \"0.1.0\"\n{line}"));
            match line.filter(is_good) {
                Some(line) => manifest.push_str(&line),
                None => {
                    if value.is_some() {
                        not_taken.push(key.to_owned());
                    }
                    manifest.push_str(&format!("# Needed to publish: {key} = {example}\n"));
                }
            }
        }
        let is_library = description.is_library.unwrap_or(false);
        let entry =
            description.entry.as_deref().unwrap_or(if is_library { "src/lib.vit" } else { "src/main.vit" });
        let entry = entry.strip_prefix("./").unwrap_or(entry);
        let sources = entry.split_once('/').map_or_else(|| entry.to_owned(), |(top, _)| format!("{top}/"));
        manifest.push_str(&format!("\n{}include = [{}]\n", super::INCLUDE_REMARK, quoted(&sources)));
        let target = match is_library {
            true => format!("[lib]\npath = {}\n", quoted(entry)),
            false => format!("[[bin]]\nname = {}\npath = {}\n", quoted(name.base()), quoted(entry)),
        };
        match is_accepted(&format!("[package]\nname = \"x\"\nversion = \"0.1.0\"\n{target}")) {
            true => manifest.push_str(&format!("\n{target}")),
            false => not_taken.push("entry".to_owned()),
        }
        manifest.push_str("\n[dependencies]\n");
        let workspace = Siblings::of(folder)?;
        for needed in &description.dependencies {
            match workspace.line(folder, needed, namespace) {
                Some(line) => manifest.push_str(&line),
                None => not_taken.push(format!("dependencies.{}", needed.name)),
            }
        }
        Ok(Self { name, manifest, not_taken })
    }
}

/// A name with the namespace in front.
fn named(name: &str, namespace: Option<&Namespace>) -> Result<PackageName, Error> {
    let name = match namespace {
        Some(namespace) => format!("{}/{name}", namespace.as_str()),
        None => name.to_owned(),
    };
    Ok(PackageName::parse(&name)?)
}

/// The packages of the workspace that a folder belongs to, by the names their descriptions give.
struct Siblings(Vec<(PathBuf, Description)>);

impl Siblings {
    fn of(folder: &Path) -> Result<Self, Error> {
        let mut found = Vec::new();
        let root = folder.ancestors().find(|at| at.join(WORKSPACE_FILE).is_file());
        if let Some(root) = root {
            for member in language_tool::members(root)?.into_iter().flatten() {
                let place = root.join(member);
                if let Some(description) = language_tool::package(&place)? {
                    found.push((place, description));
                }
            }
        }
        Ok(Self(found))
    }

    /// The line of a dependency; none where it cannot be said.
    fn line(&self, folder: &Path, needed: &Needed, namespace: Option<&Namespace>) -> Option<String> {
        let version = requirement(needed.version.as_deref());
        let line = if needed.is_member {
            let (place, description) = self.0.iter().find(|(_, sibling)| sibling.name == needed.name)?;
            // A member that has a manifest already goes by the name in it.
            let name = match Project::load(place) {
                Ok(project) => project.manifest().name().clone(),
                Err(_) => named(&needed.name, namespace).ok()?,
            };
            let version = version.or_else(|| description.version.clone());
            let version =
                version.map(|version| format!(", version = {}", quoted(&version))).unwrap_or_default();
            format!(
                "{} = {{ path = {}{version} }}\n",
                quoted(name.as_str()),
                quoted(&relative(folder, place)?)
            )
        } else {
            format!("{} = {}\n", quoted(&needed.name), quoted(&version?))
        };
        is_accepted(&format!("[package]\nname = \"x/x\"\nversion = \"0.1.0\"\n[dependencies]\n{line}"))
            .then_some(line)
    }
}

/// The requirement that means what one of the other tool does: there, a plain version is that version alone.
fn requirement(given: Option<&str>) -> Option<String> {
    let given = given?;
    Some(match given.chars().next() {
        None => "*".to_owned(),
        Some('0'..='9') => format!("={given}"),
        Some(_) => given.to_owned(),
    })
}

/// The way from one folder to another, with `/`.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let (from, to) = (real(from)?, real(to)?);
    let common = from.ancestors().find(|above| to.starts_with(above))?;
    let up = from.strip_prefix(common).ok()?.components().map(|_| "..".to_owned());
    let down = to
        .strip_prefix(common)
        .ok()?
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// Whether a manifest with nothing but this is a good one.
fn is_accepted(manifest: &str) -> bool {
    Manifest::parse(manifest).is_ok()
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}
