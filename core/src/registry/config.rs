//! `config.json`: what a registry says about itself.
//!
//! `core/docs/registry-format.md`, section 2.

use super::layout::{self, CONFIG_LEN};
use crate::index::address::{Address, AddressError, refuse};
use crate::json::{Json, JsonError, Object};
use crate::message::network as text;
use crate::sign::RegistryId;

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
        if bytes.len() as u64 > CONFIG_LEN {
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

    /// The address of a file of the registry, by its path ([`layout`]). `base` is the folder of `config.json`.
    ///
    /// # Errors
    /// [`AddressError`] when `config.json` names an address that is not safe to follow.
    pub fn address(&self, base: &Address, path: &str) -> Result<Address, AddressError> {
        let below = |folder: &str, rest: &str| -> Result<Address, AddressError> {
            let rest = layout::as_url_path(rest);
            base.join(&format!("{}/{rest}", folder.trim_end_matches('/')))
        };
        match path.split_once('/') {
            Some(("index", rest)) => below(&self.index, rest),
            Some(("ns", rest)) => below(&self.ns, rest),
            Some(("log", rest)) => below(&self.log, rest),
            Some(("trust", rest)) => below(&self.trust, rest),
            Some(("p", rest)) => {
                let mut parts = rest.splitn(4, '/');
                let mut filled = self.dl.clone();
                for member in ["{namespace}", "{name}", "{version}", "{file}"] {
                    let part = parts.next().ok_or_else(|| refuse(path, text::address_path()))?;
                    filled = filled.replace(member, &layout::as_url_path(part));
                }
                base.join(&filled)
            }
            _ => base.join(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn files_are_where_the_configuration_says() {
        let mut config = RegistryConfig::directory(RegistryId::parse("registry.example/").unwrap());
        let base = Address::parse("https://registry.example/reg").unwrap();
        let at = |config: &RegistryConfig, path: &str| config.address(&base, path).map(|at| at.to_string());
        let archive = "p/demo/hello/1.0.0+a/hello-1.0.0+a.vitmod";
        for path in ["config.json", "index/demo/hello", "ns/demo.jsonl", "log/checkpoint", "trust/2.json"] {
            assert_eq!(at(&config, path).unwrap(), format!("https://registry.example/reg/{path}"));
        }
        let escaped = "p/demo/hello/1.0.0%2Ba/hello-1.0.0%2Ba.vitmod";
        assert_eq!(at(&config, archive).unwrap(), format!("https://registry.example/reg/{escaped}"));
        config.dl = "https://dl.example/{file}?of={namespace}/{name}/{version}".to_owned();
        assert_eq!(
            at(&config, archive).unwrap(),
            "https://dl.example/hello-1.0.0%2Ba.vitmod?of=demo/hello/1.0.0%2Ba"
        );
        config.log = "http://log.example/".to_owned();
        assert!(matches!(at(&config, "log/checkpoint"), Err(AddressError::Downgrade { .. })));
        config.index = "../".to_owned();
        assert!(at(&config, "index/demo/hello").is_err());
    }
}
