//! Solving, and the lockfile that comes out.

mod offline;
mod prove;
mod solve;

use super::check_pins;
use super::members::Members;
use super::sources::Sources;
use super::{Deny, Proof};
use crate::error::Error;
use crate::fs;
use crate::manifest_edit::line_ends;
use crate::message::{dependencies as text, lock as lock_text, usage};
use crate::project::Project;
use crate::project_edit::{self, FileChange};
use crate::report::Reporter;
use prove::prove_all;
pub use prove::{KnownSigners, Solved};
use solve::{Choice, solve_among, solve_from_cache};
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::limits;
use vitte_package_core::lockfile::{Lockfile, LockfileChange, Salvage, Suspicion};
use vitte_package_core::manifest::near_miss_tables;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{Explanation, Policy, Request, Resolution};
use vitte_package_core::verify::Trust;
use vitte_package_core::version::Version;

/// What a resolution should keep and change.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Packages that may move; of all others the locked versions are preferred.
    pub unlocked: Unlocked,
    /// Versions asked for by name.
    pub precise: BTreeMap<PackageName, Version>,
    /// Seconds since the log took a release before it is chosen; without it, as configured, or as the registries
    /// want.
    pub minimum_age: Option<u64>,
    /// Whether locked releases are proved again.
    pub proof: Proof,
    /// What will be refused of locked releases.
    pub deny: Deny,
}

/// Which packages may move from their locked versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlocked {
    /// These.
    Only(BTreeSet<PackageName>),
    /// All.
    All,
}

impl Default for Unlocked {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

/// A resolution, proved, and its lockfile. Nothing is written yet.
#[derive(Debug)]
pub struct LockOutcome {
    /// The answer.
    pub resolution: Resolution,
    /// Its lockfile.
    pub lockfile: Lockfile,
    /// What changed.
    pub changes: Vec<LockfileChange>,
    /// Whether the lockfile on disk is another one.
    pub is_new: bool,
    /// The text on disk when this began.
    before: Option<String>,
    /// How the archives of newly chosen releases are trusted.
    pub trust: BTreeMap<TreeDigest, Trust>,
}

/// The lockfile of a project, as it is on disk.
#[derive(Debug)]
pub enum OnDisk {
    /// There is none.
    Absent,
    /// It can be read.
    Good(Lockfile, String),
    /// It cannot; with what may be kept when it is written again. Without that it may not be written again.
    Bad(Error, Option<Salvaged>),
}

/// A lockfile that does not hold together, and its text.
#[derive(Debug)]
pub struct Salvaged {
    /// What is kept.
    pub tables: Salvage,
    /// The text.
    pub source: String,
}

/// Reads the lockfile of a project.
///
/// # Errors
/// `io`; a malformed file is [`OnDisk::Bad`].
pub fn read(project: &Project) -> Result<OnDisk, Error> {
    let path = project.lockfile_path();
    let Some(source) = read_source(project)? else { return Ok(OnDisk::Absent) };
    match source.map(|source| (Lockfile::parse(&source), source)) {
        Ok((Ok(lockfile), source)) => Ok(OnDisk::Good(lockfile, source)),
        Ok((Err(errors), source)) => {
            let tables = errors.salvage().cloned();
            let error = Error::several(errors.diagnostics())
                .unwrap_or_else(|| Error::from(errors))
                .in_text(&path, &source);
            Ok(OnDisk::Bad(error, tables.map(|tables| Salvaged { tables, source })))
        }
        Err(fault) => Ok(OnDisk::Bad(Error::from(*fault).in_file(&path), None)),
    }
}

/// The text of the lockfile; the inner error says that it is none.
fn read_source(project: &Project) -> Result<Option<Result<String, Box<Diagnostic>>>, Error> {
    let bytes = fs::read_if_there(&project.lockfile_path(), limits::LOCKFILE_LEN)?;
    Ok(bytes.map(|bytes| {
        String::from_utf8(bytes).map_err(|_| {
            let fault = Diagnostic::new(Code::LockSyntax, lock_text::not_text());
            Box::new(fault.help(lock_text::hint_restore()))
        })
    }))
}

/// The question about members, without preferences.
pub fn request(members: &Members, sources: &Sources, options: &Options) -> Request {
    let own = members.all().map(|member| member.manifest().name().namespace_or_none());
    let age = sources.minimum_age(options.minimum_age);
    Request {
        members: members.for_resolver(),
        locked: Vec::new(),
        precise: options.precise.clone(),
        policy: Policy {
            now: now(),
            minimum_age: age.seconds,
            exempt: own.chain(age.exempt.namespaces).collect(),
            exempt_packages: age.exempt.packages,
            ..Policy::default()
        },
        registries: sources.registries().clone(),
    }
}

/// The present, in seconds since 1970.
pub fn now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}

