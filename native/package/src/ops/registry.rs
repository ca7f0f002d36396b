//! Registries of one's own: beginning one, checking one, believing one.

use crate::dependencies::{RegistryChoice, project_pins};
use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access};
use crate::keys::{Passphrase, PassphraseSource, check_private};
use crate::message::registry as text;
use crate::project::Project;
use crate::registry::audit::{self, Audit, Scope};
use crate::registry::read::client::{ProjectPin, open_source, read_config};
use crate::registry::read::directory::Directory;
use crate::registry::read::known;
use crate::registry::read::location::Location;
use crate::registry::read::log_files::LogFiles;
pub use crate::registry::read::pinning::{Accepted, accept, add, offered};
use crate::registry::read::source::RegistrySource;
use crate::registry::read::state::{SeenLog, TrustState};
use crate::registry::write::directory::DirectoryWriter;
use crate::registry::write::keys::{BACKUP_LEN, KeyRole, RegistryKeys};
use crate::registry::write::sequencer::{LOCK, Sequencer, stale_copy};
use crate::registry::write::{Draft, RegistryWriter};
use crate::report::Reporter;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::Checkpoint;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::log::note::{IndexKey, LogKey};
use vitte_package_core::log::policy::LogPolicy;
use vitte_package_core::log::proof::LogTiles;
use vitte_package_core::registry::{RegistryConfig, Submission, TrustRoot, VerifiedTrustRoot, layout};
use vitte_package_core::sign::{Envelope, PublicKey, RegistryId, dsse};
use zeroize::Zeroizing;

/// A registry that was created.
#[derive(Clone, Debug)]
pub struct NewRegistry {
    /// Its id.
    pub registry: RegistryId,
    /// Digest of its trust root: what others pin.
    pub trust_root: Digest,
    /// The folder of its signing keys.
    pub keys: PathBuf,
}

/// Begins a registry in an empty folder: keys, trust root, log with the genesis entry; trusted by this user.
///
/// Without an id it is called after its root key, `local/<first 16 digits of the key id>/`.
///
/// # Errors
/// `registry-exists` when the folder holds a registry or anything else, `key-exists` when there are keys for that id already;
/// `io`, `no-space`.
pub fn init(env: &Env, folder: &Path, id: Option<&str>) -> Result<NewRegistry, Error> {
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
    let log = LogKey::new(&LogKey::name_of(&registry), keys.log.public())?;
    let index = IndexKey::new(&IndexKey::name_of(&registry), keys.index.public())?;
    let root = TrustRoot::first(registry.clone(), issued, keys.root.public(), &log, index);
    let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload()?, &[&keys.root])?;
    let trust = VerifiedTrustRoot::self_signed(envelope.as_bytes())?;
    fs::create_folder(directory.root())?;
    // In version control its bytes must stay as they were signed.
    fs::write_new(&directory.file(".gitattributes"), b"* -text\n", Access::Shared)?;
    directory.write(&layout::trust_root(1), trust.envelope())?;
    let mut sequencer = Sequencer::begin(directory.clone(), keys, trust.clone())?;
    let genesis = Leaf {
        subject: Subject::Genesis { registry: registry.clone() },
        time: sequencer.time(),
        prev: None,
        envelopes: vec![String::from_utf8_lossy(trust.envelope()).into_owned()],
    };
    sequencer.append(&[genesis])?;
    sequencer.derive()?;
    // What makes the folder a registry comes last.
    directory.write(layout::CONFIG, &RegistryConfig::directory(registry.clone()).to_bytes())?;
    let state = TrustState::of(&home, &registry);
    state.pin(&trust, &BTreeSet::from([trust.digest()]))?;
    known::remember(&state, &Location::Directory(directory.root().to_owned()), &trust.digest())?;
    let keys = RegistryKeys::folder(&home, &registry);
    Ok(NewRegistry { trust_root: trust.digest(), registry, keys })
}

