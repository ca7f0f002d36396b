//! The one place where values cross between Rust and JavaScript.

use serde::Serialize;
use vitte_package_core::diagnostic::{Diagnose, Diagnostic};
use wasm_bindgen::prelude::*;

/// A Rust value as a plain JavaScript one: maps become objects, absent options `undefined`.
pub(crate) fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

#[derive(Serialize)]
struct Thrown<'a> {
    class: &'static str,
    #[serde(flatten)]
    diagnostic: &'a Diagnostic,
}

/// A diagnostic as the facade's `Diagnostic`: the code's class stands beside the code.
pub(crate) fn diagnostic_to_js(diagnostic: &Diagnostic) -> Result<JsValue, JsValue> {
    to_js(&Thrown { class: diagnostic.code.class(), diagnostic })
}

/// An error of core, to be thrown; the facade makes a `VitteError` of it.
pub(crate) fn thrown(error: &impl Diagnose) -> JsValue {
    diagnostic_to_js(&error.diagnostic()).unwrap_or_else(|failure| failure)
}
