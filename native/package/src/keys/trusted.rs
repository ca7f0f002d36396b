//! Keys of others that are trusted: `trusted.toml` in the folder of keys.
//!
//! ```toml
//! [[trusted]]
//! key = "<key id, 64 hexadecimal digits>"
//! spki = "<base64 of the 44 bytes of its SPKI form>"
//! for = ["roussov/*"]
//! ```
//! `for` holds `*`, `namespace/*` and `namespace/name`. The file is written anew at every change, sorted by
//! key id: comments do not survive.

use crate::error::Error;
use crate::fs;
use crate::message::signing as text;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::sign::{KeyId, PublicKey, Scope, TrustedKey};

/// Bytes of the file: some thousand keys.
const FILE_LEN: u64 = 1024 * 1024;

/// Trusted keys with their scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedKeys(BTreeMap<KeyId, (PublicKey, BTreeSet<Scope>)>);

/// Whether something was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedKeyChange {
    /// It was.
    Made,
    /// It was so already.
    None,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    trusted: Vec<RawKey>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RawKey {
    key: String,
    spki: String,
    r#for: Vec<String>,
}

impl TrustedKeys {
    /// Reads the file; nothing is trusted if it is not there.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        match fs::read_text_if_there(path, FILE_LEN)? {
            None => Ok(Self::default()),
            Some(given) => Self::parse(&given).map_err(|error| error.in_text(path, &given)),
        }
    }

    fn parse(given: &str) -> Result<Self, Error> {
        let damaged = |reason: String| Diagnostic::new(Code::Config, text::trusted_damaged(&reason));
        let raw: RawFile = toml::from_str(given).map_err(|error| damaged(error.message().to_owned()))?;
        let mut keys = Self::default();
        for entry in raw.trusted {
            let der = STANDARD.decode(&entry.spki).map_err(|_| damaged(text::base64("spki")))?;
            let key = PublicKey::from_spki_der(&der).map_err(|error| damaged(error.diagnostic().message))?;
            if key.id().to_string() != entry.key {
                return Err(damaged(text::trusted_id(&entry.key)).into());
            }
            for scope in &entry.r#for {
                keys.add(&key, &Scope::parse(scope)?);
            }
        }
        Ok(keys)
    }

    /// Each key with the packages it counts for, by key id.
    pub fn iter(&self) -> impl Iterator<Item = (&PublicKey, &BTreeSet<Scope>)> {
        self.0.values().map(|(key, scopes)| (key, scopes))
    }

    /// One entry for each key and scope, as policies take them.
    pub fn into_keys(self) -> impl Iterator<Item = TrustedKey> {
        let each = |(key, scopes): (PublicKey, BTreeSet<Scope>)| {
            scopes.into_iter().map(move |scope| TrustedKey { key: key.clone(), scope })
        };
        self.0.into_values().flat_map(each)
    }

    pub(super) fn add(&mut self, key: &PublicKey, scope: &Scope) -> TrustedKeyChange {
        let (_, scopes) = self.0.entry(key.id()).or_insert_with(|| (key.clone(), BTreeSet::new()));
        if scopes.insert(scope.clone()) { TrustedKeyChange::Made } else { TrustedKeyChange::None }
    }

    pub(super) fn remove(&mut self, key: KeyId, scope: Option<&Scope>) -> TrustedKeyChange {
        let Some((_, scopes)) = self.0.get_mut(&key) else { return TrustedKeyChange::None };
        match scope {
            Some(scope) if !scopes.remove(scope) => return TrustedKeyChange::None,
            Some(_) if !scopes.is_empty() => {}
            _ => drop(self.0.remove(&key)),
        }
        TrustedKeyChange::Made
    }

    pub(super) fn to_toml(&self) -> String {
        let mut out = format!("# {}\n", text::trusted_header());
        for (key, scopes) in self.iter() {
            let scopes: Vec<String> = scopes.iter().map(|scope| format!("\"{scope}\"")).collect();
            let spki = STANDARD.encode(key.spki_der());
            let (id, scopes) = (key.id(), scopes.join(", "));
            out.push_str(&format!("\n[[trusted]]\nkey = \"{id}\"\nspki = \"{spki}\"\nfor = [{scopes}]\n"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitte_package_core::sign::SecretKey;

    fn key(seed: u8) -> PublicKey {
        SecretKey::from_seed(&[seed; 32]).public()
    }

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn print_and_parse_are_inverse() {
        let mut keys = TrustedKeys::default();
        assert_eq!(TrustedKeys::parse(&keys.to_toml()).unwrap(), keys);
        assert_eq!(keys.add(&key(1), &scope("demo/*")), TrustedKeyChange::Made);
        assert_eq!(keys.add(&key(1), &scope("demo/*")), TrustedKeyChange::None);
        assert_eq!(keys.add(&key(1), &scope("other/thing")), TrustedKeyChange::Made);
        assert_eq!(keys.add(&key(2), &scope("*")), TrustedKeyChange::Made);
        assert_eq!(TrustedKeys::parse(&keys.to_toml()).unwrap(), keys);
        assert_eq!(keys.clone().into_keys().count(), 3);
        assert_eq!(keys.remove(key(1).id(), Some(&scope("demo/*"))), TrustedKeyChange::Made);
        assert_eq!(keys.remove(key(1).id(), Some(&scope("demo/*"))), TrustedKeyChange::None);
        assert_eq!(keys.remove(key(1).id(), Some(&scope("other/thing"))), TrustedKeyChange::Made);
        assert_eq!(keys.iter().count(), 1);
        assert_eq!(keys.remove(key(2).id(), None), TrustedKeyChange::Made);
        assert_eq!(keys.remove(key(2).id(), None), TrustedKeyChange::None);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_never_an_empty_list() {
        let mut keys = TrustedKeys::default();
        keys.add(&key(1), &scope("*"));
        let good = keys.to_toml();
        let id = key(1).id().to_string();
        for bad in [
            good.replace("[[trusted]]", "[[trustd]]"),
            good.replace("spki", "ski"),
            good.replace(&id, &key(2).id().to_string()),
            good.replace("MCow", "MCox"),
            good.replace("\"*\"", "\"**\""),
            good.replace("[\"*\"]", "\"*\""),
            good.replace("for", "extra = 1\nfor"),
        ] {
            assert!(TrustedKeys::parse(&bad).is_err(), "{bad}");
        }
    }
}
