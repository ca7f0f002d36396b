//! Cases as files: input and expected outcome in one text. See tests/cases/README.md.

use crate::sandbox::Sandbox;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Diagnostic, Place};
use vitte_package_core::index::Core;
use vitte_package_core::manifest::{Manifest, Workspace, pack};
use vitte_package_core::resolve::{Availability, IndexLine, Release};

const END_OF_INPUT: &str = "----\n";
const MEMBER: &str = "---- member\n";

/// Runs every case of an area. `VITTE_CASES=write` writes what was got into the files, for review.
fn run(area: &str, at_least: usize, outcome: impl Fn(&str) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(area);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= at_least, "{} cases in {}", files.len(), folder.display());
    let mut failed = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (input, expected) = text.split_once(END_OF_INPUT).expect("a line `----` ends the input");
        let got = outcome(input);
        if std::env::var("VITTE_CASES").is_ok_and(|value| value == "write") {
            std::fs::write(&file, format!("{input}{END_OF_INPUT}{got}")).unwrap();
        } else if got != expected {
            write!(failed, "\n{}\nexpected:\n{expected}got:\n{got}", file.display()).unwrap();
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// A diagnostic as cases have it: code, place, message; then the text at the place, the label and the hints.
fn describe(source: &str, diagnostic: &Diagnostic) -> String {
    let mut text = match &diagnostic.place {
        Place::Source(span) => {
            let there = &source[span.start..span.end];
            let shown: String = there.chars().take(60).collect();
            let at = format!("{}..{}", span.start, span.end);
            format!("{} {at} {}\n  at: {}\n", diagnostic.code, diagnostic.message, shown.escape_debug())
        }
        _ => format!("{} {}\n", diagnostic.code, diagnostic.message),
    };
    if let Some(label) = &diagnostic.label {
        writeln!(text, "  label: {label}").unwrap();
    }
    for help in &diagnostic.help {
        writeln!(text, "  help: {help}").unwrap();
    }
    text
}

fn describe_all(source: &str, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| describe(source, diagnostic)).collect()
}

#[test]
fn manifests_are_read_or_refused_with_every_fault() {
    run("manifest", 100, |source| match Manifest::parse(source) {
        Ok(_) => "ok\n".to_owned(),
        Err(errors) => describe_all(source, &errors.diagnostics()),
    });
}

#[test]
fn manifests_are_packed_with_their_comments() {
    run("packed", 12, |input| {
        let (workspace, source) = match input.split_once(MEMBER) {
            Some((workspace, source)) => (Workspace::parse(workspace).unwrap(), source),
            None => (None, input),
        };
        match pack(source, workspace.as_ref()) {
            Ok(text) => text.into_owned(),
            Err(error) => describe_all(source, &error.diagnostics()),
        }
    });
}

/// What a person sees: every fault with its line, in the order of the file.
#[test]
fn the_terminal_shows_every_fault_of_a_manifest_with_its_line() {
    let sandbox = Sandbox::new();
    let manifest = "[package]\nname = \"demo/hello\"\nversion = \"1.O.0\"   # letter O\ndescripton = \"says hello\"\n\n\
                    [dependencies]\nacme/json = \"1\"\n";
    sandbox.write("vitte.toml", manifest);
    let ran = sandbox.run("build").ends(3);
    insta::assert_snapshot!(ran.stderr, @r#"
    error[VP0101]: the manifest is not valid TOML: invalid unquoted key, expected letters, numbers, `-`, `_`
     --> vitte.toml:7:5
      |
    7 | acme/json = "1"
      |     ^
      |
      = help: put the name in quotes: "acme/json" = "1.0"
    "#);
    sandbox.write(
        "vitte.toml",
        manifest.replace("acme/json", "\"acme/json\"").replace("\"1\"\n", "{ verison = \"1\" }\n"),
    );
    let ran = sandbox.run("build").ends(3);
    insta::assert_snapshot!(ran.stderr, @r#"
    error[VP0103]: `1.O.0` is not a semantic version
     --> vitte.toml:3:11
      |
    3 | version = "1.O.0"   # letter O
      |           ^^^^^^^ unexpected character 'O' while parsing minor version number
      |
      = help: write three numbers: MAJOR.MINOR.PATCH, for example "1.0.0"
    error[VP0105]: `descripton` is not a key of `[package]`
     --> vitte.toml:4:1
      |
    4 | descripton = "says hello"
      | ^^^^^^^^^^
      |
      = help: did you mean `description`?
    error[VP0105]: `verison` is not a key of `acme/json`
     --> vitte.toml:7:17
      |
    7 | "acme/json" = { verison = "1" }
      |                 ^^^^^^^
      |
      = help: did you mean `version`?
    "#);
    let answer = sandbox.run("build --json").ends(3).json();
    assert_eq!(answer["diagnostics"].as_array().unwrap().len(), 3);
    let place = &answer["diagnostics"][0]["where"];
    assert_eq!(place["file"], "vitte.toml");
    assert_eq!(
        (&place["line"], &place["column"], &place["start"]),
        (&3.into(), &11.into(), &40.into()),
        "{place}"
    );
}

/// `tests/cases/index-lines.txt`: one language, whoever reads it.
#[test]
fn index_lines_are_read_by_one_reader() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/index-lines.txt");
    let text = std::fs::read_to_string(&path).unwrap();
    let (mut written, mut count) = (String::new(), 0);
    let (comment, cases) = text.split_once("\n\n").unwrap();
    written.push_str(comment);
    for case in cases.trim_end().split("\n\n") {
        let (head, _) = case.rsplit_once("\n= ").unwrap();
        let (_, core) = head.split_once('\n').unwrap();
        let outcome = Core::parse(core).map_or_else(|error| error.reason(), |_| "ok".to_owned());
        let line = IndexLine { core, log_index: 0, published: Some(0), availability: Availability::Active };
        let (releases, malformed) = Release::from_lines([line]);
        assert_eq!(releases.len(), usize::from(outcome == "ok"), "{case}");
        assert!(malformed.iter().all(|line| line.reason == outcome), "{case}");
        write!(written, "\n\n{head}\n= {outcome}").unwrap();
        count += 1;
    }
    written.push('\n');
    if std::env::var("VITTE_CASES").is_ok_and(|value| value == "write") {
        std::fs::write(&path, &written).unwrap();
    } else {
        assert_eq!(written, text);
    }
    assert!(count >= 20, "{count}");
}
