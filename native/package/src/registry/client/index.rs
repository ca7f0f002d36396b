//! Index files: read, checked, believed.

use super::{RegistryClient, about};
use crate::error::Error;
use crate::message::{registry as text, store as store_text, usage};
use crate::parallel;
use crate::registry::continuity::{lacks_trust_root, outdated};
use crate::registry::proved::KnownNote;
use std::collections::BTreeSet;
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::{IndexError, IndexFile};
use vitte_package_core::limits;
use vitte_package_core::name::PackageName;
use vitte_package_core::nearest::nearest_package;
use vitte_package_core::registry::client::judge::{Older, check_rev};
use vitte_package_core::registry::layout;

/// An index file as it was read: none if there is none, else what the check of its signature said.
pub(super) type ReadIndex = Result<Option<(KnownNote, Result<IndexFile, IndexError>)>, Error>;

impl RegistryClient {
    /// The index file of a package, read once; `None` when the registry has no such package.
    ///
    /// # Errors
    /// `index-signature`, `index`, `index-version`; `index-rollback` when it is older than one seen before;
    /// `unavailable` when this copy of the registry is older or not complete.
    pub fn index(&mut self, package: &PackageName) -> Result<Option<Arc<IndexFile>>, Error> {
        if let Some(read) = self.indexes.get(package) {
            return Ok(read.clone());
        }
        let path = layout::index(package);
        let file = match self.index_at(package, &path) {
            Err(_) if self.source.disbelieve(&path) => self.index_at(package, &path),
            result => result,
        };
        let file = file?.map(Arc::new);
        self.indexes.insert(package.clone(), file.clone());
        Ok(file)
    }

    /// Takes what is kept of the index files of packages whose locked versions are to stay, and asks the registry for
    /// none of them: whether there is something newer makes no difference. Gives the packages for which that was
    /// possible. What is kept is at most a day old, and passes the same checks.
    pub fn settle(&mut self, packages: BTreeSet<&PackageName>) -> BTreeSet<PackageName> {
        let unread = packages.into_iter().filter(|package| !self.indexes.contains_key(*package));
        let kept = |package: &PackageName| {
            let bytes = self.source.kept(&layout::index(package), limits::INDEX_LEN as u64)?;
            let (known, opened) = self.open_index(package, &bytes);
            let seen = self.seen.packages.get(package.as_str()).copied();
            let file = opened.ok()?;
            let good = check_rev(package, seen, Some(file.rev()), None).is_ok()
                && file.log_size() <= self.checkpoint.size();
            good.then(|| (package.clone(), Ok(Some((known, Ok(file))))))
        };
        let kept: Vec<_> = parallel::map(unread.collect(), self.jobs, kept).into_iter().flatten().collect();
        let settled: BTreeSet<PackageName> = kept.iter().map(|(package, _)| package.clone()).collect();
        self.ahead.extend(kept);
        self.settled.extend(settled.iter().cloned());
        settled
    }

    /// Drops what [`RegistryClient::settle`] took: the registry is asked after all.
    pub fn unsettle(&mut self) {
        for package in std::mem::take(&mut self.settled) {
            self.ahead.remove(&package);
            self.indexes.remove(&package);
        }
    }

    /// Reads an index file and checks its signature.
    fn read_index(&self, package: &PackageName) -> ReadIndex {
        let bytes = self.source.read(&layout::index(package), limits::INDEX_LEN as u64)?;
        Ok(bytes.map(|bytes| self.open_index(package, &bytes)))
    }

    fn open_index(&self, package: &PackageName, bytes: &[u8]) -> (KnownNote, Result<IndexFile, IndexError>) {
        let known = self.proved.note(package, bytes);
        let opened = match known.is_known() {
            true => IndexFile::reopen(bytes, package),
            false => IndexFile::open(bytes, &self.trust.root().index, package),
        };
        (known, opened)
    }

    fn index_at(&mut self, package: &PackageName, path: &str) -> Result<Option<IndexFile>, Error> {
        let seen = self.seen.packages.get(package.as_str()).copied();
        let read = self.ahead.remove(package).unwrap_or_else(|| self.read_index(package));
        let Some((known, opened)) = read? else {
            check_rev(package, seen, None, self.older.as_ref())
                .map_err(|error| about(error.into(), &*self.source, path))?;
            return Ok(None);
        };
        let file = match opened {
            Err(IndexError::Note(_)) if lacks_trust_root(&*self.source, &self.trust)? => {
                let older = Older::TrustRoot { seen: self.trust.root().version };
                return Err(about(outdated(older.message()), &*self.source, path));
            }
            opened => opened.map_err(|error| about(error.into(), &*self.source, path))?,
        };
        check_rev(package, seen, Some(file.rev()), self.older.as_ref())
            .map_err(|error| about(error.into(), &*self.source, path))?;
        // A copy may have been kept by a command that failed later and so remembered no checkpoint. The releases that it
        // names beyond the log that was seen cannot be proved; all others can.
        let is_copy = self.source.copies().is_some();
        if file.log_size() > self.checkpoint.size() && !is_copy {
            // Something was published since the checkpoint was read.
            self.refresh()?;
        }
        if file.log_size() > self.checkpoint.size() && !is_copy {
            // The copy is being written, or lags in part.
            let message = text::copy_index_ahead(package.as_str(), file.log_size(), self.checkpoint.size());
            return Err(about(outdated(message), &*self.source, path));
        }
        self.seen.packages.insert(package.to_string(), file.rev());
        self.proved.keep_note(known);
        self.source.believe(path);
        Ok(Some(file))
    }

    /// The fault that the registry has no such package, with the name that was meant, as far as it can be told.
    pub fn no_such_package(&self, package: &PackageName) -> Error {
        let message = store_text::no_such_package(package.as_str(), &self.name());
        let fault = Diagnostic::new(Code::NotFound, message);
        let fault = match &self.older {
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
        let seen = || self.seen.packages.keys().filter_map(|name| PackageName::parse(name).ok()).collect();
        let names = self.source.packages().unwrap_or_else(seen);
        nearest_package(package, &names).cloned()
    }

    /// Brings the index files of several packages together and checks their signatures, for [`RegistryClient::index`].
    pub fn prefetch_index<'p>(&mut self, packages: impl IntoIterator<Item = &'p PackageName>) {
        let unread = |package: &&PackageName| {
            !self.indexes.contains_key(*package) && !self.ahead.contains_key(*package)
        };
        let unread: Vec<_> = packages.into_iter().filter(unread).collect();
        self.source.prefetch_index(&unread);
        let read = |package: &PackageName| (package.clone(), self.read_index(package));
        let read = parallel::map(unread, self.jobs, read);
        self.ahead.extend(read);
    }
}
