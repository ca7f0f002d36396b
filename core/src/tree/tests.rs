use super::*;
use crate::diagnostic::{Code, Diagnose as _};
use crate::path::PackagePath;
use proptest::prelude::*;

/// The tree text of the format document's example, section 13.
pub(crate) const HELLO: &str = "vitte-tree 1
s meta
f 166 fde3ab51161204cadda36a1974fa0c160f082102197de29b2f3bc9c65c7b2692 vitte.toml
s -
x 21 bfdeaeb08cffb6a36438bcd12dda25417e3cdd36f1e7e482a2849d539225288b bin/hello
s docs
f 23 153eb5cc8c554b8493a202b907f8fc0e1b6c2026c8094446e2a5a3424b5766cf docs/guide.md
";

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn path(text: &str) -> PackagePath {
    PackagePath::parse(text).unwrap()
}

/// A tree of empty files; `vitte.toml` is always among them.
fn tree_of(files: &[(&str, &str)]) -> Tree {
    let mut builder = TreeBuilder::new();
    let empty = Digest::of(b"");
    for (section, file) in files.iter().chain(&[("-", "vitte.toml")]) {
        builder.add(&SectionName::parse(section).unwrap(), path(file), Mode::Regular, 0, empty);
    }
    builder.build().unwrap()
}

#[test]
fn the_example_has_its_published_identity() {
    assert_eq!(HELLO.len(), 277);
    let tree = Tree::parse(HELLO.as_bytes()).unwrap();
    assert_eq!(
        tree.digest().to_string(),
        "vp1-sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a"
    );
    assert_eq!((tree.file_count(), tree.content_len(), tree.tar_len()), (3, 210, 3072));
    assert_eq!(tree.manifest().path().as_str(), "vitte.toml");
    let found = tree.find("bin/hello").unwrap();
    assert_eq!((found.mode(), found.size()), (Mode::Executable, 21));
    assert_eq!(tree.section_of(2).unwrap().name().as_str(), "docs");
    assert!(tree.find("bin").is_none() && tree.find("zzz").is_none());
}

/// The body of a tree (everything behind its first line) and why it is refused.
#[test]
fn each_rule_refuses() {
    let toml = format!("s meta\nf 0 {EMPTY} vitte.toml\n");
    let big = u64::from(u32::MAX);
    let many_sections: String = (0..16).map(|n| format!("s s{n:02}\nf 0 {EMPTY} {n}/a\n")).collect();
    let cases: Vec<(String, Code)> = vec![
        (String::new(), Code::TreeSyntax),
        ("s meta\n".into(), Code::TreeSyntax),
        (format!("f 0 {EMPTY} vitte.toml\n"), Code::TreeSyntax),
        (format!("s -\nf 0 {EMPTY} vitte.toml\n"), Code::TreeSyntax),
        (format!("s meta\nf 0 {EMPTY} README.md\nf 0 {EMPTY} vitte.toml\n"), Code::TreeSyntax),
        (format!("{toml}f 0 {EMPTY} src/a.vit\n"), Code::TreeSyntax),
        (format!("{toml}f 0 {EMPTY} docs/README.md\n"), Code::TreeSyntax),
        (format!("{toml}f 0 {EMPTY} README\nf 0 {EMPTY} LICENSE\n"), Code::TreeSyntax),
        (format!("{toml}s -\n"), Code::TreeSyntax),
        (format!("{toml}s -\ns docs\nf 0 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s docs\nf 0 {EMPTY} a\ns -\nf 0 {EMPTY} b\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 0 {EMPTY} a\ns -\nf 0 {EMPTY} b\n"), Code::TreeSyntax),
        (format!("{toml}s Docs\nf 0 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s \nf 0 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 0 {EMPTY} b\nf 0 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 0 {EMPTY} a\nf 0 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nd 0 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nl 0 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 00 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf -1 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 99999999999999999999 {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 0  {EMPTY} a\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 0 {} a\n", EMPTY.to_uppercase()), Code::TreeSyntax),
        (format!("{toml}s -\nf 0 {EMPTY}\n"), Code::TreeSyntax),
        (format!("{toml}\n"), Code::TreeSyntax),
        (format!("{toml}s -\nf 0 {EMPTY} a"), Code::TreeSyntax),
        (format!("{toml}s -\nf 0 {EMPTY} a\r\n"), Code::Path),
        (format!("{toml}s -\nf 0 {EMPTY} ../a\n"), Code::Path),
        (format!("{toml}s -\nf 0 {EMPTY} \n"), Code::Path),
        (format!("{toml}s -\nf 0 {EMPTY} .vitte-ok\n"), Code::ReservedName),
        (format!("{toml}s -\nf 0 {EMPTY} A\nf 0 {EMPTY} a\n"), Code::DuplicatePath),
        (format!("{toml}s -\nf 0 {EMPTY} VITTE.TOML\n"), Code::DuplicatePath),
        (format!("{toml}s -\nf 0 {EMPTY} vitte.toml\n"), Code::DuplicatePath),
        (format!("{toml}s -\nf 0 {EMPTY} a\nf 0 {EMPTY} a/b\n"), Code::DuplicatePath),
        (format!("{toml}s -\nf {big} {EMPTY} a\n"), Code::Limit),
        (format!("s meta\nf 1048577 {EMPTY} vitte.toml\n"), Code::Limit),
        (format!("{toml}f 1048570 {EMPTY} LICENSE\nf 7 {EMPTY} README\n"), Code::Limit),
        (format!("{toml}s -\nf 2147483647 {EMPTY} a\nf 2147483647 {EMPTY} b\nf 3 {EMPTY} c\n"), Code::Limit),
        (format!("{toml}{many_sections}"), Code::Limit),
    ];
    for (body, code) in cases {
        let error = Tree::parse(format!("vitte-tree 1\n{body}").into_bytes()).expect_err(&body);
        assert_eq!(error.code(), code, "{error}\n{body}");
    }
    for first in ["", "vitte-tree 2\n", "vitte-tree 1 \n", " vitte-tree 1\n", "VITTE-TREE 1\n"] {
        let error = Tree::parse(format!("{first}{toml}").into_bytes()).expect_err(first);
        assert_eq!(error.code(), Code::TreeSyntax, "{first}");
    }
}