/// Resolves and proves what is new. Nothing is written.
///
/// # Errors
/// `no-solution`, `no-match`, `too-young`, `cycle` with the reasons; `lock-mismatch` when a registry has other
/// content for a locked release; those of the registries' proofs.
pub fn resolve(
    members: &Members,
    sources: &mut Sources,
    options: &Options,
    reporter: &dyn Reporter,
) -> Result<LockOutcome, Error> {
    for warning in members.roots().iter().flat_map(|root| near_miss_tables(root.source())) {
        reporter.warned(warning);
    }
    sources.tell_older(reporter);
    let (before, salvaged, text_before) = match read(members.project())? {
        OnDisk::Absent => (None, None, None),
        OnDisk::Good(lockfile, text) => (Some(lockfile), None, Some(text)),
        OnDisk::Bad(error, None) => return Err(error),
        OnDisk::Bad(error, Some(Salvaged { tables, source })) => {
            let fault = error.faults().next().map(|fault| fault.diagnostic().message.clone());
            let message = text::lock_mended(&fault.unwrap_or_default());
            reporter.warned(Diagnostic::new(Code::LockSyntax, message));
            (None, Some(tables), Some(source))
        }
    };
    let mut request = request(members, sources, options);
    let none = BTreeSet::new();
    let names = match &options.unlocked {
        Unlocked::Only(names) => names,
        Unlocked::All => &none,
    };
    request.locked = match (&options.unlocked, &before, &salvaged) {
        (Unlocked::Only(_), Some(lockfile), _) => lockfile.preferences(names),
        (Unlocked::Only(_), None, Some(tables)) => tables.preferences(names),
        (Unlocked::All, ..) | (_, None, None) => Vec::new(),
    };
    // What a merge left was put together by no run of this program: it is proved again.
    let known = match (&before, options.proof) {
        (Some(before), Proof::AsLocked) => before.signers(),
        _ => BTreeMap::new(),
    };
    // The current status of what stays as it is is requested only where that matters.
    let use_cached = options.proof == Proof::AsLocked && !options.deny.is_any() && !sources.is_offline();
    let resolved = match use_cached.then(|| solve_from_cache(&request, sources)).transpose()?.flatten() {
        Some(resolution) => Ok(resolution),
        None => solve(request, sources)?,
    };
    let solved =
        match resolved.map(|resolution| prove_all(resolution, &known, options.proof, sources, reporter)) {
            Ok(solved) => Ok(solved?),
            Err(explanation) => Err(explanation),
        };
    let solved = match solved {
        Ok(solved) => solved,
        Err(explanation) => {
            let error = in_manifest(members, &explanation);
            return Err(match explanation.diagnostic().code {
                Code::NoMatch | Code::NotFound => with_suggestions(members, sources, error),
                _ => error,
            });
        }
    };
    sources.tell_copies(reporter);
    let Solved { resolution, lockfile, trust } = solved;
    let sides = salvaged.as_ref().map_or(before.as_slice(), Salvage::sides);
    for before in sides {
        if let Some(moved) = before.moved(&lockfile).into_iter().next() {
            return Err(moved.into());
        }
        compare(before, &lockfile, sources, reporter)?;
    }
    check_pins(members.project(), &lockfile)?;
    let changes = sides.first().unwrap_or(&Lockfile::default()).changes(&lockfile);
    // One lockfile has one text, but for its line ends.
    let is_new = before.as_ref() != Some(&lockfile);
    Ok(LockOutcome { resolution, lockfile, changes, is_new, before: text_before, trust })
}

