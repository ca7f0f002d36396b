//! The one place where values cross between Rust and JavaScript.

use serde::Serialize;
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic};
use vitte_package_core::message::wasm as text;
use wasm_bindgen::prelude::*;

/// A Rust value as a plain JavaScript one: maps become objects, absent options `undefined`.
pub(crate) fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(JsValue::from)
}

/// The facade's `Diagnostic`: the code's class stands beside the code.
#[derive(Serialize)]
pub(crate) struct Thrown<'a> {
    class: &'static str,
    #[serde(flatten)]
    diagnostic: &'a Diagnostic,
}

impl<'a> Thrown<'a> {
    pub(crate) fn new(diagnostic: &'a Diagnostic) -> Self {
        Self { class: diagnostic.code.class(), diagnostic }
    }
}

/// A diagnostic, to be thrown; the facade makes a `VitteError` of it.
pub(crate) fn thrown_diagnostic(diagnostic: &Diagnostic) -> JsValue {
    to_js(&Thrown::new(diagnostic)).unwrap_or_else(|failure| failure)
}

/// An error of core, to be thrown.
pub(crate) fn thrown(error: &impl Diagnose) -> JsValue {
    thrown_diagnostic(&error.diagnostic())
}

/// An argument is not what the types declare.
pub(crate) fn argument(name: &str, reason: &str) -> JsValue {
    thrown_diagnostic(&Diagnostic::new(Code::JsArgument, text::argument(name, reason)))
}
