use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::RegistryChoice;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::log::leaf::{Leaf, Subject};

/// Show size and root, and the newest entries or one of them, each proved to be in the log
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package log show --registry reg\n  vitte package log show 2 --registry reg"
)]
pub(crate) struct Args {
    /// The entry; without it, the newest ones
    index: Option<u64>,
    #[command(flatten)]
    registry: RegistryArg,
    /// How many of the newest
    #[arg(long, short = 'n', value_name = "N", default_value = "10")]
    last: u64,
}

/// The answer of `log show`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Shown<'a> {
    /// What the log calls itself.
    origin: &'a str,
    /// How many entries it has.
    size: u64,
    /// Its root.
    root: Digest,
    /// The entries asked for.
    entries: Vec<Row>,
}

/// An entry.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row {
    /// Its number, from 0.
    log: u64,
    /// What it is about.
    kind: &'static str,
    /// What exactly it is about.
    subject: String,
    /// When it was logged, in seconds since 1970.
    time: u64,
    /// The entry before it about the same thing.
    prev: Option<u64>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { index, registry, last } = args;
    let registry = RegistryChoice::of(env, registry.registry.as_deref(), None)?;
    let mut client = registry.open(env)?;
    let checkpoint = client.checkpoint().checkpoint().clone();
    let (size, root) = (checkpoint.size(), checkpoint.root().to_string());
    if let Some(index) = index.filter(|index| *index >= size) {
        let fault = Diagnostic::new(Code::NotFound, words::log_no_entry(index, size));
        return Err(fault.help(words::log_newest(size.saturating_sub(1))).into());
    }
    ui.print(words::log_head(checkpoint.origin(), size, &root));
    let range = match index {
        Some(index) => index..index.saturating_add(1),
        None => size.saturating_sub(last)..size,
    };
    let mut rows = Vec::new();
    for index in range {
        let leaf = client.leaf(index)?;
        let subject = subject(&leaf);
        ui.print(words::log_entry(index, leaf.subject.kind(), &subject));
        rows.push(Row { log: index, kind: leaf.subject.kind(), subject, time: leaf.time, prev: leaf.prev });
    }
    client.commit()?;
    ui.result(&Shown { origin: checkpoint.origin(), size, root: *checkpoint.root(), entries: rows });
    Ok(Exit::Ok)
}

fn subject(leaf: &Leaf) -> String {
    match &leaf.subject {
        Subject::Genesis { registry } => registry.to_string(),
        Subject::Trust { registry, version } => format!("{registry} {version}"),
        Subject::Namespace { namespace, seq } => format!("{namespace} {seq}"),
        Subject::Release { artifact, .. } => artifact.to_string(),
        Subject::Status { package, version } => format!("{package} {version}"),
    }
}
