//! Installing for other tools: verify an archive and unpack it, without a project and without asking anybody.
//!
//! `cargo run --example vitte-install -- FILE`

#![allow(clippy::print_stdout, reason = "an example talks")]

use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::install::{self, InstallRequest, Wanted};
use vitte_package::report::Silent;

/// Installs a file that an own or trusted key has signed; gives the folder in the store. What is not verified
/// is an error, and nothing is unpacked.
pub fn run(env: &Env, file: &Path) -> Result<Vec<PathBuf>, Error> {
    let request =
        InstallRequest { wanted: vec![Wanted::File(env.resolve(file))], ..InstallRequest::default() };
    // A registry that is new here is not trusted: there is nobody to ask.
    let mut prompt = |_: &str, _: &_, _: &_| Ok(false);
    let done = install::install(env, &request, &mut prompt, &Silent)?;
    Ok(done.into_iter().map(|done| done.folder).collect())
}

fn main() -> Result<(), Error> {
    let file = std::env::args_os().nth(1).unwrap_or_default();
    for folder in run(&Env::capture()?, Path::new(&file))? {
        println!("{}", folder.display());
    }
    Ok(())
}
