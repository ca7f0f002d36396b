//! `access`: who may read the registry.

use super::DataArg;
use crate::error::Result;
use crate::message as words;
use crate::output;
use crate::privacy::{is_private, set_private};

#[derive(Debug, clap::Args)]
pub(super) struct Access {
    /// Who may read from now on; without it, it is shown who may
    #[arg(value_name = "WHO")]
    who: Option<Who>,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Who {
    /// Everyone
    Public,
    /// Only who has a token with the scope `read`
    Private,
}

impl Access {
    pub(super) fn run(self) -> Result<()> {
        let data = self.data.folder()?;
        let (files, registry) = (data.public()?, data.registry()?);
        if let Some(who) = self.who {
            set_private(&files, matches!(who, Who::Private))?;
        }
        output::line(&match is_private(&files)? {
            true => words::access_private(registry.as_str()),
            false => words::access_public(registry.as_str()),
        });
        Ok(())
    }
}
