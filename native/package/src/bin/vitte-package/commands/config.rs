use crate::render::line_and_column;
use crate::ui::Ui;
use serde::Serialize;
use std::path::Path;
use vitte_package::config::{Config, Key, Origin, Setting, remove_user, write_user};
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
    /// Show every setting
    #[command(before_help = "Examples:\n  vitte package config list\n  vitte package config list --origin")]
    List {
        /// Also where each comes from, and what it overrides
        #[arg(long)]
        origin: bool,
    },
    /// Show one setting
    #[command(before_help = "Examples:\n  vitte package config get registry.default")]
    Get {
        /// The setting
        key: String,
    },
    /// Write a setting into your own configuration
    #[command(before_help = "Examples:\n  vitte package config set resolver.min-age 24h")]
    Set {
        /// The setting
        key: String,
        /// Its value
        value: String,
    },
    /// Take a setting out of your own configuration
    #[command(before_help = "Examples:\n  vitte package config unset resolver.min-age")]
    Unset {
        /// The setting
        key: String,
    },
}

/// The answer of `config unset`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unset<'a> {
    /// The setting.
    key: &'a str,
    /// The file it was taken out of; none if it was not set there.
    file: Option<&'a Path>,
}

/// The answer of `config set`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Written<'a> {
    /// The setting.
    key: &'a str,
    /// Its value.
    value: &'a str,
    /// The file it was written to.
    file: &'a Path,
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

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    if let Action::Set { key, value } = &args.action {
        let key = Key::parse(key)?;
        let file = write_user(env, key, value)?;
        ui.note(words::config_wrote(key.name(), value, &env.shorten(&file).display().to_string()));
        ui.answer(&Written { key: key.name(), value, file: &file });
        return Ok(Exit::Ok);
    }
    if let Action::Unset { key } = &args.action {
        let key = Key::parse(key)?;
        let file = remove_user(env, key)?;
        match &file {
            Some(file) => {
                ui.done(words::config_removed(key.name(), &env.shorten(file).display().to_string()))
            }
            None => ui.say(words::config_not_set(key.name())),
        }
        ui.answer(&Unset { key: key.name(), file: file.as_deref() });
        return Ok(Exit::Ok);
    }
    let project = if Project::is_near(env) { Some(Project::find_any(env, None)?) } else { None };
    let config = Config::load(env, project.as_ref().map(Project::root_folder))?;
    let (keys, origin) = match &args.action {
        Action::Get { key } => (vec![Key::parse(key)?], false),
        Action::List { origin } => (Key::ALL.to_vec(), *origin),
        Action::Set { .. } | Action::Unset { .. } => (Vec::new(), false),
    };
    let single = matches!(args.action, Action::Get { .. });
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        let setting = config.get(key);
        let value = setting.map_or_else(words::config_unset, Setting::shown);
        ui.line(match single {
            true => value,
            false => format!("{} = {value}", key.name()),
        });
        if origin {
            ui.line(format!(
                "    {}",
                setting.map_or_else(words::config_default, |setting| place(setting, env))
            ));
            for weaker in config.overridden(key) {
                ui.line(format!("    {}", words::config_overrides(&weaker.shown(), &place(weaker, env))));
            }
        }
        let weaker: Vec<_> = config
            .overridden(key)
            .map(|setting| Overridden { value: setting.shown(), origin: place(setting, env) })
            .collect();
        rows.push(SettingRow {
            key: key.name(),
            value: setting.map(Setting::shown),
            origin: setting.map_or_else(words::config_default, |setting| place(setting, env)),
            variable: key.variable().name(),
            overrides: weaker,
        });
    }
    ui.answer(&Settings { settings: rows });
    Ok(Exit::Ok)
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
