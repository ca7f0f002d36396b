//! The manifest as it goes into a package.
//!
//! It is the author's text, byte for byte, unless it says something that has a meaning only where the package is
//! developed: `path`, `workspace = true`, `[workspace]`. Then these are taken out and inherited values are
//! written in, by edits at their places, so that comments, order and spacing of the rest stay. The result is
//! read again and must say the same as the original; a form that the edits do not understand is refused.
//!
//! Source: archive format document, section 11.

mod edit;

use super::shared_dependency::SharedDependency;
use super::source::{self, Entry, Faults, Table};
use super::workspace::{Inherited, Workspace};
use super::{Manifest, ManifestErrors, schema};
use crate::dependency::DependencyKind;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, Span, display_as_message};
use crate::message::manifest as text;
use edit::{Edits, Parent};
use std::borrow::Cow;
use toml::de::DeValue;

/// The text of a manifest for the package: a pure function of the text and its workspace.
///
/// Development dependencies that have a `path` and no `version` are left out: nobody else can fetch them.
///
/// # Errors
/// [`PackError::Manifest`] when the manifest has faults, [`PackError::NoVersion`] for another dependency with a
/// path and no version, [`PackError::Form`] when the text cannot be rewritten without changing what it says.
pub fn pack<'s>(source: &'s str, workspace: Option<&Workspace>) -> Result<Cow<'s, str>, PackError> {
    let manifest = match workspace {
        Some(workspace) => Manifest::parse_member(source, workspace),
        None => Manifest::parse(source),
    };
    let mut manifest = manifest.map_err(PackError::Manifest)?;
    let tree = source::parse(source)
        .or_else(|faults| ManifestErrors::check(faults, None))
        .map_err(PackError::Manifest)?;
    let own = manifest.workspace.take();
    let shared = workspace.or(own.as_ref());

    let mut edits = Edits::new(source, &tree);
    let mut quiet = Faults::default();
    let root = Table::root(&tree);
    if let Some(package) = root.entry("package") {
        inline_package(package, shared, &mut edits);
    }
    dependency_tables(&root, |entry, kind| one_dependency(entry, kind, shared, &mut edits))?;
    for target in root.named("target", &mut quiet) {
        let Some(key) = schema::find(schema::ROOT, "target") else { continue };
        let own = (target.key.value, key);
        let title = String::new();
        let Some(table) = Table::of(title, target.value, schema::TARGET, own, &mut quiet) else { continue };
        dependency_tables(&table, |entry, kind| one_dependency(entry, kind, shared, &mut edits))?;
    }
    if let Some(workspace) = root.entry("workspace") {
        edits.remove(workspace, &Parent::Lines);
    }
    if edits.is_empty() {
        return Ok(Cow::Borrowed(source));
    }
    let result = edits.apply().ok_or(PackError::Form)?;
    manifest.dependencies.retain(|dependency| dependency.requirement().is_some());
    manifest.dependencies.iter_mut().for_each(super::DeclaredDependency::forget_path);
    match Manifest::parse(&result) {
        Ok(again) if again == manifest => Ok(Cow::Owned(result)),
        _ => Err(PackError::Form),
    }
}

/// Calls `each` for every dependency of a table that may have the three tables of dependencies.
fn dependency_tables<'a>(
    table: &Table<'a>,
    mut each: impl FnMut((Entry<'a>, Parent<'a>), DependencyKind) -> Result<(), PackError>,
) -> Result<(), PackError> {
    let mut quiet = Faults::default();
    for (key, kind) in [
        ("dependencies", DependencyKind::Normal),
        ("build-dependencies", DependencyKind::Build),
        ("dev-dependencies", DependencyKind::Dev),
    ] {
        let Some(parent) = table.entry(key) else { continue };
        for entry in table.named(key, &mut quiet) {
            each((entry, Parent::of(parent)), kind)?;
        }
    }
    Ok(())
}

/// Writes the values in that `[package]` inherits.
fn inline_package(package: Entry<'_>, workspace: Option<&Workspace>, edits: &mut Edits<'_>) {
    let (DeValue::Table(table), Some(workspace)) = (package.value.get_ref(), workspace) else { return };
    for entry in source::entries(table) {
        let (Some(inherit), Some(value)) = (inherit_key(entry), workspace.inherited(entry.key.value)) else {
            continue;
        };
        let value = match value {
            Inherited::Text(value) => edit::string(value),
            Inherited::Texts(values) => edit::array(values),
        };
        let start = entry.key.span.start;
        let end = if edits.is_inline(entry) { entry.value.span().end } else { inherit.value.span().end };
        edits.replace(Span { start, end }, format!("{} = {value}", entry.key.value));
    }
}

