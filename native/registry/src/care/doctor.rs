//! A registry is looked over: its log replayed, everything that follows from it compared, and what it runs on.

use super::takedown::removed;
use super::{rebuild, words};
use crate::data::Data;
use crate::database::{Database, Dialect, values};
use crate::error::{Error, Result};
use crate::examine::archive_facts;
use crate::objects::Objects;
use crate::sequencer::{Keys, newest_trust_root};
use std::collections::BTreeSet;
use std::path::Path;
use std::task::Poll;
use tokio::runtime::Runtime;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::{Core, VerifiedIndex};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf};
use vitte_package_core::log::tile::{BundleId, WIDTH, parse_bundle};
use vitte_package_core::registry::{
    Audit, Audited, Proofs, Snapshot, VerifiedTrustRoot, WriteError, check_clock, layout,
};

/// Free bytes below which it is time to do something.
const FREE: u64 = 1 << 30;

/// What an audit calls an entry of the log, before its index.
const ENTRY: &str = "log entry ";

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Good,
    /// It works, and will not for ever.
    Warning,
    Fault,
    /// It was a fault.
    Repaired,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Fault => "fault",
            Self::Repaired => "repaired",
        }
    }
}

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) check: &'static str,
    pub(crate) state: State,
    pub(crate) fault: Diagnostic,
}

/// What was found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Examined {
    pub(crate) findings: Vec<Finding>,
}

impl Examined {
    fn good(&mut self, check: &'static str, text: String) {
        let fault = Diagnostic::new(Code::Io, text);
        self.findings.push(Finding { check, state: State::Good, fault });
    }

    fn add(&mut self, check: &'static str, state: State, fault: Diagnostic) {
        self.findings.push(Finding { check, state, fault });
    }

    fn faults(&mut self, check: &'static str, error: Error) {
        for fault in error.0 {
            self.add(check, State::Fault, fault);
        }
    }

    /// Every fault that is left.
    pub(crate) fn error(&self) -> Option<Error> {
        let faults = self.findings.iter().filter(|finding| finding.state == State::Fault);
        let faults: Vec<_> = faults.map(|finding| finding.fault.clone()).collect();
        (!faults.is_empty()).then_some(Error(faults))
    }
}

/// Looks a registry over. With `repair`, what can be made anew is.
pub(crate) fn examine(data: &Data, repairs: Repairs, now: u64, runtime: &Runtime) -> Result<Examined> {
    let registry = data.registry()?;
    let files = data.public()?;
    let mut examined = Examined::default();
    permissions(data, repairs, &mut examined);
    space(data.root(), &mut examined);
    database(data, runtime, &mut examined);
    let trust = match newest_trust_root(&files, &registry) {
        Ok(trust) => trust,
        Err(error) => {
            examined.faults("trust root", error);
            return Ok(examined);
        }
    };
    if let Err(error) = keys(data, &files, &trust, &mut examined) {
        examined.faults("keys", error);
    }
    if let Err(error) = clock(&files, &trust, now) {
        examined.faults("clock", error);
    } else {
        examined.good("clock", words::clock_good());
    }
    let mut log = Log::read(&files, &trust)?;
    if repairs == Repairs::Make && log.is_in_order && !log.faults.is_empty() {
        match rebuild(data, runtime) {
            Ok(_) => {
                let again = Log::read(&files, &trust)?;
                for fault in log.faults.iter().filter(|fault| !again.faults.contains(fault)) {
                    examined.add("files", State::Repaired, fault.clone());
                }
                log = again;
            }
            Err(error) => examined.faults("files", error),
        }
    }
    log.tell(&mut examined);
    Ok(examined)
}

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repairs {
    None,
    Make,
}

/// The log, and what follows from it.
struct Log {
    audited: Option<Audited>,
    faults: Vec<Diagnostic>,
    /// Whether the log itself is: then what follows from it can be made anew.
    is_in_order: bool,
    archives: u64,
}

impl Log {
    fn read(files: &Objects, trust: &VerifiedTrustRoot) -> Result<Self> {
        let mut listed = BTreeSet::new();
        for folder in ["log/tile", "index", "ns", "trust"] {
            files.each(folder, &mut |file| {
                listed.insert(file.path);
                Ok(())
            })?;
        }
        let mut audit = Audit::new(trust.clone(), listed, Proofs::Required);
        let mut log = Self { audited: None, faults: Vec::new(), is_in_order: false, archives: 0 };
        match replay(files, &mut audit)? {
            Ok(audited) => log.audited = Some(audited),
            Err(found) => {
                let size = log_size(files, trust).unwrap_or(0);
                log.faults.extend(found.into_iter().flat_map(|fault| named(fault, size).0));
            }
        }
        for (artifact, tree, core) in audit.releases() {
            log.is_in_order = true;
            log.archives += 1;
            if let Err(error) = archive(files, trust, artifact, *tree, core) {
                log.faults.extend(error.0);
            }
        }
        log.is_in_order |= log.audited.is_some();
        Ok(log)
    }

