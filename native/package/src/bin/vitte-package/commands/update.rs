use super::completions;
use super::names;
use super::scope::{ScopeArgs, tell};
use crate::answer::Locked;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use vitte_package::dependencies::Scope;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package::ops::install::{self, InstallRequest};
use vitte_package::ops::lock::{self, Effect};
use vitte_package::project::Project;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Move locked packages to the newest versions that fit
///
/// Without a project here or above: the packages that are installed for this user are replaced by their newest releases.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package update\n  vitte package update acme/json --dry-run\n  vitte package update acme/json --precise 2.3.1"
)]
pub(crate) struct Args {
    /// The packages that may move; without names, all
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completions::locked))]
    names: Vec<String>,
    /// The same as naming the package
    #[arg(short = 'p', long = "package", value_name = "NAME", add = ArgValueCompleter::new(completions::locked))]
    packages: Vec<String>,
    /// Exactly this version, also an older or yanked one, or one younger than the configured minimum age
    #[arg(long, value_name = "VERSION")]
    precise: Option<String>,
    /// Tell what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    scope: ScopeArgs,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let names: Vec<PackageName> = args
        .names
        .iter()
        .chain(&args.packages)
        .map(|name| names::bare("update", name, env))
        .collect::<Result<_, _>>()?;
    let precise = args.precise.as_deref().map(Version::parse).transpose()?;
    if precise.is_some() && names.len() != 1 {
        return Err(Diagnostic::new(Code::Usage, words::precise_one()).into());
    }
    if precise.is_none() && !args.scope.names_project() && !Project::is_near(env) {
        return installed(&args, &names, env, ui);
    }
    let effect = if args.dry_run { Effect::Tell } else { Effect::Write };
    let update = lock::Update { names: &names, precise, effect };
    let outcome = lock::update(env, &args.scope.scope()?, update, ui.reporter())?;
    let changes = tell(&outcome.changes, ui);
    let count = outcome.lockfile.packages().iter().filter(|package| package.artifact.is_some()).count();
    match (outcome.is_new, args.dry_run) {
        (false, _) => ui.success(words::lock_current(count)),
        (true, true) => ui.say(words::lock_told()),
        (true, false) => ui.success(words::lock_written(count)),
    }
    let written = outcome.is_new && !args.dry_run;
    ui.result(&Locked { written, packages: count, changes, saved: 0 });
    Ok(Exit::Ok)
}

/// Replaces what is installed for this user by the newest releases.
fn installed(args: &Args, names: &[PackageName], env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Scope { registry, network, minimum_age, .. } = args.scope.scope()?;
    let request = InstallRequest { registry, network, minimum_age, ..InstallRequest::default() };
    let effect = if args.dry_run { install::Effect::Tell } else { install::Effect::Install };
    let upgrade = install::Upgrade { names, effect };
    let install::Upgraded { changes, saved } =
        install::upgrade(env, &request, upgrade, &mut super::install::trust_prompt(ui), ui.reporter())?;
    let written = !changes.is_empty() && !args.dry_run;
    let packages = changes.len();
    let rows = tell(&changes, ui);
    match (changes.is_empty(), args.dry_run) {
        (true, _) => ui.success(words::tools_current()),
        (false, true) => ui.say(words::lock_told()),
        (false, false) => ui.success(words::tools_updated(packages)),
    }
    super::install::tell_saved(saved, ui);
    ui.result(&Locked { written, packages, changes: rows, saved: saved.bytes() });
    Ok(Exit::Ok)
}