#[test]
fn an_error_names_its_line() {
    let text = HELLO.replace("x 21", "x 021");
    let error = Tree::parse(text.into_bytes()).unwrap_err();
    assert_eq!(error.diagnostic().place, crate::diagnostic::Place::Line { line: 5 });
}

#[test]
fn too_many_files_are_refused() {
    let mut builder = TreeBuilder::new();
    builder.add(&SectionName::meta(), path("vitte.toml"), Mode::Regular, 0, Digest::of(b""));
    for n in 0..limits::TREE_ENTRIES {
        let name = path(&format!("src/{n}"));
        builder.add(&SectionName::default_section(), name, Mode::Regular, 0, Digest::of(b""));
    }
    assert_eq!(builder.clone().build().unwrap_err().code(), Code::Limit);
    // The reader has its own count.
    let line = format!("f 0 {EMPTY} ");
    let body: String = (0..limits::TREE_ENTRIES).map(|n| format!("{line}src/{n:05}\n")).collect();
    let text = format!("vitte-tree 1\ns meta\n{line}vitte.toml\ns -\n{body}");
    assert_eq!(Tree::parse(text.into_bytes()).unwrap_err(), TreeError::Entries(65_536));
}

/// T78.
#[test]
fn folders_count_as_files_do() {
    let tree = tree_of(&[
        ("-", "a/b/c"),
        ("-", "a/b-/c"),
        ("-", "a/x"),
        ("-", "src/z"),
        ("docs", "a/b/d"),
        ("docs", "a/n/d"),
        ("more", "a/n/e"),
        ("more", "vitte.toml2/f"),
    ]);
    assert_eq!(tree.folder_count(), ["a", "a/b", "a/b-", "src", "a/n", "vitte.toml2"].len());
    assert_eq!(tree_of(&[]).folder_count(), 0);

    // Each file has a folder to itself: with the manifest, an odd number below the limit is as many as there may be.
    let deep = |files: usize| {
        let mut builder = TreeBuilder::new();
        builder.add(&SectionName::meta(), path("vitte.toml"), Mode::Regular, 0, Digest::of(b""));
        for n in 0..files {
            let name = path(&format!("{n:05}/f"));
            builder.add(&SectionName::default_section(), name, Mode::Regular, 0, Digest::of(b""));
        }
        builder.build()
    };
    let most = (limits::TREE_ENTRIES - 1) / 2;
    assert_eq!(deep(most).unwrap().folder_count(), most);
    let error = deep(most + 1).unwrap_err();
    assert_eq!(error.code(), Code::Limit);
    assert_eq!(error, TreeError::Folders { files: most as u64 + 2, folders: most as u64 });
}

