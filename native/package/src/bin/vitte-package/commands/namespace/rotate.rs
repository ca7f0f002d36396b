use super::{At, Find, apply};
use crate::ui::Ui;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::read_public_pem;
use vitte_package::message::registry as words;
use vitte_package::ops::namespace::NamespaceChange;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::sign::Role;
use vitte_package_core::sign::namespace::NamespaceKey;

/// Add and remove keys, change thresholds
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package namespace rotate demo --registry reg --add ci.pub --role release\n  vitte package namespace rotate demo --registry reg --add new.pub --role root --role release --role status --remove SHA256:… --key old --key new"
)]
pub(crate) struct Args {
    #[command(flatten)]
    at: At,
    /// The public key to add, as PEM; its roles are those of `--role`
    #[arg(long, value_name = "FILE")]
    add: Vec<PathBuf>,
    /// A role of the added keys: root, release or status
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
    /// Packages the added keys may sign for, without the namespace; without it, all
    #[arg(long, value_name = "NAME")]
    package: Vec<String>,
    /// A key to remove: its fingerprint, its id, or the name of one of your own
    #[arg(long, value_name = "KEY")]
    remove: Vec<String>,
    /// How many root keys must sign the next record
    #[arg(long, value_name = "N")]
    root_threshold: Option<u64>,
    /// How many release keys must sign a release
    #[arg(long, value_name = "N")]
    release_threshold: Option<u64>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { at, add, role, package, remove, root_threshold, release_threshold } = args;
    let roles = role.iter().map(|word| parse_role(word)).collect::<Result<Vec<_>, _>>()?;
    let changes = !add.is_empty() || !remove.is_empty();
    if !changes && root_threshold.is_none() && release_threshold.is_none() {
        return Err(Diagnostic::new(Code::Usage, words::rotate_nothing()).into());
    }
    if !add.is_empty() && roles.is_empty() {
        return Err(Diagnostic::new(Code::Usage, words::role_needed()).into());
    }
    let packages = if package.is_empty() { vec!["*".to_owned()] } else { package };
    let key = |file: &PathBuf| -> Result<NamespaceKey, Error> {
        Ok(NamespaceKey {
            key: read_public_pem(&env.resolve(file))?,
            roles: roles.iter().copied().collect(),
            packages: packages.iter().cloned().collect(),
        })
    };
    let add = add.iter().map(key).collect::<Result<_, _>>()?;
    let change = |find: &Find<'_>| {
        let remove = remove.iter().map(|key| find(key)).collect::<Result<_, _>>()?;
        Ok(NamespaceChange { add, remove, revoke: Vec::new(), root_threshold, release_threshold })
    };
    apply(&at, change, env, ui)
}

fn parse_role(word: &str) -> Result<Role, Error> {
    Role::parse(word).ok_or_else(|| Diagnostic::new(Code::Usage, words::role_unknown(word)).into())
}
