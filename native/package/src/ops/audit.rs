//! Holds the releases in use, those of a project's lockfile and those installed for this user, against what their
//! registries say today: which were yanked, and which were signed by a key that has been revoked since.
//!
//! Everything is proved anew, from the pinned trust root to the entry in the log. That a release was withdrawn or its
//! key revoked is a finding; that a registry contradicts itself, or what is in use, is an error.

use crate::config::Config;
use crate::dependencies::lock::{self, OnDisk};
use crate::dependencies::{Members, Network, Scope, Sources, TrustPrompt};
use crate::env::Env;
use crate::error::Error;
use crate::message::audit as text;
use crate::project::Project;
use crate::registry::read::client::RegistryClient;
use std::collections::BTreeMap;
use vitte_package_core::dependency::DependencySource;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::sign::{KeyId, RegistryId, StatusAction, StatusChange};

/// Who uses a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// The lockfile of the project names it.
    Lockfile,
    /// It is installed for this user.
    Store,
}

/// A release in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Which one.
    pub artifact: Artifact,
    /// Who uses it.
    pub user: User,
    /// Its identity, as it is used.
    pub tree: TreeDigest,
    /// The registry it came from; none for a file.
    pub registry: Option<RegistryId>,
    /// Whose signatures counted when it was chosen.
    pub signers: Vec<KeyId>,
}

/// What an audit has to say of a release.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Its author has withdrawn it.
    Yanked(StatusChange),
    /// A key that signed it counts for nothing where it was logged: the fault says which.
    Revoked(Diagnostic),
    /// There is something better: no finding.
    Deprecated(StatusChange),
}

impl Used {
    /// What to do about a finding.
    pub fn way_out(&self) -> String {
        let (name, version) = (self.artifact.package.as_str(), self.artifact.version.to_string());
        match self.user {
            User::Lockfile => text::update(name),
            User::Store => text::uninstall(name, &version),
        }
    }
}

impl Verdict {
    /// It, about a release, in one line.
    pub fn describe(&self, used: &Used) -> String {
        let (name, version) = (used.artifact.package.as_str(), used.artifact.version.to_string());
        let what = match used.user {
            User::Lockfile => text::locked(name, &version),
            User::Store => text::installed(name, &version),
        };
        match self {
            Self::Yanked(change) if change.text.is_empty() => text::yanked_bare(&what, change.code.as_str()),
            Self::Yanked(change) => text::yanked(&what, change.code.as_str(), &change.reason()),
            Self::Deprecated(change) => match change.replacement() {
                Some(instead) => text::deprecated_use(&what, &instead),
                None => text::deprecated(&what, &change.reason()),
            },
            Self::Revoked(fault) => text::revoked(&what, &fault.message),
        }
    }

    /// Whether it makes the audit fail.
    pub const fn is_finding(&self) -> bool {
        !matches!(self, Self::Deprecated(_))
    }
}

/// What an audit found.
#[derive(Debug, Default)]
pub struct Audit {
    /// How many releases were asked about.
    pub asked: usize,
    /// What there is to say, in the order of lockfile and store.
    pub verdicts: Vec<(Used, Verdict)>,
    /// Releases that no open registry can say anything about.
    pub unasked: Vec<Used>,
    /// Whether a project is near that has dependencies and no lockfile.
    pub lacks_lockfile: bool,
    /// Checks that failed. The other releases were asked about all the same.
    pub failed: Option<Error>,
}

impl Audit {
    /// How many findings there are.
    pub fn findings(&self) -> usize {
        self.verdicts.iter().filter(|(_, verdict)| verdict.is_finding()).count()
    }

    /// Whether everything in use was asked about, and is as it was.
    pub fn is_good(&self) -> bool {
        self.findings() == 0 && self.is_complete() && self.failed.is_none()
    }

    /// Whether everything in use was asked about.
    pub fn is_complete(&self) -> bool {
        self.unasked.is_empty() && !self.lacks_lockfile
    }

    /// What was found and what was not asked, each kind with its number; empty if there is nothing to say.
    pub fn kinds(&self) -> String {
        let count = |kind: fn(&Verdict) -> bool| self.verdicts.iter().filter(|(_, it)| kind(it)).count();
        let kinds = [
            (count(|it| matches!(it, Verdict::Revoked(_))), text::kind_revoked as fn(usize) -> String),
            (count(|it| matches!(it, Verdict::Yanked(_))), text::kind_yanked),
            (count(|it| matches!(it, Verdict::Deprecated(_))), text::kind_deprecated),
            (self.unasked.len(), text::kind_unasked),
        ];
        let said = kinds.into_iter().filter(|(count, _)| *count > 0).map(|(count, kind)| kind(count));
        said.collect::<Vec<_>>().join(", ")
    }
}

/// Audits the lockfile of the project, where there is one, and what is installed for this user.
///
/// # Errors
/// `no-project` when a manifest was named and there is none; `lock-syntax`; `no-registry` when something is in use and
/// no registry is known; those of opening a registry. What is wrong with a single release is in [`Audit::failed`]:
/// `lock-mismatch` when its registry has other content for it or does not show it any more, and what
/// [`RegistryClient::prove`] brings.
pub fn audit(env: &Env, scope: &Scope) -> Result<Audit, Error> {
    let mut audit = Audit::default();
    let project = match scope.manifest.is_some() || Project::is_near(env) {
        true => Some(Project::find_any(env, scope.manifest.as_deref())?),
        false => None,
    };
    let mut used = Vec::new();
    if let Some(project) = &project {
        match locked(project)? {
            Some(locked) => used.extend(locked),
            None => audit.lacks_lockfile = has_dependencies(project)?,
        }
    }
    used.extend(installed(env)?);
    if used.iter().all(|used| used.registry.is_none()) {
        audit.unasked = used;
        return Ok(audit);
    }
    let mut sources = sources(env, scope, project.as_ref())?;
    prefetch(&used, &mut sources);
    for used in used {
        let client = used.registry.as_ref().and_then(|registry| sources.by_id_mut(registry));
        let Some(client) = client else {
            audit.unasked.push(used);
            continue;
        };
        audit.asked += 1;
        match judge(&used, client) {
            Ok(verdicts) => {
                audit.verdicts.extend(verdicts.into_iter().map(|verdict| (used.clone(), verdict)));
            }
            Err(error) => {
                audit.failed = Some(match audit.failed.take() {
                    Some(before) => before.and(error),
                    None => error,
                });
            }
        }
    }
    if audit.failed.is_none() {
        sources.commit()?;
    }
    Ok(audit)
}

