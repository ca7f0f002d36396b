//! Registries of one's own: beginning one, checking one, believing one.

use crate::env::Env;
use crate::error::{Doing, Error, IoContext};
use crate::fs;
use crate::registry::audit::{self, Audit, Depth};
use crate::registry::client::{open_source, read_config};
use crate::registry::derive::{KnownArchives, derive};
use crate::registry::directory::Directory;
use crate::registry::keys::RegistryKeys;
use crate::registry::location::Location;
use crate::registry::sequencer::{LOCK, Sequencer, read_trust_root};
use crate::registry::source::Source as _;
use crate::registry::state::TrustState;
use crate::report::Reporter;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{RegistryConfig, locate};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::log::note::{IndexKey, LogKey};
use vitte_package_core::message::registry as text;
use vitte_package_core::sign::{Envelope, RegistryId, TrustRoot, VerifiedTrustRoot, dsse};

/// A registry that was begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its id.
    pub registry: RegistryId,
    /// Digest of its trust root: what others pin.
    pub trust_root: Digest,
}

/// Begins a registry in an empty folder: keys, trust root, log with the genesis entry; believed by this user.
///
/// Without an id it is called after its root key, `local/<first 16 digits of the key id>/`.
///
/// # Errors
/// `registry-exists` when the folder holds a registry or anything else, `key-exists` when there are keys for that id already;
/// `io`, `no-space`.
pub fn init(env: &Env, folder: &Path, id: Option<&str>) -> Result<Begun, Error> {
    let directory = Directory::new(env.resolve(folder));
    check_empty(&directory)?;
    let home = env.vitte_home()?;
    let keys = RegistryKeys::draw()?;
    let registry = match id {
        Some(id) => RegistryId::parse(id)?,
        None => {
            let key: String = keys.root.id().to_string().chars().take(16).collect();
            RegistryId::parse(&format!("local/{key}/"))?
        }
    };
    let keys = keys.store(&home, &registry)?;
    let issued = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let log = LogKey::new(&TrustRoot::log_origin(&registry), keys.log.public())?;
    let index = IndexKey::new(&TrustRoot::index_key_name(&registry), keys.index.public())?;
    let root = TrustRoot::first(registry.clone(), issued, keys.root.public(), &log, index);
    let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload()?, &[&keys.root])?;
    let trust = VerifiedTrustRoot::own(envelope.as_bytes())?;
    fs::create_folder(directory.root())?;
    directory.write(&locate::trust_root(1), trust.envelope())?;
    let mut sequencer = Sequencer::begin(directory.clone(), keys, trust.clone())?;
    let genesis = Leaf {
        subject: Subject::Genesis { registry: registry.clone() },
        time: sequencer.time(),
        prev: None,
        envelopes: vec![String::from_utf8_lossy(trust.envelope()).into_owned()],
    };
    sequencer.append(&[genesis])?;
    derive(&sequencer, &KnownArchives::new())?;
    // What makes the folder a registry comes last.
    directory.write(locate::CONFIG, &RegistryConfig::directory(registry.clone()).to_bytes())?;
    TrustState::of(&home, &registry).pin(&trust)?;
    Ok(Begun { trust_root: trust.digest(), registry })
}

fn check_empty(directory: &Directory) -> Result<(), Error> {
    let name = directory.name();
    if directory.read(locate::CONFIG, u64::MAX)?.is_some() {
        return Err(Diagnostic::new(Code::RegistryExists, text::registry_exists(&name)).into());
    }
    if !directory.root().exists() {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(directory.root()).doing(Doing::List, directory.root())?;
    if entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != LOCK)) {
        return Err(Diagnostic::new(Code::RegistryExists, text::registry_not_empty(&name)).into());
    }
    Ok(())
}

/// Checks everything in a registry: log, tiles, index, namespaces, proofs, archives.
///
/// # Errors
/// Every fault found, together.
pub fn verify(env: &Env, folder: &Path, reporter: &dyn Reporter) -> Result<Audit, Error> {
    let directory = Directory::new(env.resolve(folder));
    let audit = audit::audit(&directory, Depth::Archives(&directory), reporter)?;
    check_pin(env, &audit)?;
    Ok(audit)
}

/// Replays the log alone, and compares index and namespaces with it: what a monitor does.
///
/// # Errors
/// Every fault found, together; network faults.
pub fn monitor(env: &Env, location: &Location, reporter: &dyn Reporter) -> Result<Audit, Error> {
    let source = open_source(env, location)?;
    let audit = audit::audit(&*source, Depth::Log, reporter)?;
    check_pin(env, &audit)?;
    Ok(audit)
}

/// Where the registry is known here, it must be the known one.
fn check_pin(env: &Env, audit: &Audit) -> Result<(), Error> {
    let registry = RegistryId::parse(&audit.registry)?;
    let Some(known) = TrustState::of(&env.vitte_home()?, &registry).trust_root()? else { return Ok(()) };
    if known.root().version == 1 && known.digest() != audit.trust_root {
        let message = text::registry_pinned(&audit.registry, &known.digest().to_string());
        return Err(Diagnostic::new(Code::TrustRoot, message).into());
    }
    Ok(())
}

/// The id and first trust root that the registry at a location offers; `None` when it has no trust root.
///
/// # Errors
/// As reading `config.json` of a registry; network faults.
pub fn offered(env: &Env, location: &Location) -> Result<Option<(RegistryId, Digest)>, Error> {
    let source = open_source(env, location)?;
    let id = read_config(&*source)?.registry;
    let first = source.read(&locate::trust_root(1), limits::ENVELOPE_LEN as u64)?;
    Ok(first.map(|first| (id, Digest::of(&first))))
}

/// Believes a registry whose first trust root has this digest.
///
/// # Errors
/// `trust-root` when it has another, `registry-layout` when there is none, `trust-root-rollback` when another one is
/// pinned; `io`.
pub fn add(env: &Env, location: &Location, pin: &Digest) -> Result<RegistryId, Error> {
    let source = open_source(env, location)?;
    let config = read_config(&*source)?;
    let path = locate::trust_root(1);
    let first = source.read(&path, limits::ENVELOPE_LEN as u64)?.unwrap_or_default();
    VerifiedTrustRoot::pinned(&first, pin).map_err(|error| source.about(error.into(), &path))?;
    let newest = read_trust_root(&*source, &config.registry)?;
    TrustState::of(&env.vitte_home()?, &config.registry).pin(&newest)?;
    Ok(config.registry)
}
