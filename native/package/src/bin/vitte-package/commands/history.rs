use crate::ui::Ui;
use serde_json::{Value, json};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::history::{self, Difference};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::message::{dependencies, store as words};

/// Show what was installed when
///
/// Each line is a generation: everything that is installed for this user at one moment. The active one is marked.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package history\n  vitte package history --json")]
pub(crate) struct Args {}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let past = history::history(env)?;
    let mut rows = Vec::with_capacity(past.len());
    for past in &past {
        let generation = &past.generation;
        let time = jiff::Timestamp::from_second(i64::try_from(generation.time).unwrap_or(0));
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        let mark = if past.active { "*" } else { " " };
        ui.line(words::generation_line(mark, generation.number, &time, &generation.command));
        for line in lines(&past.difference) {
            ui.line(format!("    {line}"));
        }
        rows.push(json!({
            "generation": generation.number, "from": generation.from, "active": past.active, "time": time,
            "command": generation.command, "changes": shape(&past.difference),
        }));
    }
    if rows.is_empty() {
        ui.say(words::generation_empty());
    }
    ui.answer(&json!({"generations": rows}));
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

/// A difference for programs.
pub(super) fn shape(difference: &Difference) -> Value {
    let release = |(name, version): &(_, _)| named(name, version);
    fn named(
        name: &vitte_package_core::name::PackageName,
        version: &vitte_package_core::version::Version,
    ) -> Value {
        json!({"package": name.as_str(), "version": version.to_string()})
    }
    json!({
        "added": difference.added.iter().map(release).collect::<Vec<_>>(),
        "removed": difference.removed.iter().map(release).collect::<Vec<_>>(),
        "switched": difference.switched.iter().map(|(name, from, to)| {
            json!({"package": name.as_str(), "from": from.to_string(), "to": to.to_string()})
        }).collect::<Vec<_>>(),
    })
}
