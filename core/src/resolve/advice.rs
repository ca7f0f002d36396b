//! What to change where there is no resolution.

use crate::message::resolve as text;
use crate::name::PackageName;
use crate::version::Version;

/// A change after which there is a resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Another requirement on a direct dependency.
    Require {
        /// The project whose manifest changes.
        project: PackageName,
        /// The dependency.
        name: PackageName,
        /// The requirement to write: a version, which means it and what is compatible with it.
        version: Version,
    },
    /// No minimum age.
    NoMinimumAge,
    /// Not this version by name.
    NotPrecise(PackageName),
}

impl Advice {
    /// The hint, ending in a command.
    pub fn text(&self) -> String {
        match self {
            Self::Require { name, version, .. } => text::help_add(name.as_str(), &version.to_string()),
            Self::NoMinimumAge => text::help_minimum_age(),
            Self::NotPrecise(name) => text::help_precise(name.as_str()),
        }
    }
}
