//! Writing a workflow that builds, checks, and publishes on a tag.

use super::{Provider, repository};
use crate::dependencies::project_pins;
use crate::env::Env;
use crate::error::Error;
use crate::fs::{self, Access};
use crate::message::ci as text;
use crate::ops::registry;
use crate::project::Project;
use crate::registry::read::location::Location;
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::Address;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct InitRequest<'a> {
    /// Whose workflow; without it, what the repository shows.
    pub provider: Option<&'a str>,
    /// The registry; without it, the project's only one at an address.
    pub registry: Option<&'a str>,
    /// Whether a workflow that is there is written anew.
    pub force: bool,
}

/// A workflow that was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Whose it is.
    pub provider: Provider,
    /// The file.
    pub path: PathBuf,
    /// Where it publishes to.
    pub registry: String,
}

/// Writes a workflow for the project of the working folder.
///
/// # Errors
/// `usage` when service or registry are not clear, `untrusted-registry` when neither the project nor the user trusts the
/// registry, `project-exists` when there is such a file; every fault of the manifest; `io`.
pub fn init(env: &Env, request: &InitRequest<'_>) -> Result<Written, Error> {
    let project = Project::find(env, None)?;
    let repository = repository(env);
    let provider = Provider::choose(request.provider, &repository)?;
    let target = target(env, &project, request.registry)?;
    let path = repository.join(provider.path());
    if path.symlink_metadata().is_ok() && !request.force {
        let shown = env.shorten(&path).display().to_string();
        return Err(Diagnostic::new(Code::ProjectExists, text::exists(&shown))
            .help(text::exists_help())
            .into());
    }
    let manifest = project.manifest_path().strip_prefix(&repository).unwrap_or(project.manifest_path());
    let manifest = manifest.to_string_lossy().replace('\\', "/");
    let workflow = workflow(provider, &target, &manifest);
    if let Some(folder) = path.parent() {
        fs::create_folder(folder)?;
    }
    fs::write_atomic(&path, workflow.as_bytes(), Access::Shared)?;
    Ok(Written { provider, path, registry: target.registry.to_string() })
}

/// Where is published to.
struct Target {
    registry: Address,
    /// What has to be trusted first; nothing where the manifest says so.
    trust_root: Option<Digest>,
}

fn target(env: &Env, project: &Project, given: Option<&str>) -> Result<Target, Error> {
    let mut named = Vec::new();
    for (place, pin) in project_pins(env, project)? {
        if let Location::Url(address) = place {
            named.push((address, pin.is_some()));
        }
    }
    let unclear = |message| Error::from(Diagnostic::new(Code::Usage, message).help(text::registry_help()));
    let registry = match (given, named.as_slice()) {
        (Some(given), _) => match Location::parse(given, env)? {
            Location::Url(address) => address,
            Location::Directory(_) => return Err(unclear(text::registry_folder(given))),
        },
        (None, [(only, _)]) => only.clone(),
        (None, _) => return Err(unclear(text::registry_unclear())),
    };
    let place = |address: &str| address.trim_end_matches('/').to_owned();
    let shown = registry.to_string();
    if named.iter().any(|(address, is_pinned)| *is_pinned && place(&address.to_string()) == place(&shown)) {
        return Ok(Target { registry, trust_root: None });
    }
    let known = registry::list(env)?;
    let known = known.into_iter().find(|known| known.address.as_deref().map(place) == Some(place(&shown)));
    let untrusted = || {
        let fault = Diagnostic::new(Code::UntrustedRegistry, text::untrusted(&shown));
        Error::from(fault.help(text::untrusted_help(&shown)))
    };
    // The first, which every later one follows from, would do as well; the newest saves a machine the way there.
    Ok(Target { registry, trust_root: Some(known.ok_or_else(untrusted)?.trust_root) })
}

fn workflow(provider: Provider, target: &Target, manifest: &str) -> String {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    let install = format!("cargo install --locked --git {repository} --tag v{version} vitte-package");
    let registry = target.registry.to_string();
    let trust = target.trust_root.map(|digest| {
        let command = format!("vitte-package registry add {registry} --trust-root-sha256 {digest}");
        match provider {
            Provider::GitLab => format!("    - {command}\n"),
            _ => format!("      - name: Trust the registry\n        run: {command}\n"),
        }
    });
    let (template, runner, checkout) = match provider {
        Provider::GitHub => (include_str!("github.yml"), "ubuntu-latest", "actions/checkout@v5"),
        Provider::Forgejo => {
            (include_str!("github.yml"), "docker", "https://code.forgejo.org/actions/checkout@v5")
        }
        Provider::GitLab => (include_str!("gitlab.yml"), "", ""),
    };
    let values = [
        ("${runner}", runner),
        ("${checkout}", checkout),
        ("${install}", &install),
        ("${registry}", &registry),
        ("${manifest}", manifest),
        ("${trust}", trust.as_deref().unwrap_or_default()),
    ];
    values.into_iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}
