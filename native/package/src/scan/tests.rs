use super::rules::{LABELLED, PEM_NAME, TOKENS, URL_NAME};
use super::*;
use vitte_package_core::tree::{Mode, SectionName};

/// Secrets for the tests are put together here, so that no tool takes this file for a leak.
fn secret(mark: &str, len: usize) -> String {
    let letters =
        "A1B2C3D4E5F6A7B8C9D0E1F2A3B4C5D6E7F8A9B0C1D2E3F4A5B6C7D8E9F0A1B2C3D4E5F6A7B8C9D0E1F2A3B4C5D6";
    format!("{mark}{}", &letters[..len])
}

fn kinds(text: &[u8]) -> Vec<(u64, &'static str)> {
    let mut secrets = Vec::new();
    find(text, text.len(), b'\n', &mut 1, &mut secrets);
    secrets
}

#[test]
fn every_rule_finds_its_secret_and_only_a_whole_one() {
    for token in TOKENS {
        let mark = std::str::from_utf8(token.mark).unwrap();
        let mut value = secret(mark, token.least);
        if matches!(token.set, Set::Hex) {
            value = value.to_lowercase();
        }
        let whole = format!("first\nkey = \"{value}\"\n");
        assert_eq!(kinds(whole.as_bytes()), [(2, token.name)], "{mark}");
        assert_eq!(kinds(format!("x{value}").as_bytes()), [], "inside a word: {mark}");
        let short = &value[..value.len() - 1];
        assert_eq!(kinds(short.as_bytes()), [], "too short: {mark}");
        if token.least == token.most {
            let long = format!("{value}{}", value.as_bytes()[value.len() - 1] as char);
            assert_eq!(kinds(long.as_bytes()), [], "too long: {mark}");
        }
        assert!(token.mark.len() + token.most < LONGEST, "{mark}");
    }
}

#[test]
fn placeholders_and_prose_are_left_alone() {
    let aws = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    for harmless in [
        aws.as_str(),
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "-----BEGIN PRIVATE KEY----- marks a key",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n",
        "const MARK: &str = \"ghp_\";",
        "npm_config_registry=https://registry.example.org",
    ] {
        assert_eq!(kinds(harmless.as_bytes()), [], "{harmless}");
    }
}

/// Texts of programs and documents that only look like secrets.
#[test]
fn what_programs_say_about_secrets_is_none() {
    for harmless in [
        "const BEGIN: &str = \"-----BEGIN RSA PRIVATE KEY-----\\n------------------------------\";",
        "if text.starts_with(\"-----BEGIN PRIVATE KEY-----\") { read_key_from_the_lines_behind_it(text) }",
        "-----BEGIN PRIVATE KEY-----\n... 64 characters of base64 in every line ...\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "\"-----BEGIN EC PRIVATE KEY-----\\n\" + base64EncodedBytesOfTheKeyWithoutAnyLineBreaks",
        "//registry.npmjs.org/:_authToken=${NPM_TOKEN}",
        "_authToken: process.env.NPM_TOKEN_2_OF_CI",
        "this._auth = createAuthentication2(options)",
        "aws_secret_access_key = os.environ[\"AWS_SECRET_ACCESS_KEY\"]",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "https://user:password@host.acme.io/",
        "https://user:password123@acme.io/",
        "https://bob:s3cr3tT0ken@example.com/x",
        "https://bob:s3cr3tT0ken@registry.corp.test/x",
        "postgres://postgres:postgres1@localhost:5432/db",
        "postgres://app4:app4@db.acme.io/db",
        "https://x:${TOKEN4}@acme.io and https://x:{token4}@acme.io and https://x:%s1@acme.io",
        "http://127.0.0.1:8080/@scope/name and https://unpkg.com:443/@vitte/package@1.2.3",
        "redis://:abc123@10.0.0.1:6379",
    ] {
        assert_eq!(kinds(harmless.as_bytes()), [], "{harmless}");
    }
}

#[test]
fn values_are_known_by_their_labels_and_passwords_by_their_address() {
    for rule in LABELLED {
        let label = std::str::from_utf8(rule.label).unwrap();
        let value = secret("", rule.least.min(90));
        let value = if rule.least > 90 { value.repeat(2)[..rule.least].to_owned() } else { value };
        for text in [
            format!("{label}={value}\n"),
            format!("x\n{} = \"{value}\"", label.to_uppercase()),
            format!("{{\"{label}\": \"{value}\"}}"),
        ] {
            let found = kinds(text.as_bytes());
            assert_eq!(found.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), [rule.name], "{text}");
        }
        assert_eq!(kinds(format!("{label} {value}").as_bytes()), [], "no sign between: {label}");
    }
    for address in [
        "postgres://app:q7Kd93hx@db.acme.io/main",
        "https://bob:s3cr3tT0ken@git.acme.io/x.git",
        "mongodb+srv://svc:hunter2@cluster0.ab1cd.mongodb.net",
        "redis://:q7Kd93hx@cache.internal:6379",
    ] {
        assert_eq!(kinds(format!("url = \"{address}\"").as_bytes()), [(1, URL_NAME)], "{address}");
    }
}

