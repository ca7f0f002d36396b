//! One look at the registry: the client protocol of core, about everything that clients wait for at that moment.
//!
//! What is kept stays as good as it is: where the log went on, every entry behind what was seen is read, and the files of
//! the packages and namespaces that those are about are brought anew before the newer checkpoint is shown. So a client
//! never finds an older index under a newer log, and a mirror that lags is only older.

use super::copy::LocalCopy;
use super::log_files::LogFiles;
use super::words;
use super::{Mirror, View};
use crate::error::{Error, Result};
use crate::paths::RegistryPath;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::index::{IndexEntry, IndexFile};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Leaf, Thread};
use vitte_package_core::log::tile::{TileId, WIDTH};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::client::judge::{check_remembered, check_rev};
use vitte_package_core::registry::client::{
    Event, FileNeed, Job, Memory, ProvenRelease, Refusal, ReleaseProofError, SeenRecord, Session, Want,
};
use vitte_package_core::registry::{VerifiedTrustRoot, layout};
use vitte_package_core::sign::NamespaceChain;

/// Files that are fetched at once.
const CONNECTIONS: usize = 8;
/// Entries before the first look that are read, so that a part of the registry that lags behind its log is noticed.
const RECENT: u64 = WIDTH;
/// How often the log may go on while it is read.
const ROUNDS: usize = 8;

/// What clients wait for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) packages: BTreeSet<PackageName>,
    pub(super) namespaces: BTreeSet<Namespace>,
    /// Archives by their path.
    pub(super) archives: BTreeMap<String, PackageName>,
    /// Kept files that the registry gave in an older state for too long: the log goes on without them.
    pub(super) give_up_stuck: bool,
}

/// What a look came to.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Of the files that are not there now, why; no reason when the registry does not have them.
    pub(super) missing: BTreeMap<String, Option<Error>>,
    /// What is proved of archives.
    pub(super) releases: BTreeMap<String, Result<Option<Proven>>>,
    /// What keeps the log from going on.
    pub(super) stuck: Option<Error>,
}

/// A release whose archive may be fetched.
#[derive(Clone, Debug)]
pub(super) struct Proven {
    pub(super) release: Box<ProvenRelease>,
    pub(super) entry: Box<IndexEntry>,
}

/// Newest entries of the log by what they are about, as far as they were read.
pub(super) type Recent = HashMap<Thread, u64>;

/// One look.
pub(super) struct Look<'a> {
    mirror: &'a Mirror,
    view: Option<&'a View>,
    recent: &'a mut Recent,
    session: Session,
    /// What came from the registry, by path.
    brought: BTreeMap<String, Vec<u8>>,
    /// Files that could not be brought.
    failed: BTreeMap<String, Error>,
    confirmed: Vec<String>,
    releases: Vec<(PackageName, u64, Result<ProvenRelease, Refusal>)>,
}

impl<'a> Look<'a> {
    pub(super) fn new(mirror: &'a Mirror, view: Option<&'a View>, recent: &'a mut Recent) -> Self {
        let memory = view.map(|view| view.memory.clone()).unwrap_or_default();
        Self {
            mirror,
            view,
            recent,
            session: Session::open(Some(mirror.pin), memory),
            brought: BTreeMap::new(),
            failed: BTreeMap::new(),
            confirmed: Vec::new(),
            releases: Vec::new(),
        }
    }

    /// Looks, and keeps what is good. Gives the view that clients have from now on.
    pub(super) fn run(mut self, wanted: &Wanted) -> Result<(View, Seen)> {
        self.drive()?;
        let (mut packages, mut namespaces) = (wanted.packages.clone(), wanted.namespaces.clone());
        packages.extend(wanted.archives.values().cloned());
        let mut affected = (BTreeSet::new(), BTreeSet::new());
        let mut read = self.view.map(|view| view.checkpoint.size());
        for round in 0.. {
            let (trust, checkpoint) = self.opened()?;
            if round == ROUNDS {
                return Err(Error::new(Code::Busy, words::unsettled(layout::CHECKPOINT)));
            }
            let from = read.unwrap_or(checkpoint.size().saturating_sub(RECENT));
            if self.session.older().is_none() && from < checkpoint.size() {
                self.read_log(from, &checkpoint, &mut affected)?;
            }
            if self.view.is_some_and(|view| view.trust.root().index != trust.root().index) {
                affected.0.extend(self.copy().packages());
            }
            read = Some(checkpoint.size());
            let held = |path: String| self.copy().holds(&path);
            affected.0.retain(|package| held(layout::index(package)));
            affected.1.retain(|namespace| held(layout::namespace(namespace)));
            packages.extend(affected.0.iter().cloned());
            namespaces.extend(affected.1.iter().cloned());
            self.session.want(Want::Namespaces(namespaces.iter().cloned().collect()));
            self.session.want(Want::Index(packages.iter().cloned().collect()));
            self.drive()?;
            if self.opened()?.1.size() == checkpoint.size() {
                break;
            }
        }
        let mut seen = Seen { releases: self.prove(wanted)?, ..Seen::default() };
        let (trust, checkpoint) = self.opened()?;
        self.keep_log_files(&trust, &checkpoint)?;
        let view = self.keep(wanted, &affected, (trust, checkpoint), &mut seen)?;
        Ok((view, seen))
    }

