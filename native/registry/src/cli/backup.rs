//! `backup`: a consistent copy of everything.

use super::DataArg;
use crate::care::{self, words};
use crate::error::Result;
use crate::ledger::unix_now;
use crate::output;
use crate::serve::runtime;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// The new folder
    dir: PathBuf,
    #[command(flatten)]
    data: DataArg,
    /// Put the registry's signing keys into the backup as well
    #[arg(long)]
    with_keys: bool,
}

impl Backup {
    pub(super) fn run(self) -> Result<()> {
        let data = self.data.folder()?;
        let made = care::back_up(&data, &self.dir, self.with_keys, unix_now(), &runtime()?)?;
        output::line(&words::backed_up(&made.registry, made.size, &self.dir.display().to_string()));
        output::line(&match self.with_keys {
            true => words::backed_up_with_keys(),
            false => words::backed_up_without_keys(&data.keys().display().to_string()),
        });
        if data.shares_database() {
            output::line(&words::backed_up_without_database());
        }
        Ok(())
    }
}
