use super::scope::ScopeArgs;
use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance as words;
use vitte_package::ops::vendor;
use vitte_package_core::diagnostic::Exit;

/// Copy everything a project depends on into it
///
/// The copies are ordinary files, to be committed, read and changed; the store stays as it is. `paths.json` in the
/// folder says where each package is, as `.vitte/paths.json` does. Called again, the folder is replaced as a whole; if
/// files in it were changed, added or removed since, you are asked first (`--yes` replaces them).
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package vendor\n  vitte package vendor third-party --locked")]
pub(crate) struct Args {
    /// The folder, below that of the lockfile
    #[arg(value_name = "FOLDER", default_value = "vendor")]
    folder: PathBuf,
    #[command(flatten)]
    scope: ScopeArgs,
}

/// How many changed files are named.
const SHOWN: usize = 10;

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The folder with the copies.
    folder: &'a Path,
    /// How many packages were copied.
    packages: usize,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let scope = args.scope.scope_in_ci(env, ui)?;
    let mut replace = |folder: &Path, changed: &[PathBuf]| {
        let shown = changed.iter().take(SHOWN).map(|path| env.shorten(path).display().to_string());
        let mut lines: Vec<_> = shown.map(|path| words::vendor_changed(&path)).collect();
        if changed.len() > SHOWN {
            lines.push(words::vendor_more(changed.len() - SHOWN));
        }
        ui.say_lines(&lines);
        ui.confirm(
            &words::vendor_question(changed.len(), &env.shorten(folder).display().to_string()),
            "--yes",
        )
    };
    let done = vendor::vendor(env, &scope, &args.folder, &mut replace, ui.reporter())?;
    let Some(done) = done else {
        ui.say(words::vendor_kept());
        return Ok(Exit::Failed);
    };
    let folder = env.shorten(&done.folder).display().to_string();
    ui.success(words::vendored(done.packages, &folder));
    ui.result(&Answer { folder: &done.folder, packages: done.packages });
    Ok(Exit::Ok)
}
