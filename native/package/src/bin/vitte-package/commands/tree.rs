use super::completions;
use crate::argument::ManifestArg;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package::ops::tree::{self, Direction, Line, Marks, Top};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// Show the dependency tree
///
/// Read from `vitte.lock`; `(dev)`, `(build)` and `(optional)` from the manifests of the workspace and of what is in the
/// store. What is below a release is shown once; `(*)` marks where it stands again.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package tree\n  vitte package tree -i acme/json\n  vitte package tree --duplicates"
)]
pub(crate) struct Args {
    /// The packages at the top; without names, those of the workspace
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completions::locked))]
    names: Vec<String>,
    /// Upside down: what needs the packages
    #[arg(long, short)]
    invert: bool,
    /// Maximum depth
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// Packages of which there are several versions, and what needs them
    #[arg(long, short, conflicts_with = "names")]
    duplicates: bool,
    #[command(flatten)]
    manifest: ManifestArg,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The lines of the tree, from the top.
    lines: Vec<Row<'a>>,
}

/// A line of the tree.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    /// How many levels below the top it is.
    depth: usize,
    /// The package.
    package: &'a PackageName,
    /// Its version.
    version: &'a Version,
    /// Whether it is needed only to work on the package above it.
    dev: bool,
    /// Whether it is needed only to build the package above it.
    build: bool,
    /// Whether it is needed only if a feature asks for it.
    optional: bool,
    /// Whether what is below it stands further up.
    again: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let names: Vec<PackageName> =
        args.names.iter().map(|name| PackageName::parse(name)).collect::<Result<_, _>>()?;
    let graph = tree::graph(env, args.manifest.manifest.as_deref())?;
    let top = match (args.duplicates, names.is_empty()) {
        (true, _) => Top::Duplicates,
        (false, true) => Top::Members,
        (false, false) => Top::Named(names),
    };
    let direction = if args.invert || args.duplicates { Direction::Up } else { Direction::Down };
    let lines = graph.lines(&top, direction, args.depth)?;
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        let (name, version) = (&line.release.0, line.release.1.to_string());
        let again = if line.again { format!(" {}", words::tree_again()) } else { String::new() };
        ui.print(format!("{}{name} {version}{}{again}", branches(line, env.is_utf8()), marks(line.marks)));
        let (package, version) = (name, &line.release.1);
        let Marks { dev, build, optional } = line.marks;
        rows.push(Row { depth: line.more.len(), package, version, dev, build, optional, again: line.again });
    }
    ui.result(&Answer { lines: rows });
    Ok(Exit::Ok)
}

/// What a package is needed for, for people.
fn marks(marks: Marks) -> String {
    let words = [
        (marks.dev, words::mark_dev()),
        (marks.build, words::mark_build()),
        (marks.optional, words::mark_optional()),
    ];
    let words: Vec<_> = words.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word).collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

/// The lines that lead to an entry; plain characters where the terminal cannot show others.
fn branches(line: &Line, utf8: bool) -> String {
    let (fork, corner, bar) =
        if utf8 { ("├── ", "└── ", "│   ") } else { ("|-- ", "`-- ", "|   ") };
    let Some((own, above)) = line.more.split_last() else { return String::new() };
    let mut text: String = above.iter().map(|more| if *more { bar } else { "    " }).collect();
    text.push_str(if *own { fork } else { corner });
    text
}
