//! The table `[registries]`: where the packages of a namespace come from.

use super::{Edited, line_ends, open_table, read, show};
use crate::error::Error;
use crate::message::dependencies as text;
use std::collections::BTreeSet;
use toml_edit::{Array, InlineTable, Item, Value};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::RegistryPlace;
use vitte_package_core::name::Namespace;

const TABLE: &str = "registries";

/// Gives namespaces to the registry that the manifest calls `name`, which is made with `place` where it is missing.
///
/// # Errors
/// `manifest-syntax` when the text is not TOML, `manifest-type` when a table is none.
pub fn give(
    source: &str,
    name: &str,
    place: &RegistryPlace,
    namespaces: &BTreeSet<Namespace>,
) -> Result<Edited, Error> {
    let mut document = read(source)?;
    let table = open_table(&mut document, &[TABLE.to_owned()])?;
    if !table.contains_key(name) {
        let mut fresh = InlineTable::new();
        match place {
            RegistryPlace::Index(url) => fresh.insert("index", url.as_str().into()),
            RegistryPlace::Directory(folder) => fresh.insert("directory", folder.as_str().into()),
        };
        table.insert(name, Item::Value(Value::InlineTable(fresh)));
    }
    let wrong = || {
        let message = text::not_a_table(&format!("{TABLE}.{name}"));
        Error::from(Diagnostic::new(Code::ManifestType, message))
    };
    let registry = table.get_mut(name).and_then(Item::as_table_like_mut).ok_or_else(wrong)?;
    let list = registry.entry("namespaces").or_insert_with(|| Item::Value(Array::new().into()));
    let list = list.as_array_mut().ok_or_else(wrong)?;
    for namespace in namespaces {
        if !list.iter().any(|there| there.as_str() == Some(namespace.as_str())) {
            list.push(namespace.as_str());
        }
    }
    let line = table.get_key_value(name).map(|(key, item)| show(key, item)).unwrap_or_default();
    Ok(Edited { text: line_ends::like(source, &document.to_string()), table: TABLE.to_owned(), line })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitte_package_core::manifest::Manifest;

    fn names(given: &[&str]) -> BTreeSet<Namespace> {
        given.iter().map(|name| Namespace::parse(name).unwrap()).collect()
    }

    const MANIFEST: &str = "# mine\n[package]\nname = \"demo/app\"   # the name\nversion = \"0.1.0\"\n";

    #[test]
    fn a_registry_is_made_and_given_more_and_nothing_else_moves() {
        let place = RegistryPlace::Directory("../reg".to_owned());
        let made = give(MANIFEST, "reg", &place, &names(&["acme"])).unwrap();
        assert_eq!(made.line, "reg = { directory = \"../reg\", namespaces = [\"acme\"] }");
        assert_eq!(made.text, format!("{MANIFEST}\n[registries]\n{}\n", made.line));
        let given = give(&made.text, "reg", &place, &names(&["acme", "zoo"])).unwrap();
        assert_eq!(given.line, "reg = { directory = \"../reg\", namespaces = [\"acme\", \"zoo\"] }");
        let manifest = Manifest::parse(&given.text).unwrap();
        assert_eq!(
            manifest.registries()[0].namespaces(),
            names(&["acme", "zoo"]).into_iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_registry_that_is_a_table_of_its_own_keeps_its_form() {
        let table = format!("{MANIFEST}\n[registries.corp] # ours\nindex = \"https://r.example/\"\n");
        let place = RegistryPlace::Index("https://r.example/".to_owned());
        let given = give(&table, "corp", &place, &names(&["acme"])).unwrap();
        assert_eq!(given.text, format!("{table}namespaces = [\"acme\"]\n"));
        assert!(give("registries = 1\n", "corp", &place, &names(&["acme"])).is_err());
        assert!(give("[registries]\ncorp = 1\n", "corp", &place, &names(&["acme"])).is_err());
    }
}
