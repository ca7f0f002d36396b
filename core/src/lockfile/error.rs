//! What can be wrong with a lockfile by itself.

use super::{LockedPackage, Salvage};
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, Span, display_as_message};
use crate::message::lock as text;
use crate::name::PackageName;
use crate::version::Version;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockError {
    /// Written by another version of the form.
    Version(String),
    /// Marks of an unfinished merge.
    Merge,
    /// A JSON document, as the language's own tool writes under the same name.
    Json,
    /// Nothing at all.
    Empty,
    /// The first two lines are not the form's.
    Head,
    /// A line that is neither a table nor a key.
    Line,
    /// A key that the form does not have, or not here.
    KeyUnknown(String),
    /// A key twice, or not in its place.
    KeyOrder(String),
    /// A key that must be there.
    KeyMissing(&'static str),
    /// A value that cannot be read, with the reason.
    Value(&'static str, String),
    /// A table that is not in its place.
    Order((PackageName, Version)),
    /// A table that is there twice.
    Twice((PackageName, Version)),
    /// A list that is not sorted or holds something twice.
    ListOrder(&'static str),
    /// A dependency that is not in the file.
    DependencyUnknown(String),
    /// A dependency with a version it does not need, or without one it needs: what is written, what should be.
    DependencyForm(String, String),
    /// Artifacts of one release with different dependencies.
    DependenciesDiffer((PackageName, Version)),
    /// A release that nothing needs.
    Unreachable((PackageName, Version)),
    /// A release whose namespace belongs to no registry.
    NoRegistry(PackageName),
}

impl LockError {
    fn diagnose(&self, span: Option<Span>) -> Diagnostic {
        let release = |(name, version): &(PackageName, Version)| (name.to_string(), version.to_string());
        let message = match self {
            Self::Version(found) => {
                let place = span.map_or(Place::Whole, Place::Source);
                return Diagnostic::new(Code::LockSyntax, text::version(found))
                    .at(place)
                    .help(text::version_hint());
            }
            Self::Merge => text::merge(),
            Self::Json => {
                let place = span.map_or(Place::Whole, Place::Source);
                return Diagnostic::new(Code::LockSyntax, text::json()).at(place).help(text::json_hint());
            }
            Self::Empty => text::empty(),
            Self::Head => text::head(),
            Self::Line => text::line(),
            Self::KeyUnknown(key) => text::key_unknown(key),
            Self::KeyOrder(key) => text::key_order(key),
            Self::KeyMissing(key) => text::key_missing(key),
            Self::Value(key, reason) => text::value(key, reason),
            Self::Order(place) => {
                let (name, version) = release(place);
                text::order(&name, &version)
            }
            Self::Twice(place) => {
                let (name, version) = release(place);
                text::twice(&name, &version)
            }
            Self::ListOrder(key) => text::list_order(key),
            Self::DependencyUnknown(dependency) => text::dependency_unknown(dependency),
            Self::DependencyForm(dependency, canonical) => text::dependency_form(dependency, canonical),
            Self::DependenciesDiffer(place) => {
                let (name, version) = release(place);
                text::dependencies_differ(&name, &version)
            }
            Self::Unreachable(place) => {
                let (name, version) = release(place);
                text::unreachable(&name, &version)
            }
            Self::NoRegistry(name) => {
                return Diagnostic::new(Code::NoRegistry, text::stale_no_registry(name.as_str()));
            }
        };
        Diagnostic::new(Code::LockSyntax, message)
            .at(span.map_or(Place::Whole, Place::Source))
            .help(text::hint_restore())
    }
}

impl LockError {
    /// Whether it is about how tables go together: each of them can be read all the same.
    pub(super) fn is_about_the_whole(&self) -> bool {
        matches!(
            self,
            Self::Order(_)
                | Self::Twice(_)
                | Self::ListOrder("dependencies")
                | Self::DependencyUnknown(_)
                | Self::DependencyForm(..)
                | Self::DependenciesDiffer(_)
                | Self::Unreachable(_)
        )
    }
}

impl Diagnose for LockError {
    fn diagnostic(&self) -> Diagnostic {
        self.diagnose(None)
    }
}

/// Every fault of a lockfile, with its bytes, and the tables that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockErrors {
    faults: Vec<(LockError, Option<Span>)>,
    readable: Vec<LockedPackage>,
    salvage: Option<Salvage>,
}

impl LockErrors {
    pub(super) fn new(faults: Vec<(LockError, Option<Span>)>, readable: Vec<LockedPackage>) -> Self {
        let whole = !readable.is_empty() && faults.iter().all(|(fault, _)| fault.is_about_the_whole());
        let salvage = whole.then(|| Salvage::of_tables(readable.clone()));
        Self { faults, readable, salvage }
    }

    /// An unfinished merge, whose first mark is at `span`, with what can be kept of it.
    pub(super) fn merge(span: Span, salvage: Option<Salvage>) -> Self {
        let sides = salvage.iter().flat_map(Salvage::sides);
        let readable = sides.flat_map(|side| side.packages().iter().cloned()).collect();
        Self { faults: vec![(LockError::Merge, Some(span))], readable, salvage }
    }

    /// What is kept when the file is written again; `None` when it may not be, because something in it cannot be read.
    pub fn salvage(&self) -> Option<&Salvage> {
        self.salvage.as_ref()
    }

    fn diagnose(&self, fault: &LockError, span: Option<Span>) -> Diagnostic {
        let mut diagnostic = fault.diagnose(span);
        if self.salvage.is_some() {
            diagnostic.help = vec![text::hint_salvage()];
        }
        diagnostic
    }

    /// The faults, in the order of the text. Never empty.
    pub fn faults(&self) -> impl Iterator<Item = &LockError> {
        self.faults.iter().map(|(fault, _)| fault)
    }

    /// The faults, ready to be rendered.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.faults.iter().map(|(fault, span)| self.diagnose(fault, *span)).collect()
    }

    /// The tables that could be read all the same.
    pub fn readable(&self) -> &[LockedPackage] {
        &self.readable
    }
}

impl Diagnose for LockErrors {
    fn diagnostic(&self) -> Diagnostic {
        match self.faults.first() {
            Some((fault, span)) => self.diagnose(fault, *span),
            None => LockError::Head.diagnostic(),
        }
    }
}
display_as_message!(LockError, LockErrors);
