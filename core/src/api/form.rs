//! Forms, as browsers and OAuth clients send them: `application/x-www-form-urlencoded`, read strictly.

use crate::json::JsonError;
use std::collections::BTreeMap;

/// The media type.
pub const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";
/// Bytes of a form at most.
pub const FORM_LEN: u64 = 16 * 1024;
/// Fields of a form at most.
const FIELDS: usize = 64;

/// The fields of a form. A field that is sent twice makes the form invalid: readers would differ about it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(BTreeMap<String, String>);

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords arrive as fields.
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Form {
    /// Reads a form, or the query of an address.
    ///
    /// # Errors
    /// [`JsonError`] for a broken escape, text that is not UTF-8, a repeated field or too many of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut fields = BTreeMap::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            let name = decode(name)?;
            let value = decode(value.get(1..).unwrap_or_default())?;
            if fields.len() == FIELDS {
                return Err(shape("", "a form of at most 64 fields"));
            }
            if fields.insert(name.clone(), value).is_some() {
                return Err(shape(&name, "a field that is sent once"));
            }
        }
        Ok(Self(fields))
    }

    /// A field; none when it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// [`JsonError::Missing`] when it is not.
    pub fn needs(&self, name: &str) -> Result<&str, JsonError> {
        self.get(name).ok_or_else(|| JsonError::Missing(name.to_owned()))
    }
}

/// Fields as a form or a query is sent.
pub fn encode(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Text as a part of a path or a query.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

fn decode(text: &[u8]) -> Result<String, JsonError> {
    let broken = || shape("", "a form in UTF-8");
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut bytes, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let value = digit(at).zip(digit(at + 1)).map(|(high, low)| high * 16 + low);
                bytes.push(value.and_then(|value| u8::try_from(value).ok()).ok_or_else(broken)?);
                at += 2;
            }
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.chars().take(80).collect(), wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_back() {
        let text = encode(&[("user", "a b&c=d"), ("é", "100 %+"), ("none", "")]);
        let form = Form::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (form.get("user"), form.get("é"), form.get("none")),
            (Some("a b&c=d"), Some("100 %+"), None)
        );
        assert_eq!(Form::parse(b"a=b+c&d").unwrap().get("a"), Some("b c"));
        assert!(!format!("{form:?}").contains("a b&c=d"), "a value is printed");
        for bad in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%ff", b"a=1&a=2", b"%61=1&a=2"] {
            assert!(Form::parse(bad).is_err(), "{}", String::from_utf8_lossy(bad));
        }
        let many = (0..70).map(|at| format!("f{at}=1")).collect::<Vec<_>>().join("&");
        assert!(Form::parse(many.as_bytes()).is_err());
    }
}
