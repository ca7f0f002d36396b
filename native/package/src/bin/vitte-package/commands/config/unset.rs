use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::config::{Key, remove_user};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance as words;
use vitte_package_core::diagnostic::Exit;

/// Take a setting out of your own configuration
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package config unset resolver.min-age")]
pub(crate) struct Args {
    /// The setting
    key: String,
}

/// The answer of `config unset`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unset<'a> {
    /// The setting.
    key: &'a str,
    /// The file it was taken out of; none if it was not set there.
    file: Option<&'a Path>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let key = Key::parse(&args.key)?;
    let file = remove_user(env, key)?;
    match &file {
        Some(file) => ui.success(words::config_removed(key.name(), &env.shorten(file).display().to_string())),
        None => ui.say(words::config_not_set(key.name())),
    }
    ui.result(&Unset { key: key.name(), file: file.as_deref() });
    Ok(Exit::Ok)
}