#[test]
fn the_builder_sorts_into_meta_by_rule() {
    let tree = tree_of(&[
        ("docs", "docs/README.md"),
        ("docs", "README.md"),
        ("meta", "src/a.vit"),
        ("-", "LICENSE-MIT"),
        ("-", "CHANGELOG"),
        ("-", "README2"),
        ("-", "readme.txt"),
    ]);
    let listed: Vec<_> = tree
        .sections()
        .map(|s| (s.name().as_str(), s.entries().iter().map(|e| e.path().as_str()).collect::<Vec<_>>()))
        .collect();
    assert_eq!(
        listed,
        [
            ("meta", vec!["vitte.toml", "CHANGELOG", "LICENSE-MIT", "README.md", "README2"]),
            ("-", vec!["readme.txt", "src/a.vit"]),
            ("docs", vec!["docs/README.md"]),
        ]
    );
}

#[test]
fn what_would_overfill_meta_goes_to_the_default_section() {
    let mut builder = TreeBuilder::new();
    let meta = SectionName::meta();
    let digest = Digest::of(b"");
    builder.add(&meta, path("vitte.toml"), Mode::Regular, 100, digest);
    builder.add(&meta, path("CHANGELOG"), Mode::Regular, limits::META_LEN, digest);
    builder.add(&meta, path("LICENSE"), Mode::Regular, limits::META_LEN - 100, digest);
    builder.add(&meta, path("A"), Mode::Regular, 1, digest);
    let tree = builder.build().unwrap();
    let paths: Vec<_> = tree.entries().iter().map(|entry| entry.path().as_str()).collect();
    assert_eq!(paths, ["vitte.toml", "LICENSE", "A", "CHANGELOG"]);

    let mut builder = TreeBuilder::new();
    builder.add(&meta, path("vitte.toml"), Mode::Regular, limits::META_LEN + 1, digest);
    assert_eq!(builder.build(), Err(TreeError::MetaLen(limits::META_LEN + 1)));
    assert_eq!(TreeBuilder::new().build(), Err(TreeError::NoManifest));
}

/// Files that can stand together: the number makes each path its own.
fn files() -> impl Strategy<Value = Vec<(String, String, bool, u64)>> {
    let sections = prop_oneof![Just("-".to_owned()), Just("meta".to_owned()), "[a-c][a-z0-9-]{0,4}"];
    let name = "[a-zé_][a-z0-9 é.-]{0,8}[a-z0-9é]";
    prop::collection::vec((sections, name, any::<bool>(), 0u64..5000), 0..12).prop_map(|files| {
        let numbered = files.into_iter().enumerate();
        numbered
            .map(|(n, (section, name, exec, size))| (section, format!("d{n}/{name}"), exec, size))
            .collect()
    })
}

proptest! {
    #[test]
    fn printing_and_parsing_are_inverse_and_order_does_not_matter(mut files in files(), seed in any::<usize>()) {
        files.retain(|(_, name, ..)| PackagePath::parse(name).is_ok());
        let build = |files: &[(String, String, bool, u64)]| {
            let mut builder = TreeBuilder::new();
            builder.add(&SectionName::meta(), path("vitte.toml"), Mode::Regular, 3, Digest::of(b"abc"));
            for (section, name, exec, size) in files {
                let mode = if *exec { Mode::Executable } else { Mode::Regular };
                let digest = Digest::of(name.as_bytes());
                builder.add(&SectionName::parse(section).unwrap(), path(name), mode, *size, digest);
            }
            builder.build().unwrap()
        };
        let tree = build(&files);
        prop_assert_eq!(&Tree::parse(tree.text()).unwrap(), &tree);
        prop_assert_eq!(tree.file_count(), files.len() + 1);
        prop_assert_eq!(tree.content_len(), 3 + files.iter().map(|file| file.3).sum::<u64>());
        for (number, entry) in tree.entries().iter().enumerate() {
            prop_assert_eq!(tree.position(entry.path().as_str()), Some(number));
        }
        let middle = seed % (files.len() + 1);
        files.rotate_left(middle);
        prop_assert_eq!(&build(&files), &tree);
    }

    #[test]
    fn what_parses_prints_as_it_was(text in "vitte-tree 1\ns meta\n(f|x) [0-9]{1,3} [0-9a-f]{64} vitte.toml\n(s [-a-c]\n[fx] [0-9]{1,2} [0-9a-f]{64} [a-z/.]{1,9}\n){0,3}") {
        if let Ok(tree) = Tree::parse(text.as_bytes()) {
            prop_assert_eq!(tree.text(), text.as_bytes());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Tree::parse(bytes.clone());
        let _ = Tree::parse([b"vitte-tree 1\ns meta\n".as_slice(), &bytes].concat());
    }
}