fn check_empty(directory: &Directory) -> Result<(), Error> {
    let name = directory.name();
    if directory.read(layout::CONFIG, u64::MAX)?.is_some() {
        return Err(Diagnostic::new(Code::RegistryExists, text::registry_exists(&name)).into());
    }
    if !directory.root().exists() {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(directory.root()).on(IoAction::List, directory.root())?;
    // A repository that has nothing in it yet is a good place for one.
    let unimportant =
        |name: &std::ffi::OsStr| [LOCK, ".git", ".gitattributes"].iter().any(|own| name == *own);
    if entries.any(|entry| entry.is_ok_and(|entry| !unimportant(&entry.file_name()))) {
        return Err(Diagnostic::new(Code::RegistryExists, text::registry_not_empty(&name)).into());
    }
    Ok(())
}

/// A registry that this user trusts.
#[derive(Clone, Debug)]
pub struct TrustedRegistry {
    /// Its id.
    pub registry: RegistryId,
    /// Number of the newest trust root that was checked.
    pub version: u64,
    /// Digest of that trust root.
    pub trust_root: Digest,
    /// Entries of the newest log that was seen; none before the first look.
    pub entries: Option<u64>,
    /// Whether this user holds the keys to write to it.
    pub is_own: bool,
    /// Where it is, if that is known.
    pub address: Option<String>,
}

/// The registries this user trusts, by id.
///
/// # Errors
/// `trust-root` when what is remembered of one was altered; `io`.
pub fn list(env: &Env) -> Result<Vec<TrustedRegistry>, Error> {
    let home = env.vitte_home()?;
    let mut trusted = Vec::new();
    for state in TrustState::all(&home)? {
        let Some(trust) = state.trust_root()? else { continue };
        let entries = match state.checkpoint(&trust)? {
            SeenLog::Log(seen) => Some(seen.size()),
            SeenLog::Nothing | SeenLog::Dropped(_) => None,
        };
        trusted.push(TrustedRegistry {
            registry: state.registry().clone(),
            version: trust.root().version,
            trust_root: trust.digest(),
            entries,
            is_own: RegistryKeys::folder(&home, state.registry()).exists(),
            address: known::address(&state)?,
        });
    }
    Ok(trusted)
}

/// A registry that the manifest of a project pins.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// What the manifest calls it.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// The digest of its first trust root.
    pub trust_root: Digest,
}

/// The registries that the project of the working folder pins; none outside of a project.
///
/// # Errors
/// Every fault of the manifest.
pub fn pinned(env: &Env) -> Result<Vec<Pinned>, Error> {
    if !Project::is_near(env) {
        return Ok(Vec::new());
    }
    let pins = project_pins(env, &Project::find_any(env, None)?)?;
    let one = |(place, pin): (Location, Option<ProjectPin>)| {
        pin.map(|pin| Pinned { name: pin.name, place: place.to_string(), trust_root: pin.trust_root })
    };
    Ok(pins.into_iter().filter_map(one).collect())
}

/// A trust root that took the place of another.
#[derive(Clone, Debug)]
pub struct Rotated {
    /// The registry.
    pub registry: RegistryId,
    /// Number of the new trust root.
    pub version: u64,
    /// Its log index.
    pub log: u64,
    /// Its digest.
    pub trust_root: Digest,
}

