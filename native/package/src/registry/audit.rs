//! A registry checked from scratch, by core's audit: the log replayed leaf by leaf, every tile, index line and proof
//! compared; in a folder the archives too.
//!
//! It needs no key and trusts nothing but the trust root. Faults are reported together.

use super::read::client::read_config;
use super::read::directory::Directory;
use super::read::examine::archive_facts;
use super::read::source::RegistrySource;
use super::read::trust_root::read_trust_root;
use crate::error::Error;
use crate::message::registry as text;
use crate::report::Reporter;
use std::task::Poll;
use std::time::Duration;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::{Core, VerifiedIndex};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::registry::removal::{REMOVAL_LEN, Removal};
use vitte_package_core::registry::{self, Proofs, Snapshot, VerifiedTrustRoot, WriteError, layout};

/// What a registry that is in order holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Id of the registry.
    pub registry: String,
    /// Digest of its first trust root.
    pub trust_root: Digest,
    /// Leaves of the log.
    pub entries: u64,
    /// Root over them.
    pub root: Digest,
    /// Namespaces.
    pub namespaces: usize,
    /// Packages.
    pub packages: usize,
    /// Artifacts.
    pub artifacts: usize,
    /// Entries at the log's end of which index, namespaces and proofs may not tell yet: a writer was stopped between
    /// checkpoint and index. The next writer makes up for it.
    pub unfinished: u64,
}

/// Whether archives are read too.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// The log, and what follows from it without archives: what a monitor does.
    Log,
    /// Everything, in a folder.
    Archives(&'a Directory),
}

/// Checks the registry whose files `source` gives.
///
/// # Errors
/// Every fault found, the log's first: only a log that is in order tells what else there should be.
pub fn audit(source: &dyn RegistrySource, scope: Scope<'_>, reporter: &dyn Reporter) -> Result<Audit, Error> {
    let config = read_config(source)?;
    let trust = read_trust_root(source, &config.registry)?;
    // What a killed writer left behind is not part of the registry.
    let left = |path: &String| path.rsplit('/').next().is_some_and(|name| name.starts_with(".vitte-"));
    let listed = ["log/tile", "index", "ns", "trust"].into_iter();
    let listed = listed.flat_map(|folder| source.list(folder).unwrap_or_default());
    let proofs = match scope {
        Scope::Log => Proofs::Optional,
        Scope::Archives(_) => Proofs::Required,
    };
    let listed = listed.filter(|path| !left(path)).collect();
    let mut audit = registry::Audit::new(trust.clone(), listed, proofs);
    let mut faults = Faults::default();
    let audited = match replay(source, scope, &mut audit)? {
        Ok(audited) => Some(audited),
        Err(found) => {
            found.iter().for_each(|fault| faults.add(Err(in_source(source, fault))));
            None
        }
    };
    if let Scope::Archives(directory) = scope {
        for (artifact, tree, core) in audit.releases() {
            faults.add(check_archive(directory, &trust, artifact, tree, core, reporter));
        }
    }
    faults.end()?;
    let Some(audited) = audited else { return Err(in_source(source, &WriteError::NoLog)) };
    Ok(Audit {
        registry: config.registry.to_string(),
        trust_root: audit.first_trust_root().unwrap_or_else(|| trust.digest()),
        entries: audited.entries,
        root: audited.root,
        namespaces: audited.namespaces,
        packages: audited.packages,
        artifacts: audited.artifacts,
        unfinished: audited.unfinished,
    })
}

/// How long a server, and caches before it, are given to deliver files that agree with one another: it does not say how
/// far its index has come, as a folder does.
const SETTLING: Duration = Duration::from_millis(500);

/// Brings what core's audit needs, and checks signatures on all processors.
fn replay(
    source: &dyn RegistrySource,
    scope: Scope<'_>,
    audit: &mut registry::Audit,
) -> Result<Result<registry::Audited, Vec<WriteError>>, Error> {
    let (mut snapshot, mut rounds) = (Snapshot::new(), 0);
    loop {
        if let Poll::Ready(audited) = audit.check(&mut snapshot) {
            return Ok(audited);
        }
        for need in snapshot.needs() {
            if need.path == layout::CHECKPOINT {
                rounds += 1;
                // What was read did not agree with the checkpoint: a writer is at work, or there is a fault.
                if rounds > 1 && matches!(scope, Scope::Log) {
                    std::thread::sleep(SETTLING);
                }
            }
            snapshot.supply(&need.path, source.read(&need.path, need.limit)?);
        }
        if let Err(fault) = verify_signatures(audit) {
            return Ok(Err(vec![fault]));
        }
    }
}

