//! `token`: tokens made, listed and revoked by the operator.

use super::DataArg;
use crate::accounts::ListedToken;
use crate::error::Result;
use crate::ledger::unix_now;
use crate::message as words;
use crate::output;
use crate::rights::{Patterns, Scope};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Create a token, and show it once
    Create(Create),
    /// List tokens, without their secrets
    List {
        #[command(flatten)]
        data: DataArg,
    },
    /// Make a token worthless
    Revoke {
        /// Its id, as `token list` shows it
        id: String,
        #[command(flatten)]
        data: DataArg,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    #[command(flatten)]
    data: DataArg,
    /// Whose it is; without it, the only user's
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// What it allows, separated by commas: publish, yank, namespace, or parts of these
    #[arg(long, value_name = "SCOPES")]
    scopes: String,
    /// The packages it is for, separated by commas: *, namespace/*, namespace/name
    #[arg(long, value_name = "PATTERNS", default_value = "*")]
    packages: String,
    /// For how many days
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=90))]
    expires: u64,
}

impl TokenCommand {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::Create(create) => create.run(),
            Self::List { data } => list(&data),
            Self::Revoke { id, data } => {
                data.accounts(async |accounts| accounts.revoke(&id, unix_now()).await)?;
                output::line(&words::revoked(&id));
                Ok(())
            }
        }
    }
}

impl Create {
    fn run(self) -> Result<()> {
        let (scopes, packages) = (Scope::parse_list(&self.scopes)?, Patterns::parse(&self.packages)?);
        let now = unix_now();
        let ends = now + self.expires * 24 * 60 * 60;
        let token = self.data.accounts(async |accounts| {
            accounts.create_token(self.user.as_deref(), &scopes, &packages, now, ends).await
        })?;
        output::line(token.reveal());
        Ok(())
    }
}

fn list(data: &DataArg) -> Result<()> {
    for token in data.accounts(async |accounts| accounts.tokens().await)? {
        let state = match token.is_revoked {
            true => words::token_revoked(),
            false if token.expires <= unix_now() => words::token_expired(),
            false => words::token_valid(),
        };
        let ListedToken { id, user, scopes, packages, .. } = token;
        output::line(&format!("{id}  {state}  {user}  {scopes}  {packages}"));
    }
    Ok(())
}
