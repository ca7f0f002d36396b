//! What a caller asks for and whom they trust.

use crate::convert::{argument, thrown};
use serde::Deserialize;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{PublicKey, RegistryId, Scope, TrustPolicy, TrustedKey};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::verify::{Expectation, Trust};
use vitte_package_core::version::Version;
use wasm_bindgen::prelude::*;

/// The facade's `Policy`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    keys: Vec<String>,
    package: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    target: Option<String>,
    registry: Option<String>,
    tree: Option<String>,
}

impl Policy {
    pub(crate) fn from_js(value: JsValue) -> Result<Self, JsValue> {
        if value.is_undefined() || value.is_null() {
            return Ok(Self::default());
        }
        serde_wasm_bindgen::from_value(value).map_err(|error| argument("policy", &error.to_string()))
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
            ..Expectation::default()
        })
    }

    pub(crate) fn trust(&self) -> Result<Trust, JsValue> {
        let mut policy = TrustPolicy::new();
        for pem in &self.keys {
            let key = PublicKey::from_pem(pem).map_err(|error| thrown(&error))?;
            policy = policy.trust(TrustedKey { key, scope: Scope::All });
        }
        Ok(Trust::Signatures(policy))
    }
}
