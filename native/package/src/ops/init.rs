//! Beginning a package: a manifest with remarks, a first source file, an ignore file.

pub mod described;

use crate::error::Error;
use crate::fs::{self, Access};
use crate::message::project as text;
use crate::ops::build::OUT;
use crate::selection::Ignored;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::FILE_NAME;
use vitte_package_core::name::PackageName;

const IGNORE_FILE: &str = ".gitignore";
/// Size limit of it in bytes.
const IGNORE_LEN: u64 = 1024 * 1024;
const IGNORED: &str = "/target/\n";
const ATTRIBUTES_FILE: &str = ".gitattributes";
/// One form of the lockfile on every system.
const ATTRIBUTES: &str = "/vitte.lock text eol=lf\n";
/// What the manifest says about its list of files.
const INCLUDE_REMARK: &str = "\
# The whole list of files that are packaged, in patterns as .gitignore has them; .gitignore itself has no say. This file,
# the readme and the licence are always in. See what is packaged: vitte package build --list
";

/// What a package begins as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A library, `src/lib.vit`.
    Library,
    /// A program, `src/main.vit`.
    Program,
}

impl Shape {
    const fn manifest(self) -> &'static str {
        match self {
            Self::Library => include_str!("init/lib.toml"),
            Self::Program => include_str!("init/bin.toml"),
        }
    }

    const fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::Library => ("src/lib.vit", include_str!("init/lib.vit")),
            Self::Program => ("src/main.vit", include_str!("init/main.vit")),
        }
    }
}

/// A package that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPackage {
    /// Its name; of several packages, that of the first.
    pub name: PackageName,
    /// The names of other packages that were created with it: members of its workspace.
    pub others: Vec<PackageName>,
    /// Its folder.
    pub folder: PathBuf,
    /// The files written, relative to the folder. Files that were there are kept as they are.
    pub files: Vec<String>,
    /// What another tool's description says and `vitte.toml` has no place for.
    pub not_taken: Vec<String>,
}

/// Begins a package in a folder that is there. Without a name it is that of the folder; without a shape, a library
/// where there is a `src/lib.vit` and no `src/main.vit`, else a program.
///
/// # Errors
/// `project-exists` when the folder has a `vitte.toml`, `name` when the folder's name gives none, `io`, `no-space`.
pub fn init(folder: &Path, name: Option<&str>, shape: Option<Shape>) -> Result<NewPackage, Error> {
    if folder.join(FILE_NAME).symlink_metadata().is_ok() {
        return Err(exists(&folder.join(FILE_NAME)));
    }
    let name = match name {
        Some(name) => PackageName::parse(name)?,
        None => name_of(folder)?,
    };
    let there = |path: &str| folder.join(path).exists();
    let shape = shape.unwrap_or(match there("src/lib.vit") && !there("src/main.vit") {
        true => Shape::Library,
        false => Shape::Program,
    });
    let fill = |template: &str| {
        let module = name.base().replace('-', "_");
        // The remark about namespaces is for names without one.
        let template: String = template
            .lines()
            .filter(|line| name.namespace().is_none() || !line.contains("<namespace>"))
            .flat_map(|line| [line, "\n"])
            .collect();
        template.replace("NAME", name.as_str()).replace("PROGRAM", name.base()).replace("MODULE", &module)
    };
    let (path, source) = shape.source();
    let mut files = Vec::new();
    // The manifest last: a folder with one is a package, so nothing is half created.
    for (path, content) in [(path, source), (ATTRIBUTES_FILE, ATTRIBUTES), (FILE_NAME, shape.manifest())] {
        if path == FILE_NAME && ignore_results(folder)? {
            files.push(IGNORE_FILE.to_owned());
        }
        let file = folder.join(path);
        if let Some(above) = file.parent() {
            fs::create_folder(above)?;
        }
        if fs::write_new(&file, fill(content).as_bytes(), Access::Shared)? {
            files.push(path.to_owned());
        } else if path == FILE_NAME {
            return Err(exists(&file));
        }
    }
    files.reverse();
    Ok(NewPackage { name, others: Vec::new(), folder: folder.to_owned(), files, not_taken: Vec::new() })
}

/// Has version control ignore the results of builds: by a new `.gitignore`, or by a line in the one of a git project that
/// does not say so yet. Tells whether anything was written.
fn ignore_results(folder: &Path) -> Result<bool, Error> {
    let file = folder.join(IGNORE_FILE);
    if fs::write_new(&file, IGNORED.as_bytes(), Access::Shared)? {
        return Ok(true);
    }
    let is_git = folder.ancestors().any(|above| above.join(".git").symlink_metadata().is_ok());
    let rules = Ignored::new(folder, folder);
    if !is_git || file.is_symlink() || rules.leaves_out(Path::new(OUT), true) {
        return Ok(false);
    }
    let mut text = fs::read_text(&file, IGNORE_LEN)?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(end);
    }
    text.push_str(&IGNORED.replace('\n', end));
    fs::write_atomic(&file, text.as_bytes(), Access::Shared)?;
    Ok(true)
}

fn exists(path: &Path) -> Error {
    let message = text::exists(&path.display().to_string());
    Diagnostic::new(Code::ProjectExists, message).help(text::exists_help()).into()
}

/// The package name that a folder's name stands for: lower case, with `-` for what a name cannot have.
fn name_of(folder: &Path) -> Result<PackageName, Error> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let given = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut name = String::new();
    for character in given.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' | '_' => name.push(character),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_matches(['-', '_']);
    PackageName::parse(name).map_err(|error| Error::from(error).help(text::init_name_help()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitte_package_core::manifest::Manifest;

    #[test]
    fn templates_are_good_manifests() {
        for (shape, name) in [(Shape::Library, "demo/vitte-math"), (Shape::Program, "hello")] {
            let folder = tempfile::tempdir().unwrap();
            let created = init(folder.path(), Some(name), Some(shape)).unwrap();
            assert_eq!(created.files.first(), Some(&"vitte.toml".to_owned()));
            let text = std::fs::read_to_string(folder.path().join("vitte.toml")).unwrap();
            let manifest = Manifest::parse(&text).unwrap();
            assert!(text.contains(INCLUDE_REMARK), "{text}");
            assert_eq!((manifest.name(), manifest.include()), (&created.name, &["src/".to_owned()][..]));
            assert_eq!(
                manifest.bins().first().map(|bin| bin.name()),
                (shape == Shape::Program).then_some("hello")
            );
        }
    }

    #[test]
    fn folders_give_names() {
        let named = |folder: &str| name_of(Path::new(folder)).map(|name| name.to_string());
        assert_eq!(named("/a/My Package.v2").unwrap(), "my-package-v2");
        assert_eq!(named("/a/_hidden_").unwrap(), "hidden");
        assert!(named("/a/2048").is_err() && named("/a/北京").is_err());
    }
}
