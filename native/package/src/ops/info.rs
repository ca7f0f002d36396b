//! What a registry has: one package in detail, or packages by words.

mod about;
mod search;

pub use about::About;
pub use search::{Found, search};

use crate::config::Config;
use crate::dependencies::{Network, Sources, TrustPrompt};
use crate::env::Env;
use crate::error::Error;
use crate::message::store as store_text;
use crate::project::Project;
use crate::registry::read::api;
use crate::registry::read::client::RegistryClient;
use crate::report::Reporter;
use crate::store::DeferredSection;
use std::collections::BTreeMap;
use vitte_package_core::api::package::{self as api_package, PackagePage};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::{IndexEntry, Rule, VerifiedIndex, is_yanked, newest};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::KeyId;
use vitte_package_core::version::Version;

/// One package of a registry.
#[derive(Clone, Debug)]
pub struct Info {
    /// The package.
    pub package: PackageName,
    /// The registry's id.
    pub registry: String,
    /// Where the registry was read: a folder or an address.
    pub place: String,
    /// The release shown: its artifacts, source first.
    pub artifacts: Vec<IndexEntry>,
    /// What its author says of it, as far as that is at hand or was fetched.
    pub about: Option<About>,
    /// Its deferred sections, with where those are that are here, as far as that is at hand.
    pub sections: Vec<DeferredSection>,
    /// Whose signatures count on it: the log was asked.
    pub signers: Vec<KeyId>,
    /// All versions, newest first, and whether each was yanked.
    pub versions: Vec<(Version, bool)>,
    /// What the registry's server says of the package: nothing proves it.
    pub hearsay: Option<PackagePage>,
}

/// The registries that are asked here: the project's, where there is one.
fn sources(env: &Env, registry: Option<&str>, network: Network) -> Result<Sources, Error> {
    if Project::is_near(env) {
        let project = Project::find_any(env, None)?;
        let config = Config::load(env, Some(project.root_folder()))?;
        return Sources::open(env, &config, &project, registry, network);
    }
    // Reading about a package is no reason to trust a registry for good.
    let prompt: &mut TrustPrompt<'_> = &mut |_, _, _| Ok(false);
    Sources::one(env, &Config::load(env, None)?, registry, network, prompt)
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct InfoRequest<'a> {
    /// The registry, if one was given.
    pub registry: Option<&'a str>,
    /// Whether it may be asked.
    pub network: Network,
    /// The package.
    pub package: &'a PackageName,
    /// The version; without it, the newest that is neither a pre-release nor yanked.
    pub version: Option<&'a Version>,
}

/// What a registry says about a package, and about one release.
///
/// # Errors
/// `not-found` when there is no such package or version, with the nearest name; those of the registry's proofs. That
/// its archive cannot be fetched, or does not check, is a warning: then nothing is said of what the author says.
pub fn info(env: &Env, request: InfoRequest<'_>, reporter: &dyn Reporter) -> Result<Info, Error> {
    let InfoRequest { registry, network, package, version } = request;
    let mut sources = sources(env, registry, network)?;
    let client = sources.of(package)?;
    let Some(index) = client.index(package)? else {
        return Err(client.no_such_package(package));
    };
    let shown = version.cloned().or_else(|| shown(&index)).ok_or_else(|| {
        let message = store_text::no_such_package(package.as_str(), &client.name());
        Error::from(Diagnostic::new(Code::NotFound, message))
    })?;
    let mut artifacts: Vec<IndexEntry> =
        index.entries().iter().filter(|entry| entry.core.version == shown).cloned().collect();
    artifacts.sort_by(|one, other| {
        (one.core.kind, &one.core.target).cmp(&(other.core.kind, &other.core.target)).reverse()
    });
    let versions = versions(&index);
    let Some(first) = artifacts.first() else {
        let message = store_text::no_match(package.as_str(), &shown.to_string());
        let there: Vec<_> = versions.iter().map(|(version, _)| version.to_string()).collect();
        let fault = Diagnostic::new(Code::NotFound, message);
        return Err(fault.help(store_text::versions_exist(&there.join(", "))).into());
    };
    let proven = client.prove(&index, first)?;
    let about = match network {
        Network::Online => about::fetched(env, client, (&index, first), &proven, reporter),
        Network::Offline => Ok(about::at_hand(env, client, &index, first)),
    };
    let about = about.unwrap_or_else(|error| {
        error.faults().for_each(|fault| reporter.warned(fault.diagnostic().clone()));
        None
    });
    let sections = about::sections(env, client, &index, first);
    let hearsay = match network {
        Network::Online => said_by_server(client, package),
        Network::Offline => None,
    };
    let signers = proven.signers.into_iter().collect();
    let (registry, place) = (client.id().to_string(), client.name());
    Ok(Info {
        package: package.clone(),
        registry,
        place,
        artifacts,
        about,
        sections,
        signers,
        versions,
        hearsay,
    })
}

/// What the server says of a package. It adds to what is proved; where it cannot say it, nothing is missing.
fn said_by_server(client: &RegistryClient, package: &PackageName) -> Option<PackagePage> {
    let path = format!("{}?limit=1", api_package::path(package));
    let said = api::hearsay(client, &path, api_package::RESPONSE_LEN).ok().flatten()?;
    PackagePage::parse(&said).ok().filter(|page| page.package == *package)
}

/// The version that is shown when none is named; there is none in an index file without lines.
fn shown(index: &VerifiedIndex) -> Option<Version> {
    newest(index, &Rule::to_show()).map(|entry| entry.core.version.clone())
}

fn versions(index: &VerifiedIndex) -> Vec<(Version, bool)> {
    let mut versions: BTreeMap<Version, bool> = BTreeMap::new();
    for entry in index.entries() {
        *versions.entry(entry.core.version.clone()).or_insert(true) &= is_yanked(entry);
    }
    versions.into_iter().rev().collect()
}
