//! Index files.

use super::RegistryClient;
use crate::error::Error;
use crate::message::{store as store_text, usage};
use crate::parallel;
use std::collections::BTreeSet;
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::VerifiedIndex;
use vitte_package_core::limits;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::nearest::nearest_package;
use vitte_package_core::registry::client::Want;
use vitte_package_core::registry::layout;

impl RegistryClient {
    /// The index file of a package, read once; `None` when the registry has no such package. One command sees one state
    /// of each.
    ///
    /// # Errors
    /// `index-signature`, `index`, `index-version`; `index-rollback` when it is older than one seen before;
    /// `unavailable` when this copy of the registry is older or not complete.
    pub fn index(&mut self, package: &PackageName) -> Result<Option<Arc<VerifiedIndex>>, Error> {
        let path = layout::index(package);
        if self.session.index(package).is_none() {
            self.want(Want::Index(vec![package.clone()]))?;
        }
        // Read the other way, it may be another file.
        if matches!(self.session.index(package), Some(Err(_))) && self.source.reject(&path) {
            self.want(Want::Index(vec![package.clone()]))?;
        }
        match self.session.index(package) {
            Some(Ok(file)) => Ok(file.clone()),
            Some(Err(refusal)) => Err(self.refused(refusal)),
            None => Err(self.not_reported(&path)),
        }
    }

    /// Brings the index files of several packages together and checks their signatures, for [`RegistryClient::index`].
    pub fn prefetch_index<'p>(&mut self, packages: impl IntoIterator<Item = &'p PackageName>) {
        let unread = packages.into_iter().filter(|package| self.session.index(package).is_none());
        let unread: Vec<PackageName> = unread.cloned().collect();
        self.want_ahead(Want::Index(unread));
    }

    /// As [`RegistryClient::prefetch_index`], with the records of the packages' namespaces at the same time, for
    /// [`RegistryClient::namespace`].
    pub fn prefetch_with_namespaces<'p>(&mut self, packages: impl IntoIterator<Item = &'p PackageName>) {
        let packages: Vec<&PackageName> = packages.into_iter().collect();
        let namespaces: BTreeSet<Namespace> =
            packages.iter().map(|package| package.namespace_or_none()).collect();
        let unread = namespaces.into_iter().filter(|namespace| self.session.namespace(namespace).is_none());
        let unread = unread.collect();
        self.session.want(Want::Namespaces(unread));
        self.prefetch_index(packages);
    }

    /// Takes what is kept of the index files of packages whose locked versions are to stay, and asks the registry for
    /// none of them: whether there is something newer makes no difference. Gives the packages for which that was
    /// possible. What is kept is at most a day old, and passes the same checks.
    pub fn use_cached(&mut self, packages: BTreeSet<&PackageName>) -> BTreeSet<PackageName> {
        let unread = packages.into_iter().filter(|package| self.session.index(package).is_none());
        let copy = |package: &PackageName| {
            let bytes = self.source.cached(&layout::index(package), limits::INDEX_LEN as u64)?;
            Some((package.clone(), bytes))
        };
        let copies: Vec<_> = parallel::map(unread.collect(), self.jobs, copy).into_iter().flatten().collect();
        let packages: Vec<PackageName> = copies.iter().map(|(package, _)| package.clone()).collect();
        self.session.use_cached(copies);
        self.want_ahead(Want::Index(Vec::new()));
        packages.into_iter().filter(|package| self.session.is_cached(package)).collect()
    }

    /// Drops what [`RegistryClient::use_cached`] took: the registry is asked after all.
    pub fn drop_cached(&mut self) {
        self.session.drop_cached();
    }

    /// The fault that the registry has no such package, with the nearest name, as far as that is known.
    pub fn no_such_package(&self, package: &PackageName) -> Error {
        let message = store_text::no_such_package(package.as_str(), &self.name());
        let fault = Diagnostic::new(Code::NotFound, message);
        let fault = match self.session.older() {
            Some(older) => fault.help(older.message()),
            None => fault,
        };
        match self.nearest(package) {
            Some(near) => fault.help(usage::did_you_mean(near.as_str())).into(),
            None => fault.into(),
        }
    }

    /// The package whose name is nearest to one that the registry does not have.
    pub fn nearest(&self, package: &PackageName) -> Option<PackageName> {
        // Files at an address cannot be listed: those that this user has seen there are better than nothing.
        let seen = || {
            let packages = self.session.memory().seen.packages;
            packages.keys().filter_map(|name| PackageName::parse(name).ok()).collect()
        };
        let names = self.source.packages().unwrap_or_else(seen);
        nearest_package(package, &names).cloned()
    }
}
