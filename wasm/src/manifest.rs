//! Manifests and paths: parsed as the terminal parses them.

use crate::convert::{JsDiagnostic, to_js};
use serde::Serialize;
use vitte_package_core::diagnostic::{Diagnose as _, Diagnostic};
use vitte_package_core::manifest::Manifest;
use vitte_package_core::path::{PackagePath, PathSet};
use wasm_bindgen::prelude::*;

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ManifestValue"))]
struct Value<'a> {
    name: &'a str,
    version: String,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ParsedManifest"))]
pub(crate) struct Parsed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value<'a>>,
    diagnostics: Vec<JsDiagnostic<'a>>,
}

/// Reads a manifest: `{ value, diagnostics }`, every fault at once.
#[wasm_bindgen(js_name = parseManifest)]
pub fn parse_manifest(source: &str) -> Result<JsValue, JsValue> {
    match Manifest::parse(source) {
        Ok(manifest) => {
            let value = Value { name: manifest.name().as_str(), version: manifest.version().to_string() };
            to_js(&Parsed { value: Some(value), diagnostics: Vec::new() })
        }
        Err(faults) => {
            let diagnostics = faults.diagnostics();
            to_js(&Parsed { value: None, diagnostics: diagnostics.iter().map(JsDiagnostic::new).collect() })
        }
    }
}

/// Checks the paths of one package, given as bytes: the diagnostic of the first fault, or `undefined`.
#[wasm_bindgen(js_name = checkPaths)]
pub fn check_paths(paths: Vec<js_sys::Uint8Array>) -> Result<JsValue, JsValue> {
    let fault = |diagnostic: Diagnostic| to_js(&JsDiagnostic::new(&diagnostic));
    let mut set = PathSet::new();
    for path in paths {
        let path = match PackagePath::from_bytes(&path.to_vec()) {
            Ok(path) => path,
            Err(error) => return fault(error.diagnostic()),
        };
        if let Err(error) = set.insert(&path) {
            return fault(error.diagnostic());
        }
    }
    Ok(JsValue::UNDEFINED)
}
