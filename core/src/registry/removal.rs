//! Archives that a registry's operator has removed: the record that takes an archive's place.
//!
//! The log entry, the proof and the index line of a removed archive stay, so nothing that is verified depends on the
//! record: to a client the archive is absent. The record tells those who look after a registry that this is so on purpose.

use crate::json::JsonError;
use serde::{Deserialize, Serialize};

/// Bytes of a record at most.
pub const REMOVAL_LEN: u64 = 4096;

/// Why an archive was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalReason {
    /// The law asks for it: 451.
    Legal,
    /// For any other reason: 410.
    Removed,
}

impl RemovalReason {
    /// The status of the response to a request for the archive.
    pub const fn status(self) -> u16 {
        match self {
            Self::Legal => 451,
            Self::Removed => 410,
        }
    }

    /// Reads `legal` or `removed`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "legal" => Some(Self::Legal),
            "removed" => Some(Self::Removed),
            _ => None,
        }
    }
}

/// The record of a removed archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Why.
    pub reason: RemovalReason,
    /// When, in Unix seconds.
    pub time: u64,
}

#[derive(Serialize, Deserialize)]
struct RemovalJson {
    v: u64,
    reason: RemovalReason,
    time: u64,
}

impl Removal {
    /// Reads a record.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let json: RemovalJson =
            serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax { reason: error.to_string() })?;
        match json {
            RemovalJson { v: 1, reason, time } => Ok(Self { reason, time }),
            _ => Err(JsonError::Shape { member: "v".to_owned(), wanted: "1" }),
        }
    }

    /// The record, in one line.
    pub fn to_bytes(self) -> Vec<u8> {
        let json = RemovalJson { v: 1, reason: self.reason, time: self.time };
        let mut bytes = serde_json::to_vec(&json).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back() {
        for (word, status) in [("legal", 451), ("removed", 410)] {
            let reason = RemovalReason::parse(word).unwrap();
            let removal = Removal { reason, time: 1_800_000_000 };
            assert_eq!((Removal::parse(&removal.to_bytes()), reason.status()), (Ok(removal), status));
        }
        assert_eq!(
            Removal { reason: RemovalReason::Legal, time: 7 }.to_bytes(),
            b"{\"v\":1,\"reason\":\"legal\",\"time\":7}\n"
        );
        assert_eq!(RemovalReason::parse("x"), None);
        for bad in
            ["", "{}", "{\"v\":2,\"reason\":\"legal\",\"time\":7}", "{\"v\":1,\"reason\":\"x\",\"time\":7}"]
        {
            assert!(Removal::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
