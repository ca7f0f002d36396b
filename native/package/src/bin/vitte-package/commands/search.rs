use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::Network;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance as words;
use vitte_package::ops::info;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::StatusAction;
use vitte_package_core::version::Version;

/// Find packages by words of their names, keywords and descriptions
///
/// A registry in a folder is read; at an address, its server is asked, and what it says is not verified. A name that matches says nothing about who is behind it: see `vitte package info`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package search json\n  vitte package search acme json --registry ./registry"
)]
pub(crate) struct Args {
    /// What to look for
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    registry: RegistryArg,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The packages that were found.
    packages: Vec<Row<'a>>,
}

/// A package that was found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    /// Its name.
    package: &'a PackageName,
    /// Its newest version.
    newest: &'a Version,
    /// What it does, in a sentence; absent where its manifest is not on this machine and no server says it, like what follows.
    description: Option<&'a str>,
    /// Its licence, an SPDX expression.
    license: Option<&'a str>,
    /// The address of its sources.
    repository: Option<&'a str>,
    /// Its keywords.
    keywords: &'a [String],
    /// The last that was said of its newest version.
    status: Option<StatusAction>,
    /// Whether the registry's signed index says so; false where its server does, which nothing proves.
    verified: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let network = if args.offline { Network::Offline } else { Network::Online };
    let found = info::search(env, args.registry.registry.as_deref(), network, &args.words)?;
    let mut rows = Vec::with_capacity(found.len());
    for found in &found {
        let (name, version) = (found.package.as_str(), found.newest.to_string());
        let about = found.about.as_ref();
        let description = about.and_then(|about| about.description.as_deref());
        let license = about.and_then(|about| about.license.as_deref());
        let status = match found.status {
            Some(StatusAction::Yank) => Some(words::search_yanked()),
            Some(StatusAction::Deprecate) => Some(words::search_deprecated()),
            _ => None,
        };
        let said = [
            status.map(|status| format!("[{status}]")),
            description.map(str::to_owned),
            license.map(|license| format!("({license})")),
        ];
        let said: String = said.into_iter().flatten().map(|part| format!("  {part}")).collect();
        ui.print(format!("{name} {version}{said}"));
        let repository = about.and_then(|about| about.repository.as_deref());
        if let Some(address) = repository {
            ui.print(format!("  {address}"));
        }
        rows.push(Row {
            package: &found.package,
            newest: &found.newest,
            description,
            license,
            repository,
            keywords: about.map(|about| about.keywords.as_slice()).unwrap_or_default(),
            status: found.status,
            verified: found.said_by.is_none(),
        });
    }
    if let Some(server) = found.iter().find_map(|found| found.said_by.as_deref()) {
        ui.say(words::search_said_by(server));
    }
    match found.first() {
        Some(first) => ui.say(words::search_hint(first.package.as_str())),
        None => ui.say(words::search_nothing()),
    }
    ui.result(&Answer { packages: rows });
    Ok(Exit::Ok)
}
