use super::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{ui as words, usage};
use vitte_package::ops;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Choose which installed version of a package the shims run
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package use roussov/vitte-math@1.2.0")]
pub(crate) struct Args {
    /// The package and the version
    #[arg(value_name = "NAME@VERSION", add = ArgValueCompleter::new(completions::installed))]
    package: String,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The package.
    package: &'a PackageName,
    /// The version that is run now.
    version: &'a Version,
    /// Its programs.
    programs: Vec<&'a str>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (package, Some(version)) = super::name_and_version(&args.package)? else {
        let fault = Diagnostic::new(Code::Usage, usage::version_missing(&args.package));
        return Err(fault.help(words::list_command()).into());
    };
    let release = ops::use_version::use_version(env, &package, &version, ui.reporter())?;
    ui.success(words::runs_now(package.as_str(), &version.to_string()));
    let programs = release.programs.keys().map(String::as_str).collect();
    ui.result(&Answer { package: &package, version: &version, programs });
    Ok(Exit::Ok)
}
