use super::install::meeting;
use super::key::Asking;
use crate::ui::Ui;
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::PassphraseSource as _;
use vitte_package::message::{network, registry as words};
use vitte_package::ops::registry;
use vitte_package::registry::directory::Directory;
use vitte_package::registry::keys::KeyRole;
use vitte_package::registry::location::Location;
use vitte_package::serve::{Questions, Server};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::RegistryId;

/// Begin, check and trust registries
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package registry init reg\n  vitte package registry list")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Begin a registry in a folder: keys, trust root and an empty log
    #[command(
        before_help = "Examples:\n  vitte package registry init reg\n  vitte package registry init reg --id packages.example.org/"
    )]
    Init {
        /// The folder; it may not exist yet, or must be empty
        dir: PathBuf,
        /// Its id, a host and path without scheme; without it, one made from its root key
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
    /// Check everything in a registry: log, index, namespaces, proofs and archives
    #[command(
        before_help = "Examples:\n  vitte package registry verify reg\n  vitte package registry verify reg --json"
    )]
    Verify {
        /// The folder
        dir: PathBuf,
    },
    /// Serve a registry's folder over HTTP, for reading: to a team, to browsers
    #[command(
        before_help = "Examples:\n  vitte package registry serve-static reg\n  vitte package registry serve-static reg --port 8000 --host 0.0.0.0"
    )]
    ServeStatic {
        /// The folder
        dir: PathBuf,
        /// The port; 0 takes one that is free
        #[arg(long, value_name = "PORT", default_value = "7878")]
        port: u16,
        /// The address to listen on; without it, only this machine is answered
        #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
        host: IpAddr,
        /// Also answer questions about many index files at once, which saves clients most of their requests
        #[arg(long)]
        batch: bool,
    },
    /// Trust a registry whose trust root has this digest
    #[command(
        before_help = "Examples:\n  vitte package registry add reg --trust-root-sha256 \"$(sha256sum < reg/trust/1.json | cut -c1-64)\""
    )]
    Add {
        /// The registry: a folder or an address
        registry: String,
        /// SHA-256 of its first trust root, `trust/1.json`, as its owner gives it, with or without `sha256:`; without it, you are shown the one it
        /// offers and asked
        #[arg(long, value_name = "HEX")]
        trust_root_sha256: Option<String>,
    },
    /// Back up the signing keys of a registry of your own, and restore them
    #[command(
        before_help = "Examples:\n  vitte package registry key export reg --out registry-keys.pem\n  vitte package registry key import registry-keys.pem"
    )]
    Key {
        #[command(subcommand)]
        action: KeyAction,
    },
    /// Trust a registry no longer, and forget what was seen of it
    #[command(
        before_help = "Examples:\n  vitte package registry remove packages.example.org/\n  vitte package registry remove reg --yes"
    )]
    Remove {
        /// The registry: its id as `registry list` shows it, a folder or an address
        registry: String,
    },
    /// List the registries you trust
    #[command(before_help = "Examples:\n  vitte package registry list\n  vitte package registry list --json")]
    List,
    /// Replace keys of a registry of your own, and log the next trust root
    ///
    /// A log or index key that is replaced counts until the next rotation; without any of the three flags, such keys
    /// are dropped.
    #[command(
        before_help = "Examples:\n  vitte package registry rotate reg --log --yes\n  vitte package registry rotate reg --yes"
    )]
    Rotate {
        /// The folder
        dir: PathBuf,
        /// Draw a new root key
        #[arg(long)]
        root: bool,
        /// Draw a new log key
        #[arg(long)]
        log: bool,
        /// Draw a new index key
        #[arg(long)]
        index: bool,
    },
}

#[derive(Debug, clap::Subcommand)]
enum KeyAction {
    /// Write the three keys to a file, encrypted with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD
    #[command(
        before_help = "Examples:\n  vitte package registry key export reg --out registry-keys.pem\n  vitte package registry key export packages.example.org/ --out registry-keys.pem"
    )]
    Export {
        /// The registry's folder, or its id
        registry: String,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Restore the keys from such a file
    #[command(before_help = "Examples:\n  vitte package registry key import registry-keys.pem")]
    Import {
        /// The file; only its owner may be able to read it
        file: PathBuf,
    },
}

/// The answer of `registry key export`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct KeysExported<'a> {
    /// The registry's id.
    registry: &'a RegistryId,
    /// The file that was written.
    out: &'a Path,
}

/// The answer of `registry key import`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct KeysImported<'a> {
    /// The registry's id.
    registry: &'a RegistryId,
    /// The folder the keys are in.
    keys: String,
}

/// The answer of `registry init`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Begun<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// Its folder, as it was given.
    directory: &'a Path,
    /// The digest of its trust root, which others have to be told.
    trust_root: Digest,
}

