//! Tokens in variables of the environment.

use super::Lookup;
use super::helper_program::user_setting;
use crate::env::Variable;
use crate::error::Error;
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;

/// The variable of one registry: its address behind `://`, in capitals, with `.` written `_`, `-` written `__`, `:`
/// written `___` and `/` written `____`, between `VITTE_` and `_TOKEN`. None where two addresses would share it: a
/// host or path of anything but small letters, digits, and `.` and `-` between them.
pub fn name_of(registry: &Address) -> Option<String> {
    let default = match registry.scheme() {
        Scheme::Https => 443,
        Scheme::Http => 80,
    };
    let plain = |part: &str| {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let inner = part.split(['.', '-']).all(|word| !word.is_empty());
        inner && part.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
    };
    let path = registry.path().strip_prefix('/').map(|path| path.split('/').collect::<Vec<_>>());
    let segments = path.unwrap_or_default();
    if !plain(registry.host()) || !segments.iter().all(|segment| plain(segment)) {
        return None;
    }
    let mut name = registry.host().to_owned();
    if registry.port() != default {
        name = format!("{name}:{}", registry.port());
    }
    for segment in segments {
        name = format!("{name}/{segment}");
    }
    let name = name.replace('.', "_").replace('-', "__").replace(':', "___").replace('/', "____");
    Some(format!("VITTE_{}_TOKEN", name.to_ascii_uppercase()))
}

/// The variable that a registry's token is in, and what is in it.
pub(super) fn of(lookup: &Lookup<'_>) -> Result<Option<(String, String)>, Error> {
    let Lookup { env, registry, .. } = lookup;
    if let Some(name) = name_of(registry)
        && let Some(value) = env.token_variable(&name)?
    {
        return Ok(Some((name, value.to_owned())));
    }
    match env.variable(Variable::Token)? {
        Some(value) if is_for(lookup)? => Ok(Some((Variable::Token.name().to_owned(), value.to_owned()))),
        _ => Ok(None),
    }
}

/// Whether `VITTE_TOKEN`, which names no registry, is for this one: for the one that the command line names, else
/// `VITTE_REGISTRY`, else the user's setting, else the only one the user trusts. What a project names has no say: it
/// could be anybody's.
fn is_for(lookup: &Lookup<'_>) -> Result<bool, Error> {
    let Lookup { env, registry, is_only } = lookup;
    let named = match env.named_registry() {
        Some(named) => Some(named.to_owned()),
        None => match env.variable(Variable::Registry)? {
            Some(named) => Some(named.to_owned()),
            None => user_setting(env, "default")?,
        },
    };
    match named.map(|named| Address::parse(&named)) {
        Some(Ok(named)) if named == **registry => Ok(true),
        Some(Ok(_)) => Ok(false),
        // A folder, or the name that a project gives to a registry.
        Some(Err(_)) | None => is_only(),
    }
}
