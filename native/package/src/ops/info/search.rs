//! Searching: a folder is read, a server is asked. Both rank by the same rule, which is core's.

use super::{About, about, sources};
use crate::dependencies::{Network, Sources};
use crate::env::Env;
use crate::error::Error;
use crate::message::maintenance as text;
use crate::registry::read::api;
use crate::registry::read::client::RegistryClient;
use vitte_package_core::api::search::rank::{DESCRIBED, Terms, words};
use vitte_package_core::api::search::{self, SearchItem, SearchQuery, SearchResults};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::{Rule, newest};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::StatusAction;
use vitte_package_core::version::Version;

/// Packages a search gives at most.
const FOUND: usize = 50;
/// Packages of a folder that are opened for what their authors say, where their names do not match.
const OPENED: usize = 200;
/// Where fewer than this match, those follow that are like what is looked for.
const FEW: usize = 10;

/// One package that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The package.
    pub package: PackageName,
    /// Its newest release that is neither a pre-release nor yanked, if it has one, else its newest.
    pub newest: Version,
    /// The last that was said of that release.
    pub status: Option<StatusAction>,
    /// What its author says of it, where that is on this machine or a server says it.
    pub about: Option<About>,
    /// The server that says all of this, where nothing proves it; none where the registry's signed index does.
    pub said_by: Option<String>,
}

/// The packages that have all of `words` in their names, keywords or descriptions, or are like them; the best match
/// first. A registry in a folder is read; at an address its server is asked.
///
/// # Errors
/// `not-supported` when a registry can neither be listed nor asked; those of the registry.
pub fn search(
    env: &Env,
    registry: Option<&str>,
    network: Network,
    words: &[String],
) -> Result<Vec<Found>, Error> {
    let mut sources = sources(env, registry, network)?;
    let sought = words.join(" ");
    let terms = Terms::new(&sought);
    let (mut ranked, mut found, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for client in sources.all() {
        match client.source().packages() {
            Some(listed) => names.extend(listed),
            None => found.extend(ask(client, &sought)?),
        }
    }
    names.sort();
    names.dedup();
    let mut others = Vec::new();
    for name in names {
        match terms.rank(&name, &[]) {
            Some(rank) => ranked.push((rank, name, None)),
            None => others.push(name),
        }
    }
    for name in others.iter().take(OPENED) {
        let Some(package) = read(&mut sources, env, name)? else { continue };
        if let Some(rank) = rank_described(&terms, &package) {
            ranked.push((rank, name.clone(), Some(package)));
        }
    }
    if ranked.len() + found.len() < FEW {
        let known: Vec<_> = ranked.iter().map(|(_, name, _)| name.clone()).collect();
        let unknown = others.into_iter().filter(|name| !known.contains(name));
        ranked.extend(unknown.filter_map(|name| Some((terms.rank_near(&name, &[])?, name, None))));
    }
    ranked.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let mut listed = Vec::new();
    for (_, name, package) in ranked.into_iter().take(FOUND) {
        let package = match package {
            Some(package) => Some(package),
            None => read(&mut sources, env, &name)?,
        };
        listed.extend(package);
    }
    listed.extend(found);
    listed.truncate(FOUND);
    Ok(listed)
}

/// What a server finds.
fn ask(client: &RegistryClient, sought: &str) -> Result<Vec<Found>, Error> {
    let query = SearchQuery { text: sought.to_owned(), limit: FOUND as u64, ..SearchQuery::default() };
    let path = format!("{}?{}", search::PATH, query.to_query());
    let said = api::hearsay(client, &path, search::RESPONSE_LEN)?;
    let said = said.ok_or_else(|| {
        let fault = Diagnostic::new(Code::NotSupported, text::search_unlisted(&client.name()));
        Error::from(fault.help(text::search_unlisted_help()))
    })?;
    let results = SearchResults::parse(&said).map_err(|error| Error::from(error).at_url(client.name()))?;
    let found = |item: SearchItem| Found {
        package: item.package,
        newest: item.newest,
        status: item.status,
        about: Some(About {
            description: item.description,
            license: item.license,
            repository: item.repository,
            keywords: item.keywords,
        }),
        said_by: Some(client.name()),
    };
    Ok(results.items.into_iter().map(found).collect())
}

/// What a registry that can be listed has of a package.
fn read(sources: &mut Sources, env: &Env, name: &PackageName) -> Result<Option<Found>, Error> {
    let client = sources.of(name)?;
    let Some(index) = client.index(name)? else { return Ok(None) };
    let Some(entry) = newest(&index, &Rule::to_show()) else { return Ok(None) };
    Ok(Some(Found {
        package: name.clone(),
        newest: entry.core.version.clone(),
        status: entry.status.as_ref().map(|status| status.change.action),
        about: about::at_hand(env, client, &index, entry),
        said_by: None,
    }))
}

/// The rank of a package by what its author says of it.
fn rank_described(terms: &Terms, package: &Found) -> Option<u8> {
    let about = package.about.as_ref()?;
    let keywords = words(&about.keywords.join(" "));
    let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
    terms.rank(&package.package, &keywords).or_else(|| {
        let described = words(about.description.as_deref().unwrap_or_default());
        let all: Vec<&str> = keywords.iter().copied().chain(described.iter().map(String::as_str)).collect();
        terms.rank(&package.package, &all).map(|_| DESCRIBED)
    })
}
