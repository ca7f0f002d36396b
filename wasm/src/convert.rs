//! The one place where values cross between Rust and JavaScript.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic};
use vitte_package_core::message::wasm as text;
use wasm_bindgen::prelude::*;

/// A Rust value as a plain JavaScript one: maps become objects, absent options `undefined`.
pub(crate) fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(JsValue::from)
}

/// The facade's `Diagnostic`: the code's class stands beside the code.
pub(crate) struct Thrown<'a>(&'a Diagnostic);

impl<'a> Thrown<'a> {
    pub(crate) fn new(diagnostic: &'a Diagnostic) -> Self {
        Self(diagnostic)
    }
}

impl Serialize for Thrown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(self.0).map_err(S::Error::custom)?;
        if let Value::Object(members) = &mut value {
            members.insert("class".to_owned(), self.0.code.class().into());
        }
        Exact(&value).serialize(serializer)
    }
}

/// A JSON value whose numbers JavaScript can hold: a whole number beyond that is its digits, as a string.
/// What a malformed archive states may be any number of 64 bits.
struct Exact<'a>(&'a Value);

impl Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const GREATEST: u64 = (1 << 53) - 1;
        match self.0 {
            Value::Array(values) => serializer.collect_seq(values.iter().map(Exact)),
            Value::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, Exact(value))))
            }
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(whole), _) if whole > GREATEST => serializer.collect_str(&whole),
                (None, Some(whole)) if whole.unsigned_abs() > GREATEST => serializer.collect_str(&whole),
                _ => number.serialize(serializer),
            },
            other => other.serialize(serializer),
        }
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
