//! Signed tokens of a provider (RFC 7519), and the keys they are verified with (RFC 7517).
//!
//! A key says itself what it is for: RS256, ES256 or EdDSA. What the head of a token says only has to agree, so that no
//! token chooses how it is verified.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Map, Value};

/// Bytes of a token, and keys of a provider, at most.
const TOKEN_LEN: usize = 64 * 1024;
const KEYS: usize = 64;

/// A public key of a provider.
#[derive(Clone, Debug)]
pub(super) struct Jwk {
    kid: Option<String>,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is signed with a key that is not among those that are known.
    UnknownKey,
    /// It is no token, or nobody's.
    Invalid,
}

/// Reads the keys of a provider. Those that are for something else, or of a kind that is not verified here, are left out.
pub(super) fn keys(document: &[u8]) -> Option<Vec<Jwk>> {
    let document: Value = serde_json::from_slice(document).ok()?;
    let keys = document.get("keys")?.as_array()?;
    Some(keys.iter().take(KEYS).filter_map(Jwk::read).collect())
}

/// The claims of a token, once its signature is verified. When it is valid and for whom is the caller's to check.
pub(super) fn verify(token: &str, keys: &[Jwk]) -> Result<Map<String, Value>, Fault> {
    let mut parts = token.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Fault::Invalid);
    };
    if token.len() > TOKEN_LEN {
        return Err(Fault::Invalid);
    }
    let header = object(head).ok_or(Fault::Invalid)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let is_known_type = text("typ").is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    if header.contains_key("crit") || !is_known_type {
        return Err(Fault::Invalid);
    }
    let alg = text("alg").ok_or(Fault::Invalid)?;
    let kid = text("kid");
    let mut fitting = keys.iter().filter(|jwk| kid.is_none() || jwk.kid.as_deref() == kid).peekable();
    if fitting.peek().is_none() {
        return Err(Fault::UnknownKey);
    }
    let signature = BASE64URL.decode(signature).map_err(|_| Fault::Invalid)?;
    let message = format!("{head}.{claims}");
    if !fitting.any(|jwk| jwk.key.has_signed(alg, message.as_bytes(), &signature)) {
        return Err(Fault::Invalid);
    }
    object(claims).ok_or(Fault::Invalid)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&BASE64URL.decode(part).ok()?).ok()
}

impl Jwk {
    fn read(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| BASE64URL.decode(text(name)?).ok();
        let is_for = |algs: &[&str]| text("alg").is_none_or(|alg| algs.contains(&alg));
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let key = match (text("kty")?, text("crv")) {
            ("RSA", _) if is_for(&["RS256"]) => {
                let plain = |mut bytes: Vec<u8>| {
                    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                    bytes.split_off(zeros)
                };
                Key::Rsa { n: plain(bytes("n")?), e: plain(bytes("e")?) }
            }
            ("EC", Some("P-256")) if is_for(&["ES256"]) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                (x.len() == 32 && y.len() == 32).then(|| Key::P256([vec![4], x, y].concat()))?
            }
            ("OKP", Some("Ed25519")) if is_for(&["EdDSA", "Ed25519"]) => Key::Ed25519(bytes("x")?),
            _ => return None,
        };
        Some(Self { kid: text("kid").map(str::to_owned), key })
    }
}

