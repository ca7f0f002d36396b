//! Keys as text: PEM (RFC 7468) around SPKI (RFC 8410 section 4) and PKCS#8 version 1 (RFC 5958, RFC 8410
//! section 7).
//!
//! For Ed25519 both DER forms are a fixed prefix and 32 bytes, so nothing is parsed: other bytes are another
//! key or another form, and refused with as much as can be said about them.

use crate::limits;
use crate::message::signing as text;
use crate::sign::SignError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Label of a public key.
pub const PUBLIC: &str = "PUBLIC KEY";
/// Label of an unencrypted secret key.
pub const PRIVATE: &str = "PRIVATE KEY";
/// Label of an encrypted secret key. Decrypting is the shell's part: it costs time and memory on purpose.
pub const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Characters of a line of base64 (RFC 7468 section 2).
const LINE: usize = 64;
/// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }, up to the key.
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 bytes } }, up to
/// the seed.
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// One block of a PEM text.
pub struct Block {
    /// What follows `BEGIN`.
    pub label: String,
    /// The decoded bytes, overwritten when dropped.
    pub der: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({}, {} bytes)", self.label, self.der.len())
    }
}

/// Reads a text that is exactly one PEM block, with empty lines and white space around it at most.
///
/// Lines end in LF or CR LF. No headers inside the block and no text around it: a file with more than one
/// key would leave open which one it is.
///
/// # Errors
/// [`SignError::Pem`] with the reason.
pub fn parse(given: &str) -> Result<Block, SignError> {
    let refuse = |reason: String| SignError::Pem { reason };
    if given.len() > limits::PEM_LEN {
        return Err(refuse(text::pem_length(limits::PEM_LEN as u64)));
    }
    let mut lines = given.trim().lines().map(str::trim_end);
    let first = lines.next().unwrap_or_default();
    let label = first
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.strip_suffix("-----"))
        .filter(|label| is_label(label))
        .ok_or_else(|| refuse(text::pem_begin()))?;
    // Reserved at once: growing would leave copies of a secret behind.
    let mut body = Zeroizing::new(String::with_capacity(given.len()));
    let mut ended = false;
    for line in lines {
        if ended {
            return Err(refuse(text::pem_more()));
        }
        if let Some(rest) = line.strip_prefix("-----END ") {
            if rest.strip_suffix("-----") != Some(label) {
                return Err(refuse(text::pem_end(label)));
            }
            ended = true;
        } else if line.is_empty() || line.len() > LINE || !line.bytes().all(is_base64) {
            return Err(refuse(text::pem_line()));
        } else {
            body.push_str(line);
        }
    }
    if !ended {
        return Err(refuse(text::pem_end(label)));
    }
    let mut der = Zeroizing::new(vec![0u8; body.len() / 4 * 3 + 3]);
    let len = STANDARD.decode_slice(body.as_bytes(), &mut der).map_err(|_| refuse(text::pem_base64()))?;
    der.truncate(len);
    Ok(Block { label: label.to_owned(), der })
}

/// Whether a text holds, or once held, a private key: a PEM block of any kind of private key, however it was spaced or
/// cut, or the beginnings of OpenSSH's and of PKCS#8's forms without their frames. For a warning where a public key
/// is asked for; a text in which none is found may still be a secret.
pub fn holds_private(text: &str) -> bool {
    const FRAMES: [&[u8]; 3] = [b"PRIVATEKEY", b"SECRETKEY", b"PUTTYUSERKEYFILE"];
    const BODIES: [&[u8]; 2] = [b"b3BlbnNzaC1rZXktdjE", b"MC4CAQAwBQYDK2VwBCIEI"];
    let plain: Zeroizing<Vec<u8>> = Zeroizing::new(text.bytes().filter(u8::is_ascii_alphanumeric).collect());
    let upper = Zeroizing::new(plain.to_ascii_uppercase());
    let holds = |text: &[u8], part: &[u8]| text.windows(part.len()).any(|window| window == part);
    FRAMES.iter().any(|part| holds(&upper, part)) || BODIES.iter().any(|part| holds(&plain, part))
}

