use super::*;
use crate::digest::Digest;
use proptest::prelude::*;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// The envelope of the trust document, section 12.
fn golden() -> Envelope {
    let payload = crate::sign::statement::golden().to_payload().unwrap();
    Envelope::sign(RELEASE, &payload, &[&key(0x22)]).unwrap()
}

#[test]
fn pae_is_that_of_the_dsse_protocol() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    assert_eq!(pae("\u{e9}", b""), "DSSEv1 2 \u{e9} 0 ".as_bytes());
}

#[test]
fn golden_values_of_the_trust_document() {
    let envelope = golden();
    let message = pae(envelope.payload_type(), envelope.unverified_payload());
    assert_eq!(message.len(), 604);
    assert_eq!(
        Digest::of(&message).to_string(),
        "25b78512585eddbffab0cc10bdc971d0fadd714a36cc593c93900c7cb0b64bed"
    );
    assert_eq!(
        format!("{:?}", key(0x22).sign(&message)),
        "Signature(589a638c21587a1604e781ed0ee79dbbe3a6af3982aff9ab67c325b5db50247df4fda45b7716f73f2f994f9d2c1cce8d61d4bb86b957190aa91614e71ea93500)"
    );
    assert_eq!(envelope.as_bytes().len(), 996);
    assert_eq!(
        Digest::of(envelope.as_bytes()).to_string(),
        "175ba989478374ee98c474c5598c44aa9f7e240c621e91e28a76b88ed6ee83ec"
    );
    let verified = envelope.verify(RELEASE, &[key(0x22).public()], 1).unwrap();
    assert_eq!(verified.signers, [key(0x22).id()].into());
}

#[test]
fn print_and_parse_are_inverse() {
    let envelope = golden();
    assert_eq!(Envelope::parse(envelope.as_bytes()).unwrap(), envelope);
    assert_eq!(envelope.claimed_signers(), [key(0x22).id()]);
}

#[test]
fn each_key_counts_once() {
    let (one, two) = (key(1), key(2));
    let allowed = [one.public(), two.public(), one.public()];
    let threshold = |keys: &[&SecretKey]| {
        Envelope::sign(RELEASE, b"{}", keys).unwrap().verify(RELEASE, &allowed, 2).map(|_| ())
    };
    assert_eq!(threshold(&[&one, &two]), Ok(()));
    assert_eq!(threshold(&[&one, &one]), Err(SignError::Threshold { needed: 2, got: 1 }));
    // The same key, once with its id and once without.
    let envelope = Envelope::sign(RELEASE, b"{}", &[&one, &one]).unwrap();
    let text = String::from_utf8(envelope.as_bytes().to_vec()).unwrap();
    let anonymous = text.replacen(&one.id().to_string(), "", 1);
    let again = Envelope::parse(anonymous.as_bytes()).unwrap();
    assert_eq!(again.signers(&allowed).unwrap().len(), 1);
}

