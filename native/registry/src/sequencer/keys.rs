//! The registry's keys, in files that nobody else can read.

use crate::error::{At as _, Error, Result};
use crate::objects::{make_folder, write_atomic};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::json::{Json, JsonError};
use vitte_package_core::message::server as text;
use vitte_package_core::registry::SignedHead;
use vitte_package_core::sign::SecretKey;

/// The keys of a registry, and what the log key signed last. They lie apart from its files.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(super) folder: PathBuf,
    pub(crate) root: SecretKey,
    pub(crate) log: SecretKey,
    pub(crate) index: SecretKey,
}

/// The file that says what was signed last.
const SIGNED: &str = "signed.json";

impl Keys {
    /// New keys, on no disk yet.
    pub(crate) fn draw() -> Result<Self> {
        let draw = || {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|error| Error::storage("the system's randomness", &error))?;
            Ok::<_, Error>(SecretKey::from_seed(&seed))
        };
        Ok(Self { folder: PathBuf::new(), root: draw()?, log: draw()?, index: draw()? })
    }

    /// Stores the keys in a folder.
    pub(crate) fn store(&self, folder: &Path) -> Result<()> {
        make_folder(folder, Some(0o700))?;
        for (name, key) in [("root", &self.root), ("log", &self.log), ("index", &self.index)] {
            let file = folder.join(format!("{name}.pem"));
            write_atomic(folder, &file, key.to_pkcs8_pem().as_bytes(), Some(0o600))?;
        }
        Ok(())
    }

    /// Reads the keys in a folder that nobody else can read.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let read = |name: &str| -> Result<SecretKey> {
            let path = folder.join(format!("{name}.pem"));
            check_private(&path)?;
            Ok(SecretKey::from_pkcs8_pem(&std::fs::read_to_string(&path).at(&path)?)?)
        };
        Ok(Self { root: read("root")?, log: read("log")?, index: read("index")?, folder: folder.to_owned() })
    }

    /// What the log key signed last; none before the first time.
    pub(crate) fn signed(&self) -> Result<Option<SignedHead>> {
        let path = self.folder.join(SIGNED);
        if !path.exists() {
            return Ok(None);
        }
        let mut object = Json::parse_object(&std::fs::read(&path).at(&path)?, 1)?;
        let root = Digest::from_hex(&object.text("root")?);
        let shape = JsonError::Shape { member: "root".to_owned(), wanted: "a digest" };
        Ok(Some(SignedHead { size: object.number("size")?, root: root.map_err(|_| shape)? }))
    }

    /// Notes what the log key signs next.
    pub(crate) fn note_signed(&self, signed: SignedHead) -> Result<()> {
        let json = format!("{{\"size\":{},\"root\":\"{}\"}}\n", signed.size, signed.root);
        write_atomic(&self.folder, &self.folder.join(SIGNED), json.as_bytes(), Some(0o600))
    }
}

/// Refuses a key that others can read.
fn check_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if std::fs::metadata(path).at(path)?.mode() & 0o077 != 0 {
            let shown = path.display().to_string();
            let fault = Diagnostic::new(Code::KeyPermissions, text::keys_private(&shown));
            return Err(fault.help(format!("chmod 600 {shown}")).into());
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
