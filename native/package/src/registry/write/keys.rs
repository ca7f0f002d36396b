//! The keys of a registry of one's own, and what its log key signed last.
//!
//! They lie apart from the registry's files: whoever copies or restores the folder does not get the right to sign,
//! and an older copy of the folder is noticed before anything is signed twice.

use crate::error::Error;
use crate::fs::{self, Access};
use crate::keys::{
    Passphrase, PassphraseSource, check_private, decrypt, encrypt, random_key, read_secret_pem,
};
use crate::message::registry as text;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::json::{Json, JsonError};
use vitte_package_core::registry::{SignedHead, TrustRoot};
use vitte_package_core::sign::{RegistryId, SecretKey};
use zeroize::Zeroizing;

/// What a key of a registry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyRole {
    /// Signs trust roots.
    Root,
    /// Signs checkpoints.
    Log,
    /// Signs index files.
    Index,
}

impl KeyRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Root, Self::Log, Self::Index];

    /// Its name: of its file, and for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Log => "log",
            Self::Index => "index",
        }
    }
}

/// The file that says what was signed last.
const SIGNED: &str = "signed.json";
/// The first line of a backup of the keys.
const BACKUP: &str = "vitte-registry-keys 1";
/// The last line of a key in it.
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// Bytes of a backup at most.
pub const BACKUP_LEN: u64 = 64 * 1024;

/// The three keys of a registry. One key, one purpose.
#[derive(Clone, Debug)]
pub struct RegistryKeys {
    folder: PathBuf,
    /// Signs trust roots.
    pub root: SecretKey,
    /// Signs checkpoints.
    pub log: SecretKey,
    /// Signs index files.
    pub index: SecretKey,
}

impl RegistryKeys {
    /// Draws new keys. They are on no disk yet.
    ///
    /// # Errors
    /// `io` when the system has no randomness.
    pub fn draw() -> Result<Self, Error> {
        Ok(Self { folder: PathBuf::new(), root: random_key()?, log: random_key()?, index: random_key()? })
    }

    /// Where the keys of a registry are: its id with `_` for each `/`.
    pub fn folder(vitte_home: &Path, registry: &RegistryId) -> PathBuf {
        vitte_home.join("keys").join("registry").join(registry.as_str().replace('/', "_"))
    }

    /// Stores the keys for the registry they are for.
    ///
    /// # Errors
    /// `key-exists` when there are keys for that registry already; `io`, `no-space`.
    pub fn store(mut self, vitte_home: &Path, registry: &RegistryId) -> Result<Self, Error> {
        self.folder = Self::folder(vitte_home, registry);
        fs::create_private_folder(&vitte_home.join("keys"))?;
        fs::create_private_folder(&vitte_home.join("keys").join("registry"))?;
        fs::create_private_folder(&self.folder)?;
        for (name, key) in [("root", &self.root), ("log", &self.log), ("index", &self.index)] {
            let path = self.folder.join(format!("{name}.pem"));
            if !fs::write_new(&path, key.to_pkcs8_pem().as_bytes(), Access::Private)? {
                let path = path.display().to_string();
                return Err(Diagnostic::new(Code::KeyExists, text::registry_key_exists(&path)).into());
            }
        }
        Ok(self)
    }

    /// Reads the keys of a registry.
    ///
    /// # Errors
    /// `forbidden` when this user has none: others only read; `key-permissions`, `key-syntax`, `io`.
    pub fn load(vitte_home: &Path, registry: &RegistryId) -> Result<Self, Error> {
        let folder = Self::folder(vitte_home, registry);
        if !folder.join("log.pem").exists() {
            let place = folder.display().to_string();
            let diagnostic =
                Diagnostic::new(Code::Forbidden, text::registry_no_keys(registry.as_str(), &place));
            return Err(diagnostic.help(text::registry_no_keys_help()).into());
        }
        check_private(&folder)?;
        let read = |name: &str| -> Result<SecretKey, Error> {
            let path = folder.join(format!("{name}.pem"));
            let pem = read_secret_pem(&path)?;
            SecretKey::from_pkcs8_pem(&pem).map_err(|error| Error::from(error).in_file(&path))
        };
        Ok(Self { root: read("root")?, log: read("log")?, index: read("index")?, folder: folder.clone() })
    }

    /// The file of a key that is to take the place of `role` when a trust root lists it.
    fn next(&self, role: KeyRole) -> PathBuf {
        self.folder.join(format!("{}.next.pem", role.as_str()))
    }

