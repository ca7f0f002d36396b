//! Running a program of a package that is not installed.

use super::install::{self, InstallRequest, InstalledRelease};
use crate::dependencies::TrustPrompt;
use crate::env::Env;
use crate::error::Error;
use crate::message::maintenance as text;
use crate::report::Reporter;
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// Brings a package into the store, every check as for an install, and gives the file of one of its programs:
/// that called `program`, or its only one, or the one named as the package is. Nothing is installed.
///
/// # Errors
/// Those of [`install::install`]; `not-found` when it has no such program, naming those it has.
pub fn program(
    env: &Env,
    request: &InstallRequest,
    program: Option<&str>,
    prompt: &mut TrustPrompt<'_>,
    reporter: &dyn Reporter,
) -> Result<PathBuf, Error> {
    let done = install::prepare(env, request, prompt, reporter)?;
    let Some(InstalledRelease { release, folder, .. }) = done.first() else {
        return Err(Diagnostic::new(Code::Usage, Code::Usage.title().to_owned()).into());
    };
    let programs = &release.programs;
    let chosen = match (program, programs.len()) {
        (Some(program), _) => programs.get_key_value(program),
        (None, 1) => programs.iter().next(),
        (None, _) => programs.get_key_value(release.package.base()),
    };
    match chosen {
        Some((_, path)) => Ok(path.split('/').fold(folder.clone(), |path, part| path.join(part))),
        None => {
            let full = format!("{} {}", release.package, release.version);
            let there = programs.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            Err(match (program, programs.is_empty()) {
                (_, true) => Diagnostic::new(Code::NotFound, text::exec_none(&full)),
                (Some(program), _) => Diagnostic::new(Code::NotFound, text::exec_no_such(&full, program))
                    .help(text::exec_there(&there)),
                (None, _) => {
                    Diagnostic::new(Code::Usage, text::exec_several(&full)).help(text::exec_there(&there))
                }
            }
            .into())
        }
    }
}
