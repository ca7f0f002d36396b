use super::Record;
use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::RegistryChoice;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::name::Namespace;

/// Show the records of a namespace, each proved to be in the log
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package namespace show demo --registry reg")]
pub(crate) struct Args {
    /// The namespace
    namespace: String,
    #[command(flatten)]
    registry: RegistryArg,
}

/// The answer of `namespace show` and `namespace owners`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Records<'a> {
    /// Id of the registry.
    registry: String,
    /// The namespace.
    namespace: &'a str,
    /// Its records, the oldest first; the last one counts.
    records: Vec<Record<'a>>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    show(&args.namespace, &args.registry, Shown::Records, env, ui)
}

/// How much of a namespace is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Records,
    Keys,
}

pub(super) fn show(
    name: &str,
    registry: &RegistryArg,
    shown: Shown,
    env: &Env,
    ui: &mut Ui,
) -> Result<Exit, Error> {
    let namespace = Namespace::parse(name)?;
    let mut client = RegistryChoice::of(env, registry.registry.as_deref(), Some(&namespace))?.open(env)?;
    let id = client.id().to_string();
    let chain = client.namespace(&namespace)?.clone();
    let Some(latest) = chain.latest() else {
        return Err(Diagnostic::new(Code::NotFound, words::namespace_missing(name, &id)).into());
    };
    client.commit()?;
    if shown == Shown::Records {
        for (index, record, _) in chain.records() {
            ui.print(words::record(record.seq, index, record.keys.len() as u64));
        }
    }
    for key in &latest.keys {
        let roles = key.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        let packages = key.packages.iter().cloned().collect::<Vec<_>>().join(", ");
        ui.print(words::namespace_key(&key.key.id().to_string(), &roles, &packages));
    }
    for revocation in &latest.revoked {
        ui.print(words::namespace_revoked(
            &revocation.key.to_string(),
            revocation.since,
            revocation.reason.as_str(),
        ));
    }
    let records = chain.records().map(|(log, record, _)| Record::of(record, log)).collect();
    ui.result(&Records { registry: id, namespace: name, records });
    Ok(Exit::Ok)
}
