//! Tokens that the command line gives.

use crate::ui::Ui;
use std::io::Read as _;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{credentials, registry as words};
use vitte_package::registry::read::location::Location;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// Bytes of a token on standard input at most.
const STDIN_LEN: u64 = 4096;

/// The token of a registry: for commands that write to one.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct TokenArgs {
    /// A registry token; others can see it in the list of processes, --token-stdin and `login` are better
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_stdin")]
    token: Option<String>,
    /// Read the registry token from standard input
    #[arg(long)]
    token_stdin: bool,
}

impl TokenArgs {
    /// The token that is given, if one is. Warns of one that others can see.
    ///
    /// # Errors
    /// `unauthenticated` when it is no token; `io`.
    pub(crate) fn given(&self, ui: &mut Ui) -> Result<Option<Token>, Error> {
        if let Some(token) = &self.token {
            let warning = Diagnostic::new(Code::Usage, words::token_visible());
            ui.warn(warning.help(words::token_visible_help()));
            return Ok(Some(Token::parse(token.trim())?));
        }
        if !self.token_stdin {
            return Ok(None);
        }
        let mut line = String::new();
        let read = std::io::stdin().lock().take(STDIN_LEN).read_to_string(&mut line);
        match read {
            Ok(_) if !line.trim().is_empty() => Ok(Some(Token::parse(line.trim())?)),
            _ => Err(Diagnostic::new(Code::Unauthenticated, credentials::stdin_empty()).into()),
        }
    }

    /// The surroundings with the token that is given for the registry at a location.
    ///
    /// # Errors
    /// As [`TokenArgs::given`].
    pub(crate) fn apply(&self, env: &Env, location: &Location, ui: &mut Ui) -> Result<Env, Error> {
        match (self.given(ui)?, location) {
            (Some(token), Location::Url(url)) => Ok(env.clone().with_token(url.clone(), token)),
            _ => Ok(env.clone()),
        }
    }
}