    fn tell(self, examined: &mut Examined) {
        match &self.audited {
            Some(audited) if self.faults.is_empty() => {
                let Audited { entries, packages, .. } = audited;
                examined.good("log", words::log_good(*entries, *packages as u64, self.archives));
            }
            _ => {}
        }
        for fault in self.faults {
            let help = if self.is_in_order { words::files_help() } else { words::log_help() };
            examined.add(if self.is_in_order { "files" } else { "log" }, State::Fault, fault.help(help));
        }
        if let Some(unfinished) = self.audited.map(|audited| audited.unfinished).filter(|some| *some > 0) {
            let fault = Diagnostic::new(Code::RegistryLayout, words::unfinished(unfinished));
            examined.add("files", State::Warning, fault);
        }
    }
}

/// What an audit of a log of this size found, with the file that it is in.
fn named(fault: WriteError, size: u64) -> Error {
    let WriteError::File { path, fault } = fault else { return fault.into() };
    if fault.message.contains(&path) {
        return Error::from(*fault);
    }
    let named = Error::from(*fault).in_file(&path);
    // To the audit an entry is a place of its own; here it is part of a file.
    let entry = path.strip_prefix(ENTRY).and_then(|entry| entry.parse::<u64>().ok());
    match entry.and_then(|entry| BundleId::at(entry / WIDTH, size)) {
        Some(bundle) => named.in_file(&layout::bundle(bundle)),
        None => named,
    }
}

/// Brings what core's audit needs, and checks signatures.
fn replay(files: &Objects, audit: &mut Audit) -> Result<Result<Audited, Vec<WriteError>>> {
    let mut snapshot = Snapshot::new();
    loop {
        if let Poll::Ready(audited) = audit.check(&mut snapshot) {
            return Ok(audited);
        }
        for need in snapshot.needs() {
            snapshot.supply(&need.path, files.read(&need.path, need.limit)?);
        }
        if let Err(fault) = audit.verify_all() {
            return Ok(Err(vec![fault]));
        }
    }
}

/// The archive is the one that was logged, and its index line follows from it.
fn archive(
    files: &Objects,
    trust: &VerifiedTrustRoot,
    artifact: &Artifact,
    tree: TreeDigest,
    logged: &Digest,
) -> Result<()> {
    let path = layout::archive(artifact);
    let damaged = |error: Error| error.in_file(&path);
    if removed(files, artifact).map_err(damaged)?.is_some() {
        // Removed on purpose. What is there all the same was left by a takedown that did not end.
        return match files.find(&path)? {
            None => Ok(()),
            Some(_) => Err(Error::new(Code::RegistryLayout, words::takedown_unfinished(&path))),
        };
    }
    let facts = archive_facts(files, artifact, tree).map_err(damaged)?;
    let core = Core::parse(&facts.core)?;
    if core.digest() != *logged {
        return Err(Error::new(Code::IndexLineDigest, words::archive_differs(&path)));
    }
    let package = &artifact.package;
    let bytes = files.read(&layout::index(package), limits::INDEX_LEN as u64)?.unwrap_or_default();
    // What is wrong with the index file itself was found before.
    let Ok(file) = VerifiedIndex::open(&bytes, &trust.root().index, package) else { return Ok(()) };
    let entry = file.find(&artifact.version, artifact.kind, &artifact.target);
    match entry {
        Some(entry) if (entry.head, entry.file, entry.size) != (facts.head, facts.file, facts.size) => {
            Err(Error::new(Code::Index, words::archive_differs(&path)))
        }
        _ => Ok(()),
    }
}

/// Whether the keys are this registry's, and have signed no more than there is.
fn keys(data: &Data, files: &Objects, trust: &VerifiedTrustRoot, examined: &mut Examined) -> Result<()> {
    let folder = data.keys();
    let shown = folder.display().to_string();
    if Objects::folder(folder.clone()).is_empty()? {
        let fault = Diagnostic::new(Code::NoKey, words::keys_missing(&shown));
        examined.add("keys", State::Warning, fault);
        return Ok(());
    }
    let keys = Keys::load(&folder)?;
    let log = keys.log.public();
    let is_known = trust.root().log_policy.logs().iter().any(|key| *key.note_key().public() == log);
    let index = keys.index.public();
    if !is_known || !trust.root().index.iter().any(|key| *key.note_key().public() == index) {
        return Err(Error::new(Code::Forbidden, words::keys_other(&shown)));
    }
    let size = log_size(files, trust)?;
    match keys.signed()? {
        Some(signed) if signed.size > size => {
            let fault = Diagnostic::new(Code::Consistency, words::log_older(size, signed.size));
            examined.add("keys", State::Fault, fault.help(words::log_older_help()));
        }
        _ => examined.good("keys", words::keys_good(&shown)),
    }
    Ok(())
}

