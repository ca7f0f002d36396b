use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::dependencies::Network;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::store as words;
use vitte_package::ops::store;
use vitte_package::ops::store::Repaired;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::lockfile::LockedPackage;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Read every file again and compare it with what was verified when it came
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package store verify\n  vitte package store verify --fix")]
pub(crate) struct Args {
    /// Take damaged packages out, and bring those again whose registry is at hand
    #[arg(long)]
    fix: bool,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    registry: RegistryArg,
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
    /// The deferred section that is damaged; null where it is the package itself.
    section: Option<&'a str>,
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

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { fix, offline, registry } = args;
    let network = if offline { Network::Offline } else { Network::Online };
    verify(fix.then_some(network), registry.registry.as_deref(), env, ui)
}

/// `repair` is given when damage is to be repaired, and says whether the network may be used.
fn verify(repair: Option<Network>, registry: Option<&str>, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let checked = store::verify(env)?;
    let damaged: Vec<_> = checked
        .damaged
        .iter()
        .map(|damage| DamagedRow {
            tree: damage.tree,
            section: damage.section.as_ref().map(|section| section.as_str()),
            path: &damage.path,
            reason: &damage.reason,
        })
        .collect();
    let mut mended = Vec::new();
    match (checked.error(), repair) {
        (None, _) => ui.success(words::verified(checked.packages)),
        (Some(error), None) => {
            ui.result(&Verified { packages: checked.packages, damaged, mended: None });
            return Err(error);
        }
        (Some(_), Some(network)) => {
            for damage in &checked.damaged {
                ui.say(words::tampered_note(&damage.path.display().to_string(), &damage.reason));
            }
            for outcome in store::repair(env, &checked.damaged, registry, network, ui.reporter())? {
                match outcome {
                    Repaired::Brought(package) => {
                        ui.success(words::mended(package.name.as_str(), &package.version.to_string()));
                        let LockedPackage { name, version, .. } = package;
                        mended.push(MendedRow::Brought { package: name, version, brought: true });
                    }
                    Repaired::Removed(tree, why) => {
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
    ui.result(&Verified { packages: checked.packages, damaged, mended: Some(mended) });
    Ok(Exit::Ok)
}
