use super::{Amount, amounts};
use crate::render::size;
use crate::ui::Ui;
use serde::Serialize;
use std::collections::BTreeMap;
use vitte_package::cache::{Cache, Cached};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::ui as words;
use vitte_package_core::diagnostic::Exit;

/// Show how much is cached, and where
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package cache info\n  vitte package cache info --json")]
pub(crate) struct Args {}

/// The answer of `cache info`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Info {
    /// The folder of the cache.
    folder: String,
    /// What is cached, by kind.
    cached: BTreeMap<&'static str, Amount>,
}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let cache = Cache::open(env)?;
    let folder = cache.folder().display().to_string();
    let cached = amounts(&cache.list()?);
    for kind in Cached::ALL.map(Cached::as_str) {
        let amount = &cached[kind];
        ui.print(words::cached(kind, amount.files, &size(amount.bytes)));
    }
    ui.print(&folder);
    ui.result(&Info { folder, cached });
    Ok(Exit::Ok)
}
