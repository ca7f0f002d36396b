//! Signing a client in through a browser that may be on another device (RFC 8628). Requests are forms and responses
//! have the members of the standard; a refusal is a problem that also has its `error`.

use super::form::{Form, encode};
use super::problem::Problem;
use super::tokens::{DEFAULT_DAYS, MOST_DAYS, NAME_LEN, bytes, line};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Json, JsonError};
use crate::message::server as text;
use serde::Serialize;

/// Where a sign-in begins, below the API.
pub const PATH: &str = "device";
/// Where the client asks whether it was approved, below the API.
pub const TOKEN_PATH: &str = "device/token";
/// The name that the command line gives itself.
pub const CLIENT: &str = "vitte-package";
/// The grant of the standard.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Seconds between two questions at least, unless the registry says something else; what `slow_down` adds.
pub const INTERVAL: u64 = 5;
/// Bytes of a device code at most.
const CODE_LEN: usize = 256;

/// What a client asks for when a sign-in begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequest {
    /// What the client is.
    pub client: String,
    /// Where it runs: shown to whoever approves, and the name of the token.
    pub name: String,
    /// What the token is to allow; what the registry gives a user by default when there are none.
    pub scopes: Vec<String>,
    /// The packages it is for.
    pub packages: Vec<String>,
    /// For how many days.
    pub expires_days: u64,
}

/// The codes of a sign-in that has begun.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceCodes {
    /// The client's secret.
    pub device_code: String,
    /// What the user types.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// The same with the code filled in.
    pub verification_uri_complete: String,
    /// Seconds until both codes end.
    pub expires_in: u64,
    /// Seconds between two questions at least.
    pub interval: u64,
}

impl std::fmt::Debug for DeviceCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceCodes").field("user_code", &self.user_code).finish_non_exhaustive()
    }
}

/// A sign-in that was approved.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceToken {
    /// The token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Seconds until it ends.
    pub expires_in: u64,
    /// Its scopes, separated by spaces.
    pub scope: String,
}

impl std::fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceToken").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceRefusal {
    /// Nobody has approved yet.
    Pending,
    /// Nobody has approved yet, and the client asks too often.
    SlowDown,
    /// The user has refused.
    Denied,
    /// The codes have ended.
    Expired,
    /// There is no such sign-in, or it has given its token.
    Unknown,
}

impl DeviceRefusal {
    const ALL: [Self; 5] = [Self::Pending, Self::SlowDown, Self::Denied, Self::Expired, Self::Unknown];

    /// Its name in the standard.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::Denied => "access_denied",
            Self::Expired => "expired_token",
            Self::Unknown => "invalid_grant",
        }
    }

    /// What it is to a user.
    pub fn diagnostic(self) -> Diagnostic {
        let (code, message) = match self {
            Self::Pending => (Code::Unauthenticated, text::device_pending()),
            Self::SlowDown => (Code::RateLimited, text::device_slow_down()),
            Self::Denied => (Code::Forbidden, text::device_denied()),
            Self::Expired => (Code::Unauthenticated, text::device_expired()),
            Self::Unknown => (Code::Unauthenticated, text::device_unknown()),
        };
        Diagnostic::new(code, message)
    }

    /// The problem, with the `error` of the standard. Its status is 400, as the standard wants it.
    pub fn to_bytes(self) -> Vec<u8> {
        let problem = Problem::with_status(400, self.diagnostic()).to_bytes();
        let mut json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&problem).unwrap_or_default();
        json.insert("error".to_owned(), self.as_str().into());
        serde_json::to_vec(&json).unwrap_or_default()
    }

    /// Reads the `error` of a refusal; none when it has no known one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let error = Json::parse_object(bytes, 8).ok()?.text("error").ok()?;
        Self::ALL.into_iter().find(|refusal| refusal.as_str() == error)
    }
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

impl DeviceRequest {
    /// Reads the form.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let form = Form::parse(bytes)?;
        let words = |member: &str| -> Vec<String> {
            form.get(member).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
        };
        let (scopes, mut packages) = (words("scope"), words("packages"));
        if packages.is_empty() {
            packages.push("*".to_owned());
        }
        let days = form.get("expires_days").map_or(Ok(DEFAULT_DAYS), str::parse);
        let days = days.ok().filter(|days| (1..=MOST_DAYS).contains(days));
        let client = line("client_id", form.needs("client_id")?.to_owned(), NAME_LEN)?;
        let name = form.get("name").unwrap_or(&client).to_owned();
        Ok(Self {
            name: line("name", name, NAME_LEN)?,
            client,
            scopes,
            packages,
            expires_days: days.ok_or_else(|| shape("expires_days", "a number of days from 1 to 90"))?,
        })
    }

    /// The form as it is sent.
    pub fn to_form(&self) -> String {
        encode(&[
            ("client_id", &self.client),
            ("name", &self.name),
            ("scope", &self.scopes.join(" ")),
            ("packages", &self.packages.join(" ")),
            ("expires_days", &self.expires_days.to_string()),
        ])
    }
}