/// The entry `workspace` of an inherited value.
fn inherit_key(entry: Entry<'_>) -> Option<Entry<'_>> {
    find(entry, "workspace")
}

fn find<'a>(entry: Entry<'a>, key: &str) -> Option<Entry<'a>> {
    let DeValue::Table(table) = entry.value.get_ref() else { return None };
    source::entries(table).into_iter().find(|inner| inner.key.value == key)
}

fn one_dependency<'a>(
    (entry, parent): (Entry<'a>, Parent<'a>),
    kind: DependencyKind,
    workspace: Option<&Workspace>,
    edits: &mut Edits<'_>,
) -> Result<(), PackError> {
    let inherit = inherit_key(entry);
    let shared = inherit.and(workspace).and_then(|workspace| {
        workspace.dependencies().iter().find(|shared| shared.name.as_str() == entry.key.value)
    });
    let path = find(entry, "path");
    let nowhere = match shared {
        Some(shared) => shared.requirement.is_none(),
        None => path.is_some() && find(entry, "version").is_none(),
    };
    if nowhere {
        if kind != DependencyKind::Dev {
            return Err(PackError::NoVersion { span: entry.span(), name: entry.key.value.to_owned() });
        }
        edits.remove(entry, &parent);
        return Ok(());
    }
    if let (Some(inherit), Some(shared)) = (inherit, shared) {
        inline_shared(entry, inherit, shared, edits);
    } else if let Some(path) = path {
        edits.remove(path, &Parent::of(entry));
    }
    Ok(())
}

/// Puts what the workspace says about a dependency in the place of `workspace = true`.
fn inline_shared(entry: Entry<'_>, inherit: Entry<'_>, shared: &SharedDependency, edits: &mut Edits<'_>) {
    let mut pairs = Vec::new();
    if let Some(requirement) = &shared.requirement {
        pairs.push(format!("version = {}", edit::string(requirement.as_str())));
    }
    if let Some(registry) = &shared.registry {
        pairs.push(format!("registry = {}", edit::string(registry)));
    }
    if let (Some(flag), None) = (shared.default_features, find(entry, "default-features")) {
        pairs.push(format!("default-features = {flag}"));
    }
    if !shared.features.is_empty() {
        match find(entry, "features") {
            Some(own) => {
                let mut features = shared.features.clone();
                if let DeValue::Array(items) = own.value.get_ref() {
                    features
                        .extend(items.iter().filter_map(|item| item.get_ref().as_str().map(str::to_owned)));
                }
                features.sort();
                features.dedup();
                edits.replace(own.value.span().into(), edit::array(&features));
            }
            None => pairs.push(format!("features = {}", edit::array(&shared.features))),
        }
    }
    let separator = match edits.is_inline(entry) {
        true => ", ".to_owned(),
        false => format!("\n{}", edits.before_on_line(inherit.key.span.start)),
    };
    let span = Span { start: inherit.key.span.start, end: inherit.value.span().end };
    edits.replace(span, pairs.join(&separator));
}

/// A manifest cannot go into a package.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackError {
    /// It has faults.
    Manifest(ManifestErrors),
    /// A dependency has a path and no version: nobody else can fetch it.
    NoVersion {
        /// Its place.
        span: Span,
        /// Its name.
        name: String,
    },
    /// Taking `path` and `workspace` out would change what the manifest says.
    Form,
}

impl PackError {
    /// Each fault, ready to be rendered.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Manifest(errors) => errors.diagnostics(),
            _ => vec![self.diagnostic()],
        }
    }
}

impl Diagnose for PackError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Manifest(errors) => match errors.faults().first() {
                Some(fault) => fault.diagnostic(),
                None => Diagnostic::new(Code::ManifestSyntax, errors.to_string()),
            },
            Self::NoVersion { span, name } => {
                Diagnostic::new(Code::ManifestMissing, text::to_publish_version(name))
                    .at(Place::Source(*span))
                    .help(text::to_publish_version_help())
                    .with("dependency", name.as_str())
            }
            Self::Form => {
                Diagnostic::new(Code::ManifestValue, text::cannot_pack()).help(text::cannot_pack_help())
            }
        }
    }
}
display_as_message!(PackError);
