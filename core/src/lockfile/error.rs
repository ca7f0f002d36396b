//! What can be wrong with a lockfile by itself.

use super::LockedPackage;
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
    /// A table that stands twice.
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
}

impl LockErrors {
    pub(super) fn new(faults: Vec<(LockError, Option<Span>)>, readable: Vec<LockedPackage>) -> Self {
        Self { faults, readable }
    }

    /// The faults, in the order of the text. Never empty.
    pub fn faults(&self) -> impl Iterator<Item = &LockError> {
        self.faults.iter().map(|(fault, _)| fault)
    }

    /// The faults, ready to be rendered.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.faults.iter().map(|(fault, span)| fault.diagnose(*span)).collect()
    }

    /// The tables that could be read all the same: enough to keep their versions when the file is made anew.
    pub fn readable(&self) -> &[LockedPackage] {
        &self.readable
    }
}

impl Diagnose for LockErrors {
    fn diagnostic(&self) -> Diagnostic {
        match self.faults.first() {
            Some((fault, span)) => fault.diagnose(*span),
            None => LockError::Head.diagnostic(),
        }
    }
}
display_as_message!(LockError, LockErrors);
