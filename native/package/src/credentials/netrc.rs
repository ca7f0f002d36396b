//! Tokens in netrc, the file of curl, git and others: `machine HOST login ANY password TOKEN`.
//!
//! It knows hosts and neither schemes nor paths. So `machine HOST` is for the port of https alone, `machine HOST:PORT`
//! for that port, `default` for nobody, and a password that is not a token of a registry is somebody else's.

use super::{Credential, Source};
use crate::env::{Env, Variable};
use crate::error::Error;
use crate::fs;
use crate::keys::check_private;
use std::path::Path;
use vitte_package_core::api::Token;
use vitte_package_core::index::Address;

/// Bytes of it at most.
const FILE_LEN: u64 = 1024 * 1024;

/// The token for a registry.
///
/// # Errors
/// `key-permissions` when others can read it; `io`.
pub(super) fn get(env: &Env, registry: &Address) -> Result<Option<Credential>, Error> {
    let given = env.raw(Variable::Netrc).map(|path| env.resolve(path));
    let Some(path) = given.or_else(|| env.user_home().map(|home| home.join(NAME))) else { return Ok(None) };
    let Some(content) = read(&path)? else { return Ok(None) };
    let Some(token) = token_in(&content, registry) else { return Ok(None) };
    check_private(&path)?;
    Ok(Some(Credential { token, source: Source::Netrc(path) }))
}

const NAME: &str = if cfg!(windows) { "_netrc" } else { ".netrc" };

fn read(path: &Path) -> Result<Option<String>, Error> {
    // What other tools keep there may be anything.
    match path.is_file() {
        true => Ok(fs::read(path, FILE_LEN).ok().and_then(|bytes| String::from_utf8(bytes).ok())),
        false => Ok(None),
    }
}

fn token_in(content: &str, registry: &Address) -> Option<Token> {
    let origin = registry.origin();
    let host = match origin.split_once("://") {
        Some(("https", host)) => host.to_owned(),
        _ => format!("{}:{}", registry.host(), registry.port()),
    };
    let mut words = without_macros(content);
    let (mut is_ours, mut found) = (false, None);
    while let Some(word) = words.next() {
        match word {
            "machine" => is_ours = words.next().is_some_and(|name| name.eq_ignore_ascii_case(&host)),
            "default" => is_ours = false,
            "login" | "account" => _ = words.next(),
            "password" => {
                let password = words.next().unwrap_or_default();
                if is_ours && found.is_none() {
                    found = Token::parse(password).ok();
                }
            }
            _ => {}
        }
    }
    found
}

/// The words of the file, without macros, which end at an empty line, and without comments.
fn without_macros(content: &str) -> impl Iterator<Item = &str> {
    let mut in_macro = false;
    let lines = content.lines().filter(move |line| {
        let line = line.trim();
        in_macro = (in_macro || line.starts_with("macdef")) && !line.is_empty();
        !in_macro && !line.starts_with('#')
    });
    lines.flat_map(str::split_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_only_if_it_is_a_token_for_this_host() {
        let token = Token::new(&[7; 40]);
        let secret = token.reveal();
        let at = |url: &str, content: &str| token_in(content, &Address::parse(url).unwrap());
        let file = format!(
            "# mine\nmachine other.example login me password hunter2\nmacdef init\nmachine registry.example password x\n\n\
             machine registry.example\n  login token password {secret}\ndefault login me password {secret}\n"
        );
        for url in
            ["https://registry.example", "https://registry.example/team", "https://REGISTRY.example:443/"]
        {
            assert_eq!(at(url, &file), Some(token.clone()), "{url}");
        }
        for url in [
            "https://registry.example:8443",
            "http://registry.example",
            "https://other.example",
            "https://sub.registry.example",
            "https://nobody.example",
        ] {
            assert_eq!(at(url, &file), None, "{url}");
        }
        let local = format!("machine 127.0.0.1:8080 password {secret}");
        assert_eq!(at("http://127.0.0.1:8080", &local), Some(token));
        assert_eq!(at("http://127.0.0.1:8081", &local), None);
    }
}
