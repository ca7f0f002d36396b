use super::Deleted;
use crate::ui::Ui;
use vitte_package::cache::Cache;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance;
use vitte_package_core::diagnostic::Exit;

/// Delete archives that are not what their names say
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package cache verify")]
pub(crate) struct Args {}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let cache = Cache::open(env)?;
    let (all, gone) = cache.verify()?;
    ui.success(maintenance::cache_verified(all, gone.len()));
    ui.result(&Deleted::of(&cache, &gone));
    Ok(Exit::Ok)
}
