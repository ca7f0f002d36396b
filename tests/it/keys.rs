//! The key store: modes, passphrases, choice of the signer, trusted keys, and that no secret gets out.

use crate::openssl::openssl_ok;
use crate::sandbox::{Ran, Sandbox, has_program};
use std::path::Path;
use vitte_package::env::{Env, Variable};
use vitte_package::keys::{FromEnvironment, KeyName, KeyStore, Passphrase, Protection};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::sign::SecretKey;
use zeroize::Zeroizing;

const PASSWORD: &str = "VITTE_SIGNING_KEY_PASSWORD";

fn name(text: &str) -> KeyName {
    KeyName::parse(text).unwrap()
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn env(sandbox: &Sandbox) -> Env {
    Env::new(sandbox.path(), sandbox.home())
}

/// Runs with a passphrase in the environment.
#[must_use]
fn run_with(sandbox: &Sandbox, password: &str, arguments: &str) -> Ran {
    let mut command = sandbox.package();
    command.env(PASSWORD, password).args(arguments.split_whitespace());
    Ran::from(command.output().unwrap(), sandbox.path())
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_new_key_is_private_and_shown() {
    let sandbox = Sandbox::new();
    let made = sandbox.run("key generate --name laptop --json").ends(0).json();
    let result = &made["result"];
    assert_eq!((&made["command"], &result["name"]), (&"key generate".into(), &"laptop".into()));
    assert_eq!(result["protection"], "plain");
    let keys = sandbox.home().join("keys");
    let public = std::fs::read_to_string(keys.join("laptop.pub")).unwrap();
    assert_eq!(result["public"], public.as_str());
    #[cfg(unix)]
    assert_eq!((mode(&keys), mode(&keys.join("laptop.pem"))), (0o700, 0o600));

    let listed = sandbox.run("key list --json").ends(0).json();
    assert_eq!(listed["result"]["own"][0]["key_id"], result["key_id"]);
    assert_eq!(sandbox.run("key export laptop").ends(0).stdout, public);
    let shown = sandbox.run("key show").ends(0);
    assert!(shown.stdout.contains(result["key_id"].as_str().unwrap()), "{shown}");
    assert!(shown.stdout.ends_with(&public), "{shown}");
    let elsewhere = sandbox.run("key show other --json").ends(9).json();
    assert_eq!(elsewhere["diagnostics"][0]["code"], "VP0310");
}

#[test]
fn keys_are_never_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate --name a").ends(0);
    let file = sandbox.home().join("keys/a.pem");
    let before = std::fs::read(&file).unwrap();
    sandbox.run("key generate --name a").ends(10);
    sandbox.run("key export a --secret --out a.pem").ends(0);
    sandbox.run("key import a.pem --name a").ends(10);
    sandbox.run("key export a --secret --out a.pem").ends(10);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    // Nor is a public half whose secret one is elsewhere.
    std::fs::remove_file(&file).unwrap();
    sandbox.run("key generate --name a").ends(10);
    for bad in ["A", "a/b", "..", "", "con", "-a", "a.pem"] {
        let ran = Ran::from(
            sandbox.package().args(["key", "generate", &format!("--name={bad}")]).output().unwrap(),
            sandbox.path(),
        );
        assert_eq!(ran.exit, 2, "{bad}: {ran}");
    }
}

#[cfg(unix)]
#[test]
fn keys_open_to_others_are_refused_with_the_remedy() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate --name a").ends(0);
    let (keys, file) = (sandbox.home().join("keys"), sandbox.home().join("keys/a.pem"));
    for loose in [0o640, 0o604, 0o660, 0o601] {
        set_mode(&file, loose);
        let ran = sandbox.run("key show a").ends(7);
        assert!(
            ran.stderr.contains("VP0703") && ran.stderr.contains("chmod 600 [dir]/home/keys/a.pem"),
            "{ran}"
        );
        sandbox.run("key export a --secret --out copy.pem").ends(7);
        assert!(!sandbox.path().join("copy.pem").exists());
    }
    set_mode(&file, 0o600);
    for loose in [0o755, 0o710, 0o701] {
        set_mode(&keys, loose);
        for command in ["key list", "key show a", "key generate --name b", "key trust x.pub --for a/b"] {
            sandbox.write("x.pub", SecretKey::from_seed(&[1; 32]).public().to_pem());
            let ran = sandbox.run(command).ends(7);
            assert!(ran.stderr.contains("chmod 700 [dir]/home/keys"), "{ran}");
        }
    }
    set_mode(&keys, 0o700);
    sandbox.run("key show a").ends(0);
    // A key given by path too.
    let store = KeyStore::open(&env(&sandbox)).unwrap();
    let copy = sandbox.write("copy.pem", std::fs::read(&file).unwrap());
    set_mode(&copy, 0o644);
    let signer = |choice| store.signer(Some(choice), &env(&sandbox), &mut FromEnvironment(&env(&sandbox)));
    assert_eq!(signer("./copy.pem").unwrap_err().code(), Code::KeyPermissions);
    set_mode(&copy, 0o400);
    assert_eq!(signer("copy.pem").unwrap().secret.id(), signer("a").unwrap().secret.id());
}