fn log_size(files: &Objects, trust: &VerifiedTrustRoot) -> Result<u64> {
    let missing = || Error::new(Code::RegistryLayout, words::no_checkpoint());
    let note = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?.ok_or_else(missing)?;
    let opened = VerifiedCheckpoint::open(&note, &trust.root().log_policy);
    Ok(opened.map_err(|error| Error::from(error).in_file(layout::CHECKPOINT))?.size())
}

/// Whether the clock is near the last entry.
fn clock(files: &Objects, trust: &VerifiedTrustRoot, now: u64) -> Result<()> {
    let size = log_size(files, trust)?;
    let last = size.checked_sub(1).and_then(|last| BundleId::at(last / WIDTH, size));
    let Some(id) = last else { return Ok(()) };
    // What is wrong with the log is told elsewhere.
    let bytes = files.read(&layout::bundle(id), layout::BUNDLE_LEN)?.unwrap_or_default();
    let Ok(entries) = parse_bundle(id, &bytes) else { return Ok(()) };
    let last = entries.last().and_then(|entry| Leaf::parse(entry).ok());
    Ok(check_clock(now, last.map_or(0, |leaf| leaf.time))?)
}

/// Whether nobody else can read what is nobody else's.
fn permissions(data: &Data, repairs: Repairs, examined: &mut Examined) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode() & 0o777);
        let mut paths = vec![data.keys()];
        // The folder may be open, so that another file server reaches the registry's files; the database is not.
        if mode(data.root()).is_ok_and(|mode| mode & 0o077 != 0) {
            paths.push(data.database());
        }
        paths.extend(std::fs::read_dir(data.keys()).into_iter().flatten().flatten().map(|one| one.path()));
        let mut is_good = true;
        for path in paths {
            let Ok(found) = std::fs::metadata(&path) else { continue };
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 == 0 {
                continue;
            }
            is_good = false;
            let private = if found.is_dir() { 0o700 } else { 0o600 };
            let shown = path.display().to_string();
            let fault =
                Diagnostic::new(Code::KeyPermissions, words::open_to_others(&shown, &format!("{mode:04o}")));
            let fault = fault.help(format!("chmod {private:o} {shown}"));
            let repaired = repairs == Repairs::Make
                && std::fs::set_permissions(&path, std::fs::Permissions::from_mode(private)).is_ok();
            examined.add("permissions", if repaired { State::Repaired } else { State::Fault }, fault);
        }
        if is_good {
            examined.good("permissions", words::permissions_good());
        }
    }
    #[cfg(not(unix))]
    let _ = (data, repairs, examined);
}

/// How much room there is.
fn space(root: &Path, examined: &mut Examined) {
    #[cfg(unix)]
    if let Ok(found) = rustix::fs::statvfs(root) {
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        let gib = format!("{:.1}", free as f64 / (1u64 << 30) as f64);
        match free < FREE {
            true => {
                let fault = Diagnostic::new(Code::NoSpace, words::space_low(&gib));
                examined.add("space", State::Warning, fault);
            }
            false => examined.good("space", words::space_good(&gib)),
        }
    }
    #[cfg(not(unix))]
    let _ = (root, examined);
}

/// Whether the database is whole.
fn database(data: &Data, runtime: &Runtime, examined: &mut Examined) {
    let checked = runtime.block_on(async {
        let database = data.open_database().await?;
        check_database(&database).await
    });
    match checked {
        Ok(answer) if answer == "ok" => examined.good("database", words::database_good()),
        Ok(answer) => {
            let fault = Diagnostic::new(Code::Unavailable, words::database_damaged(&answer));
            examined.add("database", State::Fault, fault.help(words::database_help()));
        }
        Err(error) => examined.faults("database", error),
    }
}

async fn check_database(database: &Database) -> Result<String> {
    let sql = match database.dialect() {
        Dialect::Sqlite => "PRAGMA integrity_check(1)",
        Dialect::Postgres => "SELECT 'ok'",
    };
    database.one(sql, values![]).await?.map_or(Ok(String::new()), |row| row.text(0))
}
