//! Vectors made by others (see `tests/vectors/README.md`) and the key ids of the trust document.

use super::*;
use serde::Deserialize;

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn unhex_array<const N: usize>(text: &str) -> [u8; N] {
    unhex(text).try_into().unwrap()
}

/// The decision over raw parts, for vectors that hold keys [`PublicKey`] refuses.
fn accepts(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| verify_strict(&key, message, &Signature::from_bytes(*signature)))
}

/// The decision a user gets: the key refused, or the signature refused, or accepted.
fn accepts_registered(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    PublicKey::from_bytes(key)
        .is_ok_and(|key| key.verify(message, &Signature::from_bytes(*signature)).is_ok())
}

// RFC 8032 section 7.1: seed, public key, message, signature of tests 1, 2, 3 and SHA(abc); test 1024 is
// a file, since its message has 1,023 bytes.
const RFC_8032: [[&str; 4]; 4] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
    [
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ],
];

#[test]
fn rfc_8032_section_7_1() {
    let long = include_str!("../../../../tests/vectors/ed25519/rfc8032-test-1024.txt");
    let mut rows = RFC_8032.to_vec();
    let lines: Vec<&str> = long.lines().filter(|line| !line.starts_with('#')).collect();
    rows.push(<[&str; 4]>::try_from(lines).unwrap());
    assert_eq!(rows.len(), 5);
    for [seed, public, message, signature] in rows {
        let secret = SecretKey::from_seed(&unhex_array(seed));
        assert_eq!(secret.public().as_bytes(), &unhex_array::<32>(public));
        let message = unhex(message);
        assert_eq!(secret.sign(&message).as_bytes(), &unhex_array::<64>(signature));
        assert!(accepts_registered(&unhex_array(public), &message, &unhex_array(signature)));
    }
}

#[derive(Deserialize)]
struct Cctv {
    number: u32,
    key: String,
    sig: String,
    msg: String,
    flags: Option<Vec<String>>,
}

#[test]
fn cctv_accepts_exactly_43_of_914() {
    let text = include_str!("../../../../tests/vectors/ed25519/cctv.json");
    let vectors: Vec<Cctv> = serde_json::from_str(text).unwrap();
    assert_eq!(vectors.len(), 914);
    let mut accepted = 0;
    for vector in &vectors {
        let (key, signature) = (unhex_array(&vector.key), unhex_array(&vector.sig));
        let strict = accepts(&key, vector.msg.as_bytes(), &signature);
        let registered = accepts_registered(&key, vector.msg.as_bytes(), &signature);
        assert_eq!(strict, registered, "number {}", vector.number);
        if strict {
            accepted += 1;
            let flags = vector.flags.as_deref().unwrap_or_default();
            let mixed = ["low_order_component_A", "low_order_component_R"];
            assert!(flags.iter().all(|flag| mixed.contains(&flag.as_str())), "number {}", vector.number);
        }
    }
    assert_eq!(accepted, 43);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wycheproof {
    number_of_tests: usize,
    test_groups: Vec<WycheproofGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WycheproofGroup {
    public_key: WycheproofKey,
    public_key_der: String,
    public_key_pem: String,
    tests: Vec<WycheproofTest>,
}

#[derive(Deserialize)]
struct WycheproofKey {
    pk: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WycheproofTest {
    tc_id: u32,
    msg: String,
    sig: String,
    result: String,
}

#[test]
fn wycheproof_valid_is_accepted_and_nothing_else() {
    let text = include_str!("../../../../tests/vectors/ed25519/wycheproof.json");
    let suite: Wycheproof = serde_json::from_str(text).unwrap();
    let (mut tests, mut valid) = (0, 0);
    for group in &suite.test_groups {
        let key = PublicKey::from_bytes(&unhex_array(&group.public_key.pk)).unwrap();
        assert_eq!(key.spki_der(), unhex_array(&group.public_key_der));
        assert_eq!(PublicKey::from_pem(&group.public_key_pem).unwrap(), key);
        for test in &group.tests {
            let signature = <[u8; 64]>::try_from(unhex(&test.sig)).ok().map(Signature::from_bytes);
            let accepted = signature.is_some_and(|s| key.verify(&unhex(&test.msg), &s).is_ok());
            assert_eq!(accepted, test.result == "valid", "test {}", test.tc_id);
            tests += 1;
            valid += usize::from(accepted);
        }
    }
    assert_eq!((tests, valid, suite.number_of_tests), (151, 88, 151));
}

#[test]
fn weak_and_non_canonical_keys_are_refused() {
    let field = |low: u8| {
        let mut bytes = [0xff; 32];
        bytes[0] = low;
        bytes[31] = 0x7f;
        bytes
    };
    let mut one = [0; 32];
    one[0] = 1;
    let mut negative_zero = one;
    negative_zero[31] = 0x80;
    // y = 0, y = 1, y = 1 with the sign of a zero x, y = -1, and y = p, p+1, p+3 (the same as 0, 1, 3).
    for bytes in [[0; 32], one, negative_zero, field(0xec), field(0xed), field(0xee), field(0xf0)] {
        assert_eq!(PublicKey::from_bytes(&bytes), Err(SignError::WeakKey), "{bytes:02x?}");
    }
    // y = 2 is not on the curve.
    let mut two = [0; 32];
    two[0] = 2;
    assert_eq!(PublicKey::from_bytes(&two), Err(SignError::WeakKey));
}

#[test]
fn key_ids_of_the_trust_document() {
    let release = SecretKey::from_seed(&[0x22; 32]).public();
    assert_eq!(
        release.as_bytes(),
        &unhex_array::<32>("a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0")
    );
    assert_eq!(release.id().to_string(), "744f36cca67eb1912cb282e08e86bd2fe0d09004a28cf6e7c6bd56cdd6bf65aa");
    let root = SecretKey::from_seed(&[0x11; 32]);
    assert_eq!(root.id().to_string(), "503d8ee46d581c649966569ae095e27041de83322e8e0480e5539e00d2d5d874");
    assert_eq!(root.public().id(), root.id());
    // python3: base64.b32encode(bytes.fromhex(id))[:16]
    assert_eq!(release.id().short(), "SHA256:ORHTNTFGP2YZCLFS");
    assert!(KeyId::parse(&release.id().short()).is_err());
    assert_eq!(KeyId::parse(&release.id().to_string()), Ok(release.id()));
}

#[test]
fn another_message_key_or_signature_is_refused() {
    let key = SecretKey::from_seed(&[1; 32]);
    let signature = key.sign(b"hello");
    assert!(key.public().verify(b"hello", &signature).is_ok());
    assert!(key.public().verify(b"hello!", &signature).is_err());
    assert!(SecretKey::from_seed(&[2; 32]).public().verify(b"hello", &signature).is_err());
    for bit in 0..512 {
        let mut bytes = *signature.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(key.public().verify(b"hello", &Signature::from_bytes(bytes)).is_err(), "bit {bit}");
    }
}
