use super::init::{ShapeArg, show};
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::init::Shape;
use vitte_package::ops::new;
use vitte_package_core::diagnostic::Exit;

/// Begin a package in a new folder
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package new hello\n  vitte package new roussov/vitte-math --lib")]
pub(crate) struct Args {
    /// The package's name; the folder is named after its last part
    name: String,
    #[command(flatten)]
    shape: ShapeArg,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let created = new::new(env, &args.name, args.shape.shape().unwrap_or(Shape::Program))?;
    show(&created, env, ui);
    Ok(Exit::Ok)
}
