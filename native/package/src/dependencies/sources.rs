//! The registries of a project: each namespace belongs to exactly one, and is asked of no other.

use crate::cache::Cache;
use crate::config::{Config, Exempt};
use crate::env::Env;
use crate::error::Error;
use crate::message::dependencies as text;
use crate::project::Project;
use crate::registry::read::client::{ProjectPin, RegistryClient, Unproved, open_source, read_config};
use crate::registry::read::known;
use crate::registry::read::location::Location;
use crate::registry::read::offline::OfflineRegistry;
use crate::registry::read::pinning;
use crate::registry::read::source::RegistrySource;
use crate::report::Reporter;
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::manifest::{Registry, RegistryPlace};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::resolve::{Registries, duration_in_words};
use vitte_package_core::sign::RegistryId;

/// Whether addresses may be asked. Folders are read either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Yes.
    #[default]
    Online,
    /// No socket is opened: the copies that are kept of their files are read.
    Offline,
}

/// Registries that were opened and are trusted.
#[derive(Debug)]
pub struct Sources {
    open: BTreeMap<RegistryId, RegistryClient>,
    registries: Registries,
    /// By the names that the manifest gives them.
    named: BTreeMap<String, RegistryId>,
    /// What the user wants of every registry.
    configured_age: Option<u64>,
    /// For whom the minimum age does not count, as the user wants.
    exempt: Exempt,
    /// The configured registry, by id and place, where the project names another place of the same registry.
    unused: Option<(RegistryId, String)>,
    /// Where the registries are that the user trusts, to be named where there is none to ask.
    known: Vec<String>,
    /// What is on this machine, while no address may be asked.
    held: Option<Held>,
}

/// The packages that are on this machine.
#[derive(Debug)]
struct Held {
    store: Store,
    cache: Cache,
    /// Whether the use of copies has been reported.
    reported: bool,
}

impl Held {
    fn of(env: &Env, config: &Config, network: Network) -> Result<Option<Self>, Error> {
        match network {
            Network::Online => Ok(None),
            Network::Offline => Ok(Some(Self {
                store: Store::open(env, config.fsync()?)?,
                cache: Cache::open(env)?,
                reported: false,
            })),
        }
    }
}

/// How old releases have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinimumAge {
    /// Seconds since the log took a release before it is chosen.
    pub seconds: u64,
    /// For whom it does not count: as the user configured, and namespaces of registries that want no such rule, where
    /// they alone say.
    pub exempt: Exempt,
}

/// The age where a registry has the rule and nobody said another: a day.
const AGE: u64 = 86_400;
/// How a registry says that it has the rule.
const AGE_FEATURE: &str = "min-age";

/// Decides whether a registry that is new here is trusted: its name, its id, the digest of its
/// trust root.
pub type TrustPrompt<'a> = dyn FnMut(&str, &RegistryId, &Digest) -> Result<bool, Error> + 'a;

impl Sources {
    /// Opens the registries of a project: those its root manifest names, for their namespaces, and for all
    /// others the one given on the command line or configured, if there is one. Where the configured one is a registry
    /// that the manifest names, it is read from where the manifest says; what was given on the command line wins.
    ///
    /// # Errors
    /// `untrusted-registry` for one that was never met, and what opening it brings; `manifest-conflict` when a
    /// dependency names another registry than its namespace belongs to; `unavailable` for an address of which nothing
    /// is kept while [`Network::Offline`].
    pub fn open(
        env: &Env,
        config: &Config,
        project: &Project,
        given: Option<&str>,
        network: Network,
    ) -> Result<Self, Error> {
        let mut open = BTreeMap::new();
        let mut namespaces: BTreeMap<Namespace, RegistryId> = BTreeMap::new();
        let mut named = BTreeMap::new();
        let pins = project_pins(env, project)?;
        for (registry, (location, pin)) in project.registries().iter().zip(&pins) {
            let id =
                open_one(env, location, pin.as_ref(), network, &mut open).map_err(|error| match network {
                    Network::Online => suggest_pin(env, error, registry.name(), location),
                    Network::Offline => error,
                })?;
            named.insert(registry.name().to_owned(), id.clone());
            for namespace in registry.namespaces() {
                namespaces.insert(namespace.clone(), id.clone());
            }
        }
        let mut unused = None;
        let default = match config.registry(env, given) {
            Ok(place) => {
                let location = Location::parse(&place, env)?;
                let source = source(env, &location, network)?;
                // Its name is enough to know that the project reads the same registry elsewhere.
                let claimed = read_config(&*source)?.registry;
                if given.is_none() && open.contains_key(&claimed) {
                    unused = Some((claimed.clone(), source.name()));
                } else {
                    let pin = pins.iter().find(|(place, _)| is_same(place, &location));
                    let pin = pin.and_then(|(_, pin)| pin.as_ref());
                    open.insert(claimed.clone(), RegistryClient::with_pin(env, source, pin)?);
                }
                Some(claimed)
            }
            Err(error) if error.code() == Code::NoRegistry => None,
            Err(error) => return Err(error),
        };
        check_names(project)?;
        let (configured_age, exempt) = (config.minimum_age()?, config.minimum_age_exempt()?);
        let known = if default.is_none() { known::addresses(env)? } else { Vec::new() };
        let registries = Registries::new(default, namespaces);
        let held = Held::of(env, config, network)?;
        Ok(Self { open, registries, named, configured_age, exempt, unused, known, held })
    }

