use crate::answer;
use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::dependencies::RegistryChoice;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{registry as registry_words, verify as words};
use vitte_package::ops;
use vitte_package::ops::prove::LogProof;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::sign::KeyId;
use vitte_package_core::verify::{Check, CheckId, Expectation, Status, Verdict, VerifyReport};

/// Check a package: container, signatures, and every byte of every file
///
/// A file: signatures count if they are by a key of your own or by one you trust; with `--key`, only if they are
/// by that key; with `--registry`, if it is the release that the registry's log has and the namespace's keys signed it;
/// with `--offline`, if the proofs stapled into it show that. A name: the release in the registry, with its place in the log and every other check.
/// Ends with 5 if the package is unsigned, untrusted or was tampered with, and with 3 if the file is no well-formed
/// package.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  vitte package verify hello-1.0.0.vitmod
  vitte package verify hello-1.0.0.vitmod --key author.pub
  vitte package verify hello-1.0.0.vitmod --json
  vitte package verify hello-1.0.0.vitmod --registry reg
  vitte package verify hello-1.0.0.vitmod --offline
  vitte package verify demo/hello@1.0.0 --registry reg")]
pub(crate) struct Args {
    /// The package file, or the name of a package, with or without `@VERSION`
    #[arg(value_name = "FILE|NAME[@VERSION]")]
    package: String,
    #[command(flatten)]
    registry: RegistryArg,
    /// Use no registry: the proofs inside the file must do
    #[arg(long, conflicts_with_all = ["key", "registry", "tree"])]
    offline: bool,
    /// Count only signatures by this key: the name of one of yours, a fingerprint or id of one you trust, or a file with a public key
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "registry")]
    key: Vec<String>,
    /// The identity the package must have
    #[arg(long, value_name = "DIGEST", value_parser = TreeDigest::parse)]
    tree: Option<TreeDigest>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    #[serde(flatten)]
    report: &'a VerifyReport,
    /// What the log proves; absent for a file whose proofs were not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<answer::LogProof<'a>>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let file = PathBuf::from(&args.package);
    let is_file = is_file(&args, env);
    if args.offline && !is_file && !env.resolve(&args.package).exists() {
        let fault = Diagnostic::new(Code::NoFile, words::offline_needs_file(&args.package));
        return Err(fault.help(words::offline_needs_file_help()).into());
    }
    let (proof, outcome, failure) = if args.offline {
        let (proof, outcome) = ops::prove::verify_offline(env, &file, ui.reporter())?;
        let failure = ops::verify::failure(&outcome, &file);
        (Some(proof), outcome, failure)
    } else if let (true, Some(given)) = (is_file, &args.registry.registry) {
        let registry = RegistryChoice::of(env, Some(given), None)?;
        let (proof, outcome) = ops::prove::verify_file(env, &registry, &file, args.tree, ui.reporter())?;
        let failure = ops::verify::failure(&outcome, &file);
        (Some(proof), outcome, failure)
    } else if is_file {
        let expectation = Expectation { tree: args.tree, ..Expectation::default() };
        let options = ops::verify::Options { file: file.clone(), keys: args.key, expectation };
        let outcome = ops::verify::verify(env, options, ui.reporter())?;
        let failure = ops::verify::failure(&outcome, &file);
        (None, outcome, failure)
    } else {
        let (name, version) = super::name_and_version(&args.package).map_err(|error| match error.code() {
            // What no package can be called is a file.
            Code::Name => Diagnostic::new(Code::NoFile, words::no_such_file(&args.package)).into(),
            _ => error,
        })?;
        let given = args.registry.registry.as_deref();
        let registry = RegistryChoice::of(env, given, Some(&name.namespace_or_none()));
        let registry = registry.map_err(|error| error.help(words::no_file_either(&args.package)))?;
        let (proof, outcome, failure) =
            ops::prove::verify_release(env, &registry, &name, version.as_ref(), ui.reporter()).map_err(
                |error| match error.code() {
                    Code::NotFound if version.is_none() => error.help(words::no_file_either(&args.package)),
                    _ => error,
                },
            )?;
        (Some(proof), outcome, failure)
    };
    ui.result(&Answer { report: &outcome.report, proof: proof.as_ref().map(answer::LogProof::from) });
    let signed = !outcome.report.signers().is_empty();
    for check in outcome.report.checks() {
        ui.note(step(check, signed, env.is_utf8()));
    }
    for line in proof.iter().flat_map(|proof| proof_lines(proof, args.offline, env.is_utf8())) {
        ui.note(line);
    }
    ui.note(verdict(&outcome.report));
    match failure {
        Some(error) => Err(error),
        None => Ok(Exit::Ok),
    }
}

