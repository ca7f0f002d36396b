//! The author's keys on disk, and the keys of others that are trusted.
//!
//! ```text
//! $VITTE_HOME/keys/            0700
//!   <name>.pem                 0600  PKCS#8 PEM, plain or encrypted with a passphrase
//!   <name>.pub                       SPKI PEM of the public half
//!   trusted.toml                     keys of others, each with the packages it counts for
//!   .lock                            held while one of these is written
//! ```
//! The files are ordinary PEM: openssl reads them and makes them. Nothing here is ever overwritten.

mod name;
mod passphrase;
mod secret;
mod secret_file;
mod trusted;

pub use name::KeyName;
pub use passphrase::{FromEnvironment, Passphrase, PassphraseSource};
pub(crate) use passphrase::{decrypt, encrypt};
pub use secret::{Protection, load_secret, random_key};
pub use secret_file::{check_private, read_secret_pem};
pub use trusted::{TrustedKeyChange, TrustedKeys};

use crate::env::{Env, Variable};
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access};
use crate::home;
use crate::message::{signing as text, usage};
use name::{KeyChoice, is_id, is_id_of};
use secret::{from_environment, pem_of};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::nearest::nearest;
use vitte_package_core::sign::{KeyId, PublicKey, Scope, SecretKey, SignError, TrustPolicy, TrustedKey};

/// A key of one's own, without its secret half.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredKey {
    /// Its name in the store.
    pub name: KeyName,
    /// The public half.
    pub public: PublicKey,
    /// How the secret half is kept.
    pub protection: Protection,
    /// The file of the secret half.
    pub path: PathBuf,
}

/// A secret key ready to sign, and where it came from.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The key.
    pub secret: SecretKey,
    /// A key's name, a file, or the environment variable.
    pub origin: String,
}

/// The folder of keys.
#[derive(Clone, Debug)]
pub struct KeyStore {
    folder: PathBuf,
}

impl KeyStore {
    /// The store of this user. Nothing is made until a key is added.
    ///
    /// # Errors
    /// `config` when there is no home folder.
    pub fn open(env: &Env) -> Result<Self, Error> {
        let home = env.vitte_home()?;
        home::sweep(&home);
        Ok(Self::at(home.join("keys")))
    }

    /// The store in a folder of one's choice.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a new key from the system's random source.
    ///
    /// # Errors
    /// `key-exists`, `key-permissions` when others can enter the folder, `io`.
    pub fn generate(&self, name: &KeyName, passphrase: Option<&Passphrase>) -> Result<StoredKey, Error> {
        self.add(name, &random_key()?, passphrase)
    }

