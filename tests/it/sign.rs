//! `vitte package sign`: what changes in the file, and what does not.

use crate::sandbox::Sandbox;
use std::path::PathBuf;
use vitte_package::keys::{KeyName, KeyStore};
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::{SecretKey, Signatures};

/// The example of the archive format document, section 13, behind the byte that tells the fuzz target how to
/// read it.
const HELLO: &[u8] = include_bytes!("../../core/fuzz/corpus/archive/hello-known");

/// Where the header of SIGS begins in it, and where the content frames do.
const SIGS: usize = 648;

struct Signing {
    sandbox: Sandbox,
    file: PathBuf,
}

impl Signing {
    /// A sandbox with `hello.vitpkg` of the given bytes and the trust document's keys `release` and `root`.
    fn of(bytes: &[u8]) -> Self {
        let sandbox = Sandbox::new();
        let file = sandbox.write("hello-1.0.0.vitpkg", bytes);
        let store = KeyStore::at(sandbox.home().join("keys"));
        for (name, seed) in [("release", 0x22), ("root", 0x11)] {
            store.add(&KeyName::parse(name).unwrap(), &SecretKey::from_seed(&[seed; 32]), None).unwrap();
        }
        Self { sandbox, file }
    }

    fn new() -> Self {
        Self::of(&HELLO[1..])
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.file).unwrap()
    }

    fn sign(&self, more: &str) -> crate::sandbox::Ran {
        self.sandbox.run(&format!("sign hello-1.0.0.vitpkg --json {more}"))
    }
}

/// The SIGS payload, and what follows it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let len = u32::from_le_bytes(bytes[SIGS + 4..SIGS + 8].try_into().unwrap()) as usize;
    bytes[SIGS + 8..].split_at(len)
}

#[test]
fn the_envelope_is_that_of_the_trust_document_and_nothing_else_changes() {
    let signing = Signing::new();
    let before = signing.bytes();
    let answer = signing.sign("--key release --registry registry.example/").ends(0).json();
    let result = &answer["result"];
    assert_eq!((&result["package"], &result["version"]), (&"demo/hello".into(), &"1.0.0".into()));
    assert_eq!(
        (&result["target"], &result["changed"], &result["signatures"]),
        (&"any".into(), &true.into(), &1.into())
    );
    let after = signing.bytes();
    let ((old, old_rest), (new, new_rest)) = (split(&before), split(&after));
    assert_eq!((&before[..SIGS], old, old_rest), (&after[..SIGS], &b""[..], new_rest));
    let signatures = Signatures::parse(new).unwrap();
    assert_eq!(
        Digest::of(signatures.envelopes()[0].as_bytes()).to_string(),
        "175ba989478374ee98c474c5598c44aa9f7e240c621e91e28a76b88ed6ee83ec"
    );
}

#[test]
fn signing_twice_changes_nothing_and_others_are_added() {
    let signing = Signing::new();
    assert_eq!(signing.sign("--key release").ends(0).json()["result"]["registry"], "local/");
    let once = signing.bytes();
    let again = signing.sign("--key release").ends(0).json();
    assert_eq!((&again["result"]["changed"], &again["result"]["signatures"]), (&false.into(), &1.into()));
    assert_eq!(signing.bytes(), once);
    assert_eq!(signing.sign("--key root").ends(0).json()["result"]["signatures"], 2);
    assert_eq!(
        signing.sign("--key release --registry registry.example/").ends(0).json()["result"]["signatures"],
        3
    );
    let all = Signatures::parse(split(&signing.bytes()).0).unwrap();
    assert_eq!(&all.envelopes()[..1], Signatures::parse(split(&once).0).unwrap().envelopes());
    // Nothing is left next to the file.
    let names = std::fs::read_dir(signing.sandbox.path()).unwrap().count();
    assert_eq!(names, 2);
    let ran = signing.sandbox.run("sign hello-1.0.0.vitpkg").ends(2);
    assert!(ran.stderr.contains("VP0305") && ran.stderr.contains("release, root"), "{ran}");
}

#[test]
fn what_does_not_hold_together_is_not_signed() {
    // A flipped bit in a length and a digest of the head, the TOC, the frame of the manifest.
    for (at, exit) in [(40, 3), (60, 5), (130, 5), (1300, 5)] {
        let mut bytes = HELLO[1..].to_vec();
        bytes[at] ^= 1;
        let signing = Signing::of(&bytes);
        signing.sign("--key release").ends(exit);
        assert_eq!(signing.bytes(), bytes);
    }
    for bytes in [&b"hello"[..], &HELLO[1..700], b""] {
        let signing = Signing::of(bytes);
        signing.sign("--key release").ends(3);
        assert_eq!(signing.bytes(), bytes);
    }
}

#[test]
fn a_stapled_bundle_stays_last_and_as_it_is() {
    let odd = r#"{ "vitte-bundle":1, "trust": [ ] }"#;
    let payload = format!("[{odd}]");
    let plain = &HELLO[1..];
    let len = (payload.len() as u32).to_le_bytes();
    let bytes = [&plain[..SIGS + 4], &len, payload.as_bytes(), &plain[SIGS + 8..]].concat();
    let signing = Signing::of(&bytes);
    signing.sign("--key release").ends(0);
    let after = signing.bytes();
    let text = std::str::from_utf8(split(&after).0).unwrap();
    assert!(text.ends_with(&format!(",{odd}]")), "{text}");
}

#[test]
fn registry_and_target_are_checked() {
    let signing = Signing::new();
    for bad in ["https://registry.example/", "registry.example", "Registry.example/"] {
        let ran = signing.sign(&format!("--key release --registry {bad}")).ends(2);
        assert_eq!(ran.json()["diagnostics"][0]["code"], "VP0303");
    }
    signing.sign("--key release --target X86").ends(3);
    std::fs::rename(&signing.file, signing.sandbox.path().join("other.vitpkg")).unwrap();
    let ran = signing.sandbox.run("sign other.vitpkg --key release").ends(3);
    assert!(ran.stderr.contains("--target"), "{ran}");
    signing.sandbox.run("sign other.vitpkg --key release --target wasm32-unknown-unknown").ends(0);
}

#[cfg(unix)]
#[test]
fn the_mode_of_the_file_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let signing = Signing::new();
    std::fs::set_permissions(&signing.file, std::fs::Permissions::from_mode(0o640)).unwrap();
    signing.sign("--key release").ends(0);
    assert_eq!(std::fs::metadata(&signing.file).unwrap().permissions().mode() & 0o7777, 0o640);
}