#[test]
fn a_passphrase_protects_and_opens() {
    let sandbox = Sandbox::new();
    let made = run_with(&sandbox, "correct horse", "key generate --passphrase --json").ends(0).json();
    assert_eq!(made["result"]["protection"], "passphrase");
    let pem = std::fs::read_to_string(sandbox.home().join("keys/default.pem")).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{pem}");
    // Listing and showing need no passphrase.
    assert_eq!(sandbox.run("key show --json").ends(0).json()["result"]["key_id"], made["result"]["key_id"]);

    let store = KeyStore::open(&env(&sandbox)).unwrap();
    let open = |env: Env| {
        store.signer(None, &env, &mut FromEnvironment(&env)).map(|signer| signer.secret.id().to_string())
    };
    let with = |text: &str| open(env(&sandbox).with(Variable::SigningKeyPassword, text));
    assert_eq!(with("correct horse").unwrap(), made["result"]["key_id"].as_str().unwrap());
    assert_eq!(with("wrong horse").unwrap_err().code(), Code::Passphrase);
    assert_eq!(open(env(&sandbox)).unwrap_err().code(), Code::Passphrase);
    // Without a terminal there is nobody to ask.
    let ran = sandbox.run("key generate --name b --passphrase").ends(7);
    assert!(ran.stderr.contains(PASSWORD), "{ran}");
    assert!(!sandbox.home().join("keys/b.pem").exists());
    // The public half of a protected key cannot be swapped unnoticed.
    std::fs::write(sandbox.home().join("keys/default.pub"), SecretKey::from_seed(&[1; 32]).public().to_pem())
        .unwrap();
    assert_eq!(with("correct horse").unwrap_err().code(), Code::KeySyntax);
}

#[test]
fn openssl_opens_our_keys_and_we_open_its() {
    if !has_program("openssl") {
        return;
    }
    let sandbox = Sandbox::new();
    let (folder, key) = (sandbox.path(), SecretKey::from_seed(&[9; 32]));
    let store = KeyStore::at(folder.join("keys"));
    store.add(&name("ours"), &key, Some(&passphrase("horse"))).unwrap();
    store.add(&name("plain"), &key, None).unwrap();
    let spki =
        |arguments: &[&str]| openssl_ok(folder, &[arguments, &["-pubout", "-outform", "DER"]].concat());
    assert_eq!(spki(&["pkey", "-in", "keys/ours.pem", "-passin", "pass:horse"]), key.public().spki_der());
    assert_eq!(spki(&["pkey", "-in", "keys/plain.pem"]), key.public().spki_der());
    assert_eq!(spki(&["pkey", "-pubin", "-in", "keys/plain.pub"]), key.public().spki_der());

    openssl_ok(folder, &["genpkey", "-algorithm", "ed25519", "-out", "clear.pem"]);
    for (file, how) in [
        ("scrypt.pem", &["-scrypt"][..]),
        ("pbkdf2.pem", &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "10000"][..]),
        ("aes128.pem", &["-v2", "aes-128-cbc"][..]),
    ] {
        openssl_ok(
            folder,
            &[&["pkcs8", "-topk8", "-in", "clear.pem", "-out", file, "-passout", "pass:horse"], how].concat(),
        );
        #[cfg(unix)]
        set_mode(&folder.join(file), 0o600);
        let stem = file.strip_suffix(".pem").unwrap();
        run_with(&sandbox, "horse", &format!("key import {file} --name {stem} --passphrase")).ends(0);
        run_with(&sandbox, "mule", &format!("key import {file} --name {stem}x")).ends(7);
    }
    let clear =
        SecretKey::from_pkcs8_pem(&std::fs::read_to_string(folder.join("clear.pem")).unwrap()).unwrap();
    for key in KeyStore::open(&env(&sandbox)).unwrap().list().unwrap() {
        assert_eq!((key.public, key.protection), (clear.public(), Protection::Passphrase));
    }
}

