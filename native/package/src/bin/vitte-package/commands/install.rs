use super::scope::{ScopeArgs, tell};
use crate::ui::Ui;
use serde_json::json;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::install::{self, Request, Wanted};
use vitte_package::ops::sync::{self, Reach};
use vitte_package_core::diagnostic::{Code, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::message::{dependencies as project_words, ui as words};
use vitte_package_core::sign::RegistryId;

/// Install the project's dependencies, or packages into the user's store
///
/// Without names, the project here or above is brought to its lockfile: what is missing is locked, fetched and
/// verified, and the compiler is told where it is. Otherwise a package is verified before it is unpacked, and none of its code is run. Its programs become commands in
/// `bin` of the user's store; several versions of it may be installed, and the one installed last is run.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package install\n  vitte package install roussov/vitte-math --registry ./registry\n  vitte package install roussov/vitte-math@^1.2\n  vitte package install ./vitte-math-1.2.0.vitmod --key author.pub"
)]
pub(crate) struct Args {
    /// Packages, each with a version or a requirement if wanted, or files
    #[arg(value_name = "NAME[@REQ]|FILE")]
    packages: Vec<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Believe this key about files, besides own and trusted ones: a name or a file
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
}

/// Brings the project to its lockfile.
fn project(args: &Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let scope = args.scope.scope_in_ci(env, ui)?;
    let synced = sync::sync(env, &scope, Reach::Project, ui.reporter())?;
    let changes = tell(&synced.changes, ui);
    let fetched = synced.fetched;
    ui.done(match synced.worked {
        true => project_words::sync_done(fetched.unpacked, fetched.held),
        false => project_words::sync_nothing(fetched.held),
    });
    ui.answer(&json!({
        "into": "project", "worked": synced.worked, "unpacked": fetched.unpacked, "held": fetched.held,
        "changes": changes,
    }));
    Ok(Exit::Ok)
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    if args.packages.is_empty() {
        return project(&args, env, ui);
    }
    let wanted = args.packages.iter().map(|text| Wanted::parse(text, env)).collect::<Result<_, _>>()?;
    let request = Request { wanted, keys: args.keys, registry: args.scope.registry().map(str::to_owned) };
    let asking = &*ui;
    let mut meet = |name: &str, id: &RegistryId, digest: &Digest| {
        let question = words::meet_registry(name, id.as_str(), &digest.to_string());
        match asking.confirm(&question, "--yes") {
            // With nobody to ask, a registry that is not known is not believed.
            Err(error) if error.code() == Code::NeedsAnswer => Ok(false),
            answer => answer,
        }
    };
    let installed = install::install(env, &request, &mut meet, asking.reporter())?;
    let shims = env.vitte_home()?.join("bin");
    for done in &installed {
        let (package, version) = (done.release.package.as_str(), done.release.version.to_string());
        ui.done(match done.unpacked {
            true => words::installed(package, &version, &done.folder.display().to_string()),
            false => words::installed_already(package, &version),
        });
        if !done.release.programs.is_empty() {
            let programs: Vec<_> = done.release.programs.keys().map(String::as_str).collect();
            ui.say(words::installed_programs(&programs.join(", ")));
        }
    }
    let programs = installed.iter().any(|done| !done.release.programs.is_empty());
    if programs && !env.path_folders().contains(&shims) {
        ui.say(words::path_hint(&shims.display().to_string()));
    }
    let rows: Vec<_> = installed
        .iter()
        .map(|done| {
            let release = &done.release;
            json!({
                "package": release.package.as_str(), "version": release.version.to_string(),
                "kind": release.kind.as_str(), "target": release.target.as_str(),
                "tree": release.tree.to_string(), "registry": release.registry,
                "signers": release.signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "folder": done.folder, "unpacked": done.unpacked, "programs": release.programs.keys().collect::<Vec<_>>(),
            })
        })
        .collect();
    ui.answer(&json!({"into": "user-store", "shims": shims, "packages": rows}));
    Ok(Exit::Ok)
}
