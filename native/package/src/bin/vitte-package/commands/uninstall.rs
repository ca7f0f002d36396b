use super::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::ui as words;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Take a package out of the user's store
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package uninstall roussov/vitte-math\n  vitte package uninstall roussov/vitte-math@1.0.0"
)]
pub(crate) struct Args {
    /// The package, all its versions or one
    #[arg(value_name = "NAME[@VERSION]", add = ArgValueCompleter::new(completions::installed))]
    package: String,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The package.
    package: &'a PackageName,
    /// The versions that were taken out.
    removed: Vec<&'a Version>,
    /// The version its shims run now, if any is left.
    active: Option<&'a Version>,
    /// The number of the generation without them.
    generation: u32,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (package, version) = super::name_and_version(&args.package)?;
    let done = ops::uninstall::uninstall(env, &package, version.as_ref(), ui.reporter())?;
    for release in &done.removed {
        ui.success(words::uninstalled(package.as_str(), &release.version.to_string()));
    }
    if let Some(active) = &done.active {
        ui.say(words::runs_now(package.as_str(), &active.to_string()));
    }
    ui.result(&Answer {
        package: &package,
        removed: done.removed.iter().map(|release| &release.version).collect(),
        active: done.active.as_ref(),
        generation: done.generation.number,
    });
    Ok(Exit::Ok)
}