#[test]
fn the_key_id_only_chooses_the_key() {
    let (one, two) = (key(1), key(2));
    let text =
        String::from_utf8(Envelope::sign(RELEASE, b"{}", &[&one]).unwrap().as_bytes().to_vec()).unwrap();
    let verify = |text: &str, allowed: &[PublicKey]| {
        Envelope::parse(text.as_bytes()).unwrap().verify(RELEASE, allowed, 1).map(|verified| verified.signers)
    };
    let allowed = [one.public(), two.public()];
    let id = one.id().to_string();
    let signers = Ok([one.id()].into());
    assert_eq!(verify(&text, &allowed), signers);
    assert_eq!(verify(&text.replace(&id, ""), &allowed), signers);
    assert_eq!(verify(&text.replace(&format!(r#""keyid":"{id}","#), ""), &allowed), signers);
    // Another allowed key's id: that key did not sign.
    let lie = text.replace(&id, &two.id().to_string());
    assert_eq!(verify(&lie, &allowed), Err(SignError::Signature { key: two.id() }));
    // An unknown id, or a name of another scheme, is passed over.
    let none = Err(SignError::Threshold { needed: 1, got: 0 });
    assert_eq!(verify(&lie, &allowed[..1]), none);
    assert_eq!(verify(&text.replace(&id, "work laptop"), &allowed), none);
}

#[test]
fn checks_come_in_order() {
    let one = key(1);
    let envelope = Envelope::sign(STATUS, b"not json", &[&one]).unwrap();
    let allowed = [one.public()];
    assert!(matches!(envelope.verify(RELEASE, &allowed, 2), Err(SignError::Threshold { .. })));
    assert!(matches!(envelope.verify(RELEASE, &allowed, 1), Err(SignError::PayloadType { .. })));
    let verified = envelope.verify(STATUS, &allowed, 0).unwrap();
    assert_eq!(verified.payload, b"not json");
    assert!(verified.object().is_err());
    assert!(matches!(envelope.verify(STATUS, &[], 0), Err(SignError::Threshold { needed: 1, got: 0 })));
}

/// Texts in the place of the golden envelope, each with one fault.
#[test]
fn malformed_envelopes_are_refused() {
    let good = String::from_utf8(golden().as_bytes().to_vec()).unwrap();
    assert!(Envelope::parse(good.as_bytes()).is_ok());
    let entry = &good[good.find("[{").unwrap() + 1..good.len() - 2];
    let many = |count: usize| good.replace(entry, &vec![entry; count].join(","));
    assert!(Envelope::parse(many(16).as_bytes()).is_ok());
    let payload_at = good.find(r#""payload":""#).unwrap() + 11;
    let mut cases = vec![
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        // The form in which some readers accept a struct as an array.
        r#"["application/vnd.in-toto+json","e30=",[{"sig":""}]]"#.to_owned(),
        format!("{good}\n"),
        format!("{good}{good}"),
        format!("{good},"),
        good.replacen('{', "{\n", 1),
        good.replacen('{', r#"{"extra":1,"#, 1),
        good.replacen('{', r#"{"payloadType":"x","#, 1),
        good.replacen('{', r#"{"pa\u0079load":"e30=","#, 1),
        good.replace(r#"{"keyid""#, r#"{"cert":"x","keyid""#),
        good.replace(r#""payload":"#, r#""Payload":"#),
        good.replace("==\"}", "=\"}"),
        good.replace("==\"}", "\"}"),
        many(0),
        many(17),
        good.replace(&format!("[{entry}]"), "{}"),
        good.replace(&format!("[{entry}]"), "[1]"),
        good.replace(&format!("[{entry}]"), "NaN"),
        format!("{}?{}", &good[..payload_at], &good[payload_at + 1..]),
        format!("{} {}", &good[..payload_at], &good[payload_at + 1..]),
        good.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(20_000), "]".repeat(20_000)), 1),
        format!("{}{}", &good[..payload_at], "A".repeat(1 << 20)),
        good.replace("application/vnd.in-toto+json", &"t".repeat(49_152)),
    ];
    // A last character whose low bits belong to no byte: 64 bytes end in one character of 2 bits.
    let last = good.rfind("==\"").unwrap() - 1;
    let set = |c: char| format!("{}{c}{}", &good[..last], &good[last + 1..]);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = alphabet.find(&good[last..=last]).unwrap();
    cases.extend((1..16).map(|bits| set(alphabet.as_bytes()[value & 0x30 | bits] as char)));
    for case in cases {
        let error = Envelope::parse(case.as_bytes()).expect_err(&case[..case.len().min(300)]);
        assert!(matches!(error, SignError::Envelope { .. }), "{error:?}");
    }
}

#[test]
fn url_safe_base64_is_read() {
    let payload = [0xfb, 0xff, 0xfe, 0xfb, 0xef];
    let text = String::from_utf8(Envelope::sign(RELEASE, &payload, &[&key(1)]).unwrap().as_bytes().to_vec())
        .unwrap();
    assert!(text.contains("+//+++8="), "{text}");
    let url_safe = text.replace("+//+++8=", "-__---8=");
    assert_eq!(Envelope::parse(url_safe.as_bytes()).unwrap().unverified_payload(), payload);
    assert!(Envelope::parse(text.replace("+//+++8=", "-//+++8=").as_bytes()).is_err());
}

#[test]
fn a_signature_of_another_length_is_never_valid() {
    let text =
        String::from_utf8(Envelope::sign(RELEASE, b"{}", &[&key(1)]).unwrap().as_bytes().to_vec()).unwrap();
    let at = text.find(r#""sig":""#).unwrap() + 7;
    let short = format!("{}AAAA\"}}]}}", &text[..at]);
    let envelope = Envelope::parse(short.as_bytes()).unwrap();
    assert!(matches!(envelope.signers(&[key(1).public()]), Err(SignError::Signature { .. })));
    assert!(envelope.signers(&[key(2).public()]).unwrap().is_empty());
}

proptest! {
    #[test]
    fn what_is_signed_is_verified(payload in proptest::collection::vec(any::<u8>(), 0..400), kind in "\\PC{0,40}", seeds in proptest::collection::btree_set(1u8..20, 1..5)) {
        let keys: Vec<SecretKey> = seeds.iter().map(|seed| key(*seed)).collect();
        let envelope = Envelope::sign(&kind, &payload, &keys.iter().collect::<Vec<_>>()).unwrap();
        let again = Envelope::parse(envelope.as_bytes()).unwrap();
        let allowed: Vec<PublicKey> = keys.iter().map(SecretKey::public).collect();
        let verified = again.verify(&kind, &allowed, keys.len()).unwrap();
        prop_assert_eq!(verified.payload, payload.as_slice());
        prop_assert_eq!(verified.signers.len(), keys.len());
    }

    #[test]
    fn any_changed_byte_is_refused_or_says_the_same(at in 0usize..996, bit in 0u8..8) {
        let envelope = golden();
        let mut bytes = envelope.as_bytes().to_vec();
        bytes[at] ^= 1 << bit;
        let allowed = [key(0x22).public()];
        if let Ok(changed) = Envelope::parse(&bytes)
            && let Ok(verified) = changed.verify(RELEASE, &allowed, 1)
        {
            prop_assert_eq!(verified.payload, envelope.unverified_payload());
            // Only the unsigned hint may differ: then every key is tried, or none.
            prop_assert!(changed.claimed_signers() == envelope.claimed_signers());
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Envelope::parse(&bytes);
        let _ = crate::sign::Signatures::parse(&bytes);
    }
}
