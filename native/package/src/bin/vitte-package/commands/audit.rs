use crate::cli::{ManifestArg, RegistryArg};
use crate::ui::Ui;
use serde_json::{Value, json};
use vitte_package::dependencies::Scope;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::audit::{self, Audit, Used, User, Verdict};
use vitte_package::project::LOCKFILE_NAME;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::message::audit as words;

/// Find yanked releases and revoked keys among what is locked and installed
///
/// Every release of the project's lockfile, and every one installed for this user, is proved anew from its registry's
/// log. Ends with 1 if any of them was yanked, or was signed by a key that has been revoked from before its entry on;
/// with 5 if a registry contradicts its log, or what is in use.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package audit\n  vitte package audit --registry reg --json")]
pub(crate) struct Args {
    #[command(flatten)]
    manifest: ManifestArg,
    #[command(flatten)]
    registry: RegistryArg,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let scope =
        Scope { manifest: args.manifest.manifest, registry: args.registry.registry, ..Scope::default() };
    let mut audit = audit::audit(env, &scope)?;
    let mut rows = Vec::with_capacity(audit.verdicts.len());
    for (used, verdict) in &audit.verdicts {
        ui.line(line(used, verdict));
        rows.push(row(used, verdict));
    }
    for used in &audit.unasked {
        ui.warn(unasked(used));
    }
    let findings = audit.findings();
    ui.answer(&json!({
        "audited": audit.asked,
        "findings": rows.iter().filter(|row| row["kind"] != "deprecated").collect::<Vec<_>>(),
        "deprecated": rows.iter().filter(|row| row["kind"] == "deprecated").collect::<Vec<_>>(),
        "unasked": audit.unasked.iter().map(shape).collect::<Vec<_>>(),
    }));
    if let Some(error) = audit.failed.take() {
        return Err(error);
    }
    close(&audit, findings, ui);
    Ok(if findings > 0 { Exit::Failed } else { Exit::Ok })
}

/// How it ended, and what to do about it.
fn close(audit: &Audit, findings: usize, ui: &mut Ui) {
    if audit.lacks_lockfile {
        ui.say(words::no_lockfile(LOCKFILE_NAME));
    }
    match (audit.asked, findings) {
        (0, _) if audit.unasked.is_empty() => ui.say(words::nothing()),
        (0, _) => {}
        (asked, 0) => ui.done(words::good(asked)),
        (asked, findings) => {
            ui.say(words::found(findings, asked));
            let mut said: Vec<String> = Vec::new();
            for (used, _) in audit.verdicts.iter().filter(|(_, verdict)| verdict.is_finding()) {
                let (name, version) = (used.artifact.package.as_str(), used.artifact.version.to_string());
                let help = match used.user {
                    User::Lockfile => words::update(name),
                    User::Store => words::uninstall(name, &version),
                };
                if !said.contains(&help) {
                    ui.say(format!("  {help}"));
                    said.push(help);
                }
            }
        }
    }
}

fn line(used: &Used, verdict: &Verdict) -> String {
    let (name, version) = (used.artifact.package.as_str(), used.artifact.version.to_string());
    let what = match used.user {
        User::Lockfile => words::locked(name, &version),
        User::Store => words::installed(name, &version),
    };
    match verdict {
        Verdict::Yanked(change) if change.text.is_empty() => words::yanked_bare(&what, change.code.as_str()),
        Verdict::Yanked(change) => words::yanked(&what, change.code.as_str(), &change.reason()),
        Verdict::Deprecated(change) => match change.replacement() {
            Some(instead) => words::deprecated_use(&what, &instead),
            None => words::deprecated(&what, &change.reason()),
        },
        Verdict::Revoked(fault) => words::revoked(&what, &fault.message),
    }
}

fn row(used: &Used, verdict: &Verdict) -> Value {
    let mut row = shape(used);
    let (kind, more) = match verdict {
        Verdict::Yanked(change) | Verdict::Deprecated(change) => (
            if verdict.is_finding() { "yanked" } else { "deprecated" },
            json!({"reason": change.code.as_str(), "text": change.text, "use": change.instead}),
        ),
        Verdict::Revoked(fault) => ("revoked", json!({"code": fault.code, "text": fault.message})),
    };
    row["kind"] = kind.into();
    if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
    row
}

fn shape(used: &Used) -> Value {
    json!({
        "package": used.artifact.package.as_str(),
        "version": used.artifact.version.to_string(),
        "artifact": {"kind": used.artifact.kind.as_str(), "target": used.artifact.target.as_str()},
        "in": match used.user { User::Lockfile => "lockfile", User::Store => "store" },
        "registry": used.registry,
        "signers": used.signers,
    })
}

/// Silence about a release must not look like a good word.
fn unasked(used: &Used) -> Diagnostic {
    let (name, version) = (used.artifact.package.as_str(), used.artifact.version.to_string());
    match &used.registry {
        Some(registry) => {
            Diagnostic::new(Code::NoRegistry, words::unasked(name, &version, registry.as_str()))
                .help(words::unasked_help())
        }
        None => Diagnostic::new(Code::NoRegistry, words::from_file(name, &version)),
    }
}
