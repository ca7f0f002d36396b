//! Whether everything around an install is in order: configuration, home, programs, store, registry, keys, clock.

mod home;
mod programs;

use super::list::DEFAULT;
use crate::config::Config;
use crate::dependencies::{Network, Scope, Sources, TrustPrompt};
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use crate::keys::KeyStore;
use crate::message::maintenance as text;
use crate::project::Project;
use crate::store::Store;
use crate::terminal::redact;
use vitte_package_core::diagnostic::{Code, Exit};

/// How one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, and could be better.
    Remark,
    /// Something will fail.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it is.
    pub health: Health,
    /// What it is.
    pub text: String,
    /// What mends it.
    pub help: Option<String>,
}

impl Finding {
    fn new(health: Health, text: String) -> Self {
        Self { health, text: redact(&text).into_owned(), help: None }
    }

    fn help(self, help: String) -> Self {
        Self { help: Some(redact(&help).into_owned()), ..self }
    }

    fn error(text: String, error: &Error) -> Self {
        let help = error.faults().find_map(|fault| fault.diagnostic().help.first().cloned());
        let help = help.map(|help| redact(&help).into_owned());
        Self { help, ..Self::new(Health::Bad, text) }
    }
}

/// Whether what is left over is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleaning {
    /// It is.
    Remove,
    /// It is only reported.
    Tell,
}

/// Looks at everything. That something is wrong is a finding, not an error.
///
/// # Errors
/// `config` when there is no home folder at all.
pub fn doctor(env: &Env, network: Network, cleaning: Cleaning) -> Result<Vec<Finding>, Error> {
    let folder = env.vitte_home()?;
    let mut findings = Vec::new();
    let config = match Config::load(env, None) {
        Ok(config) => {
            let count = crate::config::Key::ALL.iter().filter(|key| config.get(**key).is_some()).count();
            findings.push(Finding::new(Health::Good, text::doctor_config(count)));
            config
        }
        Err(error) => {
            findings.push(Finding::error(error.to_string(), &error));
            Config::default()
        }
    };
    let store = Store::as_it_is(env)?;
    findings.extend(home::look(&folder, &store));
    if folder.exists() {
        installs(&store, env, &mut findings);
        unpacked(&store, cleaning, &mut findings);
    }
    findings.extend(home::clock(&folder));
    findings.extend(registries(env, &config, network));
    if network == Network::Online {
        releases(env, &mut findings);
    }
    findings.push(match KeyStore::open(env).and_then(|keys| keys.list()) {
        Ok(keys) => Finding::new(Health::Good, text::doctor_keys(keys.len())),
        Err(error) => Finding::error(error.to_string(), &error),
    });
    Ok(findings)
}

/// The active generation, its packages and its shims.
fn installs(store: &Store, env: &Env, findings: &mut Vec<Finding>) {
    let generation = match store.environment(DEFAULT).current() {
        Ok(generation) => generation,
        Err(error) => return findings.push(Finding::error(error.to_string(), &error)),
    };
    let releases = generation.releases().count();
    findings.push(Finding::new(Health::Good, text::doctor_generation(generation.number, releases)));
    for release in generation.releases().filter(|release| !store.holds(&release.tree)) {
        let version = release.version.to_string();
        let help = crate::message::store::install_exactly(release.package.as_str(), &version);
        let finding = text::doctor_missing(release.package.as_str(), &version);
        findings.push(Finding::new(Health::Bad, finding).help(help));
    }
    findings.extend(programs::look(store, env, &generation));
}

/// Packages, and what processes that are gone left unfinished.
fn unpacked(store: &Store, cleaning: Cleaning, findings: &mut Vec<Finding>) {
    match store.packages() {
        Ok(packages) => findings.push(Finding::new(Health::Good, text::doctor_store(packages.len()))),
        Err(error) => findings.push(Finding::error(error.to_string(), &error)),
    }
    if cleaning == Cleaning::Remove {
        fs::remove_stale(&store.unfinished());
    }
    let count = fs::count_stale(&store.unfinished());
    if count > 0 {
        let finding = Finding::new(Health::Remark, text::doctor_unfinished(count));
        findings.push(finding.help(text::doctor_unfinished_help()));
    }
}

/// What has become of the releases in use, here and for this user.
fn releases(env: &Env, findings: &mut Vec<Finding>) {
    let audit = match super::audit::audit(env, &Scope::default()) {
        Ok(audit) => audit,
        // That there is no registry, or that it cannot be asked, was found before.
        Err(error) if error.exit() == Exit::Network || error.code() == Code::NoRegistry => return,
        Err(error) => return findings.push(Finding::error(error.to_string(), &error)),
    };
    let asked = audit.asked;
    if asked > 0 && audit.is_good() && audit.verdicts.is_empty() {
        findings.push(Finding::new(Health::Good, text::doctor_releases(asked)));
    }
    for (used, verdict) in &audit.verdicts {
        let line = text::doctor_release(&verdict.describe(used));
        findings.push(match verdict.is_finding() {
            true => Finding::new(Health::Bad, line).help(used.way_out()),
            false => Finding::new(Health::Remark, line),
        });
    }
    if !audit.unasked.is_empty() {
        let finding = Finding::new(Health::Remark, text::doctor_unasked(audit.unasked.len()));
        findings.push(finding.help(text::doctor_unasked_help()));
    }
    if let Some(error) = &audit.failed {
        findings.push(Finding::error(text::doctor_release(&error.to_string()), error));
    }
}

/// The registries of the project, or the configured one: trust root, log, consistency with what was seen before.
fn registries(env: &Env, config: &Config, network: Network) -> Vec<Finding> {
    let none = || {
        Finding::new(Health::Remark, text::doctor_no_registry())
            .help(crate::message::usage::no_registry_help())
    };
    let sources = match open(env, config, network) {
        Ok(sources) => sources,
        Err(error) if error.code() == Code::NoRegistry => return vec![none()],
        Err(error) => {
            let name = config.registry(env, None).unwrap_or_default();
            return vec![Finding::error(text::doctor_registry_bad(&name, &error.to_string()), &error)];
        }
    };
    let mut findings: Vec<Finding> = sources
        .all()
        .map(|client| {
            let (name, entries) = (client.name(), client.checkpoint().size());
            let text = match sources.name_of(client.id()) {
                Some(table) => text::doctor_registry_named(&name, entries, table),
                None => text::doctor_registry(&name, entries),
            };
            Finding::new(Health::Good, text)
        })
        .collect();
    if findings.is_empty() {
        findings.push(none());
    }
    if let Some(unused) = sources.unused() {
        findings.push(Finding::new(Health::Remark, text::doctor_registry_unused(&unused)));
    }
    findings
}

fn open(env: &Env, config: &Config, network: Network) -> Result<Sources, Error> {
    // A manifest that cannot be read is reported by the commands that need it.
    if let Some(project) = Project::is_near(env).then(|| Project::find_any(env, None).ok()).flatten() {
        let config = Config::load(env, Some(project.root_folder()))?;
        return Sources::open(env, &config, &project, None, network);
    }
    let prompt: &mut TrustPrompt<'_> = &mut |_, _, _| Ok(false);
    Sources::one(env, config, None, network, prompt)
}
