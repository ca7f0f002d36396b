//! `config`: the settings in force.

use super::DataArg;
use crate::config::ServeFlags;
use crate::error::Result;
use crate::output;

#[derive(Debug, clap::Args)]
pub(super) struct Config {
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    flags: ServeFlags,
}

impl Config {
    pub(super) fn run(self) -> Result<()> {
        self.data.settings(&self.flags)?.shown().iter().for_each(|line| output::line(line));
        Ok(())
    }
}