/// Draws new keys for these roles and logs the next trust root, signed by the root keys of both. A log or index key
/// that is replaced stays listed with the new one until the next rotation, so that nobody meets a signature by a
/// key that is not trusted any more. Without any role, only keys that were replaced before are dropped.
///
/// # Errors
/// `forbidden`, `busy`, `consistency` as publishing; `io`, `no-space`. Stopped at any moment, the next writer ends it
/// or it never happened.
pub fn rotate(
    env: &Env,
    folder: &Path,
    roles: &BTreeSet<KeyRole>,
    reporter: &dyn Reporter,
) -> Result<Rotated, Error> {
    // A trust root that was logged and whose file was not written comes first, so that its keys are taken up.
    let mut writer = DirectoryWriter::open(env, Directory::new(env.resolve(folder)))?;
    writer.recover(reporter)?;
    let (registry, trust) = (writer.registry().clone(), writer.trust().clone());
    let keys = RegistryKeys::load(&env.vitte_home()?, &registry)?;
    let log_key = |key| LogKey::new(&LogKey::name_of(&registry), key);
    let index_key = |key| IndexKey::new(&IndexKey::name_of(&registry), key);
    let mut logs = vec![log_key(keys.log.public())?];
    let mut indexes = vec![index_key(keys.index.public())?];
    let mut root = TrustRoot {
        version: trust.root().version + 1,
        prev: Some(trust.digest()),
        issued: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        ..trust.root().clone()
    };
    let mut signers = vec![keys.root.clone()];
    for role in roles {
        let key = keys.draw_next(*role)?;
        match role {
            KeyRole::Root => {
                root.keys.retain(|known| *known != keys.root.public());
                root.keys.push(key.public());
                root.keys.sort_by_key(PublicKey::id);
                signers.push(key);
            }
            KeyRole::Log => logs.insert(0, log_key(key.public())?),
            KeyRole::Index => indexes.insert(0, index_key(key.public())?),
        }
    }
    let lines: String = logs.iter().map(|log| format!("log {log}\n")).collect();
    root.log_policy = LogPolicy::parse(&format!("{lines}quorum none\n"))?;
    root.index = indexes;
    let signers: Vec<_> = signers.iter().collect();
    let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload()?, &signers)?;
    let trust_root = Digest::of(envelope.as_bytes());
    let submission = Submission { trust_root: Some(envelope), ..Submission::default() };
    let plan = writer.plan(Draft { submission, ..Draft::default() })?;
    let receipt = writer.submit(plan, reporter)?;
    Ok(Rotated { registry, version: root.version, log: receipt.first, trust_root })
}

/// Checks everything in a registry: log, tiles, index, namespaces, proofs, archives.
///
/// # Errors
/// Every fault found, together.
pub fn verify(env: &Env, folder: &Path, reporter: &dyn Reporter) -> Result<Audit, Error> {
    let directory = Directory::new(env.resolve(folder));
    let audit = audit::audit(&directory, Scope::Archives(&directory), reporter)?;
    check_pin(env, &directory, &audit)?;
    check_signed(env, &directory, &audit)?;
    Ok(audit)
}

/// Where this user has the registry's keys, the folder holds what they signed last, or what a writer who was stopped
/// was about to sign; else it is an older copy.
fn check_signed(env: &Env, directory: &Directory, audit: &Audit) -> Result<(), Error> {
    let (home, registry) = (env.vitte_home()?, RegistryId::parse(&audit.registry)?);
    let Some(signed) = RegistryKeys::signed_last(&home, &registry)? else { return Ok(()) };
    if signed.size < audit.entries || (signed.size == audit.entries && signed.root == audit.root) {
        return Ok(());
    }
    let fault = |reason: String| -> Error {
        let reason = Diagnostic::new(Code::Consistency, reason).into();
        stale_copy(&reason, &directory.name(), &RegistryKeys::signed_file(&home, &registry))
    };
    if signed.size == audit.entries {
        return Err(fault(text::same_size_other_root(signed.size)));
    }
    let mut tiles = LogTiles::new(&Checkpoint::new("", signed.size, signed.root));
    let unfinished = LogFiles::new(directory, signed.size).prove(&mut tiles, &[]);
    unfinished.map_err(|_| fault(text::registry_older(audit.entries, signed.size)))
}