    fn copy(&self) -> &'a LocalCopy {
        &self.mirror.copy
    }

    fn opened(&self) -> Result<(VerifiedTrustRoot, VerifiedCheckpoint)> {
        let opened = self.session.trust_root().zip(self.session.checkpoint());
        let missing = || Error::new(Code::RegistryLayout, words::absent());
        opened.map(|(trust, checkpoint)| (trust.clone(), checkpoint.clone())).ok_or_else(missing)
    }

    /// The newest record of a namespace in its kept file.
    fn kept_record(&self, namespace: &Namespace) -> Option<SeenRecord> {
        let bytes = self.copy().read(&layout::namespace(namespace), limits::NAMESPACE_FILE_LEN as u64)?;
        let registry = self.view?.trust.root().registry.clone();
        let chain = NamespaceChain::parse(registry, namespace.clone(), &bytes).ok()?;
        Some(SeenRecord { seq: chain.latest()?.seq, envelope: chain.latest_digest()? })
    }

    /// Brings what the session needs, until it needs nothing more.
    fn drive(&mut self) -> Result<()> {
        loop {
            let work = self.session.jobs();
            let needs = self.session.needs().to_vec();
            let is_over = work.is_empty() && needs.is_empty();
            for done in work.into_iter().map(Job::run) {
                self.session.finish(done);
            }
            self.bring(&needs);
            while let Some(event) = self.session.take() {
                match event {
                    Event::Confirmed(path) => self.confirmed.push(path),
                    Event::Release { package, log, result } => self.releases.push((package, log, *result)),
                    _ => {}
                }
            }
            if let Some(refusal) = self.session.failure() {
                return Err(self.refused(&refusal.clone()));
            }
            if is_over {
                return Ok(());
            }
        }
    }

    /// Brings files, several at once.
    fn bring(&mut self, needs: &[FileNeed]) {
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS.min(needs.len()) {
                scope.spawn(|| {
                    while let Some(need) = needs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let file = self.file(need);
                        found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((need, file));
                    }
                });
            }
        });
        for (need, file) in found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            match file {
                Ok(Some((bytes, is_new))) => {
                    if is_new {
                        self.brought.insert(need.path.clone(), bytes.clone());
                    }
                    self.session.supply(&need.path, bytes);
                }
                Ok(None) => self.session.absent(&need.path),
                Err(error) => {
                    self.failed.insert(need.path.clone(), error);
                    self.session.unreadable(&need.path);
                }
            }
        }
    }

    /// A file, and whether it came from the registry: what never changes is taken from the copy.
    fn file(&self, need: &FileNeed) -> Result<Option<(Vec<u8>, bool)>> {
        let never_changes = matches!(
            RegistryPath::parse(&need.path),
            RegistryPath::TrustRoot(_)
                | RegistryPath::Tile(_)
                | RegistryPath::Bundle(_)
                | RegistryPath::Proof
        );
        if never_changes && let Some(bytes) = self.copy().read(&need.path, need.limit) {
            return Ok(Some((bytes, false)));
        }
        Ok(self.mirror.upstream.get(&need.path, need.limit)?.map(|bytes| (bytes, true)))
    }

    /// Reads the entries from `from` on: what they are about has changed.
    fn read_log(
        &mut self,
        from: u64,
        checkpoint: &VerifiedCheckpoint,
        affected: &mut (BTreeSet<PackageName>, BTreeSet<Namespace>),
    ) -> Result<()> {
        let (copy, upstream) = (&self.mirror.copy, &self.mirror.upstream);
        let files = LogFiles { copy, upstream, checkpoint };
        for (thread, place) in threads(&files, from)? {
            match &thread {
                Thread::Package(package) => _ = affected.0.insert(package.clone()),
                Thread::Namespace(namespace) => _ = affected.1.insert(namespace.clone()),
                Thread::Trust => {}
            }
            self.recent.insert(thread, place);
        }
        Ok(())
    }

    /// Proves the releases whose archives are wanted.
    fn prove(&mut self, wanted: &Wanted) -> Result<BTreeMap<String, Result<Option<Proven>>>> {
        let mut results = BTreeMap::new();
        let mut entries = BTreeMap::new();
        for (path, package) in &wanted.archives {
            let file = match self.session.index(package) {
                Some(Ok(Some(file))) => file.clone(),
                Some(Ok(None)) => {
                    results.insert(path.clone(), Ok(None));
                    continue;
                }
                Some(Err(refusal)) => {
                    results.insert(path.clone(), Err(self.refused(&refusal.clone())));
                    continue;
                }
                None => continue,
            };
            let entry = file.entries().iter().find(|entry| layout::archive(&file.artifact(entry)) == *path);
            match entry.cloned() {
                None => _ = results.insert(path.clone(), Ok(None)),
                Some(entry) => {
                    let releases = vec![(file, entry.clone())];
                    self.session.want(Want::Releases { releases, anew: true });
                    entries.insert((package.clone(), entry.log), (path.clone(), entry));
                }
            }
        }
        self.drive()?;
        for (package, log, result) in std::mem::take(&mut self.releases) {
            let Some((path, entry)) = entries.remove(&(package, log)) else { continue };
            let result = match result {
                Ok(release) => Ok(Some(Proven { release: Box::new(release), entry: Box::new(entry) })),
                Err(refusal) => Err(self.refused(&refusal)),
            };
            results.insert(path, result);
        }
        Ok(results)
    }

    /// Keeps what belongs to the log, which never changes, and what a client needs under its newest checkpoint.
    fn keep_log_files(&self, trust: &VerifiedTrustRoot, checkpoint: &VerifiedCheckpoint) -> Result<()> {
        let copy = self.copy();
        let files = LogFiles { copy, upstream: &self.mirror.upstream, checkpoint };
        for (path, bytes) in &self.brought {
            if matches!(RegistryPath::parse(path), RegistryPath::TrustRoot(version) if version <= trust.root().version)
            {
                copy.put(path, bytes)?;
            }
        }
        for path in &self.confirmed {
            if let (RegistryPath::Tile(id), Some(bytes)) = (RegistryPath::parse(path), self.brought.get(path))
                && let Some(id) = TileId::at(id.level(), id.index(), checkpoint.size())
            {
                files.keep_tile(id, bytes)?;
            }
        }
        for (path, bytes) in &self.brought {
            files.keep_if_good(path, bytes, &trust.root().log_policy);
        }
        if self.view.is_none_or(|view| view.checkpoint.size() != checkpoint.size()) {
            files.tiles(&[])?;
            if !checkpoint.size().is_multiple_of(WIDTH) {
                files.entries(checkpoint.size() / WIDTH)?;
            }
        }
        Ok(())
    }

    /// Keeps index files and namespaces, and lets the log go on if everything that is kept goes with it.
    fn keep(
        &self,
        wanted: &Wanted,
        affected: &(BTreeSet<PackageName>, BTreeSet<Namespace>),
        (trust, checkpoint): (VerifiedTrustRoot, VerifiedCheckpoint),
        seen: &mut Seen,
    ) -> Result<View> {
        let (mut files, mut stuck) = (Vec::new(), Vec::new());
        let found = affected.0.iter().map(|package| (layout::index(package), self.judged_index(package)));
        let others = affected.1.iter().map(|name| (layout::namespace(name), self.judged_namespace(name)));
        for (path, judged) in found.chain(others) {
            match judged {
                Ok(Some((_, bytes))) => files.push((path, bytes)),
                Ok(None) => {
                    stuck.push((path.clone(), Error::new(Code::Unavailable, words::unsettled(&path))))
                }
                Err(error) => stuck.push((path, error)),
            }
        }
        let goes_on = stuck.is_empty() || wanted.give_up_stuck;
        let size = match self.view {
            Some(view) if !goes_on => view.checkpoint.size(),
            _ => checkpoint.size(),
        };
        if !goes_on {
            files.clear();
        }
        let found = wanted.packages.iter().chain(wanted.archives.values());
        let found = found.map(|package| (layout::index(package), self.judged_index(package)));
        let others =
            wanted.namespaces.iter().map(|name| (layout::namespace(name), self.judged_namespace(name)));
        for (path, judged) in found.chain(others) {
            match judged {
                // What is older than what is kept is not taken for what is there now.
                Ok(_) if self.session.older().is_some() => {
                    let reason = self.session.older().map(|older| older.message()).unwrap_or_default();
                    seen.missing.insert(path, Some(Error::new(Code::Unavailable, reason)));
                }
                Ok(Some((ahead, _))) if ahead > size => {
                    let error = Error::new(Code::Unavailable, words::beyond(&path));
                    seen.missing.insert(path, Some(error));
                }
                Ok(Some((_, bytes))) => files.push((path, bytes)),
                Ok(None) => _ = seen.missing.insert(path, None),
                Err(error) => _ = seen.missing.insert(path, Some(error)),
            }
        }
        seen.stuck = stuck.first().map(|(_, error)| error.clone());
        let _moving = self.copy().moving();
        for (path, bytes) in &files {
            self.copy().put(path, bytes)?;
        }
        if !goes_on && let Some(view) = self.view {
            return Ok(view.clone());
        }
        for (path, _) in &stuck {
            self.copy().prune(path);
        }
        // Of packages and namespaces the kept files say it.
        let memory = Memory { seen: Default::default(), ..self.session.memory() };
        self.copy().put(layout::CHECKPOINT, checkpoint.bytes())?;
        self.copy().remember(&memory)?;
        Ok(View { memory, trust, checkpoint })
    }

    /// The index file of a package and how far it knows the log; none when there is none.
    fn judged_index(&self, package: &PackageName) -> Result<Option<(u64, Vec<u8>)>> {
        let path = layout::index(package);
        let newest = self.recent.get(&Thread::Package(package.clone()));
        match self.session.index(package) {
            Some(Ok(Some(file))) => {
                let kept = self.copy().read(&path, limits::INDEX_LEN as u64);
                let kept = kept.and_then(|bytes| IndexFile::read_unverified(&bytes, package).ok());
                let older = self.session.older();
                check_rev(package, kept.map(|kept| kept.rev()), Some(file.rev()), older)
                    .map_err(|error| Error::from(error.diagnostic()))?;
                let bytes = self.brought.get(&path).cloned();
                let is_settled = newest.is_none_or(|place| *place < file.log_size());
                match bytes.filter(|_| is_settled) {
                    Some(bytes) => Ok(Some((file.log_size(), bytes))),
                    None => Err(Error::new(Code::Unavailable, words::unsettled(&path))),
                }
            }
            Some(Ok(None)) if newest.is_none() => Ok(None),
            Some(Err(refusal)) => Err(self.refused(refusal)),
            Some(Ok(None)) | None => Err(Error::new(Code::Unavailable, words::unsettled(&path))),
        }
    }

    /// As [`Self::judged_index`], for the records of a namespace.
    fn judged_namespace(&self, namespace: &Namespace) -> Result<Option<(u64, Vec<u8>)>> {
        let path = layout::namespace(namespace);
        let newest = self.recent.get(&Thread::Namespace(namespace.clone()));
        match self.session.namespace(namespace) {
            Some(Ok(chain)) => {
                let is_absent = !self.brought.contains_key(&path);
                let older = self.session.older();
                check_remembered(chain, self.kept_record(namespace).as_ref(), is_absent, older)
                    .map_err(|error| Error::from(error.diagnostic()))?;
                let size = chain.latest_index().map_or(0, |place| place + 1);
                let is_settled = newest.is_none_or(|place| *place < size);
                match (self.brought.get(&path), chain.is_empty()) {
                    (None, true) if is_settled => Ok(None),
                    (Some(bytes), _) if is_settled => Ok(Some((size, bytes.clone()))),
                    _ => Err(Error::new(Code::Unavailable, words::unsettled(&path))),
                }
            }
            Some(Err(refusal)) => Err(self.refused(refusal)),
            None => Err(Error::new(Code::Unavailable, words::unsettled(&path))),
        }
    }

    /// What the session refuses. Two checkpoints that contradict each other are kept.
    fn refused(&self, refusal: &Refusal) -> Error {
        match &*refusal.error {
            ReleaseProofError::Unreadable { path } if self.failed.contains_key(path) => {
                self.failed.get(path).cloned().unwrap_or_else(|| refusal.error.diagnostic().into())
            }
            ReleaseProofError::SplitView { notes, .. } => match self.copy().keep_evidence(notes) {
                Ok(folder) => {
                    let fault = Diagnostic::new(Code::SplitView, refusal.error.diagnostic().message);
                    fault.help(words::evidence(&folder.display().to_string())).into()
                }
                Err(error) => error,
            },
            error => error.diagnostic().into(),
        }
    }
}

/// What the entries from `from` on are about, and where the newest about it is.
pub(super) fn threads(files: &LogFiles<'_>, from: u64) -> Result<Recent> {
    let mut threads = Recent::new();
    let size = files.checkpoint.size();
    for index in from / WIDTH..size.div_ceil(WIDTH) {
        for (entry, place) in files.entries(index)?.iter().zip(index * WIDTH..) {
            if place >= from {
                let leaf = Leaf::parse(entry).map_err(|error| Error::from(error.diagnostic()))?;
                threads.insert(leaf.subject.thread(), place);
            }
        }
    }
    Ok(threads)
}
