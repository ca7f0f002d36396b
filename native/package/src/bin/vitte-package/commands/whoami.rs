use super::given_token::TokenArgs;
use super::login::place;
use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::config::Config;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::account as words;
use vitte_package::ops::account::Account;
use vitte_package::ops::login;
use vitte_package::registry::read::location::Location;
use vitte_package_core::api::tokens::TokenInfo;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::index::Address;

/// Show whose token is used for a registry, and what it allows
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package whoami\n  vitte package whoami --registry https://registry.example --json"
)]
pub(crate) struct Args {
    #[command(flatten)]
    at: At,
}

/// The registry, and a token for it.
#[derive(Debug, clap::Args)]
pub(crate) struct At {
    #[command(flatten)]
    registry: RegistryArg,
    #[command(flatten)]
    token: TokenArgs,
}

/// The answer of `whoami`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The address of the registry.
    registry: &'a str,
    /// The user's name.
    user: &'a str,
    /// What the user is there: `guest`, `member` or `admin`.
    role: &'a str,
    /// The token.
    token: Option<&'a TokenInfo>,
    /// Where the token came from.
    token_from: String,
}

impl At {
    /// The account there, and the registry's address.
    pub(crate) fn account(&self, env: &Env, ui: &mut Ui) -> Result<(Account, Address), Error> {
        let given = Config::load(env, None)?.registry_or_known(env, self.registry.registry.as_deref())?;
        let location = Location::parse(&given, env)?;
        let registry = login::address(&location)?.clone();
        let account = Account::open(&self.token.apply(env, &location, ui)?, &registry)?;
        Ok((account, registry))
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (account, registry) = args.at.account(env, ui)?;
    let (me, url) = (account.me()?, registry.to_string());
    let from = place(&account.source);
    ui.print(words::me(&me.user, &me.role, &url));
    if let Some(token) = &me.token {
        ui.print(match token.name.as_str() {
            "" => words::me_unnamed_token(&token.id, &from),
            name => words::me_token(&token.id, name, &from),
        });
        ui.print(words::scopes(&token.scopes.join(", ")));
        ui.print(words::packages(&token.packages.join(", ")));
        ui.print(state(token));
    }
    ui.result(&Answer {
        registry: &url,
        user: &me.user,
        role: &me.role,
        token: me.token.as_ref(),
        token_from: from,
    });
    Ok(Exit::Ok)
}

/// Whether a token is valid, and how long.
pub(crate) fn state(token: &TokenInfo) -> String {
    let now = vitte_package::http::retry::now();
    match token.expires.saturating_sub(now) {
        _ if token.revoked => words::revoked(),
        0 => words::expired(),
        left => words::days_left(left.div_ceil(24 * 60 * 60)),
    }
}
