//! `export`: the registry's files as a directory registry.

use super::DataArg;
use crate::error::Result;
use crate::message as words;
use crate::output;
use crate::privacy::is_private;
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
        let data = self.data.folder()?;
        let registry = data.export(&self.dir)?;
        let shown = self.dir.display().to_string();
        output::line(&words::exported(registry.as_str(), &shown));
        if is_private(&data.public()?)? {
            output::line(&words::exported_private(&shown));
        }
        Ok(())
    }
}
