//! What can be wrong with a manifest.

use super::schema::Shape;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, Span, display_as_message};
use crate::limits;
use crate::message::manifest as text;
use crate::name::NameError;
use crate::ordered;
use crate::path::PathError;
use crate::sign::SignError;
use crate::target::TargetError;
use crate::version::VersionError;

/// All faults of a manifest, in the order of the source. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestErrors(Vec<Fault>);

impl ManifestErrors {
    /// Sorts the faults; without any, the value is good.
    pub(super) fn check<T>(mut faults: Vec<Fault>, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            _ => {
                ordered::sort_by(&mut faults, |a, b| {
                    (a.span.start, a.span.end).cmp(&(b.span.start, b.span.end))
                });
                faults.dedup();
                Err(Self(faults))
            }
        }
    }

    /// The faults, in the order of the source.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }

    /// Each fault, ready to be rendered.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.0.iter().map(Diagnose::diagnostic).collect()
    }

    /// Whether values are missing only because the workspace's root was not given.
    pub fn needs_workspace(&self) -> bool {
        self.0.iter().any(|fault| matches!(fault.kind, FaultKind::InheritsWithoutWorkspace { .. }))
    }
}

impl std::fmt::Display for ManifestErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
impl std::error::Error for ManifestErrors {}

/// One fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes of the source; empty where something is missing.
    pub span: Span,
    /// What is wrong.
    pub kind: FaultKind,
}

impl Fault {
    pub(super) const fn new(span: Span, kind: FaultKind) -> Self {
        Self { span, kind }
    }
}

/// What is wrong with a manifest. Values are as written, long ones cut.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// More than 256 KiB.
    TooLarge {
        /// Bytes of the text.
        len: usize,
    },
    /// Marks of an unfinished merge, which are reported instead of the syntax errors they cause.
    Merge,
    /// Not TOML.
    Syntax {
        /// Why not.
        reason: String,
        /// A package's name on the line that ought to be in quotes.
        quoted: Option<String>,
    },
    /// A key that nothing reads, in a table of ours.
    UnknownKey {
        /// The table, `[package]`.
        table: String,
        /// The key.
        key: String,
        /// The most similar known key.
        nearest: Option<String>,
        /// The keys that the table may have.
        known: Vec<&'static str>,
    },
    /// A value of another form than its key wants.
    WrongType {
        /// The key.
        key: String,
        /// The form it wants.
        expected: Shape,
        /// The type that was found, in words.
        got: String,
        /// A line to paste.
        example: &'static str,
    },
    /// A required key, or the table `[package]`, is not there.
    Missing {
        /// The table; empty for the file itself.
        table: String,
        /// The key.
        key: &'static str,
        /// A line to paste.
        example: &'static str,
    },
    /// The root of a workspace, read as a package, which it is not.
    OnlyWorkspace,
    /// Not a name.
    Name(NameError),
    /// Not a version or requirement.
    Version(VersionError),
    /// Not a target.
    Target(TargetError),
    /// Not a path of a package.
    Path(PathError),
    /// Not a key id.
    KeyId(SignError),
    /// Not an SPDX expression.
    License {
        /// The expression.
        given: String,
        /// Why not.
        reason: String,
        /// The corrected expression.
        corrected: Option<String>,
    },
    /// A value that its key does not allow.
    Value(ValueRule),
    /// Two parts that contradict each other.
    Conflict(Conflict),
    /// A feature that means nothing.
    Feature(FeatureRule),
    /// `workspace = true` in a manifest that is read without its workspace.
    InheritsWithoutWorkspace {
        /// The key, or the dependency's name.
        key: String,
    },
    /// `workspace = true` for something the workspace does not say.
    InheritsNothing {
        /// The table that was looked in.
        table: &'static str,
        /// The key, or the dependency's name.
        key: String,
        /// The nearest one there.
        nearest: Option<String>,
    },
}

