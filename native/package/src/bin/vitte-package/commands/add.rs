use super::names;
use super::scope::{ScopeArgs, tell};
use crate::answer::{LockChange, ManifestLine};
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::manifest_edit::NewDependency;
use vitte_package::message::dependencies as words;
use vitte_package::ops;
use vitte_package::project::{Choice, Project};
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::name::PackageName;
use vitte_package_core::target::Target;
use vitte_package_core::version::Requirement;

/// Add dependencies to `vitte.toml`
///
/// Comments and order stay. Without a requirement the newest version that goes with all others is written. If
/// they cannot be satisfied together, nothing is written.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package add acme/json\n  vitte package add acme/json@^2.3 --features simd\n  vitte package add acme/test --dev\n  vitte package add acme/core --workspace"
)]
pub(crate) struct Args {
    /// Packages, each with a requirement if wanted
    #[arg(value_name = "NAME[@REQ]", required = true)]
    packages: Vec<String>,
    /// Needed to work on the package only
    #[arg(long, conflicts_with = "build")]
    dev: bool,
    /// Needed to build the package
    #[arg(long)]
    build: bool,
    /// Needed for this target only
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Features to ask for
    #[arg(long, value_name = "FEATURE", value_delimiter = ',')]
    features: Vec<String>,
    /// Without its default features
    #[arg(long)]
    no_default_features: bool,
    /// Only when a feature enables it
    #[arg(long, conflicts_with = "dev")]
    optional: bool,
    /// The folder it is in
    #[arg(long, value_name = "FOLDER")]
    path: Option<String>,
    /// The packages are members of this workspace: write their version and path
    #[arg(long, conflicts_with_all = ["path", "from"])]
    workspace: bool,
    /// The registry it comes from, by its name in the manifest
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The package of the workspace to add them to; without it, the one here
    #[arg(short = 'p', long = "package", value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    scope: ScopeArgs,
}

/// The answer of `add` and `remove`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// Lines of the manifest that were written, or removed.
    pub(super) lines: Vec<ManifestLine<'a>>,
    /// What changed in the lockfile by it.
    pub(super) changes: Vec<LockChange<'a>>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let kind = match (args.dev, args.build) {
        (true, _) => DependencyKind::Dev,
        (_, true) => DependencyKind::Build,
        _ => DependencyKind::Normal,
    };
    let target = args.target.as_deref().map(Target::parse).transpose()?;
    let mut wanted = plain("add", &args.packages, env)?;
    for new in &mut wanted {
        new.kind = kind;
        new.target.clone_from(&target);
        new.features.clone_from(&args.features);
        new.optional = args.optional.then_some(true);
        new.default_features = args.no_default_features.then_some(false);
        new.registry.clone_from(&args.from);
        new.path.clone_from(&args.path);
    }
    let mut scope = args.scope.scope()?;
    if let Some(name) = &args.package {
        let choice = Choice::Named(vec![PackageName::parse(name)?]);
        let chosen = Project::choose(env, scope.manifest.as_deref(), &choice)?;
        scope.manifest = chosen.first().map(|project| project.manifest_path().to_owned());
    }
    if args.workspace {
        ops::add::at_members(env, scope.manifest.as_deref(), &mut wanted)?;
    }
    let changed = ops::add::add(env, &scope, &wanted, ui.reporter())?;
    for edited in &changed.lines {
        ui.note(words::wrote_line(&edited.table, &edited.line));
    }
    let lines = ManifestLine::all(&changed.lines);
    let changes = tell(&changed.changes, ui);
    if !changed.changes.is_empty() {
        ui.say(words::added_next());
    }
    ui.result(&Answer { lines, changes });
    Ok(Exit::Ok)
}

/// Ordinary dependencies on `NAME[@REQ]…`.
///
/// # Errors
/// `usage` for what is no name, and for a name that is given twice with different requirements.
pub(super) fn plain(verb: &str, given: &[String], env: &Env) -> Result<Vec<NewDependency>, Error> {
    let one = |given: &String| -> Result<NewDependency, Error> {
        names::check(verb, given, env)?;
        let (name, requirement) = match given.split_once('@') {
            Some((name, requirement)) => {
                let requirement = Requirement::parse(requirement)?;
                (name, Some(requirement.as_str().to_owned()))
            }
            None => (given.as_str(), None),
        };
        Ok(NewDependency {
            name: PackageName::parse(name)?,
            requirement,
            kind: DependencyKind::Normal,
            target: None,
            features: Vec::new(),
            optional: None,
            default_features: None,
            registry: None,
            path: None,
        })
    };
    let mut all: Vec<NewDependency> = Vec::new();
    for new in given.iter().map(one) {
        let new = new?;
        match all.iter().find(|other| other.name == new.name) {
            None => all.push(new),
            Some(other) if *other == new => {}
            Some(other) => {
                let text = |new: &NewDependency| match &new.requirement {
                    Some(requirement) => format!("{}@{requirement}", new.name),
                    None => new.name.to_string(),
                };
                let (first, second) = (text(other), text(&new));
                let fault =
                    Diagnostic::new(Code::Usage, words::given_twice(new.name.as_str(), &first, &second));
                return Err(fault.help(words::given_twice_help(&second)).into());
            }
        }
    }
    Ok(all)
}