/// Asks the resolver, and the registries for what it needs.
///
/// # Errors
/// Those of the registries; that there is no solution is the inner error.
pub fn solve(request: Request, sources: &mut Sources) -> Result<Result<Resolution, Box<Explanation>>, Error> {
    match sources.is_offline() {
        true => offline::solve(request, sources),
        false => solve_among(request, sources, Choice::All),
    }
}

/// Solves, and proves every chosen artifact that is not in `known`, which says who signed it.
///
/// # Errors
/// Those of the registries and of their proofs; that there is no solution is the inner error.
pub fn solve_and_prove(
    request: Request,
    known: &KnownSigners,
    proof: Proof,
    sources: &mut Sources,
    reporter: &dyn Reporter,
) -> Result<Result<Solved, Box<Explanation>>, Error> {
    match solve(request, sources)? {
        Ok(resolution) => prove_all(resolution, known, proof, sources, reporter).map(Ok),
        Err(explanation) => Ok(Err(explanation)),
    }
}

/// Holds a lockfile against the one before: a release never changes its content.
///
/// # Errors
/// `lock-mismatch` when one did; `signer-changed` when other keys signed and the chain of the namespace does not
/// lead from the ones before to them. Where it does, that is only a warning. `ns-chain` and its kin.
pub fn compare(
    before: &Lockfile,
    after: &Lockfile,
    sources: &mut Sources,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    for suspicion in before.suspicions(after) {
        if matches!(suspicion, Suspicion::Tree { .. }) {
            return Err(suspicion.into());
        }
        let namespace = suspicion.name().namespace_or_none();
        if !suspicion.is_explained_by(sources.of(suspicion.name())?.namespace(&namespace)?) {
            return Err(suspicion.into());
        }
        // Right as it is, and worth knowing.
        reporter.warned(suspicion.diagnostic());
    }
    Ok(())
}

/// Writes the lockfile if it is another than the one on disk, with the line ends that it has there.
///
/// # Errors
/// `busy` when it was changed since it was read: it is left as it is. `not-owned` for a link that leads out of the
/// project; `io`, `no-space`.
pub fn write(project: &Project, outcome: &LockOutcome) -> Result<(), Error> {
    if !outcome.is_new {
        return Ok(());
    }
    let change = outcome.change(project);
    match change.is_current()? {
        true => change.write(),
        false => Err(project_edit::changed_meanwhile(&project.lockfile_path())),
    }
}

impl LockOutcome {
    /// What is written to the lockfile.
    pub fn change(&self, project: &Project) -> FileChange {
        let before = self.before.as_deref();
        let text = self.lockfile.print();
        let text = if before.is_some_and(line_ends::is_crlf) { text.replace('\n', "\r\n") } else { text };
        FileChange::new(project, project.lockfile_path(), before, text)
    }
}

/// Adds suggestions for the names in the manifests that no registry has.
fn with_suggestions(members: &Members, sources: &mut Sources, mut error: Error) -> Error {
    for dependency in members.roots().iter().flat_map(|root| root.manifest().dependencies()) {
        let Ok(client) = sources.of(dependency.name()) else { continue };
        if dependency.path().is_none() && matches!(client.index(dependency.name()), Ok(None)) {
            error = match client.nearest(dependency.name()) {
                Some(near) => error.help(usage::did_you_mean(near.as_str())),
                None => error,
            };
        }
    }
    error
}

/// That there is no solution, at the lines of the manifest that want it.
pub fn in_manifest(members: &Members, explanation: &Explanation) -> Error {
    let error = Error::from(explanation.diagnostic());
    let project = explanation.project();
    match members.all().find(|member| Some(member.manifest().name()) == project) {
        Some(member) => member.in_manifest(error),
        None => error,
    }
}
