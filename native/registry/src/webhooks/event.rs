//! What is told of a leaf.

use crate::error::{Error, Result};
use crate::message as words;
use crate::rights::Patterns;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::sign::{Envelope, StatusRecord};

/// What a webhook may be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Releases.
    Publish,
    /// Releases that are yanked, or no longer.
    Yank,
    /// Releases that are deprecated, or no longer.
    Deprecate,
    /// Records of namespaces.
    Namespace,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Publish, Self::Yank, Self::Deprecate, Self::Namespace];

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Yank => "yank",
            Self::Deprecate => "deprecate",
            Self::Namespace => "namespace",
        }
    }

    /// Reads what an operator writes: names, separated by commas.
    pub(crate) fn parse_list(given: &str) -> Result<BTreeSet<Self>> {
        let kind = |word: &str| {
            let unknown = || {
                let fault = Diagnostic::new(Code::Usage, words::webhook_event(word));
                Error::from(fault.help(Self::ALL.map(Self::as_str).join(", ")))
            };
            Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(unknown)
        };
        given.split(',').map(str::trim).map(kind).collect()
    }
}

/// What is told of a leaf.
pub(super) struct Event {
    pub(super) kind: Kind,
    /// Its type, as receivers tell events apart.
    pub(super) name: String,
    about: About,
    data: Value,
    time: u64,
}

enum About {
    Package(vitte_package_core::name::PackageName),
    Namespace(vitte_package_core::name::Namespace),
}

impl Event {
    /// What is told of a leaf; nothing of one about the registry itself.
    pub(super) fn of(index: u64, leaf: &Leaf, registry: &str) -> Option<Self> {
        let time = leaf.time;
        match &leaf.subject {
            Subject::Release { artifact, tree, .. } => Some(Self {
                kind: Kind::Publish,
                name: "release.published".to_owned(),
                data: json!({
                    "registry": registry, "log": index, "package": artifact.package.as_str(),
                    "version": artifact.version.to_string(), "kind": artifact.kind.as_str(),
                    "target": artifact.target.as_str(), "tree": tree.to_string(),
                }),
                about: About::Package(artifact.package.clone()),
                time,
            }),
            Subject::Status { package, version } => {
                let record = leaf.envelopes.first().and_then(|text| Envelope::parse(text.as_bytes()).ok())?;
                let change = StatusRecord::unverified(&record).ok()?.change;
                let action = change.action.as_str();
                let kind = if action.contains("deprecate") { Kind::Deprecate } else { Kind::Yank };
                Some(Self {
                    kind,
                    name: format!("release.{action}"),
                    data: json!({
                        "registry": registry, "log": index, "package": package.as_str(),
                        "version": version.to_string(), "action": action, "reason": change.reason(),
                    }),
                    about: About::Package(package.clone()),
                    time,
                })
            }
            Subject::Namespace { namespace, seq } => Some(Self {
                kind: Kind::Namespace,
                name: if *seq == 0 { "namespace.created" } else { "namespace.changed" }.to_owned(),
                data: json!({ "registry": registry, "log": index, "namespace": namespace.as_str(), "seq": seq }),
                about: About::Namespace(namespace.clone()),
                time,
            }),
            Subject::Genesis { .. } | Subject::Trust { .. } => None,
        }
    }

    /// Whether a webhook for these kinds and packages is told.
    pub(super) fn is_for(&self, kinds: &BTreeSet<Kind>, packages: &Patterns) -> bool {
        let is_covered = match &self.about {
            About::Package(package) => packages.cover(package),
            About::Namespace(namespace) => packages.cover_namespace(namespace),
        };
        kinds.contains(&self.kind) && is_covered
    }

    /// The body of the message.
    pub(super) fn body(&self) -> String {
        let seconds = i64::try_from(self.time).unwrap_or(i64::MAX);
        let time = jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default();
        json!({ "type": self.name, "timestamp": time, "data": self.data }).to_string()
    }
}