/// Why a value is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the key, what was written and the limit")]
pub enum ValueRule {
    /// Nothing in it.
    Empty { key: String },
    /// A control character.
    Control { key: String },
    /// Too long, in bytes.
    Long { key: String, limit: usize },
    /// Too many.
    Many { what: Counted, count: usize, limit: usize },
    /// Not a year.
    Edition { given: String },
    /// Not `https://host/…`. The address is not repeated: it may hold a password.
    Url { key: String },
    /// Not a keyword.
    Keyword { given: String },
    /// None of the words allowed.
    Word { key: String, given: String, allowed: &'static [&'static str] },
    /// A pattern that leaves the package, or is absolute.
    Pattern { key: String, given: String },
    /// Not a section's name.
    Section { given: String },
    /// The name of a section that the format itself fills.
    OwnSection { given: String },
    /// Not a program's name.
    Program { given: String },
    /// A program's name that is kept for Vitte's own commands.
    ReservedProgram { given: String },
    /// Not a registry's name.
    Registry { given: String },
    /// A folder that is absolute, or empty.
    Folder { key: String, given: String },
    /// Neither a package nor `namespace/*`.
    Trusted { given: String },
    /// `workspace = false`.
    NotInherited,
    /// An inherited key with a table header of its own.
    InheritedHeader { key: String },
    /// A dependency with neither version nor path.
    NoSource { name: String },
    /// A package's name with a dot for the slash, outside quotes.
    Unquoted { name: String },
    /// A registry with neither index nor directory.
    NoPlace { name: String },
    /// Not a SHA-256 digest.
    Digest { key: String, given: String },
}

/// What there are too many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Keywords.
    Keywords,
    /// Dependencies, of all tables together.
    Dependencies,
    /// Features.
    Features,
    /// Sections besides the two that are always there.
    Sections,
}