/// Writes one PEM block, ending in LF.
pub fn write(label: &str, der: &[u8]) -> Zeroizing<String> {
    let encoded_len = der.len().div_ceil(3) * 4;
    let mut body = Zeroizing::new(vec![0u8; encoded_len]);
    // The buffer has the exact length that base64 needs, so this cannot fail.
    let written = STANDARD.encode_slice(der, &mut body).unwrap_or_default();
    let mut out =
        Zeroizing::new(String::with_capacity(encoded_len + encoded_len / LINE + 2 * label.len() + 64));
    out.push_str("-----BEGIN ");
    out.push_str(label);
    out.push_str("-----\n");
    for line in body[..written].chunks(LINE) {
        out.extend(line.iter().copied().map(char::from));
        out.push('\n');
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LINE
        && label.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b' '))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// The SPKI DER form of a public key.
pub(super) fn spki_der(key: &[u8; 32]) -> [u8; 44] {
    let mut der = [0u8; 44];
    der[..12].copy_from_slice(&SPKI_PREFIX);
    der[12..].copy_from_slice(key);
    der
}

/// The key in an SPKI DER form.
pub(super) fn public_from_spki(der: &[u8]) -> Result<[u8; 32], SignError> {
    match der.strip_prefix(&SPKI_PREFIX).map(<[u8; 32]>::try_from) {
        Some(Ok(key)) => Ok(key),
        _ => Err(SignError::KeyForm { wanted: "an Ed25519 public key", found: describe(der) }),
    }
}

/// The PKCS#8 version 1 DER form of a seed.
pub(super) fn pkcs8_der(seed: &[u8; 32]) -> Zeroizing<[u8; 48]> {
    let mut der = Zeroizing::new([0u8; 48]);
    der[..16].copy_from_slice(&PKCS8_PREFIX);
    der[16..].copy_from_slice(seed);
    der
}

/// The seed in a PKCS#8 version 1 DER form.
pub(super) fn seed_from_pkcs8(der: &[u8]) -> Result<Zeroizing<[u8; 32]>, SignError> {
    match der.strip_prefix(&PKCS8_PREFIX).map(<[u8; 32]>::try_from) {
        Some(Ok(seed)) => Ok(Zeroizing::new(seed)),
        _ => Err(SignError::KeyForm { wanted: "an Ed25519 private key", found: describe(der) }),
    }
}

