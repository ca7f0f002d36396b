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

#[test]
fn private_keys_are_found_in_files_and_in_strings() {
    let body = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp";
    for kind in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
        let pem = format!("-----BEGIN {kind}PRIVATE KEY-----\n{body}\n");
        assert_eq!(kinds(pem.as_bytes()), [(1, PEM_NAME)], "{kind}");
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
