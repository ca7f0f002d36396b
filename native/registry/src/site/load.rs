//! What pages are made from: a package's index file, and what the tables of the search say of it. None of it is
//! verified: a page is the registry's claim.

use super::archives::{Archives, OpenRelease};
use super::frame::Visit;
use crate::app::App;
use crate::error::Error;
use crate::packages::Shown;
use crate::problem::Refusal;
use crate::reads::unreadable;
use std::collections::BTreeMap;
use std::sync::Arc;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::index::{IndexEntry, IndexFile, Rule, newest};
use vitte_package_core::limits;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::{NamespaceChain, RegistryId, StatusChange};
use vitte_package_core::target::Kind;
use vitte_package_core::version::Version;

/// A package, as its index file has it.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: PackageName,
    pub(crate) index: IndexFile,
    pub(crate) shown: Shown,
    /// The version that is shown where none is named.
    pub(crate) newest: Version,
}

/// A version of a package, with its artifacts.
#[derive(Debug)]
pub(crate) struct Release<'p> {
    pub(crate) version: &'p Version,
    pub(crate) entries: Vec<&'p IndexEntry>,
}

impl<'p> Release<'p> {
    /// The artifact that is shown where none is named: the source, or else the first.
    pub(crate) fn entry(&self) -> Option<&'p IndexEntry> {
        let source = self.entries.iter().find(|entry| entry.core.kind == Kind::Vitmod);
        source.or_else(|| self.entries.first()).copied()
    }

    /// What was last said of it.
    pub(crate) fn status(&self) -> Option<&'p StatusChange> {
        self.entries.iter().find_map(|entry| entry.status.as_ref()).map(|status| &status.change)
    }
}

impl Package {
    /// Every version, the newest first.
    pub(crate) fn releases(&self) -> Vec<Release<'_>> {
        let mut releases: BTreeMap<&Version, Vec<&IndexEntry>> = BTreeMap::new();
        for entry in self.index.entries() {
            releases.entry(&entry.core.version).or_default().push(entry);
        }
        releases.into_iter().rev().map(|(version, entries)| Release { version, entries }).collect()
    }

    /// A version; none where there is no such version.
    pub(crate) fn release(&self, version: &Version) -> Option<Release<'_>> {
        let all = self.index.entries().iter().filter(|entry| entry.core.version == *version);
        let entries: Vec<_> = all.collect();
        let version = entries.first().map(|entry| &entry.core.version)?;
        Some(Release { version, entries })
    }

    /// How many versions there are.
    pub(crate) fn count(&self) -> u64 {
        self.index.versions().len() as u64
    }

    /// The path of its page.
    pub(crate) fn path(&self) -> String {
        path(&self.name)
    }

    /// Where an artifact is, below the registry.
    pub(crate) fn archive(&self, entry: &IndexEntry) -> String {
        layout::archive(&self.index.artifact(entry))
    }
}

/// The path of the page of a package.
pub(crate) fn path(name: &PackageName) -> String {
    format!("/{}/{}", name.namespace_or_none(), name.base())
}

/// Reads a package. One that may not be read is absent.
///
/// # Errors
/// 404 where there is none; 503 where it cannot be read.
pub(crate) async fn package(visit: &Visit, name: &PackageName) -> Result<Package, Refusal> {
    let wanted = name.clone();
    if !visit.reader.may_read(name) {
        return Err(visit.missing());
    }
    let read = visit.app.blocking(move |app| {
        let bytes = app.files.read(&layout::index(&wanted), limits::INDEX_LEN as u64)?;
        let malformed = |_| Error::new(Code::RegistryLayout, Code::RegistryLayout.title().to_owned());
        bytes.map(|bytes| IndexFile::read_unverified(&bytes, &wanted).map_err(malformed)).transpose()
    });
    let index = read.await.map_err(unreadable)?.ok_or_else(|| visit.missing())?;
    let shown = visit.app.packages.shown(name).await?.unwrap_or_default();
    let newest = newest(&index, &Rule::to_show()).map(|entry| entry.core.version.clone());
    let newest = newest.ok_or_else(|| visit.missing())?;
    Ok(Package { name: name.clone(), index, shown, newest })
}

/// Opens an artifact of a package; none where the registry does not have it as its index line says.
///
/// # Errors
/// 503 where it cannot be read.
pub(crate) async fn front(
    app: &Arc<App>,
    archives: &Arc<Archives>,
    package: &Package,
    entry: &IndexEntry,
) -> Result<Option<Arc<OpenRelease>>, Refusal> {
    let (archives, path, entry) = (Arc::clone(archives), package.archive(entry), entry.clone());
    let opened = app.blocking(move |app| archives.open(&app.files, &path, &entry)).await;
    opened.map_err(unreadable)
}

/// The records of a namespace; none where there are none.
///
/// # Errors
/// 503 where they cannot be read.
pub(crate) async fn chain(app: &Arc<App>, namespace: &Namespace) -> Result<Option<NamespaceChain>, Refusal> {
    let namespace = namespace.clone();
    let read = app.blocking(move |app| {
        let bytes = app.files.read(&layout::namespace(&namespace), limits::NAMESPACE_FILE_LEN as u64)?;
        let registry = RegistryId::parse(&app.registry)?;
        let malformed = |_| Error::new(Code::RegistryLayout, Code::RegistryLayout.title().to_owned());
        bytes.map(|bytes| NamespaceChain::parse(registry, namespace, &bytes).map_err(malformed)).transpose()
    });
    read.await.map_err(unreadable)
}
