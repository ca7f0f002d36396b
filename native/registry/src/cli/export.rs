//! `export`: the registry's files as a directory registry.

use super::DataArg;
use crate::error::Result;
use crate::message as words;
use crate::output;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The new folder
    dir: PathBuf,
    #[command(flatten)]
    data: DataArg,
}

impl Export {
    pub(super) fn run(self) -> Result<()> {
        let registry = self.data.folder()?.export(&self.dir)?;
        output::line(&words::exported(registry.as_str(), &self.dir.display().to_string()));
        Ok(())
    }
}
