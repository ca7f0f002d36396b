use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::Digest;

/// Check everything in a registry: log, index, namespaces, proofs and archives
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry verify reg\n  vitte package registry verify reg --json"
)]
pub(crate) struct Args {
    /// The folder
    dir: PathBuf,
}

/// The answer of `registry verify`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Verified<'a> {
    /// Its id.
    registry: &'a str,
    /// The digest of its trust root.
    trust_root: Digest,
    /// How many entries its log has.
    entries: u64,
    /// The root of the log.
    root: Digest,
    /// How many namespaces it has.
    namespaces: usize,
    /// How many packages.
    packages: usize,
    /// How many artifacts.
    artifacts: usize,
    /// Files that a writer who was stopped has left; the next one finishes them.
    unfinished: u64,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { dir } = args;
    refuse_address(&dir)?;
    let audit = registry::verify(env, &dir, ui.reporter())?;
    ui.success(words::audit_good(&dir.display().to_string(), &audit.registry));
    ui.note(words::audit_counts(
        audit.entries,
        audit.namespaces as u64,
        audit.packages as u64,
        audit.artifacts as u64,
    ));
    if audit.unfinished > 0 {
        ui.say(words::audit_unfinished(audit.unfinished));
    }
    ui.result(&Verified {
        registry: &audit.registry,
        trust_root: audit.trust_root,
        entries: audit.entries,
        root: audit.root,
        namespaces: audit.namespaces,
        packages: audit.packages,
        artifacts: audit.artifacts,
        unfinished: audit.unfinished,
    });

    Ok(Exit::Ok)
}

/// Looking through every file takes a folder; of an address the log can be replayed.
fn refuse_address(dir: &Path) -> Result<(), Error> {
    match dir.to_str().filter(|given| given.contains("://") && !given.starts_with("file:")) {
        None => Ok(()),
        Some(url) => {
            let fault = Diagnostic::new(Code::Usage, words::verify_address(url));
            Err(fault.help(words::verify_address_help(url)).into())
        }
    }
}
