//! `namespace`: which there are, and who may create others.

use super::DataArg;
use crate::accounts::{Accounts, Quota, Quotas, RuleState, Usage};
use crate::care::words;
use crate::config::{Count, ServeFlags, Size, Value as _};
use crate::error::{Error, Result};
use crate::ledger::unix_now;
use crate::output;
use crate::packages::Packages;
use crate::serve::runtime;
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
    /// Show what a namespace has and may have, or decide what it may have
    Quota {
        /// Its name
        name: String,
        /// Packages: a number, or `unlimited`
        #[arg(long, value_name = "NUMBER")]
        packages: Option<String>,
        /// Releases of all its packages: a number, or `unlimited`
        #[arg(long, value_name = "NUMBER")]
        releases: Option<String>,
        /// Bytes of all its archives: `500MiB`, `10GiB`, or `unlimited`
        #[arg(long, value_name = "SIZE")]
        bytes: Option<String>,
        /// Bytes of one archive, up to `1GiB`
        #[arg(long, value_name = "SIZE")]
        archive: Option<String>,
        /// Let the settings decide again
        #[arg(long, conflicts_with_all = ["packages", "releases", "bytes", "archive"])]
        reset: bool,
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
            Self::Quota { name, packages, releases, bytes, archive, reset, data } => {
                let given = [packages, releases, bytes, archive];
                let given =
                    Quota::ALL.into_iter().zip(given).filter_map(|(quota, text)| Some((quota, text?)));
                quota(&name, &data, given, reset)
            }
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

/// Decides about quotas, and shows how they are then.
fn quota(
    name: &str,
    data: &DataArg,
    given: impl Iterator<Item = (Quota, String)>,
    reset: bool,
) -> Result<()> {
    let name = Name::parse(name)?;
    let limit = |quota: Quota, text: &str| {
        let limit = match (quota, text) {
            (Quota::Packages | Quota::Releases | Quota::Storage, "unlimited") => Some(None),
            (Quota::Packages | Quota::Releases, text) => {
                Count::<1, 1_000_000_000>::parse(text).map(|count| Some(count.get()))
            }
            (Quota::Storage, text) => Size::<{ 1 << 50 }>::parse(text).map(|size| Some(size.bytes())),
            (Quota::Archive, text) => Size::<{ 1 << 30 }>::parse(text).map(|size| Some(size.bytes())),
        };
        limit.ok_or_else(|| Error::new(Code::Usage, words::quota_value(quota.name(), text)))
    };
    let given = given.map(|(quota, text)| Ok((quota, limit(quota, &text)?))).collect::<Result<Vec<_>>>()?;
    let otherwise = Quotas::of_settings(&data.settings(&ServeFlags::default())?.settings);
    let folder = data.existing()?;
    let (quotas, usage) = runtime()?.block_on(async {
        let database = folder.open_database().await?;
        let (accounts, packages) = (Accounts::new(database.clone()), Packages::new(database));
        if reset {
            accounts.reset_quotas(&name).await?;
        }
        for (quota, limit) in given {
            accounts.set_quota(&name, quota, limit).await?;
        }
        let (packages, releases, storage, _) = packages.usage(&name).await?;
        Ok::<_, Error>((accounts.quotas(&name, otherwise).await?, Usage { packages, releases, storage }))
    })?;
    for quota in Quota::ALL {
        let limit = quotas.get(quota).map_or_else(words::quota_unlimited, |limit| limit.to_string());
        output::line(&match quota {
            Quota::Archive => words::quota_archive(&limit),
            _ => words::quota_line(quota.name(), quota.used(&usage), &limit),
        });
    }
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
