//! Changing the user's configuration file.

use super::read::{FILE_LEN, Layer};
use super::{Config, Key};
use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::fs;
use crate::manifest_edit::line_ends;
use crate::message::{maintenance, usage};
use crate::registry::read::location::Location;
use std::path::PathBuf;
use std::time::Duration;
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};

/// How long another change of the user's settings is waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Writes a setting into the user's configuration file, layer comments and order stay. Gives the file.
///
/// # Errors
/// `config` when the value is none of this setting, `insecure-url` or `usage` when it is an address that would be
/// refused, with a password in it for example; `config` when the file is not TOML, or there is no folder for it; `io`.
pub fn write_user(env: &Env, key: Key, value: &str) -> Result<PathBuf, Error> {
    if key == Key::Registry {
        // An address with a password would show it to everyone who can read the file, and is refused when it is used.
        Location::parse(value, env)?;
    }
    let mut file = UserFile::open(env)?;
    let document = &mut file.document;
    let (tables, last) = key.name().rsplit_once('.').unwrap_or(("", key.name()));
    let first = tables.split('.').next().unwrap_or_default();
    // Comments at the end of the file stay above a table that is new.
    let end = document.trailing().as_str().unwrap_or_default().to_owned();
    if end.contains('#') && !document.contains_key(first) {
        document.set_trailing("");
        let mut fresh = toml_edit::Table::new();
        fresh.decor_mut().set_prefix(end);
        document.insert(first, toml_edit::Item::Table(fresh));
    }
    let mut table: &mut dyn toml_edit::TableLike = document.as_table_mut();
    for name in tables.split('.').filter(|name| !name.is_empty()) {
        table = table
            .entry(name)
            .or_insert_with(toml_edit::table)
            .as_table_like_mut()
            .ok_or_else(|| Diagnostic::new(Code::Config, usage::config_type(name)))?;
    }
    table.insert(last, toml_edit::value(value));
    let written = file.text();
    // What is written is read as it will be, and then asked for: a wrong value is refused before it is there.
    let mut config = Config::default();
    let path = &file.path;
    config.add_text(&written, path, Layer::User).map_err(|error| error.in_text(path, &written))?;
    config.fsync()?;
    config.minimum_age()?;
    config.minimum_age_exempt()?;
    file.write()
}

/// Takes a setting out of the user's configuration file, layer comments and order stay. Gives the file; nothing where
/// it does not hold the setting.
///
/// # Errors
/// `config` when the file is not TOML, or there is no folder for it; `io`.
pub fn remove_user(env: &Env, key: Key) -> Result<Option<PathBuf>, Error> {
    let mut file = UserFile::open(env)?;
    let names: Vec<&str> = key.name().split('.').collect();
    match remove(file.document.as_table_mut(), &names) {
        true => file.write().map(Some),
        false => Ok(None),
    }
}

/// Removes a value, and the tables that are empty without it. Says whether it was there.
fn remove(table: &mut dyn toml_edit::TableLike, names: &[&str]) -> bool {
    match names {
        [] => false,
        [last] => table.remove(last).is_some(),
        [first, rest @ ..] => {
            let Some(inner) = table.get_mut(first).and_then(toml_edit::Item::as_table_like_mut) else {
                return false;
            };
            let removed = remove(inner, rest);
            if removed && inner.is_empty() {
                table.remove(first);
            }
            removed
        }
    }
}

/// The user's configuration file, while it is changed.
struct UserFile {
    path: PathBuf,
    before: String,
    document: toml_edit::DocumentMut,
    _lock: Option<fs::Lock>,
}

impl UserFile {
    fn open(env: &Env) -> Result<Self, Error> {
        let folder = env.config_folder();
        let folder = folder.ok_or_else(|| Diagnostic::new(Code::Config, maintenance::config_no_folder()))?;
        let path = folder.join("config.toml");
        fs::create_folder(&folder)?;
        let lock = folder.join(".config.lock");
        let lock = fs::Lock::take(&lock, fs::Hold::Exclusive, "vitte package config", LOCK_TIMEOUT, || {});
        // Where files cannot be locked, settings are written all the same.
        let lock = match lock {
            Err(error) if error.code() == Code::Busy => return Err(error),
            lock => lock.ok(),
        };
        let before = fs::read_text_if_there(&path, FILE_LEN)?.unwrap_or_default();
        let document = line_ends::plain(&before).parse::<toml_edit::DocumentMut>().map_err(|error| {
            let place = error.span().map_or(Place::Whole, |span| Place::Source(span.into()));
            let fault = Diagnostic::new(Code::Config, usage::config_syntax(error.message())).at(place);
            Error::from(fault).in_text(&path, &before)
        })?;
        Ok(Self { path, before, document, _lock: lock })
    }

    /// What is written, with the line ends the file had.
    fn text(&self) -> String {
        line_ends::like(&self.before, &self.document.to_string())
    }

    /// Writes the file and gives its path.
    fn write(self) -> Result<PathBuf, Error> {
        // Those who keep their settings elsewhere and link them keep the link.
        let place = match self.path.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
            true => self.path.canonicalize().on(IoAction::Read, &self.path)?,
            false => self.path.clone(),
        };
        fs::write_atomic(&place, self.text().as_bytes(), fs::Access::Shared)?;
        Ok(self.path)
    }
}
