//! Scripts of the web site and what they load: files of a folder that the operator names, read once. What they are is
//! built with the browser's modules, not with this program, which is complete without them.

use crate::error::Result;
use crate::message as words;
use std::collections::BTreeMap;
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;

/// The script that pages begin with; a folder without it is none of the site's.
const FIRST: &str = "site.js";
/// The page that verifies packages by itself.
const VERIFIER: &str = "verify.html";
/// Bytes of all files together.
const MOST: u64 = 32 * 1024 * 1024;

/// A file of the folder.
#[derive(Clone, Debug)]
pub(crate) struct WebAsset {
    pub(crate) content_type: &'static str,
    pub(crate) content: Vec<u8>,
}

/// The files of the folder, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct WebAssets {
    files: BTreeMap<String, WebAsset>,
    /// Of all names and contents: in the address of each, so that a cache may keep it for ever.
    digest: String,
}

impl WebAssets {
    /// Reads the folder; nothing where none is named.
    ///
    /// # Errors
    /// If it cannot be read, has no first script, or is too large.
    pub(crate) fn read(folder: Option<&Path>) -> Result<Self> {
        let Some(folder) = folder else { return Ok(Self::default()) };
        let refused = |reason: &str| {
            let message = words::web_assets(&folder.display().to_string(), reason);
            crate::error::Error::from(Diagnostic::new(Code::Config, message))
        };
        let failed = |error: std::io::Error| refused(&error.to_string());
        let (mut files, mut left, mut all) = (BTreeMap::new(), MOST, String::new());
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(content_type) = content_type(&name) else { continue };
            let about = std::fs::metadata(entry.path()).map_err(failed)?;
            if !about.is_file() {
                continue;
            }
            left =
                left.checked_sub(about.len()).ok_or_else(|| refused(&words::web_assets_large(MOST >> 20)))?;
            let content = std::fs::read(entry.path()).map_err(failed)?;
            files.insert(name, WebAsset { content_type, content });
        }
        if !files.contains_key(FIRST) {
            return Err(refused(&words::web_assets_none(FIRST)));
        }
        for (name, file) in &files {
            all.push_str(&format!("{name} {}\n", Digest::of(&file.content)));
        }
        let digest = Digest::of(all.as_bytes()).to_string();
        Ok(Self { files, digest: digest.get(..16).unwrap_or_default().to_owned() })
    }

    /// Where the first script is, below `/assets/`; none without a folder.
    pub(crate) fn script(&self) -> Option<String> {
        self.files.contains_key(FIRST).then(|| format!("{}/{FIRST}", self.digest))
    }

    /// The page that verifies packages by itself.
    pub(crate) fn verifier(&self) -> Option<&WebAsset> {
        self.files.get(VERIFIER)
    }

    /// A file by the parts of its address.
    pub(crate) fn file(&self, digest: &str, name: &str) -> Option<&WebAsset> {
        self.files.get(name).filter(|_| digest == self.digest)
    }
}

/// What a file is, by its name; none for what a page does not load.
fn content_type(name: &str) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.starts_with('.') || !name.bytes().all(is_plain) {
        return None;
    }
    Some(match name.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "html" => "text/html; charset=utf-8",
        "json" => "application/json",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_once_and_its_addresses_change_with_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
        let read = || WebAssets::read(Some(folder.path()));
        assert!(read().unwrap_err().first().message.contains("site.js"));
        assert!(WebAssets::read(Some(&folder.path().join("none"))).is_err());
        assert_eq!(WebAssets::read(None).unwrap().script(), None);
        write("site.js", "one");
        write("module.wasm", "two");
        write(".secret.js", "no");
        write("notes.txt", "no");
        let first = read().unwrap();
        let script = first.script().unwrap();
        let digest = script.strip_suffix("/site.js").unwrap();
        assert_eq!(first.file(digest, "module.wasm").unwrap().content_type, "application/wasm");
        for (digest, name) in
            [(digest, ".secret.js"), (digest, "notes.txt"), ("0", "site.js"), (digest, "../site.js")]
        {
            assert!(first.file(digest, name).is_none(), "{name}");
        }
        write("module.wasm", "three");
        assert_ne!(read().unwrap().script().unwrap(), script);
    }
}
