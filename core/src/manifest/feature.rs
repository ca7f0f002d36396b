//! The table `[features]`: what users of a package may switch on.

use super::dependency::DeclaredDependency;
use super::fault::{Counted, FeatureRule, ValueRule, shown};
use super::schema;
use super::source::{Faults, Table, Text, texts_of};
use crate::dependency::{DependencyKind, FeatureValue, Strength, is_feature_name};
use crate::limits;
use crate::nearest::nearest;
use std::collections::BTreeMap;

/// The features of a package by name, their items in the author's order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Features(BTreeMap<String, Vec<FeatureValue>>);

impl Features {
    /// The items of a feature.
    pub fn get(&self, name: &str) -> Option<&[FeatureValue]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// All features, sorted by the bytes of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[FeatureValue])> {
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

pub(super) fn read(root: &Table<'_>, dependencies: &[DeclaredDependency], faults: &mut Faults) -> Features {
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
    dependencies: &[DeclaredDependency],
) -> Result<FeatureValue, FeatureRule> {
    let item = FeatureValue::parse(text.value);
    if !item.is_well_formed() {
        return Err(FeatureRule::Syntax { given: shown(text.value) });
    }
    let feature = feature.to_owned();
    let usable = || dependencies.iter().filter(|dependency| dependency.kind() != DependencyKind::Dev);
    let bare = usable().any(|dependency| dependency.name().as_str() == text.value);
    match &item {
        FeatureValue::Feature(other) if *other == feature => return Err(FeatureRule::Itself { feature }),
        FeatureValue::Feature(other) if names.contains(&other.as_str()) => {}
        FeatureValue::Feature(_) | FeatureValue::DependencyFeature { strength: Strength::Strong, .. }
            if bare =>
        {
            return Err(FeatureRule::Bare { feature, item: text.value.to_owned() });
        }
        FeatureValue::Feature(other) => {
            let nearest = nearest(other, names.iter().copied()).map(str::to_owned);
            return Err(FeatureRule::Unknown { feature, item: other.clone(), nearest });
        }
        FeatureValue::Dependency(name) | FeatureValue::DependencyFeature { dependency: name, .. } => {
            let name = name.clone();
            let mut found = usable().filter(|dependency| dependency.name().as_str() == name).peekable();
            if found.peek().is_none() {
                let known = usable().map(|dependency| dependency.name().as_str());
                let nearest = nearest(&name, known).map(str::to_owned);
                return Err(FeatureRule::NoDependency { feature, name, nearest });
            }
            let wants_optional =
                !matches!(item, FeatureValue::DependencyFeature { strength: Strength::Strong, .. });
            if wants_optional && !found.any(DeclaredDependency::optional) {
                return Err(FeatureRule::NotOptional { feature, name });
            }
        }
    }
    Ok(item)
}
