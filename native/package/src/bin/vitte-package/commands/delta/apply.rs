use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::delta as words;
use vitte_package::ops::delta;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;

/// Make the newer package of the older one and a delta
///
/// Every file is checked against the newer list of files before anything is written. The package has the identity and
/// the signatures of the one that was published: `vitte package verify` says who signed it.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package delta apply hello-1.0.0.vitmod hello-1.0.0-1.1.0.vitdelta --out new.vitmod\n  vitte package inspect new.vitmod"
)]
pub(crate) struct Args {
    /// The older package
    old: PathBuf,
    /// The delta
    delta: PathBuf,
    /// The package to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The package.
    file: &'a Path,
    /// Its identity.
    tree: TreeDigest,
    /// Its size in bytes.
    file_len: u64,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let built = delta::apply(env, &args.old, &args.delta, &args.out, ui.reporter())?;
    let shown = args.out.display().to_string();
    ui.success(words::applied(&shown, &built.digest().to_string()));
    ui.print(&shown);
    ui.result(&Answer { file: &env.resolve(&args.out), tree: built.digest(), file_len: built.file_len() });
    Ok(Exit::Ok)
}
