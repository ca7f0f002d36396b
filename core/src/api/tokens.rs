//! Tokens as their user manages them: created, listed, revoked; and who is signed in.

use crate::json::{Json, JsonError, Object};
use serde::Serialize;

/// Where tokens are, below the API.
pub const PATH: &str = "tokens";
/// Where a client asks who it is, below the API.
pub const ME_PATH: &str = "me";
/// Bytes of a request at most.
pub const REQUEST_LEN: u64 = 64 * 1024;
/// Days that a token lives when nothing else is asked for, and at most.
pub const DEFAULT_DAYS: u64 = 30;
/// See [`DEFAULT_DAYS`].
pub const MOST_DAYS: u64 = 90;
/// Characters of a token's name at most.
pub const NAME_LEN: usize = 64;
/// Scopes, patterns or networks of a token at most.
const ITEMS: usize = 100;

/// Where one token is, below the API.
pub fn path(id: &str) -> String {
    format!("{PATH}/{}", super::form::escape(id))
}

/// What a token is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenRequest {
    /// What its user calls it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// The packages it is for: `*`, `namespace/*`, `namespace/name`.
    pub packages: Vec<String>,
    /// The networks it may be used from; everywhere when there are none.
    pub cidrs: Vec<String>,
    /// For how many days.
    pub expires_days: u64,
}

/// What a token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// By its user or the operator, for a program. It cannot make other tokens.
    Token,
    /// By signing a client in. It can manage its user's tokens.
    Login,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenInfo {
    /// Its id.
    pub id: String,
    /// What its user calls it; may be empty.
    pub name: String,
    /// What it was made for.
    pub kind: TokenKind,
    /// What it allows.
    pub scopes: Vec<String>,
    /// The packages it is for.
    pub packages: Vec<String>,
    /// The networks it may be used from; everywhere when there are none.
    pub cidrs: Vec<String>,
    /// When it was made, in Unix seconds.
    pub created: u64,
    /// When it ends.
    pub expires: u64,
    /// When it was used last, to some minutes.
    pub last_used: Option<u64>,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// The user's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenList {
    /// The newest first.
    pub tokens: Vec<TokenInfo>,
}

/// A token that was just made.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedToken {
    /// The token itself, this once.
    pub token: String,
    /// What it is.
    pub info: TokenInfo,
}

impl std::fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CreatedToken").field(&self.info).finish()
    }
}

/// Who a client is to the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    /// The user's name.
    pub user: String,
    /// The user's role.
    pub role: String,
    /// The token that was sent; none in a browser's session.
    pub token: Option<TokenInfo>,
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

/// A text that can be shown on one line.
pub(super) fn line(member: &str, text: String, most: usize) -> Result<String, JsonError> {
    if text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(shape(member, "a short text on one line"));
    }
    Ok(text)
}

/// Some short texts.
pub(super) fn lines(object: &mut Object, member: &str) -> Result<Vec<String>, JsonError> {
    let texts = object.texts(member)?;
    if texts.len() > ITEMS {
        return Err(shape(member, "at most 100 items"));
    }
    texts.into_iter().map(|text| line(member, text, 256)).collect()
}

pub(super) fn bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl TokenRequest {
    /// Reads a request. Without `packages` the token is for all of them, without `cidrs` for use from everywhere,
    /// without `expires_days` for 30 days.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 4)?;
        let mut optional = |member: &str, or: &[&str]| match object.take_optional(member) {
            None => Ok(or.iter().map(|text| (*text).to_owned()).collect()),
            Some(value) => lines(&mut Object::from_iter([(member.to_owned(), value)]), member),
        };
        let (packages, cidrs) = (optional("packages", &["*"])?, optional("cidrs", &[])?);
        let expires_days = match object.take_optional("expires_days") {
            None => DEFAULT_DAYS,
            Some(Json::Number(days @ 1..=MOST_DAYS)) => days,
            Some(_) => return Err(shape("expires_days", "a number of days from 1 to 90")),
        };
        let name = object.text("name")?;
        let request = Self {
            name: line("name", name, NAME_LEN)?,
            scopes: lines(&mut object, "scopes")?,
            packages,
            cidrs,
            expires_days,
        };
        object.finish()?;
        Ok(request)
    }

    /// The request as it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(self)
    }
}

