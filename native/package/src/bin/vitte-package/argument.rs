//! Arguments that several commands share.

use std::path::PathBuf;
use vitte_package::error::Error;
use vitte_package::project::Choice;
use vitte_package_core::name::PackageName;

/// Which project: for commands that work on one.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ManifestArg {
    /// The project's manifest; without it, `vitte.toml` here or above
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
}

/// Which packages of a workspace: for commands that may work on several.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct MemberArgs {
    /// This package of the workspace; may be repeated
    #[arg(short = 'p', long = "package", value_name = "NAME", conflicts_with = "workspace")]
    packages: Vec<String>,
    /// All packages of the workspace
    #[arg(long)]
    workspace: bool,
}

impl MemberArgs {
    /// As the operations take it.
    ///
    /// # Errors
    /// `name`.
    pub(crate) fn choice(&self) -> Result<Choice, Error> {
        if self.workspace {
            return Ok(Choice::Workspace);
        }
        let names: Vec<PackageName> =
            self.packages.iter().map(|name| PackageName::parse(name)).collect::<Result<_, _>>()?;
        Ok(if names.is_empty() { Choice::Here } else { Choice::Named(names) })
    }
}

/// Which registry: for commands that talk to one.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct RegistryArg {
    /// The registry: a folder, `file://…`, or an address
    #[arg(long, value_name = "REGISTRY")]
    pub(crate) registry: Option<String>,
}