/// How two parts of a manifest contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the names concerned")]
pub enum Conflict {
    /// Two programs of one name.
    Program { name: String },
    /// `index` and `directory`.
    Place { name: String },
    /// One namespace in two registries.
    Namespace { namespace: String, first: String, second: String },
    /// A dependency's registry is not the one of its namespace.
    Registry { name: String, registry: String, owner: String },
    /// A dependency said twice for one kind and target.
    Dependency { name: String },
    /// `target` inside a `[target.…]` table.
    Target { name: String },
    /// A package that depends on itself.
    Itself { name: String },
    /// An optional development dependency.
    Optional { name: String },
    /// `workspace = true` next to a key that the workspace decides.
    Inherited { name: String, key: &'static str },
    /// An alias that is also the file of an alias.
    Link { alias: String },
    /// Two aliases, equal on some systems.
    Alias { alias: String, first: String },
    /// `include` and `exclude`.
    Files,
}

/// What is wrong with a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the feature, its item and the names concerned")]
pub enum FeatureRule {
    /// Not a feature's name.
    Syntax { given: String },
    /// An item that names no feature of this manifest.
    Unknown { feature: String, item: String, nearest: Option<String> },
    /// An item that is an optional dependency's name without `dep:`.
    Bare { feature: String, item: String },
    /// An item that names no dependency.
    NoDependency { feature: String, name: String, nearest: Option<String> },
    /// `dep:` or `?` for a dependency that is not optional.
    NotOptional { feature: String, name: String },
    /// A feature that holds itself.
    Itself { feature: String },
}

macro_rules! from {
    ($($variant:ident($error:ty)),+) => {$(
        impl From<$error> for FaultKind {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )+};
}
from!(
    Name(NameError),
    Version(VersionError),
    Target(TargetError),
    Path(PathError),
    KeyId(SignError),
    Value(ValueRule),
    Conflict(Conflict),
    Feature(FeatureRule)
);

/// Cuts what was written to a length that fits a message.
pub(super) fn shown(given: &str) -> String {
    given.chars().take(140).collect()
}

impl Diagnose for Fault {
    fn diagnostic(&self) -> Diagnostic {
        let mut diagnostic = match &self.kind {
            FaultKind::TooLarge { len } => Diagnostic::new(
                Code::ManifestTooLarge,
                text::too_large(*len as u64, limits::MANIFEST_LEN as u64),
            )
            .with("got", *len)
            .with("limit", limits::MANIFEST_LEN),
            FaultKind::Merge => Diagnostic::new(Code::ManifestSyntax, text::merge()).help(text::merge_help()),
            FaultKind::Syntax { reason, quoted } => {
                let diagnostic = Diagnostic::new(Code::ManifestSyntax, text::syntax(reason));
                match quoted {
                    Some(name) => diagnostic.help(text::syntax_quote(name)),
                    None => diagnostic,
                }
            }
            FaultKind::UnknownKey { table, key, nearest, known } => {
                let help = match nearest {
                    Some(nearest) => text::nearest(nearest),
                    None => text::known_keys(table, &known.join("`, `")),
                };
                Diagnostic::new(Code::ManifestKey, text::unknown_key(key, table))
                    .help(help)
                    .with("key", key.clone())
            }
            FaultKind::WrongType { key, expected, got, example } => {
                let help = match expected {
                    Shape::Dependency => text::no_source_help(key),
                    _ => text::example(example),
                };
                Diagnostic::new(Code::ManifestType, text::wrong_type(key, &expected.in_words(), got))
                    .help(help)
                    .with("key", key.clone())
            }
            FaultKind::Missing { table, key, example } => {
                let message = if table.is_empty() { text::no_table(key) } else { text::missing(key, table) };
                Diagnostic::new(Code::ManifestMissing, message).help(text::add(example)).with("key", *key)
            }
            FaultKind::OnlyWorkspace => Diagnostic::new(Code::ManifestMissing, text::only_workspace())
                .help(text::only_workspace_help()),
            FaultKind::Name(error) => error.diagnostic(),
            FaultKind::Version(error) => version(error),
            FaultKind::Target(error) => error.diagnostic().help(text::target_help()),
            FaultKind::Path(error) => {
                let mut diagnostic = error.diagnostic();
                diagnostic.help = vec![text::folder_help()];
                diagnostic
            }
            FaultKind::KeyId(error) => error.diagnostic(),
            FaultKind::License { given, reason, corrected } => {
                let help = match corrected {
                    Some(corrected) => text::example(&format!("license = \"{corrected}\"")),
                    None => text::license_rule(),
                };
                Diagnostic::new(Code::License, text::license(given)).label(reason.clone()).help(help)
            }
            FaultKind::Value(rule) => value(rule),
            FaultKind::Conflict(conflict) => contradiction(conflict),
            FaultKind::Feature(rule) => feature(rule),
            FaultKind::InheritsWithoutWorkspace { key } => {
                Diagnostic::new(Code::ManifestValue, text::inherits_without_workspace(key))
                    .help(text::inherits_without_workspace_help())
            }
            FaultKind::InheritsNothing { table, key, nearest } => {
                let help = match nearest {
                    Some(nearest) => text::nearest(nearest),
                    None => text::inherits_nothing_help(key, table),
                };
                Diagnostic::new(Code::ManifestMissing, text::inherits_nothing(key, table)).help(help)
            }
        };
        diagnostic.place = Place::Source(self.span);
        diagnostic
    }
}
display_as_message!(Fault);

/// The reason is shown under the place, so the message need not repeat it.
fn version(error: &VersionError) -> Diagnostic {
    let mut diagnostic = error.diagnostic();
    match error {
        VersionError::Syntax { given, .. } => diagnostic.message = text::version(given),
        VersionError::Requirement { given, .. } => diagnostic.message = text::requirement(given),
        VersionError::Length => {}
    }
    diagnostic
}

fn value(rule: &ValueRule) -> Diagnostic {
    let (message, help) = match rule {
        ValueRule::Empty { key } => (text::empty(key), text::empty_help(key)),
        ValueRule::Control { key } => (text::control(key), text::control_help()),
        ValueRule::Long { key, limit } => (text::long(key, *limit as u64), text::long_help(*limit as u64)),
        ValueRule::Many { what, count, limit } => {
            let (count, limit) = (*count as u64, *limit as u64);
            let message = match what {
                Counted::Keywords => text::many_keywords(count, limit),
                Counted::Dependencies => text::many_dependencies(count, limit),
                Counted::Features => text::many_features(count, limit),
                Counted::Sections => text::many_sections(count, limit),
            };
            (message, text::many_help(limit))
        }
        ValueRule::Edition { given } => (text::edition(given), text::example("edition = \"2025\"")),
        ValueRule::Url { key } => (text::url(key), text::url_help()),
        ValueRule::Keyword { given } => (text::keyword(given), text::keyword_help()),
        ValueRule::Word { key, given, allowed } => {
            (text::word(key, given), text::word_help(&allowed.join("` or `")))
        }
        ValueRule::Pattern { key, given } => (text::pattern(key, given), text::pattern_help()),
        ValueRule::Section { given } => (text::section(given), text::section_help()),
        ValueRule::OwnSection { given } => (text::own_section(given), text::own_section_help()),
        ValueRule::Program { given } => (text::program(given), text::program_help()),
        ValueRule::ReservedProgram { given } => {
            (text::program_reserved(given), text::program_reserved_help())
        }
        ValueRule::Registry { given } => (text::registry_name(given), text::registry_name_help()),
        ValueRule::Folder { key, given } => (text::folder(key, given), text::folder_help()),
        ValueRule::Trusted { given } => (text::trusted(given), text::trusted_help()),
        ValueRule::NotInherited => (text::not_inherited(), text::not_inherited_help()),
        ValueRule::InheritedHeader { key } => {
            (text::inherited_header(key), text::example(&format!("{key}.workspace = true")))
        }
        ValueRule::NoSource { name } => (text::no_source(name), text::no_source_help(name)),
        ValueRule::Unquoted { name } => (text::unquoted(name), text::syntax_quote(name)),
        ValueRule::NoPlace { name } => (text::no_place(name), text::no_place_help()),
        ValueRule::Digest { key, given } => (text::digest(key, given), text::digest_help()),
    };
    Diagnostic::new(Code::ManifestValue, message).help(help)
}

fn contradiction(conflict: &Conflict) -> Diagnostic {
    let (message, help) = match conflict {
        Conflict::Program { name } => (text::program_twice(name), text::program_twice_help()),
        Conflict::Place { name } => (text::place_twice(name), text::place_twice_help()),
        Conflict::Namespace { namespace, first, second } => {
            (text::namespace_twice(namespace, first, second), text::namespace_twice_help())
        }
        Conflict::Registry { name, registry, owner } => {
            (text::registry_clash(name, registry, owner), text::registry_clash_help(owner))
        }
        Conflict::Dependency { name } => (text::dependency_twice(name), text::dependency_twice_help()),
        Conflict::Target { name } => (text::target_twice(name), text::target_twice_help()),
        Conflict::Itself { name } => (text::depends_on_itself(name), text::depends_on_itself_help()),
        Conflict::Optional { name } => (text::dev_optional(name), text::dev_optional_help()),
        Conflict::Inherited { name, key } => (text::inherited_key(name, key), text::inherited_key_help(key)),
        Conflict::Link { alias } => (text::link_chain(alias), text::link_chain_help()),
        Conflict::Alias { alias, first } => (text::alias_twice(alias, first), text::alias_twice_help()),
        Conflict::Files => (text::include_and_exclude(), text::include_and_exclude_help()),
    };
    Diagnostic::new(Code::ManifestConflict, message).help(help)
}

fn feature(rule: &FeatureRule) -> Diagnostic {
    let or = |nearest: &Option<String>, help: String| nearest.as_deref().map_or(help, text::nearest);
    let (message, help) = match rule {
        FeatureRule::Syntax { given } => (text::feature_syntax(given), text::feature_syntax_help()),
        FeatureRule::Unknown { feature, item, nearest } => {
            (text::feature_unknown(feature, item), or(nearest, text::feature_unknown_help(item)))
        }
        FeatureRule::Bare { feature, item } => {
            (text::feature_bare(feature, item), text::feature_bare_help(item))
        }
        FeatureRule::NoDependency { feature, name, nearest } => {
            (text::feature_no_dependency(feature, name), or(nearest, text::feature_no_dependency_help(name)))
        }
        FeatureRule::NotOptional { feature, name } => {
            (text::feature_not_optional(feature, name), text::feature_not_optional_help())
        }
        FeatureRule::Itself { feature } => (text::feature_itself(feature), text::feature_itself_help()),
    };
    Diagnostic::new(Code::Feature, message).help(help)
}
