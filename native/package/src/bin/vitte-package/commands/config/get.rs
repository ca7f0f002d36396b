use super::{SettingRow, Settings};
use crate::ui::Ui;
use vitte_package::config::Key;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Show one setting
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package config get registry.default")]
pub(crate) struct Args {
    /// The setting
    key: String,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let config = super::load(env)?;
    let row = SettingRow::of(Key::parse(&args.key)?, &config, env);
    ui.print(row.shown());
    ui.result(&Settings { settings: vec![row] });
    Ok(Exit::Ok)
}
