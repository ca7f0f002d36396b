use crate::commands::given_token::TokenArgs;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::config::Config;
use vitte_package::credentials::Source;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::credentials as words;
use vitte_package::ops::login;
use vitte_package::registry::read::location::Location;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::index::Address;

/// Store a token for a registry
///
/// The registry is asked whether it accepts the token before it is stored, in `credentials.toml` in the Vitte home or
/// with the credential helper. It is sent to this registry and to nobody else.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package login https://registry.example\n  vitte package login https://registry.example --token-stdin"
)]
pub(crate) struct Args {
    /// The address of the registry; without it, the configured one
    #[arg(value_name = "REGISTRY")]
    registry: Option<String>,
    #[command(flatten)]
    token: TokenArgs,
}

/// The answer of `login`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The address of the registry.
    registry: String,
    /// Id of the token, which is not secret.
    token: &'a str,
    /// Whose token it is; none where the registry does not say.
    user: Option<&'a str>,
    /// Whether the registry has accepted it; not where it cannot be asked.
    checked: bool,
    /// Where it was stored: a file, or a credential helper.
    stored_in: String,
}

/// The registry that is meant.
pub(crate) fn registry(given: Option<&str>, env: &Env) -> Result<Address, Error> {
    let given = Config::load(env, None)?.registry_or_known(env, given)?;
    login::address(&Location::parse(&given, env)?).cloned()
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let registry = registry(args.registry.as_deref(), env)?;
    let token = match args.token.given(ui)? {
        Some(token) => token,
        None => asked(&registry, ui)?,
    };
    let url = registry.to_string();
    let stored = login::login(env, &registry, &token)?;
    if !stored.is_checked {
        ui.warn(Diagnostic::new(Code::Unauthenticated, words::unchecked(&url)));
    }
    let place = place(&stored.place);
    ui.success(match &stored.user {
        Some(user) => words::logged_in_as(&url, user, &place),
        None => words::logged_in(&url, &place),
    });
    ui.result(&Answer {
        registry: url,
        token: token.id(),
        user: stored.user.as_deref(),
        checked: stored.is_checked,
        stored_in: place,
    });
    Ok(Exit::Ok)
}

/// The token that somebody pastes at a prompt which does not show it.
fn asked(registry: &Address, ui: &mut Ui) -> Result<Token, Error> {
    let given = ui.ask_secret(&words::ask(&registry.to_string()), "--token-stdin")?;
    Ok(Token::parse(given.trim())?)
}

pub(crate) fn place(source: &Source) -> String {
    source.to_string()
}
