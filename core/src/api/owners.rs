//! Who may publish to a package, besides having a key of its namespace.

use super::tokens::{bytes, line, lines};
use crate::json::{Json, JsonError};
use crate::name::PackageName;
use serde::Serialize;

/// Where the owners of a package are, below the API.
pub fn path(package: &PackageName) -> String {
    format!("packages/{}/{}/owners", package.namespace_or_none(), package.base())
}

/// Where one of them is added or removed, below the API.
pub fn user_path(package: &PackageName, user: &str) -> String {
    format!("{}/{}", path(package), super::form::escape(user))
}

/// The owners of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Owners {
    /// The package.
    pub package: String,
    /// Those of the package itself. With none here and in the namespace, whoever has a key of the namespace may publish.
    pub owners: Vec<String>,
    /// Those of its namespace, who may do the same.
    pub namespace_owners: Vec<String>,
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
    fn a_response_is_read_back() {
        let owners = Owners {
            package: "acme/json".to_owned(),
            owners: vec!["ada".to_owned()],
            namespace_owners: Vec::new(),
        };
        assert_eq!(Owners::parse(&owners.to_bytes()), Ok(owners));
        let package = PackageName::parse("acme/json").unwrap();
        assert_eq!(user_path(&package, "a/b"), "packages/acme/json/owners/a%2Fb");
    }
}