/// The keys of a registry of one's own, to be kept elsewhere: `given` is its folder, or its id where that is lost.
///
/// # Errors
/// `forbidden` when this user has none; `file-exists` kin when `out` is there; `key-permissions`, `io`.
pub fn export_keys(env: &Env, given: &str, out: &Path, passphrase: &Passphrase) -> Result<RegistryId, Error> {
    let directory = Directory::new(env.resolve(given));
    let registry = match directory.read(layout::CONFIG, 64 * 1024)? {
        Some(_) => read_config(&directory)?.registry,
        None => RegistryId::parse(given)?,
    };
    let keys = RegistryKeys::load(&env.vitte_home()?, &registry)?;
    let text = keys.export(&registry, passphrase)?;
    let out = env.resolve(out);
    match fs::write_new(&out, text.as_bytes(), Access::Private)? {
        true => Ok(registry),
        false => {
            let message = text::registry_backup_exists(&out.display().to_string());
            Err(Diagnostic::new(Code::KeyExists, message).into())
        }
    }
}

/// Takes the keys of a registry from a backup. Gives its id and their folder.
///
/// # Errors
/// As [`RegistryKeys::import`]; `key-permissions` when others may read the file.
pub fn import_keys(
    env: &Env,
    file: &Path,
    source: &mut dyn PassphraseSource,
) -> Result<(RegistryId, PathBuf), Error> {
    let (path, home) = (env.resolve(file), env.vitte_home()?);
    check_private(&path)?;
    let text = Zeroizing::new(fs::read_text(&path, BACKUP_LEN)?);
    let (registry, _) =
        RegistryKeys::import(&text, source, &home).map_err(|error| error.in_file(file.to_path_buf()))?;
    let folder = RegistryKeys::folder(&home, &registry);
    Ok((registry, folder))
}

/// Replays the log alone, and compares index and namespaces with it: what a monitor does.
///
/// # Errors
/// Every fault found, together; network faults.
pub fn monitor(env: &Env, registry: &RegistryChoice, reporter: &dyn Reporter) -> Result<Audit, Error> {
    let source = open_source(env, &registry.location)?;
    let audit = audit::audit(&*source, Scope::Log, reporter)?;
    check_pin(env, &*source, &audit)?;
    if let Some(pin) = &registry.pin {
        let first = source.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64)?.unwrap_or_default();
        VerifiedTrustRoot::pinned(&first, &pin.trust_root)?;
    }
    Ok(audit)
}

/// Where the registry is known here, it must be the known one: the trust root that is trusted, whichever it is of its
/// line, is one of those the audit found.
fn check_pin(env: &Env, source: &dyn RegistrySource, audit: &Audit) -> Result<(), Error> {
    let registry = RegistryId::parse(&audit.registry)?;
    let Some(known) = TrustState::of(&env.vitte_home()?, &registry).trust_root()? else { return Ok(()) };
    let there = source.read(&layout::trust_root(known.root().version), limits::ENVELOPE_LEN as u64)?;
    if there.map(|envelope| Digest::of(&envelope)) != Some(known.digest()) {
        let message = text::registry_pinned(&audit.registry, &known.digest().to_string());
        return Err(Diagnostic::new(Code::TrustRoot, message).into());
    }
    Ok(())
}

/// What is known of the registry that a user means: by its id, as `registry list` shows it, or by where it is.
///
/// # Errors
/// `not-found` when no trusted registry matches.
pub fn find_trusted(env: &Env, given: &str) -> Result<TrustState, Error> {
    let all = TrustState::all(&env.vitte_home()?)?;
    let by_id = |id: &str| all.iter().find(|state| state.registry().as_str() == id).cloned();
    let found = by_id(given).or_else(|| by_id(&format!("{given}/"))).or_else(|| {
        let source = open_source(env, &Location::parse(given, env).ok()?).ok()?;
        by_id(read_config(&*source).ok()?.registry.as_str())
    });
    found.ok_or_else(|| {
        let fault = Diagnostic::new(Code::NotFound, text::registry_not_trusted(given));
        fault.help(text::registry_list_help()).into()
    })
}

/// Trusts a registry no longer, and forgets what was seen of it. What it signed against itself stays; gives the
/// folder of that.
///
/// # Errors
/// `busy`, `io`.
pub fn remove(state: &TrustState) -> Result<Option<PathBuf>, Error> {
    state.forget()
}