impl DeviceCodes {
    /// Reads the response. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 4)?;
        let mut member = |name: &str, most| object.text(name).and_then(|text| line(name, text, most));
        let (device_code, user_code) = (member("device_code", CODE_LEN)?, member("user_code", 64)?);
        let verification_uri = member("verification_uri", 2048)?;
        let complete = member("verification_uri_complete", 2048);
        Ok(Self {
            verification_uri_complete: complete.unwrap_or_else(|_| verification_uri.clone()),
            device_code,
            user_code,
            verification_uri,
            expires_in: object.number("expires_in")?,
            interval: object.number("interval").unwrap_or(INTERVAL),
        })
    }

    /// The response.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(self)
    }
}

/// The form that asks whether a sign-in was approved.
pub fn token_form(client: &str, device_code: &str) -> String {
    encode(&[("grant_type", GRANT), ("client_id", client), ("device_code", device_code)])
}

/// Reads that form: the device code.
///
/// # Errors
/// [`JsonError`] for anything else.
pub fn parse_token_form(bytes: &[u8]) -> Result<String, JsonError> {
    let form = Form::parse(bytes)?;
    if form.needs("grant_type")? != GRANT {
        return Err(shape("grant_type", GRANT));
    }
    line("device_code", form.needs("device_code")?.to_owned(), CODE_LEN)
}

impl DeviceToken {
    /// Reads the response. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 4)?;
        let access_token = object.text("access_token")?;
        super::Token::parse(&access_token).map_err(|_| shape("access_token", "a token"))?;
        let scope = object.text("scope")?;
        Ok(Self {
            access_token,
            token_type: "Bearer",
            expires_in: object.number("expires_in")?,
            scope: line("scope", scope, 2048)?,
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
    use crate::api::Token;

    #[test]
    fn requests_are_read_back() {
        let request = DeviceRequest {
            client: CLIENT.to_owned(),
            name: "ada@laptop".to_owned(),
            scopes: vec!["yank".to_owned(), "publish:new".to_owned()],
            packages: vec!["acme/*".to_owned()],
            expires_days: 7,
        };
        assert_eq!(DeviceRequest::parse(request.to_form().as_bytes()), Ok(request));
        let short = DeviceRequest::parse(b"client_id=x").unwrap();
        assert_eq!(
            (short.name.as_str(), short.packages, short.expires_days),
            ("x", vec!["*".to_owned()], 30)
        );
        for bad in
            ["", "name=x", "client_id=x&expires_days=0", "client_id=x&expires_days=91", "client_id=%1B"]
        {
            assert!(DeviceRequest::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert_eq!(parse_token_form(token_form("x", "secret").as_bytes()), Ok("secret".to_owned()));
        assert!(parse_token_form(b"grant_type=password&device_code=x").is_err());
    }

    #[test]
    fn responses_are_read_back() {
        let codes = DeviceCodes {
            device_code: "secret".to_owned(),
            user_code: "BCDF-GHJK".to_owned(),
            verification_uri: "http://127.0.0.1/device".to_owned(),
            verification_uri_complete: "http://127.0.0.1/device?code=BCDF-GHJK".to_owned(),
            expires_in: 600,
            interval: 5,
        };
        assert_eq!(DeviceCodes::parse(&codes.to_bytes()), Ok(codes.clone()));
        assert!(!format!("{codes:?}").contains("secret"));
        let token = DeviceToken {
            access_token: Token::new(&[7; Token::RANDOM]).reveal().to_owned(),
            token_type: "Bearer",
            expires_in: 60,
            scope: "yank".to_owned(),
        };
        assert_eq!(DeviceToken::parse(&token.to_bytes()), Ok(token.clone()));
        assert!(!format!("{token:?}").contains(&token.access_token));
        for refusal in DeviceRefusal::ALL {
            assert_eq!(DeviceRefusal::parse(&refusal.to_bytes()), Some(refusal));
            assert!(Problem::parse(400, &refusal.to_bytes()).is_some());
        }
        assert_eq!(DeviceRefusal::parse(b"{}"), None);
    }
}
