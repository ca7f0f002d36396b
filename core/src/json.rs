//! JSON as signed documents need it: one reading of every byte sequence, or none.
//!
//! Stricter than RFC 8259 where readers differ: a member that occurs twice, a number that is not a whole
//! number from 0 to 2^64-1, nesting beyond a limit and data behind the value are refused. Shapes are taken
//! apart by [`Object::take`] and its kin, and [`Object::finish`] refuses members nobody asked for.
//!
//! The caller limits the length before parsing; memory stays proportional to it.

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::message::{signing as text, term};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(u64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Object),
}

impl Json {
    /// Reads one value that fills `bytes`, surrounded at most by white space.
    ///
    /// `nesting` is the greatest number of arrays and objects inside one another.
    ///
    /// # Errors
    /// [`JsonError::Syntax`] for anything else, with the reason and the place.
    pub fn parse(bytes: &[u8], nesting: usize) -> Result<Self, JsonError> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = Level(nesting).deserialize(&mut reader).map_err(syntax)?;
        reader.end().map_err(syntax)?;
        Ok(value)
    }

    /// Reads one value that must be an object.
    ///
    /// # Errors
    /// [`JsonError::Syntax`] as [`Json::parse`]; [`JsonError::Shape`] when the value is not an object.
    pub fn parse_object(bytes: &[u8], nesting: usize) -> Result<Object, JsonError> {
        match Self::parse(bytes, nesting)? {
            Self::Object(object) => Ok(object),
            _ => Err(JsonError::Shape { member: String::new(), wanted: "an object" }),
        }
    }
}

/// The members of an object, taken out one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(BTreeMap<String, Json>);

impl FromIterator<(String, Json)> for Object {
    fn from_iter<T: IntoIterator<Item = (String, Json)>>(members: T) -> Self {
        Self(members.into_iter().collect())
    }
}

impl Object {
    /// Takes a member that must be there.
    ///
    /// # Errors
    /// [`JsonError::Missing`] when it is not.
    pub fn take(&mut self, member: &str) -> Result<Json, JsonError> {
        self.0.remove(member).ok_or_else(|| JsonError::Missing(member.to_owned()))
    }

    /// Takes a member that may be missing.
    pub fn take_optional(&mut self, member: &str) -> Option<Json> {
        self.0.remove(member)
    }

    /// Takes a string.
    ///
    /// # Errors
    /// [`JsonError::Missing`], or [`JsonError::Shape`] for another type.
    pub fn text(&mut self, member: &str) -> Result<String, JsonError> {
        match self.take(member)? {
            Json::Text(value) => Ok(value),
            _ => Err(shape(member, "a string")),
        }
    }

    /// Takes a string or `null`.
    ///
    /// # Errors
    /// [`JsonError::Missing`], or [`JsonError::Shape`] for another type.
    pub fn text_or_null(&mut self, member: &str) -> Result<Option<String>, JsonError> {
        match self.take(member)? {
            Json::Text(value) => Ok(Some(value)),
            Json::Null => Ok(None),
            _ => Err(shape(member, "a string or null")),
        }
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// [`JsonError::Missing`], or [`JsonError::Shape`] for another type.
    pub fn number(&mut self, member: &str) -> Result<u64, JsonError> {
        match self.take(member)? {
            Json::Number(value) => Ok(value),
            _ => Err(shape(member, "a whole number")),
        }
    }

    /// Takes an array.
    ///
    /// # Errors
    /// [`JsonError::Missing`], or [`JsonError::Shape`] for another type.
    pub fn list(&mut self, member: &str) -> Result<Vec<Json>, JsonError> {
        match self.take(member)? {
            Json::List(values) => Ok(values),
            _ => Err(shape(member, "an array")),
        }
    }

    /// Takes an array of strings.
    ///
    /// # Errors
    /// [`JsonError::Missing`], or [`JsonError::Shape`] for another type.
    pub fn texts(&mut self, member: &str) -> Result<Vec<String>, JsonError> {
        let one = |value| match value {
            Json::Text(value) => Ok(value),
            _ => Err(shape(member, "an array of strings")),
        };
        self.list(member)?.into_iter().map(one).collect()
    }

    /// Takes an object.
    ///
    /// # Errors
    /// [`JsonError::Missing`], or [`JsonError::Shape`] for another type.
    pub fn object(&mut self, member: &str) -> Result<Object, JsonError> {
        match self.take(member)? {
            Json::Object(value) => Ok(value),
            _ => Err(shape(member, "an object")),
        }
    }

    /// How many members have not been taken.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether every member has been taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members that have not been taken, by name: for objects whose member names are data.
    pub fn into_members(self) -> BTreeMap<String, Json> {
        self.0
    }

    /// Ends the reading of an object.
    ///
    /// # Errors
    /// [`JsonError::Unknown`] when a member was not taken.
    pub fn finish(self) -> Result<(), JsonError> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(member) => Err(JsonError::Unknown(shorten(&member))),
        }
    }
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