/// The answer of `registry verify`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Verified<'a> {
    /// Its id.
    registry: &'a str,
    /// The digest of its trust root.
    trust_root: Digest,
    /// How many entries its log has.
    entries: u64,
    /// The root of the log.
    root: Digest,
    /// How many namespaces it has.
    namespaces: usize,
    /// How many packages.
    packages: usize,
    /// How many artifacts.
    artifacts: usize,
    /// Files that a writer who was stopped has left; the next one finishes them.
    unfinished: u64,
}

/// The answer of `registry serve-static`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Served<'a> {
    /// The folder, as it was given.
    directory: &'a Path,
    /// The address it is served at.
    url: &'a str,
}

/// The answer of `registry add`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Added<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The digest of the trust root that is believed.
    trust_root: Digest,
}

/// The answer of `registry remove`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Removed<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The folder of what it signed against itself, which stays; none if there is nothing.
    evidence: Option<&'a Path>,
}

/// The answer of `registry list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Believed<'a> {
    /// The registries that are trusted.
    registries: Vec<BelievedRow<'a>>,
    /// Those that the manifest of the project here pins, which are trusted for it only.
    pinned: Vec<PinnedRow<'a>>,
}

/// A registry that a project pins.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PinnedRow<'a> {
    /// What the manifest calls it.
    name: &'a str,
    /// Where it is.
    address: &'a str,
    /// The digest of its first trust root.
    trust_root: Digest,
}

/// A registry that is trusted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BelievedRow<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The version of its trust root.
    version: u64,
    /// The digest of its trust root.
    trust_root: Digest,
    /// How many entries its log had when it was last seen.
    entries: Option<u64>,
    /// Whether its keys are one's own.
    own: bool,
    /// Where it is, if it was added with an address.
    address: Option<&'a str>,
}

/// The answer of `registry rotate`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Rotated<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The version of the new trust root.
    version: u64,
    /// Its entry in the log.
    log: u64,
    /// Its digest.
    trust_root: Digest,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Init { dir, id } => {
            let begun = registry::init(env, &folder(env, &dir)?, id.as_deref())?;
            let digest = begun.trust_root.to_string();
            ui.done(words::begun(&dir.display().to_string(), begun.registry.as_str()));
            let keys = env.shorten(&begun.keys).display().to_string();
            ui.say(words::begun_keys(&keys, &dir.display().to_string()));
            ui.say(words::begun_pin(&dir.display().to_string(), &digest));
            ui.answer(&Begun { registry: &begun.registry, directory: &dir, trust_root: begun.trust_root });
        }
        Action::Verify { dir } => {
            refuse_address(&dir)?;
            let audit = registry::verify(env, &dir, ui.reporter())?;
            ui.done(words::audit_good(&dir.display().to_string(), &audit.registry));
            ui.note(words::audit_counts(
                audit.entries,
                audit.namespaces as u64,
                audit.packages as u64,
                audit.artifacts as u64,
            ));
            if audit.unfinished > 0 {
                ui.say(words::audit_unfinished(audit.unfinished));
            }
            ui.answer(&Verified {
                registry: &audit.registry,
                trust_root: audit.trust_root,
                entries: audit.entries,
                root: audit.root,
                namespaces: audit.namespaces,
                packages: audit.packages,
                artifacts: audit.artifacts,
                unfinished: audit.unfinished,
            });
        }
        Action::ServeStatic { dir, port, host, batch } => {
            let questions = if batch { Questions::Answered } else { Questions::Ignored };
            let root = folder(env, &dir)?;
            vitte_package::registry::client::read_config(&Directory::new(&root))?;
            let server = Server::bind(&root, SocketAddr::new(host, port), questions)?;
            let url = format!("http://{}/", server.address()?);
            ui.answer_now(&Served { directory: &dir, url: &url });
            ui.line(network::serving(&dir.display().to_string(), &url));
            ui.say(network::serving_stop());
            server.run();
        }
        Action::Add { registry: given, trust_root_sha256 } => {
            let location = Location::parse(&given, env)?;
            let pin = match trust_root_sha256 {
                Some(given) => Digest::from_people(&given)?,
                None => match offered(env, &location, ui)? {
                    Some(digest) => digest,
                    None => return Ok(ui.declined()),
                },
            };
            let id = registry::add(env, &location, &pin)?;
            ui.done(words::registry_added(id.as_str()));
            ui.answer(&Added { registry: &id, trust_root: pin });
        }
        Action::Key { action: KeyAction::Export { registry: given, out } } => {
            let passphrase = Asking { env, ui }.chosen(&given)?;
            let id = registry::export_keys(env, &given, &out, &passphrase)?;
            ui.done(words::registry_keys_exported(id.as_str(), &out.display().to_string()));
            ui.answer(&KeysExported { registry: &id, out: &out });
        }
        Action::Key { action: KeyAction::Import { file } } => {
            let (id, folder) = registry::import_keys(env, &file, &mut Asking { env, ui })?;
            let folder = env.shorten(&folder).display().to_string();
            ui.done(words::registry_keys_imported(id.as_str(), &folder));
            ui.answer(&KeysImported { registry: &id, keys: folder });
        }
        Action::Remove { registry: given } => {
            let state = registry::find_trusted(env, &given)?;
            let id = state.registry();
            if !ui.confirm(&words::registry_remove_question(id.as_str()), "--yes")? {
                ui.say(words::registry_kept(id.as_str()));
                return Ok(Exit::Failed);
            }
            let evidence = registry::remove(&state)?;
            ui.done(words::registry_removed(id.as_str()));
            if let Some(folder) = &evidence {
                ui.say(words::registry_evidence_stays(&folder.display().to_string()));
            }
            ui.answer(&Removed { registry: id, evidence: evidence.as_deref() });
        }
        Action::List => list(env, ui)?,
        Action::Rotate { dir, root, log, index } => {
            let asked = [(KeyRole::Root, root), (KeyRole::Log, log), (KeyRole::Index, index)];
            let roles = asked.into_iter().filter(|(_, asked)| *asked).map(|(role, _)| role).collect();
            if !ui.confirm(&words::confirm_trust_root(&dir.display().to_string()), "--yes")? {
                return Ok(ui.declined());
            }
            let rotated = registry::rotate(env, &folder(env, &dir)?, &roles, ui.reporter())?;
            ui.done(words::rotated(rotated.registry.as_str(), rotated.version, rotated.log));
            if log || index {
                ui.say(words::rotated_overlap(&dir.display().to_string()));
            }
            ui.answer(&Rotated {
                registry: &rotated.registry,
                version: rotated.version,
                log: rotated.log,
                trust_root: rotated.trust_root,
            });
        }
    }
    Ok(Exit::Ok)
}

