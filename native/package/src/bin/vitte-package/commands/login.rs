use crate::commands::given_token::TokenArgs;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::config::Config;
use vitte_package::credentials::Source;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{account, credentials as words};
use vitte_package::ops::account::DeviceSignIn;
use vitte_package::ops::login;
use vitte_package::registry::read::location::Location;
use vitte_package_core::api::Token;
use vitte_package_core::api::device::{CLIENT, DeviceRequest};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::index::Address;

/// Log in to a registry
///
/// The registry shows an address and a code; once you have approved it there in a browser, on any device, it gives a token.
/// With --token-stdin, a token that you have is stored instead. The registry is asked whether it accepts the token before it is stored, in `credentials.toml` in the Vitte home or
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
    /// What the new token allows, separated by commas; without it, all that a user may do
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', conflicts_with_all = ["token", "token_stdin"])]
    scopes: Vec<String>,
    /// The packages the new token is for, separated by commas: *, namespace/*, namespace/name
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',', default_value = "*")]
    packages: Vec<String>,
    /// For how many days
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=90))]
    expires: u64,
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
        None => approved(&args, &registry, env, ui)?,
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

/// The token that the registry gives once its user has approved; one that is pasted where it does not do that.
fn approved(args: &Args, registry: &Address, env: &Env, ui: &mut Ui) -> Result<Token, Error> {
    if ui.is_alone() {
        return asked(registry, ui);
    }
    let request = DeviceRequest {
        client: CLIENT.to_owned(),
        name: client_name(),
        scopes: args.scopes.clone(),
        packages: args.packages.clone(),
        expires_days: args.expires,
    };
    let Some(sign_in) = DeviceSignIn::begin(env, registry, &request)? else { return asked(registry, ui) };
    let codes = sign_in.codes();
    ui.instruct(account::device_open(&codes.verification_uri_complete));
    ui.instruct(account::device_code(&codes.user_code));
    ui.instruct(account::device_waiting(codes.expires_in.div_ceil(60)));
    sign_in.wait()
}

/// What this client is called where it is approved: with the name of the machine, where that is easily had.
fn client_name() -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host: String = host.trim().chars().filter(char::is_ascii_graphic).take(40).collect();
    if host.is_empty() { CLIENT.to_owned() } else { format!("{CLIENT}@{host}") }
}

/// The token that somebody pastes at a prompt which does not show it.
fn asked(registry: &Address, ui: &mut Ui) -> Result<Token, Error> {
    let given = ui.ask_secret(&words::ask(&registry.to_string()), "--token-stdin")?;
    Ok(Token::parse(given.trim())?)
}

pub(crate) fn place(source: &Source) -> String {
    source.to_string()
}