#[test]
fn files_are_known_by_their_names_whatever_the_case() {
    let named = |path: &str| by_name(&PackagePath::parse(path).unwrap()).map(|finding| finding.rule);
    for path in [
        ".env",
        "a/.ENV",
        ".env.production",
        ".env-local",
        ".Env_old",
        ".envrc",
        "prod.env",
        "config/Prod.ENV",
        "ID_RSA",
        ".aws/credentials",
        "home/.docker/config.json",
        "terraform.tfstate",
        "key.PFX",
        ".pgpass",
        "putty.ppk",
    ] {
        assert!(matches!(named(path), Some(Rule::SecretFile(_))), "{path}");
    }
    for path in [
        ".env.example",
        "sample.env",
        ".envrc.dist",
        ".env-template",
        "src/env.vit",
        "environment",
        "credentials",
        "config.json",
        "src/.environment.vit",
        "id_rsa.pub",
        "development.environment",
    ] {
        assert_eq!(named(path), None, "{path}");
    }
    assert_eq!(named("A/THUMBS.DB"), Some(Rule::Leftover("written by Windows")));
}

#[test]
fn private_keys_are_found_in_files_and_in_strings() {
    let body = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp";
    for kind in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
        let pem = format!("-----BEGIN {kind}PRIVATE KEY-----\n{body}\n");
        assert_eq!(kinds(pem.as_bytes()), [(1, PEM_NAME)], "{kind}");
        let with_headers = format!(
            "-----BEGIN {kind}PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,0A\r\n\r\nz{body}\r\n"
        );
        assert_eq!(kinds(with_headers.as_bytes()), [(1, PEM_NAME)], "{kind}");
        let glued = format!("\"-----BEGIN {kind}PRIVATE KEY-----\\n\" +\n    \"{body}\\n\"");
        assert_eq!(kinds(glued.as_bytes()), [(1, PEM_NAME)], "{kind}");
        let quoted = format!("\n\nlet key = \"-----BEGIN {kind}PRIVATE KEY-----\\n{body}\";");
        assert_eq!(kinds(quoted.as_bytes()), [(3, PEM_NAME)], "{kind}");
    }
}

#[test]
fn a_secret_across_two_windows_is_found_once_on_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.txt");
    let value = secret("ghp_", 36);
    for shift in [0, 1, 20, 39, 40, LONGEST - 1, LONGEST, LONGEST + 1] {
        let before = WINDOW - shift;
        let mut text = "\n".repeat(before).into_bytes();
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(&b"\n".repeat(WINDOW));
        std::fs::write(&path, &text).unwrap();
        let contents = look(&path).unwrap();
        assert_eq!(contents.secrets, [(before as u64 + 1, "GitHub token")], "{shift}");
        assert_eq!((contents.size, contents.is_binary), (text.len() as u64, false));
    }
}

#[test]
fn files_are_judged_by_name_size_and_content_and_allowed_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let chosen = |path: &str, content: &[u8], named: bool| {
        let file = folder.path().join(path.replace('/', "_"));
        std::fs::write(&file, content).unwrap();
        let path = PackagePath::parse(path).unwrap();
        Chosen { path, file, mode: Mode::Regular, section: SectionName::default_section(), named }
    };
    let binary = vec![0; BINARY_LEN as usize + 1];
    let files = [
        chosen("src/lib.vit", b"proc main() {}\n", false),
        chosen("src/.env", b"A=1\n", false),
        chosen(".env.example", b"A=\n", false),
        chosen("a/.idea/workspace.xml", b"<x/>", false),
        chosen("notes.txt~", b"", false),
        chosen("named.bin", &binary, true),
        chosen("dump.bin", &binary, false),
        chosen("small.bin", &[0; 100], false),
        chosen("config.vit", secret("glpat-", 20).as_bytes(), false),
        chosen("data/test.key", format!("x\n{}", secret("npm_", 36)).as_bytes(), false),
    ];
    let allowed = [PackagePath::parse("data/test.key").unwrap()];
    let found = scan(&files, Kind::Vitmod, &allowed).unwrap();
    let found: Vec<_> =
        found.iter().map(|finding| (finding.path.as_str(), finding.line, finding.rule)).collect();
    assert_eq!(
        found,
        [
            ("a/.idea/workspace.xml", None, Rule::Leftover("settings of an editor")),
            ("config.vit", Some(1), Rule::Secret("GitLab token")),
            ("dump.bin", None, Rule::LargeBinary(BINARY_LEN + 1)),
            ("notes.txt~", None, Rule::Leftover("backup of an editor")),
            ("src/.env", None, Rule::SecretFile("environment file")),
        ]
    );
    let built = scan(&files, Kind::Vitpkg, &allowed).unwrap();
    assert!(built.iter().all(|finding| !matches!(finding.rule, Rule::LargeBinary(_))));
    let error = refuse(&built).unwrap_err();
    assert_eq!((error.faults().count(), error.code()), (4, Code::Secret));
    assert!(!error.to_string().contains("A1B2C3"), "{error}");
}
