//! Which registry a command about one release asks, and by what it trusts it: in a project, as `install` there does.

use super::sources::{is_same, project_pins, suggest_pin};
use crate::config::Config;
use crate::env::Env;
use crate::error::Error;
use crate::project::Project;
use crate::registry::read::client::{ProjectPin, RegistryClient, open_source};
use crate::registry::read::location::Location;
use vitte_package_core::name::Namespace;

/// One registry, with the trust root that the project here pins for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryChoice {
    /// Where it is.
    pub location: Location,
    /// What the project's manifest says about whom to trust; a user who trusts the registry needs none.
    pub pin: Option<ProjectPin>,
    /// What the project's manifest calls it.
    name: Option<String>,
}

impl RegistryChoice {
    /// The registry that was `given`; else the one that the project here names for `namespace`; else the one that is
    /// configured, or the only one that the user has added.
    ///
    /// # Errors
    /// `no-registry` when there is none of these; the faults of a manifest that is needed and cannot be read.
    pub fn of(env: &Env, given: Option<&str>, namespace: Option<&Namespace>) -> Result<Self, Error> {
        let project = match Project::is_near(env).then(|| Project::find_any(env, None)) {
            None => None,
            Some(Ok(project)) => Some(project),
            // What was given needs no manifest.
            Some(Err(_)) if given.is_some() => None,
            Some(Err(error)) => return Err(error),
        };
        let config = Config::load(env, project.as_ref().map(Project::root_folder))?;
        let pins = project.as_ref().map_or(Ok(Vec::new()), |project| project_pins(env, project))?;
        let named = project.iter().flat_map(Project::registries).map(|registry| registry.name().to_owned());
        let mut known = pins.into_iter().zip(named);
        let chosen = match (given, namespace) {
            (None, Some(namespace)) => project
                .iter()
                .flat_map(Project::registries)
                .position(|registry| registry.namespaces().contains(namespace))
                .and_then(|place| known.nth(place)),
            _ => None,
        };
        if let Some(((location, pin), name)) = chosen {
            return Ok(Self { location, pin, name: Some(name) });
        }
        let location = Location::parse(&config.registry_or_known(env, given)?, env)?;
        let known = known.find(|((place, _), _)| is_same(place, &location));
        let (pin, name) = known.map_or((None, None), |((_, pin), name)| (pin, Some(name)));
        Ok(Self { location, pin, name })
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`RegistryClient::with_pin`].
    pub fn open(&self, env: &Env) -> Result<RegistryClient, Error> {
        let opened = RegistryClient::with_pin(env, open_source(env, &self.location)?, self.pin.as_ref());
        opened.map_err(|error| match &self.name {
            Some(name) => suggest_pin(env, error, name, &self.location),
            None => error,
        })
    }
}

impl From<Location> for RegistryChoice {
    /// A registry that is trusted by the user or not at all.
    fn from(location: Location) -> Self {
        Self { location, pin: None, name: None }
    }
}

/// What the project here says about whom to trust; nothing where its manifest cannot be read.
pub fn pins_here(env: &Env) -> Vec<ProjectPin> {
    let project = Project::is_near(env).then(|| Project::find_any(env, None).ok()).flatten();
    let pins = project.and_then(|project| project_pins(env, &project).ok()).unwrap_or_default();
    pins.into_iter().filter_map(|(_, pin)| pin).collect()
}
