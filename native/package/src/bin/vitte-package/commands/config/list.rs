use super::{SettingRow, Settings};
use crate::ui::Ui;
use vitte_package::config::Key;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance as words;
use vitte_package_core::diagnostic::Exit;

/// Show every setting
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package config list\n  vitte package config list --origin")]
pub(crate) struct Args {
    /// Also where each comes from, and what it overrides
    #[arg(long)]
    origin: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let config = super::load(env)?;
    let settings: Vec<_> = Key::ALL.iter().map(|key| SettingRow::of(*key, &config, env)).collect();
    for row in &settings {
        ui.print(format!("{} = {}", row.key, row.shown()));
        if args.origin {
            ui.print(format!("    {}", row.origin));
            for weaker in &row.overrides {
                ui.print(format!("    {}", words::config_overrides(&weaker.value, &weaker.origin)));
            }
        }
    }
    ui.result(&Settings { settings });
    Ok(Exit::Ok)
}
