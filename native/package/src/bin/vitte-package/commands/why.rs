use super::completions;
use super::scope::ScopeArgs;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package::ops::why::{self, Newer};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::Detail;
use vitte_package_core::version::Version;

/// Explain why a package is used, and why in this version
///
/// The shortest way to it, every requirement on it, and what keeps a newer release out.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package why acme/json\n  vitte package why acme/json --explain full"
)]
pub(crate) struct Args {
    /// The package
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completions::locked))]
    name: String,
    /// How much of what keeps a newer release out is shown
    #[arg(long, value_enum, default_value = "short", value_name = "HOW")]
    explain: Explain,
    #[command(flatten)]
    scope: ScopeArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Explain {
    /// About 20 lines
    Short,
    /// All of it
    Full,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The package.
    package: &'a PackageName,
    /// Its versions in use.
    chosen: Vec<Chosen<'a>>,
}

/// A version in use.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Chosen<'a> {
    /// The shortest way to it from the project, itself last.
    path: Vec<StepRow<'a>>,
    /// Every requirement on it.
    wanted: Vec<WantedRow<'a>>,
    /// A newer release, if there is one.
    newer: Option<NewerRow<'a>>,
}

/// A step of the way to a package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepRow<'a> {
    /// The package reached.
    package: &'a PackageName,
    /// Its version.
    version: &'a Version,
    /// The requirement that led to it; none for the project the way begins at.
    requirement: Option<&'a str>,
}

/// A requirement on a package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WantedRow<'a> {
    /// Who has it, in words.
    by: &'a str,
    /// The requirement.
    requirement: &'a str,
}

/// A newer release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NewerRow<'a> {
    /// Its version.
    version: &'a Version,
    /// What keeps it out, in words; nothing if it could be chosen today.
    reasons: &'a [String],
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let name = PackageName::parse(&args.name)?;
    let detail = match args.explain {
        Explain::Short => Detail::Short,
        Explain::Full => Detail::Full,
    };
    let answers = why::why(env, &args.scope.scope()?, &name, detail)?;
    let mut rows = Vec::with_capacity(answers.len());
    for answer in &answers {
        let path: Vec<String> =
            answer.path.iter().map(|step| format!("{} {}", step.name, step.version)).collect();
        ui.print(path.join(" → "));
        for (by, requirement) in &answer.wanted {
            ui.print(format!("  {}", words::why_wants(by, requirement)));
        }
        let newer = match &answer.newer {
            Newer::None | Newer::Member => None,
            Newer::Possible(version) => {
                ui.print(format!("  {}", words::why_newer_possible(name.as_str(), &version.to_string())));
                Some(NewerRow { version, reasons: &[] })
            }
            Newer::Blocked(version, reasons) => {
                ui.print(format!("  {}", words::why_newer(name.as_str(), &version.to_string())));
                for reason in reasons {
                    ui.print(format!("    {reason}"));
                }
                Some(NewerRow { version, reasons })
            }
        };
        let path = answer.path.iter().map(|step| StepRow {
            package: &step.name,
            version: &step.version,
            requirement: step.requirement.as_deref(),
        });
        let wanted = answer.wanted.iter().map(|(by, requirement)| WantedRow { by, requirement });
        rows.push(Chosen { path: path.collect(), wanted: wanted.collect(), newer });
    }
    ui.result(&Answer { package: &name, chosen: rows });
    Ok(Exit::Ok)
}
