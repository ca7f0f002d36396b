//! The tables `[lib]` and `[[bin]]`: where the compiler begins.

use super::fault::{Conflict, ValueRule, shown};
use super::source::{Faults, Table};
use super::{Site, schema, text};
use crate::diagnostic::Span;
use crate::limits;
use crate::name::is_windows_device;
use crate::path::PackagePath;
use std::collections::BTreeSet;

const LIB_PATH: &str = "src/lib.vit";
const BIN_PATH: &str = "src/main.vit";

/// The library of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lib {
    path: PackagePath,
    site: Site,
}

impl Lib {
    /// Its root source file; `src/lib.vit` where the manifest says none.
    pub fn path(&self) -> &PackagePath {
        &self.path
    }

    /// Where the path is in the manifest, or the table if it says none.
    pub fn span(&self) -> Span {
        self.site.0
    }
}

/// A program of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    name: String,
    path: PackagePath,
    site: Site,
}

impl Bin {
    /// The command's name: `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`, not a device name on Windows, neither `vitte` nor
    /// beginning with `vitte-`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its root source file; `src/main.vit` where the manifest says none.
    pub fn path(&self) -> &PackagePath {
        &self.path
    }

    /// Where the path is in the manifest, or the table if it says none.
    pub fn span(&self) -> Span {
        self.site.0
    }
}

pub(super) fn read_lib(root: &Table<'_>, faults: &mut Faults) -> Option<Lib> {
    let table = root.table("lib", schema::LIB, faults)?;
    let (path, site) = path(&table, LIB_PATH, faults)?;
    Some(Lib { path, site })
}

fn path(table: &Table<'_>, default: &str, faults: &mut Faults) -> Option<(PackagePath, Site)> {
    match table.entry("path") {
        Some(_) => {
            let given = table.text("path", faults)?;
            Some((text::path(given, faults)?, Site(given.span)))
        }
        None => Some((PackagePath::parse(default).ok()?, Site(table.span))),
    }
}

pub(super) fn read_bins(root: &Table<'_>, faults: &mut Faults) -> Vec<Bin> {
    let mut bins = Vec::new();
    let mut names = BTreeSet::new();
    for table in root.tables("bin", schema::BIN, faults) {
        let path = path(&table, BIN_PATH, faults);
        if !table.has("name") {
            table.missing("name", faults);
            continue;
        }
        let Some(name) = table.text("name", faults) else { continue };
        if !is_program(name.value) {
            faults.add(name.span, ValueRule::Program { given: shown(name.value) }.into());
            continue;
        }
        if is_ours(name.value) {
            faults.add(name.span, ValueRule::ReservedProgram { given: shown(name.value) }.into());
            continue;
        }
        if !names.insert(name.value.to_ascii_lowercase()) {
            faults.add(name.span, Conflict::Program { name: name.value.to_owned() }.into());
        }
        if let Some((path, site)) = path {
            bins.push(Bin { name: name.value.to_owned(), path, site });
        }
    }
    bins
}

/// Whether a command of this name would stand in for ours: `vitte X` runs `vitte-X`.
fn is_ours(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "vitte" || name.starts_with("vitte-")
}

fn is_program(name: &str) -> bool {
    name.len() <= limits::NAME_PART_LEN
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !is_windows_device(name)
}
