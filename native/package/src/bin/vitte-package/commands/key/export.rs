use crate::commands::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::signing as words;
use vitte_package::ops::key;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::KeyId;

/// Write a key's public half, or with `--secret` the key itself, as PEM
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package key export default > default.pub\n  vitte package key export default --secret --out backup.pem"
)]
pub(crate) struct Args {
    /// The key: its name, fingerprint or id
    #[arg(add = ArgValueCompleter::new(completions::keys))]
    name: String,
    /// Where to; without it, stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The secret half, as it is kept; never to stdout
    #[arg(long, requires = "out")]
    secret: bool,
}

/// The answer of `key export`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Exported<'a> {
    /// The public half was written.
    Public {
        /// The key's name.
        name: &'a str,
        /// Where it was written; none for stdout.
        out: Option<String>,
        /// The key's id.
        key_id: KeyId,
        /// The public half, as PEM.
        public: String,
    },
    /// The key itself was written.
    Secret {
        /// The key's name.
        name: &'a str,
        /// Where it was written.
        out: Option<String>,
        /// How it is kept there: `plain` or `passphrase`.
        protection: &'static str,
    },
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { name, out, secret } = args;
    let name = KeyStore::open(env)?.choose(&name)?.name;
    let shown = out.as_ref().map(|out| out.display().to_string());
    let public = match (secret, &out) {
        (true, Some(out)) => {
            let protection = key::export_secret(env, &name, out)?;
            ui.success(words::key_exported_secret(name.as_str(), &out.display().to_string()));
            ui.result(&Exported::Secret { name: name.as_str(), out: shown, protection: protection.as_str() });
            return Ok(Exit::Ok);
        }
        (_, Some(out)) => {
            let public = key::export_public(env, &name)?;
            vitte_package::fs::write_atomic(
                &env.resolve(out),
                public.to_pem().as_bytes(),
                vitte_package::fs::Access::Shared,
            )?;
            ui.success(words::key_exported(name.as_str(), &out.display().to_string()));
            public
        }
        (_, None) => {
            let public = key::export_public(env, &name)?;
            ui.print(public.to_pem().trim_end());
            public
        }
    };
    let (name, key_id) = (name.as_str(), public.id());
    ui.result(&Exported::Public { name, out: shown, key_id, public: public.to_pem() });
    Ok(Exit::Ok)
}
