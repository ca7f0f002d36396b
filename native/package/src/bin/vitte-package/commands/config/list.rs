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
        ui.line(format!("{} = {}", row.key, row.shown()));
        if args.origin {
            ui.line(format!("    {}", row.origin));
            for weaker in &row.overrides {
                ui.line(format!("    {}", words::config_overrides(&weaker.value, &weaker.origin)));
            }
        }
    }
    ui.answer(&Settings { settings });
    Ok(Exit::Ok)
}
