//! A flag for each setting.

use super::table::{Row, TABLE};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

/// The settings that were given on the command line: with `PLACES` those that say where a registry is kept, which every
/// command needs, and without it all others.
#[derive(Debug, Default)]
pub(crate) struct Flags<const PLACES: bool>(Vec<(&'static Row, String)>);

/// Where the registry is kept.
pub(crate) type PlaceFlags = Flags<true>;
/// How it is served.
pub(crate) type ServeFlags = Flags<false>;

/// The settings of [`PlaceFlags`].
const PLACES: [&str; 3] = ["storage", "database", "signing-keys"];

impl<const WANTED: bool> Flags<WANTED> {
    fn rows() -> impl Iterator<Item = &'static Row> {
        TABLE.iter().filter(|row| PLACES.contains(&row.name) == WANTED)
    }

    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static Row, &str)> {
        self.0.iter().map(|(row, text)| (*row, text.as_str()))
    }
}

impl<const WANTED: bool> FromArgMatches for Flags<WANTED> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |row: &'static Row| Some((row, matches.get_one::<String>(row.name)?.clone()));
        Ok(Self(Self::rows().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<const WANTED: bool> Args for Flags<WANTED> {
    fn augment_args(command: Command) -> Command {
        let flag = |row: &Row| Arg::new(row.name).long(row.name).value_name(row.form).help(row.help());
        command.args(Self::rows().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
