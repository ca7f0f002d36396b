use super::completions;
use super::scope::ScopeArgs;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde_json::json;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::why::{self, Newer};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::message::dependencies as words;
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::Detail;

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
        ui.line(path.join(" → "));
        for (by, requirement) in &answer.wanted {
            ui.line(format!("  {}", words::why_wants(by, requirement)));
        }
        let newer = match &answer.newer {
            Newer::None | Newer::Member => json!(null),
            Newer::Possible(version) => {
                let version = version.to_string();
                ui.line(format!("  {}", words::why_newer_possible(name.as_str(), &version)));
                json!({"version": version, "reasons": []})
            }
            Newer::Blocked(version, reasons) => {
                let version = version.to_string();
                ui.line(format!("  {}", words::why_newer(name.as_str(), &version)));
                for reason in reasons {
                    ui.line(format!("    {reason}"));
                }
                json!({"version": version, "reasons": reasons})
            }
        };
        let steps: Vec<_> = answer
            .path
            .iter()
            .map(|step| {
                json!({"package": step.name.as_str(), "version": step.version.to_string(), "requirement": step.requirement})
            })
            .collect();
        let wanted: Vec<_> =
            answer.wanted.iter().map(|(by, wanted)| json!({"by": by, "requirement": wanted})).collect();
        rows.push(json!({"path": steps, "wanted": wanted, "newer": newer}));
    }
    ui.answer(&json!({"package": name.as_str(), "chosen": rows}));
    Ok(Exit::Ok)
}
