//! What a word in a feature list means for the release it is in.
//!
//! An optional dependency that no `dep:` mentions is a feature of its own name.

use crate::dependency::{DEFAULT, Dependency, FeatureValue, Needs, Strength};

/// What enabling a feature asks for, one step far.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Demand {
    /// Another feature of the same release.
    Feature(String),
    /// The optional dependencies of this name.
    Dependency(String),
    /// A feature of the dependencies of this name.
    DependencyFeature(String, String),
    /// A feature of the optional dependencies of this name, if they are enabled.
    WeakDependencyFeature(String, String),
}

impl Needs {
    /// Whether `feature` can be enabled. `default` always can.
    pub fn has_feature(&self, feature: &str) -> bool {
        feature == DEFAULT || self.features.contains_key(feature) || self.is_implicit(feature)
    }

    /// Every feature that can be enabled: those written, then optional dependencies that are features.
    pub fn feature_names(&self) -> impl Iterator<Item = &str> {
        let implicit = self
            .dependencies
            .iter()
            .map(|dependency| dependency.name.as_str())
            .filter(|name| !self.features.contains_key(*name) && self.is_implicit(name));
        self.features.keys().map(String::as_str).chain(implicit)
    }

    /// The dependencies called `name`: several, if it is needed for several targets or kinds.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, &'a Dependency)> {
        self.dependencies.iter().enumerate().filter(move |(_, dependency)| dependency.name.as_str() == name)
    }

    fn is_optional(&self, name: &str) -> bool {
        self.named(name).any(|(_, dependency)| dependency.optional)
    }

    /// Whether an optional dependency is a feature of its own name.
    fn is_implicit(&self, name: &str) -> bool {
        self.is_optional(name)
            && !self
                .features
                .values()
                .flatten()
                .any(|value| matches!(value, FeatureValue::Dependency(other) if other == name))
    }

    /// What enabling `feature` asks for. `None` if there is no such feature.
    pub(super) fn demands(&self, feature: &str) -> Option<Vec<Demand>> {
        let Some(values) = self.features.get(feature) else {
            return if self.is_implicit(feature) {
                Some(vec![Demand::Dependency(feature.to_owned())])
            } else {
                (feature == DEFAULT).then(Vec::new)
            };
        };
        let mut demands = Vec::new();
        for value in values {
            self.demand(value, &mut demands);
        }
        Some(demands)
    }

    fn demand(&self, value: &FeatureValue, demands: &mut Vec<Demand>) {
        match value {
            FeatureValue::Feature(name) => demands.push(Demand::Feature(name.clone())),
            FeatureValue::Dependency(name) => demands.push(Demand::Dependency(name.clone())),
            FeatureValue::DependencyFeature { dependency, feature, strength } => {
                // `acme/json` may be the optional dependency of that name rather than feature `json` of `acme`.
                let whole = format!("{dependency}/{feature}");
                if *strength == Strength::Strong
                    && (self.features.contains_key(&whole) || self.is_implicit(&whole))
                {
                    demands.push(Demand::Feature(whole));
                    return;
                }
                if self.is_optional(dependency) {
                    match strength {
                        Strength::Weak => {
                            demands.push(Demand::WeakDependencyFeature(dependency.clone(), feature.clone()));
                            return;
                        }
                        Strength::Strong => {
                            demands.push(Demand::Dependency(dependency.clone()));
                            if self.features.contains_key(dependency) {
                                demands.push(Demand::Feature(dependency.clone()));
                            }
                        }
                    }
                }
                demands.push(Demand::DependencyFeature(dependency.clone(), feature.clone()));
            }
        }
    }

    /// The features that some feature passes on weakly to the optional dependency `name`.
    pub(super) fn weak_features(&self, name: &str) -> std::collections::BTreeSet<&str> {
        self.features
            .values()
            .flatten()
            .filter_map(|value| match value {
                FeatureValue::DependencyFeature { dependency, feature, strength: Strength::Weak }
                    if dependency == name =>
                {
                    Some(feature.as_str())
                }
                _ => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{name::PackageName, version::Requirement};

    fn needs(dependencies: &[(&str, bool)], features: &[(&str, &[&str])]) -> Needs {
        Needs {
            dependencies: dependencies
                .iter()
                .map(|(name, optional)| Dependency {
                    optional: *optional,
                    ..Dependency::new(PackageName::parse(name).unwrap(), Requirement::parse("*").unwrap())
                })
                .collect(),
            features: features
                .iter()
                .map(|(name, values)| {
                    ((*name).to_owned(), values.iter().map(|value| FeatureValue::parse(value)).collect())
                })
                .collect(),
        }
    }

    #[test]
    fn an_optional_dependency_is_a_feature_unless_dep_hides_it() {
        let open = needs(&[("acme/json", true)], &[("default", &["acme/json"])]);
        assert!(open.has_feature("acme/json"));
        assert_eq!(open.demands("default"), Some(vec![Demand::Feature("acme/json".into())]));
        assert_eq!(open.demands("acme/json"), Some(vec![Demand::Dependency("acme/json".into())]));
        let hidden = needs(&[("acme/json", true)], &[("fast", &["dep:acme/json"])]);
        assert!(!hidden.has_feature("acme/json"));
        assert_eq!(hidden.feature_names().collect::<Vec<_>>(), ["fast"]);
    }

    #[test]
    fn a_feature_of_a_dependency_enables_it_unless_weak() {
        let both = needs(&[("a/b", true), ("c", false)], &[("x", &["a/b/f"]), ("y", &["a/b?/f", "c?/g"])]);
        assert_eq!(
            both.demands("x"),
            Some(vec![Demand::Dependency("a/b".into()), Demand::DependencyFeature("a/b".into(), "f".into())])
        );
        // A weak feature of a dependency that is always there is an ordinary one.
        assert_eq!(
            both.demands("y"),
            Some(vec![
                Demand::WeakDependencyFeature("a/b".into(), "f".into()),
                Demand::DependencyFeature("c".into(), "g".into())
            ])
        );
        assert_eq!(both.weak_features("a/b").into_iter().collect::<Vec<_>>(), ["f"]);
    }

    #[test]
    fn default_exists_everywhere_and_others_do_not() {
        let none = needs(&[], &[]);
        assert_eq!(none.demands("default"), Some(vec![]));
        assert_eq!(none.demands("std"), None);
    }
}
