//! Where the files of a registry are: paths below its root, and `config.json`.
//!
//! Layout: `core/docs/registry-format.md`, sections 2 and 3.

use crate::json::{Json, JsonError, Object};
use crate::log::leaf::Artifact;
use crate::log::tile::{BundleId, TileId};
use crate::name::{Namespace, PackageName};
use crate::sign::RegistryId;
use crate::target::file_name;

/// Path of `config.json`.
pub const CONFIG: &str = "config.json";
/// Path of the checkpoint.
pub const CHECKPOINT: &str = "log/checkpoint";

/// Path of a trust root.
pub fn trust_root(version: u64) -> String {
    format!("trust/{version}.json")
}

/// Path of a package's index file.
pub fn index(package: &PackageName) -> String {
    format!("index/{}/{}", package.namespace_or_none(), package.base())
}

/// Path of a namespace's records.
pub fn namespace(namespace: &Namespace) -> String {
    format!("ns/{namespace}.jsonl")
}

/// Path of an archive, as a file name: `+` in a version stands as it is.
pub fn archive(artifact: &Artifact) -> String {
    let Artifact { package, version, kind, target } = artifact;
    let file = file_name(package, version, *kind, target);
    format!("p/{}/{}/{version}/{file}", package.namespace_or_none(), package.base())
}

/// Path of an archive's proof.
pub fn proof(artifact: &Artifact) -> String {
    format!("{}.tlog-proof", archive(artifact))
}

/// Path of a tile.
pub fn tile(id: TileId) -> String {
    format!("log/{}", id.path())
}

/// Path of a bundle of entries.
pub fn bundle(id: BundleId) -> String {
    format!("log/{}", id.path())
}

/// The same path as it stands in a URL: only a version's `+` needs escaping.
pub fn as_url_path(path: &str) -> String {
    path.replace('+', "%2B")
}

/// What a registry says about itself: hints without authority. Unknown members are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryConfig {
    /// Id of the registry; must be that of the trust root.
    pub registry: RegistryId,
    /// Address of the index, ending in a slash; relative ones count from `config.json`.
    pub index: String,
    /// Address of an archive, with `{namespace}`, `{name}`, `{version}` and `{file}`.
    pub dl: String,
    /// Address of the namespaces.
    pub ns: String,
    /// Address of the log.
    pub log: String,
    /// Address of the trust roots.
    pub trust: String,
    /// Address of the API; none in a registry that is a folder.
    pub api: Option<String>,
    /// Address of the site.
    pub web: Option<String>,
    /// Whether every request needs a token.
    pub auth_required: bool,
    /// Hosts a token may be sent to.
    pub auth_hosts: Vec<String>,
    /// What the server can do.
    pub features: Vec<String>,
    /// Oldest client that can read the registry.
    pub min_client: String,
}

impl RegistryConfig {
    /// The configuration of a registry that is a folder of files.
    pub fn directory(registry: RegistryId) -> Self {
        Self {
            registry,
            index: "index/".to_owned(),
            dl: "p/{namespace}/{name}/{version}/{file}".to_owned(),
            ns: "ns/".to_owned(),
            log: "log/".to_owned(),
            trust: "trust/".to_owned(),
            api: None,
            web: None,
            auth_required: false,
            auth_hosts: Vec::new(),
            features: Vec::new(),
            min_client: "0.1.0".to_owned(),
        }
    }