impl Key {
    fn has_signed(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (self, alg) {
            (Self::Rsa { n, e }, "RS256") => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Self::P256(key), "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature)
            }
            (Self::Ed25519(key), "EdDSA" | "Ed25519") => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::hmac;
    use serde_json::json;

    /// RFC 7515, A.2.
    const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const RSA_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    /// RFC 7515, A.3.
    const EC_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn rsa() -> Value {
        json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"})
    }

    fn ec() -> Value {
        json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        })
    }

    fn read(jwks: &[Value]) -> Vec<Jwk> {
        keys(json!({ "keys": jwks }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn tokens_of_the_standards_are_verified() {
        for (token, key) in [(RSA_TOKEN, rsa()), (EC_TOKEN, ec())] {
            let claims = verify(token, &read(std::slice::from_ref(&key))).unwrap();
            assert_eq!(claims["iss"], "joe");
            assert_eq!(
                verify(token, &read(&[rsa(), ec()])).unwrap()["iss"],
                "joe",
                "the one that fits is found"
            );
            for at in (0..token.len()).step_by(7) {
                let mut other = token.as_bytes().to_vec();
                other[at] = if other[at] == b'A' { b'B' } else { b'A' };
                let other = String::from_utf8(other).unwrap();
                assert!(verify(&other, &read(std::slice::from_ref(&key))).is_err(), "{at}");
            }
        }
        // RFC 8037, A.4, whose payload is no object: the signature is verified all the same.
        let okp = read(&[
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
        ]);
        let (message, signature) = (
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        );
        let signature = BASE64URL.decode(signature).unwrap();
        assert!(okp[0].key.has_signed("EdDSA", message.as_bytes(), &signature));
        assert!(!okp[0].key.has_signed("ES256", message.as_bytes(), &signature));
    }

    #[test]
    fn a_token_does_not_choose_how_it_is_verified() {
        let claims = BASE64URL.encode(json!({"iss": "joe"}).to_string());
        let made = |header: Value, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
            let message = format!("{}.{claims}", BASE64URL.encode(header.to_string()));
            format!("{message}.{}", BASE64URL.encode(sign(message.as_bytes())))
        };
        let keys = read(&[rsa(), ec()]);
        for alg in ["none", "None", "NONE", "", "HS256", "RS512", "PS256"] {
            let token = made(json!({ "alg": alg }), &|_| Vec::new());
            assert_eq!(verify(&token, &keys), Err(Fault::Invalid), "{alg}");
        }
        // With the public key as the secret of a MAC, in every form somebody might hold it.
        for secret in
            [RSA_N.as_bytes().to_vec(), BASE64URL.decode(RSA_N).unwrap(), rsa().to_string().into_bytes()]
        {
            let mac = |message: &[u8]| {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message).as_ref().to_vec()
            };
            assert_eq!(verify(&made(json!({"alg": "HS256"}), &mac), &keys), Err(Fault::Invalid));
        }
        // A signature that is good, under a head that says something else.
        let (_, rest) = RSA_TOKEN.split_once('.').unwrap();
        for header in [
            json!({"alg": "ES256"}),
            json!({"alg": "RS256", "crit": ["exp"]}),
            json!({"alg": "RS256", "typ": "logout+jwt"}),
            json!({"typ": "JWT"}),
        ] {
            let token = format!("{}.{rest}", BASE64URL.encode(header.to_string()));
            assert_eq!(verify(&token, &keys), Err(Fault::Invalid), "{header}");
        }
        let unknown =
            format!("{}.{rest}", BASE64URL.encode(json!({"alg": "RS256", "kid": "new"}).to_string()));
        assert_eq!(verify(&unknown, &keys), Err(Fault::UnknownKey));
        for bad in ["", "..", "a.b", "a.b.c", "a.b.c.d", &"a".repeat(TOKEN_LEN * 2)] {
            assert_eq!(verify(bad, &keys), Err(Fault::Invalid), "{bad:.9}");
        }
    }

    #[test]
    fn keys_for_something_else_are_left_out() {
        let with = |mut key: Value, name: &str, value: &str| {
            key[name] = value.into();
            read(&[key]).len()
        };
        assert_eq!(read(&[rsa(), ec()]).len(), 2);
        assert_eq!(with(rsa(), "alg", "RS256"), 1);
        for (name, value) in [("alg", "RS512"), ("alg", "HS256"), ("use", "enc"), ("kty", "oct"), ("n", "!")]
        {
            assert_eq!(with(rsa(), name, value), 0, "{name} {value}");
        }
        for (name, value) in [("crv", "P-384"), ("x", "AA"), ("alg", "ES384")] {
            assert_eq!(with(ec(), name, value), 0, "{name} {value}");
        }
        assert!(keys(b"{}").is_none() && keys(b"<html>").is_none());
    }
}
