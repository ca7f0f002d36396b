//! What people type where the name of a package is wanted, and the command to suggest.

use std::path::Path;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package::project::Project;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::name::PackageName;
use vitte_package_core::version::{Requirement, Version};

/// Words that other package managers take for a version.
const TAGS: [&str; 6] = ["latest", "newest", "next", "stable", "current", "main"];

/// Refuses what cannot be `NAME[@REQUIREMENT]` for `verb`, with a suggested command.
///
/// # Errors
/// `usage` for an address, a folder, or a tag in place of a version.
pub(super) fn check(verb: &str, given: &str, env: &Env) -> Result<(), Error> {
    let fault = |message| Diagnostic::new(Code::Usage, message);
    if let Some((scheme, _)) = given.split_once("://") {
        let message = words::given_address(&shown(given));
        let fault = fault(message);
        return Err(match matches!(scheme, "http" | "https") {
            true => fault.help(words::given_address_help(verb, &shown(given))),
            false => fault.help(words::given_repository_help(verb)),
        }
        .into());
    }
    if given.starts_with("git@") || given.starts_with("git+") || given.starts_with("github:") {
        return Err(fault(words::given_address(&shown(given)))
            .help(words::given_repository_help(verb))
            .into());
    }
    if verb == "add" && is_folder(given, env) {
        let name =
            Project::load(&env.resolve(given)).ok().map(|project| project.manifest().name().to_string());
        let name = name.as_deref().unwrap_or("NAME");
        return Err(fault(words::given_folder(given)).help(words::given_folder_help(name, given)).into());
    }
    let Some((name, version)) = given.split_once('@') else { return Ok(()) };
    if TAGS.contains(&version) && PackageName::parse(name).is_ok() {
        let fault = fault(words::given_tag(version));
        return Err(fault.help(words::given_tag_help(verb, name)).into());
    }
    Ok(())
}

/// The name of a package where no version goes behind it.
///
/// # Errors
/// `usage` for a version behind it, with the command that takes one; as [`check`]; `name`.
pub(super) fn bare(verb: &str, given: &str, env: &Env) -> Result<PackageName, Error> {
    check(verb, given, env)?;
    if let Some((name, version)) = given.split_once('@')
        && PackageName::parse(name).is_ok()
    {
        let fault = Diagnostic::new(Code::Usage, words::given_version(verb, given));
        let help = match verb {
            "update" if Version::parse(version).is_ok() => words::given_version_precise(name, version),
            "update" if Requirement::parse(version).is_ok() => words::given_version_add(given),
            _ => words::given_tag_help(verb, name),
        };
        return Err(fault.help(help).into());
    }
    Ok(PackageName::parse(given)?)
}

/// Whether it is a path, and no package can be called so.
fn is_folder(given: &str, env: &Env) -> bool {
    let looks = given.starts_with(['.', '/', '~']) || given.contains('\\') || given.ends_with('/');
    PackageName::parse(given).is_err() && !given.contains('@') && (looks || is_dir(&env.resolve(given)))
}

fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// An address without what may be a password in it.
fn shown(given: &str) -> String {
    match given.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let host = rest[..end].rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{}", &rest[end..])
        }
        None => given.to_owned(),
    }
}
