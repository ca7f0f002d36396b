use super::scope::ScopeArgs;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Show which dependencies are behind
///
/// A table: what is locked, what `update` would lock, the newest release there is, and what there is to say of it: that it
/// was yanked or deprecated, or what keeps the newest out.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package outdated\n  vitte package outdated --exit-code")]
pub(crate) struct Args {
    /// End with 1 if anything is behind
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    scope: ScopeArgs,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// What is behind.
    behind: Vec<Row<'a>>,
}

/// A package that is behind.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    /// The package.
    package: &'a PackageName,
    /// What is locked.
    locked: &'a Version,
    /// What an update would bring; null if nothing needs it any more.
    reachable: Option<&'a Version>,
    /// The newest release there is that may be used.
    newest: Option<&'a Version>,
    /// What there is to say of it.
    note: Option<&'a str>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let behind = ops::outdated::outdated(env, &args.scope.scope()?, ui.reporter())?;
    let mut table = vec![[
        words::outdated_package(),
        words::outdated_locked(),
        words::outdated_wanted(),
        words::outdated_newest(),
        words::outdated_note(),
    ]];
    let mut rows = Vec::with_capacity(behind.len());
    for package in &behind {
        let shown = |version: &Option<Version>| version.as_ref().map_or("-".to_owned(), ToString::to_string);
        table.push([
            package.name.to_string(),
            package.locked.to_string(),
            shown(&package.wanted),
            shown(&package.newest),
            package.note.clone().unwrap_or_default(),
        ]);
        rows.push(Row {
            package: &package.name,
            locked: &package.locked,
            reachable: package.wanted.as_ref(),
            newest: package.newest.as_ref(),
            note: package.note.as_deref(),
        });
    }
    if behind.is_empty() {
        ui.say(words::behind_nothing());
    } else {
        ui.print_lines(&columns(&table));
    }
    ui.result(&Answer { behind: rows });
    Ok(if args.exit_code && !behind.is_empty() { Exit::Failed } else { Exit::Ok })
}

/// Lines with the cells of each column one below the other.
fn columns<const N: usize>(table: &[[String; N]]) -> Vec<String> {
    let width = |at: usize| table.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    table.iter().map(line).collect()
}