/// Says what some DER bytes probably are, from the object identifier or version they begin with. Only for
/// messages.
fn describe(der: &[u8]) -> &'static str {
    const KINDS: [(&[u8], &str); 6] = [
        (&[0x06, 0x03, 0x2b, 0x65, 0x6e], "an X25519 key"),
        (&[0x06, 0x03, 0x2b, 0x65, 0x6f], "an X448 key"),
        (&[0x06, 0x03, 0x2b, 0x65, 0x71], "an Ed448 key"),
        (&[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "an elliptic-curve key of another kind"),
        (&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], "an RSA key"),
        (
            &[0x06, 0x03, 0x2b, 0x65, 0x70],
            "an Ed25519 key in another form (PKCS#8 version 1 or SPKI is read)",
        ),
    ];
    let begin = &der[..der.len().min(32)];
    let holds = |oid: &[u8]| begin.windows(oid.len()).any(|window| window == oid);
    KINDS.iter().find(|(oid, _)| holds(oid)).map_or("something else", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnose as _;
    use crate::sign::{PublicKey, SecretKey};

    fn secret() -> SecretKey {
        SecretKey::from_seed(&[0x22; 32])
    }

    #[test]
    fn what_is_written_is_read() {
        let text = secret().to_pkcs8_pem();
        assert_eq!(SecretKey::from_pkcs8_pem(&text).unwrap().id(), secret().id());
        let public = secret().public();
        assert_eq!(PublicKey::from_pem(&public.to_pem()).unwrap(), public);
        let long = write("X", &[7u8; 300]);
        assert_eq!(*parse(&long).unwrap().der, [7u8; 300]);
        assert!(long.lines().all(|line| line.len() <= 64));
    }

    // RFC 8410 section 10.3, the version 1 example and its public key of section 10.1.
    #[test]
    fn the_examples_of_rfc_8410() {
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let key = SecretKey::from_pkcs8_pem(private).unwrap();
        assert_eq!(key.public(), PublicKey::from_pem(public).unwrap());
        assert_eq!(key.to_pkcs8_pem().as_str(), private);
        assert_eq!(key.public().to_pem(), public);
        // The version 2 example, with attributes and the public key inside, is another form.
        let second = "-----BEGIN PRIVATE KEY-----\nMHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\noB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\nZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PRIVATE KEY-----\n";
        assert!(matches!(
            SecretKey::from_pkcs8_pem(second),
            Err(SignError::KeyForm { found, .. }) if found.contains("another form")
        ));
    }

    #[test]
    fn line_ends_and_surrounding_space_do_not_matter() {
        let text = secret().to_pkcs8_pem();
        let windows = format!("\r\n{}\r\n", text.replace('\n', "\r\n"));
        assert_eq!(SecretKey::from_pkcs8_pem(&windows).unwrap().id(), secret().id());
    }

    #[test]
    fn malformed_texts_are_refused() {
        let good = secret().public().to_pem();
        let body = good.lines().nth(1).unwrap();
        for bad in [
            String::new(),
            body.to_owned(),
            good.replace("-----END", "----END"),
            good.replace("BEGIN PUBLIC", "BEGIN PRIVATE"),
            format!("{good}{good}"),
            format!("hello\n{good}"),
            format!("{good}hello"),
            good.replace(body, &format!("Proc-Type: 4,ENCRYPTED\n\n{body}")),
            good.replace(body, &format!("{body}{body}")),
            good.replace(body, &body[..body.len() - 1]),
            good.replace(body, &format!(" {body}")),
            good.replace('=', "=="),
            // The last character carries bits that are not part of any byte.
            good.replace(&body[58..], &format!("{}9=", &body[58..58])),
            "-----BEGIN -----\n-----END -----".to_owned(),
            "x".repeat(limits::PEM_LEN + 1),
        ] {
            assert!(PublicKey::from_pem(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_blocks_and_keys_are_named() {
        let encrypted = write(ENCRYPTED, &[0x30, 0x00]);
        assert_eq!(SecretKey::from_pkcs8_pem(&encrypted).unwrap_err(), SignError::Encrypted);
        let openssh = write("OPENSSH PRIVATE KEY", b"openssh-key-v1\0");
        assert!(matches!(SecretKey::from_pkcs8_pem(&openssh), Err(SignError::PemLabel { .. })));
        assert!(matches!(PublicKey::from_pem(&secret().to_pkcs8_pem()), Err(SignError::PrivateKey)));
        let mut der = secret().public().spki_der();
        der[8] = 0x6e;
        assert!(matches!(
            PublicKey::from_spki_der(&der),
            Err(SignError::KeyForm { found: "an X25519 key", .. })
        ));
        assert!(PublicKey::from_spki_der(&der[..43]).is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let block = parse(&secret().to_pkcs8_pem()).unwrap();
        assert_eq!(format!("{block:?}"), "Block(PRIVATE KEY, 48 bytes)");
        let shown = format!("{:?}", secret());
        assert!(!shown.contains("2222") && shown.contains(&secret().id().to_string()), "{shown}");
    }

    #[test]
    fn t82_a_private_key_is_told_in_any_form_and_a_public_one_never_is() {
        let pem = secret().to_pkcs8_pem().to_string();
        let public = secret().public().to_pem();
        let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQy\n-----END OPENSSH PRIVATE KEY-----\n";
        for text in [
            pem.clone(),
            pem.replace('\n', "\r\n"),
            pem.replace('\n', " "),
            format!("\u{feff}  \r\n{pem}\r\n\r\n"),
            pem.to_lowercase(),
            format!("{public}{pem}"),
            format!("{pem}{public}"),
            // Without its frame, without its end, with a line broken where the word is.
            pem.lines().nth(1).unwrap().to_owned(),
            pem.lines().take(2).collect(),
            pem.replace("PRIVATE KEY", "PRIVATE\nKEY"),
            openssh.to_owned(),
            openssh.lines().nth(1).unwrap().to_owned(),
            pem.replace("PRIVATE", "ENCRYPTED PRIVATE"),
            pem.replace("PRIVATE", "RSA PRIVATE"),
            pem.replace("PRIVATE", "EC PRIVATE"),
            "-----BEGIN PGP PRIVATE KEY BLOCK-----".to_owned(),
        ] {
            assert!(holds_private(&text));
            let error = PublicKey::from_pem(&text).unwrap_err();
            assert_eq!(error, SignError::PrivateKey);
            // Nothing of it is in what is shown.
            let shown = format!("{:?}", error.diagnostic());
            assert!(!shown.contains(pem.lines().nth(1).unwrap()), "{shown}");
        }
        for seed in 0..=255 {
            let public = crate::sign::SecretKey::from_seed(&[seed; 32]).public().to_pem();
            assert!(!holds_private(&public) && PublicKey::from_pem(&public).is_ok(), "{public}");
        }
    }
}
