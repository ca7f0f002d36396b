//! `rebuild-index`: the files that follow from log and archives, made anew.

use super::DataArg;
use crate::care::{self, words};
use crate::error::Result;
use crate::output;
use crate::serve::runtime;

#[derive(Debug, clap::Args)]
pub(super) struct RebuildIndex {
    #[command(flatten)]
    data: DataArg,
}

impl RebuildIndex {
    pub(super) fn run(self) -> Result<()> {
        let written = care::rebuild(&self.data.folder()?, &runtime()?)?;
        output::line(&words::rebuilt(written as u64));
        Ok(())
    }
}