    /// Opens one registry for every namespace: the one given on the command line or configured.
    ///
    /// # Errors
    /// `no-registry` when there is neither; `untrusted-registry` for one that was never met and that `prompt`
    /// does not trust; `unavailable` for an address of which nothing is kept while [`Network::Offline`].
    pub fn one(
        env: &Env,
        config: &Config,
        given: Option<&str>,
        network: Network,
        prompt: &mut TrustPrompt<'_>,
    ) -> Result<Self, Error> {
        let location = Location::parse(&config.registry_or_known(env, given)?, env)?;
        let mut open = BTreeMap::new();
        let id = match open_one(env, &location, None, network, &mut open) {
            Err(error) if error.code() == Code::UntrustedRegistry && network == Network::Online => {
                if !is_trusted(env, &location, prompt)? {
                    return Err(error);
                }
                open_one(env, &location, None, network, &mut open)?
            }
            result => result?,
        };
        let (registries, named) = (Registries::only(id), BTreeMap::new());
        let (configured_age, exempt) = (config.minimum_age()?, config.minimum_age_exempt()?);
        let (unused, known, held) = (None, Vec::new(), Held::of(env, config, network)?);
        Ok(Self { open, registries, named, configured_age, exempt, unused, known, held })
    }

    /// Which registry each namespace belongs to.
    pub fn registries(&self) -> &Registries {
        &self.registries
    }

    /// The registry that the manifest calls `name`.
    pub fn named(&self, name: &str) -> Option<&RegistryId> {
        self.named.get(name)
    }

    /// The name that the manifest gives a registry.
    pub fn name_of(&self, registry: &RegistryId) -> Option<&str> {
        self.named.iter().find(|(_, id)| *id == registry).map(|(name, _)| name.as_str())
    }

