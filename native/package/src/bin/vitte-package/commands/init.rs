use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::project as words;
use vitte_package::ops::init::{self, NewPackage, Shape, described};
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic, Exit};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::check_name;

/// Begin a package in this folder
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package init\n  vitte package init --lib\n  vitte package init --name roussov/vitte-math"
)]
pub(crate) struct Args {
    #[command(flatten)]
    shape: ShapeArg,
    /// The package's name; without it, that of the folder
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The namespace of names that come from a vitte-package.json, which has none
    #[arg(long, value_name = "NAMESPACE", conflicts_with = "name")]
    namespace: Option<String>,
}

/// What the package begins as.
#[derive(Debug, clap::Args)]
pub(crate) struct ShapeArg {
    /// Begin with a library, src/lib.vit
    #[arg(long, conflicts_with = "bin")]
    lib: bool,
    /// Begin with a program, src/main.vit
    #[arg(long)]
    bin: bool,
}

impl ShapeArg {
    /// What was asked for, if anything.
    pub(crate) fn shape(&self) -> Option<Shape> {
        match (self.lib, self.bin) {
            (true, _) => Some(Shape::Library),
            (_, true) => Some(Shape::Program),
            _ => None,
        }
    }
}

/// The answer of `init` and `new`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The package's name.
    package: &'a PackageName,
    /// Its folder.
    folder: String,
    /// The files that were written, relative to the folder.
    files: &'a [String],
    /// Names of further packages that were created: the other members of a workspace.
    others: &'a [PackageName],
    /// What a vitte-package.json or vitte-workspace.json says that vitte.toml has no place for.
    not_taken: &'a [String],
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    if !described::is_described(env.cwd()) {
        if args.namespace.is_some() {
            let message = words::namespace_needs_description();
            return Err(Diagnostic::new(Code::Usage, message)
                .help(words::namespace_needs_description_help())
                .into());
        }
        let created = init::init(env.cwd(), args.name.as_deref(), args.shape.shape())?;
        show(&created, env, ui);
        return Ok(Exit::Ok);
    }
    let given = match args.namespace {
        None if args.name.is_none() && ui.can_ask() => {
            Some(ui.ask_line(&words::ask_namespace(), "--namespace")?)
        }
        given => given,
    };
    let namespace =
        given.filter(|given| !given.is_empty()).map(|given| Namespace::parse(&given)).transpose()?;
    let created = described::init(env.cwd(), args.name.as_deref(), namespace.as_ref())?;
    show(&created, env, ui);
    Ok(Exit::Ok)
}

/// Says what was written.
pub(crate) fn show(created: &NewPackage, env: &Env, ui: &mut Ui) {
    for file in &created.files {
        // Component by component: on Windows a path has one kind of slash.
        let path: std::path::PathBuf = created.folder.join(file).components().collect();
        ui.note(env.shorten(&path).display().to_string());
    }
    if !created.not_taken.is_empty() {
        ui.say(words::not_taken(&created.not_taken.join(", ")));
    }
    if let Err(error) = check_name(&created.name) {
        ui.warn(error.diagnostic());
    }
    let folder = env.shorten(&created.folder).display().to_string();
    ui.success(match created.folder == env.cwd() {
        true => words::created(created.name.as_str()),
        false => words::created_in(created.name.as_str(), &folder),
    });
    if created.not_taken.is_empty() && created.others.is_empty() {
        ui.say(words::before_publishing());
    }
    let folder = created.folder.display().to_string();
    let NewPackage { name: package, others, files, not_taken, .. } = created;
    ui.result(&Answer { package, folder, files, others, not_taken });
}
