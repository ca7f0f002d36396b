//! The dependencies of a module: resolved for it alone, locked, proved, fetched.
//!
//! A binary has in it what it was built with and needs nothing. A module brings the lockfile its author packed,
//! if it has programs: what that names and still may be chosen is chosen. What was locked when it was installed
//! before counts more.

use super::{Installer, text};
use crate::dependencies::{Deny, Fetched, Fetcher, Network, Proof, Refuse, check_status, lock};
use crate::error::Error;
use crate::fs;
use crate::message::store as store_text;
use crate::project::LOCKFILE_NAME;
use crate::store::{Environment, StoredRelease};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use vitte_package_core::dependency::{DEFAULT, DependencyKind};
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::resolve::{Explanation, FeatureSelection, Member, Policy, Request, Role};
use vitte_package_core::target::Kind;

/// The dependencies of a module.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// Which; none when the module needs nothing.
    pub lockfile: Option<Lockfile>,
    /// What was fetched of them.
    pub fetched: Fetched,
}

impl Dependencies {
    /// Digest of the lockfile's text.
    pub fn digest(&self) -> Option<Digest> {
        self.lockfile.as_ref().map(|lockfile| Digest::of(lockfile.print().as_bytes()))
    }
}

impl Installer<'_, '_> {
    /// Installs the dependencies of `release`, whose files are in `folder`.
    pub(super) fn install_dependencies(
        &mut self,
        release: &StoredRelease,
        manifest: &Manifest,
        folder: &Path,
    ) -> Result<Dependencies, Error> {
        let member = member(manifest);
        if release.kind == Kind::Vitpkg || member.needs.dependencies.is_empty() {
            return Ok(Dependencies::default());
        }
        let environment = self.store.environment(super::DEFAULT);
        let previous = previous_lockfile(&environment, release)?;
        if self.request.network == Network::Offline {
            let previous = previous.ok_or_else(|| no_registry(manifest))?;
            return self.fetch(previous, &BTreeMap::new());
        }
        let packed = match previous {
            Some(previous) => Some(previous),
            None => packed(folder)?,
        };
        let minimum_age = self.request.minimum_age;
        let (registries, minimum_age) = match self.sources() {
            Err(error) if error.code() == Code::NoRegistry => return Err(no_registry(manifest)),
            sources => {
                let sources = sources?;
                (sources.registries().clone(), sources.minimum_age(minimum_age))
            }
        };
        let request = Request {
            members: vec![member],
            locked: packed.as_ref().map(|packed| packed.preferences(&BTreeSet::new())).unwrap_or_default(),
            policy: Policy {
                now: lock::now(),
                minimum_age: minimum_age.seconds,
                exempt: minimum_age.exempt.namespaces,
                exempt_packages: minimum_age.exempt.packages,
                ..Policy::default()
            },
            registries,
            ..Request::default()
        };
        let reporter = self.reporter;
        // Whoever packed the lockfile said who signed; the log says it again for every release.
        let solved =
            lock::solve_and_prove(request, &BTreeMap::new(), Proof::AsLocked, self.sources()?, reporter)?;
        let solved = solved.map_err(|explanation| unsolved(&explanation))?;
        if let Some(packed) = &packed {
            lock::compare(packed, &solved.lockfile, self.sources()?, reporter)?;
        }
        if solved.lockfile.packages().iter().all(|package| package.artifact.is_none()) {
            return Ok(Dependencies::default());
        }
        check_status(&solved.lockfile, self.sources()?, &Refuse::All, Deny::default(), reporter)?;
        self.fetch(solved.lockfile, &solved.trust)
    }

    /// The dependencies of an installed release, if all of them are still there.
    pub(super) fn held_dependencies(
        &self,
        environment: &Environment,
        release: &StoredRelease,
    ) -> Result<Dependencies, Error> {
        match previous_lockfile(environment, release)? {
            Some(lockfile) => self.fetch(lockfile, &BTreeMap::new()),
            None => Ok(Dependencies::default()),
        }
    }

    fn fetch(
        &self,
        lockfile: Lockfile,
        trust: &BTreeMap<vitte_package_core::digest::TreeDigest, vitte_package_core::verify::Trust>,
    ) -> Result<Dependencies, Error> {
        let sources = self.sources.as_ref();
        let before = &self.before;
        let fetcher = Fetcher { env: self.env, store: &self.store, sources, trust, target: None, before };
        let fetched = fetcher.fetch(&lockfile, self.reporter)?;
        Ok(Dependencies { lockfile: Some(lockfile), fetched })
    }
}

/// The module as the one project that is resolved, without what only its author needs.
fn member(manifest: &Manifest) -> Member {
    let features = FeatureSelection::Only(BTreeSet::from([DEFAULT.to_owned()]));
    let mut member = Member::of(manifest, Role::Root(features));
    let needs = Arc::make_mut(&mut member.needs);
    needs.dependencies.retain(|dependency| dependency.kind != DependencyKind::Dev);
    for dependency in &mut needs.dependencies {
        // Places in a manifest that nobody here has open.
        dependency.span = None;
    }
    member
}

/// The lockfile that the same release was installed with.
fn previous_lockfile(environment: &Environment, release: &StoredRelease) -> Result<Option<Lockfile>, Error> {
    let current = environment.current()?;
    let before = current.release(&release.package, &release.version);
    match before.filter(|before| before.tree == release.tree).and_then(|before| before.lockfile) {
        Some(digest) => environment.lockfile(&digest).map(Some),
        None => Ok(None),
    }
}

/// The lockfile its author packed. One that cannot be read binds nobody: what is chosen is proved all the same.
fn packed(folder: &Path) -> Result<Option<Lockfile>, Error> {
    let text = fs::read_text_if_there(&folder.join(LOCKFILE_NAME), limits::LOCKFILE_LEN)?;
    Ok(text.and_then(|text| Lockfile::parse(&text).ok()))
}

/// The manifest is the author's: what would have to be changed in it is no advice for whoever installs.
fn unsolved(explanation: &Explanation) -> Error {
    let mut diagnostic = explanation.diagnostic();
    diagnostic.help.clear();
    diagnostic.into()
}

fn no_registry(manifest: &Manifest) -> Error {
    let full = format!("{} {}", manifest.name(), manifest.version());
    let needed: Vec<_> = member(manifest)
        .needs
        .dependencies
        .iter()
        .map(|dependency| format!("{} {}", dependency.name, dependency.requirement.as_str()))
        .collect();
    let message = store_text::needs_dependencies(&full, &needed.join(", "));
    Diagnostic::new(Code::NoRegistry, message).help(text::no_registry_help_short()).into()
}
