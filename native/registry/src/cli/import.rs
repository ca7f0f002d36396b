//! `import`: a directory registry becomes a server's.

use super::DataArg;
use crate::error::Result;
use crate::message as words;
use crate::output;
use crate::serve::runtime;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The directory registry
    dir: PathBuf,
    #[command(flatten)]
    data: DataArg,
    /// The folder of its keys, as `vitte package registry init` has shown it
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
}

impl Import {
    pub(super) fn run(self) -> Result<()> {
        let data = self.data.folder()?;
        let runtime = runtime()?;
        let registry = data.import(&self.dir, &self.keys, data.share(&runtime)?)?;
        runtime.block_on(data.open_database())?;
        output::line(&words::imported(registry.as_str()));
        Ok(())
    }
}