/// Whether the argument names a file. A folder named like a package of a registry does not hide the package; where
/// nothing points to a registry, it is told that it is a folder.
fn is_file(args: &Args, env: &Env) -> bool {
    let given = args.package.as_str();
    let path = env.resolve(given);
    let like_a_name = given.contains(['/', '@']) || args.registry.registry.is_some();
    [".vitmod", ".vitpkg"].iter().any(|end| given.ends_with(end))
        || path.is_file()
        || path.is_dir() && !like_a_name
}

/// What the log proves, for people. A tick is only before what was checked and holds.
pub(crate) fn proof_lines(proof: &LogProof, offline: bool, utf8: bool) -> Vec<String> {
    let (proved, limit) = (mark(Mark::Holds, utf8), mark(Mark::Open, utf8));
    let signers = proof.signers.iter().map(KeyId::short).collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!("{proved} {}", registry_words::proof_entry(proof.log, proof.size, proof.registry.as_str())),
        format!("{proved} {}", registry_words::proof_signers(&signers, proof.log)),
    ];
    if !proof.witnessed {
        lines.push(format!("{limit} {}", registry_words::proof_unwitnessed()));
    }
    if offline {
        let time = jiff::Timestamp::from_second(i64::try_from(proof.time).unwrap_or(0));
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        lines.push(format!("{limit} {}", registry_words::proof_as_of(&time)));
    }
    if let Some(status) = &proof.status {
        let (action, code) = (status.action.as_str(), status.code.as_str());
        lines.push(format!("{limit} {}", registry_words::proof_status(action, code, &status.reason())));
    }
    lines
}

/// How a line of a report begins.
#[derive(Clone, Copy)]
enum Mark {
    /// It was checked and holds.
    Holds,
    /// It was checked and does not hold.
    Fails,
    /// It was not checked, or limits what was.
    Open,
}

fn mark(mark: Mark, utf8: bool) -> &'static str {
    match (mark, utf8) {
        (Mark::Holds, true) => "✔",
        (Mark::Holds, false) => "ok ",
        (Mark::Fails, true) => "✘",
        (Mark::Fails, false) => "NO ",
        (Mark::Open, true) => "–",
        (Mark::Open, false) => "-  ",
    }
}

/// One check with its mark. `signed` says whether a signature that counts was found.
fn step(check: &Check, signed: bool, utf8: bool) -> String {
    let text = &check.text;
    match &check.verdict {
        Verdict::Passed { found: Some(found) } => format!("{} {text}: {found}", mark(Mark::Holds, utf8)),
        Verdict::Passed { found: None } => format!("{} {text}", mark(Mark::Holds, utf8)),
        Verdict::Failed { reason } => format!("{} {}", mark(Mark::Fails, utf8), reason.message),
        Verdict::NotAsked => {
            let why = match check.id {
                CheckId::Identity => words::not_asked_identity(),
                CheckId::Registry if signed => words::not_asked_registry(),
                _ => words::not_asked(),
            };
            format!("{} {text}: {why}", mark(Mark::Open, utf8))
        }
        Verdict::NotReached => format!("{} {text}: {}", mark(Mark::Open, utf8), words::not_reached()),
    }
}

/// The last line: the verdict, about what, by whom.
pub(crate) fn verdict(report: &VerifyReport) -> String {
    let status = report.status().map_or_else(words::verdict_unjudged, Status::text);
    match (report.status(), report.release()) {
        (Some(Status::Verified), Some(release)) => {
            let signers = report.signers().iter().map(KeyId::short).collect::<Vec<_>>().join(", ");
            let release = format!("{} {}", release.package, release.version);
            words::verdict_release(&status, &release, &signers)
        }
        _ => status,
    }
}