    /// Where the files of each registry come from, a line each.
    pub fn places(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, client) in &self.open {
            lines.push(match self.name_of(id) {
                Some(name) => text::place_named(id.as_str(), &client.name(), name),
                None => text::place(id.as_str(), &client.name()),
            });
        }
        lines.extend(self.unused());
        lines
    }

    /// That the configured registry is not read where it is configured, if that is so.
    pub fn unused(&self) -> Option<String> {
        let (id, place) = self.unused.as_ref()?;
        Some(text::place_unused(place, id.as_str(), self.name_of(id).unwrap_or_default()))
    }

    /// Tells where the files of each registry come from, for who asks (`-v`).
    pub fn tell_places(&self, reporter: &dyn Reporter) {
        self.places().into_iter().for_each(|line| reporter.decided(line));
    }

    /// How old releases have to be: as `given` on the command line, else as configured, else as each registry
    /// wants.
    pub fn minimum_age(&self, given: Option<u64>) -> MinimumAge {
        if let Some(seconds) = given.or(self.configured_age) {
            return MinimumAge { seconds, exempt: self.exempt.clone() };
        }
        let wanted = |id: &RegistryId| self.open.get(id).map_or(0, wanted_age);
        let free = self.registries.namespaces().filter(|(_, id)| wanted(id) == 0);
        let mut exempt = self.exempt.clone();
        exempt.namespaces.extend(free.map(|(namespace, _)| namespace.clone()));
        // A rule of another registry than the default one cannot be told apart from a rule for all namespaces
        // that nobody named: it is left to the configuration.
        let seconds = self.registries.default().map_or(0, wanted);
        MinimumAge { seconds, exempt }
    }

    /// The registry a package may come from.
    ///
    /// # Errors
    /// `no-registry` when its namespace belongs to none.
    pub fn of(&mut self, name: &PackageName) -> Result<&mut RegistryClient, Error> {
        let missing = || {
            let mut fault = Diagnostic::new(Code::NoRegistry, text::no_registry(name.as_str()));
            for address in &self.known {
                fault = fault.help(text::no_registry_known(name.as_str(), address));
            }
            Error::from(fault.help(text::no_registry_help()))
        };
        let id = self.registries.of(name).ok_or_else(missing)?;
        self.open.get_mut(id).ok_or_else(missing)
    }

    /// All registries.
    pub fn all(&self) -> impl Iterator<Item = &RegistryClient> {
        self.open.values()
    }

    /// A registry by its id, if it is open.
    pub fn by_id(&self, registry: &RegistryId) -> Option<&RegistryClient> {
        self.open.get(registry)
    }

    /// As [`Self::by_id`], to ask it something.
    pub fn by_id_mut(&mut self, registry: &RegistryId) -> Option<&mut RegistryClient> {
        self.open.get_mut(registry)
    }

    /// Brings the index files of these packages together, to be read one by one.
    pub fn prefetch_index<'p>(&mut self, names: impl IntoIterator<Item = &'p PackageName>) {
        self.prefetch(names, |client, names| client.prefetch_index(names));
    }

    /// Brings the index files of these packages and the records of their namespaces together, to be read one by one.
    pub fn prefetch_with_namespaces<'p>(&mut self, names: impl IntoIterator<Item = &'p PackageName>) {
        self.prefetch(names, |client, names| client.prefetch_with_namespaces(names));
    }

    fn prefetch<'p>(
        &mut self,
        names: impl IntoIterator<Item = &'p PackageName>,
        bring: impl Fn(&mut RegistryClient, Vec<&'p PackageName>),
    ) {
        let mut by_registry: BTreeMap<&RegistryId, Vec<&PackageName>> = BTreeMap::new();
        for name in names {
            if let Some(registry) = self.registries.of(name) {
                by_registry.entry(registry).or_default().push(name);
            }
        }
        for (registry, names) in by_registry {
            if let Some(client) = self.open.get_mut(registry) {
                bring(client, names);
            }
        }
    }

    /// As [`RegistryClient::use_cached`], for locked packages that come from where they came from.
    pub fn use_cached<'p>(
        &mut self,
        locked: impl IntoIterator<Item = (&'p PackageName, &'p RegistryId)>,
    ) -> BTreeSet<PackageName> {
        let mut by_registry: BTreeMap<&RegistryId, BTreeSet<&PackageName>> = BTreeMap::new();
        for (name, registry) in locked {
            if self.registries.of(name) == Some(registry) {
                by_registry.entry(registry).or_default().insert(name);
            }
        }
        let mut from_cache = BTreeSet::new();
        for (registry, names) in by_registry {
            if let Some(client) = self.open.get_mut(registry) {
                from_cache.extend(client.use_cached(names));
            }
        }
        from_cache
    }

    /// As [`RegistryClient::drop_cached`], of all registries.
    pub fn drop_cached(&mut self) {
        self.open.values_mut().for_each(RegistryClient::drop_cached);
    }

    /// Proves these releases together, as [`RegistryClient::prove_ahead`] does.
    pub fn prove_ahead(&mut self, releases: &BTreeMap<RegistryId, Vec<Unproved>>) {
        for (registry, releases) in releases {
            if let Some(client) = self.open.get_mut(registry) {
                client.prove_ahead(releases);
            }
        }
    }

    /// Tells of every registry whose copy is older than what was seen of it.
    pub fn tell_older(&self, reporter: &dyn Reporter) {
        let asked = self.open.values().filter(|client| client.source().copies().is_none());
        asked.filter_map(RegistryClient::older).for_each(|older| reporter.warned(older));
    }

    /// Tells, once, of every registry of which cached copies were read instead, and how old they are.
    pub fn tell_copies(&mut self, reporter: &dyn Reporter) {
        match &mut self.held {
            Some(held) if !held.reported => held.reported = true,
            _ => return,
        }
        for client in self.open.values() {
            let Some(confirmed) = client.source().copies().and_then(|copies| copies.confirmed) else {
                continue;
            };
            // A time in the future is that of another clock.
            let age = confirmed.elapsed().unwrap_or_default().as_secs();
            let message = text::offline_copies(&client.name(), &duration_in_words(age));
            reporter.warned(Diagnostic::new(Code::Unavailable, message));
        }
    }

    /// Whether only what is on this machine may be used.
    pub fn is_offline(&self) -> bool {
        self.held.is_some()
    }

    /// Whether a package's archive can be had without the network: its registry is a folder, or it is on this machine,
    /// unpacked or not.
    pub fn is_held(&self, package: &PackageName, tree: &TreeDigest) -> bool {
        let client = self.registries.of(package).and_then(|registry| self.open.get(registry));
        if client.is_some_and(|client| client.source().copies().is_none()) {
            return true;
        }
        self.held.as_ref().is_none_or(|held| held.store.holds(tree) || held.cache.archive(tree).is_file())
    }

    /// Remembers what was seen of the registries. To be called when everything else has passed, and before the lockfile
    /// or anything else says so: another command may have seen another history meanwhile.
    ///
    /// # Errors
    /// As [`RegistryClient::commit`].
    pub fn commit(&mut self) -> Result<(), Error> {
        self.open.values_mut().try_for_each(RegistryClient::commit)
    }
}

