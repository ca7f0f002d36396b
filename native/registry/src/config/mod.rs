//! The server's settings: what each is, and where it was set.
//!
//! Precedence, highest first: flag, environment variable, file, default. One name serves all of them: `idle-timeout` is
//! `--idle-timeout`, `VITTE_REGISTRY_IDLE_TIMEOUT` and `idle-timeout = …` in `vitte-registry.toml`.

mod file;
mod flags;
mod table;
mod value;

use crate::error::{Error, Result};
use crate::message as words;
pub(crate) use flags::{PlaceFlags, ServeFlags};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
pub(crate) use table::Settings;
use table::{Row, TABLE};
pub(crate) use value::{
    Address, Count, Limit, LogFormat, LogLevel, Rate, SimilarNames, Size, Switch, Value, WhoMayCreate,
};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::nearest::nearest;

/// The file in the data folder that settings are read from.
const FILE_NAME: &str = "vitte-registry.toml";
/// What the variables of settings begin with.
const PREFIX: &str = "VITTE_REGISTRY_";
/// Variables of this prefix that are no settings: they say where settings are.
pub(crate) const DATA_VARIABLE: &str = "VITTE_REGISTRY_DATA";
pub(crate) const CONFIG_VARIABLE: &str = "VITTE_REGISTRY_CONFIG";

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Flag,
    Variable(String),
    File { path: PathBuf, line: usize },
    Default,
}

impl Origin {
    fn shown(&self, name: &str) -> String {
        match self {
            Self::Flag => format!("--{name}"),
            Self::Variable(variable) => variable.clone(),
            Self::File { path, line } => format!("{}:{line}", path.display()),
            Self::Default => words::config_default(),
        }
    }
}

/// A value as it was written.
#[derive(Clone, PartialEq, Eq)]
struct Given {
    text: String,
    origin: Origin,
}

/// Where settings are looked for, but for the flags.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    /// The folder of the server.
    pub(crate) data: &'a Path,
    /// A file that was named; without it that of the folder, if it is there.
    pub(crate) file: Option<&'a Path>,
    /// The environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
}

/// What is written, by setting; of several the strongest last.
#[derive(Default)]
struct Written(BTreeMap<&'static str, Vec<Given>>);

impl Written {
    fn add(&mut self, row: &Row, text: String, origin: Origin) {
        self.0.entry(row.name).or_default().push(Given { text, origin });
    }
}

/// Settings, and for each how it came to its value.
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    written: Written,
}

impl Loaded {
    /// Reads all settings.
    ///
    /// # Errors
    /// `config`, with the place, for what is no setting, and for what is not its value.
    pub(crate) fn read<'f>(
        sources: &Sources<'_>,
        flags: impl Iterator<Item = (&'static Row, &'f str)>,
    ) -> Result<Self> {
        let (mut written, mut faults) = (Written::default(), Vec::new());
        file::read(sources, &mut written, &mut faults)?;
        read_variables(&sources.environment, &mut written, &mut faults);
        for (row, text) in flags {
            written.add(row, text.to_owned(), Origin::Flag);
        }
        let settings = Settings::parse(&mut |row| {
            let given = written.0.get(row.name).and_then(|all| all.last());
            (
                given.map_or(row.default, |given| given.text.as_str()).to_owned(),
                given.map_or_else(|| row.name.to_owned(), |given| given.origin.shown(row.name)),
            )
        });
        match (settings, faults.is_empty()) {
            (Ok(settings), true) => Ok(Self { settings, written }),
            (settings, _) => {
                faults.extend(settings.err().unwrap_or_default());
                Err(Error(faults))
            }
        }
    }

    /// Every setting with its value and where that was set, in lines. Secrets are not in it.
    pub(crate) fn shown(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for row in TABLE {
            let given = self.written.0.get(row.name).map_or(&[][..], Vec::as_slice);
            let text = given.last().map_or(row.default, |given| given.text.as_str());
            let value = if text.is_empty() { words::config_unset() } else { (row.shown)(text) };
            lines.push(format!("{} = {value}", row.name));
            let origin = given.last().map_or(&Origin::Default, |given| &given.origin);
            lines.push(format!("    {}", origin.shown(row.name)));
            for weaker in given.iter().rev().skip(1) {
                let origin = weaker.origin.shown(row.name);
                lines.push(format!("    {}", words::config_overrides(&(row.shown)(&weaker.text), &origin)));
            }
        }
        lines
    }
}

fn read_variables(environment: &[(OsString, OsString)], written: &mut Written, faults: &mut Vec<Diagnostic>) {
    for (variable, text) in environment {
        let Some(variable) = variable.to_str() else { continue };
        let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
        if [DATA_VARIABLE, CONFIG_VARIABLE].contains(&variable) || is_of_others(rest) || text.is_empty() {
            continue;
        }
        let row = TABLE.iter().find(|row| row.variable() == variable);
        match (row, text.to_str()) {
            (Some(row), Some(text)) => {
                written.add(row, text.to_owned(), Origin::Variable(variable.to_owned()));
            }
            (Some(row), None) => faults.push(fault(variable, words::config_text(row.name))),
            (None, _) => {
                let variables: Vec<_> = TABLE.iter().map(Row::variable).collect();
                let fault = Diagnostic::new(Code::Config, words::config_variable(variable));
                faults.push(suggest(fault, variable, variables.iter().map(String::as_str)));
            }
        }
    }
}

/// Whether a variable is one of those that Kubernetes sets in every container beside a service `vitte-registry`, or the
/// token that a client has for a registry whose host begins with `registry.`.
fn is_of_others(rest: &str) -> bool {
    rest.ends_with("_TOKEN") || rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}

/// A fault at a place: a variable, a flag, or a file and line.
fn fault(place: &str, message: String) -> Diagnostic {
    Diagnostic::new(Code::Config, words::config_at(place, &message))
}

fn suggest<'k>(fault: Diagnostic, given: &str, known: impl Iterator<Item = &'k str> + Clone) -> Diagnostic {
    match nearest(given, known.clone()) {
        Some(near) => fault.help(words::config_near(near)),
        None => fault.help(words::config_known(&known.collect::<Vec<_>>().join(", "))),
    }
}

#[cfg(test)]
mod tests;
