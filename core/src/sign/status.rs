//! Status records: yank, deprecate and their undoing. Trust document, section 4.2.

use crate::json::{JsonError, Object};
use crate::limits;
use crate::name::PackageName;
use crate::sign::key_map::malformed;
use crate::sign::{Envelope, RegistryId, SignError, Verified, dsse};
use crate::version::Version;
use serde::{Serialize, Serializer};

/// What a status record does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusAction {
    /// The release is no longer chosen; existing locks keep it.
    Yank,
    /// Undoes a yank.
    Unyank,
    /// A remark: there is something better.
    Deprecate,
    /// Undoes a deprecation.
    Undeprecate,
}

impl Serialize for StatusAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl StatusAction {
    /// The word in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yank => "yank",
            Self::Unyank => "unyank",
            Self::Deprecate => "deprecate",
            Self::Undeprecate => "undeprecate",
        }
    }

    /// Reads the word; `None` for another.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Yank, Self::Unyank, Self::Deprecate, Self::Undeprecate]
            .into_iter()
            .find(|action| action.as_str() == word)
    }

    /// Whether a release is as if nothing had been said about it afterwards.
    pub const fn clears(self) -> bool {
        matches!(self, Self::Unyank | Self::Undeprecate)
    }
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// A vulnerability.
    Security,
    /// It does harm on purpose.
    Malware,
    /// It does not work.
    Broken,
    /// It may not be distributed.
    Legal,
    /// It has another name now.
    Renamed,
    /// See the text.
    Other,
}

impl Serialize for StatusCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl StatusCode {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Security, Self::Malware, Self::Broken, Self::Legal, Self::Renamed, Self::Other];

    /// The word in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Malware => "malware",
            Self::Broken => "broken",
            Self::Legal => "legal",
            Self::Renamed => "renamed",
            Self::Other => "other",
        }
    }

    /// Reads the word; `None` for another.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }
}

/// What happened to a release, and why: the part that index lines repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// What.
    pub action: StatusAction,
    /// Why.
    pub code: StatusCode,
    /// In words, at most 500 bytes.
    pub text: String,
    /// What to use instead: a requirement or a package.
    pub instead: Option<String>,
    /// Id of an advisory.
    pub advisory: Option<String>,
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Serialize)]
struct RawChange<'a> {
    action: &'a str,
    code: &'a str,
    text: &'a str,
    #[serde(rename = "use")]
    instead: Option<&'a str>,
    advisory: Option<&'a str>,
}

impl StatusChange {
    /// Takes the members out of an object; the caller ends its reading.
    pub(crate) fn take(object: &mut Object) -> Result<Self, JsonError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        let change = Self {
            action: StatusAction::parse(&object.text("action")?)
                .ok_or_else(|| shape("action", "yank, unyank, deprecate or undeprecate"))?,
            code: StatusCode::parse(&object.text("code")?)
                .ok_or_else(|| shape("code", "security, malware, broken, legal, renamed or other"))?,
            text: object.text("text")?,
            instead: object.text_or_null("use")?,
            advisory: object.text_or_null("advisory")?,
        };
        change.check()?;
        Ok(change)
    }

    /// The reason in one line, for where lines mean something: somebody else wrote it.
    pub fn reason(&self) -> String {
        one_line(&self.text)
    }

    /// What to use instead, in one line.
    pub fn replacement(&self) -> Option<String> {
        self.instead.as_deref().map(one_line)
    }

    /// The members as JSON, without the braces around them.
    pub(crate) fn members(&self) -> String {
        let raw = RawChange {
            action: self.action.as_str(),
            code: self.code.as_str(),
            text: &self.text,
            instead: self.instead.as_deref(),
            advisory: self.advisory.as_deref(),
        };
        let object = serde_json::to_string(&raw).unwrap_or_default();
        object.trim_start_matches('{').strip_suffix('}').unwrap_or_default().to_owned()
    }

    fn check(&self) -> Result<(), JsonError> {
        let shape = |member: &str| JsonError::Shape { member: member.to_owned(), wanted: "a shorter string" };
        if self.text.len() > limits::STATUS_TEXT_LEN {
            return Err(shape("text"));
        }
        let long = |value: &Option<String>| {
            value.as_ref().is_some_and(|value| value.len() > limits::STATUS_TEXT_LEN)
        };
        if long(&self.instead) {
            return Err(shape("use"));
        }
        if long(&self.advisory) {
            return Err(shape("advisory"));
        }
        Ok(())
    }
}

/// A change of status of all artifacts of a version, to be signed with the role `status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRecord {
    /// Id of the registry it is meant for.
    pub registry: RegistryId,
    /// The package.
    pub package: PackageName,
    /// Its version.
    pub version: Version,
    /// 0 for the first record of the version, and one more for each next: an old record cannot be replayed.
    pub seq: u64,
    /// What and why.
    pub change: StatusChange,
}