/// How old its releases have to be, as a registry wants: its trust root says so, signed. The hint in `config.json` can
/// ask for more, and whoever leaves it out takes nothing away.
fn wanted_age(client: &RegistryClient) -> u64 {
    let hinted = client.config().features.iter().any(|feature| feature == AGE_FEATURE);
    client.trust_root().root().min_age.max(if hinted { AGE } else { 0 })
}

/// Where the registries of a project are, in the order of the manifest, each with its pin if it has one.
///
/// # Errors
/// `insecure-url` for an address that is refused.
pub fn project_pins(env: &Env, project: &Project) -> Result<Vec<(Location, Option<ProjectPin>)>, Error> {
    let one = |registry: &Registry| {
        let location = match registry.place() {
            RegistryPlace::Index(url) => Location::parse(url, env)?,
            RegistryPlace::Directory(folder) => {
                Location::Directory(env.resolve(project.root_folder().join(folder)))
            }
        };
        let pin = |trust_root| ProjectPin { name: registry.name().to_owned(), trust_root };
        Ok((location, registry.trust_root().map(pin)))
    };
    project.registries().iter().map(one).collect()
}

/// Whether two locations are one place.
pub(super) fn is_same(one: &Location, other: &Location) -> bool {
    match (one, other) {
        (Location::Directory(one), Location::Directory(other)) => {
            one == other
                || one
                    .canonicalize()
                    .ok()
                    .is_some_and(|one| other.canonicalize().is_ok_and(|other| one == other))
        }
        _ => one == other,
    }
}

/// A registry of the manifest is not trusted: says how a team trusts it without every hand.
pub(super) fn suggest_pin(env: &Env, error: Error, name: &str, location: &Location) -> Error {
    if error.code() != Code::UntrustedRegistry {
        return error;
    }
    match pinning::offered(env, location) {
        Ok(Some((_, digest))) => error.help(text::project_pin_help(name, &digest.to_string())),
        _ => error,
    }
}

fn open_one(
    env: &Env,
    location: &Location,
    pin: Option<&ProjectPin>,
    network: Network,
    open: &mut BTreeMap<RegistryId, RegistryClient>,
) -> Result<RegistryId, Error> {
    let client = RegistryClient::with_pin(env, source(env, location, network)?, pin)?;
    let id = client.id().clone();
    open.insert(id.clone(), client);
    Ok(id)
}

/// The files of a registry, unchecked.
fn source(env: &Env, location: &Location, network: Network) -> Result<Box<dyn RegistrySource>, Error> {
    match (location, network) {
        (Location::Url(url), Network::Offline) => Ok(Box::new(OfflineRegistry::open(env, url.clone())?)),
        _ => open_source(env, location),
    }
}

/// Asks whether a registry that is new here is trusted, and pins its trust root if it is.
fn is_trusted(env: &Env, location: &Location, prompt: &mut TrustPrompt<'_>) -> Result<bool, Error> {
    let Some((id, digest)) = pinning::offered(env, location)? else { return Ok(false) };
    if !prompt(&location.to_string(), &id, &digest)? {
        return Ok(false);
    }
    pinning::add(env, location, &digest)?;
    Ok(true)
}

/// A dependency that names a registry must name the one its namespace belongs to.
fn check_names(project: &Project) -> Result<(), Error> {
    let owner = |name: &PackageName| {
        let namespace = name.namespace_or_none();
        project.registries().iter().find(|registry| registry.namespaces().contains(&namespace))
    };
    let mut faults = Vec::new();
    for dependency in project.manifest().dependencies() {
        let Some(named) = dependency.registry() else { continue };
        if owner(dependency.name()).is_none_or(|owner| owner.name() != named) {
            let namespace = dependency.name().namespace_or_none();
            let message = text::other_registry(dependency.name().as_str(), named, namespace.as_str());
            faults.push(
                Diagnostic::new(Code::ManifestConflict, message)
                    .at(Place::Source(dependency.span()))
                    .help(text::other_registry_help(named, namespace.as_str())),
            );
        }
    }
    Error::several(faults).map_or(Ok(()), |error| Err(project.in_manifest(error)))
}
