//! `user`: who may have tokens.

use super::DataArg;
use crate::error::Result;
use crate::ledger::unix_now;
use crate::message as words;
use crate::output;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Add a user
    Add {
        /// The user's name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
}

impl User {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::Add { name, data } => {
                data.accounts(async |accounts| accounts.add_user(&name, unix_now()).await)?;
                output::line(&words::user_added(&name));
            }
        }
        Ok(())
    }
}
