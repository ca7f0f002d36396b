use crate::answer::Installed;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::ui as words;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;

/// List what is installed in the user's store
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package list\n  vitte package list --json")]
pub(crate) struct Args {}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The number of the active generation.
    generation: u32,
    /// What is installed.
    packages: Vec<Row<'a>>,
}

/// A package that is installed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    #[serde(flatten)]
    release: Installed<'a>,
    /// Whether its programs are those the shims run.
    active: bool,
}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let generation = ops::list::list(env)?;
    let mut rows = Vec::new();
    for release in generation.releases() {
        let active = generation.is_active(release);
        let programs = release.programs.keys().map(String::as_str).collect::<Vec<_>>();
        let mark = if active { "*" } else { " " };
        let kind = match release.target.is_any() {
            true => release.kind.as_str().to_owned(),
            false => format!("{} {}", release.kind.as_str(), release.target),
        };
        let (package, version, programs_text) = (&release.package, &release.version, programs.join(" "));
        ui.print(format!("{mark} {package} {version}  {kind}  {programs_text}").trim_end());
        rows.push(Row { release: release.into(), active });
    }
    if rows.is_empty() {
        ui.say(words::nothing_installed());
    }
    ui.result(&Answer { generation: generation.number, packages: rows });
    Ok(Exit::Ok)
}
