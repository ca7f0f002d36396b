//! One module a command: its arguments and `run`. How to add one: see `cli.rs`.

pub(crate) mod add;
mod asking;
pub(crate) mod audit;
pub(crate) mod build;
pub(crate) mod cache;
pub(crate) mod ci;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod delta;
pub(crate) mod demo;
pub(crate) mod deprecate;
pub(crate) mod doctor;
pub(crate) mod exec;
pub(crate) mod explain;
pub(crate) mod extract;
pub(crate) mod fetch;
mod given_token;
pub(crate) mod history;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod install;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod log;
pub(crate) mod login;
pub(crate) mod logout;
mod names;
pub(crate) mod namespace;
pub(crate) mod new;
pub(crate) mod outdated;
pub(crate) mod owner;
pub(crate) mod publish;
pub(crate) mod registry;
pub(crate) mod remove;
pub(crate) mod report;
pub(crate) mod rollback;
mod scope;
pub(crate) mod search;
pub(crate) mod sign;
pub(crate) mod staple;
pub(crate) mod store;
pub(crate) mod token;
pub(crate) mod tree;
pub(crate) mod trust;
pub(crate) mod uninstall;
pub(crate) mod update;
pub(crate) mod use_version;
pub(crate) mod vendor;
pub(crate) mod verify;
pub(crate) mod whoami;
pub(crate) mod why;
pub(crate) mod yank;

use vitte_package::error::Error;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Reads `NAME` or `NAME@VERSION`.
fn name_and_version(text: &str) -> Result<(PackageName, Option<Version>), Error> {
    match text.split_once('@') {
        Some((name, version)) => Ok((PackageName::parse(name)?, Some(Version::parse(version)?))),
        None => Ok((PackageName::parse(text)?, None)),
    }
}
