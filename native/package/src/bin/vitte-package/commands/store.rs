use crate::argument::RegistryArg;
use crate::render::size;
use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::dependencies::Network;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::store as words;
use vitte_package::ops::store::{self, Mended};
use vitte_package::store::{Effect, Generations};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::lockfile::LockedPackage;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Look after the store of unpacked packages
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package store verify\n  vitte package store gc")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Read every file again and compare it with what was verified when it came
    #[command(before_help = "Examples:\n  vitte package store verify\n  vitte package store verify --fix")]
    Verify {
        /// Take damaged packages out, and bring those again whose registry is at hand
        #[arg(long)]
        fix: bool,
        /// Do not use the network
        #[arg(long)]
        offline: bool,
        #[command(flatten)]
        registry: RegistryArg,
    },
    /// List the packages in the store
    #[command(before_help = "Examples:\n  vitte package store list\n  vitte package store list --json")]
    List,
    /// Remove packages that nothing uses
    ///
    /// Used is what a project's lockfile names, and what the last 10 generations and those of the last 30 days
    /// have installed.
    #[command(
        before_help = "Examples:\n  vitte package store gc\n  vitte package store gc --dry-run\n  vitte package store gc --all"
    )]
    Gc {
        /// Tell what would be removed
        #[arg(long)]
        dry_run: bool,
        /// Also remove what only earlier generations use: `rollback` cannot go back to them any more
        #[arg(long)]
        all: bool,
    },
}

/// The answer of `store verify`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Verified<'a> {
    /// How many packages were read.
    packages: usize,
    /// Those of them that are not what they were.
    damaged: Vec<DamagedRow<'a>>,
    /// What became of them; absent where damage was found and left.
    #[serde(skip_serializing_if = "Option::is_none")]
    mended: Option<Vec<MendedRow>>,
}

/// A package that is not what it was.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DamagedRow<'a> {
    /// What it should be.
    tree: TreeDigest,
    /// The first file or folder that is wrong.
    path: &'a Path,
    /// What is wrong with it.
    reason: &'a str,
}

/// What became of a damaged package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum MendedRow {
    /// It was brought again.
    Brought {
        /// The package.
        package: PackageName,
        /// Its version.
        version: Version,
        /// That it was.
        #[cfg_attr(test, schemars(extend("const" = true)))]
        brought: bool,
    },
    /// It was taken out.
    Removed {
        /// Its identity.
        tree: TreeDigest,
        /// That it was not brought again.
        #[cfg_attr(test, schemars(extend("const" = false)))]
        brought: bool,
        /// Why not; none if nobody knows where it came from.
        reason: Option<String>,
    },
}

/// The answer of `store list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Listed<'a> {
    /// The packages, by name and version.
    packages: Vec<HeldRow<'a>>,
    /// Bytes of all their files.
    bytes: u64,
}

/// A package in the store.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HeldRow<'a> {
    /// The package; none if its manifest cannot be read.
    package: Option<&'a PackageName>,
    /// Its version.
    version: Option<&'a Version>,
    /// Its identity.
    tree: TreeDigest,
    /// Bytes of its files.
    bytes: u64,
    /// Its folder.
    folder: &'a Path,
}

/// The answer of `store gc`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Collected<'a> {
    /// What was removed, or would be.
    removed: &'a [TreeDigest],
    /// Bytes of its files.
    bytes: u64,
    /// How many packages stay.
    kept: usize,
    /// How many old generations went.
    generations: usize,
    /// How many projects are gone that used packages.
    projects: usize,
    /// Whether it was only told.
    dry_run: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Verify { fix, offline, registry } => {
            let network = if offline { Network::Offline } else { Network::Online };
            verify(fix.then_some(network), registry.registry.as_deref(), env, ui)
        }
        Action::List => {
            list(env, ui)?;
            Ok(Exit::Ok)
        }
        Action::Gc { dry_run, all } => {
            let generations = if all { Generations::ActiveOnly } else { Generations::Recent };
            let effect = if dry_run { Effect::Tell } else { Effect::Remove };
            let done = store::collect(env, effect, generations, ui.reporter())?;
            let (count, bytes) = (done.packages.len(), size(done.bytes));
            ui.done(match effect {
                Effect::Remove => words::collected(count, &bytes, done.kept),
                Effect::Tell => words::would_collect(count, &bytes, done.kept),
            });
            ui.answer(&Collected {
                removed: &done.packages,
                bytes: done.bytes,
                kept: done.kept,
                generations: done.generations,
                projects: done.projects,
                dry_run,
            });
            Ok(Exit::Ok)
        }
    }
}

fn list(env: &Env, ui: &mut Ui) -> Result<(), Error> {
    let held = store::list(env)?;
    let bytes = held.iter().map(|package| package.bytes).sum();
    let mut rows = Vec::with_capacity(held.len());
    for package in &held {
        let release = package.release.as_ref();
        let shown = release.map_or_else(words::unreadable, |(name, version)| format!("{name} {version}"));
        ui.line(format!("{shown:<40} {:>9}  {}", size(package.bytes), package.tree));
        rows.push(HeldRow {
            package: release.map(|(name, _)| name),
            version: release.map(|(_, version)| version),
            tree: package.tree,
            bytes: package.bytes,
            folder: &package.folder,
        });
    }
    ui.say(words::store_list(held.len(), &size(bytes)));
    ui.answer(&Listed { packages: rows, bytes });
    Ok(())
}

/// `mend` is given when damage is to be mended, and says whether addresses may be asked.
fn verify(mend: Option<Network>, registry: Option<&str>, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let checked = store::verify(env)?;
    let damaged: Vec<_> = checked
        .damaged
        .iter()
        .map(|damage| DamagedRow { tree: damage.tree, path: &damage.path, reason: &damage.reason })
        .collect();
    let mut mended = Vec::new();
    match (checked.error(), mend) {
        (None, _) => ui.done(words::verified(checked.packages)),
        (Some(error), None) => {
            ui.answer(&Verified { packages: checked.packages, damaged, mended: None });
            return Err(error);
        }
        (Some(_), Some(network)) => {
            for damage in &checked.damaged {
                ui.say(words::tampered_note(&damage.path.display().to_string(), &damage.reason));
            }
            for outcome in store::mend(env, &checked.damaged, registry, network, ui.reporter())? {
                match outcome {
                    Mended::Brought(package) => {
                        ui.done(words::mended(package.name.as_str(), &package.version.to_string()));
                        let LockedPackage { name, version, .. } = package;
                        mended.push(MendedRow::Brought { package: name, version, brought: true });
                    }
                    Mended::Removed(tree, why) => {
                        ui.say(words::discarded(&tree.to_string()));
                        let why = why.map(|error| error.to_string());
                        if let Some(why) = &why {
                            ui.say(why);
                        }
                        mended.push(MendedRow::Removed { tree, brought: false, reason: why });
                    }
                }
            }
        }
    }
    ui.answer(&Verified { packages: checked.packages, damaged, mended: Some(mended) });
    Ok(Exit::Ok)
}
