//! `restore`: a backup becomes a registry again.

use super::DataArg;
use crate::care::{self, words};
use crate::error::Result;
use crate::output;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The folder of the backup
    dir: PathBuf,
    #[command(flatten)]
    data: DataArg,
    /// How many entries the log had at last, as clients saw it; needed for a backup with keys
    #[arg(long, value_name = "ENTRIES")]
    log_size: Option<u64>,
}

impl Restore {
    pub(super) fn run(self) -> Result<()> {
        let restored = care::restore(&self.data.folder()?, &self.dir, self.log_size)?;
        let (backup, shown) = (restored.backup, self.data.shown());
        output::line(&words::restored(&backup.registry, backup.size, &shown));
        if let Some(signed) = restored.signed {
            output::note(&words::log_older(backup.size, signed));
            output::note(&words::log_older_help());
        }
        if !restored.has_keys {
            output::line(&words::restored_without_keys());
        }
        output::line(&words::restored_next(&shown));
        Ok(())
    }
}
