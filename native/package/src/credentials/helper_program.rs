//! A program of the user's that keeps tokens, spoken to as git speaks to its credential helpers: the action behind its
//! arguments, `name=value` lines on standard input and output, an empty line at the end.
//!
//! Source: git-credential, "Input/Output format".

use super::{Credential, Source};
use crate::env::{Env, Variable, secret_variables};
use crate::error::{Error, IoAction, IoContext as _};
use crate::fs;
use crate::message::credentials as text;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

/// The setting, in the table `registry` of a configuration file.
pub const SETTING: &str = "credential-helper";
/// Bytes that a helper may say.
const SAID_LEN: u64 = 64 * 1024;

/// The helper that is configured, in the environment or by the user or the system; a project has no say.
///
/// # Errors
/// `config` when the variable is not UTF-8; `io`.
pub fn configured(env: &Env) -> Result<Option<String>, Error> {
    match env.variable(Variable::CredentialHelper)? {
        Some(command) => Ok(Some(command.to_owned())),
        None => user_setting(env, SETTING),
    }
}

/// A setting of the table `registry` in the user's configuration file, else in the system's. What is malformed is
/// reported by [`crate::config`], which reads the same files.
pub(super) fn user_setting(env: &Env, name: &str) -> Result<Option<String>, Error> {
    let user = env.config_folder().map(|folder| folder.join("config.toml"));
    let system = cfg!(unix).then(|| PathBuf::from("/etc/vitte/config.toml"));
    for path in [user, system].into_iter().flatten() {
        let Some(content) = fs::read_text_if_there(&path, 64 * 1024)? else { continue };
        let table = content.parse::<toml::Table>().ok();
        let value = table.as_ref().and_then(|table| table.get("registry")?.get(name)?.as_str());
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            return Ok(Some(value.to_owned()));
        }
    }
    Ok(None)
}

/// The token that the helper has for a registry; none without a helper.
///
/// # Errors
/// `config` when it fails; `unauthenticated` when what it has is no token; `io` when it cannot be run.
pub(super) fn get(env: &Env, registry: &Address) -> Result<Option<Credential>, Error> {
    let Some(helper) = configured(env)? else { return Ok(None) };
    let said = run(&helper, "get", registry, None)?;
    let said: Vec<_> = said.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |name: &str| said.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    // One that knows hosts only may have the token of another registry there.
    let asked = asked(registry);
    let is_other = |(name, asked): &(&str, String)| value(name).is_some_and(|said| said != asked.as_str());
    if asked.iter().any(is_other) {
        return Ok(None);
    }
    let Some(password) = value("password").filter(|password| !password.is_empty()) else { return Ok(None) };
    let token = Token::parse(password).map_err(|error| Error::from(error).in_file(&helper))?;
    Ok(Some(Credential { token, source: Source::Helper(helper) }))
}

/// Has the helper keep a token; none without a helper.
pub(super) fn store(env: &Env, registry: &Address, token: &Token) -> Result<Option<Source>, Error> {
    let Some(helper) = configured(env)? else { return Ok(None) };
    run(&helper, "store", registry, Some(token))?;
    Ok(Some(Source::Helper(helper)))
}

/// Has the helper forget the token of a registry.
pub(super) fn erase(env: &Env, registry: &Address) -> Result<(), Error> {
    match configured(env)? {
        Some(helper) => run(&helper, "erase", registry, None).map(drop),
        None => Ok(()),
    }
}

/// How a registry is named to a helper.
fn asked(registry: &Address) -> Vec<(&'static str, String)> {
    let origin = registry.origin();
    let host = origin.split_once("://").map_or("", |(_, host)| host).to_owned();
    let mut lines = vec![("protocol", registry.scheme().as_str().to_owned()), ("host", host)];
    let path = registry.path().trim_start_matches('/');
    if !path.is_empty() {
        lines.push(("path", path.to_owned()));
    }
    lines
}

fn run(helper: &str, action: &str, registry: &Address, token: Option<&Token>) -> Result<String, Error> {
    let mut words = helper.split_whitespace();
    let program = words.next().unwrap_or_default();
    let mut input: String = asked(registry).iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    if let Some(token) = token {
        input.push_str(&format!("username=token\npassword={}\n", token.reveal()));
    }
    input.push('\n');
    let mut command = Command::new(program);
    command.args(words).arg(action).stdin(Stdio::piped()).stdout(Stdio::piped());
    for secret in secret_variables() {
        command.env_remove(secret);
    }
    let mut child = command.spawn().on(IoAction::Run, Path::new(program))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read is judged by what it says and how it ends.
        let _ = stdin.write_all(input.as_bytes());
    }
    let mut said = String::new();
    let read = match child.stdout.take() {
        Some(stdout) => stdout.take(SAID_LEN).read_to_string(&mut said),
        None => Ok(0),
    };
    let status = child.wait().on(IoAction::Run, Path::new(program))?;
    if read.is_err() || !status.success() {
        let how = status.code().map_or_else(|| status.to_string(), |code| code.to_string());
        return Err(Diagnostic::new(Code::Config, text::helper_failed(helper, action, &how)).into());
    }
    Ok(said)
}
