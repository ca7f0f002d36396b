//! Flags of every command about a project's dependencies.

use crate::answer::LockChange;
use crate::argument::{ManifestArg, RegistryArg};
use crate::ui::Ui;
use vitte_package::config::parse_age;
use vitte_package::dependencies::{Deny, Links, LockUse, Network, Proof, Scope};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::lockfile::LockfileChange;

/// Which project, which registry, and what may change.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ScopeArgs {
    #[command(flatten)]
    manifest: ManifestArg,
    #[command(flatten)]
    registry: RegistryArg,
    /// Fail if the lockfile would change
    #[arg(long, visible_alias = "frozen-lockfile", help_heading = "Dependencies")]
    locked: bool,
    /// Let the lockfile change in CI too
    #[arg(long, conflicts_with = "locked", help_heading = "Dependencies")]
    no_locked: bool,
    /// Do not use the network: use cached copies of the index and what the store holds
    #[arg(long, help_heading = "Dependencies")]
    offline: bool,
    /// The same as --locked --offline
    #[arg(long, conflicts_with = "no_locked", help_heading = "Dependencies")]
    frozen: bool,
    /// Prove again what the lockfile says of each release; in CI this is done anyway
    #[arg(long, conflicts_with_all = ["offline", "frozen"], help_heading = "Dependencies")]
    verify_lock: bool,
    /// Fail if a release in use was yanked, signed by a key that was revoked since, or deprecated
    #[arg(long, value_name = "WHAT", value_delimiter = ',', conflicts_with_all = ["offline", "frozen"], help_heading = "Dependencies")]
    deny: Vec<Denied>,
    /// Choose no release younger than this, for example 24h; the project's own namespaces are exempt, and what
    /// `resolver.min-age-exempt` names
    #[arg(long, value_name = "AGE", help_heading = "Dependencies")]
    min_age: Option<String>,
}

/// What may be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Denied {
    /// Releases that their authors have yanked, and what `revoked` stands for
    Yanked,
    /// Releases signed by a key that was revoked, or yanked because they are malware
    Revoked,
    /// Releases that their authors have deprecated
    Deprecated,
}

impl ScopeArgs {
    /// As the operations take it.
    pub(crate) fn scope(&self) -> Result<Scope, Error> {
        Ok(Scope {
            manifest: self.manifest.manifest.clone(),
            registry: self.registry.registry.clone(),
            network: if self.offline || self.frozen { Network::Offline } else { Network::Online },
            lock: if self.locked || self.frozen { LockUse::Locked } else { LockUse::Write },
            proof: if self.verify_lock { Proof::Anew } else { Proof::AsLocked },
            links: Links::AsBefore,
            target: None,
            deny: Deny {
                yanked: self.deny.contains(&Denied::Yanked),
                revoked: self.deny.contains(&Denied::Revoked),
                deprecated: self.deny.contains(&Denied::Deprecated),
            },
            minimum_age: self.min_age.as_deref().map(seconds).transpose()?,
        })
    }

    /// As [`Self::scope`], for `install`: in CI the lockfile is not changed unless that is asked for.
    pub(crate) fn scope_in_ci(&self, env: &Env, ui: &mut Ui) -> Result<Scope, Error> {
        let mut scope = self.scope()?;
        if env.is_ci() && scope.lock == LockUse::Write && !self.no_locked {
            ui.say(words::ci_locked());
            scope.lock = LockUse::Locked;
        }
        if env.is_ci() && scope.network == Network::Online {
            scope.proof = Proof::Anew;
        }
        Ok(scope)
    }

    /// Whether a manifest was named.
    pub(crate) fn names_project(&self) -> bool {
        self.manifest.manifest.is_some()
    }
}

/// An age as it is given on the command line, in seconds.
fn seconds(given: &str) -> Result<u64, Error> {
    parse_age(given).ok_or_else(|| Diagnostic::new(Code::Usage, words::age_syntax(given)).into())
}

/// Prints what changed in a lockfile, and gives it for `--json`.
pub(crate) fn tell<'a>(changes: &'a [LockfileChange], ui: &mut Ui) -> Vec<LockChange<'a>> {
    let (mut lines, mut rows) = (Vec::with_capacity(changes.len()), Vec::with_capacity(changes.len()));
    for change in changes {
        let name = change.name().as_str();
        let (line, from, to) = match change {
            LockfileChange::Added { version, .. } => {
                (words::change_added(name, &version.to_string()), None, Some(version))
            }
            LockfileChange::Removed { version, .. } => {
                (words::change_removed(name, &version.to_string()), Some(version), None)
            }
            LockfileChange::Moved { from, to, .. } => {
                (words::change_moved(name, &from.to_string(), &to.to_string()), Some(from), Some(to))
            }
        };
        lines.push(line);
        rows.push(LockChange { package: change.name(), from, to });
    }
    if ui.is_too_long(lines.len()) {
        let count = |kind: fn(&LockfileChange) -> bool| changes.iter().filter(|change| kind(change)).count();
        ui.note(words::changes_summary(
            count(|change| matches!(change, LockfileChange::Added { .. })),
            count(|change| matches!(change, LockfileChange::Moved { .. })),
            count(|change| matches!(change, LockfileChange::Removed { .. })),
        ));
    } else {
        ui.notes(&lines);
    }
    rows
}
