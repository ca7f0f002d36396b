use crate::commands::whoami::At;
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::account as words;
use vitte_package_core::api::tokens::TokenRequest;
use vitte_package_core::diagnostic::Exit;

/// Create a token and show it once
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package token create ci --scopes publish:update --packages acme/*\n  vitte package token create mirror --scopes read --expires 90"
)]
pub(crate) struct Args {
    /// What the token is called in lists
    name: String,
    /// What it allows, separated by commas: publish, yank, namespace, owners, or parts of these
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// The packages it is for, separated by commas: *, namespace/*, namespace/name
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',', default_value = "*")]
    packages: Vec<String>,
    /// The networks it may be used from, separated by commas, such as 10.0.0.0/8; everywhere without it
    #[arg(long, value_name = "CIDRS", value_delimiter = ',')]
    networks: Vec<String>,
    /// For how many days
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=90))]
    expires: u64,
    #[command(flatten)]
    at: At,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (account, _) = args.at.account(env, ui)?;
    let created = account.create_token(&TokenRequest {
        name: args.name,
        scopes: args.scopes,
        packages: args.packages,
        cidrs: args.networks,
        expires_days: args.expires,
    })?;
    ui.success(words::token_created(&created.info.name, &created.info.id));
    ui.print(&created.token);
    ui.result(&created);
    Ok(Exit::Ok)
}