    /// Reads `config.json`, of at most 64 KiB.
    ///
    /// # Errors
    /// [`JsonError`] when it is not JSON, a member is missing or of another type, or `version` is not 1.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        if bytes.len() > 64 * 1024 {
            return Err(shape("", "a document of at most 64 KiB"));
        }
        let mut object = Json::parse_object(bytes, 8)?;
        if object.number("version")? != 1 {
            return Err(shape("version", "1"));
        }
        let optional = |object: &mut Object, member: &str| match object.take_optional(member) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Text(value)) => Ok(Some(value)),
            Some(_) => Err(shape(member, "a string or null")),
        };
        let registry =
            RegistryId::parse(&object.text("registry")?).map_err(|_| shape("registry", "a registry id"))?;
        let texts = |object: &mut Object, member: &str| match object.texts(member) {
            Err(JsonError::Missing(_)) => Ok(Vec::new()),
            other => other,
        };
        Ok(Self {
            registry,
            index: object.text("index")?,
            dl: object.text("dl")?,
            ns: object.text("ns")?,
            log: object.text("log")?,
            trust: object.text("trust")?,
            api: optional(&mut object, "api")?,
            web: optional(&mut object, "web")?,
            auth_required: match object.take_optional("auth_required") {
                None => false,
                Some(Json::Bool(value)) => value,
                Some(_) => return Err(shape("auth_required", "true or false")),
            },
            auth_hosts: texts(&mut object, "auth_hosts")?,
            features: texts(&mut object, "features")?,
            min_client: optional(&mut object, "min_client")?.unwrap_or_default(),
        })
    }

    /// Writes `config.json`, ending in a line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let quote = |text: &str| serde_json::Value::from(text).to_string();
        let maybe = |text: &Option<String>| text.as_deref().map_or_else(|| "null".to_owned(), quote);
        let list = |texts: &[String]| serde_json::Value::from(texts.to_vec()).to_string();
        let members = [
            ("version", "1".to_owned()),
            ("registry", quote(self.registry.as_str())),
            ("index", quote(&self.index)),
            ("dl", quote(&self.dl)),
            ("ns", quote(&self.ns)),
            ("log", quote(&self.log)),
            ("trust", quote(&self.trust)),
            ("api", maybe(&self.api)),
            ("web", maybe(&self.web)),
            ("auth_required", self.auth_required.to_string()),
            ("auth_hosts", list(&self.auth_hosts)),
            ("features", list(&self.features)),
            ("min_client", quote(&self.min_client)),
        ];
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}\n", members.join(",")).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Kind, Target};
    use crate::version::Version;

    fn artifact(package: &str, version: &str, kind: Kind, target: &str) -> Artifact {
        Artifact {
            package: PackageName::parse(package).unwrap(),
            version: Version::parse(version).unwrap(),
            kind,
            target: Target::parse(target).unwrap(),
        }
    }

    #[test]
    fn paths_follow_the_layout() {
        let bare = artifact("hello", "1.0.0+a", Kind::Vitmod, "any");
        assert_eq!(archive(&bare), "p/_/hello/1.0.0+a/hello-1.0.0+a.vitmod");
        assert_eq!(as_url_path(&archive(&bare)), "p/_/hello/1.0.0%2Ba/hello-1.0.0%2Ba.vitmod");
        assert_eq!(index(&bare.package), "index/_/hello");
        let full = artifact("roussov/math", "1.2.0", Kind::Vitpkg, "x86_64-unknown-linux-gnu");
        assert_eq!(
            proof(&full),
            "p/roussov/math/1.2.0/math-1.2.0-x86_64-unknown-linux-gnu.vitpkg.tlog-proof"
        );
        assert_eq!(namespace(&full.package.namespace_or_none()), "ns/roussov.jsonl");
        assert_eq!(trust_root(3), "trust/3.json");
    }

    #[test]
    fn the_configuration_of_a_folder_is_read_back() {
        let config = RegistryConfig::directory(RegistryId::parse("local/503d8ee46d581c64/").unwrap());
        assert_eq!(RegistryConfig::parse(&config.to_bytes()), Ok(config.clone()));
        let more = String::from_utf8(config.to_bytes()).unwrap().replacen('{', r#"{"later":[1],"#, 1);
        assert_eq!(RegistryConfig::parse(more.as_bytes()), Ok(config));
        for bad in ["{}", "[]", r#"{"version":2}"#, &more.replace("\"version\":1", "\"version\":2")] {
            assert!(RegistryConfig::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
