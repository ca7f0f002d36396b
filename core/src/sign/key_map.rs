//! Maps of keys in signed documents: `{"<keyid>":{"spki":"<base64>"}}`.

use crate::json::{Json, JsonError, Object};
use crate::limits;
use crate::ordered;
use crate::sign::{KeyId, PublicKey, SignError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Takes a map of keys, ordered by id.
pub(crate) fn take_keys(object: &mut Object, member: &str) -> Result<Vec<PublicKey>, SignError> {
    let mut keys = Vec::new();
    for (id, value) in members(object, member)? {
        let Json::Object(mut value) = value else { return Err(shape(member, "an object of objects")) };
        keys.push(take_key(&id, &mut value)?);
        value.finish().map_err(malformed)?;
    }
    ordered::sort(&mut keys);
    Ok(keys)
}

/// The members of an object whose names are key ids; at most 64.
pub(super) fn members(object: &mut Object, member: &str) -> Result<Vec<(String, Json)>, SignError> {
    let members = object.object(member).map_err(malformed)?.into_members();
    if members.len() > limits::NAMESPACE_KEYS {
        return Err(shape(member, "an object of at most 64 keys"));
    }
    Ok(members.into_iter().collect())
}

/// Takes `spki` out of `value`; the key must be the one its id names, and fit for use.
pub(super) fn take_key(id: &str, value: &mut Object) -> Result<PublicKey, SignError> {
    let spki = value.text("spki").map_err(malformed)?;
    let der = STANDARD.decode(&spki).map_err(|_| shape("spki", "base64 of a public key"))?;
    let key = PublicKey::from_spki_der(&der)?;
    if KeyId::parse(id) != Ok(key.id()) {
        return Err(shape("keys", "an object whose member names are the ids of its keys"));
    }
    Ok(key)
}

/// Writes a map of keys.
pub(crate) fn print_keys(keys: &[PublicKey]) -> serde_json::Value {
    let entry = |key: &PublicKey| (key.id().to_string(), serde_json::json!({ "spki": print_spki(key) }));
    serde_json::Value::Object(keys.iter().map(entry).collect())
}

/// The base64 form of a key.
pub(super) fn print_spki(key: &PublicKey) -> String {
    STANDARD.encode(key.spki_der())
}

fn shape(member: &str, wanted: &'static str) -> SignError {
    malformed(JsonError::Shape { member: member.to_owned(), wanted })
}

/// A document that was signed and has not the shape it must have.
pub(crate) fn malformed(error: JsonError) -> SignError {
    SignError::Envelope { reason: error.reason() }
}
