//! Ids, secrets and signatures: `v1` of Standard Webhooks is HMAC-SHA256 over id, time and body.

use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// What a secret begins with when it is written down.
const PREFIX: &str = "whsec_";

/// What messages of a webhook are signed with.
pub(super) struct Secret(String);

impl Secret {
    /// A new one, of 32 random bytes.
    pub(super) fn draw() -> Result<Self> {
        Ok(Self(format!("{PREFIX}{}", STANDARD.encode(random::<32>()?))))
    }

    /// One that was stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    /// As it is written down, for the one who checks signatures.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// The header `webhook-signature` of a message; none where the secret is not what it must be.
    pub(super) fn sign(&self, id: &str, time: u64, body: &str) -> Option<String> {
        let key = STANDARD.decode(self.0.strip_prefix(PREFIX)?).ok()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let tag = hmac::sign(&key, format!("{id}.{time}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(tag)))
    }
}

/// An id of a webhook.
pub(super) fn id() -> Result<String> {
    Ok(random::<8>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn random<const LEN: usize>() -> Result<[u8; LEN]> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(|error| Error::storage("the system's randomness", &error))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries (standard-webhooks, MIT licence).
    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        let secret = Secret::stored("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert!(Secret::draw().unwrap().sign("msg", 1, "{}").is_some());
        assert_eq!(Secret::stored("something else".to_owned()).sign("msg", 1, "{}"), None);
    }
}
