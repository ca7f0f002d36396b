//! Beginning a package in a folder of its own.

use super::init::{NewPackage, Shape, init};
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use crate::message::project as text;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::name::PackageName;

/// Makes a folder with the package's name, without its namespace, in the working folder and begins the package
/// there.
///
/// # Errors
/// `name` when it is none, `project-exists` when there is something of that name, `io`, `no-space`.
pub fn new(env: &Env, name: &str, shape: Shape) -> Result<NewPackage, Error> {
    let name = PackageName::parse(name)?;
    let folder = env.resolve(name.base());
    if folder.symlink_metadata().is_ok() {
        let message = text::exists(&env.shorten(&folder).display().to_string());
        return Err(Diagnostic::new(Code::ProjectExists, message).help(text::new_help()).into());
    }
    fs::create_folder(&folder)?;
    init(&folder, Some(name.as_str()), Some(shape))
}
