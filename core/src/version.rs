//! Versions (SemVer 2.0.0) and version requirements (cargo's grammar).

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::limits;
use crate::message::names as text;
use serde::{Serialize, Serializer};

/// A semantic version of at most 64 bytes. Ordered by SemVer precedence, then build metadata.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(semver::Version);

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    /// [`VersionError::Length`] beyond 64 bytes, [`VersionError::Syntax`] with the reason otherwise.
    pub fn parse(given: &str) -> Result<Self, VersionError> {
        if given.len() > limits::VERSION_LEN {
            return Err(VersionError::Length);
        }
        semver::Version::parse(given)
            .map(Self)
            .map_err(|error| VersionError::Syntax { given: given.to_owned(), reason: error.to_string() })
    }

    /// The parsed numbers and identifiers.
    pub fn semver(&self) -> &semver::Version {
        &self.0
    }

    /// Whether this is a pre-release, such as `1.0.0-beta.1`.
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// Whether both are the same release but for build metadata: such two may not both be published.
    pub fn same_but_build(&self, other: &Self) -> bool {
        (self.0.major, self.0.minor, self.0.patch, &self.0.pre)
            == (other.0.major, other.0.minor, other.0.patch, &other.0.pre)
    }

    /// The same release without build metadata: equal for two that [differ in it only](Self::same_but_build).
    pub fn without_build(&self) -> Self {
        let mut bare = self.0.clone();
        bare.build = semver::BuildMetadata::EMPTY;
        Self(bare)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A version requirement in cargo's grammar: `1.2` is `^1.2`; `~ = > >= < <= *`; a comma means and.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Requirement {
    written: String,
    parsed: semver::VersionReq,
}

impl Requirement {
    /// Reads a requirement.
    ///
    /// # Errors
    /// [`VersionError::Requirement`] with the reason.
    pub fn parse(given: &str) -> Result<Self, VersionError> {
        let refuse =
            |reason: String| VersionError::Requirement { given: given.chars().take(140).collect(), reason };
        let parsed = semver::VersionReq::parse(given.trim()).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { written: given.trim().to_owned(), parsed })
    }

    /// `*`: any version will do.
    pub fn any() -> Self {
        Self { written: "*".to_owned(), parsed: semver::VersionReq::STAR }
    }

    /// The requirement that exactly this version meets.
    pub fn exactly(version: &Version) -> Self {
        let comparator = semver::Comparator {
            op: semver::Op::Exact,
            major: version.0.major,
            minor: Some(version.0.minor),
            patch: Some(version.0.patch),
            pre: version.0.pre.clone(),
        };
        Self { written: format!("={version}"), parsed: semver::VersionReq { comparators: vec![comparator] } }
    }

    /// As the author wrote it, without outer spaces.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The parsed comparators.
    pub fn semver(&self) -> &semver::VersionReq {
        &self.parsed
    }

    /// Whether `version` meets the requirement. A pre-release does only if a comparator names a pre-release
    /// of the same numbers.
    pub fn matches(&self, version: &Version) -> bool {
        self.parsed.matches(&version.0)
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.written)
    }
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

/// A version or requirement cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionError {
    /// A version of more than 64 bytes.
    Length,
    /// Not a semantic version.
    Syntax {
        /// What was written.
        given: String,
        /// Why it is not one.
        reason: String,
    },
    /// Not a requirement.
    Requirement {
        /// What was written, cut to 140 characters.
        given: String,
        /// Why it is not one.
        reason: String,
    },
}

impl Diagnose for VersionError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Length => Diagnostic::new(Code::Version, text::version_length(limits::VERSION_LEN as u64))
                .help(text::version_hint()),
            Self::Syntax { given, reason } => {
                Diagnostic::new(Code::Version, text::version_syntax(given, reason))
                    .label(reason.clone())
                    .help(text::version_hint())
            }
            Self::Requirement { given, reason } => {
                Diagnostic::new(Code::Requirement, text::requirement_syntax(given, reason))
                    .label(reason.clone())
                    .help(text::requirement_hint())
            }
        }
    }
}
display_as_message!(VersionError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_print_as_written() {
        for text in ["0.0.0", "1.2.3-beta.1+build.5", "10.20.30"] {
            assert_eq!(Version::parse(text).unwrap().to_string(), text);
        }
        let error = Version::parse("1.O.0").unwrap_err();
        assert_eq!(error.code(), Code::Version);
        assert!(error.to_string().contains("minor version number"), "{error}");
        assert_eq!(Version::parse(&format!("1.0.0-{}", "a".repeat(59))), Err(VersionError::Length));
    }

    #[test]
    fn requirements_follow_cargo() {
        let meets = |requirement: &str, version: &str| {
            Requirement::parse(requirement).unwrap().matches(&Version::parse(version).unwrap())
        };
        assert!(meets("1.2", "1.9.0") && !meets("1.2", "2.0.0") && !meets("1.2", "1.3.0-rc.1"));
        assert!(meets("0.3", "0.3.9") && !meets("0.3", "0.4.0"));
        assert!(meets(">=1.0, <2", "1.5.0") && meets("*", "7.0.0"));
        assert!(Requirement::parse("one").is_err());
        let exact = Requirement::exactly(&Version::parse("1.2.3-rc.1").unwrap());
        assert!(exact.matches(&Version::parse("1.2.3-rc.1").unwrap()));
        assert_eq!(Requirement::parse(exact.as_str()).unwrap(), exact);
    }

    #[test]
    fn build_metadata_does_not_tell_releases_apart() {
        let parse = |text| Version::parse(text).unwrap();
        assert!(parse("1.0.0+a").same_but_build(&parse("1.0.0+b")));
        assert!(!parse("1.0.0-a").same_but_build(&parse("1.0.0-b")));
        assert_eq!(parse("1.0.0-a+b").without_build(), parse("1.0.0-a"));
    }
}
