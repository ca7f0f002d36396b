//! Tokens: `vtt_<id>_<secret><checksum>`, so that a scanner finds a lost one without asking anybody.
//!
//! The id names the token in lists and logs. Of the secret a registry keeps only the digest: 256 random bits need no
//! slow hash. A checksum tells a mistyped token from a revoked one before it is sent anywhere.

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::Digest;
use crate::message::server as text;
use std::fmt;

/// What a token begins with.
const PREFIX: &str = "vtt_";
/// Characters of the id, of the secret and of the checksum.
const ID: usize = 12;
const SECRET: usize = 43;
const CHECKSUM: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token. It is secret: what is printed of it is its id.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
}

impl Token {
    /// Random bytes that a token is made of.
    pub const RANDOM: usize = 40;

    /// Makes a token of random bytes.
    pub fn new(random: &[u8; Self::RANDOM]) -> Self {
        let (id, secret) = random.split_at(8);
        let front = format!("{PREFIX}{}_{}", base62(id, ID), base62(secret, SECRET));
        let checksum = base62(&crc32(front.as_bytes()).to_be_bytes(), CHECKSUM);
        Self { text: front + &checksum }
    }

    /// Reads a token.
    ///
    /// # Errors
    /// [`TokenError`] when it has another form, or was mistyped.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let parts = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
        let (id, rest) = parts.ok_or(TokenError::Form)?;
        let whole = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if id.len() != ID || rest.len() != SECRET + CHECKSUM || !whole(id) || !whole(rest) {
            return Err(TokenError::Form);
        }
        let (front, checksum) = text.split_at(text.len() - CHECKSUM);
        let expected = base62(&crc32(front.as_bytes()).to_be_bytes(), CHECKSUM);
        if checksum == expected { Ok(Self { text: text.to_owned() }) } else { Err(TokenError::Checksum) }
    }

    /// Its id, which is not secret.
    pub fn id(&self) -> &str {
        self.text.get(PREFIX.len()..PREFIX.len() + ID).unwrap_or_default()
    }

    /// The digest that a registry keeps.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// The token itself, to be shown once or sent.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({PREFIX}{}_…)", self.id())
    }
}

/// A text is no token. The text is not repeated: it may be most of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It has another form or length.
    Form,
    /// It has the form of a token, and its checksum is wrong.
    Checksum,
}

impl Diagnose for TokenError {
    fn diagnostic(&self) -> Diagnostic {
        let message = match self {
            Self::Form => text::token_malformed(),
            Self::Checksum => text::token_checksum(),
        };
        Diagnostic::new(Code::Unauthenticated, message)
    }
}
display_as_message!(TokenError);

/// A number in base 62, with zeros in front up to `width` digits.
fn base62(bytes: &[u8], width: usize) -> String {
    let (mut number, mut digits) = (bytes.to_vec(), Vec::new());
    while number.iter().any(|byte| *byte != 0) {
        let mut rest = 0u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or_default();
            rest = value % 62;
        }
        digits.extend(DIGITS.get(rest as usize));
    }
    digits.resize(width.max(digits.len()), b'0');
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// CRC-32 of ISO 3309, as in gzip.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_the_form_that_scanners_look_for() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!((base62(&[0, 61], 3), base62(&[62], 1)), ("00z".to_owned(), "10".to_owned()));
        for random in [[0; 40], [0xFF; 40], std::array::from_fn(|at| at as u8)] {
            let token = Token::new(&random);
            let text = token.reveal();
            assert_eq!(text.len(), 4 + 12 + 1 + 43 + 6, "{text}");
            assert_eq!(Token::parse(text), Ok(token.clone()));
            assert!(!format!("{token:?}").contains(&text[17..]), "the secret is printed");
            assert!(format!("{token:?}").contains(token.id()));
            for at in 0..text.len() {
                let mut other = text.as_bytes().to_vec();
                other[at] = if other[at] == b'a' { b'b' } else { b'a' };
                let expected =
                    if at < PREFIX.len() || at == 16 { TokenError::Form } else { TokenError::Checksum };
                assert_eq!(Token::parse(std::str::from_utf8(&other).unwrap()), Err(expected), "{at}");
            }
        }
        for bad in ["", "vtt_", "vtt_a_b", "ghp_abc", &"vtt_".repeat(20)] {
            assert_eq!(Token::parse(bad), Err(TokenError::Form));
        }
    }
}
