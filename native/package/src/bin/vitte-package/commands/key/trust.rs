use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::TrustedKeyChange;
use vitte_package::message::signing as words;
use vitte_package::ops::key;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::{KeyId, Scope};

/// Trust the key of another for some packages
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package key trust default.pub --for demo/hello\n  vitte package key trust default.pub --for 'demo/*'"
)]
pub(crate) struct Args {
    /// The public key, as PEM
    file: PathBuf,
    /// The packages: `namespace/name`, `namespace/*` or `*`; may be given several times
    #[arg(long = "for", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
}

/// The answer of `key trust`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Trusted {
    /// The key's id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// The packages it is trusted for by this.
    #[serde(rename = "for")]
    scopes: Vec<String>,
    /// Whether it was not trusted for them before.
    changed: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { file, scopes } = args;
    let public = key::read_public(env, &file)?;
    let scopes = scopes.iter().map(|scope| Scope::parse(scope)).collect::<Result<Vec<_>, _>>()?;
    let change = key::trust(env, &public, &scopes)?;
    let shown: Vec<String> = scopes.iter().map(Scope::to_string).collect();
    let short = public.id().short();
    ui.success(match change {
        TrustedKeyChange::Made => words::key_trusted(&short, &shown.join(", ")),
        TrustedKeyChange::None => words::key_trusted_already(&short, &shown.join(", ")),
    });
    ui.result(&Trusted {
        key_id: public.id(),
        short,
        scopes: shown,
        changed: change == TrustedKeyChange::Made,
    });

    Ok(Exit::Ok)
}
