use super::*;
use crate::dependency::{Dependency, Needs};
use crate::diagnostic::{Code, Diagnose as _, Place};
use crate::resolve::{FeatureSelection, Member, Registries, Request, Role};
use crate::version::Requirement;
use proptest::prelude::*;
use std::sync::Arc;

const TEXT: &str = include_str!("../../../tests/cases/lockfile/good/two-majors.lock");

fn name(text: &str) -> PackageName {
    PackageName::parse(text).unwrap()
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn key(number: u8) -> KeyId {
    KeyId::parse(&format!("{number:02x}").repeat(32)).unwrap()
}

fn artifact(number: u8, signers: &[u8]) -> LockedArtifact {
    LockedArtifact {
        registry: RegistryId::parse("registry.example/").unwrap(),
        kind: Kind::Vitmod,
        target: Target::any(),
        tree: TreeDigest::of(&[number]),
        log_index: u64::from(number),
        signers: signers.iter().map(|number| key(*number)).collect(),
    }
}

fn package(
    text: &str,
    at: &str,
    artifact: Option<LockedArtifact>,
    dependencies: &[(&str, &str)],
) -> LockedPackage {
    LockedPackage {
        name: name(text),
        version: version(at),
        artifact,
        dependencies: dependencies.iter().map(|(text, at)| (name(text), version(at))).collect(),
    }
}

/// Tables that hold together: a project needs everything, and each release some of those before it.
fn lockfile() -> impl Strategy<Value = Lockfile> {
    let release =
        (0usize..4, 0usize..4, any::<u8>(), prop::collection::vec(0u8..4, 0..3), any::<bool>(), any::<u64>());
    prop::collection::vec(release, 0..8).prop_map(|releases| {
        let names = ["a/a", "a/b", "b/a", "plain"];
        let versions = ["0.1.0", "0.2.0-rc.1", "1.0.0+build.7", "1.10.0"];
        let mut packages: Vec<LockedPackage> = Vec::new();
        for (at_name, at_version, number, signers, links, log_index) in releases {
            let (text, at) = (names[at_name], versions[at_version]);
            if packages.iter().any(|package| package.name == name(text) && package.version == version(at)) {
                continue;
            }
            let before: Vec<_> = packages
                .iter()
                .filter(|_| links)
                .map(|package| (package.name.clone(), package.version.clone()))
                .collect();
            let mut found = artifact(number, &signers);
            found.log_index = log_index;
            let dependencies = before;
            packages.push(LockedPackage {
                name: name(text),
                version: version(at),
                artifact: Some(found.clone()),
                dependencies: dependencies.clone(),
            });
            if number % 3 == 0 {
                found.kind = Kind::Vitpkg;
                found.target = Target::parse("x86_64-unknown-linux-gnu").unwrap();
                packages.push(LockedPackage {
                    name: name(text),
                    version: version(at),
                    artifact: Some(found),
                    dependencies,
                });
            }
        }
        let all = packages.iter().map(|package| (package.name.clone(), package.version.clone())).collect();
        packages.push(LockedPackage {
            name: name("p/project"),
            version: version("1.0.0"),
            artifact: None,
            dependencies: all,
        });
        Lockfile::new(packages).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Printing and parsing give the same lockfile, also with the line ends of other systems.
    #[test]
    fn parse_undoes_print(lockfile in lockfile()) {
        let text = lockfile.print();
        prop_assert_eq!(Lockfile::parse(&text), Ok(lockfile.clone()));
        prop_assert_eq!(Lockfile::parse(&text.replace('\n', "\r\n")), Ok(lockfile));
    }

    /// One form: a text that is accepted is the text that is printed. So any change is refused or changes
    /// what is locked.
    #[test]
    fn print_undoes_parse(lockfile in lockfile(), at in any::<prop::sample::Index>(), with in "[ -~\n]{0,2}", cut in 0usize..3) {
        let text = lockfile.print();
        let start = at.index(text.len());
        let end = (start + cut).min(text.len());
        let mut changed = text.clone();
        changed.replace_range(start..end, &with);
        match Lockfile::parse(&changed) {
            Ok(read) => prop_assert_eq!(read.print(), changed),
            Err(errors) => {
                for diagnostic in errors.diagnostics() {
                    prop_assert_eq!(diagnostic.code, Code::LockSyntax);
                    if let Place::Source(span) = diagnostic.place {
                        prop_assert!(span.start <= span.end && span.end <= changed.len());
                    }
                }
            }
        }
    }

    /// No text whatever makes the parser fail in another way.
    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|\n|version = 1\n|\\[\\[package\\]\\]\n|name = \"a\"\n){0,30}") {
        let _ = Lockfile::parse(&text);
    }

    /// From one lockfile to itself nothing changes.
    #[test]
    fn nothing_changes_by_itself(lockfile in lockfile()) {
        prop_assert_eq!(lockfile.changes(&lockfile), vec![]);
        prop_assert_eq!(lockfile.suspicions(&lockfile), vec![]);
    }
}

#[test]
fn a_file_is_read_and_printed_as_it_stands() {
    let lockfile = Lockfile::parse(TEXT).unwrap();
    assert_eq!(lockfile.print(), TEXT);
    assert_eq!(lockfile.packages().len(), 5);
    let app = name("demo/app");
    let project = lockfile.named(&app).next().unwrap();
    assert_eq!(project.dependencies.len(), 3);
    assert_eq!(lockfile.named(&name("acme/text")).count(), 2);
    assert_eq!(lockfile.preferences(&BTreeSet::from([name("acme/text")])).len(), 3);
}

#[test]
fn all_faults_are_told_with_their_place() {
    let cases: [(&str, &str, &str); 12] = [
        ("version = 1\n", "version = 2\n", "version 2"),
        ("log-index = 40211", "log-index = 040211", "log-index"),
        ("kind = \"vitmod\"\n", "kind = \"vitmod\"\nsize = 4\n", "`size`"),
        ("name = \"acme/json\"", "name = \"Acme/json\"", "name"),
        ("    \"acme/text 2.0.0\",\n", "    \"acme/text\",\n", "acme/text"),
        ("    \"acme/json\",\n", "    \"acme/json 2.3.1\",\n", "should be written `acme/json`"),
        ("    \"acme/json\",\n", "    \"acme/jsom\",\n", "`acme/jsom` is not in the lockfile"),
        ("registry = \"registry.example/\"\n", "", "`registry` is missing"),
        ("# Written", "# written", "does not begin"),
        ("tree = \"vp1-", "tree = \"vp2-", "tree"),
        ("version = 1\n", "version = 1\n<<<<<<< HEAD\n", "unfinished merge"),
        ("dependencies = [\n    \"acme/json\",\n", "dependencies = [\n", "nothing needs acme/json"),
    ];
    for (from, to, expected) in cases {
        assert!(TEXT.contains(from), "{from}");
        let errors = Lockfile::parse(&TEXT.replacen(from, to, 1)).unwrap_err();
        let texts: Vec<String> = errors.diagnostics().into_iter().map(|d| d.message).collect();
        assert!(texts.iter().any(|text| text.contains(expected)), "{expected}: {texts:?}");
        assert!(errors.diagnostics().iter().all(|d| d.place != Place::Whole), "{expected}");
    }
    let twice =
        TEXT.replacen("kind = \"vitmod\"", "kind = \"x\"", 1).replacen("log-index = 7", "log-index = x", 1);
    assert_eq!(Lockfile::parse(&twice).unwrap_err().faults().count(), 2);
}

#[test]
fn what_can_be_read_is_kept() {
    let broken = TEXT.replacen("kind = \"vitmod\"", "kind = \"x\"", 1);
    let errors = Lockfile::parse(&broken).unwrap_err();
    assert_eq!(errors.readable().len(), 4);
}

#[test]
fn both_sides_of_a_merge_are_read_where_nothing_else_is_wrong() {
    let merged = |ours: &str, theirs: &str| {
        let at = TEXT.find("version = \"2.3.1\"\n").unwrap();
        let rest = &TEXT[at + "version = \"2.3.1\"\n".len()..];
        format!("{}<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n{rest}", &TEXT[..at])
    };
    let text = merged("version = \"2.3.1\"\n", "version = \"2.4.0\"\n");
    let diff3 = text.replace("=======\n", "||||||| base\nversion = \"1.0.0\"\n=======\n");
    for text in [text.clone(), diff3, text.replace('\n', "\r\n")] {
        let errors = Lockfile::parse(&text).unwrap_err();
        assert_eq!(errors.faults().collect::<Vec<_>>(), [&LockError::Merge]);
        let salvage = errors.salvage().unwrap();
        let json = name("acme/json");
        let versions: Vec<_> = salvage
            .sides()
            .iter()
            .map(|side| side.named(&json).next().unwrap().version.to_string())
            .collect();
        assert_eq!(versions, ["2.3.1", "2.4.0"]);
        let kept = salvage.preferences(&BTreeSet::new());
        // Both versions of what differs, and once what does not.
        assert_eq!(kept.iter().filter(|locked| locked.name == json).count(), 2);
        assert_eq!(kept.len(), 6);
        assert_eq!(salvage.preferences(&BTreeSet::from([json])).len(), 4);
    }
    for broken in [
        text.replace(">>>>>>> topic\n", ""),
        text.replace("<<<<<<< HEAD\n", ""),
        text.replace("=======\n", "=======\n=======\n"),
        text.replace("<<<<<<< HEAD\n", "<<<<<<< HEAD\n<<<<<<< HEAD\n"),
        text.replace("=======\n", "=======\n# mine\n"),
        text.replace("version = 1\n", "version = 2\n"),
        format!("{text}size = 1\n"),
    ] {
        assert!(Lockfile::parse(&broken).unwrap_err().salvage().is_none(), "{broken}");
    }
}

#[test]
fn what_is_not_ours_is_one_fault() {
    for (text, expected) in [
        ("", LockError::Empty),
        (" \r\n", LockError::Empty),
        ("{}", LockError::Json),
        ("\u{feff}\n {\"packages\": [\n]}\n", LockError::Json),
    ] {
        let errors = Lockfile::parse(text).unwrap_err();
        assert_eq!(errors.faults().collect::<Vec<_>>(), [&expected], "{text:?}");
        assert!(errors.salvage().is_none());
    }
}

#[test]
fn tables_that_can_all_be_read_are_kept_and_others_are_not() {
    let unneeded = TEXT.replacen("    \"acme/json\",\n", "", 1);
    let errors = Lockfile::parse(&unneeded).unwrap_err();
    assert_eq!(errors.salvage().unwrap().sides().len(), 1);
    for broken in [
        unneeded.replacen("kind = ", "size = 1\nkind = ", 1),
        unneeded.replacen("log-index = ", "log-index = 0", 1),
        format!("{unneeded}# mine\n"),
    ] {
        assert!(Lockfile::parse(&broken).unwrap_err().salvage().is_none(), "{broken}");
    }
}

#[test]
fn changes_pair_versions_of_one_range() {
    let project = |dependencies: &[(&str, &str)]| package("p/project", "1.0.0", None, dependencies);
    let lock = |releases: &[(&str, &str, u8, &[u8])]| {
        let mut packages: Vec<_> = releases
            .iter()
            .map(|(text, at, number, signers)| package(text, at, Some(artifact(*number, signers)), &[]))
            .collect();
        let links: Vec<_> = releases.iter().map(|(text, at, ..)| (*text, *at)).collect();
        packages.push(project(&links));
        Lockfile::new(packages).unwrap()
    };
    let before = lock(&[
        ("a/a", "1.0.0", 1, &[1]),
        ("a/a", "2.0.0", 2, &[1]),
        ("a/b", "0.1.0", 3, &[1]),
        ("a/c", "1.0.0", 4, &[1]),
    ]);
    let after = lock(&[
        ("a/a", "1.1.0", 5, &[1]),
        ("a/a", "2.0.0", 2, &[1]),
        ("a/b", "0.2.0", 6, &[2]),
        ("a/d", "1.0.0", 7, &[3]),
    ]);
    assert_eq!(
        before.changes(&after),
        [
            LockfileChange::Moved { name: name("a/a"), from: version("1.0.0"), to: version("1.1.0") },
            LockfileChange::Moved { name: name("a/b"), from: version("0.1.0"), to: version("0.2.0") },
            LockfileChange::Removed { name: name("a/c"), version: version("1.0.0") },
            LockfileChange::Added { name: name("a/d"), version: version("1.0.0") },
        ]
    );
    let suspicions = before.suspicions(&after);
    assert_eq!(suspicions.len(), 1);
    assert_eq!(suspicions[0].code(), Code::SignerChanged);
    let tampered = lock(&[("a/a", "1.0.0", 9, &[1]), ("a/a", "2.0.0", 2, &[1]), ("a/b", "0.1.0", 3, &[1])]);
    let codes: Vec<Code> = before.suspicions(&tampered).iter().map(|found| found.code()).collect();
    assert_eq!(codes, [Code::LockMismatch]);
}

#[test]
fn a_lockfile_is_held_against_the_manifest() {
    let lockfile = Lockfile::parse(TEXT).unwrap();
    let request = |requirements: &[(&str, &str)], at: &str| Request {
        members: vec![Member {
            name: name("demo/app"),
            version: version(at),
            needs: Arc::new(Needs {
                dependencies: requirements
                    .iter()
                    .map(|(text, wanted)| Dependency::new(name(text), Requirement::parse(wanted).unwrap()))
                    .collect(),
                ..Needs::default()
            }),
            role: Role::Root(FeatureSelection::All),
        }],
        registries: Registries::only(RegistryId::parse("registry.example/").unwrap()),
        ..Request::default()
    };
    let good = [("acme/json", "^2"), ("acme/text", "^2"), ("demo/lib", "*")];
    assert_eq!(lockfile.check(&request(&good, "0.1.0")), Ok(()));
    let reasons = |request: Request| lockfile.check(&request).unwrap_err().reasons().to_vec();
    assert!(matches!(reasons(request(&good, "0.2.0"))[..], [StaleReason::Version(..)]));
    assert!(matches!(
        reasons(request(&[("acme/json", "^3"), good[1], good[2]], "0.1.0"))[..],
        [StaleReason::Requirement(..), StaleReason::Extra(..)]
    ));
    assert!(matches!(reasons(request(&good[..2], "0.1.0"))[..], [StaleReason::Extra(..)]));
    let mut other = request(&good, "0.1.0");
    other.registries = Registries::only(RegistryId::parse("other.example/").unwrap());
    assert_eq!(reasons(other).len(), 3);
}