#[test]
fn other_keys_are_named_and_refused() {
    if !has_program("openssl") {
        return;
    }
    let sandbox = Sandbox::new();
    let folder = sandbox.path();
    openssl_ok(folder, &["genpkey", "-algorithm", "x25519", "-out", "x25519.pem"]);
    openssl_ok(
        folder,
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "ec.pem"],
    );
    sandbox.write("text.pem", "hello\n");
    sandbox.write(
        "openssh.pem",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    );
    sandbox.write("long.pem", "x".repeat(20_000));
    for (file, exit, words) in [
        ("x25519.pem", 3, "X25519"),
        ("ec.pem", 3, "elliptic-curve"),
        ("text.pem", 3, "BEGIN"),
        ("openssh.pem", 3, "OPENSSH PRIVATE KEY"),
        ("long.pem", 3, "16384"),
        ("missing.pem", 9, "missing.pem"),
    ] {
        #[cfg(unix)]
        if folder.join(file).exists() {
            set_mode(&folder.join(file), 0o600);
        }
        let ran = sandbox.run(&format!("key import {file}")).ends(exit);
        assert!(ran.stderr.contains(words), "{ran}");
    }
    assert!(!sandbox.home().join("keys/default.pem").exists());
}

#[test]
fn costs_of_a_hostile_encrypted_key_are_bounded() {
    if !has_program("openssl") {
        return;
    }
    // openssl refuses to write such keys: made by changing the numbers in one of ours.
    use base64::Engine as _;
    let sandbox = Sandbox::new();
    let folder = sandbox.path();
    openssl_ok(folder, &["genpkey", "-algorithm", "ed25519", "-out", "clear.pem"]);
    let base64 = base64::engine::general_purpose::STANDARD;
    let forge = |how: &[&str], from: &[u8], to: &[u8]| {
        openssl_ok(
            folder,
            &[
                &[
                    "pkcs8",
                    "-topk8",
                    "-in",
                    "clear.pem",
                    "-outform",
                    "DER",
                    "-out",
                    "k.der",
                    "-passout",
                    "pass:p",
                ],
                how,
            ]
            .concat(),
        );
        let mut der = std::fs::read(folder.join("k.der")).unwrap();
        let at = der.windows(from.len()).position(|window| window == from).unwrap();
        der[at..at + to.len()].copy_from_slice(to);
        let body = base64.encode(&der);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!(
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{}\n-----END ENCRYPTED PRIVATE KEY-----\n",
            lines.join("\n")
        );
        let path = sandbox.write("hostile.pem", pem);
        #[cfg(unix)]
        set_mode(&path, 0o600);
        let ran = run_with(&sandbox, "p", "key import hostile.pem --json");
        // A limit, and not a wrong passphrase (VP0204): the numbers were refused before they were used.
        ran.ends(3).json()["diagnostics"][0]["code"].as_str().unwrap().to_owned()
    };
    // INTEGER 16384, 8, 1 of scrypt: N = 0, N = 3, N = 0x7fff, r = 127.
    let scrypt: &[u8] = &[0x02, 0x02, 0x40, 0x00, 0x02, 0x01, 0x08, 0x02, 0x01, 0x01];
    for (n, r, p) in [([0x40, 0x00], 0x7f, 0x7f), ([0x7f, 0xff], 8, 1)] {
        let to = [0x02, 0x02, n[0], n[1], 0x02, 0x01, r, 0x02, 0x01, p];
        assert_eq!(forge(&["-scrypt"], scrypt, &to), "VP0205");
    }
    // INTEGER 0x010000 rounds of PBKDF2 become 0x7fffff.
    let rounds = &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "65536"];
    assert_eq!(forge(rounds, &[0x02, 0x03, 0x01, 0, 0], &[0x02, 0x03, 0x7f, 0xff, 0xff]), "VP0205");
}

#[test]
fn the_signer_is_chosen_named_in_the_environment_or_the_only_one() {
    let sandbox = Sandbox::new();
    let store = KeyStore::open(&env(&sandbox)).unwrap();
    let signer = |choice: Option<&str>, env: &Env| {
        store.signer(choice, env, &mut FromEnvironment(env)).map(|signer| (signer.origin, signer.secret.id()))
    };
    let plain = env(&sandbox);
    assert_eq!(signer(None, &plain).unwrap_err().code(), Code::NoKey);
    let key = |seed| SecretKey::from_seed(&[seed; 32]);
    store.add(&name("one"), &key(1), None).unwrap();
    assert_eq!(signer(None, &plain).unwrap(), ("one".to_owned(), key(1).id()));
    store.add(&name("two"), &key(2), None).unwrap();
    let error = signer(None, &plain).unwrap_err();
    assert_eq!(error.code(), Code::NoKey);
    assert!(error.to_string().contains("one, two"), "{error}");
    assert_eq!(signer(Some("two"), &plain).unwrap().1, key(2).id());
    assert_eq!(signer(Some("three"), &plain).unwrap_err().code(), Code::KeyNotFound);

    let ci = plain.clone().with(Variable::SigningKey, key(3).to_pkcs8_pem().as_str());
    assert_eq!(signer(None, &ci).unwrap(), ("VITTE_SIGNING_KEY".to_owned(), key(3).id()));
    assert_eq!(signer(Some("one"), &ci).unwrap().1, key(1).id());
    let broken = plain.clone().with(Variable::SigningKey, "not a key");
    assert_eq!(signer(None, &broken).unwrap_err().code(), Code::KeySyntax);

    store.add(&name("locked"), &key(4), Some(&passphrase("horse"))).unwrap();
    let pem = std::fs::read_to_string(store.folder().join("locked.pem")).unwrap();
    let locked = plain.clone().with(Variable::SigningKey, pem);
    assert_eq!(signer(None, &locked).unwrap_err().code(), Code::Passphrase);
    let opened = locked.with(Variable::SigningKeyPassword, "horse");
    assert_eq!(signer(None, &opened).unwrap().1, key(4).id());
}

