//! The tables `[build]` and `[install]`: how a binary package is made, and the aliases an install adds.

use super::fault::{Conflict, ValueRule};
use super::source::{Faults, Table, text_of};
use super::{Site, schema, text};
use crate::diagnostic::Span;
use crate::ordered;
use crate::path::PackagePath;
use std::collections::BTreeMap;

const OUT: &str = "target/vitpkg";

/// How to build what a `.vitpkg` holds. Runs when a package is made, never when one is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    command: Vec<String>,
    out: PackagePath,
    site: Site,
}

impl Build {
    /// Program and arguments, never empty. No shell reads them.
    pub fn command(&self) -> &[String] {
        &self.command
    }

    /// The folder that the command fills, under the project's folder; `target/vitpkg` where the manifest says none.
    pub fn out(&self) -> &PackagePath {
        &self.out
    }

    /// Where the command is in the manifest.
    pub fn span(&self) -> Span {
        self.site.0
    }
}

/// An alias of an installed file, made on Unix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    alias: PackagePath,
    file: PackagePath,
}

impl Link {
    /// The path of the alias.
    pub fn alias(&self) -> &PackagePath {
        &self.alias
    }

    /// The file it leads to.
    pub fn file(&self) -> &PackagePath {
        &self.file
    }
}

pub(super) fn read(root: &Table<'_>, faults: &mut Faults) -> Option<Build> {
    let table = root.table("build", schema::BUILD, faults)?;
    let out = match table.entry("out") {
        Some(_) => table.text("out", faults).and_then(|given| text::path(given, faults)),
        None => PackagePath::parse(OUT).ok(),
    };
    if !table.has("command") {
        table.missing("command", faults);
        return None;
    }
    let words = table.texts("command", faults)?;
    let site = Site(Span::from(table.entry("command")?.value.span()));
    let empty = words.first().is_none_or(|program| program.value.trim().is_empty());
    if empty || words.iter().any(|word| word.value.contains('\0')) {
        faults.add(site.0, ValueRule::Empty { key: "command".to_owned() }.into());
        return None;
    }
    let command = words.iter().map(|word| word.value.to_owned()).collect();
    Some(Build { command, out: out?, site })
}

pub(super) fn read_links(root: &Table<'_>, faults: &mut Faults) -> Vec<Link> {
    let Some(install) = root.table("install", schema::INSTALL, faults) else { return Vec::new() };
    let mut links = Vec::new();
    let mut aliases = BTreeMap::new();
    let entries = install.named("links", faults);
    let given = ordered::set(entries.iter().map(|entry| entry.key.value));
    for entry in entries {
        let alias = text::path(entry.key, faults);
        let Some(file) = text_of(entry, entry.key.value, &schema::LINK_VALUE, faults) else { continue };
        if given.contains(file.value) {
            faults.add(file.span, Conflict::Link { alias: file.value.to_owned() }.into());
        }
        let (Some(alias), Some(file)) = (alias, text::path(file, faults)) else { continue };
        if let Some(first) = aliases.insert(alias.fold(), alias.to_string()) {
            let kind = Conflict::Alias { alias: alias.to_string(), first };
            faults.add(entry.key.span, kind.into());
        }
        links.push(Link { alias, file });
    }
    links
}
