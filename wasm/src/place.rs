//! Where the files of a registry are, and which of them are to be fetched.

use crate::convert::{thrown, to_js};
use serde::Serialize;
use vitte_package_core::index::address::Address;
use vitte_package_core::registry::RegistryConfig;
use vitte_package_core::registry::client::FileNeed;
use wasm_bindgen::prelude::*;

/// A file of the registry to fetch.
#[derive(Serialize)]
struct Need<'a> {
    path: &'a str,
    address: String,
    limit: f64,
}

/// The files to fetch, `{ path, address, limit }` each.
pub(crate) fn needs(
    needs: &[FileNeed],
    config: Option<&RegistryConfig>,
    base: &Address,
) -> Result<JsValue, JsValue> {
    let need = |need: &'_ FileNeed| {
        let address = address_of(config, base, &need.path)?;
        to_js(&Need { path: &need.path, address, limit: need.limit as f64 })
    };
    let needs: js_sys::Array = needs.iter().map(need).collect::<Result<_, _>>()?;
    Ok(needs.into())
}

/// Where a file of a registry is: next to `config.json`, unless that says otherwise.
pub(crate) fn address_of(
    config: Option<&RegistryConfig>,
    base: &Address,
    path: &str,
) -> Result<String, JsValue> {
    let address = match config {
        Some(config) => config.address(base, path),
        None => base.join(path),
    };
    Ok(address.map_err(|error| thrown(&error))?.to_string())
}
