//! What goes into statements, and what comes back.

use crate::error::{Error, Result};

/// A value of a column.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// None.
    Null,
    /// A number; times are Unix seconds.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl std::fmt::Debug for Value {
    /// Says what it is and never what it holds: that may be the digest of a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Integer(_) => "Integer",
            Self::Text(_) => "Text",
            Self::Blob(_) => "Blob",
        })
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u64> for Value {
    /// No number of ours comes near the limit; a time beyond it means "never".
    fn from(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The values of a statement, each made a [`Value`].
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::database::Value::from($value)),*] };
}
pub(crate) use values;

/// A row of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Row(pub(super) Vec<Value>);

impl Row {
    fn get(&self, column: usize) -> &Value {
        self.0.get(column).unwrap_or(&Value::Null)
    }

    /// A number.
    pub(crate) fn integer(&self, column: usize) -> Result<i64> {
        self.maybe_integer(column)?.ok_or_else(unexpected)
    }

    /// A number that is not negative: a time, a count.
    pub(crate) fn seconds(&self, column: usize) -> Result<u64> {
        u64::try_from(self.integer(column)?).map_err(|_| unexpected())
    }

    /// A text.
    pub(crate) fn text(&self, column: usize) -> Result<String> {
        self.maybe_text(column)?.ok_or_else(unexpected)
    }

    /// Bytes.
    pub(crate) fn blob(&self, column: usize) -> Result<Vec<u8>> {
        self.maybe_blob(column)?.ok_or_else(unexpected)
    }

    /// A number, or none.
    pub(crate) fn maybe_integer(&self, column: usize) -> Result<Option<i64>> {
        match self.get(column) {
            Value::Null => Ok(None),
            Value::Integer(value) => Ok(Some(*value)),
            _ => Err(unexpected()),
        }
    }

    /// A text, or none.
    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<String>> {
        match self.get(column) {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value.clone())),
            _ => Err(unexpected()),
        }
    }

    /// Bytes, or none.
    pub(crate) fn maybe_blob(&self, column: usize) -> Result<Option<Vec<u8>>> {
        match self.get(column) {
            Value::Null => Ok(None),
            Value::Blob(value) => Ok(Some(value.clone())),
            _ => Err(unexpected()),
        }
    }
}

/// A column that does not hold what its table says.
pub(super) fn unexpected() -> Error {
    Error::storage("its database", &"unexpected content")
}
