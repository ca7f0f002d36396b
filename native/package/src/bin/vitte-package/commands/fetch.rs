use super::install::{tell_sections, trust_prompt};
use super::scope::{ScopeArgs, tell};
use crate::answer::{LockChange, SectionRow};
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::{Fetched, Scope};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::sections::{SectionRequest, fetch};
use vitte_package::ops::sync::{self, Reach};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::target::Target;
use vitte_package_core::tree::SectionName;

/// Bring a project's dependencies into the store
///
/// Afterwards `vitte package install --offline` needs nothing else. With --section, bring deferred sections of one
/// package that the project uses; without a project, of one that is installed for this user.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package fetch\n  vitte package fetch --locked\n  vitte package fetch --section docs roussov/vitte-math\n  vitte package fetch --target aarch64-unknown-linux-gnu"
)]
pub(crate) struct Args {
    /// The package that the sections are of, with a version if several are there
    #[arg(value_name = "NAME[@VERSION]", requires = "sections")]
    package: Option<String>,
    /// Bring these deferred sections of the package
    #[arg(long = "section", value_name = "SECTIONS", value_delimiter = ',', value_parser = SectionName::parse, requires = "package")]
    sections: Vec<SectionName>,
    /// Binaries for this system instead of the one this runs on
    #[arg(long, value_name = "TARGET", value_parser = Target::parse)]
    target: Option<Target>,
    #[command(flatten)]
    scope: ScopeArgs,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The deferred sections that were asked for.
    sections: Vec<SectionRow<'a>>,
    /// Packages that were verified and unpacked now.
    unpacked: usize,
    /// Packages the store held already.
    held: usize,
    /// Bytes that were not fetched, because deltas came in place of whole packages.
    saved: u64,
    /// What changed in the lockfile.
    changes: Vec<LockChange<'a>>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    if let Some(package) = &args.package {
        return sections(package, args.sections, &args.scope.scope()?, env, ui);
    }
    let mut scope = args.scope.scope_in_ci(env, ui)?;
    scope.target = args.target;
    let synced = sync::sync(env, &scope, Reach::Store, ui.reporter())?;
    let changes = tell(&synced.changes, ui);
    ui.success(super::install::fetched_in_words(synced.fetched));
    super::install::tell_saved(synced.fetched.saved, ui);
    let Fetched { unpacked, held, saved } = synced.fetched;
    ui.result(&Answer { sections: Vec::new(), unpacked, held, saved: saved.bytes(), changes });
    Ok(Exit::Ok)
}

/// Brings sections of one package.
fn sections(
    package: &str,
    names: Vec<SectionName>,
    scope: &Scope,
    env: &Env,
    ui: &mut Ui,
) -> Result<Exit, Error> {
    let (package, version) = super::name_and_version(package)?;
    let names = names.into_iter().collect();
    let request = SectionRequest { package: &package, version: version.as_ref(), names: &names };
    let (_, here) = fetch(env, scope, request, &mut trust_prompt(ui), ui.reporter())?;
    tell_sections(package.as_str(), &here, ui);
    let sections = here.iter().map(SectionRow::from).collect();
    ui.result(&Answer { sections, unpacked: 0, held: 0, saved: 0, changes: Vec::new() });
    Ok(Exit::Ok)
}