/// Tells the first that fails.
fn verify_signatures(audit: &mut registry::Audit) -> Result<(), WriteError> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let share = audit.unchecked().len().div_ceil(processors).max(1);
    let known: &registry::Audit = audit;
    let checked: Result<Vec<_>, WriteError> = std::thread::scope(|scope| {
        let verify = |part: &[registry::UncheckedRelease]| -> Result<Vec<_>, WriteError> {
            part.iter().map(|release| known.verify(release)).collect()
        };
        let shares: Vec<_> =
            known.unchecked().chunks(share).map(|part| scope.spawn(move || verify(part))).collect();
        let joined = shares.into_iter().map(|share| match share.join() {
            Ok(checked) => checked,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect::<Result<Vec<_>, _>>().map(|checked| checked.concat())
    });
    audit.accept(&checked?);
    Ok(())
}

/// Core's fault, with the file or address concerned.
fn in_source(source: &dyn RegistrySource, error: &WriteError) -> Error {
    let faults = Error::several(error.diagnostics());
    let faults = faults.unwrap_or_else(|| Diagnostic::new(Code::RegistryLayout, error.to_string()).into());
    match error {
        WriteError::NoLog => {
            let message = text::registry_layout(&source.name(), layout::CHECKPOINT);
            Diagnostic::new(Code::RegistryLayout, message).into()
        }
        // A file of the log that is missing where the whole registry is looked at: it is damaged.
        WriteError::Missing { path } => {
            let message = source.at(faults, path).to_string();
            Diagnostic::new(Code::RegistryLayout, text::registry_damaged(&source.name(), &message)).into()
        }
        WriteError::File { path, .. } if path.starts_with("log entry ") => faults.in_file(path),
        WriteError::File { path, .. } => source.at(faults, path),
        _ => faults,
    }
}

/// Faults of one file each, reported together.
#[derive(Default)]
struct Faults(Option<Error>);

impl Faults {
    fn add(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.0 = Some(match self.0.take() {
                Some(before) => before.and(error),
                None => error,
            });
        }
    }

    fn end(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

/// The archive is the one that was logged, and its index line follows from it.
fn check_archive(
    directory: &Directory,
    trust: &VerifiedTrustRoot,
    artifact: &Artifact,
    tree: &TreeDigest,
    logged: &Digest,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let path = layout::archive(artifact);
    let record = directory.read(&layout::removal(artifact), REMOVAL_LEN)?;
    if directory.open(&path)?.is_none()
        && let Some(record) = record
    {
        // Its operator has removed it, and says so.
        Removal::parse(&record).map_err(|error| Error::from(error).in_file(directory.file(&path)))?;
        return Ok(());
    }
    let facts = archive_facts(directory, artifact, *tree, reporter)?;
    let fault = |code: Code, message: String| {
        Error::from(Diagnostic::new(code, message)).in_file(directory.file(&path))
    };
    let core = Core::parse(&facts.core)?;
    if core.digest() != *logged {
        return Err(fault(Code::IndexLineDigest, text::index_line_altered(&artifact.to_string())));
    }
    let bytes =
        directory.read(&layout::index(&artifact.package), limits::INDEX_LEN as u64)?.unwrap_or_default();
    // What is wrong with the index file itself was reported before.
    let Ok(file) = VerifiedIndex::open(&bytes, &trust.root().index, &artifact.package) else { return Ok(()) };
    let entry = file.find(&artifact.version, artifact.kind, &artifact.target);
    let same = |entry: &vitte_package_core::index::IndexEntry| {
        (entry.head, entry.file, entry.size) == (facts.head, facts.file, facts.size)
    };
    match entry {
        Some(entry) if !same(entry) => Err(fault(Code::Index, text::archive_not_indexed(&path))),
        _ => Ok(()),
    }
}
