//! The index of a registry, read for a resolution: its files in, out of them those of the packages that are wanted, held
//! against the registry's trust root and log.

use crate::convert::{thrown, to_js};
use crate::place;
use serde::Serialize;
use vitte_package_core::digest::Digest;
use vitte_package_core::index::address::Address;
use vitte_package_core::log::note::IndexKey;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::client::{Event, Memory, Refusal, Session, Want};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::RegistryId;
use wasm_bindgen::prelude::*;

/// Reads index files: `want` packages, `needs`, `supply` each, until nothing is needed; then `found` each of them.
#[wasm_bindgen]
pub struct Lookup {
    session: Session,
    pin: Digest,
    base: Address,
}

/// What its newest trust root says of a registry.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trusted<'a> {
    registry: &'a RegistryId,
    index_keys: Vec<String>,
    log_policy: &'a str,
    min_age: f64,
}

#[wasm_bindgen]
impl Lookup {
    /// Starts for the registry `at` an address, by the digest of its first trust root. `memory` is what was kept of it.
    #[wasm_bindgen(constructor)]
    pub fn new(at: &str, trust_root: &str, memory: Option<Vec<u8>>) -> Result<Lookup, JsValue> {
        let digest = trust_root.strip_prefix("sha256:").unwrap_or(trust_root);
        let pin = Digest::from_people(digest).map_err(|error| thrown(&error))?;
        let memory = memory.map(|bytes| Memory::parse_bound(&bytes, &pin).map_err(|error| thrown(&error)));
        let base = Address::parse(at).map_err(|error| thrown(&error))?;
        Ok(Self { session: Session::open(Some(pin), memory.transpose()?.unwrap_or_default()), pin, base })
    }

    /// Wants the index files of these packages.
    pub fn want(&mut self, names: Vec<String>) -> Result<(), JsValue> {
        let names = names.iter().map(|name| PackageName::parse(name).map_err(|error| thrown(&error)));
        self.session.want(Want::Index(names.collect::<Result<_, _>>()?));
        Ok(())
    }

    /// The files to fetch, `{ path, address, limit }` each; none when there is nothing to fetch. Throws why the registry
    /// cannot be read.
    pub fn needs(&mut self) -> Result<JsValue, JsValue> {
        self.session.work();
        while let Some(event) = self.session.take() {
            if let Event::History(Err(refusal)) = event {
                return Err(refused(&refusal));
            }
        }
        match self.session.failure() {
            Some(refusal) => Err(refused(refusal)),
            None => place::needs(self.session.needs(), self.session.config(), &self.base),
        }
    }

    /// Takes a file; `undefined` when the registry does not have it.
    pub fn supply(&mut self, path: &str, file: Option<Vec<u8>>) {
        match file {
            Some(file) => self.session.supply(path, file),
            None => self.session.absent(path),
        }
    }

    /// `{ registry, indexKeys, logPolicy, minAge }`, once nothing is needed; `undefined` before.
    pub fn trusted(&self) -> Result<JsValue, JsValue> {
        let Some(root) = self.session.trust_root().map(|trust| trust.root()) else {
            return Ok(JsValue::UNDEFINED);
        };
        to_js(&Trusted {
            registry: &root.registry,
            index_keys: root.index.iter().map(IndexKey::to_string).collect(),
            log_policy: root.log_policy.text(),
            min_age: root.min_age as f64,
        })
    }

    /// Path of a package's index file, once that was verified; `undefined` when there is no such package. Throws why it
    /// is refused.
    pub fn found(&self, name: &str) -> Result<Option<String>, JsValue> {
        let package = PackageName::parse(name).map_err(|error| thrown(&error))?;
        match self.session.index(&package) {
            Some(Ok(Some(_))) => Ok(Some(layout::index(&package))),
            Some(Ok(None)) | None => Ok(None),
            Some(Err(refusal)) => Err(refused(refusal)),
        }
    }

    /// What is to be kept, given what is kept already; `undefined` when there is nothing to keep. Throws when another
    /// window has seen another history meanwhile.
    pub fn remember(&self, kept: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, JsValue> {
        let kept = kept.map(|kept| Memory::parse_bound(&kept, &self.pin)).transpose();
        // What was stored under another registry is not overwritten.
        let Ok(kept) = kept else { return Ok(None) };
        let merged = kept.unwrap_or_default().merge(self.session.memory()).map_err(|error| thrown(&error))?;
        Ok(Some(merged.to_bound_bytes(&self.pin)))
    }
}

fn refused(refusal: &Refusal) -> JsValue {
    thrown(&*refusal.error)
}
