//! What a package is for: its kind and its target.

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::limits;
use crate::message::names as text;
use serde::{Serialize, Serializer};

/// The kind of an artifact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// `.vitpkg`: built for one target, or for any.
    Vitpkg,
    /// `.vitmod`: source, always for any target.
    Vitmod,
}

impl Kind {
    /// The file name extension and the word in signed statements: `vitpkg` or `vitmod`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vitpkg => "vitpkg",
            Self::Vitmod => "vitmod",
        }
    }

    /// Reads `vitpkg` or `vitmod`.
    ///
    /// # Errors
    /// [`TargetError::Kind`] for any other word.
    pub fn parse(given: &str) -> Result<Self, TargetError> {
        match given {
            "vitpkg" => Ok(Self::Vitpkg),
            "vitmod" => Ok(Self::Vitmod),
            _ => Err(TargetError::Kind(given.chars().take(80).collect())),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A target triple such as `x86_64-unknown-linux-gnu`, or `any`: `[a-z0-9][a-z0-9_.-]{0,63}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Target(String);

impl Target {
    /// The target of what runs everywhere.
    pub fn any() -> Self {
        Self("any".to_owned())
    }

    /// Reads a target.
    ///
    /// # Errors
    /// [`TargetError::Target`] when the length or a character is not allowed.
    pub fn parse(given: &str) -> Result<Self, TargetError> {
        let first = given.bytes().next();
        let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
        let good = first.is_some_and(|byte| plain(&byte))
            && given.len() <= limits::TARGET_LEN
            && given.bytes().all(|byte| plain(&byte) || matches!(byte, b'_' | b'.' | b'-'));
        if good {
            Ok(Self(given.to_owned()))
        } else {
            Err(TargetError::Target(given.chars().take(80).collect()))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `any`.
    pub fn is_any(&self) -> bool {
        self.0 == "any"
    }

    /// Whether the target is a Windows one, where programs end in `.exe`.
    pub fn is_windows(&self) -> bool {
        self.0.contains("-windows")
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The file name of an artifact: `<name>-<version>.vitmod`, `<name>-<version>-<target>.vitpkg`; the target
/// `any` and the namespace are left out.
pub fn file_name(
    name: &crate::name::PackageName,
    version: &crate::version::Version,
    kind: Kind,
    target: &Target,
) -> String {
    let base = name.base();
    if target.is_any() {
        format!("{base}-{version}.{kind}")
    } else {
        format!("{base}-{version}-{target}.{kind}")
    }
}

/// A kind or target is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetError {
    /// Not a kind.
    Kind(String),
    /// Not a target.
    Target(String),
}

impl Diagnose for TargetError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Kind(given) => Diagnostic::new(Code::Target, text::kind_unknown(given)),
            Self::Target(given) => Diagnostic::new(Code::Target, text::target_syntax(given)),
        }
    }
}
display_as_message!(TargetError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{name::PackageName, version::Version};

    #[test]
    fn targets_are_triples_or_any() {
        assert!(Target::parse("any").unwrap().is_any());
        assert!(Target::parse("x86_64-pc-windows-msvc").unwrap().is_windows());
        for bad in ["", "-x", "X86", "a b", "a/b", &"a".repeat(65)] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn file_names_leave_any_out() {
        let name = PackageName::parse("roussov/vitte-math").unwrap();
        let version = Version::parse("1.2.0").unwrap();
        assert_eq!(file_name(&name, &version, Kind::Vitmod, &Target::any()), "vitte-math-1.2.0.vitmod");
        let target = Target::parse("x86_64-unknown-linux-gnu").unwrap();
        assert_eq!(
            file_name(&name, &version, Kind::Vitpkg, &target),
            "vitte-math-1.2.0-x86_64-unknown-linux-gnu.vitpkg"
        );
    }
}
