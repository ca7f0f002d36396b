//! `credentials.toml` in the home: tokens by the addresses of their registries, for the user alone.
//!
//! ```toml
//! [registries."https://registry.example"]
//! token = "vtt_…"
//! ```

use super::{Credential, Source};
use crate::env::Env;
use crate::error::{Error, IoAction, IoContext as _};
use crate::fs::{self, Access};
use crate::keys::check_private;
use crate::message::{credentials as text, usage};
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml_edit::{DocumentMut, Item, Table, TableLike};
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

/// Its name in the home.
pub const FILE_NAME: &str = "credentials.toml";
/// Bytes of it at most.
const FILE_LEN: u64 = 1024 * 1024;
/// How long another change of it is waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
const REGISTRIES: &str = "registries";
const TOKEN: &str = "token";

/// Where it is, whether or not it is there.
///
/// # Errors
/// `config` when there is no home folder.
pub fn path(env: &Env) -> Result<PathBuf, Error> {
    Ok(env.vitte_home()?.join(FILE_NAME))
}

/// The token that is kept for a registry.
///
/// # Errors
/// `key-permissions` when others can read the file; `config` when it is malformed; `io`.
pub fn get(env: &Env, registry: &Address) -> Result<Option<Credential>, Error> {
    let path = path(env)?;
    let Some(document) = read(&path)? else { return Ok(None) };
    let Some(table) = document.get(REGISTRIES).and_then(Item::as_table_like) else { return Ok(None) };
    let Some(entry) = key_of(table, registry, &path)?.and_then(|key| table.get(&key)) else {
        return Ok(None);
    };
    let token = entry.as_table_like().and_then(|entry| entry.get(TOKEN)).and_then(Item::as_str);
    let token = token.ok_or_else(|| malformed(&path, &text::file_token(&registry.to_string())))?;
    let token = Token::parse(token).map_err(|error| Error::from(error).in_file(&path))?;
    Ok(Some(Credential { token, source: Source::File(path) }))
}

/// Keeps a token for a registry, in place of an earlier one. Gives the file.
///
/// # Errors
/// As [`get`]; `busy` while another process changes it; `no-space`.
pub fn store(env: &Env, registry: &Address, token: &Token) -> Result<PathBuf, Error> {
    let (path, _lock) = locked(env)?;
    let mut document = read(&path)?.unwrap_or_default();
    let registries = document.entry(REGISTRIES).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let registries = registries.as_table_like_mut();
    let registries = registries.ok_or_else(|| malformed(&path, &usage::config_type(REGISTRIES)))?;
    let key = key_of(registries, registry, &path)?.unwrap_or_else(|| registry.to_string());
    let entry = registries.entry(&key).or_insert_with(toml_edit::table).as_table_like_mut();
    let entry = entry.ok_or_else(|| malformed(&path, &text::file_token(&key)))?;
    entry.insert(TOKEN, toml_edit::value(token.reveal()));
    write(&path, &document)?;
    Ok(path)
}

/// Forgets the token of a registry. Gives the file, if it was there.
///
/// # Errors
/// As [`store`].
pub fn remove(env: &Env, registry: &Address) -> Result<Option<PathBuf>, Error> {
    if !path(env)?.exists() {
        return Ok(None);
    }
    let (path, _lock) = locked(env)?;
    let Some(mut document) = read(&path)? else { return Ok(None) };
    let Some(registries) = document.get_mut(REGISTRIES).and_then(Item::as_table_like_mut) else {
        return Ok(None);
    };
    let Some(key) = key_of(registries, registry, &path)? else { return Ok(None) };
    let removed = registries.remove(&key);
    // Comments above it stay: they may be about the whole file.
    let comments =
        removed.as_ref().and_then(Item::as_table).and_then(|table| table.decor().prefix()?.as_str());
    if let Some(comments) = comments.filter(|comments| comments.contains('#')) {
        let next = registries.iter_mut().find_map(|(_, item)| item.as_table_mut());
        match next {
            Some(next) => {
                let own = next.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
                let both = format!("{comments}{own}");
                next.decor_mut().set_prefix(both);
            }
            None => document.set_trailing(comments),
        }
    }
    write(&path, &document)?;
    Ok(Some(path))
}

/// The key that an address has in the file, however it is written there.
fn key_of(table: &dyn TableLike, registry: &Address, path: &Path) -> Result<Option<String>, Error> {
    for (key, _) in table.iter() {
        let address = Address::parse(key).map_err(|error| Error::from(error).in_file(path))?;
        if address == *registry {
            return Ok(Some(key.to_owned()));
        }
    }
    Ok(None)
}

fn locked(env: &Env) -> Result<(PathBuf, Option<fs::Lock>), Error> {
    let path = path(env)?;
    let home = path.parent().unwrap_or(Path::new("."));
    fs::create_folder(home)?;
    let lock = home.join(".credentials.lock");
    let lock = fs::Lock::take(&lock, fs::Hold::Exclusive, "vitte package login", LOCK_TIMEOUT, || {});
    // Where files cannot be locked, tokens are kept all the same.
    match lock {
        Err(error) if error.code() == Code::Busy => Err(error),
        lock => Ok((path, lock.ok())),
    }
}

/// Reads the file, which only its owner may read; none when there is none.
fn read(path: &Path) -> Result<Option<DocumentMut>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    check_private(path)?;
    let Some(content) = fs::read_text_if_there(path, FILE_LEN)? else { return Ok(None) };
    // The parser's own words quote the line, which may have the token in it.
    let document = content.parse::<DocumentMut>().map_err(|_| malformed(path, &text::file_syntax()))?;
    Ok(Some(document))
}

fn write(path: &Path, document: &DocumentMut) -> Result<(), Error> {
    // Those who keep the file elsewhere and link it keep the link.
    let place = match path.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
        true => path.canonicalize().on(IoAction::Read, path)?,
        false => path.to_owned(),
    };
    fs::write_atomic(&place, document.to_string().as_bytes(), Access::Private)
}

fn malformed(path: &Path, message: &str) -> Error {
    Error::from(Diagnostic::new(Code::Config, message.to_owned())).in_file(path)
}
