//! `namespace`: which there are, and who may create others.

use super::DataArg;
use crate::accounts::RuleState;
use crate::care::words;
use crate::error::{Error, Result};
use crate::ledger::unix_now;
use crate::output;
use clap::Subcommand;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::limits;
use vitte_package_core::name::Namespace as Name;
use vitte_package_core::registry::layout;
use vitte_package_core::sign::NamespaceChain;

#[derive(Debug, Subcommand)]
pub(super) enum Namespace {
    /// List namespaces
    List {
        #[command(flatten)]
        data: DataArg,
    },
    /// Show the records of a namespace and its packages
    Show {
        /// Its name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// List names that look like an existing namespace and wait for a decision, and those that were decided about
    Review {
        #[command(flatten)]
        data: DataArg,
    },
    /// Let a name be created although it looks like another
    Allow {
        /// The name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// Keep a name, so that nobody can create it
    Reserve {
        /// The name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// Take back what was decided about a name
    Release {
        /// The name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
}

impl Namespace {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::List { data } => {
                data.folder()?.registry()?;
                for name in namespaces(&data)? {
                    output::line(&name);
                }
                Ok(())
            }
            Self::Show { name, data } => show(&name, &data),
            Self::Review { data } => {
                let rules = data.accounts(async |accounts| accounts.namespace_rules().await)?;
                for rule in rules {
                    let state = match rule.state {
                        RuleState::Held => words::namespace_held(&rule.resembles, &rule.user),
                        RuleState::Reserved => words::namespace_reserved(),
                        RuleState::Allowed => words::namespace_allowed(),
                    };
                    output::line(&format!("{}  {state}", rule.name));
                }
                Ok(())
            }
            Self::Allow { name, data } => rule(&name, &data, Some(RuleState::Allowed)),
            Self::Reserve { name, data } => rule(&name, &data, Some(RuleState::Reserved)),
            Self::Release { name, data } => rule(&name, &data, None),
        }
    }
}

/// The names of all namespaces, sorted.
fn namespaces(data: &DataArg) -> Result<Vec<String>> {
    let mut names = Vec::new();
    data.folder()?.public()?.each("ns", &mut |listed| {
        let name = listed.path.strip_prefix("ns/").and_then(|name| name.strip_suffix(".jsonl"));
        names.extend(name.map(str::to_owned));
        Ok(())
    })?;
    names.sort();
    Ok(names)
}

fn show(name: &str, data: &DataArg) -> Result<()> {
    let name = Name::parse(name)?;
    let folder = data.folder()?;
    let (registry, files) = (folder.registry()?, folder.public()?);
    let missing = || Error::new(Code::NotFound, words::namespace_missing(name.as_str()));
    let path = layout::namespace(&name);
    let bytes = files.read(&path, limits::NAMESPACE_FILE_LEN as u64)?.ok_or_else(missing)?;
    let chain = NamespaceChain::parse(registry, name.clone(), &bytes)?;
    for (log, record, _) in chain.records() {
        output::line(&words::namespace_record(record.seq, log));
    }
    let start = format!("index/{name}/");
    let mut packages = Vec::new();
    files.each(start.trim_end_matches('/'), &mut |listed| {
        packages.extend(listed.path.strip_prefix(&start).map(|base| format!("{name}/{base}")));
        Ok(())
    })?;
    packages.sort();
    packages.iter().for_each(|package| output::line(package));
    Ok(())
}

fn rule(name: &str, data: &DataArg, state: Option<RuleState>) -> Result<()> {
    let name = Name::parse(name)?;
    data.accounts(async |accounts| accounts.rule_namespace(&name, state, unix_now()).await)?;
    let state = match state {
        Some(RuleState::Reserved) => words::namespace_reserved(),
        Some(_) => words::namespace_allowed(),
        None => words::namespace_free(),
    };
    output::line(&format!("{name}  {state}"));
    Ok(())
}
