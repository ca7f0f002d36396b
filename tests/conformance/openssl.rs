//! openssl as an independent judge of keys and signatures: what we write it reads, and the other way round.

use crate::sandbox::has_program;
use std::path::Path;
use std::process::{Command, Output};
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::{Envelope, PublicKey, SecretKey, Signature, dsse};

/// Runs openssl; a test asks [`has_program`] first.
pub fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    output.unwrap_or_else(|error| panic!("openssl is needed for this test: {error}"))
}

/// Runs openssl and asserts that it succeeds.
#[track_caller]
pub fn openssl_ok(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = openssl(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {errors}");
    output.stdout
}

/// The `sig` of an envelope's only signature.
fn signature_of(envelope: &Envelope) -> Vec<u8> {
    use base64::Engine as _;
    let value: serde_json::Value = serde_json::from_slice(envelope.as_bytes()).unwrap();
    let sig = value["signatures"][0]["sig"].as_str().unwrap();
    base64::engine::general_purpose::STANDARD.decode(sig).unwrap()
}

#[test]
fn openssl_verifies_our_envelopes() {
    if !has_program("openssl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (seed, payload) in [(1u8, b"{}".to_vec()), (2, vec![0; 5000]), (3, Vec::new())] {
        let key = SecretKey::from_seed(&[seed; 32]);
        let envelope = Envelope::sign(dsse::RELEASE, &payload, &[&key]).unwrap();
        std::fs::write(at("key.pub"), key.public().to_pem()).unwrap();
        std::fs::write(at("sig"), signature_of(&envelope)).unwrap();
        let verify =
            ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pub", "-sigfile", "sig", "-in", "pae"];
        std::fs::write(at("pae"), dsse::pae(dsse::RELEASE, &payload)).unwrap();
        openssl_ok(folder.path(), &verify);
        // And refuses them over other bytes, so that the judge is known to judge.
        std::fs::write(at("pae"), dsse::pae(dsse::STATUS, &payload)).unwrap();
        assert!(!openssl(folder.path(), &verify).status.success());
    }
}

#[test]
fn we_verify_what_openssl_signs() {
    if !has_program("openssl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    openssl_ok(folder.path(), &["genpkey", "-algorithm", "ed25519", "-out", "key.pem"]);
    openssl_ok(folder.path(), &["pkey", "-in", "key.pem", "-pubout", "-out", "key.pub"]);
    let public = PublicKey::from_pem(&std::fs::read_to_string(at("key.pub")).unwrap()).unwrap();
    std::fs::write(at("pae"), dsse::pae(dsse::RELEASE, b"hello")).unwrap();
    openssl_ok(
        folder.path(),
        &["pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in", "pae", "-out", "sig"],
    );
    let signature = Signature::from_bytes(std::fs::read(at("sig")).unwrap().try_into().unwrap());
    let envelope = Envelope::assemble(dsse::RELEASE, b"hello", &[(public.id(), signature)]).unwrap();
    let verified = envelope.verify(dsse::RELEASE, std::slice::from_ref(&public), 1).unwrap();
    assert_eq!(verified.payload, b"hello");
    // The same key in our hands makes the same signature: Ed25519 is deterministic.
    let secret = SecretKey::from_pkcs8_pem(&std::fs::read_to_string(at("key.pem")).unwrap()).unwrap();
    assert_eq!(secret.sign(&dsse::pae(dsse::RELEASE, b"hello")), signature);
}

#[test]
fn the_key_id_is_the_digest_of_openssls_spki_form() {
    if !has_program("openssl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let key = SecretKey::from_seed(&[7; 32]);
    std::fs::write(folder.path().join("key.pem"), key.to_pkcs8_pem().as_bytes()).unwrap();
    let der = openssl_ok(folder.path(), &["pkey", "-in", "key.pem", "-pubout", "-outform", "DER"]);
    assert_eq!(der, key.public().spki_der());
    assert_eq!(Digest::of(&der), *key.id().digest());
    let private =
        openssl_ok(folder.path(), &["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER"]);
    assert_eq!(private, key.to_pkcs8_der().as_slice());
}
