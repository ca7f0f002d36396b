//! Who may publish to a package, besides having a key of its namespace.

use super::tokens::{bytes, line, lines};
use crate::json::{Json, JsonError};
use crate::name::{Namespace, PackageName};
use serde::Serialize;

/// What has owners.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owned {
    /// A package.
    Package(PackageName),
    /// A whole namespace: written `namespace/*`.
    Namespace(Namespace),
}

impl Owned {
    /// Reads `namespace/name` or `namespace/*`; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.split_once('/')?;
        match name {
            "*" => Namespace::parse(namespace).ok().map(Self::Namespace),
            _ => PackageName::parse(text).ok().map(Self::Package),
        }
    }

    /// Where its owners are, below the API.
    pub fn path(&self) -> String {
        format!("packages/{}/owners", self.to_string().replace('*', "%2A"))
    }

    /// Where one of them is added or removed, below the API.
    pub fn user_path(&self, user: &str) -> String {
        format!("{}/{}", self.path(), super::form::escape(user))
    }
}

impl std::fmt::Display for Owned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Package(name) => write!(f, "{}/{}", name.namespace_or_none(), name.base()),
            Self::Namespace(namespace) => write!(f, "{namespace}/*"),
        }
    }
}

/// The owners of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Owners {
    /// The package, or `namespace/*`.
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
        for (text, path) in
            [("acme/json", "packages/acme/json/owners"), ("acme/*", "packages/acme/%2A/owners")]
        {
            let owned = Owned::parse(text).unwrap();
            assert_eq!((owned.to_string().as_str(), owned.path().as_str()), (text, path));
            assert_eq!(owned.user_path("a/b"), format!("{path}/a%2Fb"));
        }
        for bad in ["json", "acme/", "*/json", "acme/json/x", "../*"] {
            assert_eq!(Owned::parse(bad), None, "{bad}");
        }
    }
}