impl TokenInfo {
    fn read(mut object: Object) -> Result<Self, JsonError> {
        let kind = match object.text("kind")?.as_str() {
            "login" => TokenKind::Login,
            _ => TokenKind::Token,
        };
        let last_used = match object.take_optional("last_used") {
            None | Some(Json::Null) => None,
            Some(Json::Number(time)) => Some(time),
            Some(_) => return Err(shape("last_used", "a number or null")),
        };
        let (id, name) = (object.text("id")?, object.text("name")?);
        Ok(Self {
            id: line("id", id, 64)?,
            name: line("name", name, NAME_LEN)?,
            kind,
            scopes: lines(&mut object, "scopes")?,
            packages: lines(&mut object, "packages")?,
            cidrs: lines(&mut object, "cidrs")?,
            created: object.number("created")?,
            expires: object.number("expires")?,
            last_used,
            revoked: object.take("revoked")? == Json::Bool(true),
        })
    }
}

impl TokenList {
    /// Reads the response. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let one = |value| match value {
            Json::Object(object) => TokenInfo::read(object),
            _ => Err(shape("tokens", "an array of objects")),
        };
        let tokens = Json::parse_object(bytes, 6)?.list("tokens")?;
        Ok(Self { tokens: tokens.into_iter().map(one).collect::<Result<_, _>>()? })
    }

    /// The response.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(self)
    }
}

impl CreatedToken {
    /// Reads the response. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 6)?;
        let token = object.text("token")?;
        super::Token::parse(&token).map_err(|_| shape("token", "a token"))?;
        Ok(Self { token, info: TokenInfo::read(object.object("info")?)? })
    }

    /// The response.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(self)
    }
}

impl Me {
    /// Reads the response. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 6)?;
        let token = match object.take_optional("token") {
            None | Some(Json::Null) => None,
            Some(Json::Object(token)) => Some(TokenInfo::read(token)?),
            Some(_) => return Err(shape("token", "an object or null")),
        };
        let (user, role) = (object.text("user")?, object.text("role")?);
        Ok(Self { user: line("user", user, 64)?, role: line("role", role, 64)?, token })
    }

    /// The response.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Token;

    fn info() -> TokenInfo {
        TokenInfo {
            id: "abcDEF012345".to_owned(),
            name: "ci of é".to_owned(),
            kind: TokenKind::Login,
            scopes: vec!["publish:update".to_owned()],
            packages: vec!["acme/*".to_owned()],
            cidrs: vec!["10.0.0.0/8".to_owned()],
            created: 1,
            expires: 2,
            last_used: None,
            revoked: false,
        }
    }

    #[test]
    fn requests_and_responses_are_read_back() {
        let TokenInfo { name, scopes, packages, cidrs, .. } = info();
        let request = TokenRequest { name, scopes, packages, cidrs, expires_days: 7 };
        assert_eq!(TokenRequest::parse(&request.to_bytes()), Ok(request));
        let short = TokenRequest::parse(br#"{"name":"x","scopes":["yank"]}"#).unwrap();
        assert_eq!((short.packages, short.cidrs, short.expires_days), (vec!["*".to_owned()], vec![], 30));
        let list =
            TokenList { tokens: vec![info(), TokenInfo { last_used: Some(3), revoked: true, ..info() }] };
        assert_eq!(TokenList::parse(&list.to_bytes()), Ok(list));
        let token = Token::new(&[7; Token::RANDOM]);
        let created = CreatedToken { token: token.reveal().to_owned(), info: info() };
        assert_eq!(CreatedToken::parse(&created.to_bytes()), Ok(created.clone()));
        assert!(!format!("{created:?}").contains(token.reveal()), "the token is printed");
        for token in [None, Some(info())] {
            let me = Me { user: "ada".to_owned(), role: "admin".to_owned(), token };
            assert_eq!(Me::parse(&me.to_bytes()), Ok(me));
        }
    }

    #[test]
    fn other_requests_are_refused() {
        for bad in [
            r#"{}"#,
            r#"{"name":"x","scopes":["yank"],"admin":true}"#,
            r#"{"name":"x","scopes":["yank"],"expires_days":91}"#,
            r#"{"name":"x","scopes":["yank"],"expires_days":0}"#,
            r#"{"name":"a\u001b[2J","scopes":["yank"]}"#,
            r#"{"name":"x","scopes":"yank"}"#,
            r#"{"name":"x","scopes":["yank"],"packages":[1]}"#,
        ] {
            assert!(TokenRequest::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let many = serde_json::json!({"name": "x", "scopes": vec!["yank"; 101]}).to_string();
        assert!(TokenRequest::parse(many.as_bytes()).is_err());
    }
}
