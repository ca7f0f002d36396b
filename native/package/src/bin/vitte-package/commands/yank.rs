use super::completions;
use crate::argument::RegistryArg;
use crate::commands::asking::Asking;
use crate::commands::given_token::TokenArgs;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use vitte_package::config::Config;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::registry as words;
use vitte_package::ops::status;
use vitte_package::registry::read::location::Location;
use vitte_package::registry::write;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{StatusAction, StatusChange, StatusCode};
use vitte_package_core::version::Version;

/// Keep a release from being chosen anew
///
/// Existing lockfiles keep working; nothing is deleted. The record is signed and logged.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package yank demo/hello@1.0.0 --registry reg --code security --reason overflow\n  vitte package yank demo/hello@1.0.0 --registry reg --undo"
)]
pub(crate) struct Args {
    #[command(flatten)]
    what: StatusArgs,
    /// Take the yank back
    #[arg(long)]
    undo: bool,
}

/// What `yank` and `deprecate` share.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// The release
    #[arg(value_name = "NAME@VERSION")]
    release: String,
    #[command(flatten)]
    registry: RegistryArg,
    /// Why, in words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// Why: security, malware, broken, legal, renamed or other
    #[arg(long, value_name = "CODE", default_value = "other")]
    code: String,
    /// What to use instead: a requirement or a package
    #[arg(long = "use", value_name = "OTHER")]
    instead: Option<String>,
    /// Id of an advisory
    #[arg(long, value_name = "ID")]
    advisory: Option<String>,
    /// The key to sign with: its name, fingerprint or id, or the path of a PEM file
    #[arg(long, value_name = "NAME|PATH", add = ArgValueCompleter::new(completions::keys))]
    key: Option<String>,
    #[command(flatten)]
    token: TokenArgs,
}

/// The answer of `yank` and `deprecate`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The package.
    package: &'a PackageName,
    /// The version.
    version: &'a Version,
    /// What was done.
    action: StatusAction,
    /// The number of the record; none if it had been said already.
    seq: Option<u64>,
    /// Its entry in the log; none if it had been said already.
    log: Option<u64>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let action = if args.undo { StatusAction::Unyank } else { StatusAction::Yank };
    change(args.what, action, env, ui)
}

/// Signs and logs a change of status.
pub(crate) fn change(args: StatusArgs, action: StatusAction, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (package, version) = super::name_and_version(&args.release)?;
    let Some(version) = version else {
        let message = words::version_needed(package.as_str());
        return Err(Diagnostic::new(Code::Usage, message).into());
    };
    let Some(code) = StatusCode::parse(&args.code) else {
        let known = StatusCode::ALL.map(StatusCode::as_str).join(", ");
        return Err(Diagnostic::new(Code::Usage, words::status_code(&args.code, &known)).into());
    };
    let given = Config::load(env, None)?.registry(env, args.registry.registry.as_deref())?;
    let location = Location::parse(&given, env)?;
    let env = &args.token.apply(env, &location, ui)?;
    let mut writer = write::open(env, &location)?;
    writer.recover(ui.reporter())?;
    let question = words::confirm_status(action.as_str(), &args.release);
    if action == StatusAction::Yank {
        status::check(&mut *writer, &package, &version)?;
        if !ui.confirm(&question, "--yes")? {
            return Ok(ui.declined());
        }
    }
    let signer = KeyStore::open(env)?.signer(args.key.as_deref(), env, &mut Asking { env, ui })?;
    let change =
        StatusChange { action, code, text: args.reason, instead: args.instead, advisory: args.advisory };
    let logged = status::change(&mut *writer, &package, &version, change, &signer.secret, ui.reporter())?;
    let Some(logged) = logged else {
        ui.success(match action {
            StatusAction::Yank => words::yanked_already(&args.release),
            StatusAction::Unyank => words::not_yanked(&args.release),
            StatusAction::Deprecate => words::deprecated_already(&args.release),
            StatusAction::Undeprecate => words::not_deprecated(&args.release),
        });
        ui.result(&Answer { package: &package, version: &version, action, seq: None, log: None });
        return Ok(Exit::Ok);
    };
    ui.success(match action {
        StatusAction::Yank => words::yanked(&args.release, logged.log),
        StatusAction::Unyank => words::unyanked(&args.release, logged.log),
        StatusAction::Deprecate => words::deprecated(&args.release, logged.log),
        StatusAction::Undeprecate => words::undeprecated(&args.release, logged.log),
    });
    ui.result(&Answer {
        package: &package,
        version: &version,
        action,
        seq: Some(logged.record.seq),
        log: Some(logged.log),
    });
    Ok(Exit::Ok)
}
