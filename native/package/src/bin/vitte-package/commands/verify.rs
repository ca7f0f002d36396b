use crate::ui::Ui;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::message::verify as words;
use vitte_package_core::sign::KeyId;
use vitte_package_core::verify::{Check, Expectation, Status, Verdict, VerifyReport};

/// Check a package: container, signatures, and every byte of every file
///
/// Signatures count if they are by a key of your own or by one you trust; with `--key`, only if they are by
/// that key. Ends with 5 if the package is unsigned, untrusted or was tampered with, and with 3 if the file is
/// no well-formed package.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  vitte package verify hello-1.0.0.vitmod
  vitte package verify hello-1.0.0.vitmod --key author.pub
  vitte package verify hello-1.0.0.vitmod --json")]
pub(crate) struct Args {
    /// The package
    file: PathBuf,
    /// Count only signatures by this key: the name of one of yours, or a file with a public key
    #[arg(long, value_name = "NAME|FILE")]
    key: Vec<String>,
    /// The identity the package must have
    #[arg(long, value_name = "DIGEST", value_parser = TreeDigest::parse)]
    tree: Option<TreeDigest>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let expectation = Expectation { tree: args.tree, ..Expectation::default() };
    let options = ops::verify::Options { file: args.file.clone(), keys: args.key, expectation };
    let outcome = ops::verify::verify(env, options, ui.reporter())?;
    ui.answer(&outcome.report);
    for check in outcome.report.checks() {
        ui.line(step(check, env.is_utf8()));
    }
    ui.line(verdict(&outcome.report));
    match ops::verify::failure(&outcome, &args.file) {
        Some(error) => Err(error),
        None => Ok(Exit::Ok),
    }
}

/// One check with its mark.
fn step(check: &Check, utf8: bool) -> String {
    let text = &check.text;
    match &check.verdict {
        Verdict::Passed { found } => {
            let mark = if utf8 { "✔" } else { "ok " };
            match found {
                Some(found) => format!("{mark} {text}: {found}"),
                None => format!("{mark} {text}"),
            }
        }
        Verdict::Failed { reason } => {
            format!("{} {text}: {}", if utf8 { "✘" } else { "NO " }, words::verdict_failed(&reason.message))
        }
        Verdict::NotAsked => format!("{} {text}: {}", if utf8 { "–" } else { "-  " }, words::not_asked()),
        Verdict::NotReached => {
            format!("{} {text}: {}", if utf8 { "–" } else { "-  " }, words::not_reached())
        }
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
