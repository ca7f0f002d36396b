//! The part of an index line that the author signs: everything a resolver needs to know about an artifact, as a
//! pure function of its manifest and tree.
//!
//! Source: registry format document, section 4.

use crate::dependency::{Dependency, DependencyKind};
use crate::manifest::{DeclaredDependency, Manifest};
use crate::target::{Kind, Target};
use crate::tree::Tree;
use serde_json::Value;

/// Writes the member `core` of an artifact's index line: compact JSON, members in a fixed order, dependencies
/// sorted by package, kind and targets, features sorted by name with their items in the author's order.
///
/// `manifest` is the packed one, the file that `tree` begins with: it has a version for every dependency. Should
/// one be without, it is written as `*`, which is what a path alone says. Development dependencies are left out.
///
/// The bytes are signed as they are (`predicate.index` of a release statement is their digest), so this function
/// never changes its output for any input.
pub fn core_line(manifest: &Manifest, tree: &Tree, kind: Kind, target: &Target) -> String {
    let mut dependencies: Vec<_> = manifest
        .dependencies()
        .iter()
        .map(DeclaredDependency::dependency)
        .filter(|dependency| dependency.kind != DependencyKind::Dev)
        .collect();
    dependencies
        .sort_by_key(|dependency| (dependency.name.as_str(), dependency.kind.as_str(), &dependency.targets));
    let dependencies: Vec<String> = dependencies.into_iter().map(dependency).collect();
    let features: Vec<String> = manifest
        .features()
        .iter()
        .map(|(name, items)| format!("{}:{}", string(name), strings(items)))
        .collect();
    format!(
        "{{\"ver\":{},\"kind\":{},\"target\":{},\"tree\":{},\"manifest\":{},\"files\":{},\"unpacked\":{},\
         \"edition\":{},\"deps\":[{}],\"features\":{{{}}}}}",
        string(manifest.version()),
        string(kind),
        string(target),
        string(tree.digest()),
        string(tree.manifest().digest().tagged()),
        tree.file_count(),
        tree.content_len(),
        string(manifest.edition()),
        dependencies.join(","),
        features.join(","),
    )
}

fn dependency(dependency: &Dependency) -> String {
    format!(
        "{{\"p\":{},\"r\":{},\"k\":{},\"t\":{},\"o\":{},\"d\":{},\"f\":{}}}",
        string(&dependency.name),
        string(dependency.requirement.as_str()),
        string(dependency.kind.as_str()),
        strings(&dependency.targets),
        dependency.optional,
        dependency.default_features,
        strings(&dependency.features),
    )
}

/// A JSON string with no escapes but those JSON requires.
fn string(value: impl ToString) -> String {
    Value::String(value.to_string()).to_string()
}

fn strings(values: &[impl ToString]) -> String {
    let items: Vec<String> = values.iter().map(|value| string(value.to_string())).collect();
    format!("[{}]", items.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::path::PackagePath;
    use crate::tree::{Mode, SectionName, TreeBuilder};

    const HELLO: &str = "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[package.sections]\ndocs = [\"docs/**\"]\n\n[[bin]]\nname = \"hello\"\npath = \"src/main.vit\"\n";

    fn tree(manifest: &str, others: &[(&str, &str, Mode, &str)]) -> Tree {
        let mut builder = TreeBuilder::new();
        let manifest = (SectionName::default_section().to_string(), "vitte.toml", Mode::Regular, manifest);
        let others = others
            .iter()
            .map(|(section, path, mode, content)| ((*section).to_owned(), *path, *mode, *content));
        for (section, path, mode, content) in std::iter::once(manifest).chain(others) {
            let section = SectionName::parse(&section).unwrap();
            let path = PackagePath::parse(path).unwrap();
            builder.add(&section, path, mode, content.len() as u64, Digest::of(content.as_bytes()));
        }
        builder.build().unwrap()
    }

    /// Golden value: trust document, section 12.
    #[test]
    fn the_line_of_hello_is_the_golden_one() {
        let tree = tree(
            HELLO,
            &[
                ("-", "bin/hello", Mode::Executable, "#!/bin/sh\necho hello\n"),
                ("docs", "docs/guide.md", Mode::Regular, "# hello\n\nPrints hello.\n"),
            ],
        );
        let line = core_line(&Manifest::parse(HELLO).unwrap(), &tree, Kind::Vitpkg, &Target::any());
        assert_eq!(line.len(), 282);
        assert_eq!(
            Digest::of(line.as_bytes()).to_string(),
            "44f8182b9e3d4d1b08495c6dd9fa8ffbc907f240fb19eb9fa410d3707bc13342"
        );
    }

    #[test]
    fn dependencies_are_sorted_and_development_ones_left_out() {
        let source = r#"
[package]
name = "a/a"
version = "1.0.0-rc.1+b"
[dev-dependencies]
"z/dev" = "1"
[dependencies]
"b/two" = { version = "  >=1, <3 ", features = ["y", "x", "x"], default-features = false }
"b/opt" = { version = "1", optional = true }
[build-dependencies]
"b/two" = "2"
[target.'x86_64-unknown-linux-gnu'.dependencies]
"b/two" = { path = "two", version = "2" }
[features]
zeta = []
default = ["zeta", "dep:b/opt", "b/two/x"]
"#;
        let manifest = Manifest::parse(source).unwrap();
        let line = core_line(&manifest, &tree(source, &[]), Kind::Vitmod, &Target::any());
        let tail = line.split_once("\"deps\":").unwrap().1;
        let expected = concat!(
            r#"[{"p":"b/opt","r":"1","k":"normal","t":[],"o":true,"d":true,"f":[]},"#,
            r#"{"p":"b/two","r":"2","k":"build","t":[],"o":false,"d":true,"f":[]},"#,
            r#"{"p":"b/two","r":">=1, <3","k":"normal","t":[],"o":false,"d":false,"f":["x","y"]},"#,
            r#"{"p":"b/two","r":"2","k":"normal","t":["x86_64-unknown-linux-gnu"],"o":false,"d":true,"f":[]}],"#,
            r#""features":{"default":["zeta","dep:b/opt","b/two/x"],"zeta":[]}}"#
        );
        assert_eq!(tail, expected);
        assert!(
            line.starts_with(r#"{"ver":"1.0.0-rc.1+b","kind":"vitmod","target":"any","tree":"vp1-sha256:"#)
        );
        serde_json::from_str::<Value>(&line).unwrap();
    }
}