    /// Draws a key that is to take the place of another. It is on the disk, and not used yet. One that was drawn before
    /// and never listed is gone.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn draw_next(&self, role: KeyRole) -> Result<SecretKey, Error> {
        let key = random_key()?;
        fs::write_atomic(&self.next(role), key.to_pkcs8_pem().as_bytes(), Access::Private)?;
        Ok(key)
    }

    /// Uses the keys that `trust` lists by now.
    ///
    /// # Errors
    /// `key-syntax`, `io`.
    pub fn select(mut self, trust: &TrustRoot) -> Result<Self, Error> {
        for role in KeyRole::ALL {
            let next = self.next(role);
            if !next.exists() {
                continue;
            }
            let pem = read_secret_pem(&next)?;
            let key = SecretKey::from_pkcs8_pem(&pem).map_err(|error| Error::from(error).in_file(&next))?;
            let public = key.public();
            let listed = match role {
                KeyRole::Root => trust.keys.contains(&public),
                KeyRole::Log => trust.log_policy.logs().iter().any(|log| *log.note_key().public() == public),
                KeyRole::Index => trust.index.iter().any(|index| *index.note_key().public() == public),
            };
            if !listed {
                // Its trust root may have been logged, and its file not be written yet.
                continue;
            }
            fs::rename(&next, &self.folder.join(format!("{}.pem", role.as_str())))?;
            match role {
                KeyRole::Root => self.root = key,
                KeyRole::Log => self.log = key,
                KeyRole::Index => self.index = key,
            }
        }
        Ok(self)
    }

    /// What the keys of a registry signed last, if this user has them.
    ///
    /// # Errors
    /// `registry-layout` when the file is damaged, `io`.
    pub fn signed_last(vitte_home: &Path, registry: &RegistryId) -> Result<Option<SignedHead>, Error> {
        read_signed(&Self::folder(vitte_home, registry).join(SIGNED))
    }

    /// The file that says what these keys signed last.
    pub fn signed_file(vitte_home: &Path, registry: &RegistryId) -> PathBuf {
        Self::folder(vitte_home, registry).join(SIGNED)
    }

    /// The keys under a passphrase, and what they signed last, as text: a backup.
    ///
    /// # Errors
    /// `registry-layout`, `io`.
    pub fn export(&self, registry: &RegistryId, passphrase: &Passphrase) -> Result<Zeroizing<String>, Error> {
        let mut text = Zeroizing::new(format!("{BACKUP}\nregistry {registry}\n"));
        if let Some(signed) = self.signed()? {
            text.push_str(&format!("signed {} {}\n", signed.size, signed.root));
        }
        for (role, key) in KeyRole::ALL.into_iter().zip([&self.root, &self.log, &self.index]) {
            text.push_str(&format!("{}\n", role.as_str()));
            text.push_str(&encrypt(key, passphrase)?);
        }
        Ok(text)
    }

    /// Stores the keys of a backup that [`RegistryKeys::export`] made.
    ///
    /// # Errors
    /// `key-syntax` when it is something else, `passphrase` when the passphrase is wrong, `key-exists` when there are
    /// keys for that registry already; `io`, `no-space`.
    pub fn import(
        text: &str,
        source: &mut dyn PassphraseSource,
        vitte_home: &Path,
    ) -> Result<(RegistryId, Self), Error> {
        let foreign = || Error::from(Diagnostic::new(Code::KeySyntax, text::registry_backup_foreign()));
        let rest = text.strip_prefix(BACKUP).and_then(|rest| rest.strip_prefix('\n')).ok_or_else(foreign)?;
        let (registry, rest) =
            rest.strip_prefix("registry ").and_then(|rest| rest.split_once('\n')).ok_or_else(foreign)?;
        let registry = RegistryId::parse(registry)?;
        let (signed, mut rest) = match rest.strip_prefix("signed ").and_then(|rest| rest.split_once('\n')) {
            Some((signed, rest)) => (Some(signed), rest),
            None => (None, rest),
        };
        let signed = signed
            .map(|signed| {
                let (size, root) = signed.split_once(' ')?;
                Some(SignedHead { size: size.parse().ok()?, root: Digest::from_hex(root).ok()? })
            })
            .map(|signed| signed.ok_or_else(foreign))
            .transpose()?;
        let there = Self::folder(vitte_home, &registry).join("log.pem");
        if there.exists() {
            let there = there.display().to_string();
            return Err(Diagnostic::new(Code::KeyExists, text::registry_key_exists(&there)).into());
        }
        let passphrase = source.existing(registry.as_str())?;
        let mut keys = Vec::new();
        for role in KeyRole::ALL {
            rest = rest
                .strip_prefix(role.as_str())
                .and_then(|rest| rest.strip_prefix('\n'))
                .ok_or_else(foreign)?;
            let end = rest.find(END).map(|at| at + END.len()).ok_or_else(foreign)?;
            let (pem, more) = rest.split_at(end);
            keys.push(decrypt(pem, &passphrase)?);
            rest = more.trim_start_matches(['\r', '\n']);
        }
        let [root, log, index] = <[SecretKey; 3]>::try_from(keys).map_err(|_| foreign())?;
        let keys = Self { folder: PathBuf::new(), root, log, index }.store(vitte_home, &registry)?;
        if let Some(signed) = signed {
            keys.note_signed(signed)?;
        }
        Ok((registry, keys))
    }

    /// What was signed last; `None` before the first time.
    ///
    /// # Errors
    /// `registry-layout` when the file is damaged, `io`.
    pub fn signed(&self) -> Result<Option<SignedHead>, Error> {
        read_signed(&self.folder.join(SIGNED))
    }

    /// Notes what is about to be signed. Comes before the checkpoint, so that no other tree of that size is.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn note_signed(&self, signed: SignedHead) -> Result<(), Error> {
        let json = format!("{{\"size\":{},\"root\":\"{}\"}}\n", signed.size, signed.root);
        fs::write_atomic(&self.folder.join(SIGNED), json.as_bytes(), Access::Private)
    }
}

fn read_signed(path: &Path) -> Result<Option<SignedHead>, Error> {
    let Some(json) = fs::read_text_if_there(path, 1024)? else { return Ok(None) };
    let read = || -> Result<SignedHead, JsonError> {
        let mut object = Json::parse_object(json.as_bytes(), 1)?;
        let shape = JsonError::Shape { member: "root".to_owned(), wanted: "a digest" };
        let signed = SignedHead {
            size: object.number("size")?,
            root: Digest::from_hex(&object.text("root")?).map_err(|_| shape)?,
        };
        object.finish()?;
        Ok(signed)
    };
    let damaged = |error: JsonError| {
        let message = text::registry_file(&path.display().to_string(), &error.reason());
        Error::from(Diagnostic::new(Code::RegistryLayout, message))
    };
    read().map(Some).map_err(damaged)
}
