use crate::render::size;
use crate::ui::Ui;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use vitte_package::cache::{Cache, Cached, CachedFile};
use vitte_package::config::parse_age;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{dependencies, maintenance, ui as words};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// See or delete what was downloaded
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package cache info\n  vitte package cache prune")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show how much is cached, and where
    #[command(before_help = "Examples:\n  vitte package cache info\n  vitte package cache info --json")]
    Info,
    /// Delete what was not written lately
    #[command(
        before_help = "Examples:\n  vitte package cache prune\n  vitte package cache prune --older-than 7d"
    )]
    Prune {
        /// How long ago it was last written
        #[arg(long, value_name = "AGE", default_value = "30d")]
        older_than: String,
    },
    /// Delete archives that are not what their names say
    #[command(before_help = "Examples:\n  vitte package cache verify")]
    Verify,
    /// Delete everything that is cached
    #[command(before_help = "Examples:\n  vitte package cache clean --yes")]
    Clean,
}

/// The answer of `cache info`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Info {
    /// The folder of the cache.
    folder: String,
    /// What is cached, by kind.
    cached: BTreeMap<&'static str, Amount>,
}

/// The answer of the others.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Deleted {
    /// The folder of the cache.
    folder: String,
    /// What was deleted, by kind.
    deleted: BTreeMap<&'static str, Amount>,
}

/// How much there is of a kind.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Amount {
    /// How many files.
    files: usize,
    /// Their bytes.
    bytes: u64,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let cache = Cache::open(env)?;
    let folder = cache.folder().display().to_string();
    let files = cache.list()?;
    let kept = matches!(args.action, Action::Info);
    let files = match args.action {
        Action::Prune { older_than } => {
            let age = parse_age(&older_than)
                .ok_or_else(|| Diagnostic::new(Code::Usage, dependencies::age_syntax(&older_than)))?;
            let age = Duration::from_secs(age);
            let gone = cache.drop_files(|file| file.written.elapsed().is_ok_and(|elapsed| elapsed >= age))?;
            let bytes = size(gone.iter().map(|file| file.size).sum());
            ui.done(maintenance::cache_pruned(gone.len(), &bytes));
            gone
        }
        Action::Verify => {
            let (all, gone) = cache.verify()?;
            ui.done(maintenance::cache_verified(all, gone.len()));
            gone
        }
        Action::Info => {
            for kind in Cached::ALL {
                let (count, bytes) = sum(&files, kind);
                ui.line(words::cached(kind.as_str(), count, &size(bytes)));
            }
            ui.line(&folder);
            files
        }
        Action::Clean => {
            let bytes = size(files.iter().map(|file| file.size).sum());
            if files.is_empty() || !ui.confirm(&words::cache_clean_question(files.len(), &bytes), "--yes")? {
                ui.say(words::nothing_deleted());
                Vec::new()
            } else {
                let gone = cache.drop_files(|_| true)?;
                ui.done(words::cache_cleaned(gone.len(), &bytes));
                gone
            }
        }
    };
    let amounts = Cached::ALL.into_iter().map(|kind| {
        let (files, bytes) = sum(&files, kind);
        (kind.as_str(), Amount { files, bytes })
    });
    match kept {
        true => ui.answer(&Info { folder, cached: amounts.collect() }),
        false => ui.answer(&Deleted { folder, deleted: amounts.collect() }),
    }
    Ok(Exit::Ok)
}

fn sum(files: &[CachedFile], kind: Cached) -> (usize, u64) {
    let files = files.iter().filter(|file| file.kind == kind);
    files.fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.size))
}
