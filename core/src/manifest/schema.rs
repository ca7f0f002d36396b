//! What may stand in `vitte.toml`: the one table of tables and keys (archive format document, section 11).
//!
//! Type errors, unknown keys, their nearest neighbour and the example in every hint come from here.

use crate::message::manifest as text;

/// The form a value must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// An array of strings.
    Texts,
    /// A table.
    Table,
    /// An array of tables, `[[name]]`.
    Tables,
    /// A requirement as a string, or a table.
    Dependency,
}

impl Shape {
    /// The form in words, with its article.
    pub fn in_words(self) -> String {
        match self {
            Self::Text => text::shape_text(),
            Self::Flag => text::shape_flag(),
            Self::Texts => text::shape_texts(),
            Self::Table => text::shape_table(),
            Self::Tables => text::shape_tables(),
            Self::Dependency => text::shape_dependency(),
        }
    }
}

/// One key of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// A line to paste.
    pub(super) example: &'static str,
}

const fn key(name: &'static str, shape: Shape, example: &'static str) -> Key {
    Key { name, shape, example }
}

use Shape::{Dependency, Flag, Table, Tables, Text, Texts};

/// The tables of the file itself. Others belong to other tools and are not looked at.
pub(super) static ROOT: &[Key] = &[
    key("package", Table, "[package]"),
    key("lib", Table, "[lib]"),
    key("bin", Tables, "[[bin]]"),
    key("dependencies", Table, "[dependencies]"),
    key("dev-dependencies", Table, "[dev-dependencies]"),
    key("build-dependencies", Table, "[build-dependencies]"),
    key("target", Table, "[target.'x86_64-unknown-linux-gnu'.dependencies]"),
    key("features", Table, "[features]"),
    key("build", Table, "[build]"),
    key("install", Table, "[install.links]"),
    key("registries", Table, "[registries]"),
    key("trust", Table, "[trust]"),
    key("workspace", Table, "[workspace]"),
];

pub(super) static PACKAGE: &[Key] = &[
    key("name", Text, "name = \"<namespace>/<name>\""),
    key("version", Text, "version = \"0.1.0\""),
    key("edition", Text, "edition = \"2025\""),
    key("description", Text, "description = \"what the package does, in one sentence\""),
    key("license", Text, "license = \"MIT OR Apache-2.0\""),
    key("repository", Text, "repository = \"https://example.org/repository\""),
    key("homepage", Text, "homepage = \"https://example.org/\""),
    key("documentation", Text, "documentation = \"https://example.org/documentation\""),
    key("authors", Texts, "authors = [\"Name <name@example.org>\"]"),
    key("readme", Text, "readme = \"README.md\""),
    key("keywords", Texts, "keywords = [\"math\"]"),
    key("include", Texts, "include = [\"src/\"]"),
    key("exclude", Texts, "exclude = [\"fixtures/\"]"),
    key("exec", Texts, "exec = [\"scripts/*.sh\"]"),
    key("symlinks", Text, "symlinks = \"follow\""),
    key("sections", Table, "sections = { docs = [\"docs/**\"] }"),
    key("publish", Table, "publish.allow = [\"tests/data/example.key\"]"),
];

pub(super) static PUBLISH: &[Key] = &[key("allow", Texts, "publish.allow = [\"tests/data/example.key\"]")];

pub(super) static LIB: &[Key] = &[key("path", Text, "path = \"src/lib.vit\"")];

pub(super) static BIN: &[Key] =
    &[key("name", Text, "name = \"tool\""), key("path", Text, "path = \"src/main.vit\"")];

/// Any name of a package; the value is a dependency.
pub(super) static DEPENDENCY_VALUE: Key = key("dependency", Dependency, "\"acme/json\" = \"2.3\"");

