//! `init`: a new registry.

use super::DataArg;
use crate::error::Result;
use crate::ledger::unix_now;
use crate::message as words;
use crate::output;
use crate::privacy::set_private;
use crate::serve::runtime;

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    #[command(flatten)]
    data: DataArg,
    /// Its id: the host it will be known by, and a path
    #[arg(long, value_name = "ID", default_value = "localhost/")]
    id: String,
    /// Deliver nothing without a token
    #[arg(long)]
    private: bool,
}

impl Init {
    pub(super) fn run(self) -> Result<()> {
        let (data, shown) = (self.data.folder()?, self.data.shown());
        let runtime = runtime()?;
        let (registry, trust_root) = data.init(&self.id, unix_now(), data.share(&runtime)?)?;
        if self.private {
            set_private(&data.public()?, true)?;
        }
        runtime.block_on(data.open_database())?;
        output::line(&words::created(registry.as_str(), &shown));
        output::line(&words::created_keys(&data.keys().display().to_string()));
        output::line(&words::created_trust(&trust_root.to_string()));
        if self.private {
            output::line(&words::access_private(registry.as_str()));
        }
        output::line(&words::created_next(&shown));
        Ok(())
    }
}