fn syntax(error: serde_json::Error) -> JsonError {
    JsonError::Syntax { reason: error.to_string().chars().take(300).collect() }
}

/// Reads a value that may hold so many further levels.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom(text::json_nesting()))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Json, E> {
        Err(E::custom(text::json_number()))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Json, E> {
        Err(E::custom(text::json_number()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let below = self.below()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(below)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let below = self.below()?;
        let mut members = BTreeMap::new();
        while let Some(member) = map.next_key::<String>()? {
            if members.contains_key(&member) {
                return Err(A::Error::custom(text::json_twice(&shorten(&member))));
            }
            let value = map.next_value_seed(below)?;
            members.insert(member, value);
        }
        Ok(Json::Object(Object(members)))
    }
}

/// A JSON document cannot be read, or has not the shape it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON, or JSON that readers might understand differently.
    Syntax {
        /// What is wrong, with line and column.
        reason: String,
    },
    /// A member is missing.
    Missing(String),
    /// A member nobody knows. Cut to 80 characters.
    Unknown(String),
    /// A member (or, if empty, the document) has another type.
    Shape {
        /// Name of the member.
        member: String,
        /// What it must be.
        wanted: &'static str,
    },
}

impl JsonError {
    /// What is wrong, as part of a sentence.
    pub fn reason(&self) -> String {
        match self {
            Self::Syntax { reason } => reason.clone(),
            Self::Missing(member) => text::json_missing(member),
            Self::Unknown(member) => text::json_unknown(member),
            Self::Shape { member, wanted } if member.is_empty() => text::json_shape_whole(term(wanted)),
            Self::Shape { member, wanted } => text::json_shape(member, term(wanted)),
        }
    }
}

impl Diagnose for JsonError {
    fn diagnostic(&self) -> Diagnostic {
        Diagnostic::new(Code::Json, text::json_malformed(&self.reason()))
    }
}
display_as_message!(JsonError);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Json, JsonError> {
        Json::parse(text.as_bytes(), 4)
    }

    #[test]
    fn reads_plain_documents() {
        let mut object = Json::parse_object(br#" {"a":"x","b":7,"c":[1,{}],"d":null} "#, 4).unwrap();
        assert_eq!(object.text("a").unwrap(), "x");
        assert_eq!(object.number("b").unwrap(), 7);
        assert_eq!(object.list("c").unwrap().len(), 2);
        assert_eq!(object.text_or_null("d").unwrap(), None);
        assert_eq!(object.text("e"), Err(JsonError::Missing("e".to_owned())));
        object.finish().unwrap();
    }

    #[test]
    fn refuses_what_readers_understand_differently() {
        for bad in [
            "",
            "{",
            "{} {}",
            "{}x",
            "[1,]",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            "NaN",
            "[NaN]",
            "-1",
            "-0",
            "1.0",
            "1e2",
            "18446744073709551616",
            "01",
            "[[[[[]]]]]",
            "\u{feff}{}",
            "'a'",
            "{a:1}",
            "// x\n1",
            r#""\ud800""#,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse("[[[[]]]]").is_ok());
        assert!(Json::parse(b"\"\xff\"", 4).is_err());
        assert!(parse("\"a\u{0}b\"").is_err());
    }

    #[test]
    fn unknown_members_and_wrong_types_are_named() {
        let mut object = Json::parse_object(br#"{"a":1,"b":2}"#, 4).unwrap();
        assert_eq!(object.text("a"), Err(JsonError::Shape { member: "a".to_owned(), wanted: "a string" }));
        assert_eq!(object.finish(), Err(JsonError::Unknown("b".to_owned())));
        assert!(Json::parse_object(b"[]", 4).is_err());
    }

    #[test]
    fn deep_and_long_input_ends_early() {
        let deep = "[".repeat(200_000);
        assert!(parse(&deep).is_err());
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
        assert!(parse(&long).is_ok());
        let objects = "{\"a\":".repeat(100_000);
        assert!(parse(&objects).is_err());
    }
}
