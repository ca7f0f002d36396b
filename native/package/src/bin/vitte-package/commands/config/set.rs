use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::config::{Key, write_user};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance as words;
use vitte_package_core::diagnostic::Exit;

/// Write a setting into your own configuration
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package config set resolver.min-age 24h")]
pub(crate) struct Args {
    /// The setting
    key: String,
    /// Its value
    value: String,
}

/// The answer of `config set`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Written<'a> {
    /// The setting.
    key: &'a str,
    /// Its value.
    value: &'a str,
    /// The file it was written to.
    file: &'a Path,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { key, value } = args;
    let key = Key::parse(&key)?;
    let file = write_user(env, key, &value)?;
    ui.note(words::config_wrote(key.name(), &value, &env.shorten(&file).display().to_string()));
    ui.result(&Written { key: key.name(), value: &value, file: &file });
    Ok(Exit::Ok)
}
