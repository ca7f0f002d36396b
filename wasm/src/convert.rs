//! The one place where values cross between Rust and JavaScript.

use serde::de::DeserializeOwned;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic};
use vitte_package_core::message::wasm as text;
use wasm_bindgen::prelude::*;

/// A Rust value as a plain JavaScript one, through JSON: one way across for every type, which keeps the module small.
pub(crate) fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let json = serde_json::to_string(value).map_err(|error| JsValue::from_str(&error.to_string()))?;
    js_sys::JSON::parse(&json)
}

/// A plain JavaScript value as a Rust one; members that are `undefined` are absent.
pub(crate) fn from_js<T: DeserializeOwned>(name: &str, value: &JsValue) -> Result<T, JsValue> {
    let json = js_sys::JSON::stringify(value)?;
    let json: String = json.into();
    serde_json::from_str(&json).map_err(|error| argument(name, &error.to_string()))
}

/// The facade's `Diagnostic`: a diagnostic with its code's class.
pub(crate) struct JsDiagnostic<'a>(&'a Diagnostic);

impl<'a> JsDiagnostic<'a> {
    pub(crate) fn new(diagnostic: &'a Diagnostic) -> Self {
        Self(diagnostic)
    }
}

impl Serialize for JsDiagnostic<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(self.0).map_err(S::Error::custom)?;
        if let Value::Object(members) = &mut value {
            members.insert("class".to_owned(), self.0.code.class().into());
        }
        Exact(&value).serialize(serializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for JsDiagnostic<'_> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Diagnostic".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = Diagnostic::json_schema(generator);
        if let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            members.insert("class".to_owned(), serde_json::json!({ "type": "string" }));
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.push("class".into());
        }
        schema
    }
}

/// A JSON value without empty members whose numbers JavaScript can hold: a whole number beyond that is its digits, as a string.
/// A malformed archive may contain any number of 64 bits.
struct Exact<'a>(&'a Value);

impl Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const GREATEST: u64 = (1 << 53) - 1;
        match self.0 {
            Value::Array(values) => serializer.collect_seq(values.iter().map(Exact)),
            Value::Object(members) => {
                let there = members.iter().filter(|(_, value)| !value.is_null());
                serializer.collect_map(there.map(|(name, value)| (name, Exact(value))))
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
    to_js(&JsDiagnostic::new(diagnostic)).unwrap_or_else(|failure| failure)
}

/// An error of core, to be thrown.
pub(crate) fn thrown(error: &impl Diagnose) -> JsValue {
    thrown_diagnostic(&error.diagnostic())
}

/// An argument is not what the types declare.
pub(crate) fn argument(name: &str, reason: &str) -> JsValue {
    thrown_diagnostic(&Diagnostic::new(Code::JsArgument, text::argument(name, reason)))
}
