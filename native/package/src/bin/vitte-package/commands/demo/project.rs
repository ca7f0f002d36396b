//! The projects the demo publishes.

use std::path::Path;
use vitte_package::error::{Error, IoAction, IoContext};
use vitte_package::fs;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// The package with the program.
pub(super) const HELLO: &str = "demo/hello";
const MANIFEST: &str = "vitte.toml";

/// A folder below the demo's, and the package it makes.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) package: String,
    /// Its manifest, as a path in the demo's folder.
    pub(super) manifest: String,
}

impl Project {
    /// Writes the small project whose program is run later.
    pub(super) fn hello(stage: &Path) -> Result<Self, Error> {
        for (path, content) in FILES {
            let path = stage.join("hello").join(path);
            fs::create_folder(path.parent().unwrap_or(stage))?;
            std::fs::write(&path, content).on(IoAction::Write, &path)?;
        }
        Ok(Self { package: HELLO.to_owned(), manifest: format!("hello/{MANIFEST}") })
    }

    /// Copies a tree that somebody else wrote, and gives it a manifest if it has none: a folder `name-1.2.3` makes the
    /// package `demo/name` 1.2.3.
    pub(super) fn of_tree(stage: &Path, tree: &Path) -> Result<Self, Error> {
        let folder = stage.join("tree");
        copy(tree, &folder)?;
        let manifest = folder.join(MANIFEST);
        if !manifest.exists() {
            let name = tree.file_name().unwrap_or_default().to_string_lossy();
            std::fs::write(&manifest, manifest_for(&name)).on(IoAction::Write, &manifest)?;
        }
        let project = vitte_package::project::Project::load(&manifest)?;
        Ok(Self { package: project.manifest().name().to_string(), manifest: format!("tree/{MANIFEST}") })
    }
}

fn manifest_for(folder: &str) -> String {
    let parts = folder.rsplit_once('-').filter(|(_, version)| Version::parse(version).is_ok());
    let (name, version) = parts.unwrap_or((folder, "1.0.0"));
    let name = match PackageName::parse(&format!("demo/{name}")) {
        Ok(name) => name.to_string(),
        Err(_) => "demo/tree".to_owned(),
    };
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\ndescription = \"A tree that was found\"\nlicense = \"MIT\"\n"
    )
}

/// Copies folders and regular files; anything else in the tree is left out.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_folder(to)?;
    for entry in std::fs::read_dir(from).on(IoAction::List, from)? {
        let entry = entry.on(IoAction::List, from)?;
        let kind = entry.file_type().on(IoAction::Read, &entry.path())?;
        let place = to.join(entry.file_name());
        if kind.is_dir() {
            copy(&entry.path(), &place)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &place).on(IoAction::Write, &place)?;
        }
    }
    Ok(())
}

/// What the installed program says when it is run with `fr`.
pub(super) const GREETING: &str = "bonjour, le monde";

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Every file, by its path in the project.
        const FILES: &[(&str, &str)] = &[$(($path, include_str!(concat!("hello/", $path)))),*];
    };
}

files![
    "vitte.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "build/assemble.sh",
    "docs/guide.md",
    "src/main.vit",
    "src/greet.vit",
    "src/words.vit",
    "tests/greet.vit",
    "words/de.txt",
    "words/en.txt",
    "words/es.txt",
    "words/fr.txt",
    "words/it.txt",
];
