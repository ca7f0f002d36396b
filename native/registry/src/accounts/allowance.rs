//! What a submission adds to a namespace, and what it may add: counted before its archives are sent, and judged again
//! where it is logged, behind everything that was logged meanwhile.

use super::quotas::{Quotas, Usage};
use crate::error::{Error, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::{Admitted, ArchiveFacts, ReleaseState};
use vitte_package_core::version::Version;

/// What a submission adds to a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Added {
    /// Packages that do not exist yet.
    pub(crate) packages: BTreeSet<PackageName>,
    pub(crate) releases: BTreeSet<(PackageName, Version)>,
    /// Bytes of its archives.
    pub(crate) storage: u64,
    /// Bytes of the largest of them.
    pub(crate) largest: u64,
}

impl Added {
    /// What is added to each namespace. `new`: packages that do not exist yet.
    pub(crate) fn of(
        admitted: &Admitted,
        facts: &BTreeMap<Artifact, ArchiveFacts>,
        new: &BTreeSet<PackageName>,
    ) -> BTreeMap<Namespace, Self> {
        let mut namespaces: BTreeMap<Namespace, Self> = BTreeMap::new();
        for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
            let Artifact { package, version, .. } = &release.artifact;
            let added = namespaces.entry(package.namespace_or_none()).or_default();
            let size = facts.get(&release.artifact).map_or(0, |facts| facts.size);
            added.packages.extend(new.contains(package).then(|| package.clone()));
            added.releases.insert((package.clone(), version.clone()));
            added.storage = added.storage.saturating_add(size);
            added.largest = added.largest.max(size);
        }
        namespaces
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage {
            packages: self.packages.len() as u64,
            releases: self.releases.len() as u64,
            storage: self.storage,
        }
    }
}

/// What a namespace may have and had when a submission to it was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) namespace: Namespace,
    pub(crate) quotas: Quotas,
    pub(crate) usage: Usage,
    /// How many leaves of the log are in `usage`: these, and perhaps some more.
    pub(crate) counted: u64,
    /// Packages of the submission that did not exist.
    pub(crate) new: BTreeSet<PackageName>,
}

impl Allowance {
    /// Several of them, to be stored.
    pub(crate) fn written(all: &[Self]) -> String {
        let one = |one: &Self| {
            let Self { namespace, quotas, usage, counted, new } = one;
            json!({
                "namespace": namespace.as_str(),
                "quotas": [quotas.packages, quotas.releases, quotas.storage, quotas.archive],
                "usage": [usage.packages, usage.releases, usage.storage],
                "counted": counted,
                "new": new.iter().map(PackageName::as_str).collect::<Vec<_>>(),
            })
        };
        Value::from(all.iter().map(one).collect::<Vec<_>>()).to_string()
    }

    /// Reads them back.
    pub(crate) fn parse(text: &str) -> Result<Vec<Self>> {
        let all = serde_json::from_str::<Vec<Value>>(text).ok();
        let all = all.and_then(|all| all.iter().map(Self::read).collect());
        all.ok_or_else(|| Error::storage("its database", &"unexpected content"))
    }

    fn read(value: &Value) -> Option<Self> {
        let numbers =
            |name: &str| Some(value[name].as_array()?.iter().map(Value::as_u64).collect::<Vec<_>>());
        let [packages, releases, storage, archive] = numbers("quotas")?.try_into().ok()?;
        let quotas = Quotas { packages, releases, storage, archive };
        let [packages, releases, storage] = numbers("usage")?.try_into().ok()?;
        let usage = Usage { packages: packages?, releases: releases?, storage: storage? };
        let new = value["new"].as_array()?.iter().map(|name| PackageName::parse(name.as_str()?).ok());
        Some(Self {
            namespace: Namespace::parse(value["namespace"].as_str()?).ok()?,
            quotas,
            usage,
            counted: value["counted"].as_u64()?,
            new: new.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_read_back_and_nothing_else_is() {
        let one = Allowance {
            namespace: Namespace::parse("acme").unwrap(),
            quotas: Quotas { packages: Some(3), releases: None, storage: Some(u64::MAX), archive: Some(0) },
            usage: Usage { packages: 1, releases: 2, storage: 3 },
            counted: 9,
            new: [PackageName::parse("acme/json").unwrap()].into(),
        };
        let written = Allowance::written(&[one.clone(), one.clone()]);
        assert_eq!(Allowance::parse(&written), Ok(vec![one.clone(), one]));
        assert_eq!(Allowance::parse("[]"), Ok(Vec::new()));
        for wrong in
            ["", "{}", "[1]", &written.replace("acme/json", "a/b/c"), &written.replace("[1,2,3]", "[1,2]")]
        {
            assert!(Allowance::parse(wrong).is_err(), "{wrong}");
        }
    }
}
