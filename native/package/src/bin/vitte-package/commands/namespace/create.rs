use super::{At, Record, resolve, writer};
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::namespace;
use vitte_package_core::diagnostic::Exit;

/// Begin a namespace; the signer owns it
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package namespace create demo --registry reg")]
pub(crate) struct Args {
    #[command(flatten)]
    at: At,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (namespace, location, signers) = resolve(&args.at, env, ui)?;
    let Some(signer) = signers.first() else { return Ok(Exit::Usage) };
    let env = &args.at.token.apply(env, &location, ui)?;
    let mut writer = writer(env, &location, ui)?;
    let logged = namespace::create(&mut *writer, &namespace, &signer.secret, ui.reporter())?;
    let key = signer.secret.public().id().short();
    ui.success(words::namespace_created(namespace.as_str(), &key, logged.log));
    ui.result(&Record::of(&logged.record, logged.log));
    Ok(Exit::Ok)
}