    /// Adds a key that was made elsewhere.
    ///
    /// # Errors
    /// As [`KeyStore::generate`].
    pub fn add(
        &self,
        name: &KeyName,
        secret: &SecretKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<StoredKey, Error> {
        let (protection, pem) = pem_of(secret, passphrase)?;
        fs::create_private_folder(&self.folder)?;
        check_private(&self.folder)?;
        let stored = StoredKey {
            name: name.clone(),
            public: secret.public(),
            protection,
            path: self.secret_path(name),
        };
        let public_path = self.public_path(name);
        // A public half without its secret one is a key whose secret is kept elsewhere: not to be replaced.
        if public_path.exists() || !fs::write_new(&stored.path, pem.as_bytes(), Access::Private)? {
            return Err(Diagnostic::new(Code::KeyExists, text::key_exists(name.as_str()))
                .help(text::key_exists_hint())
                .into());
        }
        fs::write_atomic(&public_path, stored.public.to_pem().as_bytes(), Access::Shared)?;
        Ok(stored)
    }

    /// Removes both halves of a key.
    ///
    /// # Errors
    /// As [`KeyStore::find`]; `busy`.
    pub fn remove(&self, name: &KeyName) -> Result<StoredKey, Error> {
        let key = self.find(name)?;
        let _lock = self.lock()?;
        for path in [&key.path, &self.public_path(name)] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                result => result.on(IoAction::Remove, path)?,
            }
        }
        Ok(key)
    }

    /// Gives a key another name.
    ///
    /// # Errors
    /// As [`KeyStore::find`]; `key-exists` when there is one of the new name; `busy`.
    pub fn rename(&self, name: &KeyName, to: &KeyName) -> Result<StoredKey, Error> {
        let key = self.find(name)?;
        let _lock = self.lock()?;
        let (secret, public) = (self.secret_path(to), self.public_path(to));
        if secret.exists() || public.exists() {
            return Err(Diagnostic::new(Code::KeyExists, text::key_exists(to.as_str())).into());
        }
        // The public half first: stopped between the two, both names still have the secret half or none has.
        fs::write_atomic(&public, key.public.to_pem().as_bytes(), Access::Shared)?;
        fs::rename(&key.path, &secret)?;
        let _ = std::fs::remove_file(self.public_path(name));
        Ok(StoredKey { name: to.clone(), path: secret, ..key })
    }

    /// Keeps a key under another passphrase, or under none.
    ///
    /// # Errors
    /// As [`KeyStore::secret`]; `busy`.
    pub fn protect(
        &self,
        key: &StoredKey,
        secret: &SecretKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<StoredKey, Error> {
        let (protection, pem) = pem_of(secret, passphrase)?;
        let _lock = self.lock()?;
        // The public half is what an encrypted key is known by: it must be there before.
        fs::write_atomic(&self.public_path(&key.name), secret.public().to_pem().as_bytes(), Access::Shared)?;
        fs::write_atomic(&key.path, pem.as_bytes(), Access::Private)?;
        Ok(StoredKey { protection, ..key.clone() })
    }

    fn lock(&self) -> Result<fs::Lock, Error> {
        fs::create_private_folder(&self.folder)?;
        let patience = std::time::Duration::from_secs(10);
        let lock = self.folder.join(".lock");
        fs::Lock::take_if_any(&lock, fs::Hold::Exclusive, "vitte package key", patience, || {})
    }

    /// The keys of the store, by name.
    ///
    /// # Errors
    /// `key-permissions` when others can enter the folder, `key-syntax` when a file is no key, `io`.
    pub fn list(&self) -> Result<Vec<StoredKey>, Error> {
        if !self.folder.exists() {
            return Ok(Vec::new());
        }
        check_private(&self.folder)?;
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(&self.folder).on(IoAction::List, &self.folder)? {
            let name = entry.on(IoAction::List, &self.folder)?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".pem"));
            if let Some(name) = stem.and_then(|stem| KeyName::parse(stem).ok()) {
                keys.push(self.find(&name)?);
            }
        }
        keys.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(keys)
    }

    /// The names of the store's keys, without a look at the files; none when the folder cannot be read.
    fn names(&self) -> Vec<KeyName> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let named = entries
            .filter_map(|entry| KeyName::parse(entry.file_name().to_str()?.strip_suffix(".pem")?).ok());
        named.collect()
    }

    /// A key of the store by its name.
    ///
    /// # Errors
    /// `key-not-found`, `key-permissions`, `key-syntax`, `io`.
    pub fn find(&self, name: &KeyName) -> Result<StoredKey, Error> {
        let path = self.secret_path(name);
        if !path.exists() {
            let fault = Diagnostic::new(Code::KeyNotFound, text::key_not_found(name.as_str()));
            let names = self.names();
            return Err(match nearest(name.as_str(), names.iter().map(KeyName::as_str)) {
                Some(near) => fault.help(usage::did_you_mean(near)).into(),
                None => fault.help(text::key_list_hint()).into(),
            });
        }
        check_private(&self.folder)?;
        let pem = read_secret_pem(&path)?;
        let protection = match SecretKey::from_pkcs8_pem(&pem) {
            Ok(secret) => {
                // The secret half decides; a public half that was swapped or lost does no harm.
                return Ok(StoredKey {
                    name: name.clone(),
                    public: secret.public(),
                    protection: Protection::Plain,
                    path,
                });
            }
            Err(SignError::Encrypted) => Protection::Passphrase,
            Err(error) => return Err(Error::from(error).in_file(path)),
        };
        let public = read_public_pem(&self.public_path(name))?;
        Ok(StoredKey { name: name.clone(), public, protection, path })
    }

    /// A key of the store by its name, its fingerprint or its id.
    ///
    /// # Errors
    /// As [`KeyStore::find`] and [`KeyStore::list`].
    pub fn choose(&self, choice: &str) -> Result<StoredKey, Error> {
        if !is_id(choice) {
            return self.find(&KeyName::parse(choice)?);
        }
        let found = self.list()?.into_iter().find(|key| is_id_of(choice, &key.public));
        found.ok_or_else(|| {
            Diagnostic::new(Code::KeyNotFound, text::key_not_found(choice)).help(text::key_list_hint()).into()
        })
    }

    /// The secret half of a key. The source is asked only when the key needs a passphrase.
    ///
    /// # Errors
    /// As [`KeyStore::find`]; `passphrase` when it is missing or wrong; `key-syntax` when the public half
    /// next to it belongs to another key.
    pub fn secret(&self, key: &StoredKey, source: &mut dyn PassphraseSource) -> Result<SecretKey, Error> {
        check_private(&self.folder)?;
        let secret = load_secret(&key.path, key.name.as_str(), source)?;
        if secret.public() != key.public {
            return Err(Diagnostic::new(Code::KeySyntax, text::key_halves(key.name.as_str()))
                .help(text::key_halves_hint(&self.public_path(&key.name).display().to_string()))
                .into());
        }
        Ok(secret)
    }

    /// The key to sign with: the one chosen by name, fingerprint, id or path; else the one in `VITTE_SIGNING_KEY`; else the only
    /// key of the store.
    ///
    /// # Errors
    /// `no-key` when nothing is chosen and there is not exactly one key; else as [`KeyStore::secret`].
    pub fn signer(
        &self,
        choice: Option<&str>,
        env: &Env,
        source: &mut dyn PassphraseSource,
    ) -> Result<Signer, Error> {
        if let Some(choice) = choice {
            return match KeyChoice::read(choice, env)? {
                KeyChoice::File(path) => Ok(Signer {
                    secret: load_secret(&path, choice, source)?,
                    origin: path.display().to_string(),
                }),
                KeyChoice::Named(name) => self.named_signer(&self.find(&name)?, source),
                KeyChoice::Id(id) => self.named_signer(&self.choose(&id)?, source),
            };
        }
        if let Some(secret) = from_environment(env, source)? {
            return Ok(Signer { secret, origin: Variable::SigningKey.name().to_owned() });
        }
        self.named_signer(&self.only()?, source)
    }

    /// The only key of the store.
    ///
    /// # Errors
    /// `no-key` when there is none, or more than one; else as [`KeyStore::list`].
    pub fn only(&self) -> Result<StoredKey, Error> {
        let mut keys = self.list()?;
        match keys.as_slice() {
            [_] => Ok(keys.remove(0)),
            [] => Err(Diagnostic::new(Code::NoKey, text::no_key()).help(text::no_key_hint()).into()),
            several => {
                let names: Vec<&str> = several.iter().map(|key| key.name.as_str()).collect();
                let diagnostic = Diagnostic::new(Code::NoKey, text::several_keys(&names.join(", ")));
                Err(diagnostic.help(text::several_keys_hint(names[0])).into())
            }
        }
    }

    fn named_signer(&self, key: &StoredKey, source: &mut dyn PassphraseSource) -> Result<Signer, Error> {
        Ok(Signer { secret: self.secret(key, source)?, origin: key.name.to_string() })
    }

    /// A public key: one of the store by its name, one of the store or a trusted one by its fingerprint or id, or one in
    /// a PEM file by its path.
    ///
    /// # Errors
    /// `key-not-found`, `key-syntax`, `weak-key`, `io`.
    pub fn public(&self, choice: &str, env: &Env) -> Result<PublicKey, Error> {
        match KeyChoice::read(choice, env)? {
            KeyChoice::File(path) => read_public_pem(&path),
            KeyChoice::Named(name) => Ok(self.find(&name)?.public),
            KeyChoice::Id(id) => {
                let trusted = self.trusted()?;
                match trusted.iter().find(|(key, _)| is_id_of(&id, key)) {
                    Some((key, _)) => Ok(key.clone()),
                    None => Ok(self.choose(&id)?.public),
                }
            }
        }
    }

    /// The keys of others that are trusted.
    ///
    /// # Errors
    /// `key-permissions`, `config` when the file was damaged, `io`.
    pub fn trusted(&self) -> Result<TrustedKeys, Error> {
        if self.folder.exists() {
            check_private(&self.folder)?;
        }
        TrustedKeys::read(&self.trusted_path())
    }

    /// Trusts a key of another, for some packages. A scope the key has already is no change.
    ///
    /// # Errors
    /// As [`KeyStore::trusted`]; `busy` when another process changes the file.
    pub fn trust(&self, key: &PublicKey, scope: &Scope) -> Result<TrustedKeyChange, Error> {
        self.change_trusted(|trusted| trusted.add(key, scope))
    }

    /// Stops trusting a key: for one scope, or for none at all.
    ///
    /// # Errors
    /// As [`KeyStore::trust`].
    pub fn untrust(&self, key: KeyId, scope: Option<&Scope>) -> Result<TrustedKeyChange, Error> {
        self.change_trusted(|trusted| trusted.remove(key, scope))
    }

    fn change_trusted(
        &self,
        change: impl FnOnce(&mut TrustedKeys) -> TrustedKeyChange,
    ) -> Result<TrustedKeyChange, Error> {
        let _lock = self.lock()?;
        let mut trusted = self.trusted()?;
        let changed = change(&mut trusted);
        if changed == TrustedKeyChange::Made {
            fs::write_atomic(&self.trusted_path(), trusted.to_toml().as_bytes(), Access::Private)?;
        }
        Ok(changed)
    }

    /// The keys this user trusts: the own keys for everything, the one in `VITTE_SIGNING_KEY` included; trusted keys
    /// in their scopes.
    ///
    /// # Errors
    /// As [`KeyStore::list`] and [`KeyStore::trusted`]; of the key in the environment `key-syntax`, and `passphrase`
    /// when it needs one that `VITTE_SIGNING_KEY_PASSWORD` does not have.
    pub fn policy(&self, env: &Env) -> Result<TrustPolicy, Error> {
        let given = from_environment(env, &mut FromEnvironment(env))?;
        let own = self.list()?.into_iter().map(|key| key.public).chain(given.map(|secret| secret.public()));
        let own = own.map(|key| TrustedKey { key, scope: Scope::All });
        let trusted = self.trusted()?.into_keys();
        Ok(own.chain(trusted).fold(TrustPolicy::new(), TrustPolicy::trust))
    }

    fn secret_path(&self, name: &KeyName) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    fn public_path(&self, name: &KeyName) -> PathBuf {
        self.folder.join(format!("{name}.pub"))
    }

    fn trusted_path(&self) -> PathBuf {
        self.folder.join("trusted.toml")
    }
}

/// Reads a public key from a PEM file.
///
/// # Errors
/// `key-syntax`, `weak-key`, `io`.
pub fn read_public_pem(path: &Path) -> Result<PublicKey, Error> {
    let given = fs::read_text(path, vitte_package_core::limits::PEM_LEN as u64)?;
    PublicKey::from_pem(&given).map_err(|error| Error::from(error).in_file(path))
}
