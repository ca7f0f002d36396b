use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::ci as words;
use vitte_package::ops::ci;
use vitte_package_core::diagnostic::Exit;

/// Read a workflow and say what it lacks
///
/// It ends with status 1 where something is missing, or where the workflow does what it should not: publish on every
/// change, hold a secret, run the code of strangers with the repository's secrets.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package ci check\n  vitte package ci check .github/workflows/package.yml"
)]
pub(crate) struct Args {
    /// The workflow; without it, the one that `ci init` writes
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Whose workflow: github, gitlab or forgejo; without it, what its path or the repository shows
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The service: `github`, `gitlab` or `forgejo`.
    provider: &'a str,
    /// The file that was read.
    path: String,
    /// What it lacks or should not do.
    findings: Vec<Finding<'a>>,
}

/// Something that a workflow lacks or should not do.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Finding<'a> {
    /// What it is about: `build`, `dry-run`, `publish`, `on-tag`, `secrets`, `strangers` or `permissions`.
    rule: &'a str,
    /// What is wrong, in words.
    message: &'a str,
    /// What helps.
    help: &'a str,
    /// Its line, from 1; null for what is missing.
    line: Option<usize>,
}

pub(super) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let checked = ci::check(env, args.file.as_deref(), args.provider.as_deref())?;
    let path = env.shorten(&checked.path).display().to_string();
    let finding = |finding: &ci::Finding| {
        let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
        format!("{path}{line}: {} [{}]\n  = help: {}", finding.message, finding.rule.name(), finding.help)
    };
    for found in &checked.findings {
        ui.note(finding(found));
    }
    let rows = checked.findings.iter().map(|finding| Finding {
        rule: finding.rule.name(),
        message: &finding.message,
        help: &finding.help,
        line: finding.line,
    });
    ui.result(&Answer { provider: checked.provider.name(), path: path.clone(), findings: rows.collect() });
    if checked.findings.is_empty() {
        ui.success(words::nothing_missing(&path));
        return Ok(Exit::Ok);
    }
    ui.say(words::findings(checked.findings.len() as u64, &path));
    Ok(Exit::Failed)
}