pub(super) static DEPENDENCY: &[Key] = &[
    key("version", Text, "version = \"1.2\""),
    key("path", Text, "path = \"../tools\""),
    key("registry", Text, "registry = \"corp\""),
    key("features", Texts, "features = [\"simd\"]"),
    key("default-features", Flag, "default-features = false"),
    key("optional", Flag, "optional = true"),
    key("target", Texts, "target = [\"x86_64-unknown-linux-gnu\"]"),
    key("workspace", Flag, "workspace = true"),
];

pub(super) static TARGET: &[Key] = &[
    key("dependencies", Table, "[target.'x86_64-unknown-linux-gnu'.dependencies]"),
    key("dev-dependencies", Table, "[target.'x86_64-unknown-linux-gnu'.dev-dependencies]"),
    key("build-dependencies", Table, "[target.'x86_64-unknown-linux-gnu'.build-dependencies]"),
];

pub(super) static FEATURE_VALUE: Key = key("feature", Texts, "default = [\"dep:acme/json\"]");

pub(super) static SECTION_VALUE: Key = key("section", Texts, "docs = [\"docs/**\"]");

pub(super) static BUILD: &[Key] = &[
    key("command", Texts, "command = [\"vitte-build\", \"build\", \"--release\"]"),
    key("out", Text, "out = \"target/vitpkg\""),
];

pub(super) static INSTALL: &[Key] =
    &[key("links", Table, "links = { \"lib/libm.so\" = \"lib/libm.so.1.2\" }")];

pub(super) static LINK_VALUE: Key = key("link", Text, "\"lib/libm.so\" = \"lib/libm.so.1.2\"");

pub(super) static REGISTRY_VALUE: Key =
    key("registry", Table, "corp = { index = \"https://vitte.corp.example/\", namespaces = [\"corp\"] }");

pub(super) static REGISTRY: &[Key] = &[
    key("index", Text, "index = \"https://vitte.corp.example/\""),
    key("directory", Text, "directory = \"../registry\""),
    key("namespaces", Texts, "namespaces = [\"corp\"]"),
    key("trust-root-sha256", Text, "trust-root-sha256 = \"<64 hexadecimal digits>\""),
];

pub(super) static TRUST_VALUE: Key = key("trust", Table, "\"roussov/*\" = { keys = [\"<key id>\"] }");

pub(super) static TRUST: &[Key] = &[key("keys", Texts, "keys = [\"<key id>\"]")];

pub(super) static WORKSPACE: &[Key] = &[
    key("members", Texts, "members = [\"packages/*\"]"),
    key("exclude", Texts, "exclude = [\"packages/old\"]"),
    key("dependencies", Table, "[workspace.dependencies]"),
    key("package", Table, "[workspace.package]"),
];

/// The keys of `[package]` that members may inherit, with their forms.
pub(super) static WORKSPACE_PACKAGE: &[Key] = &[
    key("version", Text, "version = \"0.1.0\""),
    key("edition", Text, "edition = \"2025\""),
    key("description", Text, "description = \"what the packages do, in one sentence\""),
    key("license", Text, "license = \"MIT OR Apache-2.0\""),
    key("repository", Text, "repository = \"https://example.org/repository\""),
    key("homepage", Text, "homepage = \"https://example.org/\""),
    key("documentation", Text, "documentation = \"https://example.org/documentation\""),
    key("authors", Texts, "authors = [\"Name <name@example.org>\"]"),
    key("keywords", Texts, "keywords = [\"math\"]"),
];

/// The table that replaces an inherited value.
pub(super) static INHERIT: &[Key] = &[key("workspace", Flag, "version.workspace = true")];

/// A dependency of `[workspace.dependencies]`; members add the rest.
pub(super) static WORKSPACE_DEPENDENCY: &[Key] = &[
    key("version", Text, "version = \"1.2\""),
    key("path", Text, "path = \"tools\""),
    key("registry", Text, "registry = \"corp\""),
    key("features", Texts, "features = [\"simd\"]"),
    key("default-features", Flag, "default-features = false"),
];

/// Finds a key of a table.
pub(super) fn find<'k>(keys: &'k [Key], name: &str) -> Option<&'k Key> {
    keys.iter().find(|key| key.name == name)
}
