use crate::render::size;
use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::store as words;
use vitte_package::ops::store;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// List the packages in the store
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package store list\n  vitte package store list --json")]
pub(crate) struct Args {}

/// The answer of `store list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Listed<'a> {
    /// The packages, by name and version.
    packages: Vec<HeldRow<'a>>,
    /// Bytes of all their files.
    bytes: u64,
}

/// A package in the store.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HeldRow<'a> {
    /// The package; none if its manifest cannot be read.
    package: Option<&'a PackageName>,
    /// Its version.
    version: Option<&'a Version>,
    /// Its identity.
    tree: TreeDigest,
    /// Bytes of its files.
    bytes: u64,
    /// Its folder.
    folder: &'a Path,
    /// Its deferred sections that are there.
    sections: Vec<&'a str>,
}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let held = store::list(env)?;
    let bytes = held.iter().map(|package| package.bytes).sum();
    let mut rows = Vec::with_capacity(held.len());
    for package in &held {
        let release = package.release.as_ref();
        let shown = release.map_or_else(words::unreadable, |(name, version)| format!("{name} {version}"));
        let sections: Vec<_> = package.sections.iter().map(|section| section.as_str()).collect();
        let line =
            format!("{shown:<40} {:>9}  {}  {}", size(package.bytes), package.tree, sections.join(","));
        ui.print(line.trim_end());
        rows.push(HeldRow {
            package: release.map(|(name, _)| name),
            version: release.map(|(_, version)| version),
            tree: package.tree,
            bytes: package.bytes,
            folder: &package.folder,
            sections: package.sections.iter().map(|section| section.as_str()).collect(),
        });
    }
    ui.say(words::store_list(held.len(), &size(bytes)));
    ui.result(&Listed { packages: rows, bytes });
    Ok(Exit::Ok)
}
