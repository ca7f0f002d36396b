//! Features: the words of a feature's list.
//!
//! The grammar is cargo's: `dep:NAME` enables an optional dependency, `NAME/FEATURE` enables one and a feature of it,
//! `NAME?/FEATURE` the feature only if something else enables the dependency.

use crate::limits;
use crate::name::PackageName;

/// The feature asked for unless a dependency says `default-features = false`.
pub const DEFAULT: &str = "default";

/// One word of a feature's list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeatureValue {
    /// Another feature of the same package, or an optional dependency by its name.
    Feature(String),
    /// `dep:NAME`.
    Dependency(String),
    /// `NAME/FEATURE` or `NAME?/FEATURE`. A name may hold a `/` itself, so the last one divides.
    DependencyFeature {
        /// The dependency.
        dependency: String,
        /// Its feature.
        feature: String,
        /// Whether the dependency is enabled too.
        strength: Strength,
    },
}

/// Whether naming a feature of an optional dependency enables that dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// `NAME/FEATURE`: it does.
    Strong,
    /// `NAME?/FEATURE`: it does not.
    Weak,
}

impl FeatureValue {
    /// Reads a word. Every text is some word; what it names is looked up when it is used.
    pub fn parse(text: &str) -> Self {
        if let Some(name) = text.strip_prefix("dep:") {
            return Self::Dependency(name.to_owned());
        }
        match text.rsplit_once('/') {
            None => Self::Feature(text.to_owned()),
            Some((dependency, feature)) => {
                let (dependency, strength) = match dependency.strip_suffix('?') {
                    Some(dependency) => (dependency, Strength::Weak),
                    None => (dependency, Strength::Strong),
                };
                Self::DependencyFeature {
                    dependency: dependency.to_owned(),
                    feature: feature.to_owned(),
                    strength,
                }
            }
        }
    }
}

impl FeatureValue {
    /// Whether what it names could exist: a manifest may write no other word.
    pub fn is_well_formed(&self) -> bool {
        match self {
            Self::Feature(name) => is_feature_name(name),
            Self::Dependency(name) => PackageName::parse(name).is_ok(),
            Self::DependencyFeature { dependency, feature, .. } => {
                PackageName::parse(dependency).is_ok() && is_feature_name(feature)
            }
        }
    }
}

impl std::fmt::Display for FeatureValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Feature(name) => f.write_str(name),
            Self::Dependency(name) => write!(f, "dep:{name}"),
            Self::DependencyFeature { dependency, feature, strength } => {
                let mark = if *strength == Strength::Weak { "?" } else { "" };
                write!(f, "{dependency}{mark}/{feature}")
            }
        }
    }
}

/// Whether a feature can have the name: `[A-Za-z0-9_][A-Za-z0-9_+.-]{0,63}`.
pub fn is_feature_name(name: &str) -> bool {
    let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() <= limits::NAME_PART_LEN
        && name.bytes().next().is_some_and(first)
        && name.bytes().all(|byte| first(byte) || matches!(byte, b'+' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_print_as_they_are_read() {
        for word in ["std", "dep:acme/json", "acme/json/simd", "acme/json?/simd", "serde?/derive"] {
            assert_eq!(FeatureValue::parse(word).to_string(), word);
        }
    }

    #[test]
    fn only_what_could_exist_is_well_formed() {
        let is = |word: &str| FeatureValue::parse(word).is_well_formed();
        for good in ["std", "dep:acme/json", "acme/json/simd", "acme/json?/simd"] {
            assert!(is(good), "{good}");
        }
        for bad in ["", "dep:", "dep:A/b", "acme//x", "acme/json/", "a b", "a??/x"] {
            assert!(!is(bad), "{bad}");
        }
    }
}
