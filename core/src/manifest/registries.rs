//! The tables `[registries]` and `[trust]`: where packages come from and whose word counts. Only those of the
//! root project do.

use super::fault::{Conflict, ValueRule, shown};
use super::source::{Faults, Table};
use super::text::{self, Reach};
use super::{Site, schema};
use crate::diagnostic::Span;
use crate::digest::Digest;
use crate::name::{Namespace, PackageName};
use crate::sign::KeyId;
use std::collections::BTreeMap;

/// The key that pins a registry.
const PIN: &str = "trust-root-sha256";

/// Where a registry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryPlace {
    /// Address of a server: `https`, or `http` on this machine.
    Index(String),
    /// A folder, relative to that of the manifest.
    Directory(String),
}

/// A registry of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    name: String,
    place: RegistryPlace,
    namespaces: Vec<Namespace>,
    trust_root: Option<Digest>,
    site: Site,
}

impl Registry {
    /// The name by which dependencies ask for it: `[a-z][a-z0-9_-]{0,63}`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    pub fn place(&self) -> &RegistryPlace {
        &self.place
    }

    /// The namespaces that come from it, and from nowhere else.
    pub fn namespaces(&self) -> &[Namespace] {
        &self.namespaces
    }

    /// The digest of its first trust root, by which this project trusts it.
    pub fn trust_root(&self) -> Option<Digest> {
        self.trust_root
    }

    /// Where it is in the manifest.
    pub fn span(&self) -> Span {
        self.site.0
    }
}

/// Which keys may sign releases of a package, or of all packages of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustRule {
    pattern: String,
    keys: Vec<KeyId>,
    site: Site,
}

impl TrustRule {
    /// A package's name, or `namespace/*`.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Whether the rule is about `name`.
    pub fn covers(&self, name: &PackageName) -> bool {
        match self.pattern.strip_suffix("/*") {
            Some(namespace) => name.namespace().is_some_and(|own| own.as_str() == namespace),
            None => self.pattern == name.as_str(),
        }
    }

    /// The keys, at least one.
    pub fn keys(&self) -> &[KeyId] {
        &self.keys
    }

    /// Where it is in the manifest.
    pub fn span(&self) -> Span {
        self.site.0
    }
}

pub(super) fn read(root: &Table<'_>, faults: &mut Faults) -> Vec<Registry> {
    let mut registries = Vec::new();
    let mut owners: BTreeMap<Namespace, String> = BTreeMap::new();
    for entry in root.named("registries", faults) {
        let name = entry.key.value;
        if !text::is_registry_name(name) {
            faults.add(entry.key.span, ValueRule::Registry { given: shown(name) }.into());
        }
        let title = format!("[registries.{name}]");
        let own = (name, &schema::REGISTRY_VALUE);
        let Some(table) = Table::of(title, entry.value, schema::REGISTRY, own, faults) else { continue };
        let index = table
            .text("index", faults)
            .and_then(|given| text::url("index", given, Reach::OrLoopback, faults));
        let directory =
            table.text("directory", faults).and_then(|given| text::folder("directory", given, faults));
        let place = match (table.has("index"), table.entry("directory")) {
            (true, Some(second)) => {
                faults.add(second.span(), Conflict::Place { name: name.to_owned() }.into());
                None
            }
            (true, None) => index.map(RegistryPlace::Index),
            (false, Some(_)) => directory.map(RegistryPlace::Directory),
            (false, None) => {
                faults.add(entry.span(), ValueRule::NoPlace { name: name.to_owned() }.into());
                None
            }
        };
        let mut namespaces = Vec::new();
        for text in table.texts("namespaces", faults).unwrap_or_default() {
            let Some(namespace) = faults.keep(text.span, Namespace::parse(text.value)) else { continue };
            if let Some(first) = owners.insert(namespace.clone(), name.to_owned()) {
                let namespace = text.value.to_owned();
                let kind = Conflict::Namespace { namespace, first, second: name.to_owned() };
                faults.add(text.span, kind.into());
            }
            namespaces.push(namespace);
        }
        let trust_root = table.text(PIN, faults).and_then(|given| {
            let wrong = |_| ValueRule::Digest { key: PIN.to_owned(), given: shown(given.value) };
            faults.keep(given.span, Digest::from_people(given.value).map_err(wrong))
        });
        if let Some(place) = place {
            let (name, site) = (name.to_owned(), Site(entry.span()));
            registries.push(Registry { name, place, namespaces, trust_root, site });
        }
    }
    registries
}

pub(super) fn read_trust(root: &Table<'_>, faults: &mut Faults) -> Vec<TrustRule> {
    let mut rules = Vec::new();
    for entry in root.named("trust", faults) {
        let pattern = entry.key.value;
        let good = match pattern.strip_suffix("/*") {
            Some(namespace) => namespace != Namespace::NONE && Namespace::parse(namespace).is_ok(),
            None => PackageName::parse(pattern).is_ok(),
        };
        if !good {
            faults.add(entry.key.span, ValueRule::Trusted { given: shown(pattern) }.into());
        }
        let own = (pattern, &schema::TRUST_VALUE);
        let title = format!("[trust.\"{pattern}\"]");
        let Some(table) = Table::of(title, entry.value, schema::TRUST, own, faults) else { continue };
        if !table.has("keys") {
            table.missing("keys", faults);
            continue;
        }
        let Some(texts) = table.texts("keys", faults) else { continue };
        if texts.is_empty() {
            faults.add(entry.span(), ValueRule::Empty { key: "keys".to_owned() }.into());
        }
        let keys =
            texts.into_iter().filter_map(|text| faults.keep(text.span, KeyId::parse(text.value))).collect();
        rules.push(TrustRule { pattern: pattern.to_owned(), keys, site: Site(entry.span()) });
    }
    rules
}