/// Whether any package of the project needs one of a registry.
fn has_dependencies(project: &Project) -> Result<bool, Error> {
    let members = Members::collect(project.clone())?;
    Ok(members.for_resolver().iter().any(|member| {
        member.needs.dependencies.iter().any(|dependency| dependency.source == DependencySource::Registry)
    }))
}

/// The releases of a project's lockfile; nothing when there is none.
fn locked(project: &Project) -> Result<Option<Vec<Used>>, Error> {
    let lockfile = match lock::read(project)? {
        OnDisk::Good(lockfile, _) => lockfile,
        OnDisk::Bad(error, _) => return Err(error),
        OnDisk::Absent => return Ok(None),
    };
    let used = lockfile.packages().iter().filter_map(|package| {
        let locked = package.artifact.as_ref()?;
        Some(Used {
            artifact: Artifact {
                package: package.name.clone(),
                version: package.version.clone(),
                kind: locked.kind,
                target: locked.target.clone(),
            },
            user: User::Lockfile,
            tree: locked.tree,
            registry: Some(locked.registry.clone()),
            signers: locked.signers.clone(),
        })
    });
    Ok(Some(used.collect()))
}

/// The releases installed for this user.
fn installed(env: &Env) -> Result<Vec<Used>, Error> {
    let generation = super::list::list(env)?;
    let used = generation.releases().map(|release| Used {
        artifact: Artifact {
            package: release.package.clone(),
            version: release.version.clone(),
            kind: release.kind,
            target: release.target.clone(),
        },
        user: User::Store,
        tree: release.tree,
        registry: release.registry.as_deref().and_then(|id| RegistryId::parse(id).ok()),
        signers: release.signers.clone(),
    });
    Ok(used.collect())
}

fn sources(env: &Env, scope: &Scope, project: Option<&Project>) -> Result<Sources, Error> {
    let registry = scope.registry.as_deref();
    if let Some(project) = project {
        let config = Config::load(env, Some(project.root_folder()))?;
        return Sources::open(env, &config, project, registry, Network::Online);
    }
    // Asking about the status of a package is no reason to trust a registry for good.
    let prompt: &mut TrustPrompt<'_> = &mut |_, _, _| Ok(false);
    Sources::one(env, &Config::load(env, None)?, registry, Network::Online, prompt)
}

/// Index files of one registry are brought together.
fn prefetch(used: &[Used], sources: &mut Sources) {
    let mut names: BTreeMap<&RegistryId, Vec<_>> = BTreeMap::new();
    for used in used {
        if let Some(registry) = &used.registry {
            names.entry(registry).or_default().push(&used.artifact.package);
        }
    }
    for (registry, names) in names {
        if let Some(client) = sources.by_id_mut(registry) {
            client.prefetch_index(names);
        }
    }
}

/// Proves a release anew, and says what became of it.
fn judge(used: &Used, client: &mut RegistryClient) -> Result<Vec<Verdict>, Error> {
    let artifact = &used.artifact;
    let mismatch = |message| Error::from(Diagnostic::new(Code::LockMismatch, message));
    let absent = || mismatch(text::absent(&artifact.to_string(), &client_name(used)));
    let index = client.index(&artifact.package)?.ok_or_else(absent)?;
    let entry = index.find(&artifact.version, artifact.kind, &artifact.target).ok_or_else(absent)?;
    if entry.core.tree != used.tree {
        let (ours, theirs) = (used.tree.to_string(), entry.core.tree.to_string());
        return Err(mismatch(text::other_content(&artifact.to_string(), &ours, &theirs)));
    }
    let mut verdicts = Vec::new();
    match client.prove(&index, entry) {
        Ok(proven) => {
            // What was written with the identity is what was proved then; nobody else may have written it.
            let theirs: Vec<KeyId> = proven.signers.into_iter().collect();
            let chosen_by_others = !used.signers.iter().all(|signer| theirs.contains(signer));
            if chosen_by_others && used.user == User::Lockfile {
                let message =
                    text::other_signers(&artifact.to_string(), &names(&used.signers), &names(&theirs));
                return Err(mismatch(message));
            }
        }
        Err(error) if error.code() == Code::KeyRevoked => {
            verdicts.extend(error.faults().map(|fault| Verdict::Revoked(fault.diagnostic().clone())));
        }
        Err(error) => return Err(error),
    }
    match entry.status.as_ref().map(|status| &status.change) {
        Some(change) if change.action == StatusAction::Yank => verdicts.push(Verdict::Yanked(change.clone())),
        Some(change) if change.action == StatusAction::Deprecate => {
            verdicts.push(Verdict::Deprecated(change.clone()));
        }
        _ => {}
    }
    Ok(verdicts)
}

fn client_name(used: &Used) -> String {
    used.registry.as_ref().map(RegistryId::to_string).unwrap_or_default()
}

fn names(signers: &[KeyId]) -> String {
    signers.iter().map(KeyId::short).collect::<Vec<_>>().join(", ")
}
