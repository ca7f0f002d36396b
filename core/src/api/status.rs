//! What the next status record of a version continues.

use crate::json::{Json, JsonError};
use crate::name::PackageName;
use crate::version::Version;

/// How many status records a version has: the `seq` of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRecords {
    /// Their number.
    pub records: u64,
    /// Log index of the package's last entry, which the index does not say of a status that was undone; none when the
    /// registry has no such package.
    pub last_leaf: Option<u64>,
}

/// Where it is asked about, below the API.
pub fn path(package: &PackageName, version: &Version) -> String {
    let version = version.to_string().replace('+', "%2B");
    format!("packages/{}/{}/{version}/status", package.namespace_or_none(), package.base())
}

impl StatusRecords {
    /// Reads the response.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 4)?;
        let last_leaf = match object.take_optional("last_leaf") {
            None | Some(Json::Null) => None,
            Some(Json::Number(last)) => Some(last),
            Some(_) => {
                return Err(JsonError::Shape { member: "last_leaf".to_owned(), wanted: "a number or null" });
            }
        };
        Ok(Self { records: object.number("records")?, last_leaf })
    }

    /// The response.
    pub fn to_bytes(self) -> Vec<u8> {
        let last = self.last_leaf.map_or_else(|| "null".to_owned(), |last| last.to_string());
        format!("{{\"records\":{},\"last_leaf\":{last}}}\n", self.records).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_read_back() {
        for last_leaf in [None, Some(7)] {
            let records = StatusRecords { records: 2, last_leaf };
            assert_eq!(StatusRecords::parse(&records.to_bytes()), Ok(records));
        }
        assert!(StatusRecords::parse(b"{\"records\":1,\"last_leaf\":\"x\"}").is_err());
        let (package, version) = (PackageName::parse("a/b").unwrap(), Version::parse("1.0.0+x").unwrap());
        assert_eq!(path(&package, &version), "packages/a/b/1.0.0%2Bx/status");
    }
}
