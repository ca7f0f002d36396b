//! What a caller expects and whom they trust, and the keys they give.

use crate::convert::{from_js, thrown, to_js};
use serde::{Deserialize, Serialize};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{Authorised, KeyId, PublicKey, RegistryId, Scope, TrustPolicy, TrustedKey};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::verify::{Expectation, Trust};
use vitte_package_core::version::Version;
use wasm_bindgen::prelude::*;

/// The facade's `Policy`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Policy {
    keys: Vec<Key>,
    authorised: Option<Holders>,
    package: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    target: Option<String>,
    registry: Option<String>,
    tree: Option<String>,
    index: Option<String>,
    head: Option<String>,
    /// A trust root was given, but no proof leads to it. Set by the facade, never by its callers.
    unproven: bool,
}

/// A key that is trusted for every package, or for some.
#[derive(Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Key {
    Everywhere(String),
    Scoped(ScopedKey),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ScopedKey {
    key: String,
    r#for: String,
}

/// The keys that may release a package, as its namespace says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Holders {
    package: String,
    keys: Vec<String>,
    threshold: usize,
}

/// A public key, as the facade shows it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PublicKey"))]
pub(crate) struct ShownKey {
    keyid: KeyId,
    short: String,
    pem: String,
}

/// Reads a public key: `{ keyid, short, pem }`. Throws when it is none; `data.private` says that it is a private one.
#[wasm_bindgen(js_name = parsePublicKey)]
pub fn parse_public_key(text: &str) -> Result<JsValue, JsValue> {
    let key = public_key(text)?;
    to_js(&ShownKey { keyid: key.id(), short: key.id().short(), pem: key.to_pem() })
}

fn public_key(pem: &str) -> Result<PublicKey, JsValue> {
    PublicKey::from_pem(pem).map_err(|error| thrown(&error))
}

impl Policy {
    pub(crate) fn from_js(value: JsValue) -> Result<Self, JsValue> {
        if value.is_undefined() || value.is_null() {
            return Ok(Self::default());
        }
        from_js("policy", &value)
    }

    pub(crate) fn expectation(&self) -> Result<Expectation, JsValue> {
        fn read<T, E: vitte_package_core::diagnostic::Diagnose>(
            text: Option<&String>,
            parse: impl Fn(&str) -> Result<T, E>,
        ) -> Result<Option<T>, JsValue> {
            text.map(|text| parse(text)).transpose().map_err(|error| thrown(&error))
        }
        Ok(Expectation {
            tree: read(self.tree.as_ref(), TreeDigest::parse)?,
            registry: read(self.registry.as_ref(), RegistryId::parse)?,
            package: read(self.package.as_ref(), PackageName::parse)?,
            version: read(self.version.as_ref(), Version::parse)?,
            kind: read(self.kind.as_ref(), Kind::parse)?,
            target: read(self.target.as_ref(), Target::parse)?,
            index: read(self.index.as_ref(), Digest::from_tagged)?,
            head: read(self.head.as_ref(), Digest::from_tagged)?,
        })
    }

    pub(crate) fn trust(&self) -> Result<Trust, JsValue> {
        if self.unproven {
            return Ok(Trust::Unproven);
        }
        let mut policy = TrustPolicy::new();
        for key in &self.keys {
            let (pem, scope) = match key {
                Key::Everywhere(pem) => (pem, Scope::All),
                Key::Scoped(ScopedKey { key, r#for }) => {
                    (key, Scope::parse(r#for).map_err(|error| thrown(&error))?)
                }
            };
            policy = policy.trust(TrustedKey { key: public_key(pem)?, scope });
        }
        if let Some(Holders { package, keys, threshold }) = &self.authorised {
            policy = policy.authorise(Authorised {
                package: PackageName::parse(package).map_err(|error| thrown(&error))?,
                keys: keys.iter().map(|pem| public_key(pem)).collect::<Result<_, _>>()?,
                threshold: *threshold,
            });
        }
        Ok(Trust::Signatures(policy))
    }
}