impl StatusRecord {
    /// The bytes to sign.
    ///
    /// # Errors
    /// [`SignError::Envelope`] when the text is longer than 500 bytes.
    pub fn to_payload(&self) -> Result<Vec<u8>, SignError> {
        self.change.check().map_err(malformed)?;
        let quote = |text: &str| serde_json::Value::from(text).to_string();
        Ok(format!(
            r#"{{"registry":{},"package":{},"version":{},"seq":{},{}}}"#,
            quote(self.registry.as_str()),
            quote(self.package.as_str()),
            quote(&self.version.to_string()),
            self.seq,
            self.change.members()
        )
        .into_bytes())
    }

    /// Reads the payload of an envelope whose signatures have been checked.
    ///
    /// # Errors
    /// [`SignError::Envelope`] when a member is missing, unknown or malformed.
    pub fn parse(verified: &Verified<'_>) -> Result<Self, SignError> {
        let mut object = verified.object()?;
        let record = Self::take(&mut object).map_err(malformed)?;
        object.finish().map_err(malformed)?;
        Ok(record)
    }

    /// Reads the payload of an envelope whose signatures have **not** been checked, to know which version it is about.
    ///
    /// # Errors
    /// As [`StatusRecord::parse`]; [`SignError::PayloadType`] when it is another kind of envelope.
    pub fn unverified(envelope: &Envelope) -> Result<Self, SignError> {
        envelope.expect_type(dsse::STATUS)?;
        let verified = Verified { payload: envelope.unverified_payload(), signers: Default::default() };
        Self::parse(&verified)
    }

    fn take(object: &mut Object) -> Result<Self, JsonError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        Ok(Self {
            registry: RegistryId::parse(&object.text("registry")?)
                .map_err(|_| shape("registry", "a registry id"))?,
            package: PackageName::parse(&object.text("package")?)
                .map_err(|_| shape("package", "the name of a package"))?,
            version: Version::parse(&object.text("version")?).map_err(|_| shape("version", "a version"))?,
            seq: object.number("seq")?,
            change: StatusChange::take(object)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::SecretKey;

    fn record() -> StatusRecord {
        StatusRecord {
            registry: RegistryId::parse("registry.vitte.dev/").unwrap(),
            package: PackageName::parse("roussov/vitte-math").unwrap(),
            version: Version::parse("1.2.4").unwrap(),
            seq: 0,
            change: StatusChange {
                action: StatusAction::Yank,
                code: StatusCode::Security,
                text: "overflow in pow".to_owned(),
                instead: Some("^1.2.5".to_owned()),
                advisory: Some("VSA-2026-0007".to_owned()),
            },
        }
    }

    #[test]
    fn the_example_of_the_trust_document() {
        let payload = record().to_payload().unwrap();
        let wanted = r#"{"registry":"registry.vitte.dev/","package":"roussov/vitte-math","version":"1.2.4","seq":0,"action":"yank","code":"security","text":"overflow in pow","use":"^1.2.5","advisory":"VSA-2026-0007"}"#;
        assert_eq!(String::from_utf8(payload.clone()).unwrap(), wanted);
        let secret = SecretKey::from_seed(&[1; 32]);
        let envelope = Envelope::sign(dsse::STATUS, &payload, &[&secret]).unwrap();
        let verified = envelope.verify(dsse::STATUS, &[secret.public()], 1).unwrap();
        assert_eq!(StatusRecord::parse(&verified), Ok(record()));
        assert_eq!(StatusRecord::unverified(&envelope), Ok(record()));
        let release = Envelope::sign(dsse::RELEASE, &payload, &[&secret]).unwrap();
        assert!(matches!(StatusRecord::unverified(&release), Err(SignError::PayloadType { .. })));
    }

    #[test]
    fn other_shapes_are_refused() {
        let good = String::from_utf8(record().to_payload().unwrap()).unwrap();
        for (from, to) in [
            (r#""seq":0"#, r#""seq":-1"#),
            (r#""seq":0"#, r#""seq":0,"more":1"#),
            (r#""seq":0,"#, ""),
            ("yank", "delete"),
            ("security", "whim"),
            ("1.2.4", "1.2"),
            ("roussov/", "Roussov/"),
            (r#""use":"^1.2.5","#, ""),
            ("overflow", &"x".repeat(500)),
        ] {
            let payload = good.replacen(from, to, 1);
            let verified = Verified { payload: payload.as_bytes(), signers: Default::default() };
            assert!(StatusRecord::parse(&verified).is_err(), "{to}");
        }
        let mut long = record();
        long.change.text = "x".repeat(501);
        assert!(long.to_payload().is_err());
    }
}
