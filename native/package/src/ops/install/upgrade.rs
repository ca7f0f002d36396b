//! Newer releases in the place of those that are installed for the user.

use super::{InstallRequest, Installer, Wanted, choose, receive};
use crate::dependencies::TrustPrompt;
use crate::env::Env;
use crate::error::Error;
use crate::host;
use crate::message::{audit as audit_text, store as text};
use crate::registry::read::by_delta::Saved;
use crate::report::Reporter;
use crate::store::StoredRelease;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::lockfile::LockfileChange;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Requirement;

/// Whether anything is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is.
    Install,
    /// It is only reported.
    Tell,
}

/// What is upgraded.
#[derive(Clone, Copy, Debug)]
pub struct Upgrade<'a> {
    /// These packages; none stands for all that are installed.
    pub names: &'a [PackageName],
    /// Whether anything is installed.
    pub effect: Effect,
}

/// What an upgrade did.
#[derive(Clone, Debug, Default)]
pub struct Upgraded {
    /// The packages that were replaced, or would be.
    pub changes: Vec<LockfileChange>,
    /// What deltas have saved of them.
    pub saved: Saved,
}

/// Installs the newest release of each package that is installed for this user, or of those named, in the place of the
/// one whose programs are run. All of them in one generation: one step back undoes it. Says too how
/// many bytes did not have to be fetched.
///
/// # Errors
/// `not-found` for a package that is not installed, and those of [`super::install`]. A package of another registry, or from
/// a file, is a warning if it was not named.
pub fn upgrade(
    env: &Env,
    request: &InstallRequest,
    upgrade: Upgrade<'_>,
    prompt: &mut TrustPrompt<'_>,
    reporter: &dyn Reporter,
) -> Result<Upgraded, Error> {
    let Upgrade { names, effect } = upgrade;
    let installed = crate::ops::list::list(env)?;
    if let Some(absent) = names.iter().find(|name| installed.active_version(name).is_none()) {
        let fault = Diagnostic::new(Code::NotFound, text::not_installed(absent.as_str()));
        return Err(fault.help(text::list_help()).into());
    }
    let current: Vec<&StoredRelease> = installed
        .releases()
        .filter(|release| installed.is_active(release))
        .filter(|release| names.is_empty() || names.contains(&release.package))
        .collect();
    if current.is_empty() {
        return Ok(Upgraded::default());
    }
    let mut request = InstallRequest { wanted: Vec::new(), ..request.clone() };
    let mut changes = Vec::new();
    {
        let mut installer = Installer::begin(env, &request, prompt, reporter)?;
        for release in current {
            let Some(newer) = installer.newer(release)? else { continue };
            request_exactly(&mut changes, release, newer);
        }
    }
    if effect == Effect::Tell || changes.is_empty() {
        return Ok(Upgraded { changes, saved: Saved::default() });
    }
    request.wanted = changes
        .iter()
        .filter_map(|change| match change {
            LockfileChange::Moved { name, to, .. } => {
                Some(Wanted::Release { package: name.clone(), requirement: Some(Requirement::exactly(to)) })
            }
            LockfileChange::Added { .. } | LockfileChange::Removed { .. } => None,
        })
        .collect();
    let replaced = changes.iter().filter_map(|change| match change {
        LockfileChange::Moved { name, from, .. } => Some((name.clone(), from.clone())),
        LockfileChange::Added { .. } | LockfileChange::Removed { .. } => None,
    });
    let installed = super::install_instead(env, &request, &replaced.collect::<Vec<_>>(), prompt, reporter)?;
    let mut saved = Saved::default();
    installed.iter().for_each(|release| saved += release.saved());
    Ok(Upgraded { changes, saved })
}

fn request_exactly(
    changes: &mut Vec<LockfileChange>,
    release: &StoredRelease,
    newer: vitte_package_core::version::Version,
) {
    let (name, from) = (release.package.clone(), release.version.clone());
    changes.push(LockfileChange::Moved { name, from, to: newer });
}

impl Installer<'_, '_> {
    /// The newest release of a package, if it is newer than the one that is installed.
    fn newer(
        &mut self,
        release: &StoredRelease,
    ) -> Result<Option<vitte_package_core::version::Version>, Error> {
        let policy = receive::policy(self, &release.package)?;
        let reporter = self.reporter;
        let client = self.sources()?.of(&release.package)?;
        if release.registry.as_deref() != Some(client.id().as_str()) {
            let (name, version) = (release.package.as_str(), release.version.to_string());
            let message = match &release.registry {
                Some(registry) => audit_text::unasked(name, &version, registry),
                None => audit_text::from_file(name, &version),
            };
            reporter.warned(Diagnostic::new(Code::NoRegistry, message));
            return Ok(None);
        }
        let Some(index) = client.index(&release.package)? else { return Ok(None) };
        let newest = match choose::choose(&index, None, &host::target(), &policy) {
            Ok(entry) => entry.core.version.clone(),
            // Nothing may be chosen today: what is installed stays.
            Err(error) if matches!(error.code(), Code::NoMatch | Code::Yanked | Code::TooYoung) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        Ok((newest > release.version).then_some(newest))
    }
}
