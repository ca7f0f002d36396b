//! `cache`: what was downloaded.

pub(crate) mod clean;
pub(crate) mod info;
pub(crate) mod prune;
pub(crate) mod verify;

use crate::ui::Ui;
use serde::Serialize;
use std::collections::BTreeMap;
use vitte_package::cache::{Cache, Cached, CachedFile};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// See or delete what was downloaded
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package cache info\n  vitte package cache prune")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Info(info::Args),
    Prune(prune::Args),
    Verify(verify::Args),
    Clean(clean::Args),
}

/// The answer of the commands that delete.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Deleted {
    /// The folder of the cache.
    folder: String,
    /// What was deleted, by kind.
    deleted: BTreeMap<&'static str, Amount>,
}

/// How much there is of a kind.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Amount {
    /// How many files.
    files: usize,
    /// Their bytes.
    bytes: u64,
}

impl Deleted {
    fn of(cache: &Cache, files: &[CachedFile]) -> Self {
        Self { folder: cache.folder().display().to_string(), deleted: amounts(files) }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Info(args) => info::run(args, env, ui),
        Action::Prune(args) => prune::run(args, env, ui),
        Action::Verify(args) => verify::run(args, env, ui),
        Action::Clean(args) => clean::run(args, env, ui),
    }
}

/// How much of each kind there is among files.
fn amounts(files: &[CachedFile]) -> BTreeMap<&'static str, Amount> {
    let of = |kind| {
        let files = files.iter().filter(|file| file.kind == kind);
        files.fold(Amount::default(), |sum, file| Amount {
            files: sum.files + 1,
            bytes: sum.bytes + file.size,
        })
    };
    Cached::ALL.into_iter().map(|kind| (kind.as_str(), of(kind))).collect()
}
