//! `token`: tokens made, listed and revoked by the operator.

use super::DataArg;
use crate::accounts::{ListedToken, NewToken};
use crate::error::Result;
use crate::ledger::unix_now;
use crate::message as words;
use crate::networks::Networks;
use crate::output;
use crate::rights::{Patterns, Scope};
use clap::Subcommand;
use vitte_package_core::api::tokens::TokenKind;

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
    /// What the token is called in lists
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// The networks it may be used from, separated by commas; everywhere without it
    #[arg(long, value_name = "CIDRS", default_value = "")]
    networks: String,
    /// Let it manage its user's tokens, as one that `vitte package login` gets
    #[arg(long)]
    login: bool,
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
                data.accounts(async |accounts| accounts.revoke(&id, None, unix_now()).await)?;
                output::line(&words::revoked(&id));
                Ok(())
            }
        }
    }
}

impl Create {
    fn run(self) -> Result<()> {
        let new = NewToken {
            name: self.name,
            kind: if self.login { TokenKind::Login } else { TokenKind::Token },
            scopes: Scope::parse_list(&self.scopes)?,
            packages: Patterns::parse(&self.packages)?,
            networks: Networks::parse(&self.networks)?,
            days: self.expires,
        };
        let (token, _) = self
            .data
            .accounts(async |accounts| accounts.create_token(self.user.as_deref(), new, unix_now()).await)?;
        output::line(token.reveal());
        Ok(())
    }
}

fn list(data: &DataArg) -> Result<()> {
    for token in data.accounts(async |accounts| accounts.tokens().await)? {
        let ListedToken { user, info: token } = token;
        let state = match token.revoked {
            true => words::token_revoked(),
            false if token.expires <= unix_now() => words::token_expired(),
            false => words::token_valid(),
        };
        let (scopes, packages) = (token.scopes.join(","), token.packages.join(","));
        output::line(
            format!("{}  {state}  {user}  {scopes}  {packages}  {}", token.id, token.name).trim_end(),
        );
    }
    Ok(())
}