#[test]
fn keys_of_others_are_trusted_for_what_is_said() {
    let sandbox = Sandbox::new();
    let other = SecretKey::from_seed(&[5; 32]).public();
    sandbox.write("other.pub", other.to_pem());
    let trust = |for_: &str| {
        sandbox.run(&format!("key trust other.pub --for {for_} --json")).ends(0).json()["result"]["changed"]
            .clone()
    };
    assert_eq!(trust("demo/*"), true);
    assert_eq!(trust("demo/*"), false);
    assert_eq!(trust("misc/tool"), true);
    let listed = sandbox.run("key list --json").ends(0).json();
    assert_eq!(listed["result"]["trusted"][0]["key_id"], other.id().to_string().as_str());
    assert_eq!(listed["result"]["trusted"][0]["for"], serde_json::json!(["demo/*", "misc/tool"]));
    sandbox.run("key untrust other.pub --for demo/*").ends(0);
    sandbox.run("key untrust other.pub --for demo/*").ends(9);
    sandbox.run(&format!("key untrust {}", other.id().short())).ends(0);
    sandbox.run(&format!("key untrust {}", other.id())).ends(9);
    assert_eq!(sandbox.run("key list --json").ends(0).json()["result"]["trusted"], serde_json::json!([]));
    sandbox.run("key trust other.pub").ends(2);
    sandbox.run("key trust other.pub --for Demo").ends(2);
    // A weak key is never taken in.
    let weak = other.to_pem().replace(
        other.to_pem().lines().nth(1).unwrap(),
        "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    );
    sandbox.write("weak.pub", weak);
    let ran = sandbox.run("key trust weak.pub --for demo/* --json").ends(5).json();
    assert_eq!(ran["diagnostics"][0]["code"], "VP0512");
    // A damaged list is an error, never an empty list.
    std::fs::write(sandbox.home().join("keys/trusted.toml"), "[[trusted]]\n").unwrap();
    sandbox.run("key list").ends(2);
}

#[test]
fn no_secret_is_shown_or_left() {
    let sandbox = Sandbox::new();
    let seed: [u8; 32] = std::array::from_fn(|at| (at as u8) ^ 0xa5);
    let key = SecretKey::from_seed(&seed);
    let pem = key.to_pkcs8_pem();
    let password = "canary-passphrase-1f9";
    let file = sandbox.write("canary.pem", pem.as_bytes());
    #[cfg(unix)]
    set_mode(&file, 0o600);
    // 32 bytes behind 16: the PEM body from its 22nd character on is seed alone.
    let body = &pem.lines().nth(1).unwrap()[22..62];
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let clean = |what: &str, text: &str| {
        for secret in [body, &hex, &hex.to_uppercase(), password] {
            assert!(!text.contains(secret), "{what}: {text}");
        }
    };
    for command in [
        "key import canary.pem --name plain -vv",
        "key import canary.pem --name plain -vv",
        "key import canary.pem --name locked --passphrase --json",
        "key list",
        "key show plain --json",
        "key show locked",
        "key export plain",
        "key export plain --json",
        "key export plain --secret",
        "key export plain --secret --out out.pem --json",
        "key untrust canary.pem",
    ] {
        let ran = run_with(&sandbox, password, command);
        clean(command, &ran.to_string());
    }
    let env =
        env(&sandbox).with(Variable::SigningKey, pem.as_str()).with(Variable::SigningKeyPassword, password);
    let store = KeyStore::open(&env).unwrap();
    let signer = store.signer(None, &env, &mut FromEnvironment(&env)).unwrap();
    let keys = store.list().unwrap();
    clean("Debug", &format!("{env:?} {store:?} {signer:?} {keys:?} {:?} {:?}", key, passphrase(password)));
    // Nothing but the named files holds it: no temporary file stayed behind.
    let mut left: Vec<String> = std::fs::read_dir(sandbox.home().join("keys"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["locked.pem", "locked.pub", "plain.pem", "plain.pub"]);
}
