//! `config`: settings.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod set;
pub(crate) mod unset;

use crate::render::line_and_column;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::config::{Config, Key, Origin, Setting};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance as words;
use vitte_package::project::Project;
use vitte_package_core::diagnostic::Exit;

/// See and change settings
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package config list --origin\n  vitte package config set resolver.min-age 24h"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    List(list::Args),
    Get(get::Args),
    Set(set::Args),
    Unset(unset::Args),
}

/// The answer of `config list` and `config get`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Settings<'a> {
    /// The settings asked for.
    settings: Vec<SettingRow<'a>>,
}

/// A setting.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SettingRow<'a> {
    /// Its name.
    key: &'a str,
    /// Its value, without the password of an address; none if it is not set and there is none by default.
    value: Option<String>,
    /// The variable, or the file and line it comes from, in words.
    origin: String,
    /// The environment variable that sets it.
    variable: &'a str,
    /// Values that do not count because of it, the strongest first.
    overrides: Vec<Overridden>,
}

/// A value that does not count.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Overridden {
    /// The value, without the password of an address.
    value: String,
    /// Where it comes from, in words.
    origin: String,
}

impl<'a> SettingRow<'a> {
    fn of(key: Key, config: &'a Config, env: &Env) -> Self {
        let setting = config.get(key);
        let overridden =
            |setting: &Setting| Overridden { value: setting.shown(), origin: place(setting, env) };
        Self {
            key: key.name(),
            value: setting.map(Setting::shown),
            origin: setting.map_or_else(words::config_default, |setting| place(setting, env)),
            variable: key.variable().name(),
            overrides: config.overridden(key).map(overridden).collect(),
        }
    }

    /// The value for people.
    fn shown(&self) -> String {
        self.value.clone().unwrap_or_else(words::config_unset)
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::List(args) => list::run(args, env, ui),
        Action::Get(args) => get::run(args, env, ui),
        Action::Set(args) => set::run(args, env, ui),
        Action::Unset(args) => unset::run(args, env, ui),
    }
}

/// The settings that count here: of the project, if there is one, and of the user.
fn load(env: &Env) -> Result<Config, Error> {
    let project = if Project::is_near(env) { Some(Project::find_any(env, None)?) } else { None };
    Config::load(env, project.as_ref().map(Project::root_folder))
}

/// A variable, or a file and the line in it.
fn place(setting: &Setting, env: &Env) -> String {
    match &setting.origin {
        Origin::Variable(name) => (*name).to_owned(),
        Origin::Default => words::config_default(),
        Origin::File { path, start } => {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            format!("{}:{}", env.shorten(path).display(), line_and_column(&text, *start).0)
        }
    }
}
