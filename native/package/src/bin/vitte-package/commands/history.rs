use crate::answer::Release;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{dependencies, store as words};
use vitte_package::ops::history::{self, Difference};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Show what was installed when
///
/// Each line is a generation: everything that is installed for this user at one moment. The active one is marked.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package history\n  vitte package history --json")]
pub(crate) struct Args {}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The generations, the newest first.
    generations: Vec<GenerationRow<'a>>,
}

/// Everything that was installed at one moment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GenerationRow<'a> {
    /// Its number.
    generation: u32,
    /// The number of the generation it was made from.
    from: u32,
    /// Whether it is what is installed now.
    active: bool,
    /// When it was made (RFC 3339).
    time: String,
    /// The command that made it.
    command: &'a str,
    /// What changed by it.
    changes: Changes<'a>,
}

/// What changed from one generation to another.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Changes<'a> {
    /// Releases that came.
    added: Vec<Release<'a>>,
    /// Releases that went.
    removed: Vec<Release<'a>>,
    /// Packages of which another version is run now.
    switched: Vec<Switch<'a>>,
}

/// A package of which another version is run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Switch<'a> {
    /// The package.
    package: &'a PackageName,
    /// The version before.
    from: &'a Version,
    /// The version now.
    to: &'a Version,
}

impl<'a> From<&'a Difference> for Changes<'a> {
    fn from(difference: &'a Difference) -> Self {
        let release = |(package, version): &'a (PackageName, Version)| Release { package, version };
        let switched = difference.switched.iter();
        Self {
            added: difference.added.iter().map(release).collect(),
            removed: difference.removed.iter().map(release).collect(),
            switched: switched.map(|(package, from, to)| Switch { package, from, to }).collect(),
        }
    }
}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let past = history::history(env)?;
    let mut rows = Vec::with_capacity(past.len());
    for past in &past {
        let generation = &past.generation;
        let time = jiff::Timestamp::from_second(i64::try_from(generation.time).unwrap_or(0));
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        let mark = if past.active { "*" } else { " " };
        ui.print(words::generation_line(mark, generation.number, &time, &generation.command));
        for line in lines(&past.difference) {
            ui.print(format!("    {line}"));
        }
        rows.push(GenerationRow {
            generation: generation.number,
            from: generation.from,
            active: past.active,
            time,
            command: &generation.command,
            changes: (&past.difference).into(),
        });
    }
    if rows.is_empty() {
        ui.say(words::generation_empty());
    }
    ui.result(&Answer { generations: rows });
    Ok(Exit::Ok)
}

/// A difference for people.
pub(super) fn lines(difference: &Difference) -> Vec<String> {
    let Difference { added, removed, switched } = difference;
    let added =
        added.iter().map(|(name, version)| dependencies::change_added(name.as_str(), &version.to_string()));
    let removed = removed
        .iter()
        .map(|(name, version)| dependencies::change_removed(name.as_str(), &version.to_string()));
    let switched = switched.iter().map(|(name, from, to)| {
        dependencies::change_moved(name.as_str(), &from.to_string(), &to.to_string())
    });
    added.chain(removed).chain(switched).collect()
}
