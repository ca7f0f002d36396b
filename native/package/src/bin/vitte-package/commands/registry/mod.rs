//! `registry`: registries of one's own, and which are trusted.

pub(crate) mod add;
pub(crate) mod delta;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod remove;
pub(crate) mod rotate;
pub(crate) mod serve_static;
pub(crate) mod verify;

use crate::ui::Ui;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::registry::read::location::Location;
use vitte_package_core::diagnostic::Exit;

/// Begin, check and trust registries
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package registry init reg\n  vitte package registry list")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Init(init::Args),
    Verify(verify::Args),
    Delta(delta::Args),
    ServeStatic(serve_static::Args),
    Add(add::Args),
    Key(key::Args),
    Remove(remove::Args),
    List(list::Args),
    Rotate(rotate::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Init(args) => init::run(args, env, ui),
        Action::Verify(args) => verify::run(args, env, ui),
        Action::Delta(args) => delta::run(args, env, ui),
        Action::ServeStatic(args) => serve_static::run(args, env, ui),
        Action::Add(args) => add::run(args, env, ui),
        Action::Key(args) => key::run(args, env, ui),
        Action::Remove(args) => remove::run(args, env, ui),
        Action::List(args) => list::run(args, env, ui),
        Action::Rotate(args) => rotate::run(args, env, ui),
    }
}

/// The folder that is named: an address is none.
fn folder(env: &Env, dir: &Path) -> Result<PathBuf, Error> {
    match dir.to_str() {
        Some(given) => Location::parse(given, env)?.directory(),
        None => Ok(env.resolve(dir)),
    }
}
