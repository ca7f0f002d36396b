//! The table `[features]`: what users of a package may switch on.

use super::dependency::{Dependency, DependencyKind};
use super::fault::{Counted, FeatureRule, ValueRule, shown};
use super::schema;
use super::source::{Faults, Table, Text, texts_of};
use super::text::is_feature_name;
use crate::limits;
use crate::name::PackageName;
use crate::nearest::nearest;
use std::collections::BTreeMap;

/// One item of a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeatureItem {
    /// `other`: another feature of this package.
    Feature(String),
    /// `dep:name`: switches an optional dependency on.
    Dependency(PackageName),
    /// `name/feature`: switches a feature of a dependency on, and the dependency itself if it is optional.
    DependencyFeature {
        /// The dependency.
        package: PackageName,
        /// Its feature.
        feature: String,
    },
    /// `name?/feature`: switches a feature of a dependency on if something else switched the dependency on.
    WeakDependencyFeature {
        /// The dependency.
        package: PackageName,
        /// Its feature.
        feature: String,
    },
}

impl FeatureItem {
    /// Reads an item. In `a/b/c` the last slash parts the feature from the package.
    ///
    /// # Errors
    /// [`FeatureRule::Syntax`] for anything that is none of the four forms.
    pub fn parse(item: &str) -> Result<Self, FeatureRule> {
        let refuse = || FeatureRule::Syntax { given: shown(item) };
        if let Some(name) = item.strip_prefix("dep:") {
            return PackageName::parse(name).map(Self::Dependency).map_err(|_| refuse());
        }
        let Some((package, feature)) = item.rsplit_once('/') else {
            return if is_feature_name(item) { Ok(Self::Feature(item.to_owned())) } else { Err(refuse()) };
        };
        let (package, weak) = match package.strip_suffix('?') {
            Some(package) => (package, true),
            None => (package, false),
        };
        let package = PackageName::parse(package).map_err(|_| refuse())?;
        if !is_feature_name(feature) {
            return Err(refuse());
        }
        let feature = feature.to_owned();
        Ok(match weak {
            true => Self::WeakDependencyFeature { package, feature },
            false => Self::DependencyFeature { package, feature },
        })
    }
}

impl std::fmt::Display for FeatureItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Feature(feature) => f.write_str(feature),
            Self::Dependency(package) => write!(f, "dep:{package}"),
            Self::DependencyFeature { package, feature } => write!(f, "{package}/{feature}"),
            Self::WeakDependencyFeature { package, feature } => write!(f, "{package}?/{feature}"),
        }
    }
}

/// The features of a package by name, their items in the author's order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Features(BTreeMap<String, Vec<FeatureItem>>);

impl Features {
    /// The items of a feature.
    pub fn get(&self, name: &str) -> Option<&[FeatureItem]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// All features, sorted by the bytes of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[FeatureItem])> {
        self.0.iter().map(|(name, items)| (name.as_str(), items.as_slice()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(super) fn read(root: &Table<'_>, dependencies: &[Dependency], faults: &mut Faults) -> Features {
    let entries = root.named("features", faults);
    if let Some(extra) = entries.get(limits::FEATURES) {
        let (count, limit) = (entries.len(), limits::FEATURES);
        faults.add(extra.key.span, ValueRule::Many { what: Counted::Features, count, limit }.into());
    }
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.value).collect();
    let mut features = Features::default();
    for entry in &entries {
        let name = entry.key.value;
        if !is_feature_name(name) {
            faults.add(entry.key.span, FeatureRule::Syntax { given: shown(name) }.into());
        }
        let mut items = Vec::new();
        for text in texts_of(entry.value, name, &schema::FEATURE_VALUE, faults).unwrap_or_default() {
            let item = check(name, text, &names, dependencies);
            items.extend(faults.keep(text.span, item));
        }
        features.0.insert(name.to_owned(), items);
    }
    features
}

fn check(
    feature: &str,
    text: Text<'_>,
    names: &[&str],
    dependencies: &[Dependency],
) -> Result<FeatureItem, FeatureRule> {
    let item = FeatureItem::parse(text.value)?;
    let feature = feature.to_owned();
    let usable = || dependencies.iter().filter(|dependency| dependency.kind() != DependencyKind::Dev);
    let bare = usable().any(|dependency| dependency.name().as_str() == text.value);
    match &item {
        FeatureItem::Feature(other) if *other == feature => return Err(FeatureRule::Itself { feature }),
        FeatureItem::Feature(other) if names.contains(&other.as_str()) => {}
        FeatureItem::Feature(_) | FeatureItem::DependencyFeature { .. } if bare => {
            return Err(FeatureRule::Bare { feature, item: text.value.to_owned() });
        }
        FeatureItem::Feature(other) => {
            let nearest = nearest(other, names.iter().copied()).map(str::to_owned);
            return Err(FeatureRule::Unknown { feature, item: other.clone(), nearest });
        }
        FeatureItem::Dependency(package)
        | FeatureItem::DependencyFeature { package, .. }
        | FeatureItem::WeakDependencyFeature { package, .. } => {
            let mut found = usable().filter(|dependency| dependency.name() == package).peekable();
            let name = package.to_string();
            if found.peek().is_none() {
                let known = usable().map(|dependency| dependency.name().as_str());
                let nearest = nearest(&name, known).map(str::to_owned);
                return Err(FeatureRule::NoDependency { feature, name, nearest });
            }
            let wants_optional = !matches!(item, FeatureItem::DependencyFeature { .. });
            if wants_optional && !found.any(Dependency::optional) {
                return Err(FeatureRule::NotOptional { feature, name });
            }
        }
    }
    Ok(item)
}
