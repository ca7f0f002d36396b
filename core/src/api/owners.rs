//! Who may publish to a package, besides having a key of its namespace.

use super::tokens::{bytes, line, lines};
use crate::json::{Json, JsonError};
use crate::name::PackageName;
use serde::Serialize;

/// Bytes of a request at most.
pub const REQUEST_LEN: u64 = 64 * 1024;

/// Where the owners of a package are, below the API.
pub fn path(package: &PackageName) -> String {
    format!("packages/{}/{}/owners", package.namespace_or_none(), package.base())
}

/// The users to add or to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnersRequest {
    /// Their names.
    pub users: Vec<String>,
}

/// The owners of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owners {
    /// The package.
    pub package: String,
    /// Those of the package itself. With none here and in the namespace, whoever has a key of the namespace may publish.
    pub owners: Vec<String>,
    /// Those of its namespace, who may do the same.
    pub namespace_owners: Vec<String>,
}

impl OwnersRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 4)?;
        let users = lines(&mut object, "users")?;
        object.finish()?;
        if users.is_empty() {
            return Err(JsonError::Shape { member: "users".to_owned(), wanted: "at least one user" });
        }
        Ok(Self { users })
    }

    /// The request as it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(self)
    }
}

impl Owners {
    /// Reads the response. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 4)?;
        let package = object.text("package")?;
        Ok(Self {
            package: line("package", package, 256)?,
            owners: lines(&mut object, "owners")?,
            namespace_owners: lines(&mut object, "namespace_owners")?,
        })
    }

    /// The response.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_responses_are_read_back() {
        let request = OwnersRequest { users: vec!["ada".to_owned()] };
        assert_eq!(OwnersRequest::parse(&request.to_bytes()), Ok(request));
        for bad in [r#"{"users":[]}"#, r#"{"users":["a"],"x":1}"#, r#"{"users":["a\n"]}"#, "[]"] {
            assert!(OwnersRequest::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let owners = Owners {
            package: "acme/json".to_owned(),
            owners: vec!["ada".to_owned()],
            namespace_owners: Vec::new(),
        };
        assert_eq!(Owners::parse(&owners.to_bytes()), Ok(owners));
        assert_eq!(path(&PackageName::parse("acme/json").unwrap()), "packages/acme/json/owners");
    }
}
