use super::folder;
use crate::render;
use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::delta as words;
use vitte_package::ops::delta::{self, OfferPolicy};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Make deltas to the newest releases, so that updates fetch less
///
/// They are listed in `deltas.json` beside the archives; those to releases that are no longer among the newest are
/// removed. What would save less than 4 KiB, or has 60 % of the archive or more, is not kept. Some 520 MiB of memory for
/// the largest.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry delta reg\n  vitte package registry delta reg --keep 2 --previous 5"
)]
pub(crate) struct Args {
    /// The folder
    dir: PathBuf,
    /// Deltas lead to this many of the newest releases of a package
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    keep: u16,
    /// For each of them, from this many of the releases before it
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    previous: u16,
}

/// The answer of `registry delta`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Offered<'a> {
    /// The deltas that were made.
    made: Vec<Made<'a>>,
    /// How many were there already.
    kept: usize,
    /// How many would have saved too little, or could not carry what has changed.
    unfit: usize,
    /// How many were removed.
    removed: usize,
}

/// A delta that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Made<'a> {
    /// The package.
    package: &'a PackageName,
    /// The version it begins from.
    from: &'a Version,
    /// The version it leads to.
    to: &'a Version,
    /// Its path in the registry.
    path: &'a str,
    /// Its bytes.
    file_len: u64,
    /// Bytes of the archive it leads to.
    full_len: u64,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let policy = OfferPolicy { keep: args.keep.into(), previous: args.previous.into() };
    let offered = delta::offer(env, &folder(env, &args.dir)?, policy, ui.reporter())?;
    for made in &offered.made {
        let (from, to) = (made.from.to_string(), made.to.to_string());
        let (len, whole) = (render::size(made.len), render::size(made.whole));
        ui.note(words::offered(made.package.as_str(), &from, &to, &len, &whole));
    }
    ui.success(words::offered_in_all(offered.made.len(), offered.kept));
    if offered.unfit > 0 {
        ui.say(words::offered_unfit(offered.unfit));
    }
    if offered.removed > 0 {
        ui.say(words::offered_removed(offered.removed));
    }
    let made = offered.made.iter().map(|made| Made {
        package: &made.package,
        from: &made.from,
        to: &made.to,
        path: &made.path,
        file_len: made.len,
        full_len: made.whole,
    });
    ui.result(&Offered {
        made: made.collect(),
        kept: offered.kept,
        unfit: offered.unfit,
        removed: offered.removed,
    });
    Ok(Exit::Ok)
}
