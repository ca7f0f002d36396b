use crate::argument::{ManifestArg, RegistryArg};
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::Scope;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::audit as words;
use vitte_package::ops::audit::{self, Audit, Used, User, Verdict};
use vitte_package::project::LOCKFILE_NAME;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{KeyId, RegistryId, StatusChange, StatusCode};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// Find yanked releases and revoked keys among what is locked and installed
///
/// Every release of the project's lockfile, and every one installed for this user, is proved anew from its registry's
/// log. Ends with 1 if any of them was yanked, or was signed by a key that has been revoked from before its entry on,
/// and also if there was one that no registry could be asked about; with 5 if a registry contradicts its log, or what is in use.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package audit\n  vitte package audit --registry reg --json")]
pub(crate) struct Args {
    #[command(flatten)]
    manifest: ManifestArg,
    #[command(flatten)]
    registry: RegistryArg,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// How many releases were proved anew.
    audited: usize,
    /// Those of them that should not be used any more.
    findings: Vec<Judged<'a>>,
    /// Those of them for which there is something better.
    deprecated: Vec<Judged<'a>>,
    /// Releases of which no registry could be asked.
    unasked: Vec<InUse<'a>>,
}

/// A release in use.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct InUse<'a> {
    /// The package.
    package: &'a PackageName,
    /// Its version.
    version: &'a Version,
    /// Which of its artifacts.
    artifact: Form<'a>,
    /// What uses it.
    #[serde(rename = "in")]
    user: By,
    /// The registry it came from, if it came from one.
    registry: Option<&'a RegistryId>,
    /// Ids of the keys that signed it.
    signers: &'a [KeyId],
}

/// Which artifact of a release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Form<'a> {
    /// What it is.
    kind: Kind,
    /// What it is for.
    target: &'a Target,
}

/// What uses a release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum By {
    /// The project's lockfile.
    Lockfile,
    /// An install for this user.
    Store,
}

/// A release in use, and what there is to say of it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Judged<'a> {
    #[serde(flatten)]
    used: InUse<'a>,
    #[serde(flatten)]
    said: Said<'a>,
}

/// What there is to say of a release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Said<'a> {
    /// Its author has withdrawn it.
    Yanked(Reason<'a>),
    /// There is something better.
    Deprecated(Reason<'a>),
    /// A key that signed it counts for nothing where it was logged.
    Revoked {
        /// The code of the fault.
        code: Code,
        /// What is wrong, in words.
        text: &'a str,
    },
}

/// Why a release should not be used.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reason<'a> {
    /// The kind of reason.
    reason: StatusCode,
    /// The author's words.
    text: &'a str,
    /// What to use instead, a requirement or a package.
    #[serde(rename = "use")]
    instead: Option<&'a str>,
}

impl<'a> From<&'a Used> for InUse<'a> {
    fn from(used: &'a Used) -> Self {
        Self {
            package: &used.artifact.package,
            version: &used.artifact.version,
            artifact: Form { kind: used.artifact.kind, target: &used.artifact.target },
            user: match used.user {
                User::Lockfile => By::Lockfile,
                User::Store => By::Store,
            },
            registry: used.registry.as_ref(),
            signers: &used.signers,
        }
    }
}

impl<'a> From<&'a (Used, Verdict)> for Judged<'a> {
    fn from((used, verdict): &'a (Used, Verdict)) -> Self {
        let reason = |change: &'a StatusChange| Reason {
            reason: change.code,
            text: &change.text,
            instead: change.instead.as_deref(),
        };
        let said = match verdict {
            Verdict::Yanked(change) => Said::Yanked(reason(change)),
            Verdict::Deprecated(change) => Said::Deprecated(reason(change)),
            Verdict::Revoked(fault) => Said::Revoked { code: fault.code, text: &fault.message },
        };
        Self { used: used.into(), said }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let scope =
        Scope { manifest: args.manifest.manifest, registry: args.registry.registry, ..Scope::default() };
    let mut audit = audit::audit(env, &scope)?;
    for (used, verdict) in &audit.verdicts {
        ui.print(verdict.describe(used));
    }
    for used in &audit.unasked {
        ui.warn(unasked(used));
    }
    if audit.lacks_lockfile {
        let fault = Diagnostic::new(Code::LockOutdated, words::no_lockfile(LOCKFILE_NAME));
        ui.warn(fault.help(words::no_lockfile_help()));
    }
    let (bad, better): (Vec<_>, Vec<_>) =
        audit.verdicts.iter().partition(|(_, verdict)| verdict.is_finding());
    ui.result(&Answer {
        audited: audit.asked,
        findings: bad.into_iter().map(Judged::from).collect(),
        deprecated: better.into_iter().map(Judged::from).collect(),
        unasked: audit.unasked.iter().map(InUse::from).collect(),
    });
    if let Some(error) = audit.failed.take() {
        return Err(error);
    }
    close(&audit, ui);
    Ok(if audit.is_good() { Exit::Ok } else { Exit::Failed })
}

/// How it ended, and what to do about it.
fn close(audit: &Audit, ui: &mut Ui) {
    let kinds = audit.kinds();
    match audit.asked + audit.unasked.len() {
        0 if audit.is_complete() => ui.say(words::nothing()),
        0 => {}
        releases if !kinds.is_empty() => ui.say(words::found(releases, &kinds)),
        releases => ui.success(words::good(releases)),
    }
    let mut said: Vec<String> = Vec::new();
    for (used, _) in audit.verdicts.iter().filter(|(_, verdict)| verdict.is_finding()) {
        let help = used.way_out();
        if !said.contains(&help) {
            ui.say(format!("  {help}"));
            said.push(help);
        }
    }
}

/// Silence about a release must not look like a good word.
fn unasked(used: &Used) -> Diagnostic {
    let (name, version) = (used.artifact.package.as_str(), used.artifact.version.to_string());
    match &used.registry {
        Some(registry) => {
            Diagnostic::new(Code::NoRegistry, words::unasked(name, &version, registry.as_str()))
                .help(words::unasked_help())
        }
        None => Diagnostic::new(Code::NoRegistry, words::from_file(name, &version))
            .help(words::from_file_help(name, &version)),
    }
}
