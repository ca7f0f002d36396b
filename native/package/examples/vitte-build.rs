//! Packaging for other tools: a build tool packages what it has just built, and signs it.
//!
//! `cargo run --example vitte-build -- PROJECT`

#![allow(clippy::print_stdout, reason = "an example talks")]

use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::{FromEnvironment, KeyStore};
use vitte_package::ops::{build, sign};
use vitte_package::project::Project;
use vitte_package::report::Silent;
use vitte_package_core::sign::RegistryId;

/// Builds the archives of a project and signs them with the user's key; gives their paths.
pub fn run(env: &Env, project: &Path) -> Result<Vec<PathBuf>, Error> {
    let project = Project::load(project)?;
    let request = build::BuildRequest::new(env.jobs()?);
    let artifacts = build::build(&project, &request, &Silent)?;
    let signer = KeyStore::open(env)?.signer(None, env, &mut FromEnvironment(env))?;
    for artifact in &artifacts {
        // Signed for no registry in particular: `publish` adds the signature for the one it publishes to.
        sign::sign(env, artifact.path(), &signer, RegistryId::local(), Some(artifact.target().clone()))?;
    }
    Ok(artifacts.iter().map(|artifact| artifact.path().to_path_buf()).collect())
}

fn main() -> Result<(), Error> {
    let project = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    for archive in run(&Env::capture()?, Path::new(&project))? {
        println!("{}", archive.display());
    }
    Ok(())
}
