use super::Deleted;
use crate::render::size;
use crate::ui::Ui;
use std::time::Duration;
use vitte_package::cache::Cache;
use vitte_package::config::parse_age;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{dependencies, maintenance};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// Delete what was not written lately
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package cache prune\n  vitte package cache prune --older-than 7d"
)]
pub(crate) struct Args {
    /// How long ago it was last written
    #[arg(long, value_name = "AGE", default_value = "30d")]
    older_than: String,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { older_than } = args;
    let cache = Cache::open(env)?;
    let age = parse_age(&older_than)
        .ok_or_else(|| Diagnostic::new(Code::Usage, dependencies::age_syntax(&older_than)))?;
    let age = Duration::from_secs(age);
    let gone = cache.drop_files(|file| file.written.elapsed().is_ok_and(|elapsed| elapsed >= age))?;
    let bytes = size(gone.iter().map(|file| file.size).sum());
    ui.success(maintenance::cache_pruned(gone.len(), &bytes));
    ui.result(&Deleted::of(&cache, &gone));
    Ok(Exit::Ok)
}
