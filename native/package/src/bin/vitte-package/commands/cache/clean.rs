use super::Deleted;
use crate::render::size;
use crate::ui::Ui;
use vitte_package::cache::Cache;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::ui as words;
use vitte_package_core::diagnostic::Exit;

/// Delete everything that is cached
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package cache clean --yes")]
pub(crate) struct Args {}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let cache = Cache::open(env)?;
    let files = cache.list()?;
    let bytes = size(files.iter().map(|file| file.size).sum());
    let gone =
        if files.is_empty() || !ui.confirm(&words::cache_clean_question(files.len(), &bytes), "--yes")? {
            ui.say(words::nothing_deleted());
            Vec::new()
        } else {
            let gone = cache.drop_files(|_| true)?;
            ui.success(words::cache_cleaned(gone.len(), &bytes));
            gone
        };
    ui.result(&Deleted::of(&cache, &gone));
    Ok(Exit::Ok)
}
