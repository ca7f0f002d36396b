//! The files that follow from the log, compared with it.

use super::{Audit, Audited, Logged, Proofs, in_file, mismatch, missing, not_from_log};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::Artifact;
use crate::log::merkle;
use crate::log::proof::TlogProof;
use crate::log::tile::{self, BundleId};
use crate::message::registry as text;
use crate::name::{Namespace, PackageName};
use crate::registry::error::WriteError;
use crate::registry::layout;
use crate::registry::snapshot::Snapshot;
use crate::sign::NamespaceChain;
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Poll, ready};

impl Audit {
    /// Compares the files that follow from the log: first those of the log and the namespaces, then package by package.
    pub(super) fn check_files(
        &mut self,
        checkpoint: &VerifiedCheckpoint,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<Audited, Vec<WriteError>>> {
        let size = checkpoint.size();
        let derived = ready!(snapshot.derived_size()).unwrap_or(size).min(size);
        if self.packages.is_none() {
            let faults = ready!(self.check_log_files(checkpoint, snapshot)).map_err(|error| vec![error])?;
            if !faults.is_empty() {
                // Only a log that is in order tells what else there should be.
                return Poll::Ready(Err(faults));
            }
            let (faults, left) = ready!(self.check_chains(size, derived, snapshot));
            self.due.namespaces = left;
            // They do not change any more.
            self.tiles.clear();
            self.listed.retain(|path| !path.starts_with("log/tile/"));
            let mut packages: BTreeMap<PackageName, Vec<Artifact>> = BTreeMap::new();
            for artifact in self.releases.keys().filter(|one| self.due.packages.contains(&one.package)) {
                packages.entry(artifact.package.clone()).or_default().push(artifact.clone());
            }
            self.packages = Some(packages.into_iter().rev().collect());
            self.faults = faults;
        }
        while let Some((package, artifacts)) = self.packages.as_ref().and_then(|packages| packages.last()) {
            let faults = ready!(self.check_package(package, artifacts, size, derived, snapshot));
            if faults.is_empty() {
                self.due.packages.remove(package);
            }
            self.faults.extend(faults);
            self.packages.as_mut().and_then(Vec::pop);
        }
        let mut faults = std::mem::take(&mut self.faults);
        self.check_unexpected_files(&mut |result| faults.extend(result.err()));
        if !faults.is_empty() {
            return Poll::Ready(Err(faults));
        }
        let packages: BTreeSet<_> = self.releases.keys().map(|artifact| &artifact.package).collect();
        Poll::Ready(Ok(Audited {
            entries: size,
            root: *checkpoint.root(),
            namespaces: self.chains.len(),
            packages: packages.len(),
            artifacts: self.releases.len(),
            unfinished: size - derived,
        }))
    }

    fn check_log_files(
        &self,
        checkpoint: &VerifiedCheckpoint,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<Vec<WriteError>, WriteError>> {
        let size = checkpoint.size();
        ready!(snapshot.want(self.needed_files(size)));
        let mut faults = Vec::new();
        for (path, expected) in ready!(self.superseded(size, snapshot))? {
            if ready!(snapshot.file(&path, layout::BUNDLE_LEN)).is_none() {
                // It was removed since it was listed, as nobody needs it.
                continue;
            }
            let fault = ready!(same(snapshot, &path, layout::BUNDLE_LEN, &expected)).err();
            faults.extend(fault.map(|fault| fault.help(text::registry_superseded_help(&path))));
        }
        for (id, expected) in &self.tiles {
            let path = layout::tile(*id);
            // A partial tile may be gone where the full one is there.
            let there = ready!(snapshot.file(&path, layout::TILE_LEN)).is_some();
            let path = if there { path } else { layout::tile(id.full()) };
            faults.extend(ready!(same(snapshot, &path, layout::TILE_LEN, expected)).err());
        }
        if self.log.root() != *checkpoint.root() {
            let (got, expected) = (self.log.root().to_string(), checkpoint.root().to_string());
            let fault = Diagnostic::new(Code::Consistency, text::registry_root(size, &got, &expected));
            faults.push(in_file(layout::CHECKPOINT, fault.into()));
        }
        Poll::Ready(Ok(faults))
    }

    /// Compares the trust roots and the namespaces. Gives the namespaces that are not right, too.
    fn check_chains(
        &self,
        size: u64,
        derived: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<(Vec<WriteError>, BTreeSet<Namespace>)> {
        let (mut faults, mut left) = (Vec::new(), BTreeSet::new());
        for (version, envelope) in &self.trust_roots {
            let path = layout::trust_root(*version);
            // The newest may be in the log only: its writer was stopped.
            if *version <= self.trust.root().version || derived == size {
                faults.extend(ready!(same(snapshot, &path, limits::ENVELOPE_LEN as u64, envelope)).err());
            }
        }
        for (namespace, chain) in self.due_chains() {
            if let Err(fault) = ready!(check_namespace(snapshot, namespace, chain, derived)) {
                faults.push(fault);
                left.insert(namespace.clone());
            }
        }
        Poll::Ready((faults, left))
    }

    fn due_chains(&self) -> impl Iterator<Item = (&Namespace, &NamespaceChain)> {
        self.due.namespaces.iter().filter_map(|namespace| self.chains.get_key_value(namespace))
    }

    /// Compares the index file and the proofs of a package.
    fn check_package(
        &self,
        package: &PackageName,
        artifacts: &[Artifact],
        size: u64,
        derived: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Vec<WriteError>> {
        let of_package = artifacts.iter().filter_map(|artifact| self.releases.get_key_value(artifact));
        let mut logged: Vec<_> = of_package.collect();
        logged.sort_by_key(|(_, logged)| logged.index);
        let proof = |artifact: &Artifact| (layout::proof(artifact), limits::TLOG_PROOF_LEN as u64);
        let mut wanted: Vec<_> = logged.iter().map(|(artifact, _)| proof(artifact)).collect();
        wanted.push((layout::index(package), limits::INDEX_LEN as u64));
        ready!(snapshot.want(wanted));
        let mut faults = Vec::new();
        // Where a writer was stopped the file is as it was before, or as it will be.
        if let Err(fault) = ready!(self.check_index(package, &logged, size, size, snapshot)) {
            let indexed: Vec<_> =
                logged.iter().copied().filter(|(_, logged)| logged.index < derived).collect();
            let before = ready!(self.check_index(package, &indexed, derived, size, snapshot));
            if derived == size || before.is_err() {
                faults.push(fault);
            }
        }
        for (artifact, logged) in &logged {
            faults.extend(ready!(self.check_proof(artifact, logged, derived, snapshot)).err());
            snapshot.forget(&layout::proof(artifact));
        }
        snapshot.forget(&layout::index(package));
        Poll::Ready(faults)
    }

    /// The files of the log and the namespaces, so that they are brought in one round.
    fn needed_files(&self, size: u64) -> Vec<(String, u64)> {
        let mut wanted: Vec<_> =
            self.tiles.iter().map(|(id, _)| (layout::tile(*id), layout::TILE_LEN)).collect();
        wanted.extend(self.partials(size).into_iter().map(|(path, ..)| (path, layout::BUNDLE_LEN)));
        let trust = |version: &u64| (layout::trust_root(*version), limits::ENVELOPE_LEN as u64);
        wanted.extend(self.trust_roots.keys().map(trust));
        let chain = |namespace: &Namespace| (layout::namespace(namespace), limits::NAMESPACE_FILE_LEN as u64);
        wanted.extend(self.due_chains().map(|(namespace, _)| chain(namespace)));
        wanted
    }

    /// The partial tiles and bundles of earlier sizes that are still there: path, tile or bundle number, and width.
    fn partials(&self, size: u64) -> Vec<(String, Partial, usize)> {
        let whole: BTreeMap<String, &Vec<u8>> =
            self.tiles.iter().map(|(id, bytes)| (layout::tile(id.full()), bytes)).collect();
        let widths: BTreeMap<String, u16> =
            self.tiles.iter().map(|(id, _)| (layout::tile(id.full()), id.width())).collect();
        let bundles = (0..size.div_ceil(tile::WIDTH)).filter_map(|index| BundleId::at(index, size));
        let bundles: BTreeMap<String, BundleId> = bundles.map(|id| (layout::bundle(id.full()), id)).collect();
        let mut found = Vec::new();
        for path in
            self.listed.range("log/tile/".to_owned()..).take_while(|path| path.starts_with("log/tile/"))
        {
            let Some((base, width)) = path.rsplit_once(".p/") else { continue };
            let Some(width) = width.parse::<u16>().ok().filter(|width| *width > 0) else { continue };
            // Wider ones are of a batch whose writer was stopped: nobody is led to them.
            if let Some(bytes) = whole.get(base).filter(|_| widths.get(base).is_some_and(|now| width < *now))
            {
                let bytes = bytes.get(..usize::from(width) * 32).unwrap_or_default().to_vec();
                found.push((path.clone(), Partial::Tile(bytes), usize::from(width)));
            } else if let Some(id) = bundles.get(base).filter(|id| width < id.width()) {
                found.push((path.clone(), Partial::Bundle(id.index()), usize::from(width)));
            }
        }
        found
    }

    /// What the partial tiles and bundles of earlier sizes must be: the beginning of what took their place.
    fn superseded(
        &self,
        size: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<BTreeMap<String, Vec<u8>>, WriteError>> {
        let mut expected = BTreeMap::new();
        for (path, partial, width) in self.partials(size) {
            let bytes = match partial {
                Partial::Tile(bytes) => bytes,
                Partial::Bundle(index) => {
                    let mut bytes = Vec::new();
                    for entry in ready!(snapshot.bundle(index, size))?.iter().take(width) {
                        tile::print_entry(&mut bytes, entry)?;
                    }
                    bytes
                }
            };
            expected.insert(path, bytes);
        }
        Poll::Ready(Ok(expected))
    }

    /// The index file says what the first `size` entries of the log say, no more and no less.
    fn check_index(
        &self,
        package: &PackageName,
        logged: &[(&Artifact, &Logged)],
        size: u64,
        whole: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let path = layout::index(package);
        let fault = |message: String| in_file(&path, Diagnostic::new(Code::Index, message).into());
        let Some(file) = ready!(snapshot.index(&self.trust, package))? else {
            // A package whose first release was logged by a writer that was then stopped has no file yet.
            return Poll::Ready(if logged.is_empty() { Ok(()) } else { Err(missing(&path)) });
        };
        if file.log_size() > whole {
            return Poll::Ready(Err(fault(text::index_ahead(package.as_str(), file.log_size(), whole))));
        }
        if file.entries().len() != logged.len() || !file.skipped().is_empty() {
            let message = text::index_artifacts(file.entries().len() as u64, logged.len() as u64);
            return Poll::Ready(Err(fault(message)));
        }
        for (entry, (artifact, logged)) in file.entries().iter().zip(logged) {
            let history = self.statuses.get(&(artifact.package.clone(), artifact.version.clone()));
            let status = history.and_then(|history| history.iter().rev().find(|status| status.log < size));
            let status = status.filter(|status| !status.change.action.clears());
            let same = file.artifact(entry) == **artifact
                && (entry.log, entry.time, entry.core.tree) == (logged.index, logged.time, logged.tree)
                && entry.core.digest() == logged.core
                && entry.status.as_ref() == status;
            if !same {
                return Poll::Ready(Err(fault(text::index_line_altered(&artifact.to_string()))));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The proof next to the archive proves the archive's leaf; it may be missing where a writer was stopped.
    fn check_proof(
        &self,
        artifact: &Artifact,
        logged: &Logged,
        derived: u64,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let path = layout::proof(artifact);
        let Some(bytes) = ready!(snapshot.file(&path, limits::TLOG_PROOF_LEN as u64)) else {
            let needless = logged.index >= derived || self.proofs == Proofs::Optional;
            return Poll::Ready(if needless { Ok(()) } else { Err(missing(&path)) });
        };
        let proved = TlogProof::parse(bytes).and_then(|proof| proof.verify(&self.trust.root().log_policy));
        let proved = proved.map_err(|error| in_file(&path, error.into()))?;
        if proved.index != logged.index || merkle::leaf_hash(&proved.leaf) != logged.leaf {
            let error = mismatch("index", &logged.index.to_string(), &proved.index.to_string());
            return Poll::Ready(Err(in_file(&path, error)));
        }
        Poll::Ready(Ok(()))
    }

    /// No index file, namespace or trust root is there that the log does not know. Archives are another matter: one
    /// whose batch was never logged may stay, since nobody is led to it.
    fn check_unexpected_files(&self, note: &mut impl FnMut(Result<(), WriteError>)) {
        let mut known: BTreeSet<String> = self.chains.keys().map(layout::namespace).collect();
        known.extend(self.trust_roots.keys().map(|version| layout::trust_root(*version)));
        known.extend(self.releases.keys().map(|artifact| layout::index(&artifact.package)));
        for path in &self.listed {
            let folder = path.split_once('/').map_or("", |(folder, _)| folder);
            if matches!(folder, "index" | "ns" | "trust") && !known.contains(path) {
                note(Err(not_from_log(path)));
            }
        }
    }
}

/// A partial file of an earlier size: the bytes of a tile, or the number of a bundle.
enum Partial {
    Tile(Vec<u8>),
    Bundle(u64),
}

/// The namespace file is what follows from the log, or, where a writer was stopped, was before it.
fn check_namespace(
    snapshot: &mut Snapshot,
    namespace: &Namespace,
    chain: &NamespaceChain,
    derived: u64,
) -> Poll<Result<(), WriteError>> {
    let (path, whole) = (layout::namespace(namespace), chain.to_bytes());
    let published = chain.records().filter(|(index, ..)| *index < derived).count();
    let before: Vec<u8> =
        whole.split_inclusive(|byte| *byte == b'\n').take(published).flatten().copied().collect();
    let limit = limits::NAMESPACE_FILE_LEN as u64;
    if before != whole && ready!(snapshot.file(&path, limit)).unwrap_or_default() == before {
        return Poll::Ready(Ok(()));
    }
    same(snapshot, &path, limit, &whole)
}

fn same(snapshot: &mut Snapshot, path: &str, limit: u64, expected: &[u8]) -> Poll<Result<(), WriteError>> {
    Poll::Ready(match ready!(snapshot.file(path, limit)) {
        None => Err(missing(path)),
        Some(bytes) if bytes != expected => Err(not_from_log(path)),
        Some(_) => Ok(()),
    })
}
