use crate::render;
use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::delta as words;
use vitte_package::ops::delta;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Make the delta from one package file to another
///
/// The contents of both are checked, not who made them. Deferred sections are left out. At most 256 MiB of changed
/// files; some 520 MiB of memory at that limit.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package delta make hello-1.0.0.vitmod hello-1.1.0.vitmod\n  vitte package delta make hello-1.0.0.vitmod hello-1.1.0.vitmod --out update.vitdelta"
)]
pub(crate) struct Args {
    /// The older package
    old: PathBuf,
    /// The newer package
    new: PathBuf,
    /// The file to write; without it, `NAME-OLD-NEW.vitdelta` in the current folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The delta.
    file: &'a Path,
    /// The package.
    package: &'a PackageName,
    /// The version it begins from.
    from: &'a Version,
    /// The version it leads to.
    to: &'a Version,
    /// The tree it begins from.
    from_tree: TreeDigest,
    /// The tree it leads to.
    to_tree: TreeDigest,
    /// Bytes of the delta.
    file_len: u64,
    /// Bytes of the newer package.
    full_len: u64,
    /// How many patches of contents it has.
    patches: usize,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let made = delta::make(env, &args.old, &args.new, args.out.as_deref(), ui.reporter())?;
    let shown = env.shorten(&made.file).display().to_string();
    let (len, full) = (render::size(made.len), render::size(made.full_len));
    ui.success(words::made(&shown, &len, &percent(made.len, made.full_len), &full));
    ui.print(&shown);
    ui.result(&Answer {
        file: &made.file,
        package: &made.package,
        from: &made.from,
        to: &made.to,
        from_tree: made.text.from,
        to_tree: made.text.to,
        file_len: made.len,
        full_len: made.full_len,
        patches: made.text.patches.len(),
    });
    Ok(Exit::Ok)
}

/// With one digit below ten.
fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    if tenths < 100 { format!("{}.{}", tenths / 10, tenths % 10) } else { (tenths / 10).to_string() }
}