fn list(env: &Env, ui: &mut Ui) -> Result<(), Error> {
    let believed = registry::list(env)?;
    let mut rows = Vec::with_capacity(believed.len());
    for one in &believed {
        let (id, digest) = (one.registry.as_str(), one.trust_root.to_string());
        ui.line(words::believed(id, one.version, &digest));
        if let Some(address) = &one.address {
            ui.line(format!("  {}", words::believed_at(address)));
        }
        ui.line(format!("  {}", words::believed_seen(one.entries.unwrap_or(0))));
        if one.is_own {
            ui.line(format!("  {}", words::believed_own()));
        }
        rows.push(BelievedRow {
            registry: &one.registry,
            version: one.version,
            trust_root: one.trust_root,
            entries: one.entries,
            own: one.is_own,
            address: one.address.as_deref(),
        });
    }
    let pinned = registry::pinned(env)?;
    let mut pins = Vec::with_capacity(pinned.len());
    for one in &pinned {
        ui.line(words::believed_pinned(&one.name, &one.place, &one.trust_root.to_string()));
        ui.line(format!("  {}", words::believed_pinned_note()));
        pins.push(PinnedRow { name: &one.name, address: &one.place, trust_root: one.trust_root });
    }
    if believed.is_empty() && pinned.is_empty() {
        ui.say(words::believed_none());
        ui.say(words::believed_none_help());
    }
    ui.answer(&Believed { registries: rows, pinned: pins });
    Ok(())
}

/// The folder that is meant: an address is none.
fn folder(env: &Env, dir: &Path) -> Result<PathBuf, Error> {
    match dir.to_str() {
        Some(given) => Location::parse(given, env)?.directory(),
        None => Ok(env.resolve(dir)),
    }
}

/// Looking through every file takes a folder; of an address the log can be replayed.
fn refuse_address(dir: &Path) -> Result<(), Error> {
    match dir.to_str().filter(|given| given.contains("://") && !given.starts_with("file:")) {
        None => Ok(()),
        Some(url) => {
            let fault = Diagnostic::new(Code::Usage, words::verify_address(url));
            Err(fault.help(words::verify_address_help(url)).into())
        }
    }
}

/// The trust root a registry offers, if the user says that it is the right one. With nobody to ask it is not.
fn offered(env: &Env, location: &Location, ui: &mut Ui) -> Result<Option<Digest>, Error> {
    let name = location.to_string();
    let Some((id, digest)) = registry::offered(env, location)? else {
        let path = vitte_package_core::registry::layout::trust_root(1);
        let fault = Diagnostic::new(Code::RegistryLayout, words::registry_layout(&name, &path));
        return Err(fault.into());
    };
    if meeting(ui)(&name, &id, &digest)? {
        return Ok(Some(digest));
    }
    if ui.can_ask() {
        return Ok(None);
    }
    let fault = Diagnostic::new(Code::UntrustedRegistry, words::registry_untrusted(id.as_str()));
    Err(fault.help(words::registry_untrusted_help(&name, &digest.to_string())).into())
}
